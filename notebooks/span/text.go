package span

import (
	"bytes"
	"fmt"
	"sort"
)

// Kind says what an edit may do to an atom.
type Kind uint8

const (
	// Verbatim bytes are the same inside and outside; they may be cut anywhere.
	Verbatim Kind = iota
	// Escaped bytes have another form outside (`\n`, `''`); an edit takes the
	// whole atom or none of it.
	Escaped
	// Opaque bytes stand for something that has no editable form: an
	// interpolation hole, a masked magic.
	Opaque
)

func (k Kind) String() string { return [...]string{"verbatim", "escaped", "opaque"}[k] }

// Atom ties a range of decoded bytes to the range of the outer text it came
// from. Structural junk between two decoded bytes (`",⏎    "` in an ipynb
// source list, `# MAGIC ` in a SOURCE notebook) belongs to an atom beside it,
// so that every inner position has exactly one outer position.
type Atom struct {
	In, Out Span
	Kind    Kind
}

// Layer is one kind of encoding: JSON strings, magic prefixes, shell quotes.
// A Layer is a value and may carry what the context decides (the quote in use).
type Layer interface {
	// Name is the layer's name in messages, such as "JSON string".
	Name() string
	// Decode decodes outer[rng]. The atoms tile the decoded bytes and rng.
	Decode(outer []byte, rng Span) ([]byte, []Atom, error)
	// Encode returns the outer form of text that replaces t's bytes at in,
	// in the style found around it. in starts and ends between atoms or in
	// verbatim atoms.
	Encode(t *Text, in Span, text string) (string, error)
}

// WholeLayer is a Layer that can write edits together where one of them cannot
// be written by itself: the whole text may take another form, as a YAML scalar
// that is given quotes.
type WholeLayer interface {
	Layer
	// LiftWhole returns the edits of t's parent that stand for edits of t,
	// which are sorted. err is why one of them was refused.
	LiftWhole(t *Text, edits []Edit, err error) ([]Edit, error)
}

// Text is the decoded form of a range of another Text, or a whole file.
type Text struct {
	b      []byte
	parent *Text
	rng    Span
	atoms  []Atom
	layer  Layer
}

// File is the outermost Text: the bytes of a file as they are on disk.
func File(b []byte) *Text { return &Text{b: b, rng: Span{0, len(b)}} }

// Decode decodes a range of t through a layer. It checks that the atoms tile
// both sides, so that a wrong codec cannot give wrong positions silently.
func (t *Text) Decode(rng Span, layer Layer) (*Text, error) {
	if rng.Start < 0 || rng.End > len(t.b) || rng.End < rng.Start {
		return nil, fmt.Errorf("%s: range %v is outside of %d bytes", layer.Name(), rng, len(t.b))
	}
	b, atoms, err := layer.Decode(t.b, rng)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", layer.Name(), err)
	}
	if err := checkTiling(t.b, rng, b, atoms); err != nil {
		return nil, fmt.Errorf("%s: %w", layer.Name(), err)
	}
	return &Text{b: b, parent: t, rng: rng, atoms: atoms, layer: layer}, nil
}

// Slice is the part of t in rng as a Text of its own, shared bytes and all.
func (t *Text) Slice(rng Span) *Text {
	return &Text{b: t.b[rng.Start:rng.End:rng.End], parent: t, rng: rng, layer: sliceLayer{},
		atoms: []Atom{{In: Span{0, rng.Len()}, Out: rng, Kind: Verbatim}}}
}

// sliceLayer is the identity: the inner text is written as it is.
type sliceLayer struct{}

func (sliceLayer) Name() string { return "slice" }
func (sliceLayer) Decode(outer []byte, rng Span) ([]byte, []Atom, error) {
	return outer[rng.Start:rng.End], []Atom{{In: Span{0, rng.Len()}, Out: rng}}, nil
}
func (sliceLayer) Encode(_ *Text, _ Span, text string) (string, error) { return text, nil }

func checkTiling(outer []byte, rng Span, inner []byte, atoms []Atom) error {
	in, out := 0, rng.Start
	for i, a := range atoms {
		if a.In.Start != in || a.Out.Start != out || a.In.End < a.In.Start || a.Out.End < a.Out.Start {
			return fmt.Errorf("%w: atom %d %v→%v does not continue at %d→%d", ErrLens, i, a.In, a.Out, in, out)
		}
		in, out = a.In.End, a.Out.End
		if in > len(inner) || out > rng.End {
			return fmt.Errorf("%w: atom %d %v→%v reaches past the text", ErrLens, i, a.In, a.Out)
		}
		if a.Kind == Verbatim && !bytes.Equal(inner[a.In.Start:a.In.End], outer[a.Out.Start:a.Out.End]) {
			return fmt.Errorf("%w: verbatim atom %d differs from its outer bytes", ErrLens, i)
		}
	}
	if in != len(inner) || out != rng.End {
		return fmt.Errorf("%w: atoms end at %d→%d, text at %d→%d", ErrLens, in, out, len(inner), rng.End)
	}
	return nil
}

// Bytes are the decoded bytes; the caller must not change them.
func (t *Text) Bytes() []byte { return t.b }

// Len is the number of decoded bytes.
func (t *Text) Len() int { return len(t.b) }

// All is the span of the whole text.
func (t *Text) All() Span { return Span{0, len(t.b)} }

// Sub returns the bytes of s as a string.
func (t *Text) Sub(s Span) string { return string(t.b[s.Start:s.End]) }

// Parent is the Text that t was decoded from, nil for a file.
func (t *Text) Parent() *Text { return t.parent }

// Range is the part of the parent that t was decoded from.
func (t *Text) Range() Span { return t.rng }

// Layer is the encoding between t and its parent, nil for a file.
func (t *Text) Layer() Layer { return t.layer }

// Atoms ties t to its parent; the caller must not change them.
func (t *Text) Atoms() []Atom { return t.atoms }

// Root is the file that t was decoded from.
func (t *Text) Root() *Text {
	for t.parent != nil {
		t = t.parent
	}
	return t
}

// Depth is the number of layers between t and its file.
func (t *Text) Depth() int {
	n := 0
	for ; t.parent != nil; t = t.parent {
		n++
	}
	return n
}

// atomAt is the index of the atom that holds the inner offset, counting an
// offset between two atoms to the second; len(atoms) at the end of the text.
func (t *Text) atomAt(off int) int {
	return sort.Search(len(t.atoms), func(i int) bool { return t.atoms[i].In.End > off })
}

// KindAt is the kind of the atom that holds the byte at off.
func (t *Text) KindAt(off int) Kind {
	if i := t.atomAt(off); i < len(t.atoms) {
		return t.atoms[i].Kind
	}
	return Verbatim
}

// Out maps a span one layer outwards, cut to the text and widened to whole atoms where it cuts one
// that is not verbatim.
func (t *Text) Out(s Span) Span {
	if t.parent == nil {
		return s
	}
	s.Start, s.End = max(s.Start, 0), min(s.End, len(t.b))
	if s.Empty() {
		p := t.outPos(s.Start)
		return Span{p, p}
	}
	var o Span
	i := t.atomAt(s.Start)
	if a := t.atoms[i]; a.Kind == Verbatim {
		o.Start = a.Out.Start + s.Start - a.In.Start
	} else {
		o.Start = a.Out.Start
	}
	j := t.atomAt(s.End - 1)
	if a := t.atoms[j]; a.Kind == Verbatim {
		o.End = a.Out.Start + s.End - a.In.Start
	} else {
		o.End = a.Out.End
	}
	return o
}

// outPos maps an inner position outwards; inside an atom that cannot be cut it
// is the atom's start.
func (t *Text) outPos(off int) int {
	i := t.atomAt(off)
	if i == len(t.atoms) {
		return t.rng.End
	}
	if a := t.atoms[i]; a.Kind == Verbatim {
		return a.Out.Start + off - a.In.Start
	}
	return t.atoms[i].Out.Start
}

// Raw maps a span of t to the bytes of the file.
func (t *Text) Raw(s Span) Span {
	for ; t.parent != nil; t = t.parent {
		s = t.Out(s)
	}
	return s
}

// UpTo maps a span of t to the outer text anc; ok is false when anc is not on
// the way to the file.
func (t *Text) UpTo(anc *Text, s Span) (out Span, ok bool) {
	for ; t != nil; t = t.parent {
		if t == anc {
			return s, true
		}
		s = t.Out(s)
	}
	return Span{}, false
}
