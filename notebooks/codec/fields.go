package codec

import (
	"bytes"
	"strings"

	"github.com/imdsscan/imdsscan/notebooks/span"
)

// Fields shows a text in which something fills in what stands between two
// marks, such as `${{ … }}`: each is a hole. It lists opening and closing
// marks by turns.
type Fields []string

// Name is the layer's name in messages.
func (l Fields) Name() string { return "fields in " + strings.Join(l[:min(2, len(l))], " ") }

// Field is what stands between the marks of a field.
func (l Fields) Field(text string) string {
	for i := 0; i+1 < len(l); i += 2 {
		if rest, ok := strings.CutPrefix(text, l[i]); ok && strings.HasSuffix(rest, l[i+1]) {
			return strings.TrimSpace(strings.TrimSuffix(rest, l[i+1]))
		}
	}
	return text
}

// Decode makes each field a hole. A closing mark in single quotes is text.
func (l Fields) Decode(outer []byte, rng span.Span) ([]byte, []span.Atom, error) {
	d := newBuilder(outer, rng)
	for n := 0; ; n++ {
		start, close := l.next(outer[:rng.End], d.at)
		if start < 0 {
			break
		}
		end := l.end(outer[:rng.End], start, close)
		if end < 0 {
			return nil, nil, undecodable(start, "a field without %s", close)
		}
		d.verbatim(start)
		d.opaque(HoleName(n), end)
	}
	d.verbatim(rng.End)
	return d.done()
}

// next is where the next field begins, and its closing mark.
func (l Fields) next(src []byte, at int) (start int, close string) {
	start = -1
	for i := 0; i+1 < len(l); i += 2 {
		end := len(src)
		if start >= 0 {
			end = min(end, start+len(l[i]))
		}
		if n := bytes.Index(src[at:end], []byte(l[i])); n >= 0 {
			start, close = at+n, l[i+1]
		}
	}
	return start, close
}

func (l Fields) end(src []byte, at int, close string) int {
	quoted := false
	for ; at < len(src); at++ {
		switch {
		case src[at] == '\'':
			quoted = !quoted
		case !quoted && bytes.HasPrefix(src[at:], []byte(close)):
			return at + len(close)
		}
	}
	return -1
}

// Encode writes text that holds no field.
func (l Fields) Encode(_ *span.Text, _ span.Span, text string) (string, error) {
	if start, _ := l.next([]byte(text), 0); start >= 0 {
		return "", unencodable("the text would be filled in")
	}
	return text, nil
}

// Sub shows the text that CloudFormation's Fn::Sub makes of a template: `${X}`
// is filled in, `${!X}` stands for `${X}`.
type Sub struct{}

// Name is the layer's name in messages.
func (Sub) Name() string { return "Fn::Sub" }

// Decode makes what is filled in a hole.
func (Sub) Decode(outer []byte, rng span.Span) ([]byte, []span.Atom, error) {
	d := newBuilder(outer, rng)
	holes := 0
	for at := rng.Start; at < rng.End; {
		i := bytes.Index(outer[at:rng.End], []byte("${"))
		if i < 0 {
			break
		}
		start := at + i
		end := bytes.IndexByte(outer[start:rng.End], '}')
		if end < 0 {
			return nil, nil, undecodable(start, "${ without }")
		}
		d.verbatim(start)
		if outer[start+2] == '!' {
			d.escaped("${", start+3)
			at = start + 3
			continue
		}
		at = start + end + 1
		d.opaque(HoleName(holes), at)
		holes++
	}
	d.verbatim(rng.End)
	return d.done()
}

// Encode escapes what would be filled in.
func (Sub) Encode(_ *span.Text, _ span.Span, text string) (string, error) {
	return strings.ReplaceAll(text, "${", "${!"), nil
}
