package python

import (
	"strings"

	"github.com/imdsscan/imdsscan/analyzer/command"
	"github.com/imdsscan/imdsscan/analyzer/facts"
	"github.com/imdsscan/imdsscan/notebooks/span"
	"github.com/imdsscan/imdsscan/rules"
)

// processSite says where the fix of a command given as a list may write.
func (m *module) processSite(call, list node, name string, args arguments, words []word, inv command.Invocation, req *facts.Request) *facts.Site {
	var url node
	if len(inv.URLs) > 0 {
		url = words[inv.URLs[0].Arg].node
	}
	b := &siteBuilder{
		m: m, unit: m.unit(call), expr: call, old: m.old(),
		f: &found{req: req, call: call, args: args, url: url, client: &rules.PythonCall{Name: name, Library: "subprocess"}},
		site: &facts.Site{Guard: "none", Anchors: map[string]span.Span{}, Vars: map[string]string{"import": ""},
			Scope: m.assignedIn(call), Names: m.allNames()},
	}
	b.quote = b.chooseQuote()
	b.site.Vars["q"] = b.quote
	b.judge()
	if !b.processForm(list, name, words, inv) {
		b.refuse("no fix is known for this form of the call")
	}
	return b.site
}

func (b *siteBuilder) processForm(list node, name string, words []word, inv command.Invocation) bool {
	s := b.site
	switch {
	case inv.Tool != "curl" && inv.Tool != "wget":
		b.refuse("a fix is known for curl and wget only, when a list of words is run")
		return false
	case inv.Several || inv.Replaces || !list.OK():
		return false
	case inv.Elsewhere != "":
		b.refuse("the command runs elsewhere (" + inv.Elsewhere + "), where the token has to be fetched too")
		return false
	case !b.tokenCommand(words, inv):
		return false
	}
	var ok bool
	if s.Vars["url"], ok = b.tokenURL(); !ok {
		return false
	}
	_, verb := cutLast(name)
	switch verb {
	case "check_output", "check_call":
		s.Recipe = "subprocess.check"
		ok = b.processNames("check_output", "")
		s.Vars["options"] = b.keywords("timeout", "env", "cwd", "executable") + b.quiet()
	case "run":
		s.Recipe = "subprocess.run"
		ok = b.processNames("run", "")
		ok = ok && b.runOptions()
	case "call", "Popen", "given":
		s.Recipe = "subprocess.Popen"
		ok = b.processNames("Popen", "PIPE")
		s.Vars["options"] = b.keywords("env", "cwd", "executable") + b.quiet()
	default:
		return false
	}
	if !ok || !b.processHeader(list, words, inv) {
		return false
	}
	if s.Vars["decode"] == "?" {
		s.Vars["decode"] = ".decode()"
		if b.old {
			s.Vars["decode"] = ""
		}
	}
	if s.Recipe == "subprocess.run" {
		s.Guard = "conditional"
	}
	if writesOut(words) {
		s.Unsafe = "the command also writes the status of the answer, which it does not when the token is refused"
	}
	if !b.arrange() {
		return false
	}
	if s.Recipe == "subprocess.Popen" && s.Guard == "inline" {
		s.Shape += "-inline"
	}
	s.Anchors["call"] = b.expr.Span()
	s.Vars["left"], s.Vars["right"] = wrap(b.expr)
	return true
}

// writesOut reports whether curl is told to write about the answer (-w).
func writesOut(words []word) bool {
	for _, w := range words {
		text, _ := w.Value.Prefix()
		if strings.HasPrefix(text, "-w") || strings.HasPrefix(text, "--write-out") {
			return true
		}
	}
	return false
}

// processNames gives the names of the function that fetches the token, and of
// the pipe it writes to.
func (b *siteBuilder) processNames(function, pipe string) (ok bool) {
	b.site.Vars["decode"] = "?"
	b.site.Vars["fetch"], ok = b.sibling(function, "subprocess")
	if ok && pipe != "" {
		b.site.Vars["pipe"], ok = b.sibling(pipe, "subprocess")
	}
	return ok
}

// quiet repeats where the call sends what the command says on stderr.
func (b *siteBuilder) quiet() string {
	v := b.f.args.key["stderr"]
	if !v.OK() || strings.HasSuffix(v.Text(), "STDOUT") || !v.Is("identifier", "attribute") {
		return ""
	}
	return ", stderr=" + v.Text()
}

// runOptions repeats what decides the kind of subprocess.run's outcome, since
// that of a refused token stands in for the call's.
func (b *siteBuilder) runOptions() bool {
	s := b.site
	s.Vars["options"] = b.keywords("capture_output", "timeout", "check", "text", "universal_newlines", "encoding", "errors", "env", "cwd", "executable")
	args := b.f.args
	if len(args.double) > 0 || args.key["input"].OK() || args.key["stdin"].OK() {
		return false
	}
	for _, k := range []string{"text", "universal_newlines", "encoding"} {
		if v := args.key[k]; v.OK() && !v.Is("false", "none") {
			s.Vars["decode"] = ""
		}
	}
	if c := args.key["capture_output"]; !c.OK() || c.Is("false") {
		pipe, ok := b.sibling("PIPE", "subprocess")
		if !ok {
			return false
		}
		s.Vars["options"] += ", stdout=" + pipe + b.quiet()
	}
	return true
}

// tokenCommand is the beginning of the token request's words: the wrappers
// and the tool as in the call, and the options that it shares.
func (b *siteBuilder) tokenCommand(words []word, inv command.Invocation) bool {
	var out []string
	add := func(from, to int) bool {
		for i := from; i <= to; i++ {
			if n := words[i].node; n.OK() {
				if n.Is("list_splat") || !simple(n) {
					return false
				}
				out = append(out, oneLine(n))
				continue
			}
			text, known := words[i].Value.Known()
			if !known {
				return false
			}
			out = append(out, quoted(text, b.quote))
		}
		return true
	}
	if !add(inv.CarryFrom, inv.Index) {
		return false
	}
	bounded := false
	fixed := []string{"-sf"}
	if inv.Tool == "wget" {
		fixed = []string{"-qO-", "--method=PUT", "--tries=1"}
	}
	for _, f := range fixed {
		out = append(out, quoted(f, b.quote))
	}
	for _, c := range inv.Carry {
		bounded = bounded || c.MaxTime
		if c.Text != "" {
			for _, f := range strings.Fields(c.Text) {
				out = append(out, quoted(f, b.quote))
			}
		} else if !add(c.From, c.To) {
			return false
		}
	}
	switch {
	case inv.Tool == "wget" && !bounded:
		out = append(out, quoted("--timeout=5", b.quote))
	case inv.Tool == "curl" && !bounded:
		out = append(out, quoted("-m", b.quote), quoted("5", b.quote))
	}
	put := []string{"-X", "PUT", "-H", "X-aws-ec2-metadata-token-ttl-seconds: 21600"}
	b.site.Vars["header"] = quoted("-H", b.quote) + ", " + b.quote + "X-aws-ec2-metadata-token: " + b.quote
	if inv.Tool == "wget" {
		put = []string{"--header=X-aws-ec2-metadata-token-ttl-seconds: 21600"}
		b.site.Vars["header"] = b.quote + "--header=X-aws-ec2-metadata-token: " + b.quote
	}
	for _, f := range put {
		out = append(out, quoted(f, b.quote))
	}
	b.site.Vars["command"] = strings.Join(out, ", ")
	return true
}

// processHeader puts the header into the list where that is written in the
// call, and appends it to the list where it is not.
func (b *siteBuilder) processHeader(list node, words []word, inv command.Invocation) bool {
	s := b.site
	for list.Is("parenthesized_expression") && len(list.Named()) == 1 {
		list = list.Named()[0]
	}
	s.Anchors["argv"] = list.Span()
	after := words[inv.InsertAt].node
	if list.Is("list", "tuple") && after.OK() && after.Parent() == list {
		s.Shape = "list"
		s.Vars["comma"] = comma(after)
		s.Anchors["option"] = atEnd(after)
		return true
	}
	for _, w := range words {
		if text, _ := w.Value.Known(); text == "--" {
			return false
		}
	}
	if !list.Is("identifier", "attribute", "call", "subscript", "binary_operator") {
		return false
	}
	if defs, _ := b.m.defs(list); len(defs) == 1 && defs[0].Is("tuple") {
		return false
	}
	s.Shape = "append"
	return true
}
