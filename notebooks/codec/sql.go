package codec

import (
	"bytes"
	"strings"

	"github.com/imdsscan/imdsscan/notebooks/span"
)

// DollarQuoted shows the text between two SQL dollar quotes, $$ or $tag$,
// which is taken as it is.
type DollarQuoted struct{ Tag string }

// Name is the layer's name in messages.
func (DollarQuoted) Name() string { return "SQL dollar quotes" }

// Decode takes the text as it is. It must not hold the quote.
func (q DollarQuoted) Decode(outer []byte, rng span.Span) ([]byte, []span.Atom, error) {
	// The closing quote may begin with the last letters of the text.
	if i := bytes.Index(append(bytes.Clone(outer[rng.Start:rng.End]), q.Tag...), []byte(q.Tag)); i < rng.Len() {
		return nil, nil, undecodable(rng.Start+i, "%s ends the text early", q.Tag)
	}
	d := newBuilder(outer, rng)
	d.verbatim(rng.End)
	return d.done()
}

// Encode writes the text as it is, unless that would end the quotes.
func (q DollarQuoted) Encode(_ *span.Text, _ span.Span, text string) (string, error) {
	if strings.Contains(text, q.Tag) {
		return "", unencodable("%s cannot stand in a text between %s", q.Tag, q.Tag)
	}
	return text, nil
}

// SQLString shows the text of a SQL string with backslash escapes, as
// Databricks reads it. Doubled quotes mean different things to different
// versions, so a text with them cannot be decoded.
type SQLString struct {
	Quote byte // ' or "
	Raw   bool // r'…': a backslash is a backslash
}

// Name is the layer's name in messages.
func (SQLString) Name() string { return "SQL string" }

// sqlEscapes are the letters that a backslash makes another character; before
// others it falls away.
var sqlEscapes = map[byte]string{'b': "\b", 'n': "\n", 'r': "\r", 't': "\t", 'Z': "\x1a"}

// Decode makes each escape an atom.
func (q SQLString) Decode(outer []byte, rng span.Span) ([]byte, []span.Atom, error) {
	d := newBuilder(outer, rng)
	for at := rng.Start; at < rng.End; at++ {
		switch c := outer[at]; {
		case c == q.Quote:
			return nil, nil, undecodable(at, "a quote in a string, which versions read in different ways")
		case c != '\\' || q.Raw:
		case at+1 == rng.End:
			return nil, nil, undecodable(at, "a backslash ends the string")
		case outer[at+1] == '%' || outer[at+1] == '_', outer[at+1] >= '0' && outer[at+1] <= '7', outer[at+1]|0x20 == 'u':
			return nil, nil, undecodable(at, "an escape that is not read here")
		default:
			d.verbatim(at)
			text, special := sqlEscapes[outer[at+1]]
			size := 1
			if !special {
				for at+1+size < rng.End && outer[at+1+size]&0xc0 == 0x80 {
					size++ // the rest of a character
				}
				text = string(outer[at+1 : at+1+size])
			}
			at += size
			d.escaped(text, at+1)
		}
	}
	d.verbatim(rng.End)
	return d.done()
}

// Encode puts a backslash before quotes and backslashes, and writes line ends
// as the text does.
func (q SQLString) Encode(t *span.Text, _ span.Span, text string) (string, error) {
	if strings.IndexByte(text, 0) >= 0 {
		return "", unencodable("a SQL string cannot hold a NUL character")
	}
	if q.Raw {
		if strings.IndexByte(text, q.Quote) >= 0 {
			return "", unencodable("a raw SQL string cannot hold its quote")
		}
		return text, nil
	}
	lineEnd := "\n"
	outer := t.Parent().Bytes()[t.Range().Start:t.Range().End]
	if bytes.Contains(outer, []byte(`\n`)) && !bytes.Contains(outer, []byte("\n")) {
		lineEnd = `\n`
	}
	return strings.NewReplacer(`\`, `\\`, string(q.Quote), `\`+string(q.Quote), "\n", lineEnd).Replace(text), nil
}
