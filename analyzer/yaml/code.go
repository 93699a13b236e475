package yaml

import (
	"bytes"
	"maps"
	"slices"
	"strings"

	yamlv3 "gopkg.in/yaml.v3"

	"github.com/imdsscan/imdsscan/analyzer/facts"
	"github.com/imdsscan/imdsscan/analyzer/imds"
	"github.com/imdsscan/imdsscan/analyzer/pins"
	"github.com/imdsscan/imdsscan/analyzer/script"
	"github.com/imdsscan/imdsscan/notebooks"
	"github.com/imdsscan/imdsscan/notebooks/codec"
	"github.com/imdsscan/imdsscan/notebooks/span"
	"github.com/imdsscan/imdsscan/rules"
)

var languages = map[string]notebooks.Language{"shell": notebooks.Shell, "python": notebooks.Python, "yaml": notebooks.YAML}

// code takes a node as code; false when it is none.
func (d *document) code(y *rules.YAMLDialect, c *rules.YAMLCode, n *yamlv3.Node, around []*yamlv3.Node) bool {
	n, sub, display := unwrap(n)
	if display == "" {
		display = c.Display
	}
	if d.done[n] {
		return true
	}
	if function(n) {
		return d.joined(c, n, piece{dialect: y, via: c.Via, around: around})
	}
	p := piece{dialect: y, via: c.Via, display: display, sub: sub, around: around}
	as := language(c, around)
	switch {
	case as == "":
		d.done[n] = true // in a language that is not analysed
	case as == "argv":
		return d.argv(c, n, p)
	case as == "file":
		if n.Kind != yamlv3.ScalarNode {
			return false
		}
		name := ""
		if v := near(around[len(around)-1:], c.Name); v != nil {
			name = v.Value
		}
		p.language, p.written = scriptLanguage(name, n.Value), true
		return p.language != "" && d.unit(n, p)
	case n.Kind == yamlv3.ScalarNode:
		p.language = languages[as]
		return d.unit(n, p)
	case n.Kind == yamlv3.SequenceNode:
		p.language = languages[as]
		return d.items(n, c.Shared, p)
	default:
		return false
	}
	return true
}

// piece is what is known of a piece of code before it is decoded.
type piece struct {
	language notebooks.Language
	dialect  *rules.YAMLDialect // nil outside of one
	via      string
	display  string // why fixes are only shown
	sub      bool   // CloudFormation fills in ${…}
	written  bool   // the code is stored, and runs elsewhere
	around   []*yamlv3.Node
}

// script takes a scalar that is a script by its first line or by its key.
func (d *document) script(n *yamlv3.Node, path []string, around []*yamlv3.Node) {
	n, sub, display := unwrap(n)
	if list, _ := pieces(n); list != nil {
		d.joined(nil, n, piece{via: "script in a YAML value", around: around})
		return
	}
	if n.Kind != yamlv3.ScalarNode || d.done[n] {
		return
	}
	p := piece{via: "script in a YAML value", sub: sub, display: display, written: true, around: around}
	key := ""
	if len(path) > 0 {
		key = path[len(path)-1]
	}
	if n.Style&(yamlv3.LiteralStyle|yamlv3.FoldedStyle) == 0 {
		key = "" // a name beside a file's name, say
	}
	if strings.Contains(n.Value, "{{") || strings.Contains(n.Value, "{%") {
		p.display = "a template engine may fill in the script before it runs"
	}
	if isMIME(n.Value) {
		d.parts(n, p)
		return
	}
	if p.language = scriptLanguage(key, n.Value); p.language == "" {
		return
	}
	d.unit(n, p)
}

// scriptLanguage is the language of a text that is stored under a name.
func scriptLanguage(name, text string) notebooks.Language {
	if strings.HasPrefix(strings.TrimLeft(text, " \t\n"), "#cloud-config") {
		return notebooks.YAML
	}
	if l := script.OfText(text); l != "" {
		return l
	}
	if strings.HasPrefix(text, "#!") {
		return ""
	}
	return script.OfName(name)
}

// unwrap finds the scalar behind CloudFormation's functions and aliases. sub
// is true where ${…} is filled in; display says why fixes are only shown.
func unwrap(n *yamlv3.Node) (out *yamlv3.Node, sub bool, display string) {
	for range 4 {
		if n.Kind == yamlv3.AliasNode && n.Alias != nil {
			n = n.Alias
		}
		sub = sub || n.Tag == "!Sub"
		if n.Tag == "!Sub" && n.Kind == yamlv3.SequenceNode && len(n.Content) > 0 {
			n = n.Content[0]
			continue
		}
		if n.Kind != yamlv3.MappingNode || len(n.Content) != 2 {
			break
		}
		switch n.Content[0].Value {
		case "Fn::Sub":
			sub = true
		case "Fn::Base64":
		default:
			return n, sub, display
		}
		n = n.Content[1]
		if sub && n.Kind == yamlv3.SequenceNode && len(n.Content) > 0 {
			n = n.Content[0]
		}
	}
	if sub {
		display = "CloudFormation fills in ${…} under Fn::Sub"
	}
	return n, sub, display
}

// unit takes a scalar as code.
func (d *document) unit(n *yamlv3.Node, p piece) bool {
	if d.done[n] || n.Value == "" {
		return d.done[n]
	}
	text := d.scalarText(n, d.inFlow(n, p.around))
	if text == nil {
		return false
	}
	d.done[n] = true
	d.add(text, p)
	return true
}

// inFlow is true for a node in brackets. A node that an alias or a function
// led to is looked for in brackets where it is plain and its text ends early.
func (d *document) inFlow(n *yamlv3.Node, around []*yamlv3.Node) bool {
	return flow(around) || n.Style == 0 && d.scalarText(n, false) == nil
}

// items takes the items of a list as code.
func (d *document) items(n *yamlv3.Node, shared bool, p piece) bool {
	if shared && len(n.Content) > 0 && n.Style&yamlv3.FlowStyle == 0 {
		if text, holes := d.list(n, "\n"); text != nil && !anchored(n) {
			d.done[n] = true
			for _, c := range n.Content {
				if c.Kind == yamlv3.ScalarNode {
					d.done[c] = true
				}
			}
			u := d.add(text, p)
			for _, h := range holes {
				u.Holes = append(u.Holes, imds.Unknown("an item that is no text"))
				if h.Kind == yamlv3.AliasNode {
					d.item(h, p)
				}
			}
			return true
		}
	}
	took := false
	p.around = within(p.around, n)
	for _, c := range n.Content {
		took = d.item(c, p) || took
	}
	return took
}

// anchored is true for a list with an item that may be used elsewhere too: its
// token has to be in the item.
func anchored(n *yamlv3.Node) bool {
	return slices.ContainsFunc(n.Content, func(c *yamlv3.Node) bool { return c.Anchor != "" })
}

// item takes an item of a list as code by itself.
func (d *document) item(n *yamlv3.Node, p piece) bool {
	n, sub, display := unwrap(n)
	if p.sub = p.sub || sub; display != "" {
		p.display = display
	}
	switch {
	case n.Kind == yamlv3.ScalarNode:
		return d.unit(n, p)
	case n.Kind == yamlv3.SequenceNode && !d.done[n] && !function(n): // GitLab takes lists in lists
		d.done[n] = true
		return d.items(n, true, p)
	}
	return false
}

// add adds a decoded text as a unit, through the layers of what fills it in.
func (d *document) add(text *span.Text, p piece) *facts.Unit {
	u := &facts.Unit{Language: p.language, Cell: d.u.Cell, Doc: d.u.Doc, Parent: d.in, Via: p.via, Written: p.written, DisplayOnly: p.display}
	u.KeepsErrors = p.dialect == nil || !p.dialect.Braces
	if d.template != "" {
		u.DisplayOnly = d.template
	}
	for _, key := range []string{"image", "container", "docker"} {
		if near(p.around, key) != nil && !strings.Contains(u.Via, "container") {
			u.Via += " in a container" // whose wget may be BusyBox's
			break
		}
	}
	if d.template != "" {
		text = d.holes(u, text, codec.Fields{"__hole", "__"}, p)
	}
	if p.sub {
		text = d.holes(u, text, codec.Sub{}, p)
	}
	if y := p.dialect; y != nil {
		u.Vars = d.variables(y, p.around)
		before := len(u.Holes)
		text = d.holes(u, text, codec.Fields(y.Fields), p)
		if len(u.Holes) > before {
			u.DisplayOnly = firstOf(u.DisplayOnly, y.Filled)
		}
		for _, r := range y.Refuse {
			if strings.Contains(string(text.Bytes()), r.Has) {
				u.DisplayOnly = firstOf(u.DisplayOnly, r.Why)
			}
		}
	}
	u.Text = text
	if matters(u) {
		d.out.Nested = append(d.out.Nested, u)
	}
	return u
}

// matters is false for code that no rule can report: it spells no endpoint, is
// given none, and names no tool or package that is looked for.
func matters(u *facts.Unit) bool {
	text := u.Text.Bytes()
	if bytes.Contains(text, []byte("metadata")) || pins.Named(text) {
		return true
	}
	for _, v := range append(slices.Collect(maps.Values(u.Vars)), u.Holes...) {
		if len(imds.Find([]byte(v.String()))) > 0 {
			return true
		}
	}
	return len(imds.Find(text)) > 0
}

// holes decodes what is filled in before the code is read: as the value of a
// variable where that is known.
func (d *document) holes(u *facts.Unit, text *span.Text, layer span.Layer, p piece) *span.Text {
	filled, err := text.Decode(text.All(), layer)
	if err != nil {
		u.DisplayOnly = firstOf(u.DisplayOnly, "what is filled in before the script is read could not be told from the script")
		return text
	}
	found := false
	for _, a := range filled.Atoms() {
		found = found || a.Kind != span.Verbatim
		if a.Kind != span.Opaque {
			continue
		}
		field := text.Sub(a.Out)
		if in, ok := text.UpTo(d.text, a.Out); ok && d.template != "" {
			field = d.text.Parent().Sub(d.text.Out(in))
		}
		value := imds.Unknown(strings.TrimSpace(strings.Trim(field, "{}$<>%-[]")))
		if f, ok := layer.(codec.Fields); ok && p.dialect != nil {
			if v, known := u.Vars[strings.TrimPrefix(f.Field(field), p.dialect.FieldVars)]; known {
				value = v
			}
		}
		u.Holes = append(u.Holes, value)
	}
	if !found {
		return text
	}
	return filled
}
