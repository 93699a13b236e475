package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/imdsscan/imdsscan/report"
	"github.com/imdsscan/imdsscan/workspace"
	"github.com/imdsscan/imdsscan/workspace/metrics"
	"github.com/imdsscan/imdsscan/workspace/metrics/evidence"
	"github.com/imdsscan/imdsscan/workspace/nodes"
	"github.com/spf13/pflag"
)

const monitorHelp = `Usage: imdsscan monitor [flags]

Tells which instances of Databricks clusters called the instance metadata service
without a session token, by cluster, pool and owner, from the CloudWatch metrics
MetadataNoToken (answered) and MetadataNoTokenRejected (refused).

  imdsscan monitor --region eu-west-1                the last 14 days, before enforcing
  imdsscan monitor --since 2026-11-27T09:00:00Z      since the switch
  imdsscan monitor --watch                           from now on, until Ctrl-C
  imdsscan monitor --format json=evidence.json       for preflight and reports

An instance is quiet only if CloudWatch has data points and all are zero. One
without data points is unknown, not clean. In sparklines ▁ is a time without
calls, · one without data points.

Instances are found by the EC2 tag Vendor=Databricks and by the metrics themselves.
EC2 forgets an instance and its tags about an hour after its end, so those that
ended are listed as not attributed, unless --instances says whose they were: CSV
from the query that --print-instances-sql prints, or an earlier JSON result.
Instances that have the metric but not the tag are another team's; they are left
out and counted. With --profile, or DATABRICKS_HOST or DATABRICKS_CONFIG_PROFILE in the
environment, the workspace's clusters and pools give names and owners, and
instances of other workspaces are left out too.

Credentials and region are found as by the AWS CLI: AWS_* variables, profiles,
single sign-on; AWS_ENDPOINT_URL is heeded. This machine's own metadata service is
not asked, unless --ec2-role is given. The calls only read; CloudWatch charges about
0.01 US dollars for 1,000 metrics, and each look asks for two an instance.

Exit status
  0    quiet
  1    calls without a token were seen
  2    wrong usage, no credentials, no region
  3    none were seen, and there are no data points, or something could not be read
  130  interrupted

Flags
`

type monitorOptions struct {
	days                 int
	since                string
	regions              []string
	profile, workspace   string
	ec2Role              bool
	instances            string
	watch                bool
	interval, stop       time.Duration
	formats              []string
	exitZero             bool
	color                string
	quiet, verbose       bool
	printPolicy, printSQ bool
}

func monitorFlags(o *monitorOptions) *pflag.FlagSet {
	f := pflag.NewFlagSet("monitor", pflag.ContinueOnError)
	f.SetOutput(io.Discard)
	f.Usage = func() {}
	f.SortFlags = false
	f.IntVar(&o.days, "days", 14, "look back this many days, 455 at most; CloudWatch lists instances for 14")
	f.StringVar(&o.since, "since", "", "look back to this `time` (RFC 3339) instead")
	f.StringArrayVar(&o.regions, "region", nil, "an AWS `region`, repeatable; all for every enabled one (default: that of the AWS configuration)")
	f.StringVar(&o.profile, "aws-profile", "", "the `profile` of the AWS configuration")
	f.BoolVar(&o.ec2Role, "ec2-role", false, "on an EC2 instance, take the credentials of its role from the metadata service")
	f.StringVarP(&o.workspace, "profile", "p", "", "the `section` of ~/.databrickscfg whose workspace is asked for clusters and pools")
	f.StringVar(&o.instances, "instances", "", "a `file` that says whose instances are: CSV or an earlier JSON result")
	f.BoolVar(&o.watch, "watch", false, "go on looking, from --since or from now")
	f.DurationVar(&o.interval, "interval", 5*time.Minute, "with --watch, the `time` between looks; EC2 sends data points every 5 minutes")
	f.DurationVar(&o.stop, "for", 0, "with --watch, stop after this `time` (default: when interrupted)")
	f.StringArrayVar(&o.formats, "format", nil, "`NAME[=FILE]`: text or json, to standard output or a file; repeatable")
	f.BoolVar(&o.exitZero, "exit-zero", false, "exit 0 where the status would be 1")
	f.StringVar(&o.color, "color", "auto", "auto, always or never; NO_COLOR is heeded")
	f.BoolVarP(&o.quiet, "quiet", "q", false, "leave out progress and notes")
	f.BoolVarP(&o.verbose, "verbose", "v", false, "list quiet clusters and every instance too")
	f.BoolVar(&o.printPolicy, "print-iam-policy", false, "print the IAM policy that the monitor needs")
	f.BoolVar(&o.printSQ, "print-instances-sql", false, "print the query whose result --instances takes")
	return f
}

func (o *monitorOptions) validate(args []string, given func(string) bool) error {
	switch {
	case len(args) > 0:
		return fmt.Errorf("monitor takes no argument, not %q", args[0])
	case o.days < 1 || o.days > metrics.MaxDays:
		return fmt.Errorf("--days needs a number from 1 to %d, as long as CloudWatch keeps data points", metrics.MaxDays)
	case given("days") && o.since != "":
		return errors.New("--days and --since both say where to start: give one of them")
	case given("days") && o.watch:
		return errors.New("--watch looks from now on, or from --since, not --days back")
	case !o.watch && (given("interval") || given("for")):
		return errors.New("--interval and --for go with --watch")
	case o.interval < time.Second:
		return errors.New("--interval needs a second at least")
	case o.stop < 0:
		return errors.New("--for needs a time over zero")
	case slices.Contains(o.regions, metrics.AllRegions) && len(o.regions) > 1:
		return errors.New("--region all takes every region: give no other beside it")
	case !slices.Contains([]string{"auto", "always", "never"}, o.color):
		return fmt.Errorf("--color is auto, always or never, not %q", o.color)
	}
	return validFormats(o.formats, "text", "json")
}

// start is where the window begins.
func (o *monitorOptions) start(now time.Time) (time.Time, error) {
	switch {
	case o.since != "":
		t, err := time.Parse(time.RFC3339, o.since)
		if err != nil {
			return t, fmt.Errorf("--since needs a time like %s, not %q", now.UTC().Format(time.RFC3339), o.since)
		}
		if t.After(now) || now.Sub(t) > metrics.MaxDays*24*time.Hour {
			return t, fmt.Errorf("--since needs a time in the past, and no more than %d days ago", metrics.MaxDays)
		}
		return t, nil
	case o.watch:
		// Data points are of five minutes.
		return now.Truncate(5 * time.Minute), nil
	}
	return now.Add(-time.Duration(o.days) * 24 * time.Hour), nil
}

func monitor(ctx context.Context, args []string, s streams) int {
	var o monitorOptions
	flags := monitorFlags(&o)
	err := flags.Parse(args)
	if errors.Is(err, pflag.ErrHelp) {
		fmt.Fprint(s.out, monitorHelp+flags.FlagUsagesWrapped(80))
		return exitClean
	}
	if err == nil {
		err = o.validate(flags.Args(), flags.Changed)
	}
	var from time.Time
	if err == nil {
		from, err = o.start(clock())
	}
	if err != nil {
		return usageError(s, fmt.Errorf("%w (imdsscan monitor --help lists the flags)", err))
	}
	switch {
	case o.printPolicy:
		fmt.Fprint(s.out, metrics.Policy)
		return exitClean
	case o.printSQ:
		fmt.Fprintf(s.out, metrics.InstancesSQL, o.days)
		return exitClean
	}
	show := newNotice(s.err, o.quiet)
	directory, err := o.directory(ctx, show)
	if err != nil {
		return monitorError(ctx, s, err)
	}
	session, err := metrics.Connect(ctx, metrics.Options{Regions: o.regions, Profile: o.profile, EC2Role: o.ec2Role,
		Version: versionText(), Known: directory, Now: clock, Progress: show.set, Code: mfaCode(s, show)})
	if err != nil {
		return monitorError(ctx, s, err)
	}
	if o.watch {
		return watch(ctx, &o, session, from, show, s)
	}
	r, err := session.Look(ctx, metrics.NewWindow(from, clock()))
	show.clear()
	if err != nil {
		return monitorError(ctx, s, err)
	}
	if err := o.print(s.out, r, false); err != nil {
		fmt.Fprintf(s.err, "imdsscan: %v\n", err)
		return exitIncomplete
	}
	return o.status(r)
}

// directory is what the workspace and the file say of instances. The workspace is
// asked where it is named, by the flag or the environment: a default profile
// may be of another one.
func (o *monitorOptions) directory(ctx context.Context, show *notice) (d metrics.Directory, err error) {
	if o.workspace != "" || os.Getenv("DATABRICKS_HOST") != "" || os.Getenv("DATABRICKS_CONFIG_PROFILE") != "" {
		show.set("workspace: clusters and pools")
		c, err := workspace.Connect(ctx, workspace.Options{Profile: o.workspace, Version: versionText()})
		if err != nil {
			return d, err
		}
		if !c.IsAWS() {
			return d, fmt.Errorf("%s is not on AWS: its instances have no such metric", c.Host())
		}
		if d, err = nodes.Read(ctx, c); err != nil {
			return d, err
		}
	}
	listed, err := o.known()
	if d.Instances == nil {
		d.Instances = listed
		return d, err
	}
	for id, k := range listed {
		if _, ok := d.Instances[id]; !ok {
			d.Instances[id] = k
		}
	}
	return d, err
}

func (o *monitorOptions) known() (map[string]metrics.Known, error) {
	if o.instances == "" {
		return nil, nil
	}
	f, err := os.Open(o.instances)
	if err != nil {
		return nil, fmt.Errorf("--instances: %w", err)
	}
	defer f.Close()
	known, err := metrics.ReadKnown(f)
	if err != nil {
		return nil, fmt.Errorf("--instances %s: %w", o.instances, err)
	}
	return known, nil
}

// mfaCode asks at the terminal for the code of an AWS profile with MFA.
func mfaCode(s streams, show *notice) func() (string, error) {
	if f, ok := s.in.(*os.File); !ok || !isTerminal(f) || !isTerminal(s.err) {
		return nil
	}
	return func() (string, error) {
		show.clear()
		fmt.Fprint(s.err, "MFA code of the AWS profile: ")
		line, err := bufio.NewReader(s.in).ReadString('\n')
		return strings.TrimSpace(line), err
	}
}

// monitorError tells an error of credentials or configuration, or an interrupt.
func monitorError(ctx context.Context, s streams, err error) int {
	if ctx.Err() != nil {
		fmt.Fprintln(s.err, "imdsscan: interrupted")
		return exitInterrupted
	}
	return usageError(s, err)
}

// status is the exit status of a look.
func (o *monitorOptions) status(r *evidence.Report) int {
	switch {
	case r.Verdict == evidence.CallsSeen && !o.exitZero:
		return exitFindings
	case !r.Complete || r.Verdict == evidence.Unknown:
		return exitIncomplete
	}
	return exitClean
}

// print writes the report in each format. One line is for a stream of JSON.
func (o *monitorOptions) print(stdout io.Writer, r *evidence.Report, oneLine bool) error {
	return printFormats(o.formats, stdout, func(w io.Writer, name string, toFile bool) error {
		if name == "json" {
			return evidence.Write(w, r, oneLine && !toFile)
		}
		return report.Monitor(w, r, report.Options{Color: !toFile && colored(o.color, stdout), Verbose: o.verbose, Quiet: o.quiet})
	})
}
