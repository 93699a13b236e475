package preflight

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/databricks/databricks-sdk-go/service/compute"
	"github.com/databricks/databricks-sdk-go/service/jobs"

	"github.com/imdsscan/imdsscan/report/result"
	"github.com/imdsscan/imdsscan/workspace"
	"github.com/imdsscan/imdsscan/workspace/inventory"
	"github.com/imdsscan/imdsscan/workspace/metrics/evidence"
	"github.com/imdsscan/imdsscan/workspace/restart"
	"github.com/imdsscan/imdsscan/workspace/setting"
)

// busy is a workspace in which things run since some days.
func busy() Input {
	in := clean()
	ago := func(d int) int64 { return today.AddDate(0, 0, -d).UnixMilli() }
	in.Inventory.Pools = []compute.InstancePoolAndStats{
		{InstancePoolId: "f", InstancePoolName: "fleet", NodeTypeId: "m-fleet.xlarge", Stats: &compute.InstancePoolStats{IdleCount: 2}, State: compute.InstancePoolStateActive},
		{InstancePoolId: "w", InstancePoolName: "warm", NodeTypeId: "m5.xlarge", Stats: &compute.InstancePoolStats{IdleCount: 1}, State: compute.InstancePoolStateActive},
		{InstancePoolId: "e", InstancePoolName: "empty", NodeTypeId: "m5.xlarge", Stats: &compute.InstancePoolStats{}, State: compute.InstancePoolStateActive}}
	in.Inventory.Clusters = []compute.ClusterDetails{
		{ClusterId: "c1", ClusterName: "old", CreatorUserName: "ana", SparkVersion: good, State: compute.StateRunning, StartTime: ago(9)},
		{ClusterId: "c2", ClusterName: "new", SparkVersion: good, State: compute.StateRunning, StartTime: ago(1)},
		{ClusterId: "c3", ClusterName: "job-5-run-7", SparkVersion: good, State: compute.StateRunning, StartTime: ago(9), ClusterSource: compute.ClusterSourceJob},
		{ClusterId: "c4", ClusterName: "asleep", SparkVersion: good, State: compute.StateTerminated},
		{ClusterId: "c5", ClusterName: "job-6-run-7", SparkVersion: good, State: compute.StateTerminated, ClusterSource: compute.ClusterSourceJob}}
	in.Inventory.Jobs = []jobs.BaseJob{{JobId: 9, Settings: &jobs.JobSettings{Name: "hourly", Tasks: []jobs.Task{{TaskKey: "t", ExistingClusterId: "c1"}}}}}
	return in
}

func TestBeforeTheSwitch(t *testing.T) {
	p := Judge(busy())
	wants(t, lines(p),
		[]string{"warning pool pool fleet (f): 2 instances lie idle", "1. create a new fleet pool", "2. delete this pool"},
		[]string{"note pool pool warm (w)", "1. set the minimum of idle instances"},
		[]string{"note running 2 interactive clusters", "cluster new (c2), cluster old (c1)", "imdsscan enforce on --restart"},
		[]string{"note running 1 cluster of jobs and updates", "job cluster job-5-run-7 (c3)", "nothing, if it ends"})
	var got []string
	for _, c := range p.Compute {
		got = append(got, c.Kind+" "+c.ID+" "+string(c.Before))
	}
	if s := strings.Join(got, "|"); s != "cluster c2 |cluster c1 |job cluster c3 |pool f |pool w |cluster c4 no|pool e no" {
		t.Errorf("compute: %s", s)
	}
}

func TestAfterTheSwitch(t *testing.T) {
	in := busy()
	in.Enforce.Value, in.Switched, in.Exact = setting.On, today.AddDate(0, 0, -3), true
	p := Judge(in)
	wants(t, lines(p),
		[]string{"warning pool pool fleet (f)", "since when, the service does not tell"},
		[]string{"warning pool pool warm (w)"},
		[]string{"warning running cluster old (c1): it was started 2026-11-18 12:00 UTC, before the switch; a restart ends the runs of job hourly (9) → imdsscan enforce on --restart restarts it after asking; or Compute > old > Restart"},
		[]string{"warning running job cluster job-5-run-7 (c3)", "wait for the run to end"})
	if !p.Exact || !p.Switched.Equal(in.Switched) {
		t.Errorf("switched %v %v", p.Switched, p.Exact)
	}
	before := map[string]result.Before{}
	for _, c := range p.Compute {
		before[c.ID] = c.Before
	}
	if before["c1"] != result.FromBefore || before["c2"] != result.NotFromBefore || before["w"] != result.NotKnown || before["c4"] != result.NotFromBefore {
		t.Errorf("%v", before)
	}
	// First seen on then, and maybe on for longer: what is older may be new.
	in.Exact = false
	p = Judge(in)
	if got := strings.Join(lines(p), "\n"); strings.Contains(got, "before the switch") || !strings.Contains(got, "before the time since when the setting is known to be on") {
		t.Error(got)
	}
	for _, c := range p.Compute {
		if c.ID == "c1" && c.Before != result.NotKnown {
			t.Errorf("%+v", c)
		}
	}
	// What this machine restarted itself, and pools that came later.
	in.Exact, in.Known = true, &restart.Known{Pools: []string{"f"}}
	if got := strings.Join(lines(Judge(in)), "\n"); strings.Contains(got, "pool warm") {
		t.Error(got)
	}
	in = busy()
	in.Enforce.Value = setting.On
	wants(t, lines(Judge(in)), []string{"warning running 5 clusters and the like: since when enforcement is on is not known on this machine"})
}

func TestElsewhere(t *testing.T) {
	in := clean()
	c := cluster(good)
	c.InitScripts = []compute.InitScriptInfo{{S3: &compute.S3StorageInfo{Destination: "s3://b/x y.sh"}}, {Abfss: &compute.Adlsgen2Info{Destination: "abfss://c@a/i"}}, {File: &compute.LocalFileInfo{Destination: "file:/opt/i.sh"}},
		{Workspace: &compute.WorkspaceStorageInfo{Destination: "/Shared/i.sh"}}}
	in.Inventory.Clusters = []compute.ClusterDetails{c}
	in.Inventory.Libraries = map[string][]compute.LibraryFullStatus{"c1": {{Library: &compute.Library{Jar: "/Volumes/m/d/v/a.jar"}}, {Library: &compute.Library{Whl: "dbfs:/w/b.whl"}}, {Library: &compute.Library{Requirements: "/Volumes/m/d/v/r.txt"}}, {Library: &compute.Library{Whl: "/Workspace/Shared/c.whl"}}}}
	in.Inventory.Jobs = []jobs.BaseJob{{JobId: 7, Settings: &jobs.JobSettings{Name: "git", GitSource: &jobs.GitSource{GitUrl: "https://g/r.git", GitTag: "v1"}, Tasks: []jobs.Task{{TaskKey: "t", SparkPythonTask: &jobs.SparkPythonTask{PythonFile: "src/main.py"}}}}},
		{JobId: 8, Settings: &jobs.JobSettings{Name: "files", Tasks: []jobs.Task{{TaskKey: "a", SparkPythonTask: &jobs.SparkPythonTask{PythonFile: "s3://b/main.py"}}, {TaskKey: "b", SparkPythonTask: &jobs.SparkPythonTask{PythonFile: "/Users/ana/main.py"}}, {TaskKey: "n", SparkPythonTask: &jobs.SparkPythonTask{PythonFile: "/team/main.py"}},
			{TaskKey: "c", SparkSubmitTask: &jobs.SparkSubmitTask{Parameters: []string{"--class", "X", "dbfs:/j/app.jar", "--conf", "a=b"}}}}}}}
	wants(t, lines(Judge(in)),
		[]string{"warning elsewhere library /Volumes/m/d/v/a.jar: a library of cluster etl (c1)", "databricks fs cp dbfs:/Volumes/m/d/v/a.jar ./a.jar && imdsscan check ./a.jar"},
		[]string{"init script abfss://c@a/i: an init script of cluster etl (c1) lies in Azure storage"},
		[]string{"file dbfs:/j/app.jar: a program of job files (8) lies in DBFS", "databricks fs cp dbfs:/j/app.jar"},
		[]string{"library dbfs:/w/b.whl"},
		[]string{"init script file:/opt/i.sh", "lies on the file system", "cat /opt/i.sh"},
		[]string{"file s3://b/main.py: a program of job files (8) lies in S3", "aws s3 cp s3://b/main.py ./main.py"},
		[]string{"init script s3://b/x y.sh: an init script of cluster etl (c1) lies in S3: it was not analysed → aws s3 cp 's3://b/x y.sh' './x y.sh' && imdsscan check './x y.sh'"},
		[]string{"warning elsewhere job git (7): its code comes from https://g/r.git (v1)", "git clone https://g/r.git source && git -C source checkout v1 && imdsscan check source"})
}

func TestImages(t *testing.T) {
	in := clean()
	c := cluster(good)
	c.DockerImage = &compute.DockerImage{Url: "r/i:1"}
	in.Inventory.Clusters = []compute.ClusterDetails{c}
	look := func(limits ...int) []Evidence {
		r := &evidence.Report{TakenAt: today, Workspace: "https://h", Window: evidence.Window{From: today.Add(-time.Hour), To: today, Period: 3600}}
		for _, n := range limits {
			r.Instances = append(r.Instances, evidence.Instance{State: evidence.Quiet, HopLimit: n, Clusters: []evidence.Ref{{ID: "c1"}}})
		}
		r.Tally()
		return []Evidence{{"e.json", r}}
	}
	for name, c := range map[string]struct {
		evidence []Evidence
		want     string
	}{
		"not known":   {nil, "warning image cluster etl (c1): it runs in the container image r/i:1: with a hop limit of 1 no token reaches a container"},
		"one":         {look(2, 1), "warning image cluster etl (c1): it runs in the container image r/i:1: the hop limit of its instances is 1, so that no token"},
		"two":         {look(2, 3), "note image cluster etl (c1): it runs in the container image r/i:1: the hop limit of its instances is 2, so that tokens reach"},
		"not told":    {look(0), "warning image cluster etl (c1)"},
		"of no image": {nil, ""},
	} {
		if name == "of no image" {
			in.Inventory.Clusters[0].DockerImage = &compute.DockerImage{}
		} else {
			in.Inventory.Clusters[0].DockerImage = &compute.DockerImage{Url: "r/i:1"}
		}
		in.Evidence = c.evidence
		var got []string
		for _, l := range lines(Judge(in)) {
			if strings.Contains(l, " image ") {
				got = append(got, l)
			}
		}
		if c.want == "" && len(got) > 0 || c.want != "" && (len(got) != 1 || !strings.Contains(got[0], c.want)) {
			t.Errorf("%s: %q", name, got)
		}
	}
	in = clean()
	in.Inventory.Pools = []compute.InstancePoolAndStats{{InstancePoolId: "p", InstancePoolName: "warm", Stats: &compute.InstancePoolStats{}, PreloadedSparkVersions: []string{"10.4.x-scala2.12", good}, PreloadedDockerImages: []compute.DockerImage{{Url: "r/i:1"}}}}
	wants(t, lines(Judge(in)), []string{"note runtime pool warm (p): it preloads", "10.4.x-scala2.12"}, []string{"note image pool warm (p): it preloads the container image r/i:1"})
}

func TestGapsOfTheInventory(t *testing.T) {
	in := clean()
	denied := &workspace.Error{Kind: workspace.ErrPermission, Reason: "no permission"}
	in.Inventory = &inventory.Inventory{Gaps: []inventory.Gap{{What: "clusters", Reason: "no permission", Err: denied}, {What: "pipeline live (pl)", Reason: "the service failed", Err: errors.New("x")}}}
	// The scan reports the same gaps.
	in.Code.Errors = []result.FileError{{Path: "workspace: clusters", Reason: "no permission"}, {Path: "workspace: pipeline live (pl)", Reason: "the service failed"}}
	in.MissingScripts = []result.FileError{{Path: "workspace:/Shared/gone.sh", Reason: "an init script that could not be looked at; used by cluster a (1)"}}
	p := Judge(in)
	wants(t, lines(p), []string{"warning unread init script /Shared/gone.sh", "used by cluster a (1)", "put the script there"},
		[]string{"warning unread clusters: no permission; what is configured there is not known → run preflight as an administrator"},
		[]string{"warning unread pipeline live (pl): the service failed"})
	if len(p.Unread) != 3 {
		t.Errorf("%v", p.Unread)
	}
}
