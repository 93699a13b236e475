package rewrite

import (
	"errors"
	"fmt"

	"github.com/imdsscan/imdsscan/notebooks"
	"github.com/imdsscan/imdsscan/notebooks/span"
)

// liftAll carries the edits of all changes to the file. On failure it names
// the changes that took part where it failed.
func liftAll(changes []*change) (edits []span.Edit, guilty []*change, err error) {
	return liftTo(nil, changes)
}

// liftTo carries the edits to the text top, nil for the file.
func liftTo(top *span.Text, changes []*change) (edits []span.Edit, guilty []*change, err error) {
	pending := map[*span.Text][]span.Edit{}
	makers := map[*span.Text][]*change{}
	for _, c := range changes {
		for _, e := range c.edits {
			pending[e.in] = append(pending[e.in], e.Edit)
			if m := makers[e.in]; len(m) == 0 || m[len(m)-1] != c {
				makers[e.in] = append(m, c)
			}
		}
	}
	for {
		t := deepest(pending)
		if t == nil {
			return nil, nil, nil
		}
		if top != nil && t.Parent() == nil {
			return nil, makers[t], errors.New("the code is outside of its cell")
		}
		if t.Parent() == nil || t == top && len(pending) == 1 {
			es, err := span.SortEdits(pending[t])
			if err != nil {
				return nil, makers[t], err
			}
			return es, nil, nil
		}
		es, err := t.LiftOnce(pending[t])
		if err != nil {
			return nil, makers[t], err
		}
		p := t.Parent()
		pending[p] = append(pending[p], es...)
		makers[p] = append(makers[p], makers[t]...)
		delete(pending, t)
		delete(makers, t)
	}
}

// deepest is the text with the most layers between it and the file, so that
// inner edits are there before the outer text is lifted; among equals the
// first in the file, for the same output every time.
func deepest(pending map[*span.Text][]span.Edit) *span.Text {
	var best *span.Text
	for t := range pending {
		switch {
		case best == nil || t.Depth() > best.Depth():
			best = t
		case t.Depth() == best.Depth() && t.Raw(t.All()).Start < best.Raw(best.All()).Start:
			best = t
		}
	}
	return best
}

// liftAlone carries one change to the file.
func liftAlone(c *change) ([]span.Edit, error) {
	edits, _, err := liftAll([]*change{c})
	if err != nil {
		return nil, fmt.Errorf("the edit cannot be written into the file: %w", err)
	}
	return edits, nil
}

// liftToCell carries one change to the text of a cell, where a person sees it.
func liftToCell(c *change, cell *notebooks.Cell) ([]span.Edit, error) {
	if cell == nil {
		return nil, errors.New("the code is in no cell")
	}
	edits, _, err := liftTo(cell.Text, []*change{c})
	return edits, err
}
