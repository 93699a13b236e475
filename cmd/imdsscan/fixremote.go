package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"

	"github.com/imdsscan/imdsscan/report"
	"github.com/imdsscan/imdsscan/report/result"
	"github.com/imdsscan/imdsscan/workspace"
	"github.com/imdsscan/imdsscan/workspace/apply"
	"github.com/imdsscan/imdsscan/workspace/plan"
)

// validateWrite refuses flags of writing into a workspace where none is written
// to.
func (o *options) validateWrite() error {
	used := o.yes || o.stateDir != "" || o.write != (writeFlags{}) || o.choice != (plan.Choice{})
	if used && !(o.fix && o.remote()) {
		return errors.New("--yes, --canary, --max-changes, --without-dbc, --state-dir and the --include flags go with --fix on a workspace")
	}
	return o.write.validate()
}

// fixRemote is plan, show, ask, apply. What was not written is reported as not
// fixed.
func fixRemote(ctx context.Context, o *options, sc *scanner, client *workspace.Client, run *result.Run, files []*scanned, s streams) int {
	if o.toStdout() {
		s.out = s.err // standard output is the report's
	}
	heard := map[string]apply.Outcome{}
	code := offer(ctx, o, client, run, heard, s)
	byName := map[string]*scanned{}
	for _, f := range files {
		byName[f.name] = f
	}
	var written []*result.File
	for i := range run.Files {
		switch f := &run.Files[i]; {
		case f.Fixed == nil:
		case heard[f.Path] == apply.Fixed || heard[f.Path] == apply.Already:
			written = append(written, f)
			// What the scan reads from now on.
			if err := os.WriteFile(byName[f.Path].path, f.Fixed, 0o600); err != nil {
				f.Unverified = append(f.Unverified, "the fixed object cannot be looked at again: "+err.Error())
			}
		default:
			unfix(f)
		}
	}
	if len(written) > 0 && sc.around != nil {
		sc.around = sc.tree(files)
	}
	for _, f := range written {
		sc.rest(&byName[f.Path].input, f)
	}
	return code
}

// offer shows what is to be written, asks, and writes it.
func offer(ctx context.Context, o *options, client *workspace.Client, run *result.Run, heard map[string]apply.Outcome, s streams) int {
	p, err := build(client, run, o.choice)
	if err == nil {
		err = o.write.allows(p)
	}
	if err != nil {
		return usageError(s, err)
	}
	for i := range p.Left {
		fmt.Fprintf(s.err, "imdsscan: %s\n", leftLine(&p.Left[i]))
	}
	if len(p.Objects) == 0 {
		return exitClean
	}
	if !o.quiet {
		var diff strings.Builder
		if err := report.Diff(&diff, inPlan(run, p)); err != nil {
			fmt.Fprintf(s.err, "imdsscan: %v\n", err)
			return exitIncomplete
		}
		fmt.Fprint(s.out, visible(diff.String()))
	}
	fmt.Fprintf(s.err, "imdsscan: %s to write to %s as %s\n", objects(len(p.Objects)), p.For.Host, printable(p.For.User))
	if !o.yes && !ask(ctx, s, "Write?") {
		fmt.Fprintln(s.err, "imdsscan: nothing was written")
		return exitClean
	}
	flags := stateFlags{profile: o.profile, stateDir: o.stateDir, yes: o.yes, quiet: o.quiet}
	dir, err := flags.dir()
	if err != nil {
		return usageError(s, err)
	}
	return applyPlan(ctx, dir, p, client, &applyOptions{stateFlags: flags, writeFlags: o.write, heard: heard}, s)
}

// visible is a text of which nothing is hidden on a terminal, whatever it holds:
// people decide from it.
func visible(text string) string {
	lines := strings.Split(text, "\n")
	for i, l := range lines {
		l, end := strings.CutSuffix(l, "\r")
		parts := strings.Split(l, "\t")
		for k := range parts {
			parts[k] = printable(parts[k])
		}
		lines[i] = strings.Join(parts, "\t")
		if end {
			lines[i] += "\r"
		}
	}
	return strings.Join(lines, "\n")
}

// inPlan is the part of a run that a plan writes.
func inPlan(run *result.Run, p *plan.Plan) *result.Run {
	out := &result.Run{}
	for _, f := range run.Files {
		if slices.ContainsFunc(p.Objects, func(o plan.Object) bool { return o.Name == f.Path }) {
			out.Files = append(out.Files, f)
		}
	}
	return out
}
