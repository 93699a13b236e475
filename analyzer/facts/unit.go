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
		if n >= len(u.Holes) || u.Text.KindAt(s.Start+start) != span.Opaque {
			continue
		}
		lit(at, start)
		out = append(out, u.Holes[n]...)
		at = end
	}
	lit(at, len(text))
	return out
}
