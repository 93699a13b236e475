package main

import (
	"bytes"
	"strings"
	"testing"
	"time"

	"github.com/databricks/databricks-sdk-go/service/compute"
	"github.com/databricks/databricks-sdk-go/service/sql"

	"github.com/imdsscan/imdsscan/workspace/emulator"
	"github.com/imdsscan/imdsscan/workspace/enforce"
	"github.com/imdsscan/imdsscan/workspace/restart"
	"github.com/imdsscan/imdsscan/workspace/setting"
)

// Restarts are told of one by one, and are in the history; what was restarted is
// known to be new afterwards, what failed is not.
func TestRestartHeld(t *testing.T) {
	s := emulated(t, emulator.Options{RestartTime: 50 * time.Millisecond})
	s.AddPool(compute.InstancePoolAndStats{InstancePoolId: "p", InstancePoolName: "warm", NodeTypeId: "m5.large", MinIdleInstances: 1, Stats: &compute.InstancePoolStats{IdleCount: 1}})
	for _, id := range []string{"back", "broken", "pooled"} {
		c := compute.ClusterDetails{ClusterId: id, ClusterName: "the " + id, State: compute.StateRunning, NumWorkers: 1, StartTime: time.Now().Add(-24 * time.Hour).UnixMilli()}
		if id == "pooled" {
			c.InstancePoolId = "p"
		}
		s.AddCluster(c)
	}
	s.FailStart("broken", "init script harden.sh\nended with 1")
	client, err := connectTo(t.Context(), "")
	if err != nil {
		t.Fatal(err)
	}
	o := stateFlags{stateDir: t.TempDir()}
	dir, err := o.dir()
	if err != nil {
		t.Fatal(err)
	}
	log, err := enforce.History{Dir: dir}.Open(client.Host())
	if err != nil {
		t.Fatal(err)
	}
	defer log.Close()
	for _, raw := range []string{"false", "true"} {
		if err := log.Looked(setting.Setting{Key: setting.EnforceIMDSv2, Value: setting.ValueOf(raw), Raw: raw}, "admin@example.com"); err != nil {
			t.Fatal(err)
		}
	}
	since := time.Now()
	inv, _, err := readInventory(t.Context(), client)
	if err != nil {
		t.Fatal(err)
	}
	var out, stderr bytes.Buffer
	list := restart.Of(inv, since)
	code := restartHeld(t.Context(), client, log, list, restart.Options{Since: since, Poll: 5 * time.Millisecond}, streams{strings.NewReader(""), &out, &stderr}, false)
	for _, want := range []string{
		"  cluster the back (back): its restart is asked for\n",
		"  cluster the back (back): restarted on new instances in ",
		"  cluster the broken (broken): the restart ended in TERMINATED: CLOUD_PROVIDER_LAUNCH_FAILURE: init script harden.sh ended with 1\n      → look at its event log",
		"  cluster the pooled (pooled): not restarted: it would get old instances again from pool warm (p): 1 instance lies idle in it",
		"      → set the minimum of idle instances",
		"3 clusters: 1 restarted, 1 held back, 1 failed\n",
	} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("%q is missing in\n%s", want, &out)
		}
	}
	if code != exitIncomplete || stderr.Len() > 0 {
		t.Errorf("exit %d, %s", code, &stderr)
	}
	known := log.State.Known()
	if c, _ := s.Cluster("back"); len(known.Restarted) != 1 || !known.Restarted["back"].Equal(time.UnixMilli(c.LastRestartedTime)) {
		t.Errorf("known: %+v", known)
	}
	if inv, _, err = readInventory(t.Context(), client); err != nil {
		t.Fatal(err)
	}
	for _, h := range restart.Left(restart.OfKnown(inv, since, known)) {
		if h.ID == "back" {
			t.Errorf("%+v", h)
		}
	}
}

// Who follows the steps comes to an end: a pool that was drained and a warehouse
// that was stopped are known to be new when they have instances again.
func TestStepsComeToAnEnd(t *testing.T) {
	s := emulated(t, emulator.Options{RestartTime: 50 * time.Millisecond})
	s.AddPool(compute.InstancePoolAndStats{InstancePoolId: "p", InstancePoolName: "warm", NodeTypeId: "m5.large", MinIdleInstances: 1,
		IdleInstanceAutoterminationMinutes: 60, Stats: &compute.InstancePoolStats{IdleCount: 1, UsedCount: 2}})
	s.AddCluster(compute.ClusterDetails{ClusterId: "c", ClusterName: "adhoc", State: compute.StateRunning, NumWorkers: 1, InstancePoolId: "p",
		StartTime: time.Now().Add(-24 * time.Hour).UnixMilli()})
	w := s.AddWarehouse(sql.EndpointInfo{Name: "Reports", State: sql.StateRunning})
	client, err := connectTo(t.Context(), "")
	if err != nil {
		t.Fatal(err)
	}
	state := t.TempDir()
	enforce := func(want int, args ...string) string {
		t.Helper()
		code, stdout, stderr := runTest(t.Context(), "", append([]string{"enforce"}, append(args, "--state-dir", state)...)...)
		if code != want {
			t.Errorf("%v: exit %d\n%s%s", args, code, stdout, stderr)
		}
		return stdout + stderr
	}
	says := func(got string, words ...string) {
		t.Helper()
		for _, word := range words {
			if !strings.Contains(got, word) {
				t.Errorf("%q is missing in\n%s", word, got)
			}
		}
	}
	says(enforce(exitClean, "on", "--yes", "--restart"), "cluster adhoc (c): not restarted: it would get old instances again from pool warm (p)")
	says(enforce(exitClean, "status"), "cluster adhoc (c)", "pool warm (p)", "warehouse Reports")

	pools, warehouses := compute.NewInstancePools(client.API), sql.NewWarehouses(client.API)
	pool := compute.EditInstancePool{InstancePoolId: "p", InstancePoolName: "warm", NodeTypeId: "m5.large", ForceSendFields: []string{"IdleInstanceAutoterminationMinutes"}}
	if err := pools.Edit(t.Context(), pool); err != nil {
		t.Fatal(err)
	}
	if _, err := warehouses.Stop(t.Context(), sql.StopRequest{Id: w}); err != nil {
		t.Fatal(err)
	}
	says(enforce(exitClean, "on", "--yes", "--restart"), "cluster adhoc (c): restarted on new instances")
	says(enforce(exitClean, "status"), "nothing runs from before")

	pool.MinIdleInstances, pool.IdleInstanceAutoterminationMinutes = 1, 60
	if err := pools.Edit(t.Context(), pool); err != nil {
		t.Fatal(err)
	}
	if _, err := warehouses.Start(t.Context(), sql.StartRequest{Id: w}); err != nil {
		t.Fatal(err)
	}
	says(enforce(exitClean, "status"), "nothing runs from before")
}

// Clusters are dated by the service, and so is the switch, whatever the clock of
// this machine says.
func TestClocksDiffer(t *testing.T) {
	for name, ahead := range map[string]time.Duration{"ahead": 40 * time.Minute, "behind": -40 * time.Minute} {
		t.Run(name, func(t *testing.T) {
			now := func() time.Time { return time.Now().Add(ahead) }
			s := emulated(t, emulator.Options{Now: now, RestartTime: 50 * time.Millisecond})
			add := func(id string, ago time.Duration) {
				s.AddCluster(compute.ClusterDetails{ClusterId: id, ClusterName: id, State: compute.StateRunning, StartTime: now().Add(-ago).UnixMilli()})
			}
			add("old", 10*time.Minute)
			state := t.TempDir()
			if code, stdout, stderr := runTest(t.Context(), "", "enforce", "on", "--yes", "--state-dir", state); code != exitClean {
				t.Fatalf("exit %d\n%s%s", code, stdout, stderr)
			}
			add("new", -2*time.Second) // the service tells its time to the second
			code, stdout, _ := runTest(t.Context(), "", "enforce", "status", "--state-dir", state)
			if code != exitClean || !strings.Contains(stdout, "cluster old (old)") || strings.Contains(stdout, "cluster new") {
				t.Errorf("exit %d\n%s", code, stdout)
			}
		})
	}
}

// A pool that somebody makes while the switch is asked about may hold instances
// from before it; one that is made later does not.
func TestPoolsAroundTheSwitch(t *testing.T) {
	s := emulated(t, emulator.Options{})
	add := func(s *emulator.Server, id string) {
		s.AddPool(compute.InstancePoolAndStats{InstancePoolId: id, InstancePoolName: id, NodeTypeId: "m-fleet.large", Stats: &compute.InstancePoolStats{IdleCount: 1}})
	}
	s.Inject(emulator.Fault{Method: "PATCH", Path: "/api/2.0/workspace-conf", Hook: func(s *emulator.Server) { add(s, "meanwhile") }})
	state := t.TempDir()
	if code, stdout, stderr := runTest(t.Context(), "", "enforce", "on", "--yes", "--state-dir", state); code != exitClean || !strings.Contains(stdout, "pool meanwhile") {
		t.Fatalf("exit %d\n%s%s", code, stdout, stderr)
	}
	add(s, "later")
	if code, stdout, _ := runTest(t.Context(), "", "enforce", "status", "--state-dir", state); code != exitClean || !strings.Contains(stdout, "pool meanwhile") || strings.Contains(stdout, "pool later") {
		t.Errorf("exit %d\n%s", code, stdout)
	}
}
