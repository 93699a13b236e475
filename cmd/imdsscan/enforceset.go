package main

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/imdsscan/imdsscan/report"
	"github.com/imdsscan/imdsscan/workspace"
	"github.com/imdsscan/imdsscan/workspace/enforce"
	"github.com/imdsscan/imdsscan/workspace/setting"
	"github.com/spf13/pflag"
)

const enforceOnHelp = `Usage: imdsscan enforce on [flags]

Switches the enforcement of IMDSv2 on in a workspace. It runs imdsscan preflight
first, and refuses while anything blocks, or while something could not be read:
what is in there nobody knows. --results and --evidence give it what was found
before, in place of a scan that takes long. Then it shows what would change and
what has to be restarted, and asks; without a terminal it needs --yes.

The change is sent once, and what counts is what is read afterwards: the setting
is read until it is on, for --wait at most. A lost answer is no reason to send
again. When it has taken effect, the command that undoes it is printed.

Instances that run keep answering calls without a token until they are replaced.
What holds them is listed, with what to do. With --restart, after a question of
its own, interactive clusters are restarted, a few at a time; never those of jobs,
and not those that would get old instances again from a pool. It may be given
again later: where enforcement is on already, only the restarts are done.

--force --reason TEXT switches it on although preflight says no. The reason and
what was overruled are kept in the history, which imdsscan enforce status shows.

If Terraform manages the setting (databricks_workspace_conf), change it there: its
next apply overwrites what is set here, and destroying it resets the setting to
false. The workspace does not tell whether it does.

Exit status
  0    it is on, or was already
  1    preflight found what blocks; nothing was changed
  2    wrong usage, no connection, not an administrator, not on AWS, not
       confirmed, or another command works on the workspace
  3    it was sent and did not take effect in time, or that is not known;
       something could not be read before, and nothing was changed;
       with --restart, a restart failed or was not seen to its end
  4    the setting changed between the question and the answer
  130  interrupted; enforce status tells what is known

Flags
`

const enforceOffHelp = `Usage: imdsscan enforce off [flags]

Takes back enforce on: writes what the setting was before, by the history on
this machine. A setting that was never set cannot be made so again; it becomes
false. It shows what would change, and asks; without a terminal it needs --yes.
The change is sent once and read back, as by enforce on.

Instances that were launched while it was on go on to refuse calls without a
token until they are replaced: restart what has to work the old way again.

Exit status
  0    it is off, or was already
  2    wrong usage, no connection, not an administrator, not on AWS, not
       confirmed, or another command works on the workspace
  3    it was sent and did not take effect in time, or that is not known
  4    the setting changed between the question and the answer
  130  interrupted; enforce status tells what is known

Flags
`

// setFlags are the flags of enforce on and off.
func setFlags(on bool, o *enforceOptions) *pflag.FlagSet {
	name := "off"
	if on {
		name = "on"
	}
	f := enforceFlags(name, o)
	if on {
		f.BoolVar(&o.force, "force", false, "switch it on although preflight says no; needs --reason")
		o.preflight.addGiven(f)
		o.preflight.addScan(f)
		f.BoolVar(&o.restart, "restart", false, "restart interactive clusters that run on instances from before")
		f.IntVar(&o.parallel, "parallel", 2, "with --restart, `N` clusters at the same time")
		f.DurationVar(&o.restartTimeout, "restart-timeout", 30*time.Minute, "with --restart, the `time` to wait for a cluster")
		f.BoolVarP(&o.verbose, "verbose", "v", false, "list all that blocks, and all that has to be restarted")
	}
	f.StringVar(&o.reason, "reason", "", "why, in a `text` for the history")
	f.DurationVar(&o.wait, "wait", 2*time.Minute, "the `time` that the change may take until it is read back")
	o.stateFlags.add(f)
	return f
}

func (o *enforceOptions) validateSet(f *pflag.FlagSet, on bool) error {
	if on {
		if err := o.preflight.validateScan(f); err != nil {
			return err
		}
	}
	switch {
	case f.NArg() > 0:
		return fmt.Errorf("%s takes no argument, not %q", f.Name(), f.Arg(0))
	case o.force && strings.TrimSpace(o.reason) == "":
		return errors.New("--force needs --reason and a text: it is kept with what was overruled")
	case o.wait <= 0:
		return errors.New("--wait needs a time over zero")
	case !o.restart && (f.Changed("parallel") || f.Changed("restart-timeout")):
		return errors.New("--parallel and --restart-timeout go with --restart")
	case o.restart && (o.parallel < 1 || o.restartTimeout <= 0):
		return errors.New("--parallel needs a number from 1 up, --restart-timeout a time over zero")
	}
	return nil
}

// enforceSet is enforce on and enforce off.
func enforceSet(ctx context.Context, args []string, on bool, s streams) int {
	var o enforceOptions
	f := setFlags(on, &o)
	err := f.Parse(args)
	if errors.Is(err, pflag.ErrHelp) {
		text := enforceOffHelp
		if on {
			text = enforceOnHelp
		}
		fmt.Fprint(s.out, text+f.FlagUsagesWrapped(80))
		return exitClean
	}
	if err == nil {
		err = o.validateSet(f, on)
	}
	if err != nil {
		return usageError(s, fmt.Errorf("%w (imdsscan %s --help tells more)", err, f.Name()))
	}
	dir, err := o.dir()
	if err != nil {
		return usageError(s, err)
	}
	client, err := connectTo(ctx, o.profile)
	if err != nil {
		return monitorError(ctx, s, err)
	}
	// Before anything is made on this machine: whether there is such a setting.
	now, err := setting.Read(ctx, client, setting.EnforceIMDSv2)
	if err != nil {
		return settingError(ctx, s, err)
	}
	lock, err := dir.Lock(client.Host(), "imdsscan "+f.Name())
	if err != nil {
		return settingError(ctx, s, err)
	}
	defer lock.Unlock()
	history := enforce.History{Dir: dir}
	log, err := history.Open(client.Host())
	if err != nil {
		code := settingError(ctx, s, err)
		fmt.Fprintf(s.err, "imdsscan: nothing was changed: a change has to be in the history first. With %s moved away, a new one begins\n", history.File(client.Host()))
		return code
	}
	defer log.Close()
	user := client.User()
	if err := log.Looked(now, user); err != nil {
		return settingError(ctx, s, err)
	}
	c := &setCommand{enforceOptions: &o, client: client, log: log, user: user, now: now, s: s}
	if on {
		return c.on(ctx)
	}
	return c.off(ctx)
}

// setCommand is an enforce on or off that is under way: the lock of the workspace
// is held.
type setCommand struct {
	*enforceOptions
	client *workspace.Client
	log    *enforce.Log
	user   string
	now    setting.Setting
	s      streams
}

func (c *setCommand) tell(format string, args ...any) {
	fmt.Fprintf(c.s.err, "imdsscan: "+format+"\n", args...)
}

// mayAsk reports whether there is somebody to ask, or a word of theirs.
func (c *setCommand) mayAsk() bool { return c.yes || canAsk(c.s) }

// shows is what a person decides from; rows are a name and a text.
func (c *setCommand) shows(to string, rows ...[2]string) {
	rows = append([][2]string{{"workspace", c.client.Host()}, {"user", c.user},
		{"setting", fmt.Sprintf("%s: %s → %s", c.now.Key, report.SettingText(c.now.Raw), to)}}, rows...)
	for _, r := range rows {
		fmt.Fprintf(c.s.err, "  %-10s %s\n", r[0], printable(r[1]))
	}
}

// confirm asks, unless --yes has answered.
func (c *setCommand) confirm(ctx context.Context, question string) (code int, ok bool) {
	if c.yes || ask(ctx, c.s, question) {
		return exitClean, true
	}
	if ctx.Err() != nil {
		c.tell("interrupted; nothing was changed")
		return exitInterrupted, false
	}
	c.tell("nothing was changed")
	return exitUsage, false
}

// carry makes the change and tells what became of it. ok: it took effect.
func (c *setCommand) carry(ctx context.Context, o enforce.Order) (x *enforce.Switch, code int, ok bool) {
	o.Was, o.User, o.Reason = c.now, c.user, strings.TrimSpace(c.reason)
	show := newNotice(c.s.err, c.quiet)
	x, err := c.log.Carry(ctx, c.client, o, enforce.Options{Wait: c.wait, Waiting: func(setting.Setting) {
		show.set("sent; it is read until it has taken effect, for " + c.wait.String() + " at most")
	}})
	show.clear()
	status := c.again("enforce status")
	switch {
	case x == nil && errors.Is(err, enforce.ErrChanged):
		c.tell("%s; nothing was changed. Look, and decide anew: %s", printable(err.Error()), status)
		return x, exitChanged, false
	case x == nil && ctx.Err() != nil:
		c.tell("interrupted; nothing was changed")
		return x, exitInterrupted, false
	case x == nil:
		return x, c.unchanged(settingError(ctx, c.s, err)), false
	}
	switch x.Outcome {
	case enforce.Effect:
		if err != nil {
			c.tell("the history cannot be written on: %v", err)
		}
		return x, exitClean, true
	case enforce.Refused:
		code := settingError(ctx, c.s, err)
		c.tell("the service refused the change; nothing was changed")
		return x, code, false
	case "":
		c.tell("the change was sent, and the history cannot be written on: %v", err)
	case enforce.NoEffect:
		c.tell("the change was sent, and did not take effect: %s. It may yet; %s looks again", printable(x.Why), status)
	default:
		c.tell("the change was sent, and it is not known whether it took effect: %s. %s looks again", printable(x.Why), status)
	}
	if ctx.Err() != nil {
		return x, exitInterrupted, false
	}
	return x, exitIncomplete, false
}

// took tells how long the change took.
func took(x *enforce.Switch) string { return report.HowLong(x.Settled.Sub(x.Time)) }

func (c *setCommand) off(ctx context.Context) int {
	by, known := c.log.State.Undo()
	if c.now.Value == setting.Off {
		c.tell("%s: enforcement of IMDSv2 is off already (%s: %s); nothing was written", c.client.Host(), c.now.Key, c.now.Raw)
		if !c.log.State.Lost.IsZero() {
			c.tell("somebody else switched it off; it is taken as it is")
			if err := c.log.Accept(c.user); err != nil {
				return settingError(ctx, c.s, err)
			}
		}
		return exitClean
	}
	from := "imdsscan on this machine did not switch it on; what it was before is not known here"
	if known {
		from = fmt.Sprintf("it was %q before %s switched it on, %s", by.Old, by.User, by.Time.Format(exactly))
		if by.Old == "" {
			from = fmt.Sprintf("it was never set before %s switched it on, %s; that cannot be restored, false stands for it", by.User, by.Time.Format(exactly))
		}
	}
	if c.now.Raw == "" {
		from = "it was never set; that cannot be restored"
	}
	if !c.mayAsk() {
		return usageError(c.s, errors.New("there is no terminal to ask on: give --yes to switch enforcement off"))
	}
	c.shows("false", [2]string{"before", from}, [2]string{"instances", "those that run go on to refuse calls without a token until they are replaced"}, [2]string{"Terraform", terraformLine()})
	if code, ok := c.confirm(ctx, "Switch the enforcement of IMDSv2 off?"); !ok {
		return code
	}
	x, code, ok := c.carry(ctx, enforce.Order{On: false})
	if !ok {
		return code
	}
	fmt.Fprintf(c.s.out, "%s: enforcement of IMDSv2 is off since %s; it took effect after %s\n", c.client.Host(), x.Settled.Format(exactly), took(x))
	if !c.quiet {
		c.tell("what runs refuses calls without a token until it is restarted. To switch it on again: %s", c.again("enforce on"))
	}
	return exitClean
}
