package preflight

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/imdsscan/imdsscan/report"
	"github.com/imdsscan/imdsscan/report/result"
	"github.com/imdsscan/imdsscan/workspace/inventory"
	"github.com/imdsscan/imdsscan/workspace/metrics/evidence"
	"github.com/imdsscan/imdsscan/workspace/setting"
)

// Evidence is a result of the monitor and the file that it comes from.
type Evidence struct {
	File   string
	Report *evidence.Report
}

// FreshEvidence is how old a look at the metrics may be: longer, and what was
// started since may have called.
const FreshEvidence = 24 * time.Hour

// calls judges what the metrics saw.
func (j *judge) calls() {
	look := "imdsscan monitor --format json=evidence.json"
	if j.Enforce.Value == setting.On && !j.Switched.IsZero() {
		look = "imdsscan monitor --since " + j.Switched.UTC().Format(time.RFC3339) + " --format json=evidence.json"
	}
	again := look + ", then imdsscan preflight --evidence evidence.json"
	if len(j.Evidence) == 0 {
		j.add(result.Obstacle{Level: result.NoteToRead, Check: result.CheckCalls, Object: "CloudWatch", Why: "nobody looked whether instances are called without a token, which also shows what no scan can read",
			Remedy: again})
	}
	for i := range j.Evidence {
		j.look(&j.Evidence[i], again)
	}
}

func (j *judge) look(e *Evidence, again string) {
	r := e.Report
	l := result.Look{File: e.File, Taken: r.TakenAt, From: r.Window.From, To: r.Window.To, Verdict: string(r.Verdict)}
	item := func(level, why, remedy string) {
		j.add(result.Obstacle{Level: level, Check: result.CheckCalls, Object: "CloudWatch, " + e.File, Why: why, Remedy: remedy})
	}
	window := fmt.Sprintf("from %s to %s UTC", minute(r.Window.From), minute(r.Window.To))
	if age := j.Now.Sub(r.TakenAt); age > FreshEvidence {
		l.Refused = "too old"
		item(result.Warn, "the look is of "+minute(r.TakenAt)+" UTC, "+ago(age)+": what was called since is not known, and it does not count", again)
		j.out.Evidence = append(j.out.Evidence, l)
		return
	}
	j.out.Evidence = append(j.out.Evidence, l)
	from := r.Window.From
	if j.Enforce.Value == setting.On && j.Switched.After(from) {
		from = j.Switched
	}
	seen := callersOf(r, from)
	for _, c := range seen {
		j.caller(&c, r, window)
	}
	if r.Workspace == "" && len(seen) == 0 && r.Summary.Total() > 0 {
		item(result.NoteToRead, "the look does not say of which workspace it is: it counts for all Databricks instances of "+strings.Join(r.Regions, ", "), "imdsscan monitor --profile NAME leaves out those of other workspaces")
	}
	for _, p := range r.Problems {
		item(result.Warn, strings.TrimSpace(p.Region+" "+p.Action)+": "+p.Reason, cmp.Or(p.Remedy, again))
	}
	switch {
	case len(seen) > 0:
	case r.Verdict == evidence.Quiet:
		item(result.NoteToRead, window+" none of "+report.Plural(r.Summary.Total(), "instance", "instances")+" was called without a token", "")
	case r.Verdict == evidence.CallsSeen: // all of them before the switch
		item(result.NoteToRead, "the calls without a token that were seen were before the switch, at "+minute(j.Switched)+" UTC", "")
	case r.Summary.Total() == 0:
		item(result.Warn, window+" no instance of Databricks was found: nothing is known of calls, which is not the same as none", "look where and when clusters ran (--region, --days): "+again)
	}
	if n := r.Summary.Unknown; n > 0 {
		item(result.Warn, report.Plural(n, "instance", "instances")+" of "+report.Number(r.Summary.Total())+" have no data points "+window+": whether they were called without a token is not known"+whyUnknown(r), "look again after they ran for 15 minutes: "+again)
	}
}

// whyUnknown are the reasons that the look gives, at most two.
func whyUnknown(r *evidence.Report) string {
	var why []string
	for i := range r.Instances {
		if in := &r.Instances[i]; in.State == evidence.Unknown && in.Why != "" && !slices.Contains(why, in.Why) {
			why = append(why, in.Why)
		}
	}
	if len(why) == 0 {
		return ""
	}
	return " (" + strings.Join(why[:min(2, len(why))], "; ") + ")"
}

// caller is a cluster or a pool of which instances were called.
type caller struct {
	kind, title, id, owner string
	known                  bool // which cluster or pool it is
	calls, rejected        int64
	last                   time.Time
	instances              []string
}

// callersOf sums the calls from a time on by cluster, or pool, or instance.
func callersOf(r *evidence.Report, from time.Time) []caller {
	var out []caller
	at := map[string]int{}
	for i := range r.Instances {
		in := &r.Instances[i]
		c := caller{kind: "instance", title: in.ID, id: in.ID, owner: in.Owner}
		switch {
		case len(in.Clusters) == 1:
			c.kind, c.id, c.title, c.known = "cluster", in.Clusters[0].ID, titled(in.Clusters[0]), true
		case len(in.Clusters) > 1:
			var names []string
			for _, x := range in.Clusters {
				names = append(names, titled(x))
			}
			c.title += ", one of the clusters " + strings.Join(names, ", ")
		case in.Pool != nil:
			c.kind, c.id, c.title, c.known = "pool", in.Pool.ID, titled(*in.Pool), true
		case in.Warehouse != "":
			c.kind, c.id, c.title, c.known = "warehouse", in.Warehouse, in.Warehouse, true
		}
		for _, p := range in.Points {
			if !p.At.Before(from) && p.Calls+p.Rejected > 0 {
				c.calls, c.rejected = c.calls+max(0, p.Calls), c.rejected+max(0, p.Rejected)
				c.last = p.At
			}
		}
		if c.calls+c.rejected == 0 {
			continue
		}
		key := c.kind + "\x00" + c.id
		k, ok := at[key]
		if !ok {
			k = len(out)
			at[key] = k
			out = append(out, c)
		} else {
			out[k].calls, out[k].rejected = out[k].calls+c.calls, out[k].rejected+c.rejected
			if c.last.After(out[k].last) {
				out[k].last = c.last
			}
		}
		out[k].instances = append(out[k].instances, in.ID)
	}
	return out
}

func titled(r evidence.Ref) string {
	if r.Name == "" {
		return r.ID
	}
	return strings.Join(strings.Fields(r.Name), " ") + " (" + r.ID + ")"
}

func (j *judge) caller(c *caller, r *evidence.Report, window string) {
	o := result.Obstacle{Level: result.Blocker, Check: result.CheckCalls, Kind: c.kind, Object: c.title, ID: c.id, Owner: c.owner, Affects: len(c.instances)}
	if c.kind == "cluster" {
		o.URL = j.Inventory.URL("compute/clusters/" + c.id)
	}
	o.Findings = 0
	o.Why = fmt.Sprintf("%s without a token %s", report.Plural(int(c.calls+c.rejected), "call", "calls"), window)
	if c.rejected > 0 {
		o.Why += fmt.Sprintf(" (%s refused)", report.Number(int(c.rejected)))
	}
	o.Why += ", the last at " + minute(c.last) + " UTC"
	if len(c.instances) > 1 {
		o.Why += ", on " + report.Plural(len(c.instances), "instance", "instances")
	}
	look := "after the change restart it, and imdsscan monitor --since TIME tells whether it is quiet from then on"
	switch {
	case !c.known && r.Workspace == "":
		o.Level = result.Warn
		o.Why += "; whether it is an instance of this workspace is not known"
		o.Remedy = "imdsscan monitor --profile NAME tells, or --instances (imdsscan monitor --help)"
	case j.Enforce.Value == setting.On && c.rejected == 0:
		o.Why += "; its instances answer them, so they are from before the switch"
		o.Remedy = "change what calls, if that is not done yet; " + look
	default:
		known := "what runs on it"
		if list := j.runsOn(c); len(list) > 0 {
			known = some(list)
		}
		o.Remedy = "change " + known + "; then look at what no scan can read: agents, images, code from elsewhere; " + look
	}
	j.add(o)
}

// runsOn are the things in the list that run on a cluster.
func (j *judge) runsOn(c *caller) []string {
	if c.kind != "cluster" {
		return nil
	}
	var out []string
	thing := inventory.Thing{Kind: c.kind, Title: c.title}
	for i := range j.Code.Files {
		f := &j.Code.Files[i]
		if isScript(f) && len(f.Findings) > 0 && (slices.Contains(f.Object.Users, thing.Name()) || slices.Contains(f.Object.Users, "every cluster")) {
			o := j.objectItem(f)
			out = append(out, o.Name())
		}
		if f.Object != nil && f.Object.Kind == c.kind && f.Object.ID == c.id && slices.ContainsFunc(f.Findings, func(fd result.Finding) bool {
			return checkOf(f, fd.Rule) == result.CheckLibraries && fd.Level != result.Note
		}) {
			out = append(out, "its libraries")
		}
	}
	if jobs := j.Inventory.JobsOn()[c.id]; len(jobs) > 0 {
		out = append(out, "the notebooks of "+some(jobs))
	}
	if len(out) > 0 {
		out = append(out, "the notebooks that people attach to it")
	}
	return out
}

func minute(t time.Time) string { return t.UTC().Format("2006-01-02 15:04") }

// ago is a time in words.
func ago(d time.Duration) string {
	if d < 48*time.Hour {
		return report.Plural(int(d/time.Hour), "hour ago", "hours ago")
	}
	return report.Plural(int(d/(24*time.Hour)), "day ago", "days ago")
}
