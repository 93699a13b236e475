package python

import (
	"strings"

	"github.com/imdsscan/imdsscan/analyzer/imds"
)

// evalCall folds calls of the standard library that build text; nil for any
// other call.
func (m *module) evalCall(r ref) []imds.Value {
	fn := r.n.Field("function")
	args := m.args(r.n)
	arg := func(i int) ref {
		if i < len(args.pos) {
			return ref{args.pos[i], r.in}
		}
		return ref{}
	}
	if len(m.functionsOf(ref{fn, r.in})) > 0 {
		return nil
	}
	switch name := m.qualifiedIn(ref{fn, r.in}); name {
	case "str", "unicode", "bytes", "repr", "textwrap.dedent", "shlex.quote", "pipes.quote", "urllib.parse.quote", "urllib.quote",
		"yarl.URL", "httpx.URL", "pathlib.PurePosixPath", "pathlib.Path", "furl.furl", "string.Template", "typing.cast":
		if len(args.pos) > 0 {
			return m.evalIn(arg(len(args.pos) - 1 - argTail(name, len(args.pos))))
		}
	case "urllib.parse.urljoin":
		if len(args.pos) == 2 {
			return m.evalJoin(arg(0), arg(1))
		}
	case "urllib.parse.urlunparse", "urllib.parse.urlunsplit":
		return m.evalUnparse(arg(0))
	case "os.path.join", "posixpath.join":
		return m.evalPathJoin(args, r.in)
	case "os.environ.get", "os.getenv":
		def := node{}
		if len(args.pos) > 1 {
			def = args.pos[1]
		} else if v := args.key["default"]; v.OK() {
			def = v
		}
		if len(args.pos) > 0 {
			return m.evalEnviron(r, args.pos[0], def)
		}
	case "os.environ.setdefault":
		return m.evalIn(arg(1))
	}
	if m.isWidget(r.n) {
		return m.evalWidget(r)
	}
	if fn.Kind() != "attribute" {
		return nil
	}
	return m.evalMethod(ref{fn.Field("object"), r.in}, fn.Field("attribute").Text(), args, r.in)
}

// argTail is how many arguments after the text a function takes.
func argTail(name string, n int) int {
	if name == "typing.cast" {
		return 0
	}
	return n - 1
}

// evalMethod folds the methods of str.
func (m *module) evalMethod(object ref, method string, args arguments, in *frame) []imds.Value {
	each := func(f func(imds.Value) imds.Value) []imds.Value {
		var out []imds.Value
		for _, v := range m.evalIn(object) {
			out = append(out, f(v))
		}
		return out
	}
	constant := func(i int, fallback string) (string, bool) {
		if i >= len(args.pos) {
			return fallback, true
		}
		return m.constant(ref{args.pos[i], in})
	}
	const blanks = " \t\r\n"
	switch method {
	case "format":
		return m.evalFormat(object, args, in)
	case "encode", "decode", "geturl", "human_repr":
		return m.evalIn(object)
	case "strip", "rstrip", "lstrip":
		cut, ok := constant(0, blanks)
		if !ok {
			return nil
		}
		return each(func(v imds.Value) imds.Value {
			if method != "lstrip" {
				v = trimRight(v, cut)
			}
			if method != "rstrip" {
				v = trimLeft(v, cut)
			}
			return v
		})
	case "lower", "upper":
		change := strings.ToLower
		if method == "upper" {
			change = strings.ToUpper
		}
		return each(func(v imds.Value) imds.Value { return mapText(v, change) })
	case "replace":
		from, ok1 := constant(0, "")
		if len(args.pos) < 2 || !ok1 || from == "" {
			return nil
		}
		var out []imds.Value
		for _, to := range m.evalIn(ref{args.pos[1], in}) {
			out = append(out, each(func(v imds.Value) imds.Value { return replaced(v, from, to) })...)
		}
		return out
	case "join":
		if len(args.pos) == 1 {
			return m.evalStringJoin(object, ref{args.pos[0], in})
		}
	case "substitute", "safe_substitute":
		return m.evalTemplate(object, args, in)
	case "joinpath", "with_path":
		return m.evalPathJoin(arguments{pos: append([]node{object.n}, args.pos...)}, in)
	}
	return nil
}

func mapText(v imds.Value, f func(string) string) imds.Value {
	out := append(imds.Value(nil), v...)
	for i := range out {
		if !out[i].Unknown {
			out[i].Text = f(out[i].Text)
		}
	}
	return out
}

// replaced replaces from in each known part.
func replaced(v imds.Value, from string, to imds.Value) imds.Value {
	var out imds.Value
	for _, p := range v {
		if p.Unknown {
			out = append(out, p)
			continue
		}
		for i, piece := range strings.Split(p.Text, from) {
			if i > 0 {
				out = append(out, to...)
			}
			q := p
			q.Text = piece
			out = append(out, q)
		}
	}
	return out
}

func (m *module) evalStringJoin(sep, list ref) []imds.Value {
	parts, complete := m.items(list, 0)
	if len(parts) > 64 {
		parts, complete = parts[:64], false
	}
	if len(parts) == 0 && !complete {
		return nil
	}
	for _, p := range m.appended(list) {
		parts = append(parts, ref{n: p})
	}
	vs := []imds.Value{nil}
	for i, p := range parts {
		if i > 0 {
			vs = product(vs, m.evalIn(sep))
		}
		vs = product(vs, m.evalIn(p))
	}
	if !complete {
		vs = product(product(vs, m.evalIn(sep)), unknown(list.n))
	}
	return vs
}

// items are the elements of a list, tuple or *args, concatenated ones
// included; complete is false when more may follow.
func (m *module) items(r ref, depth int) (out []ref, complete bool) {
	if depth > 8 {
		return nil, false
	}
	switch n := r.n; n.Kind() {
	case "list", "tuple", "set", "expression_list":
		for _, c := range n.Named() {
			switch c.Kind() {
			case "comment":
			case "list_splat":
				more, ok := m.items(ref{c.First().Next(), r.in}, depth+1)
				out = append(out, more...)
				if !ok {
					return out, false
				}
			default:
				out = append(out, ref{c, r.in})
			}
		}
		return out, true
	case "binary_operator":
		if n.Field("operator").Text() != "+" {
			return nil, false
		}
		left, ok := m.items(ref{n.Field("left"), r.in}, depth+1)
		if !ok {
			return left, false
		}
		right, ok := m.items(ref{n.Field("right"), r.in}, depth+1)
		return append(left[:len(left):len(left)], right...), ok
	case "identifier":
		if rest, ok := m.restArguments(r); ok {
			return rest, true
		}
	}
	refs, complete := m.defsIn(r)
	if len(refs) != 1 || refs[0] == r {
		return nil, false
	}
	out, ok := m.items(refs[0], depth+1)
	return out, ok && complete
}

// restArguments are the arguments that *args takes in a known call.
func (m *module) restArguments(r ref) ([]ref, bool) {
	if r.n.Kind() != "identifier" {
		return nil, false
	}
	bs := m.reaching(r.n, r.n.Text())
	if len(bs) != 1 || bs[0].value.Kind() != "list_splat_pattern" {
		return nil, false
	}
	b := bs[0]
	f := r.in.frameOf(b.scope)
	if f == nil || f.site.args.star {
		return nil, false
	}
	from := b.path[0]
	if m.isMethod(f.def) {
		from--
	}
	var out []ref
	for i := from; i < len(f.site.args.pos); i++ {
		out = append(out, ref{f.site.args.pos[i], f.up})
	}
	return out, true
}

func (m *module) evalTemplate(object ref, args arguments, in *frame) []imds.Value {
	var out []imds.Value
	for _, f := range m.evalIn(object) {
		out = append(out, m.fill(f, cutDollar, func(name string) []imds.Value {
			return m.formatField(name, args, in)
		})...)
	}
	return out
}

// evalPathJoin joins path parts; one that starts with a slash starts anew.
func (m *module) evalPathJoin(args arguments, in *frame) []imds.Value {
	var vs []imds.Value
	for i, a := range args.pos {
		parts := m.evalIn(ref{a, in})
		if i == 0 {
			vs = parts
			continue
		}
		var out []imds.Value
		for _, v := range vs {
			for _, p := range parts {
				if text, _ := p.Prefix(); strings.HasPrefix(text, "/") {
					out = append(out, p)
					continue
				}
				out = append(out, withSlash(v, p))
			}
		}
		vs = out[:min(len(out), maxAlternatives)]
	}
	if args.star {
		for i, v := range vs {
			vs[i] = withSlash(v, imds.Unknown("…"))
		}
	}
	return vs
}

func withSlash(v, p imds.Value) imds.Value {
	if len(v) > 0 && !v[len(v)-1].Unknown && strings.HasSuffix(v[len(v)-1].Text, "/") {
		return imds.Concat(v, p)
	}
	return imds.Concat(v, imds.Value{{Text: "/"}}, p)
}

// evalJoin folds urljoin as RFC 3986 resolves a reference, without dots.
func (m *module) evalJoin(base, reference ref) []imds.Value {
	var out []imds.Value
	for _, b := range m.evalIn(base) {
		for _, r := range m.evalIn(reference) {
			out = append(out, joinURL(b, r))
		}
	}
	return out
}

func joinURL(base, reference imds.Value) imds.Value {
	text, whole := reference.Prefix()
	switch {
	case text == "" && whole:
		return base
	case strings.Contains(text, "://"):
		return reference
	case strings.HasPrefix(text, "//"):
		return imds.Concat(imds.Value{{Text: "http:"}}, reference)
	case strings.HasPrefix(text, "/"):
		return imds.Concat(cutPath(base, false), reference)
	}
	return withSlash(cutPath(base, true), reference)
}

// cutPath cuts a URL after its authority, or after the last slash of its path
// when directory is set.
func cutPath(v imds.Value, directory bool) imds.Value {
	text, _ := v.Prefix()
	host := strings.Index(text, "://")
	if host < 0 {
		return v
	}
	end := len(text)
	if i := strings.IndexByte(text[host+3:], '/'); i >= 0 {
		end = host + 3 + i
		if directory {
			if _, whole := v.Prefix(); !whole {
				return v
			}
			end = strings.LastIndexByte(text, '/') + 1
		}
	}
	var out imds.Value
	for _, p := range v {
		if p.Unknown && len(out) > 0 && end > 0 {
			return append(out, p)
		}
		if len(p.Text) > end {
			p.Text = p.Text[:end]
		}
		out = append(out, p)
		if end -= len(p.Text); end <= 0 {
			break
		}
	}
	return out
}

// evalUnparse folds urlunparse((scheme, host, path, …)).
func (m *module) evalUnparse(parts ref) []imds.Value {
	refs, ok := m.defsIn(parts)
	if !ok || len(refs) != 1 {
		return nil
	}
	p := sequence(refs[0].n)
	if len(p) < 5 {
		return nil
	}
	at := func(i int) []imds.Value { return m.evalIn(ref{p[i], refs[0].in}) }
	vs := product(product(at(0), []imds.Value{{{Text: "://"}}}), at(1))
	return product(vs, at(2))
}

func (m *module) isEnviron(n node) bool { return m.qualified(n) == "os.environ" }

// evalEnviron is a variable of the environment: what the code or the shell
// around it sets, else the default. The environment may override a default;
// the default is what the code says it asks for.
func (m *module) evalEnviron(r ref, name, def node) []imds.Value {
	key, ok := m.constant(ref{name, r.in})
	if !ok {
		return nil
	}
	var out []imds.Value
	for _, c := range m.changes["import.os.environ"] {
		if k, ok := m.constant(ref{n: c.key}); c.method == "[]=" && ok && k == key && c.value.OK() {
			out = append(out, m.evalIn(ref{n: c.value})...)
		}
	}
	if len(out) > 0 {
		return out
	}
	if v, ok := m.unit(r.n).Vars[key]; ok {
		return []imds.Value{v}
	}
	if def.OK() {
		return m.evalIn(ref{def, r.in})
	}
	return nil
}

// unsetVariable reports whether an expression asks for a variable of the
// environment that the session does not set, without a default: in `x or y`
// the y is what the code says then.
func (m *module) unsetVariable(r ref) bool {
	if !r.n.Is("call") {
		return false
	}
	switch m.callee(r.n) {
	case "os.environ.get", "os.getenv":
		args := m.args(r.n)
		return len(args.pos) == 1 && len(args.key) == 0 && m.evalEnviron(r, args.pos[0], node{}) == nil
	}
	return false
}
