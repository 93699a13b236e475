package python

import (
	"github.com/imdsscan/imdsscan/analyzer/imds"
	"github.com/imdsscan/imdsscan/notebooks/codec"
	"github.com/imdsscan/imdsscan/notebooks/span"
)

// template is a layer over a text that is filled in later: how its holes are
// found and what goes into each.
type template struct {
	layer span.Layer
	holes func(text []byte) []codec.TemplateHole
	value func(codec.TemplateHole) []imds.Value
}

// templated decodes the texts of n through the template they are used as.
func (m *module) templated(n node, t template, depth int) []nestedText {
	var out []nestedText
	for _, w := range m.textsOf(n, depth+1) {
		if w.displayOnly == unfilled {
			w.displayOnly = ""
		}
		if len(w.holes) > 0 {
			// An f-string that is a template as well.
			w.displayOnly = "the text is filled in twice"
			out = append(out, w)
			continue
		}
		text, err := w.text.Decode(w.text.All(), t.layer)
		if err != nil {
			// Not a template after all: format and % would raise.
			w.displayOnly = "the text is a template that cannot be read"
			out = append(out, w)
			continue
		}
		for _, h := range t.holes(w.text.Bytes()) {
			w.addHole(t.value(h))
		}
		w.text = text
		out = append(out, w)
	}
	return out
}

// formatTemplate is a text given to str.format with these arguments.
func formatTemplate(m *module, args arguments) template {
	return template{layer: codec.FormatTemplate{}, holes: codec.FormatHoles, value: func(h codec.TemplateHole) []imds.Value {
		switch {
		case !h.Plain:
		case h.Index >= 0 && h.Index < len(args.pos) && !args.star:
			return m.eval(args.pos[h.Index])
		case h.Index < 0 && args.key[h.Name].OK():
			return m.eval(args.key[h.Name])
		}
		return []imds.Value{imds.Unknown(fieldName(h))}
	}}
}

// percentTemplate is a text on the left of `%`.
func percentTemplate(m *module, right node) template {
	return template{layer: codec.PercentTemplate{}, holes: codec.PercentHoles, value: func(h codec.TemplateHole) []imds.Value {
		if v := m.fieldOf(right, h); v.OK() && h.Plain {
			return m.eval(v)
		}
		return []imds.Value{imds.Unknown(fieldName(h))}
	}}
}

// fieldOf is the operand of `%` that a field takes.
func (m *module) fieldOf(right node, h codec.TemplateHole) node {
	if h.Index < 0 {
		return m.mapped(right, h.Name)
	}
	for right.Is("parenthesized_expression") && len(right.Named()) == 1 {
		right = right.Named()[0]
	}
	if !right.Is("tuple") {
		if h.Index == 0 {
			return right
		}
		return node{}
	}
	var items []node
	for _, c := range right.Named() {
		if c.Is("list_splat") {
			return node{}
		}
		if !c.Is("comment") {
			items = append(items, c)
		}
	}
	if h.Index < len(items) {
		return items[h.Index]
	}
	return node{}
}

// mapped is the value of a key in a dict display.
func (m *module) mapped(dict node, key string) node {
	defs, complete := m.defs(dict)
	if !complete || len(defs) != 1 {
		return node{}
	}
	if d := defs[0]; d.Is("dictionary") {
		for _, p := range d.Named() {
			if p.Is("pair") && stringText(p.Field("key")) == key {
				return p.Field("value")
			}
		}
	} else if d.Is("call") && d.Field("function").Text() == "dict" {
		return m.args(d).key[key]
	}
	return node{}
}

// dollarTemplate is a string.Template that is substituted with arguments.
func dollarTemplate(m *module, args arguments, safe bool) template {
	return template{
		layer: codec.DollarTemplate{Safe: safe},
		holes: func(text []byte) []codec.TemplateHole { return codec.DollarHoles(text, safe) },
		value: func(h codec.TemplateHole) []imds.Value {
			if v := args.key[h.Name]; v.OK() {
				return m.eval(v)
			}
			if len(args.pos) > 0 {
				if v := m.mapped(args.pos[0], h.Name); v.OK() {
					return m.eval(v)
				}
			}
			return []imds.Value{imds.Unknown(h.Name)}
		},
	}
}

func fieldName(h codec.TemplateHole) string {
	if h.Name != "" {
		return h.Name
	}
	return "argument"
}
