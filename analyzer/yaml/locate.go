package yaml

import (
	"bytes"
	"slices"
	"sort"
	"strings"
	"unicode/utf8"

	yamlv3 "gopkg.in/yaml.v3"

	"github.com/imdsscan/imdsscan/notebooks/codec"
	"github.com/imdsscan/imdsscan/notebooks/span"
)

// scalar is a scalar of the document and where its node begins.
type scalar struct {
	node   *yamlv3.Node
	at     int
	path   []string
	around []*yamlv3.Node // the collections it is in, outermost first
}

// lineStarts are the offsets at which the parser counts a new line.
func lineStarts(src []byte, base int) []int {
	out := []int{base}
	for i := 0; i < len(src); i++ {
		switch c := src[i]; {
		case c == '\n', c == '\r' && (i+1 == len(src) || src[i+1] != '\n'):
			out = append(out, base+i+1)
		case c == 0xc2 && bytes.HasPrefix(src[i:], []byte("\u0085")):
			out = append(out, base+i+2)
		case c == 0xe2 && (bytes.HasPrefix(src[i:], []byte("\u2028")) || bytes.HasPrefix(src[i:], []byte("\u2029"))):
			out = append(out, base+i+3)
		}
	}
	return out
}

// offset is where a node begins; -1 when that cannot be told. Columns count
// characters; nodes are asked for in order, so that each line is counted once.
func (d *document) offset(n *yamlv3.Node) int {
	if n.Line < 1 || n.Line > len(d.lines) || n.Column < 1 {
		return -1
	}
	if d.cursor.line != n.Line || d.cursor.column > n.Column {
		d.cursor = cursor{line: n.Line, column: 1, at: d.lines[n.Line-1]}
	}
	for src := d.text.Bytes(); d.cursor.column < n.Column; d.cursor.column++ {
		if d.cursor.at >= d.rng.End {
			return -1
		}
		_, size := utf8.DecodeRune(src[d.cursor.at:])
		d.cursor.at += size
	}
	return d.cursor.at
}

// cursor is a place in the document as the parser counts it.
type cursor struct{ line, column, at int }

// scalarText is a scalar decoded; nil when its place cannot be told.
func (d *document) scalarText(n *yamlv3.Node, inFlow bool) *span.Text {
	id := textID{n, inFlow}
	text, known := d.texts[id]
	if !known {
		text = d.locate(n, inFlow)
		d.texts[id] = text
	}
	return text
}

type textID struct {
	node   *yamlv3.Node
	inFlow bool
}

func (d *document) locate(n *yamlv3.Node, inFlow bool) *span.Text {
	at := d.offset(n)
	if at < 0 || n.Kind != yamlv3.ScalarNode || n.Value == "" {
		return nil
	}
	rng, layer, err := codec.YAMLScalar(d.text.Bytes()[:d.rng.End], at, inFlow, -1, func(text []byte) bool { return string(text) == n.Value })
	if err != nil {
		return nil
	}
	text, err := d.text.Decode(rng, layer)
	if err != nil || string(text.Bytes()) != n.Value {
		return nil
	}
	return text
}

// list is a sequence decoded as a script, its items joined, with those
// that are no text as holes; nil when it cannot be had.
func (d *document) list(n *yamlv3.Node, with string) (text *span.Text, holes []*yamlv3.Node) {
	if len(n.Content) == 0 {
		return nil, nil
	}
	src := d.text.Bytes()[:d.rng.End]
	at, brackets := d.offset(n.Content[0]), n.Style&yamlv3.FlowStyle != 0
	if !brackets {
		for at > 0 && src[at-1] == ' ' {
			at--
		}
		if at--; at < 0 || src[at] != '-' {
			return nil, nil
		}
	}
	if at < 0 {
		return nil, nil
	}
	rng, layer, texts, err := codec.YAMLList(src, at, brackets)
	if err != nil {
		return nil, nil
	}
	layer.Pieces = with == ""
	if text, err = d.text.Decode(rng, layer); err != nil {
		return nil, nil
	}
	var want []byte
	found := 0
	for i, c := range n.Content {
		if i > 0 && with != "" && (len(want) == 0 || want[len(want)-1] != '\n') {
			want = append(want, '\n')
		}
		if c.Kind == yamlv3.ScalarNode && strings.HasPrefix(c.Tag, "!!") && c.Tag != "!!null" {
			want = append(want, c.Value...)
			found++
		} else {
			want = append(want, codec.HoleName(len(holes))...)
			holes = append(holes, c)
		}
	}
	if found != texts || !bytes.Equal(want, text.Bytes()) {
		return nil, nil
	}
	return text, holes
}

// flow reports whether one of the collections around is written in brackets.
func flow(around []*yamlv3.Node) bool {
	return slices.ContainsFunc(around, func(n *yamlv3.Node) bool { return n.Style&yamlv3.FlowStyle != 0 })
}

// scalarAt is the scalar of which an offset is a part, and its text; nil
// outside of scalars. last is the end of the scalar before the offset.
func (d *document) scalarAt(at int) (s *scalar, text *span.Text, last int) {
	i := sort.Search(len(d.scalars), func(i int) bool { return d.scalars[i].at > at }) - 1
	if i < 0 {
		return nil, nil, d.rng.Start
	}
	s = &d.scalars[i]
	text = d.scalarText(s.node, flow(s.around))
	switch {
	case text == nil:
		return nil, nil, s.at
	case text.Range().End >= at:
		return s, text, s.at
	}
	return nil, nil, text.Range().End
}
