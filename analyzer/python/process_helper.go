package python

import (
	"github.com/imdsscan/imdsscan/analyzer/command"
	"github.com/imdsscan/imdsscan/analyzer/facts"
	"github.com/imdsscan/imdsscan/analyzer/imds"
)

// processOfHelper looks at the commands that callers give to a function which
// runs them: `def sh(words): return subprocess.run(words)`.
func (m *module) processOfHelper(call, list node, name string) {
	given := m.lineOf(list)
	if !given.Is("identifier", "attribute") {
		return
	}
	defs, _ := m.defs(given)
	for _, d := range defs {
		if d == given || !d.Is("list", "tuple", "string", "concatenated_string", "binary_operator", "call") {
			continue
		}
		at := d.Up("call")
		if !at.OK() || d.Is("string", "concatenated_string") && given == list {
			continue
		}
		words := m.words(d)
		plain := make([]command.Word, len(words))
		for i, w := range words {
			plain[i] = w.Word
		}
		for _, inv := range command.ParseWords(plain) {
			if inv.Nested == nil {
				m.helperRequest(at, call, d, words, inv)
			} else if i := inv.Nested.Arg; i >= 0 && words[i].node.OK() {
				m.nest(call, words[i].node, inv.Nested.Language, name, inv.Elsewhere != "")
			}
		}
	}
}

// lineOf is the expression whose words a list has: the command line in
// shlex.split(line) and line.split(), else the list itself.
func (m *module) lineOf(list node) node {
	if !list.Is("call") {
		return list
	}
	f, args := list.Field("function"), m.args(list)
	switch {
	case m.callee(list) == "shlex.split" && len(args.pos) > 0:
		return args.pos[0]
	case f.Is("attribute") && f.Field("attribute").Text() == "split":
		return f.Field("object")
	}
	return list
}

// givenByCaller reports whether the words of a command are an argument of the
// function that runs it, which may be given others.
func (m *module) givenByCaller(list node) bool {
	given := m.lineOf(list)
	if !given.Is("identifier") {
		return false
	}
	defs, _ := m.defs(given)
	for _, d := range defs {
		if p := d.Parent(); d != given && (p.Is("argument_list") || p.Is("keyword_argument")) {
			return true
		}
	}
	return false
}

// helperRequest records the request of a command where it is given to the
// helper that runs it: list is where its words are written.
func (m *module) helperRequest(at, call, list node, words []word, inv command.Invocation) {
	req := &facts.Request{Unit: m.unit(at), Span: at.Span(), Client: inv.Tool, Method: inv.Method,
		Token: inv.Token, Why: inv.Why, Misuse: inv.Misuse, Depends: inv.Depends,
		Related: []facts.Related{{Source: m.source(call), Unit: m.unit(call), Message: "the command is run here"}}}
	for _, u := range inv.URLs {
		if imds.Classify(u.Value).Kind != imds.Elsewhere {
			req.URLs = append(req.URLs, u.Value)
		}
	}
	if len(req.URLs) == 0 || m.recorded(req) {
		return
	}
	if inv.Undecidable != "" && req.Token == facts.TokenAbsent {
		req.Token, req.Why = facts.TokenUnknown, inv.Undecidable
	}
	switch {
	case req.Token != facts.TokenAbsent || req.Misuse != "" || req.Depends != "":
	case list.Is("list", "tuple"):
		req.Site = m.processSite(list, list, given, arguments{call: list, key: map[string]node{}}, words, inv, req)
	default:
		req.Site = &facts.Site{Refuse: "the command is run by a function that runs others too, and it is not written as a list"}
	}
	m.facts.Requests = append(m.facts.Requests, req)
}

// given stands for the function that runs a list of words given to it.
const given = "subprocess.given"

// recorded reports whether the request is known already: a helper may run its
// command in several places.
func (m *module) recorded(req *facts.Request) bool {
	for _, r := range m.facts.Requests {
		if r.Unit == req.Unit && r.Span == req.Span && r.Client == req.Client {
			return true
		}
	}
	return false
}
