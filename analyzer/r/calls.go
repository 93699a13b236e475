package r

import (
	"strings"

	"github.com/imdsscan/imdsscan/notebooks/span"
)

// call is a function call. `x |> f(y)` and `x %>% f(y)` are calls of f with x
// as the first argument, and so is `x %>% f`.
type call struct {
	// n is the call itself, or the bare name at the end of a pipe; expr is the
	// whole expression, what is piped in included.
	n, expr node
	fn      node
	pkg     string // before ::, empty without
	name    string // empty when the function is no plain name
	args    []arg
	// piped is what a pipe passes, also when it is not the first argument.
	piped node
	// through is the function that makes the call, given the one to call:
	// do.call, lapply.
	through string
}

// arg is an argument as it is written. n is the whole argument, no node for
// what is piped in; value is no node where the argument is left out.
type arg struct {
	name     string
	n, value node
}

// isPipe reports whether a node is a pipe.
func isPipe(n node) bool {
	if !n.Is("binary_operator") {
		return false
	}
	switch n.Field("operator").Text() {
	case "|>", "%>%", "%T>%", "%$%", "%<>%":
		return true
	}
	return false
}

// readCall reads a node as a call; nil when it is none.
func readCall(n node) *call {
	c := &call{n: n, expr: n}
	p := n.Parent()
	if isPipe(p) && n.FieldName() == "rhs" {
		c.expr, c.piped = p, p.Field("lhs")
	}
	switch {
	case n.Is("call"):
		c.fn = n.Field("function")
		for _, a := range n.Field("arguments").Fields("argument") {
			c.args = append(c.args, arg{name: nameOf(a.Field("name")), n: a, value: a.Field("value")})
		}
	case n.Is("identifier", "namespace_operator") && c.piped.OK() && p.Field("operator").Text() != "|>":
		c.fn = n
	default:
		return nil
	}
	c.pkg, c.name = qualified(c.fn)
	if c.piped.OK() && p.Field("operator").Text() != "%$%" {
		c.pipeIn()
	}
	return c
}

// pipeIn gives what is piped in its place: where `.` or `_` stands, else first.
func (c *call) pipeIn() {
	for i, a := range c.args {
		if t := a.value.Text(); a.value.Is("identifier", "dots", "ERROR") && (t == "." || t == "_") {
			c.args[i].value = c.piped
			return
		}
	}
	c.args = append([]arg{{value: c.piped}}, c.args...)
}

// qualified splits pkg::name.
func qualified(fn node) (pkg, name string) {
	switch fn.Kind() {
	case "identifier":
		return "", nameOf(fn)
	case "string":
		return "", nameOf(fn)
	case "namespace_operator":
		return fn.Field("lhs").Text(), nameOf(fn.Field("rhs"))
	}
	return "", ""
}

// nameOf is a name as R reads it: identifiers, `quoted` ones, strings.
func nameOf(n node) string {
	text := n.Text()
	if len(text) > 1 && (n.Is("string") || text[0] == '`') {
		return strings.Trim(text, "`\"'")
	}
	return text
}

// matched are the arguments of a call by the parameter they go to, and those
// that `...` takes.
type matched struct {
	by   map[string]arg
	dots []arg
}

func (a matched) value(param string) node { return a.by[param].value }

// passed is the call that do.call(f, list(…)) and sapply(x, f) make of a
// function that is no function of the session; nil for other calls.
func (m *module) passed(c *call) *call {
	out := &call{n: c.n, expr: c.expr, through: c.name}
	if m.is(c, "do.call") {
		got := match([]string{"what", "args", "quote"}, c.args)
		out.fn = got.value("what")
		refs, _ := m.stands(ref{n: got.value("args")})
		for _, d := range refs {
			if list := m.callAt[d.n]; m.is(list, "list", "c") {
				out.args = list.args
			}
		}
	} else {
		out.fn, out.args = m.applied(c)
	}
	if !out.fn.Is("identifier", "string", "namespace_operator") {
		return nil
	}
	out.pkg, out.name = qualified(out.fn)
	return out
}

// match ties arguments to parameters as R does: exact names, then beginnings
// of names of those before `...`, then by position.
func match(params []string, args []arg) matched {
	out := matched{by: map[string]arg{}}
	dots := len(params)
	for i, p := range params {
		if p == "..." {
			dots = i
			break
		}
	}
	var rest []arg
	for _, a := range args {
		if a.name != "" && has(params, a.name) {
			out.by[a.name] = a
		} else {
			rest = append(rest, a)
		}
	}
	var unnamed []arg
	for _, a := range rest {
		hit := ""
		for _, p := range params[:dots] {
			if _, taken := out.by[p]; a.name != "" && !taken && strings.HasPrefix(p, a.name) {
				hit = p
			}
		}
		switch {
		case hit != "":
			out.by[hit] = a
		case a.name != "" || a.value.Is("dots"):
			out.dots = append(out.dots, a)
		default:
			unnamed = append(unnamed, a)
		}
	}
	at := 0
	for _, a := range unnamed {
		for at < dots {
			if _, taken := out.by[params[at]]; !taken {
				break
			}
			at++
		}
		if at == dots {
			out.dots = append(out.dots, a)
			continue
		}
		out.by[params[at]] = a
	}
	return out
}

func has(list []string, s string) bool {
	for _, x := range list {
		if x == s {
			return true
		}
	}
	return false
}

// named is the argument with a name.
func (c *call) named(name string) node {
	for _, a := range c.args {
		if a.name == name {
			return a.value
		}
	}
	return node{}
}

// position is the i-th argument without a name.
func (c *call) position(i int) node {
	for _, a := range c.args {
		if a.name != "" {
			continue
		}
		if i == 0 {
			return a.value
		}
		i--
	}
	return node{}
}

// first is the argument with one of the names, or the first without a name.
func (c *call) first(names ...string) node {
	for _, n := range names {
		if v := c.named(n); v.OK() {
			return v
		}
	}
	return c.position(0)
}

// is reports whether the call is of one of the functions, with or without
// their package, and not of a function of the session.
func (m *module) is(c *call, names ...string) bool {
	if c == nil || !has(names, c.name) {
		return false
	}
	return c.pkg != "" || !m.isOwn(c.n, c.name)
}

// isOwn reports whether a function called at n is the session's own: R looks
// for a function of the name and passes by what is none.
func (m *module) isOwn(n node, name string) bool {
	for s := m.scopeOf(n); s != nil; s = s.parent {
		for _, b := range s.names[name] {
			// At the top level, what is defined below does not exist yet.
			if !b.each && m.mayBeFunction(b.value) && (s.def.OK() || m.scopeOf(n).def.OK() || m.before(b.at, n)) {
				return true
			}
		}
	}
	return false
}

// mayBeFunction reports whether an assigned expression may be a function.
func (m *module) mayBeFunction(v node) bool {
	switch v.Kind() {
	case "function_definition", "identifier", "namespace_operator", "extract_operator", "subset2", "":
		return true
	case "parenthesized_expression":
		return m.mayBeFunction(v.Field("body"))
	case "call":
		_, name := qualified(v.Field("function"))
		return has([]string{"memoise", "Vectorize", "match.fun", "get", "getFromNamespace", "getExportedValue", "partial", "compose", "safely", "possibly", "slowly", "insistently", "Negate", "identity", "function"}, name)
	}
	return false
}

// span is the call with what is piped into it.
func (c *call) span() span.Span { return c.expr.Span() }

// callAround finds the call whose argument n is, nil when it is none.
func (m *module) callAround(n node) *call {
	p := n.Parent()
	switch {
	case p.Is("argument"):
		return m.callAt[p.Parent().Parent()]
	case isPipe(p) && n.FieldName() == "lhs":
		return m.callAt[p.Field("rhs")]
	}
	return nil
}
