package html

import (
	"html/template"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/imdsscan/imdsscan/notebooks/span"
	"github.com/imdsscan/imdsscan/report"
	"github.com/imdsscan/imdsscan/report/result"
	"github.com/sergi/go-diff/diffmatchpatch"
)

// change is a hunk side by side.
type change struct {
	Cell int
	Rows []diffRow
	// Cut is how many rows are left out.
	Cut int
}

// diffRow is a line before and after; a side without a line has number 0.
type diffRow struct {
	Class         string // same, gone, new or mod
	Before, After diffSide
}

type diffSide struct {
	Number int
	Code   template.HTML
}

const maxHunkLines = 80

func sideBySide(c result.Change) change {
	out := change{Cell: c.Cell}
	lines := report.LineChanges(c.Before, c.After)
	var before, after []string
	for _, l := range lines {
		text := strings.TrimRight(l.Line, "\r\n")
		if l.Op != '+' {
			before = append(before, text)
		}
		if l.Op != '-' {
			after = append(after, text)
		}
	}
	v := sides{before, after, highlight(c.Language, before), highlight(c.Language, after), c.BeforeLine, c.AfterLine}
	a, b := 0, 0
	for i := 0; i < len(lines); {
		if lines[i].Op == ' ' {
			out.Rows = append(out.Rows, diffRow{"same", v.left(a, nil), v.right(b, nil)})
			a, b, i = a+1, b+1, i+1
			continue
		}
		gone, come := 0, 0
		for ; i < len(lines) && lines[i].Op != ' '; i++ {
			if lines[i].Op == '-' {
				gone++
			} else {
				come++
			}
		}
		out.Rows = append(out.Rows, v.replaced(a, a+gone, b, b+come)...)
		a, b = a+gone, b+come
	}
	if n := len(out.Rows) - maxHunkLines; n > 0 {
		out.Rows, out.Cut = out.Rows[:maxHunkLines], n
	}
	return out
}

// sides are the lines of a hunk and their colours.
type sides struct {
	before, after           []string
	beforeCode, afterCode   [][]piece
	beforeFirst, afterFirst int
}

func (v *sides) left(i int, marks []span.Span) diffSide {
	return diffSide{v.beforeFirst + i, paint(v.beforeCode[i], marks, "del")}
}

func (v *sides) right(i int, marks []span.Span) diffSide {
	return diffSide{v.afterFirst + i, paint(v.afterCode[i], marks, "ins")}
}

// replaced sets lines that were changed beside each other, and those that are
// new or gone beside nothing.
func (v *sides) replaced(a, aEnd, b, bEnd int) []diffRow {
	var out []diffRow
	alone := func(untilA, untilB int) {
		for ; a < untilA; a++ {
			out = append(out, diffRow{Class: "gone", Before: v.left(a, nil)})
		}
		for ; b < untilB; b++ {
			out = append(out, diffRow{Class: "new", After: v.right(b, nil)})
		}
	}
	firstA, firstB := a, b
	for _, p := range align(v.before[a:aEnd], v.after[b:bEnd]) {
		alone(firstA+p.a, firstB+p.b)
		gone, come := differences(v.before[a], v.after[b])
		out = append(out, diffRow{"mod", v.left(a, gone), v.right(b, come)})
		a, b = a+1, b+1
	}
	alone(aEnd, bEnd)
	return out
}

// pair is a line before and the line after that it became.
type pair struct{ a, b int }

// maxAligned bounds the lines that are compared each with each.
const maxAligned = 40

// align finds which lines became which, in order, so that most of their text
// stays.
func align(before, after []string) []pair {
	if len(before) > maxAligned || len(after) > maxAligned {
		return nil
	}
	n, m := len(before), len(after)
	like := make([][]float64, n)
	best := make([][]float64, n+1)
	for i := range best {
		best[i] = make([]float64, m+1)
	}
	for i := n - 1; i >= 0; i-- {
		like[i] = make([]float64, m)
		for j := m - 1; j >= 0; j-- {
			like[i][j] = likeness(before[i], after[j])
			best[i][j] = max(best[i+1][j], best[i][j+1])
			if like[i][j] > 0 {
				best[i][j] = max(best[i][j], like[i][j]+best[i+1][j+1])
			}
		}
	}
	var out []pair
	for i, j := 0, 0; i < n && j < m; {
		switch {
		case like[i][j] > 0 && best[i][j] == like[i][j]+best[i+1][j+1]:
			out = append(out, pair{i, j})
			i, j = i+1, j+1
		case best[i][j] == best[i+1][j]:
			i++
		default:
			j++
		}
	}
	return out
}

// likeness is the share of words that two lines have in common, 0 where it is
// too little to call one a change of the other.
func likeness(a, b string) float64 {
	words := func(s string) []string {
		return strings.FieldsFunc(s[:min(len(s), maxLine)], func(r rune) bool { return !isLetter(r) && (r < '0' || r > '9') })
	}
	x, y := words(a), words(b)
	if len(x) == 0 || len(y) == 0 {
		return 0
	}
	count := map[string]int{}
	for _, w := range x {
		count[w]++
	}
	common := 0
	for _, w := range y {
		if count[w] > 0 {
			count[w]--
			common++
		}
	}
	// All of the shorter line in the longer one is a change as well: fixes add.
	if share := float64(common) / float64(min(len(x), len(y))); share < 0.6 {
		return 0
	}
	return 2 * float64(common) / float64(len(x)+len(y))
}

// differences are the parts of both lines that differ.
func differences(before, after string) (gone, come []span.Span) {
	if len(before) > maxLine || len(after) > maxLine || !utf8.ValidString(before) || !utf8.ValidString(after) {
		return nil, nil
	}
	dmp := diffmatchpatch.New()
	dmp.DiffTimeout = 0 // the result must not depend on the machine's load
	diffs := dmp.DiffMain(before, after, false)
	if slices.ContainsFunc(diffs, func(d diffmatchpatch.Diff) bool { return d.Type == diffmatchpatch.DiffDelete }) {
		diffs = dmp.DiffCleanupSemantic(diffs) // single letters in common tell a reader nothing
	} else {
		diffs = dmp.DiffCleanupSemanticLossless(diffs)
	}
	a, b := 0, 0
	for _, d := range diffs {
		n := len(d.Text)
		switch d.Type {
		case diffmatchpatch.DiffDelete:
			gone, a = append(gone, span.Span{Start: a, End: a + n}), a+n
		case diffmatchpatch.DiffInsert:
			come, b = append(come, span.Span{Start: b, End: b + n}), b+n
		default:
			a, b = a+n, b+n
		}
	}
	return gone, come
}
