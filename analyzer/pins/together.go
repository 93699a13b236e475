package pins

import (
	"regexp"

	"github.com/imdsscan/imdsscan/analyzer/facts"
	"github.com/imdsscan/imdsscan/notebooks"
	"github.com/imdsscan/imdsscan/notebooks/span"
	"github.com/imdsscan/imdsscan/rules"
)

// Together are the pins of the files that are installed together with a document:
// all of a list, and of other files what looks like a requirement.
func Together(doc *notebooks.Document) []*facts.Pin {
	var out []*facts.Pin
	for _, d := range doc.Together {
		u := &facts.Unit{Language: notebooks.Packages, Text: d.File, Doc: d}
		if d.Manifest == notebooks.Requirements {
			u.Text, u.Cell = d.Cells[0].Code, d.Cells[0]
			out = append(out, Analyze(u).Pins...)
			continue
		}
		for _, m := range written.FindAllIndex(d.File.Bytes(), maxCoordinates) {
			s := span.Span{Start: m[0], End: m[1]}
			r := &reader{u: u, out: &facts.Facts{}}
			if p := Requirement(u, r.lit(s), s, d.Path); p != nil && p.Ecosystem == rules.PyPI && Matters(p) && Readable(p) {
				out = append(out, p)
			}
		}
	}
	return out
}

// written is a requirement with a version, wherever it stands.
var written = regexp.MustCompile(`[A-Za-z0-9][A-Za-z0-9._-]*(?:\[[A-Za-z0-9._, -]*\])?[ \t]?(?:===|==|~=|!=|<=|>=|<|>)[ \t]?[0-9][0-9A-Za-z.*!+_-]*(?:[ \t]?,[ \t]?(?:===|==|~=|!=|<=|>=|<|>)[ \t]?[0-9][0-9A-Za-z.*!+_-]*)*`)
