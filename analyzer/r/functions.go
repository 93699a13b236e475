package r

// ref is an expression together with the call it is looked at for.
type ref struct {
	n  node
	in *frame
}

// frame is one call of a function of the session: its parameters have the
// values of these arguments. A frame without a site stands for a call that is
// not seen.
type frame struct {
	def   node
	site  *site
	up    *frame
	depth int
}

type frameKey struct {
	def  node
	site *site
	up   *frame
}

// site is a place where a function of the session is called, directly or by a
// function like sapply.
type site struct {
	c    *call
	args []arg
}

type siteKey struct{ call, def node }

const (
	maxFrames = 5   // nested calls followed
	maxRefs   = 32  // expressions one expression may stand for, calls of one function
	maxDepth  = 600 // nested questions
)

// appliers call the function they are given for each element of their first
// argument.
var appliers = map[string][2]string{
	"lapply": {"X", "FUN"}, "sapply": {"X", "FUN"}, "vapply": {"X", "FUN"}, "Map": {"", "f"}, "mapply": {"", "FUN"},
	"map": {".x", ".f"}, "map_chr": {".x", ".f"}, "map_lgl": {".x", ".f"}, "map_int": {".x", ".f"}, "map_dbl": {".x", ".f"},
	"map_df": {".x", ".f"}, "map_dfr": {".x", ".f"}, "walk": {".x", ".f"}, "future_map": {".x", ".f"},
	"mclapply": {"X", "FUN"}, "parLapply": {"X", "fun"}, "parSapply": {"X", "FUN"}, "future_lapply": {"X", "FUN"}, "future_sapply": {"X", "FUN"},
	"spark.lapply": {"list", "func"}, "Filter": {"x", "f"},
}

// applied reads a call like sapply(X, f): the function and what it is given.
func (m *module) applied(c *call) (fn node, args []arg) {
	names, ok := appliers[c.name]
	if !ok || m.isOwn(c.n, c.name) && c.pkg == "" {
		return node{}, nil
	}
	params := []string{names[0], names[1], "..."}
	switch {
	case names[0] == "":
		params = []string{names[1], "..."}
	case c.name == "Filter":
		params = []string{names[1], names[0]}
	case c.name == "parLapply" || c.name == "parSapply":
		params = []string{"cl", names[0], names[1], "..."}
	}
	got := match(params, c.args)
	if names[0] != "" {
		if x := got.by[names[0]]; x.value.OK() {
			args = append(args, arg{value: x.value, n: x.n})
		}
	}
	return got.value(names[1]), append(args, got.dots...)
}

// functions are the functions of the session that an expression may stand for.
func (m *module) functions(r ref) []node {
	var out []node
	refs, _ := m.stands(r)
	for _, d := range refs {
		if d.n.Is("function_definition") {
			out = append(out, d.n)
		}
	}
	return out
}

// own are the functions of the session that a call may call.
func (m *module) own(c *call, in *frame) []node {
	if c.pkg != "" || !c.fn.Is("identifier", "parenthesized_expression", "function_definition", "extract_operator", "subset2") {
		return nil
	}
	return m.functions(ref{c.fn, in})
}

// callSites are the places where a function is called.
func (m *module) callSites(def node) []*site {
	if sites, ok := m.siteMemo[def]; ok {
		return sites
	}
	m.siteMemo[def] = nil // a cycle ends here
	var out []*site
	add := func(c *call, args []arg) {
		if len(out) < maxRefs {
			out = append(out, m.siteAt(c, def, args))
		}
	}
	// Given where it is written: sapply(x, function(y) …).
	at := def
	for at.Parent().Is("parenthesized_expression") {
		at = at.Parent()
	}
	if c := m.callAround(at); c != nil {
		if fn, args := m.applied(c); fn == at {
			add(c, args)
		}
	}
	if name := definedName(def); name != "" {
		for _, c := range m.callsByName[name] {
			if c.pkg == "" && holds(m.functions(ref{n: c.fn}), def) {
				add(c, c.args)
			}
		}
		for _, use := range m.usesByName[name] {
			if c := m.callAround(use); c != nil {
				if fn, args := m.applied(c); fn == use && holds(m.functions(ref{n: use}), def) {
					add(c, args)
				}
			}
		}
	}
	m.siteMemo[def] = out
	return out
}

// siteAt is the one site of a call of def.
func (m *module) siteAt(c *call, def node, args []arg) *site {
	k := siteKey{c.n, def}
	if m.sitesMemo[k] == nil {
		m.sitesMemo[k] = &site{c: c, args: args}
	}
	return m.sitesMemo[k]
}

func holds(list []node, n node) bool {
	for _, x := range list {
		if x == n {
			return true
		}
	}
	return false
}

// definedName is the name a function is assigned to, as a variable or field.
func definedName(def node) string {
	p := def.Parent()
	if target, value, _, ok := assignment(p); ok && value == def {
		if target.Is("extract_operator") {
			return nameOf(target.Field("rhs"))
		}
		return nameOf(target)
	}
	return ""
}

// frame is the frame of one call of def; nil when calls nest too deep.
func (m *module) frame(def node, s *site, up *frame) *frame {
	depth := 1
	if up != nil {
		depth = up.depth + 1
	}
	if depth > maxFrames {
		return nil
	}
	for f := up; f != nil; f = f.up {
		if f.def == def {
			return nil // recursion
		}
	}
	k := frameKey{def, s, up}
	if m.frameMemo[k] == nil {
		m.frameMemo[k] = &frame{def: def, site: s, up: up, depth: depth}
	}
	return m.frameMemo[k]
}

// framesAround are the calls for which code at n runs: one frame for each way
// the functions around it are called; a single nil at the top level.
func (m *module) framesAround(n node) []*frame { return m.framesOf(n, 0) }

func (m *module) framesOf(n node, depth int) []*frame {
	s := m.scopeOf(n)
	if s == nil || !s.def.OK() {
		return []*frame{nil}
	}
	k := aroundKey{s.def, depth}
	if fs, known := m.aroundMemo[k]; known {
		return fs
	}
	m.aroundMemo[k] = []*frame{nil} // a cycle ends here
	m.aroundMemo[k] = m.framesOfFunction(s, depth)
	return m.aroundMemo[k]
}

type aroundKey struct {
	def   node
	depth int
}

func (m *module) framesOfFunction(s *scope, depth int) []*frame {
	var out []*frame
	if depth < maxFrames {
		for _, at := range m.callSites(s.def) {
			if at.c.n.Inside(s.def) {
				continue
			}
			for _, up := range m.framesOf(at.c.n, depth+1) {
				if f := m.frame(s.def, at, up); f != nil && len(out) < maxRefs {
					out = append(out, f)
				}
			}
		}
	}
	if len(out) == 0 {
		// Not seen to be called; the functions around it may be.
		for _, up := range m.framesOf(s.def, depth+1) {
			if f := m.frame(s.def, nil, up); f != nil && len(out) < maxRefs {
				out = append(out, f)
			}
		}
	}
	if len(out) == 0 {
		out = []*frame{nil}
	}
	return out
}

// of finds the frame of a function on the way up.
func (f *frame) of(def node) *frame {
	for ; f != nil; f = f.up {
		if f.def == def {
			return f
		}
	}
	return nil
}

// argument is what a parameter of the frame's function is given: the
// argument, or the default; no node when neither is known.
func (m *module) argument(s *scope, name string, in *frame) ref {
	f := in.of(s.def)
	if f != nil && f.site != nil {
		if a := match(s.params, f.site.args).by[name]; a.value.OK() {
			return ref{a.value, f.up}
		}
	}
	if d := s.param[name].Field("default"); d.OK() && (f == nil || f.site != nil || len(m.callSites(s.def)) == 0) {
		return ref{d, in}
	}
	return ref{}
}

// returned are the expressions whose values a function may return.
func returned(def node) []node {
	body := def.Field("body")
	out := lastOf(body, nil)
	tree := def.Tree()
	for i := body.Index(); i < body.After(); i++ {
		n := tree.At(i)
		if n.Is("function_definition") {
			i = n.After() - 1
			continue
		}
		if n.Is("call") && n.Field("function").Text() == "return" {
			if args := n.Field("arguments").Fields("argument"); len(args) == 1 && len(out) < maxRefs {
				out = append(out, args[0].Field("value"))
			}
		}
	}
	return out
}

// lastOf are the expressions that give a block its value.
func lastOf(n node, out []node) []node {
	switch {
	case len(out) >= maxRefs:
	case n.Is("braced_expression"):
		if body := statements(n); len(body) > 0 {
			return lastOf(body[len(body)-1], out)
		}
	case n.Is("if_statement"):
		out = lastOf(n.Field("consequence"), out)
		if a := n.Field("alternative"); a.OK() {
			out = lastOf(a, out)
		}
	case n.Is("call") && n.Field("function").Text() == "return", n.Is("for_statement", "while_statement", "repeat_statement"):
	case n.OK():
		out = append(out, n)
	}
	return out
}

// statements are the expressions of a block, without comments.
func statements(block node) []node {
	var out []node
	for _, c := range block.Named() {
		if !c.Is("comment") {
			out = append(out, c)
		}
	}
	return out
}
