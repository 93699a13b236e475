package codec

import (
	"bytes"
	"strings"

	"github.com/imdsscan/imdsscan/notebooks/span"
)

// javaBlock is the layer of a Java text block: the indentation that all its
// lines share, and the blanks at the ends of its lines, are no part of the
// string. The range begins after the opening quotes.
type javaBlock struct{}

// Name is the layer's name in messages.
func (javaBlock) Name() string { return "Java text block" }

// blockLine is a line of a text block.
type blockLine struct {
	// text is the line without the blanks at its end, indent the length of
	// those at its start; next is where the line after it begins.
	text   span.Span
	indent int
	next   int
}

// blockLines cuts a text block into lines and finds the indentation they share.
func blockLines(src []byte, rng span.Span) (lines []blockLine, indent int, err error) {
	at := rng.Start
	for at < rng.End && strings.IndexByte(" \t\f", src[at]) >= 0 {
		at++
	}
	n := lineEnd(src[at:rng.End])
	if n == 0 {
		return nil, 0, undecodable(at, "text stands beside the opening quotes of a text block")
	}
	indent = -1
	for at += n; ; {
		l := blockLine{text: span.Span{Start: at, End: at}}
		for l.text.End < rng.End && lineEnd(src[l.text.End:rng.End]) == 0 {
			l.text.End++
		}
		n := lineEnd(src[l.text.End:rng.End])
		l.next = l.text.End + n
		for at < l.text.End && strings.IndexByte(" \t\f", src[at]) >= 0 {
			at++
		}
		l.indent = at - l.text.Start
		blank := at == l.text.End
		for l.text.End > at && strings.IndexByte(" \t\f", src[l.text.End-1]) >= 0 {
			l.text.End--
		}
		if last := n == 0; (!blank || last) && (indent < 0 || l.indent < indent) {
			indent = l.indent
		}
		if blank {
			l.text.End = l.text.Start
		}
		lines = append(lines, l)
		if n == 0 {
			return lines, indent, nil
		}
		at = l.next
	}
}

// lineEnd is the length of the line end at the start of b, 0 for none.
func lineEnd(b []byte) int {
	switch {
	case bytes.HasPrefix(b, []byte("\r\n")):
		return 2
	case len(b) > 0 && (b[0] == '\n' || b[0] == '\r'):
		return 1
	}
	return 0
}

// Decode makes a line end and the indentation behind it one atom.
func (javaBlock) Decode(outer []byte, rng span.Span) ([]byte, []span.Atom, error) {
	r := &jvmReader{jvmString: jvmString{java: true, triple: true}, d: newBuilder(outer, rng), src: outer}
	if !bytes.HasPrefix(outer[min(rng.End, len(outer)):], []byte(`"""`)) {
		return nil, nil, undecodable(rng.End, "text block has no end")
	}
	lines, indent, err := blockLines(outer, rng)
	if err != nil {
		return nil, nil, err
	}
	separator := ""
	for i, l := range lines {
		body := span.Span{Start: min(l.text.Start+indent, l.text.End), End: l.text.End}
		last := i+1 == len(lines)
		if last && body.Empty() {
			body = span.Span{Start: rng.End, End: rng.End}
		}
		r.d.escaped(separator, body.Start)
		separator = "\n"
		if !last && continues(outer[body.Start:body.End]) {
			body.End--
			separator = ""
		}
		if err := r.blockText(body, last); err != nil {
			return nil, nil, err
		}
	}
	if r.d.at < rng.End {
		r.d.escaped("", rng.End)
	}
	return r.d.done()
}

// continues reports whether a line ends in a backslash that joins it to the next.
func continues(line []byte) bool {
	n := len(line) - len(bytes.TrimRight(line, "\\"))
	return n%2 == 1
}

// blockText decodes the text of one line.
func (r *jvmReader) blockText(body span.Span, last bool) error {
	b := r.src[:body.End]
	for at := body.Start; at < body.End; {
		switch {
		case b[at] == '\\':
			r.d.verbatim(at)
			n, err := r.escape(b[at:])
			if err != nil {
				return err
			}
			at += n
		case bytes.HasPrefix(b[at:], []byte(`"""`)), last && b[at] == '"' && at+1 == body.End && r.src[at+1] == '"':
			return undecodable(at, "text block ends before its last quotes")
		default:
			at++
		}
	}
	r.d.verbatim(body.End)
	return nil
}

// Encode indents new lines as those around, and keeps blanks at their ends.
func (l javaBlock) Encode(t *span.Text, in span.Span, text string) (string, error) {
	outer, rng := t.Parent().Bytes(), t.Range()
	lines, indent, err := blockLines(outer, rng)
	if err != nil {
		return "", err
	}
	w := jvmWriter{jvmString: jvmString{java: true, triple: true}, t: t, in: in, out: t.Out(in)}
	margin, end := "", "\n"
	for _, l := range lines {
		if l.indent >= indent && (!l.text.Empty() || margin == "" && l.next == l.text.End) {
			margin = string(outer[l.text.Start : l.text.Start+indent])
		}
		if l.text.Start > w.out.Start && margin != "" {
			break
		}
	}
	if n := lineEnd(outer[lines[0].text.End:rng.End]); n > 0 {
		end = string(outer[lines[0].text.End : lines[0].text.End+n])
	}
	rest := bytes.TrimLeft(outer[w.out.End:rng.End], " \t\f")
	endsLine := len(rest) == 0 || lineEnd(rest) > 0
	for i := 0; i < len(text); {
		c := text[i]
		last := i+1 == len(text)
		lineEnds := last && endsLine || !last && text[i+1] == '\n'
		n := 1
		switch {
		case c == '\n':
			w.s.WriteString(end)
			if !lineEnds || last && w.out.End >= rng.End {
				w.s.WriteString(margin)
			}
		case c == ' ' && lineEnds:
			w.s.WriteString(`\s`)
		case c == '\t' && lineEnds:
			w.s.WriteString(`\t`)
		case c == '"' && last && len(rest) == 0, c == '"' && w.quotesBefore() == 2:
			w.s.WriteString(`\"`)
		case c == '\t', c == '"':
			w.s.WriteByte(c)
		default:
			w.triple = false
			n, err = w.char(text[i:], i == 0)
			w.triple = true
			if err != nil {
				return "", err
			}
		}
		i += n
	}
	return w.finish()
}
