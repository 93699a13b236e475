package codec

import (
	"bytes"
	"fmt"
	"strings"
	"unicode/utf8"

	"github.com/imdsscan/imdsscan/notebooks/span"
)

// RLiteral is the layer of an R string literal, quoted ("…", '…') or raw
// (r"(…)", R'---[…]---'). lit covers it with its quotes; the range to decode
// is what stands between them.
func RLiteral(src []byte, lit span.Span) (rng span.Span, layer span.Layer, err error) {
	if lit.Start < 0 || lit.End > len(src) || lit.End < lit.Start {
		return span.Span{}, nil, undecodable(lit.Start, "literal outside of the text")
	}
	open, end, raw, ok := rOpen(src[lit.Start:lit.End])
	if !ok || lit.Len() < len(open)+len(end) {
		return span.Span{}, nil, undecodable(lit.Start, "no string opens here")
	}
	rng = span.Span{Start: lit.Start + len(open), End: lit.End - len(end)}
	return rng, rString{end: end, raw: raw}, nil
}

// rOpen reads what opens a literal, and what will close it.
func rOpen(b []byte) (open, end string, raw, ok bool) {
	if len(b) == 0 {
		return "", "", false, false
	}
	if b[0] == '"' || b[0] == '\'' {
		return string(b[:1]), string(b[:1]), false, true
	}
	if len(b) < 3 || b[0]|0x20 != 'r' || b[1] != '"' && b[1] != '\'' {
		return "", "", false, false
	}
	at := 2
	for at < len(b) && b[at] == '-' {
		at++
	}
	if at == len(b) {
		return "", "", false, false
	}
	pairs := map[byte]string{'(': ")", '[': "]", '{': "}"}
	if pairs[b[at]] == "" {
		return "", "", false, false
	}
	end = pairs[b[at]] + string(b[2:at]) + string(b[1:2])
	return string(b[:at+1]), end, true, true
}

// rString is the inside of an R literal that end closes.
type rString struct {
	end string
	raw bool
}

// Name is the layer's name in messages.
func (rString) Name() string { return "R string" }

// Decode makes escapes atoms. What closes the literal must follow the range.
func (l rString) Decode(outer []byte, rng span.Span) ([]byte, []span.Atom, error) {
	if !bytes.HasPrefix(outer[rng.End:], []byte(l.end)) {
		return nil, nil, undecodable(rng.End, "string has no end")
	}
	d := newBuilder(outer, rng)
	if l.raw {
		// The end may begin inside the range only where the range ends.
		if i := bytes.Index(outer[rng.Start:rng.End+len(l.end)-1], []byte(l.end)); i >= 0 {
			return nil, nil, undecodable(rng.Start+i, "raw string ends before its last quote")
		}
		d.verbatim(rng.End)
		return d.done()
	}
	d.expectEscapes(rng)
	var kinds rKinds
	for at := rng.Start; at < rng.End; {
		switch c := outer[at]; c {
		case l.end[0]:
			return nil, nil, undecodable(at, "string ends before its last quote")
		case 0:
			return nil, nil, undecodable(at, "R has no strings with a NUL")
		case '\\':
			d.verbatim(at)
			text, n, err := rEscape(outer[at:rng.End], at)
			if err != nil {
				return nil, nil, err
			}
			if kinds.add(outer[at+1]); kinds.mixed() {
				return nil, nil, undecodable(at, "Unicode and byte escapes in one string")
			}
			at += n
			d.escaped(text, at)
		default:
			at++
		}
	}
	d.verbatim(rng.End)
	return d.done()
}

// rKinds are the kinds of escapes in a literal; R takes those by code point and
// those by byte only apart.
type rKinds struct{ points, bytes bool }

func (k *rKinds) add(c byte) {
	switch {
	case c == 'u' || c == 'U':
		k.points = true
	case c == 'x' || c >= '0' && c <= '7':
		k.bytes = true
	}
}

func (k rKinds) mixed() bool { return k.points && k.bytes }

var rSimple = map[byte]string{
	'a': "\a", 'b': "\b", 'f': "\f", 'n': "\n", 'r': "\r", 't': "\t", 'v': "\v",
	'\\': `\`, '"': `"`, '\'': `'`, '`': "`", ' ': " ", '\n': "\n",
}

// rEscape reads the backslash escape at the start of b.
func rEscape(b []byte, at int) (text string, n int, err error) {
	if len(b) < 2 {
		return "", 0, undecodable(at, "backslash at the end of a string")
	}
	c := b[1]
	if s, ok := rSimple[c]; ok {
		return s, 2, nil
	}
	limit, base, isPoint := 0, rune(16), false
	n = 2
	switch {
	case c >= '0' && c <= '7':
		limit, base, n = 3, 8, 1
	case c == 'x':
		limit = 2
	case c == 'u':
		limit, isPoint = 4, true
	case c == 'U':
		limit, isPoint = 8, true
	default:
		return "", 0, undecodable(at, "unknown escape in an R string")
	}
	braced := isPoint && n < len(b) && b[n] == '{'
	if braced {
		n++
	}
	first, r := n, rune(0)
	for n < len(b) && n-first < limit {
		v, ok := digitIn(b[n], base)
		if !ok || r > utf8.MaxRune {
			break
		}
		r = r*base + v
		n++
	}
	if braced {
		if n >= len(b) || b[n] != '}' {
			return "", 0, undecodable(at, "unfinished escape in an R string")
		}
		n++
	}
	switch {
	case n == first || braced && n == first+1:
		return "", 0, undecodable(at, "escape without digits in an R string")
	case r == 0 || r > utf8.MaxRune || r >= 0xd800 && r < 0xe000 || !isPoint && r > 0xff:
		return "", 0, undecodable(at, "escape of no character in an R string")
	case isPoint:
		return string(r), n, nil
	}
	return string([]byte{byte(r)}), n, nil
}

func digitIn(c byte, base rune) (rune, bool) {
	v := rune(99)
	switch {
	case c >= '0' && c <= '9':
		v = rune(c - '0')
	case c|0x20 >= 'a' && c|0x20 <= 'f':
		v = rune(c|0x20-'a') + 10
	}
	return v, v < base
}

// Encode writes text with the quotes and line ends that the literal uses.
func (l rString) Encode(t *span.Text, in span.Span, text string) (string, error) {
	if l.raw {
		return l.encodeRaw(t, in, text)
	}
	var s strings.Builder
	body := t.Parent().Sub(t.Range())
	lineEnd, tab := `\n`, `\t`
	if strings.Contains(body, "\n") && !strings.Contains(body, `\n`) {
		lineEnd = "\n"
	}
	if strings.Contains(body, "\t") && !strings.Contains(body, `\t`) {
		tab = "\t"
	}
	for i, c := range []byte(text) {
		switch {
		case c == 0:
			return "", unencodable("an R string cannot hold a NUL")
		case c == '\n':
			s.WriteString(lineEnd)
		case c == '\t':
			s.WriteString(tab)
		case c == '\\' || c == l.end[0]:
			s.WriteByte('\\')
			s.WriteByte(c)
		case c == '\r':
			s.WriteString(`\r`)
		case i == 0:
			s.WriteString(afterShort(t, in, c))
		default:
			s.WriteByte(c)
		}
	}
	if !utf8.ValidString(text) {
		return "", unencodable("invalid UTF-8 in the new text")
	}
	return s.String(), nil
}

// afterShort writes a character that would be a further digit of the escape
// before it as an escape itself.
func afterShort(t *span.Text, in span.Span, c byte) string {
	o := outerOf(t, in.Start-1)
	if len(o) < 2 || o[0] != '\\' || o[len(o)-1] == '}' {
		return string(c)
	}
	full, base, by := 0, rune(16), `\x%02x`
	switch k := o[1]; {
	case k >= '0' && k <= '7':
		full, base = 4, 8
	case k == 'x':
		full = 4
	case k == 'u':
		full, by = 6, `\u%04x`
	case k == 'U':
		full, by = 10, `\u%04x`
	}
	if _, digit := digitIn(c, base); !digit || len(o) >= full {
		return string(c)
	}
	return fmt.Sprintf(by, c)
}

func (l rString) encodeRaw(t *span.Text, in span.Span, text string) (string, error) {
	if strings.ContainsAny(text, "\x00\r") {
		return "", unencodable("a raw string cannot hold this character")
	}
	b := t.Bytes()
	near := len(l.end)
	around := string(b[max(0, in.Start-near):in.Start]) + text + string(b[in.End:min(len(b), in.End+near)])
	if in.End+near > len(b) {
		around += l.end[:len(l.end)-1]
	}
	if strings.Contains(around, l.end) {
		return "", unencodable("a raw string cannot hold what closes it")
	}
	return text, nil
}
