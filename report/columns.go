package report

import (
	"slices"
	"sort"
	"unicode/utf8"

	"github.com/imdsscan/imdsscan/notebooks/span"
	"github.com/imdsscan/imdsscan/report/result"
)

// columns counts lines and columns in UTF-16 code units, as SARIF wants them.
// Without the source, as of results that were read from JSON, it tells what the
// location does.
type columns struct {
	src    []byte
	starts []int // of lines
	// marks are known counts of code units, so that a notebook that is one
	// line of many megabytes is not counted from its start for each finding.
	marks []mark
}

// mark is the number of code units before an offset.
type mark struct{ off, units int }

const markDistance = 4 << 10

func newColumns(src []byte) *columns {
	c := &columns{src: src, starts: []int{0}, marks: []mark{{}}}
	units := 0
	for i := 0; i < len(src); {
		if i-c.marks[len(c.marks)-1].off >= markDistance {
			c.marks = append(c.marks, mark{i, units})
		}
		if src[i] == '\n' {
			c.starts = append(c.starts, i+1)
		}
		n, u := unit(src[i:])
		i, units = i+n, units+u
	}
	return c
}

// unit is the size of the first character in bytes and in code units; a byte
// that is not UTF-8 counts as a character.
func unit(b []byte) (size, units int) {
	if b[0] < utf8.RuneSelf {
		return 1, 1
	}
	r, n := utf8.DecodeRune(b)
	if r > 0xffff {
		return n, 2
	}
	return n, 1
}

func (c *columns) region(l result.Location) *sarifRegion {
	if c.src == nil {
		return regionOf(l)
	}
	return c.lines(l.Raw)
}

func (c *columns) lines(s span.Span) *sarifRegion {
	var r sarifRegion
	r.StartLine, r.StartColumn = c.at(s.Start)
	r.EndLine, r.EndColumn = c.at(s.End)
	return &r
}

// replaced is the region of an edit, by its bytes where there is no source.
func (c *columns) replaced(s span.Span) *sarifRegion {
	if c.src == nil {
		length := s.Len()
		return &sarifRegion{ByteOffset: &s.Start, ByteLength: &length}
	}
	return c.lines(s)
}

// regionOf has columns where the excerpt shows the file's own lines from their
// start, which it does for plain files.
func regionOf(l result.Location) *sarifRegion {
	r := lineRegion(l)
	if len(l.Excerpt) == 0 {
		return r
	}
	first, last := l.Excerpt[0], l.Excerpt[len(l.Excerpt)-1]
	if first.Before || last.Before || first.Number != l.Start.Line || last.Number != l.End.Line ||
		first.Mark.Start != l.Start.Column-1 || last.Mark.End != l.End.Column-1 {
		return r
	}
	r.StartColumn = codeUnits(first.Text[:first.Mark.Start]) + 1
	r.EndColumn = codeUnits(last.Text[:last.Mark.End]) + 1
	return r
}

func codeUnits(s string) int {
	units := 0
	for len(s) > 0 {
		n, u := unit([]byte(s[:min(len(s), utf8.UTFMax)]))
		s, units = s[n:], units+u
	}
	return units
}

func (c *columns) at(off int) (line, column int) {
	off = max(0, min(off, len(c.src)))
	i, exact := slices.BinarySearch(c.starts, off)
	if !exact {
		i--
	}
	start := c.starts[i]
	if i == 0 && len(c.src) >= 3 && string(c.src[:3]) == "\ufeff" {
		start = min(3, off) // a byte order mark is no column
	}
	return i + 1, c.units(off) - c.units(start) + 1
}

// units is the number of code units before an offset.
func (c *columns) units(off int) int {
	m := c.marks[sort.Search(len(c.marks), func(i int) bool { return c.marks[i].off > off })-1]
	for m.off < off {
		n, u := unit(c.src[m.off:])
		m.off, m.units = m.off+n, m.units+u
	}
	return m.units
}
