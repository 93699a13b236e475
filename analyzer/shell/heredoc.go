package shell

import (
	"path"
	"strings"

	"mvdan.cc/sh/v3/syntax"

	"github.com/imdsscan/imdsscan/analyzer/facts"
	"github.com/imdsscan/imdsscan/analyzer/imds"
	"github.com/imdsscan/imdsscan/notebooks"
	"github.com/imdsscan/imdsscan/notebooks/codec"
	"github.com/imdsscan/imdsscan/notebooks/span"
)

// redirect walks a redirection and the here-document it may bring.
func (a *analysis) redirect(s *syntax.Stmt, r *syntax.Redirect, e *env) {
	a.wordSubs(r.Word, e)
	if r.Op == syntax.WordHdoc {
		if in, ok := a.codeInput(s, e); ok && in.form == "" {
			in.via = "text given to " + in.via
			a.textUnit(r.Word, in, e)
		} else if c, ok := s.Cmd.(*syntax.CallExpr); ok && len(c.Args) > 0 {
			if m := table().Mentions[c.Args[0].Lit()]; m != nil && !m.Prints {
				a.mentionOutside(a.span(r.Word), m.Why)
			} else if shows[c.Args[0].Lit()] {
				a.mentionOutside(a.span(r.Word), "printed text")
			}
		}
		return
	}
	if r.Hdoc == nil {
		return
	}
	quotedDelim := strings.ContainsAny(a.text(r.Word), `'"\`)
	if !quotedDelim {
		a.wordSubs(r.Hdoc, e)
	}
	body := a.body(r)
	in := a.reads(s, a.u.Text.Sub(body), e)
	switch {
	case in.lang != "" || in.form != "":
		a.hereUnit(r, body, quotedDelim, in, e)
	case in.via != "":
		a.mentionOutside(body, in.via)
	}
}

// body is a here-document without its delimiter line.
func (a *analysis) body(r *syntax.Redirect) span.Span {
	sp := a.span(r.Hdoc)
	i := strings.LastIndexByte(a.u.Text.Sub(sp), '\n')
	sp.End = sp.Start + i + 1
	return sp
}

// reads is what becomes of a here-document: code in a language, run on the
// spot or written to a file, or with no language a text that is only shown.
func (a *analysis) reads(s *syntax.Stmt, body string, e *env) input {
	c, ok := s.Cmd.(*syntax.CallExpr)
	if !ok || len(c.Args) == 0 {
		return input{}
	}
	if in, ok := a.codeInput(s, e); ok {
		in.via = "here-document for " + in.via
		return in
	}
	file, name := a.target(s, c)
	if m := table().Mentions[name]; m != nil && !m.Prints {
		return input{via: m.Why}
	}
	switch {
	case file != "":
		return writtenText(file, body)
	case name != "cat" && name != "tee":
		return input{}
	}
	next, reader := a.readerOf(s)
	switch {
	case reader == "":
		if !a.shown(s) {
			return input{}
		}
		return input{via: "printed text"}
	case reader == "tee" || reader == "dd":
		file := "a file"
		if reader == "tee" {
			file, _ = a.target(next, next.Cmd.(*syntax.CallExpr))
		}
		return writtenText(file, body)
	case shows[reader]:
		return input{via: "printed text"}
	}
	if in, ok := a.codeInput(next, e); ok {
		in.via = "here-document for " + in.via
		return in
	}
	return input{}
}

// captured is true for a command whose output a substitution takes.
func (a *analysis) captured(s *syntax.Stmt) bool {
	at := a.spotOf(s)
	if at.item == nil {
		return false
	}
	_, ok := a.parents[at.item].(*syntax.CmdSubst)
	return ok
}

// shown is true for a statement whose output nothing in the script takes.
func (a *analysis) shown(s *syntax.Stmt) bool {
	for n := syntax.Node(s); n != nil; n = a.parents[n] {
		switch n := n.(type) {
		case *syntax.CmdSubst, *syntax.ProcSubst:
			return false
		case *syntax.FuncDecl:
			return true
		case *syntax.Stmt:
			if r := a.reader(n); r != "" && !shows[r] {
				return false
			}
			if n != s {
				for _, r := range n.Redirs {
					if t := a.text(r.Word); r.Op == syntax.RdrOut && !strings.HasPrefix(t, "/dev/") && (r.N == nil || r.N.Value == "1") {
						return false
					}
				}
			}
		}
	}
	return true
}

// target is the file that cat or tee writes, and the command's name.
func (a *analysis) target(s *syntax.Stmt, c *syntax.CallExpr) (file, name string) {
	name = c.Args[0].Lit()
	if name == "sudo" && len(c.Args) > 1 {
		for _, w := range c.Args[1:] {
			if name = w.Lit(); !strings.HasPrefix(name, "-") {
				break
			}
		}
	}
	for _, r := range s.Redirs {
		switch r.Op {
		case syntax.RdrOut, syntax.AppOut, syntax.RdrClob, syntax.RdrAll, syntax.AppAll:
			t := strings.Trim(a.text(r.Word), `"'`)
			if !strings.HasPrefix(t, "/dev/") && (r.N == nil || r.N.Value == "1") {
				return t, name
			}
		}
	}
	if name == "tee" {
		for _, w := range c.Args[1:] {
			if t := strings.Trim(a.text(w), `"'`); t != "tee" && !strings.HasPrefix(t, "-") && !strings.HasPrefix(t, "/dev/") {
				return t, name
			}
		}
	}
	return "", name
}

// writtenLanguage is the language of a text that is written to a file.
func writtenLanguage(file, body string) notebooks.Language {
	if strings.HasPrefix(body, "#!") {
		line, _, _ := strings.Cut(body, "\n")
		switch {
		case strings.Contains(line, "python"):
			return notebooks.Python
		case strings.HasSuffix(line, "sh") || strings.Contains(line, "sh "):
			return notebooks.Shell
		}
		return ""
	}
	switch ext := strings.ToLower(path.Ext(file)); ext {
	case ".py":
		return notebooks.Python
	case ".sh", ".bash", ".profile", ".bashrc":
		return notebooks.Shell
	case "":
	default:
		if len(ext) < 6 && !strings.ContainsAny(ext, "$/{}") {
			return ""
		}
	}
	for _, w := range strings.Fields(body) {
		if w = strings.TrimLeft(w, "$(`\\\"'"); table().Tools[path.Base(w)] != nil && path.Base(w) != "http" && path.Base(w) != "https" {
			return notebooks.Shell
		}
	}
	return ""
}

// hereUnit adds a here-document as a unit.
func (a *analysis) hereUnit(r *syntax.Redirect, body span.Span, quotedDelim bool, in input, e *env) {
	if a.nested[body] {
		return
	}
	h := codec.HereDoc{Quoted: quotedDelim, Dash: r.Op == syntax.DashHdoc, Delimiter: strings.Trim(a.text(r.Word), `'"\`)}
	text, err := a.u.Text.Decode(body, h)
	if err != nil {
		return
	}
	a.nested[body] = true
	u := &facts.Unit{Language: in.lang, Text: text, Cell: a.u.Cell, Doc: a.u.Doc, Parent: a.u, Via: in.via, Written: in.written || a.u.Written,
		DisplayOnly: a.u.DisplayOnly, KeepsErrors: a.avoidBraces() || !in.written && a.keepsErrors(a.stmtOf(r))}
	if u.DisplayOnly == "" {
		u.DisplayOnly = in.display
	}
	if !in.written {
		u.Vars = a.visible(e, false)
	}
	if !quotedDelim {
		for _, hole := range codec.HereDocHoles(a.u.Text.Bytes(), body, h) {
			u.Holes = append(u.Holes, a.holeValue(r.Hdoc, hole, e))
		}
	}
	a.nest(u, in)
}

// shows are commands that show or search what they read.
var shows = map[string]bool{"grep": true, "egrep": true, "jq": true, "sed": true, "awk": true, "wc": true, "logger": true, "mail": true,
	"sort": true, "head": true, "tail": true, "column": true, "cut": true, "tr": true, "less": true, "more": true, "cat": true, "fold": true}

// printedText looks where a printing command's words go.
func (a *analysis) printedText(s *syntax.Stmt, c *syntax.CallExpr, e *env) {
	file, _ := a.target(s, c)
	next, reader := a.readerOf(s)
	if reader == "tee" && file == "" {
		if file, _ = a.target(next, next.Cmd.(*syntax.CallExpr)); file == "" {
			file = "a file"
		}
	}
	switch {
	case file == "/etc/hosts":
		a.mentionArgs(c, "hosts file")
	case file != "":
		a.printedCode(c, func(text string) input { return writtenText(file, text) }, e)
	case reader == "" && a.shown(s), shows[reader]:
		a.mentionArgs(c, "printed text")
	case next != nil:
		if in, ok := a.codeInput(next, e); ok {
			in.via = "text printed for " + in.via
			a.printedCode(c, func(string) input { return in }, e)
		}
	}
}

// printedCode adds the text of `echo TEXT | bash` or `echo TEXT > file.sh`.
func (a *analysis) printedCode(c *syntax.CallExpr, becomes func(text string) input, e *env) {
	var text *syntax.Word
	for _, w := range c.Args[1:] {
		if strings.HasPrefix(a.text(w), "-") {
			continue
		}
		if text != nil {
			return
		}
		text = w
	}
	if text == nil {
		return
	}
	w, _ := a.inVariable(text, e)
	if w == nil || len(imds.Find(a.u.Text.Bytes()[a.span(w).Start:a.span(w).End])) == 0 {
		return
	}
	if in := becomes(strings.Trim(a.text(w), `"'`)); in.lang != "" || in.form != "" {
		a.textUnit(text, in, e)
	}
}

// readerOf is the statement that reads another's output through a pipe, and
// its command's name.
func (a *analysis) readerOf(s *syntax.Stmt) (*syntax.Stmt, string) {
	for s != nil {
		switch up := a.parents[s].(type) {
		case *syntax.Subshell:
			s, _ = a.parents[up].(*syntax.Stmt)
			continue
		case *syntax.Block:
			s, _ = a.parents[up].(*syntax.Stmt)
			continue
		case *syntax.BinaryCmd:
			if name := a.reader(s); name != "" && name != "?" {
				return up.Y, name
			}
		}
		return nil, a.reader(s)
	}
	return nil, ""
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
