package python

import "strings"

// importedName finds the name by which code at n can reach a qualified name
// ("requests.put"), through an import of the member, of its module, or with a
// star. It is empty when no import gives it.
func (m *module) importedName(n node, qualified string) string {
	modulePath, member := cutLast(qualified)
	for s := m.scopeOf(n); s != nil; s = s.parent {
		if s.kind == classScope && s != m.scopeOf(n) {
			continue
		}
		best := ""
		for name, bindings := range s.names {
			if !sameImport(bindings) || !m.runsBefore(bindings, n) {
				continue
			}
			text := ""
			switch q := bindings[0].qualified; {
			case q == qualified:
				text = name
			case q == modulePath:
				text = name + "." + member
			case strings.HasPrefix(modulePath, q+".") && m.imports(bindings[0].value, modulePath):
				text = name + strings.TrimPrefix(qualified, q)
			}
			// The shortest, then the first by name: maps have no order.
			if text != "" && (best == "" || len(text) < len(best) || len(text) == len(best) && text < best) {
				best = text
			}
		}
		if best != "" {
			return best
		}
	}
	for _, w := range m.wildcards {
		if w == modulePath {
			return member
		}
	}
	return ""
}

// sameImport reports whether all that a name may be is one imported thing:
// `import urllib.request` and `import urllib.error` both bring `urllib`.
func sameImport(bindings []*binding) bool {
	for _, b := range bindings {
		if b.kind != bindImport || b.qualified != bindings[0].qualified {
			return false
		}
	}
	return len(bindings) > 0
}

// runsBefore reports whether one of the imports has run when the code at n
// does: it stands before it, or outside of the function that n is in.
func (m *module) runsBefore(imports []*binding, n node) bool {
	for _, b := range imports {
		if b.scope.function() != m.scopeOf(n).function() || b.at.before(m.place(n)) {
			return true
		}
	}
	return false
}

// imports reports whether any import statement of the session loads a module
// by its full path, so that `urllib.request` is there when `urllib` is.
func (m *module) imports(statement node, path string) bool {
	for _, t := range m.trees {
		if t == nil {
			continue
		}
		for i := range t.Len() {
			n := t.At(i)
			if n.Kind() != "import_statement" {
				continue
			}
			for _, c := range n.Fields("name") {
				if c.Text() == path {
					return true
				}
			}
		}
	}
	// six.moves makes its modules on import.
	return strings.HasPrefix(statement.Text(), "from six")
}

func cutLast(qualified string) (module, member string) {
	i := strings.LastIndexByte(qualified, '.')
	if i < 0 {
		return "", qualified
	}
	return qualified[:i], qualified[i+1:]
}

// sibling is how to write another member of the module whose function the
// call calls: `requests.put` beside `requests.get`. It may ask for an import,
// which goes into the word "import" of the site.
func (b *siteBuilder) sibling(member string, modules ...string) (string, bool) {
	function := b.f.call.Field("function")
	if !b.f.receiver.OK() && function.Is("attribute") && simple(function.Field("object")) {
		return function.Field("object").Text() + "." + member, true
	}
	if function.Is("identifier") && !b.f.receiver.OK() {
		from, several := b.importedFrom(function)
		if several {
			return b.siblingOfBoth(function, member)
		}
		if from != "" {
			modules = append([]string{from}, modules...)
		}
	}
	for _, mod := range modules {
		if name := b.m.importedName(b.f.call, mod+"."+member); name != "" {
			return name, true
		}
	}
	if len(modules) == 0 || !function.Is("identifier") {
		return "", false
	}
	name, as := member, ""
	if b.site.Names[name] {
		name = "imds_" + strings.ToLower(member)
		as = " as " + name
	}
	if last := b.importList(function, modules[0]); last.OK() {
		b.site.Anchors["imported"] = last.Span()
		b.site.Vars["also"] += ", " + member + as
		return name, true
	}
	b.site.Vars["import"] += "from " + modules[0] + " import " + member + as + "\n"
	return name, true
}

// siblingOfBoth is sibling for a function that one of two imports brings, as
// code for Python 2 and 3 has it: the member goes into both.
func (b *siteBuilder) siblingOfBoth(function node, member string) (string, bool) {
	s := b.m.scopeOf(function).owner(function.Text())
	bindings := s.names[function.Text()]
	if b.site.Names[member] || len(bindings) != 2 {
		return "", false
	}
	for i, bind := range bindings {
		from := bind.value
		if bind.kind != bindImport || !from.Is("import_from_statement") || from.Tree() != function.Tree() || from.Start() > function.Start() {
			return "", false
		}
		names := from.Fields("name")
		if len(names) == 0 {
			return "", false
		}
		b.site.Anchors[[]string{"imported", "imported2"}[i]] = names[len(names)-1].Span()
	}
	b.site.Vars["also"] += ", " + member
	return member, true
}

// importList is the last name of the `from module import …` that brings the
// called function, where one more name serves the call as well.
func (b *siteBuilder) importList(function node, module string) node {
	s := b.m.scopeOf(function).owner(function.Text())
	if s == nil {
		return node{}
	}
	bindings := s.names[function.Text()]
	if len(bindings) != 1 || bindings[0].kind != bindImport {
		return node{}
	}
	from := bindings[0].value
	if !from.Is("import_from_statement") || from.Tree() != function.Tree() || from.Start() > function.Start() ||
		from.Field("module_name").Text() != module {
		return node{}
	}
	names := from.Fields("name")
	if len(names) == 0 {
		return node{}
	}
	return names[len(names)-1]
}

// importedFrom is the module an imported function comes from; several is true
// when it may come from more than one.
func (b *siteBuilder) importedFrom(function node) (from string, several bool) {
	s := b.m.scopeOf(function).owner(function.Text())
	if s == nil {
		return "", false
	}
	for _, bind := range s.names[function.Text()] {
		if bind.kind != bindImport {
			continue
		}
		mod, _ := cutLast(bind.qualified)
		if from != "" && mod != from {
			return from, true
		}
		from = mod
	}
	return from, false
}
