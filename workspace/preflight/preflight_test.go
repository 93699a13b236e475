package preflight

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/databricks/databricks-sdk-go/service/compute"
	"github.com/databricks/databricks-sdk-go/service/jobs"
	"github.com/databricks/databricks-sdk-go/service/pipelines"
	"github.com/databricks/databricks-sdk-go/service/sql"

	"github.com/imdsscan/imdsscan/notebooks/span"
	"github.com/imdsscan/imdsscan/report/result"
	"github.com/imdsscan/imdsscan/workspace/inventory"
	"github.com/imdsscan/imdsscan/workspace/setting"
)

// today is after the table of runtimes was made and before any support ends.
var today = time.Date(2026, 11, 27, 12, 0, 0, 0, time.UTC)

const (
	good    = "16.4.x-scala2.12"
	glueOn  = "spark.databricks.hive.metastore.glueCatalog.enabled"
	glueIso = "spark.databricks.hive.metastore.glueCatalog.isolation.enabled"
)

// clean is a workspace in which nothing stands in the way, but that nobody
// looked at the metrics.
func clean() Input {
	return Input{Now: today, Host: "https://h", User: "ana", Enforce: setting.Setting{Key: setting.EnforceIMDSv2, Value: setting.Off, Raw: "false"},
		Export: setting.Setting{Key: setting.ExportNotebook, Value: setting.Unknown}, Inventory: &inventory.Inventory{}, Code: &result.Run{},
		Offered: offer("14.3.x-scala2.12", "15.4.x-scala2.12", "15.4.x-cpu-ml-scala2.12", good, "16.4.x-photon-scala2.12", "17.3.x-scala2.13")}
}

func offer(keys ...string) (out []compute.SparkVersion) {
	for _, k := range keys {
		out = append(out, compute.SparkVersion{Key: k})
	}
	return out
}

// lines are the items, without what tells that nobody looked at the metrics.
func lines(p *result.Preflight) (out []string) {
	for _, x := range p.Items {
		if x.Object != "CloudWatch" {
			out = append(out, fmt.Sprintf("%s %s %s: %s → %s", x.Level, x.Check, x.Name(), x.Why, x.Remedy))
		}
	}
	return out
}

// wants compares the items with wanted ones, each a list of parts that have to
// be in the line.
func wants(t *testing.T, got []string, want ...[]string) {
	t.Helper()
	if len(got) != len(want) {
		t.Fatalf("%d items, want %d:\n%s", len(got), len(want), strings.Join(got, "\n"))
	}
	for i, parts := range want {
		for _, p := range parts {
			if !strings.Contains(got[i], p) {
				t.Errorf("%q is missing in\n%s", p, got[i])
			}
		}
	}
}

func cluster(runtime string, conf ...string) compute.ClusterDetails {
	c := compute.ClusterDetails{ClusterId: "c1", ClusterName: "etl", CreatorUserName: "ana", SparkVersion: runtime, State: compute.StateTerminated}
	for i := 0; i+1 < len(conf); i += 2 {
		if c.SparkConf == nil {
			c.SparkConf = map[string]string{}
		}
		c.SparkConf[conf[i]] = conf[i+1]
	}
	return c
}

func day(s string) time.Time {
	t, err := time.Parse(time.DateOnly, s)
	if err != nil {
		panic(err)
	}
	return t
}

func TestRuntimes(t *testing.T) {
	for _, c := range []struct {
		name, key string
		on        time.Time
		offered   []compute.SparkVersion
		want      []string // of the cluster; nil for nothing
	}{
		{"supported", good, today, nil, nil},
		{"supported, of another kind", "15.4.x-cpu-ml-scala2.12", today, nil, nil},
		{"too old", "10.4.x-scala2.12", today, nil, []string{"blocker runtime cluster etl (c1): it runs on 10.4 (10.4.x-scala2.12), which is not supported any more",
			"→ Compute > etl > Edit > Databricks Runtime Version: 15.4.x-scala2.12 (to 2027-08-19), 16.4.x-scala2.12 (to 2028-05-09) or 17.3.x-scala2.13 (to 2028-10-22); or delete it"}},
		{"ended, with its date", "13.3.x-scala2.12", today, nil, []string{"blocker", "13.3 LTS", "whose support ended on 2026-08-22"}},
		{"machine learning stays so", "12.2.x-cpu-ml-scala2.12", today, nil, []string{"blocker", "Version: 15.4.x-cpu-ml-scala2.12 (to 2027-08-19); or"}},
		{"a kind that is not offered any more", "12.2.x-hls-scala2.12", today, nil, []string{"blocker", "15.4.x-scala2.12 (to"}},
		{"Photon is chosen apart", "12.2.x-photon-scala2.12", today, nil, []string{"blocker", "15.4.x-scala2.12 (to"}},
		{"Light", "apache-spark-2.4.x-scala2.11", today, nil, []string{"blocker", "it runs on Databricks Light 2.4 (apache-spark-2.4.x-scala2.11), which enforcement does not support"}},
		{"the last day", "14.3.x-scala2.12", day("2027-01-31"), nil, []string{"note", "14.3 LTS", "support ends on 2027-02-01, in 1 day"}},
		{"ended since the table, offered still", "14.3.x-scala2.12", day("2027-02-01"), nil, []string{"warning", "whose support ended on 2027-02-01", "the workspace offers it still"}},
		{"ended since the table, not offered", "14.3.x-scala2.12", day("2027-02-01"), offer(good), []string{"blocker", "whose support ended on 2027-02-01"}},
		{"ends soon", "14.3.x-scala2.12", today, nil, []string{"note", "support ends on 2027-02-01, in 65 days"}},
		{"ends later", "14.3.x-scala2.12", day("2026-11-01"), nil, nil},
		{"between the supported", "15.2.x-scala2.12", today, nil, []string{"blocker", "15.2"}},
		{"supported and not offered", "18.1.x-scala2.13", today, nil, []string{"warning", "18.1 LTS", "does not offer any more"}},
		{"newer and offered", "20.1.x-scala2.13", today, offer(good, "20.1.x-scala2.13"), nil},
		{"newer and not offered", "20.1.x-scala2.13", today, nil, []string{"warning", "newer than the table of 2026-11-23, and the workspace does not list it"}},
		{"custom", "custom:release__12.x", today, nil, []string{"warning", "which runtime custom:release__12.x is made from is not known", "ask who made it"}},
		{"chosen by the service", "auto:latest-lts", today, nil, nil},
		{"none", "", today, nil, nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			in := clean()
			in.Now = c.on
			if c.offered != nil {
				in.Offered = c.offered
			}
			in.Inventory.Clusters = []compute.ClusterDetails{cluster(c.key)}
			var got []string
			for _, l := range lines(Judge(in)) {
				if strings.Contains(l, "cluster etl") {
					got = append(got, l)
				}
			}
			if c.want == nil {
				wants(t, got)
			} else {
				wants(t, got, c.want)
			}
		})
	}
}

func TestTheTableOfRuntimes(t *testing.T) {
	in := clean()
	in.Inventory.Clusters = []compute.ClusterDetails{cluster(good)}
	wants(t, lines(Judge(in)))
	in.Now = day("2027-02-20")
	wants(t, lines(Judge(in)))
	in.Now = day("2027-03-01")
	wants(t, lines(Judge(in)), []string{"note runtime table of runtimes of 2026-11-23: it is 98 days old"})
	in = clean()
	in.Inventory.Clusters = []compute.ClusterDetails{cluster(good), cluster("10.4.x-scala2.12")}
	in.Offered, in.OfferedErr = nil, errors.New("the service failed")
	p := Judge(in)
	wants(t, lines(p), []string{"blocker runtime", "15.4 LTS, 16.4 LTS, 17.3 LTS or 18 LTS (by the table of 2026-11-23"}, []string{"note runtime", "could not be read to compare with: the service failed"})
	if len(p.Unread) != 1 {
		t.Errorf("unread %v", p.Unread)
	}
	in = clean()
	in.Inventory.Clusters = []compute.ClusterDetails{cluster(good)}
	in.Offered = offer(good, "21.0.x-scala2.13", "20.3.x-scala2.13", "20.3.x-cpu-ml-scala2.13")
	wants(t, lines(Judge(in)), []string{"note runtime", "the workspace offers 20.3, 21.0, which it does not have yet"})
}

func policy(definition string) compute.Policy {
	return compute.Policy{PolicyId: "p1", Name: "Team", CreatorUserName: "ana", Definition: definition}
}

func TestPolicies(t *testing.T) {
	fix := func(key, value string) string {
		return fmt.Sprintf(`{"spark_conf.%s": {"type": "fixed", "value": "true"}, %q: %s}`, glueOn, "spark_conf."+key, value)
	}
	for _, c := range []struct {
		name, definition string
		want             []string
	}{
		{"a supported runtime", `{"spark_version": {"type": "fixed", "value": "16.4.x-scala2.12"}}`, nil},
		{"an old runtime for all", `{"spark_version": {"type": "fixed", "value": "11.3.x-scala2.12"}}`,
			[]string{"blocker runtime policy Team (p1): it fixes the runtime of its clusters (no cluster uses it now): 11.3", `"value": "11.3.x-scala2.12"}, change the value to 15.4.x-scala2.12`}},
		{"an old runtime among others", `{"spark_version": {"type": "allowlist", "values": ["16.4.x-scala2.12", "11.3.x-scala2.12"], "defaultValue": "16.4.x-scala2.12"}}`,
			[]string{"warning runtime", "it lets clusters run on 11.3.x-scala2.12", "take 11.3.x-scala2.12 out"}},
		{"an old runtime by default", `{"spark_version": {"type": "unlimited", "defaultValue": "11.3.x-scala2.12"}}`, []string{"warning runtime", "11.3.x-scala2.12 (the default)", "Edit: change the defaultValue of spark_version to 15.4.x"}},
		{"forbidden runtimes", `{"spark_version": {"type": "blocklist", "values": ["11.3.x-scala2.12"]}}`, nil},
		{"a pattern", `{"spark_version": {"type": "regex", "pattern": "1[0-9]\\..*"}}`, []string{"note runtime", `1[0-9]\..*`}},
		{"chosen by the service", `{"spark_version": {"type": "allowlist", "values": ["auto:latest-lts"]}}`, nil},
		{"an isolated catalog for all", `{"spark_conf.` + glueOn + `": {"type": "fixed", "value": "true"}}`,
			[]string{"blocker glue policy Team (p1): it fixes the Glue catalog on", `"spark_conf.` + glueIso + `": {"type": "fixed", "value": "false"}`}},
		{"isolation fixed off", fix(glueIso, `{"type": "fixed", "value": "false"}`), nil},
		{"isolation off by default", fix(glueIso, `{"type": "unlimited", "defaultValue": "false"}`), []string{"note glue", "only proposes"}},
		{"isolation fixed on", fix(glueIso, `{"type": "fixed", "value": "true"}`), []string{"blocker glue"}},
		{"passthrough", fix(passthrough, `{"type": "fixed", "value": "true"}`), nil},
		{"passthrough off", fix(passthrough, `{"type": "fixed", "value": "false"}`), []string{"blocker glue"}},
		{"a catalog by default", `{"spark_conf.` + glueOn + `": {"type": "unlimited", "defaultValue": "true"}}`, []string{"warning glue", "proposes the Glue catalog, isolated"}},
		{"a catalog to choose", `{"spark_conf.` + glueOn + `": {"type": "allowlist", "values": ["true", "false"]}}`, []string{"warning glue", "allows the Glue catalog, isolated"}},
		{"a catalog switched off", `{"spark_conf.` + glueOn + `": {"type": "fixed", "value": "false"}}`, nil},
		{"a forbidden catalog", `{"spark_conf.` + glueOn + `": {"type": "forbidden"}}`, nil},
		{"no rules", `["x"]`, []string{"warning unread policy Team (p1): its definition could not be read"}},
		{"nothing", ``, nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			in := clean()
			in.Inventory.Policies = []compute.Policy{policy(c.definition)}
			if c.want == nil {
				wants(t, lines(Judge(in)))
			} else {
				wants(t, lines(Judge(in)), c.want)
			}
		})
	}
	in := clean()
	p := policy(`{"spark_version": {"type": "fixed", "value": "11.3.x-scala2.12"}}`)
	in.Inventory.Policies = []compute.Policy{p}
	c := cluster("11.3.x-scala2.12")
	c.PolicyId = "p1"
	in.Inventory.Clusters = []compute.ClusterDetails{c}
	wants(t, lines(Judge(in)), []string{"policy Team", "used by cluster etl (c1)"}, []string{"cluster etl", "; first its policy Team, which fixes 11.3.x-scala2.12"})
	in.Inventory.Policies[0].PolicyFamilyDefinitionOverrides = `{"spark_version": {"type": "fixed", "value": "16.4.x-scala2.12"}}`
	wants(t, lines(Judge(in)), []string{"cluster etl", "; its policy Team fixes 16.4.x-scala2.12"})
	for definition, want := range map[string]string{
		`{"spark_version": {"type": "allowlist", "values": ["11.3.x-scala2.12", "9.1.x-scala2.12"]}}`:  "; first its policy Team, which allows nothing but 11.3.x-scala2.12, 9.1.x-scala2.12",
		`{"spark_version": {"type": "allowlist", "values": ["11.3.x-scala2.12", "16.4.x-scala2.12"]}}`: "; or delete it, if nobody needs it any more",
		`{"spark_version": {"type": "regex", "pattern": "11\\.3.*"}}`:                                  `; its policy Team allows what matches 11\.3.*: change that first, where it does not match`,
	} {
		in.Inventory.Policies = []compute.Policy{policy(definition)}
		found := false
		for _, l := range lines(Judge(in)) {
			found = found || strings.Contains(l, "runtime cluster etl") && strings.HasSuffix(l, want)
		}
		if !found {
			t.Errorf("%s: no cluster etl … %s in %q", definition, want, lines(Judge(in)))
		}
	}
}

// A definition that is broken is told of once, in words, though the scan could not
// read it either.
func TestABrokenPolicyIsToldOnce(t *testing.T) {
	for definition, why := range map[string]string{`{"a": {"type": "fixed"`: "unexpected end of JSON input", `["x"]`: "it is of the type array", `{"a": "b"}`: "is of the type string"} {
		in := clean()
		in.Inventory.Policies = []compute.Policy{policy(definition)}
		in.Code.Files = []result.File{{Path: "workspace: policy Team (p1)", Object: &result.Object{Kind: "policy", ID: "p1"}, Problems: []result.Problem{{Reason: "not valid JSON"}}}}
		p := Judge(in)
		wants(t, lines(p), []string{"warning unread policy Team (p1): its definition could not be read"})
		if len(p.Unread) != 1 || !strings.HasPrefix(p.Unread[0].Reason, "its definition is not JSON of rules: ") || !strings.Contains(p.Unread[0].Reason, why) || strings.Contains(p.Unread[0].Reason, "Go ") {
			t.Errorf("%s: %v", definition, p.Unread)
		}
	}
}

func TestGlue(t *testing.T) {
	for _, c := range []struct {
		name    string
		runtime string
		conf    []string
		want    []string
	}{
		{"isolated", good, []string{glueOn, "true"}, []string{"blocker glue cluster etl (c1): it uses an isolated Glue catalog", "Spark config: add " + glueIso + " false"}},
		{"isolated in so many words", good, []string{glueOn, "True", glueIso, "true"}, []string{"blocker glue", `isolation.enabled is "true"`, "change " + glueIso + " false"}},
		{"shared", good, []string{glueOn, "true", glueIso, "false"}, nil},
		{"shared, in capitals", good, []string{glueOn, "TRUE", glueIso, " FALSE"}, nil},
		{"passthrough", good, []string{glueOn, "true", passthrough, "true"}, nil},
		{"off", good, []string{glueOn, "false"}, nil},
		{"not used", good, []string{glueIso, "true"}, nil},
		{"cannot be shared", "8.2.x-scala2.12", []string{glueOn, "true", glueIso, "false"}, []string{"blocker glue", "whose isolation cannot be switched off on the runtime 8.2.x-scala2.12", "move it to a supported runtime (15.4", "false, which it has already, holds"}},
		{"cannot be shared, and is not", "8.2.x-scala2.12", []string{glueOn, "true"}, []string{"blocker glue", "move it to a supported runtime first (15.4", "; then Compute > etl > Edit", "add " + glueIso + " false"}},
		{"a secret decides", good, []string{glueOn, "{{secrets/a/b}}"}, []string{"warning glue", "whether it uses the Glue catalog is not known", `is "{{secrets/a/b}}"`, "where it says true, Compute > etl"}},
		{"a secret, shared", good, []string{glueOn, "{{secrets/a/b}}", glueIso, "false"}, nil},
		{"a secret, passthrough", good, []string{glueOn, "{{secrets/a/b}}", passthrough, "true"}, nil},
		{"just old enough", "7.2.x-scala2.12", []string{glueOn, "true", glueIso, "false"}, nil},
		{"the first on which it can", "8.4.x-scala2.12", []string{glueOn, "true", glueIso, "false"}, nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			in := clean()
			in.Inventory.Clusters = []compute.ClusterDetails{cluster(c.runtime, c.conf...)}
			var got []string
			for _, l := range lines(Judge(in)) {
				if !strings.Contains(l, " runtime cluster") {
					got = append(got, l)
				}
			}
			if c.want == nil {
				wants(t, got)
			} else {
				wants(t, got, c.want)
			}
		})
	}
}

func TestGlueElsewhere(t *testing.T) {
	isolatedConf := map[string]string{glueOn: "true"}
	off := map[string]string{glueIso: "false"}
	spec := &compute.ClusterSpec{SparkVersion: good, SparkConf: isolatedConf}
	job := func(s jobs.JobSettings) []jobs.BaseJob {
		s.Name = "nightly"
		return []jobs.BaseJob{{JobId: 7, Settings: &s}}
	}
	pipe := func(s pipelines.PipelineSpec) []pipelines.GetPipelineResponse {
		return []pipelines.GetPipelineResponse{{PipelineId: "pl", Name: "live", Spec: &s}}
	}
	for name, c := range map[string]struct {
		inv  inventory.Inventory
		want []string
	}{
		"a job cluster": {inventory.Inventory{Jobs: job(jobs.JobSettings{JobClusters: []jobs.JobCluster{{JobClusterKey: "main", NewCluster: spec}}})},
			[]string{"blocker glue job nightly (7): the job cluster main: it uses an isolated", "in the job, for the job cluster main, add to spark_conf " + glueIso + " false"}},
		"the task of a loop": {inventory.Inventory{Jobs: job(jobs.JobSettings{Tasks: []jobs.Task{{TaskKey: "each", ForEachTask: &jobs.ForEachTask{Task: jobs.Task{TaskKey: "one", NewCluster: spec}}}}})},
			[]string{"blocker glue job nightly (7): the task one"}},
		"a pipeline's configuration": {inventory.Inventory{Pipelines: pipe(pipelines.PipelineSpec{Configuration: isolatedConf})}, []string{"blocker glue pipeline live (pl)", "under Configuration, add " + glueIso + " false"}},
		"a pipeline's clusters":      {inventory.Inventory{Pipelines: pipe(pipelines.PipelineSpec{Configuration: isolatedConf, Clusters: []pipelines.PipelineCluster{{Label: "default"}, {Label: "maintenance"}}})}, []string{"blocker glue pipeline"}},
		"a pipeline that shares":     {inventory.Inventory{Pipelines: pipe(pipelines.PipelineSpec{Configuration: isolatedConf, Clusters: []pipelines.PipelineCluster{{SparkConf: off}}})}, nil},
		"serverless":                 {inventory.Inventory{Pipelines: pipe(pipelines.PipelineSpec{Configuration: isolatedConf, Serverless: true})}, nil},
		"warehouses":                 {inventory.Inventory{Warehouses: &sql.GetWorkspaceWarehouseConfigResponse{DataAccessConfig: []sql.EndpointConfPair{{Key: glueOn, Value: "true"}}}}, []string{"blocker glue warehouse configuration of the workspace", "Data access configuration: add " + glueIso + " false"}},
		"warehouses that share":      {inventory.Inventory{Warehouses: &sql.GetWorkspaceWarehouseConfigResponse{DataAccessConfig: []sql.EndpointConfPair{{Key: glueOn, Value: "true"}, {Key: glueIso, Value: "false"}}}}, nil},
	} {
		t.Run(name, func(t *testing.T) {
			in := clean()
			in.Inventory = &c.inv
			if c.want == nil {
				wants(t, lines(Judge(in)))
			} else {
				wants(t, lines(Judge(in)), c.want)
			}
		})
	}
}

func TestSettings(t *testing.T) {
	for name, c := range map[string]struct {
		set    func(*Input)
		want   []string
		unread int
	}{
		"off":       {func(*Input) {}, nil, 0},
		"on":        {func(in *Input) { in.Enforce.Value, in.Switched = setting.On, today }, nil, 0},
		"never set": {func(in *Input) { in.Enforce = setting.Setting{Value: setting.Unknown} }, []string{"note setting setting enableEnforceImdsV2: it was never set", "2022-10-01"}, 0},
		"nonsense":  {func(in *Input) { in.Enforce = setting.Setting{Value: setting.Unknown, Raw: "maybe"} }, []string{"warning setting", `"maybe"`}, 0},
		"not an administrator": {func(in *Input) { in.Enforce.Value, in.EnforceErr = setting.Unknown, setting.ErrNotAdmin },
			[]string{"warning setting", "whether enforcement is on is not known", "the service's lists hold only what ana may see", "as an administrator"}, 1},
		"no such setting":            {func(in *Input) { in.Enforce.Value, in.EnforceErr = setting.Unknown, setting.ErrNoSuchKey }, []string{"warning setting", "is not known"}, 1},
		"export off, all read":       {func(in *Input) { in.Export.Value = setting.Off }, []string{"note export setting enableExportNotebook", "could read them all the same"}, 0},
		"export not known, all read": {func(in *Input) { in.ExportErr = setting.ErrNotAdmin }, []string{"note export"}, 0},
	} {
		t.Run(name, func(t *testing.T) {
			in := clean()
			c.set(&in)
			p := Judge(in)
			if c.want == nil {
				wants(t, lines(p))
			} else {
				wants(t, lines(p), c.want)
			}
			if len(p.Unread) != c.unread {
				t.Errorf("unread: %v", p.Unread)
			}
		})
	}
	in := clean()
	in.Export.Value = setting.Off
	in.Code.Errors = []result.FileError{{Path: "workspace:/a", Reason: "not allowed"}, {Path: "workspace:/b", Reason: "not allowed"}, {Path: "workspace:/c", Reason: "gone"}}
	p := Judge(in)
	wants(t, lines(p), []string{"warning export", "3 objects could not be read", `set-status --json '{"enableExportNotebook": "true"}'`},
		[]string{"warning unread 2 objects, the first of them /a: not allowed"}, []string{"warning unread /c: gone"})
	if len(p.Unread) != 3 {
		t.Error(p.Unread)
	}
}

func finding(rule string, level result.Level, fix *result.Fix, line int) result.Finding {
	fd := result.Finding{Rule: rule, Level: level, Fix: fix, Message: "m"}
	fd.Start = result.Position{Line: line, Column: 1}
	fd.Excerpt = []result.Line{{Number: line, Text: "boto3==1.9", Mark: span.Span{Start: 0, End: 10}}}
	return fd
}

func TestCode(t *testing.T) {
	safe, unsafe := &result.Fix{Applicability: result.Safe, Summary: "s"}, &result.Fix{Applicability: result.Unsafe, Summary: "u"}
	display := &result.Fix{Applicability: result.Display, Summary: "raise boto3 to 1.12.6"}
	object := func(kind, path, git string, users ...string) *result.Object {
		o := &result.Object{Kind: kind, Path: path, ID: "9", Git: git, Users: users}
		if kind == "notebook" {
			o.Format, o.Language = "SOURCE", "PYTHON"
		}
		return o
	}
	for _, c := range []struct {
		name string
		file result.File
		want [][]string
	}{
		{"a safe fix", result.File{Path: "workspace:/Users/ana/etl", Object: object("notebook", "/Users/ana/etl", ""), Findings: []result.Finding{finding("IMDS001", result.Error, safe, 3), finding("IMDS001", result.Error, safe, 4)}},
			[][]string{{"blocker code notebook /Users/ana/etl: 2 requests without a token → imdsscan check --fix workspace:/Users/ana/etl"}}},
		{"a name for the shell", result.File{Path: "workspace:/Shared/it's $x", Object: object("notebook", "/Shared/it's $x", ""), Findings: []result.Finding{finding("IMDS001", result.Error, safe, 3)}},
			[][]string{{`→ imdsscan check --fix "workspace:/Shared/it's \$x"`}}},
		{"an unsafe one", result.File{Path: "workspace:/a", Object: object("file", "/a", ""), Findings: []result.Finding{finding("IMDS001", result.Error, unsafe, 3)}},
			[][]string{{"blocker code file /a", "look at imdsscan check --diff --unsafe-fixes workspace:/a, then imdsscan check --fix --unsafe-fixes workspace:/a"}}},
		{"none", result.File{Path: "workspace:/a", Object: object("file", "/a", ""), Findings: []result.Finding{finding("IMDS001", result.Error, nil, 3)}}, [][]string{{"blocker code", "→ by hand, line 3; imdsscan check workspace:/a shows it"}}},
		{"in doubt", result.File{Path: "workspace:/a", Object: object("file", "/a", ""), Findings: []result.Finding{finding("IMDS005", result.Warning, nil, 3)}}, [][]string{{"warning code file /a: 1 request that may lack a token"}}},
		{"nothing to do about", result.File{Path: "workspace:/a", Object: object("file", "/a", ""), Findings: []result.Finding{finding("IMDS010", result.Note, nil, 3)}}, nil},
		{"an idle suppression", result.File{Path: "workspace:/a", Object: object("file", "/a", ""), Findings: []result.Finding{finding("IMDS900", result.Warning, nil, 3)}}, nil},
		{"not understood", result.File{Path: "workspace:/a", Object: object("file", "/a", ""), Occurrences: []result.Occurrence{{Class: result.Unexplained, Location: result.Location{Start: result.Position{Line: 8}}}, {Class: result.Mention}}},
			[][]string{{"warning code file /a: 1 place that names the endpoint and is not understood → by hand, line 8;"}}},
		{"only mentioned", result.File{Path: "workspace:/a", Object: object("file", "/a", ""), Occurrences: []result.Occurrence{{Class: result.Mention}, {Class: result.Compliant}}}, nil},
		{"in a Git folder", result.File{Path: "workspace:/Repos/ana/app/x/n", Object: object("notebook", "/Repos/ana/app/x/n", "/Repos/ana/app"), Findings: []result.Finding{finding("IMDS001", result.Error, safe, 3)}},
			[][]string{{"→ in a clone of the repository of the Git folder /Repos/ana/app, imdsscan check --fix x/n.py; commit, push, and pull"}}},
		{"of a bundle", result.File{Path: "workspace:/Users/ana/.bundle/b/prod/files/src/n", Object: object("notebook", "/Users/ana/.bundle/b/prod/files/src/n", ""), Findings: []result.Finding{finding("IMDS001", result.Error, safe, 3)}},
			[][]string{{"→ in the sources of the bundle, imdsscan check --fix src/n.py; databricks bundle deploy"}}},
		{"in an archive", result.File{Path: "workspace:/a.dbc!/n.python", Archive: "a.dbc", Object: object("file", "/a.dbc", ""), Findings: []result.Finding{finding("IMDS001", result.Error, safe, 3)}},
			[][]string{{"change what the archive is made from", "imdsscan check --diff workspace:/a.dbc shows"}}},
		{"an init script", result.File{Path: "workspace:/Shared/i.sh", Object: object("init script", "/Shared/i.sh", "", "cluster a (1)", "job b (2)"), Findings: []result.Finding{finding("IMDS001", result.Error, safe, 3)}},
			[][]string{{"blocker init-script init script /Shared/i.sh: 1 request without a token; run by cluster a (1), job b (2) → imdsscan check --fix --include-init-scripts workspace:/Shared/i.sh; then restart"}}},
		{"a global one", result.File{Path: "workspace: global init script tags.sh (9)", Object: object("init script", "", "", "every cluster"), Findings: []result.Finding{finding("IMDS001", result.Error, safe, 3)}},
			[][]string{{"blocker init-script global init script tags.sh (9): 1 request without a token; run by every cluster → imdsscan check --fix --include-init-scripts workspace:/; then restart"}}},
		{"one that is switched off", result.File{Path: "workspace: global init script tags.sh (9)", Object: object("init script", "", "", "no cluster: it is switched off"), Findings: []result.Finding{finding("IMDS001", result.Error, safe, 3)}},
			[][]string{{"note init-script global init script tags.sh (9): 1 request without a token; run by no cluster: it is switched off → imdsscan check --fix --include-init-scripts workspace:/"}}},
		{"the definition's own matter", result.File{Path: "workspace: cluster etl (9)", Object: object("cluster", "", ""), Findings: []result.Finding{finding("IMDS020", result.Error, nil, 3), finding("IMDS021", result.Error, nil, 3), finding("IMDS022", result.Warning, nil, 3)}}, nil},
		{"the same in code", result.File{Path: "workspace:/a", Object: object("file", "/a", ""), Findings: []result.Finding{finding("IMDS020", result.Error, nil, 3)}}, [][]string{{"blocker code file /a: 1 unsupported runtime"}}},
		{"an old library", result.File{Path: "workspace: cluster etl (9)", Object: object("cluster", "", ""), Findings: []result.Finding{finding("IMDS010", result.Error, display, 3)}},
			[][]string{{"blocker library cluster etl (9): 1 old pin → Compute > etl > Libraries, uninstall the old and install the new: raise boto3 to 1.12.6 (now boto3==1.9); then restart it"}}},
		{"a library and a call", result.File{Path: "workspace:/a", Object: object("file", "/a", ""), Findings: []result.Finding{finding("IMDS010", result.Error, safe, 3), finding("IMDS001", result.Error, safe, 4)}},
			[][]string{{"blocker library file /a: 1 old pin"}, {"blocker code file /a: 1 request"}}},
		{"a part that cannot be read", result.File{Path: "workspace:/a", Object: object("file", "/a", ""), Problems: []result.Problem{{Reason: "no JSON"}}}, [][]string{{"warning unread file /a: 1 part of it could not be read"}}},
	} {
		t.Run(c.name, func(t *testing.T) {
			in := clean()
			in.Code.Files = []result.File{c.file}
			wants(t, lines(Judge(in)), c.want...)
		})
	}
	in := clean()
	done := finding("IMDS001", result.Error, safe, 3)
	done.Fixed = true
	in.Code.Files = []result.File{{Path: "workspace:/a", Findings: []result.Finding{done}}}
	wants(t, lines(Judge(in)), []string{"blocker code"}) // the fix was not written
	in.Applied = true
	wants(t, lines(Judge(in)))
}

// TestOrder: what stops most comes first.
func TestOrder(t *testing.T) {
	in := clean()
	call := []result.Finding{finding("IMDS001", result.Error, nil, 3)}
	script := func(path string, users ...string) result.File {
		return result.File{Path: "workspace:" + path, Object: &result.Object{Kind: "init script", Path: path, Users: users}, Findings: call}
	}
	in.Code.Files = []result.File{
		{Path: "workspace:/a/one", Object: &result.Object{Kind: "notebook", Path: "/a/one"}, Findings: call},
		{Path: "workspace:/b/three", Object: &result.Object{Kind: "notebook", Path: "/b/three"}, Findings: append(append(call, call...), call...)},
		script("/few", "cluster a (1)"), script("/many", "cluster a (1)", "cluster b (2)"), script("/all", "every cluster"),
	}
	in.Inventory.Clusters = []compute.ClusterDetails{cluster("10.4.x-scala2.12", glueOn, "true")}
	in.Inventory.Policies = []compute.Policy{policy(`{"spark_version": {"type": "fixed", "value": "11.3.x-scala2.12"}}`)}
	var got []string
	for _, x := range Judge(in).Items {
		got = append(got, string(x.Check)+" "+x.Object)
	}
	want := "init-script /all|init-script /many|init-script /few|runtime Team (p1)|runtime etl (c1)|glue etl (c1)|code /b/three|code /a/one|calls CloudWatch"
	if strings.Join(got, "|") != want {
		t.Errorf("got  %s\nwant %s", strings.Join(got, "|"), want)
	}
}

// TestLargeWorkspace: what is judged is looked at once, not once for each other.
func TestLargeWorkspace(t *testing.T) {
	if testing.Short() {
		t.Skip("it measures time")
	}
	in := clean()
	for i := range 10_000 {
		j := jobs.BaseJob{JobId: int64(i + 1), CreatorUserName: "ana", Settings: &jobs.JobSettings{Name: "j", JobClusters: []jobs.JobCluster{{JobClusterKey: "main", NewCluster: &compute.ClusterSpec{SparkVersion: "12.2.x-scala2.12", PolicyId: fmt.Sprint("p", i%300)}}},
			Tasks: []jobs.Task{{TaskKey: "t", Libraries: []compute.Library{{Pypi: &compute.PythonPyPiLibrary{Package: "boto3==1.9"}}}}}}}
		in.Inventory.Jobs = append(in.Inventory.Jobs, j)
		in.Code.Files = append(in.Code.Files, result.File{Path: fmt.Sprintf("workspace: job j (%d)", i+1), Object: &result.Object{Kind: "job", ID: fmt.Sprint(i + 1)}, Findings: []result.Finding{finding("IMDS010", result.Error, nil, 1)}},
			result.File{Path: fmt.Sprintf("workspace:/n%d", i), Object: &result.Object{Kind: "notebook", Path: fmt.Sprint("/n", i)}, Findings: []result.Finding{finding("IMDS001", result.Error, nil, 1)}})
	}
	for i := range 3000 {
		in.Inventory.Clusters = append(in.Inventory.Clusters, compute.ClusterDetails{ClusterId: fmt.Sprint("c", i), ClusterSource: compute.ClusterSourceJob, ClusterName: fmt.Sprintf("job-%d-run-1", i+1), State: compute.StateRunning, SparkVersion: good})
	}
	for i := range 300 {
		in.Inventory.Policies = append(in.Inventory.Policies, compute.Policy{PolicyId: fmt.Sprint("p", i), Definition: `{"spark_version": {"type": "fixed", "value": "11.3.x-scala2.12"}}`})
	}
	begin := time.Now()
	p := Judge(in)
	if took := time.Since(begin); took > time.Minute {
		t.Errorf("it took %v", took)
	}
	if p.Blockers() != 30_300 {
		t.Errorf("%d blockers", p.Blockers())
	}
}
