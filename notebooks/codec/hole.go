// Package codec holds the encodings that code stands in: JSON strings, magic
// prefixes, line ends, string literals, shell quotes, here-documents. Each is
// a span.Layer in a file of its own.
//
// The package knows encodings only: which string is a script, and in which
// language, is for the analyzer to say.
package codec

import (
	"strconv"
	"strings"
)

// HoleName is the text that stands in a decoded layer for the i-th
// interpolation hole (`{path}` in an f-string, `$URL` in shell quotes), an
// opaque atom. It is a word in every language, so that the code around it
// still parses.
func HoleName(i int) string { return "__hole" + strconv.Itoa(i) + "__" }

// HoleIndex finds the hole markers in text that stand for holes; it returns
// the offset and index of the first one at or after from. The caller checks
// with span.Text.KindAt that the marker is an opaque atom and not user text.
func HoleIndex(text string, from int) (start, end, index int, ok bool) {
	for from < len(text) {
		i := strings.Index(text[from:], "__hole")
		if i < 0 {
			return 0, 0, 0, false
		}
		start = from + i
		j := start + len("__hole")
		k := j
		for k < len(text) && text[k] >= '0' && text[k] <= '9' {
			k++
		}
		if k > j && strings.HasPrefix(text[k:], "__") {
			n, err := strconv.Atoi(text[j:k])
			if err == nil {
				return start, k + 2, n, true
			}
		}
		from = j
	}
	return 0, 0, 0, false
}
