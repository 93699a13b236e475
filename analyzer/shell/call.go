package shell

import (
	"strconv"
	"strings"
	"sync"

	"mvdan.cc/sh/v3/syntax"

	"github.com/imdsscan/imdsscan/analyzer/command"
	"github.com/imdsscan/imdsscan/analyzer/facts"
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

// logs is true for the usual names of functions that print a message.
func logs(name string) bool {
	name = strings.ToLower(name)
	first, _, _ := strings.Cut(name, "_")
	last := name[strings.LastIndexByte(name, '_')+1:]
	return logWords[first] || logWords[last]
}

var logWords = map[string]bool{"log": true, "info": true, "loginfo": true, "logger": true, "warn": true, "warning": true, "err": true,
	"error": true, "logerror": true, "debug": true, "die": true, "fail": true, "usage": true, "msg": true, "message": true, "say": true,
	"fatal": true, "note": true, "notice": true, "abort": true}

// mentionCommand explains endpoints in the words of commands that only print,
// compare or configure.
func (a *analysis) mentionCommand(s *syntax.Stmt, c *syntax.CallExpr, name string, argv []field, e *env) {
	at := 0
	for at+1 < len(argv) && (name == "sudo" || name == "command" || name == "env") {
		at++
		if n := command.Name(argv[at].value); n != "" && !strings.HasPrefix(n, "-") && !strings.Contains(n, "=") {
			name = n
		}
	}
	m := table().Mentions[name]
	if m == nil && logs(name) {
		a.mentionArgs(c, "logged text")
	}
	if m == nil || name == "ip" && at+1 < len(argv) && argv[at+1].value.String() == "netns" {
		return
	}
	if m.Talks && a.fed(s) && !strings.Contains(a.text(c), " -z") {
		return // what it is given may be an HTTP request
	}
	if m.Prints {
		a.printedText(s, c, e)
		return
	}
	if m.Program && runsTool(a.text(c)) {
		return // an awk program may run commands itself
	}
	a.mentionArgs(c, m.Why)
}

// runsTool is true for a text in which a tool seems to be called.
func runsTool(text string) bool {
	return strings.Contains(text, "curl ") || strings.Contains(text, "wget ")
}

// fed is true for a command with input of its own: a pipe, a file, a text.
func (a *analysis) fed(s *syntax.Stmt) bool {
	for _, r := range s.Redirs {
		if r.Op == syntax.RdrIn || r.Op == syntax.WordHdoc || r.Op == syntax.Hdoc || r.Op == syntax.DashHdoc {
			return a.text(r.Word) != "/dev/null"
		}
	}
	up, ok := a.parents[s].(*syntax.BinaryCmd)
	return ok && up.Op == syntax.Pipe && up.Y == s
}

// mentionLists explains endpoints in words such as -e NO_PROXY=….
func (a *analysis) mentionLists(c *syntax.CallExpr) {
	for _, w := range c.Args[1:] {
		if text := strings.ToLower(a.text(w)); strings.Contains(text, "no_proxy=") || strings.Contains(text, "noproxy=") {
			a.mentionOutside(a.span(w), "no_proxy list")
		}
	}
}

func (a *analysis) mentionArgs(c *syntax.CallExpr, why string) {
	for _, w := range c.Args[1:] {
		a.mentionOutside(a.span(w), why)
	}
}

// proxyMention explains endpoints in no_proxy lists.
func (a *analysis) proxyMention(name string, as *syntax.Assign) {
	switch strings.ToLower(name) {
	case "no_proxy", "noproxy":
		a.mention(a.span(as), "no_proxy list")
	}
}

// printed is the output of `$(echo TEXT)`.
func (a *analysis) printed(c *syntax.CmdSubst, e *env) (imds.Value, bool) {
	if len(c.Stmts) != 1 || len(c.Stmts[0].Redirs) > 0 {
		return nil, false
	}
	call, ok := c.Stmts[0].Cmd.(*syntax.CallExpr)
	if !ok || len(call.Args) < 2 {
		return a.functionOutput(c, e)
	}
	switch name := call.Args[0].Lit(); {
	case name == "which", (name == "command" || name == "type") && strings.HasPrefix(call.Args[1].Lit(), "-"):
		// The path of a tool: what it is called is enough.
		return a.literal(a.span(call.Args[len(call.Args)-1]), whole), true
	case name != "echo" && name != "printf":
		return a.functionOutput(c, e)
	}
	argvs := a.argvs(call.Args[1:], e)
	if len(argvs) != 1 {
		return nil, false
	}
	if call.Args[0].Lit() == "printf" {
		return formatted(argvs[0])
	}
	var out imds.Value
	for i, f := range argvs[0] {
		if i == 0 && strings.HasPrefix(f.value.String(), "-") {
			continue
		}
		if len(out) > 0 {
			out = append(out, imds.Part{Text: " "})
		}
		out = append(out, f.value...)
	}
	return out, true
}

// formatted is what printf prints for a format of which only %s and line ends
// at its end are more than text.
func formatted(argv []field) (imds.Value, bool) {
	if len(argv) > 0 && argv[0].value.String() == "--" {
		argv = argv[1:]
	}
	if len(argv) == 0 {
		return nil, false
	}
	format, args := argv[0].value, argv[1:]
	var out imds.Value
	for i, p := range format {
		if p.Unknown {
			return nil, false
		}
		text := p.Text
		if i == len(format)-1 {
			text = strings.TrimSuffix(text, `\n`)
		}
		if strings.Contains(strings.ReplaceAll(text, "%s", ""), "%") || strings.Contains(text, `\`) {
			return nil, false
		}
		for {
			before, after, more := strings.Cut(text, "%s")
			if before != "" {
				out = append(out, imds.Part{Text: before, Source: p.Source})
			}
			if !more {
				break
			}
			if len(args) > 0 {
				out = append(out, args[0].value...)
				args = args[1:]
			}
			text = after
		}
	}
	// With arguments left over, printf starts the format again.
	return out, len(args) == 0
}

// functionOutput is the output of a function that only echoes.
func (a *analysis) functionOutput(c *syntax.CmdSubst, e *env) (imds.Value, bool) {
	call, ok := c.Stmts[0].Cmd.(*syntax.CallExpr)
	if !ok || len(call.Args) == 0 || len(a.frames) >= maxFrames {
		return nil, false
	}
	decls := a.funcs[call.Args[0].Lit()]
	if len(decls) != 1 {
		return nil, false
	}
	decl := decls[0]
	block, ok := decl.Body.Cmd.(*syntax.Block)
	if !ok || len(block.Stmts) != 1 {
		return nil, false
	}
	echo, ok := block.Stmts[0].Cmd.(*syntax.CallExpr)
	if !ok || len(echo.Args) != 2 || echo.Args[0].Lit() != "echo" || len(block.Stmts[0].Redirs) > 0 {
		return nil, false
	}
	in := e.fork()
	in.frame, in.known = true, true
	for _, w := range call.Args[1:] {
		for _, alt := range a.expand(w, e) {
			in.args = append(in.args, alt...)
			break
		}
	}
	vals := a.values(echo.Args[1], in, whole)
	if len(vals) != 1 {
		return nil, false
	}
	return vals[0], true
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

// sentElsewhere explains endpoints in the query or the data of a request whose
// host is known to be another.
func (a *analysis) sentElsewhere(inv command.Invocation) {
	for _, u := range inv.URLs {
		rest := strings.TrimPrefix(strings.TrimPrefix(u.Value.String(), "https://"), "http://")
		host, _, _ := strings.Cut(rest, "/")
		if imds.Classify(u.Value).Kind != imds.Elsewhere || !strings.Contains(host, ".") || strings.ContainsAny(host, "{$") {
			return
		}
	}
	for _, arg := range append(inv.URLs, inv.Data...) {
		for _, src := range arg.Value.Sources() {
			if src.Text == a.u.Text {
				a.mention(src.Span, "sent to another host")
			}
		}
	}
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
