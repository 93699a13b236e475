package jvm

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
		at := f.call.n
		if f.atCaller {
			at = f.in.site.n
		}
		f.req.Fallback = m.fallback(f, at, 0)
	}
}

// markKnowing notes the calls that ask for a token or send one, and the calls
// of functions that hold such calls.
func (m *module) markKnowing() {
	m.knowing = map[node]bool{}
	var work []node
	mark := func(n node) {
		if !m.knowing[n] {
			m.knowing[n] = true
			work = append(work, n)
		}
	}
	for _, f := range m.found {
		if f.asksToken || f.req.Token == facts.TokenPresent {
			mark(f.call.n)
		}
	}
	for len(work) > 0 {
		n := work[0]
		work = work[1:]
		if fn := m.scopeOf(n).function(); fn != nil {
			for _, s := range m.callSites(fn.def) {
				mark(s.n)
			}
		}
	}
}

// knows reports whether code inside n asks for a token or sends one; the call
// itself does not count.
func (m *module) knows(n, but node) bool {
	if !n.OK() || len(m.knowing) == 0 {
		return false
	}
	for i := n.Index(); i < n.After(); i++ {
		if c := n.Tree().At(i); m.knowing[c] && c != but && !but.Inside(c) {
			return true
		}
	}
	return false
}

// fallback says why the call at n is a way around tokens, empty when it is
// not. A function is one when all its calls are.
func (m *module) fallback(f *found, n node, depth int) string {
	if why := m.fallbackAt(n); why != "" {
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
		if s.n.Inside(fn.def) || m.knowing[s.n] && depth == 0 && m.knows(fn.def.Field("body"), n) {
			continue
		}
		if why = m.fallback(f, s.n, depth+1); why == "" {
			return ""
		}
	}
	return why
}

// askedWithToken reports whether the function asks the same address with a
// token elsewhere.
func (m *module) askedWithToken(f *found, fn *scope) bool {
	for _, g := range m.found {
		if g.req.Token != facts.TokenPresent || g.asksToken || m.scopeOf(g.call.n).function() != fn {
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

func (m *module) fallbackAt(n node) string {
	for c := n; c.OK(); c = c.Parent() {
		if isFunction(c) && !(isLambda(c) && m.takerOf(c) != nil) {
			return ""
		}
		stmt := c.Parent()
		switch {
		case stmt.Is("try_expression", "try_statement", "try_with_resources_statement"):
			if c.Kind() == "catch_clause" && m.knows(stmt.Field("body"), n) {
				return "runs without a token when the code above, which uses one, fails"
			}
			if c.FieldName() == "body" {
				for e := stmt.First(); e.OK(); e = e.Next() {
					if e.Kind() == "catch_clause" && m.knows(e, n) && !m.knows(c, n) {
						return "tries without a token first and uses one only when that fails"
					}
				}
			}
		case stmt.Is("if_expression", "if_statement", "ternary_expression"):
			if why := m.fallbackInIf(n, c, stmt); why != "" {
				return why
			}
		case c.Kind() == "case_clause":
			for s := stmt.First(); s.OK(); s = s.Next() {
				if s != c && s.Kind() == "case_clause" && m.knows(s, n) {
					return "runs without a token where another case uses one"
				}
			}
		}
		// Try(v2).getOrElse(v1), v2.orElse(v1), recover { case _ => v1 }
		if call, ok := m.callAt(stmt.Parent()); ok && m.isArgumentList(stmt) && call.recv.OK() {
			switch call.name {
			case "getOrElse", "orElse", "recover", "recoverWith", "orElseGet", "fallbackTo", "exceptionally":
				if m.knows(call.recv, n) {
					return "runs without a token when the code before, which uses one, fails"
				}
				for _, src := range m.sourceCalls(ref{n: call.recv}) {
					if m.knowing[src] {
						return "runs without a token when the code before, which uses one, fails"
					}
				}
			}
		}
		if why := m.afterReturn(n, c, stmt); why != "" {
			return why
		}
	}
	return ""
}

// fallbackInIf is about `if (token) … else …`.
func (m *module) fallbackInIf(n, branch, stmt node) string {
	if branch.FieldName() == "condition" {
		return ""
	}
	cond := unwrapped(stmt.Field("condition"))
	for c := stmt.First(); c.OK(); c = c.Next() {
		if c != branch && isBranch(c) && m.knows(c, n) {
			return "runs without a token where `" + short(cond) + "` says so"
		}
	}
	if branch.FieldName() == "consequence" && m.asksForToken(cond) && noToken(cond) {
		return "runs without a token where `" + short(cond) + "`"
	}
	return ""
}

// noToken reports a condition that holds where there is no token.
func noToken(cond node) bool {
	text := cond.Text()
	return strings.HasPrefix(text, "!") || strings.Contains(text, "== null") || strings.Contains(text, "null ==") ||
		strings.HasSuffix(text, ".isEmpty") || strings.HasSuffix(text, ".isEmpty()")
}

// afterReturn is about `if (token != null) return …` before a request without
// one, and about an answer that decides whether a token is used.
func (m *module) afterReturn(n, stmt, block node) string {
	if !block.Is("block", "indented_block", "compilation_unit", "template_body", "constructor_body") {
		return ""
	}
	for s := stmt.Next(); s.OK(); s = s.Next() {
		if s.Is("if_expression", "if_statement") && m.knows(s, n) && textHas(s.Field("condition"), "401", "403", "UNAUTHORIZED", "Unauthorized", "status", "Status", "code") {
			return "asks without a token first and uses one only when that is refused"
		}
	}
	for s := block.First(); s.OK() && s != stmt; s = s.Next() {
		if !s.Is("if_expression", "if_statement") || s.Field("alternative").OK() || !m.asksForToken(s.Field("condition")) {
			continue
		}
		body := s.Field("consequence")
		last := body
		if body.Is("block") {
			last = lastNamed(body)
		}
		if m.knows(body, n) && last.Is("return_expression", "return_statement", "throw_statement", "throw_expression") {
			return "runs without a token where `" + short(unwrapped(s.Field("condition"))) + "` does not hold"
		}
	}
	return ""
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

// asksForToken reports whether a condition asks whether there is a token.
func (m *module) asksForToken(cond node) bool {
	if !cond.OK() {
		return false
	}
	for i := cond.Index(); i < cond.After(); i++ {
		c := cond.Tree().At(i)
		if c.Kind() != "identifier" {
			continue
		}
		if strings.Contains(strings.ToLower(c.Text()), "token") {
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
// methods, arguments of functions that are not seen, names and texts.
func (m *module) sourceCalls(r ref) []node {
	var out []node
	m.sources(r, func(r ref) bool {
		out = append(out, r.n)
		return true
	})
	return out
}

// sources visits those calls; visit says whether to look behind one.
func (m *module) sources(r ref, visit func(ref) bool) {
	seen := map[ref]bool{}
	var walk func(r ref, depth int)
	walk = func(r ref, depth int) {
		if !r.n.OK() || seen[r] || depth > 40 || len(seen) > 400 || m.spent() {
			return
		}
		seen[r] = true
		if isText(r.n) {
			if ps, ok := m.pieces(r.n); ok {
				for _, p := range ps {
					walk(ref{p.hole, r.in}, depth+1)
				}
			}
			return
		}
		if left, op, right := operands(r.n); op != "" {
			walk(ref{left, r.in}, depth+1)
			walk(ref{right, r.in}, depth+1)
		}
		if c, ok := m.callAt(r.n); ok {
			if !visit(r) {
				return
			}
			walk(ref{c.recv, r.in}, depth+1)
			if len(m.functionsOf(c, r.in)) == 0 {
				for _, a := range c.args {
					if !isFunction(a.n) {
						walk(ref{a.n, r.in}, depth+1)
					}
				}
			}
		}
		refs, _ := m.step(r)
		for _, d := range refs {
			if d != r {
				walk(d, depth+1)
			}
		}
	}
	walk(r, 0)
}
