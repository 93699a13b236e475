package python

import (
	"strings"

	"github.com/imdsscan/imdsscan/analyzer/imds"
)

// maxAlternatives bounds how many values one expression is given.
const maxAlternatives = 16

// eval is what the text of an expression may be: one value for each
// alternative, a single unknown one when nothing is known.
func (m *module) eval(n node) []imds.Value { return m.evalIn(ref{n: n}) }

func (m *module) evalIn(r ref) []imds.Value {
	if vs, ok := m.evalMemo[r]; ok {
		return vs
	}
	if !r.n.OK() || m.depth > maxDepth || m.steps > m.maxSteps {
		return unknown(r.n)
	}
	m.steps++
	m.depth++
	m.evalMemo[r] = unknown(r.n) // what a cycle sees
	vs := m.evaluate(r)
	m.depth--
	if len(vs) == 0 {
		vs = unknown(r.n)
	}
	if len(vs) > maxAlternatives {
		vs = append(vs[:maxAlternatives:maxAlternatives], unknown(r.n)...)
	}
	m.evalMemo[r] = vs
	return vs
}

// unknown is the value of an expression of which only the text is known.
func unknown(n node) []imds.Value {
	text := n.Text()
	text = strings.Join(strings.Fields(text[:min(len(text), 240)]), " ")
	if len(text) > 60 {
		text = text[:57] + "..."
	}
	return []imds.Value{imds.Unknown(strings.ToValidUTF8(text, "?"))}
}

func (m *module) evaluate(r ref) []imds.Value {
	switch n := r.n; n.Kind() {
	case "string":
		return m.evalString(r)
	case "concatenated_string":
		vs := []imds.Value{nil}
		for _, c := range n.Named() {
			if c.Kind() == "string" {
				vs = product(vs, m.evalString(ref{c, r.in}))
			}
		}
		return vs
	case "integer", "float":
		return []imds.Value{imds.Lit(n.Text(), m.source(n))}
	case "true", "false", "none":
		return []imds.Value{{{Text: n.Text()}}}
	case "binary_operator":
		return m.evalBinary(r)
	case "augmented_assignment":
		if n.Field("operator").Text() == "+=" {
			return product(m.evalIn(ref{n.Field("left"), r.in}), m.evalIn(ref{n.Field("right"), r.in}))
		}
	case "subscript":
		if index := n.Field("subscript"); index.Kind() == "slice" {
			return nil
		}
		if m.isEnviron(n.Field("value")) {
			return m.evalEnviron(r, n.Field("subscript"), node{})
		}
		return m.evalDefs(r)
	case "call":
		if vs := m.evalCall(r); vs != nil {
			return vs
		}
		return m.evalDefs(r)
	case "identifier", "attribute", "conditional_expression", "boolean_operator",
		"parenthesized_expression", "await", "named_expression", "type":
		return m.evalDefs(r)
	}
	return nil
}

// evalDefs gives the values of the expressions that r may stand for.
func (m *module) evalDefs(r ref) []imds.Value {
	refs, complete := m.defsIn(r)
	var out []imds.Value
	seen := map[string]bool{}
	add := func(vs []imds.Value) {
		for _, v := range vs {
			s := v.String()
			if _, known := v.Known(); !known || !seen[s] {
				seen[s] = true
				out = append(out, v)
			}
		}
	}
	for _, d := range refs {
		if d == r || d.n.Kind() == "none" && len(refs) > 1 {
			complete = complete && d != r
			continue
		}
		vs := m.evalIn(d)
		if len(vs) == 1 && len(vs[0]) == 1 && vs[0][0].Unknown && r.n.Is("identifier", "attribute", "subscript") {
			vs = unknown(r.n) // the name says more than what it stands for
		}
		add(vs)
	}
	if !complete || len(out) == 0 {
		out = append(out, unknown(r.n)...)
	}
	return out
}

// product joins each value of the left with each of the right, as far as the
// bounds allow.
func product(left, right []imds.Value) []imds.Value {
	var out []imds.Value
	parts := 0
	for _, l := range left {
		for _, r := range right {
			v := join(l, r)
			parts += len(v)
			if len(out) == maxAlternatives || len(out) > 0 && parts > 4*maxParts {
				return out
			}
			out = append(out, v)
		}
	}
	return out
}

// maxParts bounds how many parts a value is made of; what follows is a hole.
const maxParts = 256

func join(l, r imds.Value) imds.Value {
	v := imds.Concat(l, r)
	if len(v) > maxParts {
		v = append(v[:maxParts:maxParts], imds.Part{Unknown: true, Name: "…"})
	}
	return v
}

func (m *module) source(n node) imds.Source {
	return imds.Source{Text: m.unit(n).Text, Span: n.Span()}
}

func (m *module) evalBinary(r ref) []imds.Value {
	left, right := ref{r.n.Field("left"), r.in}, ref{r.n.Field("right"), r.in}
	switch r.n.Field("operator").Text() {
	case "+":
		return product(m.evalIn(left), m.evalIn(right))
	case "%":
		return m.evalPercent(left, right)
	case "/":
		// pathlib and yarl join with a slash; numbers are no URLs.
		var out []imds.Value
		for _, l := range m.evalIn(left) {
			if text, _ := l.Prefix(); !strings.Contains(text, "/") {
				return nil
			}
			for _, x := range m.evalIn(right) {
				out = append(out, imds.Concat(trimRight(l, "/"), imds.Value{{Text: "/"}}, x))
			}
		}
		return out
	}
	return nil
}

// trimRight cuts characters of cutset from the known end of a value.
func trimRight(v imds.Value, cutset string) imds.Value {
	out := append(imds.Value(nil), v...)
	for i := len(out) - 1; i >= 0 && !out[i].Unknown; i-- {
		out[i].Text = strings.TrimRight(out[i].Text, cutset)
		if out[i].Text != "" {
			break
		}
	}
	return out
}

// trimLeft cuts characters of cutset from the known start of a value.
func trimLeft(v imds.Value, cutset string) imds.Value {
	out := append(imds.Value(nil), v...)
	for i := 0; i < len(out) && !out[i].Unknown; i++ {
		out[i].Text = strings.TrimLeft(out[i].Text, cutset)
		if out[i].Text != "" {
			break
		}
	}
	return out
}
