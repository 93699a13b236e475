package jvm

import (
	"slices"
	"strings"

	"github.com/imdsscan/imdsscan/notebooks/span"
)

// fluentSite is about Apache's Request.Get(url)….execute().returnContent(),
// which raises an exception for a refusal: so does the token request, which
// stands in the header.
func (b *siteBuilder) fluentSite() bool {
	call := b.f.call
	if call.name != "Get" || !call.recv.OK() {
		return false
	}
	content := false
	for n := call.n; ; {
		next, c := b.m.outward(n)
		if !next.OK() {
			break
		}
		if n = next; c == nil {
			continue
		}
		switch c.name {
		case "viaProxy":
			b.refuse("the proxy of the call cannot be repeated for the token")
		case "returnContent":
			content = true
		}
	}
	if !content {
		b.refuse("the code looks at the answer itself, where a refused token would raise an exception")
		return false
	}
	s := b.site
	s.Recipe, s.Shape = "fluent", "chain"
	s.Vars["request"] = call.recv.Text()
	s.Anchors["call"] = call.n.Span()
	return true
}

// sendSite is about requests that are objects, given to a client that sends
// them. The answer to a refused token request stands for the request's own.
func (b *siteBuilder) sendSite() bool {
	m, f := b.m, b.f
	apache := f.class != nil && strings.Contains(f.class.Name, "apache")
	arg, send, ok := b.sentBy(func(name string) bool {
		return f.class.Steps[name] != nil || name == "setConfig" || name == "releaseConnection"
	})
	if !ok {
		return false
	}
	if len(send.args) != 1 {
		b.refuse("what is done with the request is not seen")
		return false
	}
	end := send.n
	if apache && send.name != "execute" {
		return false
	}
	if !apache {
		_, c := m.outward(send.n)
		if send.name != "newCall" || c == nil || c.name != "execute" {
			return false
		}
		end = c.n
	}
	s := b.site
	s.Recipe, s.Shape = "okhttp", "send"
	if apache {
		s.Recipe = "apache"
		if !b.apacheTypes(send.recv) {
			b.refuse("the type of the client is not known")
			return false
		}
	}
	if b.m.writes("com.squareup.okhttp.", "org.apache.hc.") {
		b.refuse("a fix is known for another version of the library only")
		return false
	}
	if !b.standsAt(end) {
		return false
	}
	s.Anchors["call"] = end.Span()
	s.Anchors["dot"] = span.Span{Start: send.recv.End(), End: arg.Start()}
	s.Anchors["rest"] = span.Span{Start: arg.End(), End: end.End()}
	if m.isJava(end) {
		s.Recipe = "java." + s.Recipe
		// The method that sends it names the types.
		holder := m.bindingsOf(ref{arg, nil})
		if apache && len(holder) > 0 && !m.declaredAs(arg, "HttpGet", "HttpHead", "HttpRequestBase", "var") ||
			!apache && !m.declaredAs(send.recv, "OkHttpClient", "okhttp3.OkHttpClient") && !strings.HasPrefix(send.recv.Text(), "new OkHttpClient") {
			b.refuse("the type of the client or of the request is not known")
			return false
		}
		return b.javaHelper("", true)
	}
	s.Recipe = "scala." + s.Recipe
	b.arrange(setting{oneLine: m.settingOf(end).oneLine})
	b.wrapBlock()
	for _, name := range []string{"imdsClient", "imdsRequest"} {
		if strings.Contains(end.Text(), name) {
			b.refuse("the name " + name + " is in use")
		}
	}
	return true
}

// sentBy is the call that a request is given to, directly or as a variable,
// and where it stands there. harmless are the methods that may be called on the
// variable beside that.
func (b *siteBuilder) sentBy(harmless func(name string) bool) (arg node, send *call, ok bool) {
	m, f := b.m, b.f
	arg = f.outer
	if f.holder != nil {
		sent := 0
		for _, u := range m.usesOf(f.holder) {
			if m.isArgumentList(u.Parent()) {
				arg = u
				sent++
			} else if next, c := m.outward(u); !next.OK() || c == nil || !harmless(c.name) {
				b.refuse("what is done with the request is not seen")
				return arg, nil, false
			}
		}
		if sent != 1 {
			b.refuse("the request is sent at several places or none that is seen")
			return arg, nil, false
		}
	}
	list := arg.Parent()
	send, ok = m.callAt(list.Parent())
	if !m.isArgumentList(list) || !ok || !send.recv.OK() {
		b.refuse("what is done with the request is not seen")
		return arg, nil, false
	}
	return arg, send, true
}

// standsAt moves the fix to the expression that sends the request.
func (b *siteBuilder) standsAt(expr node) bool {
	if expr.Tree() != b.expr.Tree() {
		b.refuse("the request is sent in another cell")
		return false
	}
	b.expr = expr
	return true
}

// apacheTypes gives the types of a client and of its answer.
func (b *siteBuilder) apacheTypes(client node) bool {
	v := b.site.Vars
	v["client"], v["response"] = "org.apache.http.impl.client.CloseableHttpClient", "org.apache.http.client.methods.CloseableHttpResponse"
	if !b.m.isJava(client) {
		return true
	}
	for _, bound := range b.m.bindingsOf(ref{client, nil}) {
		switch typeName(bound.typ) {
		case "CloseableHttpClient", "DefaultHttpClient":
			return true
		case "HttpClient":
			v["client"], v["response"] = "org.apache.http.client.HttpClient", "org.apache.http.HttpResponse"
			return true
		case "var":
		default:
			return false
		}
	}
	refs, _ := b.m.defsIn(ref{client, nil})
	for _, d := range refs {
		c, ok := b.m.callAt(d.n)
		if !ok || c.name != "createDefault" && c.name != "build" && c.name != "createSystem" && c.name != "createMinimal" {
			return false
		}
	}
	return len(refs) > 0
}

// declaredAs reports whether a variable is declared with one of these types.
func (m *module) declaredAs(n node, types ...string) bool {
	for _, bound := range m.bindingsOf(ref{n, nil}) {
		if slices.Contains(types, typeName(bound.typ)) {
			return true
		}
	}
	return false
}

// writes reports whether the code names one of these packages.
func (m *module) writes(packages ...string) bool {
	for _, u := range m.units {
		for _, p := range packages {
			if strings.Contains(string(u.Text.Bytes()), p) {
				return true
			}
		}
	}
	return false
}
