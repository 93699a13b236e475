package main

import (
	"context"
	"fmt"
	"os"
	"slices"
	"strings"
	"sync/atomic"
	"time"

	"github.com/imdsscan/imdsscan/workspace/emulator"
	"github.com/imdsscan/imdsscan/workspace/emulator/example"
)

// world is what the demo plays in: a workspace, the AWS account around it, and
// their clock, which is also the commands'.
type world struct {
	workspace *emulator.Server
	account   *example.Account
	ahead     atomic.Int64 // nanoseconds that people let pass
}

// demoBegins is the time in the demo when it starts: always the same, so that it
// shows the same each time. What is counted by the hour is not near it.
var demoBegins = time.Date(2026, 11, 24, 9, 10, 0, 0, time.UTC)

// newWorld starts the servers; their clock begins at a time.
func newWorld(at time.Time) (*world, error) {
	w := &world{}
	begin := time.Now()
	clock = func() time.Time { return at.Add(time.Since(begin) + time.Duration(w.ahead.Load())) }
	w.workspace = example.New(emulator.Options{Now: clock, RestartTime: 300 * time.Millisecond})
	var err error
	if w.account, err = example.NewAccount(w.workspace, clock); err != nil {
		w.workspace.Close()
	}
	return w, err
}

func (w *world) close() {
	_ = w.account.Close()
	w.workspace.Close()
}

// env are the variables with which tools find the two.
func (w *world) env() map[string]string {
	env := w.account.Env()
	env["DATABRICKS_HOST"], env["DATABRICKS_TOKEN"], env["DATABRICKS_CONFIG_FILE"] = w.workspace.URL(), w.workspace.Token(), os.DevNull
	return env
}

// later lets time pass.
func (w *world) later(d time.Duration) {
	w.ahead.Add(int64(d))
	w.account.Follow()
}

// step is a command of the demo and what it shows.
type step struct {
	why  string
	args []string
	// exit are the exit statuses with which it may end.
	exit []int
	// before is what people do and time brings before it; after, what follows.
	before, after func(*world)
}

// play runs the steps in the current folder. It sets the variables of this
// process, so that each command finds the workspace the way it always does.
func (w *world) play(ctx context.Context, s streams) int {
	for _, kv := range os.Environ() {
		name, _, _ := strings.Cut(kv, "=")
		for _, prefix := range []string{"DATABRICKS_", "ARM_", "GOOGLE_", "AWS_"} {
			if strings.HasPrefix(name, prefix) {
				os.Unsetenv(name)
			}
		}
	}
	os.Unsetenv("SOURCE_DATE_EPOCH") // the demo has a clock
	for name, value := range w.env() {
		os.Setenv(name, value)
	}
	for i, st := range demoSteps() {
		if i > 0 {
			fmt.Fprintln(s.out)
		}
		if st.before != nil {
			st.before(w)
		}
		for _, line := range strings.Split(st.why, "\n") {
			fmt.Fprintf(s.out, "# %s\n", line)
		}
		fmt.Fprintf(s.out, "$ imdsscan %s\n", strings.Join(st.args, " "))
		code := run(ctx, st.args, s)
		if ctx.Err() != nil {
			return exitInterrupted
		}
		if !slices.Contains(st.exit, code) {
			fmt.Fprintf(s.err, "imdsscan: %s ended with exit status %d, which the demo does not expect\n", st.args[0], code)
			return exitIncomplete
		}
		if st.after != nil {
			st.after(w)
		}
	}
	return exitClean
}
