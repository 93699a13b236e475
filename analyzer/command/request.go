package command

import (
	"fmt"
	"strings"

	"github.com/imdsscan/imdsscan/analyzer/facts"
	"github.com/imdsscan/imdsscan/analyzer/imds"
	"github.com/imdsscan/imdsscan/rules"
)

// request reads the words of a tool; false when it sends nothing.
func (inv *Invocation) request(t *rules.ShellTool, words []Word) bool {
	inv.Tool, inv.Method, inv.InsertAt = t.Tool, "GET", inv.Index
	inv.Depends, inv.Unfixed = t.Depends, t.Unfixed
	if t.Syntax == "utility" {
		return true
	}
	s := scan(t, words, inv.Index+1)
	operands := s.operands
	if t.Syntax == "items" {
		operands = inv.items(s.operands)
	}
	inv.Plain = true
	inv.options(t, s)
	for _, o := range operands {
		inv.addURL(s, o, o.Arg-1)
	}
	if len(inv.URLs) == 0 && len(s.open) > 0 {
		// Nothing else can be the URL.
		last := s.open[len(s.open)-1]
		s.open = s.open[:len(s.open)-1]
		inv.addURL(s, last, last.Arg-1)
	}
	for _, o := range s.open {
		inv.undecided(fmt.Sprintf("the options in %s are not known", o.Value))
	}
	for _, w := range inv.Wrappers {
		if rw := table().Wrappers[Name(words[w].Value)]; rw != nil && rw.Appends && !replaces(words[w:inv.Index]) {
			inv.URLs = append(inv.URLs, Arg{w, imds.Unknown("standard input")})
		}
	}
	if len(inv.URLs) == 0 {
		return false
	}
	if t.Syntax == "items" {
		inv.InsertAt = inv.URLs[0].Arg
	}
	inv.token(t)
	inv.misuse(t, s)
	return true
}

// replaces is true for xargs -I{}, which puts the words where {} stands.
func replaces(words []Word) bool {
	for _, w := range words {
		if s := text(w.Value); strings.HasPrefix(s, "-I") || strings.HasPrefix(s, "-i") || strings.HasPrefix(s, "--replace") {
			return true
		}
	}
	return false
}

// status is a -w text with the status of a request that got no answer; empty
// when it asks for anything else.
func status(format string) string {
	s := strings.NewReplacer("%{http_code}", "000", "%{response_code}", "000").Replace(format)
	if s == format || strings.Contains(s, "%") || strings.ContainsAny(s, "'@") {
		return ""
	}
	return s
}

// addURL notes a URL; a header may go in front of the first one.
func (inv *Invocation) addURL(s scanned, u Arg, before int) {
	if len(inv.URLs) == 0 && !s.dashes {
		inv.InsertAt = max(before, inv.Index)
	}
	inv.URLs = append(inv.URLs, u)
}

func (inv *Invocation) options(t *rules.ShellTool, s scanned) {
	get := false
	for _, o := range s.options {
		is := func(meaning string) bool { return t.Is(o.name, meaning) }
		known, whole := o.value.Known()
		switch {
		case is("header"):
			if o.valueArg >= 0 {
				inv.Headers = append(inv.Headers, Arg{o.valueArg, o.value})
			}
		case is("url"):
			if o.valueArg >= 0 {
				inv.addURL(s, Arg{o.valueArg, o.value}, o.arg-1)
			}
		case is("method"):
			inv.Method = strings.ToUpper(known)
			if !whole {
				inv.Method = ""
			}
		case is("head"):
			inv.Method = "HEAD"
		case is("get"):
			get = true
		case is("upload"):
			inv.Method = "PUT"
		case is("data"):
			if inv.Method == "GET" {
				inv.Method = "POST"
			}
			if o.valueArg >= 0 {
				inv.Data = append(inv.Data, Arg{o.valueArg, o.value})
			}
		case is("config"):
			inv.undecided(fmt.Sprintf("%s takes options from %s", o.name, o.value))
		case is("execute"):
			if !whole || strings.Contains(strings.ToLower(known), "header") {
				inv.undecided(fmt.Sprintf("%s %s may set headers", o.name, o.value))
			}
		case is("next"):
			inv.Several = true
		case is("write-out"):
			inv.Status = status(known)
		}
		if is("stdout") {
			inv.Plain = false
		}
		inv.carry(t, o)
	}
	if get && inv.Method == "POST" {
		inv.Method = "GET"
	}
}

// carry notes an option that the token request has to repeat.
func (inv *Invocation) carry(t *rules.ShellTool, o option) {
	if !t.Carries(o.name) && !(t.Is(o.name, "execute") && strings.Contains(text(o.value), "proxy")) {
		return
	}
	c := Carried{From: o.arg, To: max(o.arg, o.valueArg), MaxTime: t.Is(o.name, "max-time"), Patience: t.Is(o.name, "patience")}
	if !o.whole {
		// One of several letters written together.
		c.Text = o.name
		if o.valueArg >= 0 {
			known, whole := o.value.Known()
			if !whole || strings.ContainsAny(known, " \t\n'\"\\$`*?[#~;&|<>()") {
				return
			}
			c.Text += " " + known
		}
	}
	inv.Carry = append(inv.Carry, c)
}

func (inv *Invocation) undecided(why string) {
	if inv.Undecidable == "" {
		inv.Undecidable = why
	}
}

// items reads HTTPie's `[METHOD] URL [ITEM…]` and returns the URL.
func (inv *Invocation) items(operands []Arg) []Arg {
	if len(operands) > 1 && isWord(text(operands[0].Value)) {
		inv.Method = strings.ToUpper(text(operands[0].Value))
		operands = operands[1:]
	} else if len(operands) > 1 {
		for _, o := range operands[1:] {
			if i := strings.IndexAny(text(o.Value), ":=@"); i > 0 && text(o.Value)[i] == '=' && !strings.HasPrefix(text(o.Value)[i:], "==") {
				inv.Method = "POST"
			}
		}
	}
	if len(operands) == 0 {
		return nil
	}
	for _, o := range operands[1:] {
		s := text(o.Value)
		i := strings.IndexAny(s, ":=@")
		switch {
		case i < 0 && len(o.Value) > 0 && o.Value[0].Unknown:
			inv.undecided(fmt.Sprintf("the item %s is not known", o.Value))
		case i > 0 && s[i] == ':' && !strings.HasPrefix(s[i:], ":="):
			inv.Headers = append(inv.Headers, o)
		}
	}
	return operands[:1]
}

func isWord(s string) bool {
	for _, c := range s {
		if (c < 'a' || c > 'z') && (c < 'A' || c > 'Z') {
			return false
		}
	}
	return s != ""
}

// header splits a header into its name and the rest.
func header(v imds.Value) (name string, value imds.Value, ok bool) {
	s := text(v)
	i := strings.IndexAny(s, ":;")
	if i <= 0 {
		return "", nil, false
	}
	return strings.TrimSpace(s[:i]), drop(v, i+1), true
}

// token decides whether the request carries a session token.
func (inv *Invocation) token(t *rules.ShellTool) {
	for _, h := range inv.Headers {
		name, value, ok := header(h.Value)
		switch {
		case ok && imds.IsTokenHeader(name):
			if known, whole := value.Known(); whole && strings.TrimSpace(known) == "" {
				inv.Misuse = fmt.Sprintf("the header %s has no value, %s leaves it out", name, t.Tool)
				inv.EmptyToken = true
				continue
			}
			inv.Token, inv.Why = facts.TokenPresent, "the header "+name+" is sent"
			return
		case strings.HasPrefix(text(h.Value), "@"):
			inv.undecided(fmt.Sprintf("headers come from the file %s", text(h.Value)[1:]))
		case !ok && len(h.Value) > 0:
			if _, whole := h.Value.Known(); !whole {
				inv.undecided(fmt.Sprintf("the header %s is not known", h.Value))
			}
		}
	}
	if inv.Undecidable != "" {
		inv.Token, inv.Why = facts.TokenUnknown, inv.Undecidable
	}
}

// misuse looks for mistakes in the request for a token and in its use.
func (inv *Invocation) misuse(t *rules.ShellTool, s scanned) {
	var aws, token bool
	for _, u := range inv.URLs {
		target := imds.Classify(u.Value)
		aws = aws || target.Kind == imds.AWS
		token = token || target.Kind == imds.AWS && target.Token
	}
	switch {
	case !aws:
		inv.Misuse = ""
	case token:
		inv.Misuse = inv.tokenMisuse(t, s)
	case inv.Token != facts.TokenPresent && inv.Misuse == "":
		for _, h := range inv.Headers {
			name, _, ok := header(h.Value)
			if !ok {
				continue
			}
			if inv.Misuse = imds.MisnamedHeader(name); inv.Misuse != "" {
				return
			}
			if imds.IsTTLHeader(name) {
				inv.Misuse = fmt.Sprintf("%s belongs to the request for a token, this one needs %s", name, imds.TokenHeader)
				return
			}
		}
	}
}

func (inv *Invocation) tokenMisuse(t *rules.ShellTool, s scanned) string {
	for _, o := range s.options {
		if t.Is(o.name, "upload") {
			return o.name + " makes curl send Expect: 100-continue, which the service refuses; use -X PUT"
		}
	}
	if inv.Method != "PUT" {
		if inv.Method == "" {
			return ""
		}
		return fmt.Sprintf("a token is asked for with PUT, not with %s", inv.Method)
	}
	misnamed := ""
	for _, h := range inv.Headers {
		name, value, ok := header(h.Value)
		if !ok {
			continue
		}
		if imds.IsTTLHeader(name) {
			known, whole := value.Known()
			if !whole {
				return ""
			}
			if err := imds.CheckTTL(known); err != nil {
				return err.Error()
			}
			return ""
		}
		if misnamed == "" {
			misnamed = imds.MisnamedHeader(name)
		}
	}
	switch {
	case misnamed != "":
		return misnamed
	case inv.Undecidable != "":
		return ""
	}
	return "the request for a token lacks the header " + imds.TTLHeader
}
