package jvm

import (
	"github.com/imdsscan/imdsscan/analyzer/facts"
	"github.com/imdsscan/imdsscan/analyzer/imds"
	"github.com/imdsscan/imdsscan/rules"
)

// found is a request with the parts of the code it is made of, for the fix.
type found struct {
	req *facts.Request
	// call is the call that is given the URL, outer the whole chain of steps
	// it is a part of (`Request.Get(u).addHeader(…)`).
	call  *call
	outer node
	// client is the call's entry in the table, step that of a method of class.
	client *rules.JVMCall
	step   *rules.JVMStep
	class  *rules.JVMClass
	name   string // of the client, for the fact
	// url and headers are the arguments, no node where there are none; the URL
	// may be the receiver.
	url, headers node
	// holder is the variable that the described request is given to.
	holder *binding
	in     *frame
	// token is the expression that gives the token this request carries.
	token ref
	// group is what else is said of the same call: one for each way it is
	// reached.
	group group
	// mixed is true when callers make the same call send other requests too.
	mixed bool
	// others are other URLs the same call asks, which must not get a token.
	others []imds.Value
	// atCaller is true when the request is reported at a call of the helper
	// that sends it.
	atCaller bool
	// asksToken is true for a request for a token, otherCloud for one to
	// another cloud's service.
	asksToken, otherCloud bool
}

// outcome is one request that a call may send.
type outcome struct {
	f      *found
	url    imds.Value
	target imds.Target
}

// entryOf is the client's entry for a call that is given a URL, nil for any
// other call.
func (m *module) entryOf(c *call, in *frame) *rules.JVMCall {
	names := m.namesOfCall(c)
	if q := m.client(names, func(q string) bool { return m.table.Calls[q] != nil && !m.table.Calls[q].URL.Receiver }); q != "" {
		return m.table.Calls[q]
	}
	if !c.recv.OK() {
		return nil
	}
	if e := m.table.OnURL[c.name]; e != nil && len(m.functionsOf(c, in)) == 0 {
		return e
	}
	if t := m.typeOf(ref{c.recv, in}); t != "" {
		return m.table.Calls[t+"."+c.name]
	}
	return nil
}

// stepOf is the step of a client's class that a call makes, nil for any other.
func (m *module) stepOf(c *call, in *frame) (*rules.JVMClass, *rules.JVMStep) {
	if !c.recv.OK() || !m.stepNames[c.name] {
		return nil, nil
	}
	class := m.table.Classes[m.typeOf(ref{c.recv, in})]
	if class == nil {
		return nil, nil
	}
	return class, class.Steps[c.name]
}

// pick is the argument of a call that a table entry means.
func pick(c *call, a rules.JVMArg) node {
	switch {
	case a.Receiver:
		return c.recv
	case a.Pos != nil:
		return c.arg(*a.Pos, a.Key)
	case a.Key != "":
		return c.arg(-1, a.Key)
	}
	return node{}
}

// requestFromCall records the request that a call describes or sends, if it
// is given a URL. A call in a function may be several requests: the calls of
// the function decide the URL and the headers.
func (m *module) requestFromCall(c *call) {
	var hits []*outcome
	var others []imds.Value
	elsewhere := false
	var shape *found
	for _, in := range m.framesAround(c.n) {
		f := m.shape(c, in)
		if f == nil {
			continue
		}
		shape = f
		hit := false
		for _, url := range m.evalIn(ref{f.url, in}) {
			target := imds.Classify(url)
			if target.Kind == imds.Elsewhere {
				others = appendValue(others, url)
				continue
			}
			g := *f
			g.asksToken, g.otherCloud = target.Token, target.Kind == imds.OtherCloud
			m.judgeToken(&g, target)
			hits = append(hits, &outcome{f: &g, url: url, target: target})
			hit = true
		}
		elsewhere = elsewhere || !hit
	}
	if len(hits) == 0 {
		if shape != nil {
			m.recordByPath(shape, others)
		}
		return
	}
	groups := grouped(hits)
	for _, group := range groups {
		for _, o := range group {
			o.f.mixed = mixes(groups)
			o.f.others = others
		}
		m.record(group, elsewhere)
	}
}

// shape is how a call is made up, nil for a call that is given no URL.
func (m *module) shape(c *call, in *frame) *found {
	f := &found{call: c, in: in}
	if e := m.entryOf(c, in); e != nil {
		f.client, f.name = e, e.Name
		f.url, f.headers = pick(c, e.URL), pick(c, e.Headers)
		f.class = m.table.Classes[e.Gives]
	} else if class, step := m.stepOf(c, in); step != nil && step.URL.Given() {
		f.class, f.step, f.name = class, step, class.Name+"."+c.name
		f.url = pick(c, step.URL)
	}
	if !f.url.OK() {
		return nil
	}
	f.outer = m.chainEnd(c.n, f.class, in)
	f.holder = m.holderOf(f.outer)
	return f
}

// recordByPath records a request to a host that is not known whose path only
// the metadata service has.
func (m *module) recordByPath(f *found, urls []imds.Value) {
	for _, url := range urls {
		if _, known := url.Known(); known || !imds.LooksAWS(url) {
			continue
		}
		m.judgeToken(f, imds.Target{})
		if f.req.Token == facts.TokenPresent || f.req.Method == "PUT" {
			continue
		}
		req := f.req
		req.Unit, req.Span, req.Client = m.unit(f.outer), f.outer.Span(), f.name
		req.Misuse, req.Fallback = "", ""
		req.Depends = "goes to " + url.String() + ", whose host is not known and whose path is the metadata service's"
		m.facts.Requests = append(m.facts.Requests, req)
		return
	}
}

// mixes reports whether a call sends requests that need a token and others
// that have one, ask for one or go to another cloud.
func mixes(groups []group) bool {
	needs, other := false, false
	for _, g := range groups {
		f := g[0].f
		if f.req.Token == facts.TokenAbsent && !f.asksToken && !f.otherCloud {
			needs = true
		} else {
			other = true
		}
	}
	return needs && other
}

// group is outcomes that say the same of a call.
type group []*outcome

// grouped puts outcomes together that differ in nothing but the URL.
func grouped(hits []*outcome) []group {
	type key struct {
		kind                     imds.Kind
		token                    bool
		use                      facts.TokenUse
		method, misuse, fallback string
	}
	at := map[key]int{}
	var out []group
	for _, o := range hits {
		k := key{o.target.Kind, o.target.Token, o.f.req.Token, o.f.req.Method, o.f.req.Misuse, o.f.req.Fallback}
		i, ok := at[k]
		if !ok {
			i = len(out)
			at[k] = i
			out = append(out, nil)
		}
		out[i] = append(out[i], o)
	}
	return out
}

// record makes the fact of a group of outcomes.
func (m *module) record(g group, elsewhere bool) {
	f := g[0].f
	if elsewhere && f.in != nil && m.hostFromCaller(g) {
		m.recordAtCallers(g)
		return
	}
	req := f.req
	req.Unit, req.Span, req.Client = m.unit(f.outer), f.outer.Span(), f.name
	for _, o := range g {
		req.URLs = appendValue(req.URLs, o.url)
	}
	req.Related = m.related(f.outer, g)
	f.group = g
	m.found = append(m.found, f)
	m.facts.Requests = append(m.facts.Requests, req)
}

// appendValue adds a value that is not there yet from the same places.
func appendValue(vs []imds.Value, v imds.Value) []imds.Value {
	for _, w := range vs {
		if sameValue(v, w) {
			return vs
		}
	}
	return append(vs, v)
}

func sameValue(a, b imds.Value) bool {
	if len(a) != len(b) {
		return false
	}
	for i := range a {
		if a[i] != b[i] {
			return false
		}
	}
	return true
}

// writtenIn reports whether a place of the code stands in a node.
func (m *module) writtenIn(src imds.Source, n node) bool {
	return n.OK() && src.Text == m.unit(n).Text && n.Span().Contains(src.Span)
}

// hostFromCaller reports whether the address of each outcome is written
// outside of the function that sends the request.
func (m *module) hostFromCaller(g group) bool {
	for _, o := range g {
		if o.f.in == nil || len(o.url) == 0 || o.url[0].Source.Text == nil || m.writtenIn(o.url[0].Source, o.f.in.def) {
			return false
		}
	}
	return true
}

// recordAtCallers reports the calls of a helper that fetches any URL.
func (m *module) recordAtCallers(g group) {
	seen := map[node]*facts.Request{}
	for _, o := range g {
		at := o.f.in
		for at.up != nil && !m.writtenIn(o.url[0].Source, at.up.def) {
			at = at.up
		}
		n := at.site.n
		if req := seen[n]; req != nil {
			req.URLs = appendValue(req.URLs, o.url)
			continue
		}
		req := *o.f.req
		req.Unit, req.Span, req.Client = m.unit(n), n.Span(), o.f.name
		req.URLs = []imds.Value{o.url}
		req.Related = []facts.Related{{Source: m.source(o.f.outer), Unit: m.unit(o.f.outer), Message: "the request is sent here"}}
		if req.Token == facts.TokenAbsent {
			req.Site = &facts.Site{Refuse: "the request is sent by a helper that also fetches other addresses; a token header there would send the token to other hosts"}
		}
		seen[n] = &req
		f := *o.f
		f.req, f.atCaller, f.group = &req, true, group{o}
		m.found = append(m.found, &f)
		m.facts.Requests = append(m.facts.Requests, &req)
	}
}

// related are the places a reader wants to see: where the address is set, who
// calls the wrapper.
func (m *module) related(n node, g group) []facts.Related {
	const enough = 8
	var out []facts.Related
	seen := map[imds.Source]bool{}
	add := func(src imds.Source, message string) {
		if src.Text == nil || seen[src] || len(out) >= enough {
			return
		}
		seen[src] = true
		for _, u := range m.units {
			if u.Text == src.Text {
				out = append(out, facts.Related{Source: src, Unit: u, Message: message})
				return
			}
		}
	}
	inCalls := func(src imds.Source) bool {
		for _, o := range g {
			for f := o.f.in; f != nil; f = f.up {
				if m.writtenIn(src, f.site.n) {
					return true
				}
			}
		}
		return false
	}
	for _, o := range g {
		if f := o.f.in; f != nil {
			add(m.source(f.site.n), "called here")
		}
	}
	for _, o := range g {
		for _, src := range o.url.Sources() {
			if !m.writtenIn(src, n) && !inCalls(src) && holdsEndpoint(src.Text.Bytes()[src.Span.Start:src.Span.End]) {
				add(src, "the address is set here")
			}
		}
	}
	return out
}

// holdsEndpoint reports whether a text spells the endpoint.
func holdsEndpoint(text []byte) bool { return len(imds.Find(text)) > 0 }
