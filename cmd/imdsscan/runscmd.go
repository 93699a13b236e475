package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"slices"
	"strings"

	"github.com/imdsscan/imdsscan/workspace/apply"
	"github.com/imdsscan/imdsscan/workspace/backup"
	"github.com/imdsscan/imdsscan/workspace/journal"
	"github.com/spf13/pflag"
)

const rollbackHelp = `Usage: imdsscan rollback [flags] RUN

Puts back the originals of what a run of imdsscan apply or --fix wrote into a
workspace. Only what nobody changed since is touched; the rest is listed. It
asks before; without a terminal it needs --yes. imdsscan runs lists the runs.
A cluster that runs is left unless --restart-running is given, for putting back
its configuration restarts it.

What is put back is read again and compared. A rollback that was interrupted is
continued by running it again.

Exit status
  0    all that the run wrote is as it was before
  2    wrong usage, no connection, no such run, not confirmed
  3    something could not be read or written; run it again
  4    objects changed since the run wrote them; those were left
  5    the service stored something else than the original; the backup has it
  130  interrupted; the object in hand was finished

Flags
`

func rollbackCommand(ctx context.Context, args []string, s streams) int {
	var o stateFlags
	var restart bool
	f := pflag.NewFlagSet("rollback", pflag.ContinueOnError)
	o.add(f)
	f.BoolVar(&restart, "restart-running", false, restartUsage)
	err := f.Parse(args)
	switch {
	case errors.Is(err, pflag.ErrHelp):
		fmt.Fprint(s.out, rollbackHelp+f.FlagUsagesWrapped(80))
		return exitClean
	case err == nil && f.NArg() != 1:
		err = errors.New("rollback needs a run; imdsscan runs lists them")
	}
	if err != nil {
		return usageError(s, fmt.Errorf("%w (imdsscan rollback --help tells more)", err))
	}
	dir, err := o.dir()
	if err != nil {
		return usageError(s, err)
	}
	r, err := apply.Open(dir, f.Arg(0))
	if err != nil {
		return runError(s, err)
	}
	defer r.Close()
	st := r.Journal.State
	n := st.Count(func(x journal.Object) bool { return x.Writes > 0 })
	if n == 0 {
		fmt.Fprintf(s.err, "imdsscan: run %s wrote nothing; there is nothing to put back\n", r.Journal.ID)
		return exitClean
	}
	if !o.yes && !canAsk(s) {
		return usageError(s, errors.New("there is no terminal to ask on: give --yes to put the originals back"))
	}
	client, err := connectTo(ctx, o.profile)
	if err != nil {
		return usageError(s, err)
	}
	if client.Host() != st.Header.Host {
		return usageError(s, fmt.Errorf("the run wrote to %s, and this is %s: choose its --profile", st.Header.Host, client.Host()))
	}
	if !o.yes && !ask(ctx, s, fmt.Sprintf("Put back the originals of %s in %s, where nobody changed them since?", objects(n), st.Header.Host)) {
		fmt.Fprintln(s.err, "imdsscan: nothing was changed")
		return exitUsage
	}
	if running := r.Running(ctx, client); len(running) > 0 && !restart && !o.yes {
		restart = ask(ctx, s, fmt.Sprintf("%s: putting back their configuration restarts them. Restart them? Else they are left", printable(strings.Join(running, ", "))))
	}
	res, err := r.Rollback(ctx, apply.Options{Client: client, Restart: restart, Waiting: waitingFor(s), Report: func(e apply.Event) { printEvent(s, &o, e) }})
	if err != nil {
		return runError(s, err)
	}
	printEnd(s, &o, r.Journal.ID, &res)
	if res.Open > 0 || res.Count[apply.Failed] > 0 {
		fmt.Fprintf(s.err, "imdsscan: to go on: %s\n", o.command("rollback", r.Journal.ID))
	}
	printRestarts(s, r)
	return res.Code
}

const restartUsage = "change clusters that run, too, which restarts them"

const runsHelp = `Usage: imdsscan runs [flags] [RUN]

Lists the runs that wrote into workspaces from this machine, the latest last: a
line a run, its id first, what it did and what is left to do. With a RUN, lists
its objects, and where the backups of the originals are.

Flags
`

func runsCommand(_ context.Context, args []string, s streams) int {
	var o stateFlags
	f := pflag.NewFlagSet("runs", pflag.ContinueOnError)
	f.SetOutput(io.Discard)
	f.Usage = func() {}
	f.StringVar(&o.stateDir, "state-dir", "", stateDirUsage)
	err := f.Parse(args)
	switch {
	case errors.Is(err, pflag.ErrHelp):
		fmt.Fprint(s.out, runsHelp+f.FlagUsagesWrapped(80))
		return exitClean
	case err == nil && f.NArg() > 1:
		err = errors.New("runs takes one run, or none")
	}
	if err != nil {
		return usageError(s, fmt.Errorf("%w (imdsscan runs --help tells more)", err))
	}
	dir, err := o.dir()
	if err != nil {
		return usageError(s, err)
	}
	if f.NArg() == 1 {
		return runObjects(&o, dir, f.Arg(0), s)
	}
	ids, err := dir.List()
	if err != nil {
		return runError(s, err)
	}
	code := exitClean
	for _, id := range ids {
		st, err := dir.Read(id)
		if err != nil {
			fmt.Fprintf(s.err, "imdsscan: %s: %v\n", id, err)
			code = exitIncomplete
			continue
		}
		fmt.Fprintf(s.out, "%s  %s  %s  %s\n", id, st.Began.Format("2006-01-02 15:04 UTC"), printable(st.Header.Host), runLine(&o, id, st))
	}
	return code
}

// runLine is what a run did, and what is left to do.
func runLine(o *stateFlags, id string, st *journal.State) string {
	is := func(in ...journal.Status) int {
		return st.Count(func(o journal.Object) bool { return slices.Contains(in, o.Status) })
	}
	var parts []string
	add := func(n int, what string) {
		if n > 0 {
			parts = append(parts, fmt.Sprintf("%d %s", n, what))
		}
	}
	add(is(journal.Written), "written")
	add(st.Count(func(o journal.Object) bool { return o.Status == journal.Original && st.Back }), "put back")
	add(st.Count(func(o journal.Object) bool { return o.Status == journal.Original && !st.Back }), "as before")
	add(st.Count(func(o journal.Object) bool { return o.Status == journal.Untouched && o.Skipped != "" }), "left alone")
	add(is(journal.Foreign), "changed by somebody")
	add(is(journal.Damaged, journal.Altered), "neither new nor original")
	add(is(journal.Writing, journal.Restoring), "not known")
	line := strings.Join(parts, ", ")
	if line == "" {
		line = "nothing written"
	}
	line = fmt.Sprintf("of %d: %s", st.Header.Objects, line)
	switch open := st.Open(); {
	case !st.Ended && st.Back:
		return line + "; being rolled back, or that was interrupted: " + o.command("rollback", id)
	case !st.Ended:
		return line + "; running, or interrupted: " + o.command("apply --resume", id)
	case st.Back && st.Code == exitIncomplete || st.Back && st.Code == exitInterrupted:
		return line + "; partly rolled back: " + o.command("rollback", id)
	case st.Back:
		return line + "; rolled back"
	case st.Stop != "":
		return line + "; stopped: " + printable(st.Stop)
	case open > 0:
		return line + fmt.Sprintf("; %d to do: %s", open, o.command("apply --resume", id))
	}
	return line
}

func runObjects(o *stateFlags, dir journal.Dir, id string, s streams) int {
	st, err := dir.Read(id)
	if err != nil {
		return runError(s, err)
	}
	store := backup.Store{Folder: apply.BackupFolder(dir.Folder(id))}
	fmt.Fprintf(s.out, "%s  %s  %s  %s\n", id, st.Began.Format("2006-01-02 15:04 UTC"), printable(st.Header.Host), runLine(o, id, st))
	fmt.Fprintf(s.out, "  user %s, imdsscan %s, journal %s\n", printable(st.Header.User), printable(st.Header.Tool), filepath.Join(dir.Folder(id), "journal.jsonl"))
	for _, name := range st.Names {
		x := st.Object(name)
		fmt.Fprintf(s.out, "%s  %s\n", x.Status, printable(name))
		for _, why := range []string{x.Skipped, x.Failed, x.Drift} {
			if why != "" {
				fmt.Fprintf(s.out, "  %s\n", printable(why))
			}
		}
		if x.Before != "" {
			fmt.Fprintf(s.out, "  original: %s\n", store.File(x.Before))
		}
		if x.DBC != "" {
			fmt.Fprintf(s.out, "  DBC copy: %s\n", store.File(x.DBC))
		}
		if x.Scratch != "" {
			fmt.Fprintf(s.out, "  delete by hand, if it is there: %s\n", printable(x.Scratch))
		}
	}
	return exitClean
}
