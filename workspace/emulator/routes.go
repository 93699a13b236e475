package emulator

import "encoding/json"

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
	var body struct {
		Path string `json:"path"`
	}
	if c.r.Method == "POST" && json.Unmarshal(c.body, &body) == nil {
		return body.Path
	}
	return ""
}
