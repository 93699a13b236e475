package codec

import (
	"bytes"
	"fmt"
	"strings"
	"unicode/utf8"

	"github.com/imdsscan/imdsscan/notebooks/span"
)

// Encode writes text as the piece at its place demands. An edit that reaches
// into another piece joins the two where they are of one kind and no comment
// stands between them.
func (l pyString) Encode(t *span.Text, in span.Span, text string) (string, error) {
	outer, rng := t.Parent().Bytes(), t.Range()
	p := &pyReader{d: newBuilder(outer, rng)}
	if err := p.read(outer, rng, l.first); err != nil {
		return "", err
	}
	out := t.Out(in)
	a, b := p.pieceAt(out.Start), p.pieceAt(out.End)
	w := pyWriter{t: t, in: in, out: out, reader: p, piece: p.pieces[a]}
	tail := ""
	if a < b {
		between := outer[p.pieces[a].body.End:p.pieces[b].body.Start]
		if !w.piece.sameKind(p.pieces[b]) || bytes.IndexByte(between, '#') >= 0 {
			last := p.pieces[b-1]
			tail = w.piece.quote + string(outer[last.body.End+len(last.quote):p.pieces[b].body.Start])
		}
	}
	if err := w.write(text, tail != ""); err != nil {
		return "", err
	}
	return w.s.String() + tail, nil
}

// pieceAt is the index of the piece that the outer offset lies in.
func (p *pyReader) pieceAt(off int) int {
	i := len(p.pieces) - 1
	for i > 0 && p.pieces[i].body.Start > off {
		i--
	}
	return i
}

// pyWriter writes one edit in the style of its piece.
type pyWriter struct {
	t      *span.Text
	in     span.Span // what is replaced
	out    span.Span
	reader *pyReader
	piece  pyPiece
	s      strings.Builder
}

func (w *pyWriter) write(text string, closed bool) error {
	lineEnd, seam := "", ""
	b := w.t.Bytes()
	atLine := w.in.Start > 0 && b[w.in.Start-1] == '\n'
	if strings.Contains(text, "\n") || atLine && w.in.Start == len(b) {
		lineEnd, seam = w.lineEnd()
	}
	if atLine && w.in.Start == len(b) && text != "" {
		w.s.WriteString(seam) // the text goes on after what was its last line
	}
	for i := 0; i < len(text); {
		c := text[i]
		if c == '\n' {
			if w.piece.raw && !w.piece.triple() {
				return unencodable("a raw string on one line cannot hold a line end")
			}
			w.s.WriteString(lineEnd)
			if i+1 < len(text) || w.in.End < len(b) && !closed {
				w.s.WriteString(seam)
			}
			i++
			continue
		}
		n, err := w.char(text, i, closed)
		if err != nil {
			return err
		}
		i += n
	}
	return nil
}

// lineEnd is how a line end is written here, and what separates it from the
// next line. The nearest line end in a piece of the same kind decides.
func (w *pyWriter) lineEnd() (lineEnd, seam string) {
	b := w.t.Bytes()
	at := bytes.LastIndexByte(b[:w.in.Start], '\n')
	if at >= 0 && at == len(b)-1 && bytes.IndexByte(b, '\n') != at {
		at = bytes.LastIndexByte(b[:at], '\n') // the last line end separates nothing
	}
	if at < 0 {
		at = bytes.IndexByte(b, '\n')
	}
	lineEnd = "\n"
	if !w.piece.triple() {
		lineEnd = `\n`
	}
	if at < 0 {
		return lineEnd, ""
	}
	o := w.t.Out(span.Span{Start: at, End: at + 1})
	pieces := w.reader.pieces
	from, to := pieces[w.reader.pieceAt(o.Start)], pieces[w.reader.pieceAt(o.End)]
	if !from.sameKind(w.piece) || !to.sameKind(w.piece) {
		return lineEnd, ""
	}
	found := w.t.Parent().Bytes()[o.Start:o.End]
	for _, end := range []string{"\n", "\r\n", `\n`} {
		if !bytes.HasPrefix(found, []byte(end)) {
			continue
		}
		seam = string(found[len(end):])
		if strings.Contains(seam, "#") || strings.Count(seam, w.piece.quote) > 2 {
			seam = ""
		}
		return end, seam
	}
	return lineEnd, ""
}

// char writes the character at text[i] and returns its length.
func (w *pyWriter) char(text string, i int, closed bool) (int, error) {
	p, c := w.piece, text[i]
	if c >= utf8.RuneSelf {
		return w.wide(text[i:])
	}
	if p.format && (c == '{' || c == '}') {
		w.s.WriteByte(c)
		w.s.WriteByte(c)
		return 1, nil
	}
	if p.raw {
		if c == '\r' || c == 0 {
			return 0, unencodable("a raw string cannot hold the character %q", c)
		}
		if c == p.quote[0] && !p.triple() && (i == 0 || text[i-1] != '\\') {
			return 0, unencodable("a raw string cannot hold its own quote")
		}
		if p.triple() && strings.HasPrefix(text[i:], p.quote) {
			return 0, unencodable("a raw string cannot hold its own quotes")
		}
		w.s.WriteByte(c)
		return 1, nil
	}
	switch {
	case c == '\\':
		w.s.WriteString(`\\`)
	case c == p.quote[0]:
		if !p.triple() || w.wouldClose(text, i, closed) {
			w.s.WriteByte('\\')
		}
		w.s.WriteByte(c)
	case c == '\t' && (p.triple() || w.has("\t")) && !w.has(`\t`):
		w.s.WriteByte(c)
	case c == '\t':
		w.s.WriteString(`\t`)
	case c == '\r':
		w.s.WriteString(`\r`)
	case c < 0x20 || c == 0x7f:
		fmt.Fprintf(&w.s, `\x%02x`, c)
	case c >= '0' && c <= '7' && i == 0 && afterOctal(w.t, w.in.Start):
		fmt.Fprintf(&w.s, `\x%02x`, c) // not a digit of the escape before
	default:
		w.s.WriteByte(c)
	}
	return 1, nil
}

// wide writes a character outside ASCII.
func (w *pyWriter) wide(text string) (int, error) {
	if w.piece.bytes {
		return 0, unencodable("a bytes literal holds ASCII only")
	}
	if r, ok := surrogateAt(text); ok && !w.piece.raw {
		fmt.Fprintf(&w.s, `\u%04x`, r)
		return 3, nil
	}
	r, n := utf8.DecodeRuneInString(text)
	switch {
	case r == utf8.RuneError && n == 1:
		return 0, unencodable("invalid UTF-8 in the new text")
	case w.piece.raw || !asciiOnly(w.t):
		w.s.WriteString(text[:n])
	case r <= 0xff:
		fmt.Fprintf(&w.s, `\x%02x`, r)
	case r <= 0xffff:
		fmt.Fprintf(&w.s, `\u%04x`, r)
	default:
		fmt.Fprintf(&w.s, `\U%08x`, r)
	}
	return n, nil
}

// wouldClose reports whether the quote at text[i] would end a triple-quoted
// piece together with those around it.
func (w *pyWriter) wouldClose(text string, i int, closed bool) bool {
	q := w.piece.quote[0]
	outer := w.t.Parent().Bytes()
	before := w.s.String()
	before = before[max(0, len(before)-2):]
	for k := w.out.Start; len(before) < 2 && k > w.piece.body.Start; k-- {
		before = string(outer[k-1:k]) + before
	}
	if before == w.piece.quote[:2] {
		return true
	}
	last := i+1 == len(text)
	return last && (closed || w.out.End < len(outer) && outer[w.out.End] == q)
}

func (w *pyWriter) body() []byte {
	return w.t.Parent().Bytes()[w.piece.body.Start:w.piece.body.End]
}

func (w *pyWriter) has(s string) bool { return bytes.Contains(w.body(), []byte(s)) }
