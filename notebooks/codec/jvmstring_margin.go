package codec

import (
	"bytes"
	"strings"

	"github.com/imdsscan/imdsscan/notebooks/span"
)

// Margin is the layer that Scala's stripMargin takes off a text: at the start
// of each line the blanks and the mark after them.
type Margin struct{ Mark byte }

// Name is the layer's name in messages.
func (Margin) Name() string { return "text with a margin" }

// margin is the length of the margin at the start of a line, 0 for none.
func (m Margin) margin(line []byte) int {
	n := 0
	for n < len(line) && line[n] <= ' ' && line[n] != '\n' {
		n++
	}
	if n < len(line) && line[n] == m.Mark {
		return n + 1
	}
	return 0
}

// Decode folds the margin of a line into the line end before it.
func (m Margin) Decode(outer []byte, rng span.Span) ([]byte, []span.Atom, error) {
	// Scala versions differ in whether these end a line.
	if i := bytes.IndexAny(outer[rng.Start:rng.End], "\r\f"); i >= 0 {
		return nil, nil, undecodable(rng.Start+i, "a line end that Scala versions read differently")
	}
	d := newBuilder(outer, rng)
	for at := rng.Start; at < rng.End; {
		if n := m.margin(outer[at:rng.End]); n > 0 {
			d.verbatim(at)
			if at == rng.Start {
				d.escaped("", at+n)
			} else {
				d.fold(at + n)
			}
			at += n
		}
		n := bytes.IndexByte(outer[at:rng.End], '\n')
		if n < 0 {
			break
		}
		at += n + 1
	}
	d.verbatim(rng.End)
	return d.done()
}

// Encode gives each new line the margin of the lines around.
func (m Margin) Encode(t *span.Text, in span.Span, text string) (string, error) {
	if strings.ContainsAny(text, "\r\f") {
		return "", unencodable("a text with a margin cannot hold this line end")
	}
	b := t.Bytes()
	seam := m.seam(t, in.Start)
	var s strings.Builder
	// A line that had no margin needs one when its text would be taken for it.
	starts := in.Start == 0 && len(t.Atoms()) > 0 && !t.Atoms()[0].In.Empty() ||
		in.Start > 0 && b[in.Start-1] == '\n' && t.KindAt(in.Start-1) == span.Verbatim
	if starts && m.margin([]byte(text)) > 0 {
		s.WriteString(seam)
	}
	for i := range len(text) {
		s.WriteByte(text[i])
		if text[i] != '\n' {
			continue
		}
		// What follows the last line end has a margin of its own only if it
		// stood at the start of a line before.
		if i+1 < len(text) || in.End < len(b) {
			s.WriteString(seam)
		}
	}
	return s.String(), nil
}

// seam is the margin of the line nearest to the place, before it if there is one.
func (m Margin) seam(t *span.Text, at int) string {
	b := t.Bytes()
	before := bytes.LastIndexByte(b[:at], '\n')
	for _, i := range []int{before, bytes.IndexByte(b[at:], '\n') + at} {
		if i < 0 || i >= len(b) || b[i] != '\n' {
			continue
		}
		if o := outerOf(t, i); t.KindAt(i) == span.Escaped {
			return string(o[1:])
		}
	}
	if a := t.Atoms(); before < 0 && len(a) > 0 && a[0].In.Empty() {
		return string(t.Parent().Bytes()[a[0].Out.Start:a[0].Out.End])
	}
	return ""
}
