package main

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/databricks/databricks-sdk-go/service/compute"
	"github.com/databricks/databricks-sdk-go/service/sql"

	"github.com/imdsscan/imdsscan/workspace/emulator"
)

const (
	v1Python  = "# Databricks notebook source\nimport requests\nzone = requests.get('http://169.254.169.254/latest/meta-data/placement/availability-zone', timeout=2).text\n"
	v1Jupyter = `{"cells":[{"cell_type":"code","execution_count":null,"metadata":{},"outputs":[],"source":["println(1)"]},{"cell_type":"code","execution_count":null,"metadata":{},"outputs":[],"source":["%sh\n","curl -s http://169.254.169.254/latest/meta-data/instance-id"]}],"metadata":{"application/vnd.databricks.v1+notebook":{"language":"scala"}},"nbformat":4,"nbformat_minor":0}`
)

// emulated starts a workspace and makes it the one that is asked.
func emulated(t testing.TB, o emulator.Options) *emulator.Server {
	t.Helper()
	s := emulator.New(o)
	t.Cleanup(s.Close)
	for k, v := range map[string]string{"DATABRICKS_HOST": s.URL(), "DATABRICKS_TOKEN": s.Token(), "DATABRICKS_AUTH_TYPE": "pat",
		"DATABRICKS_CONFIG_FILE": os.DevNull, "DATABRICKS_RATE_LIMIT": "100000", "TMPDIR": t.TempDir(), "AWS_EC2_METADATA_DISABLED": "true"} {
		t.Setenv(k, v)
	}
	return s
}

// leftNothing fails when something read from the workspace is still on disk.
func leftNothing(t *testing.T) {
	t.Helper()
	if left, err := filepath.Glob(filepath.Join(os.TempDir(), "*")); err != nil || len(left) > 0 {
		t.Errorf("left behind: %v %v", left, err)
	}
}

func TestCheckWorkspace(t *testing.T) {
	s := emulated(t, emulator.Options{})
	s.AddNotebook("/Users/ana/etl", emulator.Notebook{Language: "PYTHON", Content: []byte(v1Python)})
	id := s.AddNotebook("/Users/ana/jup", emulator.Notebook{Format: "JUPYTER", Content: []byte(v1Jupyter)})
	s.AddNotebook("/Users/ana/etl: |\\ \"日本\" 🎉.", emulator.Notebook{Language: "PYTHON", Content: []byte(v1Python)})
	s.AddNotebook("/Shared/clean", emulator.Notebook{Language: "SQL", Content: []byte("-- Databricks notebook source\nselect 1\n")})
	s.AddFile("/Shared/init.sh", []byte(v1Script))
	s.AddFile("/Shared/logo.png", []byte("\x89PNG"))
	s.AddObject("/Shared/board", "DASHBOARD", []byte("{}"))
	s.AddNotebook("/Shared/locked/n", emulator.Notebook{Language: "PYTHON", Content: []byte(v1Python)})
	s.Deny("/Shared/locked", emulator.NoRead)
	out := filepath.Join(t.TempDir(), "out.json")
	code, stdout, stderr := runTest(t.Context(), "", "--format", "json="+out, "-v", "workspace:/")
	if code != exitIncomplete || stderr != "" {
		t.Errorf("exit %d, %s", code, stderr)
	}
	for _, want := range []string{
		"workspace:/Users/ana/etl:3:8 [cell 1:2:8] error IMDS001",
		"workspace:/Users/ana/jup:1:", "[cell 2:2:1] error IMDS001",
		"workspace:/Users/ana/etl: |\\ \"日本\" 🎉.:3:8",
		"workspace:/Shared/init.sh:2:1 error IMDS001",
		"workspace:/Shared/logo.png: skipped: not read: a .png file",
		"workspace:/Shared/board: skipped: a dashboard",
		"workspace:/Shared/locked", "has no permission",
		"6 files", // with the configuration of SQL warehouses
	} {
		if !strings.Contains(stdout, want) {
			t.Errorf("%q is missing in\n%s", want, stdout)
		}
	}
	b, err := os.ReadFile(out)
	if err != nil {
		t.Fatal(err)
	}
	var run struct {
		Findings []struct {
			Path      string
			Workspace struct{ Kind, Path, ID, Format, Language, URL string }
		}
	}
	if err := json.Unmarshal(b, &run); err != nil {
		t.Fatal(err)
	}
	for _, f := range run.Findings {
		if f.Path == "workspace:/Users/ana/jup" {
			if w := f.Workspace; w.Kind != "notebook" || w.Path != "/Users/ana/jup" || w.ID != fmt.Sprint(id) || w.Format != "JUPYTER" ||
				w.Language != "SCALA" || w.URL != s.URL()+"/#workspace/Users/ana/jup" {
				t.Errorf("%+v", w)
			}
		}
	}
	for _, r := range s.Requests() {
		if r.Method != "GET" {
			t.Errorf("check sent %s %s", r.Method, r.Path)
		}
	}
	leftNothing(t)
}

func TestCheckWorkspaceTargets(t *testing.T) {
	s := emulated(t, emulator.Options{})
	s.AddNotebook("/Users/ana/etl", emulator.Notebook{Language: "PYTHON", Content: []byte(v1Python)})
	s.AddFile("/Shared/init.sh", []byte(v1Script))
	for _, c := range []struct {
		args string
		code int
		want string
	}{
		{"workspace:/Users/ana/etl", exitFindings, "1 file"},
		{"workspace:/Workspace/Shared workspace:/Users/ana/etl", exitFindings, "2 files"},
		{"workspace:/nosuch", exitIncomplete, "workspace:/nosuch: failed: it is not there"},
		{"workspace:/Shared -q README.md", exitUsage, "two runs"},
		{"workspace:Shared", exitUsage, "workspace:/Users/"},
		{"--fix workspace:/Shared", exitUsage, "give --yes"},
		{"-p x .", exitUsage, "go with targets"},
		{"--diff -q workspace:/Users/ana/etl", exitFindings, "+++ b/workspace:/Users/ana/etl\n"},
	} {
		code, stdout, stderr := runTest(t.Context(), "", strings.Fields(c.args)...)
		if code != c.code || !strings.Contains(stdout+stderr, c.want) {
			t.Errorf("%s: exit %d\n%s%s", c.args, code, stdout, stderr)
		}
	}
	if got, _ := s.Object("/Users/ana/etl"); got.Writes != 0 || string(got.Content) != v1Python {
		t.Error("the notebook was changed")
	}
}

func TestDiffOfJupyterShowsCells(t *testing.T) {
	s := emulated(t, emulator.Options{})
	s.AddNotebook("/jup", emulator.Notebook{Format: "JUPYTER", Content: []byte(v1Jupyter)})
	code, stdout, stderr := runTest(t.Context(), "", "--diff", "workspace:/jup")
	if code != exitFindings || !strings.Contains(stdout, "workspace:/jup [cell 2]") || !strings.Contains(stdout, "+(curl -s -H") || !strings.Contains(stderr, "for review") {
		t.Errorf("exit %d\n%s%s", code, stdout, stderr)
	}
}

// Notebooks that run one another are analysed together, whether what is run was
// forgotten because nothing in it matters by itself, or is outside of the target.
func TestRunBetweenNotebooks(t *testing.T) {
	s := emulated(t, emulator.Options{})
	add := func(p, code string) {
		s.AddNotebook(p, emulator.Notebook{Language: "PYTHON", Content: []byte("# Databricks notebook source\n" + code)})
	}
	add("/Users/ana/main", "# MAGIC %run ./lib/http\n\n# COMMAND ----------\n\nid = fetch(META + '/instance-id')\n")
	add("/Users/ana/lib/http", "# MAGIC %run /Workspace/Shared/base\n\n# COMMAND ----------\n\nimport requests\ndef fetch(url):\n    return requests.get(url, headers=head()).text\n")
	add("/Shared/base", "META = 'http://169.254.169.254/latest/meta-data'\ndef head():\n    return {'X-aws-ec2-metadata-token': token()}\n")
	add("/Backup/Shared/base", "META = 'http://example.com'\n")
	add("/Users/ana/lost", "# MAGIC %run ./nosuch\n")
	code, stdout, _ := runTest(t.Context(), "", "-v", "workspace:/Users")
	if strings.Contains(stdout, "IMDS001") || !strings.Contains(stdout, "workspace:/Users/ana/lost: skipped: %run ./nosuch") || !strings.Contains(stdout, "3 files") {
		t.Errorf("exit %d\n%s", code, stdout)
	}
	add("/Shared/plain", "def head():\n    return {}\n")
	s.Edit("/Users/ana/lib/http", []byte("# Databricks notebook source\n# MAGIC %run /Shared/plain\n\n# COMMAND ----------\n\nimport requests\nMETA = 'http://169.254.169.254/latest/meta-data'\ndef fetch(url):\n    return requests.get(url, headers=head()).text\n"))
	if code, stdout, _ = runTest(t.Context(), "", "workspace:/Users"); code != exitFindings || !strings.Contains(stdout, "IMDS001") {
		t.Errorf("exit %d\n%s", code, stdout)
	}
	leftNothing(t)
}

func TestCheckWorkspaceUnderFaults(t *testing.T) {
	const n = 60
	for name, c := range map[string]struct {
		fault emulator.Fault
		code  int
		want  string
	}{
		"500":              {emulator.Fault{Path: "/api/2.0/workspace/export", Times: 10, Kind: emulator.Status(500)}, exitFindings, ""},
		"503 of lists":     {emulator.Fault{Path: "/api/2.0/workspace/list", Times: 2, Kind: emulator.Status(503)}, exitFindings, ""},
		"429 with a time":  {emulator.Fault{Path: "/api/2.0/workspace/export", Times: 20, Kind: emulator.RetryAfter(time.Second)}, exitFindings, ""},
		"429":              {emulator.Fault{Path: "/api/2.0/workspace/*", Times: 3, Kind: emulator.Status(429)}, exitFindings, ""},
		"cut short":        {emulator.Fault{Path: "/api/2.0/workspace/export", Times: 10, Kind: emulator.Truncated}, exitFindings, ""},
		"lost connections": {emulator.Fault{Path: "/api/2.0/workspace/export", Times: 10, Kind: emulator.Drop}, exitFindings, ""},
		"resets":           {emulator.Fault{Path: "/api/2.0/workspace/export", Times: 10, Kind: emulator.Reset}, exitFindings, ""},
		"always 500": {emulator.Fault{Path: "/api/2.0/workspace/export", Object: "/d/n7", Times: -1, Kind: emulator.Status(500)}, exitIncomplete,
			"workspace:/d/n7: failed: the service failed, also when asked again (500"},
		"gone between list and export": {emulator.Fault{Path: "/api/2.0/workspace/export", Object: "/d/n7", Times: 1,
			Hook: func(s *emulator.Server) { s.Remove("/d/n7") }}, exitIncomplete, "workspace:/d/n7: failed: it is not there"},
	} {
		t.Run(name, func(t *testing.T) {
			s := emulated(t, emulator.Options{})
			for i := range n {
				s.AddNotebook(fmt.Sprintf("/d/n%d", i), emulator.Notebook{Language: "PYTHON", Content: []byte(v1Python)})
			}
			s.Inject(c.fault)
			code, stdout, stderr := runTest(t.Context(), "", "workspace:/d")
			want := n
			if c.want != "" {
				want--
			}
			if got := strings.Count(stdout, "error IMDS001"); code != c.code || got != want || !strings.Contains(stdout, c.want) {
				t.Errorf("exit %d, %d findings, want %d\n%s%s", code, got, want, stdout[max(0, len(stdout)-2000):], stderr)
			}
		})
	}
}

// A token that ends during the scan is said once.
func TestTokenThatEnds(t *testing.T) {
	s := emulated(t, emulator.Options{})
	for i := range 50 {
		s.AddNotebook(fmt.Sprintf("/d/n%d", i), emulator.Notebook{Language: "PYTHON", Content: []byte(v1Python)})
	}
	s.Inject(emulator.Fault{Path: "/api/2.0/workspace/export", After: 5, Times: -1, Kind: emulator.Status(401)})
	code, stdout, _ := runTest(t.Context(), "", "workspace:/d")
	if code != exitIncomplete || strings.Count(stdout, "failed:") != 1 || !strings.Contains(stdout, "nothing further was read") || !strings.Contains(stdout, "IMDS001") {
		t.Errorf("exit %d\n%s", code, stdout)
	}
}

func TestTooLargeObjects(t *testing.T) {
	s := emulated(t, emulator.Options{MaxExport: 1000})
	big := strings.Repeat("# filler\n", 500)
	s.AddNotebook("/nb", emulator.Notebook{Language: "PYTHON", Content: []byte(v1Python + big)})
	s.AddFile("/job.py", []byte(big))
	s.AddFile("/rows.csv", []byte(big))
	s.AddFile("/app.whl", []byte(big))
	code, stdout, _ := runTest(t.Context(), "", "-v", "workspace:/")
	for _, want := range []string{"workspace:/nb: failed: it is larger", "workspace:/job.py: failed: it is larger",
		"workspace:/rows.csv: skipped: not read: it is larger", "workspace:/app.whl: skipped: not read: it is larger"} {
		if code != exitIncomplete || !strings.Contains(stdout, want) {
			t.Errorf("exit %d, %q is missing in\n%s", code, want, stdout)
		}
	}
}

func TestInterruptedWorkspaceScan(t *testing.T) {
	s := emulated(t, emulator.Options{})
	for i := range 50 {
		s.AddNotebook(fmt.Sprintf("/n%d", i), emulator.Notebook{Language: "PYTHON", Content: []byte(v1Python)})
	}
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	s.Inject(emulator.Fault{Path: "/api/2.0/workspace/export", After: 20, Times: 1, Hook: func(*emulator.Server) { cancel() }})
	code, stdout, stderr := runTest(ctx, "", "workspace:/")
	if code != exitInterrupted || !strings.Contains(stderr, "imdsscan: interrupted after ") || strings.Contains(stderr, "after 50") || strings.Contains(stdout, "failed") {
		t.Errorf("exit %d\n%s%s", code, stdout, stderr)
	}
	leftNothing(t)
}

func TestSameResultsWhateverTheTiming(t *testing.T) {
	s := emulated(t, emulator.Options{LatencyOf: func(method, path string) time.Duration { return time.Duration(time.Now().UnixNano() % 5e6) }})
	for i := range 40 {
		s.AddNotebook(fmt.Sprintf("/d%d/n%d", i%7, i), emulator.Notebook{Language: "PYTHON",
			Content: []byte(fmt.Sprintf("%s\n# COMMAND ----------\n\n# MAGIC %%run ../d%d/n%d\n", v1Python, (i+1)%7, (i+1)%40))})
	}
	var outs []string
	for range 3 {
		_, stdout, _ := runTest(t.Context(), "", "-q", "-j", fmt.Sprint(1+len(outs)*3), "workspace:/")
		outs = append(outs, stdout)
	}
	if outs[0] == "" || outs[0] != outs[1] || outs[1] != outs[2] {
		t.Error("the reports differ")
	}
}

// What is clean is forgotten: the memory does not grow with the workspace.
func TestMemoryStaysFlat(t *testing.T) {
	if testing.Short() {
		t.Skip("reads 22,000 objects")
	}
	clean := []byte("# Databricks notebook source\n" + strings.Repeat("print('nothing to see')\n", 40))
	var heaps []uint64
	for _, folders := range []int{2, 20} {
		s := emulated(t, emulator.Options{KeepRequests: -1})
		for i := range folders {
			s.Generate(fmt.Sprint("/d", i), "n", 1000, func(int) emulator.Item {
				return emulator.Item{Language: "SQL", Format: "SOURCE", Content: clean}
			})
		}
		// While the last objects are read nothing has been given back yet.
		var heap uint64
		s.Inject(emulator.Fault{Path: "/api/2.0/workspace/export", After: folders*1000 - 5, Hook: func(*emulator.Server) {
			runtime.GC()
			var m runtime.MemStats
			runtime.ReadMemStats(&m)
			heap = m.HeapAlloc
		}})
		if code, stdout, stderr := runTest(t.Context(), "", "workspace:/"); code != exitClean {
			t.Fatalf("exit %d\n%s%s", code, stdout, stderr)
		}
		heaps = append(heaps, heap)
		s.Close()
	}
	t.Logf("heap: %d and %d bytes", heaps[0], heaps[1])
	if slices.Min(heaps) == 0 || heaps[1] > heaps[0]+2<<20 {
		t.Errorf("the heap grows: %d bytes with 2,000 objects, %d with 20,000", heaps[0], heaps[1])
	}
}

func TestProgressLine(t *testing.T) {
	p := newProgress(os.Stderr, &options{quiet: true, targets: []string{"workspace:/"}})
	p.listed.Store(12000)
	p.read.Store(3000)
	p.findings.Store(1)
	if got := p.line(time.Minute); got != "3,000 of 12,000 objects read, 50 a second, listing goes on; 0 analysed, 1 finding" {
		t.Error(got)
	}
	p.allListed.Store(true)
	if got := p.line(time.Minute); got != "3,000 of 12,000 objects read, 50 a second, 3m0s left; 0 analysed, 1 finding" {
		t.Error(got)
	}
}

func TestCheckWhatIsConfigured(t *testing.T) {
	s := emulated(t, emulator.Options{})
	script := []compute.InitScriptInfo{{Workspace: &compute.WorkspaceStorageInfo{Destination: "/Shared/init.sh"}},
		{Workspace: &compute.WorkspaceStorageInfo{Destination: "/Shared/lost.sh"}}, {S3: &compute.S3StorageInfo{Destination: "s3://b/x.sh"}},
		{Volumes: &compute.VolumesStorageInfo{Destination: "/Volumes/m/d/v/v.sh"}}, {Volumes: &compute.VolumesStorageInfo{Destination: "/Volumes/m/d/v/gone.sh"}}}
	s.AddFile("/Shared/init.sh", []byte(v1Script))
	s.AddVolumeFile("/Volumes/m/d/v/v.sh", []byte(v1Script))
	s.AddGlobalInitScript("agent", []byte(v1Script), true)
	s.AddCluster(compute.ClusterDetails{ClusterId: "c1", ClusterName: "etl", SparkVersion: "10.4.x-scala2.12", State: compute.StateRunning, InitScripts: script,
		DockerImage: &compute.DockerImage{Url: "repo/img:1"}, SparkConf: map[string]string{"spark.databricks.hive.metastore.glueCatalog.enabled": "true"}})
	s.AddLibraries("c1", compute.LibraryFullStatus{Library: &compute.Library{Pypi: &compute.PythonPyPiLibrary{Package: "boto3==1.9.1"}}, Status: compute.LibraryInstallStatusInstalled})
	s.AddPolicy(compute.Policy{PolicyId: "p1", Name: "pol", Definition: `{"spark_version": {"type": "fixed", "value": "11.3.x-scala2.12"}}`})
	s.SetWarehouseConfig(sql.GetWorkspaceWarehouseConfigResponse{DataAccessConfig: []sql.EndpointConfPair{{Key: "spark.databricks.hive.metastore.glueCatalog.enabled", Value: "true"}}})
	code, stdout, stderr := runTest(t.Context(), "", "-v", "workspace:/")
	if code != exitIncomplete || stderr != "" {
		t.Errorf("exit %d %s", code, stderr)
	}
	for _, want := range []string{
		"workspace: cluster etl (c1):", "error IMDS020", "error IMDS021", "warning IMDS022", "error IMDS010",
		"it is the configuration of a cluster: change it where that is configured",
		"workspace: policy pol (p1):", "workspace: warehouse configuration of the workspace:",
		"workspace:/Shared/init.sh:2:1 error IMDS001", "= run by cluster etl (c1)",
		"workspace: init script /Volumes/m/d/v/v.sh:2:1 error IMDS001", "workspace: global init script agent (", "= run by every cluster",
		"workspace: init script s3://b/x.sh: skipped: not analysed: it lies in S3; used by cluster etl (c1)",
		"workspace: init script /Volumes/m/d/v/gone.sh: failed: it is not there",
		"workspace:/Shared/lost.sh: skipped: an init script that could not be looked at: it is not there",
		"workspace: container image repo/img:1: skipped: what it brings is not analysed; used by cluster etl (c1)",
	} {
		if !strings.Contains(stdout, want) {
			t.Errorf("%q is missing in\n%s", want, stdout)
		}
	}
	if code, stdout, _ := runTest(t.Context(), "", "--no-compute", "workspace:/"); code != exitFindings || strings.Contains(stdout, "cluster") {
		t.Errorf("exit %d\n%s", code, stdout)
	}
	for _, r := range s.Requests() {
		if r.Method != "GET" && r.Method != "HEAD" {
			t.Errorf("check sent %s %s", r.Method, r.Path)
		}
	}
	leftNothing(t)
}

// A script that nobody lets us look at is not one that is not there: it is a gap,
// and the remedy is another.
func TestAnInitScriptThatMayNotBeLookedAt(t *testing.T) {
	s := emulated(t, emulator.Options{})
	s.AddFile("/Shared/init.sh", []byte("echo\n"))
	s.AddCluster(compute.ClusterDetails{ClusterId: "c1", ClusterName: "etl", SparkVersion: "16.4.x-scala2.12",
		InitScripts: []compute.InitScriptInfo{{Workspace: &compute.WorkspaceStorageInfo{Destination: "/Shared/init.sh"}}}})
	s.Deny("/api/2.0/workspace/get-status")
	code, stdout, _ := runTest(t.Context(), "", "workspace:/")
	if want := "workspace:/Shared/init.sh: failed: an init script: "; code != exitIncomplete || !strings.Contains(stdout, want) {
		t.Errorf("exit %d, want %s in\n%s", code, want, stdout)
	}
	code, stdout, _ = runTest(t.Context(), "", "preflight", "--quiet", "--state-dir", t.TempDir())
	if code != exitIncomplete || !strings.Contains(stdout, "make it readable and run preflight again") || strings.Contains(stdout, "put the script there") {
		t.Errorf("exit %d\n%s", code, stdout)
	}
}

// What a terminal would act on is not printed, whatever it came from.
func TestPrintable(t *testing.T) {
	if got := printable("a\x1b[31m\u200b\u202e\u2066\n長い"); strings.ContainsAny(got, "\x1b\u200b\u202e\u2066\n") || !strings.HasSuffix(got, "長い") {
		t.Errorf("%q", got)
	}
}
