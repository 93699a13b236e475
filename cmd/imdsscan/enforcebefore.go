package main

import (
	"context"
	"strings"
	"time"

	"github.com/imdsscan/imdsscan/report"
	"github.com/imdsscan/imdsscan/report/result"
	"github.com/imdsscan/imdsscan/workspace"
	"github.com/imdsscan/imdsscan/workspace/enforce"
	"github.com/imdsscan/imdsscan/workspace/inventory"
	"github.com/imdsscan/imdsscan/workspace/restart"
	"github.com/imdsscan/imdsscan/workspace/setting"
)

// heldBefore is what may hold instances from before enforcement was switched on,
// as far as the history and the service tell. In a workspace where it is not on
// that is all that runs.
func heldBefore(inv *inventory.Inventory, now setting.Setting, st *enforce.State) []restart.Holder {
	if now.Value != setting.On {
		return restart.Of(inv, time.Time{})
	}
	since, exact := st.Since, st.Exact
	if st.Value != setting.On {
		since, exact = clock(), false // the history cannot be read or written
	}
	list := restart.Left(restart.OfKnown(inv, since, st.Known()))
	if !exact {
		return restart.Unsure(list)
	}
	return list
}

// readInventory reads what is configured and runs; unread is what could not be.
func readInventory(ctx context.Context, c *workspace.Client) (inv *inventory.Inventory, unread []result.FileError, err error) {
	if inv, err = inventory.Read(ctx, c); err != nil {
		return nil, nil, err
	}
	for _, g := range inv.Gaps {
		unread = append(unread, result.FileError{Path: g.What, Reason: g.Reason})
	}
	return inv, unread, nil
}

// poolIDs are the ids of all pools; nil when not all could be read.
func poolIDs(inv *inventory.Inventory) []string {
	ids := []string{}
	for _, g := range inv.Gaps {
		if strings.Contains(g.What, "pool") {
			return nil
		}
	}
	for i := range inv.Pools {
		ids = append(ids, inv.Pools[i].InstancePoolId)
	}
	return ids
}

// shown are holders as reports show them.
func shown(list []restart.Holder) []result.Running {
	var out []result.Running
	for i := range list {
		h := &list[i]
		out = append(out, result.Running{Kind: h.Kind, ID: h.ID, Name: h.Name, Owner: h.Owner, URL: h.URL, State: h.State, Runtime: h.Runtime, Source: h.Source,
			Started: h.Started, Pools: h.Pools, Fleet: h.Fleet, Jobs: h.Jobs, Before: string(h.Before), How: string(h.How), Why: h.Why, Steps: h.Steps})
	}
	return out
}

// restartsLine says in a line what has to be done with what runs from before.
func restartsLine(list []restart.Holder) string {
	n := map[restart.How]int{}
	for i := range list {
		n[list[i].How]++
	}
	var parts []string
	add := func(how restart.How, one, many string) {
		if n[how] > 0 {
			parts = append(parts, report.Plural(n[how], one, many))
		}
	}
	add(restart.RestartHere, "that --restart restarts", "that --restart restarts")
	add(restart.AfterPool, "to be restarted once its pool is seen to", "to be restarted once their pools are seen to")
	add(restart.ByPerson, "for a person to do", "for a person to do")
	add(restart.EndsByItself, "that ends by itself", "that end by themselves")
	if len(parts) == 0 {
		return "nothing runs"
	}
	return strings.Join(parts, ", ")
}

// asRead limits a statement to what could be read.
func asRead(unread []result.FileError) string {
	if len(unread) == 0 {
		return ""
	}
	return ", as far as could be read"
}
