package python

import (
	"strings"

	"github.com/imdsscan/imdsscan/analyzer/headers"
)

// headerSet is one possibility of what headers a request carries.
type headerSet = headers.Set[headerValue]

type headerField = headers.Field[headerValue]

type headerValue struct {
	ref
	// line is true when the text holds the header's name too.
	line bool
}

func openSet(why string) []headerSet { return []headerSet{{Open: why}} }

func merged(left, right []headerSet) []headerSet {
	return headers.Combine(left, right, maxAlternatives, headerSet.Merge)
}

// headerSets are the headers that an expression may stand for.
func (m *module) headerSets(r ref) []headerSet {
	if !r.n.OK() {
		return []headerSet{{}}
	}
	if m.depth > maxDepth || m.steps > m.maxSteps {
		return openSet("the headers are built in too many steps")
	}
	m.depth++
	m.steps++
	defer func() { m.depth-- }()
	switch n := r.n; n.Kind() {
	case "none":
		return []headerSet{{}}
	case "dictionary":
		return m.dictSets(r)
	case "list", "tuple":
		return m.listSets(r)
	case "binary_operator":
		if op := n.Field("operator").Text(); op == "|" || op == "+" {
			return merged(m.headerSets(ref{n.Field("left"), r.in}), m.headerSets(ref{n.Field("right"), r.in}))
		}
	case "augmented_assignment":
		if op := n.Field("operator").Text(); op == "|=" || op == "+=" {
			return merged(m.headerSets(ref{n.Field("left"), r.in}), m.headerSets(ref{n.Field("right"), r.in}))
		}
	case "call":
		if sets := m.callSets(r); sets != nil {
			return sets
		}
		return m.stepSets(r)
	case "conditional_expression":
		if c := n.Named(); len(c) == 3 {
			switch m.truth(ref{c[1], r.in}) {
			case 1:
				return m.headerSets(ref{c[0], r.in})
			case -1:
				return m.headerSets(ref{c[2], r.in})
			}
			var out []headerSet
			for _, part := range []node{c[0], c[2]} {
				for _, s := range m.headerSets(ref{part, r.in}) {
					s.When = c[1].Text()
					out = append(out, s)
				}
			}
			return out
		}
	case "boolean_operator":
		// `headers or {}`: an empty left gives the right.
		left, right := n.Field("left"), n.Field("right")
		if n.Field("operator").Kind() == "or" {
			var out []headerSet
			for _, s := range m.headerSets(ref{left, r.in}) {
				if len(s.Fields) == 0 && s.Open == "" {
					out = append(out, m.headerSets(ref{right, r.in})...)
				} else {
					out = append(out, s)
				}
			}
			return out
		}
		return m.headerSets(ref{right, r.in})
	case "identifier", "attribute", "subscript", "parenthesized_expression", "await", "named_expression":
		return m.stepSets(r)
	}
	return openSet("the headers are " + short(r.n))
}

// stepSets follows a variable one step back and applies its changes.
func (m *module) stepSets(r ref) []headerSet {
	if !m.ask("headers", r) {
		return []headerSet{{}} // the variable itself, met again on the way
	}
	defer m.answered("headers", r)
	refs, complete := m.step(r)
	var out []headerSet
	for _, s := range refs {
		if s == r {
			complete = false
			continue
		}
		when := m.branchCondition(s.n, r.n)
		for _, set := range m.headerSets(s) {
			if set.When == "" {
				set.When = when
			}
			out = append(out, set)
		}
	}
	if !complete {
		out = append(out, openSet(m.origin(r))...)
	}
	if len(out) > maxAlternatives {
		out = append(out[:maxAlternatives:maxAlternatives], openSet("the headers have too many alternatives")...)
	}
	for _, c := range m.changesOf(r.n) {
		out = m.applyChange(out, c, r)
	}
	return out
}

// branchCondition is the condition under which an assignment runs before a
// use in the same function.
func (m *module) branchCondition(at, use node) string {
	if at.Tree() != use.Tree() || m.scopeOf(at).function() != m.scopeOf(use).function() {
		return ""
	}
	for _, b := range m.branchesAround(at, use) {
		if c := b.Parent().Field("condition"); c.OK() {
			return short(c)
		}
	}
	return ""
}

// origin says where headers that are not known come from.
func (m *module) origin(r ref) string {
	if r.n.Kind() == "identifier" {
		for _, b := range m.reaching(r.n, r.n.Text()) {
			switch b.kind {
			case bindParam:
				return "the headers come from the function argument " + b.name
			case bindImport:
				return "the headers come from " + b.qualified
			}
		}
	}
	return "the headers come from " + short(r.n)
}

func short(n node) string {
	v := unknown(n)[0]
	return v[0].Name
}

func (m *module) dictSets(r ref) []headerSet {
	sets := []headerSet{{}}
	for _, c := range r.n.Named() {
		switch c.Kind() {
		case "pair":
			sets = m.addField(sets, ref{c.Field("key"), r.in}, ref{c.Field("value"), r.in})
		case "dictionary_splat":
			if inner := c.Named(); len(inner) == 1 {
				sets = merged(sets, m.headerSets(ref{inner[0], r.in}))
			}
		case "ERROR":
			sets = merged(sets, openSet("the headers could not be parsed"))
		}
	}
	return sets
}

// addField adds a header to each set; a name that is not known may be any.
func (m *module) addField(sets []headerSet, name, value ref) []headerSet {
	var out []headerSet
	for _, v := range m.evalIn(name) {
		text, ok := v.Known()
		for _, s := range sets {
			if ok {
				s = s.With(headerField{Name: text, Value: headerValue{ref: value}})
			} else if s.Open == "" {
				s.Open = "a header's name is " + short(name.n)
			}
			out = append(out, s)
		}
	}
	if len(out) > maxAlternatives {
		out = out[:maxAlternatives]
	}
	return out
}

// listSets reads [("Name", value)] and ["Name: value"].
func (m *module) listSets(r ref) []headerSet {
	sets := []headerSet{{}}
	parts := sequence(r.n)
	if parts == nil && len(r.n.Named()) > 0 {
		return openSet("the headers are " + short(r.n))
	}
	for _, e := range parts {
		sets = m.addElement(sets, ref{e, r.in})
	}
	return sets
}

func (m *module) addElement(sets []headerSet, e ref) []headerSet {
	if refs, ok := m.defsIn(e); ok && len(refs) == 1 {
		if pair := sequence(refs[0].n); len(pair) == 2 {
			return m.addField(sets, ref{pair[0], refs[0].in}, ref{pair[1], refs[0].in})
		}
	}
	var out []headerSet
	for _, v := range m.evalIn(e) {
		text, _ := v.Prefix()
		name, _, ok := strings.Cut(text, ":")
		for _, s := range sets {
			if ok {
				s = s.With(headerField{Name: strings.TrimSpace(name), Value: headerValue{e, true}})
			} else if s.Open == "" {
				s.Open = "a header is " + short(e.n)
			}
			out = append(out, s)
		}
	}
	return out
}

var headerTypes = map[string]bool{
	"dict": true, "requests.structures.CaseInsensitiveDict": true, "httpx.Headers": true, "urllib3.HTTPHeaderDict": true,
	"urllib3._collections.HTTPHeaderDict": true, "urllib3.response.HTTPHeaderDict": true, "multidict.CIMultiDict": true, "multidict.MultiDict": true,
	"tornado.httputil.HTTPHeaders": true, "collections.OrderedDict": true, "copy.copy": true, "copy.deepcopy": true,
	"list": true, "tuple": true, "types.MappingProxyType": true, "requests.utils.default_headers": true,
	"urllib3.util.make_headers": true, "urllib3.make_headers": true,
}

// callSets reads calls that make or copy headers; nil for any other.
func (m *module) callSets(r ref) []headerSet {
	fn := r.n.Field("function")
	args := m.args(r.n)
	if fn.Kind() == "attribute" && len(args.pos) == 0 && len(args.key) == 0 {
		switch fn.Field("attribute").Text() {
		case "copy", "items":
			return m.headerSets(ref{fn.Field("object"), r.in})
		}
	}
	name := m.qualifiedIn(ref{fn, r.in})
	if !headerTypes[name] || len(m.functionsOf(ref{fn, r.in})) > 0 {
		return nil
	}
	sets := []headerSet{{}}
	if strings.HasSuffix(name, "make_headers") || strings.HasSuffix(name, "default_headers") {
		return sets // names of headers that have nothing to do with tokens
	}
	for _, a := range args.pos {
		sets = merged(sets, m.headerSets(ref{a, r.in}))
	}
	for c := r.n.Field("arguments").First(); c.OK(); c = c.Next() {
		if c.Kind() == "keyword_argument" {
			value := ref{c.Field("value"), r.in}
			var out []headerSet
			for _, s := range sets {
				out = append(out, s.With(headerField{Name: c.Field("name").Text(), Value: headerValue{ref: value}}))
			}
			sets = out
		}
	}
	for _, d := range args.double {
		sets = merged(sets, m.headerSets(ref{d, r.in}))
	}
	if args.star {
		sets = merged(sets, openSet("the headers are "+short(r.n)))
	}
	return sets
}

// applyChange applies a change of a variable to what it may hold. A change
// that may not have happened gives both.
func (m *module) applyChange(sets []headerSet, c *change, use ref) []headerSet {
	after := m.changed(sets, c, use.in)
	if after == nil {
		return sets
	}
	when, runs := m.condition(c.at, use)
	switch runs {
	case -1:
		return sets
	case 0:
		out := append([]headerSet(nil), after...)
		for _, s := range sets {
			if s.When == "" {
				s.When = when
			}
			out = append(out, s)
		}
		for i := range after {
			if out[i].When == "" {
				out[i].When = when
			}
		}
		return out[:min(len(out), maxAlternatives)]
	}
	return after
}

// condition says whether code at a point has run when use runs: 1 it has, -1
// it has not, 0 under the condition that is returned.
func (m *module) condition(at node, use ref) (when string, runs int) {
	around := use.n
	if m.scopeOf(at).function() != m.scopeOf(use.n).function() {
		around = node{}
	}
	for _, branch := range m.branchesAround(at, around) {
		stmt := branch.Parent()
		cond := stmt.Field("condition")
		if branch.Kind() == "elif_clause" {
			cond = branch.Field("condition")
		}
		if stmt.Is("for_statement", "while_statement", "try_statement") {
			continue // a loop or a try usually runs
		}
		if !cond.OK() {
			return short(stmt), 0
		}
		truth := m.truth(ref{cond, use.in.within(m.scopeOf(at))})
		if branch.Kind() == "else_clause" {
			truth = -truth
		}
		switch truth {
		case -1:
			return "", -1
		case 0:
			return short(cond), 0
		}
	}
	return "", 1
}

// changed are the sets after a change; nil when it changes no header.
func (m *module) changed(sets []headerSet, c *change, in *frame) []headerSet {
	at := in.within(m.scopeOf(c.at))
	args := arguments{}
	if c.at.Kind() == "call" {
		args = m.args(c.at)
	}
	pos := func(i int) ref {
		if i < len(args.pos) {
			return ref{args.pos[i], at}
		}
		return ref{}
	}
	switch c.method {
	case "[]=":
		return m.addField(sets, ref{c.key, at}, ref{c.value, at})
	case "setdefault", "add", "add_header", "add_unredirected_header", "putheader", "set_header", "__setitem__":
		if len(args.pos) < 2 {
			if name, value := args.key["key"], args.key["val"]; name.OK() && value.OK() {
				return m.addField(sets, ref{name, at}, ref{value, at})
			}
			return nil
		}
		return m.addField(sets, pos(0), pos(1))
	case "update":
		var out = sets
		for i := range args.pos {
			out = merged(out, m.headerSets(pos(i)))
		}
		for name, v := range args.key {
			out = merged(out, []headerSet{{Fields: []headerField{{Name: name, Value: headerValue{ref: ref{v, at}}}}}})
		}
		for _, d := range args.double {
			out = merged(out, m.headerSets(ref{d, at}))
		}
		return out
	case "append":
		if len(args.pos) == 1 {
			return m.addElement(sets, pos(0))
		}
	case "extend":
		if len(args.pos) == 1 {
			return merged(sets, m.headerSets(pos(0)))
		}
	case "clear":
		return []headerSet{{}}
	case "pop", "del":
		name := ref{c.key, at}
		if c.method == "pop" {
			name = pos(0)
		}
		text, ok := m.constant(name)
		if !ok {
			return nil
		}
		var out []headerSet
		for _, s := range sets {
			out = append(out, s.Without(text))
		}
		return out
	}
	return nil
}
