package apply

import (
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"sync"
	"testing"
	"time"

	"github.com/imdsscan/imdsscan/workspace"
	"github.com/imdsscan/imdsscan/workspace/emulator"
	"github.com/imdsscan/imdsscan/workspace/journal"
	"github.com/imdsscan/imdsscan/workspace/plan"
)

// TestRandomSchedules plays random faults, edits of others, crashes, resumptions
// and rollbacks. IMDSSCAN_SEED plays one again, IMDSSCAN_SCHEDULES says how many.
func TestRandomSchedules(t *testing.T) {
	n := 150
	if testing.Short() {
		n = 25
	}
	if v, err := strconv.Atoi(os.Getenv("IMDSSCAN_SCHEDULES")); err == nil {
		n = v
	}
	seed := uint64(time.Now().UnixNano())
	if v, err := strconv.ParseUint(os.Getenv("IMDSSCAN_SEED"), 10, 64); err == nil {
		seed, n = v, 1
	}
	for i := range uint64(n) {
		if !t.Run(fmt.Sprintf("IMDSSCAN_SEED=%d", seed+i), func(t *testing.T) { schedule(t, seed+i) }) {
			return
		}
	}
}

// edits are what others wrote, by path.
type edits struct {
	mu   sync.Mutex
	n    int
	last map[string]string
}

func (e *edits) by(path string) func(*emulator.Server) {
	return func(s *emulator.Server) {
		e.mu.Lock()
		defer e.mu.Unlock()
		e.n++
		text := fmt.Sprintf("# Databricks notebook source\nsomebody(%d)\n", e.n)
		if s.Edit(path, []byte(text)) {
			e.last[path] = text
		}
	}
}

func (e *edits) get(path string) string {
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.last[path]
}

func schedule(t *testing.T, seed uint64) {
	r := rand.New(rand.NewPCG(seed, 0))
	w := newWorld(t, len(kinds))
	e := &edits{last: map[string]string{}}
	normalising := r.IntN(4) == 0
	if normalising {
		w.s.Normalise(normalise("token"))
	}
	id, back := "", false
	for round := range 2 + r.IntN(4) {
		for range r.IntN(5) {
			w.s.Inject(randomFault(r, e))
		}
		if r.IntN(2) == 0 {
			w.crashAt(1 + r.IntN(40))
		}
		if round == 0 {
			var err error
			if id, _, err = w.start(); err != nil && err != errCrash {
				t.Fatal(err)
			}
		} else {
			back = back || r.IntN(3) == 0
			if _, err := w.again(id, back); err != nil && err != errCrash {
				t.Fatal(err)
			}
		}
		w.o.at = nil
		w.s.Clear()
		w.holds(id, e)
	}
	// The service and everybody else are quiet now.
	if !back {
		if _, err := w.again(id, false); err != nil {
			t.Fatal(err)
		}
		w.holds(id, e)
	}
	if _, err := w.again(id, true); err != nil {
		t.Fatal(err)
	}
	w.holds(id, e)
	w.noProbe()
	s, _ := w.dir.Read(id)
	for path, before := range w.before {
		st := s.Object("workspace:" + path)
		// What nobody could tell from an edit stays, and is said.
		if got := w.content(path); e.get(path) == "" && got != before && st.Status != journal.Foreign {
			t.Errorf("after the rollback %s holds %q: %+v", path, got, st)
		}
	}
}

// randomFault strikes some call, or lets somebody edit before it. Edits come
// before calls that read, and before imports of another object: there are no
// others that can be seen.
func randomFault(r *rand.Rand, e *edits) emulator.Fault {
	ways := append([]emulator.Kind{{}, {}, emulator.Reset, emulator.LostReset}, failures...)
	f := emulator.Fault{After: r.IntN(60), Times: 1 + r.IntN(3), Kind: ways[r.IntN(len(ways))]}
	edited := kinds[r.IntN(len(kinds))].path
	switch r.IntN(4) {
	case 0:
		f.Method, f.Hook = "GET", e.by(edited)
	case 1:
		f.Path, f.Object, f.After = importAPI, kinds[r.IntN(len(kinds))].path, 0
		if f.Object != edited {
			f.Hook = e.by(edited)
		}
	case 2:
		f.Path, f.After = []string{statAPI, exportAPI, importAPI, "/api/2.0/workspace/delete"}[r.IntN(4)], r.IntN(12)
	}
	return f
}

// holds wants what holds at every moment, whatever happened.
func (w *world) holds(id string, e *edits) {
	w.t.Helper()
	s, err := w.dir.Read(id)
	if err != nil {
		w.t.Fatal(err)
	}
	for path, before := range w.before {
		got := w.content(path)
		if text := e.get(path); text != "" {
			if got != text {
				w.t.Errorf("an edit of %s was lost: %q", path, got)
			}
			continue
		}
		if n := w.writes(path); n > 2 {
			w.t.Errorf("%s was written %d times", path, n)
		}
		if got == before {
			continue
		}
		if got != w.after[path] && got != w.after[path]+"# stored\n" {
			w.t.Errorf("%s holds %q", path, got)
		}
		if b, err := readBackup(w.dir, id, s.Object("workspace:"+path).Before); err != nil || b != before {
			w.t.Errorf("%s is not original, and its backup is %q: %v", path, b, err)
		}
	}
}

// TestMain lets this program be its own child, which is killed.
func TestMain(m *testing.M) {
	if os.Getenv("IMDSSCAN_TEST_CHILD") != "" {
		os.Exit(child())
	}
	os.Exit(m.Run())
}

func child() int {
	fail := func(err error) int {
		fmt.Fprintln(os.Stderr, err)
		return 99
	}
	p, err := plan.Load(os.Getenv("IMDSSCAN_TEST_PLAN"))
	if err != nil {
		return fail(err)
	}
	c, err := workspace.Connect(context.Background(), workspace.Options{Version: "1.0.0"})
	if err != nil {
		return fail(err)
	}
	dir := journal.NewDir(os.Getenv("IMDSSCAN_TEST_STATE"), time.Now)
	ids, err := dir.List()
	if err != nil {
		return fail(err)
	}
	var r *Run
	if len(ids) == 0 {
		r, err = Start(dir, p)
	} else {
		r, err = Open(dir, ids[0])
	}
	if err != nil {
		return fail(err)
	}
	work := r.Apply
	if os.Getenv("IMDSSCAN_TEST_CHILD") == "rollback" {
		work = r.Rollback
	}
	res, err := work(context.Background(), Options{Client: c})
	if err != nil {
		return fail(err)
	}
	return res.Code
}

// A real process is killed at random moments until one comes to its end; then
// rollbacks are.
func TestKilled(t *testing.T) {
	if testing.Short() {
		t.Skip("starts many processes")
	}
	for range 3 {
		w := newWorld(t, len(kinds))
		w.s.Inject(emulator.Fault{Path: importAPI, Kind: emulator.LostReply, After: 1})
		file := filepath.Join(t.TempDir(), "plan.json")
		if err := w.plan.Save(file); err != nil {
			t.Fatal(err)
		}
		t.Setenv("IMDSSCAN_TEST_PLAN", file)
		t.Setenv("IMDSSCAN_TEST_STATE", w.dir.Path)
		kills := w.killUntilDone("apply")
		w.all(w.after, 1)
		kills += w.killUntilDone("rollback")
		w.all(w.before, 2)
		t.Logf("%d processes were killed", kills)
	}
}

// killUntilDone gives each process a little more time than the one before.
func (w *world) killUntilDone(what string) (kills int) {
	w.t.Setenv("IMDSSCAN_TEST_CHILD", what)
	for limit := 20 * time.Millisecond; ; limit += time.Duration(rand.IntN(30)) * time.Millisecond {
		cmd := exec.Command(os.Args[0])
		cmd.Stderr = os.Stderr
		if err := cmd.Start(); err != nil {
			w.t.Fatal(err)
		}
		timer := time.AfterFunc(limit, func() { _ = cmd.Process.Kill() })
		_ = cmd.Wait()
		timer.Stop()
		ids, err := w.dir.List()
		if err != nil || len(ids) > 1 {
			w.t.Fatalf("%d runs: %v", len(ids), err)
		}
		for _, id := range ids {
			w.safe(id)
		}
		if cmd.ProcessState.Exited() {
			if code := cmd.ProcessState.ExitCode(); code != 0 {
				w.t.Fatalf("%s ended with %d", what, code)
			}
			return kills
		}
		kills++
	}
}
