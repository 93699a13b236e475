package python

import (
	"fmt"
	"strings"

	"github.com/imdsscan/imdsscan/analyzer/treesitter"
	"github.com/imdsscan/imdsscan/notebooks/codec"
	"github.com/imdsscan/imdsscan/notebooks/span"
)

// concatenation is the layer of `"curl -s " + url + " | jq ."`.
func concatenation() *codec.Joined {
	return &codec.Joined{What: "Python concatenation", Operands: concatenated, Joint: " + "}
}

// operands lists the parts of a chain of `+`.
func operands(n node, out []node) []node {
	switch {
	case n.Is("parenthesized_expression") && len(n.Named()) == 1:
		return operands(n.Named()[0], out)
	case n.Is("binary_operator") && n.Field("operator").Text() == "+":
		return operands(n.Field("right"), operands(n.Field("left"), out))
	}
	return append(out, n)
}

func isLiteral(n node) bool { return n.Is("string", "concatenated_string") }

// concatenated finds the operands of the expression in rng.
func concatenated(outer []byte, rng span.Span) ([]codec.Operand, error) {
	// Line ends before the expression keep the offsets.
	src := make([]byte, rng.End, rng.End+1)
	for i := range rng.Start {
		src[i] = '\n'
	}
	copy(src[rng.Start:], outer[rng.Start:rng.End])
	if rng.Start > 0 {
		src[rng.Start-1] = '('
		src = append(src, ')')
	}
	tree, err := treesitter.Parse(treesitter.Python, src)
	if err != nil {
		return nil, err
	}
	root := tree.Root()
	statement := root.Child("expression_statement")
	if root.HasError() || len(root.Named()) != 1 || !statement.OK() {
		return nil, fmt.Errorf("%w: not an expression", span.ErrUndecodable)
	}
	var out []codec.Operand
	for _, n := range operands(statement.Named()[0], nil) {
		o := codec.Operand{Span: n.Span()}
		if isLiteral(n) {
			o.Quote = quoteOf(n)
			if o.Body, o.Layer, err = codec.PythonLiteral(outer, n.Span()); err != nil {
				return nil, err
			}
		}
		out = append(out, o)
	}
	return out, nil
}

// concatenatedText decodes a concatenation with at least one literal.
func (m *module) concatenatedText(n node, depth int) []nestedText {
	outer := m.unit(n).Text
	parts := operands(n, nil)
	literals := 0
	rng, layer := n.Span(), concatenation()
	for i, p := range parts {
		if !isLiteral(p) {
			continue
		}
		literals++
		body, _, err := codec.PythonLiteral(outer.Bytes(), p.Span())
		if err != nil {
			return nil
		}
		if i == 0 {
			layer.Open = body.Start - rng.Start
			rng.Start = body.Start
		}
		if i == len(parts)-1 {
			layer.End = rng.End - body.End
			rng.End = body.End
		}
	}
	lines := m.linesInNames(parts, depth)
	if literals == 0 {
		return lines
	}
	text, err := outer.Decode(rng, layer)
	if err != nil {
		return nil
	}
	w := nestedText{at: n, text: text}
	for _, p := range parts {
		if !isLiteral(p) {
			w.addHole(m.eval(p))
			continue
		}
		for _, h := range codec.PythonHoles(outer.Bytes(), p.Span()) {
			w.addHole(m.valuesAt(p, h))
		}
	}
	return append(lines, w)
}

// linesInNames are the operands that stand for whole lines written elsewhere:
// they can be read, and edited, by themselves.
func (m *module) linesInNames(parts []node, depth int) []nestedText {
	var out []nestedText
	for _, p := range parts {
		if !p.Is("identifier", "attribute") {
			continue
		}
		for _, w := range m.textsOf(p, depth+1) {
			if strings.HasSuffix(string(w.text.Bytes()), "\n") {
				out = append(out, w)
			}
		}
	}
	return out
}
