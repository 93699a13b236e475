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

// redirect walks a redirection and the here-document it may bring.
func (a *analysis) redirect(s *syntax.Stmt, r *syntax.Redirect, e *env) {
	a.wordSubs(r.Word, e)
	if r.Op == syntax.WordHdoc || r.Hdoc == nil {
		return
	}
	a.wordSubs(r.Hdoc, e)
}

// nestedCode adds the code of `bash -c CODE` and its like.
func (a *analysis) nestedCode(s *syntax.Stmt, c *syntax.CallExpr, inv command.Invocation, argv []field, e *env) {
	if inv.Nested.Arg < 0 || inv.Nested.Arg >= len(argv) {
		return
	}
	f := argv[inv.Nested.Arg]
	w := c.Args[f.word]
	if p, _ := leadingParam(w); p != nil && len(w.Parts) == 1 && p.Param != nil && len(a.text(w)) <= len(p.Param.Value)+5 {
		// The code stands in a variable.
		if v := e.get(p.Param.Value); v != nil && len(v.vals) == 1 {
			w = a.assignedWord(v.def)
		}
	}
	if w == nil {
		return
	}
	u := a.wordUnit(w, e)
	if u == nil {
		return
	}
	u.Language, u.Via = inv.Nested.Language, "code given to "+inv.Tool
	u.DisplayOnly = a.u.DisplayOnly
	if inv.Elsewhere != "" {
		u.DisplayOnly = ""
	}
	u.Vars = a.visible(e, inv.Tool == "eval")
	a.out.Nested = append(a.out.Nested, u)
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
	u := &facts.Unit{Text: text, Cell: a.u.Cell, Doc: a.u.Doc, Parent: a.u}
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
// its own, because positions in it are not those of the text.
func (a *analysis) escapedBackquotes(c *syntax.CmdSubst, e *env) bool { return false }

// printed1 looks where a printing command's words go.
func (a *analysis) printed1(s *syntax.Stmt, c *syntax.CallExpr) {
	for _, r := range s.Redirs {
		if r.Op == syntax.RdrOut || r.Op == syntax.AppOut || r.Op == syntax.RdrAll || r.Op == syntax.AppAll || r.Op == syntax.RdrClob {
			if t := a.text(r.Word); t != "/dev/null" && t != "/dev/stderr" && t != "/dev/tty" && t != "/dev/stdout" {
				return
			}
		}
	}
	switch a.reader(s) {
	case "", "grep", "jq", "sed", "awk", "wc", "logger", "mail", "sort", "head", "tail", "column", "cut", "tr":
		a.mentionArgs(c, "printed text")
	}
}

// reader is the command that reads a statement's output through a pipe.
func (a *analysis) reader(s *syntax.Stmt) string {
	b, ok := a.parents[s].(*syntax.BinaryCmd)
	if !ok || b.X != s || b.Op != syntax.Pipe {
		return ""
	}
	if c, ok := b.Y.Cmd.(*syntax.CallExpr); ok && len(c.Args) > 0 {
		name := c.Args[0].Lit()
		if name == "sudo" && len(c.Args) > 1 {
			name = c.Args[1].Lit()
		}
		return name[strings.LastIndexByte(name, '/')+1:]
	}
	return "?"
}

var _ = notebooks.Shell
