package codec

import (
	"bytes"
	"unicode"
	"unicode/utf8"

	"github.com/imdsscan/imdsscan/notebooks/span"
)

// scalaHole reads the hole whose `$` stands at src[at]: `$name` or `${…}`.
// expr is the expression in it without blanks around.
func scalaHole(src []byte, at, nesting int) (expr span.Span, end int, ok bool) {
	if at+1 < len(src) && src[at+1] == '{' {
		end, ok = scalaBlock(src, at+2, nesting)
		if !ok {
			return expr, 0, false
		}
		expr = span.Span{Start: at + 2, End: end - 1}
		for expr.Start < expr.End && isBlank(src[expr.Start]) {
			expr.Start++
		}
		for expr.Start < expr.End && isBlank(src[expr.End-1]) {
			expr.End--
		}
		return expr, end, !expr.Empty()
	}
	i := at + 1
	for i < len(src) {
		r, n := utf8.DecodeRune(src[i:])
		if r != '_' && !unicode.IsLetter(r) && (i == at+1 || !unicode.IsDigit(r)) {
			break
		}
		i += n
	}
	return span.Span{Start: at + 1, End: i}, i, i > at+1
}

// scalaBlock finds the end of the block whose `{` stands before src[at], past
// its closing brace.
func scalaBlock(src []byte, at, nesting int) (end int, ok bool) {
	if nesting > maxNesting {
		return 0, false
	}
	depth := 1
	for at < len(src) {
		switch c := src[at]; {
		case c == '{':
			depth++
			at++
		case c == '}':
			at++
			if depth--; depth == 0 {
				return at, true
			}
		case c == '"':
			if at, ok = scalaSkip(src, at, nesting+1); !ok {
				return 0, false
			}
		case c == '\'':
			at += charLength(src[at:])
		case c == '`':
			n := bytes.IndexByte(src[at+1:], '`')
			if n < 0 {
				return 0, false
			}
			at += n + 2
		case bytes.HasPrefix(src[at:], []byte("//")):
			n := bytes.IndexByte(src[at:], '\n')
			if n < 0 {
				return 0, false
			}
			at += n
		case bytes.HasPrefix(src[at:], []byte("/*")):
			n := bytes.Index(src[at:], []byte("*/"))
			if n < 0 {
				return 0, false
			}
			at += n + 2
		default:
			at++
		}
	}
	return 0, false
}

// charLength is the length of a character literal, or 1 for the quote of a
// symbol.
func charLength(b []byte) int {
	if len(b) > 2 && b[1] == '\\' {
		if n := bytes.IndexByte(b[3:], '\''); n >= 0 && n < 6 {
			return n + 4
		}
		return 1
	}
	if len(b) > 2 {
		if _, n := utf8.DecodeRune(b[1:]); 1+n < len(b) && b[1+n] == '\'' {
			return n + 2
		}
	}
	return 1
}

// scalaSkip finds the end of the string whose first quote stands at src[at],
// past its last quote.
func scalaSkip(src []byte, at, nesting int) (end int, ok bool) {
	holes := at > 0 && isIdent(src[at-1])
	triple := bytes.HasPrefix(src[at:], []byte(`"""`))
	if !triple && bytes.HasPrefix(src[at:], []byte(`""`)) {
		return at + 2, true
	}
	at++
	if triple {
		at += 2
	}
	for at < len(src) {
		switch c := src[at]; {
		case c == '"' && !triple:
			return at + 1, true
		case c == '"':
			n := at
			for n < len(src) && src[n] == '"' {
				n++
			}
			if n-at >= 3 {
				return n, true
			}
			at = n
		case c == '\n' && !triple:
			return 0, false
		case c == '\\' && !triple && at+1 < len(src):
			at += 2
		case c == '$' && holes && at+1 < len(src) && src[at+1] == '$':
			at += 2
		case c == '$' && holes && at+1 < len(src) && src[at+1] == '{':
			if at, ok = scalaBlock(src, at+2, nesting); !ok {
				return 0, false
			}
		default:
			at++
		}
	}
	return 0, false
}
