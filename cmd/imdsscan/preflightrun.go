package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"runtime"
	"slices"
	"strings"
	"time"

	"github.com/databricks/databricks-sdk-go/service/compute"
	"github.com/imdsscan/imdsscan/report"
	"github.com/imdsscan/imdsscan/report/result"
	"github.com/imdsscan/imdsscan/workspace"
	"github.com/imdsscan/imdsscan/workspace/enforce"
	"github.com/imdsscan/imdsscan/workspace/metrics/evidence"
	"github.com/imdsscan/imdsscan/workspace/preflight"
	"github.com/imdsscan/imdsscan/workspace/setting"
)

const dayOld = 24 * time.Hour

// runPreflight is what preflight and enforce on share: the whole check, with
// progress on s.err. The error is of the connection, of the files that were
// given, or the interrupt.
func runPreflight(ctx context.Context, client *workspace.Client, o *preflightOptions, s streams) (*result.Preflight, error) {
	if err := setting.OnAWS(client); err != nil {
		return nil, err
	}
	// Not started's time, which may be set to another: support of runtimes ends by
	// the calendar.
	now := clock()
	in := preflight.Input{Now: now.UTC().Truncate(time.Second), Host: client.Host(), User: client.User()}
	// The files first: a wrong one is told before the long work.
	given, err := o.givenResults(&in)
	if err == nil {
		in.Evidence, err = o.givenEvidence(client.Host())
	}
	if err != nil {
		return nil, err
	}
	o.readSettings(ctx, client, &in)
	list, err := compute.NewClusters(client.API).SparkVersions(ctx)
	if err != nil {
		in.OfferedErr = client.Explain("", err)
	} else {
		in.Offered = list.Versions
	}
	if err := o.scan(ctx, client, given, &in, s); err != nil {
		return nil, err
	}
	if o.fix {
		if err := o.change(ctx, client, &in, s); err != nil {
			return nil, err
		}
	}
	p := preflight.Judge(in)
	p.Tool, p.Started = tool(), started(now)
	return p, nil
}

// readSettings reads the switches, and since when enforcement is on.
func (o *preflightOptions) readSettings(ctx context.Context, client *workspace.Client, in *preflight.Input) {
	in.Enforce, in.EnforceErr = setting.Read(ctx, client, setting.EnforceIMDSv2)
	in.Export, in.ExportErr = setting.Read(ctx, client, setting.ExportNotebook)
	dir, err := o.dir()
	if err != nil {
		return // as where there is no history
	}
	if st, err := (enforce.History{Dir: dir}).Read(client.Host()); err == nil && st.Value == setting.On {
		in.Switched, in.Exact, in.Known = st.Since, st.Exact, st.Known()
	}
}

// scan reads and analyses the workspace, or only what is configured in it where
// results of the rest were given.
func (o *preflightOptions) scan(ctx context.Context, client *workspace.Client, given *result.Run, in *preflight.Input, s streams) error {
	scan, err := o.scanOptions()
	if err != nil {
		return err
	}
	r, err := newRemote(client, scan)
	if err != nil {
		return err
	}
	defer r.close()
	if given != nil {
		r.paths = nil
	}
	sc := newScanner(scan, newProgress(s.err, scan))
	sc.more = r.run
	run, _ := sc.scan(ctx, func(give func(input)) found { return r.each(ctx, sc, give) })
	run.Started = started(in.Now)
	if in.Inventory, err = r.inventory(ctx); err != nil || ctx.Err() != nil {
		return errors.Join(err, ctx.Err())
	}
	in.MissingScripts = r.missing
	if given != nil {
		run = withResults(given, &run)
	}
	run.Tally()
	in.Code = &run
	return nil
}

// scanOptions are those of the scan of all the workspace.
func (o *preflightOptions) scanOptions() (*options, error) {
	out := &options{targets: []string{workspace.Scheme + "/"}, profile: o.profile, quiet: o.quiet, failOn: "never", color: "never", jobs: o.jobs, limit: o.limit}
	if out.jobs == 0 {
		out.jobs = runtime.GOMAXPROCS(0)
	}
	if out.limit == 0 {
		out.limit = time.Minute
	}
	return out, out.validate()
}

// withResults has what the given results say of the workspace's folders, and what
// was found just now beside them: what is configured, and the init scripts and
// lists of requirements that lie in no folder.
func withResults(given, now *result.Run) result.Run {
	out := result.Run{Tool: given.Tool, Started: given.Started, Counts: given.Counts}
	inFolder := func(path string) bool { return strings.HasPrefix(path, workspace.Scheme+"/") }
	for _, f := range given.Files {
		if inFolder(f.Path) {
			out.Files = append(out.Files, f)
		}
	}
	for _, e := range given.Errors {
		if inFolder(e.Path) {
			out.Errors = append(out.Errors, e)
		}
	}
	for _, e := range given.Skipped {
		if inFolder(e.Path) {
			out.Skipped = append(out.Skipped, e)
		}
	}
	out.Files = append(out.Files, now.Files...)
	out.Errors = append(out.Errors, now.Errors...)
	out.Skipped = append(out.Skipped, now.Skipped...)
	return out
}

// givenResults reads the results that stand for a scan, nil where none are
// given.
func (o *preflightOptions) givenResults(in *preflight.Input) (*result.Run, error) {
	if o.results == "" {
		return nil, nil
	}
	refuse := func(format string, args ...any) (*result.Run, error) {
		return nil, fmt.Errorf("--results %s: %s", o.results, fmt.Sprintf(format, args...))
	}
	text, err := os.ReadFile(o.results)
	if err != nil {
		return refuse("%s", fileError(o.results, err).Reason)
	}
	switch kind, err := report.KindOf(text); {
	case err != nil:
		return refuse("%v", err)
	case kind != report.KindCheck:
		return refuse("it holds a result of %s, not of check", kind)
	}
	run, applied, err := report.Read(text)
	if err != nil {
		return refuse("%v", err)
	}
	if why := unfit(run, in.Host, in.Now); why != "" {
		return refuse("%s; make it with: imdsscan check -f json=FILE workspace:/", why)
	}
	maxAge := o.maxAge
	if maxAge == 0 {
		maxAge = dayOld
	}
	if age := in.Now.Sub(run.Started); age > maxAge {
		return refuse("it is %s old, and code changes; scan again, or take it with --max-age %s", roughly(age), (age + time.Hour).Truncate(time.Hour))
	}
	in.CodeFile, in.Applied = o.results, applied
	return run, nil
}

// unfit says why results do not stand for a scan of all the workspace now.
func unfit(run *result.Run, host string, now time.Time) string {
	s := run.Scope
	switch {
	case s == nil:
		return "it does not say that it is of a workspace: it was made from files, or by an older version"
	case !strings.EqualFold(strings.TrimRight(s.Workspace, "/"), strings.TrimRight(host, "/")):
		return fmt.Sprintf("it is of the workspace %s, not of %s", printable(s.Workspace), host)
	case s.Interrupted:
		return "it is of a scan that was interrupted"
	case !slices.Contains(s.Targets, workspace.Scheme+"/"):
		return "it covers " + printable(strings.Join(s.Targets, " ")) + " only"
	case !s.Compute:
		return "it covers notebooks and files only, no init scripts (--no-compute)"
	case len(s.Rules) > 0:
		return "it covers " + printable(strings.Join(s.Rules, ", ")) + " only (--select)"
	case len(s.Without) > 0:
		return "it leaves out " + printable(strings.Join(s.Without, ", ")) + " (--ignore)"
	case run.Started.IsZero():
		return "it does not say when it was made"
	case run.Started.After(now.Add(time.Hour)):
		return "it is of a time to come, " + run.Started.UTC().Format(time.RFC3339)
	}
	return ""
}

// roughly is a time as people say it.
func roughly(d time.Duration) string {
	if d >= 48*time.Hour {
		return report.Plural(int(d/dayOld), "day", "days")
	}
	return report.Plural(int(d/time.Hour), "hour", "hours")
}

// givenEvidence reads the looks at the metrics.
func (o *preflightOptions) givenEvidence(host string) ([]preflight.Evidence, error) {
	var out []preflight.Evidence
	for _, name := range o.evidence {
		text, err := os.ReadFile(name)
		if err != nil {
			return nil, fmt.Errorf("--evidence %s: %s", name, fileError(name, err).Reason)
		}
		r, err := evidence.Read(bytes.NewReader(text))
		if err != nil {
			return nil, fmt.Errorf("--evidence %s: %w", name, err)
		}
		if r.Workspace != "" && !strings.EqualFold(strings.TrimRight(r.Workspace, "/"), strings.TrimRight(host, "/")) {
			return nil, fmt.Errorf("--evidence %s: it is of the workspace %s, not of %s", name, printable(r.Workspace), host)
		}
		out = append(out, preflight.Evidence{File: name, Report: r})
	}
	return out, nil
}
