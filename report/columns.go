package report

import (
	"slices"
	"sort"
	"unicode/utf8"

	"github.com/imdsscan/imdsscan/notebooks/span"
)

// columns counts lines and columns in UTF-16 code units, as SARIF wants them.
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

func (c *columns) region(s span.Span) *sarifRegion {
	var r sarifRegion
	r.StartLine, r.StartColumn = c.at(s.Start)
	r.EndLine, r.EndColumn = c.at(s.End)
	return &r
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
