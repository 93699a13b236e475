package restart

import (
	"cmp"

	"github.com/databricks/databricks-sdk-go/service/compute"
)

// holds tells the states in which a cluster has instances, or gets them.
func holds(s compute.State) bool {
	return s != compute.StateTerminated
}

func (j *judge) clusters() []Holder {
	var out []Holder
	for i := range j.inv.Clusters {
		c := &j.inv.Clusters[i]
		switch {
		case !holds(c.State), j.pipelineOf[c.ClusterId] != "", j.warehouseOf(c) != "": // the latter are told of as theirs
		default:
			out = append(out, j.cluster(c))
		}
	}
	return out
}

// cluster judges one cluster.
func (j *judge) cluster(c *compute.ClusterDetails) Holder {
	h := Holder{Kind: Cluster, ID: c.ClusterId, Name: c.ClusterName, Owner: cmp.Or(c.CreatorUserName, c.SingleUserName), URL: j.inv.URL("compute/clusters/" + c.ClusterId),
		State: string(c.State), Runtime: c.SparkVersion, Source: string(c.ClusterSource), Started: started(c)}
	h.Before, h.Why = j.age(c)
	if c.ClusterSource == compute.ClusterSourceJob {
		h.Kind = JobCluster
	} else {
		h.Jobs = j.jobs[c.ClusterId]
	}
	j.onPools(c, &h)
	if h.Before != No {
		j.ending(c, &h)
	}
	return h
}

// ending says how a cluster gets new instances.
func (j *judge) ending(c *compute.ClusterDetails, h *Holder) {
	switch {
	case c.State == compute.StateTerminating:
		h.How = EndsByItself
		h.Why += "; it is being terminated"
		return
	case c.ClusterSource == compute.ClusterSourceJob:
		h.How = EndsByItself
		h.Why += "; it ends with the run of its job, and the next run has a cluster of its own"
		h.Steps = []string{"wait for the run to end; one that never ends, such as a stream, is cancelled and run again by the owner of the job"}
		return
	case c.ClusterSource == compute.ClusterSourcePipeline || c.ClusterSource == compute.ClusterSourcePipelineMaintenance:
		h.How = EndsByItself
		h.Why += "; it ends with the update of its pipeline"
		h.Steps = []string{"wait for the update to end; stop and start a pipeline that runs continuously"}
		return
	case c.ClusterSource == compute.ClusterSourceSql:
		h.How = ByPerson
		h.Steps = []string{"stop and start the SQL warehouse that it belongs to"}
		return
	case c.ClusterSource == compute.ClusterSourceModels:
		h.How = ByPerson
		h.Steps = []string{"stop and start the serving of the model that it belongs to"}
		return
	case c.State == compute.StateError || c.State == compute.StateUnknown || c.State == "":
		h.How = ByPerson
		h.Before = Unknown
		h.Why = "its state is " + cmp.Or(string(c.State), "not told") + ": whether it has instances is not known"
		h.Steps = []string{"look at its event log, terminate it and start it again"}
		return
	case c.ClusterSource != compute.ClusterSourceUi && c.ClusterSource != compute.ClusterSourceApi && c.ClusterSource != "":
		h.How = ByPerson
		h.Steps = []string{"it was started by " + string(c.ClusterSource) + ", of which this tool knows nothing: whoever started it stops and starts it"}
		return
	}
	h.How = RestartHere
	if steps := j.poolSteps(c); steps != nil {
		h.How = AfterPool
		if h.Fleet {
			h.How = ByPerson
		}
		h.Steps = steps
	}
}
