package emulator

import (
	"encoding/json"
	"strconv"
	"strings"
)

const (
	exportPath = "/api/2.0/workspace/export"
	importPath = "/api/2.0/workspace/import"
)

// routes are the APIs. What is not here does not exist.
func routes() map[string]func(*call) error {
	return map[string]func(*call) error{
		"GET /api/2.0/preview/scim/v2/Me": me,

		"GET /api/2.0/workspace/list":       listObjects,
		"GET /api/2.0/workspace/get-status": getStatus,
		"GET " + exportPath:                 export,
		"POST " + importPath:                importObject,
		"POST /api/2.0/workspace/mkdirs":    mkdirs,
		"POST /api/2.0/workspace/delete":    deleteObject,

		"GET /api/2.0/permissions/{type}/{id}":   getPermissions,
		"PUT /api/2.0/permissions/{type}/{id}":   setPermissions,
		"PATCH /api/2.0/permissions/{type}/{id}": setPermissions,

		"GET /api/2.0/repos":      listRepos,
		"GET /api/2.0/repos/{id}": getRepo,

		"GET /api/2.1/clusters/list":                  listClusters,
		"GET /api/2.1/clusters/get":                   getCluster,
		"POST /api/2.1/clusters/restart":              restartCluster,
		"POST /api/2.1/clusters/start":                startCluster,
		"POST /api/2.1/clusters/update":               updateCluster,
		"POST /api/2.1/clusters/edit":                 editCluster,
		"GET /api/2.1/clusters/spark-versions":        sparkVersions,
		"GET /api/2.0/libraries/all-cluster-statuses": allClusterStatuses,
		"GET /api/2.0/policies/clusters/list":         listPolicies,
		"GET /api/2.0/policies/clusters/get":          getPolicy,
		"POST /api/2.0/policies/clusters/edit":        editPolicy,
		"GET /api/2.0/instance-pools/list":            listPools,
		"GET /api/2.0/instance-pools/get":             getPool,
		"POST /api/2.0/instance-pools/edit":           editPool,
		"GET /api/2.0/global-init-scripts":            listScripts,
		"GET /api/2.0/global-init-scripts/{id}":       getScript,
		"PATCH /api/2.0/global-init-scripts/{id}":     updateScript,
		"GET /api/2.1/jobs/list":                      listJobs,
		"GET /api/2.2/jobs/list":                      listJobs,
		"GET /api/2.1/jobs/get":                       getJob,
		"GET /api/2.2/jobs/get":                       getJob,
		"GET /api/2.0/pipelines":                      listPipelines,
		"GET /api/2.0/pipelines/{id}":                 getPipeline,
		"GET /api/2.0/sql/config/warehouses":          warehouseConfig,
		"GET /api/2.0/sql/warehouses":                 listWarehouses,
		"POST /api/2.0/sql/warehouses/{id}/stop":      stopWarehouse,
		"POST /api/2.0/sql/warehouses/{id}/start":     startWarehouse,
		"GET /api/2.0/workspace-conf":                 getConf,
		"PATCH /api/2.0/workspace-conf":               setConf,

		"GET /api/2.0/fs/files/{path...}":        getFile,
		"HEAD /api/2.0/fs/files/{path...}":       getFile,
		"PUT /api/2.0/fs/files/{path...}":        putFile,
		"GET /api/2.0/fs/directories/{path...}":  listDirectory,
		"HEAD /api/2.0/fs/directories/{path...}": listDirectory,
		"GET /api/2.0/dbfs/get-status":           dbfsStatus,
		"GET /api/2.0/dbfs/list":                 dbfsList,
		"GET /api/2.0/dbfs/read":                 dbfsRead,
		"POST /api/2.0/dbfs/put":                 dbfsPut,
	}
}

// findObject is the workspace path that a call is about, wherever it says so.
func (c *call) findObject() string {
	if p := c.query.Get("path"); p != "" {
		return p
	}
	if c.r.URL.Path == importPath && c.multipart() {
		if form, err := c.form(); err == nil {
			return form.path
		}
	}
	if p, ok := strings.CutPrefix(c.r.URL.Path, "/api/2.0/fs/files"); ok {
		return p
	}
	if rest, ok := strings.CutPrefix(c.r.URL.Path, "/api/2.0/permissions/"); ok {
		_, id, _ := strings.Cut(rest, "/")
		if n, err := strconv.ParseInt(id, 10, 64); err == nil {
			c.mu.Lock()
			defer c.mu.Unlock()
			if o := c.tree.withID(n); o != nil {
				return o.path()
			}
		}
		return ""
	}
	var body struct {
		Path string `json:"path"`
	}
	if c.r.Method == "POST" && json.Unmarshal(c.body, &body) == nil {
		return body.Path
	}
	return ""
}
