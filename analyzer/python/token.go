package python

import (
	"fmt"
	"strings"

	"github.com/imdsscan/imdsscan/analyzer/facts"
	"github.com/imdsscan/imdsscan/analyzer/imds"
)

// tokenState is what is known of the token a request carries.
type tokenState struct {
	use facts.TokenUse
	// value is the expression that gives the token, where one is seen.
	value ref
}

// judgeToken decides method, token and misuse of a request to target.
func (m *module) judgeToken(f *found, target imds.Target, in *frame) {
	f.req = &facts.Request{Method: m.method(f, in)}
	if target.Kind == imds.OtherCloud {
		return
	}
	sets := m.requestSets(f, in)
	if target.Token || versionedToken(target.Path) {
		f.asksToken = true
		f.req.Misuse = m.tokenRequestMisuse(f, target, sets)
		return
	}
	m.decide(f, sets)
	f.req.Token = f.token.use
}

// versionedToken reports a path that looks like the token's under a version
// other than latest; the service has no such path.
func versionedToken(path string) bool {
	return strings.HasSuffix(strings.TrimRight(path, "/"), "/api/token")
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
	present, absent, unknown := 0, 0, 0
	when := ""
	for _, s := range sets {
		field, ok := tokenField(s)
		switch {
		case ok && m.isEmptyToken(field.value):
			f.req.Misuse = "the token header is sent without a token"
			absent++
		case ok:
			present++
			if s.when != "" {
				when = s.when
			}
			f.token.value = field.value
			f.req.Why = "sends " + field.name
		case s.open != "":
			unknown++
			f.req.Why = s.open
		default:
			absent++
			if when == "" {
				when = s.when
			}
			for _, h := range s.fields {
				if wrong := imds.MisnamedHeader(h.name); wrong != "" && f.req.Misuse == "" {
					if s.when != "" && strings.Contains(wrong, "is the metadata header of") {
						continue // sent where the code knows that it runs in that cloud
					}
					f.req.Misuse = wrong
				} else if imds.IsTTLHeader(h.name) && f.req.Misuse == "" {
					f.req.Misuse = fmt.Sprintf("sends %s, which asks for a token, in place of %s", h.name, imds.TokenHeader)
				}
			}
		}
	}
	switch {
	case unknown > 0:
		f.token.use = facts.TokenUnknown
	case absent == 0:
		f.token.use = facts.TokenPresent
	default:
		f.token.use = facts.TokenAbsent
		if present > 0 {
			f.req.Fallback = "sends the token only on some ways"
			if when != "" {
				f.req.Fallback = "sends the token only when `" + when + "` says so"
			}
		}
	}
	if f.token.use != facts.TokenAbsent {
		f.req.Misuse = ""
	}
	if f.token.use == facts.TokenAbsent || present == 0 && unknown == 0 {
		f.req.Why = ""
	}
}

func tokenField(s headerSet) (headerField, bool) {
	for _, f := range s.fields {
		if imds.IsTokenHeader(f.name) {
			return f, true
		}
	}
	return headerField{}, false
}

// isEmptyToken reports a token that is the empty string or None.
func (m *module) isEmptyToken(value ref) bool { return m.isNone(value) == 1 }

// tokenRequestMisuse says what is wrong with a request for a token.
func (m *module) tokenRequestMisuse(f *found, target imds.Target, sets []headerSet) string {
	switch f.req.Method {
	case "PUT", "":
	default:
		return "asks for a token with " + f.req.Method + "; the service hands out tokens for PUT only"
	}
	if !target.Token {
		return "asks for a token at " + target.Path + "; the only path is " + imds.TokenPath
	}
	wrong := ""
	for _, s := range sets {
		problem := m.ttlProblem(f, s)
		if problem == "" {
			return ""
		}
		wrong = problem
	}
	return wrong
}

func (m *module) ttlProblem(f *found, s headerSet) string {
	for _, h := range s.fields {
		if !imds.IsTTLHeader(h.name) {
			continue
		}
		for _, d := range m.valuesOf(h.value) {
			if d.n.Kind() == "integer" && f.client.StringHeaders {
				return "the TTL is a number; " + f.client.Library + " takes header values that are strings only and raises an exception"
			}
		}
		for _, v := range m.evalIn(h.value) {
			text, ok := v.Known()
			if !ok {
				continue
			}
			if _, rest, cut := strings.Cut(text, ":"); cut && h.at == h.value.n {
				text = strings.TrimSpace(rest)
			}
			if err := imds.CheckTTL(text); err != nil {
				return err.Error()
			}
		}
		return ""
	}
	if s.open != "" {
		return ""
	}
	for _, h := range s.fields {
		if wrong := imds.MisnamedHeader(h.name); wrong != "" {
			return wrong
		}
	}
	return "asks for a token without " + imds.TTLHeader
}

func (m *module) valuesOf(r ref) []ref {
	refs, _ := m.defsIn(r)
	return refs
}
