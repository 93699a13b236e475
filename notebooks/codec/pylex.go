package codec

import (
	"bytes"
	"strings"

	"github.com/imdsscan/imdsscan/notebooks/span"
)

// pyPiece is one string token of Python; several may stand side by side in
// one literal.
type pyPiece struct {
	open   string    // prefix and opening quote as written
	quote  string    // ', ", ''' or """
	body   span.Span // between the quotes
	raw    bool
	bytes  bool
	format bool // f-string or t-string: it may have holes
}

func (p pyPiece) triple() bool { return len(p.quote) == 3 }

// sameKind reports whether text is written alike in both pieces.
func (p pyPiece) sameKind(o pyPiece) bool {
	return p.quote == o.quote && p.raw == o.raw && p.bytes == o.bytes && p.format == o.format
}

// pyOpen reads a string's prefix and opening quote at src[at:].
func pyOpen(src []byte, at int) (p pyPiece, ok bool) {
	i := at
	for i < len(src) && i-at < 3 && strings.IndexByte("rRbBuUfFtT", src[i]) >= 0 {
		i++
	}
	if i >= len(src) || src[i] != '"' && src[i] != '\'' {
		return p, false
	}
	switch strings.ToLower(string(src[at:i])) {
	case "", "u":
	case "r", "ur":
		p.raw = true
	case "b":
		p.bytes = true
	case "f", "t":
		p.format = true
	case "rb", "br":
		p.raw, p.bytes = true, true
	case "rf", "fr", "rt", "tr":
		p.raw, p.format = true, true
	default:
		return p, false
	}
	n := 1
	if i+2 < len(src) && src[i+1] == src[i] && src[i+2] == src[i] {
		n = 3
	}
	p.quote = string(src[i : i+n])
	p.open = string(src[at : i+n])
	p.body = span.Span{Start: i + n, End: i + n}
	return p, true
}

// maxNesting bounds strings inside holes inside strings.
const maxNesting = 20

// pySkip finds the end of the string token whose opening is p: the offset of
// its closing quote.
func pySkip(src []byte, p pyPiece, nesting int) (closing int, ok bool) {
	i := p.body.Start
	for i < len(src) {
		switch c := src[i]; {
		case c == '\\':
			i += pyBackslash(src[i:], p)
		case c == '\n' && !p.triple():
			return 0, false
		case c == p.quote[0] && bytes.HasPrefix(src[i:], []byte(p.quote)):
			return i, true
		case c == '{' && p.format && i+1 < len(src) && src[i+1] == '{':
			i += 2
		case c == '{' && p.format:
			h, ok := pyHole(src, i, nesting+1)
			if !ok {
				return 0, false
			}
			i = h.whole.End
		default:
			i++
		}
	}
	return 0, false
}

// pyBackslash is how many bytes a backslash at the start of b takes out of the
// search for quotes and holes.
func pyBackslash(b []byte, p pyPiece) int {
	if p.format && len(b) > 1 && (b[1] == '{' || b[1] == '}') {
		return 1 // it does not escape the brace
	}
	if p.format && !p.raw && len(b) > 2 && b[1] == 'N' && b[2] == '{' {
		if n := bytes.IndexByte(b, '}'); n > 0 {
			return n + 1
		}
	}
	return 2
}

// hole is a replacement field of an f-string.
type hole struct {
	whole span.Span // with the braces
	expr  span.Span // the expression in it, trimmed
}

// pyHole reads the hole that opens at src[at].
func pyHole(src []byte, at, nesting int) (h hole, ok bool) {
	if nesting > maxNesting {
		return h, false
	}
	i, depth := at+1, 0
	exprEnd := -1
	for i < len(src) && exprEnd < 0 {
		switch c := src[i]; c {
		case '(', '[', '{':
			depth++
			i++
		case ')', ']':
			depth--
			i++
		case '}':
			if depth == 0 {
				exprEnd = i
				break
			}
			depth--
			i++
		case '\'', '"':
			p, _ := pyOpenBefore(src, at+1, i)
			end, ok := pySkip(src, p, nesting+1)
			if !ok {
				return h, false
			}
			i = end + len(p.quote)
		case '#':
			n := bytes.IndexByte(src[i:], '\n')
			if n < 0 {
				return h, false
			}
			i += n
		case '!':
			if depth == 0 && (i+1 >= len(src) || src[i+1] != '=') {
				exprEnd = i
				break
			}
			i += 2
		case ':':
			if depth == 0 {
				exprEnd = i
				break
			}
			i++
		default:
			i++
		}
		if depth < 0 {
			return h, false
		}
	}
	if exprEnd < 0 {
		return h, false
	}
	h.expr = trimExpr(src, span.Span{Start: at + 1, End: exprEnd})
	if h.expr.Empty() {
		return h, false
	}
	if src[i] == '!' {
		for i++; i < len(src) && (isIdent(src[i]) || src[i] == ' '); i++ {
		}
	}
	if i < len(src) && src[i] == ':' {
		i++
		for i < len(src) && src[i] != '}' {
			if src[i] != '{' {
				i++
				continue
			}
			inner, ok := pyHole(src, i, nesting+1)
			if !ok {
				return h, false
			}
			i = inner.whole.End
		}
	}
	if i >= len(src) || src[i] != '}' {
		return h, false
	}
	h.whole = span.Span{Start: at, End: i + 1}
	return h, true
}

// trimExpr takes blanks, and the `=` of a self-documenting hole, off an
// expression.
func trimExpr(src []byte, s span.Span) span.Span {
	trim := func() {
		for s.Start < s.End && isBlank(src[s.Start]) {
			s.Start++
		}
		for s.Start < s.End && isBlank(src[s.End-1]) {
			s.End--
		}
	}
	trim()
	if s.Len() > 1 && src[s.End-1] == '=' && strings.IndexByte("=!<>", src[s.End-2]) < 0 {
		s.End--
		trim()
	}
	return s
}

// pyOpenBefore is the string opening whose quote stands at src[at], with the
// prefix before it that begins no earlier than from.
func pyOpenBefore(src []byte, from, at int) (pyPiece, bool) {
	start := at
	for start > from && isIdent(src[start-1]) {
		start--
	}
	if at-start <= 2 {
		if p, ok := pyOpen(src, start); ok {
			return p, true
		}
	}
	return pyOpen(src, at)
}

func isIdent(c byte) bool {
	return c == '_' || c >= 0x80 || '0' <= c && c <= '9' || 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z'
}

func isBlank(c byte) bool { return c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == '\f' }

// pySeam is the length of what may stand between two pieces of one literal:
// blanks, line ends, continued lines and comments.
func pySeam(b []byte) int {
	i := 0
	for i < len(b) {
		switch {
		case isBlank(b[i]):
			i++
		case b[i] == '\\' && i+1 < len(b) && b[i+1] == '\n':
			i += 2
		case b[i] == '\\' && i+2 < len(b) && b[i+1] == '\r' && b[i+2] == '\n':
			i += 3
		case b[i] == '#':
			n := bytes.IndexByte(b[i:], '\n')
			if n < 0 {
				return len(b)
			}
			i += n
		default:
			return i
		}
	}
	return i
}
