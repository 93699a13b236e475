package workspace

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync/atomic"
	"testing"

	sdk "github.com/databricks/databricks-sdk-go/service/workspace"
)

// tree serves folders: the objects in each by the path of the folder.
type tree map[string][]map[string]any

func (tr tree) serve(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Content-Type", "application/json")
	p := r.URL.Query().Get("path")
	switch r.URL.Path {
	case "/api/2.0/workspace/list":
		if p == "/locked" {
			fail(w, 403, "PERMISSION_DENIED", "no")
			return
		}
		_ = json.NewEncoder(w).Encode(map[string]any{"objects": tr[p]})
	case "/api/2.0/workspace/get-status":
		for _, list := range tr {
			for _, o := range list {
				if o["path"] == p {
					_ = json.NewEncoder(w).Encode(o)
					return
				}
			}
		}
		fail(w, 404, "RESOURCE_DOES_NOT_EXIST", "no")
	}
}

func object(path, kind string, more ...any) map[string]any {
	o := map[string]any{"path": path, "object_type": kind, "object_id": 7}
	for i := 0; i < len(more); i += 2 {
		o[more[i].(string)] = more[i+1]
	}
	return o
}

var gitFolder = map[string]any{"is_git_folder": true}

func sample() tree {
	return tree{
		"/": {object("/Users", "DIRECTORY"), object("/Repos", "DIRECTORY"), object("/locked", "DIRECTORY"), object("/dash", "DASHBOARD"), object("/new", "DESIGNER_FILE"),
			object("/stray/inside", "NOTEBOOK")},
		"/Users": {object("/Users/ana", "DIRECTORY")},
		"/Users/ana": {object("/Users/ana/etl: |\\ \"日本\" .", "NOTEBOOK", "language", "SCALA"), object("/Users/ana/etl.py", "FILE", "size", 12),
			object("/Users/ana/git", "DIRECTORY", "directory_info", gitFolder)},
		"/Users/ana/git":     {object("/Users/ana/git/src", "DIRECTORY")},
		"/Users/ana/git/src": {object("/Users/ana/git/src/nb", "NOTEBOOK", "language", "PYTHON", "repos_export_format", "JUPYTER")},
		"/Repos":             {object("/Repos/ana", "DIRECTORY")},
		"/Repos/ana":         {object("/Repos/ana/proj", "REPO")},
		"/Repos/ana/proj":    {object("/Repos/ana/proj/main", "NOTEBOOK", "language", "PYTHON")},
	}
}

func walked(t *testing.T, c *Client, paths ...string) []string {
	t.Helper()
	var got []string
	if err := c.Walk(t.Context(), paths, func(e Entry) error {
		s := fmt.Sprintf("%s %s", e.Path, e.Type)
		for name, v := range map[string]string{"git": e.Git, "format": string(e.Format), "skip": e.Skip} {
			if v != "" {
				s += " " + name + "=" + v
			}
		}
		if e.Err != nil {
			s = e.Path + " ERROR " + Reason(e.Err)
		}
		got = append(got, s)
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	slices.Sort(got)
	return got
}

func TestWalk(t *testing.T) {
	c := serve(t, sample().serve)
	got := walked(t, c, "/")
	for _, want := range []string{
		"/Users/ana/etl: |\\ \"日本\" . NOTEBOOK format=SOURCE",
		"/Users/ana/etl.py FILE",
		"/dash DASHBOARD skip=a dashboard: not analysed, it runs queries on a SQL warehouse",
		"/new DESIGNER_FILE skip=an object of the kind DESIGNER_FILE: not analysed",
		"/locked ERROR ana@example.com has no permission: ask for it, or run as an administrator of the workspace (PERMISSION_DENIED: no)",
		"/stray/inside ERROR " + errOutside.Error(),
		"/Repos/ana/proj/main NOTEBOOK git=/Repos/ana/proj",
	} {
		if !slices.Contains(got, want) {
			t.Errorf("%s is missing in\n%s", want, strings.Join(got, "\n"))
		}
	}
	inGit := slices.ContainsFunc(got, func(s string) bool {
		return strings.HasPrefix(s, "/Users/ana/git/src/nb NOTEBOOK") && strings.Contains(s, "git=/Users/ana/git")
	})
	if !inGit || len(got) != 16 {
		t.Errorf("%d entries:\n%s", len(got), strings.Join(got, "\n"))
	}
}

func TestWalkTargets(t *testing.T) {
	c := serve(t, sample().serve)
	for _, x := range []struct{ targets, want string }{
		{"/Users/ana/etl.py", "/Users/ana/etl.py FILE"},
		{"/nosuch", "/nosuch ERROR it is not there: deleted or renamed meanwhile, or not visible to ana@example.com"},
		{"/Repos/ana/proj/main", "/Repos/ana/proj/main NOTEBOOK git=/Repos/ana/proj"},
		{"/Users/ana/git/src", "/Users/ana/git/src DIRECTORY git=/Users/ana/git,/Users/ana/git/src/nb NOTEBOOK format=JUPYTER git=/Users/ana/git"},
		{"/Users/ana/git /Users/ana/git/src/nb /Users/ana/git", "3 entries"},
	} {
		got := walked(t, c, strings.Fields(x.targets)...)
		for i, g := range got { // the order of what was put behind is a map's
			if f := strings.Fields(g); len(f) == 4 && strings.HasPrefix(f[2], "git=") {
				got[i] = strings.Join([]string{f[0], f[1], f[3], f[2]}, " ")
			}
		}
		if s := strings.Join(got, ","); s != x.want && fmt.Sprint(len(got), " entries") != x.want {
			t.Errorf("%s: %s", x.targets, s)
		}
	}
}

func TestWalkStopsWhenToldTo(t *testing.T) {
	c := serve(t, sample().serve)
	enough := errors.New("enough")
	n := 0
	if err := c.Walk(t.Context(), []string{"/"}, func(Entry) error { n++; return enough }); err != enough || n != 1 {
		t.Errorf("%v after %d", err, n)
	}
}

func TestWalkBounds(t *testing.T) {
	tr := tree{"/": nil}
	for i := range 60 {
		d := fmt.Sprintf("/d%d", i)
		tr["/"] = append(tr["/"], object(d, "DIRECTORY"))
		tr[d] = []map[string]any{object(d+"/x", "FILE")}
	}
	var now, most atomic.Int64
	c := serve(t, func(w http.ResponseWriter, r *http.Request) {
		n := now.Add(1)
		for m := most.Load(); n > m && !most.CompareAndSwap(m, n); m = most.Load() {
		}
		defer now.Add(-1)
		tr.serve(w, r)
	})
	files := 0
	if err := c.Walk(t.Context(), []string{"/"}, func(e Entry) error {
		if e.Type == sdk.ObjectTypeFile {
			files++ // no lock: one at a time
		}
		return nil
	}); err != nil || files != 60 || most.Load() > Lists {
		t.Errorf("%v, %d files, %d at a time", err, files, most.Load())
	}
}

func TestCleanTarget(t *testing.T) {
	for in, want := range map[string]string{
		"workspace:/": "/", "workspace:/Users/ana/": "/Users/ana", "workspace:/Workspace/Users/ana": "/Users/ana", "workspace:/Workspace": "/",
		"workspace:/a b.": "/a b.", "workspace:Users": "", "workspace:": "", "workspace:/a/../b": "", "workspace:/a//b": "", "/Users": "",
	} {
		if got, err := Clean(in); got != want || (err == nil) != (want != "") {
			t.Errorf("%s: %q %v, want %q", in, got, err, want)
		}
	}
}

func TestLanguageOfJupyter(t *testing.T) {
	for text, want := range map[string]sdk.Language{
		`{"cells":[],"metadata":{"application/vnd.databricks.v1+notebook":{"language":"scala"}}}`:  sdk.LanguageScala,
		`{"cells":[1, {"a": []}],"metadata":{"kernelspec":{"name":"python3"}}}`:                    "",
		`{"metadata":{"application/vnd.databricks.v1+notebook":{"language":"sql"}},"cells":[NaN]}`: sdk.LanguageSql,
		`{"metadata":{"application/vnd.databricks.v1+notebook":{"language":"klingon"}}}`:           "",
		`{`: "",
	} {
		if got := jupyterLanguage([]byte(text)); got != want {
			t.Errorf("%s: %q, want %q", text, got, want)
		}
	}
}

// A host that serves several workspaces is told which one is meant, by every
// call.
func TestWorkspaceIsNamed(t *testing.T) {
	t.Setenv("DATABRICKS_WORKSPACE_ID", "123456789")
	var without []string
	c := serve(t, func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("X-Databricks-Workspace-Id") != "123456789" {
			without = append(without, r.URL.Path)
		}
		sample().serve(w, r)
	})
	c.List(t.Context(), "/Users", "")
	o, err := c.Stat(t.Context(), "/Users/ana/etl.py")
	if err != nil {
		t.Fatal(err)
	}
	_, _ = c.Read(t.Context(), o)
	_ = c.Do(t.Context(), http.MethodGet, "/api/2.1/clusters/get", map[string]string{"cluster_id": "c"}, nil)
	if len(without) > 0 {
		t.Errorf("calls that do not say which workspace: %v", without)
	}
}
