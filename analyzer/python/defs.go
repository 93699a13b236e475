package python

import "slices"

// ref is an expression together with the call it is looked at for.
type ref struct {
	n  node
	in *frame
}

// frame is one call of a function of the session: its parameters have the
// values of these arguments. A nil frame stands for any call. A frame may also
// be one turn of a loop over a list that is written out.
type frame struct {
	def   node // function_definition, lambda or the loop
	site  *callSite
	turn  ref    // the element of a loop's list
	up    *frame // of the function the call stands in
	depth int
}

const (
	maxFrames = 6    // nested calls followed
	maxDefs   = 32   // expressions one expression may stand for
	maxDepth  = 8000 // nested expressions
)

// frameOf finds the frame of a scope's function on the way up.
func (f *frame) frameOf(s *scope) *frame {
	fn := s.function()
	if fn == nil {
		return nil
	}
	for ; f != nil; f = f.up {
		if f.def == fn.def {
			return f
		}
	}
	return nil
}

// within is frameOf with the turns of the loops of that function.
func (f *frame) within(s *scope) *frame {
	fn := s.function()
	for at := f; at != nil; at = at.up {
		g := at.call()
		if g == nil && fn == nil || g != nil && fn != nil && g.def == fn.def {
			return at
		}
		if g == nil {
			return nil
		}
		at = g
	}
	return nil
}

// call is the innermost frame that is a call, not a turn of a loop.
func (f *frame) call() *frame {
	for f != nil && f.site == nil {
		f = f.up
	}
	return f
}

type defsResult struct {
	refs     []ref
	complete bool
}

// defs are the expressions that n may stand for, names and attributes
// followed to what they were given; complete is false when there may be
// others.
func (m *module) defs(n node) (out []node, complete bool) {
	refs, complete := m.defsIn(ref{n: n})
	for _, r := range refs {
		out = append(out, r.n)
	}
	return out, complete
}

func (m *module) defsIn(r ref) ([]ref, bool) {
	if !r.n.OK() {
		return nil, false
	}
	switch r.n.Kind() {
	case "identifier", "attribute", "subscript", "call", "conditional_expression", "boolean_operator",
		"parenthesized_expression", "await", "named_expression", "type", "as_pattern":
	default:
		return []ref{r}, true
	}
	if d, ok := m.defsMemo[r]; ok {
		return d.refs, d.complete
	}
	if m.depth > maxDepth || m.steps > m.maxSteps {
		return nil, false
	}
	m.steps++
	m.depth++
	m.defsMemo[r] = defsResult{} // a cycle adds nothing known
	step, complete := m.step(r)
	var refs []ref
	for _, x := range step {
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
	at := func(nodes ...node) []ref {
		var out []ref
		for _, n := range nodes {
			out = append(out, ref{n, r.in})
		}
		return out
	}
	switch n := r.n; n.Kind() {
	case "parenthesized_expression", "await", "type", "as_pattern":
		if c := n.Named(); len(c) > 0 {
			return at(c[0]), true
		}
	case "named_expression":
		return at(n.Field("value")), true
	case "conditional_expression":
		if c := n.Named(); len(c) == 3 {
			return at(c[0], c[2]), true
		}
	case "boolean_operator":
		if n.Field("operator").Kind() == "and" {
			return at(n.Field("right")), true
		}
		if m.unsetVariable(ref{n.Field("left"), r.in}) {
			return at(n.Field("right")), true
		}
		return at(n.Field("left"), n.Field("right")), true
	case "identifier":
		return m.followName(r)
	case "attribute":
		return m.followAttribute(r, n.Field("attribute").Text())
	case "subscript":
		return m.followSubscript(r)
	case "call":
		return m.followCall(r)
	default:
		return []ref{r}, true
	}
	return nil, false
}

func (m *module) followName(r ref) ([]ref, bool) {
	bs := m.reaching(r.n, r.n.Text())
	if len(bs) == 0 {
		return []ref{r}, true // a builtin
	}
	var out []ref
	complete := true
	for _, b := range m.reached(bs, r) {
		if b.kind == bindImport {
			out = append(out, r)
			continue
		}
		refs, ok := m.followBinding(b, r.in)
		out = append(out, refs...)
		complete = complete && ok
	}
	return out, complete
}

// reached leaves out bindings whose condition does not hold in the frame, and
// those before one whose condition does.
func (m *module) reached(bs []*binding, r ref) []*binding {
	if r.in.call() == nil || len(bs) < 2 || m.scopeOf(r.n).function() != bs[0].scope.function() {
		return bs
	}
	var out []*binding
	for i := len(bs) - 1; i >= 0; i-- {
		b := bs[i]
		if m.place(r.n).before(b.at) {
			return bs // a loop brings bindings round
		}
		runs := m.runs(b.target, r)
		if runs >= 0 {
			out = append(out, b)
		}
		if runs == 1 {
			break
		}
	}
	slices.Reverse(out)
	return out
}

// runs says whether the branches around at run in the frame of use: 1 they
// do, -1 one does not, 0 not known.
func (m *module) runs(at node, use ref) int {
	sure := 1
	for _, branch := range m.branchesAround(at, use.n) {
		stmt := branch.Parent()
		if stmt.Kind() != "if_statement" {
			sure = 0
			continue
		}
		truth := 0
		switch cond := stmt.Field("condition"); branch.Kind() {
		case "else_clause":
			if !stmt.Child("elif_clause").OK() {
				truth = -m.truth(ref{cond, use.in})
			}
		case "elif_clause":
		default:
			truth = m.truth(ref{cond, use.in})
		}
		switch truth {
		case -1:
			return -1
		case 0:
			sure = 0
		}
	}
	return sure
}

// followBinding gives what a binding gives its name.
func (m *module) followBinding(b *binding, in *frame) ([]ref, bool) {
	v := ref{b.value, in.within(b.scope)}
	switch b.kind {
	case bindAssign:
		return m.unpack(v, b.path)
	case bindAugment, bindDef:
		return []ref{v}, true
	case bindFor:
		loop := b.value.Parent()
		for f := in; f != nil; f = f.up {
			if f.def == loop {
				return m.unpack(f.turn, b.path)
			}
		}
		return m.elements(v, b.path)
	case bindWith:
		if call := b.value; call.Kind() == "call" && m.callee(call) == "contextlib.closing" {
			if args := m.args(call); len(args.pos) == 1 {
				v.n = args.pos[0]
			}
		}
		return m.unpack(v, b.path)
	case bindParam:
		return m.followParam(b, in)
	}
	return nil, false
}

// unpack follows a path into tuples and lists.
func (m *module) unpack(v ref, path []int) ([]ref, bool) {
	if len(path) == 0 {
		return []ref{v}, v.n.OK()
	}
	refs, complete := m.defsIn(v)
	var out []ref
	for _, r := range refs {
		parts := sequence(r.n)
		if parts == nil || path[0] >= len(parts) {
			complete = false
			continue
		}
		more, ok := m.unpack(ref{parts[path[0]], r.in}, path[1:])
		out = append(out, more...)
		complete = complete && ok
	}
	return out, complete
}

// sequence are the elements of a tuple or list that is written out, nil for
// anything else.
func sequence(n node) []node {
	if !n.Is("tuple", "list", "expression_list", "set", "pattern_list") {
		return nil
	}
	var out []node
	for _, c := range n.Named() {
		switch c.Kind() {
		case "comment":
		case "list_splat":
			return nil
		default:
			out = append(out, c)
		}
	}
	return out
}

// constant is the one known text of an expression.
func (m *module) constant(r ref) (string, bool) {
	if vs := m.evalIn(r); len(vs) == 1 {
		return vs[0].Known()
	}
	return "", false
}
