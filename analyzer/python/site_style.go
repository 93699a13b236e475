package python

import (
	"regexp"
	"strings"

	"github.com/imdsscan/imdsscan/analyzer/imds"
	"github.com/imdsscan/imdsscan/notebooks/span"
)

// chooseQuote is the quote character of the URL or of the call's other
// strings; inside an f-string it is one that does not end it.
func (b *siteBuilder) chooseQuote() string {
	for _, n := range []node{b.f.url, b.f.call, b.f.call.Tree().Root()} {
		if !n.OK() {
			continue
		}
		if q := firstQuote(n); q != "" {
			if n != b.f.call.Tree().Root() {
				return q
			}
			if text := settingOf(b.expr).text; text.OK() && q == quoteOf(text) {
				return otherQuote(q)
			}
			return q
		}
	}
	return `"`
}

func otherQuote(q string) string {
	if q == `"` {
		return `'`
	}
	return `"`
}

// firstQuote is the quote character of the first string in n.
func firstQuote(n node) string {
	t := n.Tree()
	for i := n.Index(); i < n.After(); i++ {
		if s := t.At(i); s.Kind() == "string" && !(s.Parent().Is("expression_statement")) {
			return quoteOf(s)
		}
	}
	return ""
}

// quoteOf is the quote character of a string node.
func quoteOf(s node) string {
	start := s.Child("string_start").Text()
	if start == "" {
		return ""
	}
	return start[len(start)-1:]
}

// simple reports whether an expression may be written a second time: it reads
// names and makes values, and calls nothing but constructors and what reads the
// environment.
func simple(n node) bool {
	t := n.Tree()
	if t == nil {
		return false
	}
	for i := n.Index(); i < n.After(); i++ {
		switch c := t.At(i); c.Kind() {
		case "call":
			f := c.Field("function")
			if f.Is("attribute") {
				f = f.Field("attribute")
			}
			name := f.Text()
			if text := c.Field("function").Text(); text == "os.getenv" || text == "os.environ.get" {
				continue
			}
			if name == "" || !(name[0] >= 'A' && name[0] <= 'Z' || name == "int" || name == "float" || name == "dict") {
				return false
			}
		case "await", "yield", "lambda", "named_expression", "list_comprehension", "dictionary_comprehension", "generator_expression", "comment", "ERROR":
			return false
		}
	}
	return true
}

// keywords repeats arguments of the call for the token request.
func (b *siteBuilder) keywords(names ...string) string {
	var sb strings.Builder
	list := b.f.call.Field("arguments")
	for c := list.First(); c.OK(); c = c.Next() {
		if !c.Is("keyword_argument") {
			continue
		}
		name := c.Field("name").Text()
		for _, want := range names {
			if want != name {
				continue
			}
			v := c.Field("value")
			if strings.HasSuffix(name, "timeout") && v.Is("none") {
				continue // the token request is always bounded
			}
			if simple(v) {
				sb.WriteString(", " + name + "=" + oneLine(v))
			} else if name != "timeout" {
				b.refuse("the argument " + name + " would be evaluated twice")
			}
		}
	}
	return sb.String()
}

// route is keywords without those that only bound the time: two calls with the
// same route can use one token.
func (b *siteBuilder) route(names ...string) string {
	var route []string
	for _, n := range names {
		if !strings.HasSuffix(n, "timeout") {
			route = append(route, n)
		}
	}
	return b.keywords(route...) + b.elsewhere
}

var lineBreak = regexp.MustCompile(`[ \t]*\\?\n[ \t]*`)

// oneLine is an expression's text without its line breaks, which stand in
// brackets.
func oneLine(n node) string {
	text := n.Text()
	if !strings.Contains(text, "\n") || strings.Contains(text, `"""`) || strings.Contains(text, `'''`) {
		return text
	}
	return lineBreak.ReplaceAllString(text, " ")
}

var baseURL = regexp.MustCompile(`^(?i:https?://[^/]+)(/latest)?(/?)$`)

// tokenURL is the expression of the token's URL: a literal with the host
// spelt as in the call, or built on the name that the call's URL is built on.
func (b *siteBuilder) tokenURL() (string, bool) {
	if text, ok := b.tokenURLOnBase(b.f.url, 0); ok {
		return text, true
	}
	if b.onlyPath() {
		return b.quote + "/latest/api/token" + b.quote, true
	}
	if text, ok := b.tokenURLElsewhere(); ok {
		return text, true
	}
	for _, v := range b.f.req.URLs {
		t := imds.Classify(v)
		if t.Host == "" {
			continue
		}
		scheme := t.Scheme
		if scheme == "" {
			scheme = "http"
		}
		return b.quote + scheme + "://" + t.Host + "/latest/api/token" + b.quote, true
	}
	return "", false
}

// onlyPath reports whether the call's URL is a path below the client's own
// host.
func (b *siteBuilder) onlyPath() bool {
	if c := b.f.client.Class; c == nil || !c.Host.Given() && b.f.client.Library != "aiohttp" {
		return false
	}
	for _, v := range b.m.eval(b.f.url) {
		if text, _ := v.Prefix(); strings.HasPrefix(text, "/") {
			return true
		}
	}
	return false
}

// tokenURLOnBase builds the token's URL on the name at the head of a URL
// expression, where that name holds just scheme and host, maybe with /latest.
func (b *siteBuilder) tokenURLOnBase(url node, depth int) (string, bool) {
	if depth > 3 {
		return "", false
	}
	head, form := urlHead(url)
	if !head.Is("identifier", "attribute") {
		return "", false
	}
	if form == "" {
		defs, complete := b.m.defs(head)
		if !complete || len(defs) != 1 || defs[0] == head || !defs[0].OK() || defs[0].Up("function_definition").OK() {
			return "", false
		}
		return b.tokenURLOnBase(defs[0], depth+1)
	}
	if depth > 0 && (!head.Is("identifier") || head.Up("class_definition").OK()) {
		return "", false
	}
	path := ""
	for i, v := range b.m.eval(head) {
		text, known := v.Known()
		if !known {
			return "", false
		}
		m := baseURL.FindStringSubmatch(text)
		if m == nil {
			return "", false
		}
		p := "/api/token"
		if m[1] == "" {
			p = "/latest" + p
		}
		if m[2] != "" {
			p = p[1:]
		}
		if i > 0 && p != path {
			return "", false
		}
		path = p
	}
	if path == "" {
		return "", false
	}
	if form == "f" {
		return "f" + b.quote + "{" + head.Text() + "}" + path + b.quote, true
	}
	return head.Text() + " + " + b.quote + path + b.quote, true
}

// urlHead is the expression that a URL expression begins with, and how the
// rest is joined to it: "f" in an f-string, "+" by another way, empty when
// the head is all there is.
func urlHead(n node) (head node, form string) {
	switch n.Kind() {
	case "identifier", "attribute":
		return n, ""
	case "parenthesized_expression":
		if len(n.Named()) == 1 {
			return urlHead(n.Named()[0])
		}
	case "binary_operator":
		switch n.Field("operator").Text() {
		case "+":
			head, form = urlHead(n.Field("left"))
			if form == "" {
				form = "+"
			}
			return head, form
		case "%":
			if s := n.Field("left"); s.Is("string") && strings.HasPrefix(stringText(s), "%s") {
				args := n.Field("right")
				if args.Is("tuple") && len(args.Named()) > 0 {
					args = args.Named()[0]
				}
				return args, "+"
			}
		}
	case "string":
		c := n.First().Next()
		if c.Is("interpolation") && !c.Child("format_specifier", "type_conversion").OK() {
			return c.Field("expression"), "f"
		}
	case "concatenated_string":
		return urlHead(n.First())
	case "call":
		return callHead(n)
	}
	return node{}, ""
}

// callHead is urlHead for the calls that build URLs.
func callHead(n node) (head node, form string) {
	f, args := n.Field("function"), n.Field("arguments").Named()
	if len(args) == 0 {
		return node{}, ""
	}
	switch {
	case f.Is("attribute") && f.Field("attribute").Text() == "format" && f.Field("object").Is("string"):
		text := stringText(f.Field("object"))
		if strings.HasPrefix(text, "{}") || strings.HasPrefix(text, "{0}") {
			return args[0], "+"
		}
	case strings.HasSuffix(f.Text(), "urljoin"):
		return args[0], "+"
	}
	return node{}, ""
}

// stringText is what stands between the quotes of a string node.
func stringText(s node) string {
	start, end := s.Child("string_start"), s.Child("string_end")
	if !start.OK() || !end.OK() {
		return ""
	}
	return string(s.Tree().Source()[start.End():end.Start()])
}

// atEnd is the empty span after a node.
func atEnd(n node) span.Span { return span.Span{Start: n.End(), End: n.End()} }

// comma is what goes between the last element of a bracketed list and a new
// one: a comma, and a line of its own where the elements have that.
func comma(last node) string {
	src := last.Tree().Source()
	open := last.Parent().Start()
	line := last.Start()
	for line > 0 && src[line-1] != '\n' {
		line--
	}
	if indent := string(src[line:last.Start()]); line > open && strings.Trim(indent, " \t") == "" {
		return ",\n" + indent
	}
	return ", "
}

// behind is where a new element goes behind the last one, and what goes
// between: where a comment ends the last one's line, it stays on that line.
func behind(last node) (at span.Span, between string) {
	between = comma(last)
	sep := last.Next()
	if note := sep.Next(); strings.HasPrefix(between, ",\n") && sep.Kind() == "," && note.Is("comment") {
		if !strings.Contains(string(last.Tree().Source()[sep.End():note.Start()]), "\n") {
			return atEnd(note), between[1:]
		}
	}
	return atEnd(last), between
}

// lastElement is the last argument or entry of a bracketed list.
func lastElement(list node) node {
	var last node
	for c := list.First(); c.OK(); c = c.Next() {
		if c.IsNamed() && !c.Is("comment") {
			last = c
		}
	}
	return last
}
