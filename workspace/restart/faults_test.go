package restart

import (
	"testing"
	"time"

	"github.com/databricks/databricks-sdk-go/service/compute"

	"github.com/imdsscan/imdsscan/workspace/emulator"
)

// Whatever happens to whichever call: what is told is so, a cluster is not
// restarted more often than it is asked, and the run ends.
func TestEachCallFailing(t *testing.T) {
	kinds := []emulator.Kind{emulator.Drop, emulator.Reset, emulator.LostReply, emulator.LostReset, emulator.Truncated, emulator.Status(403), emulator.Status(404), emulator.Status(429),
		emulator.Page(500), emulator.Status(503), emulator.StatusAfter(504), emulator.Bare(429)}
	for _, kind := range kinds {
		for _, f := range []emulator.Fault{{Path: "/api/2.1/clusters/get"}, {Path: "/api/2.1/clusters/get", After: 1}, {Path: "/api/2.1/clusters/get", After: 2, Times: 3},
			{Path: restartPath}, {Path: restartPath, Times: 3}, {Path: restartPath, After: 1}, {Path: "/api/2.0/instance-pools/get"}} {
			f.Kind = kind
			t.Run(f.String(), func(t *testing.T) { eachCall(t, f) })
		}
	}
}

func eachCall(t *testing.T, f emulator.Fault) {
	w := newWorld(t, 5*time.Second)
	w.AddPool(warm(0))
	w.old("c", onPool)
	w.old("d")
	w.old("job", func(c *compute.ClusterDetails) { c.ClusterSource = compute.ClusterSourceJob })
	list := w.list()
	was := map[string]string{}
	for _, id := range []string{"c", "d", "job"} {
		c, _ := w.Cluster(id)
		was[id] = c.Driver.InstanceId
	}
	w.Inject(f)
	events, err := Run(t.Context(), w.c, list, Options{Since: since, Parallel: 1, Poll: time.Millisecond, Timeout: 20 * time.Second})
	if err != nil || len(events) != 2 {
		t.Fatal(events, err)
	}
	for _, e := range events {
		c, _ := w.Cluster(e.Holder.ID)
		fresh := c.Driver != nil && c.Driver.InstanceId != was[c.ClusterId]
		switch e.Outcome {
		case Restarted:
			if !fresh || c.State != compute.StateRunning {
				t.Errorf("%s: %s, and it is %s", e.Holder.String(), e.Why, c.State)
			}
		case Failed, HeldBack:
			if fresh || c.State != compute.StateRunning {
				t.Errorf("%s: %s, and it was restarted (%s)", e.Holder.String(), e.Why, c.State)
			}
		case OnItsWay, NotNeeded: // of a cluster that cannot be looked at any more, or is told to be gone
		default:
			t.Errorf("%s: %s, %s", e.Holder.String(), e.Outcome, e.Why)
		}
	}
	if c, _ := w.Cluster("job"); c.Driver.InstanceId != was["job"] {
		t.Error("the job's cluster was restarted")
	}
	if n := w.Count("POST", restartPath); n > 2+max(f.Times, 1) {
		t.Errorf("%d requests", n)
	}
}
