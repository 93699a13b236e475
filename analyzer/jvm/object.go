package jvm

import (
	"slices"
	"strings"

	"github.com/imdsscan/imdsscan/rules"
)

// A request is described by an object: a connection, a builder, an immutable
// request. This file follows such an object: back to where it was made, and on
// through chains of steps, variables, helpers and callers.

// outward is the expression around n whose value comes from n: a group or a
// cast (c is nil), or a call on n.
func (m *module) outward(n node) (next node, c *call) {
	p := n.Parent()
	if grouping(p) == n {
		return p, nil
	}
	switch {
	case p.Kind() == "field_expression" && p.Field("value") == n:
		at := p
		if up := at.Parent(); up.Kind() == "generic_function" && up.Field("function") == at {
			if isCast(up) {
				return up, nil
			}
			at = up
		}
		if up := at.Parent(); up.Kind() == "call_expression" && up.Field("function") == at {
			at = up
		}
		if c, ok := m.callAt(at); ok {
			return at, c
		}
	case p.Kind() == "method_invocation" && p.Field("object") == n,
		p.Kind() == "infix_expression" && p.Field("left") == n,
		p.Kind() == "postfix_expression" && p.First() == n:
		if c, ok := m.callAt(p); ok {
			return p, c
		}
	}
	return node{}, nil
}

// chainEnd is the whole chain of steps that starts with n.
func (m *module) chainEnd(n node, class *rules.JVMClass, in *frame) node {
	end := n
	for at := n; class != nil; {
		next, c := m.outward(at)
		if !next.OK() {
			break
		}
		at = next
		if c == nil {
			continue
		}
		step := class.Steps[c.name]
		if step == nil {
			break
		}
		end = at
		if step.Sends {
			break
		}
		if step.Gives != "" {
			class = m.table.Classes[step.Gives]
		}
	}
	return end
}

// heldAs climbs from an expression to the whole whose value it is.
func heldAs(n node) node {
	for range 64 {
		p := n.Parent()
		if grouping(p) == n {
			n = p
			continue
		}
		if p.Kind() == "field_expression" && isCast(p.Parent()) && p.FieldName() == "function" {
			n = p.Parent()
			continue
		}
		alts, ok := alternatives(p)
		if !ok || p.Kind() == "expression_statement" || !slices.Contains(alts, n) {
			return n
		}
		n = p
	}
	return n
}

// holderOf is the variable that gets the value of an expression, nil for none.
func (m *module) holderOf(n node) *binding {
	n = heldAs(n)
	for _, b := range m.byValue[n] {
		if b.kind == bindValue && len(b.path) == 0 {
			return b
		}
	}
	return nil
}

// described are the possibilities of what an object describes so far.
func (m *module) described(r ref, use node) []headerSet {
	n := unwrapped(r.n)
	r = ref{n, r.in}
	if m.open[r] || m.spent() || m.depth > 400 {
		return []headerSet{{}}
	}
	m.open[r] = true
	m.depth++
	defer func() { m.depth--; delete(m.open, r) }()
	if n.Is("identifier", "field_expression", "field_access") {
		if q := m.client(m.qualified(n), func(q string) bool { return m.table.Values[q] != "" }); q != "" {
			return []headerSet{{}}
		}
	}
	if c, ok := m.callAt(n); ok && len(m.functionsOf(c, r.in)) == 0 {
		if e := m.entryOf(c, r.in); e != nil {
			return m.begin(c, e, r.in)
		}
		if _, step := m.stepOf(c, r.in); step != nil {
			return m.applyStep(m.described(ref{c.recv, r.in}, use), step, c, r.in)
		}
		if c.made || m.typeOf(r) != "" {
			return []headerSet{{}}
		}
	}
	refs, complete := m.step(r)
	var out []headerSet
	for _, d := range refs {
		if d == r {
			complete = false
			continue
		}
		out = append(out, m.described(d, use)...)
	}
	if !complete || len(out) == 0 {
		out = append(out, openSet("how "+short(n)+" was made is not known")...)
	}
	if class := m.table.Classes[m.typeOf(r)]; class != nil && !class.Copies {
		for _, b := range m.bindingsOf(r) {
			out = m.forwardVar(out, b, class, r.in, use, 0)
		}
	}
	return out[:min(len(out), maxAlternatives)]
}

// begin is what a call that is given a URL describes by itself.
func (m *module) begin(c *call, e *rules.JVMCall, in *frame) []headerSet {
	sets := []headerSet{{method: e.Method}}
	if h := pick(c, e.Headers); h.OK() {
		sets = merged(sets, m.headerSets(ref{h, in}))
	}
	if n := pick(c, e.MethodArg); n.OK() {
		sets = m.setMethod(sets, ref{n, in})
	}
	return sets
}

// applyStep are the sets after a step.
func (m *module) applyStep(sets []headerSet, step *rules.JVMStep, c *call, in *frame) []headerSet {
	at := func(i int) ref { return ref{c.args[i].n, in} }
	switch {
	case step.Header && len(c.args) == 2:
		if all, ok := m.eachPair(c.args[0].n, in); ok {
			sets = merged(sets, m.headerSets(all))
			break
		}
		sets = m.addField(sets, at(0), at(1))
	case step.Header && len(c.args) >= 1:
		sets = merged(sets, m.headerSets(at(0)))
	case step.Headers:
		if step.Replaces {
			next := []headerSet{}
			for _, s := range sets {
				s.Fields, s.Open = nil, ""
				next = append(next, s)
			}
			sets = next
		}
		if len(c.args) >= 2 && len(c.args)%2 == 0 && m.isPlainText(at(0)) {
			sets = m.pairs(sets, c.args, in)
			break
		}
		for i := range c.args {
			sets = merged(sets, m.headerSets(at(i)))
		}
	case step.Remove && len(c.args) >= 1:
		if text, ok := m.constant(at(0)); ok {
			var next []headerSet
			for _, s := range sets {
				next = append(next, s.without(text))
			}
			sets = next
		}
	}
	if step.Method != "" {
		sets = withMethod(sets, step.Method, false)
	}
	if n := pick(c, step.MethodArg); n.OK() {
		sets = m.setMethod(sets, ref{n, in})
	}
	return sets
}

// isPlainText reports an expression whose value is a text, not a pair.
func (m *module) isPlainText(r ref) bool {
	if _, _, ok := pair(r.n); ok {
		return false
	}
	_, ok := m.constant(r)
	return ok
}

func withMethod(sets []headerSet, method string, unclear bool) []headerSet {
	var out []headerSet
	for _, s := range sets {
		s.method, s.unclear = method, unclear
		out = append(out, s)
	}
	return out
}

// setMethod reads "PUT", HttpMethod.PUT, Method.PUT.name.
func (m *module) setMethod(sets []headerSet, r ref) []headerSet {
	if text, ok := m.constant(r); ok {
		return withMethod(sets, strings.ToUpper(text), false)
	}
	for _, word := range strings.FieldsFunc(r.n.Text(), func(c rune) bool { return !(c >= 'A' && c <= 'Z') }) {
		switch word {
		case "GET", "PUT", "POST", "HEAD", "DELETE", "PATCH", "OPTIONS":
			return withMethod(sets, word, false)
		}
	}
	return withMethod(sets, "", true)
}

const maxFollow = 12

// forward applies what happens to an object from the expression n on: the
// steps of its chain, and then those of the variable, helper or caller that
// gets it. Steps that may not run before the use give both.
func (m *module) forward(sets []headerSet, n node, class *rules.JVMClass, in *frame, use node, depth int) []headerSet {
	if class == nil || depth > maxFollow || m.spent() {
		return sets
	}
	for {
		next, c := m.outward(n)
		if !next.OK() {
			break
		}
		n = next
		if c == nil {
			continue
		}
		step := class.Steps[c.name]
		if made, next := m.rebuilt(c, class, in); made.OK() {
			n, class = made, next
			continue
		}
		if step == nil {
			if why := m.setsHeaders(c, class); why != "" {
				return merged(sets, openSet(why))
			}
			return sets // it is sent, or asked for something
		}
		sets = m.conditionally(sets, m.applyStep(sets, step, c, in), c.n, ref{use, in})
		if step.Gives != "" {
			class = m.table.Classes[step.Gives]
		}
		if step.Sends || class == nil {
			return sets
		}
	}
	whole := heldAs(n)
	for _, b := range m.byValue[whole] {
		if b.kind == bindValue && len(b.path) == 0 {
			return m.forwardVar(sets, b, class, in, use, depth+1)
		}
	}
	if fn := m.returnedFrom(whole); fn.OK() {
		return m.forwardCallers(sets, fn, class, in, use, depth+1)
	}
	return m.forwardArgument(sets, n, class, in, use, depth+1)
}

// forwardVar applies the steps made through a variable.
func (m *module) forwardVar(sets []headerSet, b *binding, class *rules.JVMClass, in *frame, use node, depth int) []headerSet {
	key := varUse{b, use}
	if len(class.Steps) == 0 && class.Rebuilds == "" || m.following[key] {
		return sets
	}
	m.following[key] = true
	defer delete(m.following, key)
	var out []headerSet
	for _, u := range m.usesOf(b) {
		if class.Rebuilds != "" {
			if _, c := m.outward(u); c != nil {
				if made, _ := m.rebuilt(c, class, in); !made.OK() {
					continue // it only tells what it is
				}
			}
		} else if !class.Copies {
			sets = m.forward(sets, u, class, in, use, depth)
			continue
		}
		out = append(out, m.forward(sets, u, class, in, use, depth)...)
	}
	if len(out) > 0 {
		return out[:min(len(out), maxAlternatives)]
	}
	return sets
}

type varUse struct {
	b   *binding
	use node
}

// usesOf are the places where a variable is read, in the order of the code.
func (m *module) usesOf(b *binding) []node {
	if uses, ok := m.useMemo[b]; ok {
		return uses
	}
	var out []node
	for _, u := range m.usesByName[b.name] {
		n := u
		var bs []*binding
		if p := u.Parent(); p.Is("field_expression", "field_access") && u.FieldName() == "field" {
			n = p
			bs, _ = m.memberBindings(ref{n: p})
		} else {
			bs = m.reaching(u, b.name)
		}
		if slices.Contains(bs, b) && u != b.target {
			out = append(out, n)
		}
	}
	if len(out) > 200 {
		out = out[:200]
	}
	m.useMemo[b] = out
	return out
}

// returnedFrom is the function whose result an expression is, no node for
// none.
func (m *module) returnedFrom(n node) node {
	p := n.Parent()
	if p.Is("return_expression", "return_statement") {
		if fn := m.scopeOf(n).function(); fn != nil {
			return fn.def
		}
		return node{}
	}
	if isFunction(p) && (n.FieldName() == "body" || isLambda(p)) && !m.isJava(p) {
		return p
	}
	return node{}
}

// forwardCallers goes on where the function that makes an object is called.
func (m *module) forwardCallers(sets []headerSet, fn node, class *rules.JVMClass, in *frame, use node, depth int) []headerSet {
	if f := in.frameOf(fn); f != nil {
		return m.forward(sets, f.site.n, class, f.up, f.site.n, depth)
	}
	sites := m.callSites(fn)
	if len(sites) == 0 {
		if isLambda(fn) {
			return sets
		}
		return merged(sets, openSet("it is handed to callers that are not seen"))
	}
	var out []headerSet
	for _, s := range sites {
		out = append(out, m.forward(sets, s.n, class, nil, s.n, depth)...)
	}
	return out[:min(len(out), maxAlternatives)]
}

// forwardArgument goes on in the function that an object is given to.
func (m *module) forwardArgument(sets []headerSet, n node, class *rules.JVMClass, in *frame, use node, depth int) []headerSet {
	list := n.Parent()
	if list.Kind() == "assignment_expression" && list.Parent().Is("arguments") {
		list = list.Parent()
	}
	if !m.isArgumentList(list) || class.Copies {
		return sets
	}
	c, ok := m.callAt(list.Parent())
	if !ok || c.made {
		return sets
	}
	defs := m.functionsOf(c, in)
	if len(defs) == 0 {
		if why := opaque(c); why != "" && len(class.Steps) > 0 {
			return merged(sets, openSet(why))
		}
		return sets
	}
	for _, def := range defs {
		s := m.owned[def]
		f := m.enter(def, c, in)
		if s == nil || f == nil || isClass(def) {
			continue
		}
		for _, p := range def.Fields("parameters") {
			for _, param := range p.Named() {
				for _, b := range m.byValue[param] {
					if refs, _ := m.argumentOf(b, f.site, f.up); b.kind == bindParam && len(refs) == 1 && refs[0].n == n {
						sets = m.forwardVar(sets, b, class, f, use, depth)
					}
				}
			}
		}
	}
	return sets
}

// opaque says why a function that is not seen may add headers to the object
// it is given, empty when that is not likely. A method of a client sends it.
func opaque(c *call) string {
	why := "it is given to " + c.name + ", which may add headers"
	if !c.recv.OK() {
		return why
	}
	low := strings.ToLower(c.name)
	for _, w := range []string{"header", "token", "auth", "sign", "config", "prepare", "decorate", "setup", "apply", "customize", "imds"} {
		if strings.Contains(low, w) {
			return why
		}
	}
	return ""
}

// setsHeaders says why a method that is no known step may set headers.
func (m *module) setsHeaders(c *call, class *rules.JVMClass) string {
	low := strings.ToLower(c.name)
	if class.Name == connectionClass || class.Rebuilds != "" || !strings.Contains(low, "header") || low == "getfirstheader" || strings.HasPrefix(low, "contains") || strings.HasPrefix(low, "has") {
		return ""
	}
	return "its " + c.name + " may add headers"
}

// connectionClass answers requests itself, so that most of its methods about
// headers are about those of the answer.
const connectionClass = "java.net.URLConnection"

// callsOn are the calls on a variable, and what else changes the collection in
// it, in the order of the code.
func (m *module) callsOn(r ref) []*call {
	var out []*call
	seen := map[node]bool{}
	for _, b := range m.bindingsOf(r) {
		for _, u := range m.usesOf(b) {
			c := m.changeAt(u)
			if c != nil && !seen[c.n] {
				seen[c.n] = true
				out = append(out, c)
			}
		}
	}
	return out
}

// changeAt reads x.put(k, v), x += y and x(k) = v at a use of x.
func (m *module) changeAt(u node) *call {
	p := u.Parent()
	if p.Kind() == "infix_expression" && p.Field("left") == u {
		if op := p.Field("operator").Text(); op == "+=" || op == "++=" || op == "-=" {
			return &call{n: p, recv: u, name: op, args: []arg{{n: p.Field("right")}}}
		}
	}
	if p.Kind() == "call_expression" && p.Field("function") == u && p.Parent().Kind() == "assignment_expression" && p.FieldName() == "left" {
		if args := arguments(p.Field("arguments")); len(args) == 1 {
			return &call{n: p.Parent(), recv: u, name: "update", args: append(args, arg{n: p.Parent().Field("right")})}
		}
	}
	_, c := m.outward(u)
	return c
}
