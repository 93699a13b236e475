package jvm

import (
	"strings"

	"github.com/imdsscan/imdsscan/analyzer/command"
	"github.com/imdsscan/imdsscan/analyzer/facts"
	"github.com/imdsscan/imdsscan/analyzer/imds"
	"github.com/imdsscan/imdsscan/notebooks/span"
)

// processSite says where the fix of a command that is run without a shell may
// write.
func (m *module) processSite(p process, inv command.Invocation, f *found) *facts.Site {
	b := m.builder(f, p.call)
	for _, w := range p.words {
		for _, part := range w.parts {
			if strings.ContainsAny(part.text, `"'`) {
				b.site.Refuse = "how the quotes in the command are read differs between versions"
			}
		}
	}
	if !b.tokenURL() {
		b.refuse("the address of the request is not known well enough to ask for a token there")
	} else if !b.processForm(p, inv) {
		b.refuse("no fix is known for this form of the call")
	}
	return b.site
}

func (b *siteBuilder) processForm(p process, inv command.Invocation) bool {
	s := b.site
	switch {
	case inv.Tool != "curl" && inv.Tool != "wget":
		b.refuse("a fix is known for curl and wget only, when a list of words is run")
		return false
	case inv.Several || inv.Replaces:
		return false
	case inv.Elsewhere != "":
		b.refuse("the command runs elsewhere (" + inv.Elsewhere + "), where the token has to be fetched too")
		return false
	case p.list.OK() && p.list != unwrapped(p.arg):
		b.refuse("the command is put together elsewhere than it is run")
		return false
	case !b.tokenCommand(p.words, inv):
		return false
	}
	for _, w := range p.words {
		if text, _ := w.Value.Prefix(); strings.HasPrefix(text, "-w") || strings.HasPrefix(text, "--write-out") {
			s.Unsafe = "the command also writes the status of the answer, which it does not when the token is refused"
		} else if text == "--" {
			return false
		}
	}
	s.Vars["newline"] = ""
	if b.m.isJava(p.call) {
		return b.javaProcess(p, inv)
	}
	if p.spread || p.via == "ProcessBuilder" || p.via == "exec" || p.via == "command" {
		return false
	}
	s.Vars["list"], s.Vars["after"], s.Vars["before"] = "Seq", "", ""
	if after := p.words[inv.InsertAt]; after.node.OK() {
		c, ok := b.m.callAt(p.list)
		if !ok || after.node.Parent().Parent() != c.n {
			return false
		}
		s.Shape, s.Vars["list"] = "list", string(c.n.Tree().Source()[c.n.Start():c.at.End()])
		s.Anchors["option"] = span.Span{Start: after.node.End(), End: after.node.End()}
	} else if !b.commandText(p, inv) {
		return false
	}
	s.Anchors["argv"] = p.list.Span()
	s.Vars["open"], s.Vars["close"] = "", ""
	s.Vars["process"] = ""
	if p.via != "" {
		s.Vars["process"] = p.via
	}
	s.Recipe = "scala.process"
	if !p.raises {
		s.Recipe = "scala.process.any"
	}
	b.expr = p.list
	place := b.m.settingOf(p.list)
	b.arrange(place)
	if !place.statement.OK() {
		s.Shape += "-inline"
	}
	s.Anchors["call"] = p.call.Span()
	return true
}

// commandText writes a command line as a list of words: what separates them in
// a text would part the header too.
func (b *siteBuilder) commandText(p process, inv command.Invocation) bool {
	s := b.site
	urls := map[int]bool{}
	for _, u := range inv.URLs {
		urls[u.Arg] = true
	}
	var out []string
	for i, w := range p.words {
		if len(w.parts) == 0 {
			return false
		}
		for _, part := range w.parts {
			if strings.ContainsAny(part.text, `"'\`) {
				b.refuse("how the quotes in the command are read differs between versions")
				return false
			}
			if known, ok := w.Value.Known(); part.hole.OK() && !urls[i] && (!ok || strings.ContainsAny(known, " \t\n") || known == "") {
				b.refuse("a part of the command may hold several words")
				return false
			}
		}
		text, ok := b.wordText(p, w)
		if !ok {
			return false
		}
		out = append(out, text)
		if i == inv.InsertAt {
			s.Vars["before"] = strings.Join(out, ", ")
			out = nil
		}
	}
	if len(out) > 0 {
		s.Vars["after"] = ", " + strings.Join(out, ", ")
	}
	s.Shape = "text"
	return s.Vars["before"] != ""
}

// wordText writes a word as an expression: holes as they were written.
func (b *siteBuilder) wordText(p process, w word) (string, bool) {
	interpolated := p.list.Kind() == "interpolated_string_expression"
	if interpolated && p.list.Field("interpolator").Text() != "s" {
		return "", false
	}
	if interpolated && len(w.parts) == 1 && w.parts[0].hole.Kind() == "identifier" && b.m.kindOfURL(ref{w.parts[0].hole, nil}) == "text" {
		return w.parts[0].hole.Text(), true
	}
	if interpolated {
		var sb strings.Builder
		holes := false
		for _, part := range w.parts {
			if part.hole.OK() {
				sb.WriteString(holeText(part.hole))
				holes = true
				continue
			}
			sb.WriteString(strings.ReplaceAll(part.text, "$", "$$"))
		}
		if !holes {
			return `"` + strings.ReplaceAll(sb.String(), "$$", "$") + `"`, true
		}
		return `s"` + sb.String() + `"`, !strings.Contains(sb.String(), "\n")
	}
	var parts []string
	text := false
	for _, part := range w.parts {
		if part.hole.OK() {
			if !part.hole.Is("identifier", "field_expression", "call_expression", "string", "interpolated_string_expression", "field_access", "method_invocation", "parenthesized_expression") {
				return "", false
			}
			parts = append(parts, part.hole.Text())
			text = text || b.m.kindOfURL(ref{part.hole, nil}) == "text"
			continue
		}
		parts = append(parts, `"`+part.text+`"`)
		text = true
	}
	if !text {
		parts = append([]string{`""`}, parts...)
	}
	return strings.Join(parts, " + "), true
}

// holeText is a hole of s"…" as it was written.
func holeText(n node) string {
	p := n.Parent()
	for p.OK() && p.Kind() != "interpolation" {
		p = p.Parent()
	}
	return p.Text()
}

// tokenCommand is the words of the token request: the wrappers and the tool as
// in the call, and the options that it shares.
func (b *siteBuilder) tokenCommand(words []word, inv command.Invocation) bool {
	var out []string
	add := func(from, to int) bool {
		for i := from; i <= to; i++ {
			if n := words[i].node; n.OK() {
				if !isSimple(n) {
					return false
				}
				out = append(out, n.Text())
				continue
			}
			text, known := words[i].Value.Known()
			if !known || strings.ContainsAny(text, "\"\\\n") {
				return false
			}
			out = append(out, `"`+text+`"`)
		}
		return true
	}
	if !add(inv.CarryFrom, inv.Index) {
		return false
	}
	fixed := []string{"-sf"}
	if inv.Tool == "wget" {
		fixed = []string{"-qO-", "--method=PUT", "--tries=1"}
	}
	bounded, route := false, inv.Tool
	for _, c := range inv.Carry {
		bounded = bounded || c.MaxTime
		for i := c.From; !c.MaxTime && !c.Patience && i <= c.To; i++ {
			route += " " + words[i].Value.String()
		}
	}
	b.site.Vars["route"] = route
	for _, f := range fixed {
		out = append(out, `"`+f+`"`)
	}
	for _, c := range inv.Carry {
		if c.Text != "" {
			for _, f := range strings.Fields(c.Text) {
				out = append(out, `"`+f+`"`)
			}
		} else if !add(c.From, c.To) {
			return false
		}
	}
	tail := `"-X", "PUT", "-H", "` + imds.TTLHeader + `: 21600"`
	b.site.Vars["header"] = `"-H", "` + imds.TokenHeader + `: "`
	if inv.Tool == "wget" {
		tail = `"--header=` + imds.TTLHeader + `: 21600"`
		b.site.Vars["header"] = `"--header=` + imds.TokenHeader + `: "`
		if !bounded {
			tail = `"--timeout=5", ` + tail
		}
	} else if !bounded {
		tail = `"-m", "5", ` + tail
	}
	b.site.Vars["command"] = strings.Join(out, ", ") + ", " + tail
	return true
}

// javaProcess wraps the words into a method that adds the header.
func (b *siteBuilder) javaProcess(p process, inv command.Invocation) bool {
	s := b.site
	s.Recipe = "java.process"
	s.Vars["flag"] = "curl"
	if inv.Tool == "wget" {
		s.Vars["flag"] = ""
	}
	first := p.words[0].node
	switch {
	case p.spread:
		s.Shape = "words"
		s.Anchors["words"] = span.Span{Start: first.Start(), End: p.words[len(p.words)-1].node.End()}
	case p.list.Is("array_creation_expression"):
		s.Shape = "words"
		s.Anchors["words"] = p.list.Span()
	case first.OK() && first.Parent().Is("argument_list") && first.Parent().Parent() == p.list:
		s.Shape = "words"
		s.Anchors["words"] = span.Span{Start: first.Start(), End: p.words[len(p.words)-1].node.End()}
	case !first.OK() && p.via == "exec":
		if !b.commandText(p, inv) {
			return false
		}
		s.Shape = "text"
		s.Anchors["words"] = p.list.Span()
	default:
		return false
	}
	b.expr = p.call
	return b.javaHelper("", false)
}
