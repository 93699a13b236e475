package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/imdsscan/imdsscan/workspace"
	"github.com/imdsscan/imdsscan/workspace/enforce"
	"github.com/imdsscan/imdsscan/workspace/journal"
	"github.com/imdsscan/imdsscan/workspace/setting"
	"github.com/spf13/pflag"
)

const enforceHelp = `Usage: imdsscan enforce status|on|off [flags]

Shows and changes whether a workspace enforces IMDSv2: the switch "Enforce AWS
instance metadata v2" of its admin settings, enableEnforceImdsV2. Administrators
only.

Commands
  status   on, off or unknown, since when it is known, what runs from before, the
           history of the setting
  on       run preflight, ask, switch it on, read it back; --restart restarts
           interactive clusters
  off      write what the setting was before

The service keeps no history, so this machine does, below --state-dir, in a line
for each change and for each time the setting was seen to be another. A change is
written down before it is sent: when a process ends in between, the next command
looks, and says what became of it.

A workspace in which the setting was never set is unknown, not off: those created
since October 2022 may enforce IMDSv2 all the same.

`

// enforceOptions are the flags of enforce and its commands.
type enforceOptions struct {
	stateFlags
	formats []string
	color   string
	verbose bool

	// Of on and off.
	wait           time.Duration
	reason         string
	force          bool
	restart        bool
	parallel       int
	preflight      preflightOptions
	restartTimeout time.Duration
}

func enforceCommand(ctx context.Context, args []string, s streams) int {
	if len(args) == 0 || args[0] == "-h" || args[0] == "--help" {
		if len(args) == 0 {
			return usageError(s, errors.New("enforce needs to be told what: status, on or off (imdsscan enforce --help tells more)"))
		}
		fmt.Fprint(s.out, enforceHelp+"imdsscan enforce COMMAND --help tells the rest.\n")
		return exitClean
	}
	switch args[0] {
	case "status":
		return enforceStatus(ctx, args[1:], s)
	case "on", "off":
		return enforceSet(ctx, args[1:], args[0] == "on", s)
	}
	return usageError(s, fmt.Errorf("enforce has no command %q; imdsscan enforce --help lists them", args[0]))
}

// enforceFlags are a flag set with what all commands of enforce share.
func enforceFlags(name string, o *enforceOptions) *pflag.FlagSet {
	f := pflag.NewFlagSet("enforce "+name, pflag.ContinueOnError)
	f.SetOutput(io.Discard)
	f.Usage = func() {}
	f.SortFlags = false
	return f
}

// settingError tells why the setting could not be read or changed.
func settingError(ctx context.Context, s streams, err error) int {
	if ctx.Err() != nil {
		fmt.Fprintln(s.err, "imdsscan: interrupted")
		return exitInterrupted
	}
	fmt.Fprintf(s.err, "imdsscan: %s\n", printable(err.Error()))
	for _, kind := range []error{setting.ErrNotAdmin, setting.ErrNotAWS, setting.ErrNoSuchKey, workspace.ErrUnauthenticated, workspace.ErrCredentials, journal.ErrLocked} {
		if errors.Is(err, kind) {
			return exitUsage
		}
	}
	return exitIncomplete
}

// look reads the setting and takes it into the history, if no other process works
// on the workspace. What the history cannot take is told; the setting counts.
func look(ctx context.Context, c *workspace.Client, h enforce.History, s streams) (now setting.Setting, st *enforce.State, code int) {
	now, err := setting.Read(ctx, c, setting.EnforceIMDSv2)
	if err != nil {
		return now, nil, settingError(ctx, s, err)
	}
	st, err = keep(c, h, now)
	switch {
	case errors.Is(err, journal.ErrLocked):
		fmt.Fprintf(s.err, "imdsscan: %v; the history tells what is known without it\n", err)
		st, err = h.Read(c.Host())
	case err != nil && st != nil:
		fmt.Fprintf(s.err, "imdsscan: the history cannot be written on: %v\n", err)
		return now, st, exitIncomplete
	}
	if err != nil {
		fmt.Fprintf(s.err, "imdsscan: %v\n", err)
		return now, &enforce.State{}, exitIncomplete
	}
	return now, st, exitClean
}

// keep takes what was read into the history. A state beside an error is what
// the history says without it.
func keep(c *workspace.Client, h enforce.History, now setting.Setting) (*enforce.State, error) {
	lock, err := h.Dir.Lock(c.Host(), "a look at the setting")
	if err != nil {
		if st, bad := h.Read(c.Host()); bad == nil && !errors.Is(err, journal.ErrLocked) {
			return st, err
		}
		return nil, err
	}
	defer lock.Unlock()
	l, err := h.Open(c.Host())
	if err != nil {
		return nil, err
	}
	defer l.Close()
	user := c.User()
	return l.State, l.Looked(now, user)
}
