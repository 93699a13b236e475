package runs

import (
	"bytes"
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/imdsscan/imdsscan/notebooks"
	"github.com/imdsscan/imdsscan/notebooks/format"
)

const (
	python = "# Databricks notebook source\n"
	scala  = "// Databricks notebook source\n"
)

func open(t *testing.T, path, src string) *notebooks.Document {
	t.Helper()
	doc, err := format.Open(path, []byte(src))
	if err != nil {
		t.Fatal(err)
	}
	return doc
}

func TestCallsOfADocument(t *testing.T) {
	for _, c := range []struct {
		path, src string
		want      string // names, then arguments, of the first call
	}{
		{"a.py", python + "# MAGIC %run ./x\n", "./x"},
		{"a.py", python + "# MAGIC %run ./x  # the settings\n", "./x"},
		{"a.py", python + "# MAGIC %run \"./with blanks\"\n", "./with blanks"},
		{"a.py", python + "# MAGIC %run ./with blanks $a=\"1\"\n", "./with blanks|./with a=1"},
		{"a.py", python + "# MAGIC %run /Users/ana/x $a=\"1 2\" $b=3 $c='4'\n", "/Users/ana/x a=1 2 b=3 c=4"},
		{"a.py", python + "%run ./x\n", "./x"},
		{"a.scala", scala + "// MAGIC %run ../x $env=\"prod\"\n", "../x env=prod"},
		{"a.sql", "-- Databricks notebook source\n-- MAGIC %run ./x\n", "./x"},
		{"a.r", python + "# MAGIC %run ./x\n", "./x"},
		{"a.py", python + "# settings first\n# COMMAND ----------\n# the settings\n# MAGIC %run ./x\n", "./x"},
		{"a.py", python + "# MAGIC %run -i ./x.py first\n", "./x.py first|./x.py"},
		{"a.py", python + "r = dbutils.notebook.run(\"./x\", 60, {\"a\": \"1\"})\n", "./x process"},
		{"a.scala", scala + "val r = dbutils.notebook.run(\"./x\", 60)\n", "./x process"},
		// What is known only when it runs is no call.
		{"a.py", python + "# MAGIC %run ./$env/x\n", ""},
		{"a.py", python + "# MAGIC %run ./{env}\n", ""},
		{"a.py", python + "# MAGIC %run\n", ""},
		{"a.py", python + "# MAGIC %run -m x\n", ""},
		{"a.py", python + "if prod:\n    %run ./x\n", ""},
		{"a.py", python + "r = dbutils.notebook.run(name, 60)\n", ""},
		{"a.py", python + "r = dbutils.notebook.run(\"./\" + name, 60)\n", ""},
		{"a.py", python + "r = dbutils.notebook.run(f\"./{name}\", 60)\n", ""},
		{"a.py", python + "# MAGIC %md %run ./x\n", ""},
		{"a.py", python + "s = \"\"\"\n%run ./x\n\"\"\"\n", ""},
		{"a.py", python + "# MAGIC %runner ./x\n", ""},
		{"a.py", "x = 1\n# MAGIC %run ./x\n", ""},
	} {
		doc := open(t, c.path, c.src)
		got := ""
		for _, call := range Of(doc)[:min(1, len(Of(doc)))] {
			got = strings.Join(call.Names, "|")
			for _, a := range call.Args {
				got += " " + a.Name + "=" + a.Value
				if in := string(call.Cell.Code.Bytes()[a.Span.Start:a.Span.End]); in != a.Value {
					t.Errorf("%q: the value %q is said to stand at %q", c.src, a.Value, in)
				}
			}
			if call.Process {
				got += " process"
			}
		}
		if got != c.want {
			t.Errorf("%s %q: %q, want %q", c.path, c.src, got, c.want)
		}
	}
}

// tree makes a tree of files, all of which may run others.
func tree(roots []string, files map[string]string) *Tree {
	var names []string
	for name := range files {
		names = append(names, name)
	}
	slices.Sort(names)
	return New(roots, names, names, func(name string) ([]byte, string, error) {
		if src, ok := files[name]; ok {
			return []byte(src), name, nil
		}
		return nil, "", errors.New("not of the tree")
	}, func(b []byte) bool { return bytes.Contains(b, []byte("HOT")) })
}

func TestNamesAreFound(t *testing.T) {
	files := map[string]string{
		"ws/a/main.py": python, "ws/a/config.py": python, "ws/a/both.py": "x = 1\n", "ws/a/both": python,
		"ws/a/two.py": python, "ws/a/two.ipynb": `{"nbformat":4,"nbformat_minor":5,"metadata":{},"cells":[]}`,
		"ws/a/script.py": "x = 1\n", "ws/a/UP.R": python, "ws/b/config.scala": scala, "ws/b/lib/util.py": python,
		"ws/c/lib/util.py": python, "ws/b/with blanks.py": python, "ws/a/x.py.py": python, "ws/d/only.py": python,
		"ws/top.py": python, "ws/a/größe.py": python,
	}
	tr := tree([]string{"ws"}, files)
	for _, c := range []struct{ name, want string }{
		{"./config", "ws/a/config.py"},
		{"config", "ws/a/config.py"},
		{"./config.py", "ws/a/config.py"},
		{"../b/config", "ws/b/config.scala"},
		{"../b/with blanks", "ws/b/with blanks.py"},
		{"./größe", "ws/a/größe.py"},
		{"./UP", "ws/a/UP.R"},
		{"./x.py", "ws/a/x.py.py"},
		{"./both", "ws/a/both"}, // the notebook, not the file beside it
		{"./script.py", "ws/a/script.py"},
		{"./two", ""}, // two notebooks cannot have one name
		{"./script", ""},
		{"./missing", ""},
		{"../../outside", ""},
		{"/Users/ana/a/config", "ws/a/config.py"},
		{"/Workspace/Users/ana/b/lib/util", "ws/b/lib/util.py"},
		{"/Users/ana/lib/util", ""}, // two of them
		{"/Users/ana/top", "ws/top.py"},
		{"/Users/ana/only", ""}, // the name alone says too little
	} {
		if got := tr.find("ws/a/main.py", []string{c.name}); got != c.want {
			t.Errorf("%s is %q, want %q", c.name, got, c.want)
		}
	}
}

func TestNamesInAnArchive(t *testing.T) {
	const v1 = `{"commands":[]}`
	tr := tree([]string{"ws"}, map[string]string{
		"ws/x.dbc!/main.python": v1, "ws/x.dbc!/a/in.python": v1, "ws/beside.py": python, "ws/a/in.py": python})
	for _, c := range []struct{ name, want string }{
		{"./a/in", "ws/x.dbc!/a/in.python"},
		{"../beside", ""}, // not in the archive
		{"../a/in", ""},
	} {
		if got := tr.find("ws/x.dbc!/main.python", []string{c.name}); got != c.want {
			t.Errorf("%s is %q, want %q", c.name, got, c.want)
		}
	}
}

func TestWhoRunsWhom(t *testing.T) {
	run := func(names ...string) string {
		return python + "# MAGIC %run ./" + strings.Join(names, "\n\n# COMMAND ----------\n\n# MAGIC %run ./") + "\n"
	}
	tr := tree([]string{"."}, map[string]string{
		"main.py": run("a", "b"), "a.py": run("config"), "b.py": run("config", "b"), "config.py": python,
		"ring1.py": run("ring2"), "ring2.py": run("ring1", "part"), "part.py": python,
		"job.py": python + "dbutils.notebook.run('./main', 60)\n",
	})
	for _, c := range []struct {
		what string
		got  []string
		want string
	}{
		{"session of main", tr.Session("main.py"), "main.py a.py b.py config.py"},
		{"roots of config", tr.Roots("config.py"), "main.py"},
		{"roots of main", tr.Roots("main.py"), ""},
		{"roots of a part of a ring", tr.Roots("part.py"), "ring1.py ring2.py"},
		{"roots of the ring", tr.Roots("ring1.py"), "ring2.py"},
		{"what job starts", tr.targets("job.py", true), "main.py"},
		{"who starts main", tr.Starters("main.py"), "job.py"},
		{"session of job", tr.Session("job.py"), "job.py"},
	} {
		if got := strings.Join(c.got, " "); got != c.want {
			t.Errorf("%s: %q, want %q", c.what, got, c.want)
		}
	}
}
