package format

import (
	"bytes"
	"strings"

	"github.com/imdsscan/imdsscan/notebooks"
	"github.com/imdsscan/imdsscan/notebooks/codec"
	"github.com/imdsscan/imdsscan/notebooks/span"
)

// commentMark begins a comment line, and with it the marks of a SOURCE
// notebook, in each language that is a notebook's default.
func commentMark(lang notebooks.Language) string {
	switch lang {
	case notebooks.Scala, notebooks.Java:
		return "//"
	case notebooks.SQL:
		return "--"
	}
	return "#"
}

// sourceMark returns the comment mark of a SOURCE notebook. The platform wants
// the header alone on the first line; it also wants no BOM before it, but what
// a BOM turns into an ordinary file was meant as a notebook and becomes one
// again with the next save, so it is read as one.
func sourceMark(name string, text []byte) (mark string, ok bool) {
	line, rest, _ := bytes.Cut(text, []byte("\n"))
	mark, found := strings.CutSuffix(string(line[:min(len(line), 60)]), " Databricks notebook source")
	if !found {
		return "", false
	}
	lang, template := suffixLanguage(name)
	switch {
	case template:
		return "", false
	case lang == notebooks.Python || lang == notebooks.R:
		ok = mark == "#"
	case lang == notebooks.Scala:
		ok = mark == "//"
	case lang == notebooks.SQL:
		ok = mark == "--"
	case lang == "":
		ok = mark == "#" || mark == "//" || mark == "--"
	}
	// A script with a notebook's header and no magic cell is a script: the
	// header and the separators are comments to the shell that runs it.
	if ok && isScript(rest) && !bytes.Contains(rest, []byte("\n"+mark+" MAGIC")) {
		return "", false
	}
	return mark, ok
}

// isScript tells a shell script, its shebang after blank lines.
func isScript(text []byte) bool {
	lang, ok := shebang(bytes.TrimLeft(text, " \t\n"))
	return ok && lang == notebooks.Shell
}

// sourceLanguage is the default language of a notebook with the given mark.
// Python and R share theirs, so that the name decides.
func sourceLanguage(name, mark string, rest []byte) notebooks.Language {
	lang, _ := suffixLanguage(name)
	switch {
	case mark == "//":
		return notebooks.Scala
	case mark == "--":
		return notebooks.SQL
	case lang == notebooks.R:
		return notebooks.R
	case isScript(rest):
		return notebooks.Shell
	}
	return notebooks.Python
}

// openSource fills d with the cells of a SOURCE notebook. Every part between
// separators is a cell and counts, empty ones too.
func openSource(d *notebooks.Document, body *span.Text, mark string) {
	b := body.Bytes()
	_, rest, _ := bytes.Cut(b, []byte("\n"))
	d.Format = notebooks.Source
	d.Language = sourceLanguage(d.Path, mark, rest)
	separator := []byte(mark + " COMMAND ----------")
	start, number := len(b)-len(rest), 0
	for at := start; ; {
		line, ok := nextLine(b, at, separator)
		number++
		sourceCell(d, body, mark, number, trimCell(b, start, line.Start, number > 1))
		if !ok {
			return
		}
		start, at = line.End, line.End
	}
}

// nextLine finds the next line at or after the line start at that holds text
// and nothing else but blanks. Without one it is the end of b.
func nextLine(b []byte, at int, text []byte) (line span.Span, ok bool) {
	for at < len(b) {
		i := bytes.Index(b[at:], text)
		if i < 0 {
			break
		}
		i += at
		end := len(b)
		if n := bytes.IndexByte(b[i:], '\n'); n >= 0 {
			end = i + n + 1
		}
		if (i == 0 || b[i-1] == '\n') && len(bytes.TrimRight(b[i+len(text):end], " \t\n")) == 0 {
			return span.Span{Start: i, End: end}, true
		}
		at = end
	}
	return span.Span{Start: len(b), End: len(b)}, false
}

// trimCell takes off the blank lines that the platform writes around a
// separator, and the last line end.
func trimCell(b []byte, start, end int, after bool) span.Span {
	if after && start < end && b[start] == '\n' {
		start++
	}
	for range 2 {
		if end > start && b[end-1] == '\n' {
			end--
		}
	}
	return span.Span{Start: start, End: end}
}

// sourceCell adds the part of the notebook in rng as the cell of that number.
func sourceCell(d *notebooks.Document, body *span.Text, mark string, number int, rng span.Span) {
	b := body.Bytes()
	title := ""
	line, _, _ := bytes.Cut(b[rng.Start:rng.End], []byte("\n"))
	if t, ok := bytes.CutPrefix(line, []byte(mark+" DBTITLE ")); ok {
		_, text, _ := strings.Cut(string(t), ",")
		title = strings.TrimSpace(text)
		rng.Start = min(rng.Start+len(line)+1, rng.End)
	}
	c := notebooks.Cell{Number: number, Title: title}
	magic := mark + " MAGIC"
	if n := markedPart(b[rng.Start:rng.End], magic, commentMark(d.Language)); n > 0 {
		magicCell(d, body, span.Span{Start: rng.Start, End: rng.Start + n}, magic, c)
		rng.Start = min(rng.Start+n+1, rng.End)
		if rng.Empty() {
			return
		}
	}
	n := markedEnd(b[rng.Start:rng.End], magic)
	code := c
	code.Text = body.Slice(span.Span{Start: rng.Start, End: rng.Start + max(n-1, 0)})
	addCell(d, &code)
	if tail := (span.Span{Start: rng.Start + n, End: rng.End}); !tail.Empty() {
		magicCell(d, body, tail, magic, c)
	}
}

// magicCell adds lines that have the mark as a cell like c.
func magicCell(d *notebooks.Document, body *span.Text, rng span.Span, magic string, c notebooks.Cell) {
	text, err := body.Decode(rng, codec.MagicPrefix{Mark: magic})
	if err != nil {
		d.Problems = append(d.Problems, notebooks.Problem{Raw: body.Raw(rng), Cell: c.Number, Reason: err.Error()})
		return
	}
	c.Text = text
	addCell(d, &c)
}

func addCell(d *notebooks.Document, c *notebooks.Cell) {
	setCode(c, d.Language)
	d.Cells = append(d.Cells, c)
}

// markedPart is the length, without the last line end, of the magic lines that
// a cell begins with; 0 when it begins with code. Comments may come first, and
// blank lines may have lost their mark. Code below the magic lines that has no
// mark is a piece by itself: nobody knows how the platform reads it, and new
// lines there must not get a mark.
func markedPart(cell []byte, magic, comment string) int {
	end := 0
	for at := 0; at < len(cell); {
		line := cell[at:]
		if i := bytes.IndexByte(line, '\n'); i >= 0 {
			line = line[:i]
		}
		switch {
		case hasMark(line, magic):
			end = at + len(line)
		case len(bytes.TrimSpace(line)) == 0:
		case end == 0 && bytes.HasPrefix(bytes.TrimLeft(line, " \t"), []byte(comment)):
		default:
			return end
		}
		at += len(line) + 1
	}
	return end
}

// markedEnd is the offset of the magic lines that a cell ends with; without
// any it is one past the end, as if a line began there. They are a piece by
// themselves, too. Lines with a mark that other code follows are left to it:
// they may stand in a string.
func markedEnd(cell []byte, magic string) int {
	start, end := len(cell)+1, len(cell)
	for end > 0 {
		at := bytes.LastIndexByte(cell[:end], '\n') + 1
		line := cell[at:end]
		switch {
		case hasMark(line, magic):
			start = at
		case len(bytes.TrimSpace(line)) > 0:
			end = 0
			continue
		}
		end = at - 1
	}
	if start > len(cell) {
		return start
	}
	first := bytes.TrimLeft(cell[start+len(magic):], " ")
	if len(first) == 0 || first[0] != '%' && first[0] != '!' {
		return len(cell) + 1 // a comment
	}
	return start
}

func hasMark(line []byte, magic string) bool {
	return bytes.HasPrefix(line, []byte(magic)) && (len(line) == len(magic) || line[len(magic)] == ' ')
}
