package emulator

import (
	"encoding/json"
	"net/http"
	"path"
	"strconv"
	"strings"
)

// info is what list and get-status say of an object. [sdk: ObjectInfo]
type info struct {
	ObjectType    string         `json:"object_type"`
	Path          string         `json:"path"`
	Language      string         `json:"language,omitempty"`
	CreatedAt     int64          `json:"created_at,omitempty"`
	ModifiedAt    int64          `json:"modified_at,omitempty"`
	ObjectID      int64          `json:"object_id"`
	ResourceID    string         `json:"resource_id"`
	Size          *int64         `json:"size,omitempty"`
	DirectoryInfo map[string]any `json:"directory_info,omitempty"`
	// Not in the SDK's struct; get-status only, when asked for. [cli]
	ReposExportFormat string         `json:"repos_export_format,omitempty"`
	GitInfo           map[string]any `json:"git_info,omitempty"`
}

// info describes an object. asked is the path as the caller wrote it: one that
// began with /Workspace comes back so. [?]
func (n *node) info(asked string) info {
	i := info{ObjectType: n.kind, Path: n.path(), ObjectID: n.id, ResourceID: strconv.FormatInt(n.id, 10),
		CreatedAt: n.created, ModifiedAt: n.modified}
	if asked == "/Workspace" || strings.HasPrefix(asked, "/Workspace/") {
		i.Path = strings.TrimSuffix("/Workspace"+i.Path, "/")
	}
	switch n.kind {
	case typeNotebook:
		i.Language = n.language
		if n.format == "JUPYTER" {
			i.Language = "PYTHON" // always [sdk: ObjectInfo.Language]
		}
	case typeFile:
		size := int64(len(n.content))
		i.Size = &size
	case typeDirectory:
		i.CreatedAt, i.ModifiedAt = 0, 0
		i.DirectoryInfo = map[string]any{"is_git_folder": n.repo != nil} // [sdk: DirectoryInfo]
	case typeRepo:
		i.CreatedAt, i.ModifiedAt = 0, 0
	}
	return i
}

// lookup finds an object that the caller may know of.
func (t *tree) lookup(p string) (*node, error) {
	if err := checkPath(p); err != nil {
		return nil, err
	}
	n := t.find(p)
	if n == nil || t.hidden(n) {
		return nil, missing("Path (%s) doesn't exist.", p) // [issue]
	}
	return n, nil
}

// listObjects lists a folder, or an object alone. All of it: the API has no
// pages. [sdk, cli]
func listObjects(c *call) error {
	if err := c.only("path", "notebooks_modified_after"); err != nil {
		return err
	}
	after, err := c.number("notebooks_modified_after", 0, 0, 1<<62)
	if err != nil {
		return err
	}
	asked := c.query.Get("path")
	c.mu.Lock()
	defer c.mu.Unlock()
	n, err := c.tree.lookup(asked)
	if err != nil {
		return err
	}
	if err := c.tree.readable(n); err != nil && n.folder() {
		return err
	}
	c.w.Header().Set("Content-Type", "application/json")
	// Written object by object: a folder may have any number.
	open := `{"objects":[`
	write := func(o *node) error {
		if o.kind == typeNotebook && o.modified < after || c.tree.hidden(o) {
			return nil
		}
		b, err := json.Marshal(o.info(asked))
		if err != nil {
			return err
		}
		_, _ = c.w.Write([]byte(open))
		open = ","
		_, err = c.w.Write(b)
		return err
	}
	if n.folder() {
		err = n.each(write)
	} else {
		err = write(n)
	}
	if err != nil {
		return err
	}
	end := "]}"
	if open != "," {
		end = "{}" // an empty folder has no field [sdk: omitempty]
	}
	_, err = c.w.Write([]byte(end))
	return err
}

func getStatus(c *call) error {
	if err := c.only("path", "return_export_info", "return_git_info"); err != nil {
		return err
	}
	withExport, err := c.flag("return_export_info")
	if err != nil {
		return err
	}
	withGit, err := c.flag("return_git_info")
	if err != nil {
		return err
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	n, err := c.tree.lookup(c.query.Get("path"))
	if err != nil {
		return err
	}
	i := n.info(c.query.Get("path"))
	if withExport && n.kind == typeNotebook {
		i.ReposExportFormat = n.format
	}
	if r := n.inRepo(); withGit && r != nil {
		i.GitInfo = map[string]any{"branch": r.repo.Branch, "id": r.repo.id, "path": r.path(),
			"provider": r.repo.Provider, "url": r.repo.URL, "head_commit_id": headCommit}
	}
	return c.json(i)
}

// mkdirs makes a folder and those above it; one that is there is no error.
func mkdirs(c *call) error {
	var body struct {
		Path string `json:"path"`
	}
	if err := c.decode(&body); err != nil {
		return err
	}
	if err := checkPath(body.Path); err != nil {
		return err
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	p := plain(body.Path)
	above := c.tree.root
	for q := p; q != "/"; q = path.Dir(q) {
		if n := c.tree.find(q); n != nil {
			above = n
			break
		}
	}
	if !above.folder() {
		return &apiError{http.StatusBadRequest, "RESOURCE_ALREADY_EXISTS", "Path (" + above.path() + ") already exists.", ""}
	}
	if above.path() != p {
		if err := c.tree.placeFor(above); err != nil {
			return err
		}
		c.tree.mkdirs(p)
	}
	return c.json(struct{}{})
}

// placeFor refuses new objects where the caller may not make any: the folders
// of users belong to the service. [issue]
func (t *tree) placeFor(folder *node) error {
	if folder.path() == "/Users" {
		return &apiError{http.StatusBadRequest, "DIRECTORY_PROTECTED", "Folder Users is protected", ""}
	}
	return t.writable(folder)
}

func deleteObject(c *call) error {
	var body struct {
		Path      string `json:"path"`
		Recursive bool   `json:"recursive"`
	}
	if err := c.decode(&body); err != nil {
		return err
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	n, err := c.tree.lookup(body.Path)
	if err != nil {
		return err
	}
	p := n.path()
	if n.parent == nil || n.parent.parent == nil || path.Dir(p) == "/Users" {
		return &apiError{http.StatusBadRequest, "DIRECTORY_PROTECTED", "Folder " + n.name + " is protected", ""}
	}
	if err := c.tree.writable(n); err != nil {
		return err
	}
	if n.folder() && !body.Recursive {
		empty := true
		_ = n.each(func(*node) error { empty = false; return nil })
		if !empty {
			return &apiError{http.StatusBadRequest, "DIRECTORY_NOT_EMPTY", "Folder (" + body.Path + ") is not empty", ""}
		}
	}
	c.tree.remove(n)
	return c.json(struct{}{})
}
