package jvm

import (
	"strings"

	"github.com/imdsscan/imdsscan/analyzer/facts"
	"github.com/imdsscan/imdsscan/analyzer/imds"
	"github.com/imdsscan/imdsscan/analyzer/script"
	"github.com/imdsscan/imdsscan/notebooks"
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

// nestedFromCall records the code that a call stores: the script written by
// dbutils.fs.put.
func (m *module) nestedFromCall(c *call) {
	switch {
	case c.name == "put" && len(c.args) >= 2 && c.recv.OK() && strings.HasSuffix(c.recv.Text(), "fs"):
		m.nestWritten(c.n, c.args[0].n, c.args[1].n, c.recv.Text()+".put")
	case (c.name == "write" || c.name == "writeString") && len(c.args) >= 2 && c.recv.Text() == "Files":
		m.nestWritten(c.n, c.args[0].n, c.args[1].n, "Files."+c.name)
	}
}

// nestScripts records the texts whose first line says what runs them, however
// they are stored.
func (m *module) nestScripts() {
	for _, t := range m.trees {
		if t == nil {
			continue
		}
		for i := 0; i < t.Len(); i++ {
			n := t.At(i)
			if !isText(n) || n.Parent().Is("interpolation") {
				continue
			}
			start := strings.TrimLeft(strings.TrimLeft(n.Text(), "srawf"), `" `+"\r\n\t\\|")
			if !strings.HasPrefix(start, "#!") {
				continue
			}
			whole := wholeText(n)
			for _, w := range m.textsOf(ref{whole, nil}, 0) {
				if l := script.OfText(string(w.text.Bytes())); l != "" {
					m.nestText(w, l, "a script in a string", true)
				}
			}
		}
	}
}

// wholeText climbs from a literal to the expression that makes the text of it.
func wholeText(n node) node {
	for range 64 {
		p := n.Parent()
		_, op, _ := operands(p)
		switch {
		case op == "+" && p.Field("left") == n, p.Kind() == "parenthesized_expression":
			n = p
		case p.Kind() == "field_expression" && p.Field("value") == n && p.Field("field").Text() == "stripMargin":
			n = p
			if up := p.Parent(); up.Kind() == "call_expression" && up.Field("function") == p {
				n = up
			}
		case p.Is("field_expression", "method_invocation") && n.FieldName() != "arguments" && (p.Field("field").Text() == "format" || p.Field("name").Text() == "formatted"):
			n = p
			if up := p.Parent(); up.Kind() == "call_expression" && up.Field("function") == p {
				n = up
			}
		default:
			return n
		}
	}
	return n
}

// nestWritten looks at text that is stored under a name.
func (m *module) nestWritten(call, path, text node, via string) {
	language := notebooks.Language("")
	for _, v := range m.eval(path) {
		if len(v) > 0 && !v[len(v)-1].Unknown {
			if language = script.OfName(v[len(v)-1].Text); language != "" {
				break
			}
		}
	}
	for _, w := range m.textsOf(ref{text, nil}, 0) {
		l := language
		if l == "" {
			l = script.OfText(string(w.text.Bytes()))
		}
		if l != "" {
			m.nestText(w, l, via, true)
		}
	}
}

// nestText records a text as a unit of code, once.
func (m *module) nestText(w nestedText, language notebooks.Language, via string, written bool) {
	outer := m.unit(w.at)
	raw := w.text.Raw(w.text.All())
	for _, u := range m.facts.Nested {
		if u.Language == language && u.Parent == outer && u.Text.Raw(u.Text.All()) == raw {
			return
		}
	}
	u := &facts.Unit{Language: language, Text: w.text, Cell: outer.Cell, Doc: outer.Doc, Parent: outer, Via: via,
		Holes: w.holes, Written: written, DisplayOnly: outer.DisplayOnly}
	if u.DisplayOnly == "" {
		u.DisplayOnly = w.displayOnly
	}
	m.facts.Nested = append(m.facts.Nested, u)
}

// nest records the texts that an expression may be as units of code. elsewhere
// says where they run when that is not here.
func (m *module) nest(text node, language notebooks.Language, via, elsewhere string) {
	for _, w := range m.textsOf(ref{text, nil}, 0) {
		if elsewhere != "" {
			w.displayOnly = elsewhere
		}
		m.nestText(w, language, via, elsewhere != "")
	}
}

// textsOf decodes the texts that an expression may be: literals, also through
// names, with what they pass through.
func (m *module) textsOf(r ref, depth int) []nestedText {
	if depth > 8 || m.spent() {
		return nil
	}
	n := unwrapped(r.n)
	if isText(n) {
		return m.literalText(n)
	}
	if left, op, right := operands(n); op == "+" {
		if isText(right) && strings.Trim(right.Text(), `"\nr`) == "" {
			if out := m.textsOf(ref{left, r.in}, depth+1); len(out) > 0 {
				return out // a line end behind it
			}
		}
		return m.concatText(n)
	}
	if c, ok := m.callAt(n); ok {
		if out := m.callText(c, r, depth); out != nil {
			return out
		}
	}
	refs, _ := m.defsIn(ref{n, r.in})
	var out []nestedText
	for _, d := range refs {
		if d.n != n {
			out = append(out, m.textsOf(d, depth+1)...)
		}
	}
	return out
}

// callText follows a text through the calls that leave it as it is, and those
// that fill in a template.
func (m *module) callText(c *call, r ref, depth int) []nestedText {
	recv := ref{c.recv, r.in}
	switch {
	case !c.recv.OK():
		return nil
	case c.name == "stripMargin":
		mark := byte('|')
		if len(c.args) == 1 {
			lit := c.args[0].n.Text()
			if len(lit) != 3 || lit[0] != '\'' {
				return nil
			}
			mark = lit[1]
		}
		return m.through(m.textsOf(recv, depth+1), codec.Margin{Mark: mark})
	case c.name == "format" && c.recv.Text() == "String" && len(c.args) > 0:
		return m.formatted(m.textsOf(ref{c.args[0].n, r.in}, depth+1), c.args[1:], r.in)
	case c.name == "format" || c.name == "formatted" && m.isJava(c.n):
		return m.formatted(m.textsOf(recv, depth+1), c.args, r.in)
	case c.name == "mkString" || c.name == "join" && c.recv.Text() == "String":
		list, separator := recv, node{}
		if len(c.args) > 0 {
			separator = c.args[0].n
		}
		if c.name == "join" && len(c.args) > 1 {
			list = ref{c.args[1].n, r.in}
		}
		if !strings.HasPrefix(separator.Text(), `"\n`) {
			return nil
		}
		lines, _ := m.elements(list)
		if c.name == "join" && len(c.args) > 2 {
			lines = nil
			for _, a := range c.args[1:] {
				lines = append(lines, ref{a.n, r.in})
			}
		}
		var out []nestedText
		for _, l := range lines {
			out = append(out, m.textsOf(l, depth+1)...)
		}
		return out
	}
	switch c.name {
	case "trim", "strip", "stripIndent", "getBytes", "toString", "stripLineEnd", "intern", "replace", "replaceAll":
		return m.textsOf(recv, depth+1)
	}
	return nil
}

// through decodes texts through one more layer.
func (m *module) through(texts []nestedText, layer span.Layer) []nestedText {
	var out []nestedText
	for _, w := range texts {
		text, err := w.text.Decode(w.text.All(), layer)
		if err != nil {
			w.displayOnly = "the text cannot be read as it is used"
		} else {
			w.text = text
		}
		out = append(out, w)
	}
	return out
}

// formatted decodes texts that are filled in.
func (m *module) formatted(texts []nestedText, args []arg, in *frame) []nestedText {
	var out []nestedText
	for _, w := range texts {
		if len(w.holes) > 0 {
			w.displayOnly = "the text is filled in twice"
			out = append(out, w)
			continue
		}
		for _, h := range codec.JavaFormatHoles(w.text.Bytes()) {
			vs := []imds.Value{imds.Unknown("?")}
			if h.Plain && h.Index < len(args) && !args[h.Index].spread {
				vs = m.evalIn(ref{args[h.Index].n, in})
			}
			w.addHole(vs)
		}
		out = append(out, w)
	}
	return m.through(out, codec.JavaFormat{})
}

// literalText decodes one literal.
func (m *module) literalText(n node) []nestedText {
	outer := m.unit(n).Text
	read := codec.ScalaLiteral
	if m.isJava(n) {
		read = codec.JavaLiteral
	}
	rng, layer, err := read(outer.Bytes(), n.Span())
	if err != nil {
		return nil
	}
	text, err := outer.Decode(rng, layer)
	if err != nil {
		return nil
	}
	w := nestedText{at: n, text: text}
	if !m.isJava(n) {
		for _, h := range codec.ScalaHoles(outer.Bytes(), n.Span()) {
			w.addHole(m.valuesAt(n, h))
		}
	}
	return []nestedText{w}
}

// concatText decodes a concatenation with at least one literal.
func (m *module) concatText(n node) []nestedText {
	outer, layer := m.unit(n).Text, codec.JVMConcat{Java: m.isJava(n)}
	text, err := outer.Decode(n.Span(), layer)
	if err != nil {
		return nil
	}
	w := nestedText{at: n, text: text}
	for _, h := range layer.Operands(outer.Bytes(), n.Span()) {
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
		if c := t.At(i); c.Span() == s && c.IsNamed() && c.Kind() != "interpolation" && c.Kind() != "block" {
			return m.eval(c)
		}
	}
	return []imds.Value{imds.Unknown(strings.Join(strings.Fields(string(t.Source()[s.Start:s.End])), " "))}
}
