// Package shell finds requests to the metadata service in shell scripts.
//
// A script is walked in the order it runs, keeping what each variable may
// hold: branches join, functions are followed into from their calls, and what
// is not known stays unknown. Commands are read by analyzer/command.
package shell

import (
	"bytes"
	"fmt"
	"strings"

	"mvdan.cc/sh/v3/syntax"

	"github.com/imdsscan/imdsscan/analyzer/facts"
	"github.com/imdsscan/imdsscan/analyzer/imds"
	"github.com/imdsscan/imdsscan/notebooks/span"
)

// Bounds of the analysis. Real scripts stay far below.
const (
	maxSteps  = 200_000 // statements walked in functions from their calls
	maxFrames = 6       // functions calling functions
	maxDepth  = 2_000   // brackets in brackets
)

// analysis is the work on one unit.
type analysis struct {
	u       *facts.Unit
	out     *facts.Facts
	file    *syntax.File
	parents map[syntax.Node]syntax.Node
	subs    []span.Span // command and process substitutions, in order

	// What is known of the unit as a whole.
	template bool            // another program may fill it in before it runs
	oneLine  bool            // it has no line end but its last
	small    bool            // it runs on a system whose wget is BusyBox's
	exported map[string]bool // variables that commands see

	// The walk.
	funcs   map[string][]*syntax.FuncDecl // what a name may call
	decls   map[string][]*syntax.FuncDecl // all definitions of a name
	called  map[*syntax.FuncDecl]bool
	runners map[*syntax.FuncDecl]bool // whether it runs its arguments
	frames  []*frame
	stdin   imds.Value // what a command reads from the pipe before it
	steps   int        // statements walked in functions from their calls
	inlined int        // how many calls deep the walk is

	// What it finds.
	records   map[*syntax.CallExpr]*record
	order     []*record
	mentions  map[span.Span]bool
	nested    map[span.Span]bool
	installed map[*syntax.CallExpr]map[string]bool // packages noted
	tokens    map[string]bool                      // variables that hold a token
	aware     bool                                 // the unit fetches or sends a token
	knows     map[syntax.Node]bool                 // whether code knows tokens

	// Statement lists.
	lists  map[listKey]int
	place  map[*syntax.Stmt]int // a statement's place in its list
	epochs map[*syntax.Stmt]int // pauses before it in its list
}

func newAnalysis(u *facts.Unit) *analysis {
	return &analysis{
		u: u, out: &facts.Facts{}, parents: map[syntax.Node]syntax.Node{}, exported: map[string]bool{},
		funcs: map[string][]*syntax.FuncDecl{}, decls: map[string][]*syntax.FuncDecl{},
		called: map[*syntax.FuncDecl]bool{}, runners: map[*syntax.FuncDecl]bool{},
		records: map[*syntax.CallExpr]*record{}, mentions: map[span.Span]bool{}, nested: map[span.Span]bool{},
		installed: map[*syntax.CallExpr]map[string]bool{}, tokens: map[string]bool{}, knows: map[syntax.Node]bool{},
		lists: map[listKey]int{}, place: map[*syntax.Stmt]int{}, epochs: map[*syntax.Stmt]int{},
	}
}

// frame is a function that is being walked.
type frame struct {
	decl *syntax.FuncDecl
	call *syntax.CallExpr
}

// Analyze finds what a unit of shell code requests.
func Analyze(u *facts.Unit) *facts.Facts {
	a := newAnalysis(u)
	if !a.parse() {
		return a.out
	}
	a.index()
	src := string(u.Text.Bytes())
	a.template = isTemplate(src) || a.filledIn()
	a.small = isSmall(src)
	a.oneLine = !strings.Contains(strings.TrimRight(src, "\n"), "\n")
	top := &env{}
	for name, v := range u.Vars {
		a.exported[name] = true
		top.set(name, &variable{vals: []imds.Value{v}})
	}
	a.stmts(a.file.Stmts, top)
	a.uncalled(top)
	a.comments()
	a.finish()
	if a.steps > maxSteps {
		a.broken(0, "its functions call each other too often to follow every call")
	}
	return a.out
}

// parse reads the unit as bash; what comes after an error is reported as
// broken and the statements before it are kept.
func (a *analysis) parse() bool {
	src := a.u.Text.Bytes()
	if tooDeep(src) {
		a.broken(0, fmt.Sprintf("more than %d brackets are nested", maxDepth))
		return false
	}
	p := syntax.NewParser(syntax.KeepComments(true), syntax.Variant(syntax.LangBash))
	file, err := p.Parse(bytes.NewReader(src), "")
	if err != nil {
		from := 0
		if file != nil && len(file.Stmts) > 0 {
			from = a.span(file.Stmts[len(file.Stmts)-1]).End
		}
		a.broken(from, strings.TrimSpace(err.Error()))
	}
	a.file = file
	return file != nil
}

func (a *analysis) broken(from int, reason string) {
	a.out.Broken = append(a.out.Broken, facts.Broken{Unit: a.u, Span: span.Span{Start: from, End: a.u.Text.Len()}, Reason: reason})
}

// tooDeep is true for code whose brackets nest beyond what a recursive parser
// should be given. Quotes are not looked at: it only has to be safe.
func tooDeep(src []byte) bool {
	opens := bytes.Count(src, []byte("(")) + bytes.Count(src, []byte("{")) + bytes.Count(src, []byte("if ")) + bytes.Count(src, []byte("case "))
	if opens < maxDepth {
		return false
	}
	depth, deepest := 0, 0
	for _, c := range src {
		switch c {
		case '(', '{':
			depth++
		case ')', '}':
			depth = max(depth-1, 0)
		}
		deepest = max(deepest, depth)
	}
	return deepest > maxDepth || opens > 100*maxDepth
}

// index notes each node's parent and the functions.
func (a *analysis) index() {
	var stack []syntax.Node
	syntax.Walk(a.file, func(n syntax.Node) bool {
		if n == nil {
			stack = stack[:len(stack)-1]
			return true
		}
		if len(stack) > 0 {
			a.parents[n] = stack[len(stack)-1]
		}
		stack = append(stack, n)
		switch n := n.(type) {
		case *syntax.CmdSubst, *syntax.ProcSubst:
			a.subs = append(a.subs, a.span(n))
		case *syntax.FuncDecl:
			if n.Name != nil {
				a.decls[n.Name.Value] = append(a.decls[n.Name.Value], n)
				a.funcs[n.Name.Value] = a.decls[n.Name.Value]
			}
		case *syntax.DeclClause:
			export := n.Variant.Value == "export"
			for _, as := range n.Args {
				export = export || as.Name == nil && a.text(as) == "-x"
				if export && as.Name != nil {
					a.exported[as.Name.Value] = true
				}
			}
		case *syntax.CallExpr:
			for _, as := range n.Assigns {
				if len(n.Args) > 0 && as.Name != nil {
					a.exported[as.Name.Value] = true
				}
			}
		}
		return true
	})
}

// uncalled walks the functions that nothing in the unit calls.
func (a *analysis) uncalled(top *env) {
	syntax.Walk(a.file, func(n syntax.Node) bool {
		if f, ok := n.(*syntax.FuncDecl); ok && !a.called[f] {
			a.called[f] = true
			e := top.fork()
			e.frame = true
			a.frames = append(a.frames, &frame{decl: f})
			a.stmt(f.Body, e)
			a.frames = a.frames[:len(a.frames)-1]
		}
		return true
	})
}

// span is a node's place; the ends of nodes may lie past the text.
func (a *analysis) span(n syntax.Node) span.Span {
	s := span.Span{Start: int(n.Pos().Offset()), End: int(n.End().Offset())}
	s.Start = min(s.Start, a.u.Text.Len())
	s.End = min(max(s.End, s.Start), a.u.Text.Len())
	return s
}

func (a *analysis) text(n syntax.Node) string { return a.u.Text.Sub(a.span(n)) }
