package emulator

import (
	"testing"
	"time"

	"github.com/databricks/databricks-sdk-go/service/compute"
	"github.com/databricks/databricks-sdk-go/service/sql"
)

// Clusters take the instances that lie idle in their pools, and hand theirs back.
func TestPoolInstances(t *testing.T) {
	clk := newClock()
	s, w := start(t, Options{Now: clk.Now, RestartTime: time.Minute})
	s.AddPool(compute.InstancePoolAndStats{InstancePoolId: "p", InstancePoolName: "warm", NodeTypeId: "m5.large", MinIdleInstances: 1,
		IdleInstanceAutoterminationMinutes: 30, Stats: &compute.InstancePoolStats{IdleCount: 1, UsedCount: 3}})
	s.AddCluster(compute.ClusterDetails{ClusterId: "c", State: compute.StateRunning, NumWorkers: 2, InstancePoolId: "p", SparkVersion: "14.3.x-scala2.12"})
	clusters, pools := compute.NewClusters(w.DatabricksClient), compute.NewInstancePools(w.DatabricksClient)
	instances := func() map[string]bool {
		c := must[*compute.ClusterDetails](t)(clusters.GetByClusterId(ctx, "c"))
		out := map[string]bool{}
		for _, n := range append(c.Executors, *c.Driver) {
			out[n.InstanceId] = true
		}
		return out
	}
	stats := func(idle, used int) {
		t.Helper()
		if p := must[*compute.GetInstancePool](t)(pools.GetByInstancePoolId(ctx, "p")); p.Stats.IdleCount != idle || p.Stats.UsedCount != used {
			t.Errorf("the pool has %d idle and %d used", p.Stats.IdleCount, p.Stats.UsedCount)
		}
	}
	restart := func() {
		t.Helper()
		if _, err := clusters.Restart(ctx, compute.RestartCluster{ClusterId: "c"}); err != nil {
			t.Fatal(err)
		}
	}
	before := instances()
	restart()
	stats(4, 0)
	clk.add(time.Minute)
	after := instances()
	same := 0
	for id := range after {
		if before[id] {
			same++
		}
	}
	if same != 2 { // the third is the one that lay there before
		t.Errorf("%d of 3 instances are the ones from before", same)
	}
	stats(1, 3)

	edit := compute.EditInstancePool{InstancePoolId: "p", InstancePoolName: "warm", NodeTypeId: "m5.xlarge", ForceSendFields: []string{"IdleInstanceAutoterminationMinutes"}}
	wantError(t, pools.Edit(ctx, edit), 400, "INVALID_PARAMETER_VALUE", "node type")
	edit.NodeTypeId = "m5.large"
	if err := pools.Edit(ctx, edit); err != nil {
		t.Fatal(err)
	}
	stats(0, 3)
	p := must[[]compute.InstancePoolAndStats](t)(pools.ListAll(ctx))[0]
	if p.MinIdleInstances != 0 || p.IdleInstanceAutoterminationMinutes != 0 || len(p.ForceSendFields) == 0 {
		t.Errorf("edited: %+v", p)
	}
	before = after
	restart()
	clk.add(time.Minute)
	for id := range instances() {
		if before[id] {
			t.Errorf("%s came back from an empty pool", id)
		}
	}
	edit.MinIdleInstances, edit.IdleInstanceAutoterminationMinutes = 2, 30
	if err := pools.Edit(ctx, edit); err != nil {
		t.Fatal(err)
	}
	stats(2, 3)
	if _, err := clusters.Edit(ctx, compute.EditCluster{ClusterId: "c", SparkVersion: "14.3.x-scala2.12", NodeTypeId: "m5.large"}); err != nil {
		t.Fatal(err)
	}
	clk.add(time.Minute)
	stats(5, 0)
	clk.add(30 * time.Minute)
	stats(2, 0)
	s.Deny("/pools/p", NoWrite)
	wantError(t, pools.Edit(ctx, edit), 403, "PERMISSION_DENIED", "CAN_MANAGE")
}

func TestWarehousesStopAndStart(t *testing.T) {
	clk := newClock()
	s, w := start(t, Options{Now: clk.Now, RestartTime: time.Minute})
	id := s.AddWarehouse(sql.EndpointInfo{Name: "main", State: sql.StateRunning, NumClusters: 2})
	api := sql.NewWarehouses(w.DatabricksClient)
	is := func(want sql.State) {
		t.Helper()
		if list := must[[]sql.EndpointInfo](t)(api.ListAll(ctx, sql.ListWarehousesRequest{})); list[0].State != want {
			t.Errorf("it is %s, want %s", list[0].State, want)
		}
	}
	act := func(_ any, err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	act(api.Start(ctx, sql.StartRequest{Id: id}))
	is(sql.StateRunning)
	act(api.Stop(ctx, sql.StopRequest{Id: id}))
	is(sql.StateStopped)
	act(api.Start(ctx, sql.StartRequest{Id: id}))
	is(sql.StateStarting)
	clk.add(time.Minute)
	is(sql.StateRunning)
	_, err := api.Stop(ctx, sql.StopRequest{Id: "none"})
	wantError(t, err, 404, "RESOURCE_DOES_NOT_EXIST", "none")
}
