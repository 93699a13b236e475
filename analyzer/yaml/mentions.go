package yaml

import (
	"bytes"
	"strings"

	yamlv3 "gopkg.in/yaml.v3"

	"github.com/imdsscan/imdsscan/analyzer/facts"
	"github.com/imdsscan/imdsscan/analyzer/imds"
)

// mentions explains the endpoints that are no code.
func (d *document) mentions() {
	src := d.text.Bytes()
	for _, o := range imds.Find(src[d.rng.Start:d.rng.End]) {
		sp := o.Span.Shift(d.rng.Start)
		s, text, last := d.scalarAt(sp.Start)
		why := ""
		switch {
		case s == nil && isComment(src, last, sp.Start):
			why = "comment"
		case s == nil || d.done[s.node]:
		default:
			if why = d.whyMention(s); why != "" {
				sp = text.Range()
			}
		}
		if why != "" {
			d.out.Mentions = append(d.out.Mentions, facts.Mention{Unit: d.in, Span: sp, Why: why})
		}
	}
}

// maxComment is how far before an endpoint its line's comment mark is looked for.
const maxComment = 4096

// comments explains the endpoints in the comment lines of a document that
// could not be parsed.
func (d *document) comments() {
	src := d.u.Text.Bytes()
	for _, o := range imds.Find(src[d.rng.Start:d.rng.End]) {
		sp := o.Span.Shift(d.rng.Start)
		before := src[max(0, sp.Start-maxComment):sp.Start]
		line := bytes.TrimLeft(before[bytes.LastIndexByte(before, '\n')+1:], " \t")
		if bytes.HasPrefix(line, []byte("#")) && len(line) < maxComment {
			d.out.Mentions = append(d.out.Mentions, facts.Mention{Unit: d.u, Span: sp, Why: "comment"})
		}
	}
}

// isComment is true for a place behind a comment's mark that follows on a
// scalar's end.
func isComment(src []byte, after, at int) bool {
	for i := after + bytes.LastIndexByte(src[after:at], '\n') + 1; i < at; i++ {
		if src[i] == '#' && (i == 0 || src[i-1] == ' ' || src[i-1] == '\t' || src[i-1] == '\n') {
			return true
		}
	}
	return false
}

// whyMention is what a scalar's key makes of an endpoint in it.
func (d *document) whyMention(s *scalar) string {
	key := ""
	for i := len(s.path) - 1; i >= 0 && (key == "" || key == "[]"); i-- {
		key = s.path[i]
	}
	if key == "value" { // name: NO_PROXY, value: …
		for _, n := range []string{"name", "key", "ParameterKey", "Key", "Name"} {
			if name := get(s.around[len(s.around)-1], n); name != nil && name.Kind == yamlv3.ScalarNode {
				key = name.Value
			}
		}
	}
	if k, _, ok := strings.Cut(s.node.Value, "="); ok && !strings.ContainsAny(k, " \t\n") {
		key = k // NO_PROXY=… in a list
	}
	key = strings.ToLower(strings.NewReplacer("_", "", "-", "").Replace(key))
	for _, m := range d.table.Mentions {
		for _, k := range m.Keys {
			if k == key {
				return m.Why
			}
		}
		if matches(m.At, s.path) {
			return m.Why
		}
	}
	return ""
}
