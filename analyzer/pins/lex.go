package pins

import (
	"bytes"

	"github.com/imdsscan/imdsscan/notebooks/span"
)

// token is a piece of a build's code.
type token struct {
	kind tokenKind
	// text is a string without its quotes, anything else as it is written.
	text string
	at   span.Span
	// open is true for a string into which values are filled.
	open bool
	// match is the index of the closing bracket of an opening one, in that of
	// the opening bracket around the token; 0 where there is none.
	match, in int
}

type tokenKind uint8

const (
	other tokenKind = iota
	word
	str
	operator
)

func (t token) is(text string) bool { return t.kind != str && t.text == text }

// maxTokens bounds the tokens of a file.
const maxTokens = 2_000_000

// lex takes the code of a build apart: Scala, Groovy or Kotlin. It skips
// comments, and is lenient: what is not closed ends at the end of its line, or
// of the text.
func lex(b []byte) []token {
	var out []token
	var brackets []int
	around := func() int {
		if n := len(brackets); n > 0 {
			return brackets[n-1]
		}
		return 0
	}
	for i := 0; i < len(b) && len(out) < maxTokens; {
		switch c := b[i]; {
		case c == ' ' || c == '\t' || c == '\n' || c == '\r':
			i++
		case bytes.HasPrefix(b[i:], []byte("//")):
			i = endOf(b, i, "\n")
		case bytes.HasPrefix(b[i:], []byte("/*")):
			i = endOf(b, i+2, "*/")
		case c == '"' || c == '\'':
			t, end := lexString(b, i)
			if n := len(out); n > 0 && out[n-1].kind == word && out[n-1].at.End == i { // s"…"
				t.open = true
				out = out[:n-1]
			}
			t.in = around()
			out = append(out, t)
			i = end
		case isWord(c):
			end := i
			for end < len(b) && isWord(b[end]) {
				end++
			}
			out = append(out, token{kind: word, text: string(b[i:end]), at: span.Span{Start: i, End: end}, in: around()})
			i = end
		case c == '%':
			end := i
			for end < len(b) && b[end] == '%' {
				end++
			}
			out = append(out, token{kind: operator, text: string(b[i:end]), at: span.Span{Start: i, End: end}, in: around()})
			i = end
		default:
			out = append(out, token{text: string(c), at: span.Span{Start: i, End: i + 1}, in: around()})
			switch c {
			case '(', '[', '{':
				brackets = append(brackets, len(out)-1)
			case ')', ']', '}':
				if n := len(brackets); n > 0 {
					out[brackets[n-1]].match = len(out) - 1
					brackets = brackets[:n-1]
				}
			}
			i++
		}
	}
	return out
}

// endOf is the place behind the next end, or the end of the text.
func endOf(b []byte, from int, end string) int {
	if i := bytes.Index(b[from:], []byte(end)); i >= 0 {
		return from + i + len(end)
	}
	return len(b)
}

func lexString(b []byte, i int) (t token, end int) {
	quote, n := b[i], 1
	if bytes.HasPrefix(b[i:], bytes.Repeat([]byte{quote}, 3)) {
		n = 3
	}
	t = token{kind: str, open: quote == '"'}
	from := i + n
	for end = from; end < len(b); end++ {
		if n == 1 && b[end] == '\n' {
			break
		}
		if n == 1 && b[end] == '\\' {
			end++
			continue
		}
		if b[end] == quote && (n == 1 || bytes.HasPrefix(b[end:], b[i:i+3])) {
			t.at = span.Span{Start: from, End: end}
			t.text = string(b[from:end])
			return t, end + n
		}
	}
	end = min(end, len(b))
	t.at = span.Span{Start: from, End: max(from, end)}
	t.text = string(b[from:t.at.End])
	return t, end
}

// filled are the parts of a string: text, and what is filled into it.
func filled(t token) []part {
	if !t.open {
		return []part{{at: t.at}}
	}
	var out []part
	from := 0
	for i := 0; i < len(t.text) && len(out) < maxParts; i++ {
		if t.text[i] != '$' {
			continue
		}
		m := holeForm.FindStringSubmatchIndex(t.text[i:])
		if m == nil {
			continue
		}
		if i > from {
			out = append(out, part{at: span.Span{Start: t.at.Start + from, End: t.at.Start + i}})
		}
		g := 2
		if m[2] < 0 {
			g = 4
		}
		out = append(out, part{expression: t.text[i+m[g] : i+m[g+1]]})
		from = i + m[1]
		i = from - 1
	}
	if from < len(t.text) {
		out = append(out, part{at: span.Span{Start: t.at.Start + from, End: t.at.End}})
	}
	return out
}
