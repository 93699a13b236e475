package python

import (
	"strings"

	"github.com/imdsscan/imdsscan/analyzer/command"
	"github.com/imdsscan/imdsscan/analyzer/facts"
	"github.com/imdsscan/imdsscan/analyzer/imds"
)

// argvForm is how a call takes the words of a command.
type argvForm uint8

const (
	argvFirst  argvForm = iota + 1 // a list, or a string to split, as first argument
	argvSecond                     // a list as second argument
	argvThird                      // a list as third argument
	argvSpread                     // each word an argument
	argvAfter                      // each word an argument, after the file to run
)

// execCalls run a command without a shell.
var execCalls = map[string]argvForm{
	"os.execv": argvSecond, "os.execvp": argvSecond, "os.execve": argvSecond, "os.execvpe": argvSecond,
	"os.spawnv": argvThird, "os.spawnvp": argvThird,
	"os.execl": argvAfter, "os.execlp": argvAfter,
	"asyncio.create_subprocess_exec": argvSpread, "asyncio.subprocess.create_subprocess_exec": argvSpread,
	"pexpect.run": argvFirst, "pexpect.spawn": argvFirst,
}

// word is one word of a command; its node is the expression in the list that
// gives it, no node when it is a part of a string.
type word struct {
	command.Word
	node node
}

// process looks at the command that a call runs by its list of words.
func (m *module) process(call node, name string, args arguments) {
	form := execCalls[name]
	if form == 0 {
		form = argvFirst
	}
	var list node
	var words []word
	switch form {
	case argvFirst:
		list = args.first("args", "command")
		words = m.words(list)
	case argvSecond, argvThird:
		if at := int(form) - 1; at < len(args.pos) {
			list = args.pos[at]
			words = m.words(list)
		}
	case argvAfter:
		words = m.wordsOf(args.pos[min(1, len(args.pos)):])
	case argvSpread:
		words = m.wordsOf(args.pos)
	}
	if len(words) == 0 || m.givenByCaller(list) {
		m.processOfHelper(call, list, name)
		return
	}
	plain := make([]command.Word, len(words))
	for i, w := range words {
		plain[i] = w.Word
	}
	m.installs(call, words)
	for _, inv := range command.ParseWords(plain) {
		if inv.Nested != nil {
			switch at := inv.Nested.Arg; {
			case at >= 0 && words[at].node.OK():
				m.nest(call, words[at].node, inv.Nested.Language, name, inv.Elsewhere != "")
			case at < 0:
				m.nest(call, args.key["input"], inv.Nested.Language, name, inv.Elsewhere != "")
			}
			continue
		}
		m.processRequest(call, list, name, args, words, inv)
	}
}

// words are the words of a list expression, or of a string that is split.
func (m *module) words(list node) []word { return m.wordsAt(list, 0) }

// maxLists bounds how many lists a list is put together from: one may be made
// from itself.
const maxLists = 12

func (m *module) wordsAt(list node, depth int) []word {
	if depth > maxLists {
		return nil
	}
	switch list.Kind() {
	case "list", "tuple":
		return m.wordsOf(list.Named())
	case "parenthesized_expression":
		if c := list.Named(); len(c) == 1 {
			return m.wordsAt(c[0], depth+1)
		}
	case "conditional_expression":
		// The other branch is what runs when there is nothing to ask for.
		if c := list.Named(); len(c) == 3 {
			return m.wordsAt(c[0], depth+1)
		}
	case "binary_operator":
		if list.Field("operator").Text() == "+" {
			left, right := m.wordsAt(list.Field("left"), depth+1), m.wordsAt(list.Field("right"), depth+1)
			if len(left) > 0 {
				return append(left, right...)
			}
		}
	case "string", "concatenated_string":
		return split(m.eval(list))
	case "call":
		f := list.Field("function")
		if args := m.args(list); m.callee(list) == "shlex.split" && len(args.pos) > 0 {
			return split(m.eval(args.pos[0]))
		} else if f.Is("attribute") && f.Field("attribute").Text() == "split" && (len(args.pos) == 0 || stringText(args.pos[0]) == " ") {
			return split(m.eval(f.Field("object")))
		}
	}
	if !list.Is("identifier", "attribute", "call", "subscript") {
		return nil
	}
	defs, complete := m.defs(list)
	if !complete || len(defs) != 1 || defs[0] == list || !defs[0].OK() {
		return nil
	}
	if defs[0].Is("identifier", "attribute", "subscript") {
		return nil
	}
	if d := defs[0]; d.Is("augmented_assignment") {
		left, right := m.wordsAt(d.Field("left"), depth+1), m.wordsAt(d.Field("right"), depth+1)
		if d.Field("operator").Text() != "+=" || len(left) == 0 || len(right) == 0 {
			return nil
		}
		return append(left, right...)
	}
	words := m.wordsAt(defs[0], depth+1)
	for _, c := range m.changesOf(list) {
		args := m.args(c.at)
		switch {
		case !c.at.Is("call") || len(args.pos) != 1 || m.place(list).before(m.place(c.at)):
		case c.method == "append":
			words = append(words, m.wordsOf(args.pos)...)
		case c.method == "extend":
			words = append(words, m.wordsAt(args.pos[0], depth+1)...)
		}
	}
	return words
}

// wordsOf are the words that expressions give, one each.
func (m *module) wordsOf(list []node) []word {
	var out []word
	for _, n := range list {
		switch {
		case n.Is("comment"):
			continue
		case n.Is("list_splat"):
			out = append(out, word{Word: command.Word{Value: imds.Unknown(n.Text()), Open: true}, node: n})
			continue
		}
		vs := m.eval(n)
		if m.qualified(n) == "sys.executable" {
			vs = []imds.Value{imds.Lit("python", m.source(n))}
		}
		w := word{Word: command.Word{Value: imds.Unknown(n.Text())}, node: n}
		if len(vs) > 0 {
			w.Value = vs[0]
		}
		if text, known := w.Value.Known(); known && text == "" && n.Is("string") {
			w.Value = imds.Lit("", m.source(n))
		}
		out = append(out, w)
	}
	return out
}

// split cuts a command line at its blanks as shlex does, quotes removed.
func split(vs []imds.Value) []word {
	if len(vs) != 1 {
		return nil
	}
	var out []word
	for _, w := range command.Split(vs[0]) {
		out = append(out, word{Word: w})
	}
	return out
}

// processRequest records the request that a command sends.
func (m *module) processRequest(call, list node, name string, args arguments, words []word, inv command.Invocation) {
	req := &facts.Request{Unit: m.unit(call), Span: call.Span(), Client: inv.Tool, Method: inv.Method,
		Token: inv.Token, Why: inv.Why, Misuse: inv.Misuse, Depends: inv.Depends}
	reaches := inv.Depends != ""
	for _, u := range inv.URLs {
		vs := []imds.Value{u.Value}
		if n := words[u.Arg].node; n.OK() && !n.Is("list_splat") && u.Value.String() == words[u.Arg].Value.String() {
			vs = m.eval(n)
		}
		for _, v := range vs {
			req.URLs = append(req.URLs, v)
			reaches = reaches || imds.Classify(v).Kind != imds.Elsewhere
		}
	}
	if !reaches {
		return
	}
	if inv.Undecidable != "" && req.Token == facts.TokenAbsent {
		req.Token, req.Why = facts.TokenUnknown, inv.Undecidable
	}
	if req.Token == facts.TokenAbsent && req.Misuse == "" && req.Depends == "" {
		req.Site = m.processSite(call, list, name, args, words, inv, req)
	}
	m.facts.Requests = append(m.facts.Requests, req)
}

// foldedCommand records a request of a shell command that is put together
// from parts none of which holds the whole: it can be seen, not rewritten.
func (m *module) foldedCommand(call, text node, via string) {
	for _, v := range m.eval(text) {
		for _, words := range command.Commands(v) {
			for _, inv := range command.ParseWords(words) {
				m.foldedRequest(call, via, inv)
			}
		}
	}
}

func (m *module) foldedRequest(call node, via string, inv command.Invocation) {
	if inv.Nested != nil {
		return
	}
	req := &facts.Request{Unit: m.unit(call), Span: call.Span(), Client: inv.Tool, Method: inv.Method,
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

// quoted writes a known word as a string literal.
func quoted(text, quote string) string {
	r := strings.NewReplacer(`\`, `\\`, quote, `\`+quote, "\n", `\n`, "\t", `\t`)
	return quote + r.Replace(text) + quote
}
