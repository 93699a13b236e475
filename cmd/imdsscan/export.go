package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/imdsscan/imdsscan/report"
	"github.com/imdsscan/imdsscan/workspace"
	"github.com/imdsscan/imdsscan/workspace/mirror"
	"github.com/spf13/pflag"
)

const exportHelp = `Usage: imdsscan export [flags] workspace:/PATH DIR

Copies a folder of a workspace, with all below it, into a local folder, or
brings the copy up to date. Notebooks are exported in the format in which they
are stored. imdsscan check DIR then reports the workspace's paths.

workspace:/ takes in what is configured beside the notebooks: the definitions of
clusters, jobs, policies and pipelines, and init scripts from volumes, DBFS and
the global ones.

Only what changed in the workspace is fetched again; where the service does not
tell when a notebook was changed, it is fetched and compared. Copies that you
changed are left as they are, and reported; so are files of your own. What was
deleted in the workspace is deleted here, unless you changed it.

An export that was interrupted or failed in places is continued by running it
again. Nothing is ever written into the workspace.

DIR must be new, empty, or an earlier export of the same path. Only you can
read what is written there. docs/mirror.md tells how names that not every file
system takes are written, and what DIR/.imdsscan holds.

The workspace and the credentials are those of the Databricks CLI: --profile,
or DATABRICKS_HOST and the other variables, or ~/.databrickscfg.

Exit status
  0    DIR holds what the workspace holds, apart from copies that you changed
  2    wrong usage, no connection, or a DIR that is something else
  3    something could not be read or written; the rest is done
  130  interrupted

Flags
`

// exportOptions are what the flags of export say.
type exportOptions struct {
	profile    string
	jobs       int
	force, all bool
	quiet      bool
	root, dir  string
}

func exportFlags(o *exportOptions) *pflag.FlagSet {
	f := pflag.NewFlagSet("export", pflag.ContinueOnError)
	f.SetOutput(io.Discard)
	f.Usage = func() {}
	f.SortFlags = false
	f.StringVarP(&o.profile, "profile", "p", "", "the `section` of ~/.databrickscfg to use")
	f.IntVarP(&o.jobs, "jobs", "j", 16, "requests at the same time")
	f.BoolVar(&o.force, "force", false, "replace copies that you changed, after moving them to DIR/.imdsscan/replaced")
	f.BoolVar(&o.all, "all", false, "fetch what the service says has not changed, too")
	f.BoolVarP(&o.quiet, "quiet", "q", false, "leave out progress and the last line")
	return f
}

func parseExport(args []string) (o exportOptions, help string, err error) {
	flags := exportFlags(&o)
	if err := flags.Parse(args); err != nil {
		if errors.Is(err, pflag.ErrHelp) {
			return o, exportHelp + flags.FlagUsagesWrapped(80), nil
		}
		return o, "", err
	}
	switch {
	case flags.NArg() != 2:
		return o, "", errors.New("export needs a path in a workspace and a local folder: imdsscan export workspace:/Users/me DIR")
	case strings.HasPrefix(flags.Arg(1), workspace.Scheme):
		return o, "", errors.New("the second argument is the local folder; export writes nothing into a workspace")
	case o.jobs < 1:
		return o, "", errors.New("-j needs a number from 1 up")
	}
	o.dir = flags.Arg(1)
	o.root, err = workspace.Clean(flags.Arg(0))
	return o, "", err
}

func exportCommand(ctx context.Context, args []string, s streams) int {
	o, helpText, err := parseExport(args)
	if err != nil {
		return usageError(s, fmt.Errorf("%w (imdsscan export --help tells more)", err))
	}
	if helpText != "" {
		fmt.Fprint(s.out, helpText)
		return exitClean
	}
	client, err := workspace.Connect(ctx, workspace.Options{Profile: o.profile, Version: versionText()})
	if err != nil {
		return exportFailed(ctx, s, err)
	}
	begin := time.Now()
	var counts mirror.Counts
	p := watchExport(s.err, &o, &counts)
	r, err := mirror.Export(ctx, mirror.Options{Client: client, Root: o.root, Dir: o.dir,
		Tool: "imdsscan " + versionText(), Jobs: o.jobs, Force: o.force, All: o.all, Counts: &counts})
	p.stop()
	if r == nil {
		return exportFailed(ctx, s, err)
	}
	if err != nil {
		r.Failed = append(r.Failed, mirror.Note{Path: o.dir, Reason: err.Error()})
	}
	printExport(&o, r, &counts, time.Since(begin), s)
	switch {
	case r.Interrupted:
		return exitInterrupted
	case len(r.Failed) > 0:
		return exitIncomplete
	}
	return exitClean
}

// exportFailed tells why nothing was exported.
func exportFailed(ctx context.Context, s streams, err error) int {
	if ctx.Err() != nil {
		fmt.Fprintln(s.err, "imdsscan: interrupted before anything was exported")
		return exitInterrupted
	}
	fmt.Fprintf(s.err, "imdsscan: %v\n", err)
	var e *workspace.Error
	if errors.As(err, &e) && !errors.Is(err, workspace.ErrNotFound) {
		return exitIncomplete
	}
	return exitUsage
}

func printExport(o *exportOptions, r *mirror.Result, c *mirror.Counts, took time.Duration, s streams) {
	for _, n := range r.Failed {
		fmt.Fprintf(s.err, "%s: failed: %s\n", printable(n.Path), printable(n.Reason))
	}
	for _, n := range r.Kept {
		fmt.Fprintf(s.err, "%s: kept: %s: %s\n", printable(n.Path), printable(n.Local), printable(n.Reason))
	}
	if r.Aside != "" {
		fmt.Fprintf(s.err, "imdsscan: the copies that were changed here are now in %s\n", printable(r.Aside))
	}
	if r.Resumed && !o.quiet {
		fmt.Fprintln(s.err, "imdsscan: this was going on with an export that had not finished")
	}
	if r.Interrupted {
		fmt.Fprintln(s.err, "imdsscan: interrupted; run the same command again to go on")
	}
	if !o.quiet {
		fmt.Fprintln(s.out, exportSummary(o, r, c, took))
	}
}

// exportSummary is the last line.
func exportSummary(o *exportOptions, r *mirror.Result, c *mirror.Counts, took time.Duration) string {
	parts := []string{fmt.Sprintf("%s written", report.Number(int(c.Written.Load()))), fmt.Sprintf("%s as before", report.Number(int(c.Same.Load())))}
	add := func(n int64, what string) {
		if n > 0 {
			parts = append(parts, report.Number(int(n))+" "+what)
		}
	}
	add(c.Removed.Load(), "removed")
	add(int64(len(r.Kept)), "changed here and kept")
	add(c.Skipped.Load(), "without content to export")
	add(int64(len(r.Failed)), "failed")
	return fmt.Sprintf("%s%s → %s: %s in %s folders, %s in %.1f s.", workspace.Scheme, printable(o.root), printable(o.dir), strings.Join(parts, ", "),
		report.Number(int(c.Folders.Load())), megabytes(c.Bytes.Load()), took.Seconds())
}

// printable is text from a workspace without what a terminal would obey.
func printable(s string) string {
	return strings.Map(func(r rune) rune {
		if report.Unsafe(r) {
			return '\ufffd'
		}
		return r
	}, s)
}

func megabytes(n int64) string { return fmt.Sprintf("%.1f MB", float64(n)/1e6) }
