package inventory

import (
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/databricks/databricks-sdk-go/service/compute"
	"github.com/databricks/databricks-sdk-go/service/jobs"
	"github.com/databricks/databricks-sdk-go/service/pipelines"
	"github.com/databricks/databricks-sdk-go/service/sql"

	"github.com/imdsscan/imdsscan/workspace"
	"github.com/imdsscan/imdsscan/workspace/emulator"
)

func connect(t *testing.T, s *emulator.Server) *workspace.Client {
	t.Helper()
	for k, v := range map[string]string{"DATABRICKS_HOST": s.URL(), "DATABRICKS_TOKEN": s.Token(), "DATABRICKS_AUTH_TYPE": "pat",
		"DATABRICKS_CONFIG_FILE": os.DevNull, "DATABRICKS_RATE_LIMIT": "100000"} {
		t.Setenv(k, v)
	}
	c, err := workspace.Connect(t.Context(), workspace.Options{Version: "1.0.0", RetryFor: time.Second})
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func filled(t *testing.T, o emulator.Options) *emulator.Server {
	s := emulator.New(o)
	t.Cleanup(s.Close)
	ws := func(p string) []compute.InitScriptInfo {
		return []compute.InitScriptInfo{{Workspace: &compute.WorkspaceStorageInfo{Destination: p}}}
	}
	s.AddCluster(compute.ClusterDetails{ClusterId: "c1", ClusterName: "etl\n1", SparkVersion: "10.4.x-scala2.12", State: compute.StateRunning,
		InitScripts: append(ws("/Workspace/Shared/a.sh"), compute.InitScriptInfo{S3: &compute.S3StorageInfo{Destination: "s3://b/x.sh"}}),
		DockerImage: &compute.DockerImage{Url: "repo/img:1"}})
	s.AddLibraries("c1", compute.LibraryFullStatus{Library: &compute.Library{Pypi: &compute.PythonPyPiLibrary{Package: "boto3==1.9.1"}}, Status: compute.LibraryInstallStatusInstalled},
		compute.LibraryFullStatus{Library: &compute.Library{Whl: "/Volumes/m/d/v/a.whl"}, Status: compute.LibraryInstallStatusInstalled})
	s.AddCluster(compute.ClusterDetails{ClusterId: "c2", ClusterName: "job-77-run-1", SparkVersion: "10.4.x-scala2.12", ClusterSource: compute.ClusterSourceJob, State: compute.StateTerminated})
	s.AddCluster(compute.ClusterDetails{ClusterId: "c3", ClusterName: "submitted", SparkVersion: "9.1.x-scala2.12", ClusterSource: compute.ClusterSourceJob, State: compute.StateTerminated})
	inner := jobs.Task{TaskKey: "inner", NotebookTask: &jobs.NotebookTask{NotebookPath: "/n"}, Libraries: []compute.Library{{Jar: "dbfs:/jars/a.jar"}},
		NewCluster: &compute.ClusterSpec{SparkVersion: "9.1.x-scala2.12", NumWorkers: 1, InitScripts: []compute.InitScriptInfo{{Dbfs: &compute.DbfsStorageInfo{Destination: "dbfs:/init/b.sh"}}}}}
	s.AddJob(jobs.Job{JobId: 77, Settings: &jobs.JobSettings{Name: "nightly", Tasks: []jobs.Task{{TaskKey: "each", ForEachTask: &jobs.ForEachTask{Inputs: "[1]", Task: inner}}},
		JobClusters: []jobs.JobCluster{{JobClusterKey: "k", NewCluster: &compute.ClusterSpec{SparkVersion: "15.4.x-scala2.12", InitScripts: ws("/Shared/a.sh")}}}}})
	var many []jobs.Task
	for i := range 150 {
		many = append(many, jobs.Task{TaskKey: fmt.Sprint("t", i), ExistingClusterId: "c1", NotebookTask: &jobs.NotebookTask{NotebookPath: "/n"}})
	}
	s.AddJob(jobs.Job{JobId: 78, Settings: &jobs.JobSettings{Name: "many", Tasks: many}})
	s.AddPolicy(compute.Policy{PolicyId: "p1", Name: "pol", Definition: `{"spark_version": {"type": "fixed", "value": "11.3.x-scala2.12"},
		"init_scripts.0.volumes.destination": {"type": "fixed", "value": "/Volumes/m/d/v/c.sh"}, "init_scripts.1.s3.destination": {"type": "allowlist", "values": ["s3://b/x.sh"]}}`})
	s.AddPipeline(pipelines.GetPipelineResponse{PipelineId: "pl", Name: "dlt", Spec: &pipelines.PipelineSpec{Id: "pl", Name: "dlt",
		Clusters: []pipelines.PipelineCluster{{Label: "default", InitScripts: ws("/Shared/a.sh")}}}})
	s.AddPool(compute.InstancePoolAndStats{InstancePoolId: "po", InstancePoolName: "warm", NodeTypeId: "m5.large", PreloadedSparkVersions: []string{"10.4.x-scala2.12"}})
	s.AddWarehouse(sql.EndpointInfo{Id: "wh", Name: "Reports", State: sql.StateRunning})
	s.AddGlobalInitScript("agent", []byte("#!/bin/sh\necho on\n"), true)
	s.AddGlobalInitScript("old", []byte("#!/bin/sh\n"), false)
	s.AddVolumeFile("/Volumes/m/d/v/c.sh", []byte("#!/bin/sh\necho c\n"))
	s.AddDBFS("/init/b.sh", []byte(strings.Repeat("#", 3<<19)+"end"))
	return s
}

func TestInventory(t *testing.T) {
	s := filled(t, emulator.Options{})
	c := connect(t, s)
	inv, err := Read(t.Context(), c)
	if err != nil || len(inv.Gaps) > 0 {
		t.Fatal(err, inv.Gaps)
	}
	if len(inv.SQLWarehouses) != 1 || inv.SQLWarehouses[0].Name != "Reports" {
		t.Errorf("warehouses: %+v", inv.SQLWarehouses)
	}
	if on := inv.JobsOn()["c1"]; !slices.Equal(on, []string{"job many (78)"}) {
		t.Errorf("jobs on c1: %q", on)
	}
	if using := inv.Using([]string{"c1", "po"}); !slices.Equal(using["c1"], []string{"job many (78)"}) || using["po"] != nil {
		t.Errorf("what uses c1: %q", using)
	}
	var names []string
	texts := map[string]string{}
	for d := range inv.Definitions() {
		names = append(names, d.Name)
		texts[d.ID] = string(d.JSON)
	}
	want := []string{"cluster etl 1 (c1)", "cluster submitted (c3)", "job nightly (77)", "job many (78)", "policy pol (p1)", "pipeline dlt (pl)",
		"pool warm (po)", "warehouse configuration of the workspace"}
	if !slices.Equal(names, want) {
		t.Errorf("%q", names)
	}
	for id, word := range map[string]string{"c1": `"package": "boto3==1.9.1"`, "77": `"spark_version": "9.1.x-scala2.12"`, "78": `"t149"`,
		"p1": `"value": "11.3.x-scala2.12"`, "po": `"spark_version": "10.4.x-scala2.12"`} {
		if !strings.Contains(texts[id], word) {
			t.Errorf("%s is missing in %s:\n%s", word, id, texts[id])
		}
	}
	show := func(list []Use) (out []string) {
		for _, u := range list {
			out = append(out, fmt.Sprintf("%s in %s: %s", u.Path, u.Storage, strings.Join(u.Users, ", ")))
		}
		return out
	}
	if got := show(inv.Scripts()); !slices.Equal(got, []string{
		"/Shared/a.sh in the workspace: cluster etl 1 (c1), job nightly (77), pipeline dlt (pl)",
		"/Volumes/m/d/v/c.sh in a volume: policy pol (p1)",
		"agent in the workspace's global init scripts: every cluster",
		"dbfs:/init/b.sh in DBFS: job nightly (77)",
		"old in the workspace's global init scripts: no cluster: it is switched off",
		"s3://b/x.sh in S3: cluster etl 1 (c1), policy pol (p1)",
	}) {
		t.Errorf("scripts:\n%s", strings.Join(got, "\n"))
	}
	if got := show(inv.Images()); len(got) != 1 || got[0] != "repo/img:1 in a container registry: cluster etl 1 (c1)" {
		t.Errorf("images: %q", got)
	}
	if got := show(inv.Files()); !slices.Equal(got, []string{"/Volumes/m/d/v/a.whl in a volume: cluster etl 1 (c1)", "dbfs:/jars/a.jar in DBFS: job nightly (77)"}) {
		t.Errorf("files: %q", got)
	}
	for _, u := range inv.Scripts() {
		if u.Storage == Workspace || !u.Readable() {
			continue
		}
		b, err := Content(t.Context(), c, &u)
		if err != nil || !strings.HasPrefix(string(b), "#") || u.Path == "dbfs:/init/b.sh" && !strings.HasSuffix(string(b), "#end") {
			t.Errorf("%s: %d bytes, %v", u.Path, len(b), err)
		}
	}
}

func TestGapsAreNamed(t *testing.T) {
	s := filled(t, emulator.Options{NotAdmin: true})
	s.Deny("/api/2.1/clusters/list")
	s.Inject(emulator.Fault{Path: "/api/2.0/pipelines/pl", Times: -1, Kind: emulator.Status(500)})
	inv, err := Read(t.Context(), connect(t, s))
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, g := range inv.Gaps {
		got = append(got, g.What)
		if g.Reason == "" || g.Err == nil {
			t.Errorf("%+v", g)
		}
	}
	for _, want := range []string{"clusters", "global init scripts", "pipeline dlt (pl)"} {
		if !slices.Contains(got, want) {
			t.Errorf("%s is missing in %q", want, got)
		}
	}
	if len(inv.Jobs) != 2 {
		t.Error("the rest was not read")
	}
}

func TestPlaces(t *testing.T) {
	for path, want := range map[string]Storage{"s3://b/k": S3, "abfss://c@a/x": ABFSS, "gs://b/x": GCS, "file:/x": Local, "/Volumes/a/b/c/x": Volume,
		"dbfs:/Volumes/a/b/c/x": Volume, "dbfs:/x": DBFS, "/dbfs/x": DBFS, "/databricks/x": DBFS, "/Workspace/Shared/x": Workspace, "/Users/a/x": Workspace, "x": Other} {
		if got, at := place(path); got != want || at == "" || strings.HasPrefix(at, "/dbfs") || strings.HasPrefix(at, "/Workspace") {
			t.Errorf("%s: %s %s, want %s", path, got, at, want)
		}
	}
}

func TestPolicyRules(t *testing.T) {
	p := compute.Policy{Definition: `{"a": {"type": "fixed", "value": 1}, "b": {"type": "unlimited", "defaultValue": true}, "c": {"type": "allowlist", "values": ["x", 2]}}`,
		PolicyFamilyDefinitionOverrides: `{"b": {"type": "fixed", "value": "z"}}`}
	all, err := PolicyRules(&p)
	if err != nil {
		t.Fatal(err)
	}
	a, b, c := all["a"], all["b"], all["c"]
	fixed, ok := a.Fixed()
	over, overOK := b.Fixed()
	if _, def := b.Default(); fixed != "1" || !ok || over != "z" || !overOK || def || !slices.Equal(c.Allowed(), []string{"x", "2"}) || len(a.Allowed()) > 0 {
		t.Errorf("%+v", all)
	}
	for _, bad := range []string{`[]`, `{"a": 1}`, `{`} {
		if _, err := PolicyRules(&compute.Policy{Definition: bad}); err == nil {
			t.Errorf("%s is a definition", bad)
		}
	}
}

// A pipeline that the service says nothing of is a gap, not one without clusters.
func TestAPipelineWithoutASpec(t *testing.T) {
	s := emulator.New(emulator.Options{})
	t.Cleanup(s.Close)
	s.AddPipeline(pipelines.GetPipelineResponse{PipelineId: "pl", Name: "dlt"})
	inv, err := Read(t.Context(), connect(t, s))
	if err != nil || len(inv.Pipelines) != 0 || len(inv.Gaps) != 1 || inv.Gaps[0].What != "pipeline dlt (pl)" || inv.Gaps[0].Reason != errNoSpec.Error() {
		t.Errorf("%v %+v", err, inv.Gaps)
	}
}
