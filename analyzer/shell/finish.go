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
