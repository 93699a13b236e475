package jvm

// callSites are the calls of a function, a lambda or a class of the session.
func (m *module) callSites(def node) []*callSite {
	if s, ok := m.sitesMemo[def]; ok {
		return s
	}
	m.sitesMemo[def] = nil
	var out []*callSite
	for _, name := range m.calledAs(def) {
		for _, c := range m.callsByName[name] {
			if c.n.Inside(def) && !isClass(def) {
				continue
			}
			if m.isCallOf(c, def) {
				out = append(out, m.siteOf(c))
			}
		}
		for _, arg := range m.passedByName[name] {
			out = append(out, m.passedSites(arg, def)...)
		}
	}
	m.sitesMemo[def] = out
	return out
}

func (m *module) isCallOf(c *call, def node) bool {
	if c.made {
		for _, s := range m.named(c.name) {
			if s.def == def || def.Kind() == "constructor_declaration" && m.scopeOf(def).class() == s {
				return true
			}
		}
		return false
	}
	for _, d := range m.functionsOf(c, nil) {
		if d == def {
			return true
		}
	}
	return false
}

// calledAs are the names under which a function is called.
func (m *module) calledAs(def node) []string {
	if isLambda(def) {
		for p := def.Parent(); p.OK(); p = p.Parent() {
			switch {
			case p.Is("val_definition", "var_definition"):
				return []string{p.Field("pattern").Text()}
			case p.Is("variable_declarator"):
				return []string{p.Field("name").Text()}
			case !p.Is("parenthesized_expression", "block"):
				return nil
			}
		}
		return nil
	}
	name := def.Field("name").Text()
	if name == "apply" {
		if c := m.scopeOf(def).class(); c != nil {
			return []string{name, c.def.Field("name").Text()}
		}
	}
	return []string{name}
}

// passedSites are the calls made by code that is given the function by name:
// list.map(f), list.forEach(this::f).
func (m *module) passedSites(passed, def node) []*callSite {
	same := false
	for _, b := range m.reaching(passed, passed.Text()) {
		for _, d := range m.functionsBound(b, nil) {
			same = same || d == def
		}
	}
	if !same {
		return nil
	}
	p := passed.Parent()
	for p.Is("method_reference", "postfix_expression", "parenthesized_expression") {
		p = p.Parent()
	}
	if !m.isArgumentList(p) {
		return nil
	}
	c, ok := m.callAt(p.Parent())
	if !ok || !c.recv.OK() {
		return nil
	}
	var out []*callSite
	items, _ := m.elements(ref{n: c.recv})
	for _, item := range items {
		out = append(out, &callSite{n: c.n, args: []arg{{n: item.n}}})
	}
	return out
}

// framesAround are the calls of the function around n, as frames. The nil
// frame stands for any way.
func (m *module) framesAround(n node) []*frame { return m.framesOf(n, 0) }

func (m *module) framesOf(n node, depth int) []*frame {
	fn := m.scopeOf(n).function()
	for fn != nil && isLambda(fn.def) && m.takerOf(fn.def) != nil {
		fn = fn.parent.function() // runs with what is around it
	}
	if fn == nil || depth > 3 {
		return []*frame{nil}
	}
	key := callsKey{fn.def, depth}
	if out, ok := m.callsMemo[key]; ok {
		return out
	}
	m.callsMemo[key] = []*frame{nil}
	var out []*frame
	for _, s := range m.callSites(fn.def) {
		for _, up := range m.framesOf(s.n, depth+1) {
			f := m.frame(fn.def, s, up)
			if c, ok := m.callAt(s.n); ok && m.siteOf(c) == s {
				f = m.enter(fn.def, c, up)
			}
			if f != nil {
				out = append(out, f)
			}
			if len(out) == maxFramesAround || m.spent() {
				m.callsMemo[key] = out
				return out
			}
		}
	}
	if len(out) == 0 {
		out = append(out, nil)
	}
	m.callsMemo[key] = out
	return out
}

type callsKey struct {
	def   node
	depth int
}
