package example

import (
	"github.com/databricks/databricks-sdk-go/service/compute"
	"github.com/databricks/databricks-sdk-go/service/sql"
)

// The ids that the example's parts know each other by.
const (
	fleetPool   = "1015-081503-fleet-pool-7k2m"
	warmPool    = "0712-113020-warm-pool-3xq9"
	policyOld   = "0006E1F5A2C30001"
	policyNew   = "0006E1F5A2C30002"
	sharedID    = "0910-072211-shared01"
	forecastID  = "0402-140955-forecst2"
	bucketInit  = "s3://example-bootstrap/init/harden.sh"
	agentScript = "/Shared/init/install-agent.sh"
)

// compute adds runtimes, pools, policies and clusters.
func (f filler) compute() {
	f.AddSparkVersions(
		compute.SparkVersion{Key: "14.3.x-scala2.12", Name: "14.3 LTS (includes Apache Spark 3.5.0, Scala 2.12)"},
		compute.SparkVersion{Key: "15.4.x-scala2.12", Name: "15.4 LTS (includes Apache Spark 3.5.0, Scala 2.12)"},
		compute.SparkVersion{Key: "15.4.x-cpu-ml-scala2.12", Name: "15.4 LTS ML (includes Apache Spark 3.5.0, Scala 2.12)"},
		compute.SparkVersion{Key: "16.4.x-scala2.12", Name: "16.4 LTS (includes Apache Spark 3.5.2, Scala 2.12)"},
		compute.SparkVersion{Key: "17.3.x-scala2.13", Name: "17.3 LTS (includes Apache Spark 4.0.0, Scala 2.13)"},
	)
	f.AddPool(compute.InstancePoolAndStats{InstancePoolId: fleetPool, InstancePoolName: "fleet-batch", NodeTypeId: "m-fleet.xlarge",
		MinIdleInstances: 2, IdleInstanceAutoterminationMinutes: 60, Stats: &compute.InstancePoolStats{IdleCount: 2, UsedCount: 3}})
	f.AddPool(compute.InstancePoolAndStats{InstancePoolId: warmPool, InstancePoolName: "warm", NodeTypeId: "m5.xlarge",
		MinIdleInstances: 0, IdleInstanceAutoterminationMinutes: 15, Stats: &compute.InstancePoolStats{}})
	f.AddPolicy(compute.Policy{PolicyId: policyOld, Name: "Team clusters (2022)", CreatorUserName: Admin, Definition: `{
  "spark_version": {"type": "fixed", "value": "11.3.x-scala2.12"},
  "init_scripts.0.workspace.destination": {"type": "fixed", "value": "` + agentScript + `"},
  "spark_conf.spark.databricks.hive.metastore.glueCatalog.enabled": {"type": "fixed", "value": "true"}
}`, Libraries: []compute.Library{{Pypi: &compute.PythonPyPiLibrary{Package: "boto3==1.9.253"}}}})
	f.AddPolicy(compute.Policy{PolicyId: policyNew, Name: "Team clusters", CreatorUserName: Admin, Definition: `{
  "spark_version": {"type": "allowlist", "values": ["auto:latest-lts", "15.4.x-scala2.12"]},
  "autotermination_minutes": {"type": "range", "maxValue": 120}
}`})
	f.clusters()
	f.SetWarehouseConfig(sql.GetWorkspaceWarehouseConfigResponse{InstanceProfileArn: "arn:aws:iam::123456789012:instance-profile/warehouses",
		DataAccessConfig: []sql.EndpointConfPair{
			{Key: "spark.databricks.hive.metastore.glueCatalog.enabled", Value: "true"},
			{Key: "spark.databricks.hive.metastore.glueCatalog.isolation.enabled", Value: "false"}}})
	f.AddWarehouse(sql.EndpointInfo{Id: "475b94ddc7cd5211", Name: "Reports", ClusterSize: "Small", State: sql.StateRunning})
}

func (f filler) clusters() {
	f.AddCluster(compute.ClusterDetails{ClusterId: sharedID, ClusterName: "shared-analytics", CreatorUserName: Ana, NumWorkers: 4,
		SparkVersion: "15.4.x-scala2.12", NodeTypeId: "m5.2xlarge", State: compute.StateRunning, StartTime: f.ago(26), LastRestartedTime: f.ago(12),
		InitScripts: []compute.InitScriptInfo{workspaceScript(agentScript), volumeScript("/Volumes/main/platform/init/spot-guard.sh")}})
	f.AddLibraries(sharedID,
		pypi("boto3==1.9.253", compute.LibraryInstallStatusInstalled),
		pypi("great-expectations==0.18.12", compute.LibraryInstallStatusInstalled))
	f.AddCluster(compute.ClusterDetails{ClusterId: "0318-093412-glue0003", ClusterName: "ana-glue", CreatorUserName: Ana, NumWorkers: 1,
		SparkVersion: "14.3.x-scala2.12", NodeTypeId: "m5.xlarge", State: compute.StateRunning, StartTime: f.ago(3), LastRestartedTime: f.ago(3),
		SparkConf: map[string]string{"spark.databricks.hive.metastore.glueCatalog.enabled": "true"}})
	f.AddCluster(compute.ClusterDetails{ClusterId: "0129-150744-legacy04", ClusterName: "legacy-etl", CreatorUserName: "left.company@example.com", NumWorkers: 8, PolicyId: policyOld,
		SparkVersion: "10.4.x-scala2.12", NodeTypeId: "r4.xlarge", State: compute.StateTerminated, StartTime: f.ago(420), TerminatedTime: f.ago(9),
		InitScripts: []compute.InitScriptInfo{{Dbfs: &compute.DbfsStorageInfo{Destination: "dbfs:/databricks/init/legacy-region.sh"}},
			{S3: &compute.S3StorageInfo{Destination: bucketInit, Region: "eu-west-1"}}}})
	f.AddCluster(compute.ClusterDetails{ClusterId: "0604-120130-lightjob", ClusterName: "light-cron", CreatorUserName: Ana,
		SparkVersion: "apache-spark-2.4.x-scala2.11", NodeTypeId: "m4.large", State: compute.StateTerminated, TerminatedTime: f.ago(2)})
	f.AddCluster(compute.ClusterDetails{ClusterId: forecastID, ClusterName: "forecast-ml", CreatorUserName: Kenji, NumWorkers: 2,
		SparkVersion: "15.4.x-cpu-ml-scala2.12", NodeTypeId: "r5.xlarge", State: compute.StateRunning, StartTime: f.ago(1), LastRestartedTime: f.ago(1),
		DockerImage: &compute.DockerImage{Url: "123456789012.dkr.ecr.eu-west-1.amazonaws.com/forecast:2.1"}})
	f.AddCluster(compute.ClusterDetails{ClusterId: "0820-060000-batch006", ClusterName: "batch-on-fleet", CreatorUserName: Admin, NumWorkers: 3,
		SparkVersion: "16.4.x-scala2.12", InstancePoolId: fleetPool, DriverInstancePoolId: fleetPool, State: compute.StateRunning, StartTime: f.ago(40), LastRestartedTime: f.ago(40)})
	f.AddCluster(compute.ClusterDetails{ClusterId: "1126-010004-run88121", ClusterName: "job-620000000007919-run-88121", CreatorUserName: Ana, NumWorkers: 2,
		SparkVersion: "14.3.x-scala2.12", NodeTypeId: "m5.xlarge", ClusterSource: compute.ClusterSourceJob, State: compute.StateRunning, StartTime: f.ago(0.02)})
	f.AddCluster(compute.ClusterDetails{ClusterId: "1120-101500-clean007", ClusterName: "kenji-adhoc", CreatorUserName: Kenji, NumWorkers: 1, PolicyId: policyNew,
		SparkVersion: "16.4.x-scala2.12", InstancePoolId: warmPool, State: compute.StateTerminated, TerminatedTime: f.ago(1),
		InitScripts: []compute.InitScriptInfo{workspaceScript("/Shared/init/tune-kernel.sh")}})
}

func workspaceScript(path string) compute.InitScriptInfo {
	return compute.InitScriptInfo{Workspace: &compute.WorkspaceStorageInfo{Destination: path}}
}

func volumeScript(path string) compute.InitScriptInfo {
	return compute.InitScriptInfo{Volumes: &compute.VolumesStorageInfo{Destination: path}}
}

func pypi(spec string, status compute.LibraryInstallStatus) compute.LibraryFullStatus {
	return compute.LibraryFullStatus{Library: &compute.Library{Pypi: &compute.PythonPyPiLibrary{Package: spec}}, Status: status}
}
