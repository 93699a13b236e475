package pins

import (
	"fmt"
	"path"
	"strings"

	yamlv3 "gopkg.in/yaml.v3"

	"github.com/imdsscan/imdsscan/analyzer/facts"
	"github.com/imdsscan/imdsscan/analyzer/imds"
	"github.com/imdsscan/imdsscan/notebooks/span"
)

// bundleFiles are how the main file of a bundle is called.
var bundleFiles = []string{"databricks.yml", "databricks.yaml", "bundle.yml", "bundle.yaml"}

// bundleFolders is how far above a file its bundle is looked for.
const bundleFolders = 5

// variables are what the variables of a bundle may stand for: their defaults,
// and what the targets set.
type variables map[string][]nameValue

// bundleFiller fills in the variables of the bundle that the manifest is a part
// of.
func (r *reader) bundleFiller(root *Item) *filler {
	vars := variables{}
	vars.of(r.u, root)
	loaded := false
	return &filler{
		values: func(name string) []nameValue {
			if r.vars != nil {
				return r.variables(name)
			}
			name, isVar := strings.CutPrefix(name, "var.")
			if !isVar {
				return nil
			}
			if len(vars[name]) == 0 && !loaded {
				loaded = true
				if u, main := r.bundle(); u != nil {
					vars.of(u, main)
				}
			}
			return vars[name]
		},
		why: func(name string) string {
			switch {
			case r.vars != nil:
				return "what " + name + " is was not found in the files scanned"
			case strings.HasPrefix(name, "var."):
				return "${" + name + "} has no value in the files scanned: it is given when the bundle is deployed"
			}
			return "${" + name + "} is filled in when it is deployed"
		},
		shared: func(name string) string { return "the version is set in another place and may be used for more" },
	}
}

// variables are the values of a name that the syntax has variables for.
func (r *reader) variables(name string) (out []nameValue) {
	for _, v := range r.vars {
		if v.Name == name && v.Value.value() != nil && len(out) < maxValues {
			out = append(out, nameValue{u: v.Unit, value: v.Value})
		}
	}
	return out
}

// of takes the variables that a file of a bundle sets.
func (v variables) of(u *facts.Unit, root *Item) {
	v.add(u, root.get("variables"))
	for _, t := range root.get("targets").members() {
		v.add(u, t.value.get("variables"))
	}
	for _, t := range root.get("environments").members() { // as targets were called
		v.add(u, t.value.get("variables"))
	}
}

func (v variables) add(u *facts.Unit, table *Item) {
	for _, m := range table.members() {
		value := m.value
		if value != nil && value.isTab {
			value = value.get("default")
		}
		if value != nil && value.text != nil && len(v[m.key]) < maxValues {
			v[m.key] = append(v[m.key], nameValue{u: u, value: value})
		}
	}
}

// bundle reads the main file of the bundle that the manifest is a part of.
func (r *reader) bundle() (*facts.Unit, *Item) {
	for dir, n := ".", 0; n < bundleFolders; dir, n = path.Join(dir, ".."), n+1 {
		for _, name := range bundleFiles {
			u := beside(r.u, path.Join(dir, name))
			if u == nil || u.Doc.Beside.Name == r.u.Doc.Beside.Name {
				continue
			}
			if root, err := parseYAML(u); err == nil && root.get("bundle") != nil {
				return u, root
			}
		}
	}
	return nil, nil
}

// parseYAML reads another file; positions in it are for people only.
func parseYAML(u *facts.Unit) (root *Item, err error) {
	defer func() {
		if r := recover(); r != nil { // the parser is not ours and is given hostile files
			err = fmt.Errorf("the YAML parser failed: %v", r)
		}
	}()
	var doc yamlv3.Node
	if err := yamlv3.Unmarshal(u.Text.Bytes(), &doc); err != nil {
		return nil, err
	}
	if len(doc.Content) == 0 {
		return Table(), nil
	}
	lines := []int{0}
	for i, c := range u.Text.Bytes() {
		if c == '\n' {
			lines = append(lines, i+1)
		}
	}
	return yamlItem(u, doc.Content[0], lines, 0), nil
}

func yamlItem(u *facts.Unit, n *yamlv3.Node, lines []int, depth int) *Item {
	if depth > maxPlatformDepth {
		return &Item{}
	}
	switch n.Kind {
	case yamlv3.MappingNode:
		t := Table()
		for i := 0; i+1 < len(n.Content); i += 2 {
			t.Set(n.Content[i].Value, span.Span{}, yamlItem(u, n.Content[i+1], lines, depth+1))
		}
		return t
	case yamlv3.SequenceNode:
		var list []*Item
		for _, c := range n.Content {
			list = append(list, yamlItem(u, c, lines, depth+1))
		}
		return List(list)
	case yamlv3.ScalarNode:
		at := span.Span{}
		if n.Line > 0 && n.Line <= len(lines) {
			from := lines[n.Line-1]
			if i := strings.Index(u.Text.Sub(span.Span{Start: from, End: u.Text.Len()}), n.Value); i >= 0 {
				at = span.Span{Start: from + i, End: from + i + len(n.Value)}
			}
		}
		return Text(imds.Lit(n.Value, imds.Source{Text: u.Text, Span: at}), at)
	}
	return &Item{} // what an alias stands for is read where it is written
}
