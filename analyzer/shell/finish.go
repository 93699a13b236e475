package shell

import (
	"strings"

	"mvdan.cc/sh/v3/syntax"

	"github.com/imdsscan/imdsscan/analyzer/command"
	"github.com/imdsscan/imdsscan/analyzer/facts"
	"github.com/imdsscan/imdsscan/analyzer/imds"
)

// finish turns the records into requests.
func (a *analysis) finish() {
	names := a.names()
	for _, r := range a.order {
		req := a.request(r)
		if req == nil {
			continue
		}
		r.first = req
		a.out.Requests = append(a.out.Requests, req)
	}
	a.aware = a.anyToken()
	for _, r := range a.order {
		req := r.first
		if req == nil || req.Token != facts.TokenAbsent || req.Misuse != "" || req.Depends != "" || a.isTokenRequest(r) {
			continue
		}
		req.Fallback = a.fallback(r)
		if r.inv.Unfixed {
			continue
		}
		if reaches(req.URLs, imds.AWS) || reaches(req.URLs, imds.Undecided) {
			req.Site = a.site(r, names)
			if req.Fallback != "" && req.Site.Refuse == "" {
				req.Site.Refuse = "the code asks without a token on purpose; a person decides whether that way is still wanted"
			}
		}
	}
}

func (a *analysis) request(r *record) *facts.Request {
	if r.depends == "" && !reaches(r.urls, imds.AWS) && !reaches(r.urls, imds.Undecided) && !reaches(r.urls, imds.OtherCloud) {
		return nil
	}
	if len(r.uses) == 0 && r.empty != "" {
		r.misuse = r.empty
	}
	req := &facts.Request{Unit: a.u, Span: a.span(r.call), Client: r.inv.Tool, Method: r.inv.Method, URLs: r.urls,
		Depends: r.depends, Related: r.calls}
	if !r.right {
		req.Misuse = r.misuse
	}
	for use, why := range r.uses {
		req.Token, req.Why = use, why
	}
	if len(r.uses) > 1 {
		req.Token, req.Why = facts.TokenUnknown, "not every call sends a token"
		if why := r.uses[facts.TokenUnknown]; why != "" {
			req.Why = why
		}
	}
	for _, u := range r.urls {
		for _, src := range u.Sources() {
			if k := imds.Classify(u).Kind; k != imds.Elsewhere && src.Text == a.u.Text && !req.Span.Contains(src.Span) {
				req.Related = append(req.Related, facts.Related{Unit: a.u, Source: src, Message: "the address is set here"})
				return req
			}
		}
	}
	return req
}

func reaches(urls []imds.Value, kind imds.Kind) bool {
	for _, u := range urls {
		if imds.Classify(u).Kind == kind {
			return true
		}
	}
	return false
}

func (a *analysis) isTokenRequest(r *record) bool {
	for _, u := range r.urls {
		if t := imds.Classify(u); t.Kind == imds.AWS && t.Token {
			return true
		}
	}
	return false
}

// names are all variable and function names of the unit.
func (a *analysis) names() map[string]bool {
	out := map[string]bool{}
	for n := range a.u.Vars {
		out[n] = true
	}
	for n := range a.funcs {
		out[n] = true
	}
	syntax.Walk(a.file, func(n syntax.Node) bool {
		switch n := n.(type) {
		case *syntax.Assign:
			if n.Name != nil {
				out[n.Name.Value] = true
			}
		case *syntax.ParamExp:
			if n.Param != nil {
				out[n.Param.Value] = true
			}
		case *syntax.WordIter:
			out[n.Name.Value] = true
		case *syntax.CallExpr:
			if len(n.Args) > 1 && (n.Args[0].Lit() == "read" || n.Args[0].Lit() == "printf") {
				for _, w := range n.Args[1:] {
					out[w.Lit()] = true
				}
			}
		}
		return true
	})
	return out
}

// tokenVariables notes the variables that hold tokens: those in a token
// header, and those that the answer of a token request is put into.
func (a *analysis) tokenVariables(c *syntax.CallExpr, inv command.Invocation) {
	for _, h := range inv.Headers {
		if name, _, ok := strings.Cut(h.Value.String(), ":"); ok && imds.IsTokenHeader(strings.TrimSpace(name)) {
			for _, p := range h.Value {
				if p.Unknown {
					a.tokens[strings.Trim(p.Name, "${}")] = true
				}
			}
			for _, w := range c.Args {
				for _, v := range paramNames(w) {
					if strings.Contains(strings.ToLower(v), "tok") {
						a.tokens[v] = true
					}
				}
			}
		}
	}
	for _, u := range inv.URLs {
		if t := imds.Classify(u.Value); t.Kind == imds.AWS && t.Token {
			for v := range a.assignedFrom(c) {
				a.tokens[v] = true
			}
		}
	}
}

// assignedFrom are the variables that take a command's output.
func (a *analysis) assignedFrom(c syntax.Node) map[string]bool {
	out := map[string]bool{}
	for n := a.parents[c]; n != nil; n = a.parents[n] {
		switch n := n.(type) {
		case *syntax.Assign:
			if n.Name != nil {
				out[n.Name.Value] = true
			}
			return out
		case *syntax.FuncDecl:
			return out
		}
	}
	return out
}

func paramNames(n syntax.Node) []string {
	var out []string
	syntax.Walk(n, func(n syntax.Node) bool {
		if p, ok := n.(*syntax.ParamExp); ok && p.Param != nil {
			out = append(out, p.Param.Value)
		}
		return true
	})
	return out
}

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
