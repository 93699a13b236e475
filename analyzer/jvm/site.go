package jvm

import (
	"strings"

	"github.com/imdsscan/imdsscan/analyzer/facts"
	"github.com/imdsscan/imdsscan/analyzer/imds"
	"github.com/imdsscan/imdsscan/notebooks"
	"github.com/imdsscan/imdsscan/notebooks/span"
)

// siteBuilder puts together where and how the fix of one request is written.
type siteBuilder struct {
	m    *module
	f    *found
	unit *facts.Unit
	site *facts.Site
	// expr is the call that sends the request.
	expr node
}

// recipes gives the part that writes the fix for each library of the client
// table. Each reports false when there is no way to write it.
var recipes = map[string]func(*siteBuilder) bool{
	"scala.io.Source":   (*siteBuilder).sourceSite,
	"java.net":          (*siteBuilder).connectionSite,
	"apache-httpclient": (*siteBuilder).sendSite,
	"apache-fluent":     (*siteBuilder).fluentSite,
	"okhttp":            (*siteBuilder).sendSite,
	"java.net.http":     (*siteBuilder).httpSite,
}

// sites says for each request that needs one where its fix may write.
func (m *module) sites() {
	for _, f := range m.found {
		if f.req.Site == nil && f.req.Token == facts.TokenAbsent && f.req.Misuse == "" && f.req.Depends == "" && !f.asksToken && !f.otherCloud {
			f.req.Site = m.site(f)
		}
	}
}

// site is nil when no fix is known for the client.
func (m *module) site(f *found) *facts.Site {
	library := ""
	switch {
	case f.client != nil:
		library = f.client.Library
	case f.class != nil:
		library = f.class.Library
	}
	build := recipes[library]
	if build == nil || f.req.Method != "GET" && f.req.Method != "HEAD" && f.req.Method != "" {
		return nil
	}
	b := m.builder(f, f.call.n)
	if !b.tokenURL() {
		b.refuse("the address of the request is not known well enough to ask for a token there")
	} else if !build(b) {
		b.refuse("no fix is known for this form of the call")
	}
	return b.site
}

func (m *module) builder(f *found, expr node) *siteBuilder {
	b := &siteBuilder{m: m, f: f, unit: m.unit(expr), expr: expr, site: &facts.Site{
		Guard:   "none",
		Anchors: map[string]span.Span{},
		Vars:    map[string]string{},
		Names:   m.allNames(),
	}}
	b.judge()
	return b
}

// refuse keeps the fix from being applied; the first reason stays.
func (b *siteBuilder) refuse(reason string) {
	if b.site.Refuse == "" {
		b.site.Refuse = reason
	}
}

// judge looks for reasons outside of the call why no fix may be applied.
func (b *siteBuilder) judge() {
	if b.unit.DisplayOnly != "" {
		b.refuse(b.unit.DisplayOnly)
	}
	for _, v := range b.f.req.URLs {
		switch t := imds.Classify(v); {
		case t.Kind == imds.AWS:
		case t.Kind == imds.Undecided && t.Path != "" && len(b.f.req.URLs) == 1:
		case t.Kind == imds.OtherCloud:
			b.refuse("the call also reads the metadata of " + t.Cloud)
		case t.Kind == imds.Undecided:
			b.refuse("the path is not known, so it may be another cloud's")
		default:
			b.refuse("the call also goes to other hosts, which must not get a token")
		}
	}
	if len(b.f.others) > 0 {
		b.refuse("the call also goes to other addresses, which must not get a token")
	}
	if b.f.holder != nil && hasOtherValues(b.f.outer) {
		b.refuse("the variable may hold another request, which must not get a token")
	}
	if b.f.mixed {
		b.refuse("callers make the call send other requests too")
	}
	if b.isHelper() {
		b.site.Unsafe = "the function takes any URL: callers in other files would get a token too"
	}
	if why := b.demonstration(); why != "" {
		b.refuse(why)
	}
	if n := b.expr; n.HasError() || n.Up("ERROR").OK() || followsError(n) {
		b.refuse("the code around the call could not be parsed")
	}
}

// hasOtherValues reports whether the whole that an expression is a branch of
// may be something else instead: `if (own) a else b`.
func hasOtherValues(n node) bool {
	for whole := heldAs(n); n != whole && n.OK(); n = n.Parent() {
		alts, _ := alternatives(n.Parent())
		for _, alt := range alts {
			if v := unwrapped(alt); alt != n && !isNull(v) && v.Kind() != "throw_expression" {
				return true
			}
		}
	}
	return false
}

// isHelper reports whether a parameter of a function that other files may call
// gives the host.
func (b *siteBuilder) isHelper() bool {
	if b.unit.Doc == nil || b.unit.Doc.Format != notebooks.Plain {
		return false
	}
	head := b.m.headOf(b.f.url)
	s := b.m.scopeOf(b.expr).function()
	if head.Kind() != "identifier" || s == nil || isLambda(s.def) || strings.Contains(s.def.Child("modifiers").Text(), "private") {
		return false
	}
	name := s.def.Field("name").Text()
	if c := s.class(); c != nil && len(s.names[head.Text()]) == 0 {
		name = c.def.Field("name").Text() // the host is the object's
	}
	for _, own := range []string{"meta", "imds", "ec2", "instance", "aws"} {
		if strings.Contains(strings.ToLower(name), own) {
			return false
		}
	}
	return b.m.givenFromOutside(head, 0)
}

// givenFromOutside reports whether a name is a parameter of a function or a
// class, or a field that a constructor sets from one.
func (m *module) givenFromOutside(n node, depth int) bool {
	if depth > 4 {
		return false
	}
	for _, bound := range m.bindingsOf(ref{n: n}) {
		if bound.kind == bindParam && !isLambda(bound.scope.def) {
			return true
		}
		if v := unwrapped(bound.value); bound.kind == bindValue && v.Is("identifier", "field_access", "field_expression") && m.givenFromOutside(v, depth+1) {
			return true
		}
	}
	return false
}

// headOf is the expression that a URL begins with.
func (m *module) headOf(n node) node {
	for range 64 {
		n = unwrapped(n)
		if left, op, _ := operands(n); op == "+" || op == "/" {
			n = left
			continue
		}
		if c, ok := m.callAt(n); ok && c.made && len(c.args) > 0 {
			n = c.args[0].n
			continue
		}
		if ps, ok := m.pieces(n); isText(n) && ok && len(ps) > 0 && ps[0].hole.OK() {
			n = ps[0].hole
			continue
		}
		return n
	}
	return n
}

// attackWords mark code that shows an attack: whether it should go on working
// is for a person to say.
var attackWords = []string{"ssrf", "exploit", "attack", "pentest", "exfil"}

// demonstration says why the request is not one that a program relies on.
func (b *siteBuilder) demonstration() string {
	has := func(text string) bool {
		for _, w := range attackWords {
			if strings.Contains(strings.ToLower(text), w) {
				return true
			}
		}
		return false
	}
	for n := b.expr; n.OK(); n = n.Parent() {
		name := n.Field("name")
		if !isFunction(n) && !isClass(n) {
			name = n.Field("pattern")
			if !n.Is("val_definition", "var_definition") {
				continue
			}
		}
		if has(name.Text()) {
			return "the code looks like a security demonstration (" + name.Text() + ")"
		}
	}
	if b.unit.Doc != nil && has(b.unit.Doc.Path) {
		return "the file looks like a security demonstration"
	}
	return ""
}

// followsError reports whether the code right before the statement of n could
// not be parsed.
func followsError(n node) bool {
	for p := n.Parent(); p.OK(); n, p = p, p.Parent() {
		if !isList(p) {
			continue
		}
		before := node{}
		for c := p.First(); c.OK() && c != n; c = c.Next() {
			before = c
		}
		return before.Is("ERROR")
	}
	return false
}

// tokenURL gives the site the token's URL, with the host spelt as in the call.
func (b *siteBuilder) tokenURL() bool {
	for _, v := range b.f.req.URLs {
		url, ok := imds.TokenURL(v)
		if !ok || strings.ContainsAny(url, "\"\\$\n") {
			return false
		}
		if !strings.Contains(url, "://") {
			url = "http://" + url
		}
		if got := b.site.Vars["url"]; got != "" && got != url {
			return false
		}
		b.site.Vars["url"] = url
	}
	return b.site.Vars["url"] != ""
}

// allNames are all names in use in the session.
func (m *module) allNames() map[string]bool {
	if m.used != nil {
		return m.used
	}
	m.used = map[string]bool{}
	for _, t := range m.trees {
		if t == nil {
			continue
		}
		for i := range t.Len() {
			if n := t.At(i); n.Is("identifier", "type_identifier") {
				m.used[n.Text()] = true
			}
		}
	}
	return m.used
}

// isSimple reports whether an expression may be written a second time: a
// number, a text or a name.
func isSimple(n node) bool {
	if n.Is("field_expression", "field_access") {
		object, _ := member(n)
		return isSimple(object)
	}
	return n.Is("identifier", "integer_literal", "decimal_integer_literal", "string", "string_literal", "this")
}
