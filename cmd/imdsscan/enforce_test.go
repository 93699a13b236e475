package main

import (
	"context"
	"errors"
	"math/rand/v2"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

	"github.com/databricks/databricks-sdk-go/service/compute"

	"github.com/imdsscan/imdsscan/workspace/emulator"
	"github.com/imdsscan/imdsscan/workspace/enforce"
	"github.com/imdsscan/imdsscan/workspace/journal"
	"github.com/imdsscan/imdsscan/workspace/setting"
)

const confAPI = "/api/2.0/workspace-conf"

// enforceWorld is a workspace with a cluster from before, and a state folder.
type enforceWorld struct {
	*emulator.Server
	t     *testing.T
	state string
}

func newEnforceWorld(t *testing.T) *enforceWorld {
	w := &enforceWorld{emulator.New(emulator.Options{RestartTime: 20 * time.Millisecond}), t, t.TempDir()}
	t.Cleanup(w.Close)
	w.AddCluster(compute.ClusterDetails{ClusterId: "0101-000000-etl00001", ClusterName: "etl", State: compute.StateRunning, SparkVersion: "16.4.x-scala2.12",
		NodeTypeId: "m5.large", NumWorkers: 1, StartTime: time.Now().Add(-time.Hour).UnixMilli()})
	for k, v := range map[string]string{"DATABRICKS_HOST": w.URL(), "DATABRICKS_TOKEN": w.Token(), "DATABRICKS_AUTH_TYPE": "pat",
		"DATABRICKS_CONFIG_FILE": os.DevNull, "DATABRICKS_RATE_LIMIT": "100000", "AWS_EC2_METADATA_DISABLED": "true"} {
		t.Setenv(k, v)
	}
	return w
}

func (w *enforceWorld) run(ctx context.Context, args ...string) (code int, stdout, stderr string) {
	return runTest(ctx, "", append(append([]string{"enforce"}, args...), "--state-dir", w.state)...)
}

func (w *enforceWorld) history() (enforce.History, *enforce.State) {
	w.t.Helper()
	h := enforce.History{Dir: journal.NewDir(w.state, time.Now)}
	st, err := h.Read(w.URL())
	if err != nil {
		w.t.Fatal(err)
	}
	return h, st
}

// agrees looks with enforce status: afterwards the history says what the workspace
// is, and what became of every change that was sent.
func (w *enforceWorld) agrees(sent int) {
	w.t.Helper()
	if code, _, stderr := w.run(w.t.Context(), "status"); code != exitClean {
		w.t.Fatalf("status %d: %s", code, stderr)
	}
	h, st := w.history()
	raw, _ := w.Conf(setting.EnforceIMDSv2)
	_, _, on := h.Since(w.URL())
	if on != (raw == "true") || st.Raw != raw {
		w.t.Errorf("the setting is %q, in the history %q, on %v", raw, st.Raw, on)
	}
	if len(st.Switches) < sent {
		w.t.Errorf("%d changes in the history, %d were sent", len(st.Switches), sent)
	}
	for _, x := range st.Switches {
		if x.Settled.IsZero() {
			w.t.Errorf("not settled: %+v", x)
		}
	}
}

// Interrupted at any call, it says what is known, and so does the history.
func TestEnforceInterruptedAtEachCall(t *testing.T) {
	step := 1
	if testing.Short() {
		step = 3
	}
	for call := 0; ; call += step {
		w := newEnforceWorld(t)
		ctx, cancel := context.WithCancel(t.Context())
		hit := false
		w.Inject(emulator.Fault{After: call, Hook: func(*emulator.Server) { hit = true; cancel() }})
		code, stdout, stderr := w.run(ctx, "on", "--yes")
		cancel()
		w.Clear()
		sent := w.Count("PATCH", confAPI)
		switch {
		case !hit:
			if code != exitClean || sent != 1 || call < 15 {
				t.Errorf("after %d calls: status %d, sent %d times\n%s%s", call, code, sent, stdout, stderr)
			}
			return
		case code != exitInterrupted && !(code == exitClean && sent == 1):
			t.Errorf("call %d: status %d\n%s%s", call, code, stdout, stderr)
		case sent == 0 && !strings.Contains(stderr, "interrupted"):
			t.Errorf("call %d: %s", call, stderr)
		}
		if _, st := w.history(); len(st.Switches) != sent {
			t.Errorf("call %d: sent %d times, %d in the history", call, sent, len(st.Switches))
		}
		w.agrees(sent)
		w.Close()
	}
}

// A process is killed around the change. The next look settles what it left.
func TestEnforceKilled(t *testing.T) {
	exe, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	runs := 12
	if testing.Short() {
		runs = 4
	}
	late := 0
	for i := range runs {
		w := newEnforceWorld(t)
		if i%3 == 0 {
			w.DelayConf(50 * time.Millisecond)
		}
		cmd := exec.Cmd{Path: exe, Args: []string{"imdsscan", "enforce", "on", "--yes", "--state-dir", w.state}}
		delay := rand.N(30 * time.Millisecond)
		started := make(chan *os.Process, 1)
		w.Inject(emulator.Fault{Method: "PATCH", Path: confAPI, Times: 1, Hook: func(*emulator.Server) {
			p := <-started
			if i%2 == 0 { // before it is carried out
				_ = p.Kill()
				return
			}
			time.AfterFunc(delay, func() { _ = p.Kill() })
		}})
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		started <- cmd.Process
		err := cmd.Wait()
		var exit *exec.ExitError
		if err != nil && (!errors.As(err, &exit) || exit.Exited()) {
			t.Fatal(err)
		}
		time.Sleep(60 * time.Millisecond) // the change that was in hand
		w.agrees(1)
		if _, st := w.history(); st.Switches[0].Late {
			late++
		}
		if code, _, stderr := w.run(t.Context(), "on", "--yes"); code != exitClean {
			t.Errorf("it does not go on: %d, %s", code, stderr)
		}
		w.Close()
	}
	if late == 0 {
		t.Error("no process was killed before it had looked")
	}
}

// A second one is kept away, and a look in between disturbs nothing.
func TestEnforceTwiceAtOnce(t *testing.T) {
	w := newEnforceWorld(t)
	w.Inject(emulator.Fault{Method: "PATCH", Path: confAPI, Hook: func(*emulator.Server) {
		for _, command := range []string{"on", "off"} {
			if code, _, stderr := w.run(t.Context(), command, "--yes"); code != exitUsage || !strings.Contains(stderr, "another run works on this workspace") || !strings.Contains(stderr, "imdsscan enforce on") {
				t.Errorf("%s: status %d, %s", command, code, stderr)
			}
		}
		code, stdout, stderr := w.run(t.Context(), "status")
		if code != exitClean || !strings.Contains(stderr, "the history tells what is known without it") || !strings.Contains(stdout, "waiting:") {
			t.Errorf("status %d, %s%s", code, stdout, stderr)
		}
	}})
	if code, _, stderr := w.run(t.Context(), "on", "--yes"); code != exitClean {
		t.Errorf("status %d, %s", code, stderr)
	}
	if n := w.Count("PATCH", confAPI); n != 1 {
		t.Errorf("sent %d times", n)
	}
	if _, st := w.history(); len(st.Switches) != 1 || st.Switches[0].Late || !st.Exact {
		t.Errorf("%+v", st)
	}
}

// The setting changes while the answer is awaited: nothing is sent.
func TestEnforceChangedMeanwhile(t *testing.T) {
	w := newEnforceWorld(t)
	w.SetConf(setting.EnforceIMDSv2, "true")
	w.Inject(emulator.Fault{Method: "GET", Path: confAPI, After: 1, Hook: func(s *emulator.Server) { s.SetConf(setting.EnforceIMDSv2, "false") }})
	code, _, stderr := w.run(t.Context(), "off", "--yes")
	if code != exitChanged || !strings.Contains(stderr, `the setting has changed meanwhile: it was "true", and is "false"; nothing was changed`) || w.Count("PATCH", confAPI) != 0 {
		t.Errorf("status %d, %s", code, stderr)
	}
}

// Interrupted while clusters restart: what was asked for goes on, and the history
// says so.
func TestEnforceInterruptedRestart(t *testing.T) {
	w := newEnforceWorld(t)
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	w.Inject(emulator.Fault{Method: "POST", Path: "/api/2.1/clusters/restart", Hook: func(*emulator.Server) { cancel() }})
	code, stdout, stderr := w.run(ctx, "on", "--yes", "--restart")
	if code != exitInterrupted || !strings.Contains(stdout, "is on since") || !strings.Contains(stderr, "restarts that were asked for go on") {
		t.Errorf("status %d\n%s%s", code, stdout, stderr)
	}
	_, st := w.history()
	if last := st.Records[len(st.Records)-1]; last.Step != enforce.Restarted || last.Outcome != "on its way" || !last.Back.IsZero() {
		t.Errorf("%+v", last)
	}
}

// The way back that enforce on names is the one that enforce off goes, and what
// somebody wrote into the setting does nothing to the terminal.
func TestEnforceNamesTheWayBack(t *testing.T) {
	for raw, want := range map[string]string{"false": "(it writes false, as it was)", "no\x1b[31m\nReady": `(it writes false; it was "no\x1b[31m\nReady", which is neither true nor false)`} {
		w := newEnforceWorld(t)
		w.SetConf(setting.EnforceIMDSv2, raw)
		code, _, stderr := w.run(t.Context(), "on", "--yes", "--force", "--reason", "test")
		if code != exitClean || !strings.Contains(stderr, want) || strings.Contains(stderr, "\x1b") {
			t.Errorf("exit %d, want %s in %q", code, want, stderr)
		}
		if code, _, stderr := w.run(t.Context(), "off", "--yes"); code != exitClean {
			t.Errorf("off: %d %s", code, stderr)
		}
		if v, _ := w.Conf(setting.EnforceIMDSv2); v != "false" {
			t.Errorf("off wrote %q", v)
		}
	}
}

// Where the clusters cannot be read, it does not say that none runs.
func TestEnforceWithoutTheListOfClusters(t *testing.T) {
	w := newEnforceWorld(t)
	w.Deny("/api/2.1/clusters/list")
	code, _, stderr := w.run(t.Context(), "on", "--yes", "--force", "--reason", "test", "--restart")
	if code != exitIncomplete || !strings.Contains(stderr, "nothing runs, as far as could be read") || !strings.Contains(stderr, "no cluster is there to be restarted, as far as could be read") {
		t.Errorf("exit %d\n%s", code, stderr)
	}
}
