package emulator

import (
	"encoding/base64"
	"fmt"
	"io"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/databricks/databricks-sdk-go/listing"
	"github.com/databricks/databricks-sdk-go/service/compute"
	"github.com/databricks/databricks-sdk-go/service/files"
	"github.com/databricks/databricks-sdk-go/service/jobs"
	"github.com/databricks/databricks-sdk-go/service/pipelines"
	"github.com/databricks/databricks-sdk-go/service/settings"
	"github.com/databricks/databricks-sdk-go/service/sql"
)

// clock is a clock that tests turn.
type clock struct {
	mu  sync.Mutex
	now time.Time
}

func newClock() *clock { return &clock{now: time.Date(2026, 11, 27, 12, 0, 0, 0, time.UTC)} }

func (c *clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

func (c *clock) add(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(d)
}

func TestClusters(t *testing.T) {
	clk := newClock()
	s, w := start(t, Options{Now: clk.Now, RestartTime: 3 * time.Minute})
	api := compute.NewClusters(w.DatabricksClient)
	for i := range 45 {
		s.AddCluster(compute.ClusterDetails{ClusterName: fmt.Sprintf("c%02d", i), SparkVersion: "14.3.x-scala2.12", NumWorkers: 2, State: compute.StateRunning, StartTime: 1000})
	}
	s.AddCluster(compute.ClusterDetails{ClusterId: "job-1", ClusterSource: compute.ClusterSourceJob, State: compute.StateRunning})
	s.AddCluster(compute.ClusterDetails{ClusterId: "off", SparkVersion: "11.3.x-scala2.12"})
	s.AddSparkVersions(compute.SparkVersion{Key: "14.3.x-scala2.12", Name: "14.3 LTS"})

	all := must[[]compute.ClusterDetails](t)(api.ListAll(ctx, compute.ListClustersRequest{}))
	if len(all) != 47 || s.Count("GET", "/api/2.1/clusters/list") != 3 {
		t.Errorf("%d clusters in %d pages", len(all), s.Count("GET", "/api/2.1/clusters/list"))
	}
	ui := must[[]compute.ClusterDetails](t)(api.ListAll(ctx, compute.ListClustersRequest{PageSize: 100,
		FilterBy: &compute.ListClustersFilterBy{ClusterSources: []compute.ClusterSource{"JOB", "PIPELINE"}, ClusterStates: []compute.State{"RUNNING"}}}))
	if len(ui) != 1 || ui[0].ClusterId != "job-1" {
		t.Errorf("filtered: %v", ui)
	}
	_, err := api.ListAll(ctx, compute.ListClustersRequest{PageSize: 101})
	wantError(t, err, 400, "INVALID_PARAMETER_VALUE", "page_size")
	_, err = api.GetByClusterId(ctx, "none")
	wantError(t, err, 400, "INVALID_PARAMETER_VALUE", "Cluster none does not exist")

	id := all[0].ClusterId
	before := all[0]
	if before.Driver == nil || len(before.Executors) != 2 {
		t.Fatalf("a running cluster without instances: %+v", before)
	}
	restart := func(id string) {
		t.Helper()
		if _, err := api.Restart(ctx, compute.RestartCluster{ClusterId: id}); err != nil {
			t.Fatal(err)
		}
	}
	restart(id)
	if d := must[*compute.ClusterDetails](t)(api.GetByClusterId(ctx, id)); d.State != compute.StateRestarting || d.Driver != nil {
		t.Errorf("after the restart it is %s", d.State)
	}
	clk.add(3 * time.Minute)
	after := must[*compute.ClusterDetails](t)(api.GetByClusterId(ctx, id))
	if after.State != compute.StateRunning || after.LastRestartedTime != clk.Now().UnixMilli() || after.StartTime != 1000 || after.Driver.InstanceId == before.Driver.InstanceId {
		t.Errorf("in the end it is %+v", after)
	}
	restart("off") // nothing happens
	if d, _ := s.Cluster("off"); d.State != compute.StateTerminated {
		t.Errorf("a terminated cluster became %s", d.State)
	}
	s.FailStart(id, "no capacity")
	restart(id)
	clk.add(time.Hour)
	if d, _ := s.Cluster(id); d.State != compute.StateTerminated || d.StateMessage != "no capacity" {
		t.Errorf("the failed restart ended in %s %s", d.State, d.StateMessage)
	}
	if _, err := api.Start(ctx, compute.StartCluster{ClusterId: id}); err != nil {
		t.Fatal(err)
	}
	if d, _ := s.Cluster(id); d.State != compute.StatePending {
		t.Errorf("started, it is %s", d.State)
	}

	id = all[1].ClusterId
	_, err = api.Edit(ctx, compute.EditCluster{ClusterId: id, SparkVersion: "9.1.x-scala2.12", NodeTypeId: "m5.large"})
	wantError(t, err, 400, "INVALID_PARAMETER_VALUE", "spark version")
	_, err = api.Edit(ctx, compute.EditCluster{ClusterId: "job-1", SparkVersion: "14.3.x-scala2.12", NodeTypeId: "m5.large"})
	wantError(t, err, 400, "INVALID_PARAMETER_VALUE", "Jobs service")
	_, err = api.Edit(ctx, compute.EditCluster{ClusterId: id, ClusterName: "new", SparkVersion: "14.3.x-scala2.12", NodeTypeId: "m5.large", SparkConf: map[string]string{"a": "b"}})
	if err != nil {
		t.Fatal(err)
	}
	if d, _ := s.Cluster(id); d.State != compute.StateRestarting || d.SparkConf["a"] != "b" || d.NumWorkers != 0 || d.ClusterSource != compute.ClusterSourceUi {
		t.Errorf("edited: %+v", d)
	}
	id = all[3].ClusterId
	update := func(mask string, r compute.UpdateClusterResource) error {
		_, err := api.Update(ctx, compute.UpdateCluster{ClusterId: id, UpdateMask: mask, Cluster: &r})
		return err
	}
	wantError(t, update("spark_conf,color", compute.UpdateClusterResource{}), 400, "INVALID_PARAMETER_VALUE", "color")
	wantError(t, update("spark_version", compute.UpdateClusterResource{}), 400, "INVALID_PARAMETER_VALUE", "spark_version")
	if err := update("spark_conf,num_workers,node_type_id", compute.UpdateClusterResource{NodeTypeId: "m5.large", SparkConf: map[string]string{"c": "d"}}); err != nil {
		t.Fatal(err)
	}
	if d, _ := s.Cluster(id); d.SparkConf["c"] != "d" || d.NumWorkers != 0 || d.ClusterName != "c03" || d.State != compute.StateRestarting {
		t.Errorf("updated: %+v", d)
	}
	wantError(t, update("spark_conf", compute.UpdateClusterResource{}), 400, "INVALID_STATE", "RESTARTING")
	s.Deny("/clusters/"+all[2].ClusterId, NoWrite)
	_, err = api.Restart(ctx, compute.RestartCluster{ClusterId: all[2].ClusterId})
	wantError(t, err, 403, "PERMISSION_DENIED", "CAN_MANAGE")
	if v := must[*compute.GetSparkVersionsResponse](t)(api.SparkVersions(ctx)); len(v.Versions) != 1 {
		t.Errorf("versions %v", v)
	}

	lib := compute.LibraryFullStatus{Library: &compute.Library{Pypi: &compute.PythonPyPiLibrary{Package: "boto3==1.9.0"}}, Status: compute.LibraryInstallStatusInstalled}
	s.AddLibraries(id, lib)
	libs := must[[]compute.ClusterLibraryStatuses](t)(compute.NewLibraries(w.DatabricksClient).AllClusterStatusesAll(ctx))
	if len(libs) != 1 || libs[0].LibraryStatuses[0].Library.Pypi.Package != "boto3==1.9.0" {
		t.Errorf("libraries %+v", libs)
	}
}

func TestPoliciesAndPools(t *testing.T) {
	s, w := start(t, Options{})
	id := s.AddPolicy(compute.Policy{Name: "all", Definition: `{"spark_version":{"type":"fixed","value":"auto:latest-lts"}}`})
	s.AddPool(compute.InstancePoolAndStats{InstancePoolName: "fleet", NodeTypeId: "m-fleet.xlarge"})
	api := compute.NewClusterPolicies(w.DatabricksClient)
	if err := api.Edit(ctx, compute.EditPolicy{PolicyId: id, Name: "all", Definition: "{}", MaxClustersPerUser: 3}); err != nil {
		t.Fatal(err)
	}
	wantError(t, api.Edit(ctx, compute.EditPolicy{PolicyId: id, Name: "all", Definition: "{"}), 400, "INVALID_PARAMETER_VALUE", "JSON")
	list := must[[]compute.Policy](t)(api.ListAll(ctx, compute.ListClusterPoliciesRequest{}))
	if len(list) != 1 || list[0].Definition != "{}" || list[0].MaxClustersPerUser != 3 || list[0].CreatedAtTimestamp == 0 {
		t.Errorf("policies %+v", list)
	}
	_, err := api.GetByPolicyId(ctx, "none")
	wantError(t, err, 404, "RESOURCE_DOES_NOT_EXIST", "")
	pools := must[[]compute.InstancePoolAndStats](t)(compute.NewInstancePools(w.DatabricksClient).ListAll(ctx))
	if len(pools) != 1 || pools[0].State != "ACTIVE" {
		t.Errorf("pools %+v", pools)
	}
}

func TestGlobalInitScripts(t *testing.T) {
	s, w := start(t, Options{})
	text := "#!/bin/bash\ncurl -s http://example.com\n"
	id := s.AddGlobalInitScript("region", []byte(text), true)
	api := compute.NewGlobalInitScripts(w.DatabricksClient)
	list := must[[]compute.GlobalInitScriptDetails](t)(api.ListAll(ctx))
	if len(list) != 1 || list[0].ScriptId != id || !list[0].Enabled {
		t.Errorf("scripts %+v", list)
	}
	one := must[*compute.GlobalInitScriptDetailsWithContent](t)(api.GetByScriptId(ctx, id))
	if b, _ := base64.StdEncoding.DecodeString(one.Script); string(b) != text {
		t.Errorf("script %q", b)
	}
	update := func(script, name string, enabled bool) error {
		return api.Update(ctx, compute.GlobalInitScriptUpdateRequest{ScriptId: id, Name: name, Enabled: enabled, Script: base64.StdEncoding.EncodeToString([]byte(script))})
	}
	wantError(t, update(strings.Repeat("x", maxScript+1), "region", true), 400, "INVALID_PARAMETER_VALUE", "64 KB")
	wantError(t, update("x", "", true), 400, "INVALID_PARAMETER_VALUE", "name")
	if err := update("echo\n", "region", false); err != nil {
		t.Fatal(err)
	}
	if list := must[[]compute.GlobalInitScriptDetails](t)(api.ListAll(ctx)); list[0].Enabled || list[0].UpdatedAt == list[0].CreatedAt {
		t.Errorf("updated: %+v", list[0])
	}
	if b, _ := s.GlobalInitScript(id); string(b) != "echo\n" {
		t.Errorf("stored: %q", b)
	}
	_, err := api.GetByScriptId(ctx, "none")
	wantError(t, err, 404, "RESOURCE_DOES_NOT_EXIST", "none")
	_, w = start(t, Options{NotAdmin: true})
	_, err = compute.NewGlobalInitScripts(w.DatabricksClient).ListAll(ctx)
	wantError(t, err, 403, "PERMISSION_DENIED", "administrators")
}

func TestJobs(t *testing.T) {
	s, w := start(t, Options{})
	tasks := func(i int) int { return 10 * i * (i / 10 % 2) * (i % 10 / 9) } // 190 of job 19
	for i := range 30 {
		settings := &jobs.JobSettings{Name: fmt.Sprintf("job %d", i)}
		for k := range tasks(i) {
			settings.Tasks = append(settings.Tasks, jobs.Task{TaskKey: fmt.Sprintf("t%d", k), NotebookTask: &jobs.NotebookTask{NotebookPath: "/Shared/nb"}})
		}
		s.AddJob(jobs.Job{Settings: settings})
	}
	api := jobs.NewJobs(w.DatabricksClient)
	all := must[[]jobs.BaseJob](t)(api.ListAll(ctx, jobs.ListJobsRequest{}))
	if len(all) != 30 || all[19].Settings.Tasks != nil {
		t.Errorf("%d jobs, the last with %d tasks", len(all), len(all[19].Settings.Tasks))
	}
	cut := must[[]jobs.BaseJob](t)(api.ListAll(ctx, jobs.ListJobsRequest{ExpandTasks: true, Limit: 100}))
	if len(cut[19].Settings.Tasks) != maxArray || !cut[19].HasMore {
		t.Errorf("a long job is not cut: %d tasks", len(cut[19].Settings.Tasks))
	}
	// The SDK's iterator fetches the rest; its ListAll does not.
	expanded := must[[]jobs.BaseJob](t)(listing.ToSlice(ctx, api.List(ctx, jobs.ListJobsRequest{ExpandTasks: true, Limit: 100})))
	for i, j := range expanded {
		if len(j.Settings.Tasks) != tasks(i) {
			t.Errorf("job %d has %d tasks", i, len(j.Settings.Tasks))
		}
	}
	if n := s.Count("GET", "/api/2.2/jobs/get"); n == 0 {
		t.Error("no job was cut")
	}
	var old jobs.ListJobsResponse
	if err := w.Do(ctx, "GET", "/api/2.1/jobs/list", nil, nil, map[string]string{"expand_tasks": "true", "limit": "100"}, &old); err != nil {
		t.Fatal(err)
	}
	if len(old.Jobs[19].Settings.Tasks) != 190 {
		t.Errorf("2.1 cut the tasks to %d", len(old.Jobs[19].Settings.Tasks))
	}
	_, err := api.GetByJobId(ctx, 1)
	wantError(t, err, 400, "INVALID_PARAMETER_VALUE", "Job 1 does not exist")
	_, err = api.ListAll(ctx, jobs.ListJobsRequest{PageToken: "jobs.x"})
	wantError(t, err, 400, "INVALID_PARAMETER_VALUE", "page token")
	_, err = api.ListAll(ctx, jobs.ListJobsRequest{Limit: 101})
	wantError(t, err, 400, "INVALID_PARAMETER_VALUE", "limit")
	p := must[*jobs.JobPermissions](t)(api.GetPermissionsByJobId(ctx, fmt.Sprint(all[0].JobId)))
	if len(p.AccessControlList) != 2 || p.AccessControlList[0].AllPermissions[0].PermissionLevel != "IS_OWNER" {
		t.Errorf("permissions %+v", p)
	}
}

func TestPipelinesAndWarehouses(t *testing.T) {
	s, w := start(t, Options{})
	var ids []string
	for i := range 26 {
		ids = append(ids, s.AddPipeline(pipelines.GetPipelineResponse{Spec: &pipelines.PipelineSpec{Name: fmt.Sprintf("p%d", i),
			Clusters: []pipelines.PipelineCluster{{Label: "default", InitScripts: []compute.InitScriptInfo{{Workspace: &compute.WorkspaceStorageInfo{Destination: "/Shared/init.sh"}}}}}}}))
	}
	api := pipelines.NewPipelines(w.DatabricksClient)
	all := must[[]pipelines.PipelineStateInfo](t)(api.ListPipelinesAll(ctx, pipelines.ListPipelinesRequest{}))
	if len(all) != 26 || all[3].Name != "p3" {
		t.Errorf("pipelines %v", all)
	}
	one := must[*pipelines.GetPipelineResponse](t)(api.GetByPipelineId(ctx, ids[5]))
	if one.Spec.Clusters[0].InitScripts[0].Workspace.Destination != "/Shared/init.sh" || one.Name != "p5" {
		t.Errorf("pipeline %+v", one)
	}
	_, err := api.GetByPipelineId(ctx, "none")
	wantError(t, err, 404, "RESOURCE_DOES_NOT_EXIST", "none")

	s.SetWarehouseConfig(sql.GetWorkspaceWarehouseConfigResponse{DataAccessConfig: []sql.EndpointConfPair{{Key: "spark.databricks.hive.metastore.glueCatalog.enabled", Value: "true"}}})
	s.AddWarehouse(sql.EndpointInfo{Name: "main"})
	wapi := sql.NewWarehouses(w.DatabricksClient)
	conf := must[*sql.GetWorkspaceWarehouseConfigResponse](t)(wapi.GetWorkspaceWarehouseConfig(ctx))
	if len(conf.DataAccessConfig) != 1 || conf.DataAccessConfig[0].Value != "true" {
		t.Errorf("config %+v", conf)
	}
	if list := must[[]sql.EndpointInfo](t)(wapi.ListAll(ctx, sql.ListWarehousesRequest{})); len(list) != 1 || list[0].Name != "main" {
		t.Errorf("warehouses %+v", list)
	}
}

func TestWorkspaceConf(t *testing.T) {
	clk := newClock()
	s, w := start(t, Options{Now: clk.Now})
	api := settings.NewWorkspaceConf(w.DatabricksClient)
	const key = "enableEnforceImdsV2"
	get := func(keys string) (map[string]string, error) {
		m, err := api.GetStatus(ctx, settings.GetStatusRequest{Keys: keys})
		if err != nil {
			return nil, err
		}
		return *m, nil
	}
	m := must[map[string]string](t)(get(key))
	if v, ok := m[key]; !ok || v != "" {
		t.Errorf("never set, it is %v", m)
	}
	_, err := get(key + ",enableNothing")
	wantError(t, err, 400, "BAD_REQUEST", `Invalid keys: ["enableNothing"]`)
	wantError(t, api.SetStatus(ctx, settings.WorkspaceConf{key: "yes"}), 400, "BAD_REQUEST", `Some values are not allowed: {"enableEnforceImdsV2":"yes"}`)
	if err := api.SetStatus(ctx, settings.WorkspaceConf{key: "true"}); err != nil {
		t.Fatal(err)
	}
	if m := must[map[string]string](t)(get(key)); m[key] != "true" {
		t.Errorf("set, it is %v", m)
	}
	s.DelayConf(time.Minute)
	if err := api.SetStatus(ctx, settings.WorkspaceConf{key: "false"}); err != nil {
		t.Fatal(err)
	}
	if m := must[map[string]string](t)(get(key)); m[key] != "true" {
		t.Errorf("at once it is %v", m)
	}
	clk.add(time.Minute)
	if m := must[map[string]string](t)(get(key)); m[key] != "false" {
		t.Errorf("a minute later it is %v", m)
	}
	_, w = start(t, Options{NotAdmin: true})
	_, err = settings.NewWorkspaceConf(w.DatabricksClient).GetStatus(ctx, settings.GetStatusRequest{Keys: key})
	wantError(t, err, 403, "PERMISSION_DENIED", "administrators")
	_, w = start(t, Options{Cloud: "Azure"})
	_, err = settings.NewWorkspaceConf(w.DatabricksClient).GetStatus(ctx, settings.GetStatusRequest{Keys: key})
	wantError(t, err, 400, "BAD_REQUEST", "Invalid keys")
	if w.Config.IsAws() {
		t.Error("Azure is taken for AWS")
	}
	s, w = start(t, Options{})
	s.AddNotebook("/Shared/nb", Notebook{Language: "PYTHON", Content: []byte(python)})
	s.SetConf("enableExportNotebook", "false")
	_, err = w.Workspace.Download(ctx, "/Shared/nb")
	wantError(t, err, 403, "PERMISSION_DENIED", "Exporting notebooks is disabled")
}

func TestVolumesAndDBFS(t *testing.T) {
	s, w := start(t, Options{})
	const p = "/Volumes/main/ops/scripts/init é #1.sh"
	s.AddVolumeFile(p, []byte("echo\n"))
	s.AddVolumeFile("/Volumes/main/ops/scripts/more/a.sh", []byte("a"))
	api := files.NewFiles(w.DatabricksClient)
	read := func(path string) (string, error) {
		r, err := api.DownloadByFilePath(ctx, path)
		if err != nil {
			return "", err
		}
		defer r.Contents.Close()
		b, err := io.ReadAll(r.Contents)
		return string(b), err
	}
	if got := must[string](t)(read(p)); got != "echo\n" {
		t.Errorf("volume file %q", got)
	}
	if m := must[*files.GetMetadataResponse](t)(api.GetMetadataByFilePath(ctx, p)); m.ContentLength != 5 {
		t.Errorf("metadata %+v", m)
	}
	_, err := read("/Volumes/main/ops/scripts/none")
	wantError(t, err, 404, "NOT_FOUND", "not found")
	list := must[[]files.DirectoryEntry](t)(api.ListDirectoryContentsAll(ctx, files.ListDirectoryContentsRequest{DirectoryPath: "/Volumes/main/ops/scripts"}))
	if len(list) != 2 || list[0].Path != p || !list[1].IsDirectory {
		t.Errorf("listed %+v", list)
	}
	up := func(over bool) error {
		return api.Upload(ctx, files.UploadRequest{FilePath: p, Contents: io.NopCloser(strings.NewReader("new")), Overwrite: over})
	}
	wantError(t, up(false), 409, "ALREADY_EXISTS", "")
	if err := up(true); err != nil {
		t.Fatal(err)
	}
	if b, _ := s.VolumeFile(p); string(b) != "new" {
		t.Errorf("uploaded %q", b)
	}
	s.Deny("/Volumes/main/ops", NoRead)
	_, err = read(p)
	wantError(t, err, 403, "PERMISSION_DENIED", "main.ops.scripts")

	large := strings.Repeat("0123456789", 250_000)
	s.AddDBFS("dbfs:/databricks/init/a.sh", []byte(large))
	dbfs := files.NewDbfs(w.DatabricksClient)
	if b := must[[]byte](t)(dbfs.ReadFile(ctx, "/databricks/init/a.sh")); string(b) != large {
		t.Errorf("read %d bytes", len(b))
	}
	_, err = dbfs.Read(ctx, files.ReadDbfsRequest{Path: "/databricks/init/a.sh", Length: maxBlock + 1})
	wantError(t, err, 400, "MAX_READ_SIZE_EXCEEDED", "")
	if ls := must[[]files.FileInfo](t)(dbfs.ListAll(ctx, files.ListDbfsRequest{Path: "/databricks"})); len(ls) != 1 || !ls[0].IsDir {
		t.Errorf("dbfs list %+v", ls)
	}
	_, err = dbfs.GetStatusByPath(ctx, "/none")
	wantError(t, err, 404, "RESOURCE_DOES_NOT_EXIST", "")
	put := files.Put{Path: "/databricks/init/a.sh", Contents: base64.StdEncoding.EncodeToString([]byte("x"))}
	wantError(t, dbfs.Put(ctx, put), 400, "RESOURCE_ALREADY_EXISTS", "")
	put.Overwrite = true
	if err := dbfs.Put(ctx, put); err != nil {
		t.Fatal(err)
	}
	if b, _ := s.DBFS("/databricks/init/a.sh"); string(b) != "x" {
		t.Errorf("put %q", b)
	}
}
