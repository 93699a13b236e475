package codec

import (
	"bytes"

	"github.com/imdsscan/imdsscan/notebooks/span"
)

// yamlElements reads the elements of a list in brackets.
func yamlElements(src []byte, at int) []yamlItem {
	var out []yamlItem
	for at < len(src) {
		it := yamlItem{dash: at}
		if bytes.IndexByte([]byte("![{*]"), src[at]) < 0 {
			if rng, layer, err := YAMLScalar(src, at, true, -1, nil); err == nil {
				it.out, it.end, it.layer = rng, rng.End, layer
				if _, quoted := layer.(YAMLQuoted); quoted {
					it.end++
				}
			}
		}
		if end := yamlElementEnd(src, max(at, it.end)); it.layer == nil || end > it.end && len(bytes.TrimSpace(src[it.end:end])) > 0 {
			it.out, it.end, it.layer = span.Span{Start: at, End: end}, end, nil
		}
		if it.end <= at {
			return out
		}
		out = append(out, it)
		comma := yamlElementEnd(src, it.end)
		if comma >= len(src) || src[comma] != ',' {
			return out
		}
		if at = yamlBlanks(src, comma+1); at < len(src) && src[at] == ']' {
			return out
		}
	}
	return out
}

// yamlElementEnd is where an element ends that goes on at an offset: at a comma or
// bracket that is not in brackets or quotes of its own.
func yamlElementEnd(src []byte, at int) int {
	depth := 0
	for ; at < len(src); at++ {
		switch c := src[at]; {
		case c == '"' || c == '\'':
			if end := yamlQuoteEnd(src, at); end > 0 {
				at = end - 1
			}
		case c == '[' || c == '{':
			depth++
		case depth == 0 && (c == ',' || c == ']' || c == '}'):
			return at
		case c == ']' || c == '}':
			depth--
		}
	}
	return at
}

// yamlBlanks skips blanks, line ends and comments.
func yamlBlanks(src []byte, at int) int {
	for at < len(src) && (isYAMLBlank(src[at]) || src[at] == '#') {
		if src[at] == '#' {
			at = lineEndAt(src, at)
			continue
		}
		at++
	}
	return at
}
