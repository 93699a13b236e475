package python

import (
	"strconv"
	"strings"

	"github.com/imdsscan/imdsscan/analyzer/imds"
)

// evalPercent folds "…%s…" % x.
func (m *module) evalPercent(left, right ref) []imds.Value {
	args := []ref{right}
	var named node
	if rights, _ := m.defsIn(right); len(rights) == 1 {
		switch rights[0].n.Kind() {
		case "tuple":
			args = nil
			for _, e := range sequence(rights[0].n) {
				args = append(args, ref{e, rights[0].in})
			}
		case "dictionary":
			named = rights[0].n
		}
	}
	var out []imds.Value
	for _, f := range m.evalIn(left) {
		next := 0
		out = append(out, m.fill(f, cutPercent, func(name string) []imds.Value {
			if name != "" {
				if v, ok := m.item(ref{named, right.in}, name); named.OK() && ok {
					return m.evalIn(v)
				}
				return []imds.Value{imds.Unknown(name)}
			}
			next++
			if next > len(args) {
				return []imds.Value{imds.Unknown("%" + strconv.Itoa(next))}
			}
			return m.evalIn(args[next-1])
		})...)
	}
	return out
}

// fill replaces the fields of a format by values. cut finds the first field
// of a text; a field that is a plain escape gives the text itself.
func (m *module) fill(format imds.Value, cut func(string) (before, name, after string, found, escape bool), value func(string) []imds.Value) []imds.Value {
	vs := []imds.Value{nil}
	for _, p := range format {
		if p.Unknown {
			vs = product(vs, []imds.Value{{p}})
			continue
		}
		text := p.Text
		lit := func(s string) {
			if s != "" {
				q := p
				q.Text = s
				vs = product(vs, []imds.Value{{q}})
			}
		}
		for {
			before, name, after, found, escape := cut(text)
			if !found {
				lit(text)
				break
			}
			if escape {
				lit(before + name)
			} else {
				lit(before)
				vs = product(vs, value(name))
			}
			text = after
		}
	}
	return vs
}

func cutPercent(s string) (before, name, after string, found, escape bool) {
	i := strings.IndexByte(s, '%')
	if i < 0 || i+1 == len(s) {
		return "", "", "", false, false
	}
	rest := s[i+1:]
	if rest[0] == '%' {
		return s[:i], "%", rest[1:], true, true
	}
	if rest[0] == '(' {
		end := strings.IndexByte(rest, ')')
		if end < 0 {
			return "", "", "", false, false
		}
		name, rest = rest[1:end], rest[end+1:]
	}
	rest = strings.TrimLeft(rest, "-+ #0123456789.")
	if rest == "" {
		return "", "", "", false, false
	}
	return s[:i], name, rest[1:], true, false
}

// evalFormat folds "…{}…{name}".format(…).
func (m *module) evalFormat(format ref, args arguments, in *frame) []imds.Value {
	var out []imds.Value
	for _, f := range m.evalIn(format) {
		next := 0
		out = append(out, m.fill(f, cutBrace, func(name string) []imds.Value {
			field, _, _ := strings.Cut(name, ":")
			field, _, _ = strings.Cut(field, "!")
			if field == "" {
				field = strconv.Itoa(next)
				next++
			}
			return m.formatField(field, args, in)
		})...)
	}
	return out
}

func (m *module) formatField(field string, args arguments, in *frame) []imds.Value {
	base, attr, dotted := strings.Cut(field, ".")
	base, index, indexed := strings.Cut(base, "[")
	var v node
	if i, err := strconv.Atoi(base); err == nil && i >= 0 {
		if i < len(args.pos) {
			v = args.pos[i]
		}
	} else {
		v = args.key[base]
	}
	r := ref{v, in}
	if !v.OK() {
		found := false
		for _, d := range args.double {
			if dicts, _ := m.defsIn(ref{d, in}); len(dicts) == 1 {
				r, found = m.item(dicts[0], base)
			}
		}
		if !found {
			return []imds.Value{imds.Unknown(field)}
		}
	}
	if indexed {
		dicts, _ := m.defsIn(r)
		if len(dicts) != 1 {
			return []imds.Value{imds.Unknown(field)}
		}
		item, ok := m.item(dicts[0], strings.TrimSuffix(index, "]"))
		if !ok {
			return []imds.Value{imds.Unknown(field)}
		}
		r = item
	}
	if dotted {
		refs, ok := m.attributeOf(r, attr)
		if !ok || len(refs) != 1 {
			return []imds.Value{imds.Unknown(field)}
		}
		r = refs[0]
	}
	return m.evalIn(r)
}

func cutBrace(s string) (before, name, after string, found, escape bool) {
	i := strings.IndexAny(s, "{}")
	if i < 0 {
		return "", "", "", false, false
	}
	if i+1 < len(s) && s[i+1] == s[i] {
		return s[:i], s[i : i+1], s[i+2:], true, true
	}
	end := strings.IndexByte(s[i:], '}')
	if s[i] == '}' || end < 0 {
		return "", "", "", false, false
	}
	return s[:i], s[i+1 : i+end], s[i+end+1:], true, false
}

// cutDollar finds a string.Template field.
func cutDollar(s string) (before, name, after string, found, escape bool) {
	i := strings.IndexByte(s, '$')
	if i < 0 || i+1 == len(s) {
		return "", "", "", false, false
	}
	rest := s[i+1:]
	if rest[0] == '$' {
		return s[:i], "$", rest[1:], true, true
	}
	if rest[0] == '{' {
		if end := strings.IndexByte(rest, '}'); end > 0 {
			return s[:i], rest[1:end], rest[end+1:], true, false
		}
		return "", "", "", false, false
	}
	end := 0
	for end < len(rest) && (rest[end] == '_' || rest[end] >= 'a' && rest[end] <= 'z' || rest[end] >= 'A' && rest[end] <= 'Z' || end > 0 && rest[end] >= '0' && rest[end] <= '9') {
		end++
	}
	if end == 0 {
		return s[:i], "$", rest, true, true
	}
	return s[:i], rest[:end], rest[end:], true, false
}
