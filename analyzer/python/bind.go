package python

import "strings"

// collect records what n binds in the scope s.
func (m *module) collect(n node, s *scope) {
	switch n.Kind() {
	case "assignment":
		value := n.Field("right")
		for value.Kind() == "assignment" {
			value = value.Field("right")
		}
		if value.OK() {
			m.bindTarget(n.Field("left"), binding{kind: bindAssign, scope: s, value: value, at: m.after(n)})
		}
	case "augmented_assignment":
		m.bindTarget(n.Field("left"), binding{kind: bindAugment, scope: s, value: n, at: m.after(n)})
	case "named_expression":
		m.bindTarget(n.Field("name"), binding{kind: bindAssign, scope: s, value: n.Field("value"), at: m.after(n)})
	case "for_statement", "for_in_clause":
		m.bindTarget(n.Field("left"), binding{kind: bindFor, scope: s, value: n.Field("right"), at: m.place(n)})
	case "as_pattern":
		m.collectAs(n, s)
	case "except_clause":
		m.collectExcept(n, s)
	case "function_definition", "class_definition":
		name := n.Field("name")
		m.bindTarget(name, binding{kind: bindDef, scope: s, value: n, at: m.after(name)})
	case "parameters", "lambda_parameters":
		m.collectParameters(n, s)
	case "import_statement", "import_from_statement":
		m.collectImport(n, s)
	case "global_statement", "nonlocal_statement":
		if s == m.globals {
			return // there is nothing around it, and Python allows it
		}
		for _, name := range n.Named() {
			s.outer[name.Text()] = true
		}
	case "case_pattern":
		for c := n.First(); c.OK(); c = c.Next() {
			if c.Kind() == "dotted_name" && len(c.Named()) == 1 {
				m.bindTarget(c.First(), binding{kind: bindOpaque, scope: s, at: m.after(n)})
			}
		}
	}
}

// bindTarget binds the names of an assignment's left side. Attributes and
// subscripts are kept apart, by what they change.
func (m *module) bindTarget(target node, b binding) {
	switch target.Kind() {
	case "identifier":
		b.name, b.target = target.Text(), target
		m.bind(&b)
	case "attribute":
		b.target = target
		b.name = target.Field("attribute").Text()
		m.attributes[b.name] = append(m.attributes[b.name], &b)
	case "subscript":
		b.target = target
		m.subscripts = append(m.subscripts, &b)
	case "pattern_list", "tuple_pattern", "list_pattern", "tuple", "expression_list", "list":
		starred := false
		for i, c := range target.Named() {
			part := b
			if c.Kind() == "list_splat_pattern" {
				starred = true
				c = c.Child("identifier")
			}
			if starred {
				part.kind = bindOpaque
			} else {
				part.path = append(append([]int(nil), b.path...), i)
			}
			m.bindTarget(c, part)
		}
	case "parenthesized_expression", "as_pattern_target":
		if inner := target.Named(); len(inner) == 1 {
			m.bindTarget(inner[0], b)
		}
	}
}

func (m *module) collectAs(n node, s *scope) {
	named := n.Named()
	if len(named) < 2 {
		return
	}
	b := binding{kind: bindOpaque, scope: s, at: m.after(n)}
	if n.Parent().Kind() == "with_item" {
		b.kind, b.value = bindWith, named[0]
	}
	m.bindTarget(n.Field("alias"), b)
}

// collectExcept binds the name in `except Error, name:` of Python 2.
func (m *module) collectExcept(n node, s *scope) {
	named := n.Named()
	if len(named) == 3 && named[1].Kind() == "identifier" && named[2].Kind() == "block" {
		m.bindTarget(named[1], binding{kind: bindOpaque, scope: s, at: m.after(named[1])})
	}
}

func (m *module) collectParameters(n node, s *scope) {
	for i, p := range n.Named() {
		b := binding{kind: bindParam, scope: s, at: m.after(n), path: []int{i}, value: p}
		switch p.Kind() {
		case "identifier":
			m.bindTarget(p, b)
		case "default_parameter", "typed_default_parameter":
			m.bindTarget(p.Field("name"), b)
		case "typed_parameter":
			c := p.First()
			if c.Is("list_splat_pattern", "dictionary_splat_pattern") {
				c, b.kind = c.Child("identifier"), bindOpaque
			}
			m.bindTarget(c, b)
		case "list_splat_pattern", "dictionary_splat_pattern":
			b.kind = bindOpaque
			m.bindTarget(p.Child("identifier"), b)
		}
	}
}

func (m *module) collectImport(n node, s *scope) {
	from := ""
	if n.Kind() == "import_from_statement" {
		from = n.Field("module_name").Text()
		if n.Child("wildcard_import").OK() {
			m.wildcards = append(m.wildcards, from)
			return
		}
		from += "."
	}
	for _, c := range n.Fields("name") {
		b := binding{kind: bindImport, scope: s, at: m.after(n), value: n}
		target := c
		switch {
		case c.Kind() == "aliased_import":
			b.qualified = from + dotted(c.Field("name"))
			target = c.Field("alias")
		case from != "":
			b.qualified = from + dotted(c)
			target = c.First()
		default:
			// import a.b.c binds a.
			target = c.First()
			b.qualified = target.Text()
		}
		m.bindTarget(target, b)
	}
}

// dotted is a dotted name without the blanks that may stand in it.
func dotted(n node) string { return strings.Join(strings.Fields(n.Text()), "") }
