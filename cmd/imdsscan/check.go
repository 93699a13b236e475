package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"runtime"
	"slices"
	"strconv"
	"time"

	"github.com/imdsscan/imdsscan/report"
	"github.com/imdsscan/imdsscan/report/result"
	"github.com/imdsscan/imdsscan/rules"
	"github.com/imdsscan/imdsscan/workspace"
	"github.com/imdsscan/imdsscan/workspace/plan"
	"github.com/spf13/pflag"
)

const checkHelp = `Usage: imdsscan [check] [flags] TARGET...

Scans the targets for calls to the EC2 instance metadata service and tells
which of them carry no session token, and so stop working once IMDSv2 is
enforced. A TARGET is a file, a folder (with all below it; what .gitignore names
is left out), or - for standard input, with --stdin-filename to say what it is.

Or it is a place in a Databricks workspace: workspace:/ for all of it,
workspace:/Users/ana@example.com/etl for a folder, a notebook or a file. The
workspace and the credentials are found as the Databricks CLI finds them: in
DATABRICKS_HOST and its like, or in a --profile of ~/.databrickscfg.
workspace:/ takes in what is configured beside the notebooks: clusters, jobs,
policies, pipelines, pools, SQL warehouses, and the init scripts of all of them
in the workspace, in volumes and in DBFS.

Read are Databricks SOURCE notebooks, DBC archives, HTML exports, Jupyter and
Zeppelin notebooks, R Markdown and Quarto; Python, Scala, Java, R, SQL and shell
files; the scripts in YAML files and Dockerfiles; the packages that manifests,
locks and install commands pin, and the clusters that bundles define. In any
other text file the endpoint is found and listed, not analysed. Wheels, jars and
other zip archives are looked into and never changed.

Nothing is changed unless --fix is given. --fix makes the fixes that are safe:
they change nothing but the token or the pinned version, were analysed again
after the change, and a file is replaced only if it still holds the bytes that
were read.

In a workspace, --fix shows what it is going to write and asks; then each object
is backed up on this machine, written, read back and compared, as imdsscan apply
--help tells. imdsscan plan writes the changes down for review instead.

Exit status
  0    nothing found, or everything found was fixed
  1    findings at or over --fail-on; with --diff, changes
  2    wrong usage, or no way into the workspace
  3    something could not be read, analysed or written; the rest is reported
  4    with --fix, objects of the workspace changed meanwhile, and were left
  5    with --fix, an object of the workspace did not come out as it should, and
       was put back
  130  interrupted

Flags
`

// options are what the flags of check say.
type options struct {
	diff, fix, unsafe bool
	formats           []output
	failOn            string
	exitZero          bool
	noIgnore          bool
	stdinName         string
	jobs              int
	limit             time.Duration
	color             string
	quiet, verbose    bool
	selected, ignored []string
	targets           []string
	profile           string
	noCompute         bool
	plan              bool // the fixes go into a plan
	// How fixes are written into a workspace.
	write    writeFlags
	choice   plan.Choice
	yes      bool
	stateDir string
}

func (o *options) remote() bool { return isRemote(o.targets[0]) }

func checkFlags(o *options, formats *[]string) *pflag.FlagSet {
	f := pflag.NewFlagSet("check", pflag.ContinueOnError)
	f.SetOutput(io.Discard)
	f.Usage = func() {}
	f.SortFlags = false
	f.BoolVar(&o.diff, "diff", false, "print the fixes as a unified diff and change nothing")
	f.BoolVar(&o.fix, "fix", false, "make the safe fixes in place; - is fixed to standard output")
	f.BoolVar(&o.unsafe, "unsafe-fixes", false, "with --diff or --fix, take the unsafe fixes too")
	f.StringArrayVarP(formats, "format", "f", nil, "`NAME[=FILE]`: "+formatNames()+", to standard output or a file; repeatable")
	f.StringVar(&o.failOn, "fail-on", "warning", "the `level` from which findings give exit status 1: error, warning or never")
	f.BoolVar(&o.exitZero, "exit-zero", false, "exit 0 where the status would be 1")
	f.StringSliceVar(&o.selected, "select", nil, "report and fix these `rules` only")
	f.StringSliceVar(&o.ignored, "ignore", nil, "leave these `rules` out")
	f.BoolVar(&o.noIgnore, "no-ignore", false, "scan files that .gitignore names too")
	f.StringVarP(&o.profile, "profile", "p", "", "the `profile` of ~/.databrickscfg that says which workspace")
	f.BoolVar(&o.noCompute, "no-compute", false, "of workspace:/, read notebooks and files only: no clusters, jobs, policies and the like")
	o.write.add(f)
	includeFlags(f, &o.choice)
	f.BoolVarP(&o.yes, "yes", "y", false, "with --fix on a workspace, do not ask")
	f.StringVar(&o.stateDir, "state-dir", "", stateDirUsage)
	f.StringVar(&o.stdinName, "stdin-filename", "", "the `name` that decides what standard input is")
	f.IntVarP(&o.jobs, "jobs", "j", runtime.GOMAXPROCS(0), "files analysed at the same time")
	f.DurationVar(&o.limit, "file-timeout", time.Minute, "give up on a file after this `time`")
	f.StringVar(&o.color, "color", "auto", "auto, always or never; NO_COLOR is heeded")
	f.BoolVarP(&o.quiet, "quiet", "q", false, "leave out progress and the last line")
	f.BoolVarP(&o.verbose, "verbose", "v", false, "list mentions, compliant requests and other clouds' endpoints too")
	return f
}

// parseCheck reads the command line of check. help is set when only the help
// was asked for.
func parseCheck(args []string) (o options, help string, err error) {
	var formats []string
	flags := checkFlags(&o, &formats)
	if err := flags.Parse(args); err != nil {
		if errors.Is(err, pflag.ErrHelp) {
			return o, checkHelp + flags.FlagUsagesWrapped(80), nil
		}
		return o, "", err
	}
	o.targets = flags.Args()
	if o.formats, err = parseOutputs(formats); err != nil {
		return o, "", err
	}
	if err := o.validate(); err != nil {
		return o, "", err
	}
	return o, "", o.validateWrite()
}

// toStdout reports whether a format goes to standard output.
func (o *options) toStdout() bool {
	return slices.ContainsFunc(o.formats, func(f output) bool { return f.file == "" })
}

func (o *options) validate() error {
	toStdout := o.toStdout()
	stdin := slices.Contains(o.targets, "-")
	switch {
	case len(o.targets) == 0:
		return errors.New("no target; give a file, a folder or -")
	case o.diff && o.fix:
		return errors.New("--diff changes nothing and --fix does: give one of them")
	case o.unsafe && !o.diff && !o.fix:
		return errors.New("--unsafe-fixes goes with --diff or --fix")
	case o.diff && toStdout:
		return errors.New("--diff takes standard output; give --format a file")
	case stdin && o.fix && toStdout:
		return errors.New("--fix - takes standard output; give --format a file")
	case stdin && len(o.targets) > 1:
		return errors.New("- cannot be combined with other targets")
	case o.stdinName != "" && !stdin:
		return errors.New("--stdin-filename goes with the target -")
	case o.jobs < 1:
		return errors.New("-j needs a number from 1 up")
	case o.limit <= 0:
		return errors.New("--file-timeout needs a time over zero")
	case !slices.Contains([]string{"error", "warning", "never"}, o.failOn):
		return fmt.Errorf("--fail-on is error, warning or never, not %q", o.failOn)
	case !slices.Contains([]string{"auto", "always", "never"}, o.color):
		return fmt.Errorf("--color is auto, always or never, not %q", o.color)
	}
	if n := slices.IndexFunc(o.targets, isRemote); n >= 0 {
		if local := slices.IndexFunc(o.targets, func(t string) bool { return !isRemote(t) }); local >= 0 {
			return fmt.Errorf("%s and %s: what is in a workspace and what is on this machine are two runs", o.targets[n], o.targets[local])
		}
	} else if o.profile != "" || o.noCompute {
		return errors.New("--profile and --no-compute go with targets in a workspace, workspace:/…")
	}
	for _, id := range slices.Concat(o.selected, o.ignored) {
		if rules.Get(id) == nil {
			return fmt.Errorf("there is no rule %q; imdsscan rules lists them", id)
		}
	}
	return nil
}

// wants tells which rules are reported.
func (o *options) wants(rule string) bool {
	return (len(o.selected) == 0 || slices.Contains(o.selected, rule)) && !slices.Contains(o.ignored, rule)
}

func check(ctx context.Context, args []string, s streams) int {
	o, helpText, err := parseCheck(args)
	if err != nil {
		return usageError(s, fmt.Errorf("%w (imdsscan check --help lists the flags)", err))
	}
	if helpText != "" {
		fmt.Fprint(s.out, helpText)
		return exitClean
	}
	begin, at := time.Now(), clock()
	sc := newScanner(&o, newProgress(s.err, &o))
	each := func(scan func(input)) found { return eachTarget(ctx, &o, s.in, scan) }
	var client *workspace.Client
	var scope *result.Scope
	if o.remote() {
		if o.fix && !o.yes && !canAsk(s) {
			return usageError(s, errors.New("there is no terminal to ask on: give --yes to write the fixes into the workspace"))
		}
		r, err := openRemote(ctx, &o, s.err)
		if ctx.Err() != nil {
			return exitInterrupted
		}
		if err != nil {
			return usageError(s, err)
		}
		defer r.close()
		each = func(scan func(input)) found { return r.each(ctx, sc, scan) }
		sc.more = r.run
		client, scope = r.client, r.scope(&o)
	}
	var stdin *input
	run, files := sc.scan(ctx, func(scan func(input)) found {
		f := each(scan)
		stdin = f.stdin
		return f
	})
	code := exitClean
	switch {
	case !o.fix || ctx.Err() != nil:
	case client != nil:
		code = fixRemote(ctx, &o, sc, client, &run, files, s)
	default:
		applyFixes(ctx, sc, &run, files, stdin, s.out)
	}
	run.Started, run.Elapsed, run.Scope = started(at), time.Since(begin), scope
	if scope != nil {
		scope.Interrupted = ctx.Err() != nil
	}
	run.Tally()
	if ctx.Err() != nil {
		fmt.Fprintln(s.err, "imdsscan: interrupted"+sc.progress.soFar()+"; what follows is not complete")
	}
	if err := printRun(&o, &run, s); err != nil {
		fmt.Fprintf(s.err, "imdsscan: %v\n", err)
		return exitIncomplete
	}
	tellOfMirror(&o, &run, s.err)
	return max(code, exitCode(ctx, &o, &run))
}

func ruleDescriptions() []report.Rule {
	var out []report.Rule
	for _, r := range rules.All() {
		out = append(out, describeRule(r))
	}
	return out
}

// started is when the run began, as its results tell it. SOURCE_DATE_EPOCH, a
// number of seconds since 1970, takes its place, so that equal runs can give
// equal bytes.
func started(begin time.Time) time.Time {
	if n, err := strconv.ParseInt(os.Getenv("SOURCE_DATE_EPOCH"), 10, 64); err == nil {
		begin = time.Unix(n, 0)
	}
	return begin.UTC().Truncate(time.Second)
}
