package yaml

import (
	"maps"
	"strings"

	yamlv3 "gopkg.in/yaml.v3"

	"github.com/imdsscan/imdsscan/analyzer/imds"
	"github.com/imdsscan/imdsscan/rules"
)

// variables are those that code starts with: of the maps around it, inner ones
// over outer ones.
func (d *document) variables(y *rules.YAMLDialect, around []*yamlv3.Node) map[string]imds.Value {
	var out map[string]imds.Value
	for _, m := range around {
		for _, key := range y.Vars {
			list := m
			for _, k := range strings.Split(key, "/") {
				list = get(list, k)
			}
			if list == nil {
				continue
			}
			if list.Kind == yamlv3.AliasNode {
				list = list.Alias
			}
			if _, known := d.vars[list]; !known {
				d.vars[list] = d.values(list, y, within(around, list))
			}
			if out == nil {
				out = map[string]imds.Value{}
			}
			maps.Copy(out, d.vars[list])
		}
	}
	return out
}

// values reads NAME: value, and lists of NAME=value or of name and value.
func (d *document) values(n *yamlv3.Node, y *rules.YAMLDialect, around []*yamlv3.Node) map[string]imds.Value {
	out := map[string]imds.Value{}
	switch n.Kind {
	case yamlv3.MappingNode:
		for i := 0; i+1 < len(n.Content); i += 2 {
			if v := n.Content[i+1]; v.Kind == yamlv3.ScalarNode {
				out[n.Content[i].Value] = d.value(v, 0, y, around)
			} else if inner := get(v, "value"); inner != nil { // GitLab: with a description
				out[n.Content[i].Value] = d.value(inner, 0, y, around)
			}
		}
	case yamlv3.SequenceNode:
		for _, c := range n.Content {
			name, value := get(c, "name"), get(c, "value")
			if name != nil && value != nil {
				out[name.Value] = d.value(value, 0, y, within(around, c))
			} else if key, _, ok := strings.Cut(c.Value, "="); ok && c.Kind == yamlv3.ScalarNode {
				out[key] = d.value(c, len(key)+1, y, around)
			}
		}
	}
	return out
}

// value is the text of a scalar from an offset on. What fills something in is
// not known.
func (d *document) value(n *yamlv3.Node, from int, y *rules.YAMLDialect, around []*yamlv3.Node) imds.Value {
	text := n.Value[from:]
	for i := 0; i < len(y.Fields); i += 2 {
		if strings.Contains(text, y.Fields[i]) {
			return imds.Unknown(text)
		}
	}
	if strings.Contains(text, "$") || strings.Contains(text, "{{") || n.Kind != yamlv3.ScalarNode {
		return imds.Unknown(text)
	}
	part := imds.Part{Text: text}
	if len(imds.Find([]byte(text))) > 0 {
		if t := d.scalarText(n, d.inFlow(n, around)); t != nil {
			part.Source = imds.Source{Text: t, Span: t.All()}
			part.Source.Span.Start = from
		}
	}
	return imds.Value{part}
}
