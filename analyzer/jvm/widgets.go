package jvm

import (
	"slices"
	"strings"

	"github.com/imdsscan/imdsscan/analyzer/facts"
	"github.com/imdsscan/imdsscan/analyzer/imds"
)

// isDbutils reports a call of the function of dbutils with that name.
func isDbutils(c *call, name string) bool {
	return c.recv.OK() && c.recv.Text()+"."+c.name == "dbutils."+name
}

// evalWidget is an argument of the notebook: what those give it that run it,
// else its default. Who starts the notebook by hand may give another one.
func (m *module) evalWidget(c *call, r ref) ([]imds.Value, bool) {
	if !isDbutils(c, "widgets.get") && !isDbutils(c, "widgets.getArgument") || len(c.args) == 0 {
		return nil, false
	}
	name, ok := m.constant(ref{c.args[0].n, r.in})
	if !ok {
		return nil, true
	}
	given := m.unit(r.n).Widgets[name]
	if given == nil {
		given = m.units[0].Widgets[name] // a function of a notebook that this one runs
	}
	out := slices.Clone(given)
	for _, kind := range []string{"text", "dropdown", "combobox", "multiselect"} {
		for _, w := range m.callsByName[kind] {
			if !isDbutils(w, "widgets."+kind) || len(w.args) < 2 {
				continue
			}
			if text, ok := m.constant(ref{n: w.args[0].n}); !ok || text != name {
				continue
			}
			for _, v := range m.eval(w.args[1].n) {
				// An empty one only says that there is none.
				if text, known := v.Known(); len(given) == 0 || !known || text != "" {
					out = append(out, v)
				}
			}
		}
	}
	if len(out) == 0 {
		out = unknown(r.n)
	}
	return out, true
}

// runFromCall records a notebook that a call starts as a process of its own,
// with the arguments it is given: dbutils.notebook.run("x", 60, Map(…)).
func (m *module) runFromCall(c *call) {
	if c.name != "run" || !c.recv.OK() || !strings.HasSuffix(c.recv.Text(), "notebook") || len(c.args) < 3 {
		return
	}
	name, ok := m.constant(ref{n: c.args[0].n})
	if !ok {
		return
	}
	run := facts.Run{Unit: m.unit(c.n), Name: name, Args: map[string][]imds.Value{}}
	maps, _ := m.defsIn(ref{n: c.args[2].n})
	for _, d := range maps {
		made, ok := m.callAt(d.n)
		if !ok || !mapMakers[lastWord(made.name)] {
			continue
		}
		for _, a := range made.args {
			k, v, ok := pair(a.n)
			if !ok {
				continue
			}
			if key, ok := m.constant(ref{k, d.in}); ok {
				run.Args[key] = append(run.Args[key], m.evalIn(ref{v, d.in})...)
			}
		}
	}
	if len(run.Args) > 0 {
		m.facts.Runs = append(m.facts.Runs, run)
	}
}
