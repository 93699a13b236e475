package r

// sameValue are functions whose result is their first argument, for the
// purpose of following a value.
var sameValue = []string{
	"return", "invisible", "identity", "force", "suppressWarnings", "suppressMessages", "try", "tryCatch", "local",
	"withCallingHandlers", "isolate", "I", "eval", "evalq", "broadcast",
}

// stands are the expressions an expression may stand for, names, fields and
// calls of the session's functions followed; complete is false when there may
// be others.
func (m *module) stands(r ref) (out []ref, complete bool) {
	complete = true
	seen := map[ref]bool{}
	work := []ref{r}
	for len(work) > 0 {
		at := work[0]
		work = work[1:]
		if !at.n.OK() || seen[at] {
			continue
		}
		if len(seen) > 4*maxRefs || len(out) >= maxRefs || m.steps > m.maxSteps {
			return out, false
		}
		seen[at] = true
		m.steps++
		next, whole, follows := m.step(at)
		complete = complete && whole
		if !follows {
			out = append(out, at)
		}
		work = append(work, next...)
	}
	return out, complete
}

// step is one step of stands; follows is false when the expression stands for
// itself.
func (m *module) step(r ref) (next []ref, complete, follows bool) {
	switch r.n.Kind() {
	case "identifier":
		return m.stepName(r)
	case "parenthesized_expression":
		return []ref{{r.n.Field("body"), r.in}}, true, true
	case "braced_expression", "if_statement":
		for _, n := range lastOf(r.n, nil) {
			next = append(next, ref{n, r.in})
		}
		return next, true, len(next) > 0
	case "binary_operator":
		if _, value, _, ok := assignment(r.n); ok && value != r.n {
			return []ref{{value, r.in}}, true, true
		}
		if c := m.callAt[r.n.Field("rhs")]; c != nil && isPipe(r.n) {
			return []ref{{c.n, r.in}}, true, true
		}
	case "extract_operator", "subset2", "subset":
		return m.stepField(r)
	case "call":
		return m.stepCall(r)
	}
	return nil, true, false
}

func (m *module) stepName(r ref) (next []ref, complete, follows bool) {
	name := nameOf(r.n)
	s := m.lookup(r.n, name)
	if s == nil {
		return nil, false, false
	}
	bs, param := m.reaching(s, name, r.n)
	complete = true
	for _, b := range bs {
		if b.value.OK() {
			next = append(next, ref{b.value, r.in})
		}
	}
	if param {
		if a := m.argument(s, name, r.in); a.n.OK() {
			next = append(next, a)
		} else {
			return next, false, len(next) > 0
		}
	}
	return next, complete, len(next) > 0
}

func (m *module) stepCall(r ref) (next []ref, complete, follows bool) {
	c := m.callAt[r.n]
	if c == nil {
		return nil, true, false
	}
	if m.is(c, sameValue...) {
		if a := c.first("expr"); a.OK() {
			return []ref{{a, r.in}}, true, true
		}
	}
	if m.is(c, "get", "get0") {
		if key := c.first("x"); key.Is("string") {
			if s := m.lookup(r.n, nameOf(key)); s != nil {
				bs, _ := m.reaching(s, nameOf(key), r.n)
				for _, b := range bs {
					next = append(next, ref{b.value, r.in})
				}
				return next, true, len(next) > 0
			}
		}
	}
	complete = true
	if !m.ask("call", r) {
		return nil, false, false
	}
	defer m.answered("call", r)
	for _, def := range m.own(c, r.in) {
		f := m.frame(def, m.siteAt(c, def, c.args), r.in)
		if f == nil {
			complete = false
			continue
		}
		for _, v := range returned(def) {
			next = append(next, ref{v, f})
		}
	}
	return next, complete, len(next) > 0
}

// stepField follows x$f, x[["f"]], x["f"], x[[1]] and x@f to what the field
// was given.
func (m *module) stepField(r ref) (next []ref, complete, follows bool) {
	object, key := r.n.First(), m.fieldKey(r.n)
	if key != "" {
		for _, b := range m.fields[key] {
			if b.object.Text() == object.Text() && m.lookupOf(b.object) == m.lookupOf(object) && len(next) < maxRefs {
				next = append(next, ref{b.value, r.in})
			}
		}
	}
	if !m.ask("field", r) {
		return nil, false, false
	}
	refs, complete := m.stands(ref{object, r.in})
	m.answered("field", r)
	for _, d := range refs {
		next = append(next, m.elements(d, key, position(r.n))...)
	}
	if isSelf(object.Text()) && key != "" {
		// A member of an R6 class, set where the class is written.
		for _, c := range m.callsByName["list"] {
			if v := c.named(key); v.OK() && m.inClass(c.n) && len(next) < maxRefs {
				next = append(next, ref{v, nil})
			}
		}
	}
	return next, complete, len(next) > 0
}

func isSelf(name string) bool { return name == "self" || name == "private" || name == ".self" }

// lookupOf is the environment of an object's name; self is one everywhere.
func (m *module) lookupOf(object node) *scope {
	if !object.Is("identifier") || isSelf(object.Text()) {
		return nil
	}
	return m.lookup(object, nameOf(object))
}

func (m *module) inClass(n node) bool {
	for p := n; p.OK(); p = p.Parent() {
		if p.Is("call") {
			if _, name := qualified(p.Field("function")); name == "R6Class" || name == "setRefClass" {
				return true
			}
		}
	}
	return false
}

// elements are the elements of a list or vector that is written out: those of
// the key, or at the position; all when neither is given.
func (m *module) elements(list ref, key string, at int) []ref {
	c := m.callAt[list.n]
	if !m.is(c, "list", "c", "structure", "data.frame", "as.list", "unlist", "new.env", "list2env", "setNames") {
		return nil
	}
	if c.name == "as.list" || c.name == "unlist" || c.name == "list2env" {
		refs, _ := m.stands(ref{c.position(0), list.in})
		var out []ref
		for _, d := range refs {
			if d != list && m.ask("elements", d) {
				out = append(out, m.elements(d, key, at)...)
				m.answered("elements", d)
			}
		}
		return out
	}
	var out []ref
	for i, a := range c.args {
		if a.value.OK() && (key != "" && a.name == key || key == "" && (at == 0 || at == i+1)) && len(out) < maxRefs {
			out = append(out, ref{a.value, list.in})
		}
	}
	return out
}

// position is the number in x[[2]] and x[2], 0 without one.
func position(n node) int {
	args := n.Field("arguments").Fields("argument")
	if len(args) != 1 {
		return 0
	}
	v := args[0].Field("value").Text()
	if len(v) == 1 && v[0] >= '1' && v[0] <= '9' {
		return int(v[0] - '0')
	}
	return 0
}
