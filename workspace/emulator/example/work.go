package example

import (
	"github.com/databricks/databricks-sdk-go/service/compute"
	"github.com/databricks/databricks-sdk-go/service/jobs"
	"github.com/databricks/databricks-sdk-go/service/pipelines"
)

// work adds jobs and a pipeline.
func (f filler) work() {
	notebook := func(key, path string, after ...string) jobs.Task {
		t := jobs.Task{TaskKey: key, NotebookTask: &jobs.NotebookTask{NotebookPath: path}, JobClusterKey: "main"}
		for _, a := range after {
			t.DependsOn = append(t.DependsOn, jobs.TaskDependency{TaskKey: a})
		}
		return t
	}
	publish := notebook("publish", "/Users/"+Ana+"/etl/02_publish", "ingest")
	publish.Libraries = []compute.Library{{Pypi: &compute.PythonPyPiLibrary{Package: "awscli==1.16.200"}}}
	f.AddJob(jobs.Job{CreatorUserName: Ana, Settings: &jobs.JobSettings{Name: "nightly orders",
		Tasks: []jobs.Task{notebook("ingest", "/Users/"+Ana+"/etl/01_ingest"), publish},
		JobClusters: []jobs.JobCluster{{JobClusterKey: "main", NewCluster: &compute.ClusterSpec{SparkVersion: "14.3.x-scala2.12", NodeTypeId: "m5.xlarge", NumWorkers: 2,
			InitScripts: []compute.InitScriptInfo{workspaceScript(agentScript)}}}},
		Schedule: &jobs.CronSchedule{QuartzCronExpression: "0 0 1 * * ?", TimezoneId: "Europe/Lisbon"}}})

	f.AddJob(jobs.Job{CreatorUserName: Admin, Settings: &jobs.JobSettings{Name: "zone report",
		GitSource: &jobs.GitSource{GitUrl: "https://github.com/example/platform.git", GitProvider: jobs.GitProviderGitHub, GitBranch: "main"},
		Tasks: []jobs.Task{{TaskKey: "report", NotebookTask: &jobs.NotebookTask{NotebookPath: "jobs/zone_report", Source: jobs.SourceGit},
			NewCluster: &compute.ClusterSpec{SparkVersion: "12.2.x-scala2.12", NodeTypeId: "m5.large", NumWorkers: 1,
				SparkConf: map[string]string{"spark.databricks.hive.metastore.glueCatalog.enabled": "true", "spark.databricks.hive.metastore.glueCatalog.isolation.enabled": "false"}}}}}})

	f.AddJob(jobs.Job{CreatorUserName: Kenji, Settings: &jobs.JobSettings{Name: "weekly stock (serverless)",
		Tasks:        []jobs.Task{{TaskKey: "stock", EnvironmentKey: "default", NotebookTask: &jobs.NotebookTask{NotebookPath: "/Users/" + Kenji + "/在庫/棚卸し"}}},
		Environments: []jobs.JobEnvironment{{EnvironmentKey: "default", Spec: &compute.Environment{EnvironmentVersion: "2", Dependencies: []string{"boto3==1.10.0", "polars==1.9.0"}}}}}})

	f.AddJob(jobs.Job{CreatorUserName: Kenji, Settings: &jobs.JobSettings{Name: "forecast by region",
		Tasks: []jobs.Task{{TaskKey: "regions", ForEachTask: &jobs.ForEachTask{Inputs: `["eu","us","jp"]`, Task: jobs.Task{TaskKey: "one", ExistingClusterId: forecastID,
			NotebookTask: &jobs.NotebookTask{NotebookPath: "/Shared/platform/forecast_region"}}}}}}})

	f.AddPipeline(pipelines.GetPipelineResponse{PipelineId: "9b3f0c52-51c5-4b0e-8c0a-2f5d8a8f6e10", CreatorUserName: Ana, Spec: &pipelines.PipelineSpec{
		Name: "orders-live", Catalog: "main", Target: "sales", Continuous: true, Channel: "CURRENT",
		Libraries: []pipelines.PipelineLibrary{{Notebook: &pipelines.NotebookLibrary{Path: "/Users/" + Ana + "/etl/01_ingest"}}},
		Clusters: []pipelines.PipelineCluster{{Label: "default", NumWorkers: 2,
			InitScripts: []compute.InitScriptInfo{volumeScript("/Volumes/main/platform/init/spot-guard.sh")}}}}})
}
