package preflight

import (
	"strings"
	"time"

	"github.com/databricks/databricks-sdk-go/service/compute"

	"github.com/imdsscan/imdsscan/report"
	"github.com/imdsscan/imdsscan/report/result"
	"github.com/imdsscan/imdsscan/workspace/restart"
	"github.com/imdsscan/imdsscan/workspace/setting"
)

// running is what holds instances that answer without a token until they are
// replaced.
func (j *judge) running() {
	on := j.Enforce.Value == setting.On
	var since time.Time
	if on {
		since = j.Switched
	}
	list := restart.OfKnown(j.Inventory, since, j.Known)
	if on && !j.Exact {
		list = restart.Unsure(list)
	}
	j.computeOf(list, on && !since.IsZero())
	switch {
	case !on:
		j.beforeSwitch(list)
	case since.IsZero() && len(list) > 0:
		j.add(result.Obstacle{Level: result.Warn, Check: result.CheckRunning, Object: report.Plural(len(list), "cluster or the like", "clusters and the like"),
			Why:    "since when enforcement is on is not known on this machine, so neither is whether they hold instances from before: " + some(names(list)),
			Remedy: "where it was switched on, imdsscan enforce status knows since when; imdsscan monitor tells which instances answer without a token", Affects: len(list)})
	case on:
		for _, h := range restart.Left(list) {
			j.add(fromHolder(&h, result.Warn, h.Why))
		}
	}
}

// beforeSwitch is what the day of the switch asks for. What imdsscan restarts
// itself, and what ends by itself, is told together.
func (j *judge) beforeSwitch(list []restart.Holder) {
	var here, ending []restart.Holder
	for _, h := range list {
		switch {
		case h.How == restart.RestartHere:
			here = append(here, h)
		case h.How == restart.EndsByItself:
			ending = append(ending, h)
		case h.Fleet && h.Kind == restart.Pool:
			// Prepared before: there is no other way to new instances.
			j.add(fromHolder(&h, result.Warn, h.Why))
		default:
			j.add(fromHolder(&h, result.NoteToRead, h.Why))
		}
	}
	if n := len(here); n > 0 {
		j.add(result.Obstacle{Level: result.NoteToRead, Check: result.CheckRunning, Object: report.Plural(n, "interactive cluster", "interactive clusters"), Affects: n,
			Why: "the instances of what runs now answer without a token until it is restarted after the switch: " + some(names(here)), Remedy: "imdsscan enforce on --restart restarts them after asking"})
	}
	if n := len(ending); n > 0 {
		j.add(result.Obstacle{Level: result.NoteToRead, Check: result.CheckRunning, Object: report.Plural(n, "cluster", "clusters") + " of jobs and updates", Affects: n,
			Why: "what runs now goes on with its instances from before the switch until it ends: " + some(names(ending)), Remedy: "nothing, if it ends; cancel and run again what never does, such as a stream"})
	}
}

func names(list []restart.Holder) []string {
	var out []string
	for i := range list {
		out = append(out, list[i].String())
	}
	return out
}

func fromHolder(h *restart.Holder, level, why string) result.Obstacle {
	o := result.Obstacle{Level: level, Check: result.CheckRunning, Kind: h.Kind, Object: strings.TrimPrefix(h.String(), h.Kind+" "), ID: h.ID, Owner: h.Owner, URL: h.URL, Why: why}
	if h.Kind == restart.Pool {
		o.Check = result.CheckPools
	}
	switch {
	case len(h.Steps) > 0:
		o.Remedy = steps(h.Steps)
	case h.How == restart.RestartHere:
		o.Remedy = "imdsscan enforce on --restart restarts it after asking; or Compute > " + h.Name + " > Restart"
	case h.How == restart.EndsByItself:
		o.Remedy = "nothing, if it ends by itself"
	}
	if len(h.Jobs) > 0 {
		o.Why += "; a restart ends the runs of " + some(h.Jobs)
	}
	return o
}

// steps are a list in a sentence: 1. …; 2. ….
func steps(list []string) string {
	if len(list) == 1 {
		return list[0]
	}
	var sb strings.Builder
	for i, s := range list {
		if i > 0 {
			sb.WriteString("; ")
		}
		sb.WriteString(report.Number(i+1) + ". " + s)
	}
	return sb.String()
}

// computeOf lists what runs, or keeps instances, and the clusters that people
// start and that do not run now.
func (j *judge) computeOf(list []restart.Holder, switched bool) {
	runs := map[string]bool{}
	for i := range list {
		h := &list[i]
		runs[h.ID] = true
		c := result.Compute{Kind: h.Kind, Name: h.Name, ID: h.ID, Owner: h.Owner, State: h.State, Runtime: h.Runtime, Started: h.Started, Before: result.NotKnown}
		switch {
		case !switched:
		case h.Before == restart.Yes:
			c.Before = result.FromBefore
		case h.Before == restart.No:
			c.Before = result.NotFromBefore
		}
		j.out.Compute = append(j.out.Compute, c)
	}
	for _, s := range j.specs {
		if d := s.Details; d != nil && !runs[d.ClusterId] && d.ClusterSource != compute.ClusterSourceJob {
			j.out.Compute = append(j.out.Compute, result.Compute{Kind: s.Kind, Name: d.ClusterName, ID: d.ClusterId, Owner: d.CreatorUserName, State: string(d.State),
				Runtime: d.SparkVersion, Before: result.NotFromBefore})
		}
	}
	for i := range j.Inventory.Pools {
		if p := &j.Inventory.Pools[i]; !runs[p.InstancePoolId] {
			j.out.Compute = append(j.out.Compute, result.Compute{Kind: restart.Pool, Name: p.InstancePoolName, ID: p.InstancePoolId, State: string(p.State), Before: result.NotFromBefore})
		}
	}
}
