package shell

import (
	"strings"

	"mvdan.cc/sh/v3/syntax"

	"github.com/imdsscan/imdsscan/analyzer/command"
	"github.com/imdsscan/imdsscan/analyzer/facts"
	"github.com/imdsscan/imdsscan/analyzer/imds"
	"github.com/imdsscan/imdsscan/notebooks"
	"github.com/imdsscan/imdsscan/notebooks/codec"
	"github.com/imdsscan/imdsscan/notebooks/span"
)

// nestedCode adds the code of `bash -c CODE` and its like.
func (a *analysis) nestedCode(s *syntax.Stmt, c *syntax.CallExpr, inv command.Invocation, argv []field, e *env) {
	if inv.Nested.Arg < 0 || inv.Nested.Arg >= len(argv) {
		return
	}
	w, shared := a.inVariable(c.Args[argv[inv.Nested.Arg].word], e)
	if w == nil {
		return
	}
	u := a.wordUnit(w, e)
	if u == nil {
		return
	}
	u.Language, u.Via = inv.Nested.Language, "code given to "+inv.Tool
	if inv.Elsewhere != "" {
		u.Via += "; " + inv.Elsewhere
	}
	u.DisplayOnly, u.Written = a.u.DisplayOnly, a.u.Written || inv.Elsewhere != ""
	for _, reason := range []string{inv.Nested.Display, shared} {
		if u.DisplayOnly == "" {
			u.DisplayOnly = reason
		}
	}
	u.Vars = a.visible(e, inv.Tool == "eval")
	a.out.Nested = append(a.out.Nested, u)
}

// inVariable is the word that a variable was given, where the word is that
// variable; shared says why it should not be changed.
func (a *analysis) inVariable(w *syntax.Word, e *env) (_ *syntax.Word, shared string) {
	p := leadingParam(w)
	if p == nil || len(w.Parts) != 1 || len(a.text(w)) > len(p.Param.Value)+5 {
		return w, ""
	}
	v := e.get(p.Param.Value)
	if v == nil || len(v.vals) != 1 {
		return w, ""
	}
	if a.uses(p.Param.Value) > 1 {
		shared = "$" + p.Param.Value + " is used in several ways"
	}
	return a.assignedWord(v.def), shared
}

// aliases adds the commands that `alias NAME=COMMAND` stands for.
func (a *analysis) aliases(c *syntax.CallExpr, e *env) {
	for _, w := range c.Args[1:] {
		name, ok := w.Parts[0].(*syntax.Lit)
		if !ok || len(w.Parts) != 2 || !strings.HasSuffix(name.Value, "=") {
			continue
		}
		if u := a.wordUnit(&syntax.Word{Parts: w.Parts[1:]}, e); u != nil {
			u.Language, u.Via, u.DisplayOnly = notebooks.Shell, "alias", "an alias may be used with more words behind it"
			a.out.Nested = append(a.out.Nested, u)
		}
	}
}

// wordUnit is the text of a word as a unit.
func (a *analysis) wordUnit(w *syntax.Word, e *env) *facts.Unit {
	sp := a.span(w)
	if a.nested[sp] {
		return nil
	}
	src := a.u.Text.Bytes()
	rng, layer, err := codec.ShellWord(src, sp)
	if err != nil {
		return nil
	}
	text, err := a.u.Text.Decode(rng, layer)
	if err != nil {
		return nil
	}
	a.nested[sp] = true
	u := &facts.Unit{Text: text, Cell: a.u.Cell, Doc: a.u.Doc, Parent: a.u,
		KeepsErrors: a.avoidBraces() || a.keepsErrors(a.stmtOf(a.parents[w.Parts[0]]))}
	for _, h := range codec.ShellHoles(src, sp) {
		u.Holes = append(u.Holes, a.holeValue(w, h, e))
	}
	return u
}

// holeValue is what an expansion in a word is known to be.
func (a *analysis) holeValue(w *syntax.Word, h span.Span, e *env) imds.Value {
	out := imds.Unknown(a.u.Text.Sub(h))
	syntax.Walk(w, func(n syntax.Node) bool {
		if p, ok := n.(syntax.WordPart); ok && a.span(n) == h {
			if vals := a.values(&syntax.Word{Parts: []syntax.WordPart{p}}, e, quoted); len(vals) == 1 {
				out = vals[0]
			}
		}
		return true
	})
	return out
}

// uses counts the expansions of a variable.
func (a *analysis) uses(name string) int {
	n := 0
	for _, x := range paramNames(a.file) {
		if x == name {
			n++
		}
	}
	return n
}

// assignedWord is the value of the assignment at a span.
func (a *analysis) assignedWord(def span.Span) *syntax.Word {
	var out *syntax.Word
	if def.Empty() {
		return nil
	}
	syntax.Walk(a.file, func(n syntax.Node) bool {
		if as, ok := n.(*syntax.Assign); ok && a.span(as) == def {
			out = as.Value
		}
		return out == nil
	})
	return out
}

// visible are the variables with one known value; for code in a process of
// its own only those that are exported.
func (a *analysis) visible(e *env, all bool) map[string]imds.Value {
	out := map[string]imds.Value{}
	for x := e; x != nil; x = x.outer {
		for n, v := range x.vars {
			if _, done := out[n]; done || v.array || len(v.vals) != 1 || !all && !a.exported[n] {
				continue
			}
			out[n] = v.vals[0]
		}
	}
	return out
}

// escapedBackquotes takes a backquoted command with escapes in it as a unit of
// its own: the command reads another text than the one that stands there.
func (a *analysis) escapedBackquotes(c *syntax.CmdSubst, e *env) bool {
	if !c.Backquotes {
		return false
	}
	sp := a.span(c)
	sp.Start, sp.End = sp.Start+1, max(sp.End-1, sp.Start+1)
	_, inDouble := a.parents[c].(*syntax.DblQuoted)
	body := a.u.Text.Sub(sp)
	if !strings.Contains(body, "\\`") && !(inDouble && strings.Contains(body, `\"`)) {
		return false
	}
	if a.nested[sp] {
		return true
	}
	text, err := a.u.Text.Decode(sp, codec.Backquotes{InDouble: inDouble})
	if err != nil {
		return false
	}
	a.nested[sp] = true
	a.out.Nested = append(a.out.Nested, &facts.Unit{Language: notebooks.Shell, Text: text, Cell: a.u.Cell, Doc: a.u.Doc,
		Parent: a.u, Via: "backquotes", Vars: a.visible(e, true), DisplayOnly: a.u.DisplayOnly, Written: a.u.Written,
		KeepsErrors: a.avoidBraces() || a.keepsErrors(a.stmtOf(c))})
	return true
}
