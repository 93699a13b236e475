package main

import (
	"context"
	"fmt"

	"github.com/imdsscan/imdsscan/report"
	"github.com/imdsscan/imdsscan/workspace/restart"
)

// listLeft lists what holds instances from before a switch that took effect just
// now. What cannot be read was told before it.
func (c *setCommand) listLeft(ctx context.Context) int {
	inv, _, err := readInventory(ctx, c.client)
	if err == nil {
		err = c.log.SeenPools(poolIDs(inv), c.user)
	}
	if err != nil {
		return settingError(ctx, c.s, err)
	}
	if held := heldBefore(inv, c.now, c.log.State); !c.quiet && len(held) > 0 {
		fmt.Fprintln(c.s.out, "What runs keeps answering calls without a token until its instances are replaced:")
		if err := report.Running(c.s.out, shown(held), report.Options{Verbose: c.verbose}); err != nil {
			c.tell("%v", err)
			return exitIncomplete
		}
	}
	return exitClean
}

// restartLeft restarts the interactive clusters on instances from before, after
// a question, and lists what else holds such instances. switched: enforcement was
// switched on just now.
func (c *setCommand) restartLeft(ctx context.Context, switched bool) int {
	inv, unread, err := readInventory(ctx, c.client)
	if err != nil {
		return settingError(ctx, c.s, err)
	}
	code := exitClean
	for _, u := range unread {
		c.tell("%s: not read: %s", printable(u.Path), printable(u.Reason))
		code = exitIncomplete
	}
	if switched {
		if err := c.log.SeenPools(poolIDs(inv), c.user); err != nil {
			return settingError(ctx, c.s, err)
		}
	}
	if err := c.log.SeenClean(restart.Clean(inv, c.log.State.Since, c.log.State.Known()), c.user); err != nil {
		return settingError(ctx, c.s, err)
	}
	list := heldBefore(inv, c.now, c.log.State)
	mine, others := split(list)
	if err := report.Running(c.s.err, shown(list), report.Options{Verbose: c.verbose, Color: colored("auto", c.s.err)}); err != nil {
		c.tell("%v", err)
	}
	if len(mine) == 0 {
		c.tell("no cluster is there to be restarted%s%s", asRead(unread), othersLine(others))
		return code
	}
	if !c.yes && !ask(ctx, c.s, c.restartQuestion(mine)) {
		c.tell("nothing was restarted; to do it later: %s --restart", c.again("enforce on"))
		switch {
		case ctx.Err() != nil:
			return exitInterrupted
		case switched:
			return code
		}
		return exitUsage
	}
	code = max(code, restartHeld(ctx, c.client, c.log, mine, restart.Options{Since: c.log.State.Since, Known: c.log.State.Known(),
		Parallel: c.parallel, Timeout: c.restartTimeout}, c.s, c.quiet))
	if !c.quiet {
		c.tell("to see what still runs from before: %s%s", c.again("enforce status"), othersLine(others))
	}
	return code
}

func (c *setCommand) restartQuestion(mine []restart.Holder) string {
	n := 0
	for i := range mine {
		if mine[i].How == restart.RestartHere {
			n++
		}
	}
	question := fmt.Sprintf("Restart %s, %d at the same time? What runs on them ends.", report.Plural(n, "cluster", "clusters"), min(c.parallel, n))
	switch held := len(mine) - n; {
	case n == 0:
		return fmt.Sprintf("Restart %s, those whose pools are empty by then? What runs on them ends.", report.Plural(held, "cluster", "clusters"))
	case held > 0:
		question += fmt.Sprintf(" (And %s more, if their pools are empty by then.)", report.Number(held))
	}
	return question
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
