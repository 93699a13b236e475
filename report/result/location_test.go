package result

import (
	"strings"
	"testing"

	"github.com/imdsscan/imdsscan/notebooks"
	"github.com/imdsscan/imdsscan/notebooks/span"
)

func plain(src string) (*notebooks.Document, *notebooks.Cell) {
	f := span.File([]byte(src))
	c := &notebooks.Cell{Language: notebooks.Python, Text: f, Code: f}
	return &notebooks.Document{Path: "a.py", Format: notebooks.Plain, File: f, Cells: []*notebooks.Cell{c}}, c
}

func pos(line, col int) Position { return Position{Line: line, Column: col} }

func TestLocationOfLines(t *testing.T) {
	src := "one\r\n  two(\r\n    3)\r\nlast"
	doc, cell := plain(src)
	at := strings.Index(src, "two")
	loc := NewLocator(doc).At(cell, cell.Code, span.Span{Start: at, End: strings.Index(src, ")\r\nlast") + 1})
	if loc.Start != pos(2, 3) || loc.End != pos(3, 7) {
		t.Errorf("from %v to %v", loc.Start, loc.End)
	}
	if loc.Cell != nil {
		t.Error("a plain file has no cells")
	}
	if len(loc.Excerpt) != 2 || loc.Excerpt[0].Text != "  two(" || loc.Excerpt[1].Text != "    3)" {
		t.Fatalf("excerpt %+v", loc.Excerpt)
	}
	if m := loc.Excerpt[1].Mark; m != (span.Span{Start: 0, End: 6}) {
		t.Errorf("second line is marked at %v", m)
	}
}

func TestLocationInCell(t *testing.T) {
	src := "# header\nx = 1\ny = 2\n"
	f := span.File([]byte(src))
	text := f.Slice(span.Span{Start: 9, End: len(src)})
	cell := &notebooks.Cell{Number: 4, ID: "c4", Language: notebooks.Python, Text: text, Code: text}
	doc := &notebooks.Document{File: f, Cells: []*notebooks.Cell{cell}}
	loc := NewLocator(doc).At(cell, text, span.Span{Start: 10, End: 11})
	if loc.Start != pos(3, 5) || loc.Cell == nil || loc.Cell.Number != 4 || loc.Cell.Start != pos(2, 5) {
		t.Errorf("%+v %+v", loc, loc.Cell)
	}
}

func TestRawPlaceIsFoundInItsCell(t *testing.T) {
	src := "# header\nx = 1\ny = 2\n"
	f := span.File([]byte(src))
	text := f.Slice(span.Span{Start: 9, End: len(src)})
	cell := &notebooks.Cell{Number: 4, Text: text, Code: text}
	loc := NewLocator(&notebooks.Document{File: f}).AtRaw(cell, span.Span{Start: 19, End: 20})
	if loc.Cell.Start != pos(2, 5) || loc.Cell.End != pos(2, 6) || loc.Start != pos(3, 5) {
		t.Errorf("%+v %+v", loc, loc.Cell)
	}
}

func TestLongLineIsCutAroundTheMark(t *testing.T) {
	src := strings.Repeat("あ", 5000) + "HERE" + strings.Repeat("い", 5000)
	doc, cell := plain(src)
	at := strings.Index(src, "HERE")
	l := NewLocator(doc).At(cell, cell.Code, span.Span{Start: at, End: at + 4}).Excerpt[0]
	if !l.Before || !l.After || len(l.Text) > maxExcerptBytes || l.Text[l.Mark.Start:l.Mark.End] != "HERE" {
		t.Errorf("%+v", l)
	}
	if strings.ContainsRune(l.Text, '\uFFFD') {
		t.Error("a character was cut")
	}
}

func TestLocationsAtTheEdges(t *testing.T) {
	for _, src := range []string{"", "\n", "a", "a\n", "\r\n\r\n"} {
		doc, cell := plain(src)
		l := NewLocator(doc)
		for s := 0; s <= len(src); s++ {
			for e := s; e <= len(src); e++ {
				for _, line := range l.At(cell, cell.Code, span.Span{Start: s, End: e}).Excerpt {
					_ = line.Text[line.Mark.Start:line.Mark.End]
				}
			}
		}
		if got := l.AtRaw(nil, span.Span{}).Start; got != pos(1, 1) {
			t.Errorf("%q starts at %v", src, got)
		}
	}
}

func TestFingerprints(t *testing.T) {
	finding := func(code string) Finding {
		return Finding{Rule: "IMDS001", Location: Location{Excerpt: []Line{{Text: code, Mark: span.Span{End: len(code)}}}}}
	}
	f := File{Path: "a.py", Findings: []Finding{finding("get( u )"), finding("get(u)"), finding("put(u)")}}
	f.SetFingerprints()
	a, b, c := f.Findings[0].Fingerprint, f.Findings[1].Fingerprint, f.Findings[2].Fingerprint
	if a == b || b == c || a == c {
		t.Error("findings share a fingerprint")
	}
	g := File{Path: "a.py", Findings: []Finding{finding("get(u)")}}
	g.Findings[0].Start = pos(900, 1)
	g.SetFingerprints()
	if g.Findings[0].Fingerprint != a {
		t.Error("a finding that moved has another fingerprint")
	}
}
