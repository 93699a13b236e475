package jvm

import (
	"strconv"
	"strings"

	"github.com/imdsscan/imdsscan/analyzer/imds"
)

// evalCall gives the texts of calls that make texts and addresses; nil for
// any other call.
func (m *module) evalCall(c *call, r ref) []imds.Value {
	if len(m.functionsOf(c, r.in)) > 0 {
		return nil
	}
	at := func(i int) ref {
		if i < len(c.args) {
			return ref{c.args[i].n, r.in}
		}
		return ref{}
	}
	recv := ref{c.recv, r.in}
	if !c.recv.OK() || c.made || isTypeLike(c.recv) {
		if vs := m.evalMade(c, r.in); vs != nil {
			return vs
		}
	}
	if !c.recv.OK() {
		return nil
	}
	if vs, ok := m.evalWidget(c, r); ok {
		return vs
	}
	switch c.name {
	case "format", "formatted", "formatLocal":
		switch {
		case c.recv.Text() == "String" && len(c.args) > 0: // String.format(f, …)
			return m.evalFormat(m.evalIn(at(0)), c.args[1:], r.in)
		case c.name == "formatted":
			if len(c.args) == 1 && isText(unwrapped(c.recv)) {
				return m.evalFormat(m.evalIn(recv), c.args, r.in)
			}
			return nil
		case isTypeLike(c.recv):
			return nil
		}
		return m.evalFormat(m.evalIn(recv), c.args, r.in)
	case "stripMargin", "stripIndent":
		return each(m.evalIn(recv), stripMargin)
	case "trim", "strip":
		return each(m.evalIn(recv), func(v imds.Value) imds.Value { return trimLeft(trimRight(v, " \t\r\n"), " \t\r\n") })
	case "stripSuffix":
		if suffix, ok := m.constant(at(0)); ok {
			return each(m.evalIn(recv), func(v imds.Value) imds.Value { return cutEnd(v, suffix) })
		}
	case "from":
		if isTypeLike(c.recv) && c.arg(-1, "host").OK() { // akka's Uri.from
			return hostAndPath(m.part(c, "scheme", "http", r.in), m.part(c, "host", "", r.in), nil, m.part(c, "path", "/", r.in))
		}
	case "append":
		if v, ok := m.builtText(r); ok {
			return v
		}
	case "toString", "mkString", "toURL", "toURI", "intern", "toUri", "toExternalForm", "toASCIIString", "getPath", "self", "build", "asString", "encode", "expand", "normalize", "toUriString":
		if len(c.args) == 0 && c.name != "asString" {
			if v, ok := m.builtText(recv); ok {
				return v
			}
			if vs := m.builtURL(r); vs != nil {
				return vs
			}
			if c.name == "build" || c.name == "mkString" || c.name == "getPath" {
				return nil
			}
			return m.evalIn(recv)
		}
		if c.name == "toString" && len(c.args) == 1 && isTypeLike(c.recv) {
			return m.evalIn(at(0)) // Integer.toString(60)
		}
		if c.name == "mkString" && len(c.args) == 1 {
			return m.joined(recv, at(0))
		}
	case "concat", "resolve":
		if len(c.args) == 1 {
			if c.name == "resolve" {
				return m.resolved(recv, at(0))
			}
			return product(m.evalIn(recv), m.evalIn(at(0)))
		}
	case "replace", "replaceAll", "replaceFirst":
		return m.replaced(c, recv, r.in)
	case "getOrElse", "getOrDefault", "getProperty", "envOrElse", "propOrElse", "getString", "get":
		// A setting with a default: the default, or what is set outside.
		if _, _, known := m.lookup(c, r.in); len(c.args) == 2 && !known {
			out := append([]imds.Value(nil), m.evalIn(at(1))...)
			return append(out, unknown(r.n)...)
		}
	case "join":
		if c.recv.Text() == "String" && len(c.args) > 1 {
			var vs []imds.Value
			for i := 1; i < len(c.args); i++ {
				if i == 1 {
					vs = m.evalIn(at(1))
					continue
				}
				vs = product(product(vs, m.evalIn(at(0))), m.evalIn(at(i)))
			}
			return vs
		}
	case "valueOf", "create", "apply", "parse", "unsafeParse", "of", "fromUriString", "fromHttpUrl", "fromString", "unsafeFromString":
		if len(c.args) == 1 && isTypeLike(c.recv) {
			return m.evalIn(at(0))
		}
	}
	return nil
}

// isTypeLike reports a name that is written like a class or an object.
func isTypeLike(n node) bool {
	text := n.Text()
	_, last := cutLast(text)
	return n.Is("identifier", "field_expression", "field_access", "type_identifier") && last != "" && last[0] >= 'A' && last[0] <= 'Z' && strings.ToUpper(last) != last || last == "URI" || last == "URL"
}

// evalMade gives the text of an address object: new URL(x), URI.create(x),
// HttpUrl.parse(x), new StringBuilder(x).
func (m *module) evalMade(c *call, in *frame) []imds.Value {
	_, name := cutLast(c.name)
	if !c.made && c.recv.OK() {
		return nil
	}
	arg := func(i int) []imds.Value { return m.evalIn(ref{c.arg(i, ""), in}) }
	switch name {
	case "URL":
		switch len(c.args) {
		case 1:
			return arg(0)
		case 2, 3:
			if len(c.args) == 2 || m.isContext(ref{c.arg(0, ""), in}) { // new URL(context, spec)
				return m.resolved(ref{c.arg(0, ""), in}, ref{c.arg(1, ""), in})
			}
			return hostAndPath(arg(0), arg(1), nil, arg(2))
		case 4:
			return hostAndPath(arg(0), arg(1), arg(2), arg(3))
		}
	case "URI", "Uri":
		switch len(c.args) {
		case 1:
			return arg(0)
		case 4:
			return hostAndPath(arg(0), arg(1), nil, arg(2))
		case 7:
			return hostAndPath(arg(0), arg(2), nil, arg(4))
		}
	case "String", "StringBuilder", "StringBuffer", "GenericUrl", "HttpUrl", "URIBuilder", "UrlResource":
		if len(c.args) == 1 {
			return arg(0)
		}
		if len(c.args) == 0 && (name == "StringBuilder" || name == "StringBuffer") {
			return []imds.Value{nil}
		}
	}
	return nil
}

// isContext reports a URL given as the base of another.
func (m *module) isContext(r ref) bool {
	for _, v := range m.evalIn(r) {
		if text, _ := v.Prefix(); strings.Contains(text, "://") {
			return true
		}
	}
	return false
}

// hostAndPath is the URL of its parts; a port that is -1 or 80 is none.
func hostAndPath(scheme, host, port, path []imds.Value) []imds.Value {
	at := host
	if port != nil {
		if n, ok := port[0].Known(); !ok || n != "80" && n != "-1" {
			at = product(product(host, []imds.Value{{{Text: ":"}}}), port)
		}
	}
	var out []imds.Value
	for _, s := range scheme {
		for _, h := range at {
			for _, p := range path {
				if len(out) < maxAlternatives {
					v := imds.Join(h, p)
					if len(v) > 0 && strings.HasPrefix(v[0].Text, "//") && !v[0].Unknown {
						v = imds.Concat(s, imds.Value{{Text: ":"}}, v)
					}
					out = append(out, v)
				}
			}
		}
	}
	return out
}

// resolved is a URL relative to another.
func (m *module) resolved(base, rel ref) []imds.Value {
	var out []imds.Value
	for _, b := range m.evalIn(base) {
		for _, v := range m.evalIn(rel) {
			text, _ := v.Prefix()
			switch {
			case strings.Contains(text, "://"):
				out = append(out, v)
			case strings.HasPrefix(text, "/"):
				if root, ok := imds.Base(b); ok {
					cut := append(imds.Value(nil), b...)
					if len(cut) > 0 && strings.HasPrefix(cut[0].Text, root) {
						cut = cut[:1]
						cut[0].Text = root
					} else {
						cut = imds.Value{{Text: root}}
					}
					out = append(out, imds.Concat(cut, v))
					continue
				}
				out = append(out, imds.Concat(trimRight(b, "/"), v))
			default:
				out = append(out, imds.Concat(toSlash(b), v))
			}
			if len(out) >= maxAlternatives {
				return out
			}
		}
	}
	return out
}

// toSlash cuts a known end behind the last slash.
func toSlash(v imds.Value) imds.Value {
	if len(v) == 0 || v[len(v)-1].Unknown {
		return v
	}
	out := append(imds.Value(nil), v...)
	last := &out[len(out)-1]
	if i := strings.LastIndexByte(last.Text, '/'); i >= 0 && !strings.HasSuffix(last.Text[:i+1], "//") {
		last.Text = last.Text[:i+1]
	}
	return out
}

func each(vs []imds.Value, f func(imds.Value) imds.Value) []imds.Value {
	var out []imds.Value
	for _, v := range vs {
		out = append(out, f(v))
	}
	return out
}

// stripMargin removes what stands before a | at the start of a line.
func stripMargin(v imds.Value) imds.Value {
	return changeText(v, func(i int, text string) string {
		lines := strings.Split(text, "\n")
		for j, l := range lines {
			if j == 0 && i > 0 {
				continue
			}
			if t := strings.TrimLeft(l, " \t\r\f\v"); strings.HasPrefix(t, "|") {
				lines[j] = t[1:]
			}
		}
		return strings.Join(lines, "\n")
	})
}

// cutEnd removes a suffix that is known to be there.
func cutEnd(v imds.Value, suffix string) imds.Value {
	if len(v) == 0 || v[len(v)-1].Unknown {
		return v
	}
	out := append(imds.Value(nil), v...)
	out[len(out)-1].Text = strings.TrimSuffix(out[len(out)-1].Text, suffix)
	return out
}

// joined is Seq(a, b).mkString(separator).
func (m *module) joined(recv, sep ref) []imds.Value {
	items, ok := m.elements(recv)
	if !ok {
		return nil
	}
	vs := []imds.Value{nil}
	for i, item := range items {
		if i > 0 {
			vs = product(vs, m.evalIn(sep))
		}
		vs = product(vs, m.evalIn(item))
	}
	return vs
}

// replaced is text.replace("{x}", y) where both texts are known or the
// pattern stands in one known part.
func (m *module) replaced(c *call, recv ref, in *frame) []imds.Value {
	if len(c.args) != 2 {
		return nil
	}
	old, ok := m.constant(ref{c.args[0].n, in})
	if !ok || old == "" || c.name != "replace" && strings.ContainsAny(old, `\[](){}.*+?^$|`) {
		return nil
	}
	var out []imds.Value
	for _, v := range m.evalIn(recv) {
		for _, by := range m.evalIn(ref{c.args[1].n, in}) {
			var next imds.Value
			for _, p := range v {
				if p.Unknown {
					next = append(next, p)
					continue
				}
				for i, text := range strings.Split(p.Text, old) {
					if i > 0 {
						next = append(next, by...)
					}
					if text != "" {
						next = append(next, imds.Part{Text: text, Source: p.Source})
					}
				}
			}
			if len(next) > maxParts {
				return nil
			}
			out = append(out, next)
		}
	}
	return out
}

// builtText is the text of a StringBuilder chain.
func (m *module) builtText(r ref) ([]imds.Value, bool) {
	c, ok := m.callAt(unwrapped(r.n))
	if !ok {
		return nil, false
	}
	if c.made {
		if _, name := cutLast(c.name); name == "StringBuilder" || name == "StringBuffer" {
			return m.evalMade(c, r.in), true
		}
		return nil, false
	}
	if (c.name == "append" || c.name == "++=") && len(c.args) == 1 && c.recv.OK() {
		if left, ok := m.builtText(ref{c.recv, r.in}); ok && left != nil {
			return product(left, m.evalIn(ref{c.args[0].n, r.in})), true
		}
	}
	return nil, false
}

// part is the value of a named argument, or what stands for one not given.
func (m *module) part(c *call, name, otherwise string, in *frame) []imds.Value {
	if n := c.arg(-1, name); n.OK() {
		return m.evalIn(ref{n, in})
	}
	return []imds.Value{{{Text: otherwise}}}
}

// urlParts are the steps of builders of URLs: Spring's UriComponentsBuilder,
// Apache's URIBuilder, OkHttp's HttpUrl.Builder.
var urlParts = map[string]string{
	"scheme": "scheme", "setScheme": "scheme", "host": "host", "setHost": "host", "port": "port", "setPort": "port",
	"path": "path", "setPath": "path", "encodedPath": "path", "pathSegment": "segment", "addPathSegment": "segment", "addPathSegments": "segment",
	"build": "", "toUri": "", "toURL": "", "toUriString": "", "toString": "", "encode": "",
}

// builtURL is the address that a chain of a builder's steps makes, nil when
// none of them gives a host.
func (m *module) builtURL(r ref) []imds.Value {
	parts := map[string][]imds.Value{}
	var path [][]imds.Value
	for n := unwrapped(r.n); ; {
		c, ok := m.callAt(n)
		if !ok {
			return nil
		}
		kind, known := urlParts[c.name]
		if !known || !c.recv.OK() {
			break
		}
		if len(c.args) > 0 {
			vs := m.evalIn(ref{c.args[0].n, r.in})
			switch {
			case kind == "segment" || kind == "path":
				if kind == "segment" {
					vs = product([]imds.Value{{{Text: "/"}}}, vs)
				}
				path = append(path, vs)
			case parts[kind] == nil:
				parts[kind] = vs // the last one counts
			}
		}
		n = unwrapped(c.recv)
	}
	if parts["host"] == nil {
		return nil
	}
	if parts["scheme"] == nil {
		parts["scheme"] = []imds.Value{{{Text: "http"}}}
	}
	whole := []imds.Value{nil}
	for i := len(path) - 1; i >= 0; i-- {
		whole = product(whole, path[i])
	}
	return hostAndPath(parts["scheme"], parts["host"], parts["port"], whole)
}

// evalFormat fills a format's conversions in.
func (m *module) evalFormat(formats []imds.Value, args []arg, in *frame) []imds.Value {
	var out []imds.Value
	for _, f := range formats {
		vs := []imds.Value{nil}
		next := 0
		for _, p := range f {
			if p.Unknown {
				vs = product(vs, []imds.Value{{p}})
				continue
			}
			text := p.Text
			for text != "" {
				i := strings.IndexByte(text, '%')
				if i < 0 {
					i = len(text)
				}
				if i > 0 {
					vs = product(vs, []imds.Value{{{Text: text[:i], Source: p.Source}}})
				}
				text = text[i:]
				if text == "" {
					break
				}
				width, index, letter := conversion(text)
				text = text[width:]
				switch letter {
				case '%', 'n', 0:
					lit := map[byte]string{'%': "%", 'n': "\n", 0: "%"}[letter]
					vs = product(vs, []imds.Value{{{Text: lit}}})
					continue
				}
				if index < 0 {
					index = next
					next++
				}
				if index < len(args) && !args[index].spread {
					vs = product(vs, m.evalIn(ref{args[index].n, in}))
				} else {
					vs = product(vs, []imds.Value{imds.Unknown("an argument of format")})
				}
			}
		}
		out = append(out, vs...)
	}
	return out
}

// conversion reads %[index$][flags][width][.precision]letter.
func conversion(s string) (width, index int, letter byte) {
	index = -1
	i := 1
	digits := 0
	for i+digits < len(s) && s[i+digits] >= '0' && s[i+digits] <= '9' {
		digits++
	}
	if digits > 0 && i+digits < len(s) && s[i+digits] == '$' {
		if n, err := strconv.Atoi(s[i : i+digits]); err == nil && n > 0 {
			index = n - 1
		}
		i += digits + 1
	}
	for i < len(s) && strings.IndexByte("-#+ 0,(.123456789", s[i]) >= 0 {
		i++
	}
	if i == len(s) {
		return len(s), index, 0
	}
	return i + 1, index, s[i]
}
