package shell

import (
	"strconv"
	"strings"
	"sync"

	"mvdan.cc/sh/v3/syntax"

	"github.com/imdsscan/imdsscan/analyzer/command"
	"github.com/imdsscan/imdsscan/analyzer/imds"
	"github.com/imdsscan/imdsscan/rules"
)

var table = sync.OnceValue(func() *rules.Shell {
	t, err := rules.LoadShell()
	if err != nil {
		panic(err) // the table is embedded and a test loads it
	}
	return t
})

// call walks a simple command.
func (a *analysis) call(s *syntax.Stmt, c *syntax.CallExpr, e *env) flow {
	if len(c.Args) == 0 {
		for _, as := range c.Assigns {
			a.assign(as, e, "")
		}
		return goesOn
	}
	in := e
	if len(c.Assigns) > 0 {
		in = e.fork()
		for _, as := range c.Assigns {
			a.assign(as, in, "")
		}
	}
	for _, w := range c.Args {
		a.wordSubs(w, e)
	}
	out := goesOn
	for _, argv := range a.argvs(c.Args, in) {
		if len(argv) == 0 {
			continue
		}
		if f := a.run(s, c, argv, e); f > out {
			out = f
		}
	}
	return out
}

// run is one alternative of a simple command.
func (a *analysis) run(s *syntax.Stmt, c *syntax.CallExpr, argv []field, e *env) flow {
	name := command.Name(argv[0].value)
	if decls := a.funcs[name]; len(decls) > 0 && name != "" && !strings.Contains(a.text(c.Args[0]), "/") {
		out := exits
		for _, f := range decls {
			out = min(out, a.invoke(f, c, argv, e))
		}
		return out
	}
	switch name {
	case "exit":
		return exits
	case "return":
		return returns
	case "read", "mapfile", "readarray", "unset", "getopts":
		for _, f := range argv[1:] {
			if n, ok := f.value.Known(); ok && syntax.ValidName(n) {
				e.set(n, unknownVar(n))
			}
		}
		return goesOn
	case "set", "shift":
		a.positionals(name, argv, e)
		return goesOn
	case "printf":
		if v := argv[min(1, len(argv)-1)].value; len(argv) > 2 && v.String() == "-v" {
			if n, ok := argv[2].value.Known(); ok {
				e.set(n, unknownVar(n))
				if text, ok := formatted(argv[3:]); ok {
					e.set(n, &variable{vals: []imds.Value{text}, def: a.span(c)})
				}
			}
			return goesOn // nothing is printed
		}
	}
	a.mentionCommand(s, c, name, argv, e)
	a.mentionLists(c)
	if name == "alias" {
		a.aliases(c, e)
	}
	if fromArguments(a.text(c.Args[0])) {
		return goesOn // the caller's words are read at the call
	}
	a.installs(c, argv)
	for _, inv := range command.ParseWords(words(argv)) {
		a.invocation(s, c, inv, argv, e)
		if inv.Replaces {
			return exits
		}
	}
	return goesOn
}

// fromArguments is true for a command word such as "$@".
func fromArguments(text string) bool {
	text = strings.Trim(text, `"`)
	return strings.HasPrefix(text, "$@") || strings.HasPrefix(text, "${@") || strings.HasPrefix(text, "$*") || strings.HasPrefix(text, "${*")
}

func (a *analysis) positionals(name string, argv []field, e *env) {
	f := e.positional()
	if f == nil {
		for f = e; f.outer != nil; f = f.outer {
		}
		f.frame = true
	}
	switch {
	case name == "shift":
		n := 1
		if len(argv) > 1 {
			count, _ := argv[1].value.Known()
			if n, _ = strconv.Atoi(count); n <= 0 {
				f.mixed = true
				return
			}
		}
		if e != f {
			f.mixed = true // on a condition, or in a loop
			return
		}
		f.args = f.args[min(n, len(f.args)):]
	case len(argv) > 1 && argv[1].value.String() == "--":
		f.args, f.known = argv[2:], true
	}
}

// invoke walks a function with the arguments of a call.
func (a *analysis) invoke(decl *syntax.FuncDecl, c *syntax.CallExpr, argv []field, e *env) flow {
	a.called[decl] = true
	if a.runsArguments(decl) {
		// A function that runs its arguments is a wrapper, as sudo is.
		for i := 1; i < len(argv); i++ {
			invs := command.ParseWords(words(argv[i:]))
			if len(invs) == 0 {
				continue
			}
			for _, inv := range invs {
				inv.Shift(i)
				if a.captured(a.stmtOf(c)) {
					inv.CarryFrom = 0 // a token is worth the same retries
				}
				a.invocation(a.stmtOf(c), c, inv, argv, e)
			}
			break
		}
	}
	if logs(decl.Name.Value) {
		a.mentionArgs(c, "logged text")
	}
	for _, f := range a.frames {
		if f.decl == decl {
			return goesOn
		}
	}
	if len(a.frames) >= maxFrames || a.steps > maxSteps {
		return goesOn
	}
	a.inlined++
	defer func() { a.inlined-- }()
	in := e.fork()
	in.frame, in.args, in.known = true, argv[1:], true
	a.frames = append(a.frames, &frame{decl: decl, call: c})
	out := a.stmt(decl.Body, in)
	a.frames = a.frames[:len(a.frames)-1]
	for n, v := range in.vars {
		if !in.local[n] {
			e.set(n, v)
		}
	}
	if out == returns {
		return goesOn
	}
	return out
}

// runsArguments is true for a function with "$@" as a command.
func (a *analysis) runsArguments(decl *syntax.FuncDecl) bool {
	if known, ok := a.runners[decl]; ok {
		return known
	}
	found := false
	syntax.Walk(decl.Body, func(n syntax.Node) bool {
		c, ok := n.(*syntax.CallExpr)
		if !ok || found {
			return !found
		}
		for _, w := range c.Args {
			text := a.text(w)
			if fromArguments(text) {
				found = true
			}
			if table().Wrappers[text] == nil && text != "eval" {
				break
			}
		}
		return true
	})
	a.runners[decl] = found
	return found
}

// stmtOf is the statement of a command.
func (a *analysis) stmtOf(n syntax.Node) *syntax.Stmt {
	for ; n != nil; n = a.parents[n] {
		if s, ok := n.(*syntax.Stmt); ok {
			return s
		}
	}
	return nil
}
