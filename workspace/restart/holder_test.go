package restart

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/databricks/databricks-sdk-go/service/compute"
	"github.com/databricks/databricks-sdk-go/service/jobs"
	"github.com/databricks/databricks-sdk-go/service/pipelines"
	"github.com/databricks/databricks-sdk-go/service/sql"

	"github.com/imdsscan/imdsscan/workspace/inventory"
)

// since is the switch of these tests.
var since = time.Date(2026, 11, 20, 9, 0, 0, 0, time.UTC)

func at(d time.Duration) int64 { return since.Add(d).UnixMilli() }

const day = 24 * time.Hour

func TestClusters(t *testing.T) {
	node := func(d time.Duration) compute.SparkNode { return compute.SparkNode{StartTimestamp: at(d)} }
	driver := node(time.Minute)
	old := node(-day)
	for name, c := range map[string]struct {
		compute.ClusterDetails
		before Tri
		how    How
		why    string // a part of it
	}{
		"from before":            {compute.ClusterDetails{StartTime: at(-day)}, Yes, RestartHere, "started 2026-11-19 09:00 UTC, before the switch"},
		"restarted since":        {compute.ClusterDetails{StartTime: at(-day), LastRestartedTime: at(day)}, No, "", "restarted 2026-11-21 09:00 UTC, after"},
		"restarted before":       {compute.ClusterDetails{StartTime: at(-9 * day), LastRestartedTime: at(-day)}, Yes, RestartHere, "2026-11-19"},
		"at the same moment":     {compute.ClusterDetails{StartTime: at(0)}, Yes, RestartHere, "before"},
		"started since":          {compute.ClusterDetails{StartTime: at(time.Second)}, No, "", "after the switch"},
		"soon after":             {compute.ClusterDetails{StartTime: at(-day), LastRestartedTime: at(time.Minute)}, Unknown, RestartHere, "may have been launched before"},
		"soon, started since":    {compute.ClusterDetails{StartTime: at(time.Second), LastRestartedTime: at(time.Minute)}, No, "", "after the switch"},
		"soon, its nodes say so": {compute.ClusterDetails{StartTime: at(-day), LastRestartedTime: at(3 * time.Minute), Driver: &driver}, No, "", "after the switch"},
		"soon, a node is older": {compute.ClusterDetails{StartTime: at(-day), LastRestartedTime: at(3 * time.Minute), Driver: &driver,
			Executors: []compute.SparkNode{old}}, Unknown, RestartHere, "may have been"},
		"no time": {compute.ClusterDetails{}, Unknown, RestartHere, "does not tell when"},
		"grown since": {compute.ClusterDetails{StartTime: at(-day), Driver: &old, Executors: []compute.SparkNode{old, node(day), node(day)}},
			Yes, RestartHere, "2 executors were added since, the driver is from before"},
		"resizing":                 {compute.ClusterDetails{StartTime: at(-day), State: compute.StateResizing}, Yes, RestartHere, "before"},
		"pending":                  {compute.ClusterDetails{StartTime: at(-time.Minute), State: compute.StatePending}, Yes, RestartHere, "before"},
		"being restarted":          {compute.ClusterDetails{StartTime: at(-day), State: compute.StateRestarting}, Unknown, RestartHere, "whether that began before"},
		"being restarted again":    {compute.ClusterDetails{StartTime: at(-day), LastRestartedTime: at(day), State: compute.StateRestarting}, No, "", "after"},
		"ending":                   {compute.ClusterDetails{StartTime: at(-day), State: compute.StateTerminating}, Yes, EndsByItself, "being terminated"},
		"in error":                 {compute.ClusterDetails{StartTime: at(-day), State: compute.StateError}, Unknown, ByPerson, "its state is ERROR"},
		"in no known state":        {compute.ClusterDetails{StartTime: at(-day), State: compute.StateUnknown}, Unknown, ByPerson, "its state is UNKNOWN"},
		"by the API":               {compute.ClusterDetails{StartTime: at(-day), ClusterSource: compute.ClusterSourceApi}, Yes, RestartHere, "before"},
		"of a job":                 {compute.ClusterDetails{StartTime: at(-day), ClusterSource: compute.ClusterSourceJob}, Yes, EndsByItself, "ends with the run"},
		"of a pipeline not listed": {compute.ClusterDetails{StartTime: at(-day), ClusterSource: compute.ClusterSourcePipeline}, Yes, EndsByItself, "update"},
		"of a warehouse":           {compute.ClusterDetails{StartTime: at(-day), ClusterSource: compute.ClusterSourceSql}, Yes, ByPerson, "before"},
		"of a model":               {compute.ClusterDetails{StartTime: at(-day), ClusterSource: compute.ClusterSourceModels}, Yes, ByPerson, "before"},
		"of something new":         {compute.ClusterDetails{StartTime: at(-day), ClusterSource: "AGENT"}, Yes, ByPerson, "before"},
		"on an empty pool":         {compute.ClusterDetails{StartTime: at(-day), InstancePoolId: "empty"}, Yes, RestartHere, "before"},
		"on a warm pool":           {compute.ClusterDetails{StartTime: at(-day), InstancePoolId: "warm"}, Yes, AfterPool, "before"},
		"driver on a warm pool":    {compute.ClusterDetails{StartTime: at(-day), InstancePoolId: "empty", DriverInstancePoolId: "warm"}, Yes, AfterPool, "before"},
		"on a fleet":               {compute.ClusterDetails{StartTime: at(-day), InstancePoolId: "fleet"}, Yes, ByPerson, "before"},
		"on a pool not listed":     {compute.ClusterDetails{StartTime: at(-day), InstancePoolId: "hidden"}, Yes, AfterPool, "before"},
		"since, on a pool":         {compute.ClusterDetails{StartTime: at(day), InstancePoolId: "empty"}, Unknown, RestartHere, "may have taken instances from pool empty (empty)"},
		"since, on both": {compute.ClusterDetails{StartTime: at(day), InstancePoolId: "empty", DriverInstancePoolId: "warm"}, Unknown, AfterPool,
			"from pool empty (empty) and pool warm (warm)"},
	} {
		t.Run(name, func(t *testing.T) {
			d := c.ClusterDetails
			d.ClusterId, d.ClusterName = "c", name
			if d.State == "" {
				d.State = compute.StateRunning
			}
			list := Of(&inventory.Inventory{Clusters: []compute.ClusterDetails{d}, Pools: pools()}, since)
			i := slices.IndexFunc(list, func(h Holder) bool { return h.ID == "c" })
			if i < 0 {
				t.Fatalf("it is not told of: %v", list)
			}
			h := list[i]
			if h.Before != c.before || h.How != c.how || !strings.Contains(h.Why, c.why) {
				t.Errorf("%s, %q: %s", h.Before, h.How, h.Why)
			}
			if (h.How == ByPerson || h.How == AfterPool) != (len(h.Steps) > 0) && h.How != EndsByItself {
				t.Errorf("%q with the steps %q", h.How, h.Steps)
			}
		})
	}
}

// pools are one that keeps nothing, one that keeps instances and one of a fleet.
func pools() []compute.InstancePoolAndStats {
	return []compute.InstancePoolAndStats{
		{InstancePoolId: "empty", InstancePoolName: "empty", NodeTypeId: "m5.large", Stats: &compute.InstancePoolStats{UsedCount: 2},
			ForceSendFields: []string{"IdleInstanceAutoterminationMinutes"}},
		{InstancePoolId: "warm", InstancePoolName: "warm", NodeTypeId: "m5.large", MinIdleInstances: 1, IdleInstanceAutoterminationMinutes: 30,
			Stats: &compute.InstancePoolStats{IdleCount: 1, PendingIdleCount: 1}},
		{InstancePoolId: "fleet", InstancePoolName: "fleet", NodeTypeId: "rd-fleet.xlarge", Stats: &compute.InstancePoolStats{},
			ForceSendFields: []string{"IdleInstanceAutoterminationMinutes"}},
		{InstancePoolId: "gone", InstancePoolName: "gone", State: compute.InstancePoolStateDeleted, NodeTypeId: "m-fleet.xlarge"},
	}
}

func TestNothingRuns(t *testing.T) {
	inv := &inventory.Inventory{Clusters: []compute.ClusterDetails{{ClusterId: "c", State: compute.StateTerminated, StartTime: at(-day)}},
		SQLWarehouses: []sql.EndpointInfo{{Id: "w", State: sql.StateStopped}, {Id: "s", State: sql.StateRunning, EnableServerlessCompute: true}},
		Pipelines: []pipelines.GetPipelineResponse{{PipelineId: "p", State: pipelines.PipelineStateIdle, Spec: &pipelines.PipelineSpec{}},
			{PipelineId: "q", State: pipelines.PipelineStateRunning, Spec: &pipelines.PipelineSpec{Serverless: true}}},
		Pools: []compute.InstancePoolAndStats{{InstancePoolId: "o", NodeTypeId: "m5.large", Stats: &compute.InstancePoolStats{UsedCount: 1}}}}
	if list := Of(inv, since); len(list) > 0 {
		t.Errorf("%+v", list)
	}
}

func find(t *testing.T, list []Holder, id string) Holder {
	t.Helper()
	i := slices.IndexFunc(list, func(h Holder) bool { return h.ID == id })
	if i < 0 {
		t.Fatalf("%s is not told of", id)
	}
	return list[i]
}

// Before the switch all that runs is from before, also where no time is told.
func TestBeforeTheSwitch(t *testing.T) {
	inv := &inventory.Inventory{Clusters: []compute.ClusterDetails{{ClusterId: "c", State: compute.StateRunning}, {ClusterId: "j", State: compute.StateRunning, ClusterSource: compute.ClusterSourceJob}},
		SQLWarehouses: []sql.EndpointInfo{{Id: "w", State: sql.StateRunning}}, Pools: pools()}
	list := Of(inv, time.Time{})
	var got []string
	for _, h := range list {
		got = append(got, h.Kind+" "+h.ID)
		if h.Before != Yes || h.Why == "" {
			t.Errorf("%+v", h)
		}
	}
	if want := []string{"cluster c", "job cluster j", "warehouse w", "pool fleet", "pool warm"}; !slices.Equal(got, want) {
		t.Errorf("%q", got)
	}
}

func TestPools(t *testing.T) {
	fixed := compute.Policy{PolicyId: "p1", Name: "team", Definition: `{"instance_pool_id": {"type": "fixed", "value": "fleet"}}`}
	task := jobs.Task{TaskKey: "t", NewCluster: &compute.ClusterSpec{InstancePoolId: "fleet"}}
	inv := &inventory.Inventory{Pools: pools(), Policies: []compute.Policy{fixed}, Jobs: []jobs.BaseJob{{JobId: 7, Settings: &jobs.JobSettings{Name: "nightly", Tasks: []jobs.Task{task}}}},
		Clusters: []compute.ClusterDetails{{ClusterId: "c", ClusterName: "adhoc", State: compute.StateTerminated, InstancePoolId: "warm"}}}
	list := Of(inv, since)
	if len(list) != 2 {
		t.Fatalf("%+v", list)
	}
	warm, fleet := find(t, list, "warm"), find(t, list, "fleet")
	if warm.Before != Unknown || !strings.Contains(warm.Why, "2 instances lie idle in it") || warm.Fleet {
		t.Errorf("%+v", warm)
	}
	if want := []string{"set the minimum of idle instances and the minutes of idle instance auto termination of pool warm (warm) to 0 (note what they are now: 1, and 30)",
		"wait until no instance lies idle in pool warm (warm)", "restart what runs on it, of cluster adhoc (c)", lookAgain, "set it back to what it was"}; !slices.Equal(warm.Steps, want) {
		t.Errorf("%q", warm.Steps)
	}
	if want := []string{"create a new fleet pool with the same settings", "move onto it what uses this one: job nightly (7) and policy team (p1)", "delete this pool"}; !slices.Equal(fleet.Steps, want) ||
		!fleet.Fleet {
		t.Errorf("%+v", fleet)
	}
	for i := range 12 {
		inv.Clusters = append(inv.Clusters, compute.ClusterDetails{ClusterId: fmt.Sprint("x", i), State: compute.StateTerminated, InstancePoolId: "warm"})
	}
	if steps := find(t, Of(inv, since), "warm").Steps; !strings.Contains(steps[2], "cluster x8 and 3 more") {
		t.Errorf("%q", steps)
	}
	list = OfKnown(inv, since, &Known{Pools: []string{"warm"}})
	if h := find(t, list, "fleet"); h.Before != No || h.How != "" || h.Steps != nil {
		t.Errorf("a pool that is newer than the switch: %+v", h)
	}
	if h := find(t, list, "warm"); h.Before != Unknown {
		t.Errorf("a pool that was there: %+v", h)
	}
	if left := Left(list); len(left) != 1 || left[0].ID != "warm" {
		t.Errorf("left: %+v", left)
	}
}

// What this tool has restarted on new instances is not held against the cluster
// again; a later start by somebody else is.
func TestKnownRestarts(t *testing.T) {
	known := &Known{Restarted: map[string]time.Time{"c": since.Add(time.Minute)}}
	for _, restarted := range []time.Duration{time.Minute, 2 * time.Minute} {
		inv := &inventory.Inventory{Pools: pools(), Clusters: []compute.ClusterDetails{{ClusterId: "c", State: compute.StateRunning, InstancePoolId: "empty",
			StartTime: at(-day), LastRestartedTime: at(restarted)}}}
		h := find(t, OfKnown(inv, since, known), "c")
		if want := map[bool]Tri{true: No, false: Unknown}[restarted == time.Minute]; h.Before != want {
			t.Errorf("restarted after %v: %+v", restarted, h)
		}
	}
}

// A pool or a warehouse that was seen without an instance from before has new
// ones only; a pool of a fleet has to be made anew all the same.
func TestClean(t *testing.T) {
	cluster := func(id string, started time.Duration, nodes int) compute.ClusterDetails {
		return compute.ClusterDetails{ClusterId: id, State: compute.StateRunning, StartTime: at(started), InstancePoolId: "empty", Driver: &compute.SparkNode{InstanceId: "i"},
			Executors: make([]compute.SparkNode, nodes-1)}
	}
	mine := &Known{Restarted: map[string]time.Time{"new": since.Add(day)}}
	for name, c := range map[string]struct {
		clusters []compute.ClusterDetails
		known    *Known
		want     []string
	}{
		"used by what is not seen":                    {nil, nil, []string{"off"}},
		"used by an old cluster":                      {[]compute.ClusterDetails{cluster("old", -day, 2)}, nil, []string{"off"}},
		"by one that may be old":                      {[]compute.ClusterDetails{cluster("new", day, 2)}, nil, []string{"off"}},
		"by one of another restart":                   {[]compute.ClusterDetails{cluster("new", 2*day, 2)}, mine, []string{"off"}},
		"by one that is new":                          {[]compute.ClusterDetails{cluster("new", day, 2)}, mine, []string{"empty", "off"}},
		"by one that is new, and by what is not seen": {[]compute.ClusterDetails{cluster("new", day, 1)}, mine, []string{"off"}},
	} {
		inv := &inventory.Inventory{Clusters: c.clusters, Pools: pools(), SQLWarehouses: []sql.EndpointInfo{{Id: "on", State: sql.StateRunning}, {Id: "off", State: sql.StateStopped},
			{Id: "less", State: sql.StateStopped, EnableServerlessCompute: true}}}
		if got := Clean(inv, since, c.known); !slices.Equal(got, c.want) {
			t.Errorf("%s: %q", name, got)
		}
		if got := Clean(inv, time.Time{}, c.known); got != nil {
			t.Errorf("%s: before the switch: %q", name, got)
		}
	}
	inv := &inventory.Inventory{Pools: pools(), SQLWarehouses: []sql.EndpointInfo{{Id: "on", State: sql.StateRunning}, {Id: "off", State: sql.StateRunning}},
		Clusters: []compute.ClusterDetails{cluster("c", day, 2)}}
	inv.Pools[0].Stats.IdleCount = 3
	list := OfKnown(inv, since, &Known{Clean: []string{"empty", "off", "fleet"}})
	for id, want := range map[string]Tri{"empty": No, "off": No, "on": Unknown, "warm": Unknown, "fleet": Unknown, "c": No} {
		if h := find(t, list, id); h.Before != want || (want == No) != (h.How == "" && h.Steps == nil) {
			t.Errorf("%+v", h)
		}
	}
}

func TestPipelinesAndWarehouses(t *testing.T) {
	running := func(id, name string, source compute.ClusterSource, began time.Duration, tags map[string]string) compute.ClusterDetails {
		return compute.ClusterDetails{ClusterId: id, ClusterName: name, ClusterSource: source, State: compute.StateRunning, StartTime: at(began), DefaultTags: tags}
	}
	inv := &inventory.Inventory{Clusters: []compute.ClusterDetails{
		running("c1", "dlt-execution-p1", compute.ClusterSourcePipeline, day, nil),
		running("c2", "dlt-maintenance-p1", compute.ClusterSourcePipelineMaintenance, -day, nil),
		running("c3", "dlt", compute.ClusterSourcePipeline, -day, nil),
		running("c4", "endpoint", compute.ClusterSourceSql, day, map[string]string{"SqlWarehouseId": "w1"}),
	}, Pipelines: []pipelines.GetPipelineResponse{
		{PipelineId: "p1", Name: "one", State: pipelines.PipelineStateRunning, Spec: &pipelines.PipelineSpec{Continuous: true}},
		{PipelineId: "p2", Name: "two", ClusterId: "c3", State: pipelines.PipelineStateIdle, Spec: &pipelines.PipelineSpec{Development: true}},
		{PipelineId: "p3", Name: "three", State: pipelines.PipelineStateStarting, Spec: &pipelines.PipelineSpec{}},
	}, SQLWarehouses: []sql.EndpointInfo{{Id: "w1", Name: "known", State: sql.StateRunning}, {Id: "w2", Name: "other", State: sql.StateRunning, AutoStopMins: 10},
		{Id: "w3", State: sql.StateStopping}}}
	list := Of(inv, since)
	for id, want := range map[string]Holder{"p1": {Before: Yes, How: ByPerson}, "p2": {Before: Yes, How: ByPerson}, "p3": {Before: Unknown, How: EndsByItself},
		"w1": {Before: No}, "w2": {Before: Unknown, How: ByPerson}, "w3": {Before: Unknown, How: EndsByItself}} {
		if h := find(t, list, id); h.Before != want.Before || h.How != want.How || (h.How == ByPerson) != (len(h.Steps) > 0) {
			t.Errorf("%+v", h)
		}
	}
	if len(list) != 6 {
		t.Errorf("clusters are told of twice: %+v", list)
	}
	if h := find(t, list, "p1"); !h.Started.Equal(since.Add(-day)) {
		t.Errorf("%+v", h)
	}
}

func TestJobsOnClusters(t *testing.T) {
	inv := &inventory.Inventory{Clusters: []compute.ClusterDetails{{ClusterId: "c", State: compute.StateRunning, StartTime: at(-day), SingleUserName: "ana@example.com"}},
		Jobs: []jobs.BaseJob{{JobId: 7, Settings: &jobs.JobSettings{Name: "nightly", Tasks: []jobs.Task{{ExistingClusterId: "c"}, {ExistingClusterId: "c"}, {ExistingClusterId: "d"}}}}}}
	if h := find(t, Of(inv, since), "c"); !slices.Equal(h.Jobs, []string{"job nightly (7)"}) || h.Owner != "ana@example.com" || h.String() != "cluster c" {
		t.Errorf("%+v", h)
	}
}
