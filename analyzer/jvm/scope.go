package jvm

// scope is a namespace: the session's, a class body's, a function's, a
// block's.
type scope struct {
	kind   scopeKind
	parent *scope
	def    node // what opens it, no node for the session
	names  map[string][]*binding
	// wild are the packages and objects imported with everything in them.
	wild []string
}

type scopeKind uint8

const (
	sessionScope scopeKind = iota
	classScope
	functionScope
	blockScope
)

type bindKind uint8

const (
	bindValue  bindKind = iota // the value of the expression
	bindAdd                    // value is the `x += …` itself
	bindEach                   // an element of the expression
	bindParam                  // an argument; value is the parameter
	bindImport                 // qualified says what
	bindDef                    // value is the definition
	bindOpaque                 // a value that is not known
)

// binding gives a name a value.
type binding struct {
	kind   bindKind
	name   string
	scope  *scope
	target node // the name where it is bound
	value  node
	typ    node // the declared type, no node for none
	// path leads to the part of a tuple.
	path      []int
	qualified string
	// assigned is true for an assignment to a name that is declared elsewhere.
	assigned bool
	at       place
}

// place orders code of a session: by unit, then by offset.
type place struct{ unit, off int }

func (p place) before(o place) bool { return p.unit < o.unit || p.unit == o.unit && p.off < o.off }

func (m *module) place(n node) place { return place{m.unitOf[n.Tree()], n.Start()} }
func (m *module) after(n node) place { return place{m.unitOf[n.Tree()], n.End()} }

func newScope(kind scopeKind, parent *scope, def node) *scope {
	return &scope{kind: kind, parent: parent, def: def, names: map[string][]*binding{}}
}

// buildScopes gives every node of the unit its scope and collects the names
// bound there.
func (m *module) buildScopes(unit int) {
	tree := m.trees[unit]
	of := make([]*scope, tree.Len())
	m.scopes[unit] = of
	for i := range of {
		n := tree.At(i)
		of[i] = m.scopeFor(n, of)
		m.collect(n, of[i])
	}
}

// scopeFor is the scope of n, whose parent has one already.
func (m *module) scopeFor(n node, of []*scope) *scope {
	p := n.Parent()
	if !p.OK() {
		return m.globals
	}
	s := of[p.Index()]
	switch {
	case isFunction(p):
		if n.Is("parameters", "formal_parameters", "bindings", "inferred_parameters") || n.FieldName() == "body" || n.FieldName() == "parameters" || isLambda(p) {
			return m.own(p, functionScope, s)
		}
	case isClass(p):
		if n.FieldName() == "body" || n.FieldName() == "class_parameters" || n.FieldName() == "parameters" || n.Is("extends_clause", "superclass") {
			return m.own(p, classScope, s)
		}
	case p.Is("instance_expression", "object_creation_expression"):
		if n.Is("template_body", "class_body") {
			return m.own(p, classScope, s)
		}
	case isBlock(p):
		return m.own(p, blockScope, s)
	}
	return s
}

// own is the scope that a definition opens.
func (m *module) own(def node, kind scopeKind, around *scope) *scope {
	s := m.owned[def]
	if s == nil {
		s = newScope(kind, around, def)
		m.owned[def] = s
		m.opened = append(m.opened, s)
	}
	return s
}

// scopeOf is the scope n stands in.
func (m *module) scopeOf(n node) *scope {
	if !n.OK() {
		return m.globals
	}
	return m.scopes[m.unitOf[n.Tree()]][n.Index()]
}

// function is the function around the scope, nil outside of one; the body of
// a class is no function.
func (s *scope) function() *scope {
	for ; s != nil; s = s.parent {
		if s.kind == functionScope {
			return s
		}
	}
	return nil
}

// runsIn is the scope that runs as one: the function, the class body or the
// session.
func (s *scope) runsIn() *scope {
	for s.kind == blockScope {
		s = s.parent
	}
	return s
}

// class is the class around the scope, nil outside of one.
func (s *scope) class() *scope {
	for ; s != nil; s = s.parent {
		if s.kind == classScope {
			return s
		}
	}
	return nil
}

func (m *module) bind(b *binding) {
	if b.name == "" || b.name == "_" {
		return
	}
	b.scope.names[b.name] = append(b.scope.names[b.name], b)
	if b.value.OK() {
		m.byValue[b.value] = append(m.byValue[b.value], b)
	}
}

// collect records the names that n binds.
func (m *module) collect(n node, s *scope) {
	switch n.Kind() {
	case "val_definition", "var_definition":
		m.bindPattern(n.Field("pattern"), n.Field("value"), n.Field("type"), nil, s, m.after(n))
	case "val_declaration", "var_declaration", "function_declaration":
		m.bind(&binding{kind: bindOpaque, name: n.Field("name").Text(), scope: s, target: n.Field("name"), typ: n.Field("type"), at: m.after(n)})
	case "variable_declarator":
		kind := bindValue
		if !n.Field("value").OK() {
			kind = bindOpaque
		}
		m.bind(&binding{kind: kind, name: n.Field("name").Text(), scope: s, target: n.Field("name"), value: n.Field("value"), typ: n.Parent().Field("type"), at: m.after(n)})
	case "function_definition", "method_declaration", "class_definition", "object_definition", "trait_definition", "enum_definition",
		"package_object", "class_declaration", "interface_declaration", "enum_declaration", "record_declaration":
		m.bind(&binding{kind: bindDef, name: n.Field("name").Text(), scope: s, target: n.Field("name"), value: n, typ: n.Field("return_type"), at: m.place(n)})
	case "parameter", "class_parameter", "formal_parameter", "spread_parameter", "binding", "catch_formal_parameter":
		kind := bindParam
		if n.Kind() == "catch_formal_parameter" {
			kind = bindOpaque
		}
		if n.Parent().Is("constructor_declaration") {
			return
		}
		m.bind(&binding{kind: kind, name: n.Field("name").Text(), scope: s, target: n.Field("name"), value: n, typ: n.Field("type"), at: m.after(n)})
	case "lambda_expression":
		// x => …: the parameter is a bare name.
		if p := n.Field("parameters"); p.Kind() == "identifier" {
			m.bind(&binding{kind: bindParam, name: p.Text(), scope: m.own(n, functionScope, s), target: p, value: p, at: m.after(p)})
		}
	case "inferred_parameters":
		for _, c := range n.Named() {
			m.bind(&binding{kind: bindParam, name: c.Text(), scope: s, target: c, value: c, at: m.after(c)})
		}
	case "enumerator":
		if c := n.Named(); len(c) >= 2 {
			kind := bindEach
			if n.Child("=").OK() {
				kind = bindValue
			}
			if c[0].Kind() == "identifier" {
				m.bind(&binding{kind: kind, name: c[0].Text(), scope: s, target: c[0], value: c[1], at: m.after(n)})
			} else {
				m.bindPattern(c[0], node{}, node{}, nil, s, m.after(n))
			}
		}
	case "enhanced_for_statement":
		m.bind(&binding{kind: bindEach, name: n.Field("name").Text(), scope: m.own(n, blockScope, s), target: n.Field("name"), value: n.Field("value"), typ: n.Field("type"), at: m.after(n.Field("value"))})
	case "resource":
		m.bind(&binding{kind: bindValue, name: n.Field("name").Text(), scope: s, target: n.Field("name"), value: n.Field("value"), typ: n.Field("type"), at: m.after(n)})
	case "case_clause":
		inside := m.own(n, blockScope, s)
		value := node{}
		if p := n.Field("pattern"); p.Is("identifier", "typed_pattern") {
			if body := n.Parent(); body.Parent().Kind() == "match_expression" && body.Parent().Field("body") == body {
				value = body.Parent().Field("value")
			}
		}
		m.bindPattern(n.Field("pattern"), value, node{}, nil, inside, m.after(n.Field("pattern")))
	case "assignment_expression":
		if n.Parent().Is("arguments") && n.Field("left").Kind() == "identifier" {
			return
		}
		m.assigned = append(m.assigned, n)
	case "infix_expression":
		if op := n.Field("operator"); op.Kind() == "operator_identifier" && op.Text() == "+=" {
			m.assigned = append(m.assigned, n)
		}
	case "import_declaration":
		m.importFrom(n, s)
	}
}

// bindPattern binds the names of a pattern to the parts of a value.
func (m *module) bindPattern(p, value, typ node, path []int, s *scope, at place) {
	if len(path) > 8 {
		return
	}
	switch p.Kind() {
	case "identifier":
		kind := bindValue
		if !value.OK() {
			kind = bindOpaque
		}
		m.bind(&binding{kind: kind, name: p.Text(), scope: s, target: p, value: value, typ: typ, path: path, at: at})
	case "identifiers": // val a, b = …
		for _, c := range p.Named() {
			m.bindPattern(c, value, typ, path, s, at)
		}
	case "tuple_pattern":
		i := 0
		for _, c := range p.Named() {
			if !isComment(c) {
				m.bindPattern(c, value, node{}, append(append([]int(nil), path...), i), s, at)
				i++
			}
		}
	case "typed_pattern":
		m.bindPattern(p.Field("pattern"), value, p.Field("type"), path, s, at)
	case "capture_pattern":
		m.bind(&binding{kind: bindOpaque, name: p.Field("name").Text(), scope: s, target: p.Field("name"), at: at})
		m.bindPattern(p.Field("pattern"), node{}, node{}, path, s, at)
	case "case_class_pattern", "infix_pattern", "alternative_pattern", "given_pattern":
		for _, c := range p.Named() {
			if c.FieldName() != "type" && c.FieldName() != "operator" {
				m.bindPattern(c, node{}, node{}, append(append([]int(nil), path...), 0), s, at)
			}
		}
	}
}

// bindAssigned records assignments, once all declarations are known.
func (m *module) bindAssigned() {
	for _, n := range m.assigned {
		left, kind, value := n.Field("left"), bindValue, n.Field("right")
		if n.Kind() == "infix_expression" || n.Field("operator").Text() == "+=" {
			kind, value = bindAdd, n
		}
		b := &binding{kind: kind, target: left, value: value, assigned: true, at: m.after(n)}
		s := m.scopeOf(n)
		switch left.Kind() {
		case "identifier":
			b.name = left.Text()
			b.scope = m.owner(s, b.name)
		case "field_access", "field_expression":
			object, field := member(left)
			if class := s.class(); object.Text() == "this" && class != nil {
				b.name, b.scope = field, class
			}
		}
		if b.scope != nil {
			m.bind(b)
		}
	}
}

// member reads x.y.
func member(n node) (object node, field string) {
	if n.Kind() == "field_access" {
		return n.Field("object"), n.Field("field").Text()
	}
	return n.Field("value"), n.Field("field").Text()
}

// owner is the scope whose name a use in s means, nil for a name from
// elsewhere.
func (m *module) owner(s *scope, name string) *scope {
	for sc := s; sc != nil; sc = sc.parent {
		if len(sc.names[name]) > 0 {
			return sc
		}
		if sc.kind == classScope {
			if base := m.inherited(sc, name); base != nil {
				return base
			}
		}
		for _, w := range sc.wild {
			for _, object := range m.named(w) {
				if len(object.names[name]) > 0 {
					return object
				}
			}
		}
	}
	return nil
}

// inherited is the class of the session above sc that has the name.
func (m *module) inherited(sc *scope, name string) *scope {
	key := inheritedName{sc, name}
	if found, ok := m.inheritedMemo[key]; ok {
		return found
	}
	m.inheritedMemo[key] = nil // what a cycle sees
	for _, base := range m.bases(sc) {
		for _, s := range m.named(base) {
			if s == sc {
				continue
			}
			if len(s.names[name]) > 0 {
				m.inheritedMemo[key] = s
				return s
			}
			if up := m.inherited(s, name); up != nil {
				m.inheritedMemo[key] = up
				return up
			}
		}
	}
	return nil
}

type inheritedName struct {
	class *scope
	name  string
}

// bases are the types that a class extends, as written.
func (m *module) bases(class *scope) []string {
	if out, ok := m.basesMemo[class]; ok {
		return out
	}
	var out []string
	add := func(n node) {
		for c := n.First(); c.OK(); c = c.Next() {
			if c.Is("type_identifier", "generic_type", "stable_type_identifier", "scoped_type_identifier") {
				out = append(out, typeName(c))
			}
		}
	}
	def := class.def
	add(def.Field("extend"))
	add(def.Field("superclass"))
	if list := def.Field("interfaces"); list.OK() {
		add(list.Child("type_list"))
	}
	if def.Is("instance_expression", "object_creation_expression") {
		if c := readCall(def); c != nil {
			out = append(out, c.name)
		}
	}
	m.basesMemo[class] = out
	return out
}

// overrides are the bindings that classes which extend sc give a name.
func (m *module) overrides(sc *scope, name string) []*binding {
	if m.extending == nil {
		m.extending = map[string][]*scope{}
		for _, own := range m.opened {
			if own.kind == classScope {
				for _, base := range m.bases(own) {
					m.extending[lastWord(base)] = append(m.extending[lastWord(base)], own)
				}
			}
		}
	}
	var out []*binding
	for _, sub := range m.extending[sc.def.Field("name").Text()] {
		for _, b := range sub.names[name] {
			if !isUnset(b) && len(out) < maxDefs {
				out = append(out, b)
			}
		}
	}
	return out
}

// maxNamed bounds how many classes of one name are told apart.
const maxNamed = 8

// named are the scopes of the classes and objects of the session that a path
// names by its last word.
func (m *module) named(path string) []*scope {
	_, last := cutLast(path)
	all := m.classes[last]
	return all[:min(len(all), maxNamed)]
}
