// Package analyzer turns a document into findings, and accounts for every
// occurrence of the metadata endpoint in it.
//
// Cells become units of code ([facts.Unit]), the language packages turn units
// into facts, and the rules turn facts into findings. The analyzer knows
// nothing of fixes beyond the sites that facts carry, of files or of reports.
package analyzer

import (
	"sort"

	"github.com/imdsscan/imdsscan/analyzer/facts"
	"github.com/imdsscan/imdsscan/analyzer/imds"
	"github.com/imdsscan/imdsscan/analyzer/pins"
	"github.com/imdsscan/imdsscan/notebooks"
	"github.com/imdsscan/imdsscan/notebooks/runs"
	"github.com/imdsscan/imdsscan/notebooks/span"
	"github.com/imdsscan/imdsscan/rules"
)

// Result is what is known of a document.
type Result struct {
	Doc *notebooks.Document
	// Around are the files among which the notebooks were found that this one
	// runs, or that run it.
	Around *runs.Tree
	// Units are the pieces of code that were analysed in the document's own
	// session, outer ones first.
	Units       []*facts.Unit
	Findings    []*Finding
	Occurrences []Occurrence
	// Compliant is the number of requests that send a session token, also through
	// a library.
	Compliant int
	// Pins are the packages that the document asks for, as far as their
	// versions matter.
	Pins []*facts.Pin
	// Together are those of files that are installed together with it.
	Together []*facts.Pin
	// Broken are the parts of units that could not be parsed, Unread those
	// that are reported for it whatever they hold.
	Broken, Unread []facts.Broken
}

// Finding is a place that a rule reports.
type Finding struct {
	Rule *rules.Rule
	Unit *facts.Unit
	// Span is the place in Unit.Text, Raw the same in the file.
	Span, Raw span.Span
	Message   string
	// Notes explain the finding: where the request goes, what could not be
	// decided, what to use instead.
	Notes   []string
	Related []facts.Related
	// Request is what is wrong, nil for findings that are no request.
	Request *facts.Request
	// Pin is what asks for an old version, nil for other findings; Floor is
	// what it is judged by.
	Pin   *facts.Pin
	Floor *rules.Floor
	// Mild is true for a finding that nothing has to be done about: a pin that
	// also allows old versions.
	Mild bool
}

// Class is how an occurrence of the endpoint is accounted for.
type Class string

// The classes, in the order in which one wins over the next when several hold.
const (
	ClassFinding     Class = "finding"
	ClassCompliant   Class = "compliant"
	ClassOtherCloud  Class = "other-cloud"
	ClassMention     Class = "mention"
	ClassUnexplained Class = "unexplained"
)

// Occurrence is a place that spells the endpoint.
type Occurrence struct {
	Raw   span.Span
	Cell  *notebooks.Cell // nil outside of cells
	Class Class
	// Why says what explains it, or for an unexplained one why nothing does.
	Why string
}

// Analyze finds what the rules report in a document. around tells which
// notebooks it runs and which run it; nil where it stands alone.
func Analyze(doc *notebooks.Document, around *runs.Tree) *Result {
	res := &Result{Doc: doc, Around: around}
	fs, abroad := gather(res)
	res.Broken, res.Unread, res.Pins = fs.Broken, fs.Unread, fs.Pins
	res.Together = pins.Together(doc)
	acct := newAccount(doc)
	for _, req := range fs.Requests {
		judgeRequest(res, acct, req)
	}
	for _, req := range abroad {
		explainAbroad(acct, req)
	}
	for _, run := range fs.Runs {
		explainArguments(acct, run, around.Find(doc.Path, run.Name))
	}
	judgePins(res)
	for _, lib := range fs.Libraries {
		judgeLibrary(res, lib)
	}
	for _, c := range fs.Clusters {
		judgeCluster(res, c)
	}
	for _, m := range fs.Mentions {
		acct.explain(m.Unit.Text.Raw(m.Span), ClassMention, m.Why)
	}
	for _, x := range fs.Unexplained {
		acct.because(x.Unit.Text.Raw(x.Span), x.Why)
	}
	judgeBroken(res, acct, fs.Broken)
	res.Occurrences = acct.occ
	sort.SliceStable(res.Findings, func(i, j int) bool {
		a, b := res.Findings[i], res.Findings[j]
		if a.Raw.Start != b.Raw.Start {
			return a.Raw.Start < b.Raw.Start
		}
		return a.Rule.ID < b.Rule.ID
	})
	res.Findings = withoutDoubles(res.Findings)
	return res
}

// withoutDoubles drops a finding that says the same of the same place: code
// can be reached on two ways, as a string given to two calls.
func withoutDoubles(fs []*Finding) []*Finding {
	out := fs[:0]
	for i, f := range fs {
		if i > 0 && f.Rule == fs[i-1].Rule && f.Raw == fs[i-1].Raw && samePin(f.Pin, fs[i-1].Pin) && sameRuntime(f, fs[i-1]) {
			continue
		}
		out = append(out, f)
	}
	return out
}

// samePin: a command in a loop installs one package after the other from one
// place.
func samePin(a, b *facts.Pin) bool {
	return a == nil || b == nil || a.Package == b.Package && a.Spec.String() == b.Spec.String()
}

// sameRuntime: a variable of a bundle may stand for several runtimes.
func sameRuntime(a, b *Finding) bool { return a.Rule.ID != "IMDS020" || a.Message == b.Message }

func (res *Result) report(id string, u *facts.Unit, s span.Span, notes ...string) *Finding {
	r := rules.Get(id)
	f := &Finding{Rule: r, Unit: u, Span: s, Raw: u.Text.Raw(s), Message: r.Title, Notes: notes}
	res.Findings = append(res.Findings, f)
	return f
}

// account explains the occurrences of the endpoint in a document, in the order
// of the file.
type account struct {
	file *span.Text
	occ  []Occurrence
}

// rank orders the classes: the smaller one wins.
var rank = map[Class]int{ClassFinding: 0, ClassCompliant: 1, ClassOtherCloud: 2, ClassMention: 3, ClassUnexplained: 4}

// newAccount lists the occurrences. Cells are searched as decoded, so that an
// escape beside the endpoint cannot hide it; the rest of the file as it is.
func newAccount(doc *notebooks.Document) *account {
	a := &account{file: doc.File}
	at := 0
	outside := func(to int) {
		if to > at {
			for _, o := range imds.Find(doc.File.Bytes()[at:to]) {
				class, why := ClassMention, "outside of the cells (an output, a title or metadata)"
				a.occ = append(a.occ, Occurrence{Raw: o.Span.Shift(at), Class: class, Why: why})
			}
		}
	}
	for _, c := range doc.InFile() {
		raw := c.Text.Raw(c.Text.All())
		outside(raw.Start)
		at = max(at, raw.End)
		for _, o := range imds.Find(c.Text.Bytes()) {
			occ := Occurrence{Raw: c.Text.Raw(o.Span), Cell: c, Class: ClassUnexplained}
			occ.Class, occ.Why = byLanguage(c)
			a.occ = append(a.occ, occ)
		}
	}
	outside(doc.File.Len())
	inOrder := func() {
		sort.SliceStable(a.occ, func(i, j int) bool { return a.occ[i].Raw.Start < a.occ[j].Raw.Start })
	}
	inOrder()
	if more := encodedOccurrences(doc, a.occ); len(more) > 0 {
		a.occ = append(a.occ, more...)
		inOrder()
	}
	return a
}

// byLanguage is how an occurrence counts before any fact explains it.
func byLanguage(c *notebooks.Cell) (Class, string) {
	if _, known := languages[c.Language]; known && c.Language != notebooks.Packages {
		return ClassUnexplained, "not seen to reach a request in this file"
	}
	switch c.Language {
	case notebooks.Markdown:
		return ClassMention, "Markdown"
	case notebooks.Text, notebooks.Packages:
		return ClassUnexplained, "not a language that is analysed"
	}
	return ClassUnexplained, c.Language.Title() + " is not analysed"
}

// explainSource explains what stands at a source, when that is in this file
// and not in a notebook that this one runs.
func (a *account) explainSource(src imds.Source, class Class, why string) {
	if src.Text.Root() == a.file {
		a.explain(src.Raw(), class, why)
	}
}

// explain gives the occurrences that overlap a raw span a class, where no
// stronger one holds already.
func (a *account) explain(raw span.Span, class Class, why string) {
	first := sort.Search(len(a.occ), func(i int) bool { return a.occ[i].Raw.End > raw.Start })
	for i := first; i < len(a.occ) && a.occ[i].Raw.Start < raw.End; i++ {
		o := &a.occ[i]
		if o.Raw.Overlaps(raw) && rank[class] < rank[o.Class] {
			o.Class, o.Why = class, why
		}
	}
}

// because says why nothing explains the occurrences that overlap a raw span.
func (a *account) because(raw span.Span, why string) {
	first := sort.Search(len(a.occ), func(i int) bool { return a.occ[i].Raw.End > raw.Start })
	for i := first; i < len(a.occ) && a.occ[i].Raw.Start < raw.End; i++ {
		if o := &a.occ[i]; o.Raw.Overlaps(raw) && o.Class == ClassUnexplained {
			o.Why = why
		}
	}
}
