package python

// scope is a namespace: the session's globals, a function, a class body, a
// lambda, a comprehension.
type scope struct {
	id     int
	kind   scopeKind
	parent *scope
	def    node // the definition, no node for the session
	names  map[string][]*binding
	// outer are names declared global or nonlocal.
	outer map[string]bool
}

type scopeKind uint8

const (
	moduleScope scopeKind = iota
	functionScope
	classScope
	comprehensionScope
)

// bindKind says how a binding gets its value from its expression.
type bindKind uint8

const (
	bindAssign  bindKind = iota // the value of the expression
	bindAugment                 // value is the augmented assignment itself
	bindFor                     // an element of the expression
	bindWith                    // what the context manager gives
	bindParam                   // an argument
	bindImport                  // a module or a member, in qualified
	bindDef                     // value is the definition
	bindOpaque                  // a value that is not known
)

// binding gives a name a value.
type binding struct {
	kind   bindKind
	name   string
	scope  *scope
	target node // the name where it is bound
	value  node
	// path leads to the part of an unpacked value: a, (b, c) = … has 0; 1,0; 1,1.
	path      []int
	qualified string
	at        place
}

// place orders code of a session: by unit, then by offset.
type place struct{ unit, off int }

func (p place) before(o place) bool { return p.unit < o.unit || p.unit == o.unit && p.off < o.off }

func (m *module) place(n node) place { return place{m.unitOf[n.Tree()], n.Start()} }
func (m *module) after(n node) place { return place{m.unitOf[n.Tree()], n.End()} }

func (m *module) newScope(kind scopeKind, parent *scope, def node) *scope {
	m.scopeCount++
	return &scope{id: m.scopeCount, kind: kind, parent: parent, def: def, names: map[string][]*binding{}, outer: map[string]bool{}}
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
	switch p.Kind() {
	case "function_definition", "lambda":
		if f := n.FieldName(); f == "body" || f == "parameters" {
			return m.own(p, functionScope, s)
		}
	case "class_definition":
		if n.FieldName() == "body" {
			return m.own(p, classScope, s)
		}
	case "list_comprehension", "set_comprehension", "dictionary_comprehension", "generator_expression":
		return m.own(p, comprehensionScope, s)
	case "default_parameter", "typed_default_parameter":
		if n.FieldName() == "value" && s.parent != nil {
			return s.parent
		}
	}
	return s
}

// own is the scope that a definition opens.
func (m *module) own(def node, kind scopeKind, around *scope) *scope {
	s := m.owned[def]
	if s == nil {
		s = m.newScope(kind, around, def)
		m.owned[def] = s
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

// owner is the scope whose name a use in s means, nil for a builtin.
func (s *scope) owner(name string) *scope {
	for sc := s; sc != nil; sc = sc.parent {
		if sc.kind == classScope && sc != s || sc.outer[name] {
			continue
		}
		if len(sc.names[name]) > 0 {
			return sc
		}
	}
	return nil
}

// function is the function around the scope, nil at the top level; class
// bodies and comprehensions run with what is around them.
func (s *scope) function() *scope {
	for ; s != nil; s = s.parent {
		if s.kind == functionScope {
			return s
		}
	}
	return nil
}

// class is the class whose method the scope is in, nil outside of one.
func (s *scope) class() *scope {
	for s = s.function(); s != nil; s = s.parent.function() {
		if s.parent != nil && s.parent.kind == classScope {
			return s.parent
		}
	}
	return nil
}

// bind records a binding in the scope that owns the name.
func (m *module) bind(b *binding) {
	s := b.scope
	if s.outer[b.name] {
		for s = s.parent; s.parent != nil && (s.kind == classScope || len(s.names[b.name]) == 0); s = s.parent {
		}
		b.scope = s
	}
	if b.kind != bindFor {
		// A comprehension has only the names of its own for clauses.
		for s.kind == comprehensionScope {
			s = s.parent
		}
		b.scope = s
	}
	s.names[b.name] = append(s.names[b.name], b)
}
