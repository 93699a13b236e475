package main

import (
	"bytes"
	"io/fs"
	"maps"
	"os"
	"path"
	"slices"
	"strconv"
	"strings"
	"sync/atomic"
	"time"

	"github.com/databricks/databricks-sdk-go/service/compute"
	"github.com/imdsscan/imdsscan/workspace/emulator"
	"github.com/rogpeppe/go-internal/testscript"
)

type workspaceKey struct{}

// workspaceCommands are what a script can do with its emulated workspace.
//
//	workspace start [FLAG...] [FOLDER]   start it, holding what the folder holds; -not-admin: the caller is none, -azure: it is there, -now: its clock is right
//	workspace put PATH FILE              add an object, or change it as another user does
//	workspace undated PATH FILE          add a notebook of which it does not tell when it was modified
//	workspace folder PATH                add a folder
//	workspace repo PATH URL              add a Git folder
//	workspace object PATH TYPE           add an object of another type
//	workspace remove PATH                delete an object
//	workspace holds PATH FILE            want the content of an object
//	workspace lacks PATH                 want no object
//	workspace configure KIND FILE        add a cluster or a policy, or change its Spark configuration or definition as another user does
//	workspace runtime KEY                offer a runtime
//	workspace meanwhile N API KIND FILE  the same, after N more calls of an API
//	workspace restarted ID               let a cluster come to the end of its restart
//	workspace configured KIND ID FILE    want the configuration of a cluster or a policy
//	workspace fail STATUS N API [PATH]   answer N calls of an API, for an object, with a status; -1 is all
//	workspace lose N API [PATH]          carry out N calls and drop the answer
//	workspace heal                       end all faults
//	workspace conf KEY VALUE             change a setting as another user does
//	workspace set KEY VALUE              want a setting; "" was never set
//	workspace cluster ID NAME STATE [SOURCE]  add a cluster that was started a day ago
//	workspace failstart ID REASON        let the next start of a cluster fail
//	workspace delay DURATION             let changes of settings take effect later, never when negative
//	workspace requests N METHOD API      want that many calls since the start or the last of these
//
// Files that begin as SOURCE notebooks do, and .ipynb files, are notebooks and
// lose their suffix; all others are workspace files. Objects were modified a day
// ago, one after the other. DATABRICKS_HOST and DATABRICKS_TOKEN are set.
var workspaceCommands = map[string]func(ts *testscript.TestScript, s *emulator.Server, args []string) bool{
	"put": func(ts *testscript.TestScript, s *emulator.Server, args []string) bool {
		if len(args) != 2 {
			return false
		}
		if b := []byte(ts.ReadFile(args[1])); !s.Edit(args[0], b) {
			addObject(s, args[0], path.Base(args[1]), b, false)
		}
		return true
	},
	"undated": func(ts *testscript.TestScript, s *emulator.Server, args []string) bool {
		if len(args) != 2 {
			return false
		}
		addObject(s, args[0], path.Base(args[1]), []byte(ts.ReadFile(args[1])), true)
		return true
	},
	"folder": func(_ *testscript.TestScript, s *emulator.Server, args []string) bool {
		if len(args) != 1 {
			return false
		}
		s.AddFolder(args[0])
		return true
	},
	"repo": func(_ *testscript.TestScript, s *emulator.Server, args []string) bool {
		if len(args) != 2 {
			return false
		}
		s.AddRepo(args[0], emulator.Repo{URL: args[1], Branch: "main", Provider: "gitHub"})
		return true
	},
	"object": func(_ *testscript.TestScript, s *emulator.Server, args []string) bool {
		if len(args) != 2 {
			return false
		}
		s.AddObject(args[0], args[1], nil)
		return true
	},
	"remove": func(ts *testscript.TestScript, s *emulator.Server, args []string) bool {
		if len(args) != 1 {
			return false
		}
		if !s.Remove(args[0]) {
			ts.Fatalf("there is no %s", args[0])
		}
		return true
	},
	"holds": func(ts *testscript.TestScript, s *emulator.Server, args []string) bool {
		if len(args) != 2 {
			return false
		}
		o, ok := s.Object(args[0])
		if want := ts.ReadFile(args[1]); !ok || string(o.Content) != want {
			ts.Fatalf("%s holds:\n%s\nwant:\n%s", args[0], o.Content, want)
		}
		return true
	},
	"lacks": func(ts *testscript.TestScript, s *emulator.Server, args []string) bool {
		if len(args) != 1 {
			return false
		}
		if _, ok := s.Object(args[0]); ok {
			ts.Fatalf("%s is there", args[0])
		}
		return true
	},
	"configure":  configure,
	"configured": configuredAs,
	"meanwhile":  meanwhile,
	"restarted": func(_ *testscript.TestScript, s *emulator.Server, args []string) bool {
		if len(args) != 1 {
			return false
		}
		s.ChangeCluster(args[0], func(c *compute.ClusterDetails) { c.State = compute.StateRunning })
		return true
	},
	"runtime": func(_ *testscript.TestScript, s *emulator.Server, args []string) bool {
		if len(args) != 1 {
			return false
		}
		s.AddSparkVersions(compute.SparkVersion{Key: args[0], Name: args[0]})
		return true
	},
	"fail": func(ts *testscript.TestScript, s *emulator.Server, args []string) bool {
		if len(args) < 3 || len(args) > 4 {
			return false
		}
		s.Inject(fault(ts, args[1:], emulator.Status(toNumber(ts, args[0]))))
		return true
	},
	"lose": func(ts *testscript.TestScript, s *emulator.Server, args []string) bool {
		if len(args) < 2 || len(args) > 3 {
			return false
		}
		s.Inject(fault(ts, args, emulator.LostReply))
		return true
	},
	"heal": func(_ *testscript.TestScript, s *emulator.Server, args []string) bool {
		s.Clear()
		return len(args) == 0
	},
	"conf": func(_ *testscript.TestScript, s *emulator.Server, args []string) bool {
		if len(args) != 2 {
			return false
		}
		s.SetConf(args[0], args[1])
		return true
	},
	"set": func(ts *testscript.TestScript, s *emulator.Server, args []string) bool {
		if len(args) != 2 {
			return false
		}
		if v, ok := s.Conf(args[0]); v != args[1] || ok != (args[1] != "") {
			ts.Fatalf("%s is %q, want %q", args[0], v, args[1])
		}
		return true
	},
	"cluster": func(_ *testscript.TestScript, s *emulator.Server, args []string) bool {
		if len(args) < 3 || len(args) > 4 {
			return false
		}
		source := append(args, "UI")[3]
		s.AddCluster(compute.ClusterDetails{ClusterSource: compute.ClusterSource(source), ClusterId: args[0], ClusterName: args[1], State: compute.State(args[2]), SparkVersion: "16.4.x-scala2.12",
			NodeTypeId: "m5.large", NumWorkers: 1, StartTime: time.Now().Add(-24 * time.Hour).UnixMilli()})
		return true
	},
	"failstart": func(_ *testscript.TestScript, s *emulator.Server, args []string) bool {
		if len(args) != 2 {
			return false
		}
		s.FailStart(args[0], args[1])
		return true
	},
	"delay": func(ts *testscript.TestScript, s *emulator.Server, args []string) bool {
		if len(args) != 1 {
			return false
		}
		d, err := time.ParseDuration(args[0])
		ts.Check(err)
		s.DelayConf(d)
		return true
	},
	"requests": func(ts *testscript.TestScript, s *emulator.Server, args []string) bool {
		if len(args) != 3 {
			return false
		}
		if n := s.Count(args[1], args[2]); n != toNumber(ts, args[0]) {
			ts.Fatalf("%d calls of %s %s, want %s", n, args[1], args[2], args[0])
		}
		s.ClearRequests()
		return true
	},
}

// workspaceCommand runs one of the workspaceCommands.
func workspaceCommand(ts *testscript.TestScript, neg bool, args []string) {
	holder := ts.Value(workspaceKey{}).(**emulator.Server)
	if !neg && len(args) > 0 && args[0] == "start" {
		*holder = startWorkspace(ts, args[1:])
		return
	}
	switch {
	case neg || len(args) == 0 || workspaceCommands[args[0]] == nil:
		ts.Fatalf("usage: workspace start|%s ARG...", strings.Join(slices.Sorted(maps.Keys(workspaceCommands)), "|"))
	case *holder == nil:
		ts.Fatalf("workspace start comes first")
	case !workspaceCommands[args[0]](ts, *holder, args[1:]):
		ts.Fatalf("workspace %s: wrong arguments", args[0])
	}
}

func startWorkspace(ts *testscript.TestScript, folders []string) *emulator.Server {
	begin := time.Now().Add(-24 * time.Hour)
	var ticks atomic.Int64
	o := emulator.Options{Now: func() time.Time { return begin.Add(time.Duration(ticks.Add(1)) * time.Millisecond) }}
	for len(folders) > 0 && strings.HasPrefix(folders[0], "-") {
		switch folders[0] {
		case "-not-admin":
			o.NotAdmin = true
		case "-now":
			o.Now, o.RestartTime = time.Now, 50*time.Millisecond
		case "-azure":
			o.Cloud = "Azure"
		default:
			ts.Fatalf("workspace start has no %s", folders[0])
		}
		folders = folders[1:]
	}
	s := emulator.New(o)
	ts.Defer(s.Close)
	ts.Setenv("DATABRICKS_HOST", s.URL())
	ts.Setenv("DATABRICKS_TOKEN", s.Token())
	ts.Setenv("DATABRICKS_RATE_LIMIT", "10000")
	for _, folder := range folders {
		files := os.DirFS(ts.MkAbs(folder))
		ts.Check(fs.WalkDir(files, ".", func(p string, d fs.DirEntry, err error) error {
			if err != nil || p == "." {
				return err
			}
			if d.IsDir() {
				s.AddFolder("/" + p)
				return nil
			}
			b, err := fs.ReadFile(files, p)
			addObject(s, "/"+strings.TrimSuffix(p, notebookSuffix(p, b)), p, b, false)
			return err
		}))
	}
	return s
}

// notebookSuffix is the suffix of a notebook's file, empty for another file.
func notebookSuffix(name string, b []byte) string {
	switch ext := path.Ext(name); {
	case ext == ".ipynb", bytes.HasPrefix(bytes.TrimLeft(b, "#/- "), []byte("Databricks notebook source")) && sourceLanguages[ext] != "":
		return ext
	}
	return ""
}

var sourceLanguages = map[string]string{".py": "PYTHON", ".scala": "SCALA", ".sql": "SQL", ".r": "R"}

// addObject adds an object of which the file's name and content tell what it
// is.
func addObject(s *emulator.Server, at, name string, b []byte, undated bool) {
	switch ext := notebookSuffix(name, b); ext {
	case "":
		s.AddFile(at, b)
	case ".ipynb":
		s.AddNotebook(at, emulator.Notebook{Format: "JUPYTER", Content: b, Undated: undated})
	default:
		s.AddNotebook(at, emulator.Notebook{Language: sourceLanguages[ext], Content: b, Undated: undated})
	}
}

// fault is one that strikes N API [PATH]; an API may be 'METHOD PATH'.
func fault(ts *testscript.TestScript, args []string, kind emulator.Kind) emulator.Fault {
	f := emulator.Fault{Times: toNumber(ts, args[0]), Path: args[1], Kind: kind}
	if method, api, ok := strings.Cut(args[1], " "); ok {
		f.Method, f.Path = method, api
	}
	if len(args) > 2 {
		f.Object = args[2]
	}
	return f
}

func toNumber(ts *testscript.TestScript, s string) int {
	n, err := strconv.Atoi(s)
	ts.Check(err)
	return n
}
