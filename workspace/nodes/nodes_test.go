package nodes

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/databricks/databricks-sdk-go/service/compute"
	"github.com/imdsscan/imdsscan/workspace"
	"github.com/imdsscan/imdsscan/workspace/emulator"
	"github.com/imdsscan/imdsscan/workspace/emulator/aws"
	"github.com/imdsscan/imdsscan/workspace/metrics"
	"github.com/imdsscan/imdsscan/workspace/metrics/evidence"
)

// connect starts a workspace and an AWS account, both on 127.0.0.1.
func connect(t *testing.T) (*emulator.Server, *aws.Server, *workspace.Client) {
	t.Helper()
	account, err := aws.New(aws.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { account.Close() })
	for k, v := range account.Env() {
		t.Setenv(k, v)
	}
	w := emulator.New(emulator.Options{})
	t.Cleanup(w.Close)
	t.Setenv("DATABRICKS_CONFIG_FILE", "/dev/null")
	t.Setenv("DATABRICKS_HOST", w.URL())
	t.Setenv("DATABRICKS_TOKEN", w.Token())
	c, err := workspace.Connect(context.Background(), workspace.Options{Version: "1.0.0", RetryFor: time.Second})
	if err != nil {
		t.Fatal(err)
	}
	return w, account, c
}

func look(t *testing.T, c *workspace.Client) *evidence.Report {
	t.Helper()
	d, err := Read(context.Background(), c)
	if err != nil {
		t.Fatal(err)
	}
	s, err := metrics.Connect(context.Background(), metrics.Options{Known: d})
	if err != nil {
		t.Fatal(err)
	}
	now := time.Now()
	r, err := s.Look(context.Background(), metrics.NewWindow(now.Add(-time.Hour), now))
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func TestWorkspaceNamesNodes(t *testing.T) {
	w, account, c := connect(t)
	pool := w.AddPool(compute.InstancePoolAndStats{InstancePoolName: "fleet", NodeTypeId: "m5.large"})
	etl := w.AddCluster(compute.ClusterDetails{ClusterName: "etl", CreatorUserName: "ana@x.org", State: compute.StateRunning, NumWorkers: 1, InstancePoolId: pool})
	w.AddCluster(compute.ClusterDetails{ClusterName: "idle", ClusterId: "c-idle"})
	state, _ := w.Cluster(etl)
	// A node of the pool carries the pool's tags, or none that help; one of
	// another workspace a cluster's id that this one does not know.
	account.AddInstance(aws.Instance{ID: state.Driver.InstanceId, Tags: map[string]string{"Vendor": "Databricks", "DatabricksInstancePoolId": pool}})
	account.Count(state.Driver.InstanceId, "MetadataNoToken", time.Now().Add(-30*time.Minute), 3)
	account.AddInstance(aws.Instance{ID: state.Executors[0].InstanceId})
	account.AddInstance(aws.Instance{ID: "i-other", Tags: map[string]string{"Vendor": "Databricks", "ClusterId": "c-other"}})
	account.Count("i-other", "MetadataNoToken", time.Now().Add(-30*time.Minute), 100)
	account.AddInstance(aws.Instance{ID: "i-idle", Tags: map[string]string{"Vendor": "Databricks", "ClusterId": "c-idle"}})
	r := look(t, c)
	if r.Workspace != w.URL() || len(r.Problems) > 0 || r.Summary.Calls != 3 || r.Summary.Excluded != 1 || len(r.Instances) != 3 {
		t.Fatalf("%+v", r)
	}
	if g := r.Clusters[0]; g.ID != etl || g.Name != "etl" || g.Owner != "ana@x.org" || g.Instances.Total() != 2 || g.Calls != 3 {
		t.Errorf("%+v", g)
	}
	if p := r.Pools[0]; p.ID != pool || p.Name != "fleet" || p.Instances.Total() != 2 {
		t.Errorf("%+v", p)
	}
	if g := r.Clusters[1]; g.ID != "c-idle" || g.Name != "idle" || g.State != evidence.Unknown {
		t.Errorf("%+v", g)
	}
}

// Nodes of running clusters that are not in the account are no quiet.
func TestWrongAccount(t *testing.T) {
	w, _, c := connect(t)
	w.AddCluster(compute.ClusterDetails{ClusterName: "etl", State: compute.StateRunning, NumWorkers: 1})
	r := look(t, c)
	if r.Complete || len(r.Problems) != 1 || !strings.Contains(r.Problems[0].Reason, "none of the 2 instances") {
		t.Errorf("%+v", r.Problems)
	}
}

func TestListsThatCannotBeRead(t *testing.T) {
	w, account, c := connect(t)
	account.AddInstance(aws.Instance{ID: "i-1", Tags: map[string]string{"Vendor": "Databricks", "ClusterId": "c-1"}})
	account.Count("i-1", "MetadataNoToken", time.Now().Add(-30*time.Minute), 3)
	w.Inject(emulator.Fault{Method: "GET", Path: "/api/2.1/clusters/list", Kind: emulator.Status(403), Times: -1})
	w.Inject(emulator.Fault{Method: "GET", Path: "/api/2.1/clusters/get", Kind: emulator.Status(403), Times: -1})
	w.Inject(emulator.Fault{Method: "GET", Path: "/api/2.0/instance-pools/list", Kind: emulator.Status(500), Times: -1})
	r := look(t, c)
	if len(r.Problems) != 2 || r.Complete || r.Summary.Calls != 3 || r.Verdict != evidence.CallsSeen {
		t.Errorf("%+v", r)
	}
}
