package yaml

import (
	"slices"
	"strings"

	yamlv3 "gopkg.in/yaml.v3"

	"github.com/imdsscan/imdsscan/rules"
)

// visit walks the document and takes the code out of it.
func (d *document) visit(n *yamlv3.Node, path []string, around []*yamlv3.Node) {
	if d.steps++; d.steps > maxSteps || len(around) > maxDepth {
		d.steps = maxSteps + 1
		return
	}
	if n.Kind == yamlv3.DocumentNode {
		for _, c := range n.Content {
			d.visit(c, nil, nil)
		}
		return
	}
	d.place(n, path, around)
	switch n.Kind {
	case yamlv3.ScalarNode:
		if at := d.offset(n); at >= 0 {
			d.scalars = append(d.scalars, scalar{n, at, path, around})
		}
	case yamlv3.SequenceNode:
		in, step := within(around, n), append(slices.Clip(path), "[]")
		for _, c := range n.Content {
			d.visit(c, step, in)
		}
	case yamlv3.MappingNode:
		in := within(around, n)
		for i := 0; i+1 < len(n.Content); i += 2 {
			key, value := n.Content[i], n.Content[i+1]
			if at := d.offset(key); at >= 0 && key.Kind == yamlv3.ScalarNode {
				d.scalars = append(d.scalars, scalar{key, at, append(slices.Clip(path), "{}"), in})
			}
			d.modules(key, append(slices.Clip(path), key.Value))
			if key.Value == "<<" {
				d.merge(value, path, in)
			}
			d.visit(value, append(slices.Clip(path), key.Value), in)
		}
	}
}

func within(around []*yamlv3.Node, n *yamlv3.Node) []*yamlv3.Node {
	return append(slices.Clip(around), n)
}

// merge looks for code in a mapping that is merged into the one at path.
func (d *document) merge(n *yamlv3.Node, path []string, around []*yamlv3.Node) {
	if n.Kind == yamlv3.SequenceNode {
		for _, c := range n.Content {
			d.merge(c, path, around)
		}
		return
	}
	if n.Kind != yamlv3.AliasNode || n.Alias == nil || n.Alias.Kind != yamlv3.MappingNode {
		return
	}
	d.mergeOne(n.Alias, path, within(around, n.Alias))
}

// mergeOne takes the code out of a mapping that stands elsewhere, once for each
// path.
func (d *document) mergeOne(m *yamlv3.Node, path []string, around []*yamlv3.Node) {
	id := mergeID{m, strings.Join(path, "/")}
	if d.steps++; d.merged[id] || d.steps > maxSteps || len(around) > maxDepth {
		return
	}
	d.merged[id] = true
	for i := 0; i+1 < len(m.Content); i += 2 {
		if m.Content[i].Value == "<<" {
			d.merge(m.Content[i+1], path, around)
			continue
		}
		d.place(m.Content[i+1], append(slices.Clip(path), m.Content[i].Value), around)
	}
}

type mergeID struct {
	node *yamlv3.Node
	path string
}

// place takes a node as code when a rule says so for its path.
func (d *document) place(n *yamlv3.Node, path []string, around []*yamlv3.Node) {
	for _, y := range d.dialects {
		for i := range y.Code {
			c := &y.Code[i]
			if matches(c.At, path) && d.code(y, c, n, around) {
				return
			}
		}
		for i := range y.Requests {
			if r := &y.Requests[i]; r.Depends == "" && matches(r.At, path) {
				d.request(y, r, n, around)
			}
		}
	}
	d.script(n, path, around)
}

// matches is true for a path that fits one of the patterns.
func matches(patterns []string, path []string) bool {
	for _, p := range patterns {
		if len(path) == 0 {
			return false
		}
		last := p[strings.LastIndexByte(p, '/')+1:]
		if last != "*" && last != path[len(path)-1] {
			continue
		}
		if fits(strings.Split(p, "/"), path) {
			return true
		}
	}
	return false
}

func fits(pattern, path []string) bool {
	for len(pattern) > 0 {
		if pattern[0] == "**" {
			for i := 0; i <= len(path); i++ {
				if fits(pattern[1:], path[i:]) {
					return true
				}
			}
			return false
		}
		if len(path) == 0 || pattern[0] != "*" && pattern[0] != path[0] || pattern[0] == "*" && path[0] == "[]" {
			return false
		}
		pattern, path = pattern[1:], path[1:]
	}
	return len(path) == 0
}

// near is the value of a path of keys in the innermost mapping around that has
// it.
func near(around []*yamlv3.Node, keys string) *yamlv3.Node {
	for i := len(around) - 1; i >= 0; i-- {
		n := around[i]
		for _, k := range strings.Split(keys, "/") {
			if n = get(n, k); n == nil {
				break
			}
		}
		if n != nil {
			return n
		}
	}
	return nil
}

// language is what the keys around a place of code make of it; "" when it is
// in a language that is not analysed.
func language(c *rules.YAMLCode, around []*yamlv3.Node) string {
	for _, choice := range c.By {
		n := near(around, choice.Near)
		if n == nil {
			continue
		}
		values := []*yamlv3.Node{n}
		if n.Kind == yamlv3.SequenceNode {
			values = n.Content
		}
		for _, v := range values {
			for prefix, lang := range choice.Is {
				if strings.HasPrefix(v.Value, prefix) {
					return lang
				}
			}
		}
		if choice.Else != nil {
			return *choice.Else
		}
	}
	return c.As
}
