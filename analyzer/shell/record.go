package shell

import (
	"mvdan.cc/sh/v3/syntax"

	"github.com/imdsscan/imdsscan/analyzer/command"
	"github.com/imdsscan/imdsscan/analyzer/facts"
	"github.com/imdsscan/imdsscan/analyzer/imds"
)

// record is a command that sends a request, over all the ways it is reached.
type record struct {
	call  *syntax.CallExpr
	stmt  *syntax.Stmt
	inv   command.Invocation
	argv  []field
	urls  []imds.Value
	seen  map[string]bool
	uses  map[facts.TokenUse]string
	first *facts.Request
	// base is the word that spells the service's root in the command.
	base    tokenURL
	calls   []facts.Related
	misuse  string
	right   bool   // one of the alternatives is no misuse
	other   string // another tool that the command may be
	depends string
	// empty says what is wrong on the ways on which the token is empty.
	empty string
}

// invocation notes a request, or the code that a command runs.
func (a *analysis) invocation(s *syntax.Stmt, c *syntax.CallExpr, inv command.Invocation, argv []field, e *env) {
	if inv.Nested != nil {
		a.nestedCode(s, c, inv, argv, e)
		return
	}
	r := a.records[c]
	if r == nil {
		r = &record{call: c, stmt: s, inv: inv, argv: argv, seen: map[string]bool{}, uses: map[facts.TokenUse]string{}}
		a.records[c] = r
		a.order = append(a.order, r)
	}
	for i, u := range inv.URLs {
		if len(u.Value) == 1 && u.Value[0].Name == "standard input" && a.stdin != nil {
			inv.URLs[i].Value = a.stdin
		}
	}
	aws := inv.Depends != ""
	for _, u := range inv.URLs {
		if k := imds.Classify(u.Value).Kind; k == imds.AWS || k == imds.Undecided {
			aws = true
			if base := a.tokenURL(c, u, argv, e); r.base.text == "" {
				r.inv, r.argv, r.base = inv, argv, base
			} else {
				r.base = r.base.on(base)
			}
		}
		if key := u.Value.String(); !r.seen[key] && len(r.urls) < 64 {
			r.seen[key] = true
			r.urls = append(r.urls, u.Value)
		}
	}
	a.tokenVariables(c, inv)
	if !aws {
		a.sentElsewhere(inv)
		return
	}
	switch {
	case !inv.EmptyToken:
		if _, ok := r.uses[inv.Token]; !ok {
			r.uses[inv.Token] = inv.Why
		}
		if inv.Misuse != "" {
			r.misuse = inv.Misuse
		} else {
			r.right = true
		}
		if inv.Tool != r.inv.Tool {
			r.other = inv.Tool
		}
	default:
		// Scripts set the token's variable to nothing first, or when the token
		// request failed: only when it is empty on every way is it a mistake.
		r.empty = inv.Misuse
	}
	r.depends = inv.Depends
	if n := len(a.frames); n > 0 && a.frames[n-1].call != nil && len(r.calls) < 16 {
		sp := a.span(a.frames[n-1].call)
		for _, old := range r.calls {
			if old.Source.Span == sp {
				return
			}
		}
		r.calls = append(r.calls, facts.Related{Unit: a.u, Source: imds.Source{Text: a.u.Text, Span: sp}, Message: "called here"})
	}
}
