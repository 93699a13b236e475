package jvm

import (
	"strconv"
	"strings"

	"github.com/imdsscan/imdsscan/notebooks/span"
)

// sourceSite is about Source.fromURL(url).
func (b *siteBuilder) sourceSite() bool {
	s, call := b.site, b.f.call
	if call.n.Kind() != "call_expression" || !b.f.url.OK() || b.f.url != call.arg(0, "url") {
		return false
	}
	s.Recipe = "scala.url"
	switch b.m.kindOfURL(ref{b.f.url, nil}) {
	case "text":
		s.Shape = "source-text"
	case "url":
		s.Shape = "source-url"
	default:
		b.refuse("it is not known whether the address is a text or a URL")
		return false
	}
	s.Vars["from"] = "fromInputStream"
	if !call.recv.OK() {
		s.Vars["from"] = "scala.io.Source.fromInputStream"
	}
	s.Anchors["function"] = call.at.Span()
	s.Anchors["url"] = b.f.url.Span()
	if p := b.f.url.Parent(); p.Kind() == "assignment_expression" { // url = …
		s.Anchors["url"] = p.Span()
		return false
	}
	b.request("openConnection", nil)
	return true
}

// request says how the token is asked for: opened like the call's connection,
// with its timeouts where it has any.
func (b *siteBuilder) request(connect string, timeouts map[string]string) {
	s := b.site
	b.arrange(b.m.settingOf(b.expr))
	s.Anchors["call"] = b.expr.Span()
	s.Vars["connect"], s.Vars["ctimeout"], s.Vars["rtimeout"] = connect, "5000", "5000"
	for name, value := range timeouts {
		s.Vars[name] = value
	}
	s.Vars["missing"] = ""
	if b.site.Names["FileNotFoundException"] {
		// Code that takes a missing page for "not on AWS" goes on to do so where
		// the service is another one, which does not know the method.
		s.Vars["missing"] = s.Vars["sep"] + `if (imdsTokenRequest.getResponseCode == 405) throw new java.io.FileNotFoundException("no session tokens here")`
	}
	for _, name := range []string{"imdsRequest", "imdsTokenRequest"} {
		if b.f.url.OK() && strings.Contains(b.f.url.Text(), name) {
			b.refuse("the name " + name + " is in use")
		}
	}
}

// kindOfURL is "text" or "url" where it is known what an expression is.
func (m *module) kindOfURL(r ref) string {
	for _, bound := range m.bindingsOf(r) {
		switch typeName(bound.typ) {
		case "String", "java.lang.String":
			return "text"
		case "URL", "java.net.URL":
			return "url"
		}
	}
	refs, _ := m.defsIn(r)
	kind := ""
	for _, d := range refs {
		k := m.kindOfValue(d)
		if k == "" || kind != "" && k != kind {
			return ""
		}
		kind = k
	}
	return kind
}

func (m *module) kindOfValue(d ref) string {
	n := unwrapped(d.n)
	if isText(n) {
		return "text"
	}
	if _, op, _ := operands(n); op == "+" {
		return "text"
	}
	if n.Kind() == "identifier" && d.n.OK() {
		for _, bound := range m.bindingsOf(d) {
			switch typeName(bound.typ) {
			case "String", "java.lang.String":
				return "text"
			case "URL", "java.net.URL":
				return "url"
			}
		}
		return ""
	}
	c, ok := m.callAt(n)
	if !ok {
		return ""
	}
	switch {
	case c.made && (c.name == "URL" || c.name == "java.net.URL"), c.name == "toURL":
		return "url"
	case c.made:
		return ""
	}
	switch c.name {
	case "format", "stripMargin", "trim", "mkString", "toString", "replace", "concat", "stripSuffix", "stripPrefix", "formatted", "+":
		return "text"
	}
	return ""
}

// connectionSite is about connections of java.net.URL.
func (b *siteBuilder) connectionSite() bool {
	call := b.f.call
	if !call.recv.OK() || call.n.Is("infix_expression", "postfix_expression") || call.n.Is("instance_expression") {
		return false
	}
	s := b.site
	s.Recipe = "scala.url"
	if b.m.isJava(call.n) {
		s.Recipe = "java.url"
	}
	switch call.name {
	case "openStream":
		s.Shape = "stream"
		s.Anchors["object"] = call.recv.Span()
		s.Anchors["rest"] = span.Span{Start: call.recv.End(), End: call.n.End()}
		b.wrapBlock()
		return b.open("openConnection", nil)
	case "openConnection":
		connect, ok := b.connectText()
		if !ok {
			b.refuse("how the connection is opened cannot be repeated for the token")
			return false
		}
		if b.f.holder != nil {
			return b.heldSite(connect)
		}
		return b.chainSite(connect)
	}
	return false
}

// open finishes a site whose request is sent by the expression b.expr.
func (b *siteBuilder) open(connect string, timeouts map[string]string) bool {
	if b.site.Recipe == "java.url" {
		return b.javaHelper(connect, false)
	}
	b.request(connect, timeouts)
	return true
}

// wrapBlock keeps a block that begins a line from reading as an argument of
// the line before.
func (b *siteBuilder) wrapBlock() {
	b.site.Vars["left"], b.site.Vars["right"] = "", ""
	if startsLine(b.expr) || b.expr.FieldName() != "value" && b.expr.FieldName() != "body" {
		b.site.Vars["left"], b.site.Vars["right"] = "(", ")"
	}
}

// connectText is openConnection with the proxy it is given.
func (b *siteBuilder) connectText() (string, bool) {
	switch args := b.f.call.args; {
	case len(args) == 0:
		return "openConnection", true
	case len(args) == 1 && isSimple(args[0].n):
		return "openConnection(" + args[0].n.Text() + ")", true
	}
	return "", false
}

// chainSite is about a connection that is used where it is opened.
func (b *siteBuilder) chainSite(connect string) bool {
	n := b.f.call.n
	for {
		next, c := b.m.outward(n)
		if !next.OK() {
			b.refuse("what is done with the connection is not seen")
			return false
		}
		if c == nil {
			n = next
			continue
		}
		if c.name != "getInputStream" || c.n.Is("infix_expression", "postfix_expression") {
			return false
		}
		b.expr = c.n
		b.site.Shape = "chain"
		b.site.Anchors["object"] = n.Span()
		b.wrapBlock()
		return b.open(connect, nil)
	}
}

// reads are the methods of a connection that fail where the answer is not the
// one that was asked for; any other shows the answer as it is.
var reads = map[string]bool{"getInputStream": true, "connect": true, "getContent": true}

// isSilent reports a method that sends nothing.
func isSilent(name string) bool {
	return strings.HasPrefix(name, "set") || name == "addRequestProperty" || name == "disconnect" || name == "getURL" ||
		name == "getRequestMethod" || name == "getConnectTimeout" || name == "getReadTimeout" || name == "asInstanceOf"
}

// connectionUse is a use of the variable that holds a connection.
type connectionUse struct {
	n    node // the variable
	call *call
}

// connectionUses are the uses that send the request, in the order of the code;
// ok is false when the connection goes where it is not seen.
func (b *siteBuilder) connectionUses(timeouts map[string]string) (uses []connectionUse, ok bool) {
	m, holder := b.m, b.f.holder
	own := m.scopeOf(holder.target).function()
	for _, u := range m.usesOf(holder) {
		if u.FieldName() == "name" || u.FieldName() == "pattern" {
			continue // where it is declared
		}
		n := u
		next, c := m.outward(n)
		for next.OK() && c == nil {
			n = next
			next, c = m.outward(n)
		}
		if left, op, right := operands(n.Parent()); (op == "!=" || op == "==") && (isNull(left) || isNull(right)) {
			continue
		}
		if c == nil || m.scopeOf(u).function() != own {
			return nil, false
		}
		if len(c.args) == 1 && isSimple(c.args[0].n) {
			switch c.name {
			case "setConnectTimeout":
				timeouts["ctimeout"] = c.args[0].n.Text()
			case "setReadTimeout":
				timeouts["rtimeout"] = c.args[0].n.Text()
			}
		}
		if !isSilent(c.name) {
			uses = append(uses, connectionUse{u, c})
		}
	}
	return uses, len(uses) > 0
}

// heldSite is about a connection in a variable.
func (b *siteBuilder) heldSite(connect string) bool {
	timeouts := map[string]string{}
	uses, ok := b.connectionUses(timeouts)
	if b.f.holder.scope.kind == classScope {
		ok = false
	}
	if !ok {
		b.refuse("what is done with the connection is not seen")
		return false
	}
	s := b.site
	s.Vars["object"] = b.f.holder.name
	first := uses[0]
	b.expr = first.call.n
	if b.site.Recipe == "java.url" {
		return b.heldJava(connect, uses)
	}
	place := b.m.settingOf(first.n)
	if len(uses) > 1 && !covers(place.statement, uses) {
		b.refuse("the connection is used in several ways, and there is no place before all of them")
		return false
	}
	answers := false
	for _, u := range uses {
		answers = answers || !reads[u.call.name]
	}
	switch {
	case !place.statement.OK() && answers && len(uses) == 1:
		s.Recipe, s.Shape = "scala.answer", "use"
		s.Anchors["use"] = first.n.Span()
	case !place.statement.OK() && answers:
		b.refuse("the code looks at the status of an answer where a statement cannot be put before")
		return false
	case !place.statement.OK():
		s.Shape = "use"
		s.Anchors["use"] = first.n.Span()
	case answers:
		s.Recipe, s.Shape = "scala.answer", "answer"
		for i, u := range uses {
			s.Anchors["use"+strconv.Itoa(i+1)] = u.n.Span()
		}
	default:
		s.Shape = "connection"
	}
	b.expr = first.n
	b.request(connect, timeouts)
	return true
}

// covers reports whether all uses stand in the list of a statement from there
// on, or in what follows a try around it.
func covers(statement node, uses []connectionUse) bool {
	if !statement.OK() {
		return false
	}
	list := statement.Parent()
	for _, u := range uses {
		if u.n.Start() < statement.Start() || !u.n.Inside(list) {
			return false
		}
	}
	return true
}
