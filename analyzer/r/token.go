package r

import (
	"strings"

	"github.com/imdsscan/imdsscan/analyzer/facts"
	"github.com/imdsscan/imdsscan/analyzer/headers"
	"github.com/imdsscan/imdsscan/analyzer/imds"
)

// judgeToken decides method, token and misuse of a request to target.
func (m *module) judgeToken(f *found, target imds.Target) {
	f.req = &facts.Request{Method: m.method(f)}
	if target.Kind == imds.OtherCloud {
		return
	}
	sets := m.headerSets(f)
	if headers.AsksToken(target) {
		f.asksToken = true
		f.req.Misuse = m.tokenRequestMisuse(f, target, sets)
		return
	}
	f.tokenValue = headers.Decide(f.req, sets, m.isEmpty).ref
}

// method is the HTTP method, empty when not known.
func (m *module) method(f *found) string {
	switch {
	case f.client.Style == "request":
		return f.built.method
	case f.client.MethodArg != "":
		text, _ := m.constant(ref{f.args.value(f.client.MethodArg), f.in})
		return strings.ToUpper(text)
	case f.client.Style == "options":
		return m.optionMethod(f)
	case f.client.Style == "handle":
		if f.client.Method != "" {
			return f.client.Method
		}
		return m.handleMethod(ref{f.args.value("handle"), f.in}, f.c.n)
	case f.client.Method != "":
		return f.client.Method
	}
	return "GET"
}

// optionMethod reads customrequest among RCurl's options.
func (m *module) optionMethod(f *found) string {
	for _, a := range f.args.dots {
		if a.name == "customrequest" {
			text, _ := m.constant(ref{a.value, f.in})
			return strings.ToUpper(text)
		}
		if a.name == "postfields" {
			return "POST"
		}
	}
	refs, _ := m.stands(ref{f.args.value(".opts"), f.in})
	for _, d := range refs {
		if c := m.callAt[d.n]; c != nil && c.named("customrequest").OK() {
			text, _ := m.constant(ref{c.named("customrequest"), d.in})
			return strings.ToUpper(text)
		}
	}
	if h := f.args.value("curl"); h.OK() {
		if method := m.handleMethod(ref{h, f.in}, f.c.n); method != "GET" {
			return method
		}
	}
	return f.client.Method
}

// handleMethod reads customrequest among the options of a curl handle.
func (m *module) handleMethod(r ref, n node) string {
	var calls []*call
	refs, _ := m.stands(r)
	for _, d := range refs {
		for c := m.callAt[d.n]; m.is(c, append(append([]string(nil), handleMakers...), handleChanges...)...) && len(calls) < maxRefs; {
			calls = append(calls, c)
			if !m.is(c, handleChanges...) {
				break
			}
			next, _ := m.stands(ref{c.first("handle", "curl"), d.in})
			if len(next) == 0 || m.callAt[next[0].n] == c {
				break
			}
			c = m.callAt[next[0].n]
		}
	}
	if r.n.Is("identifier") {
		calls = append(calls, m.changesOf(r.n, n)...)
	}
	for _, c := range calls {
		for _, key := range []string{"customrequest", "CUSTOMREQUEST"} {
			if v := c.named(key); v.OK() {
				text, _ := m.constant(ref{v, r.in})
				return strings.ToUpper(text)
			}
		}
		if c.named("upload").OK() || c.named("put").OK() {
			return "PUT"
		}
		if c.named("postfields").OK() || c.named("copypostfields").OK() {
			return "POST"
		}
	}
	return "GET"
}

// isEmpty reports a token that is the empty string or NULL.
func (m *module) isEmpty(h headerField) bool {
	if !h.Value.n.OK() {
		text, known := h.Value.text.Known()
		return known && strings.TrimSpace(text) == ""
	}
	refs, complete := m.stands(h.Value.ref)
	if !complete || len(refs) != 1 {
		return false
	}
	return refs[0].n.Is("null") || refs[0].n.Is("string") && len(refs[0].n.Text()) == 2
}

// tokenRequestMisuse says what is wrong with a request for a token.
func (m *module) tokenRequestMisuse(f *found, target imds.Target, sets []headerSet) string {
	return headers.TokenRequestMisuse(f.req.Method, target, sets, func(h headerField) string {
		if h.Value.n.OK() {
			return headers.CheckTTL(m.eval(h.Value.ref))
		}
		return headers.CheckTTL([]imds.Value{h.Value.text})
	})
}
