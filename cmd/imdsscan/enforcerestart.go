package main

import (
	"context"
	"fmt"
	"strings"

	"github.com/imdsscan/imdsscan/report"
	"github.com/imdsscan/imdsscan/workspace/restart"
)

// restartHeld restarts the interactive clusters on instances from before, after
// a question, and lists what else holds such instances. switched: enforcement was
// switched on just now.
func (c *setCommand) restartHeld(ctx context.Context, switched bool) int {
	inv, unread, err := readInventory(ctx, c.client)
	if err != nil {
		return settingError(ctx, c.s, err)
	}
	code := exitClean
	for _, u := range unread {
		c.tell("%s: not read: %s", printable(u.Path), printable(u.Reason))
		code = exitIncomplete
	}
	list := heldBefore(inv, c.now, c.log.State)
	mine, others := split(list)
	if err := report.Running(c.s.err, shown(list), report.Options{Verbose: c.verbose, Color: colored("auto", c.s.err)}); err != nil {
		c.tell("%v", err)
	}
	if len(mine) == 0 {
		c.tell("no cluster is there to be restarted%s", othersLine(others))
		return code
	}
	question := fmt.Sprintf("Restart %s, %d at the same time? What runs on them ends.", report.Plural(len(mine), "cluster", "clusters"), min(c.parallel, len(mine)))
	if !c.yes && !ask(ctx, c.s, question) {
		c.tell("nothing was restarted; to do it later: %s --restart", c.again("enforce on"))
		switch {
		case ctx.Err() != nil:
			return exitInterrupted
		case switched:
			return code
		}
		return exitUsage
	}
	return max(code, c.runRestarts(ctx, mine, others))
}

// split parts what a run restarts, or holds back, from what is not for it.
func split(list []restart.Holder) (mine, others []restart.Holder) {
	for _, h := range list {
		if h.How == restart.RestartHere || h.How == restart.AfterPool {
			mine = append(mine, h)
		} else {
			others = append(others, h)
		}
	}
	return mine, others
}

func othersLine(others []restart.Holder) string {
	if len(others) == 0 {
		return ""
	}
	return "; what else holds instances from before: " + restartsLine(others)
}

// outcomesLine counts how restarts went.
func outcomesLine(events []restart.Event) string {
	n := map[restart.Outcome]int{}
	for i := range events {
		n[events[i].Outcome]++
	}
	var parts []string
	for _, o := range []restart.Outcome{restart.Restarted, restart.NotNeeded, restart.SameInstances, restart.HeldBack, restart.Failed, restart.OnItsWay, restart.NotAsked} {
		if n[o] > 0 {
			parts = append(parts, fmt.Sprintf("%d %s", n[o], o))
		}
	}
	return strings.Join(parts, ", ")
}

// runRestarts restarts clusters, and reports and writes down each.
func (c *setCommand) runRestarts(ctx context.Context, mine, others []restart.Holder) int {
	// What cannot be written down is not begun.
	ctx, stop := context.WithCancelCause(ctx)
	defer stop(nil)
	announced := map[string]int{}
	note := func(e restart.Event) error {
		if e.Outcome == restart.Begun {
			n, err := c.log.Restarting(&e.Holder, c.user)
			announced[e.Holder.ID] = n
			return err
		}
		if n := announced[e.Holder.ID]; n > 0 {
			return c.log.Restarted(n, &e.Holder, string(e.Outcome), e.Why, e.Came)
		}
		return nil
	}
	left := 0
	events, err := restart.Run(ctx, c.client, mine, restart.Options{Since: c.log.State.Since, Known: c.log.State.Known(), Parallel: c.parallel, Timeout: c.restartTimeout,
		Report: func(e restart.Event) {
			if err := note(e); err != nil {
				stop(err)
			}
			name := printable(e.Holder.String())
			good := e.Outcome == restart.Restarted || e.Outcome == restart.NotNeeded
			switch {
			case e.Outcome == restart.Begun:
				if !c.quiet {
					c.tell("%s: %s", name, printable(e.Why))
				}
				return
			case !good:
				left++
			case c.quiet:
				return
			}
			fmt.Fprintf(c.s.out, "%s: %s\n", name, printable(e.Why))
			for _, step := range e.Steps {
				fmt.Fprintf(c.s.out, "  → %s\n", printable(step))
			}
		}})
	if cause := context.Cause(ctx); err != nil && cause != nil && cause != context.Canceled {
		c.tell("the history cannot be written on, so nothing more was begun: %v", cause)
		return exitIncomplete
	}
	if !c.quiet {
		fmt.Fprintf(c.s.out, "%s: %s%s.\n", report.Plural(len(events), "cluster", "clusters"), outcomesLine(events), othersLine(others))
	}
	switch {
	case err != nil:
		c.tell("interrupted; restarts that were asked for go on: %s tells what still runs from before", c.again("enforce status"))
		return exitInterrupted
	case left > 0:
		return exitIncomplete
	}
	return exitClean
}
