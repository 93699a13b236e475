package jvm

import (
	"strings"

	"github.com/imdsscan/imdsscan/analyzer/facts"
	"github.com/imdsscan/imdsscan/analyzer/headers"
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
	if headers.AsksToken(target) {
		f.asksToken = true
		f.req.Misuse = headers.TokenRequestMisuse(f.req.Method, target, headersOf(sets), func(h headers.Field[ref]) string {
			return headers.CheckTTL(m.evalIn(h.Value))
		})
		return
	}
	f.token = headers.Decide(f.req, headersOf(sets), func(h headers.Field[ref]) bool { return m.isNone(h.Value) == 1 })
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

// headersOf are the headers of what a request sends.
func headersOf(sets []headerSet) []headers.Set[ref] {
	var out []headers.Set[ref]
	for _, s := range sets {
		out = append(out, s.Set)
	}
	return out
}
