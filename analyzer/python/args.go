package python

import "github.com/imdsscan/imdsscan/rules"

// arguments are the arguments of a call. After a `*list` positions are not
// known and star is set; with a `**dict` any keyword may be given and double
// holds what is spread.
type arguments struct {
	call   node
	pos    []node
	key    map[string]node
	star   bool
	double []node
}

// args reads the arguments of a call node.
func (m *module) args(call node) arguments {
	a := arguments{call: call, key: map[string]node{}}
	if p := m.partialOf(call); p.OK() {
		// functools.partial(f, x) called with y is f(x, y).
		bound := m.args(p)
		a.star, a.double = bound.star, bound.double
		if len(bound.pos) > 0 {
			a.pos = append(a.pos, bound.pos[1:]...)
		}
		for name, v := range bound.key {
			a.key[name] = v
		}
	}
	list := call.Field("arguments")
	if list.Kind() == "generator_expression" {
		a.pos = append(a.pos, list)
		return a
	}
	for c := list.First(); c.OK(); c = c.Next() {
		switch {
		case !c.IsNamed() || c.Kind() == "comment":
		case c.Kind() == "keyword_argument":
			a.key[c.Field("name").Text()] = c.Field("value")
		case c.Kind() == "list_splat":
			refs, complete := m.defs(c.First().Next())
			if parts := sequence(first(refs)); complete && len(refs) == 1 && parts != nil && !a.star {
				a.pos = append(a.pos, parts...)
			} else {
				a.star = true
			}
		case c.Kind() == "dictionary_splat":
			a.double = append(a.double, c.First().Next())
			refs, complete := m.defs(c.First().Next())
			if complete && len(refs) == 1 {
				m.spread(refs[0], a.key)
			}
		case !a.star:
			a.pos = append(a.pos, c)
		}
	}
	return a
}

// get is the argument at a place, no node when it is not given.
func (a arguments) get(at rules.Arg) node {
	if at.Pos != nil && *at.Pos < len(a.pos) {
		return a.pos[*at.Pos]
	}
	if at.Key != "" {
		return a.key[at.Key]
	}
	return node{}
}

// partialOf is the functools.partial call that made what a call calls.
func (m *module) partialOf(call node) node {
	if !call.Field("function").Is("identifier", "attribute") || len(m.callsByName["partial"]) == 0 {
		return node{}
	}
	refs, _ := m.defs(call.Field("function"))
	for _, d := range refs {
		if d.Kind() == "call" && d != call && m.callee(d) == "functools.partial" && !call.Inside(d) {
			return d
		}
	}
	return node{}
}

func first(nodes []node) node {
	if len(nodes) == 0 {
		return node{}
	}
	return nodes[0]
}

// spread adds the entries of a dictionary that is written out.
func (m *module) spread(dict node, keys map[string]node) {
	for _, e := range m.pairs(dict) {
		if name, ok := m.keyText(e, nil); ok && e.key.Is("string", "identifier") {
			keys[name] = e.value
		}
	}
}
