package shell

import (
	"strings"

	"mvdan.cc/sh/v3/syntax"

	"github.com/imdsscan/imdsscan/analyzer/facts"
)

// listKey identifies a run of statements in which one token serves all.
type listKey struct {
	first *syntax.Stmt
	epoch int
}

// listOf is the statement list that holds s directly, and its index there.
func (a *analysis) listOf(s *syntax.Stmt) ([]*syntax.Stmt, int) {
	if s == nil {
		return nil, 0
	}
	var lists [][]*syntax.Stmt
	switch p := a.parents[s].(type) {
	case *syntax.File:
		lists = append(lists, p.Stmts)
	case *syntax.CmdSubst:
		lists = append(lists, p.Stmts)
	case *syntax.ProcSubst:
		lists = append(lists, p.Stmts)
	case *syntax.Subshell:
		lists = append(lists, p.Stmts)
	case *syntax.Block:
		lists = append(lists, p.Stmts)
	case *syntax.IfClause:
		lists = append(lists, p.Cond, p.Then)
	case *syntax.WhileClause:
		lists = append(lists, p.Cond, p.Do)
	case *syntax.ForClause:
		lists = append(lists, p.Do)
	case *syntax.CaseItem:
		lists = append(lists, p.Stmts)
	}
	for _, l := range lists {
		if len(l) == 0 {
			continue
		}
		if _, done := a.place[l[0]]; !done {
			for i, x := range l {
				a.place[x] = i
			}
		}
		if i := a.place[s]; i < len(l) && l[i] == s {
			return l, i
		}
	}
	return nil, 0
}

// spot is where a command stands in its statement list.
type spot struct {
	list []*syntax.Stmt
	i    int
	// item is list[i].
	item *syntax.Stmt
	// second is true when the command runs only after something before it in
	// the same && or || list; alternative when something follows after ||.
	second, alternative bool
	// joined is true when it is an operand of && or || at all.
	joined bool
	// pipe is true for an element of a pipeline, negated for `! …`.
	pipe, negated bool
	// background is true when it runs beside the script.
	background bool
}

// spotOf climbs from a statement through pipelines and && lists.
func (a *analysis) spotOf(s *syntax.Stmt) spot {
	var p spot
	for {
		p.negated = p.negated || s.Negated && !p.pipe
		p.background = p.background || s.Background
		if list, i := a.listOf(s); list != nil {
			p.list, p.i, p.item = list, i, s
			return p
		}
		switch up := a.parents[s].(type) {
		case *syntax.BinaryCmd:
			switch {
			case up.Op == syntax.Pipe || up.Op == syntax.PipeAll:
				p.pipe = p.pipe || !p.joined
			case up.X == s:
				p.joined = true
				p.alternative = p.alternative || up.Op == syntax.OrStmt
			default:
				p.joined, p.second = true, true
			}
			s, _ = a.parents[up].(*syntax.Stmt)
		case *syntax.TimeClause:
			s, _ = a.parents[up].(*syntax.Stmt)
		case *syntax.CoprocClause:
			p.background = true
			s, _ = a.parents[up].(*syntax.Stmt)
		default:
			return p
		}
		if s == nil {
			return p
		}
	}
}

// places are the points before the command where its token may be fetched,
// innermost first. None when something before it in its own statement decides
// whether it runs.
func (a *analysis) places(s *syntax.Stmt) []facts.Place {
	var out []facts.Place
	at := a.spotOf(s)
	for at.list != nil && !at.second && !a.readsStatus(at.item, s) {
		place := facts.Place{List: a.listID(at), At: a.span(at.item).Start, Separator: a.separator(at)}
		outer, replace := a.outward(at)
		out = append(out, place)
		if outer == nil {
			break
		}
		next := a.spotOf(outer)
		if next.list == nil || next.second || a.readsStatus(next.item, s) {
			break
		}
		if replace {
			out = out[:len(out)-1]
		}
		at = next
	}
	if len(out) > 0 {
		// Further out a token may be there already.
		lists := map[int]bool{}
		for _, p := range out {
			lists[p.List] = true
		}
		for _, p := range a.near(s) {
			if !lists[p.List] {
				out = append(out, p)
			}
		}
	}
	return out
}

// near are the lists around a command in which a token that is fetched anyway
// serves it too, whatever decides whether the command runs.
func (a *analysis) near(s *syntax.Stmt) []facts.Place {
	var out []facts.Place
	for at := a.spotOf(s); at.list != nil; {
		out = append(out, facts.Place{List: a.listID(at), At: a.span(at.item).Start})
		outer, _ := a.outward(at)
		switch p := a.parents[at.item].(type) {
		case *syntax.CmdSubst, *syntax.ProcSubst:
			outer = a.stmtOf(a.parents[p])
		}
		if outer == nil {
			break
		}
		at = a.spotOf(outer)
	}
	return out
}

// outward is the statement around a spot's list in which the token may be
// fetched as well; replace is true when it is the better place.
func (a *analysis) outward(at spot) (outer *syntax.Stmt, replace bool) {
	parent := a.parents[at.item]
	switch p := parent.(type) {
	case *syntax.CmdSubst, *syntax.ProcSubst:
		if at.i > 0 {
			return nil, false
		}
		return a.holder(parent), true
	case *syntax.IfClause:
		head, _ := a.parents[p].(*syntax.Stmt)
		inCond := len(p.Cond) > 0 && p.Cond[0] == at.item
		if head == nil { // elif, else: the token stays in the branch
			return a.headOf(p), false
		}
		return head, inCond
	case *syntax.CaseItem:
		if c, ok := a.parents[p].(*syntax.CaseClause); ok {
			s, _ := a.parents[c].(*syntax.Stmt)
			return s, false
		}
	case *syntax.Block:
		s, _ := a.parents[p].(*syntax.Stmt)
		if s == nil {
			return nil, false
		}
		if _, isFunc := a.parents[s].(*syntax.FuncDecl); isFunc || s.Background {
			return nil, false
		}
		return s, false
	case *syntax.Subshell:
		s, _ := a.parents[p].(*syntax.Stmt)
		if s == nil || s.Background {
			return nil, false
		}
		if _, isFunc := a.parents[s].(*syntax.FuncDecl); isFunc {
			return nil, false
		}
		return s, false
	case *syntax.ForClause:
		s, _ := a.parents[p].(*syntax.Stmt)
		if s != nil && shortLoop(p) {
			return s, true
		}
	}
	return nil, false
}

// headOf is the statement of the whole if of an elif or else branch.
func (a *analysis) headOf(n syntax.Node) *syntax.Stmt {
	for n != nil {
		if s, ok := n.(*syntax.Stmt); ok {
			return s
		}
		n = a.parents[n]
	}
	return nil
}

// shortLoop is true for a loop over given words without a pause: one moment.
func shortLoop(f *syntax.ForClause) bool {
	it, ok := f.Loop.(*syntax.WordIter)
	if !ok || f.Select {
		return false
	}
	for _, w := range it.Items {
		for _, p := range w.Parts {
			if _, subst := p.(*syntax.CmdSubst); subst {
				return false
			}
		}
	}
	for _, s := range f.Do {
		if pauses(s) {
			return false
		}
	}
	return true
}

// pauses is true for code that may take long, so that a token may expire.
func pauses(n syntax.Node) bool {
	found := false
	syntax.Walk(n, func(n syntax.Node) bool {
		switch n := n.(type) {
		case *syntax.WhileClause:
			found = true
		case *syntax.CallExpr:
			if len(n.Args) > 0 {
				switch n.Args[0].Lit() {
				case "sleep", "wait":
					found = true
				}
			}
		case *syntax.FuncDecl:
			return false
		}
		return !found
	})
	return found
}

// holder is the statement that holds a command substitution, nil where the
// substitution runs only on a condition.
func (a *analysis) holder(n syntax.Node) *syntax.Stmt {
	for child, up := n, a.parents[n]; up != nil; child, up = up, a.parents[up] {
		switch up := up.(type) {
		case *syntax.Stmt:
			return up
		case *syntax.ParamExp, *syntax.CaseItem, *syntax.CStyleLoop, *syntax.FuncDecl:
			return nil
		case *syntax.BinaryTest:
			if (up.Op == syntax.AndTest || up.Op == syntax.OrTest) && child == syntax.Node(up.Y) {
				return nil
			}
		case *syntax.BinaryArithm:
			if up.Op == syntax.AndArit || up.Op == syntax.OrArit || up.Op == syntax.TernQuest {
				return nil
			}
		}
	}
	return nil
}

// readsStatus is true for a statement that, before it comes to the command,
// looks at the status of the statement before it: one inserted between the two
// would change that.
func (a *analysis) readsStatus(item, command *syntax.Stmt) bool {
	before := a.span(item)
	before.End = max(a.span(command).Start, before.Start)
	text := a.u.Text.Sub(before)
	return strings.Contains(text, "$?") || strings.Contains(text, "${?") || strings.Contains(text, "PIPESTATUS")
}

func (a *analysis) listID(at spot) int {
	if _, done := a.epochs[at.list[0]]; !done {
		n := 0
		for _, s := range at.list {
			a.epochs[s] = n
			if pauses(s) {
				n++
			}
		}
	}
	key := listKey{first: at.list[0], epoch: a.epochs[at.item]}
	if _, ok := a.lists[key]; !ok {
		a.lists[key] = len(a.lists) + 1
	}
	return a.lists[key]
}

// separator is what ends a statement inserted before a list item: a line end
// and the indent when the item begins its line, else "; ".
func (a *analysis) separator(at spot) string {
	src := a.u.Text.Bytes()
	start := a.span(at.item).Start
	line := start
	for line > 0 && src[line-1] != '\n' {
		line--
	}
	indent := string(src[line:start])
	single := a.oneLine
	if strings.Trim(indent, " \t") != "" || single && a.embedded() && (len(src) == 0 || src[len(src)-1] != '\n') || line == 0 && (a.onMagicLine() || a.u.Unbroken) {
		return "; "
	}
	if line > 1 && src[line-2] == '\\' {
		return "; "
	}
	return "\n" + indent
}

// onMagicLine is true for a cell whose code begins on the line of its magic.
func (a *analysis) onMagicLine() bool {
	outer, at := a.u.Text.Parent(), a.u.Text.Range().Start
	return a.u.Parent == nil && outer != nil && at > 0 && at <= outer.Len() && outer.Bytes()[at-1] != '\n'
}

// embedded is true for code inside another language or on a magic line.
func (a *analysis) embedded() bool { return a.u.Parent != nil || a.u.Via != "" }
