package r

import (
	"strings"

	"github.com/imdsscan/imdsscan/analyzer/facts"
	"github.com/imdsscan/imdsscan/analyzer/imds"
	"github.com/imdsscan/imdsscan/notebooks/span"
)

// sites asks for the fix of each request that sends no token.
func (m *module) sites() {
	for _, f := range m.found {
		switch r := f.req; {
		case r.Site != nil || r.Token != facts.TokenAbsent || r.Misuse != "" || f.asksToken || f.otherCloud || f.client.Unfixed:
		case f.c.through != "":
			r.Site = &facts.Site{Refuse: "the request is sent through " + f.c.through}
		case f.mixed:
			r.Site = &facts.Site{Refuse: "the same call also sends other requests: for a token, with one, or to another cloud"}
		default:
			r.Site = m.site(f)
			m.keepFromOthers(r.Site, f.others)
		}
	}
}

// keepFromOthers restricts the fix of a call that also asks other hosts.
func (m *module) keepFromOthers(site *facts.Site, others []imds.Value) {
	if site == nil || site.Refuse != "" || len(others) == 0 {
		return
	}
	for _, v := range others {
		if text, _ := v.Prefix(); text != "" {
			site.Refuse = "the call also goes to " + v.String() + ", which must not get a token"
			return
		}
	}
	if site.Unsafe == "" {
		site.Unsafe = "the address may be set from outside, so that another host would get a token"
	}
}

// siteBuilder finds out how a request is fixed.
type siteBuilder struct {
	m    *module
	f    *found
	site *facts.Site
	// expr is the whole expression of the request, at what the fix is placed
	// by: the call itself, or an earlier change of its handle.
	expr, at node
}

func (b *siteBuilder) refuse(why string) {
	if b.site.Refuse == "" {
		b.site.Refuse = why
	}
}

// site says where the fix of a request may write.
func (m *module) site(f *found) *facts.Site {
	b := m.builder(f, f.c)
	var ok bool
	if b.site.Vars["url"], ok = b.tokenURL(); !ok {
		return b.site
	}
	switch f.client.Style {
	case "config":
		ok = b.httr()
	case "request":
		ok = b.httr2()
	case "options":
		ok = b.rcurl()
	case "handle":
		ok = b.curl()
	default:
		ok = b.base()
	}
	if !ok {
		b.refuse("no fix is known for this form of the call")
	}
	if m.takesAnyURL(f) {
		b.site.Unsafe = "the function takes any URL: callers in other files would get a token too"
	}
	return b.site
}

// takesAnyURL reports whether the whole address is a parameter of the function
// around, which only by default is the service's.
func (m *module) takesAnyURL(f *found) bool {
	url := f.args.value(f.client.URL)
	if !url.Is("identifier") {
		return false
	}
	s := m.lookup(url, nameOf(url))
	return s != nil && s.param[nameOf(url)].Field("default").OK() && len(s.names[nameOf(url)]) == 0
}

func (m *module) builder(f *found, c *call) *siteBuilder {
	b := &siteBuilder{m: m, f: f, expr: c.expr, at: c.expr}
	b.site = &facts.Site{Guard: "none", Anchors: map[string]span.Span{}, Names: m.names,
		Vars: map[string]string{"q": quoteNear(c), "p": "", "options": "", "key": "", "others": ""}}
	if c.pkg != "" {
		b.site.Vars["p"] = c.pkg + "::"
	} else if l := f.client.Library; l != "" && f.client.Style != "vector" && (!m.whole[l] || m.isOwn(c.n, c.name)) {
		// Only this name may be imported, or it is another name for the function.
		b.site.Vars["p"] = l + "::"
	}
	b.site.Anchors["call"] = c.span()
	b.site.Vars["left"], b.site.Vars["right"] = wrap(c.expr)
	return b
}

// quoteNear is the quote that the call uses, or else the one before it.
func quoteNear(c *call) string {
	for i := c.expr.Index(); i < c.expr.After(); i++ {
		if n := c.expr.Tree().At(i); n.Is("string_open") && len(n.Text()) == 1 {
			return n.Text()
		}
	}
	return `"`
}

// tokenURL is the address that hands out tokens, as a literal.
func (b *siteBuilder) tokenURL() (string, bool) {
	base := ""
	for _, v := range b.f.req.URLs {
		url, ok := imds.TokenURL(v)
		if !ok || base != "" && url != base {
			b.refuse("the address of the token request cannot be told from " + v.String())
			return "", false
		}
		base = url
	}
	if !strings.Contains(base, "://") {
		base = "http://" + base
	}
	if strings.ContainsAny(base, "\"'\\ \n") {
		return "", false
	}
	q := b.site.Vars["q"]
	return q + base + q, base != ""
}

// anchorArguments is where one more argument goes.
func (b *siteBuilder) anchorArguments(c *call) bool {
	args := c.n.Field("arguments")
	if !args.OK() {
		return false
	}
	at, comma := args.Field("open").End(), ""
	open := false
	for _, a := range args.Named() {
		switch {
		case a.Is("argument"):
			at, comma, open = a.End(), ", ", false
		case a.Is("comma"):
			open = true
		}
	}
	if open {
		return false // f(x, )
	}
	b.site.Anchors["arguments"] = span.Span{Start: at, End: at}
	b.site.Vars["comma"] = comma
	return true
}

// anchorEntries is where one more element goes in c(…) or list(…).
func (b *siteBuilder) anchorEntries(c *call) bool {
	if c == nil || !c.n.Is("call") || !b.anchorArguments(c) {
		return false
	}
	b.site.Anchors["entries"] = b.site.Anchors["arguments"]
	return true
}

// carried writes arguments that the token request repeats.
func carried(args []arg, keep func(arg) bool) string {
	var s strings.Builder
	for _, a := range args {
		if !a.n.OK() || !a.value.OK() || !keep(a) {
			continue
		}
		if text, ok := oneLine(a.n); ok {
			s.WriteString(", " + text)
		}
	}
	return s.String()
}

// oneLine is an expression on one line, where that is possible.
func oneLine(n node) (string, bool) {
	text := n.Text()
	if strings.ContainsAny(text, "\n") {
		if strings.ContainsAny(text, "#\"'") {
			return "", false
		}
		text = strings.Join(strings.Fields(text), " ")
	}
	return text, len(text) < 200
}

// usesOwn refuses a fix that would call a function of the session's instead of
// R's.
func (b *siteBuilder) usesOwn(names ...string) bool {
	for _, n := range names {
		if b.m.isOwn(b.f.c.n, n) {
			b.refuse("the code has a function " + n + " of its own")
			return true
		}
	}
	return false
}

// finish places the token request; raising is true when it raises for a
// refusal, so that it needs no guard.
func (b *siteBuilder) finish(raising bool) bool {
	s := b.m.settingOf(b.at)
	if s.refuse != "" {
		b.refuse(s.refuse)
		return false
	}
	if !s.inline {
		b.site.Places = b.m.places(s.statement)
	}
	switch {
	case len(b.site.Places) == 0:
		b.site.Guard = "inline"
	case !raising:
		b.site.Guard = "conditional"
	}
	if p := b.expr.Parent(); raising && p.Is("if_statement", "for_statement", "while_statement") && b.expr.FieldName() != "condition" && b.expr.FieldName() != "sequence" {
		b.site.Vars["left"], b.site.Vars["right"] = "", "" // a block needs no parentheses there
	}
	return true
}

// wrap gives the parentheses that an if expression needs in n's place.
func wrap(n node) (open, end string) {
	p := n.Parent()
	switch p.Kind() {
	case "program", "braced_expression", "argument", "parenthesized_expression", "parameter":
		return "", ""
	case "function_definition":
		if n.FieldName() == "body" {
			return "", ""
		}
	case "binary_operator":
		if _, value, _, ok := assignment(p); ok && value == n {
			if op := p.Field("operator").Text(); op != "->" && op != "->>" {
				return "", ""
			}
		}
	}
	return "(", ")"
}
