package shell

import (
	"strings"

	"mvdan.cc/sh/v3/syntax"

	"github.com/imdsscan/imdsscan/analyzer/command"
	"github.com/imdsscan/imdsscan/analyzer/facts"
	"github.com/imdsscan/imdsscan/analyzer/imds"
	"github.com/imdsscan/imdsscan/notebooks/span"
)

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

// comments are mentions.
func (a *analysis) comments() {
	syntax.Walk(a.file, func(n syntax.Node) bool {
		if c, ok := n.(*syntax.Comment); ok {
			a.mention(a.span(c), "comment")
		}
		return true
	})
}

// mentionOutside explains the endpoints of a span, except in the commands that
// are substituted in it.
func (a *analysis) mentionOutside(s span.Span, why string) {
	at := s.Start
	for _, sub := range a.subs {
		if sub.Start >= at && sub.End <= s.End {
			a.mention(span.Span{Start: at, End: sub.Start}, why)
			at = sub.End
		}
	}
	a.mention(span.Span{Start: at, End: s.End}, why)
}

// mention explains the endpoints inside a span that are no request.
func (a *analysis) mention(s span.Span, why string) {
	if s.Empty() || a.mentions[s] || len(imds.Find(a.u.Text.Bytes()[s.Start:s.End])) == 0 {
		return
	}
	a.mentions[s] = true
	a.out.Mentions = append(a.out.Mentions, facts.Mention{Unit: a.u, Span: s, Why: why})
}
