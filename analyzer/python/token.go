package python

import (
	"strings"

	"github.com/imdsscan/imdsscan/analyzer/facts"
	"github.com/imdsscan/imdsscan/analyzer/headers"
	"github.com/imdsscan/imdsscan/analyzer/imds"
)

// judgeToken decides method, token and misuse of a request to target.
func (m *module) judgeToken(f *found, target imds.Target, in *frame) {
	f.req = &facts.Request{Method: m.method(f, in)}
	if target.Kind == imds.OtherCloud {
		return
	}
	sets := m.requestSets(f, in)
	if headers.AsksToken(target) {
		f.asksToken = true
		f.req.Misuse = headers.TokenRequestMisuse(f.req.Method, target, sets, func(h headerField) string { return m.ttlProblem(f, h) })
		return
	}
	m.decide(f, sets)
}

// method is the HTTP method, empty when not known.
func (m *module) method(f *found, in *frame) string {
	read := func(n node, in *frame) (string, bool) {
		if !n.OK() {
			return "", false
		}
		text, ok := m.constant(ref{n, in})
		if !ok {
			return "", true
		}
		return strings.ToUpper(text), true
	}
	if f.object.OK() {
		class := m.table.Classes[m.typeOf(ref{f.object, f.objectIn}, 0)]
		args := m.args(f.object)
		if text, given := read(args.get(class.Method), f.objectIn); given {
			return text
		}
		if text, given := m.assignedMethod(f); given {
			return text
		}
		if d := args.get(class.Data); d.OK() && d.Kind() != "none" {
			return "POST"
		}
		return "GET"
	}
	if f.curl != nil {
		return f.curl.method
	}
	if text, given := read(f.args.get(f.client.MethodArg), in); given {
		return text
	}
	if d := f.args.get(f.client.Data); f.client.Data.Given() && d.OK() && d.Kind() != "none" {
		return "POST"
	}
	return f.client.Method
}

// assignedMethod reads req.get_method = lambda: "PUT" and req.method = "PUT".
func (m *module) assignedMethod(f *found) (string, bool) {
	made := ref{f.object, f.objectIn}
	for _, key := range m.keysOf(f.args.get(f.client.URL), made) {
		for _, attr := range []string{"get_method", "method"} {
			for _, b := range m.attributes[attr] {
				if m.key(b.target) != key+"."+attr || m.place(f.call).before(b.at) && m.scopeOf(b.target).function() == m.scopeOf(f.call).function() {
					continue
				}
				value := b.value
				if value.Kind() == "lambda" {
					value = value.Field("body")
				}
				text, _ := m.constant(ref{value, f.objectIn})
				return strings.ToUpper(text), true
			}
		}
	}
	// A subclass that overrides get_method.
	for _, def := range m.functionsOf(ref{f.object.Field("function"), f.objectIn}) {
		if c := m.owned[def]; c != nil {
			for _, b := range c.names["get_method"] {
				for _, v := range m.returns(b.value) {
					text, _ := m.constant(ref{n: v})
					return strings.ToUpper(text), true
				}
			}
		}
	}
	return "", false
}

// decide says from the header sets whether the token is sent.
func (m *module) decide(f *found, sets []headerSet) {
	f.token = headers.Decide(f.req, sets, func(h headerField) bool { return m.isNone(h.Value.ref) == 1 }).ref
}

// ttlProblem says what is wrong with the TTL in a header of a token request.
func (m *module) ttlProblem(f *found, h headerField) string {
	refs, _ := m.defsIn(h.Value.ref)
	for _, d := range refs {
		if d.n.Kind() == "integer" && f.client.StringHeaders {
			return "the TTL is a number; " + f.client.Library + " takes header values that are strings only and raises an exception"
		}
	}
	var values []imds.Value
	for _, v := range m.evalIn(h.Value.ref) {
		text, ok := v.Known()
		if _, rest, cut := strings.Cut(text, ":"); ok && cut && h.Value.line {
			v = imds.Lit(strings.TrimSpace(rest), imds.Source{})
		}
		values = append(values, v)
	}
	return headers.CheckTTL(values)
}
