package shell

import (
	"strings"

	"mvdan.cc/sh/v3/syntax"

	"github.com/imdsscan/imdsscan/analyzer/facts"
)

// fallback says why a request without a token is a way around tokens in code
// that knows them, empty when it is not.
func (a *analysis) fallback(r *record) string {
	if len(a.tokens) == 0 && !a.aware {
		return ""
	}
	var child syntax.Node = r.call
	for n := a.parents[r.call]; n != nil; child, n = n, a.parents[n] {
		switch n := n.(type) {
		case *syntax.FuncDecl:
			return ""
		case *syntax.BinaryCmd:
			if n.Op != syntax.OrStmt && n.Op != syntax.AndStmt {
				continue
			}
			if child == n.Y && a.knowsToken(n.X) {
				if n.Op == syntax.OrStmt {
					return "runs without a token when the way with one fails"
				}
				if testsEmpty(a.text(n.X)) {
					return "runs without a token when there is none"
				}
			}
			if child == n.X && n.Op == syntax.OrStmt && a.knowsToken(n.Y) {
				return "tries without a token first"
			}
		case *syntax.IfClause:
			if why := a.fallbackIf(n, child); why != "" {
				return why
			}
		}
	}
	return a.triedFirst(r)
}

func (a *analysis) anyToken() bool {
	for _, r := range a.order {
		if r.first != nil && (r.first.Token == facts.TokenPresent || a.isTokenRequest(r)) {
			return true
		}
	}
	return false
}

// fallbackIf looks at an if whose condition or branch holds the request.
func (a *analysis) fallbackIf(n *syntax.IfClause, child syntax.Node) string {
	inCond := false
	for _, s := range n.Cond {
		inCond = inCond || s == child
	}
	if inCond {
		for _, s := range n.Then {
			if a.knowsToken(s) {
				return "tries without a token first"
			}
		}
		if n.Else != nil && a.knowsToken(n.Else) {
			return "tries without a token first"
		}
		return ""
	}
	for _, s := range n.Cond {
		if a.knowsToken(s) {
			return "runs without a token when there is none"
		}
	}
	// The branch beside: `if [ -n "$X" ]; then with token; else without`.
	head := n
	for {
		p, ok := a.parents[head].(*syntax.IfClause)
		if !ok {
			break
		}
		head = p
	}
	for b := head; b != nil; b = b.Else {
		for _, s := range b.Then {
			if s != child && b != n && a.knowsToken(s) {
				return "one way of this if uses a token, this one does not"
			}
		}
	}
	return ""
}

// knowsToken is true for code that fetches, sends or tests a token.
func (a *analysis) knowsToken(n syntax.Node) bool {
	if known, ok := a.knows[n]; ok {
		return known
	}
	top, found := n, false
	syntax.Walk(n, func(n syntax.Node) bool {
		switch n := n.(type) {
		case *syntax.CallExpr:
			r := a.records[n]
			if r != nil && r.first != nil && (r.first.Token == facts.TokenPresent || a.isTokenRequest(r)) {
				found = true
			}
		case *syntax.ParamExp:
			if n.Param != nil && a.tokens[n.Param.Value] {
				found = true
			}
		}
		return !found
	})
	a.knows[top] = found
	return found
}

func testsEmpty(s string) bool { return strings.Contains(s, "-z ") }

// triedFirst finds `X=$(curl URL)` followed by an if on $X that goes on with
// a token.
func (a *analysis) triedFirst(r *record) string {
	into := a.assignedFrom(r.call)
	if len(into) == 0 {
		return ""
	}
	var as syntax.Node = r.call
	for ; as != nil; as = a.parents[as] {
		if _, ok := as.(*syntax.Assign); ok {
			break
		}
	}
	list, i := a.listOf(a.stmtOf(as))
	for _, s := range list[min(i+1, len(list)):min(i+3, len(list))] {
		c, ok := s.Cmd.(*syntax.IfClause)
		if !ok {
			continue
		}
		tests := false
		for _, cond := range c.Cond {
			for _, v := range paramNames(cond) {
				tests = tests || into[v]
			}
		}
		if !tests {
			continue
		}
		for _, t := range c.Then {
			if a.knowsToken(t) {
				return "tries without a token first"
			}
		}
	}
	return ""
}
