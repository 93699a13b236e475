package jvm

// ref is an expression together with the call it is looked at for.
type ref struct {
	n  node
	in *frame
}

// frame is one call of a function of the session: its parameters have the
// values of these arguments. A nil frame stands for any call.
type frame struct {
	def   node
	site  *callSite
	up    *frame // of the function the call stands in
	depth int
}

// callSite is a place where a function of the session is called, with the
// arguments that reach it.
type callSite struct {
	n    node // the call
	args []arg
}

const (
	maxFrames       = 6   // nested calls followed
	maxFramesAround = 256 // calls of a function told apart
	maxDefs         = 32  // expressions one expression may stand for
	maxDepth        = 4000
	maxAlternatives = 64
)

// frameOf finds the frame of a function on the way up.
func (f *frame) frameOf(def node) *frame {
	for ; f != nil; f = f.up {
		if f.def == def {
			return f
		}
	}
	return nil
}

// within is the frame in which code of a scope runs.
func (f *frame) within(s *scope) *frame {
	for at := f; at != nil; at = at.up {
		for sc := s; sc != nil; sc = sc.parent {
			if sc.def == at.def {
				return at
			}
		}
	}
	return nil
}

type defsResult struct {
	refs     []ref
	complete bool
}

// spent reports whether the bounds of work are reached.
func (m *module) spent() bool {
	m.steps++
	return m.depth > maxDepth || m.steps > m.maxSteps
}

// defsIn are the expressions that r may stand for; complete is false when
// there may be others.
func (m *module) defsIn(r ref) ([]ref, bool) {
	if !r.n.OK() {
		return nil, false
	}
	if d, ok := m.defsMemo[r]; ok {
		return d.refs, d.complete
	}
	if m.spent() {
		return nil, false
	}
	m.depth++
	m.defsMemo[r] = defsResult{} // a cycle adds nothing known
	next, complete := m.step(r)
	var refs []ref
	for _, x := range next {
		if x == r {
			refs = append(refs, r)
			continue
		}
		more, ok := m.defsIn(x)
		refs = append(refs, more...)
		complete = complete && ok
	}
	m.depth--
	refs = unique(refs)
	if len(refs) > maxDefs {
		refs, complete = refs[:maxDefs], false
	}
	m.defsMemo[r] = defsResult{refs, complete}
	return refs, complete
}

func unique(refs []ref) []ref {
	if len(refs) < 2 {
		return refs
	}
	seen := map[ref]bool{}
	var out []ref
	for _, r := range refs {
		if !seen[r] {
			seen[r] = true
			out = append(out, r)
		}
	}
	return out
}

// step gives the expressions that r gets its value from, one step back; r
// itself when it stands for itself.
func (m *module) step(r ref) ([]ref, bool) {
	if inner := grouping(r.n); inner.OK() {
		return []ref{{inner, r.in}}, true
	}
	if alts, ok := alternatives(r.n); ok {
		var out []ref
		for _, a := range alts {
			out = append(out, ref{a, r.in})
		}
		return out, len(out) > 0
	}
	switch n := r.n; n.Kind() {
	case "identifier":
		return m.followName(r)
	case "field_access":
		return m.followMember(r)
	case "field_expression":
		refs, ok := m.followMember(r)
		if len(refs) == 1 && refs[0] == r {
			break // a call without parentheses
		}
		return refs, ok
	}
	if c, ok := m.callAt(r.n); ok {
		return m.followCall(c, r)
	}
	return []ref{r}, true
}

func (m *module) followName(r ref) ([]ref, bool) {
	bs := m.reaching(r.n, r.n.Text())
	if len(bs) == 0 {
		return []ref{r}, true // from elsewhere
	}
	return m.followBindings(bs, r)
}

func (m *module) followBindings(bs []*binding, r ref) ([]ref, bool) {
	var out []ref
	complete := true
	for _, b := range bs {
		refs, ok := m.followBinding(b, r)
		out = append(out, refs...)
		complete = complete && ok
	}
	return out, complete
}

// followBinding gives what a binding gives its name.
func (m *module) followBinding(b *binding, r ref) ([]ref, bool) {
	in := r.in.within(b.scope)
	v := ref{b.value, in}
	switch b.kind {
	case bindValue:
		return m.unpack(v, b.path)
	case bindAdd:
		return []ref{v}, true
	case bindDef:
		if b.value.Is("function_definition") && !b.value.Field("parameters").OK() {
			// def base = "…": the name is its value.
			return m.returnRefs(b.value, in)
		}
		return []ref{v}, true
	case bindEach:
		return m.elements(v)
	case bindParam:
		return m.followParam(b, r.in)
	case bindImport:
		before, last := cutLast(b.qualified)
		for _, s := range m.named(before) {
			if bs := s.names[last]; len(bs) > 0 && bs[0].kind != bindImport {
				return m.followBindings(bs, r)
			}
		}
		return []ref{r}, true
	}
	return nil, false
}

// unpack follows a path into tuples.
func (m *module) unpack(v ref, path []int) ([]ref, bool) {
	if len(path) == 0 {
		return []ref{v}, v.n.OK()
	}
	refs, complete := m.defsIn(v)
	var out []ref
	for _, r := range refs {
		var parts []node
		if r.n.Kind() == "tuple_expression" {
			parts = r.n.Named()
		}
		if path[0] >= len(parts) {
			complete = false
			continue
		}
		more, ok := m.unpack(ref{parts[path[0]], r.in}, path[1:])
		out = append(out, more...)
		complete = complete && ok
	}
	return out, complete
}

// collections are the functions that make a sequence of their arguments.
var collections = map[string]bool{
	"Seq": true, "List": true, "Vector": true, "Array": true, "Set": true, "IndexedSeq": true, "Iterator": true, "Stream": true,
	"ListBuffer": true, "ArrayBuffer": true, "Iterable": true, "LazyList": true, "asList": true, "of": true,
}

// elements are the elements of a collection that is written out.
func (m *module) elements(v ref) ([]ref, bool) {
	refs, complete := m.defsIn(v)
	var out []ref
	for _, r := range refs {
		parts, ok := m.sequence(r)
		out = append(out, parts...)
		complete = complete && ok
	}
	if len(out) > maxAlternatives {
		out, complete = out[:maxAlternatives], false
	}
	return out, complete && len(out) > 0
}

// sequence are the elements that a collection expression lists.
func (m *module) sequence(r ref) ([]ref, bool) {
	if r.n.Is("array_initializer") {
		var out []ref
		for _, c := range r.n.Named() {
			if !isComment(c) {
				out = append(out, ref{c, r.in})
			}
		}
		return out, true
	}
	if r.n.Is("array_creation_expression") {
		return m.sequence(ref{r.n.Field("value"), r.in})
	}
	c, ok := m.callAt(r.n)
	if !ok {
		return nil, false
	}
	if c.recv.OK() && len(c.args) == 0 {
		switch c.name {
		case "toList", "toSeq", "toArray", "toVector", "par", "iterator", "stream", "toSet":
			return m.elements(ref{c.recv, r.in})
		}
	}
	if !collections[c.name] || c.made && len(c.args) > 0 || len(m.functionsOf(c, r.in)) > 0 {
		return nil, false
	}
	var out []ref
	for _, a := range c.args {
		if a.spread || a.name != "" {
			return out, false
		}
		out = append(out, ref{a.n, r.in})
	}
	return out, true
}

// followParam gives the arguments that a parameter gets.
func (m *module) followParam(b *binding, in *frame) ([]ref, bool) {
	def := b.scope.def
	if isLambda(def) {
		if refs, ok, known := m.lambdaArgument(b, def, in); known {
			return refs, ok
		}
	}
	if f := in.frameOf(def); f != nil {
		return m.argumentOf(b, f.site, f.up)
	}
	var out []ref
	sites := m.callSites(def)
	complete := len(sites) > 0
	for _, s := range sites {
		refs, ok := m.argumentOf(b, s, nil)
		out = append(out, refs...)
		complete = complete && ok
	}
	if d := b.value.Field("default_value"); d.OK() && len(sites) == 0 {
		out = append(out, ref{d, nil})
	}
	if len(out) > maxDefs {
		out, complete = out[:maxDefs], false
	}
	return out, complete
}

// argumentOf is the argument a call gives for a parameter, or its default.
func (m *module) argumentOf(b *binding, s *callSite, up *frame) ([]ref, bool) {
	pos := 0
	for _, a := range s.args {
		switch {
		case a.name == b.name:
			return []ref{{a.n, up}}, true
		case a.name != "":
			continue
		case a.spread:
			return nil, false
		}
		if pos == m.position(b) {
			if b.value.Kind() == "spread_parameter" || b.value.Field("type").Kind() == "repeated_parameter_type" {
				return nil, false
			}
			return []ref{{a.n, up}}, true
		}
		pos++
	}
	if d := b.value.Field("default_value"); d.OK() {
		return []ref{{d, up}}, true
	}
	return nil, false
}

// position is where a parameter stands among those of its definition.
func (m *module) position(b *binding) int {
	list := b.value.Parent()
	if def := list.Parent(); def.Field("parameters") != list && def.Kind() == "function_definition" {
		return -1 // a second list is mostly implicit
	}
	i := 0
	for c := list.First(); c.OK(); c = c.Next() {
		if c == b.value {
			return i
		}
		if c.IsNamed() && !isComment(c) {
			i++
		}
	}
	return -1
}

// lambdaArgument is about `list.foreach(x => …)`: x is an element. known is
// false when the lambda is called by its name.
func (m *module) lambdaArgument(b *binding, lambda node, in *frame) (refs []ref, complete, known bool) {
	c := m.takerOf(lambda)
	if c == nil || !c.recv.OK() {
		return nil, false, false
	}
	switch c.name {
	case "map", "foreach", "forEach", "flatMap", "filter", "find", "exists", "forall", "collect":
		if m.positionIn(lambda, b) != 0 {
			return nil, false, true
		}
		refs, complete = m.elements(ref{c.recv, in})
		return refs, complete, true
	}
	return nil, false, true
}

// positionIn is the place of a lambda's parameter.
func (m *module) positionIn(lambda node, b *binding) int {
	if lambda.Field("parameters") == b.value {
		return 0
	}
	return m.position(b)
}

// takerOf is the call that is given a lambda as an argument, nil for none.
func (m *module) takerOf(lambda node) *call {
	p := lambda.Parent()
	for p.Is("block", "parenthesized_expression", "case_block", "indented_block", "colon_argument") && !m.isArgumentList(p) {
		p = p.Parent()
	}
	if !m.isArgumentList(p) {
		return nil
	}
	c, _ := m.callAt(p.Parent())
	return c
}

func (m *module) isArgumentList(n node) bool {
	return n.FieldName() == "arguments" || n.Is("argument_list", "arguments")
}

// constant is the one known text of an expression.
func (m *module) constant(r ref) (string, bool) {
	if vs := m.evalIn(r); len(vs) == 1 {
		return vs[0].Known()
	}
	return "", false
}
