package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"slices"
	"time"

	"github.com/spf13/pflag"
)

const demoHelp = `Usage: imdsscan demo [flags]

Shows the migration from the first scan to the quiet metric, on a workspace and an
AWS account that exist only in this process: servers on 127.0.0.1 with the
notebooks, init scripts, clusters and jobs of a company, and its instances. No
account is needed and nothing is sent to anywhere else. What you see are the
commands themselves; each runs as it would on a workspace of yours. Where people
have work to do, or time has to pass, the demo says so and makes it so.

With --serve both stay up, and the variables are printed with which imdsscan and
other tools find them, until Ctrl-C.

Exit status
  0    every command ended as the demo expects
  2    wrong usage
  3    one of the commands did not; its output tells more
  130  interrupted

Flags
`

func demo(ctx context.Context, args []string, s streams) int {
	var serve bool
	var keep string
	f := pflag.NewFlagSet("demo", pflag.ContinueOnError)
	f.SetOutput(io.Discard)
	f.Usage = func() {}
	f.SortFlags = false
	f.BoolVar(&serve, "serve", false, "keep the workspace up for commands of your own")
	f.StringVar(&keep, "dir", "", "keep what the commands write in this `folder`: the plan, backups, results, the page")
	err := f.Parse(args)
	switch {
	case errors.Is(err, pflag.ErrHelp):
		fmt.Fprint(s.out, demoHelp+f.FlagUsagesWrapped(80))
		return exitClean
	case err == nil && serve && keep != "":
		err = errors.New("--serve runs no commands, so that there is nothing to keep in --dir")
	case err == nil && f.NArg() > 0:
		err = fmt.Errorf("demo takes no %q: it has a workspace of its own", f.Arg(0))
	}
	if err != nil {
		return usageError(s, fmt.Errorf("%w (imdsscan demo --help tells more)", err))
	}
	at := demoBegins
	if serve {
		at = time.Now()
	}
	w, err := newWorld(at)
	if err != nil {
		fmt.Fprintf(s.err, "imdsscan: %v\n", err)
		return exitIncomplete
	}
	defer w.close()
	if serve {
		return serveDemo(ctx, w, s)
	}
	dir := keep
	if keep == "" {
		if dir, err = os.MkdirTemp("", "imdsscan-demo-"); err == nil {
			defer os.RemoveAll(dir)
		}
	} else {
		err = newFolder(dir)
	}
	if err == nil {
		err = os.Chdir(dir)
	}
	if err != nil {
		fmt.Fprintf(s.err, "imdsscan: %v\n", err)
		return exitIncomplete
	}
	return w.play(ctx, s)
}

func serveDemo(ctx context.Context, w *world, s streams) int {
	env := w.env()
	for _, name := range slices.Sorted(maps.Keys(env)) {
		fmt.Fprintf(s.out, "export %s=%s\n", name, env[name])
	}
	fmt.Fprintln(s.err, "imdsscan: the workspace is up until Ctrl-C; in another terminal, set these and try: imdsscan check workspace:/")
	tick := time.NewTicker(time.Second)
	defer tick.Stop()
	for ctx.Err() == nil {
		select {
		case <-tick.C:
			w.account.Follow() // clusters restart, and data points come
		case <-ctx.Done():
		}
	}
	time.Sleep(10 * time.Millisecond) // the requests in hand
	return exitInterrupted
}

// newFolder makes a folder, or takes one that is empty.
func newFolder(dir string) error {
	if err := os.MkdirAll(dir, 0o777); err != nil {
		return err
	}
	entries, err := os.ReadDir(dir)
	if err == nil && len(entries) > 0 {
		err = fmt.Errorf("%s is not empty: the demo writes into a folder of its own", dir)
	}
	return err
}
