package python

// followAttribute follows object.name.
func (m *module) followAttribute(r ref, name string) ([]ref, bool) {
	refs, complete := m.attributeOf(ref{r.n.Field("object"), r.in}, name)
	if len(refs) > 0 {
		return refs, complete
	}
	if b := m.assignedTo(r.n); len(b) > 0 {
		var out []ref
		complete := true
		for _, b := range b {
			refs, ok := m.followBinding(b, r.in)
			out = append(out, refs...)
			complete = complete && ok
		}
		return out, complete
	}
	return []ref{r}, true
}

// attributeOf gives what an attribute of an object may be: set on the
// instance or on its class.
func (m *module) attributeOf(object ref, name string) ([]ref, bool) {
	var out []ref
	complete := true
	add := func(refs []ref, ok bool) {
		out = append(out, refs...)
		complete = complete && ok
	}
	if c := m.selfClass(object.n); c != nil {
		if f := object.in.frameOf(m.scopeOf(object.n)); f != nil {
			made, _ := m.receiver(f.site, f.up)
			if inits := m.instances(made); len(inits) > 0 {
				for _, r := range inits {
					add(m.instanceAttribute(m.classOf(r, c), r, name))
				}
				return out, complete
			}
			if from := m.ownObjects(made, c); len(from) > 0 {
				for _, r := range from {
					add(m.attributeOf(r, name))
				}
				return out, complete
			}
		}
		return m.instanceAttribute(c, ref{}, name)
	}
	if c := m.scopeOf(object.n).class(); c != nil && isSuper(object.n) {
		return m.inherited(c, ref{}, name)
	}
	refs, ok := m.defsIn(object)
	complete = ok
	for _, d := range refs {
		switch d.n.Kind() {
		case "class_definition":
			if c := m.owned[d.n]; c != nil {
				add(m.instanceAttribute(c, ref{}, name))
			}
		case "call":
			if args := m.args(d.n).pos; name == "value" && len(args) == 1 && d.n.Field("function").Field("attribute").Text() == "broadcast" {
				// What Spark sends to the executors.
				refs, ok := m.defsIn(ref{args[0], d.in})
				add(refs, ok)
				continue
			}
			if v := m.args(d.n).key[name]; v.OK() && m.holdsFields(d.n) {
				out = append(out, ref{v, d.in})
				continue
			}
			for _, def := range m.functionsOf(ref{d.n.Field("function"), d.in}) {
				if c := m.owned[def]; c != nil && c.kind == classScope {
					add(m.instanceAttribute(c, d, name))
				}
			}
		}
	}
	if name == "value" && len(out) == 0 {
		// Enum members: Endpoint.META.value.
		for _, d := range refs {
			if d.n.Is("string", "concatenated_string", "binary_operator") {
				out = append(out, d)
			}
		}
	}
	return out, complete
}

// classOf is the class an instance is made of, which may extend c.
func (m *module) classOf(made ref, c *scope) *scope {
	for _, def := range m.functionsOf(ref{made.n.Field("function"), made.in}) {
		if s := m.owned[def]; s != nil && s.kind == classScope {
			return s
		}
	}
	return c
}

// ownObjects are the objects among refs that are the self of another class: a
// subclass that calls what it has from c, whose attributes it may override.
func (m *module) ownObjects(refs []ref, c *scope) []ref {
	var out []ref
	for _, r := range refs {
		if isSuper(r.n) {
			// super() is the self of the method that it stands in.
			fn := m.scopeOf(r.n).function()
			if fn == nil || fn.def.Kind() != "function_definition" {
				continue
			}
			if self := fn.def.Field("parameters").Named(); len(self) > 0 {
				r.n = self[0]
			}
		}
		if s := m.selfClass(r.n); s != nil && s != c {
			out = append(out, r)
		}
	}
	return out
}

// instances are the constructor calls among refs.
func (m *module) instances(refs []ref) []ref {
	var out []ref
	for _, r := range refs {
		made, _ := m.defsIn(r)
		for _, d := range made {
			if d.n.Kind() == "call" && !isSuper(d.n) {
				out = append(out, d)
			}
		}
	}
	return out
}

// selfClass is the class of a method's first parameter, nil for other names.
func (m *module) selfClass(n node) *scope {
	if n.Kind() != "identifier" {
		return nil
	}
	if n.Text() == "__class__" {
		return m.scopeOf(n).class()
	}
	s := m.scopeOf(n)
	owner := s.owner(n.Text())
	if owner == nil || owner.kind != functionScope || owner.parent.kind != classScope || !m.isMethod(owner.def) {
		return nil
	}
	bs := owner.names[n.Text()]
	if len(bs) == 1 && bs[0].kind == bindParam && bs[0].path[0] == 0 {
		return owner.parent
	}
	return nil
}

// instanceAttribute is an attribute of the class c or of its instance made by
// the call made, where that is known.
func (m *module) instanceAttribute(c *scope, made ref, name string) ([]ref, bool) {
	if m.depth > maxDepth {
		return nil, false
	}
	m.depth++
	defer func() { m.depth-- }()
	var out []ref
	complete := true
	for _, b := range m.attributes[name] {
		if m.selfClass(b.target.Field("object")) != c {
			continue
		}
		var in *frame
		if fn := b.scope.function(); fn != nil && made.n.OK() && fn.def.Field("name").Text() == "__init__" {
			in = m.frame(fn.def, m.siteOf(made.n), made.in)
		}
		refs, ok := m.followBinding(b, in)
		out = append(out, refs...)
		complete = complete && ok
	}
	if len(out) > 0 {
		return out, complete
	}
	if made.n.OK() && len(c.names["__init__"]) == 0 {
		// A dataclass or named tuple takes its fields as arguments.
		args := m.args(made.n)
		if v := args.key[name]; v.OK() {
			return []ref{{v, made.in}}, true
		}
		if i := fieldIndex(c.def, name); i >= 0 && i < len(args.pos) {
			return []ref{{args.pos[i], made.in}}, true
		}
	}
	for _, b := range c.names[name] {
		refs, ok := m.followBinding(b, nil)
		for _, r := range refs {
			if r.n.Kind() == "function_definition" && decorated(r.n, "property", "cached_property") {
				for _, v := range m.returns(r.n) {
					out = append(out, ref{n: v})
				}
				continue
			}
			out = append(out, r)
		}
		complete = complete && ok
	}
	if len(out) > 0 {
		return out, complete
	}
	return m.inherited(c, made, name)
}

// inherited is an attribute that a class has from those it extends.
func (m *module) inherited(c *scope, made ref, name string) ([]ref, bool) {
	for _, base := range c.def.Field("superclasses").Named() {
		for _, def := range m.functionsOf(ref{n: base}) {
			if s := m.owned[def]; s != nil && s.kind == classScope && s != c {
				if refs, ok := m.instanceAttribute(s, made, name); len(refs) > 0 {
					return refs, ok
				}
			}
		}
	}
	return nil, false
}

// isSuper reports a call of super() in a method.
func isSuper(n node) bool { return n.Kind() == "call" && n.Field("function").Text() == "super" }

// assignedTo are the assignments to an attribute of an object that is not of
// a class of the session: settings.URL = …
func (m *module) assignedTo(attribute node) []*binding {
	key := m.key(attribute)
	if key == "" {
		return nil
	}
	var out []*binding
	for _, b := range m.attributes[attribute.Field("attribute").Text()] {
		if m.key(b.target) == key {
			out = append(out, b)
		}
	}
	return out
}

// holdsFields reports a call that makes an object of its keyword arguments.
func (m *module) holdsFields(call node) bool {
	switch m.callee(call) {
	case "types.SimpleNamespace", "argparse.Namespace":
		return true
	}
	refs, _ := m.defs(call.Field("function"))
	for _, d := range refs {
		if d.Kind() == "call" && m.callee(d) == "collections.namedtuple" {
			return true
		}
	}
	return false
}

// fieldIndex is the place of an annotated field in a class, -1 when it has
// none.
func fieldIndex(class node, name string) int {
	i := 0
	for _, stmt := range class.Field("body").Named() {
		a := stmt.Child("assignment")
		if !a.OK() || !a.Field("type").OK() {
			continue
		}
		if a.Field("left").Text() == name {
			return i
		}
		i++
	}
	return -1
}
