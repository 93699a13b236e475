package main

import (
	"archive/zip"
	"bytes"
	"context"
	"flag"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/imdsscan/imdsscan/workspace/emulator"
	"github.com/rogpeppe/go-internal/testscript"
)

// update makes the golden and script tests write what they see.
var update = flag.Bool("update", false, "write findings, diffs, scripts and RULES.md anew")

func TestMain(m *testing.M) {
	os.Setenv("SOURCE_DATE_EPOCH", "1795780800") // 2026-11-27, so that results are equal whenever they are made
	testscript.Main(m, map[string]func(){"imdsscan": main})
}

// TestScript runs the command-line scripts; each is a behaviour a user or a
// pipeline relies on.
func TestScript(t *testing.T) {
	testscript.Run(t, testscript.Params{
		Dir:                 "testdata/script",
		UpdateScripts:       *update,
		RequireExplicitExec: true,
		RequireUniqueNames:  true,
		Cmds: map[string]func(*testscript.TestScript, bool, []string){
			"exits":  exits,
			"pack":   pack,
			"unpack": unpack,
			// An emulated workspace; see script_workspace_test.go.
			"workspace": workspaceCommand,
			"run-id":    runID,
			"append":    appendTo,
			// An emulated AWS account; see awsaccount_test.go.
			"awsaccount": awsAccount,
		},
		Setup: func(e *testscript.Env) error {
			e.Setenv("NO_COLOR", "")
			e.Setenv("DATABRICKS_CONFIG_FILE", filepath.Join(e.WorkDir, ".databrickscfg"))
			e.Values[workspaceKey{}] = new(*emulator.Server)
			e.Setenv("SOURCE_DATE_EPOCH", os.Getenv("SOURCE_DATE_EPOCH"))
			e.Setenv("GIT_CEILING_DIRECTORIES", e.WorkDir)
			// No script reaches AWS or this machine's metadata service.
			for k, v := range map[string]string{"AWS_EC2_METADATA_DISABLED": "true", "AWS_ENDPOINT_URL": "http://127.0.0.1:1",
				"AWS_CONFIG_FILE": os.DevNull, "AWS_SHARED_CREDENTIALS_FILE": os.DevNull, "AWS_MAX_ATTEMPTS": "1"} {
				e.Setenv(k, v)
			}
			return nil
		},
		Condition: func(cond string) (bool, error) {
			return cond == "root" && os.Geteuid() == 0, nil
		},
	})
}

// exits runs imdsscan and wants an exit status: exits STATUS [-stdin FILE] ARG...
// Its output is for stdout and stderr, as after exec.
func exits(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 1 {
		ts.Fatalf("usage: exits STATUS ARG...")
	}
	err := ts.Exec("imdsscan", args[1:]...)
	got := "0"
	if err != nil {
		got = strings.TrimPrefix(err.Error(), "exit status ")
	}
	if got != args[0] {
		ts.Fatalf("exit status %s, want %s", got, args[0])
	}
}

// runID sets RUN to the latest run in a state folder: run-id FOLDER.
func runID(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 1 {
		ts.Fatalf("usage: run-id FOLDER")
	}
	runs, err := os.ReadDir(filepath.Join(ts.MkAbs(args[0]), "runs"))
	ts.Check(err)
	ts.Setenv("RUN", runs[len(runs)-1].Name())
}

// appendTo adds a line to the files in a folder: append FOLDER LINE. NEXT in it is
// the number of the line.
func appendTo(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 2 {
		ts.Fatalf("usage: append FOLDER LINE")
	}
	files, err := filepath.Glob(filepath.Join(ts.MkAbs(args[0]), "*"))
	ts.Check(err)
	for _, name := range files {
		lines := strings.Count(ts.ReadFile(name), "\n")
		f, err := os.OpenFile(name, os.O_APPEND|os.O_WRONLY, 0)
		ts.Check(err)
		_, err = f.WriteString(strings.ReplaceAll(args[1], "NEXT", strconv.Itoa(lines+1)) + "\n")
		ts.Check(err)
		ts.Check(f.Close())
	}
}

// pack makes an archive of the files in a folder: pack ARCHIVE FOLDER.
func pack(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 2 {
		ts.Fatalf("usage: pack ARCHIVE FOLDER")
	}
	f, err := os.Create(ts.MkAbs(args[0]))
	ts.Check(err)
	w := zip.NewWriter(f)
	ts.Check(w.AddFS(os.DirFS(ts.MkAbs(args[1]))))
	ts.Check(w.Close())
	ts.Check(f.Close())
}

// unpack writes the members of an archive below a folder: unpack ARCHIVE FOLDER.
func unpack(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 2 {
		ts.Fatalf("usage: unpack ARCHIVE FOLDER")
	}
	r, err := zip.OpenReader(ts.MkAbs(args[0]))
	ts.Check(err)
	defer r.Close()
	ts.Check(os.CopyFS(ts.MkAbs(args[1]), r))
}

// runTest runs the program in this process.
func runTest(ctx context.Context, stdin string, args ...string) (code int, stdout, stderr string) {
	var out, err bytes.Buffer
	code = run(ctx, args, streams{strings.NewReader(stdin), &out, &err})
	return code, out.String(), err.String()
}
