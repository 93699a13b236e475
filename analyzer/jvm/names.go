package jvm

import (
	"slices"
	"strings"
)

// maxPath bounds the words of a path: a.b.c.D has four.
const maxPath = 12

// qualified are the names that an expression used as a path may have in full:
// "scala.io.Source" for Source after its import. Code of the session has none.
func (m *module) qualified(n node) []string {
	var words []string
	for len(words) < maxPath {
		switch n.Kind() {
		case "identifier", "type_identifier":
			words = append(words, n.Text())
			slices.Reverse(words)
			return m.qualifiedPath(n, strings.Join(words, "."))
		case "field_expression", "field_access":
			object, field := member(n)
			words = append(words, field)
			n = object
		case "parenthesized_expression":
			n = firstNamed(n)
		default:
			return nil
		}
	}
	return nil
}

// qualifiedPath are the full names of a dotted path used at n.
func (m *module) qualifiedPath(n node, path string) []string {
	first, rest, _ := strings.Cut(path, ".")
	if rest != "" {
		rest = "." + rest
	}
	if owner := m.owner(m.scopeOf(n), first); owner != nil {
		var out []string
		for _, b := range owner.names[first] {
			if b.kind == bindImport {
				out = append(out, b.qualified+rest)
			}
		}
		return out
	}
	var out []string
	for s := m.scopeOf(n); s != nil; s = s.parent {
		for _, w := range s.wild {
			out = append(out, w+"."+path)
		}
	}
	return append(out, path)
}

// client finds the table's name for the first of the full names it knows;
// a name that nothing in the session explains is matched by its end.
func (m *module) client(names []string, known func(string) bool) string {
	for _, q := range names {
		if q = m.table.Canonical(q); known(q) {
			return q
		}
	}
	if len(names) == 0 {
		return ""
	}
	last := names[len(names)-1]
	if full := m.table.ByEnd[last]; full != "" && known(full) {
		return full
	}
	return ""
}

// classNamed is the class of the client table that a type written at n names,
// empty for any other.
func (m *module) classNamed(n node, path string) string {
	if path == "" {
		return ""
	}
	q := m.client(m.qualifiedPath(n, path), func(q string) bool {
		return m.table.Classes[q] != nil || m.table.Calls[q] != nil && m.table.Calls[q].Gives != ""
	})
	if c := m.table.Calls[q]; c != nil {
		return c.Gives
	}
	return q
}

// typeOf is the class of the client table of which an expression may be an
// instance, empty when that is not seen.
func (m *module) typeOf(r ref) string {
	if t, ok := m.typeMemo[r]; ok {
		return t
	}
	if !r.n.OK() || m.spent() {
		return ""
	}
	m.typeMemo[r] = ""
	m.depth++
	t := m.findType(r)
	m.depth--
	m.typeMemo[r] = t
	return t
}

func (m *module) findType(r ref) string {
	n := unwrapped(r.n)
	if n != r.n && n.OK() {
		if t := m.castType(r.n); t != "" {
			return t
		}
		return m.typeOf(ref{n, r.in})
	}
	if n.Is("identifier", "field_expression", "field_access") {
		if q := m.client(m.qualified(n), func(q string) bool { return m.table.Values[q] != "" }); q != "" {
			return m.table.Values[q]
		}
	}
	if c, ok := m.callAt(n); ok {
		if t := m.typeOfCall(c, r.in); t != "" {
			return t
		}
	}
	for _, b := range m.bindingsOf(r) {
		if t := m.classNamed(b.typ, typeName(b.typ)); t != "" {
			return t
		}
		if b.kind == bindValue && len(b.path) == 0 && b.value.OK() {
			if t := m.typeOf(ref{b.value, r.in.within(b.scope)}); t != "" {
				return t
			}
		}
	}
	refs, _ := m.step(r)
	for _, d := range refs {
		if d != r {
			if t := m.typeOf(d); t != "" {
				return t
			}
		}
	}
	return ""
}

// castType is the class that a cast names.
func (m *module) castType(n node) string {
	t := n.Field("type")
	if isCast(n) {
		t = firstNamed(n.Field("type_arguments"))
	}
	return m.classNamed(t, typeName(t))
}

// bindingsOf are the bindings that a name or a member of a known object means.
func (m *module) bindingsOf(r ref) []*binding {
	switch r.n.Kind() {
	case "identifier":
		return m.reaching(r.n, r.n.Text())
	case "field_expression", "field_access":
		bs, _ := m.memberBindings(r)
		return bs
	}
	return nil
}

func (m *module) typeOfCall(c *call, in *frame) string {
	if entry := m.entryOf(c, in); entry != nil {
		return entry.Gives
	}
	if c.made || !c.recv.OK() {
		if t := m.client(m.namesOfCall(c), func(q string) bool { return m.table.Classes[q] != nil && m.table.Classes[q].Made }); t != "" {
			return t
		}
	}
	if c.recv.OK() {
		if q := m.client(m.namesOfCall(c), func(q string) bool { return m.table.Values[q] != "" }); q != "" {
			return m.table.Values[q]
		}
		if class := m.table.Classes[m.typeOf(ref{c.recv, in})]; class != nil {
			if step := class.Steps[c.name]; step != nil && step.Gives != "" {
				return step.Gives
			} else if step != nil {
				return class.Name
			}
		}
	}
	for _, def := range m.functionsOf(c, in) {
		if t := def.Field("return_type"); t.OK() || def.Kind() == "method_declaration" {
			if !t.OK() {
				t = def.Field("type")
			}
			if q := m.classNamed(t, typeName(t)); q != "" {
				return q
			}
		}
	}
	return ""
}

// namesOfCall are the full names of what a call calls, code of the session
// left out.
func (m *module) namesOfCall(c *call) []string {
	if names, ok := m.nameMemo[c.n]; ok {
		return names
	}
	var out []string
	switch {
	case c.made:
		out = m.qualifiedPath(c.at, c.name)
	case c.recv.OK():
		for _, q := range m.qualified(c.recv) {
			out = append(out, q+"."+c.name)
		}
	default:
		out = m.qualifiedPath(c.at, c.name)
	}
	m.nameMemo[c.n] = out
	return out
}
