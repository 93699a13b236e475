// Package hcl reads Terraform's definitions of clusters, jobs and libraries for
// the packages and runtimes that they ask for. What Terraform would compute is
// not known here, except for variables with a default and local values.
//
// It knows no package and no resource: package pins does.
package hcl

import (
	"bytes"
	"errors"
	"fmt"
	"maps"
	"path"
	"slices"
	"strings"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"

	"github.com/imdsscan/imdsscan/analyzer/facts"
	"github.com/imdsscan/imdsscan/analyzer/imds"
	"github.com/imdsscan/imdsscan/analyzer/pins"
	"github.com/imdsscan/imdsscan/notebooks"
	"github.com/imdsscan/imdsscan/notebooks/span"
)

const (
	// maxSize is the size beyond which a file is reported as not read.
	maxSize = 2 << 20
	// maxDepth bounds brackets in brackets, and operators before operators: the
	// parser calls itself for each.
	maxDepth = 200
	// maxDirectives bounds %{if} and its like, which are nested too.
	maxDirectives = 1000
	// maxFiles bounds the files beside one that are read for their variables.
	maxFiles = 100
)

// Pins finds the packages and the settings of clusters in a file.
func Pins(u *facts.Unit) *facts.Facts {
	out := &facts.Facts{}
	body, at, err := parse(u)
	if err != nil {
		at = max(0, min(at, u.Text.Len()))
		out.Unread = append(out.Unread, facts.Broken{Unit: u, Span: span.Span{Start: at, End: at}, Reason: "its pins are not known: " + err.Error()})
	}
	if body == nil {
		return out
	}
	f := &file{u: u}
	root := f.body(body, 0)
	vars := append([]pins.Variable{}, f.variables(body)...)
	if u.Parent == nil && u.Doc != nil {
		vars = append(vars, beside(u)...)
	}
	out.Add(pins.Structured(u, root, "Terraform", vars...))
	out.Pins = append(out.Pins, pins.Beyond(out.Pins, f.loose())...)
	return out
}

// beside are the variables that the other files of the module set.
func beside(u *facts.Unit) (out []pins.Variable) {
	for n, name := range u.Doc.List(".") {
		if name == path.Base(u.Doc.Beside.Name) || n > maxFiles || !strings.HasSuffix(name, ".tf") && !strings.HasSuffix(name, ".tfvars") {
			continue
		}
		full, b := u.Doc.Read(name)
		if b == nil {
			continue
		}
		text := span.File(b)
		other := &facts.Unit{Language: notebooks.Terraform, Text: text, Doc: &notebooks.Document{Path: full, Format: notebooks.Plain, Language: notebooks.Terraform, File: text}}
		if body, _, _ := parse(other); body != nil {
			out = append(out, (&file{u: other}).variables(body)...)
		}
	}
	return out
}

// parse reads as much of a file as the parser can; err says where it broke off.
func parse(u *facts.Unit) (body *hclsyntax.Body, at int, err error) {
	src := u.Text.Bytes()
	switch {
	case len(src) > maxSize:
		return nil, 0, fmt.Errorf("a Terraform file of %d MB is too large", len(src)>>20)
	case bytes.Count(src, []byte("%{")) > maxDirectives:
		return nil, 0, fmt.Errorf("more than %d directives in its templates", maxDirectives)
	case nested(src) > maxDepth:
		return nil, 0, fmt.Errorf("more than %d brackets or operators are nested", maxDepth)
	}
	defer func() {
		if r := recover(); r != nil { // the parser is not ours and is given hostile files
			body, err = nil, fmt.Errorf("the parser of Terraform failed: %v", r)
		}
	}()
	f, diags := hclsyntax.ParseConfig(src, "", hcl.InitialPos)
	if f != nil {
		body, _ = f.Body.(*hclsyntax.Body)
	}
	if diags.HasErrors() {
		d := diags[0]
		if d.Subject != nil {
			at = d.Subject.Start.Byte
		}
		err = errors.New("not valid Terraform: " + strings.TrimSuffix(d.Summary, "."))
	}
	return body, at, err
}

// nested is how deep brackets and operators are nested at most, in quotes or
// not.
func nested(src []byte) int {
	depth, deepest, operators := 0, 0, 0
	for _, c := range src {
		switch c {
		case '[', '{', '(':
			depth++
		case ']', '}', ')':
			depth = max(0, depth-1)
		}
		switch c {
		case '!', '-', '?':
			operators++
		case '\n', '#', '"':
			operators = 0
		}
		if operators > 1 && (c == '!' || c == '?') || operators > 10*maxDepth {
			deepest = max(deepest, operators)
		}
		deepest = max(deepest, depth)
	}
	return deepest
}

// file is the work on one file.
type file struct {
	u *facts.Unit
	// strings are the texts in it.
	strings []*pins.Item
}

// body is a body with the labels of its blocks left out: what they are called
// matters to nobody here.
func (f *file) body(b *hclsyntax.Body, depth int) *pins.Item {
	t := pins.Table()
	if depth > maxDepth {
		return t
	}
	for _, name := range order(b.Attributes) {
		a := b.Attributes[name]
		t.Set(name, at(a.NameRange), f.expression(a.Expr, depth+1))
	}
	for _, block := range b.Blocks {
		t.Set(block.Type, at(block.TypeRange), f.body(block.Body, depth+1))
	}
	return t
}

// variables are the defaults of variables, the local values, and what a file
// of values sets.
func (f *file) variables(b *hclsyntax.Body) (out []pins.Variable) {
	add := func(name string, e hclsyntax.Expression) {
		out = append(out, pins.Variable{Name: name, Unit: f.u, Value: (&file{u: f.u}).expression(e, 0)})
	}
	for _, block := range b.Blocks {
		switch {
		case block.Type == "variable" && len(block.Labels) == 1 && block.Body.Attributes["default"] != nil:
			add("var."+block.Labels[0], block.Body.Attributes["default"].Expr)
		case block.Type == "locals":
			for name, a := range block.Body.Attributes {
				add("local."+name, a.Expr)
			}
		}
	}
	if f.u.Doc != nil && strings.HasSuffix(f.u.Doc.Path, ".tfvars") {
		for name, a := range b.Attributes {
			add("var."+name, a.Expr)
		}
	}
	return out
}

// expression is an expression as far as it is written out.
func (f *file) expression(e hclsyntax.Expression, depth int) *pins.Item {
	if depth > maxDepth {
		return &pins.Item{}
	}
	switch e := e.(type) {
	case *hclsyntax.ObjectConsExpr:
		t := pins.Table()
		for _, item := range e.Items {
			t.Set(f.key(item.KeyExpr), at(item.KeyExpr.Range()), f.expression(item.ValueExpr, depth+1))
		}
		return t
	case *hclsyntax.TupleConsExpr:
		var list []*pins.Item
		for _, x := range e.Exprs {
			list = append(list, f.expression(x, depth+1))
		}
		return pins.List(list)
	case *hclsyntax.FunctionCallExpr:
		switch e.Name {
		case "jsonencode", "toset", "tolist", "tomap", "tostring", "flatten", "concat", "merge", "trimspace", "coalesce", "try":
			if len(e.Args) == 1 {
				return f.expression(e.Args[0], depth+1)
			}
			var list []*pins.Item
			for _, x := range e.Args {
				list = append(list, f.expression(x, depth+1))
			}
			return pins.List(list)
		}
	case *hclsyntax.ParenthesesExpr:
		return f.expression(e.Expression, depth+1)
	case *hclsyntax.TemplateExpr, *hclsyntax.TemplateWrapExpr:
		return f.text(e.Range())
	case *hclsyntax.LiteralValueExpr:
		s := at(e.Range())
		return pins.Text(imds.Lit(f.u.Text.Sub(s), imds.Source{Text: f.u.Text, Span: s}), s)
	}
	s := at(e.Range())
	return pins.Text(imds.Lit("${"+f.u.Text.Sub(s)+"}", imds.Source{}), s)
}

// text is a string, with what is filled into it as ${…}.
func (f *file) text(r hcl.Range) *pins.Item {
	s := at(r)
	raw := f.u.Text.Sub(s)
	if strings.HasPrefix(raw, "<<") { // a here-document: its lines
		start := strings.IndexByte(raw, '\n') + 1
		end := strings.LastIndexByte(strings.TrimRight(raw, "\n"), '\n') + 1
		s = span.Span{Start: s.Start + start, End: s.Start + max(start, end)}
	} else if len(raw) >= 2 && raw[0] == '"' {
		s = span.Span{Start: s.Start + 1, End: s.End - 1}
	}
	raw = f.u.Text.Sub(s)
	v := imds.Lit(raw, imds.Source{Text: f.u.Text, Span: s})
	if strings.ContainsAny(raw, "\\") && !strings.Contains(raw, "\n") {
		v = imds.Lit(strings.NewReplacer(`\"`, `"`, `\\`, `\`).Replace(raw), imds.Source{})
	}
	i := pins.Text(v, s)
	f.strings = append(f.strings, i)
	return i
}

// key is a key of an object.
func (f *file) key(e hclsyntax.Expression) string {
	return strings.Trim(f.u.Text.Sub(at(e.Range())), `"() `)
}

// loose are the requirements that stand in a text by themselves, wherever it
// is: for_each = toset(["boto3==1.9.0"]).
func (f *file) loose() (out []*facts.Pin) {
	for _, s := range f.strings {
		if p := pins.Loose(f.u, s, "Terraform"); p != nil {
			out = append(out, p)
		}
	}
	return out
}

func at(r hcl.Range) span.Span { return span.Span{Start: r.Start.Byte, End: r.End.Byte} }

// order are the names of attributes in the order of the file.
func order(attributes hclsyntax.Attributes) []string {
	return slices.SortedFunc(maps.Keys(attributes), func(a, b string) int {
		return attributes[a].NameRange.Start.Byte - attributes[b].NameRange.Start.Byte
	})
}
