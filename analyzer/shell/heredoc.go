package shell

import (
	"path"
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
	if r.Hdoc == nil {
		return
	}
	quotedDelim := strings.ContainsAny(a.text(r.Word), `'"\`)
	if !quotedDelim {
		a.wordSubs(r.Hdoc, e)
	}
	body := a.body(r)
	lang, via, written := a.reads(s, a.u.Text.Sub(body), e)
	switch {
	case lang != "":
		a.hereUnit(r, body, quotedDelim, lang, via, written, e)
	case via != "":
		a.mentionOutside(body, via)
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
func (a *analysis) reads(s *syntax.Stmt, body string, e *env) (lang notebooks.Language, via string, written bool) {
	c, ok := s.Cmd.(*syntax.CallExpr)
	if !ok || len(c.Args) == 0 {
		return "", "", false
	}
	for _, argv := range a.argvs(c.Args, e) {
		if len(argv) == 0 {
			continue
		}
		for _, inv := range command.ParseWords(words(argv)) {
			if inv.Nested != nil && inv.Nested.Arg < 0 {
				return inv.Nested.Language, "here-document for " + inv.Tool, inv.Elsewhere != ""
			}
			if inv.Elsewhere != "" && inv.Nested != nil {
				return notebooks.Shell, "here-document for " + inv.Tool, true
			}
		}
	}
	file, name := a.target(s, c)
	if m := table().Mentions[name]; m != nil && !m.Prints {
		return "", m.Why, false
	}
	switch {
	case file != "":
		if lang := writtenLanguage(file, body); lang != "" {
			return lang, "written to " + file, true
		}
		return "", "", false
	case name != "cat" && name != "tee":
		return "", "", false
	}
	switch reader := a.reader(s); {
	case reader == "":
		if !a.shown(s) {
			return "", "", false
		}
		return "", "printed text", false
	case isShell(reader):
		return notebooks.Shell, "here-document for " + reader, false
	case strings.HasPrefix(reader, "python"):
		return notebooks.Python, "here-document for " + reader, false
	case reader == "tee" || reader == "dd":
		file := "a file"
		if y := a.parents[s].(*syntax.BinaryCmd).Y; reader == "tee" {
			file, _ = a.target(y, y.Cmd.(*syntax.CallExpr))
		}
		if lang := writtenLanguage(file, body); lang != "" {
			return lang, "written to " + file, true
		}
	case shows[reader]:
		return "", "printed text", false
	}
	return "", "", false
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

func isShell(name string) bool {
	in := table().Interpreters[name]
	return in != nil && in.Names[0] == "bash"
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
func (a *analysis) hereUnit(r *syntax.Redirect, body span.Span, quotedDelim bool, lang notebooks.Language, via string, written bool, e *env) {
	if a.nested[body] {
		return
	}
	h := codec.HereDoc{Quoted: quotedDelim, Dash: r.Op == syntax.DashHdoc, Delimiter: strings.Trim(a.text(r.Word), `'"\`)}
	text, err := a.u.Text.Decode(body, h)
	if err != nil {
		return
	}
	a.nested[body] = true
	u := &facts.Unit{Language: lang, Text: text, Cell: a.u.Cell, Doc: a.u.Doc, Parent: a.u, Via: via, Written: written || a.u.Written,
		DisplayOnly: a.u.DisplayOnly, KeepsErrors: a.avoidBraces() || !written && a.keepsErrors(a.stmtOf(r))}
	if !written {
		u.Vars = a.visible(e, false)
	}
	if !quotedDelim {
		for _, hole := range codec.HereDocHoles(a.u.Text.Bytes(), body, h) {
			u.Holes = append(u.Holes, a.holeValue(r.Hdoc, hole, e))
		}
	}
	a.out.Nested = append(a.out.Nested, u)
}

// shows are commands that show or search what they read.
var shows = map[string]bool{"grep": true, "egrep": true, "jq": true, "sed": true, "awk": true, "wc": true, "logger": true, "mail": true,
	"sort": true, "head": true, "tail": true, "column": true, "cut": true, "tr": true, "less": true, "more": true, "cat": true, "fold": true}

// printedText looks where a printing command's words go.
func (a *analysis) printedText(s *syntax.Stmt, c *syntax.CallExpr, e *env) {
	file, _ := a.target(s, c)
	reader := a.reader(s)
	if reader == "tee" && file == "" {
		file = "a file"
	}
	switch {
	case file == "/etc/hosts":
		a.mentionArgs(c, "hosts file")
	case file != "":
		a.printedCode(c, notebooks.Shell, file, e)
	case isShell(reader):
		a.printedCode(c, notebooks.Shell, "", e)
	case reader == "" && a.shown(s), shows[reader]:
		a.mentionArgs(c, "printed text")
	}
}

// printedCode adds the text of `echo TEXT | bash` or `echo TEXT > file.sh`.
func (a *analysis) printedCode(c *syntax.CallExpr, lang notebooks.Language, file string, e *env) {
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
	if text == nil || len(imds.Find(a.u.Text.Bytes()[a.span(text).Start:a.span(text).End])) == 0 {
		return
	}
	if file != "" {
		if lang = writtenLanguage(file, strings.Trim(a.text(text), `"'`)); lang == "" {
			return
		}
	}
	if u := a.wordUnit(text, e); u != nil {
		u.Language, u.Via, u.Written = lang, "printed code", file != ""
		u.DisplayOnly = a.u.DisplayOnly
		a.out.Nested = append(a.out.Nested, u)
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
