package python

import (
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/imdsscan/imdsscan/analyzer/imds"
)

// evalString is the value of one string literal, f-strings included.
func (m *module) evalString(r ref) []imds.Value {
	prefix := strings.ToLower(r.n.Child("string_start").Text())
	prefix = strings.TrimRight(prefix, `"'`)
	vs := []imds.Value{nil}
	for c := r.n.First(); c.OK(); c = c.Next() {
		switch c.Kind() {
		case "string_content":
			vs = product(vs, []imds.Value{m.content(c, prefix)})
		case "interpolation":
			vs = product(vs, m.interpolation(r, c))
		case "escape_interpolation":
			vs = product(vs, []imds.Value{imds.Lit(c.Text()[:1], m.source(c))})
		case "ERROR":
			vs = product(vs, unknown(c))
		}
	}
	return vs
}

func (m *module) interpolation(r ref, c node) []imds.Value {
	e := c.Field("expression")
	if c.Child("format_specifier").OK() || !e.OK() {
		if spec := c.Child("format_specifier").Text(); spec != ":s" && spec != ":d" && spec != "" {
			return unknown(e)
		}
	}
	if t := c.Child("type_conversion"); t.OK() && t.Text() != "!s" {
		return unknown(e)
	}
	return m.evalIn(ref{e, r.in})
}

// content decodes the text between quotes. The holes of a unit that is nested
// in another language are what that language knows of them.
func (m *module) content(c node, prefix string) imds.Value {
	u := m.unit(c)
	var out imds.Value
	for _, p := range u.Value(c.Span()) {
		inside := p.Source.Text == u.Text && c.Span().Contains(p.Source.Span)
		if !p.Unknown && inside && !strings.Contains(prefix, "r") {
			p.Text = unescape(p.Text, strings.Contains(prefix, "b"))
		}
		if strings.Contains(prefix, "f") && inside {
			p.Text = strings.NewReplacer("{{", "{", "}}", "}").Replace(p.Text)
		}
		out = append(out, p)
	}
	return out
}

var simpleEscapes = map[byte]string{
	'\n': "", '\\': `\`, '\'': "'", '"': `"`, 'a': "\a", 'b': "\b", 'f': "\f", 'n': "\n", 'r': "\r", 't': "\t", 'v': "\v",
}

// unescape decodes Python's backslash escapes; an unknown one stands for
// itself, as in Python.
func unescape(s string, bytes bool) string {
	if !strings.Contains(s, `\`) {
		return s
	}
	var sb strings.Builder
	for i := 0; i < len(s); {
		if s[i] != '\\' || i+1 == len(s) {
			sb.WriteByte(s[i])
			i++
			continue
		}
		c := s[i+1]
		if text, ok := simpleEscapes[c]; ok {
			sb.WriteString(text)
			i += 2
			continue
		}
		digits, base, from := 0, 16, i+2
		switch {
		case c == 'x':
			digits = 2
		case c == 'u' && !bytes:
			digits = 4
		case c == 'U' && !bytes:
			digits = 8
		case c >= '0' && c <= '7':
			from, base = i+1, 8
			for digits < 3 && from+digits < len(s) && s[from+digits] >= '0' && s[from+digits] <= '7' {
				digits++
			}
		}
		v, err := uint64(0), error(strconv.ErrSyntax)
		if digits > 0 && from+digits <= len(s) {
			v, err = strconv.ParseUint(s[from:from+digits], base, 32)
		}
		if err != nil {
			sb.WriteByte('\\')
			i++
			continue
		}
		if v <= utf8.MaxRune {
			sb.WriteRune(rune(v))
		}
		i = from + digits
	}
	return sb.String()
}
