package codec

import (
	"bytes"
	"strings"

	"github.com/imdsscan/imdsscan/notebooks/span"
)

// MagicPrefix shows the lines of a magic cell of a SOURCE notebook without
// their mark. Lines that lack the mark are kept as they are.
type MagicPrefix struct {
	Mark string // "# MAGIC", "// MAGIC" or "-- MAGIC"
}

// Name is the layer's name in messages.
func (MagicPrefix) Name() string { return "magic prefix" }

// Decode makes the first line's prefix an atom without inner bytes; those of
// later lines belong to the line end before them.
func (m MagicPrefix) Decode(outer []byte, rng span.Span) ([]byte, []span.Atom, error) {
	d := newBuilder(outer, rng)
	if n := m.prefix(outer[rng.Start:rng.End]); n > 0 {
		d.escaped("", rng.Start+n)
	}
	at := d.at
	for {
		i := bytes.IndexByte(outer[at:rng.End], '\n')
		if i < 0 {
			d.verbatim(rng.End)
			return d.done()
		}
		at += i
		n := m.prefix(outer[at+1 : rng.End])
		if n > 0 {
			d.verbatim(at)
			d.escaped("\n", at+1+n)
		}
		at += 1 + n
	}
}

// prefix is the length of the mark and its blank at the start of line, 0 when
// the line has none.
func (m MagicPrefix) prefix(line []byte) int {
	if m.Mark == "" || !bytes.HasPrefix(line, []byte(m.Mark)) {
		return 0
	}
	n := len(m.Mark)
	if n == len(line) || line[n] == '\n' || line[n] == '\r' {
		return n
	}
	if line[n] == ' ' {
		return n + 1
	}
	return 0
}

// Encode puts the mark before each new line.
func (m MagicPrefix) Encode(t *span.Text, in span.Span, text string) (string, error) {
	b := t.Bytes()
	outer := t.Parent().Bytes()
	full := m.Mark + " "
	empty := ""
	rest := b[in.End:]
	restEmpty := len(rest) == 0 || rest[0] == '\n'

	var s strings.Builder
	before := outer[t.Range().Start:t.Out(span.Span{Start: in.Start, End: in.Start}).Start]
	if in.Start < in.End { // the replaced bytes may begin before an atom without inner bytes
		before = outer[t.Range().Start:t.Out(in).Start]
	}
	line := before[bytes.LastIndexByte(before, '\n')+1:]
	lineEmpty := text == "" && restEmpty || strings.HasPrefix(text, "\n")
	switch {
	case string(line) == m.Mark && (in.Start == 0 || b[in.Start-1] == '\n') && !lineEmpty:
		s.WriteByte(' ') // the line was empty, its mark has no blank
	case len(line) == 0 && in.Start == len(b) && text != "":
		// After a last line end that is outside of the marks.
		if !lineEmpty {
			s.WriteString(full)
		} else {
			s.WriteString(m.emptyLine(t, in))
		}
	}
	unmarkedEnd := in.End == len(b) && len(b) > 0 && b[len(b)-1] == '\n' && t.KindAt(len(b)-1) == span.Verbatim
	for i := 0; i < len(text); i++ {
		s.WriteByte(text[i])
		if text[i] != '\n' {
			continue
		}
		switch {
		case i+1 < len(text) && text[i+1] != '\n' && text[i+1] != '\r', i+1 == len(text) && !restEmpty:
			s.WriteString(full)
		case i+1 == len(text) && unmarkedEnd:
		default:
			if empty == "" {
				empty = m.emptyLine(t, in)
			}
			s.WriteString(empty)
		}
	}
	return s.String(), nil
}

// emptyLine is how an empty line is written: like the nearest one before the
// place, else the first one after, else without a trailing blank.
func (m MagicPrefix) emptyLine(t *span.Text, in span.Span) string {
	outer, rng := t.Parent().Bytes(), t.Range()
	at := t.Out(in).Start
	near := func(b []byte, last bool) string {
		index := bytes.Index
		if last {
			index = bytes.LastIndex
		}
		bare := index(b, []byte("\n"+m.Mark+"\n"))
		blank := index(b, []byte("\n"+m.Mark+" \n"))
		switch {
		case bare < 0 && blank < 0:
			return ""
		case blank < 0 || bare >= 0 && (bare > blank) == last:
			return m.Mark
		}
		return m.Mark + " "
	}
	if s := near(outer[rng.Start:at], true); s != "" {
		return s
	}
	if s := near(outer[at:rng.End], false); s != "" {
		return s
	}
	// Nothing in this cell: what the notebook does elsewhere.
	if s := near(outer[:rng.Start], true); s != "" {
		return s
	}
	if s := near(outer[rng.End:], false); s != "" {
		return s
	}
	return m.Mark
}
