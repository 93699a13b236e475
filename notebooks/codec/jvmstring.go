package codec

import (
	"bytes"
	"fmt"
	"strings"
	"unicode/utf8"

	"github.com/imdsscan/imdsscan/notebooks/span"
)

// ScalaLiteral is the layer of a Scala string literal; lit covers it with its
// interpolator and quotes. The range to decode lies between the quotes. Holes
// of an interpolated string are opaque and read as HoleName.
func ScalaLiteral(src []byte, lit span.Span) (rng span.Span, layer span.Layer, err error) {
	return jvmLiteral(src, lit, false)
}

// JavaLiteral is the layer of a Java string literal or text block.
func JavaLiteral(src []byte, lit span.Span) (rng span.Span, layer span.Layer, err error) {
	return jvmLiteral(src, lit, true)
}

// ScalaHoles are the expressions in the holes of a literal as ScalaLiteral
// reads it, in order; HoleName(i) stands for the i-th.
func ScalaHoles(src []byte, lit span.Span) []span.Span {
	l, rng, err := jvmOpen(src, lit, false)
	if err != nil {
		return nil
	}
	r := &jvmReader{jvmString: l, d: newBuilder(src[:lit.End], rng), src: src[:lit.End]}
	if r.read(rng) != nil {
		return nil
	}
	return r.holes
}

func jvmLiteral(src []byte, lit span.Span, java bool) (span.Span, span.Layer, error) {
	l, rng, err := jvmOpen(src, lit, java)
	if err != nil {
		return span.Span{}, nil, fmt.Errorf("%s: %w", jvmString{java: java}.Name(), err)
	}
	if java && l.triple {
		return rng, javaBlock{}, nil
	}
	return rng, l, nil
}

// jvmString is a literal of Scala or Java that is not a text block.
type jvmString struct {
	java, triple bool
	// interp is the interpolator before the quote, empty for plain strings.
	interp string
}

// Name is the layer's name in messages.
func (l jvmString) Name() string {
	if l.java {
		return "Java string"
	}
	return "Scala string"
}

// escapes reports whether a backslash begins an escape.
func (l jvmString) escapes() bool {
	switch l.interp {
	case "":
		return !l.triple || l.java
	case "s", "f":
		return true
	}
	return false
}

func (l jvmString) quote() string {
	if l.triple {
		return `"""`
	}
	return `"`
}

// jvmOpen reads what opens the literal, and finds the range between its quotes.
func jvmOpen(src []byte, lit span.Span, java bool) (l jvmString, rng span.Span, err error) {
	if lit.Start < 0 || lit.End > len(src) || lit.End < lit.Start {
		return l, rng, undecodable(lit.Start, "literal outside of the text")
	}
	b := src[lit.Start:lit.End]
	n := 0
	for !java && n < len(b) && isIdent(b[n]) {
		n++
	}
	l = jvmString{java: java, interp: string(b[:n])}
	l.triple = bytes.HasPrefix(b[n:], []byte(`"""`)) && len(b)-n >= 6
	q := len(l.quote())
	if len(b) < n+2*q || !bytes.HasPrefix(b[n:], []byte(l.quote())) || !bytes.HasSuffix(b, []byte(l.quote())) {
		return l, rng, undecodable(lit.Start, "no string stands here")
	}
	return l, span.Span{Start: lit.Start + n + q, End: lit.End - q}, nil
}

// Decode makes escapes and holes atoms.
func (l jvmString) Decode(outer []byte, rng span.Span) ([]byte, []span.Atom, error) {
	r := &jvmReader{jvmString: l, d: newBuilder(outer, rng), src: outer}
	if err := r.read(rng); err != nil {
		return nil, nil, err
	}
	return r.d.done()
}

// jvmReader walks a literal.
type jvmReader struct {
	jvmString
	d     *builder
	src   []byte
	holes []span.Span
}

func (r *jvmReader) read(rng span.Span) error {
	if err := r.closed(rng.End); err != nil {
		return err
	}
	d, b := r.d, r.src[:rng.End]
	for at := rng.Start; at < rng.End; {
		switch c := b[at]; {
		case c == '"' && r.triple:
			n := at
			for n < len(b) && b[n] == '"' {
				n++
			}
			if n-at >= 3 && n < rng.End {
				return undecodable(at, "string ends before its last quotes")
			}
			at = n
		case c == '"':
			return undecodable(at, "string ends before its last quote")
		case c == '\n' && !r.triple:
			return undecodable(at, "string is not closed on its line")
		case c == '\\' && r.escapes():
			d.verbatim(at)
			n, err := r.escape(b[at:])
			if err != nil {
				return err
			}
			at += n
		case c == '\\':
			n := at
			for n < len(b) && b[n] == '\\' {
				n++
			}
			// Before Scala 2.13.2 this was a character in every kind of string.
			if u, ok := unicodeEscape(b[n-1:]); ok && (n-at)%2 == 1 {
				d.verbatim(n - 1)
				d.opaque(string(b[n-1:n-1+u.len]), n-1+u.len)
				n = d.at
			}
			at = n
		case c == '$' && r.interp != "":
			d.verbatim(at)
			end, err := r.dollar(b, at)
			if err != nil {
				return err
			}
			at = end
		case c == '%' && r.interp == "f":
			d.verbatim(at)
			switch {
			case at+1 < len(b) && b[at+1] == '%':
				d.escaped("%", at+2)
			case at+1 < len(b) && b[at+1] == 'n':
				d.escaped("\n", at+2)
			default:
				return undecodable(at, "a conversion without a value")
			}
			at += 2
		default:
			at++
		}
	}
	d.verbatim(rng.End)
	return nil
}

// closed wants the literal's last quotes at its end. Of a longer run of quotes
// the last three end a string in triple quotes.
func (r *jvmReader) closed(end int) error {
	rest := r.src[min(end, len(r.src)):]
	if !bytes.HasPrefix(rest, []byte(r.quote())) || r.triple && len(rest) > 3 && rest[3] == '"' {
		return undecodable(end, "string has no end")
	}
	return nil
}

// dollar reads `$$` or the hole at b[at] into an atom and returns its end.
func (r *jvmReader) dollar(b []byte, at int) (int, error) {
	if at+1 < len(b) && (b[at+1] == '$' || b[at+1] == '"') {
		r.d.escaped(string(b[at+1:at+2]), at+2)
		return at + 2, nil
	}
	expr, end, ok := scalaHole(b, at, 0)
	if !ok {
		return 0, undecodable(at, "unreadable hole in an interpolated string")
	}
	// The only way to write a quote in s"…" that every Scala version reads.
	if e := string(b[expr.Start:expr.End]); e == `'"'` || e == `"\""` {
		r.d.escaped(`"`, end)
		return end, nil
	}
	if n := conversion(b[end:]); r.interp == "f" && n == 0 && end < len(b) && b[end] == '%' {
		return 0, undecodable(end, "a conversion that cannot be read")
	} else if r.interp == "f" {
		end += n
	}
	r.d.opaque(HoleName(len(r.holes)), end)
	r.holes = append(r.holes, expr)
	return end, nil
}

// conversion is the length of the conversion that follows a hole of f"…".
func conversion(b []byte) int {
	if len(b) < 2 || b[0] != '%' {
		return 0
	}
	n := 1
	for n < len(b) && strings.IndexByte("-#+ 0,(.123456789$", b[n]) >= 0 {
		n++
	}
	if n < len(b) && (b[n] == 't' || b[n] == 'T') {
		n++
	}
	if n < len(b) && (b[n]|0x20) >= 'a' && (b[n]|0x20) <= 'z' {
		return n + 1
	}
	return 0
}

// unicodeChar is a `\uXXXX` escape.
type unicodeChar struct {
	r   rune
	len int
}

func unicodeEscape(b []byte) (unicodeChar, bool) {
	n := 1
	for n < len(b) && b[n] == 'u' {
		n++
	}
	if n == 1 {
		return unicodeChar{}, false
	}
	r, ok := hexRune(b[n:], 4)
	return unicodeChar{r, n + 4}, ok
}

// escape reads the escape at the start of b into an atom and returns its length.
func (r *jvmReader) escape(b []byte) (int, error) {
	d := r.d
	if len(b) < 2 {
		return 0, undecodable(d.at, "backslash at the end of a string")
	}
	if i := strings.IndexByte(`btnfr"'\`, b[1]); i >= 0 {
		d.escaped("\b\t\n\f\r\"'\\"[i:i+1], d.at+2)
		return 2, nil
	}
	switch c := b[1]; {
	case c == 's' && r.java:
		d.escaped(" ", d.at+2)
		return 2, nil
	case c >= '0' && c <= '7':
		n, v := 1, 0
		for n < len(b) && n < 4 && b[n] >= '0' && b[n] <= '7' && v*8 < 256 {
			v = v*8 + int(b[n]-'0')
			n++
		}
		d.escaped(string(rune(v)), d.at+n)
		return n, nil
	case c == 'u':
		u, ok := unicodeEscape(b)
		if !ok {
			return 0, undecodable(d.at, "invalid escape")
		}
		// These are read before the string is: the quote would end it.
		if u.r == '"' || u.r == '\\' || u.r == '\n' || u.r == '\r' || u.r == '$' && r.interp != "" {
			return 0, undecodable(d.at, "an escape that is read before the string is")
		}
		switch {
		case u.r >= 0xd800 && u.r < 0xdc00:
			if low, ok := unicodeEscape(b[u.len:]); ok && b[u.len] == '\\' && low.r >= 0xdc00 && low.r < 0xe000 {
				n := u.len + low.len
				d.escaped(string(0x10000+(u.r-0xd800)<<10+(low.r-0xdc00)), d.at+n)
				return n, nil
			}
			fallthrough
		case u.r >= 0xdc00 && u.r < 0xe000:
			d.escaped(surrogateBytes(u.r), d.at+u.len)
		default:
			d.escaped(string(u.r), d.at+u.len)
		}
		return u.len, nil
	}
	_, size := utf8.DecodeRune(b[1:])
	return 0, undecodable(d.at, "invalid escape %q", b[:1+size])
}
