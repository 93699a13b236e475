package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"runtime"
	"time"

	"github.com/imdsscan/imdsscan/report/result"
	"github.com/imdsscan/imdsscan/workspace"
	"github.com/imdsscan/imdsscan/workspace/plan"
	"github.com/spf13/pflag"
)

const planHelp = `Usage: imdsscan plan [flags] -o FILE workspace:/PATH...

Scans a place in a workspace as imdsscan check does, and writes a plan: each
object that has fixes, with the findings they remove, the difference, and the
whole new content. Nothing is changed in the workspace; imdsscan apply FILE does
that, exactly as the plan says, and only where nothing changed meanwhile.

The plan can be read and passed on for review, not edited. It is for this
workspace, user and version of imdsscan. It holds the code of the objects, so
that only you can read the file.

What is in a Git folder or was put there by a bundle is listed in the plan and
not written, since the change belongs into the repository; so are init scripts,
since clusters have to be restarted for them. The --include flags write them.

Exit status
  0    the plan is written; it may be empty
  2    wrong usage, no connection, or more changes than --max-changes
  3    something could not be read or analysed; the plan holds the rest
  130  interrupted; no plan is written

Flags
`

// includeFlags are what is written beside ordinary notebooks and files.
func includeFlags(f *pflag.FlagSet, c *plan.Choice) {
	f.BoolVar(&c.GitFolders, "include-git-folders", false, "write into Git folders of a workspace, too")
	f.BoolVar(&c.Bundles, "include-bundles", false, "write over what bundles deployed, too")
	f.BoolVar(&c.InitScripts, "include-init-scripts", false, "write init scripts, too")
}

type planOptions struct {
	options
	file string
}

func parsePlan(args []string) (o planOptions, help string, err error) {
	f := pflag.NewFlagSet("plan", pflag.ContinueOnError)
	f.SetOutput(io.Discard)
	f.Usage = func() {}
	f.SortFlags = false
	f.StringVarP(&o.file, "output", "o", "", "the `file` to write the plan to")
	f.StringVarP(&o.profile, "profile", "p", "", "the `profile` of ~/.databrickscfg that says which workspace")
	f.BoolVar(&o.unsafe, "unsafe-fixes", false, "take the unsafe fixes too")
	f.StringSliceVar(&o.selected, "select", nil, "fix what these `rules` report only")
	f.StringSliceVar(&o.ignored, "ignore", nil, "leave these `rules` out")
	includeFlags(f, &o.choice)
	f.IntVar(&o.write.maxChanges, "max-changes", 0, "write no plan that changes more than `N` objects")
	f.IntVarP(&o.jobs, "jobs", "j", runtime.GOMAXPROCS(0), "files analysed at the same time")
	f.DurationVar(&o.limit, "file-timeout", time.Minute, "give up on a file after this `time`")
	f.BoolVarP(&o.quiet, "quiet", "q", false, "leave out progress and the list of objects")
	if err := f.Parse(args); err != nil {
		if errors.Is(err, pflag.ErrHelp) {
			return o, planHelp + f.FlagUsagesWrapped(80), nil
		}
		return o, "", err
	}
	o.targets = f.Args()
	o.diff, o.plan = true, true // fixes are made in memory
	o.failOn, o.color = "never", "never"
	switch {
	case o.file == "":
		return o, "", errors.New("a plan goes to a file: -o FILE")
	case len(o.targets) > 0 && !isRemote(o.targets[0]):
		return o, "", fmt.Errorf("%s: plans are for places in a workspace, workspace:/…; imdsscan --fix changes files", o.targets[0])
	}
	if err := o.write.validate(); err != nil {
		return o, "", err
	}
	return o, "", o.options.validate()
}

func planCommand(ctx context.Context, args []string, s streams) int {
	o, helpText, err := parsePlan(args)
	if err != nil {
		return usageError(s, fmt.Errorf("%w (imdsscan plan --help tells more)", err))
	}
	if helpText != "" {
		fmt.Fprint(s.out, helpText)
		return exitClean
	}
	r, err := openRemote(ctx, &o.options, s.err)
	if err != nil {
		return usageError(s, err)
	}
	defer r.close()
	sc := newScanner(&o.options, newProgress(s.err, &o.options))
	sc.more = r.run
	run, _ := sc.scan(ctx, func(scan func(input)) found { return r.each(ctx, sc, scan) })
	run.Tally()
	if ctx.Err() != nil {
		fmt.Fprintln(s.err, "imdsscan: interrupted; no plan is written")
		return exitInterrupted
	}
	p, err := build(r.client, &run, o.choice)
	if err == nil {
		err = o.write.allows(p)
	}
	if err != nil {
		return usageError(s, err)
	}
	if err := p.Save(o.file); err != nil {
		fmt.Fprintf(s.err, "imdsscan: the plan cannot be written: %v\n", err)
		return exitIncomplete
	}
	printUnread(s, &run)
	if !o.quiet {
		printPlan(s.out, p)
		fmt.Fprintf(s.out, "%s to write: imdsscan apply %s\n", objects(len(p.Objects)), o.file)
	}
	if !run.Complete() {
		return exitIncomplete
	}
	return exitClean
}

func build(c *workspace.Client, run *result.Run, choice plan.Choice) (*plan.Plan, error) {
	return plan.Build(here(c), run.Files, choice)
}

// printUnread tells what the plan may lack.
func printUnread(s streams, run *result.Run) {
	for _, e := range run.Errors {
		fmt.Fprintf(s.err, "imdsscan: %s: %s\n", printable(e.Path), printable(e.Reason))
	}
	for i := range run.Files {
		f := &run.Files[i]
		for _, p := range f.Problems {
			fmt.Fprintf(s.err, "imdsscan: %s:%d:%d: not read: %s\n", printable(f.Path), p.Start.Line, p.Start.Column, printable(p.Reason))
		}
	}
}

// printPlan lists what is written, and what is not.
func printPlan(w io.Writer, p *plan.Plan) {
	for i := range p.Objects {
		o := &p.Objects[i]
		fmt.Fprintf(w, "%s: fixes %s\n", printable(o.Name), findingsOf(o.Findings))
	}
	for i := range p.Left {
		fmt.Fprintln(w, leftLine(&p.Left[i]))
	}
}

func leftLine(l *plan.Left) string {
	return fmt.Sprintf("%s: not written: %s; %s", printable(l.Name), printable(l.Why), printable(l.Advice))
}

func findingsOf(f []plan.Finding) string {
	if len(f) == 1 {
		return "1 finding"
	}
	return fmt.Sprintf("%d findings", len(f))
}
