package format

import (
	"bytes"
	"strings"

	"github.com/imdsscan/imdsscan/notebooks"
	"github.com/imdsscan/imdsscan/notebooks/span"
)

// lineMagics are the magics with one % that give the whole cell to another
// language; its code may begin on the same line. Others (%pip, %run, %fs,
// %timeit, …) are lines of a Python cell.
var lineMagics = map[string]notebooks.Language{
	"python": notebooks.Python, "py": notebooks.Python,
	"scala": notebooks.Scala,
	"r":     notebooks.R,
	"sql":   notebooks.SQL,
	"sh":    notebooks.Shell,
	"md":    notebooks.Markdown, "md-sandbox": notebooks.Markdown,
}

// cellMagics are the magics with two %; their first line is all theirs. Those
// that are not listed hold text of an unknown kind.
var cellMagics = map[string]notebooks.Language{
	"bash": notebooks.Shell, "sh": notebooks.Shell, "system": notebooks.Shell, "sx": notebooks.Shell, "!": notebooks.Shell,
	"python": notebooks.Python, "python2": notebooks.Python, "python3": notebooks.Python, "py": notebooks.Python,
	"time": notebooks.Python, "timeit": notebooks.Python, "capture": notebooks.Python, "prun": notebooks.Python,
	"memit": notebooks.Python, "mprun": notebooks.Python, "lprun": notebooks.Python, "pyinstrument": notebooks.Python,
	"ipytest": notebooks.Python, "local": notebooks.Python,
	"scala": notebooks.Scala,
	"R":     notebooks.R, "r": notebooks.R,
	"sql": notebooks.SQL, "bigquery": notebooks.SQL,
	"markdown": notebooks.Markdown, "md": notebooks.Markdown,
}

// wrappers are cell magics around Python code that may begin with a magic of
// its own.
var wrappers = map[string]bool{"time": true, "timeit": true, "capture": true}

// magic is how a cell is divided.
type magic struct {
	lang notebooks.Language
	text string // the magic as written, "" without one
	code int    // where the code begins
}

// splitMagic finds the magic that a cell begins with. def is the language of a
// cell without one.
func splitMagic(cell []byte, def notebooks.Language) magic {
	m := oneMagic(cell, def)
	for range 3 { // %%time over %%bash; deeper nesting has no use
		name, _, _ := strings.Cut(strings.TrimPrefix(m.text, "%%"), " ")
		if !strings.HasPrefix(m.text, "%%") || !wrappers[name] {
			break
		}
		inner := oneMagic(cell[m.code:], notebooks.Python)
		if inner.text == "" {
			break
		}
		inner.code += m.code
		m = inner
	}
	return m
}

func oneMagic(cell []byte, def notebooks.Language) magic {
	plain := magic{lang: def}
	at := skipComments(cell, def)
	line := cell[at:]
	if i := bytes.IndexByte(line, '\n'); i >= 0 {
		line = line[:i]
	}
	next := min(at+len(line)+1, len(cell))
	if len(line) == 0 || line[0] != '%' {
		return plain
	}
	if bytes.HasPrefix(line, []byte("%%")) {
		text := strings.TrimSpace(string(line))
		return magic{lang: cellMagic(text[2:], cell[next:], def), text: text, code: next}
	}
	word := magicWord(line[1:])
	lang, ok := lineMagics[word]
	if !ok {
		return otherMagic(word, def, line, at)
	}
	end := 1 + len(word)
	if lang == notebooks.Shell {
		end = skipOptions(line, end)
	}
	m := magic{lang: lang, text: string(line[:end])}
	if rest := bytes.TrimLeft(line[end:], " \t"); len(rest) > 0 {
		m.code = at + len(line) - len(rest)
	} else {
		m.code = next
	}
	return m
}

// otherMagic divides a cell that begins with a line magic of no language of
// its own. In a Python notebook it is a line of a Python cell, and so are the
// magics that manage Python in other notebooks.
func otherMagic(word string, def notebooks.Language, line []byte, at int) magic {
	switch {
	case def == notebooks.Python || word == "":
		return magic{lang: def}
	case word == "pip" || word == "conda" || word == "restart_python":
		return magic{lang: notebooks.Python}
	}
	end := 1 + len(word)
	rest := bytes.TrimLeft(line[end:], " \t")
	return magic{lang: notebooks.Text, text: string(line[:end]), code: at + len(line) - len(rest)}
}

// magicWord is the name after the %, or "" when none ends at a blank.
func magicWord(b []byte) string {
	n := 0
	for n < len(b) && (b[n] == '_' || b[n] == '-' || b[n] >= '0' && b[n] <= '9' || b[n]|0x20 >= 'a' && b[n]|0x20 <= 'z') {
		n++
	}
	if n < len(b) && b[n] != ' ' && b[n] != '\t' {
		return ""
	}
	return string(b[:n])
}

// skipOptions returns the end of the last word after off that is an option.
func skipOptions(line []byte, off int) int {
	for {
		i := off
		for i < len(line) && (line[i] == ' ' || line[i] == '\t') {
			i++
		}
		if i == off || i >= len(line) || line[i] != '-' {
			return off
		}
		for i < len(line) && line[i] != ' ' && line[i] != '\t' {
			i++
		}
		off = i
	}
}

// skipComments is the offset of the first line's first character that is
// neither blank nor in a comment line.
func skipComments(cell []byte, lang notebooks.Language) int {
	for at := 0; at < len(cell); {
		switch rest := cell[at:]; {
		case rest[0] == ' ' || rest[0] == '\t' || rest[0] == '\n':
			at++
		case rest[0] == '#' || bytes.HasPrefix(rest, []byte(commentMark(lang))):
			i := bytes.IndexByte(rest, '\n')
			if i < 0 {
				return len(cell)
			}
			at += i + 1
		default:
			return at
		}
	}
	return len(cell)
}

// cellMagic is the language below a cell magic with two %.
func cellMagic(line string, body []byte, def notebooks.Language) notebooks.Language {
	words := strings.Fields(line)
	if len(words) == 0 {
		return notebooks.Text
	}
	switch words[0] {
	case "script":
		return interpreter(scriptCommand(words[1:]))
	case "writefile", "file":
		name := strings.Trim(words[len(words)-1], `"'`)
		return plainLanguage(name, body)
	case "spark":
		return def
	}
	if lang, ok := cellMagics[words[0]]; ok {
		return lang
	}
	return notebooks.Text
}

// scriptCommand drops the options of %%script before the program it runs.
func scriptCommand(words []string) []string {
	for len(words) > 0 && strings.HasPrefix(words[0], "-") {
		n := 1
		switch words[0] {
		case "--out", "--err", "--proc":
			n = min(2, len(words)) // the value is a word of its own
		}
		words = words[n:]
	}
	return words
}

// setCode sets the parts of the cell that follow from its magic.
func setCode(c *notebooks.Cell, def notebooks.Language) {
	m := splitMagic(c.Text.Bytes(), def)
	c.Language, c.Magic = m.lang, m.text
	c.Code = c.Text
	if m.code > 0 {
		c.Code = c.Text.Slice(span.Span{Start: m.code, End: c.Text.Len()})
	}
}
