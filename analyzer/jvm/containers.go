package jvm

import "strconv"

// lookup gives what a map or a list that is written out has at a key:
// conf("url"), conf.get("url"), hosts(0). known is false for any other call.
func (m *module) lookup(c *call, in *frame) (refs []ref, complete, known bool) {
	container, key := ref{}, ref{}
	switch {
	case c.made || len(c.args) == 0 || len(c.args) > 2 || c.args[0].name != "":
		return nil, false, false
	case !c.recv.OK() && len(c.args) == 1 && c.at.Kind() == "identifier": // conf("url")
		container, key = ref{c.at, in}, ref{c.args[0].n, in}
	case c.recv.OK() && (c.name == "get" || c.name == "apply" || c.name == "getOrElse" || c.name == "getOrDefault"):
		container, key = ref{c.recv, in}, ref{c.args[0].n, in}
	default:
		return nil, false, false
	}
	defs, complete := m.defsIn(container)
	for _, d := range defs {
		made, ok := m.callAt(d.n)
		if !ok || !mapMakers[lastWord(made.name)] && !collections[lastWord(made.name)] {
			complete = false
			continue
		}
		item, ok := m.itemOf(made, d.in, key)
		if !ok {
			item, ok = m.itemPut(container, key)
		}
		known = true
		if ok {
			refs = append(refs, item)
		} else {
			complete = false
		}
	}
	if known && len(c.args) == 2 && (len(refs) == 0 || !complete) {
		refs = append(refs, ref{c.args[1].n, in})
	}
	return refs, complete && len(refs) > 0, known
}

// itemOf is the value that a map's making gives a key, or a list at an index.
func (m *module) itemOf(made *call, in *frame, key ref) (ref, bool) {
	text, ok := m.constant(key)
	if !ok {
		return ref{}, false
	}
	name := lastWord(made.name)
	if name == "of" && made.recv.OK() && lastWord(made.recv.Text()) != "List" {
		for i := 0; i+1 < len(made.args); i += 2 {
			if k, ok := m.constant(ref{made.args[i].n, in}); ok && k == text {
				return ref{made.args[i+1].n, in}, true
			}
		}
		return ref{}, false
	}
	if mapMakers[name] {
		for _, a := range made.args {
			if k, v, ok := pair(a.n); ok {
				if kt, ok := m.constant(ref{k, in}); ok && kt == text {
					return ref{v, in}, true
				}
			}
		}
		return ref{}, false
	}
	for i, a := range made.args {
		if strconv.Itoa(i) == text && !a.spread {
			return ref{a.n, in}, true
		}
	}
	return ref{}, false
}

// itemPut is the value that conf.put(key, value) gives a key of a variable.
func (m *module) itemPut(container, key ref) (ref, bool) {
	text, ok := m.constant(key)
	if !ok {
		return ref{}, false
	}
	out, found := ref{}, false
	for _, c := range m.callsOn(container) {
		k, v := node{}, node{}
		switch {
		case (c.name == "put" || c.name == "update" || c.name == "setProperty") && len(c.args) == 2:
			k, v = c.args[0].n, c.args[1].n
		case c.name == "+=" && len(c.args) == 1:
			k, v, _ = pair(c.args[0].n)
		}
		if kt, ok := m.constant(ref{n: k}); k.OK() && ok && kt == text {
			out, found = ref{n: v}, true
		}
	}
	return out, found
}
