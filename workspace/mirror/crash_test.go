package mirror

import (
	"context"
	"fmt"
	"maps"
	"math/rand"
	"os"
	"os/exec"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/imdsscan/imdsscan/workspace"
	"github.com/imdsscan/imdsscan/workspace/emulator"
)

// childDir names the folder that this program exports into when it is run as a
// process of its own, to be killed.
const childDir = "IMDSSCAN_TEST_EXPORT_INTO"

func TestMain(m *testing.M) {
	if dir := os.Getenv(childDir); dir != "" {
		c, err := workspace.Connect(context.Background(), workspace.Options{Version: "1.2.3"})
		if err == nil {
			_, err = Export(context.Background(), Options{Client: c, Root: "/", Dir: dir, Tool: "child", Jobs: 4, Counts: &Counts{}})
		}
		if err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		os.Exit(0)
	}
	os.Exit(m.Run())
}

// churn changes what is in the workspace, and returns what the mirror has to
// hold afterwards.
func (e *emulated) churn(r *rand.Rand, now map[string]string) {
	for range 12 {
		n := r.Intn(30)
		path, local := fmt.Sprintf("/d%d/n%d", n%4, n), fmt.Sprintf("d%d/n%d.py", n%4, n)
		text := fmt.Sprintf("# Databricks notebook source\n%d", r.Int())
		_, there := now[local]
		switch {
		case there && r.Intn(4) == 0:
			e.Remove(path)
			delete(now, local)
		case there:
			e.Edit(path, []byte(text))
			now[local] = text
		default:
			e.AddNotebook(path, emulator.Notebook{Language: "PYTHON", Content: []byte(text), Undated: n%5 == 0})
			now[local] = text
		}
	}
	// Whole folders come and go, and names that are one to some file systems.
	for _, p := range []string{"/x/deep/a", "/x/deep/A"} {
		local := map[string]string{"/x/deep/a": "x/deep/a.txt", "/x/deep/A": "x/deep/A.txt"}[p]
		if _, there := now[local]; there {
			continue
		}
		if r.Intn(2) == 0 {
			e.AddFile(p+".txt", []byte(p))
			now[local] = p
		}
	}
	if _, there := now["x/deep/a.txt"]; there && r.Intn(3) == 0 {
		e.Remove("/x")
		delete(now, "x/deep/a.txt")
		delete(now, "x/deep/A.txt")
	}
}

// TestKilledExport kills exports at any moment. The next one leaves what the
// workspace holds, and takes nothing for somebody's work.
func TestKilledExport(t *testing.T) {
	runs := 60
	if testing.Short() {
		runs = 12
	}
	e := start(t)
	r := rand.New(rand.NewSource(time.Now().UnixNano()))
	now := map[string]string{}
	killed := 0
	for i := range runs {
		e.churn(r, now)
		cmd := exec.Command(os.Args[0])
		cmd.Env = append(os.Environ(), childDir+"="+e.Dir)
		var stderr strings.Builder
		cmd.Stderr = &stderr
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		delay := time.Duration(r.Intn(3000)) * time.Microsecond
		e.Inject(emulator.Fault{Path: "/api/2.0/workspace/*", After: r.Intn(60), Hook: func(*emulator.Server) {
			go func() {
				time.Sleep(delay)
				_ = cmd.Process.Kill()
			}()
		}})
		err := cmd.Wait()
		e.Clear()
		switch {
		case err == nil:
		case strings.Contains(err.Error(), "killed"):
			killed++
		default:
			t.Fatal(err, stderr.String())
		}
		if i%3 == 0 {
			continue // killed twice
		}
		if i%3 == 1 {
			e.churn(r, now)
		}
		res := e.export()
		if len(res.Failed)+len(res.Kept) > 0 {
			t.Fatalf("after run %d: failed %v, kept %v", i, res.Failed, res.Kept)
		}
		want := maps.Clone(now)
		if _, both := want["x/deep/A.txt"]; both && want["x/deep/a.txt"] != "" {
			want["x/deep/%41.txt"] = want["x/deep/A.txt"]
			delete(want, "x/deep/A.txt")
		}
		e.want(want)
		for _, f := range e.ownFiles() {
			if strings.HasSuffix(f, ".log") || strings.HasPrefix(f, "tmp/") {
				t.Errorf("left over: %s", f)
			}
		}
		if t.Failed() {
			return
		}
	}
	if killed < runs/4 {
		t.Errorf("only %d of %d exports were killed", killed, runs)
	}
}

func (e *emulated) ownFiles() []string { return slices.Sorted(maps.Keys(e.own())) }

func TestInterruptedExport(t *testing.T) {
	e := start(t)
	for i := range 30 {
		e.AddNotebook(fmt.Sprintf("/d%d/n%d", i%3, i), emulator.Notebook{Language: "PYTHON", Content: []byte("# Databricks notebook source\n"), Undated: i%2 == 0})
	}
	ctx, stop := context.WithCancel(context.Background())
	defer stop()
	e.Inject(emulator.Fault{Path: "/api/2.0/workspace/export", After: 12, Hook: func(*emulator.Server) { stop() }})
	r, err := e.try(ctx)
	if err != nil || !r.Interrupted || len(r.Failed) > 0 {
		t.Fatalf("%+v %v", r, err)
	}
	had := len(e.files())
	if had < 12 || had == 30 {
		t.Errorf("%d copies after the interruption: those in hand are to be finished, no more", had)
	}
	if h, err := (&dir{root: mustRoot(t, e.Dir)}).readHead(); err != nil || !h.Finished.IsZero() {
		t.Errorf("%+v %v", h, err)
	}
	e.requests()
	if r := e.export(); !r.Resumed || r.Interrupted || len(r.Failed)+len(r.Kept) > 0 {
		t.Errorf("%+v", r)
	}
	exports := 0
	for _, r := range e.requests() {
		if strings.HasPrefix(r, "export ") {
			exports++
		}
	}
	if len(e.files()) != 30 || exports != 30-had {
		t.Errorf("%d copies, %d fetched after %d", len(e.files()), exports, had)
	}
	// The next export is a new one, and fetches what the service does not date.
	e.export()
	if n := e.Count("GET", "/api/2.0/workspace/export"); n != 15 {
		t.Errorf("%d fetched", n)
	}
}
