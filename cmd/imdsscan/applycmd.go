package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/imdsscan/imdsscan/rules"
	"github.com/imdsscan/imdsscan/workspace"
	"github.com/imdsscan/imdsscan/workspace/apply"
	"github.com/imdsscan/imdsscan/workspace/journal"
	"github.com/imdsscan/imdsscan/workspace/plan"
	"github.com/spf13/pflag"
)

// The exit codes of what writes into a workspace, beside those of main.go.
const (
	exitChanged      = apply.CodeChanged      // the workspace is not what the plan was made from
	exitVerification = apply.CodeVerification // something did not come out as it should, and was put back
)

const applyHelp = `Usage: imdsscan apply [flags] PLAN
       imdsscan apply [flags] --resume RUN

Writes what a plan of imdsscan plan says into the workspace, exactly that or
nothing. A plan is refused when it was changed, or was made for another
workspace, user, version of imdsscan or of its rules.

Each object is written only if it still holds what the plan was made from.
Before, its content goes to a backup on this machine, a notebook's also as DBC
archive; after, it is exported again and compared, and so are its id, language
and permissions. If the service stored something else, the original is put back
and the run stops.

What a run does is recorded before it is done, below --state-dir. After a crash
or Ctrl-C, apply with the same plan (or --resume) goes on, and imdsscan rollback
undoes. docs/state.md tells what is kept and how to recover by hand.

With --canary N the run writes N objects and asks whether to go on, so that they
can be tried out. Without a terminal, or with --yes, it stops there.

Exit status
  0    all of the plan is written, or the first N as --canary says
  2    wrong usage, no connection, a file that is no plan, too many changes
  3    something could not be read or written; nothing is lost
  4    the plan is for something else, or objects changed since it was made;
       those were left, the others are written
  5    something did not come out as it should; what can be was put back
  130  interrupted; the object in hand was finished

Flags
`

const stateDirUsage = "the `folder` of runs and backups (~/.local/state/imdsscan)"

// stateFlags are what the commands share that read or write runs.
type stateFlags struct {
	profile, stateDir string
	yes, quiet        bool
}

func (o *stateFlags) add(f *pflag.FlagSet) {
	f.SetOutput(io.Discard)
	f.Usage = func() {}
	f.SortFlags = false
	f.StringVarP(&o.profile, "profile", "p", "", "the `section` of ~/.databrickscfg to use")
	f.BoolVarP(&o.yes, "yes", "y", false, "do not ask")
	f.StringVar(&o.stateDir, "state-dir", "", stateDirUsage)
	f.BoolVarP(&o.quiet, "quiet", "q", false, "leave out what went well, and the last line")
}

func (o *stateFlags) dir() (journal.Dir, error) {
	path := o.stateDir
	if path == "" {
		var err error
		if path, err = journal.DefaultPath(); err != nil {
			return journal.Dir{}, err
		}
	}
	return journal.NewDir(path, func() time.Time { return clock() }), nil
}

// command is what a person types to do something about a run.
func (o *stateFlags) command(name, id string) string {
	if o.stateDir != "" {
		return fmt.Sprintf("imdsscan %s %s --state-dir %s", name, id, o.stateDir)
	}
	return fmt.Sprintf("imdsscan %s %s", name, id)
}

// writeFlags are how a plan is carried out.
type writeFlags struct {
	canary, maxChanges int
	withoutDBC         bool
}

func (o *writeFlags) add(f *pflag.FlagSet) {
	f.IntVar(&o.canary, "canary", 0, "write `N` objects, then ask whether to go on")
	f.IntVar(&o.maxChanges, "max-changes", 0, "refuse plans that write more than `N` objects")
	f.BoolVar(&o.withoutDBC, "without-dbc", false, "write notebooks of which no DBC copy can be made, too")
}

func (o *writeFlags) validate() error {
	if o.canary < 0 || o.maxChanges < 0 {
		return errors.New("--canary and --max-changes take a number from 1 up")
	}
	return nil
}

// allows reports, in words, whether a plan is too large.
func (o *writeFlags) allows(p *plan.Plan) error {
	if o.maxChanges > 0 && len(p.Objects) > o.maxChanges {
		return fmt.Errorf("the plan writes %d objects, and --max-changes allows %d; nothing was written", len(p.Objects), o.maxChanges)
	}
	return nil
}

type applyOptions struct {
	stateFlags
	writeFlags
	resume, file string
	// heard is what became of the objects, nil when nobody asks.
	heard map[string]apply.Outcome
}

func parseApply(args []string) (o applyOptions, help string, err error) {
	f := pflag.NewFlagSet("apply", pflag.ContinueOnError)
	f.StringVar(&o.resume, "resume", "", "go on with a `RUN` that was interrupted")
	o.writeFlags.add(f)
	o.stateFlags.add(f)
	if err := f.Parse(args); err != nil {
		if errors.Is(err, pflag.ErrHelp) {
			return o, applyHelp + f.FlagUsagesWrapped(80), nil
		}
		return o, "", err
	}
	switch {
	case o.resume == "" && f.NArg() != 1:
		return o, "", errors.New("apply needs one plan, or --resume and a run")
	case o.resume != "" && f.NArg() != 0:
		return o, "", errors.New("a run has its own plan: give a plan or --resume, not both")
	}
	o.file = f.Arg(0)
	return o, "", o.writeFlags.validate()
}

func applyCommand(ctx context.Context, args []string, s streams) int {
	o, helpText, err := parseApply(args)
	if err != nil {
		return usageError(s, fmt.Errorf("%w (imdsscan apply --help tells more)", err))
	}
	if helpText != "" {
		fmt.Fprint(s.out, helpText)
		return exitClean
	}
	dir, err := o.dir()
	if err != nil {
		return usageError(s, err)
	}
	if o.resume != "" {
		return resume(ctx, dir, o.resume, nil, &o, s)
	}
	p, err := plan.Load(o.file)
	if err == nil {
		err = o.allows(p)
	}
	if err != nil {
		return usageError(s, err)
	}
	if len(p.Objects) == 0 {
		fmt.Fprintln(s.err, "imdsscan: the plan writes nothing")
		return exitClean
	}
	client, err := connectTo(ctx, o.profile)
	if err != nil {
		return usageError(s, err)
	}
	return applyPlan(ctx, dir, p, client, &o, s)
}

// connectTo connects to the workspace of a profile, or of the environment.
func connectTo(ctx context.Context, profile string) (*workspace.Client, error) {
	return workspace.Connect(ctx, workspace.Options{Profile: profile, Version: versionText()})
}

// here is what plans are bound to.
func here(c *workspace.Client) plan.For {
	return plan.For{Host: c.Host(), User: c.User(), Tool: versionText(), Rules: rules.Version()}
}

// fits refuses a plan that is for something else.
func fits(p *plan.Plan, c *workspace.Client) error {
	return p.Fits(here(c))
}

// applyPlan carries out a plan, in the run that it has already, or in a new one.
func applyPlan(ctx context.Context, dir journal.Dir, p *plan.Plan, client *workspace.Client, o *applyOptions, s streams) int {
	if err := fits(p, client); err != nil {
		fmt.Fprintf(s.err, "imdsscan: %v\n", err)
		return exitChanged
	}
	id, err := apply.Of(dir, p)
	if err != nil {
		return runError(s, err)
	}
	if id != "" {
		return resume(ctx, dir, id, client, o, s)
	}
	r, err := apply.Start(dir, p)
	if err != nil {
		return runError(s, err)
	}
	defer r.Close()
	return carryOut(ctx, r, client, o, s)
}

// resume goes on with a run. client is nil when there is no connection yet.
func resume(ctx context.Context, dir journal.Dir, id string, client *workspace.Client, o *applyOptions, s streams) int {
	r, err := apply.Open(dir, id)
	if err != nil {
		return runError(s, err)
	}
	defer r.Close()
	if client == nil {
		if client, err = connectTo(ctx, o.profile); err != nil {
			return usageError(s, err)
		}
		if err := fits(r.Plan, client); err != nil {
			fmt.Fprintf(s.err, "imdsscan: %v\n", err)
			return exitChanged
		}
	}
	if !o.quiet {
		fmt.Fprintf(s.err, "imdsscan: going on with run %s\n", id)
	}
	return carryOut(ctx, r, client, o, s)
}

// runError tells why a run could not be begun or taken up.
func runError(s streams, err error) int {
	fmt.Fprintf(s.err, "imdsscan: %v\n", err)
	switch {
	case errors.Is(err, journal.ErrNoRun), errors.Is(err, journal.ErrLocked), errors.Is(err, apply.ErrRolledBack):
		return exitUsage
	}
	return exitIncomplete
}

// carryOut applies what is left of a run, and tells what became of it.
func carryOut(ctx context.Context, r *apply.Run, client *workspace.Client, o *applyOptions, s streams) int {
	id := r.Journal.ID
	res, err := r.Apply(ctx, apply.Options{
		Client: client, Canary: o.canary, WithoutDBC: o.withoutDBC, Waiting: waitingFor(s),
		Pause: func() bool {
			if o.yes || !canAsk(s) {
				return false
			}
			return ask(ctx, s, fmt.Sprintf("%s written, as %s lists them. Go on with the rest?", objects(o.canary), o.command("runs", id)))
		},
		Report: func(e apply.Event) {
			printEvent(s, &o.stateFlags, e)
			if o.heard != nil {
				o.heard[e.Name] = e.Outcome
			}
		},
	})
	if err != nil {
		return runError(s, err)
	}
	printEnd(s, &o.stateFlags, id, &res)
	undo := o.command("rollback", id)
	switch {
	case r.Journal.State.Stop != "":
		fmt.Fprintf(s.err, "imdsscan: the run does not go on; what is left needs a new plan. To undo what it wrote: %s\n", undo)
	case res.Open > 0 || res.Count[apply.Failed] > 0:
		fmt.Fprintf(s.err, "imdsscan: to go on: %s; to undo: %s\n", o.command("apply --resume", id), undo)
	case !o.quiet && res.Count[apply.Fixed] > 0:
		fmt.Fprintf(s.err, "imdsscan: to undo: %s\n", undo)
	}
	printRestarts(s, r)
	return res.Code
}
