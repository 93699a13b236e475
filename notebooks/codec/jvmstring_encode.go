package codec

import (
	"bytes"
	"fmt"
	"strings"
	"unicode/utf16"
	"unicode/utf8"

	"github.com/imdsscan/imdsscan/notebooks/span"
)

// Encode writes text with the escapes that the kind of literal knows.
func (l jvmString) Encode(t *span.Text, in span.Span, text string) (string, error) {
	switch l.interp {
	case "", "s", "f", "raw":
	default:
		return "", unencodable("what the interpolator %s makes of the text is not known", l.interp)
	}
	w := jvmWriter{jvmString: l, t: t, in: in, out: t.Out(in)}
	for i := 0; i < len(text); {
		n, err := w.char(text[i:], i == 0)
		if err != nil {
			return "", err
		}
		i += n
	}
	return w.finish()
}

// jvmWriter writes one edit.
type jvmWriter struct {
	jvmString
	t       *span.Text
	in, out span.Span
	s       strings.Builder
}

// char writes the character at the start of text and returns its length.
func (w *jvmWriter) char(text string, first bool) (int, error) {
	c := text[0]
	if c >= utf8.RuneSelf {
		return w.wide(text)
	}
	switch {
	case c == '$' && w.interp != "", c == '%' && w.interp == "f":
		w.s.WriteByte(c)
		w.s.WriteByte(c)
		return 1, nil
	case c == '"' && w.interp != "" && !w.triple:
		// s"\"" is a quote only since Scala 2.13.6.
		if w.escapes() && bytes.Contains(w.around(), []byte(`\"`)) {
			w.s.WriteString(`\"`)
		} else {
			w.s.WriteString(`${'"'}`)
		}
		return 1, nil
	case c == '"' && w.triple:
		if w.escapes() && w.quotesBefore() == 2 {
			w.s.WriteByte('\\')
		}
		w.s.WriteByte(c)
		return 1, nil
	case c == '\n' && w.triple:
		w.s.WriteByte(c)
		return 1, nil
	case c == '\t' && (w.triple || !w.escapes()):
		w.s.WriteByte(c)
		return 1, nil
	case !w.escapes():
		if c < 0x20 {
			return 0, unencodable("a string without escapes cannot hold the character %q", c)
		}
		w.s.WriteByte(c)
		return 1, nil
	}
	switch {
	case c == '\\' || c == '"':
		w.s.WriteByte('\\')
		w.s.WriteByte(c)
	case strings.IndexByte("\b\t\n\f\r", c) >= 0:
		w.s.WriteByte('\\')
		w.s.WriteByte("btnfr"[strings.IndexByte("\b\t\n\f\r", c)])
	case c < 0x20 || c == 0x7f || c >= '0' && c <= '7' && first && afterOctal(w.t, w.in.Start):
		fmt.Fprintf(&w.s, `\u%04x`, c)
	default:
		w.s.WriteByte(c)
	}
	return 1, nil
}

// quotesBefore counts the quotes right before the place that is written, up to two.
func (w *jvmWriter) quotesBefore() int {
	n, s := 0, w.s.String()
	for n < len(s) && n < 2 && s[len(s)-1-n] == '"' {
		n++
	}
	if n < len(s) {
		return n
	}
	outer := w.t.Parent().Bytes()
	for at := w.out.Start; n < 2 && at > w.t.Range().Start && outer[at-1] == '"'; at-- {
		n++
	}
	return n
}

// wide writes a character outside ASCII.
func (w *jvmWriter) wide(text string) (int, error) {
	if r, ok := surrogateAt(text); ok && w.escapes() {
		fmt.Fprintf(&w.s, `\u%04x`, r)
		return 3, nil
	}
	r, n := utf8.DecodeRuneInString(text)
	switch {
	case r == utf8.RuneError && n == 1:
		return 0, unencodable("invalid UTF-8 in the new text")
	case !w.escapes() || !asciiOnly(w.t):
		w.s.WriteString(text[:n])
	case r > 0xffff:
		high, low := utf16.EncodeRune(r)
		fmt.Fprintf(&w.s, `\u%04x\u%04x`, high, low)
	default:
		fmt.Fprintf(&w.s, `\u%04x`, r)
	}
	return n, nil
}

// around is the literal as it stands.
func (w *jvmWriter) around() []byte {
	rng := w.t.Range()
	return w.t.Parent().Bytes()[rng.Start:rng.End]
}

// finish looks at what the new text and its neighbours make together.
func (w *jvmWriter) finish() (string, error) {
	s := w.s.String()
	if w.escapes() {
		// A quote at the end of the text may complete three of them.
		if w.triple && s != "" && s[len(s)-1] == '"' {
			outer := w.t.Parent().Bytes()
			next := 0
			for at := w.out.End; at < w.t.Range().End && outer[at] == '"'; at++ {
				next++
			}
			if next > 0 && !strings.HasSuffix(s, `\"`) {
				s = s[:len(s)-1] + `\"`
			}
		}
		return s, nil
	}
	outer, rng := w.t.Parent().Bytes(), w.t.Range()
	before, after := max(rng.Start, w.out.Start-2), min(rng.End, w.out.End+2)
	all := string(outer[before:w.out.Start]) + s + string(outer[w.out.End:after])
	if strings.Count(all, `\u`) > bytes.Count(outer[before:after], []byte(`\u`)) {
		return "", unencodable(`Scala versions differ in what \u means here`)
	}
	if w.triple && strings.Contains(all, `"""`) {
		return "", unencodable("a string in triple quotes cannot hold three quotes")
	}
	return s, nil
}

// afterOctal reports whether an octal escape of less than three digits, which
// a digit would lengthen, stands before the place.
func afterOctal(t *span.Text, at int) bool {
	if at == 0 {
		return false
	}
	o := outerOf(t, at-1)
	return len(o) > 1 && len(o) < 4 && o[0] == '\\' && o[1] >= '0' && o[1] <= '7'
}

// asciiOnly: the literal writes characters outside ASCII as escapes, none raw.
func asciiOnly(t *span.Text) bool {
	yes := false
	for _, a := range t.Atoms() {
		for _, c := range t.Bytes()[a.In.Start:a.In.End] {
			if c < utf8.RuneSelf {
				continue
			}
			if a.Kind == span.Verbatim {
				return false
			}
			yes = yes || a.Kind == span.Escaped
		}
	}
	return yes
}
