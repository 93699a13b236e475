package main

import (
	"github.com/imdsscan/imdsscan/workspace"
	"github.com/imdsscan/imdsscan/workspace/enforce"
	"github.com/imdsscan/imdsscan/workspace/inventory"
	"github.com/imdsscan/imdsscan/workspace/restart"
	"github.com/imdsscan/imdsscan/workspace/setting"
)

// rememberClean takes into the history which pools and warehouses hold nothing
// from before the switch: what they hold later is new, and nobody tells. Where
// the history cannot be written on, the next look sees what is then so.
func rememberClean(c *workspace.Client, h enforce.History, inv *inventory.Inventory, st *enforce.State) *enforce.State {
	if st.Value != setting.On {
		return st
	}
	ids := restart.Clean(inv, st.Since, st.Known())
	if len(ids) == 0 {
		return st
	}
	lock, err := h.Dir.Lock(c.Host(), "a look at what runs")
	if err != nil {
		return st
	}
	defer lock.Unlock()
	l, err := h.Open(c.Host())
	if err != nil {
		return st
	}
	defer l.Close()
	user := c.User()
	if !l.State.Since.Equal(st.Since) || l.SeenClean(ids, user) != nil {
		return st // it was switched meanwhile
	}
	return l.State
}
