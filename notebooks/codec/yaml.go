package codec

import (
	"bytes"
	"unicode/utf8"

	"github.com/imdsscan/imdsscan/notebooks/span"
)

// YAMLScalar finds the scalar whose node begins at an offset of a YAML text,
// behind its tag and anchor, and the layer that decodes it. flow is true inside
// brackets. A plain scalar goes on over the lines that follow as long as these
// are indented by more than indent; where is asked the text found must be one
// that it accepts, else a shorter or longer one is tried.
func YAMLScalar(src []byte, at int, flow bool, indent int, is func(text []byte) bool) (span.Span, span.Layer, error) {
	at = yamlProperties(src, at)
	if at >= len(src) {
		return span.Span{}, nil, undecodable(at, "no scalar")
	}
	accept := func(rng span.Span, l span.Layer) bool {
		text, _, err := l.Decode(src, rng)
		return err == nil && (is == nil || is(text))
	}
	switch src[at] {
	case '\'', '"':
		rng, l := span.Span{Start: at + 1, End: yamlQuoteEnd(src, at) - 1}, YAMLQuoted{Quote: src[at]}
		if rng.End < rng.Start || !accept(rng, l) {
			return rng, nil, undecodable(at, "quoted YAML scalar")
		}
		return rng, l, nil
	case '|', '>':
		return yamlBlockAt(src, at, accept)
	}
	l := YAMLPlain{Brackets: flow}
	found := span.Span{Start: -1}
	end := yamlPlainLine(src, at, flow)
	for lines := 0; end > at && lines < maxPlainLines; lines++ {
		rng := span.Span{Start: at, End: end}
		if accept(rng, l) {
			found = rng
			if is != nil {
				break // the parser says that it ends here
			}
		}
		next := yamlNextLine(src, end)
		if next < 0 || !flow && next-lineStartAt(src, next) <= indent || src[next] == '#' {
			break
		}
		more := yamlPlainLine(src, next, flow)
		if more <= next {
			break
		}
		end = more
	}
	if found.Start < 0 {
		return span.Span{}, nil, undecodable(at, "plain YAML scalar")
	}
	return found, l, nil
}

// maxPlainLines bounds the lines of a plain scalar: its end is searched for.
const maxPlainLines = 1000

// yamlProperties skips tags, anchors, blanks, line ends and comments before a
// scalar.
func yamlProperties(src []byte, at int) int {
	for at < len(src) {
		switch c := src[at]; {
		case c == ' ' || c == '\t' || c == '\n':
			at++
		case c == '#' && (at == 0 || isYAMLBlank(src[at-1])):
			for at < len(src) && src[at] != '\n' {
				at++
			}
		case c == '&' || c == '!':
			for at < len(src) && !isYAMLBlank(src[at]) {
				at++
			}
		default:
			return at
		}
	}
	return at
}

func isYAMLBlank(c byte) bool { return c == ' ' || c == '\t' || c == '\n' }

func isYAMLIndicator(c byte, flow bool) bool {
	return flow && bytes.IndexByte([]byte(",[]{}"), c) >= 0
}

// yamlQuoteEnd is the end of the quoted scalar at an offset, -1 without one.
func yamlQuoteEnd(src []byte, at int) int {
	quote := src[at]
	for i := at + 1; i < len(src); i++ {
		switch {
		case src[i] == '\\' && quote == '"':
			i++
		case src[i] == quote && quote == '\'' && i+1 < len(src) && src[i+1] == '\'':
			i++
		case src[i] == quote:
			return i + 1
		}
	}
	return -1
}

// yamlPlainLine is the end of plain text on the line of an offset, without the
// blanks and the comment behind it.
func yamlPlainLine(src []byte, at int, flow bool) int {
	end := at
	for i := at; i < len(src) && src[i] != '\n'; i++ {
		switch c := src[i]; {
		case c == ' ' || c == '\t':
			continue
		case c == '#' && i > at && isYAMLBlank(src[i-1]):
			return end
		case c == ':' && (i+1 == len(src) || isYAMLBlank(src[i+1]) || isYAMLIndicator(src[i+1], flow)):
			return end
		case isYAMLIndicator(c, flow):
			return end
		}
		end = i + 1
	}
	return end
}

// yamlNextLine is the first character that is neither blank nor a line end
// behind an offset from which only blanks lead to the line's end; -1 where
// there is none.
func yamlNextLine(src []byte, at int) int {
	lines := 0
	for ; at < len(src) && isYAMLBlank(src[at]); at++ {
		if src[at] == '\n' {
			lines++
		}
	}
	if at == len(src) || lines == 0 {
		return -1
	}
	if start := lineStartAt(src, at); start == at && (bytes.HasPrefix(src[at:], []byte("---")) || bytes.HasPrefix(src[at:], []byte("..."))) {
		return -1
	}
	return at
}

func lineStartAt(src []byte, at int) int { return bytes.LastIndexByte(src[:at], '\n') + 1 }

// lineEndAt is the offset of the line end behind at, or that of the text.
func lineEndAt(src []byte, at int) int {
	if i := bytes.IndexByte(src[at:], '\n'); i >= 0 {
		return at + i
	}
	return len(src)
}

// yamlText reports whether text can stand in a scalar without escapes: of
// characters that YAML takes, and none that ends a line but the line feed.
func yamlText(text []byte) bool {
	for len(text) > 0 {
		if c := text[0]; c < utf8.RuneSelf {
			if c < 0x20 && c != '\n' && c != '\t' || c == 0x7f {
				return false
			}
			text = text[1:]
			continue
		}
		r, size := utf8.DecodeRune(text)
		if r == utf8.RuneError && size == 1 || r < 0xa0 || r == 0x2028 || r == 0x2029 || r == 0xfeff || r == 0xfffe || r == 0xffff {
			return false
		}
		text = text[size:]
	}
	return true
}
