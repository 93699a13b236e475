package python

import (
	"strings"

	"github.com/imdsscan/imdsscan/analyzer/facts"
	"github.com/imdsscan/imdsscan/analyzer/script"
	"github.com/imdsscan/imdsscan/notebooks"
)

// libraryFromCall records the use of a library that talks to the metadata
// service by itself. The qualified name comes from the imports, so that a
// function of the session with such a name is none.
func (m *module) libraryFromCall(call node, name string) {
	if !strings.HasPrefix(name, "boto.") {
		return
	}
	member := name[strings.LastIndexByte(name, '.')+1:]
	switch {
	case strings.HasPrefix(name, "boto.utils.get_instance_"):
	case strings.HasPrefix(member, "connect_") && !m.hasKeys(call):
		// Without keys, boto asks the metadata service for them.
	default:
		return
	}
	m.facts.Libraries = append(m.facts.Libraries, facts.Library{
		Unit: m.unit(call), Span: call.Span(), Library: "boto", Use: name,
	})
}

// hasKeys reports whether a connection is given its credentials.
func (m *module) hasKeys(call node) bool {
	args := m.args(call)
	if args.key["aws_access_key_id"].OK() || len(args.double) > 0 || args.star {
		return true
	}
	// connect_s3(key, secret); connect_to_region takes the region first.
	want := 2
	if strings.HasSuffix(call.Field("function").Text(), "_region") {
		want = 3
	}
	return len(args.pos) >= want
}

// finish records what needs the whole session: scripts held by constants.
// It runs once, after every call was seen.
func (m *module) finish() {
	for _, t := range m.trees {
		if t == nil {
			continue
		}
		for i := 0; i < t.Len(); i++ {
			if n := t.At(i); n.Is("string", "concatenated_string") {
				m.script(n)
				m.literalPins(n)
				i = n.After() - 1
			}
		}
	}
}

// script records a literal that is a script by its first line.
func (m *module) script(lit node) {
	if !strings.Contains(lit.Text(), "#!") {
		return
	}
	texts := m.literalText(lit)
	if len(texts) != 1 {
		return
	}
	language := script.OfText(string(texts[0].text.Bytes()))
	if language == "" {
		return
	}
	use := m.fullText(lit)
	if !isStatement(use) {
		m.nest(lit, use, language, via(language), true)
	}
}

func via(l notebooks.Language) string {
	if l == notebooks.Shell {
		return "shell script in a string"
	}
	return l.Title() + " script in a string"
}

// isStatement reports whether a string is a statement by itself: a docstring
// or a comment.
func isStatement(n node) bool { return n.Parent().Is("expression_statement") && n.Is("string") }

// fullText climbs from a literal to the text it is a part of: the whole of a
// concatenation, the template with what is filled in.
func (m *module) fullText(lit node) node {
	n := lit
	for range 16 {
		p := n.Parent()
		switch {
		case p.Is("parenthesized_expression"):
			n = p
		case p.Is("binary_operator") && p.Field("operator").Text() == "+":
			n = p
		case p.Is("binary_operator") && p.Field("operator").Text() == "%" && n.FieldName() == "left":
			n = p
		case p.Is("attribute") && p.Parent().Is("call") && p.FieldName() == "function" && isTextMethod(p.Field("attribute").Text()):
			n = p.Parent()
		case p.Is("argument_list") && strings.HasSuffix(p.Parent().Field("function").Text(), "Template"):
			n = p.Parent()
		case p.Is("list", "tuple") && p.Parent().Is("argument_list") && isJoin(p.Parent().Parent()):
			n = p.Parent().Parent()
		case p.Is("assignment"):
			return m.templateUse(n, p.Field("left"))
		default:
			return n
		}
	}
	return n
}

// isJoin reports whether a call joins lines.
func isJoin(call node) bool {
	f := call.Field("function")
	return f.Field("attribute").Text() == "join" && f.Field("object").Is("string")
}

func isTextMethod(name string) bool {
	return sameText[name] || name == "format" || name == "substitute" || name == "safe_substitute"
}

// templateUse finds the place where a text that a name was given is filled in
// as a template; it is the text itself where there is none.
func (m *module) templateUse(text, name node) node {
	if !name.Is("identifier", "attribute") {
		return text
	}
	_, last := cutLast(name.Text())
	for _, use := range m.fillings()[last] {
		of := use.Field("left")
		if use.Is("call") {
			of = use.Field("function").Field("object")
		}
		if m.standsFor(of, text) {
			return use
		}
	}
	return text
}

// fillings are the places where a text in a name is filled in as a template,
// by the last part of that name.
func (m *module) fillings() map[string][]node {
	if m.filled != nil {
		return m.filled
	}
	m.filled = map[string][]node{}
	add := func(of, use node) {
		if _, last := cutLast(templateOf(m, of).Text()); last != "" {
			m.filled[last] = append(m.filled[last], use)
		}
	}
	for _, t := range m.trees {
		if t == nil {
			continue
		}
		for i := range t.Len() {
			switch n := t.At(i); n.Kind() {
			case "attribute":
				a := n.Field("attribute").Text()
				if (a == "format" || a == "substitute" || a == "safe_substitute") && n.Parent().Is("call") && n.FieldName() == "function" {
					add(n.Field("object"), n.Parent())
				}
			case "binary_operator":
				if n.Field("operator").Text() == "%" {
					add(n.Field("left"), n)
				}
			}
		}
	}
	return m.filled
}

// templateOf is the text that a string.Template is made of, or n itself.
func templateOf(m *module, n node) node {
	if n.Is("call") && strings.HasSuffix(n.Field("function").Text(), "Template") {
		return m.args(n).first("template")
	}
	return n
}

// standsFor reports whether an expression is a name for a text, or a Template
// of it.
func (m *module) standsFor(n, text node) bool {
	n = templateOf(m, n)
	if !n.Is("identifier", "attribute") {
		return false
	}
	defs, _ := m.defs(n)
	for _, d := range defs {
		if d == text || d.Inside(text) || text.Inside(d) {
			return true
		}
	}
	return false
}
