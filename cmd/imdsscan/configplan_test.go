package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"reflect"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/databricks/databricks-sdk-go/service/compute"
	"github.com/databricks/databricks-sdk-go/service/jobs"
	"github.com/imdsscan/imdsscan/workspace/emulator"
	"github.com/imdsscan/imdsscan/workspace/inventory"
	"github.com/imdsscan/imdsscan/workspace/patch"
	"github.com/imdsscan/imdsscan/workspace/plan"
)

const (
	glueOn     = "spark.databricks.hive.metastore.glueCatalog.enabled"
	isolation  = "spark.databricks.hive.metastore.glueCatalog.isolation.enabled"
	oldRuntime = "12.2.x-cpu-ml-scala2.12"
)

// glued is a workspace with configurations that stand in the way.
func glued(t *testing.T, clk func() time.Time) *emulator.Server {
	t.Helper()
	s := emulator.New(emulator.Options{Now: clk, RestartTime: time.Minute})
	t.Cleanup(s.Close)
	for k, v := range map[string]string{"DATABRICKS_HOST": s.URL(), "DATABRICKS_TOKEN": s.Token(), "DATABRICKS_RATE_LIMIT": "10000",
		"DATABRICKS_CONFIG_FILE": "/nonexistent", "AWS_EC2_METADATA_DISABLED": "true", "XDG_STATE_HOME": t.TempDir()} {
		t.Setenv(k, v)
	}
	for _, v := range []string{"12.2.x-cpu-ml-scala2.12", "14.3.x-scala2.12", "15.4.x-cpu-ml-scala2.12", "16.4.x-cpu-ml-scala2.12", "16.4.x-scala2.12", "14.3.x-gpu-ml-scala2.12", "12.2.x-scala2.12"} {
		s.AddSparkVersions(compute.SparkVersion{Key: v, Name: v[:4] + " LTS (includes Apache Spark)"})
	}
	s.AddSparkVersions(compute.SparkVersion{Key: "15.3.x-cpu-ml-scala2.12", Name: "15.3 ML"})
	return s
}

// cluster adds one with a Glue catalog that is isolated.
func cluster(s *emulator.Server, d compute.ClusterDetails, conf ...string) {
	d.ClusterName, d.SparkConf = d.ClusterId, map[string]string{glueOn: "true"}
	if d.SparkVersion == "" {
		d.SparkVersion = "14.3.x-scala2.12"
	}
	d.NodeTypeId = "m5.large"
	for i := 0; i < len(conf); i += 2 {
		d.SparkConf[conf[i]] = conf[i+1]
	}
	s.AddCluster(d)
}

// planConfig is the plan for a workspace.
func planConfig(t *testing.T, choice patch.Choice) (*plan.Plan, func(yes bool, in io.Reader) (int, string)) {
	t.Helper()
	client, err := connectTo(t.Context(), "")
	if err != nil {
		t.Fatal(err)
	}
	inv, err := inventory.Read(t.Context(), client)
	if err != nil {
		t.Fatal(err)
	}
	p, err := configPlan(t.Context(), client, inv, here(client), choice)
	if err != nil {
		t.Fatal(err)
	}
	return p, func(yes bool, in io.Reader) (int, string) {
		var out bytes.Buffer
		_, code := offerConfig(t.Context(), p, client, &stateFlags{yes: yes}, streams{in: in, out: &out, err: &out})
		return code, out.String()
	}
}

// told are the names of what a plan writes and leaves, with the reasons.
func told(p *plan.Plan) (writes, leaves string) {
	for _, o := range p.Objects {
		writes += o.Name + "\n"
	}
	for i := range p.Left {
		leaves += leftLine(&p.Left[i]) + "\n"
	}
	return writes, leaves
}

func says(t *testing.T, text string, words ...string) {
	t.Helper()
	for _, w := range words {
		if !strings.Contains(text, w) {
			t.Errorf("%q is not said:\n%s", w, text)
		}
	}
}

// whole are the configurations of a workspace, with nothing left out.
func whole(t *testing.T, s *emulator.Server) string {
	t.Helper()
	b, err := json.Marshal([]any{s.Clusters(), s.Policies()})
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

func TestConfigFixAndBack(t *testing.T) {
	s := glued(t, time.Now)
	const compact = `{"spark_version":{"type":"fixed","value":"14.3.x-scala2.12"},"spark_conf.` + glueOn + `":{"type":"fixed","value":"true"},"autotermination_minutes":{"type":"range","maxValue":120}}`
	s.AddPolicy(compute.Policy{PolicyId: "p1", Name: "team", Definition: compact, Description: "of the <team> & co", MaxClustersPerUser: 3,
		Libraries: []compute.Library{{Pypi: &compute.PythonPyPiLibrary{Package: "boto3==1.9.253", Repo: "https://pypi.example"}}, {Whl: "/Volumes/a/b.whl"}}})
	const spread = "{\n  \"spark_conf." + isolation + "\": {\n    \"type\": \"allowlist\", \"values\": [\"true\"]\n  }\n}\n"
	s.AddPolicy(compute.Policy{PolicyId: "p2", Name: "locked", Definition: spread})
	s.AddPolicyFamily("personal-vm", `{"spark_conf.`+glueOn+`": {"type": "fixed", "value": "true"}, "node_type_id": {"type": "unlimited"}}`)
	s.AddPolicy(compute.Policy{PolicyId: "p3", Name: "family", PolicyFamilyId: "personal-vm", PolicyFamilyDefinitionOverrides: `{"cluster_type": {"type": "fixed", "value": "all-purpose"}}`,
		Libraries: []compute.Library{{Pypi: &compute.PythonPyPiLibrary{Package: "boto3==1.9.253"}}}})
	cluster(s, compute.ClusterDetails{ClusterId: "c1"}, "a", " kept ")
	cluster(s, compute.ClusterDetails{ClusterId: "c2", PolicyId: "p2"}, isolation, "true")
	s.ConfigureUnknown("c1", "future_setting", map[string]any{"depth": 1})
	cluster(s, compute.ClusterDetails{ClusterId: "near"}, isolation, "FALSE")
	before := whole(t, s)

	p, offer := planConfig(t, patch.Choice{})
	writes, leaves := told(p)
	if want := "workspace: policy family (p3)\nworkspace: policy locked (p2)\nworkspace: policy team (p1)\nworkspace: cluster c1 (c1)\nworkspace: cluster c2 (c2)\n"; writes != want || leaves != "" {
		t.Fatalf("it writes\n%sand leaves\n%s", writes, leaves)
	}
	code, text := offer(false, strings.NewReader(""))
	if code != exitUsage || whole(t, s) != before {
		t.Errorf("without a terminal: %d %s", code, text)
	}
	if code, text = offer(true, nil); code != exitClean {
		t.Fatalf("%d\n%s", code, text)
	}
	says(t, text, `+    "`+isolation+`": "false"`, `+    "spark_conf.`+isolation+`":{"type": "fixed", "value": "false"},`,
		"policy locked (p2): it keeps a cluster from being changed", "IMDS021 ", "IMDS010 ", "workspace: cluster c1 (c1): fixed\n", ": 5 fixed.", "to undo: imdsscan rollback ")
	p1, _ := s.Policy("p1")
	if want := strings.Replace(compact, `"true"},`, `"true"},"spark_conf.`+isolation+`":{"type": "fixed", "value": "false"},`, 1); p1.Definition != want {
		t.Errorf("the definition became %s", p1.Definition)
	}
	if p1.Description != "of the <team> & co" || p1.MaxClustersPerUser != 3 || len(p1.Libraries) != 2 || p1.Libraries[0].Pypi.Repo == "" || p1.Libraries[0].Pypi.Package == "boto3==1.9.253" || p1.Libraries[1].Whl == "" {
		t.Errorf("the edit lost something: %+v", p1)
	}
	if p2, _ := s.Policy("p2"); p2.Definition != "{\n  \"spark_conf."+isolation+"\": {\"type\": \"fixed\", \"value\": \"false\"}\n}\n" {
		t.Errorf("the definition became %s", p2.Definition)
	}
	if p3, _ := s.Policy("p3"); p3.PolicyFamilyId != "personal-vm" || !strings.Contains(p3.PolicyFamilyDefinitionOverrides, isolation) || !strings.Contains(p3.Definition, "node_type_id") {
		t.Errorf("the policy of a family became %+v", p3)
	}
	if c, _ := s.Cluster("c1"); !reflect.DeepEqual(c.SparkConf, map[string]string{glueOn: "true", isolation: "false", "a": "kept"}) || c.State != compute.StateTerminated {
		t.Errorf("the cluster became %+v", c)
	}
	if again, _ := planConfig(t, patch.Choice{}); len(again.Objects)+len(again.Left) != 0 {
		t.Errorf("a second time there is %+v", again)
	}
	id, _, _ := strings.Cut(tell(t, 0, []string{"of 5: 5 written\n"}, "runs"), " ")
	tell(t, 0, []string{"written  workspace: cluster c1 (c1)\n", "original: "}, "runs", id)
	tell(t, 0, []string{"5 restored."}, "rollback", "--yes", id)
	if now := whole(t, s); now != strings.Replace(before, `" kept "`, `"kept"`, 1) {
		t.Errorf("rolled back it is\n%s, and was\n%s", now, before)
	}
}

func TestConfigLeft(t *testing.T) {
	s := glued(t, time.Now)
	cluster(s, compute.ClusterDetails{ClusterId: "runs", State: compute.StateRunning})
	cluster(s, compute.ClusterDetails{ClusterId: "submitted", ClusterSource: compute.ClusterSourceJob})
	s.AddPolicy(compute.Policy{PolicyId: "d", Name: "default", IsDefault: true, Definition: `{"spark_conf.` + glueOn + `": {"type": "fixed", "value": "true"}}`})
	s.AddPolicy(compute.Policy{PolicyId: "many", Name: "many", Definition: `{"spark_version": {"type": "allowlist", "values": ["` + oldRuntime + `", "14.3.x-scala2.12"]}}`})
	s.AddPolicy(compute.Policy{PolicyId: "strict", Name: "strict", Definition: `{"spark_version": {"type": "fixed", "value": "16.4.x-scala2.12"}, "custom_tags.team": {"type": "fixed", "value": "x"}}`})
	s.AddPolicy(compute.Policy{PolicyId: "twice", Name: "twice", Definition: `{"spark_conf.` + glueOn + `": {"type": "fixed", "value": "true"}, "spark_conf.` + isolation + `": {"type": "fixed", "value": "true"}, "spark_conf.` + isolation + `": {"type": "fixed", "value": "true"}}`})
	s.AddPolicy(compute.Policy{PolicyId: "a", Name: "hidden", Definition: `{"spark_conf.` + glueOn + `": {"type": "fixed", "value": "true"}}`})
	s.AddPolicy(compute.Policy{PolicyId: "new", Name: "newer", Definition: `{"spark_conf.` + glueOn + `": {"type": "fixed", "value": "true"}}`})
	s.ConfigureUnknown("new", "budget", 7)
	cluster(s, compute.ClusterDetails{ClusterId: "out-of-line", PolicyId: "strict"})
	cluster(s, compute.ClusterDetails{ClusterId: "old", SparkVersion: "10.4.x-scala2.12"}, isolation, "false")
	cluster(s, compute.ClusterDetails{ClusterId: "light", SparkVersion: "apache-spark-2.4.x-scala2.11"}, isolation, "false")
	cluster(s, compute.ClusterDetails{ClusterId: "ml", SparkVersion: oldRuntime}, isolation, "false")
	s.AddJob(jobs.Job{JobId: 7, Settings: &jobs.JobSettings{Name: "nightly", Tasks: []jobs.Task{{TaskKey: "t", NotebookTask: &jobs.NotebookTask{NotebookPath: "/n"},
		NewCluster: &compute.ClusterSpec{SparkVersion: "14.3.x-scala2.12", SparkConf: map[string]string{glueOn: "true"}}}}}})
	s.Inject(emulator.Fault{Path: "/api/2.0/policies/clusters/get", Kind: emulator.Status(403), After: 1}) // the policy of a cluster comes first
	p, offer := planConfig(t, patch.Choice{})
	writes, leaves := told(p)
	if writes != "" {
		t.Errorf("it writes\n%s", writes)
	}
	says(t, leaves,
		"cluster runs (runs): not written: it runs, and the change restarts it; terminate it first, or take --restart-running\n",
		"cluster submitted (submitted): not written: something else made it (JOB), and makes it anew; change what makes it: set "+isolation+` to "false" in its spark_conf`,
		"policy hidden (a): not written: it cannot be read: ",
		"policy default (d): not written: it is one of the policies that Databricks makes and keeps",
		"policy newer (new): not written: an edit has to send all of a policy, and nobody knows here how to send budget",
		"policy many (many): not written: its rule for spark_version is not one that fixes a single runtime",
		"policy twice (twice): not written: it has more than one rule for spark_conf."+isolation,
		"cluster out-of-line (out-of-line): not written: its policy strict (strict) fixes custom_tags.team to x, and the cluster does not have it",
		"cluster old (old): not written: the workspace offers 10.4.x-scala2.12 no more, so that it could not be put back; choose a supported runtime by hand",
		"cluster light (light): not written: the workspace offers apache-spark-2.4.x-scala2.11 no more",
		"cluster ml (ml): not written: code may behave differently on another runtime; take --unsafe-fixes for 15.4.x-cpu-ml-scala2.12 in place of 12.2.x-cpu-ml-scala2.12",
		"job nightly (7): not written: it is the definition of a job; change it where that is configured: set "+isolation)
	if code, text := offer(true, nil); code != exitClean || !strings.Contains(text, "nothing to change that could be taken back") {
		t.Errorf("%d %s", code, text)
	}
}

func TestConfigRuntime(t *testing.T) {
	s := glued(t, time.Now)
	s.AddPolicy(compute.Policy{PolicyId: "p", Name: "ml", Definition: `{"spark_version": {"type": "fixed", "value": "` + oldRuntime + `"}}`})
	cluster(s, compute.ClusterDetails{ClusterId: "ml", PolicyId: "p", SparkVersion: oldRuntime})
	cluster(s, compute.ClusterDetails{ClusterId: "plain", SparkVersion: "12.2.x-scala2.12"}, isolation, "false")
	cluster(s, compute.ClusterDetails{ClusterId: "seven", SparkVersion: "7.3.x-scala2.12"})
	cluster(s, compute.ClusterDetails{ClusterId: "tagged", CustomTags: map[string]string{glueOn: "true"}}, isolation, "false")
	cluster(s, compute.ClusterDetails{ClusterId: "custom", SparkVersion: "custom:release__13.x"}, isolation, "false")
	before := whole(t, s)
	_, offer := planConfig(t, patch.Choice{Unsafe: true, Now: time.Date(2026, 11, 27, 0, 0, 0, 0, time.UTC)})
	code, text := offer(true, nil)
	if code != exitClean || !strings.Contains(text, ": 3 fixed.") {
		t.Fatalf("%d %s", code, text)
	}
	says(t, text, "cluster seven (seven): not written: on the runtime 7.3.x-scala2.12 the isolation of a Glue catalog cannot be switched off; move it to a supported runtime first",
		"cluster tagged (tagged): not written: after the change this would still be found: isolated Glue catalog; change it by hand: ",
		"cluster seven (seven): not written: the workspace offers 7.3.x-scala2.12 no more")
	if c, _ := s.Cluster("plain"); c.SparkVersion != "16.4.x-scala2.12" { // 14.3 ends soon
		t.Errorf("%+v", c)
	}
	if c, _ := s.Cluster("ml"); c.SparkVersion != "15.4.x-cpu-ml-scala2.12" || c.SparkConf[isolation] != "false" {
		t.Errorf("%+v", c)
	}
	id, _, _ := strings.Cut(tell(t, 0, nil, "runs"), " ")
	tell(t, 0, []string{"3 restored."}, "rollback", "--yes", id)
	if now := whole(t, s); now != before {
		t.Errorf("rolled back it is\n%s, and was\n%s", now, before)
	}
}

func TestConfigOfRunningClusters(t *testing.T) {
	begin, seconds := time.Date(2026, 11, 27, 12, 0, 0, 0, time.UTC), atomic.Int64{}
	s := glued(t, func() time.Time { return begin.Add(time.Duration(seconds.Add(1)) * time.Second) })
	cluster(s, compute.ClusterDetails{ClusterId: "runs", State: compute.StateRunning, NumWorkers: 2, Autoscale: &compute.AutoScale{MinWorkers: 1, MaxWorkers: 5}})
	cluster(s, compute.ClusterDetails{ClusterId: "off"})
	_, offer := planConfig(t, patch.Choice{Restart: true})
	s.ChangeCluster("runs", func(c *compute.ClusterDetails) { c.NumWorkers = 4 }) // it scales
	s.ChangeCluster("off", func(c *compute.ClusterDetails) { c.State = compute.StateRunning })
	code, text := offer(true, nil)
	if code != exitIncomplete {
		t.Errorf("%d", code)
	}
	says(t, text, "workspace: cluster runs (runs): it runs, and is restarted\n", "workspace: cluster runs (runs): fixed\n",
		"workspace: cluster off (off): failed: not written, the original is there: it runs, and the change restarts it: terminate it first")
	if c, _ := s.Cluster("off"); c.SparkConf[isolation] != "" || c.State != compute.StateRunning {
		t.Errorf("%+v", c)
	}
	seconds.Add(3600)
	id, _, _ := strings.Cut(tell(t, 0, nil, "runs"), " ")
	if n := s.Count("POST", "/api/2.1/clusters/update"); n != 1 {
		t.Errorf("%d updates", n)
	}
	tell(t, 3, []string{"cluster runs (runs): failed: not put back: it runs, and the change restarts it", "to go on: imdsscan rollback"}, "rollback", "--yes", id)
	if c, _ := s.Cluster("runs"); c.SparkConf[isolation] != "false" || c.State != compute.StateRunning {
		t.Errorf("%+v", c)
	}
	tell(t, 0, []string{"cluster runs (runs): restored\n"}, "rollback", "--yes", "--restart-running", id)
	if c, _ := s.Cluster("runs"); c.SparkConf[isolation] != "" || c.NumWorkers != 4 || c.State != compute.StateRestarting {
		t.Errorf("%+v", c)
	}
}

func TestConfigChangedMeanwhile(t *testing.T) {
	s := glued(t, time.Now)
	s.AddPolicy(compute.Policy{PolicyId: "p", Name: "team", Definition: `{"spark_conf.` + glueOn + `": {"type": "fixed", "value": "true"}}`})
	s.AddPolicy(compute.Policy{PolicyId: "q", Name: "mine", Definition: `{}`})
	for i := range 3 {
		cluster(s, compute.ClusterDetails{ClusterId: fmt.Sprint("c", i), PolicyId: map[int]string{2: "q"}[i]})
	}
	_, offer := planConfig(t, patch.Choice{})
	s.ChangePolicy("p", func(p *compute.Policy) { p.Description = "theirs" })
	s.ChangeCluster("c0", func(c *compute.ClusterDetails) { c.SparkConf["x"] = "y" })
	s.ChangePolicy("q", func(p *compute.Policy) { p.Definition = `{"spark_conf.` + isolation + `": {"type": "forbidden"}}` })
	code, text := offer(true, nil)
	if code != exitChanged {
		t.Errorf("%d", code)
	}
	says(t, text, "policy team (p): changed: its content changed since the plan was made", "cluster c0 (c0): changed: ", "cluster c1 (c1): fixed",
		"cluster c2 (c2): failed: not written, the original is there: INVALID_PARAMETER_VALUE: Cluster validation error: Validation failed for spark_conf, "+isolation+" cannot be present; its policy (q) decides that: change the policy first")
	if c, _ := s.Cluster("c0"); c.SparkConf["x"] != "y" || c.SparkConf[isolation] != "" {
		t.Errorf("%+v", c.SparkConf)
	}
}

func TestConfigWithoutRights(t *testing.T) {
	s := glued(t, time.Now)
	s.AddPolicy(compute.Policy{PolicyId: "p", Name: "team", Definition: `{"spark_conf.` + glueOn + `": {"type": "fixed", "value": "true"}}`})
	cluster(s, compute.ClusterDetails{ClusterId: "c"})
	s.Deny("/clusters/c", emulator.NoWrite)
	s.Deny("/api/2.0/policies/clusters/edit")
	_, offer := planConfig(t, patch.Choice{})
	code, text := offer(true, nil)
	if code != exitIncomplete || strings.Count(text, "has no permission") < 2 {
		t.Errorf("%d %s", code, text)
	}
}

// A printed patch shows no secret that stands beside what is changed.
func TestPrintedPatchHoldsNoSecrets(t *testing.T) {
	for _, kind := range []string{plan.TypeCluster, plan.TypePolicy} {
		o := plan.Object{Type: kind, Diff: " {\n   \"spark_conf\": {\n     \"fs.s3a.secret.key\": \"abc\",\n+    \"x\": \"y\",\n     \"z.password\": \"{{secrets/a/b}}\"\n"}
		if got := readable(&o); strings.Contains(got, "abc") || !strings.Contains(got, "+    \"x\": \"y\"") || !strings.Contains(got, "{{secrets/a/b}}") {
			t.Errorf("%s:\n%s", kind, got)
		}
	}
}
