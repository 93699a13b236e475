package r

import (
	"strings"

	"github.com/imdsscan/imdsscan/analyzer/facts"
	"github.com/imdsscan/imdsscan/analyzer/imds"
	"github.com/imdsscan/imdsscan/rules"
)

// found is a request with the parts of the code it is made of, for the fix.
type found struct {
	req    *facts.Request
	c      *call
	client *rules.RCall
	args   matched
	in     *frame
	url    imds.Value
	// built is how an httr2 request was put together.
	built built
	// tokenValue is the expression that gives the token, where one is seen.
	tokenValue ref
	// asksToken is true for a request for a token, otherCloud for one to
	// another cloud's service.
	asksToken, otherCloud bool
	// mixed is true when callers make the same call send other requests too;
	// others are other URLs the same call asks, which must not get a token.
	mixed  bool
	others []imds.Value
	// atCaller is the call of the helper that the request is reported at.
	atCaller *call
}

// clientOf is the table's entry for a call, nil when it is no client or when
// the session has a function of that name.
func (m *module) clientOf(c *call) *rules.RCall {
	pkg, name := c.pkg, c.name
	if pkg == "" && m.isOwn(c.n, name) {
		// get <- httr::GET
		refs, complete := m.stands(ref{n: c.fn})
		if len(refs) != 1 || !complete || !refs[0].n.Is("namespace_operator") {
			return nil
		}
		pkg, name = qualified(refs[0].n)
	}
	var best *rules.RCall
	for _, client := range m.table.Calls[name] {
		switch {
		case pkg != "":
			if client.Library == pkg {
				return client
			}
		case m.attached[client.Library]:
			return client
		case best == nil:
			best = client
		}
	}
	if pkg != "" {
		return nil
	}
	return best
}

// requestFromCall records the requests that a call sends.
func (m *module) requestFromCall(c *call) {
	client := m.clientOf(c)
	if client == nil {
		if c = m.passed(c); c != nil {
			client = m.clientOf(c)
		}
	}
	if client == nil || m.mocked(c.n) {
		return
	}
	var hits []*found
	var others []imds.Value
	elsewhere := false
	for _, in := range m.framesAround(c.n) {
		fs, rest := m.outcomes(c, client, in)
		elsewhere = elsewhere || len(fs) == 0
		hits = append(hits, fs...)
		others = union(others, rest)
		if len(hits) > 4*maxRefs {
			break
		}
	}
	if len(hits) == 0 {
		m.recordByPath(c, client, others)
		return
	}
	groups := grouped(hits)
	for _, group := range groups {
		for _, f := range group {
			f.mixed, f.others = mixes(groups), others
		}
		m.record(group, elsewhere)
	}
}

// outcomes are the requests a call sends in one frame that may reach the
// service, and the other URLs it may ask.
func (m *module) outcomes(c *call, client *rules.RCall, in *frame) (out []*found, others []imds.Value) {
	args := match(append(append([]string(nil), client.Params...), client.Named...), c.args)
	url := args.value(client.URL)
	if !url.OK() {
		url = m.handleURL(args)
	}
	if !url.OK() {
		return nil, nil
	}
	base := found{c: c, client: client, args: args, in: in}
	if client.Style == "request" {
		for _, b := range m.builds(ref{url, in}) {
			for _, u := range b.urls {
				f := base
				f.url, f.built = u, b
				out, others = m.outcome(f, out, others)
			}
		}
		return out, others
	}
	urls := m.eval(ref{url, in})
	if p := args.value("path"); client.Style == "config" {
		for _, a := range args.dots {
			if a.name == "path" {
				p = a.value
			}
		}
		if p.OK() {
			urls = withPath(urls, m.eval(ref{p, in}))
		}
	}
	for _, u := range urls {
		f := base
		f.url = u
		out, others = m.outcome(f, out, others)
	}
	return out, others
}

// handleURL is the address of GET(handle = handle(url), path = …).
func (m *module) handleURL(args matched) node {
	refs, _ := m.stands(ref{n: args.value("handle")})
	for _, d := range refs {
		if c := m.callAt[d.n]; m.is(c, "handle") {
			return c.first("url")
		}
	}
	return node{}
}

func (m *module) outcome(f found, out []*found, others []imds.Value) ([]*found, []imds.Value) {
	if f.client.Connection || f.client.Reads != "" {
		// A file's name has no scheme; a host of its own is none.
		if text, _ := f.url.Prefix(); !strings.Contains(text, "://") && !(len(f.url) > 0 && f.url[0].Unknown) {
			return out, others
		}
	}
	target := imds.Classify(f.url)
	if target.Kind == imds.Elsewhere {
		return out, appendValue(others, f.url)
	}
	f.otherCloud = target.Kind == imds.OtherCloud
	m.judgeToken(&f, target)
	return append(out, &f), others
}

// grouped puts requests together that are judged alike.
func grouped(fs []*found) [][]*found {
	type key struct {
		token         facts.TokenUse
		asks, other   bool
		misuse, falls string
	}
	var order []key
	by := map[key][]*found{}
	for _, f := range fs {
		k := key{f.req.Token, f.asksToken, f.otherCloud, f.req.Misuse, f.req.Fallback}
		if by[k] == nil {
			order = append(order, k)
		}
		by[k] = append(by[k], f)
	}
	var out [][]*found
	for _, k := range order {
		out = append(out, by[k])
	}
	return out
}

// mixes reports whether a call sends requests that need a token and others
// that have one, ask for one or go to another cloud.
func mixes(groups [][]*found) bool {
	needs, other := false, false
	for _, g := range groups {
		f := g[0]
		if f.req.Token == facts.TokenAbsent && !f.asksToken && !f.otherCloud {
			needs = true
		} else {
			other = true
		}
	}
	return needs && other
}

// record adds the request of a group: at the call, or where a helper that also
// fetches other addresses is called.
func (m *module) record(group []*found, elsewhere bool) {
	f := group[0]
	if elsewhere || toOthers(f.others) {
		if m.recordAtCallers(group) {
			return
		}
	}
	req := f.req
	req.Unit, req.Span, req.Client = m.unit(f.c.n), f.c.span(), f.client.ID()
	for _, g := range group {
		req.URLs = appendValue(req.URLs, g.url)
	}
	req.Related = m.related(group)
	m.found = append(m.found, f)
	m.facts.Requests = append(m.facts.Requests, req)
}

func toOthers(others []imds.Value) bool {
	for _, v := range others {
		if text, _ := v.Prefix(); strings.Contains(text, "://") {
			return true
		}
	}
	return false
}

// recordAtCallers reports requests at the calls of the helper; false when the
// address is not the callers'.
func (m *module) recordAtCallers(group []*found) bool {
	for _, f := range group {
		if f.in == nil || f.in.site == nil || len(f.url) == 0 || f.url[0].Source.Text == nil {
			return false
		}
		def := f.in.def
		if src := f.url[0].Source; src.Text == m.unit(def).Text && def.Span().Contains(src.Span) {
			return false
		}
	}
	seen := map[*call]*facts.Request{}
	for _, f := range group {
		at := f.in
		for at.up != nil && at.up.site != nil && !m.writtenIn(f.url, at.up.def) {
			at = at.up
		}
		c := at.site.c
		if req := seen[c]; req != nil {
			req.URLs = appendValue(req.URLs, f.url)
			continue
		}
		req := *f.req
		req.Unit, req.Span, req.Client = m.unit(c.n), c.span(), f.client.ID()
		req.URLs = []imds.Value{f.url}
		req.Related = []facts.Related{{Source: m.source(f.c.n), Unit: m.unit(f.c.n), Message: "the request is sent here"}}
		if req.Token == facts.TokenAbsent {
			req.Site = &facts.Site{Refuse: "the request is sent by a helper that also fetches other addresses; a token header there would send the token to other hosts"}
		}
		seen[c] = &req
		g := *f
		g.req, g.atCaller = &req, c
		m.found = append(m.found, &g)
		m.facts.Requests = append(m.facts.Requests, &req)
	}
	return true
}

func (m *module) writtenIn(v imds.Value, def node) bool {
	src := v[0].Source
	return src.Text == m.unit(def).Text && def.Span().Contains(src.Span)
}

// recordByPath records a request to a host that is not known whose path only
// the metadata service has.
func (m *module) recordByPath(c *call, client *rules.RCall, urls []imds.Value) {
	for _, url := range urls {
		if _, known := url.Known(); known || !imds.LooksAWS(url) {
			continue
		}
		fs := found{c: c, client: client, args: match(append(append([]string(nil), client.Params...), client.Named...), c.args), url: url}
		m.judgeToken(&fs, imds.Target{Kind: imds.AWS})
		if fs.req.Token == facts.TokenPresent || fs.req.Method == "PUT" {
			continue
		}
		req := fs.req
		req.Unit, req.Span, req.Client = m.unit(c.n), c.span(), client.ID()
		req.Misuse, req.Fallback = "", ""
		req.Depends = "goes to " + url.String() + ", whose host is not known and whose path is the metadata service's"
		m.facts.Requests = append(m.facts.Requests, req)
		return
	}
}

// related are the places a reader wants to see: where the address is set, who
// calls the wrapper.
func (m *module) related(group []*found) []facts.Related {
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
	for _, f := range group {
		if f.in != nil && f.in.site != nil {
			add(m.source(f.in.site.c.n), "called here")
		}
	}
	for _, f := range group {
		for _, src := range f.url.Sources() {
			if src.Text == m.unit(f.c.n).Text && f.c.span().Contains(src.Span) || m.insideSites(src, f) {
				continue
			}
			if holdsEndpoint(src.Text.Bytes()[src.Span.Start:src.Span.End]) {
				add(src, "the address is set here")
			}
		}
	}
	return out
}

func (m *module) insideSites(src imds.Source, f *found) bool {
	for at := f.in; at != nil; at = at.up {
		if at.site != nil && src.Text == m.unit(at.site.c.n).Text && at.site.c.span().Contains(src.Span) {
			return true
		}
	}
	return false
}

// mocked reports whether a call runs under a mock, or only says what a test
// expects.
func (m *module) mocked(n node) bool {
	for p := n.Parent(); p.OK(); p = p.Parent() {
		if p.Is("call") {
			pkg, name := qualified(p.Field("function"))
			if pkg == "vcr" || pkg == "webmockr" || pkg == "mockery" || pkg == "httptest" || has(mocks, name) {
				return true
			}
		}
	}
	return false
}

var mocks = []string{"with_mock", "with_mock_api", "with_mock_dir", "without_internet", "use_cassette", "local_mock", "with_mocked_bindings", "quote", "bquote", "substitute", "expression", "expr", "quo"}
