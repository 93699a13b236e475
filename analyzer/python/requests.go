package python

import (
	"maps"
	"slices"
	"strings"

	"github.com/imdsscan/imdsscan/analyzer/facts"
	"github.com/imdsscan/imdsscan/analyzer/imds"
	"github.com/imdsscan/imdsscan/rules"
)

// found is a request with the parts of the code it is made of, for the fix.
type found struct {
	req    *facts.Request
	call   node // the call that sends
	client *rules.PythonCall
	args   arguments
	// url is the argument that holds the URL, headers the one that holds the
	// headers; no node where the call has none. With a request object
	// (urllib.request.Request) they are the object's, and object is the call
	// that makes it.
	url, headers, object node
	objectIn             *frame
	// receiver is the expression the method is called on (`s` in `s.get(…)`),
	// no node for a function; maker is the call that makes it, where known.
	receiver, maker node
	// token is the expression that gives the token, where one is seen.
	token ref
	in    *frame
	curl  *curlOptions // of a pycurl request
	// passed is true when the call gives the client's function to code that
	// calls it.
	passed bool
	// mixed is true when callers make the same call send other requests too:
	// with a token, for a token, to another cloud.
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

// requestFromCall records the request that a call sends, if it sends one.
// A call in a function may be several requests: the calls of the function
// decide the URL and the headers.
func (m *module) requestFromCall(call node, name string) {
	client := m.table.Calls[name]
	if client == nil {
		client = m.likelyClient(call)
	}
	if client == nil {
		m.requestFromPassed(call)
		return
	}
	if m.mocked(call) {
		m.mention(call, "call under a mock")
		return
	}
	m.requestsOf(call, client)
}

// likelyClient is the client of a call on an object that is called like one
// and whose making is not seen: an argument, an import from another file.
func (m *module) likelyClient(call node) *rules.PythonCall {
	fn := call.Field("function")
	if fn.Kind() != "attribute" {
		return nil
	}
	object := fn.Field("object")
	last := object
	if object.Kind() == "attribute" {
		last = object.Field("attribute")
	}
	if last.Kind() != "identifier" {
		return nil
	}
	client := m.table.Calls["requests.Session."+fn.Field("attribute").Text()]
	name := strings.ToLower(last.Text())
	for _, word := range []string{"session", "client", "http", "requests", "pool"} {
		if client != nil && strings.Contains(name, word) && !strings.Contains(name, "mock") && len(m.functionsOf(ref{n: fn})) == 0 {
			return client
		}
	}
	return nil
}

func (m *module) requestsOf(call node, client *rules.PythonCall) {
	var hits []*outcome
	var others []imds.Value
	elsewhere := false
	for _, in := range m.framesAround(call) {
		os, rest := m.outcomes(call, client, in)
		if len(os) == 0 {
			elsewhere = true
		}
		hits = append(hits, os...)
		for _, v := range rest {
			others = appendValue(others, v)
		}
	}
	if len(hits) == 0 {
		m.recordByPath(call, client, others)
		return
	}
	groups := grouped(hits)
	for _, group := range groups {
		for _, o := range group {
			o.f.mixed = m.mixes(groups)
			o.f.others = others
		}
		m.record(call, client, group, elsewhere)
	}
}

// recordByPath records a request to a host that is not known whose path only
// the metadata service has.
func (m *module) recordByPath(call node, client *rules.PythonCall, urls []imds.Value) {
	for _, url := range urls {
		if _, known := url.Known(); known || !imds.LooksAWS(url) {
			continue
		}
		for _, f := range m.shapes(call, client, nil) {
			f.req = &facts.Request{Method: m.method(f, nil)}
			m.decide(f, m.requestSets(f, nil))
			if f.req.Token == facts.TokenPresent || f.req.Method == "PUT" {
				continue
			}
			req := f.req
			req.Unit, req.Span, req.Client = m.unit(call), call.Span(), client.Name
			req.Misuse, req.Fallback = "", ""
			req.Depends = "goes to " + url.String() + ", whose host is not known and whose path is the metadata service's"
			m.facts.Requests = append(m.facts.Requests, req)
			return
		}
	}
}

// mixes reports whether a call sends requests that need a token and others
// that have one, ask for one or go to another cloud.
func (m *module) mixes(groups []group) bool {
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

// outcome is one request that a call may send.
type outcome struct {
	f      *found
	in     *frame
	url    imds.Value
	target imds.Target
}

// outcomes are the requests a call sends in one frame that may reach the
// service, and the other URLs it may ask.
func (m *module) outcomes(call node, client *rules.PythonCall, in *frame) (out []*outcome, others []imds.Value) {
	for _, f := range m.shapes(call, client, in) {
		for _, url := range m.urls(f, in) {
			target := imds.Classify(url)
			if target.Kind == imds.Elsewhere {
				others = append(others, url)
				continue
			}
			g := *f
			g.in = in
			g.asksToken = target.Token
			g.otherCloud = target.Kind == imds.OtherCloud
			m.judgeToken(&g, target, in)
			out = append(out, &outcome{f: &g, in: in, url: url, target: target})
		}
	}
	return out, others
}

// shapes are the ways a call is made up: with a URL of its own, or with a
// request object made elsewhere.
func (m *module) shapes(call node, client *rules.PythonCall, in *frame) []*found {
	f := found{call: call, client: client, args: m.args(call)}
	if passed, ok := m.passedClient(call); ok {
		return m.passedShapes(passed, f)
	}
	f.url, f.headers = f.args.get(client.URL), f.args.get(client.Headers)
	if client.Class != nil {
		if fn := call.Field("function"); fn.Kind() == "attribute" {
			f.receiver = fn.Field("object")
			f.maker = m.makerOf(ref{f.receiver, in}, client.Class.Name)
		}
	}
	if client.Class != nil && client.Class.Options != "" {
		return []*found{m.byOptions(f)}
	}
	refs, _ := m.defsIn(ref{f.url, in})
	var out []*found
	for _, d := range refs {
		d = m.unwrapRequest(d)
		class := m.table.Classes[m.typeOf(d, 0)]
		if class == nil || !class.URL.Given() {
			continue
		}
		g := f
		g.object, g.objectIn = d.n, d.in
		args := m.args(d.n)
		g.url, g.headers = args.get(class.URL), args.get(class.Headers)
		out = append(out, &g)
	}
	if len(out) == 0 && f.url.OK() {
		out = append(out, &f)
	}
	return out
}

// unwrapRequest sees through Request(…).prepare() and prepare_request(r).
func (m *module) unwrapRequest(d ref) ref {
	fn := d.n.Field("function")
	if d.n.Kind() != "call" || fn.Kind() != "attribute" {
		return d
	}
	inner := node{}
	switch fn.Field("attribute").Text() {
	case "prepare":
		inner = fn.Field("object")
	case "prepare_request":
		if args := m.args(d.n); len(args.pos) == 1 {
			inner = args.pos[0]
		}
	}
	if refs, _ := m.defsIn(ref{inner, d.in}); len(refs) == 1 {
		return refs[0]
	}
	return d
}

// makerOf is the constructor call of an object of the class, no node when it
// is not known.
func (m *module) makerOf(r ref, class string) node {
	refs, _ := m.defsIn(r)
	for _, d := range refs {
		if m.typeOf(d, 0) == class {
			return d.n
		}
	}
	return node{}
}

// urls are the values a request's URL may have, host and base put before it.
func (m *module) urls(f *found, in *frame) []imds.Value {
	at := in
	if f.object.OK() {
		at = f.objectIn
	}
	values := m.evalIn(ref{f.url, at})
	class := f.client.Class
	if class == nil || !class.Host.Given() && !class.Base.Given() {
		return values
	}
	refs, _ := m.defsIn(ref{f.receiver, in})
	var out []imds.Value
	for _, d := range refs {
		if m.typeOf(d, 0) != class.Name {
			continue
		}
		args := m.args(d.n)
		switch host, base := args.get(class.Host), args.get(class.Base); {
		case host.OK():
			for _, h := range m.evalIn(ref{host, d.in}) {
				for _, v := range values {
					out = append(out, withScheme(class.Scheme, imds.Join(h, v)))
				}
			}
		case base.OK():
			for _, b := range m.evalIn(ref{base, d.in}) {
				for _, v := range values {
					out = append(out, onBase(b, v))
				}
			}
		default:
			out = append(out, values...)
		}
	}
	return out
}

// withScheme puts a scheme before a URL that starts with //.
func withScheme(scheme string, v imds.Value) imds.Value {
	if len(v) > 0 && strings.HasPrefix(v[0].Text, "//") && !v[0].Unknown && scheme != "" {
		return imds.Concat(imds.Value{{Text: scheme + ":"}}, v)
	}
	return v
}

// onBase joins a client's base URL with the URL of a call.
func onBase(base, v imds.Value) imds.Value {
	if text, _ := v.Prefix(); strings.Contains(text, "://") {
		return v
	}
	if len(v) > 0 && v[0].Unknown {
		return withSlash(trimRight(base, "/"), v)
	}
	return withSlash(trimRight(base, "/"), trimLeft(v, "/"))
}

// group is outcomes that say the same of a call.
type group []*outcome

// grouped puts outcomes together that differ in nothing but the URL.
func grouped(hits []*outcome) []group {
	type key struct {
		kind                    imds.Kind
		token                   bool
		use                     facts.TokenUse
		method, misuse, mislead string
		object                  node
	}
	at := map[key]int{}
	var out []group
	for _, o := range hits {
		k := key{o.target.Kind, o.target.Token, o.f.req.Token, o.f.req.Method, o.f.req.Misuse, o.f.req.Fallback, o.f.object}
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
func (m *module) record(call node, client *rules.PythonCall, g group, elsewhere bool) {
	if g, abroad := m.fromAbroad(call, g); len(abroad) > 0 {
		m.recordAtCallers(abroad)
		if len(g) > 0 {
			m.record(call, client, g, true)
		}
		return
	}
	f := g[0].f
	if elsewhere && g[0].in.call() != nil && m.hostFromCaller(g) {
		m.recordAtCallers(g)
		return
	}
	req := f.req
	req.Unit, req.Span, req.Client = m.unit(call), call.Span(), client.Name
	for _, o := range g {
		req.URLs = appendValue(req.URLs, o.url)
	}
	req.Related = m.related(call, g)
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

// hostFromCaller reports whether the address of each outcome is written
// outside of the function that sends the request.
func (m *module) hostFromCaller(g group) bool {
	for _, o := range g {
		if len(o.url) == 0 || o.url[0].Source.Text == nil {
			return false
		}
		src := o.url[0].Source
		def := o.in.call().def
		if src.Text == m.unit(def).Text && def.Span().Contains(src.Span) {
			return false
		}
	}
	return true
}

// recordAtCallers reports the calls of a helper that fetches any URL.
func (m *module) recordAtCallers(g group) {
	seen := map[node]*facts.Request{}
	for _, o := range g {
		at := o.in.call()
		for at.up.call() != nil && m.passesOn(at, o) {
			at = at.up.call()
		}
		call := at.site.call
		if req := seen[call]; req != nil {
			req.URLs = appendValue(req.URLs, o.url)
			continue
		}
		req := *o.f.req
		req.Unit, req.Span, req.Client = m.unit(call), call.Span(), o.f.client.Name
		req.URLs = []imds.Value{o.url}
		req.Related = []facts.Related{{Source: m.source(o.f.call), Unit: m.unit(o.f.call), Message: "the request is sent here"}}
		if req.Token == facts.TokenAbsent {
			req.Site = &facts.Site{Refuse: "the request is sent by a helper that also fetches other addresses; a token header there would send the token to other hosts"}
			if m.unit(o.f.call).Doc != req.Unit.Doc {
				req.Site.Refuse = "the request is sent by a function of " + m.unit(o.f.call).Doc.Path + ", which other notebooks may call with other addresses"
			}
		}
		seen[call] = &req
		f := *o.f
		f.req = &req
		f.atCaller = true
		m.found = append(m.found, &f)
		m.facts.Requests = append(m.facts.Requests, &req)
	}
}

// fromAbroad takes out of a group the outcomes whose address another notebook
// hands to the function that sends the request: they are that notebook's.
func (m *module) fromAbroad(call node, g group) (rest, abroad group) {
	doc := m.unit(call).Doc
	if !slices.ContainsFunc(m.units, func(u *facts.Unit) bool { return u.Doc != doc }) {
		return g, nil
	}
	for _, o := range g {
		at := o.in.call()
		if at == nil || !m.handedOver(o) {
			rest = append(rest, o)
			continue
		}
		for at.up.call() != nil && m.passesOn(at, o) {
			at = at.up.call()
		}
		if m.unit(at.site.call).Doc == doc {
			rest = append(rest, o)
		} else {
			abroad = append(abroad, o)
		}
	}
	return rest, abroad
}

// handedOver reports whether the address of an outcome is an argument of the
// calls that lead to it, rather than a name that the function knows.
func (m *module) handedOver(o *outcome) bool {
	if !m.hostFromCaller(group{o}) {
		return false
	}
	for f := o.in.call(); f != nil; f = f.up.call() {
		given := slices.Clone(f.site.args.pos)
		for _, key := range slices.Sorted(maps.Keys(f.site.args.key)) {
			given = append(given, f.site.args.key[key])
		}
		for _, a := range given {
			for _, v := range m.evalIn(ref{a, f.up}) {
				if len(v) > 0 && v[0].Source == o.url[0].Source {
					return true
				}
			}
		}
	}
	return false
}

// passesOn reports whether the call of a frame takes the address from its own
// caller.
func (m *module) passesOn(at *frame, o *outcome) bool {
	src := o.url[0].Source
	def := at.up.call().def
	return !(src.Text == m.unit(def).Text && def.Span().Contains(src.Span))
}

// related are the places a reader wants to see: where the address is set, who
// calls the wrapper.
func (m *module) related(call node, g group) []facts.Related {
	const enough = 8
	var out []facts.Related
	seen := map[imds.Source]bool{}
	add := func(src imds.Source, message string) {
		if src.Text == nil || seen[src] || len(out) >= enough {
			return
		}
		seen[src] = true
		if u := m.unitWith(src); u != nil {
			out = append(out, facts.Related{Source: src, Unit: u, Message: message})
		}
	}
	for _, o := range g {
		if in := o.in.call(); in != nil {
			add(m.source(in.site.call), "called here")
		}
	}
	for _, o := range g {
		for _, src := range o.url.Sources() {
			if src.Text == m.unit(call).Text && call.Span().Contains(src.Span) {
				continue
			}
			if m.insideCalls(src, g) || !holdsEndpoint(src.Text.Bytes()[src.Span.Start:src.Span.End]) {
				continue
			}
			add(src, "the address is set here")
		}
	}
	return out
}

func (m *module) insideCalls(src imds.Source, g group) bool {
	for _, o := range g {
		for f := o.in.call(); f != nil; f = f.up.call() {
			c := f.site.call
			if src.Text == m.unit(c).Text && c.Span().Contains(src.Span) {
				return true
			}
		}
	}
	return false
}

// unitWith is the unit of the session whose text a source stands in.
func (m *module) unitWith(src imds.Source) *facts.Unit {
	for _, u := range m.units {
		if u.Text == src.Text {
			return u
		}
	}
	return nil
}
