package codec

import (
	"fmt"
	"strings"

	"github.com/imdsscan/imdsscan/notebooks/span"
)

// Percent shows text in which characters are written %20, as in a URL.
type Percent struct{}

// Name is the layer's name in messages.
func (Percent) Name() string { return "percent encoding" }

// Decode makes each escape an atom, those of one character together.
func (Percent) Decode(outer []byte, rng span.Span) ([]byte, []span.Atom, error) {
	d := newBuilder(outer, rng)
	for at := rng.Start; at < rng.End; {
		if outer[at] != '%' {
			at++
			continue
		}
		d.verbatim(at)
		end, text := at, []byte(nil)
		for len(text) == 0 || end < rng.End && outer[end] == '%' {
			r, ok := hexRune(outer[min(end+1, rng.End):rng.End], 2)
			if !ok {
				return nil, nil, undecodable(end, "no two digits behind a percent sign")
			}
			if len(text) > 0 && (text[0] < 0xc0 || r&0xc0 != 0x80) {
				break // the next character
			}
			text, end = append(text, byte(r)), end+3
		}
		d.escaped(string(text), end)
		at = end
	}
	d.verbatim(rng.End)
	return d.done()
}

// Encode writes everything as an escape that JavaScript's encodeURIComponent
// does.
func (Percent) Encode(_ *span.Text, _ span.Span, text string) (string, error) {
	var s strings.Builder
	for i := range len(text) {
		c := text[i]
		if c|0x20 >= 'a' && c|0x20 <= 'z' || c >= '0' && c <= '9' || strings.IndexByte("-_.!~*'()", c) >= 0 {
			s.WriteByte(c)
		} else {
			fmt.Fprintf(&s, "%%%02X", c)
		}
	}
	return s.String(), nil
}
