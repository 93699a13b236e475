// Package inventory reads what is configured in a workspace: clusters, jobs,
// policies, pipelines, pools, the SQL warehouses, init scripts and libraries,
// as the service's own values, and tells which init scripts, images and library
// files they use. It judges nothing and changes nothing.
package inventory

import (
	"context"
	"errors"
	"slices"
	"strconv"
	"strings"
	"sync"

	"github.com/databricks/databricks-sdk-go/service/compute"
	"github.com/databricks/databricks-sdk-go/service/jobs"
	"github.com/databricks/databricks-sdk-go/service/pipelines"
	"github.com/databricks/databricks-sdk-go/service/sql"

	"github.com/imdsscan/imdsscan/workspace"
)

// Inventory is what is configured. What could not be read is among the gaps;
// the rest is there all the same.
type Inventory struct {
	Clusters []compute.ClusterDetails
	// Libraries are those of clusters, by the cluster's id.
	Libraries map[string][]compute.LibraryFullStatus
	Jobs      []jobs.BaseJob
	Policies  []compute.Policy
	Pools     []compute.InstancePoolAndStats
	Pipelines []pipelines.GetPipelineResponse
	// Warehouses is the configuration that all SQL warehouses share, nil when it
	// could not be read.
	Warehouses *sql.GetWorkspaceWarehouseConfigResponse
	// SQLWarehouses are the warehouses themselves.
	SQLWarehouses []sql.EndpointInfo
	// Global are the init scripts that every cluster runs.
	Global []compute.GlobalInitScriptDetails
	Gaps   []Gap

	host string
}

// Gap is a part that could not be read, and why.
type Gap struct {
	What, Reason string
	Err          error
}

// gets is how many things are asked for one by one at the same time.
const gets = 8

// Read reads the inventory. The error is the context's.
func Read(ctx context.Context, c *workspace.Client) (*Inventory, error) {
	inv := &Inventory{host: c.Host(), Libraries: map[string][]compute.LibraryFullStatus{}}
	var mu sync.Mutex
	gap := func(what string, err error) {
		if err = c.Explain("", err); err != nil && ctx.Err() == nil {
			mu.Lock()
			defer mu.Unlock()
			inv.Gaps = append(inv.Gaps, Gap{what, workspace.Reason(err), err})
		}
	}
	var wg sync.WaitGroup
	part := func(what string, read func() error) { wg.Go(func() { gap(what, read()) }) }
	part("clusters", func() (err error) {
		inv.Clusters, err = compute.NewClusters(c.API).ListAll(ctx, compute.ListClustersRequest{PageSize: 100})
		return err
	})
	part("libraries of clusters", func() error {
		list, err := compute.NewLibraries(c.API).AllClusterStatusesAll(ctx)
		for _, l := range list {
			inv.Libraries[l.ClusterId] = l.LibraryStatuses
		}
		return err
	})
	part("jobs", func() error {
		it := jobs.NewJobs(c.API).List(ctx, jobs.ListJobsRequest{ExpandTasks: true, Limit: 100})
		for it.HasNext(ctx) {
			j, err := it.Next(ctx)
			if err != nil {
				return err
			}
			inv.Jobs = append(inv.Jobs, j)
		}
		return nil
	})
	part("cluster policies", func() (err error) {
		inv.Policies, err = compute.NewClusterPolicies(c.API).ListAll(ctx, compute.ListClusterPoliciesRequest{})
		return err
	})
	part("instance pools", func() (err error) {
		inv.Pools, err = compute.NewInstancePools(c.API).ListAll(ctx)
		return err
	})
	part("the configuration of SQL warehouses", func() (err error) {
		inv.Warehouses, err = sql.NewWarehouses(c.API).GetWorkspaceWarehouseConfig(ctx)
		return err
	})
	part("SQL warehouses", func() (err error) {
		inv.SQLWarehouses, err = sql.NewWarehouses(c.API).ListAll(ctx, sql.ListWarehousesRequest{PageSize: 100})
		return err
	})
	part("global init scripts", func() (err error) {
		inv.Global, err = compute.NewGlobalInitScripts(c.API).ListAll(ctx)
		return err
	})
	part("pipelines", func() error { return inv.readPipelines(ctx, c, gap) })
	wg.Wait()
	inv.sort()
	return inv, ctx.Err()
}

var errNoSpec = errors.New("the service does not tell what it is made of")

// readPipelines reads the pipelines one by one: the list does not say what they
// are made of.
func (inv *Inventory) readPipelines(ctx context.Context, c *workspace.Client, gap func(string, error)) error {
	api := pipelines.NewPipelines(c.API)
	list, err := api.ListPipelinesAll(ctx, pipelines.ListPipelinesRequest{MaxResults: 100})
	if err != nil {
		return err
	}
	found := make([]*pipelines.GetPipelineResponse, len(list))
	turn := make(chan int)
	var wg sync.WaitGroup
	for range min(gets, len(list)) {
		wg.Go(func() {
			for i := range turn {
				p, err := api.GetByPipelineId(ctx, list[i].PipelineId)
				if err == nil && p.Spec == nil {
					err = errNoSpec
				}
				if found[i] = p; err != nil {
					found[i] = nil
					gap(Named("pipeline", list[i].Name, list[i].PipelineId), err)
				}
			}
		})
	}
	for i := range list {
		turn <- i
	}
	close(turn)
	wg.Wait()
	for _, p := range found {
		if p != nil {
			inv.Pipelines = append(inv.Pipelines, *p)
		}
	}
	return nil
}

func (inv *Inventory) sort() {
	slices.SortStableFunc(inv.Clusters, func(a, b compute.ClusterDetails) int { return strings.Compare(a.ClusterId, b.ClusterId) })
	slices.SortStableFunc(inv.Jobs, func(a, b jobs.BaseJob) int { return int(min(max(a.JobId-b.JobId, -1), 1)) })
	slices.SortStableFunc(inv.Policies, func(a, b compute.Policy) int { return strings.Compare(a.PolicyId, b.PolicyId) })
	slices.SortStableFunc(inv.Pools, func(a, b compute.InstancePoolAndStats) int {
		return strings.Compare(a.InstancePoolId, b.InstancePoolId)
	})
	slices.SortStableFunc(inv.Pipelines, func(a, b pipelines.GetPipelineResponse) int { return strings.Compare(a.PipelineId, b.PipelineId) })
	slices.SortStableFunc(inv.SQLWarehouses, func(a, b sql.EndpointInfo) int { return strings.Compare(a.Id, b.Id) })
	slices.SortFunc(inv.Gaps, func(a, b Gap) int { return strings.Compare(a.What, b.What) })
}

// Named is a thing as reports name it: cluster etl (0923-…).
func Named(kind, name, id string) string {
	name = strings.Join(strings.Fields(name), " ")
	if name == "" {
		return kind + " " + id
	}
	return kind + " " + name + " (" + id + ")"
}

func jobID(id int64) string { return strconv.FormatInt(id, 10) }
