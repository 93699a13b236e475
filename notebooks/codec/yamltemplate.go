package codec

import (
	"bytes"

	"github.com/imdsscan/imdsscan/notebooks/span"
)

// YAMLTemplate shows a YAML file that a template engine fills in, with a
// comment in place of each directive that has lines to itself and a word in
// place of one within a line, so that the rest can be read.
type YAMLTemplate struct{}

// Name is the layer's name in messages.
func (YAMLTemplate) Name() string { return "template" }

var templateMarks = [...]struct{ open, close string }{{"{{", "}}"}, {"{%", "%}"}, {"{#", "#}"}, {"<%", "%>"}}

// Decode hides the directives.
func (YAMLTemplate) Decode(outer []byte, rng span.Span) ([]byte, []span.Atom, error) {
	d := newBuilder(outer, rng)
	src := outer[:rng.End]
	found := &directives{src: src}
	holes := 0
	for at := rng.Start; at < rng.End; {
		end := found.end(at)
		if end < 0 {
			at++
			continue
		}
		name := HoleName(holes)
		holes++
		start := lineStartAt(src, at)
		alone := len(bytes.TrimLeft(src[max(start, rng.Start):at], " \t")) == 0
		for alone { // several on one line
			rest := end + len(src[end:lineEndAt(src, end)]) - len(bytes.TrimLeft(src[end:lineEndAt(src, end)], " \t"))
			if rest == lineEndAt(src, end) {
				break
			}
			if next := found.end(rest); next > 0 {
				end = next
			} else {
				alone = false
			}
		}
		d.verbatim(at)
		if alone {
			name = "#" + name
		}
		d.opaque(name, end)
		at = end
	}
	d.verbatim(rng.End)
	return d.done()
}

// directives finds directives from left to right.
type directives struct {
	src []byte
	// none is for each pair of marks how far no closing mark was found.
	none [len(templateMarks)]int
}

// end is the end of the directive at an offset, -1 when there is none.
func (d *directives) end(at int) int {
	src := d.src
	if at >= len(src) || src[at] != '{' && src[at] != '<' || at > 0 && src[at-1] == '$' {
		return -1
	}
	for i, m := range templateMarks {
		if !bytes.HasPrefix(src[at:], []byte(m.open)) || at < d.none[i] {
			continue
		}
		stop := min(len(src), at+maxDirective)
		if n := bytes.Index(src[at:stop], []byte(m.close)); n >= 0 {
			return at + n + len(m.close)
		}
		d.none[i] = stop - len(m.close)
	}
	return -1
}

const maxDirective = 10_000

// Encode writes no directive.
func (YAMLTemplate) Encode(_ *span.Text, _ span.Span, text string) (string, error) {
	for _, m := range templateMarks {
		if bytes.Contains([]byte(text), []byte(m.open)) {
			return "", unencodable("the text would be read as a directive of a template")
		}
	}
	return text, nil
}
