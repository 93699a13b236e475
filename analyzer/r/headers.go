package r

import (
	"strings"

	"github.com/imdsscan/imdsscan/analyzer/headers"
	"github.com/imdsscan/imdsscan/analyzer/imds"
)

// headerSet is what a request sends on one way through the code.
type headerSet = headers.Set[headerValue]

type headerField = headers.Field[headerValue]

// headerValue is an expression, no node where one text holds the header's
// name and its value; text is the value then.
type headerValue struct {
	ref
	text imds.Value
}

// times combines each of the one with each of the other; a header that both
// set stands twice.
func times(a, b []headerSet) []headerSet {
	return headers.Combine(a, b, maxRefs, func(x, y headerSet) headerSet {
		s := headerSet{Fields: append(append([]headerField(nil), x.Fields...), y.Fields...), Open: x.Open}
		if s.Open == "" {
			s.Open = y.Open
		}
		return s
	})
}

// headerSets are the headers a request sends.
func (m *module) headerSets(f *found) []headerSet {
	switch f.client.Style {
	case "request":
		return f.built.sets
	case "config":
		return m.configSets(f)
	case "options":
		return m.optionSets(f)
	case "handle":
		return m.handleSets(ref{f.args.value("handle"), f.in}, f.c.n)
	}
	if f.client.Headers == "" {
		return []headerSet{{}}
	}
	return m.vectorSets(ref{f.args.value(f.client.Headers), f.in})
}

// vectorSets are the headers in a named vector or list.
func (m *module) vectorSets(r ref) []headerSet {
	if !r.n.OK() || r.n.Is("null") {
		return []headerSet{{}}
	}
	if !m.ask("headers", r) {
		return []headerSet{{Open: "the headers come from " + short(r.n)}}
	}
	defer m.answered("headers", r)
	refs, complete := m.stands(r)
	var out []headerSet
	for _, d := range refs {
		out = append(out, m.vectorOf(d)...)
	}
	if !complete || len(out) == 0 {
		out = append(out, headerSet{Open: "the headers come from " + short(r.n)})
	}
	if extra := m.setFields(r.n); len(extra.Fields) > 0 {
		out = times(out, []headerSet{extra})
	}
	return out
}

// vectorOf reads c(…), list(…) and texts like "Name: value".
func (m *module) vectorOf(d ref) []headerSet {
	if d.n.Is("null") {
		return []headerSet{{}}
	}
	if v, ok := m.headerLine(d); ok {
		return []headerSet{{Fields: []headerField{v}}}
	}
	c := m.callAt[d.n]
	switch {
	case m.is(c, "c", "list", "character", "unlist", "as.list", "append"):
		sets := []headerSet{{}}
		for _, a := range c.args {
			var s headerSet
			switch {
			case a.name != "":
				m.addArgument(&s, a, d.in)
				sets = times(sets, []headerSet{s})
			case a.value.OK():
				sets = times(sets, m.vectorSets(ref{a.value, d.in}))
			}
		}
		return sets
	case m.is(c, "setNames", "structure"):
		names := c.first("nm", "names", ".Names")
		if c.name == "setNames" && c.position(1).OK() {
			names = c.position(1)
		} else if n := c.named("names"); n.OK() {
			names = n
		}
		var s headerSet
		for _, v := range m.eval(ref{names, d.in}) {
			if name, ok := v.Known(); ok {
				s.Fields = append(s.Fields, headerField{Name: name, Value: headerValue{ref: ref{c.position(0), d.in}}})
			} else {
				s.Open = "a header's name is not known"
			}
		}
		return []headerSet{s}
	}
	return []headerSet{{Open: "the headers come from " + short(d.n)}}
}

// headerLine reads a text that holds name and value.
func (m *module) headerLine(d ref) (headerField, bool) {
	if !d.n.Is("string") && !m.is(m.callAt[d.n], "paste0", "paste", "sprintf", "glue", "str_c", "str_glue") {
		return headerField{}, false
	}
	v := one(m.eval(d))
	text, _ := v.Prefix()
	name, _, ok := strings.Cut(text, ":")
	if !ok || strings.ContainsAny(name, " \t/") {
		return headerField{}, false
	}
	return headerField{Name: name, Value: headerValue{text: afterColon(v)}}, true
}

func afterColon(v imds.Value) imds.Value {
	var out imds.Value
	seen := false
	for _, p := range v {
		if !seen && !p.Unknown {
			if i := strings.IndexByte(p.Text, ':'); i >= 0 {
				p.Text, seen = strings.TrimLeft(p.Text[i+1:], " "), true
			} else {
				continue
			}
		}
		if seen && (p.Unknown || p.Text != "") {
			out = append(out, p)
		}
	}
	return out
}

// addArgument adds the header that an argument names.
func (m *module) addArgument(s *headerSet, a arg, in *frame) {
	switch {
	case a.name != "":
		s.Fields = append(s.Fields, headerField{Name: a.name, Value: headerValue{ref: ref{a.value, in}}})
	case a.value.Is("null"):
	case a.value.OK():
		if s.Open == "" {
			s.Open = "the headers come from " + short(a.value)
		}
	}
}

// setFields are headers that are set one by one: h["X"] <- v, names(h) <- "X".
func (m *module) setFields(n node) headerSet {
	var s headerSet
	if !n.Is("identifier") {
		return s
	}
	same := func(b *binding) bool {
		return b.object.Text() == n.Text() && m.lookupOf(b.object) == m.lookupOf(n) && m.before(b.at, n)
	}
	for key, bs := range m.fields {
		if !imds.IsTokenHeader(key) && !imds.IsTTLHeader(key) && imds.MisnamedHeader(key) == "" {
			continue
		}
		for _, b := range bs {
			if same(b) {
				s.Fields = append(s.Fields, headerField{Name: key, Value: headerValue{ref: ref{n: b.value}}})
			}
		}
	}
	for _, b := range m.fields["names<-"] {
		if same(b) {
			for _, v := range m.eval(ref{n: b.value}) {
				if name, ok := v.Known(); ok {
					s.Fields = append(s.Fields, headerField{Name: name, Value: headerValue{ref: ref{n: n}}})
				}
			}
		}
	}
	return s
}

// noHeaders are httr's configs that set none.
var noHeaders = []string{
	"timeout", "user_agent", "use_proxy", "verbose", "progress", "accept", "accept_json", "accept_xml", "content_type",
	"content_type_json", "authenticate", "write_disk", "write_memory", "write_stream", "set_cookies", "list", "NULL", "upload_file",
}

// configSets are the headers in httr's configs, of the call and of the
// session.
func (m *module) configSets(f *found) []headerSet {
	sets := m.configOf(ref{f.args.value("config"), f.in})
	for _, a := range f.args.dots {
		switch {
		case a.value.Is("dots"):
			sets = times(sets, m.dotSets(f))
		case a.name == "":
			sets = times(sets, m.configOf(ref{a.value, f.in}))
		}
	}
	for p := f.c.n.Parent(); p.OK(); p = p.Parent() {
		if c := m.callAt[p]; m.is(c, "with_config", "with_verbose") && c.name == "with_config" {
			sets = times(sets, m.configOf(ref{c.first("config"), f.in}))
		}
	}
	for _, c := range m.callsByName["set_config"] {
		if m.before(c.n, f.c.n) || m.scopeOf(f.c.n) != m.globals {
			for _, s := range m.configOf(ref{n: c.first("config")}) {
				if _, ok := s.Token(); ok {
					sets = times(sets, []headerSet{s})
				}
			}
		}
	}
	return sets
}

// dotSets are the configs that `...` passes on from the calls of a wrapper.
func (m *module) dotSets(f *found) []headerSet {
	s := m.scopeOf(f.c.n)
	at := f.in.of(s.def)
	if s.def.OK() && at != nil && at.site != nil {
		sets := []headerSet{{}}
		for _, a := range match(s.params, at.site.args).dots {
			if a.name == "" {
				sets = times(sets, m.configOf(ref{a.value, at.up}))
			} else if a.name == "config" {
				sets = times(sets, m.configOf(ref{a.value, at.up}))
			}
		}
		return sets
	}
	if s.def.OK() && len(m.callSites(s.def)) > 0 {
		return []headerSet{{}}
	}
	return []headerSet{{Open: "the headers come from the arguments that are passed on"}}
}

func (m *module) configOf(r ref) []headerSet {
	if !r.n.OK() || r.n.Is("null") {
		return []headerSet{{}}
	}
	if !m.ask("config", r) {
		return []headerSet{{Open: "the configuration comes from " + short(r.n)}}
	}
	defer m.answered("config", r)
	refs, complete := m.stands(r)
	var out []headerSet
	for _, d := range refs {
		c := m.callAt[d.n]
		switch {
		case d.n.Is("null", "float", "true", "false", "string"):
			out = append(out, headerSet{})
		case m.is(c, "add_headers"):
			sets := []headerSet{{}}
			for _, a := range c.args {
				var s headerSet
				switch {
				case a.name == ".headers":
					sets = times(sets, m.vectorSets(ref{a.value, d.in}))
					continue
				case a.name == "" && a.value.OK():
					sets = times(sets, m.vectorSets(ref{a.value, d.in}))
					continue
				default:
					m.addArgument(&s, a, d.in)
				}
				sets = times(sets, []headerSet{s})
			}
			out = append(out, sets...)
		case m.is(c, "c"):
			sets := []headerSet{{}}
			for _, a := range c.args {
				sets = times(sets, m.configOf(ref{a.value, d.in}))
			}
			out = append(out, sets...)
		case m.is(c, "config"):
			out = append(out, m.vectorSets(ref{c.named("httpheader"), d.in})...)
		case m.is(c, "do.call"):
			if arg := c.position(1); c.position(0).Text() == "add_headers" || strings.Trim(c.position(0).Text(), `"'`) == "add_headers" {
				out = append(out, m.vectorSets(ref{arg, d.in})...)
			} else {
				out = append(out, headerSet{Open: "the configuration comes from " + short(d.n)})
			}
		case m.is(c, noHeaders...):
			out = append(out, headerSet{})
		default:
			complete = false
		}
	}
	if !complete || len(out) == 0 {
		out = append(out, headerSet{Open: "the configuration comes from " + short(r.n)})
	}
	return out
}
