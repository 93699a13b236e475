package python

import (
	"strings"

	"github.com/imdsscan/imdsscan/analyzer/facts"
)

// fallbacks marks requests without a token that are a way around tokens in
// code that knows them.
func (m *module) fallbacks() {
	m.markKnowing()
	for _, f := range m.found {
		if f.req.Token != facts.TokenAbsent || f.asksToken || f.otherCloud || f.req.Fallback != "" {
			continue
		}
		at := f.call
		if f.atCaller {
			at = f.in.call().site.call
		}
		f.req.Fallback = m.fallback(f, at, 0)
	}
}

// markKnowing notes the calls that ask for a token or send one, and the
// functions that hold such calls.
func (m *module) markKnowing() {
	m.knowing = map[node]bool{}
	var work []node
	mark := func(call node) {
		if !m.knowing[call] {
			m.knowing[call] = true
			work = append(work, call)
		}
	}
	for _, f := range m.found {
		if f.asksToken || f.req.Token == facts.TokenPresent {
			mark(f.call)
		}
	}
	for len(work) > 0 {
		call := work[0]
		work = work[1:]
		if fn := m.scopeOf(call).function(); fn != nil {
			for _, s := range m.callSites(fn.def) {
				mark(s.call)
			}
		}
	}
}

// knows reports whether code inside n asks for a token or sends one; the call
// itself does not count.
func (m *module) knows(n, but node) bool {
	if !n.OK() {
		return false
	}
	tree := n.Tree()
	for i := n.Index(); i < n.After(); i++ {
		if c := tree.At(i); m.knowing[c] && c != but && !but.Inside(c) {
			return true
		}
	}
	return false
}

// fallback says why the call at n is a way around tokens, empty when it is
// not. A function is one when all its calls are.
func (m *module) fallback(f *found, n node, depth int) string {
	if why := m.fallbackAt(f, n); why != "" {
		return why
	}
	fn := m.scopeOf(n).function()
	if fn == nil || depth > 3 {
		return ""
	}
	if depth == 0 && m.askedWithToken(f, fn) {
		return "the same address is asked with a token in this function"
	}
	why := ""
	for _, s := range m.callSites(fn.def) {
		if m.knowing[s.call] && depth == 0 && m.knows(fn.def.Field("body"), n) {
			continue
		}
		if s.call.Inside(fn.def) {
			continue
		}
		if why = m.fallback(f, s.call, depth+1); why == "" {
			return ""
		}
	}
	return why
}

// askedWithToken reports whether the function asks the same address with a
// token elsewhere.
func (m *module) askedWithToken(f *found, fn *scope) bool {
	for _, g := range m.found {
		if g.req.Token != facts.TokenPresent || g.asksToken || m.scopeOf(g.call).function() != fn {
			continue
		}
		for _, u := range g.req.URLs {
			for _, v := range f.req.URLs {
				if u.String() == v.String() {
					return true
				}
			}
		}
	}
	return false
}

func (m *module) fallbackAt(f *found, n node) string {
	for c := n; c.OK() && !c.Is("function_definition", "lambda"); c = c.Parent() {
		stmt := c.Parent()
		switch stmt.Kind() {
		case "try_statement":
			if c.Kind() == "except_clause" && m.knows(stmt.Field("body"), n) {
				return "runs without a token when the code above, which uses one, fails"
			}
			if c.FieldName() == "body" {
				for e := stmt.First(); e.OK(); e = e.Next() {
					if e.Kind() == "except_clause" && m.knows(e, n) && !m.knows(c, n) {
						return "tries without a token first and uses one only when that fails"
					}
				}
			}
		case "if_statement":
			if why := m.fallbackInIf(f, n, c, stmt); why != "" {
				return why
			}
		case "conditional_expression":
			if m.knows(stmt, n) && aboutToken(stmt) {
				return "runs without a token where no token was given"
			}
		}
		if why := m.retried(f, n, c, stmt); why != "" {
			return why
		}
	}
	return ""
}

// fallbackInIf is about `if token: … else: …`.
func (m *module) fallbackInIf(f *found, n, branch, stmt node) string {
	if branch.FieldName() == "condition" {
		return ""
	}
	for c := stmt.First(); c.OK(); c = c.Next() {
		if c != branch && isBranch(c) && m.knows(c, n) {
			return "runs without a token where `" + short(stmt.Field("condition")) + "` says so"
		}
	}
	// if token: return v2(…), then the request without one.
	if cond := stmt.Field("condition"); aboutToken(cond) && strings.HasPrefix(cond.Text(), "not ") && branch.FieldName() == "consequence" && m.tokenName(cond) {
		return "runs without a token where `" + short(cond) + "`"
	}
	return ""
}

// retried is about a request without a token whose answer decides whether one
// is used, and about `if token: return …` before it.
func (m *module) retried(f *found, n, stmt, block node) string {
	if !block.Is("block", "module") {
		return ""
	}
	for s := stmt.Next(); s.OK(); s = s.Next() {
		if s.Kind() != "if_statement" {
			continue
		}
		cond := s.Field("condition")
		if m.knows(s, n) && (textHas(cond, "401", "403", "unauthorized", "UNAUTHORIZED", "status", "ok")) && m.sameAnswer(n, cond) {
			return "asks without a token first and uses one only when that is refused"
		}
	}
	for s := block.First(); s.OK() && s != stmt; s = s.Next() {
		if s.Kind() != "if_statement" || !m.tokenName(s.Field("condition")) || s.Child("else_clause", "elif_clause").OK() {
			continue
		}
		body := s.Field("consequence")
		if m.knows(body, n) && endsFlow(body) {
			return "runs without a token where `" + short(s.Field("condition")) + "` does not hold"
		}
	}
	return ""
}

// sameAnswer reports whether a condition asks about the answer of the call n.
func (m *module) sameAnswer(n, cond node) bool {
	a := n.Up("assignment")
	if !a.OK() {
		return false
	}
	name := a.Field("left").Text()
	tree := cond.Tree()
	for i := cond.Index(); i < cond.After(); i++ {
		if c := tree.At(i); c.Kind() == "identifier" && c.Text() == name {
			return true
		}
	}
	return false
}

// endsFlow reports whether a block leaves its function or loop.
func endsFlow(block node) bool {
	named := block.Named()
	return len(named) > 0 && named[len(named)-1].Is("return_statement", "raise_statement", "continue_statement", "break_statement")
}

func textHas(n node, words ...string) bool {
	text := n.Text()
	for _, w := range words {
		if strings.Contains(text, w) {
			return true
		}
	}
	return false
}

func aboutToken(n node) bool { return strings.Contains(strings.ToLower(n.Text()), "token") }

// tokenName reports whether a condition asks whether there is a token.
func (m *module) tokenName(cond node) bool {
	tree := cond.Tree()
	if tree == nil {
		return false
	}
	for i := cond.Index(); i < cond.After(); i++ {
		c := tree.At(i)
		if c.Kind() != "identifier" {
			continue
		}
		if aboutToken(c) {
			return true
		}
		for _, call := range m.sourceCalls(ref{n: c}) {
			if m.knowing[call] {
				return true
			}
		}
	}
	return false
}

// sourceCalls are the calls whose results an expression is made of: through
// attributes (`.text`), methods (`.read().decode()`) and names.
func (m *module) sourceCalls(r ref) []node {
	var out []node
	seen := map[ref]bool{}
	var walk func(r ref, depth int)
	walk = func(r ref, depth int) {
		if !r.n.OK() || seen[r] || depth > 40 || len(out) > maxDefs {
			return
		}
		seen[r] = true
		switch r.n.Kind() {
		case "attribute":
			walk(ref{r.n.Field("object"), r.in}, depth+1)
			refs, _ := m.step(r)
			for _, d := range refs {
				if d != r {
					walk(d, depth+1)
				}
			}
		case "subscript":
			walk(ref{r.n.Field("value"), r.in}, depth+1)
		case "call":
			out = append(out, r.n)
			fn := r.n.Field("function")
			if fn.Kind() == "attribute" {
				walk(ref{fn.Field("object"), r.in}, depth+1)
			}
			for _, a := range m.args(r.n).pos {
				if fn.Is("identifier") && fn.Text() == "str" || fn.Field("attribute").Text() == "broadcast" {
					walk(ref{a, r.in}, depth+1)
				}
			}
			refs, _ := m.step(r)
			for _, d := range refs {
				if d != r {
					walk(d, depth+1)
				}
			}
		case "identifier":
			refs, _ := m.step(r)
			for _, d := range refs {
				if d != r {
					walk(d, depth+1)
				}
			}
		case "parenthesized_expression", "await", "conditional_expression", "boolean_operator", "named_expression":
			refs, _ := m.step(r)
			for _, d := range refs {
				walk(d, depth+1)
			}
		case "string":
			for _, c := range r.n.Named() {
				if c.Kind() == "interpolation" {
					walk(ref{c.Field("expression"), r.in}, depth+1)
				}
			}
		case "binary_operator":
			walk(ref{r.n.Field("left"), r.in}, depth+1)
			walk(ref{r.n.Field("right"), r.in}, depth+1)
		}
	}
	walk(r, 0)
	return out
}
