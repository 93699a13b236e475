package shell

import (
	"strings"

	"mvdan.cc/sh/v3/syntax"

	"github.com/imdsscan/imdsscan/analyzer/command"
	"github.com/imdsscan/imdsscan/analyzer/facts"
	"github.com/imdsscan/imdsscan/analyzer/imds"
	"github.com/imdsscan/imdsscan/notebooks"
	"github.com/imdsscan/imdsscan/notebooks/span"
)

// site is where and how a request can be given a token.
func (a *analysis) site(r *record, names map[string]bool) *facts.Site {
	at := a.spotOf(r.stmt)
	s := &facts.Site{Recipe: r.inv.Tool, Anchors: map[string]span.Span{}, Names: names, Vars: a.vars(r)}
	s.Anchors["call"] = a.callSpan(r)
	s.Anchors["options"] = a.span(r.call.Args[r.argv[r.inv.InsertAt].word])
	s.Places = a.places(r.stmt)
	s.Shape, s.Guard = a.guard(r, at, len(s.Places) == 0)
	if len(s.Places) == 0 {
		s.Near = a.near(r.stmt)
		_, s.NearGuard = a.guard(r, at, false)
	}
	if s.Anchors["options"].End >= s.Anchors["call"].End && s.Guard != "none" && s.Guard != "test" {
		// HTTPie's headers end the command: one text holds header and bracket.
		s.Shape, s.Guard, s.Near = s.Shape+"last", s.Guard+"last", nil
	}
	s.Refuse, s.Unsafe = a.refuse(r)
	return s
}

// callSpan is the command with its assignments, and with its redirections
// where they do not all follow it.
func (a *analysis) callSpan(r *record) span.Span {
	sp := a.span(r.call)
	for _, rd := range r.stmt.Redirs {
		if o := int(rd.OpPos.Offset()); o < sp.End {
			whole := sp
			for _, x := range r.stmt.Redirs {
				xs := a.span(x)
				if x.Hdoc != nil {
					xs.End = a.span(x.Word).End
				}
				whole.Start, whole.End = min(whole.Start, xs.Start), max(whole.End, xs.End)
			}
			return whole
		}
	}
	return sp
}

// guard picks how the request is kept from running without a token. curl
// drops a header without value, so an empty token would be a request without
// one. Where the command is the last thing its process does, an expansion
// that fails, ${T:?}, ends just that process as a failing command would.
func (a *analysis) guard(r *record, at spot, inline bool) (shape, guard string) {
	brace := !a.avoidBraces() && !a.keepsErrors(r.stmt)
	pick := func(with, without string) (string, string) {
		if brace {
			return "checked", with
		}
		return "plain", without
	}
	switch {
	case r.inv.Status != "" && inline:
		return "plain", "statusinline"
	case r.inv.Status != "":
		return "plain", "status"
	case inline:
		return pick("inline", "inlinetest")
	case a.writes(r.stmt):
		return pick("subshell", "subtest")
	case at.pipe, at.background && !at.joined:
		return pick("none", "subtest")
	case at.negated:
		return pick("subshell", "subtest")
	case a.ownProcess(at) && at.i == len(at.list)-1 && !at.alternative:
		if brace {
			return "checked", "none"
		}
		if at.joined {
			return "plain", "subtest"
		}
		return "plain", "test"
	case at.joined && !at.second || a.inCondition(at):
		return "plain", "test"
	}
	return pick("subshell", "subtest")
}

// writes is true for a command whose output goes to a file: the file is made
// before the command runs, but not where an expansion of the command fails.
func (a *analysis) writes(s *syntax.Stmt) bool {
	for _, r := range s.Redirs {
		switch r.Op {
		case syntax.RdrOut, syntax.AppOut, syntax.RdrClob, syntax.RdrAll, syntax.AppAll:
			if !strings.HasPrefix(a.text(r.Word), "/dev/") {
				return true
			}
		}
	}
	return false
}

// busybox is true where wget is BusyBox's, or may well be: in containers and in
// scripts for small systems.
func (a *analysis) busybox(r *record) bool {
	for _, w := range r.inv.Wrappers {
		if command.Name(r.argv[w].value) == "busybox" {
			return true
		}
	}
	for u := a.u; u != nil; u = u.Parent {
		if strings.Contains(u.Via, "container") || strings.Contains(u.Via, "pod") {
			return true
		}
	}
	return a.small
}

// isSmall is true for scripts of systems that come with BusyBox.
func isSmall(src string) bool {
	line, _, _ := strings.Cut(src, "\n")
	return strings.HasPrefix(line, "#!") && strings.HasSuffix(line, "/ash") || strings.Contains(src, "apk add") || strings.Contains(src, "apk --no-cache")
}

// isTemplate is true for text that Terraform fills in before a shell runs it.
func isTemplate(src string) bool {
	for _, sign := range []string{"$${", "%{ if ", "%{if ", "%{ for ", "%{ endif", "%{ else", "%{~"} {
		if strings.Contains(src, sign) {
			return true
		}
	}
	return false
}

// filledIn is true for a script that reads ${lower_case} names which nothing in
// it sets: so looks a template whose author needed no escapes. Forms without
// braces work either way.
func (a *analysis) filledIn() bool {
	set := map[string]bool{"http_proxy": true, "https_proxy": true, "no_proxy": true, "ftp_proxy": true, "all_proxy": true}
	for n := range a.u.Vars {
		set[n] = true
	}
	var read []string
	sources := false
	syntax.Walk(a.file, func(n syntax.Node) bool {
		switch n := n.(type) {
		case *syntax.Assign:
			if n.Name != nil {
				set[n.Name.Value] = true
			}
		case *syntax.WordIter:
			set[n.Name.Value] = true
		case *syntax.CallExpr:
			if len(n.Args) == 0 {
				break
			}
			switch n.Args[0].Lit() {
			case "source", ".", "eval":
				sources = true
			case "read", "mapfile", "readarray", "getopts", "printf":
				for _, w := range n.Args[1:] {
					set[w.Lit()] = true
				}
			}
		case *syntax.ParamExp:
			if bare := n.Exp == nil && n.Repl == nil && n.Slice == nil && n.Index == nil && !n.Length && !n.Excl; bare && !n.Short && n.Param != nil {
				read = append(read, n.Param.Value)
			}
		}
		return true
	})
	for _, name := range read {
		if !sources && !set[name] && strings.Trim(name, "abcdefghijklmnopqrstuvwxyz_0123456789") == "" && strings.Trim(name, "0123456789_") != "" {
			return true
		}
	}
	return false
}

// avoidBraces is true where the text may be a template of another language.
func (a *analysis) avoidBraces() bool {
	return a.templ || strings.HasPrefix(a.u.Via, "!") || a.u.Parent != nil && a.u.Parent.Language != notebooks.Shell
}

// keepsErrors is true for a command whose error output goes where its output
// goes, or to a file: what the shell says of a failing expansion must not.
func (a *analysis) keepsErrors(s *syntax.Stmt) bool {
	for n := syntax.Node(s); n != nil; n = a.parents[n] {
		switch n := n.(type) {
		case *syntax.FuncDecl:
			return false
		case *syntax.Stmt:
			for _, r := range n.Redirs {
				errors := r.N != nil && r.N.Value == "2" || r.Op == syntax.RdrAll || r.Op == syntax.AppAll
				if errors && !strings.HasPrefix(a.text(r.Word), "/dev/") && r.Op != syntax.DplIn {
					return true
				}
			}
		}
	}
	return false
}

// ownProcess is true for a list that a process of its own runs.
func (a *analysis) ownProcess(at spot) bool {
	switch a.parents[at.item].(type) {
	case *syntax.CmdSubst, *syntax.ProcSubst, *syntax.Subshell:
		return true
	}
	return false
}

// inCondition is true for the last statement of a condition.
func (a *analysis) inCondition(at spot) bool {
	if at.i != len(at.list)-1 {
		return false
	}
	switch p := a.parents[at.item].(type) {
	case *syntax.IfClause:
		return len(p.Cond) > 0 && p.Cond[len(p.Cond)-1] == at.item
	case *syntax.WhileClause:
		return p.Cond[len(p.Cond)-1] == at.item
	}
	return false
}

// refuse says why a fix is not applied, or only on request.
func (a *analysis) refuse(r *record) (refuse, unsafe string) {
	switch {
	case r.inv.Elsewhere != "":
		return r.inv.Elsewhere + "; the token has to be fetched there", ""
	case r.inv.Replaces:
		return "exec replaces the shell, so nothing can stand in for a refused token", ""
	case r.inv.Reread:
		return "the words are joined and read again as shell code, which takes away the header's quotes", ""
	case r.inv.Several:
		return "--next starts a request of its own; each needs the header", ""
	case r.other != "":
		return "the command may be " + r.inv.Tool + " or " + r.other, ""
	case r.inv.Tool == "wget" && a.busybox(r):
		return "BusyBox wget, which this may be, cannot send the PUT request that a token takes", ""
	case a.escaped(r.call):
		return "the command has escapes in backquotes", ""
	}
	for _, u := range r.urls {
		t := imds.Classify(u)
		if t.Kind == imds.OtherCloud {
			return "the same command also asks the metadata service of " + t.Cloud, ""
		}
		if t.Kind != imds.Elsewhere {
			continue
		}
		if text, known := u.Known(); known && !strings.ContainsAny(text, ".:/") && text != "localhost" {
			continue // an option or a number, no host
		} else if known {
			return "the same command also goes to other hosts, which would be sent the token", ""
		}
		if len(r.inv.URLs) > 1 || len(r.calls) > 0 {
			unsafe = "the same command may also go to other hosts, which would be sent the token"
		}
	}
	if r.base.text == "" {
		return "the address of the token request cannot be told", ""
	}
	if !r.base.follows && severalHosts(r.urls) {
		return "the address differs from call to call, and no variable holds it", ""
	}
	if !reaches(r.urls, imds.AWS) {
		unsafe = "the path is not known, so it may be another cloud's"
	}
	return "", unsafe
}

// escaped is true for a command in backquotes with a backslash that the
// backquotes take away, and for one that stands deeper in such backquotes.
func (a *analysis) escaped(c syntax.Node) bool {
	text := strings.ReplaceAll(a.text(c), "\\\n", "")
	for n := a.parents[c]; n != nil; n = a.parents[n] {
		if b, ok := n.(*syntax.CmdSubst); ok && b.Backquotes && strings.Contains(text, "\\") {
			return true
		}
	}
	return false
}

// vars are the words of the recipe.
func (a *analysis) vars(r *record) map[string]string {
	v := map[string]string{"url": r.base.text, "tool": a.tool(r), "prefix": a.prefix(r), "carry": "", "route": "", "bound": "", "gap": "", "status": r.inv.Status, "origin": r.base.origin}
	if at := a.callSpan(r).Start; at > 0 && a.u.Text.Bytes()[at-1] == '(' {
		v["gap"] = " "
	}
	v["q"] = a.quote(r)
	if v["q"] == "'" && !strings.ContainsAny(v["url"], "$`'") {
		v["url"] = strings.ReplaceAll(v["url"], `"`, "'")
	}
	bounded := false
	whole := a.plainTool(r)
	for _, c := range r.inv.Carry {
		if whole && c.From < len(r.argv) && r.argv[c.From].word == r.argv[r.inv.Index].word {
			bounded = bounded || c.MaxTime
			continue
		}
		text := a.carried(r, c)
		if text == "" {
			continue
		}
		v["carry"] += text + " "
		if !c.Patience {
			v["route"] += text + " "
		}
		bounded = bounded || c.MaxTime
	}
	if !bounded {
		v["bound"] = defaultBound[r.inv.Tool]
	}
	if r.inv.Tool == "wget" && !strings.Contains(v["carry"], "-t") {
		v["bound"] += "--tries=1 "
	}
	return v
}

// quote is the quote for texts without expansions: the double one, unless the
// string that the command stands in would have to escape it.
func (a *analysis) quote(r *record) string {
	if escapes(a.u, a.span(r.call).Start, `"`) && !escapes(a.u, a.span(r.call).Start, "'") {
		return "'"
	}
	return `"`
}

// escapes reports whether text written at a place of the unit looks different
// in the cell.
func escapes(u *facts.Unit, at int, text string) bool {
	for t := u.Text; t.Parent() != nil && t != u.Cell.Code && t != u.Cell.Text; t = t.Parent() {
		in := span.Span{Start: at, End: at}
		enc, err := t.Layer().Encode(t, in, text)
		if err != nil || enc != text {
			return true
		}
		at = t.Out(in).Start
	}
	return false
}

// defaultBound limits the time of a token request: with a hop limit of 1 the
// answer never reaches a container.
var defaultBound = map[string]string{"curl": "-m 5 ", "wget": "--timeout=5 ", "httpie": "--timeout=5 "}

// tool is how the script spells the tool.
func (a *analysis) tool(r *record) string {
	w := r.call.Args[r.argv[r.inv.Index].word]
	if w.Lit() != "" {
		return a.text(w)
	}
	if a.fieldsOf(r, r.argv[r.inv.Index].word) == 1 || a.plainTool(r) {
		return a.text(w)
	}
	return command.Name(r.argv[r.inv.Index].value)
}

// plainTool is true for a variable such as CURL="curl -s" that holds the tool
// with options that the token request may have as well.
func (a *analysis) plainTool(r *record) bool {
	word := r.argv[r.inv.Index].word
	var argv []command.Word
	for i, f := range r.argv {
		if f.word == word {
			if i < r.inv.Index {
				return false
			}
			argv = append(argv, command.Word{Value: f.value, Open: f.open})
		}
	}
	argv = append(argv, command.Word{Value: imds.Lit("http://x", imds.Source{})})
	invs := command.ParseWords(argv)
	return len(invs) == 1 && invs[0].Plain && len(invs[0].URLs) == 1 && invs[0].Undecidable == ""
}

// prefix is what the token request needs before the tool: proxy settings, and
// wrappers that decide over the network.
func (a *analysis) prefix(r *record) string {
	out := ""
	for _, as := range r.call.Assigns {
		if as.Name != nil && strings.Contains(strings.ToLower(as.Name.Value), "proxy") {
			out += a.text(as) + " "
		}
	}
	last := -1
	from := max(r.inv.CarryFrom, 0)
	if command.Name(r.argv[from].value) == "env" && !strings.Contains(strings.ToLower(a.fieldTexts(r, from, r.inv.Index)), "proxy") {
		from = r.inv.Index // other variables do not matter to a token
	}
	for i := from; i < r.inv.Index; i++ {
		if w := r.argv[i].word; w != last && w != r.argv[r.inv.Index].word {
			out += a.text(r.call.Args[w]) + " "
			last = w
		}
	}
	return out
}

func (a *analysis) fieldTexts(r *record, from, to int) string {
	out := ""
	for i := from; i < to && i < len(r.argv); i++ {
		out += r.argv[i].value.String() + " "
	}
	return out
}

// carried is the text of an option that the token request repeats.
func (a *analysis) carried(r *record, c command.Carried) string {
	if c.Text != "" {
		return c.Text
	}
	if c.To >= len(r.argv) {
		return ""
	}
	var parts []string
	last := -1
	for i := c.From; i <= c.To; i++ {
		f := r.argv[i]
		w := r.call.Args[f.word]
		if a.fieldsOf(r, f.word) == 1 {
			if f.word != last {
				parts = append(parts, a.text(w))
			}
			last = f.word
			continue
		}
		known, ok := f.value.Known()
		if !ok || known == "" || strings.ContainsAny(known, " \t\n'\"\\$`*?[#~;&|<>()") {
			return ""
		}
		parts = append(parts, known)
	}
	return strings.Join(parts, " ")
}

func (a *analysis) fieldsOf(r *record, word int) int {
	n := 0
	for _, f := range r.argv {
		if f.word == word {
			n++
		}
	}
	return n
}
