package codec

import (
	"bytes"
	"fmt"
	"strings"
	"unicode/utf8"

	"github.com/imdsscan/imdsscan/notebooks/span"
)

// ShellWord is the layer of one shell word, made of quoted and unquoted
// pieces, as the string that a command receives. Expansions are holes: opaque,
// and read as HoleName. Where the word begins or ends with a quote, the range
// to decode lies inside of it.
func ShellWord(src []byte, word span.Span) (rng span.Span, layer span.Layer, err error) {
	w, err := readWord(src, word)
	if err != nil {
		return span.Span{}, nil, fmt.Errorf("shell word: %w", err)
	}
	// Unquoted pieces without text at the ends are what the quotes leave.
	first, last := 0, len(w.pieces)-1
	if first < last && w.pieces[first].body.Empty() {
		first++
	}
	if first < last && w.pieces[last].body.Empty() && w.pieces[last].quote == unquoted {
		last--
	}
	rng = span.Span{Start: w.pieces[first].body.Start, End: w.pieces[last].body.End}
	return rng, shellWord{open: w.pieces[first].quote, end: w.pieces[last].quote}, nil
}

// ShellHoles are the expansions in a word, `$` included, as ShellWord reads
// it; HoleName(i) stands for the i-th.
func ShellHoles(src []byte, word span.Span) []span.Span {
	w, err := readWord(src, word)
	if err != nil {
		return nil
	}
	return w.holes
}

func readWord(src []byte, word span.Span) (*wordReader, error) {
	if word.Start < 0 || word.End > len(src) || word.End < word.Start {
		return nil, undecodable(word.Start, "word outside of the text")
	}
	w := &wordReader{d: newBuilder(src, word)}
	if err := w.read(src[:word.End], word, unquoted); err != nil {
		return nil, err
	}
	if w.pieces[len(w.pieces)-1].quote != unquoted {
		return nil, undecodable(word.End, "quote is not closed")
	}
	return w, nil
}

// shQuote is how a piece of a word is quoted.
type shQuote string

const (
	unquoted     shQuote = ""
	singleQuote  shQuote = `'`
	doubleQuote  shQuote = `"`
	ansiQuote    shQuote = `$'`
	localeQuote  shQuote = `$"`
	shellPlain           = "_@%+=:,./-"
	shellSpecial         = " \t\n;&|<>()"
)

// closing is the character that ends a piece.
func (q shQuote) closing() string {
	if q == unquoted {
		return ""
	}
	return string(q[len(q)-1:])
}

func (q shQuote) double() bool { return q == doubleQuote || q == localeQuote }

// wordPiece is a run of one quoting.
type wordPiece struct {
	quote shQuote
	body  span.Span
}

type wordReader struct {
	d      *builder
	pieces []wordPiece
	holes  []span.Span
}

// shellWord decodes a word from inside its first piece to inside its last.
type shellWord struct{ open, end shQuote }

// Name is the layer's name in messages.
func (shellWord) Name() string { return "shell word" }

// Decode makes escapes and expansions atoms; quotes are atoms without inner
// bytes.
func (l shellWord) Decode(outer []byte, rng span.Span) ([]byte, []span.Atom, error) {
	w := &wordReader{d: newBuilder(outer, rng)}
	if err := w.read(outer[:rng.End], rng, l.open); err != nil {
		return nil, nil, err
	}
	if w.pieces[len(w.pieces)-1].quote != l.end || !bytes.HasPrefix(outer[rng.End:], []byte(l.end.closing())) {
		return nil, nil, undecodable(rng.End, "quotes do not end where they did")
	}
	return w.d.done()
}

// read decodes src[rng], which begins in a piece quoted with open.
func (w *wordReader) read(src []byte, rng span.Span, open shQuote) error {
	d, lex := w.d, shLexer{src: src}
	cur := wordPiece{quote: open, body: rng}
	// turn ends the piece at at and begins one behind the quote there.
	turn := func(at int, next shQuote, n int) {
		d.verbatim(at)
		cur.body.End = at
		w.pieces = append(w.pieces, cur)
		d.empty(at + n)
		cur = wordPiece{quote: next, body: span.Span{Start: at + n, End: rng.End}}
	}
	for at := rng.Start; at < rng.End; {
		c, q := src[at], cur.quote
		next := byte(0)
		if at+1 < rng.End {
			next = src[at+1]
		}
		switch {
		case q != unquoted && string(c) == q.closing():
			turn(at, unquoted, 1)
			at++
		case q == singleQuote:
			at++
		case q == unquoted && (c == '\'' || c == '"'):
			turn(at, shQuote(c), 1)
			at++
		case q == unquoted && c == '$' && (next == '\'' || next == '"'):
			turn(at, shQuote(src[at:at+2]), 2)
			at += 2
		case c == '\\':
			d.verbatim(at)
			n, err := w.escape(src[at:], q)
			if err != nil {
				return err
			}
			at += n
		case q != ansiQuote && (c == '$' || c == '`') && lex.isExpansion(at):
			end := lex.expansion(at)
			if end <= at {
				return undecodable(at, "expansion without an end")
			}
			d.verbatim(at)
			d.opaque(HoleName(len(w.holes)), end)
			w.holes = append(w.holes, span.Span{Start: at, End: end})
			at = end
		case q == unquoted && (c == '<' || c == '>') && next == '(':
			end := lex.parens(at+1, 0)
			if end < 0 {
				return undecodable(at, "process substitution without an end")
			}
			d.verbatim(at)
			d.opaque(HoleName(len(w.holes)), end)
			w.holes = append(w.holes, span.Span{Start: at, End: end})
			at = end
		case q == unquoted && strings.IndexByte(shellSpecial, c) >= 0:
			return undecodable(at, "%q ends the word", c)
		default:
			at++
		}
	}
	d.verbatim(rng.End)
	w.pieces = append(w.pieces, cur)
	return nil
}

// empty explains outer bytes up to end that stand for nothing and belong to no
// character.
func (d *builder) empty(end int) {
	if n := len(d.atoms); n > 0 && d.atoms[n-1].Kind == span.Escaped && d.atoms[n-1].In.Empty() {
		d.atoms[n-1].Out.End, d.at = end, end
		return
	}
	d.escaped("", end)
}

// escape reads the backslash at the start of b into an atom and returns its
// length.
func (w *wordReader) escape(b []byte, q shQuote) (int, error) {
	d := w.d
	if q == ansiQuote {
		text, n := ansiEscape(b)
		if n == 0 {
			return 0, undecodable(d.at, "escape in $'…'")
		}
		d.escaped(text, d.at+n)
		return n, nil
	}
	switch {
	case len(b) < 2:
		return 0, undecodable(d.at, "backslash at the end of a word")
	case b[1] == '\n':
		d.empty(d.at + 2)
		return 2, nil
	case q.double() && strings.IndexByte("$`\"\\", b[1]) < 0:
		_, size := utf8.DecodeRune(b[1:])
		d.escaped(string(b[:1+size]), d.at+1+size)
		return 1 + size, nil
	}
	_, size := utf8.DecodeRune(b[1:])
	d.escaped(string(b[1:1+size]), d.at+1+size)
	return 1 + size, nil
}

// ansiEscape decodes the escape of $'…' at the start of b; n is 0 when it
// cannot be.
func ansiEscape(b []byte) (text string, n int) {
	if len(b) < 2 {
		return "", 0
	}
	c := b[1]
	if i := strings.IndexByte(`abeEfnrtv\'"?`, c); i >= 0 {
		return "\a\b\x1b\x1b\f\n\r\t\v\\'\"?"[i : i+1], 2
	}
	digits, base, start := 0, rune(16), 2
	switch {
	case '0' <= c && c <= '7':
		digits, base, start = 3, 8, 1
	case c == 'x':
		digits = 2
	case c == 'u':
		digits = 4
	case c == 'U':
		digits = 8
	case c == 'c':
		return "", 0
	default:
		_, size := utf8.DecodeRune(b[1:])
		return string(b[:1+size]), 1 + size // not an escape: the backslash stays
	}
	r, i := rune(0), start
	for i < len(b) && i < start+digits {
		v := hexDigit(b[i])
		if v < 0 || v >= base {
			break
		}
		r = r*base + v
		i++
	}
	switch {
	case i == start && c != '0':
		return string(b[:2]), 2
	case r == 0 || r < 0 || r > utf8.MaxRune:
		return "", 0 // a NUL would end the string
	case c == 'u' || c == 'U':
		return string(r), i
	}
	return string([]byte{byte(r)}), i
}

// Encode writes text in the quoting of its place. An edit that reaches into a
// piece of another quoting ends with the change to that one.
func (l shellWord) Encode(t *span.Text, in span.Span, text string) (string, error) {
	outer, rng := t.Parent().Bytes(), t.Range()
	w := &wordReader{d: newBuilder(outer, rng)}
	if err := w.read(outer[:rng.End], rng, l.open); err != nil {
		return "", err
	}
	if strings.IndexByte(text, 0) >= 0 {
		return "", unencodable("a shell word cannot hold a NUL character")
	}
	out := t.Out(in)
	a := w.startPiece(out.Start)
	b := a
	if !in.Empty() {
		b = max(a, w.endPiece(out.End))
	}
	from, to := w.pieces[a].quote, w.pieces[b].quote
	enc := from.encode(text)
	if (from.double() || from == unquoted) && w.wouldExtend(t, in, text) {
		switch {
		case from.double() || text == "":
			enc = `""` + enc // a new piece, so that the expansion ends
		case isIdent(enc[0]):
			enc = `"` + enc + `"`
		}
	}
	if from != to {
		enc += from.closing() + string(to)
	}
	return enc, nil
}

// wouldExtend reports whether what follows would become part of the `$name`
// before the place, or an expansion together with a `$` there.
func (w *wordReader) wouldExtend(t *span.Text, in span.Span, text string) bool {
	at, next := in.Start, text
	if text == "" {
		next = t.Sub(span.Span{Start: in.End, End: min(in.End+1, t.Len())})
	}
	if at == 0 || next == "" {
		return false
	}
	if t.Out(span.Span{Start: at, End: at}).Start != t.Out(span.Span{Start: at - 1, End: at}).End {
		return false // a quote stands between
	}
	o := outerOf(t, at-1)
	switch t.KindAt(at - 1) {
	case span.Verbatim:
		return t.Bytes()[at-1] == '$' && shLexer{src: []byte("$" + next)}.isExpansion(0)
	case span.Opaque:
		return next[0] < 0x80 && isIdent(next[0]) && len(o) > 1 && o[0] == '$' && nameLen(o[1:]) == len(o)-1
	}
	return false
}

// startPiece is the index of the piece in which an edit at off begins, the
// later one where two meet.
func (w *wordReader) startPiece(off int) int {
	i := len(w.pieces) - 1
	for i > 0 && w.pieces[i].body.Start > off {
		i--
	}
	return i
}

// endPiece is the index of the piece in which an edit up to off ends, the
// earlier one where two meet.
func (w *wordReader) endPiece(off int) int {
	i := 0
	for i < len(w.pieces)-1 && w.pieces[i].body.End < off {
		i++
	}
	return i
}

// encode writes text inside a piece.
func (q shQuote) encode(text string) string {
	switch q {
	case singleQuote:
		return strings.ReplaceAll(text, `'`, `'\''`)
	case doubleQuote, localeQuote:
		return escapeDouble(text)
	case ansiQuote:
		return escapeANSI(text)
	}
	for i := 0; i < len(text); i++ {
		if c := text[i]; !isIdent(c) && strings.IndexByte(shellPlain, c) < 0 {
			return quoteWord(text)
		}
	}
	return text
}

// quoteWord is text as a quoted piece of its own.
func quoteWord(text string) string {
	if strings.Contains(text, `'`) && !strings.ContainsAny(text, "$`\"\\!") {
		return `"` + text + `"`
	}
	return `'` + strings.ReplaceAll(text, `'`, `'\''`) + `'`
}

func escapeDouble(text string) string {
	return strings.NewReplacer(`\`, `\\`, `"`, `\"`, "$", `\$`, "`", "\\`").Replace(text)
}

func escapeANSI(text string) string {
	var s strings.Builder
	for i := 0; i < len(text); i++ {
		switch c := text[i]; {
		case c == '\\' || c == '\'':
			s.WriteByte('\\')
			s.WriteByte(c)
		case c == '\n':
			s.WriteString(`\n`)
		case c == '\t':
			s.WriteString(`\t`)
		case c == '\r':
			s.WriteString(`\r`)
		case c < 0x20 || c == 0x7f:
			fmt.Fprintf(&s, `\x%02x`, c)
		default:
			s.WriteByte(c)
		}
	}
	return s.String()
}
