package shell

import (
	"strings"

	"mvdan.cc/sh/v3/syntax"

	"github.com/imdsscan/imdsscan/analyzer/command"
	"github.com/imdsscan/imdsscan/analyzer/imds"
	"github.com/imdsscan/imdsscan/notebooks/span"
)

// maxArgvs bounds the argument lists one command may stand for.
const maxArgvs = 16

// field is one word after expansion.
type field struct {
	value imds.Value
	open  bool // it may be no word or several
	word  int  // index of the word in the call it came from
}

// fields is one alternative of what a word expands to: the finished fields,
// and the one that still grows.
type fields struct {
	done []field
	cur  imds.Value
	has  bool
	open bool // cur is a single unquoted unknown
}

func (f fields) add(v imds.Value) fields {
	f.cur = append(append(imds.Value(nil), f.cur...), v...)
	f.has, f.open = true, false
	return f
}

func (f fields) cut() fields {
	if f.has {
		f.done = append(append([]field(nil), f.done...), field{value: f.cur, open: f.open})
	}
	f.cur, f.has, f.open = nil, false, false
	return f
}

// splice adds whole fields, the first joined to what stands before and the
// last open to what follows.
func (f fields) splice(fs []field) fields {
	for i, x := range fs {
		if i > 0 {
			f = f.cut()
		}
		wasEmpty := len(f.cur) == 0
		f = f.add(x.value)
		f.open = x.open && wasEmpty
	}
	return f
}

// argvs is what the words of a call may be after expansion.
func (a *analysis) argvs(words []*syntax.Word, e *env) [][]field {
	out := [][]field{nil}
	for i, w := range words {
		alts := a.expand(w, e)
		if len(alts)*len(out) > maxArgvs {
			alts = alts[:1]
			alts[0] = []field{{value: imds.Unknown(a.text(w))}}
		}
		var next [][]field
		for _, head := range out {
			for _, alt := range alts {
				argv := append([]field(nil), head...)
				for _, f := range alt {
					f.word = i
					argv = append(argv, f)
				}
				next = append(next, argv)
			}
		}
		out = next
	}
	return out
}

func words(argv []field) []command.Word {
	out := make([]command.Word, len(argv))
	for i, f := range argv {
		out[i] = command.Word{Value: f.value, Open: f.open}
	}
	return out
}

// expand is what an unquoted word may expand to.
func (a *analysis) expand(w *syntax.Word, e *env) [][]field {
	var out [][]field
	for _, f := range a.parts(w.Parts, e, plain, []fields{{}}) {
		out = append(out, f.cut().done)
	}
	return out
}

// values is what a word may be where it is not split: the right side of an
// assignment, a here-document.
func (a *analysis) values(w *syntax.Word, e *env, q quoting) []imds.Value {
	if w == nil {
		return []imds.Value{nil}
	}
	var out []imds.Value
	for _, f := range a.parts(w.Parts, e, q, []fields{{}}) {
		var v imds.Value
		for i, x := range f.cut().done {
			if i > 0 {
				v = append(v, imds.Part{Text: " "})
			}
			v = append(v, x.value...)
		}
		out = append(out, v)
	}
	return alternatives(out, strings.TrimPrefix(a.text(w), "$"))
}

// quoting is how the text of a word is written.
type quoting uint8

const (
	plain  quoting = iota // unquoted: expansions are split
	whole                 // unquoted, but not split: an assignment
	quoted                // in double quotes
	here                  // in a here-document
)

func (a *analysis) parts(parts []syntax.WordPart, e *env, q quoting, in []fields) []fields {
	for _, p := range parts {
		in = a.part(p, e, q, in)
		if len(in) > maxAlternatives {
			in = in[:1]
			in[0] = in[0].add(imds.Unknown(a.text(p)))
		}
	}
	return in
}

func (a *analysis) part(p syntax.WordPart, e *env, q quoting, in []fields) []fields {
	each := func(f func(fields) fields) []fields {
		out := make([]fields, len(in))
		for i := range in {
			out[i] = f(in[i])
		}
		return out
	}
	switch p := p.(type) {
	case *syntax.Lit:
		v := a.literal(a.span(p), q)
		if words := a.spliced(p, v, q); words != nil {
			return each(func(f fields) fields { return f.splice(words) })
		}
		return each(func(f fields) fields { return f.add(v) })
	case *syntax.SglQuoted:
		s := a.span(p)
		s.Start += 1
		if p.Dollar {
			s.Start++
		}
		s.End = max(s.End-1, s.Start)
		v := a.u.Value(s)
		if p.Dollar && strings.Contains(a.u.Text.Sub(s), "\\") {
			v = imds.Unknown(a.text(p))
		}
		return each(func(f fields) fields { return f.add(v) })
	case *syntax.DblQuoted:
		in = each(func(f fields) fields { return f.add(nil) })
		inner := quoted
		if len(p.Parts) == 1 && emptyList(p.Parts[0], e) {
			return each(func(f fields) fields { f.has = len(f.cur) > 0; return f })
		}
		return a.parts(p.Parts, e, inner, in)
	case *syntax.ParamExp:
		var out []fields
		for _, alt := range a.param(p, e, q) {
			for _, f := range in {
				out = append(out, f.splice(alt))
			}
		}
		return out
	case *syntax.CmdSubst:
		v := imds.Unknown(a.text(p))
		if known, ok := a.printed(p, e); ok {
			v = known
		}
		return each(func(f fields) fields { return a.unquotedUnknown(f, v, q) })
	case *syntax.ExtGlob:
		v := a.u.Value(a.span(p))
		return each(func(f fields) fields { return f.add(v) })
	}
	v := imds.Unknown(a.text(p))
	return each(func(f fields) fields { return f.add(v) })
}

// spliced are the words of an unquoted text that the code around this unit
// filled in before a shell read it: "$CMD/id" given to bash -c. Nil where that
// makes one word, or would have to be parsed.
func (a *analysis) spliced(p *syntax.Lit, v imds.Value, q quoting) []field {
	if q != plain || len(v) < 2 && a.u.Text.KindAt(a.span(p).Start) != span.Opaque {
		return nil
	}
	src, blanks := a.text(p), false
	if strings.Contains(src, `\`) {
		return nil
	}
	for _, part := range v {
		if part.Unknown {
			continue
		}
		if strings.ContainsAny(part.Text, "'\"`$&|;<>(){}\\*?[]#!~") {
			return nil
		}
		blanks = blanks || strings.ContainsAny(part.Text, " \t")
	}
	if !blanks || strings.ContainsAny(src, " \t") {
		return nil
	}
	return split(v)
}

// emptyList is true for "$@" and "${a[@]}" that are known to be empty: in
// quotes they are no word at all.
func emptyList(p syntax.WordPart, e *env) bool {
	pe, ok := p.(*syntax.ParamExp)
	if !ok || pe.Param == nil || pe.Exp != nil {
		return false
	}
	if pe.Param.Value == "@" {
		f := e.positional()
		return f != nil && f.known && len(f.args) == 0
	}
	v := e.get(pe.Param.Value)
	return pe.Index != nil && v != nil && v.array && len(v.elems) == 0
}

func (a *analysis) unquotedUnknown(f fields, v imds.Value, q quoting) fields {
	empty := !f.has
	f = f.add(v)
	f.open = empty && q == plain && len(v) == 1 && v[0].Unknown
	return f
}

// literal is the text of a span without the backslashes that quote.
func (a *analysis) literal(s span.Span, q quoting) imds.Value {
	text := a.u.Text.Sub(s)
	if !strings.Contains(text, "\\") {
		return a.u.Value(s)
	}
	var out imds.Value
	at := 0
	flush := func(to int) {
		if to > at {
			out = append(out, a.u.Value(span.Span{Start: s.Start + at, End: s.Start + to})...)
		}
	}
	for i := 0; i < len(text); i++ {
		if text[i] != '\\' || i+1 >= len(text) {
			continue
		}
		c := text[i+1]
		special := c == '\n' || q == plain || q == whole || c == '$' || c == '`' || c == '\\' || q == quoted && c == '"'
		if !special {
			continue
		}
		flush(i)
		if c != '\n' {
			src := imds.Source{Text: a.u.Text, Span: span.Span{Start: s.Start + i, End: s.Start + i + 2}}
			out = append(out, imds.Part{Text: string(c), Source: src})
		}
		i++
		at = i + 1
	}
	flush(len(text))
	return out
}

// split cuts a value at blanks as the shell does with an unquoted expansion.
func split(v imds.Value) []field {
	var out []field
	var cur imds.Value
	has := false
	cut := func() {
		if has {
			out = append(out, field{value: cur})
		}
		cur, has = nil, false
	}
	for _, p := range v {
		if p.Unknown {
			cur, has = append(cur, p), true
			continue
		}
		verbatim := p.Source.Span.Len() == len(p.Text)
		for i := 0; i < len(p.Text); {
			if strings.IndexByte(" \t\n", p.Text[i]) >= 0 {
				cut()
				i++
				continue
			}
			j := i
			for j < len(p.Text) && strings.IndexByte(" \t\n", p.Text[j]) < 0 {
				j++
			}
			q := imds.Part{Text: p.Text[i:j], Source: p.Source}
			if verbatim {
				q.Source.Span = span.Span{Start: p.Source.Span.Start + i, End: p.Source.Span.Start + j}
			}
			cur, has = append(cur, q), true
			i = j
		}
	}
	cut()
	return out
}
