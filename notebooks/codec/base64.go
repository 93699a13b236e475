package codec

import (
	"encoding/base64"

	"github.com/imdsscan/imdsscan/notebooks/span"
)

// Base64 shows what base64 text stands for. White space in it, as where lines
// are broken, counts for nothing.
type Base64 struct{}

// Name is the layer's name in messages.
func (Base64) Name() string { return "base64" }

// Decode makes an atom of each group of four letters.
func (Base64) Decode(outer []byte, rng span.Span) ([]byte, []span.Atom, error) {
	d := newBuilder(outer, rng)
	d.atoms = make([]span.Atom, 0, rng.Len()/4+1)
	var group [4]byte
	n := 0
	for at := rng.Start; at < rng.End; at++ {
		c := outer[at]
		if c == ' ' || c == '\t' || c == '\r' || c == '\n' {
			continue
		}
		if group[n] = c; n < len(group)-1 {
			n++
			continue
		}
		var text [3]byte
		size, err := base64.StdEncoding.Strict().Decode(text[:], group[:])
		if err != nil {
			return nil, nil, undecodable(at-3, "%q is no base64", group)
		}
		d.escaped(string(text[:size]), at+1)
		if n = 0; size < len(text) { // the padding ends it
			for at++; at < rng.End; at++ {
				if c := outer[at]; c != ' ' && c != '\t' && c != '\r' && c != '\n' {
					return nil, nil, undecodable(at, "text behind the end of base64")
				}
			}
		}
	}
	if n > 0 {
		return nil, nil, undecodable(rng.End, "base64 text ends within a group")
	}
	d.fold(rng.End)
	return d.done()
}

// Encode writes whole groups. What follows them in the text does not move, so
// that new text fits only in threes, or at the end.
func (Base64) Encode(t *span.Text, in span.Span, text string) (string, error) {
	if len(text)%3 != 0 && in.End < t.Len() {
		return "", unencodable("base64 of another length moves all that follows it")
	}
	if in.Start == t.Len() && in.Start%3 != 0 {
		return "", unencodable("base64 text ends within a group")
	}
	return base64.StdEncoding.EncodeToString([]byte(text)), nil
}
