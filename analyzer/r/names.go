package r

import "github.com/imdsscan/imdsscan/analyzer/treesitter"

// scope is the environment of a function, or the global one.
type scope struct {
	def    node // function_definition; no node for the global environment
	parent *scope
	names  map[string][]*binding
	params []string
	param  map[string]node // the parameter's node by name
}

// binding is a place that gives a name, or a field of it, a value.
type binding struct {
	at    node // the assignment
	value node // what is assigned; no node where that is not known
	// object is what a field is assigned to (`cfg` in cfg$url <- x).
	object node
	// each is true for the variable of a loop, whose values are the elements.
	each bool
	// global is true for x <<- v in a function.
	global bool
}

// index notes the scopes, assignments and calls of a tree.
func (m *module) index(tree *treesitter.Tree) {
	for i := range tree.Len() {
		n := tree.At(i)
		switch n.Kind() {
		case "function_definition":
			m.scopes[n] = m.newScope(n)
		case "binary_operator":
			m.indexAssignment(n)
		case "for_statement":
			m.bind(m.scopeOf(n), nameOf(n.Field("variable")), &binding{at: n, value: n.Field("sequence"), each: true})
		case "identifier":
			m.names[nameOf(n)] = true
			if f := n.FieldName(); f != "function" && f != "name" {
				m.usesByName[nameOf(n)] = append(m.usesByName[nameOf(n)], n)
			}
		}
		c := readCall(n)
		if c == nil {
			continue
		}
		m.calls = append(m.calls, c)
		m.callAt[n] = c
		if c.name != "" {
			m.callsByName[c.name] = append(m.callsByName[c.name], c)
		}
		m.indexCall(c)
	}
}

func (m *module) newScope(def node) *scope {
	s := &scope{def: def, parent: m.scopeOf(def), names: map[string][]*binding{}, param: map[string]node{}}
	for _, p := range def.Field("parameters").Fields("parameter") {
		name := nameOf(p.Field("name"))
		s.params = append(s.params, name)
		s.param[name] = p
	}
	return s
}

// scopeOf is the environment that code at n runs in; for a function that is
// the one around it.
func (m *module) scopeOf(n node) *scope {
	for p := n.Parent(); p.OK(); p = p.Parent() {
		if p.Is("function_definition") {
			return m.scopes[p]
		}
	}
	return m.globals
}

// assignment splits `x <- v` and its like.
func assignment(n node) (target, value node, outer, ok bool) {
	if !n.Is("binary_operator") {
		return node{}, node{}, false, false
	}
	l, r := n.Field("lhs"), n.Field("rhs")
	switch n.Field("operator").Text() {
	case "<-", "=", ":=":
		return l, r, false, true
	case "<<-":
		return l, r, true, true
	case "->":
		return r, l, false, true
	case "->>":
		return r, l, true, true
	case "%<>%":
		return l, n, false, true
	}
	return node{}, node{}, false, false
}

func (m *module) indexAssignment(n node) {
	target, value, outer, ok := assignment(n)
	if !ok {
		return
	}
	s := m.scopeOf(n)
	b := &binding{at: n, value: value, global: outer}
	if outer {
		s = m.outerOf(s, nameOf(target))
	}
	switch target.Kind() {
	case "identifier", "string":
		m.bind(s, nameOf(target), b)
	case "extract_operator", "subset2", "subset":
		b.object = target.First()
		if key := m.fieldKey(target); key != "" {
			m.fields[key] = append(m.fields[key], b)
		}
	case "call":
		// names(x) <- …, attr(x, "a") <- …
		if inner := readCall(target); inner.name != "" {
			b.object = inner.position(0)
			m.fields[inner.name+"<-"] = append(m.fields[inner.name+"<-"], b)
		}
	}
}

// outerOf is the environment that `<<-` assigns in.
func (m *module) outerOf(s *scope, name string) *scope {
	for s = s.parent; s != nil && s.parent != nil; s = s.parent {
		if _, isParam := s.param[name]; isParam || len(s.names[name]) > 0 {
			return s
		}
	}
	return m.globals
}

func (m *module) bind(s *scope, name string, b *binding) {
	if s == nil {
		s = m.globals
	}
	s.names[name] = append(s.names[name], b)
	m.names[name] = true
}

// indexCall notes the calls that name or attach something.
func (m *module) indexCall(c *call) {
	switch c.name {
	case "assign", "delayedAssign", "makeActiveBinding":
		if key := c.first("x"); key.Is("string") && c.position(1).OK() {
			m.bind(m.globals, nameOf(key), &binding{at: c.n, value: c.position(1)})
		}
	case "library", "require", "requireNamespace", "loadNamespace", "attachNamespace", "use", "p_load":
		for _, a := range c.args {
			if a.value.Is("identifier", "string") && (a.name == "" || a.name == "package") {
				m.attached[nameOf(a.value)] = true
				m.whole[nameOf(a.value)] = has([]string{"library", "require", "attachNamespace", "p_load"}, c.name) || m.whole[nameOf(a.value)]
			}
		}
	case "from", "here", "into":
		if c.pkg == "import" && len(c.args) > 0 {
			m.attached[nameOf(c.args[0].value)] = true
		}
	}
}

// fieldKey is the name of the field in x$f, x[["f"]], x["f"].
func (m *module) fieldKey(n node) string {
	if n.Is("extract_operator") {
		return nameOf(n.Field("rhs"))
	}
	if args := n.Field("arguments").Fields("argument"); len(args) == 1 && args[0].Field("value").Is("string") {
		return nameOf(args[0].Field("value"))
	}
	return ""
}

// lookup finds the environment that has a name, nil when none in the session
// has.
func (m *module) lookup(n node, name string) *scope {
	for s := m.scopeOf(n); s != nil; s = s.parent {
		if _, isParam := s.param[name]; isParam || len(s.names[name]) > 0 {
			return s
		}
	}
	return nil
}

// reaching are the bindings of a name that may hold where use stands, the
// parameter among them as a binding without a value where that may.
func (m *module) reaching(s *scope, name string, use node) (bs []*binding, param bool) {
	_, param = s.param[name]
	all := s.names[name]
	if m.scopeOf(use) != s {
		return all[max(0, len(all)-maxRefs):], param // a function may be called whenever
	}
	for i := len(all) - 1; i >= 0 && len(bs) < maxRefs; i-- {
		b := all[i]
		m.steps++
		if !m.before(b.at, use) || use.Inside(b.at) && !b.each {
			continue
		}
		if b.each && !use.Inside(b.at) {
			continue
		}
		bs = append(bs, b)
		if !b.global && surely(b.at, use) {
			return bs, false
		}
	}
	if len(bs) == 0 && !param {
		for _, b := range all {
			if !use.Inside(b.at) && len(bs) < maxRefs {
				bs = append(bs, b) // set in a later turn of a loop, or by a function
			}
		}
	}
	return bs, param
}

// surely reports whether code at n has run where use runs: nothing between
// them decides.
func surely(n, use node) bool {
	if n.Tree() != use.Tree() {
		// Another cell: at its top level.
		for p := n.Parent(); p.OK(); n, p = p, p.Parent() {
			if decides(p, n) {
				return false
			}
		}
		return true
	}
	if use.Inside(n) {
		return true
	}
	for p := n.Parent(); p.OK(); n, p = p, p.Parent() {
		if use.Inside(p) {
			// Beside each other: in the two branches of one if they exclude each other.
			return !decides(p, n)
		}
		if decides(p, n) {
			return false
		}
	}
	return true
}

// decides reports whether the construct p decides if or how often its part n
// runs.
func decides(p, n node) bool {
	switch p.Kind() {
	case "if_statement":
		return n.FieldName() != "condition"
	case "while_statement", "for_statement", "repeat_statement":
		return n.FieldName() == "body"
	case "function_definition":
		return true
	case "binary_operator":
		op := p.Field("operator").Text()
		return n.FieldName() == "rhs" && (op == "&&" || op == "||")
	case "argument":
		return true // arguments are evaluated when the function wants them
	}
	return false
}
