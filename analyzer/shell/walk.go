package shell

import (
	"strconv"

	"mvdan.cc/sh/v3/syntax"

	"github.com/imdsscan/imdsscan/analyzer/imds"
)

// flow is whether the statements after one are reached.
type flow uint8

const (
	goesOn flow = iota
	returns
	exits
)

// stmts walks a statement list.
func (a *analysis) stmts(list []*syntax.Stmt, e *env) flow {
	out := goesOn
	for _, s := range list {
		if f := a.stmt(s, e); f > out {
			out = f
		}
	}
	return out
}

func (a *analysis) stmt(s *syntax.Stmt, e *env) flow {
	if s == nil {
		return goesOn
	}
	if a.inlined > 0 {
		if a.steps++; a.steps > maxSteps {
			return goesOn
		}
	}
	for _, r := range s.Redirs {
		a.redirect(s, r, e)
	}
	if s.Background || s.Coprocess {
		e = e.fork()
	}
	switch c := s.Cmd.(type) {
	case *syntax.CallExpr:
		return a.call(s, c, e)
	case *syntax.BinaryCmd:
		return a.binary(c, e)
	case *syntax.IfClause:
		return a.ifClause(c, e)
	case *syntax.WhileClause:
		a.loop(e, c.Do, c.Cond, func(in *env) { a.stmts(c.Cond, in) })
	case *syntax.ForClause:
		a.forClause(c, e)
	case *syntax.CaseClause:
		a.caseClause(c, e)
	case *syntax.Block:
		return a.stmts(c.Stmts, e)
	case *syntax.Subshell:
		a.stmts(c.Stmts, e.fork())
	case *syntax.FuncDecl:
		if c.Name != nil {
			a.define(c)
		}
	case *syntax.DeclClause:
		for _, as := range c.Args {
			a.assign(as, e, c.Variant.Value)
		}
	case *syntax.TimeClause:
		return a.stmt(c.Stmt, e)
	case *syntax.CoprocClause:
		a.stmt(c.Stmt, e.fork())
	case *syntax.TestClause:
		a.substitutions(c, e)
		a.mentionOutside(a.span(c), "comparison")
	case *syntax.ArithmCmd:
		a.substitutions(c, e)
	case *syntax.LetClause:
		a.substitutions(c, e)
	}
	return goesOn
}

// define makes a name call a function; one defined on a condition may be any
// of the name's.
func (a *analysis) define(c *syntax.FuncDecl) {
	name := c.Name.Value
	a.funcs[name] = a.decls[name]
	if _, top := a.parents[a.parents[c]].(*syntax.File); top {
		a.funcs[name] = []*syntax.FuncDecl{c}
	}
}

// binary walks `a && b || c` and pipelines without recursing along them.
func (a *analysis) binary(b *syntax.BinaryCmd, e *env) flow {
	chain := []*syntax.BinaryCmd{b}
	for {
		x := chain[len(chain)-1].X
		next, ok := x.Cmd.(*syntax.BinaryCmd)
		if !ok || len(x.Redirs) > 0 || x.Background {
			break
		}
		chain = append(chain, next)
	}
	first := chain[len(chain)-1]
	isPipe := func(op syntax.BinCmdOperator) bool { return op == syntax.Pipe || op == syntax.PipeAll }
	out := goesOn
	if isPipe(first.Op) {
		a.stmt(first.X, e.fork())
	} else {
		out = a.stmt(first.X, e)
	}
	for i := len(chain) - 1; i >= 0; i-- {
		y := chain[i].Y
		in := e.fork()
		if isPipe(chain[i].Op) {
			a.stdin = a.echoed(chain[i].X, e)
		}
		if a.stmt(y, in) == goesOn && !isPipe(chain[i].Op) {
			e.join(true, in)
		}
	}
	a.stdin = nil
	return out
}

// echoed is what `echo TEXT` writes into a pipe.
func (a *analysis) echoed(s *syntax.Stmt, e *env) imds.Value {
	if c, ok := s.Cmd.(*syntax.CallExpr); !ok || len(c.Args) < 2 || c.Args[0].Lit() != "echo" && c.Args[0].Lit() != "printf" {
		return nil
	}
	v, ok := a.printed(&syntax.CmdSubst{Stmts: []*syntax.Stmt{s}}, e)
	if !ok {
		return nil
	}
	return v
}

func (a *analysis) ifClause(c *syntax.IfClause, e *env) flow {
	var branches []*env
	skipped := true
	out := exits
	for ; c != nil; c = c.Else {
		a.stmts(c.Cond, e)
		in := e.fork()
		f := a.stmts(c.Then, in)
		if f != goesOn {
			in = nil
		}
		out = min(out, f)
		branches = append(branches, in)
		if len(c.Cond) == 0 {
			skipped = false
		}
	}
	e.join(skipped, branches...)
	if skipped {
		return goesOn
	}
	return out
}

// loop walks a body whose variables may come from an earlier round.
func (a *analysis) loop(e *env, do, cond []*syntax.Stmt, head func(*env)) {
	in := e.fork()
	for _, list := range [][]*syntax.Stmt{cond, do} {
		for _, s := range list {
			for name := range assigned(s) {
				before := e.get(name)
				if before != nil {
					in.set(name, either(name, []*variable{before, unknownVar(name)}))
				}
			}
		}
	}
	head(in)
	a.stmts(do, in)
	e.join(true, in)
}

// assigned are the names that a statement may set, functions aside.
func assigned(s *syntax.Stmt) map[string]bool {
	out := map[string]bool{}
	syntax.Walk(s, func(n syntax.Node) bool {
		switch n := n.(type) {
		case *syntax.Assign:
			if n.Name != nil && !n.Naked {
				out[n.Name.Value] = true
			}
		case *syntax.FuncDecl, *syntax.CmdSubst, *syntax.Subshell:
			return false
		}
		return true
	})
	return out
}

func (a *analysis) forClause(c *syntax.ForClause, e *env) {
	it, ok := c.Loop.(*syntax.WordIter)
	if !ok {
		a.substitutions(c.Loop, e)
		a.loop(e, c.Do, nil, func(*env) {})
		return
	}
	var vals []imds.Value
	for _, w := range it.Items {
		a.wordSubs(w, e)
		for _, alt := range a.expand(w, e) {
			for _, f := range alt {
				vals = append(vals, f.value)
			}
		}
	}
	if !it.InPos.IsValid() {
		if f := e.positional(); f != nil && f.known {
			for _, x := range f.args {
				vals = append(vals, x.value)
			}
		}
	}
	v := unknownVar(it.Name.Value)
	if len(vals) > 0 {
		v = &variable{vals: someOf(vals, it.Name.Value), def: a.span(it)}
	}
	a.loop(e, c.Do, nil, func(in *env) { in.set(it.Name.Value, v) })
}

// someOf is the values of a loop's list, cut where they are many: the first
// ones stand for the rest, which only differ.
func someOf(vals []imds.Value, name string) []imds.Value {
	seen := map[string]bool{}
	var out []imds.Value
	for _, v := range vals {
		if s := v.String(); !seen[s] && len(out) < maxAlternatives-1 {
			seen[s] = true
			out = append(out, v)
		} else if !seen[s] {
			return append(out, imds.Unknown("$"+name))
		}
	}
	return out
}

func (a *analysis) caseClause(c *syntax.CaseClause, e *env) {
	a.wordSubs(c.Word, e)
	var branches []*env
	complete := false
	for _, item := range c.Items {
		for _, p := range item.Patterns {
			a.mention(a.span(p), "case pattern")
			a.wordSubs(p, e)
			complete = complete || p.Lit() == "*"
		}
		in := e.fork()
		if a.stmts(item.Stmts, in) != goesOn {
			in = nil
		}
		branches = append(branches, in)
	}
	e.join(!complete, branches...)
}

// substitutions walks the commands inside the words of a node.
func (a *analysis) substitutions(n syntax.Node, e *env) {
	syntax.Walk(n, func(n syntax.Node) bool {
		switch n := n.(type) {
		case *syntax.CmdSubst:
			a.substitution(n, e)
			return false
		case *syntax.ProcSubst:
			a.stmts(n.Stmts, e.fork())
			return false
		}
		return true
	})
}

func (a *analysis) substitution(c *syntax.CmdSubst, e *env) {
	if a.escapedBackquotes(c, e) {
		return
	}
	a.stmts(c.Stmts, e.fork())
}

func (a *analysis) wordSubs(w *syntax.Word, e *env) {
	if w == nil {
		return
	}
	for _, p := range w.Parts {
		if _, ok := p.(*syntax.Lit); !ok {
			a.substitutions(w, e)
			return
		}
	}
}

// assign sets a variable; variant is the declaring word, if any.
func (a *analysis) assign(as *syntax.Assign, e *env, variant string) {
	if as.Value != nil {
		a.wordSubs(as.Value, e)
	}
	if as.Index != nil {
		a.substitutions(as.Index, e)
	}
	if as.Array != nil {
		for _, el := range as.Array.Elems {
			if el.Index != nil {
				a.substitutions(el.Index, e)
			}
			a.wordSubs(el.Value, e)
		}
	}
	if as.Name == nil {
		return
	}
	name := as.Name.Value
	if variant == "local" || variant == "declare" || variant == "typeset" {
		if f := e.positional(); f != nil {
			if f.local == nil {
				f.local = map[string]bool{}
			}
			f.local[name] = true
		}
	}
	if as.Naked {
		if (variant == "local" || variant == "declare") && e.positional() != nil {
			e.set(name, &variable{vals: []imds.Value{nil}, def: a.span(as)})
		}
		return
	}
	a.proxyMention(name, as)
	v := &variable{def: a.span(as)}
	switch {
	case as.Array != nil:
		v.array = true
		if old := e.get(name); as.Append && old != nil && old.array {
			v.elems = append(v.elems, old.elems...)
			v.keys = append(v.keys, old.keys...)
		} else if as.Append && old == nil {
			v.elems = append(v.elems, imds.Unknown(name+"[@]"))
			v.keys = append(v.keys, "")
		}
		a.elements(as.Array, e, v)
	case as.Index != nil:
		old := e.get(name)
		v.array = true
		if old != nil && old.array {
			v.elems = append(v.elems, old.elems...)
			v.keys = append(v.keys, old.keys...)
		}
		v.elems = append(v.elems, a.values(as.Value, e, whole)[0])
		v.keys = append(v.keys, indexText(as.Index))
	default:
		v.vals = a.values(as.Value, e, whole)
		v.overridable = a.overridable(as.Value, e)
		if as.Append {
			old := e.get(name)
			if old == nil {
				old = unknownVar(name)
			}
			var sum []imds.Value
			for _, x := range old.vals {
				for _, y := range v.vals {
					sum = append(sum, imds.Concat(x, y))
				}
			}
			v.vals = alternatives(sum, name)
			if old.array {
				v = unknownVar(name)
			}
		}
	}
	e.set(name, v)
}

func (a *analysis) elements(arr *syntax.ArrayExpr, e *env, v *variable) {
	for _, el := range arr.Elems {
		if el.Value == nil {
			continue
		}
		alts := a.expand(el.Value, e)
		if len(alts) == 0 {
			continue
		}
		for _, f := range alts[0] {
			val := f.value
			if len(alts) > 1 {
				val = imds.Unknown(a.text(el.Value))
			}
			key := indexText(el.Index)
			if el.Index == nil && !f.open && counted(v.keys) {
				key = strconv.Itoa(len(v.keys))
			}
			v.elems = append(v.elems, val)
			v.keys = append(v.keys, key)
		}
	}
}

// counted is true for subscripts 0, 1, 2 …, so that the next one is known.
func counted(keys []string) bool {
	for i, k := range keys {
		if k != strconv.Itoa(i) {
			return false
		}
	}
	return true
}

// overridable is true for a value with ${NAME:-default} in it, or one that is
// made of such a variable.
func (a *analysis) overridable(w *syntax.Word, e *env) bool {
	found := false
	if w == nil {
		return false
	}
	syntax.Walk(w, func(n syntax.Node) bool {
		p, ok := n.(*syntax.ParamExp)
		if !ok || p.Param == nil {
			return true
		}
		if v := e.get(p.Param.Value); v != nil {
			found = found || v.overridable
		} else if p.Exp != nil {
			switch p.Exp.Op {
			case syntax.DefaultUnset, syntax.DefaultUnsetOrNull, syntax.AssignUnset, syntax.AssignUnsetOrNull:
				found = true
			}
		}
		return true
	})
	return found
}
