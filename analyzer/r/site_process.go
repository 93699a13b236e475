package r

import (
	"strings"

	"github.com/imdsscan/imdsscan/analyzer/command"
	"github.com/imdsscan/imdsscan/analyzer/facts"
	"github.com/imdsscan/imdsscan/notebooks/codec"
	"github.com/imdsscan/imdsscan/rules"
)

// processSite says where the fix of a command given to system2 may write.
func (m *module) processSite(c *call, args node, words []word, inv command.Invocation, req *facts.Request) *facts.Site {
	f := &found{req: req, c: c, client: &rules.RCall{Name: c.name}}
	b := m.builder(f, c)
	if !b.system2(args, words, inv) {
		b.refuse("no fix is known for this form of the call")
	}
	return b.site
}

func (b *siteBuilder) system2(args node, words []word, inv command.Invocation) bool {
	c, s := b.f.c, b.site
	switch {
	case c.name != "system2":
		b.refuse("no fix is known for " + c.fn.Text())
		return false
	case inv.Tool != "curl":
		b.refuse("a fix is known for curl only, when a list of words is run")
		return false
	case inv.Several || inv.Replaces || inv.Index != 0 || inv.Elsewhere != "":
		return false
	case c.named("wait").OK() || c.named("input").OK() || c.named("stdin").OK() || len(c.args) > 2 && c.args[2].name == "":
		return false
	}
	s.Recipe = "r.system2"
	s.Vars["fetch"] = c.fn.Text() + "("
	q := s.Vars["q"]
	quote := func(text string) string { return codec.OneLine(text, q) }
	program, ok := oneLine(c.first("command"))
	if !ok {
		return false
	}
	s.Vars["command"] = program
	put := []string{quote("-sf")}
	bounded := false
	for _, carry := range inv.Carry {
		bounded = bounded || carry.MaxTime
		if carry.Text != "" {
			for _, w := range strings.Fields(carry.Text) {
				put = append(put, quote(w))
			}
			continue
		}
		for i := carry.From; i <= carry.To; i++ {
			text, known := words[i].Value.Known()
			if n := words[i].node; n.OK() {
				if text, known = oneLine(n); !known {
					return false
				}
				put = append(put, text)
			} else if known && !strings.ContainsAny(text, " $`\"'\\") {
				put = append(put, quote(text))
			} else {
				return false
			}
		}
	}
	if !bounded {
		put = append(put, quote("-m"), quote("5"))
	}
	put = append(put, quote("-X"), quote("PUT"), quote("-H"), "shQuote("+quote("X-aws-ec2-metadata-token-ttl-seconds: 21600")+")")
	url, ok := b.tokenURL()
	if !ok {
		return false
	}
	s.Vars["args"] = strings.Join(append(put, url), ", ")
	s.Vars["header"] = "X-aws-ec2-metadata-token: "
	s.Vars["option"] = quote("-H") + ", "
	s.Vars["options"] = carried(c.args, func(a arg) bool {
		return a.name == "stderr" && !a.value.Is("true") || a.name == "env" || a.name == "timeout"
	})
	switch stdout := c.named("stdout"); {
	case stdout.Is("true"):
		s.Vars["lines"] = "yes"
	case !stdout.OK() || stdout.Is("false", "string"):
		s.Vars["lines"] = ""
	default:
		return false
	}
	return b.processHeader(args, words, inv) && b.finish(false)
}

// processHeader puts the header into the vector where that is written in the
// call, and appends it to the vector where it is not.
func (b *siteBuilder) processHeader(args node, words []word, inv command.Invocation) bool {
	s := b.site
	after := words[min(inv.InsertAt, len(words)-1)].node
	if vector := b.m.callAt[args]; b.m.is(vector, "c") && len(vector.args) > 0 {
		if after.OK() && after.Parent().Is("argument") && after.Parent().Parent().Parent() == args {
			s.Shape, s.Vars["comma"] = "list", ", "
			s.Anchors["option"] = after.Parent().Span()
			return true
		}
	}
	for _, w := range words {
		if text, _ := w.Value.Known(); text == "--" {
			return false
		}
	}
	if !args.OK() {
		return false
	}
	s.Shape, s.Anchors["args"] = "append", args.Span()
	return true
}
