package example

import (
	"context"
	"strings"
	"testing"

	"github.com/databricks/databricks-sdk-go/client"
	"github.com/databricks/databricks-sdk-go/config"
	"github.com/databricks/databricks-sdk-go/listing"
	"github.com/databricks/databricks-sdk-go/service/compute"
	"github.com/databricks/databricks-sdk-go/service/jobs"
	"github.com/databricks/databricks-sdk-go/service/pipelines"
	"github.com/databricks/databricks-sdk-go/service/workspace"
	"github.com/imdsscan/imdsscan/notebooks/format"
	"github.com/imdsscan/imdsscan/workspace/emulator"
)

var ctx = context.Background()

func connect(t *testing.T) (*emulator.Server, *client.DatabricksClient) {
	t.Helper()
	t.Setenv("AWS_EC2_METADATA_DISABLED", "true")
	t.Setenv("DATABRICKS_CONFIG_FILE", t.TempDir()+"/none")
	s := New(emulator.Options{})
	t.Cleanup(s.Close)
	c, err := client.New(&config.Config{Host: s.URL(), Token: s.Token(), RateLimitPerSecond: 1000})
	if err != nil {
		t.Fatal(err)
	}
	return s, c
}

// walk lists all objects through the API.
func walk(t *testing.T, c *client.DatabricksClient) []workspace.ObjectInfo {
	t.Helper()
	w := workspace.NewWorkspace(c)
	var all []workspace.ObjectInfo
	for folders := []string{"/"}; len(folders) > 0; folders = folders[1:] {
		list, err := w.ListAll(ctx, workspace.ListWorkspaceRequest{Path: folders[0]})
		if err != nil {
			t.Fatal(err)
		}
		for _, o := range list {
			if o.ObjectType == "DIRECTORY" || o.ObjectType == "REPO" {
				folders = append(folders, o.Path)
			}
			all = append(all, o)
		}
	}
	return all
}

// TestObjects: the workspace has what the package says, and all its code can
// be exported and read.
func TestObjects(t *testing.T) {
	s, c := connect(t)
	kinds := map[string]int{}
	suffix := map[string]string{"PYTHON": ".py", "SCALA": ".scala", "SQL": ".sql", "R": ".r"}
	for _, o := range walk(t, c) {
		state, ok := s.Object(o.Path)
		if !ok {
			t.Fatalf("%s is listed and not there", o.Path)
		}
		kind := string(o.ObjectType)
		if state.Format != "" {
			kind = state.Format + " " + state.Language
		}
		kinds[kind]++
		if o.ObjectType != "NOTEBOOK" {
			continue
		}
		name := "nb" + suffix[state.Language]
		if state.Format == "JUPYTER" {
			name = "nb.ipynb"
		}
		doc, err := format.Open(name, state.Content)
		if err != nil || len(doc.Problems) > 0 || doc.Format == "plain" {
			t.Errorf("%s: %v %+v", o.Path, err, doc)
		}
	}
	for _, want := range []string{"SOURCE PYTHON", "SOURCE SCALA", "SOURCE R", "SOURCE SQL", "JUPYTER PYTHON", "JUPYTER SQL", "FILE", "REPO", "DASHBOARD", "MLFLOW_EXPERIMENT", "LIBRARY"} {
		if kinds[want] == 0 {
			t.Errorf("there is no %s", want)
		}
	}
}

// TestReferences: what clusters, jobs and the pipeline name exists.
func TestReferences(t *testing.T) {
	s, c := connect(t)
	there := func(who, path string) {
		t.Helper()
		if _, ok := s.Object(path); !ok {
			t.Errorf("%s names %s, which does not exist", who, path)
		}
	}
	scripts := func(who string, list []compute.InitScriptInfo) {
		for _, i := range list {
			switch {
			case i.Workspace != nil:
				there(who, i.Workspace.Destination)
			case i.Volumes != nil:
				if _, ok := s.VolumeFile(i.Volumes.Destination); !ok {
					t.Errorf("%s names %s", who, i.Volumes.Destination)
				}
			case i.Dbfs != nil:
				if _, ok := s.DBFS(i.Dbfs.Destination); !ok {
					t.Errorf("%s names %s", who, i.Dbfs.Destination)
				}
			}
		}
	}
	clusters, err := compute.NewClusters(c).ListAll(ctx, compute.ListClustersRequest{})
	if err != nil {
		t.Fatal(err)
	}
	known := map[string]bool{}
	for _, x := range clusters {
		known[x.ClusterId] = true
		scripts(x.ClusterName, x.InitScripts)
		if x.PolicyId != "" {
			if _, ok := s.Policy(x.PolicyId); !ok {
				t.Errorf("%s has no policy %s", x.ClusterName, x.PolicyId)
			}
		}
	}
	list, err := listing.ToSlice(ctx, jobs.NewJobs(c).List(ctx, jobs.ListJobsRequest{ExpandTasks: true}))
	if err != nil {
		t.Fatal(err)
	}
	for _, j := range list {
		for _, task := range j.Settings.Tasks {
			if task.ForEachTask != nil {
				task = task.ForEachTask.Task
			}
			if nb := task.NotebookTask; nb != nil && strings.HasPrefix(nb.NotebookPath, "/") {
				there(j.Settings.Name, nb.NotebookPath)
			}
			if task.ExistingClusterId != "" && !known[task.ExistingClusterId] {
				t.Errorf("%s runs on %s", j.Settings.Name, task.ExistingClusterId)
			}
		}
		for _, x := range j.Settings.JobClusters {
			scripts(j.Settings.Name, x.NewCluster.InitScripts)
		}
	}
	all, err := pipelines.NewPipelines(c).ListPipelinesAll(ctx, pipelines.ListPipelinesRequest{})
	if err != nil || len(all) != 1 {
		t.Fatal(err, all)
	}
	p, err := pipelines.NewPipelines(c).GetByPipelineId(ctx, all[0].PipelineId)
	if err != nil {
		t.Fatal(err)
	}
	there(p.Name, p.Spec.Libraries[0].Notebook.Path)
	scripts(p.Name, p.Spec.Clusters[0].InitScripts)
	global, err := compute.NewGlobalInitScripts(c).ListAll(ctx)
	if err != nil || len(global) != 2 {
		t.Errorf("%d global init scripts, %v", len(global), err)
	}
}
