package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"

	"github.com/imdsscan/imdsscan/report"
	"github.com/imdsscan/imdsscan/report/result"
	"github.com/imdsscan/imdsscan/workspace"
	"github.com/imdsscan/imdsscan/workspace/enforce"
	"github.com/imdsscan/imdsscan/workspace/setting"
	"github.com/spf13/pflag"
)

const enforceStatusHelp = `Usage: imdsscan enforce status [flags]

Shows whether the workspace enforces IMDSv2, since when, as far as this machine
knows, what runs or is kept on instances from before, which still answer calls
without a token, and the history of the setting on this machine. It changes
nothing in the workspace.

Exit status
  0    the setting was read, whatever it is
  1    it was on, and somebody else than imdsscan on this machine has changed it
  2    wrong usage, no connection, not an administrator, not on AWS
  3    something could not be read, or the history not be written
  130  interrupted

Flags
`

func enforceStatus(ctx context.Context, args []string, s streams) int {
	var o enforceOptions
	f := enforceFlags("status", &o)
	f.StringVarP(&o.profile, "profile", "p", "", "the `section` of ~/.databrickscfg to use")
	f.StringVar(&o.stateDir, "state-dir", "", stateDirUsage)
	f.StringArrayVar(&o.formats, "format", nil, "`NAME[=FILE]`: text or json, to standard output or a file; repeatable")
	f.StringVar(&o.color, "color", "auto", "auto, always or never; NO_COLOR is heeded")
	f.BoolVarP(&o.quiet, "quiet", "q", false, "leave out the history and the notes")
	f.BoolVarP(&o.verbose, "verbose", "v", false, "list all of what runs from before, and the blockers that were overruled")
	err := f.Parse(args)
	switch {
	case errors.Is(err, pflag.ErrHelp):
		fmt.Fprint(s.out, enforceStatusHelp+f.FlagUsagesWrapped(80))
		return exitClean
	case err == nil && f.NArg() > 0:
		err = fmt.Errorf("enforce status takes no argument, not %q", f.Arg(0))
	case err == nil && !slices.Contains([]string{"auto", "always", "never"}, o.color):
		err = fmt.Errorf("--color is auto, always or never, not %q", o.color)
	case err == nil:
		err = validFormats(o.formats, "text", "json")
	}
	if err != nil {
		return usageError(s, fmt.Errorf("%w (imdsscan enforce status --help tells more)", err))
	}
	dir, err := o.dir()
	if err != nil {
		return usageError(s, err)
	}
	client, err := connectTo(ctx, o.profile)
	if err != nil {
		return monitorError(ctx, s, err)
	}
	h := enforce.History{Dir: dir}
	now, st, code := look(ctx, client, h, s)
	if st == nil {
		return code
	}
	r := enforcement(client, h, now, st)
	if now.Value == setting.On {
		inv, unread, err := readInventory(ctx, client)
		if err != nil {
			return settingError(ctx, s, err)
		}
		st = rememberClean(client, h, inv, st)
		if r.Running, r.Unread = shown(heldBefore(inv, now, st)), unread; len(unread) > 0 {
			code = exitIncomplete
		}
	}
	err = printFormats(o.formats, s.out, func(w io.Writer, name string, toFile bool) error {
		if name == "json" {
			return report.EnforcementJSON(w, r)
		}
		return report.Enforcement(w, r, report.Options{Color: !toFile && colored(o.color, s.out), Quiet: o.quiet, Verbose: o.verbose})
	})
	switch {
	case err != nil:
		fmt.Fprintf(s.err, "imdsscan: %v\n", err)
		return exitIncomplete
	case code == exitClean && !r.Lost.IsZero():
		return exitFindings
	}
	return code
}

// enforcement is what is known of the setting, as reports show it.
func enforcement(c *workspace.Client, h enforce.History, now setting.Setting, st *enforce.State) *result.Enforcement {
	user := c.User()
	r := &result.Enforcement{Tool: tool(), Taken: started(clock()), Workspace: c.Host(), User: user, Key: now.Key, Setting: string(now.Value), Raw: now.Raw,
		Waiting: st.Open() != nil, Events: events(st)}
	if len(st.Records) > 0 {
		r.Kept = h.File(c.Host())
	}
	// The history may be older than the look, where it could not be written on.
	if st.Value == now.Value {
		r.Since, r.Exact = st.Since, st.Exact
		if st.By != nil {
			r.By = st.By.User
		}
		r.Lost = st.Lost
	}
	r.Notes = settingNotes(r, st)
	return r
}

// settingNotes say what else has to be known of the setting.
func settingNotes(r *result.Enforcement, st *enforce.State) []string {
	var notes []string
	if n := len(st.Switches); n > 0 && st.Switches[n-1].Outcome == enforce.NoEffect && st.By == nil && st.Value == setting.ValueOf(st.Switches[n-1].New) {
		x := st.Switches[n-1]
		notes = append(notes, fmt.Sprintf("%s asked for it with imdsscan on %s, and had not seen it take effect by %s", x.User, x.Time.Format(exactly), x.Settled.Format(exactly)))
	}
	if !r.Lost.IsZero() {
		notes = append(notes, revertedBy, "imdsscan enforce on switches it on again; imdsscan enforce off, that it is to be so")
	}
	if r.Setting == string(setting.Unknown) {
		notes = append(notes, "never set is not off: workspaces created since October 2022 may enforce IMDSv2 without it; the admin settings, under Compute, show what is in force")
	}
	return notes
}

// exactly is a time to the second.
const exactly = "2006-01-02 15:04:05 UTC"

// revertedBy says who may have changed a setting, most likely first.
const revertedBy = "who it was: Terraform first, whose databricks_workspace_conf sets what its configuration says with each apply and resets enable… keys to false when it is destroyed; " +
	"else another administrator, or imdsscan on another machine. The audit log has it: system.access.audit, action_name workspaceConfEdit"

// events are the history of the setting, as reports show it.
func events(st *enforce.State) []result.SettingEvent {
	var out []result.SettingEvent
	at := map[int]int{}
	for i := range st.Records {
		r := &st.Records[i]
		x := result.SettingEvent{Time: r.Time, User: r.User, Old: r.Old, New: r.New, Reason: r.Reason, Forced: r.Forced, Blockers: r.Blockers}
		switch r.Step {
		case enforce.Seen:
			x.Kind, x.New = result.SettingSeen, r.Value
		case enforce.Change:
			x.Kind = result.SettingChange
		case enforce.Accepted:
			x.Kind = result.SettingAccepted
		case enforce.Restart:
			x.Kind, x.Object = result.SettingRestart, r.Name
		case enforce.Settled, enforce.Restarted:
			e := &out[at[r.Of]]
			e.Outcome, e.Settled, e.Late, e.Why = string(r.Outcome), r.Time, r.Late, r.Why
			continue
		default:
			continue
		}
		at[r.N] = len(out)
		out = append(out, x)
	}
	return out
}
