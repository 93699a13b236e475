package python

import (
	"slices"
	"strings"

	"github.com/imdsscan/imdsscan/analyzer/facts"
	"github.com/imdsscan/imdsscan/analyzer/imds"
)

// isDbutils reports a call of the function of dbutils with that name.
func (m *module) isDbutils(call node, name string) bool {
	fn := call.Field("function")
	return fn.Text() == "dbutils."+name || strings.HasSuffix(m.qualified(fn), "dbutils."+name)
}

// isWidget reports a call that gives an argument of the notebook.
func (m *module) isWidget(call node) bool {
	return m.isDbutils(call, "widgets.get") || m.isDbutils(call, "widgets.getArgument") || call.Field("function").Text() == "getArgument"
}

// evalWidget is an argument of the notebook: what those give it that run it,
// else its default. Who starts the notebook by hand may give another one.
func (m *module) evalWidget(r ref) []imds.Value {
	args := m.args(r.n)
	key := args.first("name")
	name, ok := m.constant(ref{key, r.in})
	if !ok {
		return nil
	}
	given := m.unit(r.n).Widgets[name]
	if given == nil {
		given = m.units[0].Widgets[name] // a function of a notebook that this one runs
	}
	out := slices.Clone(given)
	for _, kind := range []string{"text", "dropdown", "combobox", "multiselect"} {
		for _, call := range m.callsByName[kind] {
			if !m.isDbutils(call, "widgets."+kind) {
				continue
			}
			made := m.args(call)
			def := made.key["defaultValue"]
			if len(made.pos) > 1 {
				def = made.pos[1]
			}
			if text, ok := m.constant(ref{n: made.first("name")}); ok && text == name && def.OK() {
				for _, v := range m.eval(def) {
					// An empty one only says that there is none.
					if text, known := v.Known(); len(given) == 0 || !known || text != "" {
						out = append(out, v)
					}
				}
			}
		}
	}
	return out
}

// runFromCall records a notebook that a call starts as a process of its own.
func (m *module) runFromCall(call node) {
	if fn := call.Field("function"); fn.Field("attribute").Text() != "run" || !strings.HasSuffix(fn.Text(), "notebook.run") {
		return
	}
	args := m.args(call)
	name, ok := m.constant(ref{n: args.first("path")})
	given := args.key["arguments"]
	if len(args.pos) > 2 {
		given = args.pos[2]
	}
	if !ok || !given.OK() {
		return
	}
	run := facts.Run{Unit: m.unit(call), Name: name, Args: map[string][]imds.Value{}}
	dicts, _ := m.defsIn(ref{n: given})
	for _, d := range dicts {
		if d.n.Kind() != "dictionary" {
			continue
		}
		for _, pair := range d.n.Named() {
			if pair.Kind() != "pair" {
				continue
			}
			if key, ok := m.constant(ref{pair.Field("key"), d.in}); ok {
				run.Args[key] = append(run.Args[key], m.evalIn(ref{pair.Field("value"), d.in})...)
			}
		}
	}
	if len(run.Args) > 0 {
		m.facts.Runs = append(m.facts.Runs, run)
	}
}
