package codec

import (
	"bytes"
	"fmt"
	"strings"
	"unicode/utf16"
	"unicode/utf8"

	"github.com/imdsscan/imdsscan/notebooks/span"
)

// JSONString shows the content of one JSON string, the range between its
// quotes. A surrogate without its other half is shown as its three-byte form.
type JSONString struct{}

// Name is the layer's name in messages.
func (JSONString) Name() string { return "JSON string" }

// Decode makes each escape one atom.
func (JSONString) Decode(outer []byte, rng span.Span) ([]byte, []span.Atom, error) {
	d := newBuilder(outer, rng)
	d.expectEscapes(rng)
	i, err := d.jsonChars(rng.Start, rng.End)
	if err != nil {
		return nil, nil, err
	}
	if i < rng.End {
		return nil, nil, undecodable(i, "unescaped quote in a JSON string")
	}
	return d.done()
}

// Encode escapes as the strings around do.
func (JSONString) Encode(t *span.Text, _ span.Span, text string) (string, error) {
	style := jsonStyle{t: t}
	var s strings.Builder
	style.write(&s, text)
	return s.String(), nil
}

// jsonChars decodes string characters up to end or to an unescaped quote,
// whose offset it returns.
func (d *builder) jsonChars(at, end int) (int, error) {
	for at < end {
		c := d.outer[at]
		switch {
		case c != '"' && c != '\\' && c >= 0x20:
			at++
		case c == '"':
			d.verbatim(at)
			return at, nil
		case c < 0x20:
			return at, undecodable(at, "control character %#02x in a JSON string", c)
		default:
			text, n := jsonEscape(d.outer[at:end])
			if n == 0 {
				return at, undecodable(at, "invalid escape in a JSON string")
			}
			d.verbatim(at)
			at += n
			d.escaped(text, at)
		}
	}
	d.verbatim(at)
	return at, nil
}

// jsonEscape decodes the escape at the start of b; n is 0 when it is not one.
func jsonEscape(b []byte) (text string, n int) {
	if len(b) < 2 {
		return "", 0
	}
	switch b[1] {
	case '"', '\\', '/':
		return string(b[1:2]), 2
	case 'b':
		return "\b", 2
	case 'f':
		return "\f", 2
	case 'n':
		return "\n", 2
	case 'r':
		return "\r", 2
	case 't':
		return "\t", 2
	case 'u':
		r, ok := hexRune(b[2:], 4)
		if !ok {
			return "", 0
		}
		if utf16.IsSurrogate(r) {
			if len(b) >= 12 && b[6] == '\\' && b[7] == 'u' {
				if low, ok := hexRune(b[8:], 4); ok {
					if full := utf16.DecodeRune(r, low); full != utf8.RuneError {
						return string(full), 12
					}
				}
			}
			return surrogateBytes(r), 6
		}
		return string(r), 6
	}
	return "", 0
}

// hexRune reads n hexadecimal digits at the start of b.
func hexRune(b []byte, n int) (rune, bool) {
	if len(b) < n {
		return 0, false
	}
	var r rune
	for _, c := range b[:n] {
		v := hexDigit(c)
		if v < 0 {
			return 0, false
		}
		r = r<<4 | v
	}
	return r, true
}

func hexDigit(c byte) rune {
	switch {
	case '0' <= c && c <= '9':
		return rune(c - '0')
	case 'a' <= c && c <= 'f':
		return rune(c-'a') + 10
	case 'A' <= c && c <= 'F':
		return rune(c-'A') + 10
	}
	return -1
}

// surrogateBytes is the three-byte form of a lone surrogate, which no valid
// UTF-8 text contains, so that it cannot be mistaken.
func surrogateBytes(r rune) string {
	return string([]byte{0xe0 | byte(r>>12), 0x80 | byte(r>>6)&0x3f, 0x80 | byte(r)&0x3f})
}

// surrogateAt recognises what surrogateBytes makes.
func surrogateAt(s string) (rune, bool) {
	if len(s) < 3 || s[0] != 0xed || s[1] < 0xa0 || s[1] > 0xbf || s[2]&0xc0 != 0x80 {
		return 0, false
	}
	return 0xd000 | rune(s[1]&0x3f)<<6 | rune(s[2]&0x3f), true
}

// jsonStyle answers how the strings around a text write what may be written
// in several ways. Each question is looked up once, when it first matters.
type jsonStyle struct {
	t                  *span.Text
	ascii, slash, html *bool
	upper              bool
}

func (st *jsonStyle) write(s *strings.Builder, text string) {
	for len(text) > 0 {
		c := text[0]
		if c < utf8.RuneSelf {
			st.writeASCII(s, c)
			text = text[1:]
			continue
		}
		if r, ok := surrogateAt(text); ok {
			st.unicode(s, r)
			text = text[3:]
			continue
		}
		r, size := utf8.DecodeRuneInString(text)
		switch {
		case r == utf8.RuneError && size == 1, !st.asciiOnly():
			s.WriteString(text[:size])
		case r > 0xffff:
			hi, lo := utf16.EncodeRune(r)
			st.unicode(s, hi)
			st.unicode(s, lo)
		default:
			st.unicode(s, r)
		}
		text = text[size:]
	}
}

func (st *jsonStyle) writeASCII(s *strings.Builder, c byte) {
	switch c {
	case '"', '\\':
		s.WriteByte('\\')
		s.WriteByte(c)
	case '\n':
		s.WriteString(`\n`)
	case '\r':
		s.WriteString(`\r`)
	case '\t':
		s.WriteString(`\t`)
	case '\b':
		s.WriteString(`\b`)
	case '\f':
		s.WriteString(`\f`)
	case '/':
		if st.escapedSlash() {
			s.WriteByte('\\')
		}
		s.WriteByte(c)
	case '<', '>', '&':
		if st.escapedHTML() {
			st.unicode(s, rune(c))
		} else {
			s.WriteByte(c)
		}
	default:
		if c < 0x20 {
			st.unicode(s, rune(c))
		} else {
			s.WriteByte(c)
		}
	}
}

func (st *jsonStyle) unicode(s *strings.Builder, r rune) {
	format := `\u%04x`
	if st.upper {
		format = `\u%04X`
	}
	fmt.Fprintf(s, format, r)
}

// look answers from the text's own outer bytes and, where these say nothing,
// from all of its parent's.
func (st *jsonStyle) look(answer **bool, evidence func(b []byte) (yes, no bool)) bool {
	if *answer == nil {
		outer, rng := st.t.Parent().Bytes(), st.t.Range()
		yes, no := evidence(outer[rng.Start:rng.End])
		if !yes && !no {
			yes, no = evidence(outer)
		}
		result := yes && !no
		*answer = &result
	}
	return **answer
}

// asciiOnly: characters outside ASCII are written \uXXXX, none raw.
func (st *jsonStyle) asciiOnly() bool {
	return st.look(&st.ascii, func(b []byte) (yes, no bool) {
		for i := 0; i < len(b); i++ {
			if b[i] >= utf8.RuneSelf {
				return yes, true
			}
			if b[i] != '\\' || i+1 == len(b) {
				continue
			}
			if r, ok := hexRune(b[i+2:], 4); ok && b[i+1] == 'u' && r >= utf8.RuneSelf {
				yes = true
				st.upper = st.upper || bytes.ContainsAny(b[i+2:i+6], "ABCDEF")
			}
			i++
		}
		return yes, false
	})
}

// escapedSlash: slashes are written `\/`, never bare.
func (st *jsonStyle) escapedSlash() bool {
	return st.look(&st.slash, func(b []byte) (yes, no bool) {
		for i := 0; i < len(b); i++ {
			switch b[i] {
			case '/':
				return yes, true
			case '\\':
				i++
				yes = yes || i < len(b) && b[i] == '/'
			}
		}
		return yes, false
	})
}

// escapedHTML: the characters special to HTML are written \u003c and so on, as
// Go's encoder does.
func (st *jsonStyle) escapedHTML() bool {
	return st.look(&st.html, func(b []byte) (yes, no bool) {
		if bytes.ContainsAny(b, "<>&") {
			return false, true
		}
		for _, esc := range []string{`\u003c`, `\u003e`, `\u0026`, `\u003C`, `\u003E`} {
			yes = yes || bytes.Contains(b, []byte(esc))
		}
		return yes, false
	})
}
