package apply

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/imdsscan/imdsscan/workspace"
	"github.com/imdsscan/imdsscan/workspace/emulator"
	"github.com/imdsscan/imdsscan/workspace/journal"
	"github.com/imdsscan/imdsscan/workspace/plan"
)

// world is an emulated workspace with a plan for some of its objects, and a
// state folder.
type world struct {
	t      *testing.T
	s      *emulator.Server
	client *workspace.Client
	dir    journal.Dir
	plan   *plan.Plan
	// before and after are the contents by path.
	before, after map[string]string
	o             Options
	events        []Event
}

const ipynb = `{"cells":[{"cell_type":"code","execution_count":null,"metadata":{},"outputs":[],"source":["print(1)\n"]}],
 "metadata":{"application/vnd.databricks.v1+notebook":{"language":"python"}},"nbformat":4,"nbformat_minor":0}`

// The objects of most tests: each kind that is written.
var kinds = []struct {
	path, language, format, before, after string
}{
	{"/Shared/a b", "PYTHON", "SOURCE", "# Databricks notebook source\nprint(1)\n", "# Databricks notebook source\ntoken()\nprint(1)\n"},
	{"/Shared/nb.ipynb", "", "JUPYTER", ipynb, strings.Replace(ipynb, "print(1)", "token()", 1)},
	{"/Users/ana@example.com/etl", "SCALA", "SOURCE", "// Databricks notebook source\nprintln(1)", "// Databricks notebook source\nprintln(token)"},
	// As a file it has the header of a notebook: imported as anything else than
	// what it is, it would become one.
	{"/Users/ana@example.com/job.py", "", "", "# Databricks notebook source\r\nprint(1)\r\n", "# Databricks notebook source\r\ntoken()\r\n"},
}

func newWorld(t *testing.T, n int) *world {
	t.Helper()
	w := &world{t: t, s: emulator.New(emulator.Options{}), before: map[string]string{}, after: map[string]string{}}
	t.Cleanup(w.s.Close)
	w.s.AddFolder("/Users/admin@example.com")
	w.client = connect(t, w.s)
	at := time.Date(2026, 11, 27, 12, 0, 0, 0, time.UTC)
	w.dir = journal.NewDir(filepath.Join(quickFolder(t), "state"), func() time.Time { at = at.Add(time.Second); return at })
	w.plan = &plan.Plan{For: plan.For{Host: w.s.URL(), User: "admin@example.com", Tool: "1", Rules: "r"}}
	for _, k := range kinds[:n] {
		o := plan.Object{Name: "workspace:" + k.path, Type: "NOTEBOOK", Format: k.format, Language: k.language}
		var id int64
		if k.format == "" {
			o.Type = "FILE"
			id = w.s.AddFile(k.path, []byte(k.before))
		} else {
			id = w.s.AddNotebook(k.path, emulator.Notebook{Language: k.language, Format: k.format, Content: []byte(k.before)})
		}
		if k.format == "JUPYTER" {
			o.Language = "PYTHON"
		}
		o.ID = strconv.FormatInt(id, 10)
		o, err := plan.New(o, []byte(k.before), []byte(k.after))
		if err != nil {
			t.Fatal(err)
		}
		w.plan.Objects = append(w.plan.Objects, o)
		w.before[k.path], w.after[k.path] = k.before, k.after
	}
	if err := w.plan.Seal(); err != nil {
		t.Fatal(err)
	}
	w.o = Options{Client: w.client, Report: func(e Event) { w.events = append(w.events, e) },
		wait: func(ctx context.Context, _ time.Duration) error { return ctx.Err() }}
	return w
}

// quickFolder is in memory where that is possible: a run waits for the disk at
// every record, and these tests make thousands.
func quickFolder(t *testing.T) string {
	dir, err := os.MkdirTemp("/dev/shm", "imdsscan-test-")
	if err != nil {
		return t.TempDir()
	}
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	return dir
}

func connect(t *testing.T, s *emulator.Server) *workspace.Client {
	t.Helper()
	profile := filepath.Join(t.TempDir(), "databrickscfg")
	if err := os.WriteFile(profile, fmt.Appendf(nil, "[DEFAULT]\nhost = %s\ntoken = %s\nauth_type = pat\nrate_limit = 100000\nhttp_timeout_seconds = 1\n", s.URL(), s.Token()), 0o600); err != nil {
		t.Fatal(err)
	}
	t.Setenv("DATABRICKS_CONFIG_FILE", profile)
	t.Setenv("AWS_EC2_METADATA_DISABLED", "true")
	// Too short for a second attempt: the machine itself meets every fault.
	c, err := workspace.Connect(t.Context(), workspace.Options{Version: "1.0.0", RetryFor: time.Millisecond})
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// start applies the plan in a new run.
func (w *world) start() (string, Result, error) {
	w.t.Helper()
	r, err := Start(w.dir, w.plan)
	if err != nil {
		w.t.Fatal(err)
	}
	res, err := w.catch(r, func() (Result, error) { return r.Apply(w.t.Context(), w.o) })
	return r.Journal.ID, res, err
}

// again goes on with a run, or rolls it back, as a new process does.
func (w *world) again(id string, back bool) (Result, error) {
	w.t.Helper()
	r, err := Open(w.dir, id)
	if err != nil {
		w.t.Fatal(err)
	}
	return w.catch(r, func() (Result, error) {
		if back {
			return r.Rollback(w.t.Context(), w.o)
		}
		return r.Apply(w.t.Context(), w.o)
	})
}

var errCrash = errors.New("crash")

// catch turns a crash into an error, and ends what a dead process would have
// ended.
func (w *world) catch(r *Run, work func() (Result, error)) (res Result, err error) {
	defer r.Close()
	defer func() {
		if p := recover(); p != nil {
			if p != any(errCrash) {
				panic(p)
			}
			err = errCrash
		}
	}()
	return work()
}

func (w *world) content(path string) string {
	o, ok := w.s.Object(path)
	if !ok {
		return "(gone)"
	}
	return string(o.Content)
}

func (w *world) writes(path string) int {
	o, _ := w.s.Object(path)
	return o.Writes
}

// all wants each object to hold the contents, and to have been written so often.
func (w *world) all(want map[string]string, writes int) {
	w.t.Helper()
	for path, c := range want {
		if got := w.content(path); got != c {
			w.t.Errorf("%s holds %q, want %q", path, got, c)
		}
		if n := w.writes(path); writes >= 0 && n != writes {
			w.t.Errorf("%s was written %d times, want %d", path, n, writes)
		}
	}
}

// safe wants what holds at every moment: each object is original or wholly
// fixed, and what is fixed has its original in the backup.
func (w *world) safe(id string) {
	w.t.Helper()
	s, err := w.dir.Read(id)
	if err != nil {
		w.t.Fatal(err)
	}
	for path, before := range w.before {
		switch got := w.content(path); got {
		case before:
		case w.after[path]:
			st := s.Object("workspace:" + path)
			b, err := readBackup(w.dir, id, st.Before)
			if err != nil || b != before {
				w.t.Errorf("%s is fixed, and its backup is %q: %v", path, b, err)
			}
			if st.Writes == 0 {
				w.t.Errorf("%s is fixed, and the journal knows of no write", path)
			}
		default:
			w.t.Errorf("%s holds %q", path, got)
		}
	}
}

func (w *world) want(res Result, err error, code int, counts string) {
	w.t.Helper()
	if err != nil || res.Code != code {
		w.t.Errorf("exit status %d, want %d: %s %v", res.Code, code, res.Why, err)
	}
	if got := fmt.Sprint(res.Count); got != "map["+counts+"]" {
		w.t.Errorf("outcomes %s, want %s\n%+v", got, counts, w.events)
	}
}
