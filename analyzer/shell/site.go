package shell

import (
	"bytes"
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
	if tool := a.span(r.call.Args[r.argv[r.inv.Index].word]); a.holds(tool) {
		return &facts.Site{Refuse: "the command stands in a variable of the code around it"}
	}
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

// holds is true for a text of which a part was filled in by code around it.
func (a *analysis) holds(s span.Span) bool {
	for _, p := range a.u.Value(s) {
		if p.Unknown || p.Source.Text != a.u.Text {
			return true
		}
	}
	return false
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

// busybox is true where wget is BusyBox's, or may well be: in containers and in
// scripts for small systems.
func (a *analysis) busybox(r *record) bool {
	for _, w := range r.inv.Wrappers {
		if command.Name(r.argv[w].value) == "busybox" {
			return true
		}
	}
	for u := a.u; u != nil; u = u.Parent {
		if u.BusyBox || strings.Contains(u.Via, "container") || strings.Contains(u.Via, "pod") {
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

// refuse says why a fix is not applied, or only on request.
func (a *analysis) refuse(r *record) (refuse, unsafe string) {
	switch {
	case r.inv.Refuse != "":
		return r.inv.Refuse, ""
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
	if name := a.demonstration(r.call); name != "" {
		return "the code looks like a security demonstration (" + name + ")", ""
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
		unsafe = "the same command may also go to other hosts, which would be sent the token"
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
	if a.windowsLines() {
		unsafe = "the script has Windows line ends; a shell would take them for a part of the token"
	}
	return "", unsafe
}

// attackWords are parts of names of functions that show an attack.
var attackWords = []string{"ssrf", "exploit", "attack", "pentest", "exfil"}

// demonstration is the name of the function around a command that says it
// shows an attack: what becomes of it is a person's decision.
func (a *analysis) demonstration(n syntax.Node) string {
	for ; n != nil; n = a.parents[n] {
		f, ok := n.(*syntax.FuncDecl)
		if !ok || f.Name == nil {
			continue
		}
		for _, w := range attackWords {
			if strings.Contains(strings.ToLower(f.Name.Value), w) {
				return f.Name.Value
			}
		}
	}
	return ""
}

// windowsLines is true for a script file with CRLF line ends. (In notebooks the
// shell never sees them.)
func (a *analysis) windowsLines() bool {
	top := a.u
	for top.Parent != nil {
		top = top.Parent
	}
	if top.Language != notebooks.Shell || top.Cell == nil || top.Cell.Number != 0 {
		return false
	}
	t := top.Text
	for t.Parent() != nil {
		t = t.Parent()
	}
	return bytes.Contains(t.Bytes(), []byte("\r\n"))
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
