package jvm

import (
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/imdsscan/imdsscan/analyzer/imds"
	"github.com/imdsscan/imdsscan/notebooks/span"
)

// piece is a part of a string literal: text as decoded and where it is
// written, or the expression of a hole.
type piece struct {
	text string
	span span.Span
	hole node
}

// pieces takes a string literal apart. ok is false for a literal that is not
// closed, or of an interpolator whose result is not a text.
func (m *module) pieces(n node) ([]piece, bool) {
	s := n
	interpolator := ""
	if n.Kind() == "interpolated_string_expression" {
		interpolator = n.Field("interpolator").Text()
		s = n.Child("interpolated_string")
	}
	text := s.Text()
	open := 1
	if strings.HasPrefix(text, `"""`) && len(text) >= 6 {
		open = 3
	}
	if len(text) < 2*open {
		return nil, false
	}
	escapes := open == 1 && interpolator != "raw" || interpolator == "s" || interpolator == "f" || interpolator == "uri" || m.isJava(n)
	var out []piece
	add := func(from, to int) {
		if to <= from {
			return
		}
		sp := span.Span{Start: from, End: to}
		raw := string(n.Tree().Source()[from:to])
		if interpolator != "" {
			raw = strings.ReplaceAll(raw, "$$", "$")
		}
		if escapes {
			raw = unescaped(raw)
		}
		out = append(out, piece{text: raw, span: sp})
	}
	from := s.Start() + open
	end := s.End() - open
	if m.isJava(n) && open == 3 {
		out = append(out, piece{text: textBlock(text[3 : len(text)-3]), span: span.Span{Start: from, End: end}})
		return out, true
	}
	if interpolator != "" {
		for c := s.First(); c.OK(); c = c.Next() {
			if c.Kind() != "interpolation" {
				continue
			}
			add(from, c.Start())
			out = append(out, piece{hole: firstNamed(c), span: c.Span()})
			from = c.End()
			if interpolator == "f" {
				from += formatWidth(n.Tree().Source()[from:max(from, end)])
			}
		}
	}
	add(from, end)
	return out, true
}

// formatWidth is the length of the conversion that follows a hole of f"…".
func formatWidth(b []byte) int {
	if len(b) < 2 || b[0] != '%' || b[1] == '%' {
		return 0
	}
	for i := 1; i < len(b) && i < 16; i++ {
		if c := b[i] | 0x20; c >= 'a' && c <= 'z' {
			return i + 1
		}
	}
	return 0
}

// unescaped decodes the escapes of a string; one that is not known stays.
func unescaped(s string) string {
	if !strings.Contains(s, `\`) {
		return s
	}
	var sb strings.Builder
	for i := 0; i < len(s); i++ {
		if s[i] != '\\' || i+1 == len(s) {
			sb.WriteByte(s[i])
			continue
		}
		i++
		switch c := s[i]; c {
		case 'n':
			sb.WriteByte('\n')
		case 't':
			sb.WriteByte('\t')
		case 'r':
			sb.WriteByte('\r')
		case 'b':
			sb.WriteByte('\b')
		case 'f':
			sb.WriteByte('\f')
		case 's':
			sb.WriteByte(' ')
		case '\n':
		case 'u':
			for i+1 < len(s) && s[i+1] == 'u' {
				i++
			}
			if i+4 < len(s) {
				if v, err := strconv.ParseUint(s[i+1:i+5], 16, 32); err == nil {
					sb.WriteString(string(utf8.AppendRune(nil, rune(v))))
					i += 4
					continue
				}
			}
			sb.WriteString(`\u`)
		case '0', '1', '2', '3', '4', '5', '6', '7':
			j := i
			for j < len(s) && j < i+3 && s[j] >= '0' && s[j] <= '7' {
				j++
			}
			v, _ := strconv.ParseUint(s[i:j], 8, 32)
			sb.WriteRune(rune(v))
			i = j - 1
		default:
			sb.WriteByte(c)
		}
	}
	return sb.String()
}

// textBlock strips the indent of Java's """ text.
func textBlock(s string) string {
	_, s, _ = strings.Cut(s, "\n")
	lines := strings.Split(s, "\n")
	indent := -1
	for i, l := range lines {
		if strings.TrimSpace(l) == "" && i < len(lines)-1 {
			continue
		}
		if n := len(l) - len(strings.TrimLeft(l, " \t")); indent < 0 || n < indent {
			indent = n
		}
	}
	for i, l := range lines {
		lines[i] = strings.TrimRight(l[min(max(indent, 0), len(l)):], " \t\r")
	}
	return unescaped(strings.Join(lines, "\n"))
}

// evalText is the value of a string literal.
func (m *module) evalText(r ref) []imds.Value {
	ps, ok := m.pieces(r.n)
	if !ok {
		return nil
	}
	u := m.unit(r.n)
	vs := []imds.Value{nil}
	for _, p := range ps {
		switch {
		case p.hole.OK():
			vs = product(vs, m.evalIn(ref{p.hole, r.in}))
		case len(u.Holes) > 0:
			vs = product(vs, []imds.Value{u.Value(p.span)})
		default:
			vs = product(vs, []imds.Value{imds.Lit(p.text, imds.Source{Text: u.Text, Span: p.span})})
		}
	}
	return vs
}
