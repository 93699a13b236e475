package python

import "strconv"

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
