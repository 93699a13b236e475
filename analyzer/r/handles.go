package r

// optionSets are the headers in RCurl's options: in the call, in .opts, in
// the handle.
func (m *module) optionSets(f *found) []headerSet {
	all := f.args.dots
	sets := []headerSet{{}}
	for _, a := range all {
		switch {
		case a.name == "httpheader":
			sets = times(sets, m.vectorSets(ref{a.value, f.in}))
		case a.value.Is("dots"):
			sets = times(sets, m.dotOptions(f))
		}
	}
	if o := f.args.by[".opts"]; o.value.OK() {
		sets = times(sets, m.optionsOf(ref{o.value, f.in}, "httpheader"))
	}
	for _, name := range []string{"curl", "handle"} {
		if h := f.args.value(name); h.OK() {
			sets = times(sets, m.handleSets(ref{h, f.in}, f.c.n))
		}
	}
	return sets
}

// dotOptions are the options that `...` passes on from the calls of a wrapper.
func (m *module) dotOptions(f *found) []headerSet {
	s := m.scopeOf(f.c.n)
	at := f.in.of(s.def)
	if !s.def.OK() || at == nil || at.site == nil {
		if s.def.OK() && len(m.callSites(s.def)) > 0 {
			return []headerSet{{}}
		}
		return []headerSet{{Open: "the headers come from the arguments that are passed on"}}
	}
	sets := []headerSet{{}}
	for _, a := range match(s.params, at.site.args).dots {
		if a.name == "httpheader" {
			sets = times(sets, m.vectorSets(ref{a.value, at.up}))
		}
	}
	return sets
}

// optionsOf reads list(httpheader = …) and curlOptions(…).
func (m *module) optionsOf(r ref, key string) []headerSet {
	refs, complete := m.stands(r)
	var out []headerSet
	for _, d := range refs {
		if c := m.callAt[d.n]; m.is(c, "list", "curlOptions", "c") {
			out = append(out, m.vectorSets(ref{c.named(key), d.in})...)
		} else {
			complete = false
		}
	}
	if !complete || len(out) == 0 {
		out = append(out, headerSet{Open: "the options come from " + short(r.n)})
	}
	return out
}

// handleMakers make a handle, with options.
var handleMakers = []string{"new_handle", "getCurlHandle", "dupCurlHandle", "getCurlMultiHandle"}

// handleChanges change the handle they are given and return it.
var handleChanges = []string{"handle_setheaders", "handle_setopt", "handle_setform", "handle_reset", "curlSetOpt", "handle_cookies"}

// handleSets are the headers of a curl handle: those it is made with, and
// those set before the request at n.
func (m *module) handleSets(r ref, n node) []headerSet {
	if !r.n.OK() {
		return []headerSet{{}}
	}
	if !m.ask("handle", r) {
		return []headerSet{{Open: "the handle comes from " + short(r.n)}}
	}
	defer m.answered("handle", r)
	refs, complete := m.stands(r)
	var out []headerSet
	for _, d := range refs {
		c := m.callAt[d.n]
		switch {
		case m.is(c, handleMakers...):
			sets := m.vectorSets(ref{c.named("httpheader"), d.in})
			if o := c.first(".opts"); c.named(".opts").OK() {
				sets = times(sets, m.optionsOf(ref{o, d.in}, "httpheader"))
			}
			out = append(out, sets...)
		case m.is(c, handleChanges...):
			out = append(out, m.changed(c, d.in, n)...)
		default:
			complete = false
		}
	}
	if !complete || len(out) == 0 {
		out = append(out, headerSet{Open: "the handle comes from " + short(r.n)})
	}
	if r.n.Is("identifier") {
		for _, c := range m.changesOf(r.n, n) {
			out = times(m.later(c, out), m.ownHeaders(c, r.in))
		}
	}
	return out
}

// later are the headers that stay when a change sets others: handle_setheaders
// replaces them all.
func (m *module) later(c *call, sets []headerSet) []headerSet {
	if c.name != "handle_setheaders" && c.name != "handle_reset" {
		return sets
	}
	return []headerSet{{}}
}

// changed are the headers of the handle that a change returns.
func (m *module) changed(c *call, in *frame, n node) []headerSet {
	before := m.later(c, m.handleSets(ref{c.first("handle", "curl"), in}, n))
	return times(before, m.ownHeaders(c, in))
}

// ownHeaders are the headers that a change sets.
func (m *module) ownHeaders(c *call, in *frame) []headerSet {
	sets := []headerSet{{}}
	for i, a := range c.args {
		var s headerSet
		switch {
		case a.name == "httpheader":
			sets = times(sets, m.vectorSets(ref{a.value, in}))
		case c.name == "handle_setheaders" && a.name == ".list":
			sets = times(sets, m.vectorSets(ref{a.value, in}))
		case a.name == ".list" || a.name == ".opts":
			sets = times(sets, m.optionsOf(ref{a.value, in}, "httpheader"))
		case c.name == "handle_setheaders" && i > 0 && a.name != "handle":
			m.addArgument(&s, a, in)
			sets = times(sets, []headerSet{s})
		}
	}
	return sets
}

// changesOf are the calls before n that change the handle with the name.
func (m *module) changesOf(name, n node) []*call {
	var out []*call
	for _, use := range m.usesByName[nameOf(name)] {
		c := m.callAround(use)
		if c == nil || !m.is(c, handleChanges...) || c.first("handle", "curl") != use && c.named("curl") != use {
			continue
		}
		if m.lookupOf(use) == m.lookupOf(name) && m.before(c.n, n) && !n.Inside(c.expr) && len(out) < maxRefs {
			out = append(out, c)
		}
	}
	return out
}
