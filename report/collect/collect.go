// Package collect runs one file through the whole way, from bytes to findings
// to verified fixes, and gathers what came out as plain results. It is the one
// place that knows the analyzer, the rewriter and the result model together.
package collect

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/imdsscan/imdsscan/analyzer"
	"github.com/imdsscan/imdsscan/analyzer/imds"
	"github.com/imdsscan/imdsscan/notebooks"
	"github.com/imdsscan/imdsscan/notebooks/archive"
	"github.com/imdsscan/imdsscan/notebooks/format"
	"github.com/imdsscan/imdsscan/notebooks/runs"
	"github.com/imdsscan/imdsscan/notebooks/span"
	"github.com/imdsscan/imdsscan/report"
	"github.com/imdsscan/imdsscan/report/result"
	"github.com/imdsscan/imdsscan/rewrite"
)

// Options choose what is reported and which fixes are made.
type Options struct {
	// Unsafe makes the fixes that a person must ask for too.
	Unsafe bool
	// Wants tells which rules are reported and fixed; nil means all.
	Wants func(rule string) bool
	// Around are the files among which notebooks run one another; nil where a
	// file stands alone.
	Around *runs.Tree
	// Beside are the files around it, some of which set versions for it; the zero
	// value where it stands alone.
	Beside notebooks.Beside
	// List is true for a file that others install as a list of requirements,
	// and Together are the documents installed together with it.
	List     bool
	Together []*notebooks.Document
	// Archive is the archive that the file is in, and ReadOnly why nothing may
	// be written into it; empty for a file by itself.
	Archive, ReadOnly string
	// As is the name that decides what the file is, where its own does not say.
	As string
	// Object is the object of a workspace that the file is, nil elsewhere.
	Object *result.Object
}

// File analyses the bytes of a file. The error says why nothing could be said
// of it. src must not change while the result is in use.
func File(path string, src []byte, o Options) (*result.File, error) {
	f, err := analyse(path, src, o)
	if f != nil {
		f.Archive, f.Object = o.Archive, o.Object
	}
	return f, err
}

func analyse(path string, src []byte, o Options) (*result.File, error) {
	name := o.As
	if name == "" {
		name = path
	}
	doc, err := format.OpenAs(path, name, src)
	if errors.Is(err, format.ErrBinary) {
		return undecoded(path, src, "binary file"), nil
	}
	if err != nil {
		f := undecoded(path, src, "the file could not be decoded")
		at := span.Span{}
		if bad := (*format.SyntaxError)(nil); errors.As(err, &bad) {
			at = span.Span{Start: bad.Offset, End: bad.Offset}
		}
		loc := result.NewLocator(&notebooks.Document{File: span.File(src)}).AtRaw(nil, at)
		loc.Excerpt = nil
		f.Problems = append(f.Problems, result.Problem{Location: loc, Reason: err.Error()})
		return f, nil
	}
	if o.List {
		format.AsList(doc)
	}
	if doc.ReadOnly == "" {
		doc.ReadOnly = o.ReadOnly
	}
	doc.Beside, doc.Together = o.Beside, o.Together
	res := analyzer.Analyze(doc, o.Around)
	patch, err := rewrite.Plan(res, rewrite.Options{Unsafe: o.Unsafe, Wants: o.Wants})
	f := fill(res, patch, o)
	if err != nil {
		f.Fixed = nil
		f.Unverified = append(f.Unverified, err.Error())
	}
	return f, nil
}

// undecoded accounts for the endpoint in a file that is not understood: it can
// be counted.
func undecoded(path string, src []byte, why string) *result.File {
	f := &result.File{Path: path, Format: notebooks.Plain, Language: notebooks.Text}
	locate := result.NewLocator(&notebooks.Document{File: span.File(src)})
	for _, o := range imds.Find(src) {
		loc := locate.AtRaw(nil, o.Span)
		loc.Excerpt = nil
		f.Occurrences = append(f.Occurrences, result.Occurrence{Location: loc, Class: result.Unexplained, Why: why})
	}
	return f
}

func fill(res *analyzer.Result, patch *rewrite.Patch, o Options) *result.File {
	doc := res.Doc
	f := &result.File{Path: doc.Path, Format: doc.Format, Language: doc.Language, Compliant: res.Compliant}
	locate := result.NewLocator(doc)
	cells := map[int]*notebooks.Cell{}
	for _, c := range doc.Cells {
		if c.Number > 0 {
			f.Cells++
		}
		if c.Number > 0 || doc.Format == notebooks.Plain {
			cells[c.Number] = c
		}
	}
	for _, p := range doc.Problems {
		f.Problems = append(f.Problems, result.Problem{Location: locate.AtRaw(cells[p.Cell], p.Raw), Reason: p.Reason})
	}
	for _, b := range res.Unread {
		f.Problems = append(f.Problems, result.Problem{Location: locate.At(b.Unit.Cell, b.Unit.Text, b.Span), Reason: b.Reason})
	}
	for _, oc := range res.Occurrences {
		class, why := result.Class(oc.Class), oc.Why
		// The analyzer gives the rule of a finding as the reason.
		if class == result.InFinding && o.Wants != nil && !o.Wants(why) {
			class, why = result.Suppressed, why+" is left out of this run"
		}
		f.Occurrences = append(f.Occurrences, result.Occurrence{
			Location: locate.AtRaw(oc.Cell, oc.Raw), Class: class, Why: why})
	}
	for i, fd := range res.Findings {
		if o.Wants != nil && !o.Wants(fd.Rule.ID) {
			continue
		}
		out := finding(locate, fd)
		if patch != nil && i < len(patch.Fixes) && patch.Fixes[i] != nil {
			out.Fix, out.Fixed = fix(patch.Fixes[i]), patch.Fixes[i].Applied
		}
		f.Findings = append(f.Findings, out)
	}
	if len(f.Findings) > 0 {
		f.Source = doc.File.Bytes()
	}
	if patch != nil && patch.Changed() {
		f.Fixed = patch.After
		f.Changes = changes(doc, patch.After)
	}
	f.SetFingerprints()
	return f
}

func finding(locate *result.Locator, fd *analyzer.Finding) result.Finding {
	out := result.Finding{Rule: fd.Rule.ID, Level: result.Level(fd.Rule.Level), Message: fd.Message, Notes: notes(fd)}
	if fd.Mild {
		out.Level = result.Note
	}
	if raw := fd.Unit.Text.Raw(fd.Span); raw == fd.Raw {
		out.Location = locate.At(fd.Unit.Cell, fd.Unit.Text, fd.Span)
	} else {
		out.Location = locate.AtRaw(fd.Unit.Cell, fd.Raw)
	}
	out.Context = locate.Context(fd.Unit.Cell, out.Location)
	for _, r := range fd.Related {
		if r.Source.Text == nil {
			continue
		}
		rel := result.Related{Message: r.Message}
		at := locate
		if r.Unit != nil && r.Unit.Doc != fd.Unit.Doc && r.Unit.Doc != nil {
			// In a notebook that this one runs, or that runs it.
			rel.Path, rel.Source = r.Unit.Doc.Path, r.Unit.Doc.File.Bytes()
			rel.Archive = archive.Of(rel.Path)
			at = result.NewLocator(r.Unit.Doc)
		}
		if r.Unit != nil {
			rel.Location = at.At(r.Unit.Cell, r.Source.Text, r.Source.Span)
		} else {
			rel.Location = at.AtRaw(nil, r.Source.Raw())
		}
		out.Related = append(out.Related, rel)
	}
	return out
}

// notes are the finding's notes, and the way to code that lies in other code.
func notes(fd *analyzer.Finding) []string {
	out := append([]string(nil), fd.Notes...)
	var ways []string
	for u := fd.Unit; u != nil; u = u.Parent {
		if u.Via != "" && u.Parent != nil {
			ways = append(ways, u.Via)
		}
	}
	if len(ways) > 0 {
		out = append(out, fmt.Sprintf("%s code in %s", fd.Unit.Language.Title(), strings.Join(ways, ", in ")))
	}
	if slices.Contains(ways, analyzer.Encoded) && !fd.Span.Empty() {
		out = append(out, "it reads "+fd.Unit.Text.Sub(fd.Span))
	}
	return out
}

func fix(x *rewrite.Fix) *result.Fix {
	kinds := map[rewrite.Applicability]result.Applicability{
		rewrite.Safe: result.Safe, rewrite.Unsafe: result.Unsafe, rewrite.DisplayOnly: result.Display}
	out := &result.Fix{Applicability: kinds[x.Applicability], Reason: x.Reason, Summary: x.Summary, Edits: x.Edits}
	if out.Applicability == result.Display {
		out.Example = example(x)
	}
	return out
}

// changes are what the fixes do to the file, cell by cell.
func changes(doc *notebooks.Document, after []byte) []result.Change {
	next, err := format.Again(doc, after)
	if err != nil || len(next.Cells) != len(doc.Cells) {
		return nil // verified before; the diff of the file's bytes is shown then
	}
	var out []result.Change
	for i, c := range doc.Cells {
		number := c.Number
		if doc.Format == notebooks.Plain {
			number = 0
		}
		out = append(out, report.Hunks(number, c.Language, string(c.Text.Bytes()), string(next.Cells[i].Text.Bytes()))...)
	}
	return out
}

// example shows a fix that is not applied, in the cell's own lines rather than
// in those of the file's encoding.
func example(x *rewrite.Fix) string {
	cell := x.Finding.Unit.Cell
	if len(x.InCell) == 0 || cell == nil {
		return ""
	}
	after, err := span.Apply(cell.Text.Bytes(), x.InCell)
	if err != nil {
		return ""
	}
	return report.Changes(string(cell.Text.Bytes()), string(after))
}
