package main

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"mvdan.cc/sh/v3/syntax"

	"github.com/imdsscan/imdsscan/report"
	"github.com/imdsscan/imdsscan/report/result"
	"github.com/imdsscan/imdsscan/workspace/enforce"
	"github.com/imdsscan/imdsscan/workspace/setting"
)

func (c *setCommand) on(ctx context.Context) int {
	already := c.now.Value == setting.On
	if already {
		c.tell("%s: enforcement of IMDSv2 is on already (%s: %s); nothing was written", c.client.Host(), c.now.Key, c.now.Raw)
		if !c.restart {
			return exitClean
		}
	}
	if !c.mayAsk() {
		return usageError(c.s, errors.New("there is no terminal to ask on: give --yes"))
	}
	if already {
		return c.restartLeft(ctx, false)
	}
	c.preflight.stateFlags = c.stateFlags
	p, err := runPreflight(ctx, c.client, &c.preflight, c.s)
	if err != nil {
		return c.unchanged(monitorError(ctx, c.s, err))
	}
	overruled := inTheWay(p)
	if len(overruled) > 0 {
		c.printBlockers(p)
		if !c.force {
			c.tell("nothing was changed. %s tells all; --force --reason TEXT switches it on all the same", c.again("preflight"))
			if p.Blockers() > 0 {
				return exitFindings
			}
			return exitIncomplete
		}
	}
	inv, unread, err := readInventory(ctx, c.client)
	if err != nil {
		return c.unchanged(settingError(ctx, c.s, err))
	}
	for _, u := range unread {
		c.tell("%s: not read: %s", printable(u.Path), printable(u.Reason))
	}
	c.shows("true", [2]string{"preflight", preflightLine(p, c.force)}, [2]string{"running", restartsLine(heldBefore(inv, c.now, c.log.State)) + asRead(unread)}, [2]string{"Terraform", terraformLine()})
	if !c.log.State.Lost.IsZero() {
		c.tell("it was on since %s, and somebody else has changed it; %s", c.log.State.Lost.Format(exactly), revertedBy)
	}
	if code, ok := c.confirm(ctx, "Switch the enforcement of IMDSv2 on?"); !ok {
		return code
	}
	order := enforce.Order{On: true, Pools: poolIDs(inv)}
	if len(overruled) > 0 {
		order.Forced, order.Blockers = true, overruled
	}
	x, code, ok := c.carry(ctx, order)
	if !ok {
		return code
	}
	fmt.Fprintf(c.s.out, "%s: enforcement of IMDSv2 is on since %s; it took effect after %s\n", c.client.Host(), x.Settled.Format(exactly), took(x))
	c.tell("to undo: %s (it writes false%s)", c.again("enforce off"), wasBefore(x.Old))
	c.now.Value, c.now.Raw = setting.On, "true"
	if c.restart {
		code = c.restartLeft(ctx, true)
	} else {
		code = c.listLeft(ctx)
	}
	if !c.quiet {
		watch := stateFlags{profile: c.profile}
		c.tell("then watch who is refused: %s --watch --since %s", watch.again("monitor"), x.Settled.Format(time.RFC3339))
	}
	return code
}

// wasBefore says what the setting was, beside the false that enforce off writes.
func wasBefore(raw string) string {
	switch {
	case raw == "":
		return "; it was never set, and that cannot be restored"
	case setting.ValueOf(raw) == setting.Off:
		return ", as it was"
	}
	return fmt.Sprintf("; it was %q, which is neither true nor false", raw)
}

// unchanged says of a command that ends early that it did nothing.
func (c *setCommand) unchanged(code int) int {
	c.tell("nothing was changed")
	return code
}

// maxOverruled bounds what the history keeps of a preflight.
const maxOverruled = 1000

// inTheWay is what preflight has against it, a line each: what blocks, and
// what could not be read, since nobody knows what is in there.
func inTheWay(p *result.Preflight) []string {
	var out []string
	for i := range p.Items {
		if x := &p.Items[i]; x.Level == result.Blocker {
			out = append(out, x.Name()+": "+x.Why)
		}
	}
	for _, u := range p.Unread {
		out = append(out, u.Path+": not read: "+u.Reason)
	}
	if n := len(out) - maxOverruled; n > 0 {
		out = append(out[:maxOverruled], "and "+report.Number(n)+" more")
	}
	return out
}

// printBlockers prints what blocks, and leaves the rest to preflight.
func (c *setCommand) printBlockers(p *result.Preflight) {
	only := *p
	only.Items = nil
	for _, x := range p.Items {
		if x.Level == result.Blocker {
			only.Items = append(only.Items, x)
		}
	}
	if err := report.Preflight(c.s.err, &only, report.Options{Verbose: c.verbose, Quiet: true, Color: colored("auto", c.s.err)}); err != nil {
		c.tell("%v", err)
	}
}

// preflightLine is what preflight says in a line.
func preflightLine(p *result.Preflight, forced bool) string {
	parts := []string{report.Plural(p.Blockers(), "blocker", "blockers"), report.Plural(p.Count(result.Warn), "warning", "warnings")}
	if n := len(p.Unread); n > 0 {
		parts = append(parts, report.Plural(n, "object", "objects")+" not read")
	}
	line := strings.Join(parts, ", ")
	if forced && (p.Blockers() > 0 || len(p.Unread) > 0) {
		line += "; overruled with --force"
	}
	return line
}

// again is another command about the same workspace and the same history.
func (o *stateFlags) again(command string) string {
	parts := []string{"imdsscan", command}
	for _, f := range [][2]string{{"--profile", o.profile}, {"--state-dir", o.stateDir}} {
		if f[1] == "" {
			continue
		}
		word, err := syntax.Quote(f[1], syntax.LangBash)
		if err != nil {
			word = "…"
		}
		parts = append(parts, f[0], printable(word))
	}
	return strings.Join(parts, " ")
}
