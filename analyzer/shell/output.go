package shell

import (
	"strings"

	"mvdan.cc/sh/v3/syntax"

	"github.com/imdsscan/imdsscan/analyzer/imds"
)

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
