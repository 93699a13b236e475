package jvm

// eachPair is about a header whose name and value are the two parts of each
// element of a map or a list: `for ((k, v) <- headers) c.header(k, v)`,
// `headers.foreach { case (k, v) => … }`, `headers.forEach((k, v) -> …)`,
// `for (Map.Entry<…> e : headers.entrySet()) c.header(e.getKey(), …)`. It gives
// the map or list.
func (m *module) eachPair(name node, in *frame) (ref, bool) {
	name = unwrapped(name)
	word := name
	if c, ok := m.callAt(name); ok {
		switch c.name {
		case "getKey", "_1", "name", "getName", "key":
			word = unwrapped(c.recv)
		default:
			return ref{}, false
		}
	}
	if word.Kind() != "identifier" {
		return ref{}, false
	}
	owner := m.owner(m.scopeOf(word), word.Text())
	if owner == nil || owner.kind != functionScope && owner.kind != blockScope {
		return ref{}, false
	}
	collection := node{}
	switch def := owner.def; {
	case def.Kind() == "for_expression":
		for c := def.First(); c.OK(); c = c.Next() {
			if c.Kind() != "enumerators" {
				continue
			}
			for _, e := range c.Named() {
				if p := e.Named(); e.Kind() == "enumerator" && len(p) >= 2 && owner.names[word.Text()][0].target.Inside(p[0]) {
					collection = p[1]
				}
			}
		}
	case def.Kind() == "enhanced_for_statement":
		collection = def.Field("value")
	case isLambda(def), def.Kind() == "case_clause":
		at := def
		if def.Kind() == "case_clause" {
			at = def.Parent()
		}
		var c *call
		if m.isArgumentList(at) {
			c, _ = m.callAt(at.Parent())
		} else {
			c = m.takerOf(at)
		}
		if c == nil || !c.recv.OK() || c.name != "foreach" && c.name != "forEach" && c.name != "map" {
			return ref{}, false
		}
		collection = c.recv
	}
	if !collection.OK() {
		return ref{}, false
	}
	if c, ok := m.callAt(unwrapped(collection)); ok && (c.name == "entrySet" || c.name == "toSeq" || c.name == "toList" || c.name == "iterator") && len(c.args) == 0 {
		collection = c.recv
	}
	return ref{collection, in}, true
}

// optional reports a lambda that runs only where an Option holds something:
// token.foreach(t => c.header("…", t)).
func (m *module) optional(lambda node) (of node, ok bool) {
	c := m.takerOf(lambda)
	if c == nil || !c.recv.OK() {
		return node{}, false
	}
	switch c.name {
	case "ifPresent":
		return c.recv, true
	case "foreach", "map", "fold":
		for _, b := range m.bindingsOf(ref{n: c.recv}) {
			if t := typeName(b.typ); t == "Option" || t == "Optional" || t == "Try" {
				return c.recv, true
			}
			if made, ok := m.callAt(unwrapped(b.value)); ok && passing[made.name] {
				return c.recv, true
			}
		}
		if made, ok := m.callAt(unwrapped(c.recv)); ok && passing[made.name] {
			return c.recv, true
		}
	}
	return node{}, false
}

// isSome reports an Option that is made by Some wherever it comes from.
func (m *module) isSome(r ref, depth int) bool {
	n := unwrapped(r.n)
	if c, ok := m.callAt(n); ok && (c.name == "Some" || c.name == "of" && c.recv.OK() && c.recv.Text() == "Optional") {
		return true
	}
	if depth > 8 || m.spent() {
		return false
	}
	refs, complete := m.step(ref{n, r.in})
	for _, d := range refs {
		if d.n == n || !m.isSome(d, depth+1) {
			return false
		}
	}
	return complete && len(refs) > 0
}
