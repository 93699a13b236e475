// Package span maps positions and edits through layers of encoding.
//
// Code in a notebook sits in strings in cells in JSON. A [Text] is the decoded
// form of one layer: its own bytes, and the atoms that tie them to the range
// of the layer outside it. [Text.Raw] maps a position outwards to the file and
// [Text.Lift] carries edits the same way, re-encoding on each layer and
// checking the result by decoding it again. What does not come back equal is
// an error, never a guess.
//
// The package knows nothing of notebooks, languages or rules; the layers
// themselves are in notebooks/codec.
package span

import (
	"errors"
	"fmt"
	"sort"
)

// A refusal of Lift is one of these, wrapped with the layer and the reason.
var (
	// ErrOpaque: the edit touches bytes that have no editable outer form,
	// such as an interpolation or a masked magic.
	ErrOpaque = errors.New("the edit touches text that cannot be edited")
	// ErrUnencodable: the layer has no way to write the new text.
	ErrUnencodable = errors.New("the new text cannot be encoded")
	// ErrLens: the encoded result did not decode to what was intended.
	ErrLens = errors.New("the encoded edit does not decode to the intended text")
	// ErrUndecodable: the outer bytes are not a valid instance of the layer.
	ErrUndecodable = errors.New("cannot be decoded")
	// ErrOverlap: two edits of one set overlap.
	ErrOverlap = errors.New("edits overlap")
)

// Span is a half-open range of byte offsets.
type Span struct{ Start, End int }

// Len is the number of bytes in the span.
func (s Span) Len() int { return s.End - s.Start }

// Empty reports whether the span holds no byte.
func (s Span) Empty() bool { return s.End <= s.Start }

// Contains reports whether o lies inside s.
func (s Span) Contains(o Span) bool { return s.Start <= o.Start && o.End <= s.End }

// Overlaps reports whether s and o share a byte.
func (s Span) Overlaps(o Span) bool { return s.Start < o.End && o.Start < s.End }

// Shift moves the span by n bytes.
func (s Span) Shift(n int) Span { return Span{s.Start + n, s.End + n} }

func (s Span) String() string { return fmt.Sprintf("[%d,%d)", s.Start, s.End) }

// Edit replaces the bytes of Span with New. An empty Span is an insertion.
type Edit struct {
	Span
	New string
}

// SortEdits orders edits by position, keeping the order of insertions at one
// place, and reports an error when two of them overlap.
func SortEdits(edits []Edit) ([]Edit, error) {
	es := append([]Edit(nil), edits...)
	sort.SliceStable(es, func(i, j int) bool {
		if es[i].Start != es[j].Start {
			return es[i].Start < es[j].Start
		}
		return es[i].End < es[j].End
	})
	for i := 1; i < len(es); i++ {
		if es[i].Start < es[i-1].End {
			return nil, fmt.Errorf("%w: %v and %v", ErrOverlap, es[i-1].Span, es[i].Span)
		}
	}
	return es, nil
}

// Apply returns b with the edits made. The edits may be in any order and must
// not overlap.
func Apply(b []byte, edits []Edit) ([]byte, error) {
	es, err := SortEdits(edits)
	if err != nil {
		return nil, err
	}
	n := len(b)
	for _, e := range es {
		if e.Start < 0 || e.End > len(b) || e.End < e.Start {
			return nil, fmt.Errorf("edit %v is outside of %d bytes", e.Span, len(b))
		}
		n += len(e.New) - e.Len()
	}
	out := make([]byte, 0, n)
	at := 0
	for _, e := range es {
		out = append(out, b[at:e.Start]...)
		out = append(out, e.New...)
		at = e.End
	}
	return append(out, b[at:]...), nil
}
