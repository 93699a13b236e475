package python

import "strings"

// callSite is a place where a function of the session is called, with the
// arguments that reach it.
type callSite struct {
	call node
	args arguments
	in   *frame
}

type frameKey struct {
	def  node
	site *callSite
	turn ref
	up   *frame
}

// frame is the frame of one call of def; nil when calls nest too deep.
func (m *module) frame(def node, site *callSite, up *frame) *frame {
	return m.newFrame(frameKey{def: def, site: site, up: up})
}

func (m *module) newFrame(k frameKey) *frame {
	depth := 1
	if k.up != nil {
		depth = k.up.depth + 1
	}
	if depth > maxFrames {
		return nil
	}
	for f := k.up; f != nil; f = f.up {
		if f.def == k.def {
			return nil // recursion
		}
	}
	f := m.frames[k]
	if f == nil {
		f = &frame{def: k.def, site: k.site, turn: k.turn, up: k.up, depth: depth}
		m.frames[k] = f
	}
	return f
}

// siteOf is the one callSite of a plain call.
func (m *module) siteOf(call node) *callSite {
	s := m.siteMemo[call]
	if s == nil {
		s = &callSite{call: call, args: m.args(call)}
		m.siteMemo[call] = s
	}
	return s
}

// functionsOf are the functions and classes of the session that an expression
// may stand for.
func (m *module) functionsOf(r ref) []node {
	refs, _ := m.defsIn(r)
	var out []node
	for _, d := range refs {
		if d.n.Is("function_definition", "lambda", "class_definition") {
			out = append(out, d.n)
		}
	}
	return out
}

// followCall gives what a call returns where the session's own code says so;
// any other call stands for itself.
func (m *module) followCall(r ref) ([]ref, bool) {
	fn := r.n.Field("function")
	if refs, complete, ok := m.dictGet(r, fn); ok {
		return refs, complete
	}
	if fn.Kind() == "identifier" && fn.Text() == "getattr" {
		return m.followGetattr(r)
	}
	defs := m.functionsOf(ref{fn, r.in})
	if len(defs) == 0 {
		return []ref{r}, true
	}
	var out []ref
	complete := true
	for _, def := range defs {
		if def.Kind() == "class_definition" {
			out = append(out, r)
			continue
		}
		f := m.frame(def, m.siteOf(r.n), r.in)
		if f == nil {
			complete = false
			continue
		}
		values := m.returns(def)
		if len(values) == 0 {
			complete = false
		}
		for _, v := range values {
			out = append(out, ref{v, f})
		}
	}
	return out, complete
}

// dictGet follows CONFIG.get("key", default) into a dictionary.
func (m *module) dictGet(r ref, fn node) (refs []ref, complete, ok bool) {
	if fn.Kind() != "attribute" || fn.Field("attribute").Text() != "get" {
		return nil, false, false
	}
	args := m.args(r.n)
	if len(args.pos) == 0 || len(args.pos) > 2 {
		return nil, false, false
	}
	dicts, complete := m.defsIn(ref{fn.Field("object"), r.in})
	for _, d := range dicts {
		if d.n.Kind() != "dictionary" && len(m.pairs(d.n)) == 0 {
			return nil, false, false
		}
	}
	if len(dicts) == 0 {
		return nil, false, false
	}
	key, known := m.constant(ref{args.pos[0], r.in})
	for _, d := range dicts {
		v, found := m.item(d, key)
		switch {
		case found && known:
		case len(args.pos) == 2:
			v = ref{args.pos[1], r.in}
		default:
			complete = false
			continue
		}
		refs = append(refs, v)
	}
	return refs, complete, len(dicts) > 0
}

func (m *module) followGetattr(r ref) ([]ref, bool) {
	args := m.args(r.n)
	if len(args.pos) < 2 {
		return []ref{r}, true
	}
	name, ok := m.constant(ref{args.pos[1], r.in})
	if !ok {
		return []ref{r}, true
	}
	refs, complete := m.attributeOf(ref{args.pos[0], r.in}, name)
	if len(refs) == 0 {
		return []ref{r}, true
	}
	return refs, complete
}

// returns are the expressions a function returns.
func (m *module) returns(def node) []node {
	if def.Kind() == "lambda" {
		return []node{def.Field("body")}
	}
	if v, ok := m.returnMemo[def]; ok {
		return v
	}
	yields := decorated(def, "contextmanager", "fixture")
	var out []node
	tree := def.Tree()
	for i := def.Index() + 1; i < def.After(); i++ {
		n := tree.At(i)
		if n.Is("function_definition", "lambda", "class_definition") {
			i = n.After() - 1
			continue
		}
		if n.Kind() == "return_statement" || yields && n.Kind() == "yield" {
			if v := n.Named(); len(v) > 0 {
				out = append(out, v[0])
			}
		}
	}
	m.returnMemo[def] = out
	return out
}

// decorated reports whether a definition has a decorator of which one of the
// words is the last part of the name.
func decorated(def node, words ...string) bool {
	p := def.Parent()
	if p.Kind() != "decorated_definition" {
		return false
	}
	for c := p.First(); c.OK(); c = c.Next() {
		if c.Kind() != "decorator" {
			continue
		}
		name := decoratorName(c)
		for _, w := range words {
			if name == w || strings.HasSuffix(name, "."+w) {
				return true
			}
		}
	}
	return false
}

func decoratorName(d node) string {
	for c := d.First(); c.OK(); c = c.Next() {
		if c.Kind() == "call" {
			return dotted(c.Field("function"))
		}
		if c.IsNamed() {
			return dotted(c)
		}
	}
	return ""
}

// followParam gives the arguments of a parameter: those of the frame's call,
// or those of every call in the session.
func (m *module) followParam(b *binding, in *frame) ([]ref, bool) {
	def := b.scope.def
	if f := in.frameOf(b.scope); f != nil {
		return m.argument(b, def, f.site, f.up)
	}
	var out []ref
	complete := true
	sites := m.callSites(def)
	for _, s := range sites {
		refs, ok := m.argument(b, def, s, s.in)
		out = append(out, refs...)
		complete = complete && ok
	}
	if len(sites) == 0 {
		complete = false
		if d := b.value.Field("value"); d.OK() {
			// A caller in another file may say otherwise; the default is what
			// the code says it asks.
			return []ref{{d, m.byDefault}}, true
		}
	}
	return out, complete
}

// argument is what a call gives a parameter.
func (m *module) argument(b *binding, def node, s *callSite, up *frame) ([]ref, bool) {
	i := b.path[0]
	if m.isMethod(def) {
		if i == 0 {
			return m.receiver(s, up)
		}
		i--
	}
	if i < len(s.args.pos) && !keywordOnly(b.value) {
		return []ref{{s.args.pos[i], up}}, true
	}
	if v := s.args.key[b.name]; v.OK() {
		return []ref{{v, up}}, true
	}
	for _, d := range s.args.double {
		dicts, ok := m.defsIn(ref{d, up})
		for _, dict := range dicts {
			if v, found := m.item(dict, b.name); found && ok {
				return []ref{v}, true
			}
		}
	}
	if s.args.star || len(s.args.double) > 0 {
		return nil, false
	}
	if d := b.value.Field("value"); d.OK() {
		return []ref{{n: d}}, true
	}
	return nil, false
}

// keywordOnly reports whether a parameter stands after * or *args.
func keywordOnly(p node) bool {
	for c := p.Parent().First(); c.OK() && c != p; c = c.Next() {
		if c.Is("list_splat_pattern", "keyword_separator", "*") {
			return true
		}
	}
	return false
}

// isMethod reports whether calls of def do not write its first parameter.
func (m *module) isMethod(def node) bool {
	s := m.owned[def]
	return def.Kind() == "function_definition" && s != nil && s.parent.kind == classScope && !decorated(def, "staticmethod")
}

// receiver is the object a method is called on.
func (m *module) receiver(s *callSite, up *frame) ([]ref, bool) {
	fn := s.call.Field("function")
	if fn.Kind() == "attribute" {
		return []ref{{fn.Field("object"), up}}, true
	}
	return []ref{{s.call, up}}, true // the constructor's own call
}

// callSites are the calls of a function in the session, calls through
// threads, executors and map included.
func (m *module) callSites(def node) []*callSite {
	if s, ok := m.sitesMemo[def]; ok {
		return s
	}
	m.sitesMemo[def] = nil
	name, target := m.calledAs(def)
	var out []*callSite
	for _, call := range m.callsByName[name] {
		fn := call.Field("function")
		for _, d := range m.functionsOf(ref{n: fn}) {
			if d == target && !call.Inside(def) {
				out = append(out, m.siteOf(call))
				break
			}
		}
	}
	for _, arg := range m.passedByName[name] {
		out = append(out, m.passedSites(arg, def)...)
	}
	m.sitesMemo[def] = out
	return out
}

// calledAs is the name calls of a function carry and what that name stands
// for: the class for __init__.
func (m *module) calledAs(def node) (string, node) {
	name := def.Field("name").Text()
	if def.Kind() == "lambda" {
		if p := def.Parent(); p.Kind() == "assignment" {
			name = p.Field("left").Text()
		}
		return name, def
	}
	if s := m.owned[def]; name == "__init__" && s != nil && s.parent.kind == classScope {
		return s.parent.def.Field("name").Text(), s.parent.def
	}
	if i := strings.LastIndexByte(name, '.'); i >= 0 {
		name = name[i+1:]
	}
	return name, def
}

// passedSites are the calls made by code that is given the function as the
// argument arg: Thread(target=f, args=(x,)), pool.submit(f, x), map(f, list).
func (m *module) passedSites(arg, def node) []*callSite {
	call := arg.Parent().Parent()
	keyword := ""
	if arg.Parent().Kind() == "keyword_argument" {
		keyword = arg.Parent().Field("name").Text()
		call = call.Parent()
	}
	if call.Kind() != "call" {
		return nil
	}
	same := false
	for _, d := range m.functionsOf(ref{n: arg}) {
		same = same || d == def
	}
	if !same {
		return nil
	}
	fn := call.Field("function")
	name := fn.Text()
	if fn.Kind() == "attribute" {
		name = fn.Field("attribute").Text()
	}
	args := m.args(call)
	at := -1
	for i, p := range args.pos {
		if p == arg {
			at = i
		}
	}
	made := func(pos []node) *callSite {
		return &callSite{call: call, args: arguments{call: call, pos: pos, key: args.key, double: args.double}}
	}
	switch {
	case keyword == "target":
		return []*callSite{made(sequence(args.key["args"]))}
	case at >= 0 && (name == "submit" || name == "run_in_executor" || name == "to_thread" || name == "apply_async" || name == "partial" || name == "spawn"):
		pos := args.pos[at+1:]
		if name == "apply_async" && len(pos) > 0 {
			pos = sequence(pos[0])
		}
		return []*callSite{made(pos)}
	case at == 0 && (name == "map" || name == "imap" || name == "filter") && len(args.pos) == 2:
		var out []*callSite
		items, _ := m.elements(ref{n: args.pos[1]}, nil)
		for _, item := range items {
			out = append(out, made([]node{item.n}))
		}
		return out
	}
	return nil
}
