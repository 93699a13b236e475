package jvm

// instance is an object of the session as a namespace: the scopes of its class
// and what its constructor was given.
type instance struct {
	scope *scope
	in    *frame
}

// instances are the objects and classes of the session that an expression
// before a dot may mean.
func (m *module) instances(r ref) []instance {
	n := unwrapped(r.n)
	if !n.OK() || m.spent() || m.depth > 200 {
		return nil
	}
	if out, ok := m.instanceMemo[ref{n, r.in}]; ok {
		return out
	}
	m.instanceMemo[ref{n, r.in}] = nil
	m.depth++
	out := m.findInstances(ref{n, r.in})
	m.depth--
	if len(out) > 8 {
		out = out[:8]
	}
	m.instanceMemo[ref{n, r.in}] = out
	return out
}

func (m *module) findInstances(r ref) []instance {
	n := r.n
	if n.Text() == "this" || n.Kind() == "super" || n.Text() == "super" {
		if c := m.scopeOf(n).class(); c != nil {
			return []instance{{c, r.in}}
		}
		return nil
	}
	var out []instance
	if n.Is("identifier", "field_expression", "field_access") {
		bs := m.bindingsOf(r)
		for _, b := range bs {
			if b.kind == bindDef && isClass(b.value) {
				if s := m.owned[b.value]; s != nil {
					out = append(out, instance{s, r.in})
				}
			}
			if b.kind == bindImport {
				for _, s := range m.named(b.qualified) {
					out = append(out, instance{s, r.in})
				}
			}
		}
		if len(out) > 0 {
			return out
		}
		if len(bs) == 0 && n.Is("field_expression", "field_access") {
			if _, last := member(n); len(last) > 0 && last[0] >= 'A' && last[0] <= 'Z' {
				for _, s := range m.named(last) {
					out = append(out, instance{s, r.in})
				}
			}
			return out
		}
		refs, _ := m.defsIn(r)
		for _, d := range refs {
			if d != r {
				out = append(out, m.made(d)...)
			}
		}
		if len(out) == 0 {
			for _, b := range bs {
				for _, s := range m.named(typeName(b.typ)) {
					out = append(out, instance{s, nil})
				}
			}
		}
		return out
	}
	refs, _ := m.defsIn(r)
	for _, d := range refs {
		out = append(out, m.made(d)...)
	}
	return out
}

// made is the object that a construction makes.
func (m *module) made(d ref) []instance {
	c, ok := m.callAt(unwrapped(d.n))
	if !ok {
		return nil
	}
	var out []instance
	if own := m.owned[c.n]; own != nil {
		out = append(out, instance{own, d.in})
	}
	if !c.made {
		for _, def := range m.functionsOf(c, d.in) {
			if isClass(def) && m.owned[def] != nil {
				out = append(out, instance{m.owned[def], m.frame(def, m.siteOf(c), d.in)})
			}
		}
		return out
	}
	if owner := m.owner(m.scopeOf(c.n), c.name); owner != nil {
		for _, b := range owner.names[c.name] {
			if b.kind == bindDef && isClass(b.value) && b.value.Kind() != "object_definition" && m.owned[b.value] != nil {
				out = append(out, instance{m.owned[b.value], m.frame(b.value, m.siteOf(c), d.in)})
			}
		}
	}
	return out
}

// memberBindings are the bindings that x.name means, and the frame that the
// constructor of x gives.
func (m *module) memberBindings(r ref) ([]*binding, *frame) {
	object, field := member(r.n)
	return m.memberOf(ref{object, r.in}, field, r.n)
}

func (m *module) memberOf(object ref, name string, at node) ([]*binding, *frame) {
	for _, i := range m.instances(object) {
		s := i.scope
		if len(s.names[name]) == 0 || object.n.Text() == "super" {
			s = m.inherited(i.scope, name)
		}
		if s != nil {
			return m.visible(s, name, at), i.in
		}
	}
	return nil, nil
}

func (m *module) followMember(r ref) ([]ref, bool) {
	bs, in := m.memberBindings(r)
	if len(bs) == 0 {
		return []ref{r}, true
	}
	return m.followBindings(bs, ref{r.n, in})
}

// maxOverloads bounds how many functions one call is followed to.
const maxOverloads = 6

// functionsOf are the functions, lambdas and classes of the session that a
// call may call.
func (m *module) functionsOf(c *call, in *frame) []node {
	if c.made {
		return nil
	}
	key := ref{c.n, in}
	if out, ok := m.functionMemo[key]; ok {
		return out
	}
	m.functionMemo[key] = nil
	var bs []*binding
	if c.recv.OK() {
		bs, _ = m.memberOf(ref{c.recv, in}, c.name, c.n)
	} else {
		bs = m.reaching(c.at, c.name)
	}
	var out []node
	for _, b := range bs {
		out = append(out, m.functionsBound(b, in)...)
	}
	m.steps += len(out)
	out = m.fitting(out, c)
	out = out[:min(len(out), maxOverloads)]
	m.functionMemo[key] = out
	return out
}

func (m *module) functionsBound(b *binding, in *frame) []node {
	switch b.kind {
	case bindDef:
		if b.value.Kind() == "object_definition" {
			// Object(x) is Object.apply(x).
			var out []node
			if s := m.owned[b.value]; s != nil {
				for _, a := range s.names["apply"] {
					if a.kind == bindDef {
						out = append(out, a.value)
					}
				}
			}
			return out
		}
		return []node{b.value}
	case bindImport:
		before, last := cutLast(b.qualified)
		var out []node
		for _, s := range m.named(before) {
			for _, b := range s.names[last] {
				if b.kind == bindDef {
					out = append(out, b.value)
				}
			}
		}
		return out
	case bindValue:
		if b.value.OK() && len(b.path) == 0 {
			if l := unwrapped(b.value); isLambda(l) {
				return []node{l}
			}
		}
	}
	return nil
}

// fitting keeps the overloads that take as many arguments as the call gives.
func (m *module) fitting(defs []node, c *call) []node {
	if len(defs) < 2 {
		return defs
	}
	var out []node
	for _, d := range defs {
		least, most := arity(d)
		if len(c.args) >= least && len(c.args) <= most {
			out = append(out, d)
		}
	}
	if len(out) == 0 {
		return defs
	}
	return out
}

// arity is how many arguments the first parameter list of a definition takes.
func arity(def node) (least, most int) {
	list := def.Field("parameters")
	if !list.OK() {
		list = def.Field("class_parameters")
	}
	for _, p := range list.Named() {
		switch {
		case p.Kind() == "spread_parameter" || p.Field("type").Kind() == "repeated_parameter_type":
			most += 1000
		case p.Field("default_value").OK():
			most++
		case p.Is("parameter", "class_parameter", "formal_parameter", "binding"):
			least++
			most++
		}
	}
	return least, most
}

// frame is the frame of one call of def; nil when calls nest too deep.
func (m *module) frame(def node, site *callSite, up *frame) *frame {
	depth := 1
	if up != nil {
		depth = up.depth + 1
	}
	if depth > maxFrames || up.frameOf(def) != nil {
		return nil
	}
	k := frameKey{def, site, up}
	f := m.frames[k]
	if f == nil {
		f = &frame{def: def, site: site, up: up, depth: depth}
		m.frames[k] = f
	}
	return f
}

type frameKey struct {
	def  node
	site *callSite
	up   *frame
}

// siteOf is the one callSite of a plain call.
func (m *module) siteOf(c *call) *callSite {
	s := m.siteMemo[c.n]
	if s == nil {
		s = &callSite{n: c.n, args: c.args}
		m.siteMemo[c.n] = s
	}
	return s
}

// enter is the frame of a call of def, with what the constructor of the
// receiver was given below it.
func (m *module) enter(def node, c *call, up *frame) *frame {
	if c.recv.OK() {
		for _, i := range m.instances(ref{c.recv, up}) {
			if i.in != nil && i.in != up && i.in.def == i.scope.def {
				if f := m.frame(def, m.siteOf(c), i.in); f != nil {
					return f
				}
			}
		}
	}
	return m.frame(def, m.siteOf(c), up)
}

// passing are functions that give back what they are given.
var passing = map[string]bool{"Option": true, "Some": true, "Try": true, "Success": true, "Right": true, "Left": true,
	"identity": true, "requireNonNull": true, "ofNullable": true, "blocking": true, "Future": true, "synchronized": true}

// holding are methods that give what a holder (an Option, a Try, a broadcast)
// holds.
var holding = map[string]bool{"get": true, "orNull": true, "value": true, "getOrElse": true, "orElse": true, "toOption": true,
	"also": true, "asScala": true, "asJava": true, "recover": true, "right": true, "left": true}

// followCall gives what a call gives back, as far as it is code of the
// session or a function that hands on its argument.
func (m *module) followCall(c *call, r ref) ([]ref, bool) {
	defs := m.functionsOf(c, r.in)
	if len(defs) == 0 {
		return m.handedOn(c, r)
	}
	var out []ref
	complete := len(defs) < maxOverloads
	for _, def := range defs {
		if isClass(def) {
			out = append(out, r)
			continue
		}
		f := m.enter(def, c, r.in)
		if f == nil {
			complete = false
			continue
		}
		refs, ok := m.returnRefs(def, f)
		out = append(out, refs...)
		complete = complete && ok
	}
	return out, complete
}

func (m *module) handedOn(c *call, r ref) ([]ref, bool) {
	if refs, complete, known := m.lookup(c, r.in); known {
		return refs, complete
	}
	switch {
	case c.made:
	case len(c.args) == 1 && passing[c.name] && c.args[0].name == "":
		return []ref{{c.args[0].n, r.in}}, true
	case len(c.args) <= 1 && holding[c.name] && c.recv.OK():
		inner, ok := m.callAt(unwrapped(c.recv))
		if ok && (passing[inner.name] || holding[inner.name]) || m.holds(ref{c.recv, r.in}) {
			out := []ref{{c.recv, r.in}}
			if len(c.args) == 1 && c.name != "recover" {
				out = append(out, ref{c.args[0].n, r.in})
			}
			return out, c.name != "recover"
		}
	case c.name == "broadcast" && len(c.args) == 1 && c.recv.OK():
		return []ref{{c.args[0].n, r.in}}, true
	}
	return []ref{r}, true
}

// holds reports a name whose value is made by one of the passing functions.
func (m *module) holds(r ref) bool {
	if !r.n.Is("identifier") {
		return false
	}
	for _, b := range m.reaching(r.n, r.n.Text()) {
		if b.kind == bindValue {
			if c, ok := m.callAt(unwrapped(b.value)); ok && (passing[c.name] || c.name == "broadcast") {
				return true
			}
		}
	}
	return false
}

// returns are the expressions that a function gives back.
func (m *module) returns(def node) []node {
	if out, ok := m.returnMemo[def]; ok {
		return out
	}
	m.returnMemo[def] = nil
	body := def.Field("body")
	if isLambda(def) && !body.OK() {
		body = lastNamed(def)
	}
	var out []node
	if body.OK() && !(m.isJava(def) && body.Is("block", "constructor_body")) {
		out = append(out, body)
	}
	tree := def.Tree()
	for i := body.Index(); body.OK() && i < body.After(); i++ {
		n := tree.At(i)
		if isFunction(n) && n != body || isClass(n) {
			i = n.After() - 1
			continue
		}
		if n.Is("return_expression", "return_statement", "yield_statement") {
			if v := firstNamed(n); v.OK() {
				out = append(out, v)
			}
		}
	}
	m.returnMemo[def] = out
	return out
}

func (m *module) returnRefs(def node, in *frame) ([]ref, bool) {
	var out []ref
	for _, n := range m.returns(def) {
		out = append(out, ref{n, in})
	}
	return out, len(out) > 0
}
