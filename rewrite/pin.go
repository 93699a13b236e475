package rewrite

import (
	"fmt"
	"slices"
	"strings"

	"github.com/imdsscan/imdsscan/analyzer"
	"github.com/imdsscan/imdsscan/analyzer/facts"
	"github.com/imdsscan/imdsscan/analyzer/imds"
	"github.com/imdsscan/imdsscan/analyzer/versions"
	"github.com/imdsscan/imdsscan/notebooks"
	"github.com/imdsscan/imdsscan/notebooks/span"
	"github.com/imdsscan/imdsscan/rules"
)

// assessPin decides on a finding about a pin.
func assessPin(res *analyzer.Result, f *analyzer.Finding) *Fix {
	if f.Mild || f.Floor.Never {
		return nil // what to use instead is said in the finding
	}
	sc := newScope(res)
	to := sc.raise(f)
	fix := &Fix{Finding: f, Summary: to.summary()}
	c, err := sc.renderPin(fix)
	if err == nil {
		fix.InCell, _ = liftToCell(c, f.Unit.Cell) // without them nothing is shown
		fix.Edits, err = liftAlone(c)
	}
	p := f.Pin
	switch {
	case p.Regenerate != "":
		fix.Reason = "a lock file is written by its tool: change what it is made from, then run " + p.Regenerate
		fix.Edits, fix.InCell = nil, nil
	case p.Refuse != "":
		fix.Reason = p.Refuse
	case displayOnly(p.Unit) != "":
		fix.Reason = displayOnly(p.Unit)
	case err != nil:
		fix.Reason = err.Error()
	case len(to.doubts) > 0:
		fix.Applicability, fix.Reason = Unsafe, to.reason()
	default:
		fix.Applicability = Safe
	}
	return fix
}

// raise is what becomes of a pin, and of those that go with it.
type raise struct {
	parts []raised
	// doubts are why it is a person's to decide, each once.
	doubts []string
	err    error
}

func (r *raise) doubt(why string) {
	if !slices.Contains(r.doubts, why) {
		r.doubts = append(r.doubts, why)
	}
}

// reason are the doubts, as many as anybody reads.
func (r *raise) reason() string {
	const most = 3
	if n := len(r.doubts); n > most {
		return fmt.Sprintf("%s; and %d more", strings.Join(r.doubts[:most], "; "), n-most)
	}
	return strings.Join(r.doubts, "; ")
}

// raised is one pin with its new versions.
type raised struct {
	pin     *facts.Pin
	floor   string
	changes []versions.Change
}

func (r raise) summary() string {
	var parts []string
	for _, x := range r.parts {
		if s := x.pin.Package + " to " + x.floor; !slices.Contains(parts, s) {
			parts = append(parts, s)
		}
	}
	return "raise " + strings.Join(parts, ", ")
}

// raise finds the new versions for the finding's pin. Where others of its set
// are pinned in the file as well, all of them go to versions that fit each
// other.
func (sc *scope) raise(f *analyzer.Finding) raise {
	var out raise
	p := f.Pin
	set := rules.AllFloors().SetOf(p.Ecosystem, p.Package)
	members := members(slices.Concat(sc.pins, sc.res.Together), set, p.Ecosystem)
	whole := distinct(members) > 1
	if !whole {
		members = sc.alternatives(p)
	}
	for _, m := range members {
		target := f.Floor.Floor
		if whole {
			target = set.Versions[rules.PackageName(m.Ecosystem, m.Package)]
		}
		spec, known := m.Spec.Known()
		if !known {
			out.doubt("the version of " + m.Package + " beside it is not known")
			continue
		}
		reach, err := versions.Judge(m.Grammar, spec, target)
		switch {
		case err != nil && m != p:
			out.doubt("the version of " + m.Package + " beside it is not understood")
			continue
		case err != nil:
			out.err = err
			continue
		case reach == versions.All && !versions.Allows(m.Grammar, spec, target) && (whole || m.Unit.Doc != p.Unit.Doc):
			to := f.Floor.Floor
			if whole {
				to = set.Versions[rules.PackageName(p.Ecosystem, p.Package)]
			}
			out.doubt(fmt.Sprintf("%s %s beside it goes with other versions than %s %s", m.Package, strings.TrimSpace(spec), p.Package, to))
			continue
		case reach != versions.None:
			continue
		}
		if m.Unit.Doc != p.Unit.Doc && !(isList(p) && isList(m) && raisedAlike(m)) {
			out.doubt(fmt.Sprintf("%s %s in %s goes with it and is not changed along", m.Package, strings.TrimSpace(spec), m.Unit.Doc.Path))
			continue
		}
		if m != p && (m.Refuse != "" || m.Regenerate != "" || displayOnly(m.Unit) != "") {
			out.doubt(m.Package + " " + strings.TrimSpace(spec) + " goes with it and is not changed along")
			continue
		}
		up, err := versions.Raise(m.Grammar, spec, target)
		if err != nil {
			out.err = err
			continue
		}
		if whole && !versions.Allows(m.Grammar, up.After, target) { // a series that begins after it
			out.err = fmt.Errorf("%s %s has no next series that goes with the others: they need %s", m.Package, strings.TrimSpace(spec), target)
			continue
		}
		if m.Unit.Doc == p.Unit.Doc {
			out.parts = append(out.parts, raised{m, target, up.Changes})
		}
		switch {
		case m.Unsafe != "":
			out.doubt(m.Unsafe)
		case unsafe(m) != "":
			out.doubt(unsafe(m))
		case !up.SameMajor && rules.AllFloors().Of(m.Ecosystem, m.Package) != nil:
			out.doubt(m.Package + " changes its major version: read what it changes")
		case up.Bounded && m == p:
			out.doubt("an upper bound was set for a reason that is not known here")
		case up.Bounded:
			out.doubt("the upper bound of " + m.Package + " beside it was set for a reason that is not known here")
		}
	}
	for _, o := range slices.Concat(sc.pins, sc.res.Together) {
		name := rules.PackageName(o.Ecosystem, o.Package)
		if o.Ecosystem != p.Ecosystem || set != nil && set.Versions[name] != "" {
			continue
		}
		if set != nil && slices.Contains(set.Tied, name) || slices.Contains(f.Floor.Tied, name) {
			out.doubt(o.Package + " beside it chooses versions of its own: look whether they fit")
		}
	}
	return out
}

// unsafe is why every change of a package's version is a person's.
func unsafe(p *facts.Pin) string {
	if f := rules.AllFloors().Of(p.Ecosystem, p.Package); f != nil {
		return f.Unsafe
	}
	return ""
}

func isList(p *facts.Pin) bool { return p.Unit.Doc.Manifest == notebooks.Requirements }

// raisedAlike reports whether a pin of another file is raised when that file is
// fixed, to what this one is raised to: it is a finding itself.
func raisedAlike(p *facts.Pin) bool {
	floor := rules.AllFloors().Of(p.Ecosystem, p.Package)
	spec, known := p.Spec.Known()
	if floor == nil || !known {
		return false
	}
	reach, err := versions.Judge(p.Grammar, spec, floor.First())
	return err == nil && reach == versions.None
}

// alternatives are the pins of one requirement, which may have several
// versions: a property that is set twice, or another file's constraint.
func (sc *scope) alternatives(p *facts.Pin) []*facts.Pin {
	var out []*facts.Pin
	for _, o := range sc.pins {
		if o.Unit == p.Unit && o.Span == p.Span && o.Package == p.Package {
			out = append(out, o)
		}
	}
	for _, o := range sc.res.Together {
		if o.Ecosystem == p.Ecosystem && rules.PackageName(o.Ecosystem, o.Package) == rules.PackageName(p.Ecosystem, p.Package) && strings.TrimSpace(o.Spec.String()) != "" {
			out = append(out, o)
		}
	}
	return out
}

// members are the pins of a set that name versions.
func members(pins []*facts.Pin, set *rules.FloorSet, ecosystem string) []*facts.Pin {
	if set == nil {
		return nil
	}
	var out []*facts.Pin
	for _, p := range pins {
		if p.Ecosystem == ecosystem && set.Versions[rules.PackageName(ecosystem, p.Package)] != "" && strings.TrimSpace(p.Spec.String()) != "" {
			out = append(out, p)
		}
	}
	return out
}

func distinct(pins []*facts.Pin) int {
	names := map[string]bool{}
	for _, p := range pins {
		names[rules.PackageName(p.Ecosystem, p.Package)] = true
	}
	return len(names)
}

// renderPin writes the new versions in place of the old ones, wherever they
// are set, and touches nothing else.
func (sc *scope) renderPin(fix *Fix) (*change, error) {
	c := &change{fix: fix}
	to := sc.raise(fix.Finding)
	if to.err != nil {
		return nil, to.err
	}
	at := map[imds.Source]raised{}
	for _, x := range to.parts {
		for _, ch := range x.changes {
			src, ok := written(x.pin.Spec, ch.Start, ch.End)
			if !ok {
				return nil, fmt.Errorf("the version of %s is not written in one place", x.pin.Package)
			}
			if src.Text.Root() != x.pin.Unit.Doc.File {
				return nil, fmt.Errorf("the version of %s is set in another file", x.pin.Package)
			}
			if o, twice := at[src]; twice && o.floor != x.floor {
				return nil, fmt.Errorf("one version is written for %s and %s, which need different ones", o.pin.Package, x.pin.Package)
			}
			at[src] = x
			c.add(sc, edit{src.Text, span.Edit{Span: src.Span, New: ch.New}}, true)
		}
	}
	return c, nil
}

// written is where the bytes [from, to) of a value stand in the code.
func written(v imds.Value, from, to int) (imds.Source, bool) {
	at := 0
	for _, p := range v {
		n := len(p.Text)
		if from >= at && to <= at+n && p.Source.Text != nil && p.Source.Span.Len() == n {
			start := p.Source.Span.Start + from - at
			return imds.Source{Text: p.Source.Text, Span: span.Span{Start: start, End: start + to - from}}, true
		}
		at += n
	}
	return imds.Source{}, false
}
