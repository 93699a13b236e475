package jvm

import (
	"strings"

	"github.com/imdsscan/imdsscan/analyzer/imds"
)

// eval gives the texts that an expression may be. It never guesses: an
// alternative that is not known is a hole.
func (m *module) eval(n node) []imds.Value { return m.evalIn(ref{n: n}) }

func (m *module) evalIn(r ref) []imds.Value {
	if vs, ok := m.evalMemo[r]; ok {
		return vs
	}
	if !r.n.OK() || m.spent() {
		return unknown(r.n)
	}
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
func unknown(n node) []imds.Value { return []imds.Value{imds.Unknown(short(n))} }

// short is the text of an expression in one line of some words.
func short(n node) string {
	s := n.Span()
	if n.OK() {
		s.End = min(s.End, s.Start+240)
	}
	var text string
	if n.OK() {
		text = string(n.Tree().Source()[s.Start:s.End])
	}
	text = strings.Join(strings.Fields(text), " ")
	if len(text) > 60 {
		text = text[:57] + "..."
	}
	return strings.ToValidUTF8(text, "?")
}

func (m *module) evaluate(r ref) []imds.Value {
	n := r.n
	switch {
	case isText(n):
		return m.evalText(r)
	case n.Is("integer_literal", "decimal_integer_literal", "floating_point_literal", "decimal_floating_point_literal", "character_literal"):
		return []imds.Value{imds.Lit(strings.Trim(strings.TrimRight(n.Text(), "Ll"), "'"), m.source(n))}
	case n.Is("boolean_literal", "true", "false"):
		return []imds.Value{{{Text: n.Text()}}}
	case isNull(n):
		return []imds.Value{{{Text: "null"}}}
	}
	left, op, right := operands(n)
	switch op {
	case "+":
		return product(m.evalIn(ref{left, r.in}), m.evalIn(ref{right, r.in}))
	case "+=":
		return product(m.evalIn(ref{left, r.in}), m.evalIn(ref{right, r.in}))
	case "/":
		return m.evalSlash(ref{left, r.in}, ref{right, r.in})
	}
	if n.Kind() == "assignment_expression" { // a binding's value: x += …
		if n.Field("operator").Text() == "+=" {
			return product(m.evalIn(ref{n.Field("left"), r.in}), m.evalIn(ref{n.Field("right"), r.in}))
		}
		return m.evalIn(ref{n.Field("right"), r.in})
	}
	if c, ok := m.callAt(n); ok {
		if vs := m.evalCall(c, r); vs != nil {
			return vs
		}
	}
	return m.evalDefs(r)
}

// evalDefs gives the values of the expressions that r gets its value from.
func (m *module) evalDefs(r ref) []imds.Value {
	refs, complete := m.step(r)
	var out []imds.Value
	seen := map[string]bool{}
	for _, d := range refs {
		if d == r || isNull(d.n) && len(refs) > 1 {
			complete = complete && d != r
			continue
		}
		vs := m.evalIn(d)
		if len(vs) == 1 && len(vs[0]) == 1 && vs[0][0].Unknown && r.n.Is("identifier", "field_expression", "field_access") {
			vs = unknown(r.n) // the name says more than what it stands for
		}
		for _, v := range vs {
			s := v.String()
			if !seen[s] || len(v.Sources()) > 0 && len(out) < 8 {
				seen[s] = true
				out = append(out, v)
			}
		}
	}
	if !complete || len(out) == 0 {
		out = append(out, unknown(r.n)...)
	}
	return out
}

// maxParts bounds how many parts a value is made of; what follows is a hole.
const maxParts = 256

// product joins each value of the left with each of the right, as far as the
// bounds allow.
func product(left, right []imds.Value) []imds.Value {
	var out []imds.Value
	parts := 0
	for _, l := range left {
		for _, r := range right {
			v := imds.Concat(l, r)
			if len(v) > maxParts {
				v = append(v[:maxParts:maxParts], imds.Part{Unknown: true, Name: "…"})
			}
			parts += len(v)
			if len(out) == maxAlternatives || len(out) > 0 && parts > 4*maxParts {
				return out
			}
			out = append(out, v)
		}
	}
	return out
}

func (m *module) source(n node) imds.Source {
	return imds.Source{Text: m.unit(n).Text, Span: n.Span()}
}

// evalSlash joins with a slash, as sttp's, requests-scala's and akka's paths
// do; numbers are no URLs.
func (m *module) evalSlash(left, right ref) []imds.Value {
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

// changeText applies f to the known parts of a value one by one.
func changeText(v imds.Value, f func(i int, text string) string) imds.Value {
	out := append(imds.Value(nil), v...)
	for i := range out {
		if !out[i].Unknown {
			out[i].Text = f(i, out[i].Text)
		}
	}
	return out
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
