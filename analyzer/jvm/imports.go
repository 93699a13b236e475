package jvm

import "strings"

// importFrom records the names an import binds.
func (m *module) importFrom(n node, s *scope) {
	if m.isJava(n) {
		m.importJava(n, s)
		return
	}
	// import a.b.C, a.b.{C, D => E, _}, a.b._ and Scala 3's a.b.*; several
	// paths may stand in one import, separated by commas.
	var path []string
	flush := func() {
		if len(path) > 0 {
			m.importName(s, strings.Join(path, "."), path[len(path)-1], n)
		}
		path = nil
	}
	for c := n.First(); c.OK(); c = c.Next() {
		switch {
		case c.Kind() == ",":
			flush()
		case c.Is("identifier", "stable_identifier") && c.FieldName() == "path":
			path = append(path, strings.Split(c.Text(), ".")...)
		case c.Kind() == "namespace_wildcard":
			s.wild = append(s.wild, strings.Join(path, "."))
			path = nil
		case c.Is("as_renamed_identifier", "arrow_renamed_identifier"):
			m.renamed(c, s, path)
			path = nil
		case c.Kind() == "namespace_selectors":
			for _, sel := range c.Named() {
				switch sel.Kind() {
				case "identifier":
					m.importName(s, strings.Join(append(path[:len(path):len(path)], sel.Text()), "."), sel.Text(), sel)
				case "namespace_wildcard", "wildcard":
					s.wild = append(s.wild, strings.Join(path, "."))
				case "as_renamed_identifier", "arrow_renamed_identifier":
					m.renamed(sel, s, path)
				}
			}
			path = nil
		}
	}
	flush()
}

func (m *module) renamed(sel node, s *scope, path []string) {
	alias := sel.Field("alias")
	if alias.Kind() != "identifier" {
		return
	}
	name := sel.Field("name").Text()
	m.importName(s, strings.Join(append(path[:len(path):len(path)], name), "."), alias.Text(), sel)
	if m.clientNames[name] {
		m.clientNames[alias.Text()] = true
	}
}

func (m *module) importName(s *scope, qualified, name string, at node) {
	m.bind(&binding{kind: bindImport, name: name, scope: s, target: at, qualified: qualified, at: m.after(at)})
}

func (m *module) importJava(n node, s *scope) {
	path := n.Child("scoped_identifier", "identifier").Text()
	if n.Child("asterisk").OK() {
		s.wild = append(s.wild, path)
		return
	}
	_, last := cutLast(path)
	m.importName(s, path, last, n)
}

// cutLast cuts a path at its last dot.
func cutLast(path string) (before, last string) {
	if i := strings.LastIndexByte(path, '.'); i >= 0 {
		return path[:i], path[i+1:]
	}
	return "", path
}

func lastWord(path string) string {
	_, last := cutLast(path)
	return last
}
