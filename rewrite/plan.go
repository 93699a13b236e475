package rewrite

import (
	"errors"
	"fmt"

	"github.com/imdsscan/imdsscan/analyzer"
	"github.com/imdsscan/imdsscan/analyzer/facts"
	"github.com/imdsscan/imdsscan/notebooks/format"
	"github.com/imdsscan/imdsscan/notebooks/span"
	"github.com/imdsscan/imdsscan/rules"
)

// maxPasses bounds the rounds until nothing changes any more. Fixes that wait
// for one another need two or three; more means that fixes undo each other.
const maxPasses = 10

// ErrNoRest is returned when the passes do not come to rest; nothing may be
// written then.
var ErrNoRest = errors.New("the fixes do not come to rest")

// Options choose which fixes go into the patch.
type Options struct {
	// Unsafe adds the fixes that a person must ask for.
	Unsafe bool
	// Wants tells which rules' findings are fixed; nil means all.
	Wants func(rule string) bool
}

// Plan decides for each finding of the file what can be done, and makes the
// patch of all fixes that are applicable under opt. The patch is verified: the
// file as patched was decoded, parsed and analysed again.
func Plan(res *analyzer.Result, opt Options) (*Patch, error) {
	patch := &Patch{Before: res.Doc.File.Bytes()}
	patch.After = patch.Before
	for _, f := range res.Findings {
		patch.Fixes = append(patch.Fixes, assess(res, f))
	}
	wanted := func(f *Fix) bool {
		return f != nil && (opt.Wants == nil || opt.Wants(f.Finding.Rule.ID)) &&
			(f.Applicability == Safe || f.Applicability == Unsafe && opt.Unsafe)
	}
	now, fixes := res, patch.Fixes
	for {
		var pending []*Fix
		for _, f := range fixes {
			if wanted(f) {
				pending = append(pending, f)
			}
		}
		next := applyVerified(now, pending)
		if next == nil {
			break
		}
		if patch.Passes++; patch.Passes >= maxPasses {
			patch.After = patch.Before
			return patch, fmt.Errorf("%w after %d passes", ErrNoRest, maxPasses)
		}
		now, patch.After = next, next.Doc.File.Bytes()
		fixes = nil
		for _, f := range now.Findings {
			fixes = append(fixes, assess(now, f))
		}
	}
	markLate(patch, now)
	return patch, nil
}

// assess decides on a finding by itself.
func assess(res *analyzer.Result, f *analyzer.Finding) *Fix {
	if f.Pin != nil {
		return assessPin(res, f)
	}
	req := f.Request
	if req == nil || f.Rule.ID != "IMDS001" && f.Rule.ID != "IMDS002" {
		return nil
	}
	fix := &Fix{Finding: f}
	if req.Site == nil {
		fix.Reason = "imdsscan has no fix for " + req.Client + " here"
		return fix
	}
	if r := rules.GetRecipe(req.Site.Recipe); r != nil {
		fix.Summary = r.Summary
	}
	c, err := newScope(res).render(fix)
	if err == nil {
		fix.InCell, _ = liftToCell(c, req.Unit.Cell) // without them nothing is shown
		fix.Edits, err = liftAlone(c)
	}
	switch {
	case req.Site.Refuse != "":
		fix.Reason = req.Site.Refuse
	case displayOnly(req.Unit) != "":
		fix.Reason = displayOnly(req.Unit)
	case err != nil:
		fix.Reason = err.Error()
	case f.Rule.ID == "IMDS002":
		fix.Reason = "the code means to do without a token here: whether it may fail instead is a person's decision"
	case req.Site.Unsafe != "":
		fix.Applicability, fix.Reason = Unsafe, req.Site.Unsafe
	default:
		fix.Applicability = Safe
	}
	return fix
}

// displayOnly is the reason why nothing in the unit or around it is edited.
func displayOnly(u *facts.Unit) string {
	for ; u != nil; u = u.Parent {
		if u.DisplayOnly != "" {
			return u.DisplayOnly
		}
		if u.Doc != nil && u.Doc.ReadOnly != "" {
			return u.Doc.ReadOnly
		}
		if u.Cell != nil && u.Cell.ReadOnly != "" {
			return u.Cell.ReadOnly
		}
	}
	return ""
}

// applyVerified makes as many of the fixes as hold together and returns the
// analysis of the outcome, nil when none was made. Fixes that do not hold are
// made display-only with the reason.
func applyVerified(res *analyzer.Result, pending []*Fix) *analyzer.Result {
	for len(pending) > 0 {
		made, after := apply(res, pending)
		if len(made) == 0 {
			return nil
		}
		next, err := verify(res, after, made)
		if err == nil {
			for _, f := range made {
				f.Applied = true
			}
			return next
		}
		if len(made) == 1 {
			drop(made[0], err)
			pending = without(pending, made[0])
			continue
		}
		pending = holding(res, made)
	}
	return nil
}

// holding finds out which fixes hold together, by halves: a few that do not
// among many are found in a few rounds.
func holding(res *analyzer.Result, fixes []*Fix) []*Fix {
	return extend(res, nil, fixes)
}

// extend adds to the fixes that hold those of more that hold with them.
func extend(res *analyzer.Result, good, more []*Fix) []*Fix {
	if len(more) == 0 {
		return good
	}
	both := append(append([]*Fix(nil), good...), more...)
	made, after := apply(res, both)
	if len(made) == len(both) {
		_, err := verify(res, after, made)
		if err == nil {
			return both
		}
		if len(more) == 1 {
			drop(more[0], err)
			return good
		}
	}
	if len(more) == 1 { // in conflict with another one: the next pass has it
		return good
	}
	half := len(more) / 2
	return extend(res, extend(res, good, more[:half]), more[half:])
}

func drop(f *Fix, err error) {
	f.Applicability = DisplayOnly
	f.Reason = "the result did not pass verification: " + err.Error()
}

func without(fixes []*Fix, drop *Fix) []*Fix {
	var out []*Fix
	for _, f := range fixes {
		if f != drop {
			out = append(out, f)
		}
	}
	return out
}

// apply renders and lifts the fixes together. Fixes that conflict with an
// earlier one are left for the next pass; one that cannot be written is made
// display-only.
func apply(res *analyzer.Result, fixes []*Fix) (made []*Fix, after []byte) {
	for len(fixes) > 0 {
		sc := newScope(res)
		var changes []*change
		for _, f := range fixes {
			c, err := sc.render(f)
			if err != nil {
				drop(f, err)
				continue
			}
			changes = append(changes, c)
		}
		edits, guilty, err := liftAll(changes)
		if err == nil {
			after, err = span.Apply(res.Doc.File.Bytes(), edits)
		}
		if err == nil {
			for _, c := range changes {
				made = append(made, c.fix)
			}
			return made, after
		}
		fixes = sortOut(changes, guilty, err)
	}
	return nil, nil
}

// sortOut takes out of the changes what made lifting fail: a change that fails
// by itself for good, else the last of those that took part, for this pass.
func sortOut(changes, guilty []*change, err error) []*Fix {
	out := map[*change]bool{}
	for _, c := range guilty {
		alone := *c
		if _, aloneErr := liftAlone(&alone); aloneErr != nil {
			drop(c.fix, aloneErr)
			out[c] = true
		}
	}
	if len(out) == 0 && len(guilty) > 0 {
		out[guilty[len(guilty)-1]] = true
	}
	var rest []*Fix
	for _, c := range changes {
		if !out[c] {
			rest = append(rest, c.fix)
		}
	}
	if len(rest) == len(changes) { // nothing to blame: give up on all
		for _, c := range changes {
			drop(c.fix, err)
		}
		return nil
	}
	return rest
}

// verify opens and analyses the patched bytes and compares: the findings that
// were fixed are gone, and nothing is worse than before.
func verify(before *analyzer.Result, after []byte, made []*Fix) (*analyzer.Result, error) {
	doc, err := format.Again(before.Doc, after)
	if err != nil {
		return nil, fmt.Errorf("the file can no longer be read: %w", err)
	}
	if len(doc.Problems) > len(before.Doc.Problems) {
		return nil, fmt.Errorf("%s", doc.Problems[len(doc.Problems)-1].Reason)
	}
	if len(doc.Cells) != len(before.Doc.Cells) {
		return nil, fmt.Errorf("the file has %d cells instead of %d", len(doc.Cells), len(before.Doc.Cells))
	}
	next := analyzer.Analyze(doc, before.Around)
	if len(next.Broken) > len(before.Broken) {
		b := next.Broken[len(next.Broken)-1]
		return nil, fmt.Errorf("the code no longer parses: %s", b.Reason)
	}
	want := countRules(before)
	for _, f := range made {
		want[kindOf(f.Finding)]--
	}
	for id, n := range countRules(next) {
		if n > want[id] {
			return nil, fmt.Errorf("%d findings of %s are left where %d were expected", n, id, want[id])
		}
	}
	if n, m := unexplained(next), unexplained(before); n > m {
		return nil, fmt.Errorf("%d mentions of the endpoint are unexplained where %d were before", n, m)
	}
	return next, nil
}

func countRules(res *analyzer.Result) map[string]int {
	n := map[string]int{}
	for _, f := range res.Findings {
		if !f.Mild {
			n[kindOf(f)]++
		}
	}
	return n
}

// kindOf is the finding's rule, with one name for both rules about requests
// without a token: where the first of several calls is fixed, the others are
// in code that knows tokens.
func kindOf(f *analyzer.Finding) string {
	if f.Rule.ID == "IMDS002" {
		return "IMDS001"
	}
	return f.Rule.ID
}

func unexplained(res *analyzer.Result) int {
	n := 0
	for _, o := range res.Occurrences {
		if o.Class == analyzer.ClassUnexplained {
			n++
		}
	}
	return n
}

// markLate marks the fixes of the first analysis that a later pass made: their
// findings are no longer there.
func markLate(p *Patch, last *analyzer.Result) {
	if p.Passes < 2 {
		return
	}
	left := map[string]int{}
	for _, f := range last.Findings {
		left[key(f)]++
	}
	for _, f := range p.Fixes {
		if f == nil || f.Applied {
			continue
		}
		if k := key(f.Finding); left[k] > 0 {
			left[k]--
		} else {
			f.Applied = true
			if f.Applicability == DisplayOnly { // it did not hold at first
				f.Applicability, f.Reason = Safe, ""
			}
		}
	}
}

func key(f *analyzer.Finding) string {
	return f.Rule.ID + "\x00" + f.Unit.Text.Sub(f.Span)
}
