package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"runtime"
	"slices"
	"time"

	"github.com/imdsscan/imdsscan/report"
	"github.com/imdsscan/imdsscan/report/result"
	"github.com/spf13/pflag"
)

const preflightHelp = `Usage: imdsscan preflight [flags]

Tells what stands in the way of enforcing IMDSv2 in a workspace, in the order in
which to deal with it: each entry with the object, why, and what to do about it.
Nothing is changed unless --fix is given.

It reads the setting itself, scans all notebooks, files and init scripts as
imdsscan check workspace:/ does, and judges every cluster, pool, policy, job,
pipeline and the configuration of SQL warehouses.

  imdsscan preflight                                      all of it, to read
  imdsscan preflight -f markdown=ticket.md                for a ticket
  imdsscan check -f json=results.json workspace:/
  imdsscan preflight --results results.json               without a scan of its own
  imdsscan monitor --format json=evidence.json
  imdsscan preflight --evidence evidence.json             with what CloudWatch saw
  imdsscan preflight -f json=preflight.json               for imdsscan report

Results that are older than a day, of another workspace, or of a part of it are
refused. Evidence that is older than a day does not count, and a warning says so.

A blocker breaks under enforcement. A warning may, or could not be decided. A
note is to be known. What could not be read is listed and makes the exit status 3.

--fix changes clusters and cluster policies, and only what can be taken back: it
switches off the isolation of Glue catalogs, raises old libraries of policies,
and with --unsafe-fixes moves clusters to a newer runtime, as long as the old one
is still offered. It shows each change and asks. The old configurations are kept
on this machine; imdsscan rollback puts them back. A change of a cluster that
runs restarts it: such clusters are left unless --restart-running is given. What
has to be changed by hand is listed. The report then tells what is left.

Exit status
  0    nothing blocks
  1    something blocks
  2    wrong usage, no way into the workspace, or a workspace that is not on AWS
  3    nothing blocks, and something could not be read; or a change failed
  4    with --fix, configurations changed meanwhile, and were left
  5    with --fix, a configuration did not come out as it should
  130  interrupted

Flags
`

// preflightOptions are what preflight and what runs it first go by. The zero
// value scans afresh, with no evidence.
type preflightOptions struct {
	stateFlags
	preflightFix
	results  string        // a file of check's, in place of a scan
	maxAge   time.Duration // of the results, a day where it is zero
	evidence []string
	jobs     int
	limit    time.Duration
	formats  []string
	exitZero bool
	color    string
	verbose  bool
}

func parsePreflight(args []string) (o preflightOptions, help string, err error) {
	f := pflag.NewFlagSet("preflight", pflag.ContinueOnError)
	f.SetOutput(io.Discard)
	f.Usage = func() {}
	f.SortFlags = false
	f.StringVarP(&o.profile, "profile", "p", "", "the `profile` of ~/.databrickscfg that says which workspace")
	o.addGiven(f)
	f.StringArrayVarP(&o.formats, "format", "f", nil, "`NAME[=FILE]`: text, json or markdown, to standard output or a file; repeatable")
	f.BoolVar(&o.exitZero, "exit-zero", false, "exit 0 where the status would be 1")
	o.addScan(f)
	f.StringVar(&o.stateDir, "state-dir", "", stateDirUsage)
	f.StringVar(&o.color, "color", "auto", "auto, always or never; NO_COLOR is heeded")
	f.BoolVarP(&o.quiet, "quiet", "q", false, "leave out progress and the last line")
	f.BoolVarP(&o.verbose, "verbose", "v", false, "list every entry, not only the first of each group")
	o.addFix(f)
	if err := f.Parse(args); err != nil {
		if errors.Is(err, pflag.ErrHelp) {
			return o, preflightHelp + f.FlagUsagesWrapped(80), nil
		}
		return o, "", err
	}
	switch {
	case f.NArg() > 0:
		return o, "", fmt.Errorf("preflight takes no argument, not %q", f.Arg(0))
	case !slices.Contains([]string{"auto", "always", "never"}, o.color):
		return o, "", fmt.Errorf("--color is auto, always or never, not %q", o.color)
	}
	return o, "", errors.Join(o.validateScan(f), o.validateFix(), validFormats(o.formats, preflightFormats()...))
}

// addGiven are the flags of what is given in place of work, addScan those of the
// scan: preflight has them, and enforce on, which runs it.
func (o *preflightOptions) addGiven(f *pflag.FlagSet) {
	f.StringVar(&o.results, "results", "", "a `file` that check -f json wrote of workspace:/, in place of a scan; what is configured is read all the same")
	f.DurationVar(&o.maxAge, "max-age", dayOld, "take --results up to this `age`")
	f.StringArrayVar(&o.evidence, "evidence", nil, "a `file` that monitor --format json wrote: who calls without a token; repeatable")
}

func (o *preflightOptions) addScan(f *pflag.FlagSet) {
	f.IntVarP(&o.jobs, "jobs", "j", runtime.GOMAXPROCS(0), "files analysed at the same time")
	f.DurationVar(&o.limit, "file-timeout", time.Minute, "give up on a file after this `time`")
}

func (o *preflightOptions) validateScan(f *pflag.FlagSet) error {
	switch {
	case f.Changed("max-age") && o.results == "":
		return errors.New("--max-age goes with --results")
	case o.maxAge <= 0:
		return errors.New("--max-age needs a time over zero")
	case o.jobs < 1:
		return errors.New("-j needs a number from 1 up")
	case o.limit <= 0:
		return errors.New("--file-timeout needs a time over zero")
	}
	return nil
}

func preflightFormats() (names []string) {
	for _, f := range report.PreflightFormats {
		names = append(names, f.Name)
	}
	return names
}

func preflightCommand(ctx context.Context, args []string, s streams) int {
	o, helpText, err := parsePreflight(args)
	if err != nil {
		return usageError(s, fmt.Errorf("%w (imdsscan preflight --help lists the flags)", err))
	}
	if helpText != "" {
		fmt.Fprint(s.out, helpText)
		return exitClean
	}
	if o.fix && !o.yes && !canAsk(s) {
		return usageError(s, errNoTerminal)
	}
	client, err := connectTo(ctx, o.profile)
	if err != nil {
		return monitorError(ctx, s, err)
	}
	p, err := runPreflight(ctx, client, &o, s)
	if err != nil {
		return monitorError(ctx, s, err)
	}
	if err := o.print(s.out, p); err != nil {
		fmt.Fprintf(s.err, "imdsscan: %v\n", err)
		return exitIncomplete
	}
	return max(o.status(p), o.code)
}

// status is the exit status of a preflight.
func (o *preflightOptions) status(p *result.Preflight) int {
	switch {
	case p.Blockers() > 0 && !o.exitZero:
		return exitFindings
	case len(p.Unread) > 0:
		return exitIncomplete
	}
	return exitClean
}

// print writes the preflight in each format.
func (o *preflightOptions) print(stdout io.Writer, p *result.Preflight) error {
	return printFormats(o.formats, stdout, func(w io.Writer, name string, toFile bool) error {
		ro := report.Options{Verbose: true}
		if !toFile {
			ro = report.Options{Color: colored(o.color, stdout), Verbose: o.verbose, Quiet: o.quiet}
		}
		return writePreflight(w, name, p, ro)
	})
}

func writePreflight(w io.Writer, name string, p *result.Preflight, ro report.Options) error {
	i := slices.IndexFunc(report.PreflightFormats, func(x report.PreflightFormat) bool { return x.Name == name })
	return report.PreflightFormats[i].Write(w, p, ro)
}
