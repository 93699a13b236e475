// Package nodes says whose EC2 instances are, by the lists of a workspace: the
// nodes of its running clusters, the names and owners of clusters and pools. It
// only reads.
package nodes

import (
	"cmp"
	"context"
	"errors"
	"strings"
	"sync"

	"github.com/databricks/databricks-sdk-go/apierr"
	"github.com/databricks/databricks-sdk-go/service/compute"
	"github.com/imdsscan/imdsscan/workspace"
	"github.com/imdsscan/imdsscan/workspace/metrics"
	"github.com/imdsscan/imdsscan/workspace/metrics/evidence"
)

// page is the largest that the list of clusters takes.
const page = 100

// Read asks the workspace. A list that cannot be read is a problem of the
// directory; the rest is told all the same.
func Read(ctx context.Context, c *workspace.Client) (metrics.Directory, error) {
	d := metrics.Directory{Workspace: c.Host(), Instances: map[string]metrics.Known{}, Clusters: map[string]metrics.Known{}, Pools: map[string]string{}}
	clusters := compute.NewClusters(c.API)
	list, err := clusters.ListAll(ctx, compute.ListClustersRequest{PageSize: page})
	if ctx.Err() != nil {
		return d, ctx.Err()
	}
	if err != nil {
		d.Problems = append(d.Problems, problem(c, "the list of clusters", err))
	}
	for i := range list {
		x := &list[i]
		if x.Driver == nil && hasNodes(x.State) {
			// The list may leave nodes out; the cluster itself does not.
			if full, err := clusters.GetByClusterId(ctx, x.ClusterId); err == nil {
				x = full
			} else if ctx.Err() != nil {
				return d, ctx.Err()
			} else {
				d.Problems = append(d.Problems, problem(c, "cluster "+x.ClusterId, err))
			}
		}
		add(&d, x)
	}
	pools, err := compute.NewInstancePools(c.API).ListAll(ctx)
	if ctx.Err() != nil {
		return d, ctx.Err()
	}
	if err != nil {
		d.Problems = append(d.Problems, problem(c, "the list of pools", err))
	}
	for _, p := range pools {
		d.Pools[p.InstancePoolId] = p.InstancePoolName
	}
	d.Elsewhere = elsewhere(ctx, clusters, d.Clusters)
	return d, nil
}

func problem(c *workspace.Client, object string, err error) evidence.Problem {
	return evidence.Problem{Reason: c.Explain(object, err).Error()}
}

func hasNodes(s compute.State) bool { return s == compute.StateRunning || s == compute.StateResizing }

// add tells the cluster and its nodes.
func add(d *metrics.Directory, x *compute.ClusterDetails) {
	k := metrics.Known{Clusters: []evidence.Ref{{ID: x.ClusterId, Name: x.ClusterName}}, Owner: x.CreatorUserName, By: evidence.ByWorkspace}
	if id := cmp.Or(x.InstancePoolId, x.DriverInstancePoolId); id != "" {
		k.Pool = &evidence.Ref{ID: id}
	}
	d.Clusters[x.ClusterId] = k
	if !hasNodes(x.State) {
		return
	}
	k.Running = true
	nodes := x.Executors
	if x.Driver != nil {
		nodes = append(nodes, *x.Driver)
	}
	for _, n := range nodes {
		if n.InstanceId != "" {
			d.Instances[n.InstanceId] = k
		}
	}
}

// elsewhere tells clusters that the workspace does not know. The list has only
// the latest of those that ended, so each that it lacks is asked for, once.
func elsewhere(ctx context.Context, clusters *compute.ClustersAPI, listed map[string]metrics.Known) func(string) bool {
	var mu sync.Mutex
	asked := map[string]bool{}
	return func(id string) bool {
		if _, ok := listed[id]; ok {
			return false
		}
		mu.Lock()
		defer mu.Unlock()
		answer, known := asked[id]
		if !known {
			_, err := clusters.GetByClusterId(ctx, id)
			answer = unknownThere(err)
			if ctx.Err() == nil {
				asked[id] = answer
			}
		}
		return answer
	}
}

// unknownThere tells the answer that there is no such cluster from other errors:
// a cluster that may not be seen may be the workspace's.
func unknownThere(err error) bool {
	var api *apierr.APIError
	return errors.Is(err, apierr.ErrResourceDoesNotExist) || errors.As(err, &api) && api.StatusCode == 400 && strings.Contains(api.Message, "does not exist")
}
