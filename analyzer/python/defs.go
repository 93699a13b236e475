package python

import (
	"slices"
	"strconv"
)

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

// elements are what a loop over v gives its variable.
func (m *module) elements(v ref, path []int) ([]ref, bool) {
	if !m.ask("elements", v) {
		return nil, false
	}
	defer m.answered("elements", v)
	refs, complete := m.defsIn(v)
	var out []ref
	add := func(r ref, path []int) {
		parts, ok := m.unpack(r, path)
		out = append(out, parts...)
		complete = complete && ok
	}
	for _, r := range refs {
		switch n := r.n; n.Kind() {
		case "tuple", "list", "set", "expression_list":
			for _, e := range sequence(n) {
				add(ref{e, r.in}, path)
			}
			for _, e := range m.appended(v) {
				add(ref{e, v.in}, path)
			}
		case "dictionary":
			for _, p := range m.pairs(n) {
				add(ref{p.key, r.in}, path)
			}
		case "list_comprehension", "generator_expression", "set_comprehension":
			add(ref{n.Field("body"), r.in}, path)
		case "call":
			refs, ok := m.callElements(r, path)
			out = append(out, refs...)
			complete = complete && ok
		default:
			complete = false
		}
	}
	return out, complete
}

// pairs are the entries of a dictionary: the pairs of a literal, the keyword
// arguments of dict().
func (m *module) pairs(dict node) []entry {
	var out []entry
	switch {
	case dict.Kind() == "dictionary":
		for _, c := range dict.Named() {
			if c.Kind() == "pair" {
				out = append(out, entry{c.Field("key"), c.Field("value")})
			}
		}
	case dict.Kind() == "call" && m.callee(dict) == "dict":
		for c := dict.Field("arguments").First(); c.OK(); c = c.Next() {
			if c.Kind() == "keyword_argument" {
				out = append(out, entry{c.Field("name"), c.Field("value")})
			}
		}
	}
	return out
}

type entry struct{ key, value node }

// keyText is the text of an entry's key.
func (m *module) keyText(e entry, in *frame) (string, bool) {
	if e.key.Parent().Kind() == "keyword_argument" {
		return e.key.Text(), true
	}
	return m.constant(ref{e.key, in})
}

// callElements are the elements of what a builtin returns.
func (m *module) callElements(r ref, path []int) ([]ref, bool) {
	fn := r.n.Field("function")
	args := m.args(r.n)
	if fn.Kind() == "attribute" && len(args.pos) == 0 {
		dicts, complete := m.defsIn(ref{fn.Field("object"), r.in})
		var out []ref
		for _, d := range dicts {
			for _, p := range m.pairs(d.n) {
				key, value := ref{p.key, d.in}, ref{p.value, d.in}
				switch name := fn.Field("attribute").Text(); {
				case name == "keys" || name == "items" && len(path) == 1 && path[0] == 0:
					out = append(out, key)
				case name == "values" || name == "items" && len(path) > 0 && path[0] == 1:
					parts, ok := m.unpack(value, path[min(len(path), 1):])
					out = append(out, parts...)
					complete = complete && ok
				}
			}
		}
		return out, complete && len(out) > 0
	}
	if fn.Kind() != "identifier" || len(args.pos) == 0 {
		return nil, false
	}
	switch fn.Text() {
	case "list", "tuple", "set", "sorted", "reversed", "iter", "tqdm":
		return m.elements(ref{args.pos[0], r.in}, path)
	case "enumerate":
		if len(path) > 0 && path[0] == 1 {
			return m.elements(ref{args.pos[0], r.in}, path[1:])
		}
	case "zip":
		if len(path) > 0 && path[0] < len(args.pos) {
			return m.elements(ref{args.pos[path[0]], r.in}, path[1:])
		}
	}
	return nil, false
}

func (m *module) followSubscript(r ref) ([]ref, bool) {
	base, index := r.n.Field("value"), r.n.Field("subscript")
	if index.Kind() == "slice" {
		return nil, false
	}
	key, ok := m.constant(ref{index, r.in})
	if !ok {
		return m.anyItem(r)
	}
	var out []ref
	complete := true
	for _, b := range m.itemsSet(base, key) {
		refs, ok := m.unpack(ref{b.value, r.in.within(b.scope)}, b.path)
		out = append(out, refs...)
		complete = complete && ok
	}
	bases, ok := m.defsIn(ref{base, r.in})
	complete = complete && ok
	for _, d := range bases {
		v, found := m.item(d, key)
		switch {
		case found:
			out = append(out, v)
		case len(out) == 0:
			complete = false
		}
	}
	return out, complete
}

// anyItem are the values of a dictionary under a key that is not known.
func (m *module) anyItem(r ref) ([]ref, bool) {
	bases, complete := m.defsIn(ref{r.n.Field("value"), r.in})
	var out []ref
	for _, d := range bases {
		entries := m.pairs(d.n)
		for _, p := range entries {
			out = append(out, ref{p.value, d.in})
		}
		if d.n.Is("list", "tuple") {
			for _, e := range sequence(d.n) {
				out = append(out, ref{e, d.in})
			}
		} else if len(entries) == 0 {
			complete = false
		}
	}
	return out, complete && len(out) > 0
}

// item is the value under a key of a dictionary or list that is written out.
func (m *module) item(d ref, key string) (ref, bool) {
	switch d.n.Kind() {
	case "dictionary", "call":
		ps := m.pairs(d.n)
		for i := len(ps) - 1; i >= 0; i-- {
			if k, ok := m.keyText(ps[i], d.in); ok && k == key {
				return ref{ps[i].value, d.in}, true
			}
		}
	default:
		parts := sequence(d.n)
		i, err := strconv.Atoi(key)
		if err == nil && i < 0 {
			i += len(parts)
		}
		if err == nil && i >= 0 && i < len(parts) {
			return ref{parts[i], d.in}, true
		}
	}
	return ref{}, false
}

// constant is the one known text of an expression.
func (m *module) constant(r ref) (string, bool) {
	if vs := m.evalIn(r); len(vs) == 1 {
		return vs[0].Known()
	}
	return "", false
}
