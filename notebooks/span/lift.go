package span

import (
	"bytes"
	"errors"
	"fmt"
	"strings"
	"unicode/utf8"
)

// Lift carries edits of t outwards to the file, encoding them on each layer.
// On every layer the outcome is decoded again and compared with the intended
// text. All edits that go to one Text should be lifted together.
func (t *Text) Lift(edits []Edit) ([]Edit, error) {
	for ; t.parent != nil; t = t.parent {
		out, err := t.LiftOnce(edits)
		if err != nil {
			return nil, err
		}
		edits = out
	}
	return edits, nil
}

// LiftOnce carries edits of t to its parent only, for callers that merge them
// with edits of the parent's own before going on.
func (t *Text) LiftOnce(edits []Edit) ([]Edit, error) {
	out, err := t.liftOnce(edits)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", t.layer.Name(), err)
	}
	return out, nil
}

func (t *Text) liftOnce(edits []Edit) ([]Edit, error) {
	es, err := SortEdits(edits)
	if err != nil {
		return nil, err
	}
	want, err := Apply(t.b, es)
	if err != nil {
		return nil, err
	}
	es = t.trim(t.spare(es))
	out, err := t.encode(es)
	if err == nil {
		err = t.compare(out, want)
	}
	whole, ok := t.layer.(WholeLayer)
	if err == nil || !ok || errors.Is(err, ErrOpaque) {
		return out, err
	}
	if out, err = whole.LiftWhole(t, es, err); err != nil {
		return nil, err
	}
	return out, t.compare(out, want)
}

// encode writes each edit by itself.
func (t *Text) encode(es []Edit) ([]Edit, error) {
	out := make([]Edit, 0, len(es))
	for _, e := range t.widen(es) {
		if err := t.checkOpaque(e.Span); err != nil {
			return nil, err
		}
		enc, err := t.layer.Encode(t, e.Span, e.New)
		if err != nil {
			return nil, err
		}
		out = append(out, Edit{Span: t.Out(e.Span), New: enc})
	}
	return out, nil
}

// compare decodes the outcome of outer edits.
func (t *Text) compare(outer []Edit, want []byte) error {
	got, err := t.redecode(outer)
	if err != nil {
		return fmt.Errorf("%w: %v", ErrLens, err)
	}
	if !bytes.Equal(got, want) {
		return ErrLens
	}
	return nil
}

// spare splits edits around the opaque atoms that their new text keeps: each
// inside the edit, in order, and named once, so that it cannot be another.
func (t *Text) spare(es []Edit) []Edit {
	out := make([]Edit, 0, len(es))
	for _, e := range es {
		parts := []Edit{e}
		for i := t.atomAt(e.Start); i < len(t.atoms) && t.atoms[i].In.End <= e.End; i++ {
			a := t.atoms[i]
			if a.Kind != Opaque || a.In.Empty() || a.In.Start < e.Start {
				continue
			}
			kept, last := string(t.b[a.In.Start:a.In.End]), &parts[len(parts)-1]
			before, after, found := strings.Cut(last.New, kept)
			if !found || strings.Count(e.New, kept) != 1 {
				parts = []Edit{e}
				break
			}
			rest := Edit{Span: Span{a.In.End, e.End}, New: after}
			last.End, last.New = a.In.Start, before
			parts = append(parts, rest)
		}
		out = append(out, parts...)
	}
	return out
}

// trim drops from each edit what it leaves as it is, at both ends and by whole
// characters, so that bytes that do not change keep the form they have.
func (t *Text) trim(es []Edit) []Edit {
	out := make([]Edit, 0, len(es))
	for _, e := range es {
		old, text := t.b[e.Start:e.End], e.New
		n := 0
		for n < len(old) && n < len(text) && old[n] == text[n] {
			n++
		}
		for n > 0 && (inRune(old, n) || inRune([]byte(text), n)) {
			n--
		}
		old, text = old[n:], text[n:]
		e.Start += n
		n = 0
		for n < len(old) && n < len(text) && old[len(old)-1-n] == text[len(text)-1-n] {
			n++
		}
		for n > 0 && (inRune(old, len(old)-n) || inRune([]byte(text), len(text)-n)) {
			n--
		}
		e.End -= n
		e.New = text[:len(text)-n]
		if !e.Span.Empty() || e.New != "" {
			out = append(out, e)
		}
	}
	return out
}

// inRune reports whether b may not be cut at i for being inside a character.
func inRune(b []byte, i int) bool { return i < len(b) && !utf8.RuneStart(b[i]) }

// widen grows each edit to atoms that cannot be cut and joins edits that meet.
func (t *Text) widen(es []Edit) []Edit {
	var out []Edit
	for _, e := range es {
		s, text := e.Span, e.New
		if i := t.atomAt(s.Start); i < len(t.atoms) && t.cuts(i, s.Start) {
			a := t.atoms[i]
			text = string(t.b[a.In.Start:s.Start]) + text
			s.Start = a.In.Start
		}
		if i := t.atomAt(s.End); i < len(t.atoms) && t.cuts(i, s.End) {
			a := t.atoms[i]
			text += string(t.b[s.End:a.In.End])
			s.End = a.In.End
		}
		if n := len(out); n > 0 && s.Start < out[n-1].End {
			// Both edits widened into the same atom: the bytes between the two
			// stand once in each text.
			prev := &out[n-1]
			keep := prev.New[:len(prev.New)-(prev.End-e.Start)]
			prev.New = keep + text[e.Start-s.Start:]
			prev.End = max(prev.End, s.End)
			continue
		} else if n > 0 && s.Start == out[n-1].End {
			// Edits that touch are encoded as one: a layer may have to see both.
			out[n-1].New += text
			out[n-1].End = s.End
			continue
		}
		out = append(out, Edit{Span: s, New: text})
	}
	return out
}

// cuts reports whether off lies inside atom i and the atom must stay whole.
func (t *Text) cuts(i, off int) bool {
	a := t.atoms[i]
	return a.Kind != Verbatim && off > a.In.Start && off < a.In.End
}

func (t *Text) checkOpaque(s Span) error {
	for i := t.atomAt(s.Start); i < len(t.atoms) && t.atoms[i].In.Start < s.End; i++ {
		if a := t.atoms[i]; a.Kind == Opaque && !a.In.Empty() && a.In.Overlaps(s) {
			return fmt.Errorf("%w: %q", ErrOpaque, t.b[a.In.Start:a.In.End])
		}
	}
	return nil
}

// lookAround is how far beside its range a layer may look, for the quote that
// ends it.
const lookAround = 64

// redecode decodes t again as it will be once the outer edits are made. It
// copies no more of the parent than the layer looks at: a notebook of many
// megabytes may have many fixes.
func (t *Text) redecode(outer []Edit) ([]byte, error) {
	win := Span{max(0, t.rng.Start-lookAround), min(len(t.parent.b), t.rng.End+lookAround)}
	edits := make([]Edit, len(outer))
	for i, e := range outer {
		edits[i] = Edit{Span: e.Span.Shift(-win.Start), New: e.New}
	}
	b, err := Apply(t.parent.b[win.Start:win.End], edits)
	if err != nil {
		return nil, err
	}
	grow := len(b) - win.Len()
	rng := Span{t.rng.Start - win.Start, t.rng.End - win.Start + grow}
	again, atoms, err := t.layer.Decode(b, rng)
	if err != nil {
		return nil, err
	}
	if err := checkTiling(b, rng, again, atoms); err != nil {
		return nil, err
	}
	return again, nil
}
