package dockerfile

import (
	"bytes"
	"strings"

	"github.com/imdsscan/imdsscan/notebooks/codec"
	"github.com/imdsscan/imdsscan/notebooks/span"
)

// instruction is one instruction of the file.
type instruction struct {
	name string // in upper case
	at   span.Span
	// args are its arguments with the here-documents behind them.
	args span.Span
	docs []hereDoc
	// open is the here-document that does not end.
	open string
}

// hereDoc is a text that an instruction brings along.
type hereDoc struct {
	name         string
	body         span.Span // without its last line
	dash, quoted bool
}

// parse cuts a Dockerfile into its instructions and comments.
func parse(src []byte) (escape byte, list []instruction, comments []span.Span) {
	escape = '\\'
	directives := true
	for at := 0; at < len(src); {
		end := lineEnd(src, at)
		line := bytes.TrimSpace(src[at:end])
		switch {
		case len(line) == 0:
			directives = false
		case line[0] == '#':
			if key, value, ok := directive(line); directives && ok {
				if key == "escape" && value == "`" {
					escape = '`'
				}
			} else {
				directives = false
			}
			comments = append(comments, span.Span{Start: at, End: end})
		default:
			directives = false
			in, inside := read(src, at, codec.DockerLines{Escape: escape})
			list = append(list, in)
			comments = append(comments, inside...)
			end = in.at.End
		}
		at = end + 1
	}
	return escape, list, comments
}

// directive is a comment such as "# escape=`" at the top of the file.
func directive(line []byte) (key, value string, ok bool) {
	key, value, ok = strings.Cut(strings.TrimLeft(string(line), "#"), "=")
	key = strings.ToLower(strings.TrimSpace(key))
	return key, strings.TrimSpace(value), ok && key != "" && !strings.ContainsAny(key, " \t")
}

// read is the instruction that begins at at, and the comments inside it.
func read(src []byte, at int, lines codec.DockerLines) (in instruction, comments []span.Span) {
	for at < len(src) && (src[at] == ' ' || src[at] == '\t') {
		at++
	}
	word := at
	for word < len(src) && isLetter(src[word]) {
		word++
	}
	in.name = strings.ToUpper(string(src[at:word]))
	joined := []byte{}
	end := 0
	for pos := word; ; {
		end = lineEnd(src, pos)
		text, goesOn := lines.Continued(src[pos:end])
		joined = append(joined, text...)
		if !goesOn {
			break
		}
		pos = min(end+1, len(src))
		for pos < len(src) {
			to := lineEnd(src, pos)
			if codec.IsDockerComment(src[pos:to]) {
				comments = append(comments, span.Span{Start: pos, End: to})
			} else if len(bytes.TrimSpace(src[pos:to])) > 0 {
				break
			}
			pos = min(to+1, len(src))
		}
		if end = pos; pos == len(src) {
			break
		}
	}
	if in.name == "RUN" || in.name == "COPY" || in.name == "ADD" || in.name == "ONBUILD" {
		end = in.readDocs(src, string(joined), end)
	}
	in.at, in.args = span.Span{Start: at, End: end}, span.Span{Start: word, End: end}
	return in, comments
}

// readDocs reads the here-documents that the words of a line begin.
func (in *instruction) readDocs(src []byte, line string, end int) int {
	for _, w := range splitWords(line) {
		rest := strings.TrimLeft(line[w.Start:w.End], "0123456789")
		word, ok := strings.CutPrefix(rest, "<<")
		if !ok || strings.HasPrefix(word, "<") {
			continue
		}
		word, dash := strings.CutPrefix(word, "-")
		doc := hereDoc{name: strings.Trim(word, `"'`), dash: dash}
		doc.quoted = doc.name != word
		if doc.name == "" || strings.ContainsAny(doc.name, "<>()$`;&|") {
			continue
		}
		doc.body.Start = min(end+1, len(src))
		for at := doc.body.Start; ; {
			if at >= len(src) {
				in.open = doc.name
				doc.body.End = len(src)
				in.docs = append(in.docs, doc)
				return len(src)
			}
			to := lineEnd(src, at)
			text := string(src[at:to])
			if dash {
				text = strings.TrimLeft(text, "\t")
			}
			if text == doc.name {
				doc.body.End, end = at, to
				break
			}
			at = to + 1
		}
		in.docs = append(in.docs, doc)
	}
	return end
}

// splitWords are the words of a line; blanks in quotes and behind backslashes
// end none.
func splitWords(line string) (out []span.Span) {
	var quote byte
	start := -1
	for i := 0; i < len(line); i++ {
		c := line[i]
		blank := quote == 0 && (c == ' ' || c == '\t' || c == '\n')
		if blank {
			if start >= 0 {
				out = append(out, span.Span{Start: start, End: i})
			}
			start = -1
			continue
		}
		if start < 0 {
			start = i
		}
		switch {
		case c == '\\' && quote != '\'':
			i++
		case c == quote:
			quote = 0
		case quote == 0 && (c == '"' || c == '\''):
			quote = c
		}
	}
	if start >= 0 {
		out = append(out, span.Span{Start: start, End: len(line)})
	}
	return out
}

func lineEnd(b []byte, at int) int {
	if i := bytes.IndexByte(b[at:], '\n'); i >= 0 {
		return at + i
	}
	return len(b)
}

func isLetter(c byte) bool { return c|0x20 >= 'a' && c|0x20 <= 'z' }
