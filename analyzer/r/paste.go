package r

import (
	"bytes"
	"fmt"

	"github.com/imdsscan/imdsscan/analyzer/treesitter"
	"github.com/imdsscan/imdsscan/notebooks/codec"
	"github.com/imdsscan/imdsscan/notebooks/span"
)

// pasted is the layer of the arguments of paste0("curl -s ", url), or with a
// separator of paste("curl", url).
func pasted(sep string) *codec.Joined {
	return &codec.Joined{What: "pasted R strings", Operands: arguments, Sep: sep, Joint: ", "}
}

// arguments finds the arguments in rng.
func arguments(outer []byte, rng span.Span) ([]codec.Operand, error) {
	src := append(append([]byte("f("), outer[rng.Start:rng.End]...), ')')
	shift := rng.Start - len("f(")
	tree, err := treesitter.Parse(treesitter.R, src)
	if err != nil {
		return nil, err
	}
	root := tree.Root()
	if root.HasError() || len(root.Named()) != 1 || !root.Named()[0].Is("call") {
		return nil, fmt.Errorf("%w: no arguments of a call", span.ErrUndecodable)
	}
	var out []codec.Operand
	for _, a := range root.Named()[0].Field("arguments").Fields("argument") {
		value := a.Field("value")
		if a.Field("name").OK() || !value.OK() {
			return nil, fmt.Errorf("%w: an argument with a name or without a value", span.ErrUndecodable)
		}
		o := codec.Operand{Span: value.Span().Shift(shift)}
		if value.Is("string") {
			if o.Body, o.Layer, err = codec.RLiteral(src, value.Span()); err != nil {
				return nil, err
			}
			o.Body = o.Body.Shift(shift)
			if o.Quote = `"`; outer[o.Start] == '\'' {
				o.Quote = `'`
			}
		}
		out = append(out, o)
	}
	if len(out) == 0 {
		return nil, fmt.Errorf("%w: no arguments", span.ErrUndecodable)
	}
	return out, nil
}

// pastedText decodes the arguments of a paste call with at least one literal.
func (m *module) pastedText(c *call, in *frame, depth int) []nestedText {
	between := ""
	if c.name == "paste" {
		between = " "
	}
	if s := c.named("sep"); s.OK() {
		sep, ok := m.constant(ref{s, in})
		if !ok {
			return nil
		}
		between = sep
	}
	var parts []node
	literals, named := 0, false
	for _, a := range c.args {
		switch {
		case a.name != "":
			named = true
		case named || !a.n.OK() || !a.value.OK():
			return nil // pasted to what is piped in, or after the separator
		default:
			parts = append(parts, a.value)
			if a.value.Is("string") {
				literals++
			}
		}
	}
	if len(parts) == 0 {
		return nil
	}
	if collapse := c.named("collapse"); collapse.OK() && !collapse.Is("null") {
		// The elements of a vector: lines of a script, words of a command.
		refs, _ := m.stands(ref{parts[0], in})
		list := (*call)(nil)
		if len(refs) == 1 {
			list = m.callAt[refs[0].n]
		}
		sep, ok := m.constant(ref{collapse, in})
		if len(parts) != 1 || !m.is(list, "c") || !ok {
			return nil
		}
		if sep == "\n" {
			return m.callText(list, refs[0], depth)
		}
		joined := *list
		joined.name = "paste"
		return m.pastedWith(&joined, refs[0].in, pasted(sep), depth)
	}
	if literals == 0 {
		return m.textsOfAll(parts, in, depth)
	}
	return m.pastedWith(c, in, pasted(between), depth)
}

// textsOfAll are whole lines in names that are pasted together: they can be
// read, and edited, by themselves.
func (m *module) textsOfAll(parts []node, in *frame, depth int) []nestedText {
	var out []nestedText
	for _, p := range parts {
		for _, w := range m.textsOf(ref{p, in}, depth+1) {
			if bytes.HasSuffix(w.text.Bytes(), []byte("\n")) {
				out = append(out, w)
			}
		}
	}
	return out
}

func (m *module) pastedWith(c *call, in *frame, layer *codec.Joined, depth int) []nestedText {
	outer := m.unit(c.n).Text
	var parts []node
	for _, a := range c.args {
		if a.name == "" && a.value.OK() {
			parts = append(parts, a.value)
		}
	}
	if len(parts) == 0 {
		return nil
	}
	rng := span.Span{Start: parts[0].Start(), End: parts[len(parts)-1].End()}
	for i, p := range parts {
		if !p.Is("string") {
			continue
		}
		body, _, err := codec.RLiteral(outer.Bytes(), p.Span())
		if err != nil {
			return nil
		}
		if i == 0 {
			layer.Open, rng.Start = body.Start-p.Start(), body.Start
		}
		if i == len(parts)-1 {
			layer.End, rng.End = p.End()-body.End, body.End
		}
	}
	text, err := outer.Decode(rng, layer)
	if err != nil {
		return nil
	}
	w := nestedText{at: c.n, text: text}
	for _, p := range parts {
		if !p.Is("string") {
			w.addHole(m.eval(ref{p, in}))
		}
	}
	return append(m.textsOfAll(parts, in, depth), w)
}
