package jvm

import (
	"fmt"
	"strings"

	"github.com/imdsscan/imdsscan/analyzer/facts"
	"github.com/imdsscan/imdsscan/analyzer/imds"
)

// judgeToken decides method, token and misuse of a request to target.
func (m *module) judgeToken(f *found, target imds.Target) {
	f.req = &facts.Request{}
	sets := m.sentWith(f)
	f.req.Method = methodOf(sets)
	if target.Kind == imds.OtherCloud {
		return
	}
	if target.Token || strings.HasSuffix(strings.TrimRight(target.Path, "/"), "/api/token") {
		f.asksToken = true
		f.req.Misuse = m.tokenRequestMisuse(f, target, sets)
		return
	}
	m.decide(f, sets)
}

// sentWith are the possibilities of what a request sends.
func (m *module) sentWith(f *found) []headerSet {
	var sets []headerSet
	if f.client != nil {
		sets = m.begin(f.call, f.client, f.in)
	} else {
		sets = m.applyStep(m.described(ref{f.call.recv, f.in}, f.call.n), f.step, f.call, f.in)
	}
	sets = m.forward(sets, f.call.n, f.class, f.in, f.call.n, 0)
	if f.class != nil && f.class.Name != connectionClass {
		if why := m.headersOfClient(); why != "" {
			sets = merged(sets, openSet(why))
		}
	}
	return sets
}

// forClient are methods that give a client headers, or code that adds them,
// for all its requests.
var forClient = []string{"setDefaultHeaders", "addInterceptor", "addNetworkInterceptor", "addInterceptorFirst", "addInterceptorLast",
	"addRequestInterceptorFirst", "addRequestInterceptorLast", "setInterceptors", "defaultHeaders", "setDefaultHeader", "addDefaultHeader", "requestFactory"}

// headersOfClient says why a client may send the token by itself: the session
// gives one headers or an interceptor and writes the token's header somewhere.
func (m *module) headersOfClient() string {
	for _, name := range forClient {
		for range m.callsByName[name] {
			for _, u := range m.units {
				if strings.Contains(strings.ToLower(string(u.Text.Bytes())), strings.ToLower(imds.TokenHeader)) {
					return "the client's " + name + " may add the token"
				}
			}
		}
	}
	return ""
}

// methodOf is the HTTP method, empty when not known.
func methodOf(sets []headerSet) string {
	method := ""
	for i, s := range sets {
		own := s.method
		if own == "" && !s.unclear {
			own = "GET"
		}
		if i > 0 && own != method {
			return ""
		}
		method = own
	}
	return method
}

// decide says from the header sets whether the token is sent.
func (m *module) decide(f *found, sets []headerSet) {
	present, absent, unknown := 0, 0, 0
	when := ""
	for _, s := range sets {
		field, ok := tokenField(s)
		switch {
		case ok && m.isNone(field.value) == 1:
			f.req.Misuse = "the token header is sent without a token"
			absent++
		case ok:
			present++
			if s.when != "" {
				when = s.when
			}
			f.token = field.value
			f.req.Why = "sends " + field.name
		case s.open != "":
			unknown++
			f.req.Why = s.open
		default:
			absent++
			if when == "" {
				when = s.when
			}
			m.misnamed(f, s)
		}
	}
	switch {
	case unknown > 0:
		f.req.Token = facts.TokenUnknown
	case absent == 0:
		f.req.Token = facts.TokenPresent
	default:
		f.req.Token = facts.TokenAbsent
		if present > 0 {
			f.req.Fallback = "sends the token only on some ways"
			if when != "" {
				f.req.Fallback = "sends the token only when `" + when + "` says so"
			}
		}
	}
	if f.req.Token != facts.TokenAbsent {
		f.req.Misuse = ""
	} else {
		f.req.Why = ""
	}
}

// misnamed notes a header that was meant to be the token's.
func (m *module) misnamed(f *found, s headerSet) {
	for _, h := range s.fields {
		if f.req.Misuse != "" {
			return
		}
		if wrong := imds.MisnamedHeader(h.name); wrong != "" {
			if s.when != "" && strings.Contains(wrong, "is the metadata header of") {
				continue // sent where the code knows that it runs in that cloud
			}
			f.req.Misuse = wrong
		} else if imds.IsTTLHeader(h.name) {
			f.req.Misuse = fmt.Sprintf("sends %s, which asks for a token, in place of %s", h.name, imds.TokenHeader)
		}
	}
}

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
		problem := m.ttlProblem(s)
		if problem == "" {
			return ""
		}
		wrong = problem
	}
	return wrong
}

func (m *module) ttlProblem(s headerSet) string {
	for _, h := range s.fields {
		if !imds.IsTTLHeader(h.name) {
			continue
		}
		for _, v := range m.evalIn(h.value) {
			if text, ok := v.Known(); ok {
				if err := imds.CheckTTL(text); err != nil {
					return err.Error()
				}
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
