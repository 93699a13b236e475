package emulator

import (
	"bytes"
	"io"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/databricks/databricks-sdk-go/service/workspace"
	"github.com/imdsscan/imdsscan/notebooks"
	"github.com/imdsscan/imdsscan/notebooks/archive"
	"github.com/imdsscan/imdsscan/notebooks/format"
)

const sqlJupyter = `{"cells":[{"cell_type":"code","execution_count":0,"metadata":{"application/vnd.databricks.v1+cell":{"title":"count","showTitle":true}},"outputs":[],"source":["select 1\n","-- 単純な\n"]},` +
	`{"cell_type":"code","metadata":{},"outputs":[],"source":"%sh\ncurl http://example.com"},{"cell_type":"markdown","metadata":{},"source":["# Title"]}],` +
	`"metadata":{"application/vnd.databricks.v1+notebook":{"language":"sql","notebookName":"nb"},"language_info":{"name":"sql"}},"nbformat":4,"nbformat_minor":0}`

// cells are the cells of a file as imdsscan's own reader sees them.
func cells(t *testing.T, name string, b []byte) []string {
	t.Helper()
	doc, err := format.Open(name, b)
	if err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	for _, p := range doc.Problems {
		t.Errorf("%s: %v", name, p)
	}
	out := []string{string(doc.Language)}
	for _, c := range doc.Cells {
		out = append(out, string(c.Language)+" "+strings.TrimSpace(string(c.Code.Bytes())))
	}
	return out
}

// TestConversions: what a notebook holds is the same in every format.
func TestConversions(t *testing.T) {
	s, w := start(t, Options{})
	scala := "// Databricks notebook source\n// DBTITLE 1,Start\nval x = 1\n\n// COMMAND ----------\n\n// MAGIC %sh\n// MAGIC echo a\n// MAGIC\n// MAGIC echo b\n"
	r := "# Databricks notebook source\nx <- 1\n\n# COMMAND ----------\n\n# MAGIC %python\n# MAGIC print(1)\n"
	for _, nb := range []struct{ name, language, format, content, suffix string }{
		{"py", "PYTHON", "SOURCE", python, ".py"},
		{"crlf", "PYTHON", "SOURCE", strings.ReplaceAll(python, "\n", "\r\n"), ".py"},
		{"scala", "SCALA", "SOURCE", scala, ".scala"},
		{"r", "R", "SOURCE", r, ".r"},
		{"sql", "SQL", "JUPYTER", sqlJupyter, ".sql"},
	} {
		path := "/Shared/" + nb.name
		s.AddNotebook(path, Notebook{Language: nb.language, Format: nb.format, Content: []byte(nb.content)})
		source := download(t, w, path, "SOURCE")
		jupyter := download(t, w, path, "JUPYTER")
		if nb.format == "SOURCE" && string(source) != nb.content || nb.format == "JUPYTER" && string(jupyter) != nb.content {
			t.Errorf("%s is not exported as it is stored", nb.name)
		}
		want := cells(t, "nb"+nb.suffix, source)
		if got := cells(t, "nb.ipynb", jupyter); !equalCells(got, want) {
			t.Errorf("%s as JUPYTER:\n%q\n%q", nb.name, got, want)
		}
		if got := cells(t, "nb.html", download(t, w, path, "HTML")); !equalCells(got, want) {
			t.Errorf("%s as HTML:\n%q\n%q", nb.name, got, want)
		}
		for name, b := range members(t, download(t, w, path, "DBC")) {
			if got := cells(t, name, b); !equalCells(got, want) {
				t.Errorf("%s as DBC:\n%q\n%q", name, got, want)
			}
		}
	}
}

func equalCells(a, b []string) bool { return strings.Join(a, "\x00") == strings.Join(b, "\x00") }

// members are the files of an archive as imdsscan reads it.
func members(t *testing.T, b []byte) map[string][]byte {
	t.Helper()
	a, err := archive.Read(bytes.NewReader(b), int64(len(b)), archive.DefaultLimits)
	if err != nil {
		t.Fatal(err)
	}
	out := map[string][]byte{}
	for _, m := range a.Members {
		r := m.Open(bytes.NewReader(b))
		content, err := io.ReadAll(r)
		if err != nil {
			t.Fatal(err)
		}
		out[m.Name] = content
	}
	return out
}

func TestFolderExports(t *testing.T) {
	s, w := start(t, Options{})
	s.AddNotebook("/Shared/a/b/nb", Notebook{Language: "SCALA", Content: []byte("// Databricks notebook source\nval x = 1\n")})
	s.AddNotebook("/Shared/a/sql", Notebook{Format: "JUPYTER", Content: []byte(sqlJupyter)})
	s.AddFile("/Shared/a/init.sh", []byte("echo\n"))
	for format, want := range map[string]string{"SOURCE": "a/b/nb.scala a/sql.sql", "DBC": "a/b/nb.scala a/sql.sql", "AUTO": "a/b/nb.scala a/init.sh a/sql.sql"} {
		ms := members(t, download(t, w, "/Shared/a", workspaceFormat(format)))
		if got := strings.Join(sortedKeys(ms), " "); got != want {
			t.Errorf("%s: %s", format, got)
		}
		if got := cells(t, "nb.scala", ms["a/b/nb.scala"]); got[0] != string(notebooks.Scala) {
			t.Errorf("%s: %q", format, got)
		}
	}
	// What was exported can be imported elsewhere.
	dbc := download(t, w, "/Shared/a", "DBC")
	if err := w.Workspace.Upload(ctx, "/Shared/copy", bytes.NewReader(dbc), uploadFormat("DBC")); err != nil {
		t.Fatal(err)
	}
	if o, ok := s.Object("/Shared/copy/b/nb"); !ok || o.Language != "SCALA" || string(o.Content) != "// Databricks notebook source\nval x = 1\n" {
		t.Errorf("the copy is %+v", o)
	}
}

func sortedKeys[V any](m map[string]V) []string { return slices.Sorted(maps.Keys(m)) }

func workspaceFormat(f string) workspace.ExportFormat { return workspace.ExportFormat(f) }

func uploadFormat(f string) workspace.UploadOption {
	return workspace.UploadFormat(workspace.ImportFormat(f))
}
