package python

import (
	"strings"

	"github.com/imdsscan/imdsscan/analyzer/facts"
	"github.com/imdsscan/imdsscan/analyzer/imds"
	"github.com/imdsscan/imdsscan/notebooks/codec"
	"github.com/imdsscan/imdsscan/notebooks/span"
)

// nestedText is the text of a string expression, decoded so that it can be
// edited where it is written.
type nestedText struct {
	at    node
	text  *span.Text
	holes []imds.Value
	// displayOnly is why the text should not be edited.
	displayOnly string
}

// sameText are methods and functions whose outcome is their text, give or
// take blanks around it and its type.
var sameText = map[string]bool{
	"strip": true, "lstrip": true, "rstrip": true, "encode": true, "decode": true, "replace": true,
	"dedent": true, "cleandoc": true, "Template": true, "str": true, "bytes": true,
}

// unfilled says why a string.Template is not edited until it is seen how it is
// filled in.
const unfilled = "the text is a template, and what fills it in was not found"

// textsOf decodes the texts that an expression may be: literals, also through
// names, with the templates they pass through.
func (m *module) textsOf(n node, depth int) []nestedText {
	if depth > 8 {
		return nil
	}
	switch n.Kind() {
	case "string", "concatenated_string":
		return m.literalText(n)
	case "parenthesized_expression":
		if c := n.Named(); len(c) == 1 {
			return m.textsOf(c[0], depth+1)
		}
	case "conditional_expression":
		if c := n.Named(); len(c) == 3 {
			return append(m.textsOf(c[0], depth+1), m.textsOf(c[2], depth+1)...)
		}
	case "binary_operator":
		switch n.Field("operator").Text() {
		case "+":
			if isLineEnds(n.Field("right")) {
				if out := m.textsOf(n.Field("left"), depth+1); len(out) > 0 {
					return out
				}
			}
			return m.concatenatedText(n, depth)
		case "%":
			return m.templated(n.Field("left"), percentTemplate(m, n.Field("right")), depth)
		}
	case "call":
		return m.callText(n, depth)
	case "identifier", "attribute", "subscript":
		var out []nestedText
		for _, d := range m.pieces(n) {
			out = append(out, m.textsOf(d, depth+1)...)
		}
		return out
	}
	return nil
}

// isLineEnds reports whether a literal only ends the text before it.
func isLineEnds(n node) bool {
	return n.Is("string") && n.Child("string_start").OK() && strings.ReplaceAll(stringText(n), `\n`, "") == ""
}

// pieces are the expressions that a name was given, each addition by `+=` a
// piece of its own.
func (m *module) pieces(name node) []node {
	const enough = 512
	var out []node
	seen := map[node]bool{name: true}
	for work := []node{name}; len(work) > 0 && len(seen) < enough; {
		n := work[len(work)-1]
		work = work[:len(work)-1]
		defs, _ := m.defs(n)
		for _, d := range defs {
			switch {
			case seen[d] || d.Is("identifier", "attribute", "subscript"):
			case d.Is("augmented_assignment"):
				seen[d] = true
				out = append(out, d.Field("right"))
				if left := d.Field("left"); !seen[left] {
					seen[left] = true
					work = append(work, left)
				}
			default:
				seen[d] = true
				out = append(out, d)
			}
		}
	}
	return out
}

// callText follows a text through the calls that leave it as it is, and those
// that fill in a template.
func (m *module) callText(n node, depth int) []nestedText {
	f := n.Field("function")
	args := m.args(n)
	name := f.Text()
	if f.Is("attribute") {
		name = f.Field("attribute").Text()
		switch name {
		case "join":
			return m.joinedTexts(f.Field("object"), args.first(), depth)
		case "format":
			return m.templated(f.Field("object"), formatTemplate(m, args), depth)
		case "substitute", "safe_substitute":
			return m.templated(f.Field("object"), dollarTemplate(m, args, name == "safe_substitute"), depth)
		}
		if sameText[name] && !f.Field("object").Is("identifier") || sameText[name] && m.namesText(f.Field("object")) {
			return m.textsOf(f.Field("object"), depth+1)
		}
	}
	if sameText[name] && len(args.pos) > 0 {
		out := m.textsOf(args.pos[0], depth+1)
		for i := range out {
			if name == "Template" && out[i].displayOnly == "" {
				out[i].displayOnly = unfilled
			}
		}
		return out
	}
	if defs, _ := m.defs(n); len(defs) > 0 {
		var out []nestedText
		for _, d := range defs {
			if d.Is("string", "concatenated_string", "binary_operator") {
				out = append(out, m.textsOf(d, depth+1)...)
			}
		}
		return out
	}
	return nil
}

// joinedTexts are the lines of a script that is joined from a list of them.
func (m *module) joinedTexts(separator, list node, depth int) []nestedText {
	if !strings.HasPrefix(stringText(separator), `\n`) {
		return nil
	}
	if defs, complete := m.defs(list); complete && len(defs) == 1 {
		list = defs[0]
	}
	if !list.Is("list", "tuple") {
		return nil
	}
	var out []nestedText
	for _, line := range list.Named() {
		out = append(out, m.textsOf(line, depth+1)...)
	}
	return out
}

// namesText reports whether a name stands for a text rather than a module.
func (m *module) namesText(n node) bool {
	defs, _ := m.defs(n)
	for _, d := range defs {
		if d.Is("string", "concatenated_string", "binary_operator", "call") {
			return true
		}
	}
	return false
}

// literalText decodes one literal.
func (m *module) literalText(n node) []nestedText {
	outer := m.unit(n).Text
	rng, layer, err := codec.PythonLiteral(outer.Bytes(), n.Span())
	if err != nil {
		return nil
	}
	text, err := outer.Decode(rng, layer)
	if err != nil {
		return nil
	}
	w := nestedText{at: n, text: text}
	for _, h := range codec.PythonHoles(outer.Bytes(), n.Span()) {
		w.addHole(m.valuesAt(n, h))
	}
	return []nestedText{w}
}

// addHole adds the value of a hole, given its alternatives.
func (w *nestedText) addHole(vs []imds.Value) {
	value, mixed := facts.Fill(vs)
	if mixed {
		w.displayOnly = facts.Mixed
	}
	w.holes = append(w.holes, value)
}

// valuesAt are the values of the expression at a span inside a node.
func (m *module) valuesAt(n node, s span.Span) []imds.Value {
	t := n.Tree()
	for i := n.Index(); i < n.After(); i++ {
		if c := t.At(i); c.Span() == s && c.IsNamed() && !c.Is("interpolation") {
			return m.eval(c)
		}
	}
	return []imds.Value{imds.Unknown(strings.TrimSpace(string(t.Source()[s.Start:s.End])))}
}
