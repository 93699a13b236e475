package jvm

import "slices"

// reaching are the bindings of the name that a use at n may see.
func (m *module) reaching(n node, name string) []*binding {
	use := m.scopeOf(n)
	owner := m.owner(use, name)
	if owner == nil {
		return nil
	}
	return m.visible(owner, name, n)
}

// visible are the bindings of a name of the scope that matter at n.
func (m *module) visible(owner *scope, name string, n node) []*binding {
	all := owner.names[name]
	if owner.kind == classScope && len(all) > 0 && !slices.ContainsFunc(all, func(b *binding) bool { return !isUnset(b) }) {
		if given := m.overrides(owner, name); len(given) > 0 {
			return given
		}
	}
	if len(all) == 1 {
		return all
	}
	at := m.place(n)
	all = m.declared(owner, all, at)
	assigned := false
	for _, b := range all {
		assigned = assigned || b.assigned
	}
	if assigned {
		all = slices.DeleteFunc(slices.Clone(all), isUnset)
	}
	if !assigned || owner.kind == classScope || owner.runsIn() != m.scopeOf(n).runsIn() {
		return all
	}
	var out []*binding
	var killer *binding
	branches := map[node]map[node]bool{}
	for i := len(all) - 1; i >= 0 && killer == nil; i-- {
		b := all[i]
		if at.before(b.at) || m.exclusive(b.target, n) {
			continue
		}
		out = append(out, b)
		switch open := branchesAround(b.target, n); {
		case len(open) == 0:
			killer = b
		case len(open) == 1:
			stmt := branchOwner(open[0])
			if branches[stmt] == nil {
				branches[stmt] = map[node]bool{}
			}
			branches[stmt][open[0]] = true
			if len(branches[stmt]) == branchCount(stmt) {
				killer = b
			}
		}
	}
	slices.Reverse(out)
	for _, b := range all {
		if at.before(b.at) && comesRound(b, n, killer) {
			out = append(out, b)
		}
	}
	if len(out) == 0 {
		return all
	}
	return out
}

// isUnset reports a declaration that leaves the value to an assignment or to
// another class.
func isUnset(b *binding) bool {
	if b.kind == bindDef {
		return b.value.Kind() == "method_declaration" && !b.value.Field("body").OK()
	}
	return b.kind == bindOpaque && b.target.Parent().Is("variable_declarator", "val_declaration", "var_declaration", "function_declaration")
}

// declared leaves out the declarations that a later cell replaces: a name of
// the session means the last one before the use.
func (m *module) declared(owner *scope, all []*binding, at place) []*binding {
	if owner.kind != sessionScope {
		return all
	}
	last := -1
	for i, b := range all {
		if !b.assigned && (last < 0 || !at.before(b.at)) {
			last = i
		}
	}
	if last < 0 {
		return all
	}
	from := last
	to := last + 1
	// Overloads, and a class with its companion, stand in one unit.
	together := func(b *binding) bool {
		return b.kind == bindDef && all[last].kind == bindDef && b.at.unit == all[last].at.unit
	}
	for from > 0 && together(all[from-1]) {
		from--
	}
	for to < len(all) && together(all[to]) {
		to++
	}
	for to < len(all) && all[to].assigned {
		to++
	}
	return all[from:to]
}

// comesRound reports whether a binding after the use reaches it through a
// loop around both that does not bind the name anew before the use.
func comesRound(b *binding, use node, killer *binding) bool {
	for l := use.Parent(); l.OK() && !isFunction(l); l = l.Parent() {
		if isLoop(l) && b.target.Inside(l) {
			return killer == nil || !killer.target.Inside(l)
		}
	}
	return false
}

func isLoop(n node) bool {
	return n.Is("while_expression", "do_while_expression", "for_expression", "while_statement", "do_statement", "for_statement", "enhanced_for_statement")
}

// isBranch reports whether n is a part of a statement that may not run.
func isBranch(n node) bool {
	p := n.Parent()
	switch p.Kind() {
	case "if_expression", "if_statement", "ternary_expression":
		return n.IsNamed() && (n.FieldName() == "consequence" || n.FieldName() == "alternative")
	case "while_expression", "for_expression", "while_statement", "for_statement", "enhanced_for_statement":
		return n.FieldName() == "body"
	case "try_expression":
		return n.Kind() == "catch_clause" || n.FieldName() == "body" && p.Child("catch_clause").OK()
	case "try_statement", "try_with_resources_statement":
		return n.Kind() == "catch_clause" || n.FieldName() == "body" && p.Child("catch_clause").OK()
	}
	if n.Kind() == "case_clause" {
		return hasSibling(n) // a single one only takes a value apart
	}
	return n.Is("switch_block_statement_group", "switch_rule")
}

// hasSibling reports whether there is another node of the same kind beside n.
func hasSibling(n node) bool {
	for c := n.Parent().First(); c.OK(); c = c.Next() {
		if c != n && c.Kind() == n.Kind() {
			return true
		}
	}
	return false
}

// branchOwner is the statement of which n is a branch.
func branchOwner(n node) node { return n.Parent() }

// branchesAround are the branches that hold n but not other, innermost first,
// inside the function of n.
func branchesAround(n, other node) []node {
	var out []node
	for c := n; c.OK() && !isFunction(c); c = c.Parent() {
		if c != n && other.OK() && other.Inside(c) {
			break
		}
		if isBranch(c) {
			out = append(out, c)
		}
	}
	return out
}

// branchCount is how many branches a statement has of which exactly one runs
// to its end, -1 when it may run none.
func branchCount(stmt node) int {
	switch stmt.Kind() {
	case "if_expression", "if_statement", "ternary_expression":
		if !stmt.Field("alternative").OK() {
			return -1
		}
		return 2
	case "try_expression", "try_statement", "try_with_resources_statement", "case_block":
		n := 0
		for c := stmt.First(); c.OK(); c = c.Next() {
			if isBranch(c) {
				n++
			}
		}
		return n
	}
	return -1
}

// exclusive reports whether other stands in a branch that did not run when
// the use in another branch of the same statement does.
func (m *module) exclusive(other, use node) bool {
	for c := other; c.OK() && !isFunction(c); c = c.Parent() {
		if use.Inside(c) {
			return false
		}
		stmt := branchOwner(c)
		if !isBranch(c) || !use.Inside(stmt) {
			continue
		}
		switch {
		case stmt.Is("if_expression", "if_statement", "ternary_expression", "case_block"):
			return !inLoop(stmt)
		case stmt.Is("try_expression", "try_statement", "try_with_resources_statement"):
			return c.Kind() == "catch_clause" && !use.Up("finally_clause").Inside(stmt) && !inLoop(stmt)
		}
	}
	return false
}

// inLoop reports whether a loop of the same function holds n.
func inLoop(n node) bool {
	for c := n.Parent(); c.OK() && !isFunction(c); c = c.Parent() {
		if isLoop(c) {
			return true
		}
	}
	return false
}
