package facts

import (
	"github.com/imdsscan/imdsscan/analyzer/imds"
	"github.com/imdsscan/imdsscan/notebooks/codec"
	"github.com/imdsscan/imdsscan/notebooks/span"
)

// Value is the text of a span of the unit as a value: the bytes as they stand,
// with the unit's holes replaced by what the outer language knows of them.
func (u *Unit) Value(s span.Span) imds.Value {
	text := u.Text.Sub(s)
	var out imds.Value
	lit := func(from, to int) {
		if to > from {
			sp := span.Span{Start: s.Start + from, End: s.Start + to}
			out = append(out, imds.Part{Text: text[from:to], Source: imds.Source{Text: u.Text, Span: sp}})
		}
	}
	at := 0
	for from := 0; ; {
		start, end, n, ok := codec.HoleIndex(text, from)
		if !ok {
			break
		}
		from = end
		v, ok := u.hole(span.Span{Start: s.Start + start, End: s.Start + end}, n)
		if !ok {
			continue
		}
		lit(at, start)
		out = append(out, v...)
		at = end
	}
	lit(at, len(text))
	return out
}

// hole is the value of the hole that the n-th marker at s stands for. The hole
// may be one of a layer below, as under a margin, or of a unit further out:
// `{host}` of an f-string is plain text to the shell command in it, and to the
// program in that.
func (u *Unit) hole(s span.Span, n int) (imds.Value, bool) {
	for t := u.Text; ; {
		if t.KindAt(s.Start) == span.Opaque {
			if n < len(u.Holes) {
				return u.Holes[n], true
			}
			return nil, false
		}
		p := t.Parent()
		if p == nil {
			return nil, false
		}
		out := t.Out(s)
		if p.Sub(out) != t.Sub(s) {
			return nil, false
		}
		if u.Parent != nil && p == u.Parent.Text {
			return u.Parent.hole(out, n)
		}
		t, s = p, out
	}
}
