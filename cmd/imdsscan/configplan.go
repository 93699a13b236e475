package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	"github.com/imdsscan/imdsscan/report/collect"
	"github.com/imdsscan/imdsscan/report/result"
	"github.com/imdsscan/imdsscan/workspace"
	"github.com/imdsscan/imdsscan/workspace/apply"
	"github.com/imdsscan/imdsscan/workspace/inventory"
	"github.com/imdsscan/imdsscan/workspace/patch"
	"github.com/imdsscan/imdsscan/workspace/plan"
)

// configPlan is the plan of the changes of clusters and policies that take an
// obstacle away and can be taken back.
func configPlan(ctx context.Context, client *workspace.Client, inv *inventory.Inventory, at plan.For, choice patch.Choice) (*plan.Plan, error) {
	return patch.Build(ctx, client, inv, at, judgeDefinition(choice.Unsafe), choice)
}

// judgeDefinition looks at a definition as a scan does.
func judgeDefinition(unsafe bool) patch.Judge {
	return func(d *inventory.Definition) (*result.File, error) {
		o := definitionOptions(d)
		o.Unsafe, o.ReadOnly = unsafe, "" // it is changed here
		out := guard(func() (*result.File, error) { return collect.File(aside(d.Name), d.JSON, o) })
		return out.file, out.err
	}
}

var errNoTerminal = errors.New("there is no terminal to ask on: give --yes to change the configurations")

// readable is the difference of a configuration, without secrets, and with the
// rules of a policy as they are written and not as JSON in JSON.
func readable(o *plan.Object) string {
	if o.Type != plan.TypePolicy {
		return string(inventory.HideSecrets([]byte(o.Diff)))
	}
	lines := strings.SplitAfter(o.Diff, "\n")
	for i, l := range lines {
		var piece string
		_, text, ok := strings.Cut(l, "    \"") // of a list, at the depth of rules
		if at := len(l) - len(text) - 1; ok && at == 5 && json.Unmarshal([]byte(strings.TrimSuffix(strings.TrimSpace(l[at:]), ",")), &piece) == nil {
			lines[i] = l[:at] + strings.TrimSuffix(piece, "\n") + "\n"
		}
	}
	return string(inventory.HideSecrets([]byte(strings.Join(lines, ""))))
}

// offerConfig shows a plan for configurations, asks, and carries it out. heard is
// what became of the objects.
func offerConfig(ctx context.Context, p *plan.Plan, client *workspace.Client, o *stateFlags, s streams) (heard map[string]apply.Outcome, code int) {
	for i := range p.Left {
		fmt.Fprintf(s.err, "imdsscan: %s\n", leftLine(&p.Left[i]))
	}
	if len(p.Objects) == 0 {
		fmt.Fprintln(s.err, "imdsscan: there is nothing to change that could be taken back")
		return nil, exitClean
	}
	if !o.yes && !canAsk(s) {
		return nil, usageError(s, errNoTerminal)
	}
	for i := range p.Objects {
		x := &p.Objects[i]
		for _, f := range x.Findings {
			fmt.Fprintf(s.err, "imdsscan: %s: %s %s\n", printable(x.Name), f.Rule, printable(f.Message))
		}
		if len(x.Findings) == 0 {
			fmt.Fprintf(s.err, "imdsscan: %s: it keeps a cluster from being changed\n", printable(x.Name))
		}
		if !o.quiet {
			fmt.Fprint(s.out, visible(readable(x)))
		}
	}
	for i := range p.Objects {
		if x := &p.Objects[i]; x.Restart {
			fmt.Fprintf(s.err, "imdsscan: %s: it runs, and is restarted\n", printable(x.Name))
		}
	}
	fmt.Fprintf(s.err, "imdsscan: %s to change in %s as %s\n", objects(len(p.Objects)), p.For.Host, printable(p.For.User))
	if !o.yes && !ask(ctx, s, "Change?") {
		fmt.Fprintln(s.err, "imdsscan: nothing was changed")
		return nil, exitClean
	}
	dir, err := o.dir()
	if err != nil {
		return nil, usageError(s, err)
	}
	heard = map[string]apply.Outcome{}
	return heard, applyPlan(ctx, dir, p, client, &applyOptions{stateFlags: *o, heard: heard}, s)
}
