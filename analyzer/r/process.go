package r

import (
	"github.com/imdsscan/imdsscan/analyzer/command"
	"github.com/imdsscan/imdsscan/analyzer/facts"
	"github.com/imdsscan/imdsscan/analyzer/imds"
)

// word is one word of a command; its node is the expression in the argument
// vector that gives it and nothing else, no node when it is a part of one.
type word struct {
	command.Word
	node node
}

// process looks at the command that system2(command, args) and its like run.
// system2 joins the words with blanks and gives them to a shell (split), the
// others take each as it is.
func (m *module) process(c *call, program, args node, at int, split bool) {
	if !args.OK() {
		args = c.position(at)
	}
	words := m.wordsOf(ref{n: program}, false, 0)
	if len(words) != 1 {
		return
	}
	rest := m.wordsOf(ref{n: args}, split, 0)
	words = append(words, rest...)
	plain := make([]command.Word, len(words))
	for i, w := range words {
		plain[i] = w.Word
	}
	m.installs(c, plain)
	for _, inv := range command.ParseWords(plain) {
		if inv.Nested != nil {
			if i := inv.Nested.Arg; i >= 0 && words[i].node.OK() {
				m.nest(c, words[i].node, inv.Nested.Language, c.fn.Text(), inv.Elsewhere != "")
			}
			continue
		}
		m.processRequest(c, args, words, inv)
	}
}

// wordsOf are the words in a character vector.
func (m *module) wordsOf(r ref, split bool, depth int) []word {
	if !r.n.OK() || depth > 8 {
		return nil
	}
	refs, complete := m.stands(r)
	if len(refs) != 1 || !complete {
		return []word{{Word: command.Word{Value: imds.Unknown(short(r.n)), Open: true}, node: r.n}}
	}
	d := refs[0]
	c := m.callAt[d.n]
	switch {
	case m.is(c, "c", "list", "character", "unlist", "append"):
		var out []word
		for _, a := range c.args {
			if a.value.OK() {
				out = append(out, m.wordsOf(ref{a.value, d.in}, split, depth+1)...)
			}
		}
		return out
	case m.is(c, "shQuote", "dQuote", "sQuote"):
		return []word{{Word: command.Word{Value: one(m.eval(ref{c.position(0), d.in}))}, node: r.n}}
	}
	v := one(m.eval(d))
	if !split {
		return []word{{Word: command.Word{Value: v}, node: r.n}}
	}
	values := splitWords(v)
	if len(values) == 1 {
		return []word{{Word: command.Word{Value: values[0]}, node: r.n}}
	}
	var out []word
	for _, v := range values {
		out = append(out, word{Word: command.Word{Value: v}})
	}
	return out
}

// one is the value of several alternatives that matters: one that reaches the
// service.
func one(vs []imds.Value) imds.Value {
	for _, v := range vs {
		if imds.Classify(v).Kind != imds.Elsewhere {
			return v
		}
	}
	if len(vs) == 0 {
		return imds.Unknown("?")
	}
	return vs[0]
}

// splitWords cuts a command line at its blanks, quotes removed.
func splitWords(v imds.Value) []imds.Value {
	var out []imds.Value
	var cur imds.Value
	started, quote := false, byte(0)
	for _, p := range v {
		if p.Unknown {
			cur, started = append(cur, p), true
			continue
		}
		from := 0
		take := func(to int) {
			if to > from {
				piece := p
				piece.Text = p.Text[from:to]
				if piece.Source.Text != nil && piece.Source.Span.Len() == len(p.Text) {
					piece.Source.Span.End = piece.Source.Span.Start + to
					piece.Source.Span.Start += from
				}
				cur = append(cur, piece)
			}
			from = to + 1
		}
		for i := range len(p.Text) {
			switch ch := p.Text[i]; {
			case quote != 0 && ch == quote:
				take(i)
				quote = 0
			case quote != 0:
			case ch == '\'' || ch == '"':
				take(i)
				quote, started = ch, true
			case ch == ' ' || ch == '\t' || ch == '\n':
				take(i)
				if started {
					out = append(out, cur)
				}
				cur, started = nil, false
			default:
				started = true
			}
		}
		take(len(p.Text))
	}
	if started {
		out = append(out, cur)
	}
	return out
}

// processRequest records the request that a command sends.
func (m *module) processRequest(c *call, args node, words []word, inv command.Invocation) {
	req := &facts.Request{Unit: m.unit(c.n), Span: c.span(), Client: inv.Tool, Method: inv.Method,
		Token: inv.Token, Why: inv.Why, Misuse: inv.Misuse, Depends: inv.Depends}
	reaches := inv.Depends != ""
	for _, u := range inv.URLs {
		req.URLs = append(req.URLs, u.Value)
		reaches = reaches || imds.Classify(u.Value).Kind != imds.Elsewhere
	}
	if !reaches {
		return
	}
	if inv.Undecidable != "" && req.Token == facts.TokenAbsent {
		req.Token, req.Why = facts.TokenUnknown, inv.Undecidable
	}
	if req.Token == facts.TokenAbsent && req.Misuse == "" && req.Depends == "" {
		req.Site = m.processSite(c, args, words, inv, req)
	}
	m.facts.Requests = append(m.facts.Requests, req)
}

// foldedCommand records a request of a shell command that is put together from
// parts none of which holds the whole: it can be seen, not rewritten.
func (m *module) foldedCommand(c *call, text node, via string) {
	for _, v := range m.eval(ref{n: text}) {
		var plain []command.Word
		for _, w := range append(splitWords(v), imds.Lit(";", imds.Source{})) {
			if s, known := w.Known(); !known || s != "|" && s != "||" && s != "&&" && s != ";" {
				plain = append(plain, command.Word{Value: w})
				continue
			}
			for _, inv := range command.ParseWords(plain) {
				m.foldedRequest(c, via, inv)
			}
			plain = nil
		}
	}
}

func (m *module) foldedRequest(c *call, via string, inv command.Invocation) {
	if inv.Nested != nil {
		return
	}
	req := &facts.Request{Unit: m.unit(c.n), Span: c.span(), Client: inv.Tool, Method: inv.Method,
		Token: inv.Token, Why: inv.Why, Misuse: inv.Misuse, Depends: inv.Depends}
	for _, u := range inv.URLs {
		if imds.Classify(u.Value).Kind != imds.Elsewhere {
			req.URLs = append(req.URLs, u.Value)
		}
	}
	if len(req.URLs) == 0 {
		return
	}
	if req.Token == facts.TokenAbsent {
		req.Site = &facts.Site{Refuse: "the command given to " + via + " is put together from parts of which none holds the whole"}
	}
	m.facts.Requests = append(m.facts.Requests, req)
}
