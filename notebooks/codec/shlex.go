package codec

import (
	"bytes"
	"strings"
)

// shLexer finds where the expansions of shell text end. Each method takes the
// offset of an opening and returns the offset behind its close, or -1.
type shLexer struct {
	src []byte
	// plain: parentheses are only counted, `case` patterns are not looked
	// for. A second try when the first finds no end.
	plain bool
}

// expansion is the end of the expansion that starts at the `$` or backquote at
// src[at].
func (l shLexer) expansion(at int) int {
	src := l.src
	if src[at] == '`' {
		return l.backquote(at)
	}
	if at+1 >= len(src) {
		return at
	}
	switch c := src[at+1]; {
	case c == '{':
		return l.param(at+1, 0)
	case c == '(':
		if end := l.parens(at+1, 0); end >= 0 {
			return end
		}
		return shLexer{src: src, plain: true}.parens(at+1, 0)
	case c == '[':
		if n := bytes.IndexByte(src[at:], ']'); n >= 0 {
			return at + n + 1 // $[arithmetic], the old form
		}
		return -1
	case strings.IndexByte("@*#?-$!", c) >= 0, '0' <= c && c <= '9':
		return at + 2
	}
	return at + 1 + nameLen(src[at+1:])
}

// isExpansion reports whether the `$` or backquote at src[at] begins an
// expansion rather than standing for itself.
func (l shLexer) isExpansion(at int) bool {
	src := l.src
	if src[at] == '`' {
		return true
	}
	if at+1 >= len(src) {
		return false
	}
	c := src[at+1]
	return strings.IndexByte("{([@*#?-$!", c) >= 0 || c < 0x80 && isIdent(c)
}

func (l shLexer) backquote(at int) int {
	for i := at + 1; i < len(l.src); i++ {
		switch l.src[i] {
		case '\\':
			i++
		case '`':
			return i + 1
		}
	}
	return -1
}

func (l shLexer) single(at int) int {
	n := bytes.IndexByte(l.src[at+1:], '\'')
	if n < 0 {
		return -1
	}
	return at + n + 2
}

// dollarSingle takes $'…' from its quote.
func (l shLexer) dollarSingle(at int) int {
	for i := at + 1; i < len(l.src); i++ {
		switch l.src[i] {
		case '\\':
			i++
		case '\'':
			return i + 1
		}
	}
	return -1
}

func (l shLexer) double(at, nesting int) int {
	for i := at + 1; i < len(l.src); {
		switch l.src[i] {
		case '\\':
			i += 2
		case '"':
			return i + 1
		case '$', '`':
			end := l.nested(i, nesting)
			if end < 0 {
				return -1
			}
			i = max(end, i+1)
		default:
			i++
		}
	}
	return -1
}

// nested is expansion inside something else: without second tries, and bounded
// in depth.
func (l shLexer) nested(at, nesting int) int {
	if nesting > maxNesting {
		return -1
	}
	if l.src[at] == '$' && at+1 < len(l.src) {
		switch l.src[at+1] {
		case '{':
			return l.param(at+1, nesting+1)
		case '(':
			return l.parens(at+1, nesting+1)
		}
	}
	return l.expansion(at)
}

// quotes takes a quoted piece of any kind; at itself when there is none.
func (l shLexer) quotes(at, nesting int) int {
	switch c := l.src[at]; {
	case c == '\'':
		return l.single(at)
	case c == '"':
		return l.double(at, nesting+1)
	case c == '$' && at+1 < len(l.src) && l.src[at+1] == '\'':
		return l.dollarSingle(at + 1)
	case c == '$' || c == '`':
		return l.nested(at, nesting)
	}
	return at
}

// param takes ${…} from its brace.
func (l shLexer) param(at, nesting int) int {
	for i := at + 1; i < len(l.src); {
		switch l.src[i] {
		case '\\':
			i += 2
		case '}':
			return i + 1
		case '\'', '"', '$', '`':
			end := l.quotes(i, nesting)
			if end < 0 && l.src[i] == '\'' {
				end = i // an apostrophe inside "${x:-don't}"
			}
			if end < 0 {
				return -1
			}
			i = max(end, i+1)
		default:
			i++
		}
	}
	return -1
}

// parens takes $(…) or $((…)) from its parenthesis.
func (l shLexer) parens(at, nesting int) int {
	src := l.src
	arithmetic := at+1 < len(src) && src[at+1] == '('
	depth := 0
	var cases []int // the depths of open case commands
	var bodies []heredocStart
	word := true // a word may begin here
	for i := at; i < len(src); {
		c := src[i]
		begins := word
		word = strings.IndexByte(" \t\n;&|()", c) >= 0
		switch {
		case c == '\\':
			i += 2
		case c == '\'' || c == '"' || c == '$' || c == '`':
			end := l.quotes(i, nesting)
			if end < 0 {
				return -1
			}
			i = max(end, i+1)
		case c == '(':
			depth++
			i++
		case c == ')':
			if n := len(cases); n > 0 && cases[n-1] == depth {
				i++ // ends a pattern
				break
			}
			depth--
			i++
			if depth == 0 {
				return i
			}
		case c == '#' && begins && !arithmetic:
			n := bytes.IndexByte(src[i:], '\n')
			if n < 0 {
				return -1
			}
			i += n
		case c == '<' && !arithmetic && bytes.HasPrefix(src[i:], []byte("<<<")):
			i += 3
		case c == '<' && !arithmetic && bytes.HasPrefix(src[i:], []byte("<<")):
			var h heredocStart
			h, i = l.heredoc(i + 2)
			if h.delimiter != "" {
				bodies = append(bodies, h)
			}
		case c == '\n':
			i++
			for _, h := range bodies {
				i = h.skip(src, i)
			}
			bodies = nil
		case begins && !l.plain && !arithmetic && isKeyword(src[i:], "case"):
			cases = append(cases, depth)
			i += 4
		case begins && len(cases) > 0 && cases[len(cases)-1] == depth && isKeyword(src[i:], "esac"):
			cases = cases[:len(cases)-1]
			i += 4
		default:
			i++
		}
	}
	return -1
}

func isKeyword(b []byte, word string) bool {
	return bytes.HasPrefix(b, []byte(word)) && (len(b) == len(word) || strings.IndexByte(" \t\n;&|)", b[len(word)]) >= 0)
}

// heredocStart is the operator of a here-document whose body is yet to come.
type heredocStart struct {
	delimiter string
	dash      bool
}

// heredoc reads what follows `<<`.
func (l shLexer) heredoc(at int) (heredocStart, int) {
	var h heredocStart
	i := at
	if i < len(l.src) && l.src[i] == '-' {
		h.dash = true
		i++
	}
	for i < len(l.src) && (l.src[i] == ' ' || l.src[i] == '\t') {
		i++
	}
	var b strings.Builder
	for i < len(l.src) && strings.IndexByte(" \t\n;&|()<>", l.src[i]) < 0 {
		switch c := l.src[i]; c {
		case '\'', '"':
			n := bytes.IndexByte(l.src[i+1:], c)
			if n < 0 {
				return heredocStart{}, i + 1
			}
			b.Write(l.src[i+1 : i+1+n])
			i += n + 2
		case '\\':
			i++
		default:
			b.WriteByte(c)
			i++
		}
	}
	h.delimiter = b.String()
	return h, i
}

// skip is the offset behind the delimiter line of a body that begins at
// src[at], at the end of the text when there is none.
func (h heredocStart) skip(src []byte, at int) int {
	for at < len(src) {
		end := len(src)
		if n := bytes.IndexByte(src[at:], '\n'); n >= 0 {
			end = at + n
		}
		line := src[at:end]
		if h.dash {
			line = bytes.TrimLeft(line, "\t")
		}
		at = min(end+1, len(src))
		if string(line) == h.delimiter {
			break
		}
	}
	return at
}
