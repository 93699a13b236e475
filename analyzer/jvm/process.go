package jvm

import (
	"strings"

	"github.com/imdsscan/imdsscan/analyzer/command"
	"github.com/imdsscan/imdsscan/analyzer/facts"
	"github.com/imdsscan/imdsscan/analyzer/imds"
	"github.com/imdsscan/imdsscan/analyzer/pins"
)

// word is one word of a command. It has a node where it is an element of a
// list, and parts where it was cut out of a text.
type word struct {
	command.Word
	node  node
	parts []wordPart
}

// wordPart is a piece of a word in a text: text as decoded, or a hole.
type wordPart struct {
	text string
	hole node
}

// process is a command that is run without a shell.
type process struct {
	call node // what runs it
	// arg is the expression that gives the command at the place where it runs,
	// list the text or the list that it stands for.
	arg, list node
	words     []word
	// raises is true when running the command raises an exception if it fails.
	raises bool
	// around is the text before the command in a call like Process(…).
	via string
	// spread is true for new ProcessBuilder("curl", …).
	spread bool
}

// runners are the methods of scala.sys.process that run what stands before
// them.
var runners = map[string]bool{
	"!": true, "!!": true, "!<": true, "!!<": true, "run": true, "lineStream": true, "lineStream_!": true,
	"lazyLines": true, "lazyLines_!": true, "lines": true, "lines_!": true,
}

// pipes are its operators that join two commands.
var pipes = map[string]bool{"#|": true, "#&&": true, "#||": true, "###": true, "#>": true, "#>>": true, "#<": true}

// processes looks at what is run without a shell.
func (m *module) processes() {
	for _, t := range m.trees {
		if t == nil {
			continue
		}
		for i := range t.Len() {
			n := t.At(i)
			switch n.Kind() {
			case "field_expression":
				if name := n.Field("field").Text(); runners[name] {
					m.runCommands(n, n.Field("value"), name, false)
				}
			case "postfix_expression":
				if c := n.Named(); len(c) == 2 && runners[c[1].Text()] {
					m.runCommands(n, c[0], c[1].Text(), false)
				}
			case "infix_expression":
				if op := n.Field("operator").Text(); runners[op] {
					m.runCommands(n, n.Field("left"), op, false)
				}
			}
			if c, ok := m.callAt(n); ok {
				m.nestedFromCall(c)
				m.runJava(c)
			}
		}
	}
}

// runJava looks at Runtime.exec and ProcessBuilder.
func (m *module) runJava(c *call) {
	_, name := cutLast(c.name)
	switch {
	case c.name == "exec" && len(c.args) > 0 && strings.Contains(c.recv.Text(), "untime"):
		m.runCommand(process{call: c.n, arg: c.args[0].n, via: "exec"})
	case c.made && name == "ProcessBuilder", c.name == "command" && c.recv.OK() && len(c.args) > 0:
		if len(c.args) == 1 && !isText(unwrapped(c.args[0].n)) {
			m.runCommand(process{call: c.n, arg: c.args[0].n, via: name})
			return
		}
		var elements []ref
		for _, a := range c.args {
			if a.spread || a.name != "" {
				return
			}
			elements = append(elements, ref{a.n, nil})
		}
		if len(elements) > 0 {
			m.runWords(process{call: c.n, via: name, spread: true, words: m.wordsOf(elements)})
		}
	}
}

// runCommands follows the pipes and the Process(…) before a runner.
func (m *module) runCommands(call, expr node, runner string, piped bool) {
	expr = unwrapped(expr)
	if _, op, right := operands(expr); pipes[op] {
		m.runCommands(call, expr.Field("left"), runner, true)
		if op != "#>" && op != "#>>" && op != "#<" {
			m.runCommands(call, right, runner, true)
		}
		return
	}
	p := process{call: call, arg: expr, raises: strings.HasPrefix(runner, "!!") && !piped}
	if c, ok := m.callAt(expr); ok && len(c.args) > 0 && (c.name == "Process" || c.name == "stringToProcess" || c.name == "stringSeqToProcess") {
		p.arg, p.via = c.args[0].n, string(expr.Tree().Source()[expr.Start():c.at.End()])
		if two := len(c.args) > 1 && m.isList(c.args[1].n); two {
			return // Process(command, arguments)
		}
	}
	if (runner == "run" || runner == "lines") && p.via == "" {
		// Other things run as well, and each text has lines.
		_, plus, _ := operands(unwrapped(p.arg))
		text := isText(unwrapped(p.arg)) || plus == "+"
		if !m.isList(p.arg) && (runner == "lines" || !text) {
			return
		}
	}
	m.runCommand(p)
}

func (m *module) isList(n node) bool {
	c, ok := m.callAt(unwrapped(n))
	return ok && collections[c.name]
}

// runCommand looks at each command that an expression may be.
func (m *module) runCommand(p process) {
	refs, _ := m.defsIn(ref{p.arg, nil})
	if c, ok := m.callAt(unwrapped(p.arg)); ok && m.addsToken(c) {
		refs = []ref{{p.arg, nil}}
	}
	for _, d := range refs {
		q := p
		q.list = unwrapped(d.n)
		q.words = m.words(d)
		if q.list != unwrapped(p.arg) && len(q.words) > 0 {
			for _, c := range m.callsOn(ref{p.arg, nil}) {
				if (c.name == "add" || c.name == "+=" || c.name == "append") && len(c.args) == 1 {
					q.words = append(q.words, m.wordsOf([]ref{{c.args[0].n, nil}})...)
				}
			}
		}
		m.runWords(q)
	}
}

// runWords records what a command requests or runs.
func (m *module) runWords(p process) {
	plain := make([]command.Word, len(p.words))
	for i, w := range p.words {
		plain[i] = w.Word
	}
	m.facts.Pins = append(m.facts.Pins, pins.Installed(m.unit(p.call), plain, p.call.Span())...)
	for _, inv := range command.ParseWords(plain) {
		if inv.Nested != nil {
			if at := inv.Nested.Arg; at >= 0 && p.words[at].node.OK() {
				m.nest(p.words[at].node, inv.Nested.Language, p.name(), inv.Elsewhere)
			}
			continue
		}
		m.processRequest(p, inv)
	}
}

// name is how the command is run, for messages.
func (p process) name() string {
	if p.via != "" {
		return p.via
	}
	return "scala.sys.process"
}

// words are the words of a list, or of a text that is cut at its blanks.
func (m *module) words(r ref) []word {
	n := unwrapped(r.n)
	if c, ok := m.callAt(n); ok && c.recv.OK() && len(c.args) == 1 {
		var more []ref
		switch c.name {
		case ":+":
			more = []ref{{c.args[0].n, r.in}}
		case "++", ":::", "+":
			if list, ok := m.sequence(ref{unwrapped(c.args[0].n), r.in}); ok {
				more = list
			}
		}
		if left := m.allWords(ref{c.recv, r.in}); len(more) > 0 && len(left) > 0 && !isText(unwrapped(c.recv)) {
			return append(left, m.wordsOf(more)...)
		}
	}
	if left, op, right := operands(n); op == ":+" || op == "++" {
		more, _ := m.sequence(ref{unwrapped(right), r.in})
		if op == ":+" {
			more = []ref{{right, r.in}}
		}
		if words := m.allWords(ref{left, r.in}); len(words) > 0 && len(more) > 0 {
			return append(words, m.wordsOf(more)...)
		}
	}
	if c, ok := m.callAt(n); ok && c.made && len(c.args) == 1 && strings.HasSuffix(c.name, "List") {
		return m.allWords(ref{c.args[0].n, r.in}) // a copy
	}
	if list, ok := m.sequence(ref{n, r.in}); ok {
		if len(list) == 1 {
			if c, ok := m.callAt(unwrapped(list[0].n)); ok && m.addsToken(c) {
				return m.words(list[0])
			}
		}
		return m.wordsOf(list)
	}
	if c, ok := m.callAt(n); ok && m.addsToken(c) {
		header := m.tokenWords(c)
		// A function of the session that adds the header to a command.
		var list []ref
		for _, a := range c.args {
			list = append(list, ref{a.n, r.in})
		}
		if len(list) == 1 {
			return append(m.allWords(list[0]), header...)
		}
		return append(m.wordsOf(list), header...)
	}
	return split(m.partsOf(ref{n, r.in}))
}

// allWords are the words of the one command that an expression is.
func (m *module) allWords(r ref) []word {
	refs, complete := m.defsIn(r)
	if len(refs) != 1 || !complete {
		return nil
	}
	return m.words(refs[0])
}

// tokenWords stand for the header that a function adds.
func (m *module) tokenWords(c *call) []word {
	header := imds.Value{{Text: imds.TokenHeader + ": "}, {Unknown: true, Name: "token"}}
	for _, def := range m.functionsOf(c, nil) {
		if option := "--header="; strings.Contains(def.Text(), option+imds.TokenHeader) {
			header[0].Text = option + header[0].Text
			return []word{{Word: command.Word{Value: header}}}
		}
	}
	return []word{{Word: command.Word{Value: imds.Value{{Text: "-H"}}}}, {Word: command.Word{Value: header}}}
}

// addsToken reports whether a function of the session adds the token header to
// the command it is given.
func (m *module) addsToken(c *call) bool {
	for _, def := range m.functionsOf(c, nil) {
		if strings.Contains(def.Text(), imds.TokenHeader+": ") && strings.Contains(def.Text(), imds.TTLHeader) {
			return true
		}
	}
	return false
}

// wordsOf are the words that expressions give, one each.
func (m *module) wordsOf(list []ref) []word {
	var out []word
	for _, r := range list {
		w := word{Word: command.Word{Value: imds.Unknown(short(r.n))}, node: r.n}
		if vs := m.evalIn(r); len(vs) > 0 {
			w.Value = vs[0]
		}
		out = append(out, w)
	}
	return out
}

// textPart is a part of a text with where it is written.
type textPart struct {
	wordPart
	value imds.Value
}

// partsOf takes a text apart; nil for what is none.
func (m *module) partsOf(r ref) []textPart {
	n := unwrapped(r.n)
	if left, op, right := operands(n); op == "+" {
		a, b := m.partsOf(ref{left, r.in}), m.partsOf(ref{right, r.in})
		if len(a) == 0 {
			return nil
		}
		if len(b) == 0 {
			b = []textPart{{wordPart{hole: right}, firstOf(m.evalIn(ref{right, r.in}))}}
		}
		return append(a, b...)
	}
	if !isText(n) {
		return nil
	}
	ps, ok := m.pieces(n)
	if !ok {
		return nil
	}
	var out []textPart
	for _, p := range ps {
		if p.hole.OK() {
			out = append(out, textPart{wordPart{hole: p.hole}, firstOf(m.evalIn(ref{p.hole, r.in}))})
			continue
		}
		out = append(out, textPart{wordPart{text: p.text}, imds.Lit(p.text, imds.Source{Text: m.unit(n).Text, Span: p.span})})
	}
	return out
}

func firstOf(vs []imds.Value) imds.Value {
	if len(vs) == 0 {
		return nil
	}
	return vs[0]
}

// split cuts a text at its blanks, as scala.sys.process before 2.13 and
// Runtime.exec do: quotes mean nothing.
func split(parts []textPart) []word {
	var out []word
	var cur word
	end := func() {
		if len(cur.parts) > 0 {
			out = append(out, cur)
		}
		cur = word{}
	}
	for _, p := range parts {
		if p.hole.OK() {
			cur.Value = append(cur.Value, p.value...)
			cur.parts = append(cur.parts, p.wordPart)
			continue
		}
		for i, piece := range strings.FieldsFunc(strings.Map(blanksToSpace, p.text+"\x00"), func(c rune) bool { return c == ' ' }) {
			if i > 0 || p.text != "" && blanksToSpace(rune(p.text[0])) == ' ' {
				end()
			}
			if piece = strings.TrimSuffix(piece, "\x00"); piece != "" {
				v := p.value[0]
				v.Text = piece
				cur.Value = append(cur.Value, v)
				cur.parts = append(cur.parts, wordPart{text: piece})
			}
		}
	}
	end()
	return out
}

func blanksToSpace(c rune) rune {
	if c == '\t' || c == '\n' || c == '\r' || c == '\f' || c == '\v' {
		return ' '
	}
	return c
}

// processRequest records the request that a command sends.
func (m *module) processRequest(p process, inv command.Invocation) {
	req := &facts.Request{Unit: m.unit(p.call), Span: p.call.Span(), Client: inv.Tool, Method: inv.Method,
		Token: inv.Token, Why: inv.Why, Misuse: inv.Misuse, Depends: inv.Depends}
	reaches := inv.Depends != ""
	var url node
	for _, u := range inv.URLs {
		vs := []imds.Value{u.Value}
		if n := p.words[u.Arg].node; n.OK() {
			url = n
			if all := m.eval(n); len(all) > 0 && u.Value.String() == p.words[u.Arg].Value.String() {
				vs = all
			}
		}
		for _, v := range vs {
			req.URLs = append(req.URLs, v)
			reaches = reaches || imds.Classify(v).Kind != imds.Elsewhere
		}
	}
	if !reaches || m.recorded(req) {
		return
	}
	if inv.Undecidable != "" && req.Token == facts.TokenAbsent {
		req.Token, req.Why = facts.TokenUnknown, inv.Undecidable
	}
	f := &found{req: req, call: &call{n: p.call}, outer: p.call, name: inv.Tool, url: url}
	asks := false
	for _, v := range req.URLs {
		asks = asks || imds.Classify(v).Token
	}
	if req.Token == facts.TokenAbsent && req.Misuse == "" && req.Depends == "" && !asks {
		req.Site = m.processSite(p, inv, f)
	}
	m.facts.Requests = append(m.facts.Requests, req)
}

// recorded reports whether the request is known already.
func (m *module) recorded(req *facts.Request) bool {
	for _, r := range m.facts.Requests {
		if r.Unit == req.Unit && r.Span == req.Span && r.Client == req.Client && len(r.URLs) > 0 && len(req.URLs) > 0 && r.URLs[0].String() == req.URLs[0].String() {
			return true
		}
	}
	return false
}
