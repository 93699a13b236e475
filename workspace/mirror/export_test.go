package mirror

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/databricks/databricks-sdk-go/service/compute"

	"github.com/imdsscan/imdsscan/workspace"
	"github.com/imdsscan/imdsscan/workspace/emulator"
)

// emulated is a workspace and a folder to export it into.
type emulated struct {
	*testing.T
	*emulator.Server
	Options
}

// start starts a workspace whose objects were modified a day ago, one after the
// other.
func start(t *testing.T) *emulated {
	begin := time.Now().Add(-24 * time.Hour)
	var ticks atomic.Int64
	e := &emulated{T: t, Server: emulator.New(emulator.Options{Now: func() time.Time { return begin.Add(time.Duration(ticks.Add(1)) * time.Millisecond) }})}
	t.Cleanup(e.Close)
	t.Setenv("AWS_EC2_METADATA_DISABLED", "true")
	t.Setenv("DATABRICKS_CONFIG_FILE", filepath.Join(t.TempDir(), "none"))
	t.Setenv("DATABRICKS_HOST", e.URL())
	t.Setenv("DATABRICKS_TOKEN", e.Token())
	t.Setenv("DATABRICKS_RATE_LIMIT", "100000")
	c, err := workspace.Connect(context.Background(), workspace.Options{Version: "1.2.3", RetryFor: time.Nanosecond})
	if err != nil {
		t.Fatal(err)
	}
	e.Options = Options{Client: c, Root: "/", Dir: filepath.Join(t.TempDir(), "mirror"), Tool: "imdsscan test", Jobs: 4}
	return e
}

func (e *emulated) export(change ...func(*Options)) *Result {
	e.Helper()
	r, err := e.try(context.Background(), change...)
	if err != nil {
		e.Fatal(err)
	}
	return r
}

func (e *emulated) try(ctx context.Context, change ...func(*Options)) (*Result, error) {
	o := e.Options
	o.Counts = &Counts{}
	e.Options.Counts = o.Counts
	for _, f := range change {
		f(&o)
	}
	return Export(ctx, o)
}

// files are the copies and what they hold, without the mirror's own files.
func (e *emulated) files() map[string]string {
	out := map[string]string{}
	err := fs.WalkDir(os.DirFS(e.Dir), ".", func(p string, d fs.DirEntry, err error) error {
		if p == Own || p == definitionsFolder {
			return fs.SkipDir
		}
		if err == nil && !d.IsDir() {
			var b []byte
			b, err = os.ReadFile(e.file(p))
			out[p] = string(b)
		}
		return err
	})
	if err != nil {
		e.Fatal(err)
	}
	return out
}

func (e *emulated) file(local string) string { return filepath.Join(e.Dir, local) }

func (e *emulated) edit(local, content string) {
	e.Helper()
	if err := os.WriteFile(e.file(local), []byte(content), 0o600); err != nil {
		e.Fatal(err)
	}
}

// want compares the copies.
func (e *emulated) want(want map[string]string) {
	e.Helper()
	got := e.files()
	for name, text := range want {
		if have, ok := got[name]; !ok {
			e.Errorf("%s is missing", name)
		} else if have != text {
			e.Errorf("%s holds %q, want %q", name, have, text)
		}
	}
	for name := range got {
		if _, ok := want[name]; !ok {
			e.Errorf("%s should not be there", name)
		}
	}
}

// requests are those since the last call, by API and object.
func (e *emulated) requests() []string {
	var out []string
	for _, r := range e.Requests() {
		if p, ok := strings.CutPrefix(r.Path, "/api/2.0/workspace/"); ok {
			out = append(out, p+" "+r.Object)
		}
	}
	e.ClearRequests()
	slices.Sort(out)
	return out
}

func source(lang, text string) emulator.Notebook {
	mark := map[string]string{"PYTHON": "#", "SCALA": "//", "SQL": "--", "R": "#"}[lang]
	return emulator.Notebook{Language: lang, Content: []byte(mark + " Databricks notebook source\n" + text)}
}

const jupyterScala = `{"cells":[{"cell_type":"code","execution_count":null,"metadata":{},"outputs":[],"source":["println(1)"]}],"metadata":{"application/vnd.databricks.v1+notebook":{"language":"scala","notebookName":"j","dashboards":[],"widgets":{}}},"nbformat":4,"nbformat_minor":0}`

func TestExport(t *testing.T) {
	e := start(t)
	e.AddNotebook("/Users/ana@x.org/etl", source("PYTHON", "x = 1"))
	e.AddNotebook("/Users/ana@x.org/job", source("SCALA", "val x = 1"))
	e.AddNotebook("/Users/ana@x.org/report", source("SQL", "select 1"))
	e.AddNotebook("/Users/ana@x.org/model", source("R", "x <- 1"))
	e.AddNotebook("/Users/ana@x.org/j", emulator.Notebook{Format: "JUPYTER", Content: []byte(jupyterScala)})
	e.AddFile("/Users/ana@x.org/etl.py", []byte("print(1)\r\n"))
	e.AddFile("/Shared/init/start.sh", []byte("#!/bin/bash\n"))
	e.AddFile("/Shared/.git/config", []byte("[core]\n"))
	e.AddRepo("/Repos/ana/app", emulator.Repo{URL: "https://example.org/app", Branch: "main", Provider: "gitHub"})
	e.AddNotebook("/Repos/ana/app/main", source("PYTHON", ""))
	e.AddObject("/Shared/board", "DASHBOARD", []byte("{}"))
	e.AddFolder("/Shared/empty")
	r := e.export()
	if len(r.Failed)+len(r.Kept) > 0 || r.Interrupted || r.Resumed {
		t.Errorf("%+v", r)
	}
	all := map[string]string{
		"Users/ana@x.org/etl%notebook.py": "# Databricks notebook source\nx = 1",
		"Users/ana@x.org/job.scala":       "// Databricks notebook source\nval x = 1",
		"Users/ana@x.org/report.sql":      "-- Databricks notebook source\nselect 1",
		"Users/ana@x.org/model.r":         "# Databricks notebook source\nx <- 1",
		"Users/ana@x.org/j.ipynb":         jupyterScala,
		"Users/ana@x.org/etl.py":          "print(1)\r\n",
		"Shared/init/start.sh":            "#!/bin/bash\n",
		"Shared/%2Egit/config":            "[core]\n",
		"Repos/ana/app/main.py":           "# Databricks notebook source\n",
	}
	e.want(all)
	if info, err := os.Stat(e.file("Shared/empty")); err != nil || info.Mode().Perm() != 0o700 {
		t.Error(info, err)
	}
	if info, err := os.Stat(e.file("Shared/init/start.sh")); err != nil || info.Mode().Perm() != 0o600 {
		t.Error(info, err)
	}
	if c := e.Counts; c.Written.Load() != 10 || c.Skipped.Load() != 1 || c.Done.Load() != c.Listed.Load() {
		t.Errorf("written %d, skipped %d, %d of %d done", c.Written.Load(), c.Skipped.Load(), c.Done.Load(), c.Listed.Load())
	}
	l, err := readListing(mustRoot(t, e.Dir), "Users/ana@x.org")
	if err != nil {
		t.Fatal(err)
	}
	i := slices.IndexFunc(l.entries, func(e Entry) bool { return e.Path == "/Users/ana@x.org/j" })
	if j := l.entries[i]; j.Format != "JUPYTER" || j.Language != "SCALA" || j.Size != int64(len(jupyterScala)) || j.SHA256 == "" || j.ModifiedAt == 0 {
		t.Errorf("%+v", j)
	}

	// What has not changed is not asked for, and nothing is written.
	e.requests()
	before := e.own()
	e.export()
	for _, r := range e.requests() {
		if !strings.HasPrefix(r, "list ") {
			t.Errorf("asked for %s", r)
		}
	}
	if c := e.Counts; c.Same.Load() != 10 || c.Written.Load() != 0 {
		t.Errorf("same %d, written %d", c.Same.Load(), c.Written.Load())
	}
	if after := e.own(); !maps.Equal(before, after) {
		t.Error("the mirror's own files were written anew")
	}
	e.want(all)
}

func mustRoot(t *testing.T, dir string) *os.Root {
	root, err := os.OpenRoot(dir)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { root.Close() })
	return root
}

// own are the mirror's own files but the head, with their times.
func (e *emulated) own() map[string]string {
	out := map[string]string{}
	_ = fs.WalkDir(os.DirFS(e.file(Own)), ".", func(p string, d fs.DirEntry, err error) error {
		if info, _ := d.Info(); !d.IsDir() && p != "mirror.json" {
			out[p] = info.ModTime().String()
		}
		return nil
	})
	return out
}

func TestExportOfWhatChanged(t *testing.T) {
	e := start(t)
	for _, n := range []string{"a", "b", "c", "gone", "edited here", "edited both", "gone and edited", "removed here"} {
		e.AddNotebook("/w/"+n, source("PYTHON", n))
	}
	e.AddNotebook("/w/dir/x", source("PYTHON", "x"))
	e.AddNotebook("/w/old/deep/y", source("PYTHON", "y"))
	e.AddNotebook("/w/mixed/deep/z", source("PYTHON", "z"))
	e.AddNotebook("/w/undated", emulator.Notebook{Language: "PYTHON", Content: []byte("# Databricks notebook source\nu"), Undated: true})
	e.export(func(o *Options) { o.Root = "/w" })

	head := "# Databricks notebook source\n"
	e.edit("edited here.py", "mine")
	e.edit("edited both.py", "mine")
	e.edit("gone and edited.py", "mine")
	e.edit("mixed/deep/z.py", "mine")
	e.edit("notes.txt", "my own file")
	if err := os.Remove(e.file("removed here.py")); err != nil {
		t.Fatal(err)
	}
	e.Edit("/w/b", []byte(head+"b2"))
	e.Edit("/w/edited both", []byte(head+"theirs"))
	for _, p := range []string{"/w/gone", "/w/gone and edited", "/w/old", "/w/mixed"} {
		e.Remove(p)
	}
	e.AddNotebook("/w/old", source("PYTHON", "a notebook now"))
	e.requests()
	r := e.export(func(o *Options) { o.Root = "/w" })
	want := map[string]string{
		"a.py": head + "a", "b.py": head + "b2", "c.py": head + "c", "dir/x.py": head + "x", "undated.py": head + "u",
		"removed here.py": head + "removed here", "old.py": head + "a notebook now",
		"edited here.py": "mine", "edited both.py": "mine", "gone and edited.py": "mine", "mixed/deep/z.py": "mine", "notes.txt": "my own file",
	}
	e.want(want)
	if got := strings.Join(notes(r.Failed), "; "); got != "/w/edited both" {
		t.Error("failed: ", got)
	}
	if got := strings.Join(notes(r.Kept), "; "); got != "/w/edited both; /w/edited here; /w/gone and edited; /w/mixed/deep/z" {
		t.Error("kept: ", got)
	}
	exported := []string{}
	for _, r := range e.requests() {
		if p, ok := strings.CutPrefix(r, "export "); ok {
			exported = append(exported, p)
		}
	}
	if want := []string{"/w/b", "/w/edited both", "/w/old", "/w/removed here", "/w/undated"}; !slices.Equal(exported, want) {
		t.Errorf("exported %q", exported)
	}

	// What is kept is kept and reported each time, until it is forced.
	r = e.export(func(o *Options) { o.Root = "/w" })
	e.want(want)
	if got := len(r.Kept); got != 4 {
		t.Errorf("kept %d", got)
	}
	r = e.export(func(o *Options) { o.Root, o.Force = "/w", true })
	want["edited here.py"], want["edited both.py"] = head+"edited here", head+"theirs"
	delete(want, "gone and edited.py")
	delete(want, "mixed/deep/z.py")
	e.want(want)
	if len(r.Kept)+len(r.Failed) > 0 || r.Aside == "" {
		t.Errorf("%+v", r)
	}
	for _, f := range []string{"edited here.py", "edited both.py", "gone and edited.py", "mixed/deep/z.py"} {
		if b, err := os.ReadFile(filepath.Join(r.Aside, f)); err != nil || string(b) != "mine" {
			t.Errorf("%s moved aside: %q %v", f, b, err)
		}
	}
}

func notes(list []Note) []string {
	var out []string
	for _, n := range list {
		out = append(out, strings.TrimPrefix(n.Path, workspace.Scheme))
	}
	return out
}

func TestExportRefuses(t *testing.T) {
	e := start(t)
	e.AddNotebook("/a/x", source("PYTHON", ""))
	if err := os.MkdirAll(e.Dir, 0o700); err != nil {
		t.Fatal(err)
	}
	e.edit("mine.txt", "")
	if _, err := e.try(context.Background()); err == nil || !strings.Contains(err.Error(), `no mirror of a workspace (it holds "mine.txt")`) {
		t.Error(err)
	}
	if err := os.Remove(e.file("mine.txt")); err != nil {
		t.Fatal(err)
	}
	e.export()
	if _, err := e.try(context.Background(), func(o *Options) { o.Root = "/a" }); err == nil || !strings.Contains(err.Error(), "a mirror of something else, workspace:/ at http://127.0.0.1") {
		t.Error(err)
	}
	h := Head{}
	b, err := os.ReadFile(e.file(headFile))
	if err == nil {
		err = json.Unmarshal(b, &h)
	}
	if err != nil {
		t.Fatal(err)
	}
	h.Version = 2
	b, _ = json.Marshal(h)
	e.edit(headFile, string(b))
	if _, err := e.try(context.Background()); err == nil || !strings.Contains(err.Error(), "version 2") {
		t.Error(err)
	}
}

func TestExportLocks(t *testing.T) {
	e := start(t)
	e.AddNotebook("/a", source("PYTHON", ""))
	var second error
	e.Inject(emulator.Fault{Path: "/api/2.0/workspace/export", Hook: func(*emulator.Server) {
		o := e.Options
		o.Counts = &Counts{}
		_, second = Export(context.Background(), o)
	}})
	e.export()
	if second == nil || !strings.Contains(second.Error(), "another export") {
		t.Error(second)
	}
}

// A link that somebody put into the mirror leads no copy anywhere.
func TestExportFollowsNoLink(t *testing.T) {
	e := start(t)
	e.AddNotebook("/a/x", source("PYTHON", "a"))
	e.AddNotebook("/b/x", source("PYTHON", "b"))
	e.export()
	outside := t.TempDir()
	for _, to := range []string{outside, "b", e.file("b")} {
		if err := os.RemoveAll(e.file("a")); err != nil {
			t.Fatal(err)
		}
		if err := os.Symlink(to, e.file("a")); err != nil {
			t.Skip(err)
		}
		e.Edit("/a/x", []byte("# Databricks notebook source\nnew"))
		r := e.export(func(o *Options) { o.All = true })
		if len(r.Failed) != 1 {
			t.Errorf("through a link to %s: %+v", to, r.Failed)
		}
		if b, err := os.ReadFile(e.file("b/x.py")); err != nil || !strings.HasSuffix(string(b), "b") {
			t.Errorf("%q %v", b, err)
		}
		if left, _ := os.ReadDir(outside); len(left) > 0 {
			t.Error("written outside of the mirror")
		}
	}
}

func TestExportOfOneObject(t *testing.T) {
	e := start(t)
	e.AddNotebook("/a/x", source("PYTHON", "a"))
	e.AddNotebook("/a/y", source("PYTHON", "a"))
	e.export(func(o *Options) { o.Root = "/a/x" })
	e.want(map[string]string{"x.py": "# Databricks notebook source\na"})
	if _, err := e.try(context.Background(), func(o *Options) { o.Root, o.Dir = "/none", t.TempDir() }); err == nil {
		t.Error("exports what is not there")
	}
}

func TestExportGoesOnAfterErrors(t *testing.T) {
	e := start(t)
	for i := range 20 {
		e.AddNotebook(fmt.Sprintf("/d%d/n", i), source("PYTHON", "1"))
	}
	e.Inject(emulator.Fault{Path: "/api/2.0/workspace/export", Object: "/d3/n", Times: -1, Kind: emulator.Status(500)})
	e.Inject(emulator.Fault{Path: "/api/2.0/workspace/list", Object: "/d7", Times: 1, Kind: emulator.Status(403)})
	r := e.export()
	if got := strings.Join(notes(r.Failed), " "); got != "/d3/n /d7" {
		t.Error(got)
	}
	if len(e.files()) != 18 {
		t.Error(len(e.files()))
	}
	e.Clear()
	e.requests()
	if r := e.export(); len(r.Failed) > 0 || len(e.files()) != 20 {
		t.Error(r.Failed, len(e.files()))
	}
	for _, r := range e.requests() {
		if !strings.HasPrefix(r, "list ") && r != "get-status /d3/n" && r != "export /d3/n" && r != "get-status /d7/n" && r != "export /d7/n" {
			t.Error("asked again: ", r)
		}
	}
}

// Data is left out; code that is too large is an error.
func TestExportOfWhatHoldsNoCode(t *testing.T) {
	e := start(t)
	e.AddFile("/table.parquet", []byte("PAR1"))
	e.AddFile("/rows.csv", []byte("1"))
	e.export()
	e.want(map[string]string{"rows.csv": "1"})
	large := bytes.Repeat([]byte("1\n"), 6<<20)
	e.Edit("/rows.csv", large)
	e.AddFile("/code.py", large)
	r := e.export()
	if got := strings.Join(notes(r.Failed), " "); got != "/code.py" || e.Counts.Skipped.Load() != 2 {
		t.Error(got, e.Counts.Skipped.Load())
	}
	e.want(map[string]string{})
}

// What stands in no folder of the workspace has folders of its own.
func TestExportOfWhatIsConfigured(t *testing.T) {
	e := start(t)
	e.AddFile("/Shared/a.sh", []byte("#!/bin/sh\n"))
	id := e.AddGlobalInitScript("agent: all", []byte("#!/bin/sh\necho on\n"), true)
	e.AddVolumeFile("/Volumes/m/d/v/c.sh", []byte("#!/bin/sh\necho c\n"))
	e.AddDBFS("/init/b.sh", []byte("#!/bin/sh\necho b\n"))
	e.AddCluster(compute.ClusterDetails{ClusterId: "c1", ClusterName: "etl/1", SparkVersion: "10.4.x-scala2.12", State: compute.StateRunning,
		InitScripts: []compute.InitScriptInfo{{Workspace: &compute.WorkspaceStorageInfo{Destination: "/Workspace/Shared/a.sh"}},
			{Volumes: &compute.VolumesStorageInfo{Destination: "/Volumes/m/d/v/c.sh"}}, {Dbfs: &compute.DbfsStorageInfo{Destination: "dbfs:/init/b.sh"}},
			{S3: &compute.S3StorageInfo{Destination: "s3://b/x.sh"}}}})
	if r := e.export(); len(r.Failed) > 0 {
		t.Error(r.Failed)
	}
	want := map[string]string{
		"Shared/a.sh": "#!/bin/sh\n",
		"@init-scripts/global agent%3A all (" + id + ").sh": "#!/bin/sh\necho on\n",
		"@init-scripts/Volumes%2Fm%2Fd%2Fv%2Fc.sh":          "#!/bin/sh\necho c\n",
		"@init-scripts/dbfs%3A%2Finit%2Fb.sh":               "#!/bin/sh\necho b\n",
	}
	e.want(want)
	if b, err := os.ReadFile(e.file("@definitions/cluster etl%2F1 (c1).json")); err != nil || !strings.Contains(string(b), "10.4.x-scala2.12") {
		t.Errorf("%s %v", b, err)
	}
	l, err := readListing(mustRoot(t, e.Dir), "Shared")
	if err != nil || len(l.entries) != 1 || !slices.Equal(l.entries[0].Users, []string{"cluster etl/1 (c1)"}) {
		t.Errorf("%+v %v", l, err)
	}
	got := strings.Join(e.met("@init-scripts"), "\n")
	for _, want := range []string{"lacks init script s3://b/x.sh not analysed: it lies in S3", "= global init script agent: all (" + id + ")", "= init script /Volumes/m/d/v/c.sh", "= init script dbfs:/init/b.sh"} {
		if !strings.Contains(got, want) {
			t.Errorf("%q is missing in\n%s", want, got)
		}
	}

	// Nothing is taken for deleted that may be where nobody could look.
	e.Deny("/api/2.1/clusters/list")
	if r := e.export(); len(r.Failed) != 1 {
		t.Error(r.Failed)
	}
	e.want(want)
	e.Allow("/api/2.1/clusters/list")
	if r := e.export(); len(r.Failed) != 0 {
		t.Error(r.Failed)
	}
	// Only of the whole workspace.
	e.export(func(o *Options) { o.Root, o.Dir = "/Shared", filepath.Join(t.TempDir(), "part") })
}

// A folder that cannot be listed any more keeps its copies.
func TestExportKeepsWhatItCannotSee(t *testing.T) {
	e := start(t)
	e.AddNotebook("/a/x", source("PYTHON", "1"))
	e.export()
	e.Inject(emulator.Fault{Path: "/api/2.0/workspace/list", Object: "/a", Times: 1, Kind: emulator.Status(403)})
	if r := e.export(); len(r.Failed) != 1 || len(e.files()) != 1 {
		t.Error(r.Failed, e.files())
	}
}
