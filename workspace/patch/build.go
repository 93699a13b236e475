package patch

import (
	"context"
	"slices"
	"strings"
	"time"

	"github.com/databricks/databricks-sdk-go/service/compute"
	"github.com/imdsscan/imdsscan/report/result"
	"github.com/imdsscan/imdsscan/workspace"
	"github.com/imdsscan/imdsscan/workspace/inventory"
	"github.com/imdsscan/imdsscan/workspace/plan"
)

// Judge looks at a definition as a scan does, and makes the fixes that it has.
type Judge func(d *inventory.Definition) (*result.File, error)

// Choice is what is changed beside what nothing depends on.
type Choice struct {
	// Unsafe takes newer runtimes, on which code may behave differently.
	Unsafe bool
	// Restart changes clusters that run, too, which restarts them.
	Restart bool
	// Now is the day on which runtimes are supported, or not.
	Now time.Time
}

// The rules whose findings a configuration can be changed for.
const (
	oldPin   = "IMDS010"
	runtime  = "IMDS020"
	isolated = "IMDS021"
)

// builder makes a plan.
type builder struct {
	ctx      context.Context
	c        *workspace.Client
	judge    Judge
	choice   Choice
	versions []compute.SparkVersion
	noList   error // why there are no versions
	plan     *plan.Plan
	// policies are those that were read, with the rules that they are to have.
	policies map[string]*planned
}

// planned is a policy and its content once the plan is carried out.
type planned struct {
	*Policy
	content []byte
	err     error
}

// Build is the plan of all changes of clusters and policies that take an
// obstacle away and can be taken back. What has to be changed by hand is among
// what is left. The error is the context's, or of the tool.
func Build(ctx context.Context, c *workspace.Client, inv *inventory.Inventory, at plan.For, judge Judge, choice Choice) (*plan.Plan, error) {
	b := &builder{ctx: ctx, c: c, judge: judge, choice: choice, plan: &plan.Plan{For: at}, policies: map[string]*planned{}}
	list, err := compute.NewClusters(c.API).SparkVersions(ctx)
	if b.noList = c.Explain("", err); err == nil {
		b.versions = list.Versions
	}
	var clusters, policies []*inventory.Definition
	for d := range inv.Definitions() {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		f, err := judge(&d)
		if err != nil {
			b.failed(&d, err)
			continue
		}
		switch found := concerning(f, oldPin, runtime, isolated); {
		case len(found) == 0:
		case d.Kind == "cluster":
			clusters = append(clusters, &d)
		case d.Kind == "policy":
			policies = append(policies, &d)
		default:
			b.left(&d, "it is the definition of a "+d.Kind, "change it where that is configured: "+advice(found), found, "")
		}
	}
	for _, d := range b.needed(clusters, policies, inv) {
		if err := b.policy(d.Definition, d.forced); err != nil {
			return nil, err
		}
	}
	for _, d := range clusters {
		if err := b.cluster(d); err != nil {
			return nil, err
		}
	}
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	b.plan.Sort()
	return b.plan, b.plan.Seal()
}

// concerning are the findings of some rules.
func concerning(f *result.File, rules ...string) []*result.Finding {
	if f == nil {
		return nil
	}
	var out []*result.Finding
	for i := range f.Findings {
		if fd := &f.Findings[i]; slices.Contains(rules, fd.Rule) {
			out = append(out, fd)
		}
	}
	return out
}

// advice says what to do by hand.
func advice(found []*result.Finding) string {
	var out []string
	for _, fd := range found {
		text := fd.Message
		switch {
		case fd.Rule == isolated:
			text = "set " + glueIsolated + ` to "false" in its ` + sparkConf
		case fd.Rule == runtime:
			text = "choose a supported runtime; " + fd.Message
		case fd.Fix != nil && fd.Fix.Summary != "":
			text = fd.Fix.Summary
		}
		if !slices.Contains(out, text) {
			out = append(out, text)
		}
	}
	return strings.Join(out, "; ")
}

func name(d *inventory.Definition) string { return workspace.Scheme + " " + d.Name }

// left notes what the plan does not write.
func (b *builder) left(d *inventory.Definition, why, advice string, found []*result.Finding, diff string) {
	l := plan.Left{Name: name(d), Why: why, Advice: advice, Diff: diff, Findings: []plan.Finding{}}
	for _, fd := range found {
		l.Findings = append(l.Findings, plan.FindingOf(fd))
	}
	b.plan.Left = append(b.plan.Left, l)
}

// unread notes what cannot be changed because it cannot be read.
func (b *builder) unread(d *inventory.Definition, err error) {
	b.left(d, "it cannot be read: "+workspace.Reason(err), "change it by hand", nil, "")
}

// failed notes what could not be looked at.
func (b *builder) failed(d *inventory.Definition, err error) {
	b.left(d, "it could not be analysed: "+err.Error(), "look at it by hand", nil, "")
}

// change is a configuration before and after.
type change struct {
	def           *inventory.Definition
	objectType    string
	restart       bool
	before, after []byte
	// found are the findings of the configuration before; of those that are
	// Fixed nothing is left.
	found *result.File
}

// check looks at the changed configuration as at the one before. It says why the
// change is not to be made.
func (ch *change) check(judge func(content []byte) (*result.File, error), aim []string) string {
	now, err := judge(ch.after)
	if err != nil {
		return "after the change it could not be analysed: " + err.Error()
	}
	left := map[string]int{}
	if now != nil {
		for _, fd := range now.Findings {
			left[fd.Fingerprint]++
		}
	}
	for i := range ch.found.Findings {
		fd := &ch.found.Findings[i]
		if fd.Fixed = left[fd.Fingerprint] == 0; !fd.Fixed {
			left[fd.Fingerprint]--
			if slices.Contains(aim, fd.Fingerprint) {
				return "after the change this would still be found: " + fd.Message
			}
		}
	}
	if now != nil {
		for _, fd := range now.Findings {
			if left[fd.Fingerprint] > 0 {
				return "after the change this would be found: " + fd.Message
			}
		}
	}
	return ""
}

// add puts the change into the plan.
func (b *builder) add(ch *change) error {
	o, err := plan.New(plan.Object{Name: name(ch.def), ID: ch.def.ID, Type: ch.objectType, Restart: ch.restart, Findings: plan.Fixed(ch.found)}, ch.before, ch.after)
	if err == nil {
		b.plan.Objects = append(b.plan.Objects, o)
	}
	return err
}
