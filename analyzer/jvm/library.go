package jvm

import (
	"strings"

	"github.com/imdsscan/imdsscan/analyzer/facts"
	"github.com/imdsscan/imdsscan/rules"
)

// libraryFromCall records a call of a library that asks the metadata service
// by itself. The full name comes from the imports, so that a class of the
// session with such a name is none.
func (m *module) libraryFromCall(c *call) {
	if c.made {
		return
	}
	for _, q := range m.namesOfCall(c) {
		class, _ := cutLast(strings.TrimPrefix(q, "_root_."))
		if l := rules.LibraryOfClass(class, rules.Asks); l != nil {
			m.addLibrary(c, l, q)
			return
		}
	}
	if c.name == "get" && c.recv.OK() {
		if l, class := m.libraryObject(c.recv, 0); l != nil {
			m.addLibrary(c, l, class+".get")
		}
	}
}

func (m *module) addLibrary(c *call, l *rules.Library, use string) {
	m.facts.Libraries = append(m.facts.Libraries, facts.Library{Unit: m.unit(c.n), Span: c.n.Span(), Library: l.ID, Use: use})
}

// libraryObject is the library whose client an expression gives, nil where it
// is none or not seen: Ec2MetadataClient.builder().build(), or a variable.
func (m *module) libraryObject(n node, depth int) (*rules.Library, string) {
	n = unwrapped(n)
	if !n.OK() || depth > 16 || m.spent() {
		return nil, ""
	}
	if c, ok := m.callAt(n); ok {
		if c.name == "create" || c.name == "builder" {
			for _, q := range m.namesOfCall(c) {
				class, _ := cutLast(strings.TrimPrefix(q, "_root_."))
				if l := rules.LibraryOfClass(class, rules.MakesClient); l != nil {
					return l, class
				}
			}
		}
		return m.libraryObject(c.recv, depth+1)
	}
	for _, b := range m.bindingsOf(ref{n: n}) {
		if b.typ.OK() {
			for _, class := range m.qualifiedPath(b.typ, typeName(b.typ)) {
				if l := rules.LibraryOfClass(class, rules.MakesClient); l != nil {
					return l, class
				}
			}
		}
		if b.kind == bindValue && len(b.path) == 0 {
			if l, class := m.libraryObject(b.value, depth+1); l != nil {
				return l, class
			}
		}
	}
	return nil, ""
}
