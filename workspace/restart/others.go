package restart

import (
	"slices"
	"strings"

	"github.com/databricks/databricks-sdk-go/service/compute"
	"github.com/databricks/databricks-sdk-go/service/pipelines"
	"github.com/databricks/databricks-sdk-go/service/sql"

	"github.com/imdsscan/imdsscan/workspace/inventory"
)

// pipelineClusters are the clusters that run pipelines, with the pipeline's id.
func pipelineClusters(inv *inventory.Inventory) map[string]string {
	out := map[string]string{}
	for i := range inv.Pipelines {
		p := &inv.Pipelines[i]
		for k := range inv.Clusters {
			c := &inv.Clusters[k]
			if c.ClusterId == p.ClusterId || ofPipeline(c) && strings.HasSuffix(c.ClusterName, p.PipelineId) {
				out[c.ClusterId] = p.PipelineId
			}
		}
	}
	return out
}

func ofPipeline(c *compute.ClusterDetails) bool {
	return c.ClusterSource == compute.ClusterSourcePipeline || c.ClusterSource == compute.ClusterSourcePipelineMaintenance
}

// pipelines are those that run, on clusters of the workspace.
func (j *judge) pipelines() []Holder {
	var out []Holder
	for i := range j.inv.Pipelines {
		p := &j.inv.Pipelines[i]
		if p.Spec != nil && p.Spec.Serverless {
			continue
		}
		h := Holder{Kind: Pipeline, ID: p.PipelineId, Name: p.Name, Owner: p.CreatorUserName, URL: j.inv.URL("pipelines/" + p.PipelineId), State: string(p.State)}
		running := j.parts(&h, func(c *compute.ClusterDetails) bool { return j.pipelineOf[c.ClusterId] == p.PipelineId })
		if !running {
			if !active(p.State) {
				continue
			}
			j.untold(&h)
		}
		switch {
		case h.Before == No:
		case p.Spec == nil || p.Spec.Continuous:
			h.How, h.Steps = ByPerson, []string{"stop the pipeline and start it again"}
		case p.Spec.Development:
			h.How, h.Steps = ByPerson, []string{"stop the pipeline and start it again: in development it keeps its cluster between updates"}
		default:
			h.How = EndsByItself
			h.Why += "; its clusters end with the update, and the next has new ones"
		}
		out = append(out, h)
	}
	return out
}

// active are the states in which a pipeline has a cluster, or gets one.
func active(s pipelines.PipelineState) bool {
	return s != "" && s != pipelines.PipelineStateIdle && s != pipelines.PipelineStateFailed && s != pipelines.PipelineStateDeleted
}

// parts judges something by the clusters that run it, the oldest first, and
// tells whether there are any.
func (j *judge) parts(h *Holder, of func(*compute.ClusterDetails) bool) bool {
	any := false
	for i := range j.inv.Clusters {
		c := &j.inv.Clusters[i]
		if !holds(c.State) || !of(c) {
			continue
		}
		x := Holder{Started: started(c)}
		x.Before, x.Why = j.age(c)
		j.onPools(c, &x)
		if !any || worse(x.Before, h.Before) || x.Before == h.Before && x.Started.Before(h.Started) {
			h.Before, h.Why, h.Started, h.Pools, h.Fleet = x.Before, x.Why, x.Started, x.Pools, x.Fleet
		}
		h.Runtime = c.SparkVersion
		any = true
	}
	return any
}

func worse(a, b Tri) bool { return a != b && (a == Yes || b == No) }

// untold is for what runs, and of which the service tells no times.
func (j *judge) untold(h *Holder) {
	h.Before, h.Why = Unknown, "the service does not tell when its clusters were started"
	if j.since.IsZero() {
		h.Before, h.Why = Yes, "its instances were launched before IMDSv2 is enforced"
	}
}

// warehouseOf is the SQL warehouse that a cluster belongs to.
func (j *judge) warehouseOf(c *compute.ClusterDetails) string {
	for _, tags := range []map[string]string{c.DefaultTags, c.CustomTags} {
		for _, key := range []string{"SqlWarehouseId", "SqlEndpointId"} {
			for i := range j.inv.SQLWarehouses {
				if id := j.inv.SQLWarehouses[i].Id; id != "" && tags[key] == id {
					return id
				}
			}
		}
	}
	return ""
}

// warehouses are the SQL warehouses that run on clusters of the workspace.
func (j *judge) warehouses() []Holder {
	var out []Holder
	for i := range j.inv.SQLWarehouses {
		w := &j.inv.SQLWarehouses[i]
		if w.EnableServerlessCompute || w.State == sql.StateStopped || w.State == sql.StateDeleted {
			continue
		}
		h := Holder{Kind: Warehouse, ID: w.Id, Name: w.Name, Owner: w.CreatorName, URL: j.inv.URL("sql/warehouses/" + w.Id), State: string(w.State)}
		if !j.parts(&h, func(c *compute.ClusterDetails) bool { return j.warehouseOf(c) == w.Id }) {
			j.untold(&h)
		}
		if h.Before == Unknown && slices.Contains(j.known.Clean, w.Id) {
			h.Before, h.Why = No, "it was seen stopped after the switch"
		}
		switch {
		case h.Before == No:
		case w.State == sql.StateStopping || w.State == sql.StateDeleting:
			h.How = EndsByItself
			h.Why += "; it is being stopped"
		default:
			h.How = ByPerson
			stop := "stop it when no query runs"
			if w.AutoStopMins > 0 {
				stop += ", or wait until it stops after " + count(w.AutoStopMins, "minute") + " without a query"
			}
			h.Steps = []string{stop, lookAgain, "start it again"}
		}
		out = append(out, h)
	}
	return out
}
