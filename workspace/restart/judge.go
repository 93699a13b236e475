package restart

import (
	"slices"
	"time"

	"github.com/databricks/databricks-sdk-go/service/compute"

	"github.com/imdsscan/imdsscan/workspace/inventory"
)

// arrival is how long a cluster may take from the request to RUNNING: the
// service dates a restart by its end, so that one which ended shortly after the
// switch may have launched its instances before it. A start that has not come
// up by then the service itself gives up.
const arrival = 15 * time.Minute

// judge holds what all holders are judged by.
type judge struct {
	inv   *inventory.Inventory
	since time.Time
	known *Known
	pools map[string]*compute.InstancePoolAndStats
	// jobs are those that run on interactive clusters, by the cluster's id.
	jobs map[string][]string
	// pipelineOf are the clusters that run pipelines, with the pipeline's id.
	pipelineOf map[string]string
}

func newJudge(inv *inventory.Inventory, since time.Time, known *Known) *judge {
	j := &judge{inv: inv, since: since, known: known, pools: map[string]*compute.InstancePoolAndStats{}, jobs: inv.JobsOn(), pipelineOf: pipelineClusters(inv)}
	switch {
	case known == nil:
		j.known = &Known{}
	case !since.IsZero() && !known.Switched.IsZero():
		j.since = known.Switched // its clock dates the clusters, too
	}
	for i := range inv.Pools {
		j.pools[inv.Pools[i].InstancePoolId] = &inv.Pools[i]
	}
	return j
}

// started is when the instances of a cluster were launched, at the latest, and
// zero where the service does not tell.
func started(c *compute.ClusterDetails) time.Time {
	return millis(max(c.StartTime, c.LastRestartedTime))
}

func millis(ms int64) time.Time {
	if ms <= 0 {
		return time.Time{}
	}
	return time.UnixMilli(ms).UTC()
}

// age tells whether a cluster holds instances from before, by its times alone,
// and why.
func (j *judge) age(c *compute.ClusterDetails) (Tri, string) {
	at := started(c)
	switch {
	case j.since.IsZero():
		return Yes, "its instances were launched before IMDSv2 is enforced"
	case at.IsZero():
		return Unknown, "the service does not tell when it was started"
	case j.ownRestart(c):
		return No, "imdsscan restarted it " + when(at) + ", after the switch"
	case c.State == compute.StateRestarting && !at.After(j.since):
		return Unknown, "it is being restarted; whether that began before the switch, the service does not tell"
	case !at.After(j.since):
		return Yes, "it was started " + when(at) + ", before the switch" + newer(c, j.since)
	case millis(c.StartTime).After(j.since) || nodesAfter(c, j.since):
		return No, "it was started " + when(at) + ", after the switch"
	case at.Before(j.since.Add(arrival)):
		return Unknown, "it came back " + when(at) + ", so soon after the switch that its instances may have been launched before"
	}
	return No, "it was restarted " + when(at) + ", after the switch"
}

// ownRestart tells that a run of this tool has brought the cluster up as it is.
func (j *judge) ownRestart(c *compute.ClusterDetails) bool {
	at, ok := j.known.Restarted[c.ClusterId]
	return ok && !at.IsZero() && at.Equal(started(c))
}

// nodesAfter tells that the service dates all nodes of a cluster, and all after
// a time.
func nodesAfter(c *compute.ClusterDetails, t time.Time) bool {
	return c.Driver != nil && !slices.ContainsFunc(nodes(c), func(n compute.SparkNode) bool { return !millis(n.StartTimestamp).After(t) })
}

func nodes(c *compute.ClusterDetails) []compute.SparkNode {
	if c.Driver == nil {
		return c.Executors
	}
	return append([]compute.SparkNode{*c.Driver}, c.Executors...)
}

// newer says that executors are from after the switch: they alone do not answer
// the old way.
func newer(c *compute.ClusterDetails, since time.Time) string {
	n := 0
	for _, x := range c.Executors {
		if millis(x.StartTimestamp).After(since) {
			n++
		}
	}
	switch {
	case n == 0:
		return ""
	case n == 1:
		return "; one executor was added since, the driver is from before"
	}
	return "; " + count(n, "executor") + " were added since, the driver is from before"
}

func when(t time.Time) string { return t.UTC().Format("2006-01-02 15:04 UTC") }
