package main

import (
	"context"
	"encoding/json"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/databricks/databricks-sdk-go/service/compute"
	"github.com/santhosh-tekuri/jsonschema/v6"

	"github.com/imdsscan/imdsscan/workspace/emulator"
	"github.com/imdsscan/imdsscan/workspace/metrics/evidence"
	"github.com/imdsscan/imdsscan/workspace/setting"
)

// mentions fails for each of the words that is not in the text.
func mentions(t *testing.T, text string, words ...string) {
	t.Helper()
	for _, w := range words {
		if !strings.Contains(text, w) {
			t.Errorf("%q is missing in\n%s", w, text)
		}
	}
}

// quietWorkspace is a workspace in which nothing stands in the way.
func quietWorkspace(t *testing.T, o emulator.Options) *emulator.Server {
	t.Helper()
	s := emulated(t, o)
	s.SetConf(setting.EnforceIMDSv2, "false")
	s.AddNotebook("/Users/ana/clean", emulator.Notebook{Language: "PYTHON", Content: []byte("# Databricks notebook source\nprint(1)\n")})
	return s
}

func TestPreflightExitStatus(t *testing.T) {
	s := quietWorkspace(t, emulator.Options{})
	code, stdout, stderr := runTest(t.Context(), "", "preflight")
	if code != exitClean || stderr != "" {
		t.Errorf("clean: exit %d, %s%s", code, stdout, stderr)
	}
	mentions(t, stdout, "Enforcement of IMDSv2 is off.", "Ready: imdsscan enforce on.")
	s.Deny("/api/2.1/clusters/list")
	code, stdout, _ = runTest(t.Context(), "", "preflight")
	if code != exitIncomplete {
		t.Errorf("with a gap: exit %d", code)
	}
	mentions(t, stdout, "1 WARNING", "clusters\n", "has no permission", "what is configured there is not known", "→ run preflight as an administrator", "NOT READ: 1 object", "No blocker found; 1 object could not be read.")
	s.AddNotebook("/Users/ana/old", emulator.Notebook{Language: "PYTHON", Content: []byte(v1Python)})
	if code, stdout, _ = runTest(t.Context(), "", "preflight"); code != exitFindings {
		t.Errorf("with a blocker and a gap: exit %d\n%s", code, stdout)
	}
	if code, _, _ = runTest(t.Context(), "", "preflight", "--exit-zero"); code != exitIncomplete {
		t.Errorf("--exit-zero turns 1 only: exit %d", code)
	}
	for _, args := range [][]string{{"x"}, {"--format", "sarif"}, {"--format", "json="}, {"--format", "json", "--format", "text"}, {"-j", "0"}, {"--color", "blue"}, {"--max-age", "1h"}, {"--max-age", "0s", "--results", "x"},
		{"--results", "/nowhere"}, {"--evidence", "/nowhere"}} {
		if code, stdout, stderr := runTest(t.Context(), "", append([]string{"preflight"}, args...)...); code != exitUsage || stdout != "" || stderr == "" {
			t.Errorf("%v: exit %d, %s", args, code, stderr)
		}
	}
	t.Setenv("DATABRICKS_TOKEN", "dapi0000")
	if code, _, stderr = runTest(t.Context(), "", "preflight"); code != exitUsage || !strings.Contains(stderr, "does not accept the credentials") {
		t.Errorf("no way in: exit %d, %s", code, stderr)
	}
}

func TestPreflightElsewhere(t *testing.T) {
	quietWorkspace(t, emulator.Options{Cloud: "Azure"})
	code, stdout, stderr := runTest(t.Context(), "", "preflight")
	if code != exitUsage || stdout != "" || !strings.Contains(stderr, "is not on AWS: there is no EC2 instance metadata service") {
		t.Errorf("exit %d, %s", code, stderr)
	}
}

func TestPreflightOfSomebodyElse(t *testing.T) {
	exampleWorkspace(t, emulator.Options{NotAdmin: true})
	code, stdout, _ := runTest(t.Context(), "", "preflight", "-v")
	if code != exitFindings {
		t.Errorf("exit %d", code)
	}
	mentions(t, stdout, "Enforcement of IMDSv2 is unknown.", "whether enforcement is on is not known: the setting enableEnforceImdsV2 can be read by administrators",
		"may be missing here without a word", "global init scripts\n", "NOT READ")
}

func TestPreflightInterrupted(t *testing.T) {
	exampleWorkspace(t, emulator.Options{Latency: 20 * time.Millisecond})
	ctx, stop := context.WithCancel(t.Context())
	time.AfterFunc(150*time.Millisecond, stop)
	file := filepath.Join(t.TempDir(), "p.json")
	code, stdout, stderr := runTest(ctx, "", "preflight", "-f", "json="+file)
	if code != exitInterrupted || stdout != "" || !strings.Contains(stderr, "interrupted") {
		t.Errorf("exit %d, %s%s", code, stdout, stderr)
	}
	if _, err := os.Stat(file); err == nil {
		t.Error("what is not complete was written")
	}
	leftNothing(t)
}

// TestPreflightWithFaults: one thing that cannot be read costs nothing else.
func TestPreflightWithFaults(t *testing.T) {
	s := exampleWorkspace(t, emulator.Options{})
	s.Inject(emulator.Fault{Path: "/api/2.0/pipelines/9b3f0c52-51c5-4b0e-8c0a-2f5d8a8f6e10", Times: -1, Kind: emulator.Status(500)})
	s.Inject(emulator.Fault{Path: "/api/2.1/clusters/spark-versions", Times: -1, Kind: emulator.Status(500)})
	s.Deny("/Users/kenji.sato@example.com", emulator.NoRead)
	s.SetConf(setting.ExportNotebook, "false")
	s.SetConf(setting.EnforceIMDSv2, "false")
	code, stdout, stderr := runTest(t.Context(), "", "preflight")
	if code != exitFindings || stderr != "" {
		t.Errorf("exit %d, %s", code, stderr)
	}
	mentions(t, stdout, "pipeline orders-live (9b3f0c52-51c5-4b0e-8c0a-2f5d8a8f6e10)\n", "the service failed, also when asked again", "cluster ana-glue (0318-093412-glue0003)",
		"15.4 LTS, 16.4 LTS, 17.3 LTS or 18 LTS (by the table of", "setting enableExportNotebook", "which can be why", `databricks workspace-conf set-status --json '{"enableExportNotebook": "true"}'`,
		"/Users/kenji.sato@example.com", "NOT READ")
}

// results scans the workspace into a file.
func results(t *testing.T, args ...string) string {
	t.Helper()
	file := filepath.Join(t.TempDir(), "results.json")
	if code, _, stderr := runTest(t.Context(), "", append([]string{"check", "-q", "-f", "json=" + file}, args...)...); code != exitFindings && code != exitClean && code != exitIncomplete {
		t.Fatalf("exit %d, %s", code, stderr)
	}
	return file
}

// TestPreflightOfResults: given results say the same as a scan, but for what is
// configured, which is read anew.
func TestPreflightOfResults(t *testing.T) {
	s := exampleWorkspace(t, emulator.Options{})
	_, fresh, _ := runTest(t.Context(), "", "preflight", "-v")
	file := results(t, "workspace:/")
	s.ClearRequests()
	_, given, stderr := runTest(t.Context(), "", "preflight", "-v", "--results", file)
	if n := s.Count("GET", "/api/2.0/workspace/export"); n > 0 {
		t.Errorf("%d notebooks were read", n)
	}
	cut := func(text string) string { return text[:strings.LastIndex(strings.TrimSpace(text), "\n")] }
	if cut(given) != cut(fresh) || stderr != "" {
		t.Errorf("%s\n%s", stderr, given)
	}
	mentions(t, given, "48 objects from "+file+", scanned at 2026-11-27 12:00 UTC.")
	s.ChangeCluster("0318-093412-glue0003", func(c *compute.ClusterDetails) { c.SparkConf = nil })
	s.AddGlobalInitScript("99-new.sh", []byte(v1Script), true)
	_, given, _ = runTest(t.Context(), "", "preflight", "-v", "--results", file)
	mentions(t, given, "global init script 99-new.sh")
	if strings.Contains(given, "cluster ana-glue (0318-093412-glue0003), of ana.silva@example.com\n      it uses an isolated") {
		t.Error("the cluster is judged by what it was")
	}
	// The scripts in folders are known from the results, who runs them from now.
	if strings.Count(given, "init script /Shared/init/install-agent.sh") != 1 {
		t.Error("an init script of a folder is missing, or there twice")
	}
}

func TestPreflightRefusesResults(t *testing.T) {
	exampleWorkspace(t, emulator.Options{})
	local := filepath.Join(t.TempDir(), "a.sh")
	if err := os.WriteFile(local, []byte(v1Script), 0o666); err != nil {
		t.Fatal(err)
	}
	whole := results(t, "workspace:/")
	change := func(old, with string) string {
		b, err := os.ReadFile(whole)
		if err != nil || !strings.Contains(string(b), old) {
			t.Fatal(err, old)
		}
		file := filepath.Join(t.TempDir(), "changed.json")
		if err := os.WriteFile(file, []byte(strings.Replace(string(b), old, with, 1)), 0o666); err != nil {
			t.Fatal(err)
		}
		return file
	}
	old := change(`"started": "2026-11-27T12:00:00Z"`, `"started": "2026-11-24T11:00:00Z"`)
	for _, c := range []struct{ file, want string }{
		{results(t, "workspace:/Users", "workspace:/Shared"), "it covers workspace:/Users workspace:/Shared only; make it with: imdsscan check -f json=FILE workspace:/"},
		{results(t, "--no-compute", "workspace:/"), "no init scripts (--no-compute)"},
		{results(t, "--select", "IMDS001", "workspace:/"), "it covers IMDS001 only (--select)"},
		{results(t, "--ignore", "IMDS010", "workspace:/"), "it leaves out IMDS010 (--ignore)"},
		{results(t, local), "it was made from files, or by an older version"},
		{change(os.Getenv("DATABRICKS_HOST"), "https://other.cloud.databricks.com"), "it is of the workspace https://other.cloud.databricks.com, not of " + os.Getenv("DATABRICKS_HOST")},
		{change(`"compute": true`, `"compute": true, "interrupted": true`), "a scan that was interrupted"},
		{change(`"started": "2026-11-27T12:00:00Z",`, ``), "it does not say when it was made"},
		{change(`"schema_version": "1`, `"schema_version": "2`), "is not known"},
		{change(`"kind": "check"`, `"kind": "monitor"`), "it holds a result of monitor, not of check"},
		{local, "not JSON"},
		{old, "it is 3 days old, and code changes; scan again, or take it with --max-age 74h0m0s"},
		{change(`"started": "2026-11-27T12:00:00Z"`, `"started": "2026-11-28T12:00:00Z"`), "it is of a time to come"},
	} {
		code, stdout, stderr := runTest(t.Context(), "", "preflight", "--results", c.file)
		if code != exitUsage || stdout != "" || !strings.Contains(stderr, c.want) {
			t.Errorf("exit %d, %q is missing in %s", code, c.want, stderr)
		}
	}
	if code, _, stderr := runTest(t.Context(), "", "preflight", "--results", old, "--max-age", "74h"); code != exitFindings {
		t.Errorf("--max-age: exit %d, %s", code, stderr)
	}
}

// looked writes evidence of a look into a file.
func looked(t *testing.T, change func(r *evidence.Report), instances ...evidence.Instance) string {
	t.Helper()
	r := &evidence.Report{SchemaVersion: evidence.Version, Kind: evidence.Kind, Tool: evidence.Tool{Name: "imdsscan", Version: "devel"}, TakenAt: preflightDay.Add(-time.Hour),
		Window: evidence.Window{From: preflightDay.Add(-73 * time.Hour), To: preflightDay.Add(-time.Hour), Period: 3600}, Regions: []string{"eu-west-1"}, Workspace: os.Getenv("DATABRICKS_HOST"), Instances: instances}
	if change != nil {
		change(r)
	}
	r.Tally()
	file := filepath.Join(t.TempDir(), "evidence.json")
	if err := writeFile(file, func(w io.Writer) error { return evidence.Write(w, r, false) }); err != nil {
		t.Fatal(err)
	}
	return file
}

func TestPreflightEvidence(t *testing.T) {
	s := quietWorkspace(t, emulator.Options{})
	onDay(t)
	at := func(h int) time.Time { return preflightDay.Add(time.Duration(h) * time.Hour) }
	in := func(id string, state evidence.State, clusters ...evidence.Ref) evidence.Instance {
		return evidence.Instance{ID: id, Region: "eu-west-1", Lifecycle: evidence.Running, State: state, Clusters: clusters, Owner: "ana", Attribution: evidence.ByWorkspace}
	}
	etl := evidence.Ref{ID: "c1", Name: "etl"}
	calling := in("i-1", evidence.CallsSeen, etl)
	calling.Calls, calling.Points = 5, []evidence.Point{{At: at(-30), Calls: 2}, {At: at(-20), Calls: 3}}
	second := in("i-2", evidence.CallsSeen, etl)
	second.Calls, second.Rejected, second.Points = 1, 2, []evidence.Point{{At: at(-10), Calls: 1, Rejected: 2}}
	nobody := in("i-3", evidence.CallsSeen)
	nobody.Attribution, nobody.Owner, nobody.Calls, nobody.Points = evidence.Nobody, "", 4, []evidence.Point{{At: at(-3), Calls: 4}}
	silent := in("i-4", evidence.Unknown, etl)
	silent.Why = "no data points"
	quiet := in("i-5", evidence.Quiet, etl)
	for _, c := range []struct {
		name string
		file string
		code int
		want []string
	}{
		{"calls", looked(t, nil, calling, second, quiet), exitFindings, []string{"1 BLOCKER", "cluster etl (c1), of ana\n      8 calls without a token from 2026-11-24 11:00 to 2026-11-27 11:00 UTC (2 refused), the last at 2026-11-27 02:00 UTC, on 2 instances", "→ change what runs on it", "imdsscan monitor --since"}},
		{"calls of nobody", looked(t, nil, nobody), exitFindings, []string{"instance i-3\n      4 calls without a token"}},
		{"calls of nobody, of no workspace", looked(t, func(r *evidence.Report) { r.Workspace = "" }, nobody), exitClean, []string{"1 WARNING", "instance i-3\n", "whether it is an instance of this workspace is not known"}},
		{"quiet", looked(t, nil, quiet), exitClean, []string{"1 NOTE", "none of 1 instance was called without a token", "Ready"}},
		{"no data points", looked(t, nil, quiet, silent), exitClean, []string{"1 WARNING", "1 instance of 2 have no data points", "(no data points)", "look again"}},
		{"nothing at all", looked(t, nil), exitClean, []string{"1 WARNING", "no instance of Databricks was found", "not the same as none"}},
		{"a problem", looked(t, func(r *evidence.Report) {
			r.Problems = []evidence.Problem{{Region: "eu-west-1", Action: "cloudwatch:GetMetricData", Reason: "not allowed", Remedy: "allow it"}}
		}, quiet), exitClean, []string{"eu-west-1 cloudwatch:GetMetricData: not allowed", "→ allow it"}},
		{"old", looked(t, func(r *evidence.Report) { r.TakenAt = at(-50) }, calling), exitClean, []string{"1 WARNING", "2 days ago: what was called since is not known, and it does not count", "Calls that were seen"}},
		{"of another workspace", looked(t, func(r *evidence.Report) { r.Workspace = "https://other" }, quiet), exitUsage, []string{"it is of the workspace https://other, not of"}},
		{"no evidence", filepath.Join("testdata", "preflight", "example.txt"), exitUsage, []string{"this is not a result of imdsscan monitor"}},
	} {
		code, stdout, stderr := runTest(t.Context(), "", "preflight", "--evidence", c.file)
		if code != c.code {
			t.Errorf("%s: exit %d, want %d: %s", c.name, code, c.code, stderr)
		}
		t.Run(c.name, func(t *testing.T) { mentions(t, stdout+stderr, c.want...) })
	}
	// Two files: each counts.
	_, stdout, _ := runTest(t.Context(), "", "preflight", "--evidence", looked(t, nil, quiet), "--evidence", looked(t, nil, calling))
	mentions(t, stdout, "1 BLOCKER", "none of 1 instance was called")
	// After the switch only later calls count; answered ones come from old instances.
	s.SetConf(setting.EnforceIMDSv2, "true")
	state := t.TempDir()
	if code, _, stderr := runTest(t.Context(), "", "enforce", "status", "--state-dir", state); code != exitClean {
		t.Fatalf("enforce status: %d, %s", code, stderr)
	}
	_, stdout, _ = runTest(t.Context(), "", "preflight", "--state-dir", state, "--evidence", looked(t, nil, calling))
	mentions(t, stdout, "on; it was first seen on at", "the calls without a token that were seen were before the switch")
}

// TestPreflightJSON: the real output follows the schema, and the page shows it.
func TestPreflightJSON(t *testing.T) {
	exampleWorkspace(t, emulator.Options{})
	dir := t.TempDir()
	file, markdown, page := filepath.Join(dir, "p.json"), filepath.Join(dir, "p.md"), filepath.Join(dir, "page.html")
	code, stdout, stderr := runTest(t.Context(), "", "preflight", "-f", "json="+file, "-f", "markdown="+markdown)
	if code != exitFindings || !strings.HasPrefix(stdout, "Preflight of ") {
		t.Errorf("exit %d, %s", code, stderr)
	}
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	s, err := jsonschema.NewCompiler().Compile("../../docs/schema/preflight-v1.json")
	if err != nil {
		t.Fatal(err)
	}
	doc, err := jsonschema.UnmarshalJSON(strings.NewReader(string(text)))
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Validate(doc); err != nil {
		t.Error(err)
	}
	var p struct {
		Counts struct{ Blockers, Warnings, Notes int }
		Items  []struct{ Level, Kind, Object, Remedy, Owner string }
	}
	if err := json.Unmarshal(text, &p); err != nil {
		t.Fatal(err)
	}
	md, err := os.ReadFile(markdown)
	if n := strings.Count(string(md), "- [ ] "); err != nil || n != p.Counts.Blockers+p.Counts.Warnings {
		t.Errorf("%v, %d to tick off", err, n)
	}
	for _, args := range [][]string{{file}, {file, results(t, "workspace:/")}} {
		if code, _, stderr := runTest(t.Context(), "", append([]string{"report", "-o", page}, args...)...); code != exitClean {
			t.Fatalf("exit %d, %s", code, stderr)
		}
		b, err := os.ReadFile(page)
		if err != nil {
			t.Fatal(err)
		}
		mentions(t, string(b), "cluster ana-glue (0318-093412-glue0003)", "spark.databricks.hive.metastore.glueCatalog.isolation.enabled false", "pool fleet-batch (1015-081503-fleet-pool-7k2m)",
			"Not ready for IMDSv2", "ana.silva@example.com", "10.4.x-scala2.12")
	}
}
