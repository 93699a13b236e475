package codec

import (
	"bytes"
	"fmt"
	"unicode/utf8"

	"github.com/imdsscan/imdsscan/notebooks/span"
)

// builder collects decoded bytes and their atoms while a layer walks outwards
// text from left to right.
type builder struct {
	outer []byte
	at    int // how far the outer text is explained
	b     []byte
	atoms []span.Atom
}

func newBuilder(outer []byte, rng span.Span) *builder {
	return &builder{outer: outer, at: rng.Start, b: make([]byte, 0, rng.Len())}
}

// expectEscapes makes room for an atom for each backslash and the text between two.
func (d *builder) expectEscapes(rng span.Span) {
	n := bytes.Count(d.outer[rng.Start:rng.End], []byte{'\\'})
	d.atoms = make([]span.Atom, 0, 2*n+1)
}

// verbatim takes the outer bytes up to end as they are.
func (d *builder) verbatim(end int) {
	if end <= d.at {
		return
	}
	in := len(d.b)
	d.b = append(d.b, d.outer[d.at:end]...)
	if n := len(d.atoms); n > 0 && d.atoms[n-1].Kind == span.Verbatim {
		d.atoms[n-1].In.End, d.atoms[n-1].Out.End = len(d.b), end
	} else {
		d.atoms = append(d.atoms, span.Atom{In: span.Span{Start: in, End: len(d.b)}, Out: span.Span{Start: d.at, End: end}})
	}
	d.at = end
}

// escaped explains the outer bytes up to end as text.
func (d *builder) escaped(text string, end int) { d.atom(span.Escaped, text, end) }

// opaque lets text stand for the outer bytes up to end.
func (d *builder) opaque(text string, end int) { d.atom(span.Opaque, text, end) }

func (d *builder) atom(kind span.Kind, text string, end int) {
	in := len(d.b)
	d.b = append(d.b, text...)
	d.atoms = append(d.atoms, span.Atom{In: span.Span{Start: in, End: len(d.b)}, Out: span.Span{Start: d.at, End: end}, Kind: kind})
	d.at = end
}

// fold adds the outer bytes up to end, which stand for nothing, to the atom
// before them. A verbatim atom gives up its last character for that.
func (d *builder) fold(end int) {
	if end <= d.at {
		return
	}
	n := len(d.atoms)
	if n == 0 || d.atoms[n-1].Kind == span.Opaque {
		d.atom(span.Escaped, "", end)
		return
	}
	last := &d.atoms[n-1]
	if last.Kind == span.Escaped {
		last.Out.End, d.at = end, end
		return
	}
	_, size := utf8.DecodeLastRune(d.b[last.In.Start:])
	if size == last.In.Len() {
		last.Kind, last.Out.End, d.at = span.Escaped, end, end
		return
	}
	last.In.End -= size
	last.Out.End -= size
	d.atoms = append(d.atoms, span.Atom{
		In:   span.Span{Start: last.In.End, End: len(d.b)},
		Out:  span.Span{Start: last.Out.End, End: end},
		Kind: span.Escaped,
	})
	d.at = end
}

func (d *builder) done() ([]byte, []span.Atom, error) { return d.b, d.atoms, nil }

func undecodable(at int, format string, args ...any) error {
	return fmt.Errorf("%w: %s at offset %d", span.ErrUndecodable, fmt.Sprintf(format, args...), at)
}

func unencodable(format string, args ...any) error {
	return fmt.Errorf("%w: %s", span.ErrUnencodable, fmt.Sprintf(format, args...))
}

// atomIndex is the index of the atom that holds the inner byte at off.
func atomIndex(t *span.Text, off int) int {
	atoms := t.Atoms()
	lo, hi := 0, len(atoms)
	for lo < hi {
		mid := (lo + hi) / 2
		if atoms[mid].In.End > off {
			hi = mid
		} else {
			lo = mid + 1
		}
	}
	return lo
}

// outerOf is the outer text of the atom that holds the inner byte at off, nil
// past the end.
func outerOf(t *span.Text, off int) []byte {
	i := atomIndex(t, off)
	if off < 0 || i >= len(t.Atoms()) {
		return nil
	}
	a := t.Atoms()[i]
	return t.Parent().Bytes()[a.Out.Start:a.Out.End]
}
