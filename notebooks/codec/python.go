package codec

import (
	"bytes"
	"fmt"
	"unicode/utf8"

	"github.com/imdsscan/imdsscan/notebooks/span"
)

// PythonLiteral is the layer of a Python string literal, or of several that
// stand side by side and make one string. lit covers it with its prefix and
// quotes, without parentheses around it. The range to decode begins after the
// first opening quote and ends before the last closing one. Holes of an
// f-string are opaque and read as HoleName.
func PythonLiteral(src []byte, lit span.Span) (rng span.Span, layer span.Layer, err error) {
	p, err := readPython(src, lit)
	if err != nil {
		return span.Span{}, nil, fmt.Errorf("%s: %w", pyString{}.Name(), err)
	}
	first, last := p.pieces[0], p.pieces[len(p.pieces)-1]
	return span.Span{Start: first.body.Start, End: last.body.End}, pyString{first}, nil
}

// PythonHoles are the expressions in the holes of a literal as PythonLiteral
// reads it, in order; HoleName(i) stands for the i-th. What follows an
// expression up to the closing brace (`!r`, `:>10`, `=`) changes what the hole
// prints.
func PythonHoles(src []byte, lit span.Span) []span.Span {
	p, err := readPython(src, lit)
	if err != nil {
		return nil
	}
	return p.holes
}

func readPython(src []byte, lit span.Span) (*pyReader, error) {
	if lit.Start < 0 || lit.End > len(src) || lit.End < lit.Start {
		return nil, undecodable(lit.Start, "literal outside of the text")
	}
	src = src[:lit.End]
	first, ok := pyOpen(src, lit.Start)
	if !ok {
		return nil, undecodable(lit.Start, "no string opens here")
	}
	// The last quote ends the literal, three of them when that closes it.
	err := error(nil)
	for _, n := range []int{3, 1} {
		p := &pyReader{d: newBuilder(src, span.Span{Start: first.body.Start, End: lit.End})}
		rng := span.Span{Start: first.body.Start, End: lit.End - n}
		if rng.End < rng.Start {
			continue
		}
		if err = p.read(src, rng, first); err == nil && len(p.pieces[len(p.pieces)-1].quote) == n {
			return p, nil
		}
	}
	if err == nil {
		err = undecodable(lit.End, "string has no end")
	}
	return nil, err
}

// pyString decodes the pieces of a literal from inside the first one.
type pyString struct{ first pyPiece }

// Name is the layer's name in messages.
func (pyString) Name() string { return "Python string" }

// Decode makes escapes and holes atoms. What separates two pieces belongs to
// the line end before it, or is an atom of its own within a line.
func (l pyString) Decode(outer []byte, rng span.Span) ([]byte, []span.Atom, error) {
	p := &pyReader{d: newBuilder(outer, rng)}
	if err := p.read(outer, rng, l.first); err != nil {
		return nil, nil, err
	}
	return p.d.done()
}

// pyReader walks the pieces of a literal.
type pyReader struct {
	d      *builder
	pieces []pyPiece
	holes  []span.Span
}

// read decodes src[rng], which begins inside the piece first and must end
// right before a closing quote.
func (p *pyReader) read(src []byte, rng span.Span, first pyPiece) error {
	cur := first
	cur.body = span.Span{Start: rng.Start, End: rng.End}
	at, d := rng.Start, p.d
	for {
		closes := at < len(src) && src[at] == cur.quote[0] && bytes.HasPrefix(src[at:], []byte(cur.quote))
		if at >= rng.End {
			if at > rng.End || !closes {
				return undecodable(at, "string has no end")
			}
			d.verbatim(at)
			cur.body.End = at
			p.pieces = append(p.pieces, cur)
			return nil
		}
		c := src[at]
		switch {
		case closes:
			d.verbatim(at)
			cur.body.End = at
			p.pieces = append(p.pieces, cur)
			next := min(at+len(cur.quote), rng.End)
			next += pySeam(src[next:rng.End])
			piece, ok := pyOpen(src[:rng.End], next)
			if !ok {
				return undecodable(next, "string ends before its last quote")
			}
			cur, at = piece, piece.body.Start
			d.junk(at)
		case c == '\n' && !cur.triple():
			return undecodable(at, "string is not closed on its line")
		case c == '\r' && cur.triple():
			// Python reads any line end as LF.
			d.verbatim(at)
			at++
			if at < rng.End && src[at] == '\n' {
				at++
			}
			d.escaped("\n", at)
		case c == '\\' && cur.raw:
			at += pyBackslash(src[at:rng.End], cur)
		case c == '\\':
			d.verbatim(at)
			n, err := p.escape(src[at:rng.End], cur)
			if err != nil {
				return err
			}
			at += n
		case cur.format && (c == '{' || c == '}'):
			d.verbatim(at)
			if at+1 < rng.End && src[at+1] == c {
				at += 2
				d.escaped(string(c), at)
				break
			}
			h, ok := pyHole(src[:rng.End], at, 0)
			if c == '}' || !ok {
				return undecodable(at, "single brace or unreadable hole in an f-string")
			}
			at = h.whole.End
			d.opaque(HoleName(len(p.holes)), at)
			p.holes = append(p.holes, h.expr)
		default:
			at++
		}
	}
}

// junk explains outer bytes up to end that stand for nothing: after a line
// end they belong to it, elsewhere they are an atom without inner bytes.
func (d *builder) junk(end int) {
	if n := len(d.atoms); n > 0 {
		last := d.atoms[n-1]
		empty := last.Kind == span.Escaped && last.In.Empty()
		if empty || last.Kind != span.Opaque && d.b[len(d.b)-1] == '\n' {
			d.fold(end)
			return
		}
	}
	d.escaped("", end)
}

// escape reads the backslash escape at the start of b into an atom and
// returns its length.
func (p *pyReader) escape(b []byte, piece pyPiece) (int, error) {
	d, isBytes := p.d, piece.bytes
	if len(b) < 2 {
		return 0, undecodable(d.at, "backslash at the end of a string")
	}
	one := func(text string) (int, error) {
		d.escaped(text, d.at+2)
		return 2, nil
	}
	char := func(r rune, n int) (int, error) {
		switch {
		case isBytes:
			d.escaped(string([]byte{byte(r)}), d.at+n)
		case r >= 0xd800 && r < 0xe000:
			d.escaped(surrogateBytes(r), d.at+n)
		default:
			d.escaped(string(r), d.at+n)
		}
		return n, nil
	}
	switch c := b[1]; {
	case c == '\n':
		d.junk(d.at + 2)
		return 2, nil
	case c == '\r':
		n := 2
		if len(b) > 2 && b[2] == '\n' {
			n = 3
		}
		d.junk(d.at + n)
		return n, nil
	case c == '\\' || c == '\'' || c == '"':
		return one(string(b[1:2]))
	case c == 'a':
		return one("\a")
	case c == 'b':
		return one("\b")
	case c == 'f':
		return one("\f")
	case c == 'n':
		return one("\n")
	case c == 'r':
		return one("\r")
	case c == 't':
		return one("\t")
	case c == 'v':
		return one("\v")
	case c >= '0' && c <= '7':
		n, r := 1, rune(0)
		for n < 4 && n < len(b) && b[n] >= '0' && b[n] <= '7' {
			r = r<<3 | rune(b[n]-'0')
			n++
		}
		return char(r, n)
	case c == 'x', c == 'u' && !isBytes, c == 'U' && !isBytes:
		digits := map[byte]int{'x': 2, 'u': 4, 'U': 8}[c]
		r, ok := hexRune(b[2:], digits)
		if !ok || r < 0 || r > utf8.MaxRune {
			return 0, undecodable(d.at, "invalid escape in a Python string")
		}
		return char(r, 2+digits)
	case c == 'N' && !isBytes && len(b) > 2 && b[2] == '{':
		n := bytes.IndexByte(b, '}')
		if n < 0 {
			return 0, undecodable(d.at, "unfinished character name")
		}
		d.opaque("\ufffd", d.at+n+1) // names of characters are not looked up
		return n + 1, nil
	case piece.format && (c == '{' || c == '}'):
		d.escaped(`\`, d.at+1)
		return 1, nil
	default: // not an escape: both characters stay
		_, size := utf8.DecodeRune(b[1:])
		d.escaped(string(b[:1+size]), d.at+1+size)
		return 1 + size, nil
	}
}
