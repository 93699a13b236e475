package jvm

import (
	"strings"

	"github.com/imdsscan/imdsscan/analyzer/headers"
)

// headerSet is one possibility of what a request sends: headers and method.
type headerSet struct {
	headers.Set[ref]
	// method is what the steps set, empty when they set none; unclear says
	// that they set one that is not known.
	method  string
	unclear bool
}

func (h headerSet) with(name string, value ref) headerSet {
	h.Set = h.With(headers.Field[ref]{Name: name, Value: value})
	return h
}

func (h headerSet) without(name string) headerSet {
	h.Set = h.Without(name)
	return h
}

func (h headerSet) merge(o headerSet) headerSet {
	h.Set = h.Merge(o.Set)
	if o.method != "" || o.unclear {
		h.method, h.unclear = o.method, o.unclear
	}
	return h
}

func openSet(why string) []headerSet { return []headerSet{{Set: headers.Set[ref]{Open: why}}} }

func merged(left, right []headerSet) []headerSet {
	return headers.Combine(left, right, maxAlternatives, headerSet.merge)
}

// headerSets are the headers that an expression may stand for: a map, a list
// of pairs or of header objects, headers built step by step.
func (m *module) headerSets(r ref) []headerSet {
	if !r.n.OK() {
		return []headerSet{{}}
	}
	if m.spent() || m.depth > 400 {
		return openSet("the headers are built in too many steps")
	}
	m.depth++
	defer func() { m.depth-- }()
	n := unwrapped(r.n)
	r = ref{n, r.in}
	if isNull(n) {
		return []headerSet{{}}
	}
	if k, v, ok := pair(n); ok {
		return m.addField([]headerSet{{}}, ref{k, r.in}, ref{v, r.in})
	}
	if left, op, right := operands(n); op == "++" || op == "+" || op == "++=" || op == "+=" || op == ":+" || op == "::" || op == "+:" {
		return merged(m.headerSets(ref{left, r.in}), m.headerSets(ref{right, r.in}))
	}
	if c, ok := m.callAt(n); ok {
		if sets := m.callSets(c, r.in); sets != nil {
			return sets
		}
	}
	return m.stepSets(r)
}

// mapMakers are the functions that make a map of their arguments, pair by
// pair.
var mapMakers = map[string]bool{"Map": true, "HashMap": true, "TreeMap": true, "LinkedHashMap": true, "ListMap": true, "TrieMap": true,
	"Hashtable": true, "HttpHeaders": true, "LinkedMultiValueMap": true, "ConcurrentHashMap": true, "Headers": true, "Builder": true, "Properties": true}

// callSets reads calls that make or change headers; nil for any other.
func (m *module) callSets(c *call, in *frame) []headerSet {
	if len(m.functionsOf(c, in)) > 0 {
		return nil
	}
	_, name := cutLast(c.name)
	sets := []headerSet{{}}
	switch {
	case isHeaderMaker(name, c):
		return m.addField(sets, ref{c.args[0].n, in}, ref{c.args[1].n, in})
	case mapMakers[name] && c.made && (len(c.args) == 0 || c.args[0].n.Is("integer_literal", "decimal_integer_literal")):
		return sets
	case name == "HttpEntity" && c.made && len(c.args) > 0:
		return m.headerSets(ref{c.args[len(c.args)-1].n, in}) // Spring's: body, then headers
	case mapMakers[name] && c.made && len(c.args) == 1:
		return m.headerSets(ref{c.args[0].n, in})
	case mapMakers[name] || collections[name] && name != "of":
		for _, a := range c.args {
			sets = merged(sets, m.headerSets(ref{a.n, in}))
		}
		return sets
	case (name == "of" || name == "ofEntries" || name == "entry" || name == "singletonMap" || name == "singletonList" || name == "asList") && c.recv.OK():
		_, on := cutLast(c.recv.Text())
		if strings.Contains(on, "List") || strings.Contains(on, "Set") || name == "ofEntries" || on == "Arrays" || name == "asList" || name == "singletonList" {
			for _, a := range c.args {
				sets = merged(sets, m.headerSets(ref{a.n, in}))
			}
			return sets
		}
		return m.pairs(sets, c.args, in)
	case name == "empty" || name == "newBuilder" || name == "emptyMap" || name == "newHashMap":
		return sets
	case (name == "toMap" || name == "toSeq" || name == "toList" || name == "asJava" || name == "asScala" || name == "build" || name == "result" || name == "toArray" || name == "copy") && c.recv.OK():
		return m.headerSets(ref{c.recv, in})
	case (name == "put" || name == "add" || name == "set" || name == "updated" || name == "header" || name == "addHeader") && len(c.args) == 2 && c.recv.OK():
		return m.addField(m.headerSets(ref{c.recv, in}), ref{c.args[0].n, in}, ref{c.args[1].n, in})
	}
	return nil
}

// isHeaderMaker reports RawHeader(n, v), new BasicHeader(n, v), Header(n, v)
// and Header.Raw(n, v).
func isHeaderMaker(name string, c *call) bool {
	if len(c.args) != 2 {
		return false
	}
	return strings.HasSuffix(name, "Header") && name[0] >= 'A' && name[0] <= 'Z' || name == "Raw" && c.recv.OK() && lastWord(c.recv.Text()) == "Header"
}

// pairs reads name, value, name, value.
func (m *module) pairs(sets []headerSet, args []arg, in *frame) []headerSet {
	for i := 0; i+1 < len(args); i += 2 {
		sets = m.addField(sets, ref{args[i].n, in}, ref{args[i+1].n, in})
	}
	return sets
}

// stepSets follows a name or a call one step back and applies the changes of
// the variable.
func (m *module) stepSets(r ref) []headerSet {
	if m.open[r] {
		return []headerSet{{}} // the variable itself, met again on the way
	}
	m.open[r] = true
	defer delete(m.open, r)
	if r.n.Is("array_initializer", "array_creation_expression") {
		if items, ok := m.sequence(r); ok {
			sets := []headerSet{{}}
			for _, i := range items {
				sets = merged(sets, m.headerSets(i))
			}
			return sets
		}
	}
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
	if !complete || len(out) == 0 {
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

// branchCondition is the condition under which a value is the one that
// reaches a use.
func (m *module) branchCondition(at, use node) string {
	if at.Tree() != use.Tree() {
		return ""
	}
	for _, b := range branchesAround(at, use) {
		if c := branchOwner(b).Field("condition"); c.OK() {
			return short(unwrapped(c))
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
				return "the headers come from the parameter " + b.name
			case bindImport:
				return "the headers come from " + b.qualified
			}
		}
	}
	return "the headers come from " + short(r.n)
}

// addField adds a header to each set; a name that is not known may be any.
func (m *module) addField(sets []headerSet, name, value ref) []headerSet {
	var out []headerSet
	for _, v := range m.evalIn(name) {
		text, ok := v.Known()
		for _, s := range sets {
			if ok {
				s = s.with(text, value)
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

// changesOf are the changes of the map or list that a variable holds.
func (m *module) changesOf(n node) []*call {
	if n.Kind() != "identifier" && !n.Is("field_access", "field_expression") {
		return nil
	}
	return m.callsOn(ref{n: n})
}

// applyChange applies a change of a variable to what it may hold. A change
// that may not have happened gives both.
func (m *module) applyChange(sets []headerSet, c *call, use ref) []headerSet {
	in := use.in.within(m.scopeOf(c.n))
	at := func(i int) ref { return ref{c.args[i].n, in} }
	var after []headerSet
	switch {
	case len(c.args) == 2 && (c.name == "put" || c.name == "add" || c.name == "set" || c.name == "update" || c.name == "addHeader" || c.name == "setHeader" || c.name == "putIfAbsent"):
		after = m.addField(sets, at(0), at(1))
	case len(c.args) == 1 && (c.name == "+=" || c.name == "++=" || c.name == "add" || c.name == "putAll" || c.name == "append" || c.name == "addAll" || c.name == "addOne"):
		after = merged(sets, m.headerSets(at(0)))
	case len(c.args) == 1 && (c.name == "remove" || c.name == "-="):
		if text, ok := m.constant(at(0)); ok {
			for _, s := range sets {
				after = append(after, s.without(text))
			}
		}
	case c.name == "clear":
		after = []headerSet{{}}
	}
	if after == nil {
		return sets
	}
	return m.conditionally(sets, after, c.n, use)
}

// conditionally is what sets become by code at n, which may not run before
// the use: both then.
func (m *module) conditionally(before, after []headerSet, n node, use ref) []headerSet {
	when, runs := m.condition(n, use)
	switch runs {
	case -1:
		return before
	case 1:
		return after
	}
	var out []headerSet
	for _, s := range append(append([]headerSet(nil), after...), before...) {
		if s.When == "" {
			s.When = when
		}
		out = append(out, s)
	}
	return out[:min(len(out), maxAlternatives)]
}

// condition says whether code at a point has run when use runs: 1 it has, -1
// it has not, 0 under the condition that is returned.
func (m *module) condition(at node, use ref) (when string, runs int) {
	around := use.n
	if m.scopeOf(at).function() != m.scopeOf(use.n).function() {
		around = node{}
	}
	for f := m.scopeOf(at).function(); f != nil && !use.n.Inside(f.def); f = f.parent.function() {
		if of, ok := m.optional(f.def); ok {
			r := ref{of, use.in.within(m.scopeOf(of))}
			switch none := m.isNone(r); {
			case none == 1:
				return "", -1
			case none == 0 && !m.isSome(r, 0):
				return short(of), 0
			}
		}
	}
	for _, branch := range branchesAround(at, around) {
		stmt := branchOwner(branch)
		if isLoop(stmt) || stmt.Is("try_expression", "try_statement", "try_with_resources_statement") && branch.Kind() != "catch_clause" {
			continue // a loop or a try usually runs
		}
		cond := stmt.Field("condition")
		if !cond.OK() {
			if match := stmt.Parent(); match.Kind() == "match_expression" {
				return short(match.Field("value")) + " match", 0
			}
			return short(stmt), 0
		}
		truth := m.truth(ref{cond, use.in.within(m.scopeOf(at))})
		if branch.FieldName() == "alternative" {
			truth = -truth
		}
		switch truth {
		case -1:
			return "", -1
		case 0:
			return short(unwrapped(cond)), 0
		}
	}
	return "", 1
}

// truth is what is known of a condition: 1 it holds, -1 it does not, 0 not
// known.
func (m *module) truth(r ref) int {
	n := unwrapped(r.n)
	r = ref{n, r.in}
	switch n.Kind() {
	case "boolean_literal", "true", "false":
		if n.Text() == "true" {
			return 1
		}
		return -1
	}
	left, op, right := operands(n)
	if op == "==" || op == "!=" || op == "eq" || op == "ne" {
		if isNull(left) {
			left, right = right, left
		}
		if isNull(unwrapped(right)) {
			null := m.isNone(ref{left, r.in})
			if op == "!=" || op == "ne" {
				return -null
			}
			return null
		}
		return 0
	}
	if c, ok := m.callAt(n); ok && c.recv.OK() && len(c.args) == 0 {
		switch c.name {
		case "isDefined", "nonEmpty", "isPresent":
			return -m.isNone(ref{c.recv, r.in})
		case "isEmpty":
			return m.isNone(ref{c.recv, r.in})
		}
	}
	return 0
}

// isNone says whether an expression is null, None or empty: 1 it is, -1 it is
// not, 0 not known.
func (m *module) isNone(r ref) int {
	refs, complete := m.defsIn(r)
	none, some, unknown := 0, 0, 0
	for _, d := range refs {
		switch {
		case isNull(d.n):
			none++
		case isText(d.n):
			if text, ok := m.constant(d); ok && text == "" {
				none++
			} else {
				some++
			}
		case d == r || d.n.Is("identifier"):
			unknown++
		default:
			some++
		}
	}
	switch {
	case unknown > 0 || none > 0 && some > 0 || len(refs) == 0 || !complete:
		return 0
	case none > 0:
		return 1
	}
	return -1
}
