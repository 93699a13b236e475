package main

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/imdsscan/imdsscan/report/collect"
	"github.com/imdsscan/imdsscan/report/result"
)

const v1Script = "#!/bin/sh\ncurl -s http://169.254.169.254/latest/meta-data/instance-id\n"

func write(t *testing.T, name, text string) string {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(name, []byte(text), 0o640); err != nil {
		t.Fatal(err)
	}
	return name
}

func wantFile(t *testing.T, name, text string) {
	t.Helper()
	got, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	if string(got) != text {
		t.Errorf("%s holds %q, want %q", filepath.Base(name), got, text)
	}
	left, err := filepath.Glob(filepath.Join(filepath.Dir(name), ".imdsscan-*"))
	if err != nil || len(left) > 0 {
		t.Errorf("temporary files are left: %v %v", left, err)
	}
}

func TestReplaceKeepsMode(t *testing.T) {
	dir := t.TempDir()
	f := write(t, filepath.Join(dir, "a.sh"), "old")
	if err := os.Chmod(f, 0o751); err != nil {
		t.Fatal(err)
	}
	if err := replaceFile(dir, f, []byte("old"), []byte("new")); err != nil {
		t.Fatal(err)
	}
	wantFile(t, f, "new")
	if info, err := os.Stat(f); err != nil || info.Mode().Perm() != 0o751 {
		t.Errorf("mode %v %v", info.Mode(), err)
	}
}

func TestReplaceRefusesOtherBytes(t *testing.T) {
	dir := t.TempDir()
	f := write(t, filepath.Join(dir, "a.sh"), "edited meanwhile")
	if err := replaceFile(dir, f, []byte("old"), []byte("new")); !errors.Is(err, errChanged) {
		t.Errorf("got %v", err)
	}
	wantFile(t, f, "edited meanwhile")
}

func TestReplaceRefusesLinks(t *testing.T) {
	dir := t.TempDir()
	outside := write(t, filepath.Join(dir, "outside", "a.sh"), "old")
	root := filepath.Join(dir, "root")
	inside := write(t, filepath.Join(root, "real", "a.sh"), "old")
	link := func(to, at string) string {
		if err := os.Symlink(to, at); err != nil {
			t.Skip(err)
		}
		return at
	}
	old, new := []byte("old"), []byte("new")
	if err := replaceFile(root, link(inside, filepath.Join(root, "l.sh")), old, new); err == nil {
		t.Error("a link to a file was written through")
	}
	away := link(filepath.Dir(outside), filepath.Join(root, "away"))
	if err := replaceFile(root, filepath.Join(away, "a.sh"), old, new); err == nil || !strings.Contains(err.Error(), "outside") {
		t.Errorf("a folder that leads out of the root: %v", err)
	}
	wantFile(t, outside, "old")
	wantFile(t, inside, "old")

	// A link as the root itself is what the user asked for.
	if err := replaceFile(link(root, filepath.Join(dir, "alias")), filepath.Join(dir, "alias", "real", "a.sh"), old, new); err != nil {
		t.Error(err)
	}
	wantFile(t, inside, "new")
}

func TestReplaceUnderTheWorkingFolder(t *testing.T) {
	t.Chdir(t.TempDir())
	for _, root := range []string{".", "./", "sub"} {
		f := write(t, "sub/a.sh", "old")
		if err := replaceFile(root, f, []byte("old"), []byte("new")); err != nil {
			t.Errorf("root %q: %v", root, err)
		}
	}
	wantFile(t, "sub/a.sh", "new")
	if err := replaceFile("sub", write(t, "subway/a.sh", "old"), []byte("old"), []byte("new")); err == nil {
		t.Error("a folder whose name only starts like the root's was written to")
	}
}

func TestFileChangedDuringTheRunIsReported(t *testing.T) {
	dir := t.TempDir()
	f := write(t, filepath.Join(dir, "a.sh"), v1Script)
	o := options{jobs: 1, limit: time.Minute}
	sc := newScanner(&o, newProgress(os.Stderr, &options{quiet: true}))
	run, files := sc.scan(t.Context(), func(scan func(input)) found {
		scan(input{name: "a.sh", path: f, root: dir})
		return found{}
	})
	write(t, f, "# edited\n"+v1Script)
	applyFixes(t.Context(), sc, &run, files, nil, nil)
	if len(run.Errors) != 1 || run.Errors[0].Reason != errChanged.Error() {
		t.Errorf("errors %v", run.Errors)
	}
	if run.Files[0].Findings[0].Fixed {
		t.Error("the finding counts as fixed")
	}
	wantFile(t, f, "# edited\n"+v1Script)
}

func TestInterruptedRunWritesNothing(t *testing.T) {
	f := write(t, filepath.Join(t.TempDir(), "a.sh"), v1Script)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	code, _, stderr := runTest(ctx, "", "--fix", f)
	if code != exitInterrupted || !strings.Contains(stderr, "interrupted") {
		t.Errorf("exit %d, %s", code, stderr)
	}
	wantFile(t, f, v1Script)
}

func TestSlowFileIsGivenUp(t *testing.T) {
	dir := t.TempDir()
	write(t, filepath.Join(dir, "big.py"), strings.Repeat("x = [1, 2, 3]\n", 1<<16)+"u = 'http://169.254.169.254'\n")
	write(t, filepath.Join(dir, "small.sh"), v1Script)
	code, stdout, _ := runTest(t.Context(), "", "--file-timeout", "1ns", dir)
	if code != exitIncomplete || !strings.Contains(stdout, "big.py: failed: gave up after 1ns") {
		t.Errorf("exit %d\n%s", code, stdout)
	}
}

func TestBugInOneFileIsItsError(t *testing.T) {
	out := guard(func() (*result.File, error) { panic("boom") })
	if out.err == nil || !strings.Contains(out.err.Error(), "a bug in imdsscan") || !strings.Contains(out.err.Error(), "boom") ||
		!strings.Contains(out.err.Error(), "fix_test.go:") {
		t.Errorf("got %v", out.err)
	}
	out = guard(func() (*result.File, error) { return collect.File("a.sh", []byte(v1Script), collect.Options{}) })
	if out.err != nil || len(out.file.Findings) != 1 {
		t.Errorf("%+v", out)
	}
}
