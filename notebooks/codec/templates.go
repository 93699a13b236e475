package codec

import (
	"bytes"
	"strconv"
	"strings"

	"github.com/imdsscan/imdsscan/notebooks/span"
)

// Template layers lie over the text of a string that is formatted later. What
// they fill in is opaque and reads as HoleName.

// TemplateHole is one replacement field of a template.
type TemplateHole struct {
	Span span.Span // the field as written, in the template
	// Name is the field: "name", "0.attr" or, for `$name` and `%(name)s`,
	// the name; empty for a positional one that is counted.
	Name string
	// Index is the position among the positional arguments, -1 for a field
	// that is named.
	Index int
	// Plain: the value goes in as str() gives it, without conversion, format
	// or attribute.
	Plain bool
}

// FormatTemplate is a template of Python's str.format.
type FormatTemplate struct{}

// PercentTemplate is the left side of Python's `%` operator on strings.
type PercentTemplate struct{}

// DollarTemplate is a template of Python's string.Template. With Safe, a `$`
// that begins no field stands for itself, as for safe_substitute.
type DollarTemplate struct{ Safe bool }

// Name is the layer's name in messages.
func (FormatTemplate) Name() string { return "format template" }

// Name is the layer's name in messages.
func (PercentTemplate) Name() string { return "% template" }

// Name is the layer's name in messages.
func (DollarTemplate) Name() string { return "$ template" }

// Decode makes fields and doubled braces atoms.
func (FormatTemplate) Decode(outer []byte, rng span.Span) ([]byte, []span.Atom, error) {
	d := newBuilder(outer, rng)
	_, err := readFormat(d, rng)
	if err != nil {
		return nil, nil, err
	}
	return d.done()
}

// Encode doubles braces.
func (FormatTemplate) Encode(_ *span.Text, _ span.Span, text string) (string, error) {
	return strings.NewReplacer("{", "{{", "}", "}}").Replace(text), nil
}

// Decode makes fields and doubled percent signs atoms.
func (PercentTemplate) Decode(outer []byte, rng span.Span) ([]byte, []span.Atom, error) {
	d := newBuilder(outer, rng)
	_, err := readPercent(d, rng)
	if err != nil {
		return nil, nil, err
	}
	return d.done()
}

// Encode doubles percent signs.
func (PercentTemplate) Encode(_ *span.Text, _ span.Span, text string) (string, error) {
	return strings.ReplaceAll(text, "%", "%%"), nil
}

// Decode makes fields and doubled dollar signs atoms.
func (l DollarTemplate) Decode(outer []byte, rng span.Span) ([]byte, []span.Atom, error) {
	d := newBuilder(outer, rng)
	_, err := readDollar(d, rng, l.Safe)
	if err != nil {
		return nil, nil, err
	}
	return d.done()
}

// Encode doubles dollar signs.
func (DollarTemplate) Encode(_ *span.Text, _ span.Span, text string) (string, error) {
	return strings.ReplaceAll(text, "$", "$$"), nil
}

// FormatHoles are the fields of a str.format template; HoleName(i) stands for
// the i-th. A template that cannot be read has none.
func FormatHoles(template []byte) []TemplateHole {
	all := span.Span{Start: 0, End: len(template)}
	holes, err := readFormat(newBuilder(template, all), all)
	if err != nil {
		return nil
	}
	return holes
}

// PercentHoles are the fields of a `%` template.
func PercentHoles(template []byte) []TemplateHole {
	all := span.Span{Start: 0, End: len(template)}
	holes, err := readPercent(newBuilder(template, all), all)
	if err != nil {
		return nil
	}
	return holes
}

// DollarHoles are the fields of a string.Template.
func DollarHoles(template []byte, safe bool) []TemplateHole {
	all := span.Span{Start: 0, End: len(template)}
	holes, err := readDollar(newBuilder(template, all), all, safe)
	if err != nil {
		return nil
	}
	return holes
}

func readFormat(d *builder, rng span.Span) (holes []TemplateHole, err error) {
	src, auto := d.outer[:rng.End], 0
	for at := rng.Start; at < rng.End; {
		c := src[at]
		if c != '{' && c != '}' {
			at++
			continue
		}
		d.verbatim(at)
		if at+1 < rng.End && src[at+1] == c {
			at += 2
			d.escaped(string(c), at)
			continue
		}
		if c == '}' {
			return nil, undecodable(at, "single '}' in a format template")
		}
		end, nested := formatField(src, at)
		if end == 0 {
			return nil, undecodable(at, "unreadable field in a format template")
		}
		field := src[at+1 : end-1]
		n := formatNameEnd(field)
		h := TemplateHole{Span: span.Span{Start: at, End: end}, Name: string(field[:n]), Index: -1}
		first := h.Name
		if i := strings.IndexAny(first, ".["); i >= 0 {
			first = first[:i]
		}
		h.Plain = first == string(field)
		if first == "" {
			h.Index = auto
			auto++
		} else if i, err := strconv.Atoi(first); err == nil && i >= 0 {
			h.Index = i
		}
		auto += nested
		d.opaque(HoleName(len(holes)), end)
		holes = append(holes, h)
		at = end
	}
	d.verbatim(rng.End)
	return holes, nil
}

// formatField is the end of the field that opens at src[at], 0 without one,
// and the number of unnamed fields in its format.
func formatField(src []byte, at int) (end, nested int) {
	depth, bracket := 0, false
	for i := at; i < len(src); i++ {
		switch c := src[i]; {
		case bracket:
			bracket = c != ']'
		case c == '[' && depth == 1:
			bracket = true
		case c == '{':
			if depth++; depth > 2 {
				return 0, 0
			}
			if depth == 2 && i+1 < len(src) && strings.IndexByte("}:!", src[i+1]) >= 0 {
				nested++
			}
		case c == '}':
			if depth--; depth == 0 {
				return i + 1, nested
			}
		}
	}
	return 0, 0
}

// formatNameEnd is the length of the field name in a field.
func formatNameEnd(field []byte) int {
	bracket := false
	for i, c := range field {
		switch {
		case bracket:
			bracket = c != ']'
		case c == '[':
			bracket = true
		case c == ':' || c == '!':
			return i
		}
	}
	return len(field)
}

func readPercent(d *builder, rng span.Span) (holes []TemplateHole, err error) {
	src, index := d.outer[:rng.End], 0
	for {
		i := bytes.IndexByte(src[d.at:], '%')
		if i < 0 {
			d.verbatim(rng.End)
			return holes, nil
		}
		at := d.at + i
		d.verbatim(at)
		h := TemplateHole{Index: -1}
		i = at + 1
		named := i < len(src) && src[i] == '('
		if named {
			n := bytes.IndexByte(src[i:], ')')
			if n < 0 {
				return nil, undecodable(at, "unfinished name in a percent template")
			}
			h.Name = string(src[i+1 : i+n])
			i += n + 1
		}
		options := i
		for i < len(src) && strings.IndexByte("#0- +123456789.*hlL", src[i]) >= 0 {
			if src[i] == '*' {
				index++ // the width is an argument of its own
			}
			i++
		}
		if i >= len(src) || strings.IndexByte("diouxXeEfFgGcrsa%", src[i]) < 0 {
			return nil, undecodable(at, "unreadable field in a percent template")
		}
		end := i + 1
		if src[i] == '%' {
			d.escaped("%", end)
			continue
		}
		if !named {
			h.Index = index
			index++
		}
		h.Span = span.Span{Start: at, End: end}
		h.Plain = i == options && src[i] == 's'
		d.opaque(HoleName(len(holes)), end)
		holes = append(holes, h)
	}
}

func readDollar(d *builder, rng span.Span, safe bool) (holes []TemplateHole, err error) {
	src := d.outer[:rng.End]
	for at := rng.Start; ; {
		i := bytes.IndexByte(src[at:], '$')
		if i < 0 {
			d.verbatim(rng.End)
			return holes, nil
		}
		at += i
		rest := src[at+1:]
		braces := len(rest) > 0 && rest[0] == '{'
		if braces {
			rest = rest[1:]
		}
		n := nameLen(rest)
		end := at + 1 + n
		if braces {
			end = at + 3 + n
		}
		switch {
		case len(rest) > 0 && rest[0] == '$' && !braces:
			d.verbatim(at)
			at += 2
			d.escaped("$", at)
		case n > 0 && (!braces || n < len(rest) && rest[n] == '}'):
			d.verbatim(at)
			d.opaque(HoleName(len(holes)), end)
			holes = append(holes, TemplateHole{Span: span.Span{Start: at, End: end}, Name: string(rest[:n]), Index: -1, Plain: true})
			at = end
		case safe:
			at++
		default:
			return nil, undecodable(at, "'$' without a name in a $ template")
		}
	}
}

// nameLen is the length of the ASCII identifier at the start of b.
func nameLen(b []byte) int {
	i := 0
	for i < len(b) && b[i] < 0x80 && isIdent(b[i]) && (i > 0 || b[i] < '0' || b[i] > '9') {
		i++
	}
	return i
}
