package example

import (
	"strings"
	"time"

	"github.com/databricks/databricks-sdk-go/service/compute"
	"github.com/databricks/databricks-sdk-go/service/jobs"
	"github.com/imdsscan/imdsscan/workspace/emulator"
)

// Repair is what the people of the example do by hand after a preflight: newer
// runtimes and libraries, no more clusters that nobody needs, an init script less
// that nobody could look at, a notebook that says what it does. They restart the
// clusters whose code and init scripts were changed.
func Repair(s *emulator.Server) {
	const current = "15.4.x-scala2.12"
	s.DeleteCluster("0604-120130-lightjob")
	s.ChangeCluster("0129-150744-legacy04", func(c *compute.ClusterDetails) {
		c.SparkVersion = current
		c.InitScripts = []compute.InitScriptInfo{{Dbfs: &compute.DbfsStorageInfo{Destination: "dbfs:/databricks/init/legacy-region.sh"}}}
	})
	s.SetLibraries(sharedID, pypi("boto3==1.34.162", compute.LibraryInstallStatusInstalled), pypi("great-expectations==0.18.12", compute.LibraryInstallStatusInstalled))
	s.ChangePolicy(policyOld, func(p *compute.Policy) {
		p.Definition = strings.ReplaceAll(p.Definition, "11.3.x-scala2.12", current)
		for _, l := range p.Libraries {
			if l.Pypi != nil && strings.HasPrefix(l.Pypi.Package, "boto3==1.9") {
				l.Pypi.Package = "boto3==1.34.162"
			}
		}
	})
	s.Edit("/Shared/legacy/metadata_by_hand", []byte(`# Databricks notebook source
import requests

# COMMAND ----------

def ask(path):
    token = requests.put("http://169.254.169.254/latest/api/token", headers={"X-aws-ec2-metadata-token-ttl-seconds": "21600"}, timeout=2)
    token.raise_for_status()
    return requests.get("http://169.254.169.254/latest/" + path, headers={"X-aws-ec2-metadata-token": token.text}, timeout=2)

# COMMAND ----------

print(ask(dbutils.widgets.get("path")).text)
`))
	s.ChangeJob("zone report", func(j *jobs.JobSettings) { j.Tasks[0].NewCluster.SparkVersion = current })
	s.ChangeJob("nightly orders", func(j *jobs.JobSettings) {
		j.Tasks[1].Libraries = []compute.Library{{Pypi: &compute.PythonPyPiLibrary{Package: "awscli==1.34.0"}}}
	})
	for _, c := range s.Clusters() {
		if _, calls := callers[c.ClusterId]; calls {
			s.RestartCluster(c.ClusterId)
		}
	}
	s.ChangeJob("weekly stock (serverless)", func(j *jobs.JobSettings) {
		j.Environments[0].Spec.Dependencies = []string{"boto3==1.34.162", "polars==1.9.0"}
	})
}

// Settle is what happens after the switch without the tool: runs of jobs end, the
// SQL warehouse stops when nobody asks it, and the cluster of a fleet pool moves
// to a new one.
func Settle(s *emulator.Server, now time.Time) {
	for _, c := range s.Clusters() {
		if c.ClusterSource == compute.ClusterSourceJob && c.State == compute.StateRunning {
			s.ChangeCluster(c.ClusterId, func(c *compute.ClusterDetails) {
				c.State, c.TerminatedTime, c.Driver, c.Executors = compute.StateTerminated, now.UnixMilli(), nil, nil
			})
		}
	}
	const moved = "1127-100000-fleet-pool-new1"
	s.AddPool(compute.InstancePoolAndStats{InstancePoolId: moved, InstancePoolName: "fleet-batch-v2", NodeTypeId: "m-fleet.xlarge",
		IdleInstanceAutoterminationMinutes: 15, Stats: &compute.InstancePoolStats{UsedCount: 4}})
	s.ChangeCluster("0820-060000-batch006", func(c *compute.ClusterDetails) {
		c.InstancePoolId, c.DriverInstancePoolId = moved, moved
		c.StartTime, c.LastRestartedTime = now.UnixMilli(), now.UnixMilli()
		c.Driver = &compute.SparkNode{InstanceId: "i-0fleet00000000d1"}
		c.Executors = []compute.SparkNode{{InstanceId: "i-0fleet00000000e1"}, {InstanceId: "i-0fleet00000000e2"}, {InstanceId: "i-0fleet00000000e3"}}
	})
	s.DeletePool(fleetPool)
	s.StopWarehouse("475b94ddc7cd5211")
}
