package metrics

import (
	"time"

	"github.com/imdsscan/imdsscan/workspace/metrics/evidence"
)

// Directory is what is known of instances beside EC2's tags, by a workspace's
// lists or a file. Its zero value knows nothing.
type Directory struct {
	Workspace string               // the workspace's address, for the report
	Instances map[string]Known     // by EC2 instance id
	Clusters  map[string]Known     // by cluster id: names and owners that tags lack
	Pools     map[string]string    // names by pool id
	Elsewhere func(id string) bool // tells clusters that are certainly not of the workspace; may be nil
	Problems  []evidence.Problem   // lists that could not be read
}

// Known is whose an instance or a cluster is.
type Known struct {
	Clusters []evidence.Ref // several when it served them in turn
	Pool     *evidence.Ref
	Owner    string
	// Running says that the source holds the instance for alive.
	Running bool
	// LastSeen is when the source saw it last, zero when it does not say.
	LastSeen time.Time
	By       evidence.Attribution
}

// attribute fills in whose the instance is. What its own tags say comes first:
// a cluster's tags are on the instance only while it works for that cluster.
func (d *Directory) attribute(in *evidence.Instance, tags map[string]string) {
	byTags(in, tags)
	if k, ok := d.Instances[in.ID]; ok {
		d.complete(in, k)
	}
	for i := range in.Clusters {
		if k, ok := d.Clusters[in.Clusters[i].ID]; ok {
			if in.Clusters[i].Name == "" && len(k.Clusters) == 1 {
				in.Clusters[i].Name = k.Clusters[0].Name
			}
			d.complete(in, Known{Pool: k.Pool, Owner: k.Owner, By: in.Attribution})
		}
	}
	if in.Pool != nil && in.Pool.Name == "" {
		in.Pool.Name = d.Pools[in.Pool.ID]
	}
	if in.Attribution == "" {
		in.Attribution = evidence.Nobody
	}
}

// complete takes from k what is not known yet.
func (d *Directory) complete(in *evidence.Instance, k Known) {
	taken := false
	if len(in.Clusters) == 0 && len(k.Clusters) > 0 {
		in.Clusters, taken = append([]evidence.Ref(nil), k.Clusters...), true
	}
	if in.Pool == nil && k.Pool != nil {
		p := *k.Pool
		in.Pool, taken = &p, true
	}
	if in.Owner == "" && k.Owner != "" {
		in.Owner, taken = k.Owner, true
	}
	if taken && in.Attribution == "" {
		in.Attribution = k.By
	}
}

const (
	vendorTag = "Vendor"
	vendor    = "Databricks"
)

// byTags reads the tags that Databricks sets. Instances of a pool carry the
// pool's only; the names of those differ between the product and its API.
func byTags(in *evidence.Instance, tags map[string]string) {
	first := func(keys ...string) string {
		for _, k := range keys {
			if tags[k] != "" {
				return tags[k]
			}
		}
		return ""
	}
	if id := tags["ClusterId"]; id != "" {
		in.Clusters = []evidence.Ref{{ID: id, Name: tags["ClusterName"]}}
	}
	if id := first("DatabricksInstancePoolId", "InstancePoolId"); id != "" {
		in.Pool = &evidence.Ref{ID: id, Name: first("DatabricksInstancePoolName", "InstancePoolName")}
	}
	in.Warehouse = first("SqlWarehouseId", "SqlEndpointId")
	in.Owner = tags["Creator"]
	if in.Clusters != nil || in.Pool != nil || in.Warehouse != "" || tags[vendorTag] == vendor {
		in.Attribution = evidence.ByTags
	}
}
