package codec

import (
	"bytes"
	"strings"

	"github.com/imdsscan/imdsscan/notebooks/span"
)

// Backquotes shows the command between two backquotes of a shell, where a
// backslash before `$`, a backquote or a backslash is taken away first.
type Backquotes struct {
	InDouble bool // the backquotes stand in double quotes: so is `\"`
}

// Name is the layer's name in messages.
func (Backquotes) Name() string { return "backquotes" }

// Decode makes each escape one atom.
func (l Backquotes) Decode(outer []byte, rng span.Span) ([]byte, []span.Atom, error) {
	d := newBuilder(outer, rng)
	for at := rng.Start; at < rng.End; {
		switch c := outer[at]; {
		case c == '`':
			return nil, nil, undecodable(at, "backquote within backquotes")
		case c != '\\':
			at++
		case at+1 == rng.End:
			return nil, nil, undecodable(at, "backslash before the closing backquote")
		case l.special(outer[at+1]):
			d.verbatim(at)
			at += 2
			d.escaped(string(outer[at-1:at]), at)
		default:
			at += 2
		}
	}
	d.verbatim(rng.End)
	return d.done()
}

func (l Backquotes) special(c byte) bool {
	return strings.IndexByte("$`\\", c) >= 0 || l.InDouble && c == '"'
}

// Encode escapes backquotes, and backslashes that would be taken away. `$` is
// written bare, a double quote as the others in the command are.
func (l Backquotes) Encode(t *span.Text, in span.Span, text string) (string, error) {
	b := t.Bytes()
	outer, rng := t.Parent().Bytes(), t.Range()
	quoted := l.InDouble && bytes.Contains(outer[rng.Start:rng.End], []byte(`\"`))
	var s strings.Builder
	for i := 0; i < len(text); i++ {
		c := text[i]
		next := byte('`') // the closing one
		if i+1 < len(text) {
			next = text[i+1]
		} else if in.End < len(b) {
			next = b[in.End]
		}
		if c == '`' || c == '\\' && l.special(next) || c == '"' && quoted {
			s.WriteByte('\\')
		}
		s.WriteByte(c)
	}
	return s.String(), nil
}
