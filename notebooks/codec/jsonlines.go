package codec

import (
	"bytes"
	"strings"

	"github.com/imdsscan/imdsscan/notebooks/span"
)

// JSONLines shows a JSON array of strings, such as an ipynb cell's source, as
// one text. Its range begins after the first opening quote and ends before
// the last closing quote; what separates two elements belongs to the
// character before it, nearly always the line end.
type JSONLines struct{}

// Name is the layer's name in messages.
func (JSONLines) Name() string { return "JSON lines" }

// Decode joins the elements.
func (JSONLines) Decode(outer []byte, rng span.Span) ([]byte, []span.Atom, error) {
	d := newBuilder(outer, rng)
	d.expectEscapes(rng)
	at := rng.Start
	for {
		i, err := d.jsonChars(at, rng.End)
		if err != nil {
			return nil, nil, err
		}
		if i == rng.End {
			return d.done()
		}
		n := jsonSeparator(outer[i:rng.End])
		if n == 0 {
			return nil, nil, undecodable(i, "no comma and next string after an element of a JSON array")
		}
		at = i + n
		d.fold(at)
	}
}

// jsonSeparator is the length of `",  "` at the start of b, 0 when b starts
// with something else.
func jsonSeparator(b []byte) int {
	i := 1
	i += len(b[i:]) - len(bytes.TrimLeft(b[i:], " \t\r\n"))
	if i >= len(b) || b[i] != ',' {
		return 0
	}
	i++
	i += len(b[i:]) - len(bytes.TrimLeft(b[i:], " \t\r\n"))
	if i >= len(b) || b[i] != '"' {
		return 0
	}
	return i + 1
}

// Encode writes each new line as an element of its own where the lines around
// are, with the separator found there.
func (j JSONLines) Encode(t *span.Text, in span.Span, text string) (string, error) {
	style := jsonStyle{t: t}
	b := t.Bytes()
	var s strings.Builder
	sep := ""
	if strings.Contains(text, "\n") || in.Start > 0 && b[in.Start-1] == '\n' {
		sep = j.separatorNear(t, in)
	}
	if text != "" && in.Start > 0 && b[in.Start-1] == '\n' && in.Start == len(b) && elementEnd(outerOf(t, in.Start-1)) == nil {
		s.WriteString(sep) // the text continues after what was its last line
	}
	for text != "" {
		line, rest, found := strings.Cut(text, "\n")
		style.write(&s, line)
		if found {
			s.WriteString(`\n`)
			if rest != "" || in.End < len(b) {
				s.WriteString(sep)
			}
		}
		text = rest
	}
	if !in.Empty() && b[in.End-1] != '\n' {
		// An element ended here, within a line: it still does.
		s.Write(elementEnd(outerOf(t, in.End-1)))
	}
	return s.String(), nil
}

// elementEnd is the separator in the outer form of a character, nil when the
// character does not end an element.
func elementEnd(outer []byte) []byte {
	for i := 0; i < len(outer); i++ {
		switch outer[i] {
		case '\\':
			i++
		case '"':
			return outer[i:]
		}
	}
	return nil
}

// separatorNear is the separator to put after a new line end, empty when
// lines stand together in one string. The line end before the place decides,
// else one that is replaced or follows it; an array of one line is written as
// its own brackets and the rest of the file suggest.
func (JSONLines) separatorNear(t *span.Text, in span.Span) string {
	b := t.Bytes()
	at := bytes.LastIndexByte(b[:in.Start], '\n')
	if at >= 0 && at == len(b)-1 {
		at = bytes.LastIndexByte(b[:at], '\n') // the last line end never has one
	}
	if at < 0 {
		at = bytes.IndexByte(b, '\n')
	}
	if at >= 0 && at < len(b)-1 {
		sep := elementEnd(outerOf(t, at))
		if bytes.Count(sep, []byte(`"`)) > 2 { // an empty element stands between
			sep = sep[:1+bytes.IndexByte(sep[1:], '"')+1]
		}
		return string(sep)
	}
	outer, rng := t.Parent().Bytes(), t.Range()
	return guessSeparator(outer, rng)
}

// guessSeparator derives a separator for an array that has none.
func guessSeparator(outer []byte, rng span.Span) string {
	head := outer[:max(rng.Start-1, 0)]
	open := len(bytes.TrimRight(head, " \t\r\n"))
	if blank := head[open:]; bytes.IndexByte(blank, '\n') >= 0 {
		return `",` + string(blank) + `"`
	}
	// The array is on one line: as another array in the file is written.
	for i := bytes.LastIndex(head, []byte(`\n"`)); i >= 0; i = bytes.LastIndex(head[:i], []byte(`\n"`)) {
		if n := jsonSeparator(head[i+2:]); n > 0 {
			return string(head[i+2 : i+2+n])
		}
	}
	tail := outer[rng.End:]
	for i := 0; ; i += 3 {
		k := bytes.Index(tail[i:], []byte(`\n"`))
		if k < 0 {
			break
		}
		i += k
		if n := jsonSeparator(tail[i+2:]); n > 0 {
			return string(tail[i+2 : i+2+n])
		}
	}
	if bytes.Contains(head, []byte(`": `)) {
		return `", "`
	}
	return `","`
}
