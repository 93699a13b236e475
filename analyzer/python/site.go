package python

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
	// expr is the request as an expression: the call, with the await that
	// belongs to it.
	expr node
	// coroutine is true for a request that is handed on before it is awaited.
	coroutine bool
	// quote is the quote character of the texts that are put in.
	quote string
	// old is true for code that also has to run on Python 2.
	old bool
	// elsewhere is the token's URL where the call's host may be set from
	// outside of the file, empty otherwise.
	elsewhere string
}

// recipes gives the part that writes the fix for each library of the client
// table. Each reports false when there is no way to write it.
var recipes = map[string]func(*siteBuilder) bool{
	"requests":       (*siteBuilder).responseSite,
	"httpx":          (*siteBuilder).responseSite,
	"urllib3":        (*siteBuilder).responseSite,
	"aiohttp":        (*siteBuilder).responseSite,
	"tornado":        (*siteBuilder).responseSite,
	"urllib.request": (*siteBuilder).urllibSite,
	"urllib2":        (*siteBuilder).urllibSite,
	"urllib-python2": (*siteBuilder).oldURLOpenSite,
	"http.client":    (*siteBuilder).httpClientSite,
}

// site says where a fix for a request may write; nil when no fix is known.
func (m *module) site(f *found) *facts.Site {
	build := recipes[f.client.Library]
	if build == nil || !readsOnly(f.req.Method) {
		return nil
	}
	b := &siteBuilder{m: m, f: f, unit: m.unit(f.call), expr: f.call, old: m.old()}
	b.site = &facts.Site{
		Guard:   "none",
		Anchors: map[string]span.Span{},
		Vars:    map[string]string{},
		Scope:   m.assignedIn(f.call),
		Names:   m.allNames(),
	}
	if p := f.call.Parent(); p.Is("await") {
		b.expr = p
	}
	b.quote = b.chooseQuote()
	b.site.Vars["q"] = b.quote
	b.judge()
	if !build(b) {
		b.refuse("no fix is known for this form of the call")
	}
	return b.site
}

// readsOnly reports whether a method is one that metadata is read with.
func readsOnly(method string) bool {
	return method == "GET" || method == "HEAD" || method == ""
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
	if b.isHelper() {
		b.site.Unsafe = "the function takes any URL: callers in other files would get a token too"
	}
	if why := b.demonstration(); why != "" {
		b.refuse(why)
	}
	if n := b.f.call; n.HasError() || n.Up("ERROR").OK() || followsError(n) {
		b.refuse("the code around the call could not be parsed")
	}
}

// isHelper reports whether the whole URL is a parameter of a function that
// other files may call.
func (b *siteBuilder) isHelper() bool {
	fn := b.f.call.Up("function_definition")
	notebook := b.unit.Doc != nil && b.unit.Doc.Format != notebooks.Plain
	if !fn.OK() || !b.f.url.Is("identifier") || b.onlyPath() || notebook && !b.unit.Shared {
		return false
	}
	name := strings.ToLower(fn.Field("name").Text())
	for _, own := range []string{"meta", "imds", "ec2", "instance", "aws"} {
		if strings.Contains(name, own) {
			return false
		}
	}
	if strings.HasPrefix(name, "_") || fn.Parent().Up("function_definition").OK() || !notebook && isProgram(fn.Tree().Root()) {
		return false
	}
	url := b.f.url.Text()
	for _, p := range fn.Field("parameters").Named() {
		if p.Text() == url || p.Field("name").Text() == url {
			return true
		}
	}
	return false
}

// isProgram reports whether a file is run rather than imported: it does
// something at its top level.
func isProgram(root node) bool {
	for c := root.First(); c.OK(); c = c.Next() {
		switch c.Kind() {
		case "expression_statement":
			if c.First().Is("call", "await") {
				return true
			}
		case "print_statement", "for_statement", "while_statement", "with_statement":
			return true
		case "try_statement":
			// Imports that may fail do not make a program.
			if body := c.Field("body"); body.OK() && !body.Child("import_statement", "import_from_statement").OK() && isProgram(body) {
				return true
			}
		case "if_statement":
			if strings.Contains(c.Field("condition").Text(), "__name__") {
				return true
			}
		}
	}
	return false
}

// attackWords mark code that shows an attack: whether it should go on working
// is for a person to say.
var attackWords = []string{"ssrf", "exploit", "attack", "pentest", "exfil"}

// demonstration says why the request is not one that a program relies on.
func (b *siteBuilder) demonstration() string {
	for n := b.f.call; n.OK(); n = n.Parent() {
		if !n.Is("function_definition", "class_definition", "assignment") {
			continue
		}
		name := n.Field("name")
		if n.Is("assignment") {
			name = n.Field("left")
		}
		low := strings.ToLower(name.Text())
		for _, w := range attackWords {
			if strings.Contains(low, w) {
				return "the code looks like a security demonstration (" + name.Text() + ")"
			}
		}
		if n.Is("function_definition") && n.Parent().Is("decorated_definition") {
			for d := n.Parent().First(); d.Is("decorator", "comment"); d = d.Next() {
				if isMock(d.Text()) {
					return "the answer is mocked, and the mock knows no token request"
				}
			}
		}
	}
	if b.unit.Doc != nil {
		low := strings.ToLower(b.unit.Doc.Path)
		for _, w := range attackWords {
			if w != "attack" && strings.Contains(low, w) { // data may be about heart attacks
				return "the file looks like a security demonstration"
			}
		}
	}
	return ""
}

func isMock(decorator string) bool {
	for _, w := range []string{"responses.activate", "requests_mock", "httpretty", "mock.patch", "@patch", "respx", "@mock_", "vcr."} {
		if strings.Contains(decorator, w) {
			return true
		}
	}
	return false
}

// followsError reports whether the code right before the statement of n, or the
// head of a statement around it, could not be parsed.
func followsError(n node) bool {
	list := false // the statement's own list was passed
	for p := n.Parent(); p.OK(); n, p = p, p.Parent() {
		before := node{}
		for c := p.First(); c.OK() && c != n; c = c.Next() {
			if !c.Is("block") && !p.Is("module", "block") && c.HasError() {
				return true
			}
			before = c
		}
		if p.Is("module", "block") && !list {
			list = true
			if before.Is("ERROR") {
				return true
			}
		}
	}
	return false
}

// assignedIn is the scope in which an assignment at n makes its name; one in a
// comprehension (:=) makes it outside of that.
func (m *module) assignedIn(n node) *scope {
	s := m.scopeOf(n)
	for s.kind == comprehensionScope && s.parent != nil {
		s = s.parent
	}
	return s
}

// allNames are all names in use in the session.
func (m *module) allNames() map[string]bool {
	if m.used != nil {
		return m.used
	}
	out := map[string]bool{}
	m.used = out
	for _, t := range m.trees {
		if t == nil {
			continue
		}
		for i := range t.Len() {
			if n := t.At(i); n.Kind() == "identifier" {
				out[n.Text()] = true
			}
		}
	}
	return out
}

// old reports whether the session's code is Python 2, or meant to run on it
// too.
func (m *module) old() bool {
	if m.isOld == nil {
		old := m.findOld()
		m.isOld = &old
	}
	return *m.isOld
}

func (m *module) findOld() bool {
	for _, t := range m.trees {
		if t == nil {
			continue
		}
		for i := range t.Len() {
			switch n := t.At(i); n.Kind() {
			case "print_statement", "exec_statement":
				return true
			case "except_clause":
				// except Error, name:
				if c := n.Named(); len(c) == 3 && c[1].Is("identifier") && c[2].Is("block") {
					return true
				}
			case "import_statement", "import_from_statement":
				for _, name := range append(n.Fields("name"), n.Field("module_name")) {
					if first, _, _ := strings.Cut(name.Text(), " "); oldModules[first] {
						return true
					}
				}
			}
		}
	}
	return false
}

// oldModules exist in Python 2 only.
var oldModules = map[string]bool{"urllib2": true, "httplib": true, "commands": true, "ConfigParser": true, "StringIO": true, "__builtin__": true}
