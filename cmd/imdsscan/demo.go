package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/imdsscan/imdsscan/workspace/emulator"
	"github.com/imdsscan/imdsscan/workspace/emulator/example"
	"github.com/spf13/pflag"
)

const demoHelp = `Usage: imdsscan demo [flags]

Shows the way from the first scan to a clean workspace, on a workspace that
exists only in this process: a server on 127.0.0.1 with the notebooks, init
scripts, clusters and jobs of a company. No account is needed and nothing is
sent to anywhere else. What you see are the commands themselves; each runs as it
would on a workspace of yours.

With --serve the workspace stays up, and the variables are printed with which
imdsscan and other tools find it, until Ctrl-C.

Exit status
  0    every command ended as the demo expects
  2    wrong usage
  3    one of the commands did not; its output tells more
  130  interrupted

Flags
`

// step is a command of the demo and what it shows.
type step struct {
	why  string
	args []string
	// exit are the exit statuses with which it may end.
	exit []int
}

func demo(ctx context.Context, args []string, s streams) int {
	var serve bool
	f := pflag.NewFlagSet("demo", pflag.ContinueOnError)
	f.SetOutput(io.Discard)
	f.Usage = func() {}
	f.SortFlags = false
	f.BoolVar(&serve, "serve", false, "keep the workspace up for commands of your own")
	err := f.Parse(args)
	switch {
	case errors.Is(err, pflag.ErrHelp):
		fmt.Fprint(s.out, demoHelp+f.FlagUsagesWrapped(80))
		return exitClean
	case err == nil && f.NArg() > 0:
		err = fmt.Errorf("demo takes no %q: it has a workspace of its own", f.Arg(0))
	}
	if err != nil {
		return usageError(s, fmt.Errorf("%w (imdsscan demo --help tells more)", err))
	}
	server := example.New(emulator.Options{})
	defer server.Close()
	if serve {
		return serveDemo(ctx, server, s)
	}
	dir, err := os.MkdirTemp("", "imdsscan-demo-")
	if err != nil {
		fmt.Fprintf(s.err, "imdsscan: %v\n", err)
		return exitIncomplete
	}
	defer os.RemoveAll(dir)
	if err := os.Chdir(dir); err != nil {
		fmt.Fprintf(s.err, "imdsscan: %v\n", err)
		return exitIncomplete
	}
	return playDemo(ctx, server, s)
}

// demoSteps are the commands of the demo.
func demoSteps() []step {
	return []step{
		{"What in the workspace would break once tokens are required?",
			[]string{"check", "workspace:/"}, []int{exitFindings, exitIncomplete}},
		{"How would one notebook change?",
			[]string{"check", "--diff", "workspace:/Users/ana.silva@example.com"}, []int{exitFindings}},
		{"Write down all safe changes, to be looked at and agreed on.",
			[]string{"plan", "-o", "plan.json", "workspace:/"}, []int{exitClean, exitFindings, exitIncomplete}},
		{"Carry out exactly that plan, with backups.",
			[]string{"apply", "--yes", "--state-dir", "state", "plan.json"}, []int{exitClean}},
		{"What was done can be undone: imdsscan rollback takes the id.",
			[]string{"runs", "--state-dir", "state"}, []int{exitClean}},
		{"The init scripts, too, and at once. What runs them has to be restarted.",
			[]string{"check", "--fix", "--yes", "--include-init-scripts", "--state-dir", "state", "workspace:/"}, []int{exitFindings, exitIncomplete}},
		{"What is left for people to do?",
			[]string{"check", "workspace:/"}, []int{exitFindings, exitIncomplete}},
	}
}

// playDemo runs the steps against the server, in the current folder. It sets
// the variables of this process, so that each command finds the workspace the
// way it always does.
func playDemo(ctx context.Context, server *emulator.Server, s streams) int {
	for _, kv := range os.Environ() {
		if name, _, _ := strings.Cut(kv, "="); strings.HasPrefix(name, "DATABRICKS_") || strings.HasPrefix(name, "ARM_") || strings.HasPrefix(name, "GOOGLE_") {
			os.Unsetenv(name)
		}
	}
	os.Setenv("DATABRICKS_CONFIG_FILE", os.DevNull)
	os.Setenv("DATABRICKS_HOST", server.URL())
	os.Setenv("DATABRICKS_TOKEN", server.Token())
	for i, st := range demoSteps() {
		if i > 0 {
			fmt.Fprintln(s.out)
		}
		fmt.Fprintf(s.out, "# %s\n$ imdsscan %s\n", st.why, strings.Join(st.args, " "))
		code := run(ctx, st.args, s)
		if ctx.Err() != nil {
			return exitInterrupted
		}
		if !slices.Contains(st.exit, code) {
			fmt.Fprintf(s.err, "imdsscan: %s ended with exit status %d, which the demo does not expect\n", st.args[0], code)
			return exitIncomplete
		}
	}
	return exitClean
}

func serveDemo(ctx context.Context, server *emulator.Server, s streams) int {
	fmt.Fprintf(s.out, "export DATABRICKS_HOST=%s\nexport DATABRICKS_TOKEN=%s\n", server.URL(), server.Token())
	fmt.Fprintln(s.err, "imdsscan: the workspace is up until Ctrl-C; in another terminal, set these and try: imdsscan check workspace:/")
	<-ctx.Done()
	time.Sleep(10 * time.Millisecond) // the requests in hand
	return exitInterrupted
}
