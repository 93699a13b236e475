package result

import (
	"bytes"
	"sort"
	"unicode/utf8"

	"github.com/imdsscan/imdsscan/notebooks"
	"github.com/imdsscan/imdsscan/notebooks/span"
)

// Position is a place for people: lines and columns count from 1, columns in
// bytes.
type Position = notebooks.Position

// Location is a place in a file, and in a cell of it where the file has cells.
type Location struct {
	// Raw is the place in the bytes of the file; Start and End are the same
	// in lines and columns. End is the position after the last byte.
	Raw        span.Span
	Start, End Position
	// Cell is the place as a notebook's user sees it; nil in a plain file.
	Cell *CellPos
	// Excerpt are the lines of decoded code that the place lies in.
	Excerpt []Line
}

// CellPos is a place in a cell. Its lines are those of the cell as the UI
// shows it, magic line included.
type CellPos struct {
	Number     int // counts all cells from 1
	ID         string
	Language   notebooks.Language
	Start, End Position
}

// Line is a line of code, or the part of a long line around the mark.
type Line struct {
	// Number is the line's number in the cell, or in a plain file.
	Number int
	Text   string
	// Mark is the part of Text that the location covers.
	Mark span.Span
	// Before and After tell that the line goes on beyond Text.
	Before, After bool
}

// Context are the lines before and after a place, cut where they are long.
type Context struct{ Before, After []string }

const (
	contextLines    = 3
	maxExcerptLines = 40  // of one location; the rest is left out
	maxExcerptBytes = 480 // of one line
	markContext     = 120 // bytes kept before the mark of a long line
)

// Locator makes locations in one document. It keeps the line starts of the
// file and of the cells it was asked for.
type Locator struct {
	doc   *notebooks.Document
	lines map[*span.Text][]int
}

// NewLocator makes locations in doc.
func NewLocator(doc *notebooks.Document) *Locator {
	return &Locator{doc: doc, lines: map[*span.Text][]int{}}
}

// At is the location of a span of text, which is decoded from the cell; cell
// is nil for a place that belongs to no cell.
func (l *Locator) At(cell *notebooks.Cell, text *span.Text, s span.Span) Location {
	loc := Location{Raw: text.Raw(s)}
	loc.Start = l.position(l.doc.File, loc.Raw.Start)
	loc.End = l.position(l.doc.File, loc.Raw.End)
	// Outside of the cells the file's own lines are shown.
	if cell == nil || cell.Text == nil || cell.Number == 0 && l.doc.Format != notebooks.Plain {
		loc.Excerpt = l.excerpt(l.doc.File, loc.Raw)
		return loc
	}
	in, ok := text.UpTo(cell.Text, s)
	if !ok {
		loc.Excerpt = l.excerpt(l.doc.File, loc.Raw)
		return loc
	}
	loc.Excerpt = l.excerpt(cell.Text, in)
	if cell.Number > 0 {
		loc.Cell = &CellPos{Number: cell.Number, ID: cell.ID, Language: cell.Language,
			Start: l.position(cell.Text, in.Start), End: l.position(cell.Text, in.End)}
	}
	return loc
}

// AtRaw is the location of a span of the file's own bytes, which lies in the
// cell when cell is not nil.
func (l *Locator) AtRaw(cell *notebooks.Cell, raw span.Span) Location {
	if cell == nil || cell.Text == nil {
		return l.At(nil, l.doc.File, raw)
	}
	loc := l.At(cell, cell.Text, span.Span{Start: inner(cell.Text, raw.Start), End: inner(cell.Text, raw.End)})
	loc.Raw = raw
	loc.Start, loc.End = l.position(l.doc.File, raw.Start), l.position(l.doc.File, raw.End)
	return loc
}

// inner is the first offset in t that stands at or after the offset raw of the
// file. Positions keep their order through all layers, so it can be searched.
func inner(t *span.Text, raw int) int {
	return sort.Search(t.Len(), func(i int) bool { return t.Raw(span.Span{Start: i, End: i}).Start >= raw })
}

// Context are the lines around a location that At made for the cell.
func (l *Locator) Context(cell *notebooks.Cell, loc Location) Context {
	if len(loc.Excerpt) == 0 {
		return Context{}
	}
	t := l.doc.File
	if loc.Cell != nil && cell != nil {
		t = cell.Text
	}
	first, last := loc.Excerpt[0].Number, loc.Excerpt[len(loc.Excerpt)-1].Number
	out := Context{Before: l.plain(t, first-contextLines, first-1)}
	if len(loc.Excerpt) < maxExcerptLines {
		out.After = l.plain(t, last+1, last+contextLines)
	}
	return out
}

// plain are the lines from first to last, as far as there are such lines.
func (l *Locator) plain(t *span.Text, first, last int) []string {
	starts := l.starts(t)
	n := len(starts)
	if starts[n-1] == t.Len() {
		n-- // what follows the last line end is no line
	}
	var out []string
	for i := max(1, first); i <= min(n, last); i++ {
		at := span.Span{Start: starts[i-1], End: starts[i-1]}
		for _, line := range l.excerpt(t, at) {
			out = append(out, line.Text)
		}
	}
	return out
}

func (l *Locator) starts(t *span.Text) []int {
	if s, ok := l.lines[t]; ok {
		return s
	}
	b := t.Bytes()
	starts := make([]int, 1, bytes.Count(b, []byte{'\n'})+1)
	for at := 0; ; {
		i := bytes.IndexByte(b[at:], '\n')
		if i < 0 {
			break
		}
		at += i + 1
		starts = append(starts, at)
	}
	l.lines[t] = starts
	return starts
}

func (l *Locator) position(t *span.Text, off int) Position {
	starts := l.starts(t)
	off = max(0, min(off, t.Len()))
	i := sort.SearchInts(starts, off+1) - 1
	return Position{Line: i + 1, Column: off - starts[i] + 1}
}

func (l *Locator) excerpt(t *span.Text, s span.Span) []Line {
	starts, b := l.starts(t), t.Bytes()
	first := l.position(t, s.Start).Line
	last := first
	if !s.Empty() {
		last = l.position(t, s.End-1).Line
	}
	var out []Line
	for n := first; n <= last && len(out) < maxExcerptLines; n++ {
		from, to := starts[n-1], len(b)
		if n < len(starts) {
			to = starts[n] - 1
		}
		to = from + len(bytes.TrimRight(b[from:to], "\r"))
		mark := span.Span{Start: max(s.Start, from), End: min(s.End, to)}
		out = append(out, cutLine(n, b, span.Span{Start: from, End: to}, mark))
	}
	return out
}

// cutLine is the line of b at in, or the part of it around the mark.
func cutLine(number int, b []byte, in, mark span.Span) Line {
	mark.Start = min(mark.Start, in.End)
	mark.End = max(mark.Start, mark.End)
	keep := in
	if in.Len() > maxExcerptBytes {
		keep.Start = max(in.Start, min(mark.Start-markContext, in.End-maxExcerptBytes))
		keep.End = min(in.End, keep.Start+maxExcerptBytes)
		for keep.Start < mark.Start && !utf8.RuneStart(b[keep.Start]) {
			keep.Start++
		}
		for keep.End > keep.Start && keep.End < in.End && !utf8.RuneStart(b[keep.End]) {
			keep.End--
		}
	}
	mark.End = max(mark.Start, min(mark.End, keep.End))
	return Line{Number: number, Text: string(b[keep.Start:keep.End]), Mark: mark.Shift(-keep.Start),
		Before: keep.Start > in.Start, After: keep.End < in.End}
}
