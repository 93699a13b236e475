package codec

import (
	"bytes"
	"strings"

	"github.com/imdsscan/imdsscan/notebooks/span"
)

// JVMConcat is the layer of `"curl -s " + url + " | jq ."` in Scala or Java:
// the literals read as they do by themselves, the other operands are holes.
// The range is the whole expression, without parentheses around it.
type JVMConcat struct{ Java bool }

// Name is the layer's name in messages.
func (l JVMConcat) Name() string { return jvmString{java: l.Java}.Name() }

// jvmOperand is one part of a concatenation.
type jvmOperand struct {
	span.Span
	literal bool
}

// jvmOperands cuts an expression at the plus signs between its operands.
func jvmOperands(src []byte, rng span.Span) (out []jvmOperand, ok bool) {
	src = src[:rng.End]
	blanks := func(at int) int {
		for at < len(src) {
			switch {
			case isBlank(src[at]):
				at++
			case bytes.HasPrefix(src[at:], []byte("//")):
				n := bytes.IndexByte(src[at:], '\n')
				if n < 0 {
					return len(src)
				}
				at += n
			case bytes.HasPrefix(src[at:], []byte("/*")):
				n := bytes.Index(src[at:], []byte("*/"))
				if n < 0 {
					return len(src)
				}
				at += n + 2
			default:
				return at
			}
		}
		return at
	}
	for at := blanks(rng.Start); at < len(src); {
		o := jvmOperand{Span: span.Span{Start: at, End: at}, literal: true}
		depth, last := 0, at
		for at < len(src) && (depth > 0 || src[at] != '+') {
			quote := at
			for quote < len(src) && isIdent(src[quote]) && quote == at+nameLen(src[at:quote+1])-1 {
				quote++
			}
			switch c := src[at]; {
			case c == '"' || quote > at && quote < len(src) && src[quote] == '"':
				o.literal = o.literal && at == o.Start
				if at, ok = scalaSkip(src, quote, 0); !ok {
					return nil, false
				}
				last = at
			case c == '\'':
				o.literal = false
				at += charLength(src[at:])
				last = at
			case blanks(at) > at:
				at = blanks(at)
			default:
				o.literal = false
				switch c {
				case '(', '[', '{':
					depth++
				case ')', ']', '}':
					depth--
				case ';', ',':
					if depth == 0 {
						return nil, false
					}
				}
				if depth < 0 {
					return nil, false
				}
				at = max(at+1, quote)
				last = at
			}
		}
		if o.End = last; o.Empty() {
			return nil, false
		}
		out = append(out, o)
		if at < len(src) {
			if at = blanks(at + 1); at == len(src) {
				return nil, false
			}
		}
	}
	return out, len(out) > 0
}

// Operands are the spans of the operands that are holes, in order, each with
// the holes that a literal has itself.
func (l JVMConcat) Operands(src []byte, rng span.Span) (holes []span.Span) {
	r, err := l.read(src, rng)
	if err != nil {
		return nil
	}
	return r.holes
}

// concatReader tiles the decoded text and the expression with atoms.
type concatReader struct {
	d     *builder
	parts []concatPart
	holes []span.Span
}

type concatPart struct {
	jvmOperand
	body  span.Span // between the quotes of a literal
	in    int       // where its text begins
	layer jvmString
}

// read decodes the literals and numbers the holes. What joins the operands
// belongs to the holes, so that text before or after a hole goes into the
// literal there.
func (l JVMConcat) read(src []byte, rng span.Span) (*concatReader, error) {
	operands, ok := jvmOperands(src, rng)
	if !ok {
		return nil, undecodable(rng.Start, "not a concatenation of strings")
	}
	r := &concatReader{d: newBuilder(src, rng)}
	for i, o := range operands {
		p := concatPart{jvmOperand: o}
		if !o.literal {
			end := rng.End
			if i+1 < len(operands) {
				end = operands[i+1].Start
			}
			p.in = len(r.d.b)
			r.d.opaque(HoleName(len(r.holes)), end)
			r.holes = append(r.holes, o.Span)
			r.parts = append(r.parts, p)
			continue
		}
		lit, body, err := jvmOpen(src, o.Span, l.Java)
		if err != nil || l.Java && lit.triple {
			return nil, undecodable(o.Start, "a literal that cannot be joined to others")
		}
		if r.d.at < body.Start {
			r.d.escaped("", body.Start)
		}
		p.body, p.in, p.layer = body, len(r.d.b), lit
		inner := &jvmReader{jvmString: lit, d: newBuilder(src, body), src: src}
		if err := inner.read(body); err != nil {
			return nil, err
		}
		for _, a := range inner.d.atoms {
			if a.Kind == span.Opaque && len(inner.holes) > 0 && a.Out.Start < inner.holes[0].Start {
				r.d.opaque(HoleName(len(r.holes)), a.Out.End)
				r.holes = append(r.holes, inner.holes[0])
				inner.holes = inner.holes[1:]
				continue
			}
			r.d.atom(a.Kind, string(inner.d.b[a.In.Start:a.In.End]), a.Out.End)
		}
		r.parts = append(r.parts, p)
	}
	if r.d.at < rng.End {
		r.d.escaped("", rng.End) // the last quote
	}
	return r, nil
}

// Decode reads the literals and puts markers for the other operands.
func (l JVMConcat) Decode(outer []byte, rng span.Span) ([]byte, []span.Atom, error) {
	r, err := l.read(outer, rng)
	if err != nil {
		return nil, nil, err
	}
	return r.d.done()
}

// Encode writes text inside the literal it falls into, or as a literal of its
// own between two holes.
func (l JVMConcat) Encode(t *span.Text, in span.Span, text string) (string, error) {
	outer := t.Parent().Bytes()
	r, err := l.read(outer, t.Range())
	if err != nil {
		return "", err
	}
	out := t.Out(in)
	for i, p := range r.parts {
		if !p.literal || out.Start < p.body.Start || out.Start > p.body.End {
			continue
		}
		end := min(out.End, p.body.End)
		if end < out.End && !r.joins(outer, i, out.End) {
			break
		}
		lit, err := span.File(outer).Decode(p.body, p.layer)
		if err != nil {
			return "", err
		}
		at := span.Span{Start: in.Start - p.in, End: in.Start - p.in}
		for at.End < lit.Len() && lit.Raw(at).End < end {
			at.End++
		}
		if at.Start < 0 || at.Start > lit.Len() || lit.Raw(at) != (span.Span{Start: out.Start, End: end}) {
			break // the holes of a literal before it are named otherwise
		}
		return encodeLines(lit, at, text, p.layer, r.lineSeam(outer, i))
	}
	switch {
	case !in.Empty() || text == "":
	case out.Start == t.Range().End:
		return " + " + jvmQuoted(text), nil
	default:
		return jvmQuoted(text) + " + ", nil
	}
	return "", unencodable("the edit reaches over several operands")
}

// lineSeam is what stands between the literal of the line before and the i-th
// part, where each line is a literal of its own.
func (r *concatReader) lineSeam(outer []byte, i int) string {
	for ; i > 0; i-- {
		before, p := r.parts[i-1], r.parts[i]
		if !before.literal || !p.literal || before.layer != p.layer || before.layer.triple {
			continue
		}
		seam := string(outer[before.body.End:p.body.Start])
		if strings.HasSuffix(string(outer[before.body.Start:before.body.End]), `\n`) && strings.Contains(seam, "\n") && !strings.Contains(seam, "/") {
			return seam
		}
		return ""
	}
	return ""
}

// encodeLines writes text into a literal, each line after the first as a
// literal of its own where the lines around are.
func encodeLines(lit *span.Text, at span.Span, text string, l jvmString, seam string) (string, error) {
	lines := []string{text}
	if seam != "" {
		lines = strings.SplitAfter(text, "\n")
	}
	out := ""
	for i, line := range lines {
		enc, err := l.Encode(lit, at, line)
		if err != nil {
			return "", err
		}
		if i > 0 {
			out += seam
		}
		out += enc
	}
	return out, nil
}

// joins reports whether the literals from the i-th to the one that holds an
// offset can become one: they are of one kind, and no comment stands between.
func (r *concatReader) joins(outer []byte, i, end int) bool {
	for j := i + 1; j < len(r.parts); j++ {
		p := r.parts[j]
		seam := outer[r.parts[j-1].End:p.Start]
		if !p.literal || p.layer != r.parts[i].layer || bytes.IndexByte(seam, '/') >= 0 {
			return false
		}
		if end <= p.body.End {
			return end >= p.body.Start
		}
	}
	return false
}

// jvmQuoted writes text as a literal of Scala and Java.
func jvmQuoted(text string) string {
	r := strings.NewReplacer(`\`, `\\`, `"`, `\"`, "\n", `\n`, "\t", `\t`, "\r", `\r`)
	return `"` + r.Replace(text) + `"`
}
