package codec

import (
	"bytes"
	"fmt"
	"strings"
	"unicode/utf8"

	"github.com/imdsscan/imdsscan/notebooks/span"
)

// YAMLPlain shows a plain YAML scalar as its value. New text that a plain
// scalar cannot hold gives it quotes.
type YAMLPlain struct {
	Brackets bool // it stands in [ ] or { }
}

// YAMLQuoted shows what stands between the quotes of a YAML scalar.
type YAMLQuoted struct{ Quote byte }

// Name is the layer's name in messages.
func (YAMLPlain) Name() string { return "plain YAML scalar" }

// Name is the layer's name in messages.
func (YAMLQuoted) Name() string { return "quoted YAML scalar" }

// Decode makes folded line ends atoms. It takes quotes too, for the form that
// LiftWhole gives.
func (l YAMLPlain) Decode(outer []byte, rng span.Span) ([]byte, []span.Atom, error) {
	if rng.Empty() || !yamlText(outer[rng.Start:rng.End]) {
		return nil, nil, undecodable(rng.Start, "a plain YAML scalar that is empty or has control characters")
	}
	d := newBuilder(outer, rng)
	body, quote := rng, outer[rng.Start]
	if quote == '\'' || quote == '"' {
		if yamlQuoteEnd(outer[:rng.End], rng.Start) != rng.End {
			return nil, nil, undecodable(rng.Start, "quotes of a YAML scalar")
		}
		body = span.Span{Start: rng.Start + 1, End: rng.End - 1}
		d.empty(body.Start)
	} else if err := l.check(outer, rng); err != nil {
		return nil, nil, err
	}
	if err := d.yamlChars(body, quote); err != nil {
		return nil, nil, err
	}
	if d.at < rng.End {
		d.empty(rng.End)
	}
	return d.done()
}

// Decode makes escapes and folded line ends atoms.
func (l YAMLQuoted) Decode(outer []byte, rng span.Span) ([]byte, []span.Atom, error) {
	if !yamlText(outer[rng.Start:rng.End]) {
		return nil, nil, undecodable(rng.Start, "control characters in a YAML scalar")
	}
	d := newBuilder(outer, rng)
	if err := d.yamlChars(rng, l.Quote); err != nil {
		return nil, nil, err
	}
	return d.done()
}

// yamlChars reads the characters of a scalar on one line or more.
func (d *builder) yamlChars(body span.Span, quote byte) error {
	outer := d.outer
	for at := body.Start; at < body.End; {
		switch c := outer[at]; {
		case c == ' ' || c == '\t' || c == '\n':
			end := at
			for end < body.End && isYAMLBlank(outer[end]) {
				end++
			}
			if n := bytes.Count(outer[at:end], []byte("\n")); n > 0 {
				if d.foldBlanks(at, end, n); lineMarker(outer, end) {
					return undecodable(end, "a document marker in a YAML scalar")
				}
			}
			at = end
		case c == '\'' && quote == '\'':
			if at+1 >= body.End || outer[at+1] != '\'' {
				return undecodable(at, "a quote in a YAML scalar")
			}
			d.verbatim(at)
			d.escaped("'", at+2)
			at += 2
		case c == '\\' && quote == '"':
			text, n := yamlEscape(outer[at:body.End])
			if n == 0 {
				return undecodable(at, "invalid escape in a YAML scalar")
			}
			d.verbatim(at)
			at += n
			if text == "" {
				d.empty(at)
			} else {
				d.escaped(text, at)
			}
		case c == '"' && quote == '"':
			return undecodable(at, "a quote in a YAML scalar")
		default:
			at++
		}
	}
	d.verbatim(body.End)
	return nil
}

// foldBlanks reads the blanks from at to end, n line ends among them.
func (d *builder) foldBlanks(at, end, n int) {
	d.verbatim(at)
	if n == 1 {
		d.escaped(" ", end)
		return
	}
	// The first line end stands for nothing; each further one for itself.
	to := at
	for i := range n {
		to += bytes.IndexByte(d.outer[to:end], '\n') + 1
		if i == n-1 {
			to = end
		}
		if i > 0 {
			d.escaped("\n", to)
		}
	}
}

func lineMarker(src []byte, at int) bool {
	return lineStartAt(src, at) == at && (bytes.HasPrefix(src[at:], []byte("---")) || bytes.HasPrefix(src[at:], []byte("...")))
}

// check refuses what YAML would not read as one plain scalar.
func (l YAMLPlain) check(src []byte, rng span.Span) error {
	c := src[rng.Start]
	first := bytes.IndexByte([]byte("!&*|>%@`\"'#,[]{} \t\n"), c) >= 0
	if c == '-' || c == '?' || c == ':' {
		first = rng.Len() == 1 || isYAMLBlank(src[rng.Start+1]) || isYAMLIndicator(src[rng.Start+1], l.Brackets)
	}
	if first || isYAMLBlank(src[rng.End-1]) || lineMarker(src, rng.Start) {
		return undecodable(rng.Start, "not a plain YAML scalar")
	}
	for at := rng.Start; at < rng.End; {
		end := yamlPlainLine(src[:rng.End], at, l.Brackets)
		if end == rng.End {
			return nil
		}
		next := yamlNextLine(src[:rng.End], end)
		if end <= at || next < 0 || src[next] == '#' {
			return undecodable(end, "not a plain YAML scalar")
		}
		at = next
	}
	return nil
}

// Encode writes text as it is; Decode tells whether that is still plain.
func (YAMLPlain) Encode(_ *span.Text, _ span.Span, text string) (string, error) {
	if strings.ContainsAny(text, "\n\t") || !yamlText([]byte(text)) {
		return "", unencodable("line ends, tabs or control characters in a plain YAML scalar")
	}
	return text, nil
}

// LiftWhole gives the scalar quotes.
func (YAMLPlain) LiftWhole(t *span.Text, edits []span.Edit, refused error) ([]span.Edit, error) {
	text, err := span.Apply(t.Bytes(), edits)
	if err != nil {
		return nil, err
	}
	if !yamlText(text) || bytes.IndexByte(text, '\n') >= 0 || len(text) == 0 {
		return nil, refused
	}
	return []span.Edit{{Span: t.Range(), New: yamlQuoted(string(text))}}, nil
}

// Encode writes text as the quotes want it.
func (l YAMLQuoted) Encode(_ *span.Text, _ span.Span, text string) (string, error) {
	if l.Quote == '"' {
		return yamlDoubleQuoted(text), nil
	}
	if strings.Contains(text, "\n") || !yamlText([]byte(text)) {
		return "", unencodable("line ends or control characters in single quotes of YAML")
	}
	return strings.ReplaceAll(text, "'", "''"), nil
}

// yamlDoubleQuoted is text as it stands between double quotes.
func yamlDoubleQuoted(text string) string {
	var s strings.Builder
	for len(text) > 0 {
		r, size := utf8.DecodeRuneInString(text)
		switch piece := text[:size]; {
		case r == '"' || r == '\\':
			s.WriteString(`\` + piece)
		case r == '\n':
			s.WriteString(`\n`)
		case r == '\t':
			s.WriteString(`\t`)
		case r == utf8.RuneError && size == 1:
			s.WriteString(piece) // the file is not YAML then, and a check says so
		case r < 0x20 || r == 0x7f:
			fmt.Fprintf(&s, `\x%02x`, r)
		case !yamlText([]byte(piece)) && r <= 0xffff:
			fmt.Fprintf(&s, `\u%04x`, r)
		default:
			s.WriteString(piece)
		}
		text = text[size:]
	}
	return s.String()
}

var yamlEscapes = map[byte]string{'0': "\x00", 'a': "\a", 'b': "\b", 't': "\t", '\t': "\t", 'n': "\n", 'v': "\v", 'f': "\f", 'r': "\r",
	'e': "\x1b", ' ': " ", '"': `"`, '/': "/", '\\': `\`, 'N': "\u0085", '_': "\u00a0", 'L': "\u2028", 'P': "\u2029"}

// yamlEscape decodes the escape at the start of b; n is 0 when it is none. A
// line end that is escaped stands for nothing, with the blanks behind it.
func yamlEscape(b []byte) (text string, n int) {
	if len(b) < 2 {
		return "", 0
	}
	digits := 0
	switch b[1] {
	case '\n':
		n = 2
		for n < len(b) && (b[n] == ' ' || b[n] == '\t') {
			n++
		}
		if n < len(b) && b[n] == '\n' {
			return "", 0 // parsers do not agree on blank lines here
		}
		return "", n
	case 'x':
		digits = 2
	case 'u':
		digits = 4
	case 'U':
		digits = 8
	default:
		if text, ok := yamlEscapes[b[1]]; ok {
			return text, 2
		}
		return "", 0
	}
	r, ok := hexRune(b[2:], digits)
	if !ok || !utf8.ValidRune(r) {
		return "", 0
	}
	return string(r), 2 + digits
}
