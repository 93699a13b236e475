package r

import (
	"github.com/imdsscan/imdsscan/analyzer/facts"
	"github.com/imdsscan/imdsscan/analyzer/imds"
)

// evalWidget is an argument that those give the notebook that run it; nil for
// any other call, or when none is known. A default says little: the widget is
// there to be set.
func (m *module) evalWidget(c *call, in *frame) []imds.Value {
	if c.name != "dbutils.widgets.get" && c.name != "getArgument" {
		return nil
	}
	name, ok := m.constant(ref{c.position(0), in})
	if !ok {
		return nil
	}
	return m.unit(c.n).Widgets[name]
}

// runFromCall records a notebook that a call starts as a process of its own.
func (m *module) runFromCall(c *call) {
	if c.name != "dbutils.notebook.run" {
		return
	}
	name, ok := m.constant(ref{n: c.position(0)})
	given := c.named("arguments")
	if !given.OK() {
		given = c.position(2)
	}
	if !ok || !given.OK() {
		return
	}
	lists := []ref{{n: given}}
	if next, complete, follows := m.step(lists[0]); follows && complete {
		lists = next
	}
	run := facts.Run{Unit: m.unit(c.n), Name: name, Args: map[string][]imds.Value{}}
	for _, l := range lists {
		list := m.callAt[l.n]
		if list == nil || list.name != "list" {
			continue
		}
		for _, a := range list.args {
			if a.name != "" && a.value.OK() {
				run.Args[a.name] = append(run.Args[a.name], m.eval(ref{a.value, l.in})...)
			}
		}
	}
	if len(run.Args) > 0 {
		m.facts.Runs = append(m.facts.Runs, run)
	}
}
