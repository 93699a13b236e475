package python

import (
	"fmt"

	"github.com/imdsscan/imdsscan/analyzer/treesitter"
	"github.com/imdsscan/imdsscan/notebooks/codec"
	"github.com/imdsscan/imdsscan/notebooks/span"
)

// concatLayer is the layer of `"curl -s " + url + " | jq ."`: the literals
// read as they do by themselves, the other operands are holes.
type concatLayer struct{}

// Name is the layer's name in messages.
func (concatLayer) Name() string { return "Python concatenation" }

// operand is one part of a concatenation.
type operand struct {
	node node
	// body and layer decode a literal; layer is nil for a hole.
	body  span.Span
	layer span.Layer
	// in is the operand's part of the decoded text.
	in span.Span
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

// read parses outer[rng], decodes the literals and numbers the holes.
func (concatLayer) read(outer []byte, rng span.Span) ([]operand, []byte, []span.Atom, error) {
	// Blanks before the expression keep the offsets.
	src := make([]byte, rng.End)
	for i := range src[:rng.Start] {
		src[i] = '\n'
	}
	copy(src[rng.Start:], outer[rng.Start:rng.End])
	if rng.Start > 0 {
		src[rng.Start-1] = '('
		src = append(src, ')')
	}
	tree, err := treesitter.Parse(treesitter.Python, src)
	if err != nil {
		return nil, nil, nil, err
	}
	root := tree.Root()
	if root.HasError() || len(root.Named()) != 1 || !root.Named()[0].Is("expression_statement") {
		return nil, nil, nil, fmt.Errorf("%w: not an expression", span.ErrUndecodable)
	}
	var parts []operand
	var text []byte
	var atoms []span.Atom
	at := rng.Start
	add := func(b []byte, end int, kind span.Kind) {
		in := span.Span{Start: len(text), End: len(text) + len(b)}
		atoms = append(atoms, span.Atom{In: in, Out: span.Span{Start: at, End: end}, Kind: kind})
		text, at = append(text, b...), end
	}
	holes := 0
	for _, n := range operands(root.Named()[0].Named()[0], nil) {
		part := operand{node: n, in: span.Span{Start: len(text)}}
		if !n.Is("string", "concatenated_string") {
			if n.Start() > at {
				add(nil, n.Start(), span.Escaped)
			}
			add([]byte(codec.HoleName(holes)), n.End(), span.Opaque)
			holes++
		} else {
			if part.body, part.layer, err = codec.PythonLiteral(outer, n.Span()); err != nil {
				return nil, nil, nil, err
			}
			b, inner, err := part.layer.Decode(outer, part.body)
			if err != nil {
				return nil, nil, nil, err
			}
			add(nil, part.body.Start, span.Escaped)
			for _, a := range inner {
				if a.Kind == span.Opaque {
					return nil, nil, nil, fmt.Errorf("%w: an f-string in a concatenation", span.ErrUndecodable)
				}
				add(b[a.In.Start:a.In.End], a.Out.End, a.Kind)
			}
		}
		part.in.End = len(text)
		parts = append(parts, part)
	}
	if at < rng.End {
		add(nil, rng.End, span.Escaped)
	}
	return parts, text, atoms, nil
}

// Decode reads the literals and puts markers for the other operands.
func (l concatLayer) Decode(outer []byte, rng span.Span) ([]byte, []span.Atom, error) {
	_, text, atoms, err := l.read(outer, rng)
	return text, atoms, err
}

// Encode writes text inside the literal it falls into, or as a literal of its
// own before a hole.
func (l concatLayer) Encode(t *span.Text, in span.Span, text string) (string, error) {
	outer := t.Parent().Bytes()
	parts, _, _, err := l.read(outer, t.Range())
	if err != nil {
		return "", err
	}
	out := t.Out(in)
	for _, p := range parts {
		if p.layer == nil || out.Start < p.body.Start || out.End > p.body.End {
			continue
		}
		lit, err := span.File(outer).Decode(p.body, p.layer)
		if err != nil {
			return "", err
		}
		return p.layer.Encode(lit, in.Shift(-p.in.Start), text)
	}
	if in.Empty() && text != "" {
		for _, p := range parts {
			if p.layer == nil && out.Start == p.node.Start() {
				quote := `"`
				for _, o := range parts {
					if o.layer != nil {
						quote = quoteOf(firstString(o.node))
						break
					}
				}
				return literal(text, quote) + " + ", nil
			}
		}
	}
	return "", fmt.Errorf("%w: the edit reaches over several operands", span.ErrUnencodable)
}

func firstString(n node) node {
	if n.Is("concatenated_string") {
		return n.Child("string")
	}
	return n
}

// literal writes a new one-line literal.
func literal(text, quote string) string {
	b := []byte(quote)
	for i := range len(text) {
		switch c := text[i]; {
		case c == '\n':
			b = append(b, `\n`...)
		case c == '\\' || c == quote[0]:
			b = append(b, '\\', c)
		default:
			b = append(b, c)
		}
	}
	return string(append(b, quote...))
}

// concatenatedText decodes a concatenation with at least one literal.
func (m *module) concatenatedText(n node) []nestedText {
	outer := m.unit(n).Text
	literals := 0
	parts := operands(n, nil)
	for _, p := range parts {
		if p.Is("string", "concatenated_string") {
			literals++
		}
	}
	if literals == 0 {
		return nil
	}
	text, err := outer.Decode(n.Span(), concatLayer{})
	if err != nil {
		return nil
	}
	w := nestedText{at: n, text: text}
	for _, p := range parts {
		if !p.Is("string", "concatenated_string") {
			w.addHole(m.eval(p))
		}
	}
	return []nestedText{w}
}
