package shell

import (
	"strconv"
	"strings"

	"mvdan.cc/sh/v3/syntax"

	"github.com/imdsscan/imdsscan/analyzer/imds"
)

// param is what a parameter expansion may be, each alternative a list of
// fields.
func (a *analysis) param(p *syntax.ParamExp, e *env, q quoting) [][]field {
	if p.Param == nil {
		return a.unknownParam(p, q)
	}
	if list, ok := a.list(p, e); ok {
		if q != plain && (p.Param.Value == "*" || isStar(p.Index)) {
			var v imds.Value
			for i, f := range list {
				if i > 0 {
					v = append(v, imds.Part{Text: " "})
				}
				v = append(v, f.value...)
			}
			return [][]field{{{value: v}}}
		}
		return [][]field{list}
	}
	vals, set := a.plainParam(p, e)
	if p.Excl || p.Length || p.Width || p.IsSet || p.Slice != nil || p.Repl != nil || p.Names != 0 {
		return a.unknownParam(p, q)
	}
	if p.Exp != nil {
		return a.expansion(p, vals, set, e, q)
	}
	return a.shape(vals, q, a.text(p))
}

func (a *analysis) unknownParam(p *syntax.ParamExp, q quoting) [][]field {
	return [][]field{{{value: imds.Unknown(a.text(p)), open: q == plain}}}
}

// shape splits values where the shell would.
func (a *analysis) shape(vals []imds.Value, q quoting, name string) [][]field {
	var out [][]field
	for _, v := range vals {
		if q != plain {
			out = append(out, []field{{value: v}})
			continue
		}
		fs := split(v)
		if len(fs) == 1 && len(v) == 1 && v[0].Unknown {
			fs[0].open = true
		}
		out = append(out, fs)
	}
	return out
}

func isStar(x syntax.ArithmExpr) bool { return indexText(x) == "*" }

func indexText(x syntax.ArithmExpr) string {
	w, ok := x.(*syntax.Word)
	if !ok || w == nil || len(w.Parts) != 1 {
		return ""
	}
	switch p := w.Parts[0].(type) {
	case *syntax.Lit:
		return p.Value
	case *syntax.SglQuoted:
		return p.Value
	case *syntax.DblQuoted:
		return (&syntax.Word{Parts: p.Parts}).Lit()
	}
	return ""
}

// list is the fields of $@, ${a[@]} and their like.
func (a *analysis) list(p *syntax.ParamExp, e *env) ([]field, bool) {
	if p.Excl || p.Length || p.Repl != nil || p.Exp != nil {
		return nil, false
	}
	switch p.Param.Value {
	case "@", "*":
		f := e.positional()
		if f == nil || !f.known || f.mixed {
			return []field{{value: imds.Unknown(a.text(p)), open: true}}, true
		}
		from := 0
		if p.Slice != nil {
			n, err := strconv.Atoi(indexText(p.Slice.Offset))
			if err != nil || n < 1 || p.Slice.Length != nil {
				return []field{{value: imds.Unknown(a.text(p)), open: true}}, true
			}
			from = n - 1
		}
		return f.args[min(from, len(f.args)):], true
	}
	if i := indexText(p.Index); p.Slice == nil && (i == "@" || i == "*") {
		v := e.get(p.Param.Value)
		if v == nil || !v.array {
			return []field{{value: imds.Unknown(a.text(p)), open: true}}, true
		}
		var out []field
		for _, el := range v.elems {
			out = append(out, field{value: el})
		}
		return out, true
	}
	return nil, false
}

// plainParam is the value of the parameter itself; set is false when nothing
// in the script sets it.
func (a *analysis) plainParam(p *syntax.ParamExp, e *env) (vals []imds.Value, set bool) {
	name := p.Param.Value
	unknown := []imds.Value{imds.Unknown("$" + name)}
	if n, err := strconv.Atoi(name); err == nil {
		f := e.positional()
		if f == nil || !f.known || n == 0 {
			return unknown, false
		}
		if f.mixed {
			var vals []imds.Value
			for _, x := range f.args {
				vals = append(vals, x.value)
			}
			return alternatives(append(vals, unknown...), name), true
		}
		if n > len(f.args) {
			return []imds.Value{nil}, true
		}
		if f.args[n-1].open {
			return unknown, true
		}
		return []imds.Value{f.args[n-1].value}, true
	}
	v := e.get(name)
	if v == nil {
		return unknown, false
	}
	if !v.array {
		return v.vals, true
	}
	if p.Index == nil {
		if len(v.elems) > 0 {
			return v.elems[:1], true
		}
		return []imds.Value{nil}, true
	}
	key := indexText(p.Index)
	// The last to set an element counts; one with an unknown subscript may be it.
	for i := len(v.keys) - 1; i >= 0 && key != "" && v.keys[i] != ""; i-- {
		if v.keys[i] == key {
			return v.elems[i : i+1], true
		}
	}
	if len(v.elems) == 0 {
		return unknown, true
	}
	return alternatives(v.elems, name), true
}

// expansion applies ${x:-y} and its like.
func (a *analysis) expansion(p *syntax.ParamExp, vals []imds.Value, set bool, e *env, q quoting) [][]field {
	word := func() [][]field {
		if p.Exp.Word == nil {
			return [][]field{nil}
		}
		if q == plain {
			return a.expand(p.Exp.Word, e)
		}
		var out [][]field
		for _, v := range a.values(p.Exp.Word, e, quoted) {
			out = append(out, []field{{value: v}})
		}
		return out
	}
	switch p.Exp.Op {
	case syntax.DefaultUnset, syntax.DefaultUnsetOrNull, syntax.AssignUnset, syntax.AssignUnsetOrNull:
		if !set {
			// The environment may override it; the script's own text is what
			// an ordinary run uses.
			out := word()
			if p.Exp.Op == syntax.AssignUnset || p.Exp.Op == syntax.AssignUnsetOrNull {
				e.set(p.Param.Value, &variable{vals: a.values(p.Exp.Word, e, quoted), overridable: true, def: a.span(p)})
			}
			return out
		}
		var out [][]field
		for _, v := range vals {
			if s, known := v.Known(); known && s == "" {
				out = append(out, word()...)
				continue
			}
			out = append(out, a.shape([]imds.Value{v}, q, p.Param.Value)...)
			if len(v) == 1 && v[0].Unknown {
				out = append(out, word()...)
			}
		}
		return out[:min(len(out), maxAlternatives)]
	case syntax.AlternateUnset, syntax.AlternateUnsetOrNull:
		if allKnown(vals) {
			if s, _ := vals[0].Known(); s == "" && len(vals) == 1 {
				return [][]field{nil}
			}
			return word()
		}
		return append(word(), nil)
	case syntax.ErrorUnset, syntax.ErrorUnsetOrNull:
		return a.shape(vals, q, p.Param.Value)
	case syntax.RemSmallSuffix, syntax.RemLargeSuffix, syntax.RemSmallPrefix, syntax.RemLargePrefix:
		pat := ""
		if p.Exp.Word != nil {
			pat = p.Exp.Word.Lit()
		}
		var out []imds.Value
		for _, v := range vals {
			out = append(out, a.trim(v, pat, p))
		}
		return a.shape(out, q, p.Param.Value)
	}
	return a.unknownParam(p, q)
}

func allKnown(vals []imds.Value) bool {
	for _, v := range vals {
		if _, ok := v.Known(); !ok {
			return false
		}
	}
	return true
}

// trim removes a pattern without wildcards from a value's end or start.
func (a *analysis) trim(v imds.Value, pat string, p *syntax.ParamExp) imds.Value {
	s, known := v.Known()
	if !known || pat == "" || strings.ContainsAny(pat, "*?[\\") {
		return imds.Unknown(a.text(p))
	}
	suffix := p.Exp.Op == syntax.RemSmallSuffix || p.Exp.Op == syntax.RemLargeSuffix
	if suffix && !strings.HasSuffix(s, pat) || !suffix && !strings.HasPrefix(s, pat) {
		return v
	}
	out := append(imds.Value(nil), v...)
	i := len(out) - 1
	if !suffix {
		i = 0
	}
	part := out[i]
	if len(part.Text) < len(pat) {
		return imds.Unknown(a.text(p))
	}
	verbatim := part.Source.Span.Len() == len(part.Text)
	if suffix {
		part.Text = part.Text[:len(part.Text)-len(pat)]
		if verbatim {
			part.Source.Span.End -= len(pat)
		}
	} else {
		part.Text = part.Text[len(pat):]
		if verbatim {
			part.Source.Span.Start += len(pat)
		}
	}
	out[i] = part
	return out
}
