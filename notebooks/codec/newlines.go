package codec

import (
	"bytes"
	"strings"

	"github.com/imdsscan/imdsscan/notebooks/span"
)

// Newlines shows CRLF line ends as LF. A lone CR is a character like others.
type Newlines struct{}

// Name is the layer's name in messages.
func (Newlines) Name() string { return "line ends" }

// Decode makes each CRLF one atom.
func (Newlines) Decode(outer []byte, rng span.Span) ([]byte, []span.Atom, error) {
	d := newBuilder(outer, rng)
	for {
		i := bytes.Index(outer[d.at:rng.End], []byte("\r\n"))
		if i < 0 {
			d.verbatim(rng.End)
			return d.done()
		}
		d.verbatim(d.at + i)
		d.escaped("\n", d.at+2)
	}
}

// Encode ends lines as the lines around do. A LF after a lone CR always
// becomes CRLF: otherwise the two would be read as one line end.
func (n Newlines) Encode(t *span.Text, in span.Span, text string) (string, error) {
	if !strings.Contains(text, "\n") {
		return text, nil
	}
	crlf := n.crlfNear(t, in)
	var s strings.Builder
	for i := 0; i < len(text); i++ {
		if text[i] == '\n' && (crlf || i > 0 && text[i-1] == '\r' || i == 0 && in.Start > 0 && t.Bytes()[in.Start-1] == '\r') {
			s.WriteByte('\r')
		}
		s.WriteByte(text[i])
	}
	return s.String(), nil
}

// crlfNear looks for the line end to imitate: the one before the place, then
// one that is replaced or follows, then what stands outside of the text.
func (Newlines) crlfNear(t *span.Text, in span.Span) bool {
	b := t.Bytes()
	at := bytes.LastIndexByte(b[:in.Start], '\n')
	if at < 0 {
		at = bytes.IndexByte(b, '\n')
	}
	if at >= 0 {
		return t.KindAt(at) == span.Escaped
	}
	outer := t.Parent().Bytes()
	at = bytes.LastIndexByte(outer[:t.Range().Start], '\n')
	if at < 0 {
		at = bytes.IndexByte(outer, '\n')
	}
	return at > 0 && outer[at-1] == '\r'
}
