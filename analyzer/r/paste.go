package r

import (
	"bytes"
	"fmt"
	"strings"

	"github.com/imdsscan/imdsscan/analyzer/treesitter"
	"github.com/imdsscan/imdsscan/notebooks/codec"
	"github.com/imdsscan/imdsscan/notebooks/span"
)

// pasteLayer is the layer of the arguments of paste0("curl -s ", url) or
// paste("curl", url): the literals read as they do by themselves, the other
// arguments are holes, and sep stands between two. The range to decode leaves
// out the open bytes that open a literal at the start and the end bytes that
// close one at the end.
type pasteLayer struct {
	open, end int
	sep       string
}

// Name is the layer's name in messages.
func (pasteLayer) Name() string { return "pasted R strings" }

// pasted is one argument of a paste call.
type pasted struct {
	at span.Span // in the outer text
	// body and layer decode a literal; layer is nil for a hole.
	body  span.Span
	layer span.Layer
	in    int // where its part of the decoded text starts
}

// parse finds the arguments in rng.
func (l pasteLayer) parse(outer []byte, rng span.Span) ([]pasted, error) {
	from, to := rng.Start-l.open, rng.End+l.end
	if from < 0 || to > len(outer) {
		return nil, fmt.Errorf("%w: outside of the text", span.ErrUndecodable)
	}
	src := append(append([]byte("f("), outer[from:to]...), ')')
	shift := from - len("f(")
	tree, err := treesitter.Parse(treesitter.R, src)
	if err != nil {
		return nil, err
	}
	root := tree.Root()
	if root.HasError() || len(root.Named()) != 1 || !root.Named()[0].Is("call") {
		return nil, fmt.Errorf("%w: no arguments of a call", span.ErrUndecodable)
	}
	var out []pasted
	for _, a := range root.Named()[0].Field("arguments").Fields("argument") {
		value := a.Field("value")
		if a.Field("name").OK() || !value.OK() {
			return nil, fmt.Errorf("%w: an argument with a name or without a value", span.ErrUndecodable)
		}
		p := pasted{at: value.Span().Shift(shift)}
		if value.Is("string") {
			if p.body, p.layer, err = codec.RLiteral(src, value.Span()); err != nil {
				return nil, err
			}
			p.body = p.body.Shift(shift)
		}
		out = append(out, p)
	}
	if len(out) == 0 {
		return nil, fmt.Errorf("%w: no arguments", span.ErrUndecodable)
	}
	return out, nil
}

// pasteReader tiles the decoded text and the arguments with atoms.
type pasteReader struct {
	parts []pasted
	text  []byte
	atoms []span.Atom
	at    int // end of the last atom in the outer text
	holes int
}

func (r *pasteReader) add(b []byte, end int, kind span.Kind) {
	in := span.Span{Start: len(r.text), End: len(r.text) + len(b)}
	r.atoms = append(r.atoms, span.Atom{In: in, Out: span.Span{Start: r.at, End: end}, Kind: kind})
	r.text, r.at = append(r.text, b...), end
}

func (l pasteLayer) read(outer []byte, rng span.Span) (*pasteReader, error) {
	parts, err := l.parse(outer, rng)
	if err != nil {
		return nil, err
	}
	r := &pasteReader{at: rng.Start}
	for i, p := range parts {
		start := p.at.Start
		if p.layer != nil {
			start = p.body.Start
		}
		if i > 0 && (l.sep != "" || p.layer != nil && parts[i-1].layer != nil) {
			r.add([]byte(l.sep), start, span.Escaped)
		}
		p.in = len(r.text)
		r.parts = append(r.parts, p)
		if p.layer == nil {
			end := p.at.End
			switch {
			case i+1 == len(parts):
				end = rng.End
			case l.sep == "" && parts[i+1].layer != nil:
				end = parts[i+1].body.Start
			}
			r.add([]byte(codec.HoleName(r.holes)), end, span.Opaque)
			r.holes++
			continue
		}
		b, inner, err := p.layer.Decode(outer, p.body)
		if err != nil {
			return nil, err
		}
		for _, a := range inner {
			r.add(b[a.In.Start:a.In.End], a.Out.End, a.Kind)
		}
	}
	if last := parts[len(parts)-1]; r.at < rng.End && last.layer != nil {
		r.add(nil, rng.End, span.Escaped) // the quote that closes a literal that an edit put at the end
	}
	if r.at != rng.End {
		return nil, fmt.Errorf("%w: the ends do not meet", span.ErrUndecodable)
	}
	return r, nil
}

// Decode reads the literals and puts markers for the other arguments.
func (l pasteLayer) Decode(outer []byte, rng span.Span) ([]byte, []span.Atom, error) {
	r, err := l.read(outer, rng)
	if err != nil {
		return nil, nil, err
	}
	return r.text, r.atoms, nil
}

// Encode writes text inside the literal it falls into, or as a literal of its
// own where two holes meet or one begins or ends the list.
func (l pasteLayer) Encode(t *span.Text, in span.Span, text string) (string, error) {
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
			if outer[p.at.Start] == '\'' {
				quote = `'`
			}
			continue
		}
		lit, err := span.File(outer).Decode(p.body, p.layer)
		if err != nil {
			return "", err
		}
		if at := in.Shift(-p.in); at.Start >= 0 && at.End <= lit.Len() && lit.Raw(at) == out {
			return p.layer.Encode(lit, at, text)
		}
	}
	switch {
	case !in.Empty() || text == "":
	case l.sep != "":
		// An argument of its own, before one.
		if before, ok := strings.CutSuffix(text, l.sep); ok && r.starts(out.Start) {
			return quoted(before, quote) + ", ", nil
		}
	case out.Start == t.Range().Start:
		return quoted(text, quote) + ", ", nil
	default:
		return ", " + quoted(text, quote), nil
	}
	return "", fmt.Errorf("%w: the edit reaches over several arguments", span.ErrUnencodable)
}

// starts reports whether a hole starts at an outer offset.
func (r *pasteReader) starts(at int) bool {
	for _, p := range r.parts {
		if p.layer == nil && p.at.Start == at {
			return true
		}
	}
	return false
}

// quoted writes a text as a literal on one line.
func quoted(text, quote string) string {
	b := []byte(quote)
	for i := range len(text) {
		switch c := text[i]; {
		case c == '\n':
			b = append(b, `\n`...)
		case c == '\t':
			b = append(b, `\t`...)
		case c == '\\' || c == quote[0]:
			b = append(b, '\\', c)
		default:
			b = append(b, c)
		}
	}
	return string(append(b, quote...))
}

// pastedText decodes the arguments of a paste call with at least one literal.
func (m *module) pastedText(c *call, in *frame, depth int) []nestedText {
	layer := pasteLayer{}
	if c.name == "paste" {
		layer.sep = " "
	}
	if s := c.named("sep"); s.OK() {
		sep, ok := m.constant(ref{s, in})
		if !ok {
			return nil
		}
		layer.sep = sep
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
		between, ok := m.constant(ref{collapse, in})
		if len(parts) != 1 || !m.is(list, "c") || !ok {
			return nil
		}
		if between == "\n" {
			return m.callText(list, refs[0], depth)
		}
		joined := *list
		joined.name = "paste"
		return m.pastedWith(&joined, refs[0].in, pasteLayer{sep: between}, depth)
	}
	if literals == 0 {
		return m.textsOfAll(parts, in, depth)
	}
	return m.pastedWith(c, in, layer, depth)
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

func (m *module) pastedWith(c *call, in *frame, layer pasteLayer, depth int) []nestedText {
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
			layer.open, rng.Start = body.Start-p.Start(), body.Start
		}
		if i == len(parts)-1 {
			layer.end, rng.End = p.End()-body.End, body.End
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
