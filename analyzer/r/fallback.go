package r

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
		at := f.c.n
		if f.atCaller != nil {
			at = f.atCaller.n
		}
		f.req.Fallback = m.fallback(f, at, 0)
	}
}

// markKnowing notes the calls that ask for a token or send one, and the calls
// of functions that hold such calls.
func (m *module) markKnowing() {
	var work []node
	mark := func(n node) {
		if !m.knowing[n] {
			m.knowing[n] = true
			work = append(work, n)
		}
	}
	for _, f := range m.found {
		if f.asksToken || f.req.Token == facts.TokenPresent {
			mark(f.c.n)
		}
	}
	for len(work) > 0 {
		n := work[0]
		work = work[1:]
		if s := m.scopeOf(n); s.def.OK() {
			for _, at := range m.callSites(s.def) {
				mark(at.c.n)
			}
		}
	}
}

// knows reports whether code inside n asks for a token or sends one; the call
// itself does not count.
func (m *module) knows(n, but node) bool {
	for k := range m.knowing {
		if k.Inside(n) && k != but && !but.Inside(k) {
			return true
		}
	}
	return false
}

// fallback says why the call at n is a way around tokens, empty when it is
// not. A function is one when all its calls are.
func (m *module) fallback(f *found, n node, depth int) string {
	if len(m.knowing) == 0 {
		return ""
	}
	if why := m.fallbackAt(n); why != "" {
		return why
	}
	s := m.scopeOf(n)
	if !s.def.OK() || depth > 3 {
		return ""
	}
	if depth == 0 && m.askedWithToken(f, s) {
		return "the same address is asked with a token in this function"
	}
	why := ""
	for _, at := range m.callSites(s.def) {
		if at.c.n.Inside(s.def) || m.knowing[at.c.n] && depth == 0 && m.knows(s.def, n) {
			continue
		}
		if why = m.fallback(f, at.c.n, depth+1); why == "" {
			return ""
		}
	}
	return why
}

// askedWithToken reports whether the function asks the same address with a
// token elsewhere.
func (m *module) askedWithToken(f *found, s *scope) bool {
	for _, g := range m.found {
		if g.req.Token != facts.TokenPresent || g.asksToken || m.scopeOf(g.c.n) != s {
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

// fallbackAt looks at the code around the call: handlers of tryCatch, the
// branches of if.
func (m *module) fallbackAt(n node) string {
	for c := n; c.OK(); c = c.Parent() {
		p := c.Parent()
		if p.Is("if_statement") && c.FieldName() != "condition" {
			for _, branch := range []node{p.Field("consequence"), p.Field("alternative")} {
				if branch.OK() && branch != c && m.knows(branch, n) {
					return "runs without a token where `" + short(p.Field("condition")) + "` says so"
				}
			}
			if why := m.retried(n, p); why != "" {
				return why
			}
		}
		if p.Is("braced_expression", "program") {
			if why := m.retriedAfter(n, c); why != "" {
				return why
			}
		}
		if p.Is("argument") {
			if why := m.handler(n, p); why != "" {
				return why
			}
		}
	}
	return ""
}

// handler is about tryCatch(with a token, error = function(e) without one),
// and the other way round.
func (m *module) handler(n, a node) string {
	c := m.callAt[a.Parent().Parent()]
	if !m.is(c, "tryCatch", "try", "withCallingHandlers") {
		return ""
	}
	handles := nameOf(a.Field("name"))
	for _, other := range c.args {
		if other.n == a || !other.n.OK() || !m.knows(other.n, n) {
			continue
		}
		if handles != "" && handles != "expr" && handles != "finally" {
			return "runs without a token when the code above, which uses one, fails"
		}
		if other.name != "" && other.name != "expr" && other.name != "finally" {
			return "tries without a token first and uses one only when that fails"
		}
	}
	return ""
}

// retried is about `if (failed) …` after code that uses a token.
func (m *module) retried(n, cond node) string {
	text := strings.ToLower(cond.Field("condition").Text())
	if !strings.Contains(text, "token") && !strings.Contains(text, "null") && !strings.Contains(text, "error") && !strings.Contains(text, "status") {
		return ""
	}
	for _, name := range m.namesIn(cond.Field("condition")) {
		for _, c := range m.sourceCalls(ref{n: name}) {
			if m.knowing[c.n] && !n.Inside(c.n) && m.before(c.n, n) {
				return "runs without a token where `" + short(cond.Field("condition")) + "`"
			}
		}
	}
	return ""
}

// retriedAfter is about a request whose answer decides whether a token is
// used.
func (m *module) retriedAfter(n, stmt node) string {
	target, _, _, ok := assignment(stmt)
	if !ok || !target.Is("identifier") {
		return ""
	}
	for s := stmt.Next(); s.OK(); s = s.Next() {
		if !s.Is("if_statement") || !m.knows(s, n) {
			continue
		}
		for _, name := range m.namesIn(s.Field("condition")) {
			if name.Text() == target.Text() {
				return "asks without a token first and uses one only when that is refused"
			}
		}
	}
	return ""
}

// namesIn are the names in an expression.
func (m *module) namesIn(n node) []node {
	var out []node
	if !n.OK() {
		return nil
	}
	for i := n.Index(); i < n.After() && len(out) < maxRefs; i++ {
		if c := n.Tree().At(i); c.Is("identifier") && c.FieldName() != "function" {
			out = append(out, c)
		}
	}
	return out
}
