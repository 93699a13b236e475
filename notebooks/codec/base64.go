package codec

import (
	"encoding/base64"
	"strings"

	"github.com/imdsscan/imdsscan/notebooks/span"
)

// Base64 shows what a text in base64 stands for. White space in it counts for
// nothing, and so do the letters `\n` of a string around it.
type Base64 struct {
	URL bool // the alphabet with - and _
}

// Name is the layer's name in messages.
func (Base64) Name() string { return "base64" }

func (l Base64) encoding() *base64.Encoding {
	if l.URL {
		return base64.RawURLEncoding
	}
	return base64.RawStdEncoding
}

// Is reports whether a byte is a letter of the alphabet.
func (l Base64) Is(c byte) bool {
	switch {
	case c|0x20 >= 'a' && c|0x20 <= 'z', c >= '0' && c <= '9':
		return true
	case l.URL:
		return c == '-' || c == '_'
	}
	return c == '+' || c == '/'
}

// Base64Break is the length of what may stand between two lines of base64 at
// the start of b, 0 for anything else.
func Base64Break(b []byte) int {
	n := 0
	for n < len(b) && (b[n] == '\n' || b[n] == '\r' || b[n] == '\\' && n+1 < len(b) && (b[n+1] == 'n' || b[n+1] == 'r')) {
		if b[n] == '\\' {
			n++
		}
		n++
	}
	for n > 0 && n < len(b) && (b[n] == ' ' || b[n] == '\t') {
		n++
	}
	return n
}

// Decode makes an atom of each group of four letters.
func (l Base64) Decode(outer []byte, rng span.Span) ([]byte, []span.Atom, error) {
	d := newBuilder(outer, rng)
	group := make([]byte, 0, 4)
	out := make([]byte, 3)
	flush := func(end int) error {
		n, err := l.encoding().Decode(out, group)
		if err != nil {
			return undecodable(d.at, "no base64")
		}
		d.escaped(string(out[:n]), end)
		group = group[:0]
		return nil
	}
	at := rng.Start
	for ; at < rng.End && outer[at] != '='; at++ {
		n := Base64Break(outer[at:rng.End])
		if outer[at] == ' ' || outer[at] == '\t' {
			n = 1
		}
		if n > 0 {
			if at += n - 1; len(group) == 0 {
				d.fold(at + 1)
			}
			continue
		}
		if !l.Is(outer[at]) {
			return nil, nil, undecodable(at, "a letter that is none of base64")
		}
		if group = append(group, outer[at]); len(group) == 4 {
			if err := flush(at + 1); err != nil {
				return nil, nil, err
			}
		}
	}
	end := at
	for at < rng.End && outer[at] == '=' {
		at++
	}
	for at < rng.End && strings.IndexByte(" \t\r\n", outer[at]) >= 0 {
		at++
	}
	at += Base64Break(outer[at:rng.End])
	switch pad := strings.Count(string(outer[end:at]), "="); {
	case at < rng.End, pad > 0 && (len(group) < 2 || len(group)+pad != 4):
		return nil, nil, undecodable(end, "padding that does not end the text")
	case len(group) > 0:
		if err := flush(rng.End); err != nil {
			return nil, nil, err
		}
	default:
		d.fold(rng.End)
	}
	return d.done()
}

// Encode writes whole groups. Of text in the middle only so much can be
// changed as leaves the groups behind it as they are.
func (l Base64) Encode(t *span.Text, in span.Span, text string) (string, error) {
	last := in.End == t.Len()
	switch {
	case !last && len(text)%3 != 0:
		return "", unencodable("what follows in base64 would have to be written anew")
	case in.Start == t.Len() && t.Len()%3 != 0 && text != "":
		return "", unencodable("base64 that ended cannot go on")
	}
	out := l.encoding().EncodeToString([]byte(text))
	before := string(outerOf(t, in.End-1))
	bare := strings.TrimRightFunc(before, func(c rune) bool { return c > 0x7f || !l.Is(byte(c)) && c != '=' })
	if last && (t.Len()%3 == 0 || strings.HasSuffix(bare, "=")) {
		out += strings.Repeat("=", (4-len(out)%4)%4)
	}
	if in.Start < in.End && out != "" { // the line goes on to break where it did
		out += before[len(strings.TrimSuffix(bare, `\n`)):]
	}
	return out, nil
}
