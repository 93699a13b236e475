package python

import (
	"fmt"
	"strings"

	"github.com/imdsscan/imdsscan/analyzer/treesitter"
	"github.com/imdsscan/imdsscan/notebooks/codec"
	"github.com/imdsscan/imdsscan/notebooks/span"
)

// concatLayer is the layer of `"curl -s " + url + " | jq ."`: the literals
// read as they do by themselves, the other operands are holes. The range to
// decode leaves out the quote that opens a literal at the start, of length
// open, and the one that closes a literal at the end, of length end.
type concatLayer struct{ open, end int }

// Name is the layer's name in messages.
func (concatLayer) Name() string { return "Python concatenation" }

// operand is one part of a concatenation.
type operand struct {
	node node
	// body and layer decode a literal; layer is nil for a hole.
	body  span.Span
	layer span.Layer
	// in is the start of the operand's part of the decoded text.
	in int
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

// parse finds the operands of the expression around rng.
func (l concatLayer) parse(outer []byte, rng span.Span) ([]node, error) {
	from, to := rng.Start-l.open, rng.End+l.end
	if from < 0 || to > len(outer) {
		return nil, fmt.Errorf("%w: outside of the text", span.ErrUndecodable)
	}
	// Line ends before the expression keep the offsets.
	src := make([]byte, to, to+1)
	for i := range from {
		src[i] = '\n'
	}
	copy(src[from:], outer[from:to])
	if from > 0 {
		src[from-1] = '('
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
	return operands(statement.Named()[0], nil), nil
}

// concatReader tiles the decoded text and the expression with atoms.
type concatReader struct {
	parts []operand
	text  []byte
	atoms []span.Atom
	at    int // end of the last atom in the outer text
	holes int
}

func (r *concatReader) add(b []byte, end int, kind span.Kind) {
	in := span.Span{Start: len(r.text), End: len(r.text) + len(b)}
	r.atoms = append(r.atoms, span.Atom{In: in, Out: span.Span{Start: r.at, End: end}, Kind: kind})
	r.text, r.at = append(r.text, b...), end
}

func (r *concatReader) hole(end int) {
	r.add([]byte(codec.HoleName(r.holes)), end, span.Opaque)
	r.holes++
}

// read decodes the literals and numbers the holes. What joins the operands
// belongs to the holes, so that text before or after a hole goes into the
// literal there.
func (l concatLayer) read(outer []byte, rng span.Span) (*concatReader, error) {
	nodes, err := l.parse(outer, rng)
	if err != nil {
		return nil, err
	}
	r := &concatReader{at: rng.Start}
	for i, n := range nodes {
		part := operand{node: n, in: len(r.text)}
		if isLiteral(n) {
			if part.body, part.layer, err = codec.PythonLiteral(outer, n.Span()); err != nil {
				return nil, err
			}
			if err := r.literal(outer, part); err != nil {
				return nil, err
			}
		} else {
			end := n.End()
			if i+1 == len(nodes) {
				end = rng.End
			} else if next := nodes[i+1]; isLiteral(next) {
				body, _, err := codec.PythonLiteral(outer, next.Span())
				if err != nil {
					return nil, err
				}
				end = body.Start
			}
			r.hole(end)
		}
		r.parts = append(r.parts, part)
	}
	if last := len(nodes) - 1; r.at < rng.End && isLiteral(nodes[last]) {
		r.add(nil, rng.End, span.Escaped) // the closing quote of a literal that an edit put at the end
	}
	if r.at != rng.End {
		return nil, fmt.Errorf("%w: the ends do not meet", span.ErrUndecodable)
	}
	return r, nil
}

func (r *concatReader) literal(outer []byte, part operand) error {
	b, inner, err := part.layer.Decode(outer, part.body)
	if err != nil {
		return err
	}
	if r.at < part.body.Start {
		r.add(nil, part.body.Start, span.Escaped) // `" + "` between two literals
	}
	for _, a := range inner {
		if a.Kind == span.Opaque {
			r.hole(a.Out.End)
			continue
		}
		r.add(b[a.In.Start:a.In.End], a.Out.End, a.Kind)
	}
	return nil
}

// Decode reads the literals and puts markers for the other operands.
func (l concatLayer) Decode(outer []byte, rng span.Span) ([]byte, []span.Atom, error) {
	r, err := l.read(outer, rng)
	if err != nil {
		return nil, nil, err
	}
	return r.text, r.atoms, nil
}

// Encode writes text inside the literal it falls into, or as a literal of its
// own where two holes meet or one begins or ends the expression.
func (l concatLayer) Encode(t *span.Text, in span.Span, text string) (string, error) {
	outer := t.Parent().Bytes()
	r, err := l.read(outer, t.Range())
	if err != nil {
		return "", err
	}
	out := t.Out(in)
	quote := `"`
	for _, p := range r.parts {
		if p.layer == nil {
			continue
		}
		if out.Start < p.body.Start || out.End > p.body.End {
			if q := quoteOf(p.node); q != "" {
				quote = q
			}
			continue
		}
		lit, err := span.File(outer).Decode(p.body, p.layer)
		if err != nil {
			return "", err
		}
		at := in.Shift(-p.in)
		if at.Start < 0 || at.End > lit.Len() || lit.Raw(at) != out {
			break // the holes of an f-string before it are named otherwise
		}
		return p.layer.Encode(lit, at, text)
	}
	switch {
	case !in.Empty() || text == "":
	case out.Start == t.Range().Start:
		return literal(text, quote) + " + ", nil
	default:
		return " + " + literal(text, quote), nil
	}
	return "", fmt.Errorf("%w: the edit reaches over several operands", span.ErrUnencodable)
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
func (m *module) concatenatedText(n node, depth int) []nestedText {
	outer := m.unit(n).Text
	parts := operands(n, nil)
	literals := 0
	rng, layer := n.Span(), concatLayer{}
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
			layer.open = body.Start - rng.Start
			rng.Start = body.Start
		}
		if i == len(parts)-1 {
			layer.end = rng.End - body.End
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
