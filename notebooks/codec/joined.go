package codec

import (
	"fmt"
	"strings"

	"github.com/imdsscan/imdsscan/notebooks/span"
)

// Joined is the layer of literals and other operands that make one text: in
// Python `"curl -s " + url + " | jq ."`, in R paste("curl", url). The literals
// read as they do by themselves, the others are holes. The range to decode leaves
// out the Open bytes that open a literal at the start, and the End bytes that
// close one at the end.
type Joined struct {
	// What the layer is, for messages.
	What      string
	Open, End int
	// Operands finds the operands of the expression in a range, quotes included.
	Operands func(outer []byte, rng span.Span) ([]Operand, error)
	// Sep stands in the text between two operands, Joint in the code.
	Sep, Joint string
}

// Operand is one part of a joined text.
type Operand struct {
	span.Span
	// Body and Layer decode a literal; Layer is nil for a hole.
	Body  span.Span
	Layer span.Layer
	// Quote is the mark that the literal stands in.
	Quote string
	in    int // where its part of the text starts
}

// Name is the layer's name in messages.
func (j *Joined) Name() string { return j.What }

// joinedReader tiles the text and the expression with atoms.
type joinedReader struct {
	parts []Operand
	text  []byte
	atoms []span.Atom
	at    int // end of the last atom in the outer text
	holes int
}

func (r *joinedReader) add(b []byte, end int, kind span.Kind) {
	in := span.Span{Start: len(r.text), End: len(r.text) + len(b)}
	r.atoms = append(r.atoms, span.Atom{In: in, Out: span.Span{Start: r.at, End: end}, Kind: kind})
	r.text, r.at = append(r.text, b...), end
}

func (r *joinedReader) hole(end int) {
	r.add([]byte(HoleName(r.holes)), end, span.Opaque)
	r.holes++
}

func (r *joinedReader) literal(outer []byte, p *Operand) error {
	b, inner, err := p.Layer.Decode(outer, p.Body)
	if err != nil {
		return err
	}
	for _, a := range inner {
		if a.Kind == span.Opaque {
			r.hole(a.Out.End) // of an f-string
			continue
		}
		r.add(b[a.In.Start:a.In.End], a.Out.End, a.Kind)
	}
	return nil
}

// read decodes the literals and numbers the holes. Without a separator, what
// joins the operands belongs to the holes, so that text before or after a hole
// goes into the literal there.
func (j *Joined) read(outer []byte, rng span.Span) (*joinedReader, error) {
	whole := span.Span{Start: rng.Start - j.Open, End: rng.End + j.End}
	if whole.Start < 0 || whole.End > len(outer) {
		return nil, fmt.Errorf("%w: outside of the text", span.ErrUndecodable)
	}
	parts, err := j.Operands(outer, whole)
	if err != nil {
		return nil, err
	}
	r := &joinedReader{at: rng.Start}
	for i, p := range parts {
		start := p.Start
		if p.Layer != nil {
			start = p.Body.Start
		}
		if i > 0 && (j.Sep != "" || p.Layer != nil && parts[i-1].Layer != nil) {
			r.add([]byte(j.Sep), start, span.Escaped)
		}
		p.in = len(r.text)
		r.parts = append(r.parts, p)
		switch {
		case p.Layer != nil:
			err = r.literal(outer, &p)
		case i+1 == len(parts):
			r.hole(rng.End)
		case j.Sep == "" && parts[i+1].Layer != nil:
			r.hole(parts[i+1].Body.Start)
		default:
			r.hole(p.End)
		}
		if err != nil {
			return nil, err
		}
	}
	if r.at < rng.End && parts[len(parts)-1].Layer != nil {
		r.add(nil, rng.End, span.Escaped) // the quote that closes a literal that an edit put at the end
	}
	if r.at != rng.End {
		return nil, fmt.Errorf("%w: the ends do not meet", span.ErrUndecodable)
	}
	return r, nil
}

// Decode reads the literals and puts markers for the other operands.
func (j *Joined) Decode(outer []byte, rng span.Span) ([]byte, []span.Atom, error) {
	r, err := j.read(outer, rng)
	if err != nil {
		return nil, nil, err
	}
	return r.text, r.atoms, nil
}

// Encode writes text inside the literal it falls into, or as a literal of its
// own where two holes meet or one begins or ends the expression.
func (j *Joined) Encode(t *span.Text, in span.Span, text string) (string, error) {
	outer := t.Parent().Bytes()
	r, err := j.read(outer, t.Range())
	if err != nil {
		return "", err
	}
	out := t.Out(in)
	quote := `"`
	for _, p := range r.parts {
		if p.Layer == nil {
			continue
		}
		if out.Start < p.Body.Start || out.End > p.Body.End {
			if p.Quote != "" {
				quote = p.Quote
			}
			continue
		}
		lit, err := span.File(outer).Decode(p.Body, p.Layer)
		if err != nil {
			return "", err
		}
		// The holes of an f-string before it are named otherwise.
		if at := in.Shift(-p.in); at.Start >= 0 && at.End <= lit.Len() && lit.Raw(at) == out {
			return p.Layer.Encode(lit, at, text)
		}
	}
	switch {
	case !in.Empty() || text == "":
	case j.Sep != "":
		// An operand of its own, before one.
		if before, ok := strings.CutSuffix(text, j.Sep); ok && r.starts(out.Start) {
			return OneLine(before, quote) + j.Joint, nil
		}
	case out.Start == t.Range().Start:
		return OneLine(text, quote) + j.Joint, nil
	default:
		return j.Joint + OneLine(text, quote), nil
	}
	return "", fmt.Errorf("%w: the edit reaches over several operands", span.ErrUnencodable)
}

// starts reports whether a hole starts at an outer offset.
func (r *joinedReader) starts(at int) bool {
	for _, p := range r.parts {
		if p.Layer == nil && p.Start == at {
			return true
		}
	}
	return false
}

// OneLine writes a text as a literal on one line, as Python and R read it.
func OneLine(text, quote string) string {
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
