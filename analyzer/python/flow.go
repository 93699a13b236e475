package python

import "slices"

// reaching are the bindings of the name that a use at n may see, in the order
// of the code. Branches are told apart by where they stand; a loop brings later
// bindings round.
func (m *module) reaching(n node, name string) []*binding {
	use := m.scopeOf(n)
	owner := use.owner(name)
	if owner == nil {
		return nil
	}
	all := owner.names[name]
	if len(all) == 1 {
		return all
	}
	if owner.function() != use.function() {
		// The function may run at any time after its definition.
		return all
	}
	at := m.place(n)
	var out []*binding
	branches := map[node]map[node]bool{} // bound branches of a statement
	var killer *binding
	for i := len(all) - 1; i >= 0 && killer == nil; i-- {
		b := all[i]
		if at.before(b.at) || m.exclusive(b, n) {
			continue
		}
		out = append(out, b)
		open := m.branchesAround(b.target, n)
		switch {
		case len(open) == 0:
			killer = b
		case len(open) == 1:
			stmt := open[0].Parent()
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
	if !m.inLoopWithin(n) {
		if len(out) == 0 {
			return all // the cells ran in another order
		}
		return out
	}
	for _, b := range all {
		if at.before(b.at) && m.comesRound(b, n, killer) {
			out = append(out, b)
		}
	}
	if len(out) == 0 {
		return all
	}
	return out
}

// comesRound reports whether a binding after the use reaches it through a
// loop around both that does not bind the name anew before the use.
func (m *module) comesRound(b *binding, use node, killer *binding) bool {
	for l := use.Parent(); l.OK(); l = l.Parent() {
		if l.Is("function_definition", "lambda") {
			return false
		}
		if l.Is("for_statement", "while_statement") && b.target.Inside(l) {
			return killer == nil || !killer.target.Inside(l)
		}
	}
	return false
}

// isBranch reports whether n is a part of a statement that may not run.
func isBranch(n node) bool {
	p := n.Parent()
	switch p.Kind() {
	case "if_statement", "elif_clause":
		return n.FieldName() == "consequence" || n.Is("elif_clause", "else_clause")
	case "for_statement", "while_statement":
		return n.FieldName() == "body" || n.Kind() == "else_clause"
	case "try_statement":
		return n.Is("except_clause", "except_group_clause", "else_clause") ||
			n.FieldName() == "body" && p.Child("except_clause", "except_group_clause").OK()
	case "conditional_expression", "boolean_operator", "case_clause":
		return true
	}
	return false
}

// branchesAround are the branches that hold n but not other, innermost first.
func (m *module) branchesAround(n, other node) []node {
	var out []node
	if d := n.Parent(); d.Is("function_definition", "class_definition") && n.FieldName() == "name" {
		n = d.Parent()
	}
	for c := n; c.OK() && !c.Is("function_definition", "lambda"); c = c.Parent() {
		if c != n && other.Inside(c) {
			break
		}
		// The consequence of an elif is one branch with its clause.
		if isBranch(c) && c.Parent().Kind() != "elif_clause" {
			out = append(out, c)
		}
	}
	return out
}

// branchCount is how many branches a statement has of which exactly one runs
// to its end, 0 when it may run none.
func branchCount(stmt node) int {
	n := 0
	switch stmt.Kind() {
	case "if_statement":
		if !stmt.Child("else_clause").OK() {
			return -1
		}
	case "try_statement":
		if stmt.Child("else_clause").OK() {
			return -1
		}
	default:
		return -1
	}
	for c := stmt.First(); c.OK(); c = c.Next() {
		if isBranch(c) {
			n++
		}
	}
	return n
}

// exclusive reports whether b stands in a branch that did not run when the
// use in another branch of the same statement does.
func (m *module) exclusive(b *binding, use node) bool {
	for c := b.target; c.OK() && !c.Is("function_definition", "lambda"); c = c.Parent() {
		if use.Inside(c) {
			return false
		}
		stmt := c.Parent()
		if !isBranch(c) || !use.Inside(stmt) {
			continue
		}
		switch stmt.Kind() {
		case "if_statement":
			return !m.inLoopWithin(stmt)
		case "try_statement":
			return c.Kind() == "except_clause" && !use.Up("finally_clause").Inside(stmt) && !m.inLoopWithin(stmt)
		}
	}
	return false
}

// inLoopWithin reports whether a loop of the same function holds stmt, so that
// another branch may have run the time before.
func (m *module) inLoopWithin(stmt node) bool {
	l := stmt.Up("for_statement", "while_statement", "function_definition", "lambda")
	return l.Is("for_statement", "while_statement")
}
