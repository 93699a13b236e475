package yaml

import (
	"strings"

	yamlv3 "gopkg.in/yaml.v3"

	"github.com/imdsscan/imdsscan/analyzer/imds"
	"github.com/imdsscan/imdsscan/notebooks"
	"github.com/imdsscan/imdsscan/rules"
)

// function is true for a value that a function of CloudFormation or a tag of
// another tool makes: not the text or the list that it looks like.
func function(n *yamlv3.Node) bool {
	if strings.HasPrefix(n.Tag, "!") && !strings.HasPrefix(n.Tag, "!!") && n.Tag != "!Sub" && n.Tag != "!Base64" {
		return true
	}
	return n.Kind == yamlv3.MappingNode && len(n.Content) == 2 && strings.HasPrefix(n.Content[0].Value, "Fn::")
}

// pieces are the list of Fn::Join and what it is joined with.
func pieces(n *yamlv3.Node) (list *yamlv3.Node, with string) {
	if n.Kind == yamlv3.MappingNode && len(n.Content) == 2 && n.Content[0].Value == "Fn::Join" {
		n = n.Content[1]
	} else if n.Tag != "!Join" {
		return nil, ""
	}
	if n.Kind != yamlv3.SequenceNode || len(n.Content) != 2 || n.Content[1].Kind != yamlv3.SequenceNode {
		return nil, ""
	}
	return n.Content[1], n.Content[0].Value
}

// joined takes the pieces of a Fn::Join as a script that is only shown.
func (d *document) joined(c *rules.YAMLCode, n *yamlv3.Node, p piece) bool {
	list, with := pieces(n)
	if list == nil || d.done[list] || with != "" && with != "\n" || len(list.Content) == 0 {
		return list != nil && d.done[list]
	}
	text, holes := d.list(list, with)
	if text == nil {
		return false
	}
	p.language = notebooks.Shell
	if c != nil {
		if as := language(c, p.around); as != "file" {
			p.language = languages[as]
		}
	}
	if c == nil || c.As == "file" {
		p.language, p.written = scriptLanguage("", string(text.Bytes())), true
	}
	if p.language == "" {
		return false
	}
	d.done[list] = true
	for _, item := range list.Content {
		d.done[item] = true
	}
	p.display = "CloudFormation joins the script of pieces"
	u := d.add(text, p)
	for _, h := range holes {
		name := h.Value
		if h.Kind == yamlv3.MappingNode && len(h.Content) == 2 {
			name = h.Content[1].Value
		}
		u.Holes = append(u.Holes, imds.Unknown(name))
	}
	return true
}
