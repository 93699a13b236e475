package main

import (
	"context"
	"fmt"

	"github.com/imdsscan/imdsscan/report"
	"github.com/imdsscan/imdsscan/report/result"
	"github.com/imdsscan/imdsscan/workspace"
	"github.com/imdsscan/imdsscan/workspace/enforce"
	"github.com/imdsscan/imdsscan/workspace/restart"
)

// restartHeld restarts the interactive clusters of a list, tells of each when it
// is known what became of it, and keeps it in the history: before it is asked
// for, and after. exitClean means that no restart is open: what was held back has
// its steps.
func restartHeld(ctx context.Context, c *workspace.Client, log *enforce.Log, list []restart.Holder, o restart.Options, s streams, quiet bool) int {
	user := c.User()
	show := newNotice(s.err, quiet)
	records := map[string]int{}
	under, code := 0, exitClean
	tell := func(err error) {
		if err != nil {
			fmt.Fprintf(s.err, "imdsscan: %v\n", err)
			code = exitIncomplete
		}
	}
	o.Announce = func(h restart.Holder) error {
		n, err := log.Restarting(&h, user)
		if err == nil {
			records[h.ID] = n
		}
		return err
	}
	o.Report = func(e restart.Event) {
		show.clear()
		if n, ok := records[e.Holder.ID]; ok && e.Outcome != restart.Begun {
			under--
			tell(log.Restarted(n, &e.Holder, string(e.Outcome), e.Why, e.Came))
		} else if ok {
			under++
		}
		well := e.Outcome == restart.Begun || e.Outcome == restart.Restarted || e.Outcome == restart.NotNeeded
		if !well || !quiet {
			r := restartShown(&e)
			tell(report.RestartLine(s.out, &r, report.Options{Color: colored("auto", s.out)}))
		}
		if under > 0 {
			show.set(report.Plural(under, "cluster is", "clusters are") + " being restarted")
		}
	}
	events, err := restart.Run(ctx, c, list, o)
	show.clear()
	var all []result.Restart
	for i := range events {
		all = append(all, restartShown(&events[i]))
		switch events[i].Outcome {
		case restart.Failed, restart.SameInstances, restart.OnItsWay, restart.NotAsked:
			code = exitIncomplete
		}
	}
	if !quiet {
		fmt.Fprintf(s.out, "%s\n", report.RestartSum(all))
	}
	if err != nil {
		fmt.Fprintln(s.err, "imdsscan: interrupted; restarts that were asked for go on")
		return exitInterrupted
	}
	return code
}

// restartShown is an event as reports show it.
func restartShown(e *restart.Event) result.Restart {
	return result.Restart{Of: shown([]restart.Holder{e.Holder})[0], Outcome: string(e.Outcome), Why: e.Why, Came: e.Came, Steps: e.Steps}
}
