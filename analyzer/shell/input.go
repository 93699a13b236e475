package shell

import (
	"path"
	"strings"

	"mvdan.cc/sh/v3/syntax"

	"github.com/imdsscan/imdsscan/analyzer/command"
	"github.com/imdsscan/imdsscan/analyzer/facts"
	"github.com/imdsscan/imdsscan/analyzer/imds"
	"github.com/imdsscan/imdsscan/notebooks"
	"github.com/imdsscan/imdsscan/notebooks/span"
)

// input is what becomes of a text that a command reads or writes: code in a
// language or of a form; with neither, via says what else it is.
type input struct {
	lang    notebooks.Language
	form    form
	via     string
	written bool   // to run later, or elsewhere
	display string // why fixes in it are only shown
}

// form is a text that holds commands among other things.
type form string

const (
	crontab     form = "crontab"        // lines of times and a command
	userCrontab form = "system crontab" // the same, with a user
	systemdUnit form = "systemd unit"   // ExecStart= and its like
)

// codeInput is what a statement's command does with its standard input, where
// that is code.
func (a *analysis) codeInput(s *syntax.Stmt, e *env) (input, bool) {
	c, ok := s.Cmd.(*syntax.CallExpr)
	if !ok || len(c.Args) == 0 {
		return input{}, false
	}
	for _, argv := range a.argvs(c.Args, e) {
		if len(argv) == 0 {
			continue
		}
		for i := 0; i < len(argv) && i < 4 && (i == 0 || command.Name(argv[0].value) == "sudo"); i++ {
			if command.Name(argv[i].value) == "crontab" {
				return input{form: crontab, via: "crontab"}, true
			}
		}
		for _, inv := range command.ParseWords(words(argv)) {
			switch {
			case inv.Nested == nil:
			case inv.Nested.Arg < 0:
				return input{lang: inv.Nested.Language, via: inv.Tool, written: inv.Elsewhere != "" || inv.Nested.Display != "",
					display: inv.Nested.Display}, true
			case inv.Elsewhere != "":
				return input{lang: notebooks.Shell, via: inv.Tool, written: true, display: inv.Nested.Display}, true
			}
		}
	}
	return input{}, false
}

// writtenText is what a text is that is written to a file.
func writtenText(file, body string) input {
	in := input{via: "a text written to " + file, written: true}
	dir, name := path.Split(file)
	switch {
	case strings.Contains(dir, "/cron.d/") || file == "/etc/crontab":
		in.form = userCrontab
	case strings.Contains(dir, "/spool/cron"):
		in.form = crontab
	case strings.HasSuffix(name, ".service"):
		in.form = systemdUnit
	default:
		if in.lang = writtenLanguage(file, body); in.lang == "" {
			return input{}
		}
		in.via = "written to " + file
	}
	return in
}

// textUnit adds the text of a word, or of the variable that the word is.
func (a *analysis) textUnit(w *syntax.Word, in input, e *env) {
	w, shared := a.inVariable(w, e)
	if w == nil {
		return
	}
	u := a.wordUnit(w, e)
	if u == nil {
		return
	}
	u.Language, u.Via, u.Written, u.DisplayOnly = in.lang, in.via, in.written || a.u.Written, a.u.DisplayOnly
	for _, reason := range []string{in.display, shared} {
		if u.DisplayOnly == "" {
			u.DisplayOnly = reason
		}
	}
	a.nest(u, in)
}

// nest adds a unit, or the commands in a text of a form.
func (a *analysis) nest(u *facts.Unit, in input) {
	if in.form == "" {
		a.out.Nested = append(a.out.Nested, u)
		return
	}
	text := u.Text.Sub(u.Text.All())
	for at := 0; at < len(text); {
		end := at + lineLen(text[at:])
		if strings.HasPrefix(strings.TrimLeft(text[at:end], " \t"), "#") {
			if line := (span.Span{Start: at, End: end}); len(imds.Find(u.Text.Bytes()[at:end])) > 0 {
				a.out.Mentions = append(a.out.Mentions, facts.Mention{Unit: u, Span: line, Why: "comment"})
			}
			at = end + 1
			continue
		}
		var cmd span.Span
		display := "cron reads % in its own way"
		if in.form == systemdUnit {
			for strings.HasSuffix(text[at:end], "\\") && end < len(text) {
				end += 1 + lineLen(text[end+1:])
			}
			cmd, display = execLine(text, at, end), "systemd reads %, $ and quotes in its own way"
		} else {
			cmd = cronLine(text, at, end, in.form == userCrontab)
		}
		if !cmd.Empty() {
			a.out.Nested = append(a.out.Nested, &facts.Unit{Language: notebooks.Shell, Text: u.Text.Slice(cmd), Cell: u.Cell, Doc: u.Doc, Parent: u,
				Via: "a command of a " + string(in.form), Written: true, DisplayOnly: display, Unbroken: true})
		}
		at = end + 1
	}
}

func lineLen(s string) int {
	if i := strings.IndexByte(s, '\n'); i >= 0 {
		return i
	}
	return len(s)
}

// cronLine is the command of a line of a crontab, without what cron gives it
// as input behind a percent sign.
func cronLine(text string, from, to int, user bool) span.Span {
	at := from
	blank := func(c byte) bool { return c == ' ' || c == '\t' }
	fields := 5
	for i := 0; ; i++ {
		for at < to && blank(text[at]) {
			at++
		}
		if i == 0 && at < to && text[at] == '@' {
			fields = 1
		}
		if i == fields && user {
			user, i = false, i-1
		} else if i == fields {
			break
		}
		start := at
		for at < to && !blank(text[at]) {
			at++
		}
		if i == 0 && strings.ContainsAny(text[start:at], "#=") {
			return span.Span{} // a comment, or a variable
		}
	}
	end := at
	for end < to && (text[end] != '%' || text[end-1] == '\\') {
		end++
	}
	return span.Span{Start: at, End: end}
}

// execLine is the command of ExecStart= and its like.
func execLine(text string, from, to int) span.Span {
	key, _, ok := strings.Cut(text[from:to], "=")
	if name := strings.TrimSpace(key); !ok || !strings.HasPrefix(name, "Exec") {
		return span.Span{}
	}
	at := from + len(key) + 1
	for at < to && strings.IndexByte(" \t@-:+!", text[at]) >= 0 {
		at++
	}
	return span.Span{Start: at, End: to}
}
