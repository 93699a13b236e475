package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/databricks/databricks-sdk-go/service/compute"
	"github.com/imdsscan/imdsscan/rules"
	"github.com/imdsscan/imdsscan/workspace/emulator"
	"github.com/imdsscan/imdsscan/workspace/plan"
)

// planned is an emulated workspace with n notebooks, and the file of a plan for
// them.
func planned(t *testing.T, n int) (s *emulator.Server, file string) {
	t.Helper()
	s = emulator.New(emulator.Options{})
	t.Cleanup(s.Close)
	for k, v := range map[string]string{"DATABRICKS_HOST": s.URL(), "DATABRICKS_TOKEN": s.Token(), "DATABRICKS_RATE_LIMIT": "10000",
		"DATABRICKS_CONFIG_FILE": "/nonexistent", "AWS_EC2_METADATA_DISABLED": "true", "XDG_STATE_HOME": t.TempDir()} {
		t.Setenv(k, v)
	}
	p := &plan.Plan{For: plan.For{Host: s.URL(), User: s.User(), Tool: versionText(), Rules: rules.Version()}}
	for i := range n {
		path := fmt.Sprintf("/Users/ana@example.com/nb%d", i)
		id := s.AddNotebook(path, emulator.Notebook{Language: "PYTHON", Content: []byte(before)})
		o, err := plan.New(plan.Object{Name: "workspace:" + path, ID: strconv.FormatInt(id, 10), Type: "NOTEBOOK", Format: "SOURCE", Language: "PYTHON"},
			[]byte(before), []byte(after))
		if err != nil {
			t.Fatal(err)
		}
		p.Objects = append(p.Objects, o)
	}
	file = filepath.Join(t.TempDir(), "plan.json")
	if err := p.Seal(); err != nil {
		t.Fatal(err)
	}
	if err := p.Save(file); err != nil {
		t.Fatal(err)
	}
	return s, file
}

const before, after = "# Databricks notebook source\nprint(1)\n", "# Databricks notebook source\nprint(2)\n"

// tell runs the program and wants an exit status and words in what it says.
func tell(t *testing.T, want int, words []string, args ...string) string {
	t.Helper()
	code, out, errs := runTest(t.Context(), "", args...)
	if code != want {
		t.Errorf("%v: exit status %d, want %d\n%s%s", args, code, want, out, errs)
	}
	for _, w := range words {
		if !strings.Contains(out+errs, w) {
			t.Errorf("%v: %q is not said:\n%s%s", args, w, out, errs)
		}
	}
	return out
}

func TestApplyRunsRollback(t *testing.T) {
	s, file := planned(t, 2)
	tell(t, 0, []string{"nb0: fixed\n", "nb1: fixed\n", ": 2 fixed.", "to undo: imdsscan rollback "}, "apply", file)
	id, _, _ := strings.Cut(tell(t, 0, []string{"of 2: 2 written\n"}, "runs"), " ")
	tell(t, 0, []string{"written  workspace:/Users/ana@example.com/nb0\n", "original: ", "DBC copy: ", "user " + s.User()}, "runs", id)
	tell(t, 0, []string{"nothing to do"}, "apply", "--resume", id)
	tell(t, 2, []string{"no terminal", "--yes"}, "rollback", id)
	tell(t, 0, []string{"nb1: restored\n", "2 restored."}, "rollback", "--yes", id)
	tell(t, 0, []string{"of 2: 2 put back; rolled back\n"}, "runs")
	tell(t, 2, []string{"was rolled back"}, "apply", "--resume", id)
	if o, _ := s.Object("/Users/ana@example.com/nb0"); string(o.Content) != before || o.Writes != 2 {
		t.Errorf("%+v", o)
	}
	// The plan is good for another run.
	tell(t, 0, []string{": 2 fixed."}, "apply", file)
	// It looks at the workspace, not at what it once did.
	s.Edit("/Users/ana@example.com/nb0", []byte(before))
	tell(t, 0, []string{": 1 fixed, 1 already."}, "apply", file)
}

func TestApplyRefuses(t *testing.T) {
	s, file := planned(t, 2)
	tell(t, 2, []string{"writes 2 objects, and --max-changes allows 1"}, "apply", "--max-changes", "1", file)
	tell(t, 2, []string{"no such file"}, "apply", file+"x")
	tell(t, 2, []string{"needs one plan"}, "apply")
	tell(t, 2, []string{"not both"}, "apply", "--resume", "20200101-000000-000000", file)
	tell(t, 2, []string{"there is no such run"}, "apply", "--resume", "20200101-000000-000000")
	tell(t, 2, []string{"there is no such run"}, "rollback", "x")
	tell(t, 2, []string{"takes one run"}, "runs", "a", "b")
	b, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	edited := filepath.Join(t.TempDir(), "edited.json")
	if err := os.WriteFile(edited, []byte(strings.Replace(string(b), "print(2)", "print(3)", 1)), 0o600); err != nil {
		t.Fatal(err)
	}
	tell(t, 2, []string{"changed after it was written"}, "apply", edited)
	other, theirs := planned(t, 2) // now this is the workspace
	tell(t, 4, []string{"was made for the workspace " + s.URL()}, "apply", file)
	other.Edit("/Users/ana@example.com/nb0", []byte("x"))
	tell(t, 4, []string{"nb0: changed: its content changed since the plan was made", "nb1: fixed"}, "apply", theirs)
	tell(t, 0, []string{"1 written, 1 left alone"}, "runs")
	for i := range 2 {
		if o, _ := s.Object(fmt.Sprintf("/Users/ana@example.com/nb%d", i)); o.Writes != 0 {
			t.Error("written")
		}
	}
}

func TestApplyGoesOn(t *testing.T) {
	s, file := planned(t, 3)
	s.Inject(emulator.Fault{Path: "/api/2.0/workspace/import", Kind: emulator.Status(403), Object: "/Users/ana@example.com/nb1"})
	out := tell(t, 3, []string{"nb1: failed: not written, the original is there", "apply --resume "}, "apply", file)
	_, id, _ := strings.Cut(out, "\nrun ")
	id, _, _ = strings.Cut(id, ":")
	tell(t, 0, []string{"2 written, 1 as before; 1 to do: imdsscan apply --resume " + id}, "runs")
	tell(t, 0, []string{"nb1: fixed", ": 1 fixed."}, "apply", "--resume", id)
	tell(t, 0, []string{"of 3: 3 written\n"}, "runs")
}

func TestApplyCanary(t *testing.T) {
	s, file := planned(t, 3)
	tell(t, 0, []string{"stopped after the first 1", "1 fixed, 2 not done yet", "apply --resume"}, "apply", "--yes", "--canary", "1", file)
	if o, _ := s.Object("/Users/ana@example.com/nb1"); o.Writes != 0 {
		t.Error("written")
	}
	tell(t, 0, []string{"2 fixed."}, "apply", file)
}

// Init scripts, wherever they lie, are written only when asked to, and what runs
// them is named.
func TestApplyInitScripts(t *testing.T) {
	s, _ := planned(t, 0)
	const old = "#!/bin/sh\ncurl -s http://169.254.169.254/latest/meta-data/instance-id\n"
	id := s.AddGlobalInitScript("tags", []byte(old), true)
	s.AddFile("/Shared/init.sh", []byte(old))
	s.AddVolumeFile("/Volumes/main/a/b/init.sh", []byte(old))
	s.AddDBFS("/init/a.sh", []byte(old))
	s.AddCluster(compute.ClusterDetails{ClusterId: "c1", ClusterName: "etl", SparkVersion: "15.4.x-scala2.12", InitScripts: []compute.InitScriptInfo{
		{Workspace: &compute.WorkspaceStorageInfo{Destination: "/Shared/init.sh"}},
		{Volumes: &compute.VolumesStorageInfo{Destination: "/Volumes/main/a/b/init.sh"}},
		{Dbfs: &compute.DbfsStorageInfo{Destination: "dbfs:/init/a.sh"}}}})
	contents := func() (out []string) {
		g, _ := s.GlobalInitScript(id)
		o, _ := s.Object("/Shared/init.sh")
		v, _ := s.VolumeFile("/Volumes/main/a/b/init.sh")
		d, _ := s.DBFS("/init/a.sh")
		return []string{string(g), string(o.Content), string(v), string(d)}
	}
	file := filepath.Join(t.TempDir(), "plan.json")
	tell(t, 0, []string{"/Shared/init.sh: not written: it is the init script of cluster etl", "take --include-init-scripts", "\n0 objects to write"}, "plan", "-o", file, "workspace:/")
	// A target that is only a part of the workspace does not change what it is.
	for _, target := range []string{"workspace:/Shared", "workspace:/Shared/init.sh"} {
		tell(t, 0, []string{"/Shared/init.sh: not written: it is the init script of cluster etl", "\n0 objects to write"}, "plan", "-o", file, target)
		tell(t, 0, []string{"/Shared/init.sh: not written: it is the init script of cluster etl"}, "check", "--fix", "--yes", "--exit-zero", target)
	}
	if got := contents(); got[1] != old {
		t.Errorf("written: %q", got[1])
	}
	tell(t, 0, []string{"\n4 objects to write"}, "plan", "--include-init-scripts", "-o", file, "workspace:/")
	tell(t, 0, []string{": 4 fixed.", "restart every cluster: ", "restart cluster etl"}, "apply", file)
	for i, c := range contents() {
		if !strings.Contains(c, "X-aws-ec2-metadata-token: ") {
			t.Errorf("%d holds %q", i, c)
		}
	}
	run, _, _ := strings.Cut(tell(t, 0, []string{"of 4: 4 written"}, "runs"), " ")
	tell(t, 0, []string{": 4 restored.", "restart cluster etl"}, "rollback", "--yes", run)
	for i, c := range contents() {
		if c != old {
			t.Errorf("%d holds %q", i, c)
		}
	}
}

func TestAsk(t *testing.T) {
	for answer, want := range map[string]bool{"y\n": true, "YES\n": true, "n\n": false, "\n": false, "": false, "yy\n": false} {
		var errs strings.Builder
		if got := ask(t.Context(), streams{strings.NewReader(answer), nil, &errs}, "Go on?"); got != want || errs.String() != "Go on? [y/N] " {
			t.Errorf("%q is %v, asked %q", answer, got, errs.String())
		}
	}
}

func TestNothingIsHiddenFromWhoDecides(t *testing.T) {
	if got, want := visible("+a\tb\r\n-\x1b[2K日\u202e\n"), "+a\tb\r\n-\ufffd[2K日\ufffd\n"; got != want {
		t.Errorf("%q, want %q", got, want)
	}
}
