package r

import (
	"strings"

	"github.com/imdsscan/imdsscan/analyzer/imds"
	"github.com/imdsscan/imdsscan/notebooks/codec"
)

// maxValues are the alternatives kept of a value.
const maxValues = 24

// eval gives the texts an expression may be, one unknown value when nothing is
// known. The elements of a vector are alternatives: R's functions take one
// after the other.
func (m *module) eval(r ref) []imds.Value {
	if !r.n.OK() {
		return []imds.Value{imds.Unknown("?")}
	}
	if vs, ok := m.evalMemo[r]; ok {
		return vs
	}
	if !m.ask("eval", r) {
		return []imds.Value{imds.Unknown(short(r.n))}
	}
	vs := m.evalNow(r)
	m.answered("eval", r)
	m.evalMemo[r] = vs
	return vs
}

func (m *module) evalNow(r ref) []imds.Value {
	switch r.n.Kind() {
	case "string":
		return []imds.Value{m.literal(r.n)}
	case "float", "integer":
		return []imds.Value{imds.Lit(strings.TrimSuffix(r.n.Text(), "L"), m.source(r.n))}
	case "null":
		return []imds.Value{imds.Lit("", imds.Source{})}
	case "call":
		if vs := m.evalCall(r); vs != nil {
			return vs
		}
	case "binary_operator":
		if op := r.n.Field("operator").Text(); op == "%+%" || op == "%s+%" || op == "%||%" {
			left, right := m.eval(ref{r.n.Field("lhs"), r.in}), m.eval(ref{r.n.Field("rhs"), r.in})
			if op == "%||%" {
				return union(left, right)
			}
			return product(left, right)
		}
		if !isPipe(r.n) {
			break
		}
		if c := m.callAt[r.n.Field("rhs")]; c != nil {
			return m.eval(ref{c.n, r.in})
		}
	}
	next, complete, follows := m.step(r)
	if !follows {
		return []imds.Value{imds.Unknown(short(r.n))}
	}
	var out []imds.Value
	for _, d := range next {
		if d != r {
			out = union(out, m.eval(d))
		}
	}
	if !complete || len(out) == 0 {
		out = union(out, []imds.Value{imds.Unknown(short(r.n))})
	}
	return out
}

// literal is the text of a string, written between its quotes.
func (m *module) literal(n node) imds.Value {
	outer := m.unit(n).Text
	rng, layer, err := codec.RLiteral(outer.Bytes(), n.Span())
	if err != nil {
		return imds.Unknown(short(n))
	}
	text, _, err := layer.Decode(outer.Bytes(), rng)
	if err != nil {
		return imds.Unknown(short(n))
	}
	return imds.Lit(string(text), imds.Source{Text: outer, Span: rng})
}

func union(a, b []imds.Value) []imds.Value {
	for _, v := range b {
		if len(a) >= maxValues {
			return a
		}
		a = appendValue(a, v)
	}
	return a
}

// appendValue adds a value unless it is there.
func appendValue(vs []imds.Value, v imds.Value) []imds.Value {
	for _, o := range vs {
		if o.String() == v.String() {
			return vs
		}
	}
	return append(vs, v)
}

// product joins each of the one with each of the other.
func product(a, b []imds.Value) []imds.Value {
	var out []imds.Value
	for _, x := range a {
		for _, y := range b {
			if len(out) < maxValues {
				out = append(out, bounded(imds.Concat(x, y)))
			}
		}
	}
	return out
}

// bounded keeps a value that doubles in each step of a chain from growing.
func bounded(v imds.Value) imds.Value {
	const most = 400
	n := 0
	for i, p := range v {
		if n += len(p.Text); i >= most || n > 1<<16 {
			return append(v[:i:i], imds.Unknown("…")...)
		}
	}
	return v
}

// join puts a separator between the values of expressions.
func (m *module) join(parts []ref, sep string) []imds.Value {
	out := []imds.Value{nil}
	for i, p := range parts {
		if i > 0 && sep != "" {
			out = product(out, []imds.Value{imds.Lit(sep, imds.Source{})})
		}
		out = product(out, m.eval(p))
	}
	return out
}

// short is an expression as a message names it.
func short(n node) string {
	t := strings.Join(strings.Fields(n.Text()), " ")
	if len(t) > 40 {
		t = t[:40]
		for len(t) > 0 && t[len(t)-1] >= 0x80 {
			t = t[:len(t)-1]
		}
		t += "…"
	}
	return t
}

// constant is the one known text of an expression.
func (m *module) constant(r ref) (string, bool) {
	vs := m.eval(r)
	if len(vs) != 1 {
		return "", false
	}
	return vs[0].Known()
}

// evalCall evaluates the functions that put texts together; nil for others.
func (m *module) evalCall(r ref) []imds.Value {
	c := m.callAt[r.n]
	if c == nil || c.name == "" || c.pkg == "" && m.isOwn(c.n, c.name) {
		return nil
	}
	var parts []ref
	for _, a := range c.args {
		if a.name == "" && a.value.OK() {
			parts = append(parts, ref{a.value, r.in})
		}
	}
	if vs := m.evalWidget(c, r.in); vs != nil {
		return vs
	}
	switch c.name {
	case "paste0", "paste", "str_c", "file.path", "stri_c", "stri_paste", "str_glue", "glue", "glue_collapse":
		return m.evalPaste(c, r.in, parts)
	case "sprintf", "gettextf":
		return m.evalSprintf(c, r.in, parts)
	case "c", "list", "unique", "rev", "unlist", "as.list", "sort", "na.omit", "setNames", "structure", "strsplit":
		var out []imds.Value
		for i, a := range c.args {
			if a.value.OK() && (c.name == "c" || c.name == "list" || i == 0) {
				out = union(out, m.eval(ref{a.value, r.in}))
			}
		}
		return out
	case "trimws", "as.character", "URLencode", "enc2utf8", "enc2native", "noquote", "str_trim", "toString", "shQuote", "dQuote", "sQuote", "url_encode", "as_glue", "HTML":
		if len(parts) > 0 {
			return m.eval(parts[0])
		}
	case "ifelse", "if_else", "coalesce", "switch":
		var out []imds.Value
		for i, a := range c.args {
			if i > 0 && a.value.OK() || c.name == "coalesce" {
				out = union(out, m.eval(ref{a.value, r.in}))
			}
		}
		return out
	case "Sys.getenv", "getOption":
		def := c.position(1)
		for _, name := range []string{"unset", "default"} {
			if v := c.named(name); v.OK() {
				def = v
			}
		}
		if !def.OK() {
			return nil
		}
		return union([]imds.Value{imds.Unknown(short(c.n))}, m.eval(ref{def, r.in}))
	case "modify_url":
		if len(parts) > 0 {
			out := m.eval(parts[0])
			if p := c.named("path"); p.OK() {
				out = withPath(out, m.eval(ref{p, r.in}))
			}
			return out
		}
	}
	return nil
}

// withPath puts a path in the place of that of each URL.
func withPath(urls, paths []imds.Value) []imds.Value {
	var out []imds.Value
	for _, u := range urls {
		base, ok := imds.Base(u)
		if !ok {
			out = append(out, u)
			continue
		}
		lit := imds.Lit(base+"/", imds.Source{})
		if len(u) > 0 {
			lit[0].Source = u[0].Source
		}
		for _, p := range paths {
			out = append(out, imds.Concat(lit, trimSlash(p)))
		}
	}
	return out
}

func trimSlash(v imds.Value) imds.Value {
	if len(v) > 0 && !v[0].Unknown && strings.HasPrefix(v[0].Text, "/") {
		v = append(imds.Value(nil), v...)
		v[0].Text = strings.TrimLeft(v[0].Text, "/")
	}
	return v
}

func (m *module) evalPaste(c *call, in *frame, parts []ref) []imds.Value {
	if c.name == "glue" || c.name == "str_glue" {
		out := []imds.Value{nil}
		for _, p := range parts {
			out = product(out, m.evalGlue(c, p))
		}
		return out
	}
	sep := map[string]string{"paste": " ", "file.path": "/"}[c.name]
	if c.name == "file.path" {
		if s := c.named("fsep"); s.OK() {
			sep, _ = m.constant(ref{s, in})
		}
	} else if s := c.named("sep"); s.OK() {
		known, ok := m.constant(ref{s, in})
		if !ok {
			return []imds.Value{imds.Unknown(short(c.n))}
		}
		sep = known
	}
	if collapse := c.named("collapse"); collapse.OK() && !collapse.Is("null") && len(parts) == 1 {
		refs, _ := m.stands(parts[0])
		if len(refs) == 1 {
			if list := m.callAt[refs[0].n]; m.is(list, "c") {
				between, _ := m.constant(ref{collapse, in})
				var elements []ref
				for _, a := range list.args {
					elements = append(elements, ref{a.value, refs[0].in})
				}
				return m.join(elements, between)
			}
		}
	}
	return m.join(parts, sep)
}

// evalGlue fills in the names in braces.
func (m *module) evalGlue(c *call, template ref) []imds.Value {
	var out []imds.Value
	for _, v := range m.eval(template) {
		filled := []imds.Value{nil}
		for _, p := range v {
			if p.Unknown {
				filled = product(filled, []imds.Value{{p}})
				continue
			}
			filled = product(filled, m.fillGlue(c, p, template.in))
		}
		out = union(out, filled)
	}
	return out
}

func (m *module) fillGlue(c *call, p imds.Part, in *frame) []imds.Value {
	out := []imds.Value{nil}
	text := p.Text
	for text != "" {
		open := strings.IndexByte(text, '{')
		if open < 0 {
			break
		}
		if open > 0 {
			out = product(out, []imds.Value{imds.Lit(text[:open], p.Source)})
		}
		if strings.HasPrefix(text[open:], "{{") {
			out = product(out, []imds.Value{imds.Lit("{", p.Source)})
			text = text[open+2:]
			continue
		}
		end := strings.IndexByte(text[open:], '}')
		if end < 0 {
			return []imds.Value{imds.Unknown(p.Text)}
		}
		out = product(out, m.holeValue(c, strings.TrimSpace(text[open+1:open+end]), in))
		text = text[open+end+1:]
	}
	if text != "" {
		out = product(out, []imds.Value{imds.Lit(strings.ReplaceAll(text, "}}", "}"), p.Source)})
	}
	return out
}

// holeValue is the value of the expression in a glue hole, where it is a name.
func (m *module) holeValue(c *call, name string, in *frame) []imds.Value {
	if v := c.named(name); v.OK() {
		return m.eval(ref{v, in})
	}
	s := m.lookup(c.n, name)
	if s == nil {
		return []imds.Value{imds.Unknown(name)}
	}
	bs, param := m.reaching(s, name, c.n)
	var out []imds.Value
	for _, b := range bs {
		out = union(out, m.eval(ref{b.value, in}))
	}
	if param {
		if a := m.argument(s, name, in); a.n.OK() {
			out = union(out, m.eval(a))
		} else {
			out = append(out, imds.Unknown(name))
		}
	}
	if len(out) == 0 {
		out = []imds.Value{imds.Unknown(name)}
	}
	return out
}

// evalSprintf fills in the directives of a format.
func (m *module) evalSprintf(c *call, in *frame, parts []ref) []imds.Value {
	format := c.named("fmt")
	if !format.OK() && len(parts) > 0 {
		format, parts = parts[0].n, parts[1:]
	}
	var out []imds.Value
	for _, v := range m.eval(ref{format, in}) {
		filled := []imds.Value{nil}
		for _, p := range v {
			if p.Unknown {
				filled = product(filled, []imds.Value{{p}})
				continue
			}
			holes := codec.PercentHoles([]byte(p.Text))
			if i := strings.IndexByte(p.Text, '%'); len(holes) == 0 && strings.Contains(strings.ReplaceAll(p.Text, "%%", ""), "%") {
				// A directive that is not understood (%1$s).
				filled = product(filled, []imds.Value{{{Text: p.Text[:i], Source: p.Source}, {Unknown: true, Name: p.Text[i:]}}})
				continue
			}
			at := 0
			for _, h := range holes {
				if h.Span.Start > at {
					filled = product(filled, []imds.Value{imds.Lit(strings.ReplaceAll(p.Text[at:h.Span.Start], "%%", "%"), p.Source)})
				}
				at = h.Span.End
				value := []imds.Value{imds.Unknown("argument of sprintf")}
				if h.Index >= 0 && h.Index < len(parts) {
					value = m.eval(parts[h.Index])
				}
				filled = product(filled, value)
			}
			filled = product(filled, []imds.Value{imds.Lit(strings.ReplaceAll(p.Text[at:], "%%", "%"), p.Source)})
		}
		out = union(out, filled)
	}
	return out
}
