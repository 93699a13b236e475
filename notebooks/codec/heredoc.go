package codec

import (
	"bytes"
	"strings"

	"github.com/imdsscan/imdsscan/notebooks/span"
)

// HereDoc shows the body of a shell here-document, without its delimiter
// line, as the text that the command reads.
type HereDoc struct {
	// Quoted: the delimiter is quoted, the body is taken as it is.
	// Otherwise expansions are holes: opaque, and read as HoleName.
	Quoted bool
	// Dash: the operator is `<<-`, tabs that begin a line are dropped.
	Dash bool
	// Delimiter is the word that ends the body; no line may be written that
	// would. Unknown when empty.
	Delimiter string
}

// Name is the layer's name in messages.
func (HereDoc) Name() string { return "here-document" }

// Decode makes escapes and expansions atoms; the tabs of `<<-` belong to the
// line end before them.
func (h HereDoc) Decode(outer []byte, rng span.Span) ([]byte, []span.Atom, error) {
	d := newBuilder(outer, rng)
	if _, err := h.read(d, rng); err != nil {
		return nil, nil, err
	}
	return d.done()
}

// HereDocHoles are the expansions in the body of an unquoted here-document,
// as HereDoc reads it; HoleName(i) stands for the i-th.
func HereDocHoles(src []byte, body span.Span, h HereDoc) []span.Span {
	if body.Start < 0 || body.End > len(src) || body.End < body.Start {
		return nil
	}
	holes, err := h.read(newBuilder(src, body), body)
	if err != nil {
		return nil
	}
	return holes
}

func (h HereDoc) read(d *builder, rng span.Span) (holes []span.Span, err error) {
	src := d.outer[:rng.End]
	lex := shLexer{src: src}
	line := rng.Start // where the line that is looked at begins
	tabs := func(at int) int {
		for h.Dash && at < rng.End && src[at] == '\t' {
			at++
		}
		return at
	}
	at := tabs(rng.Start)
	if at > rng.Start {
		d.empty(at)
	}
	for at < rng.End {
		switch c := src[at]; {
		case c == '\n':
			if h.ends(src[line:at]) {
				return nil, undecodable(line, "the delimiter %q ends the here-document early", h.Delimiter)
			}
			line = at + 1
			if next := tabs(at + 1); next > at+1 {
				d.verbatim(at)
				d.escaped("\n", next)
				at = next
			} else {
				at++
			}
		case h.Quoted:
			n := bytes.IndexByte(src[at:], '\n')
			if n < 0 {
				n = len(src) - at
			}
			at += n
		case c == '\\' && at+1 < rng.End && src[at+1] == '\n':
			d.verbatim(at)
			at += 2
			d.empty(at)
		case c == '\\' && at+1 < rng.End && strings.IndexByte("$`\\", src[at+1]) >= 0:
			d.verbatim(at)
			at += 2
			d.escaped(string(src[at-1:at]), at)
		case (c == '$' || c == '`') && lex.isExpansion(at):
			end := lex.expansion(at)
			if end <= at {
				return nil, undecodable(at, "expansion without an end")
			}
			d.verbatim(at)
			d.opaque(HoleName(len(holes)), end)
			holes = append(holes, span.Span{Start: at, End: end})
			at = end
		default:
			at++
		}
	}
	d.verbatim(rng.End)
	if line < rng.End && h.ends(src[line:rng.End]) {
		return nil, undecodable(line, "the delimiter %q ends the here-document early", h.Delimiter)
	}
	return holes, nil
}

// ends reports whether a line would end the here-document.
func (h HereDoc) ends(line []byte) bool {
	if h.Delimiter == "" {
		return false
	}
	if h.Dash {
		line = bytes.TrimLeft(line, "\t")
	}
	return string(line) == h.Delimiter
}

// Encode escapes what the shell would expand, and begins new lines with the
// tabs of the line before.
func (h HereDoc) Encode(t *span.Text, in span.Span, text string) (string, error) {
	b := t.Bytes()
	if strings.IndexByte(text, 0) >= 0 {
		return "", unencodable("a here-document cannot hold a NUL character")
	}
	var s strings.Builder
	if !h.Quoted && h.extendsName(t, in, text) {
		return "", unencodable("the text would become part of the variable name before it")
	}
	tabs, begins := "", in.Start == 0 || b[in.Start-1] == '\n'
	if h.Dash {
		tabs = h.tabsNear(t, in)
		rest := text + string(b[in.End:min(in.End+1, len(b))])
		if begins && strings.HasPrefix(rest, "\t") || strings.Contains(rest, "\n\t") {
			return "", unencodable("<<- drops the tabs that begin a line")
		}
		if in.Start == len(b) && begins && text != "" && text[0] != '\n' {
			s.WriteString(tabs)
		}
	}
	for i := 0; i < len(text); i++ {
		c := text[i]
		next := byte('$') // at the end of the text: may be anything
		if i+1 < len(text) {
			next = text[i+1]
		} else if in.End < len(b) {
			next = b[in.End]
		}
		switch {
		case !h.Quoted && (c == '$' || c == '`'),
			!h.Quoted && c == '\\' && (strings.IndexByte("$`\\\n", next) >= 0 || i+1 == len(text)):
			s.WriteByte('\\')
			s.WriteByte(c)
		case c == '\n' && next != '\n' && (i+1 < len(text) || in.End < len(b)):
			s.WriteByte(c)
			s.WriteString(tabs)
		default:
			s.WriteByte(c)
		}
	}
	return s.String(), nil
}

// tabsNear is the indent to give to new lines: that of the line of the place,
// or of the last line that has text.
func (HereDoc) tabsNear(t *span.Text, in span.Span) string {
	outer, rng := t.Parent().Bytes(), t.Range()
	at := t.Out(span.Span{Start: in.Start, End: in.Start}).Start
	for at > rng.Start {
		line := outer[rng.Start:at]
		start := bytes.LastIndexByte(line, '\n') + 1
		line = outer[rng.Start+start:]
		n := 0
		for n < len(line) && line[n] == '\t' {
			n++
		}
		if n > 0 || rng.Start+start < at && n < len(line) && line[n] != '\n' {
			return string(line[:n])
		}
		at = rng.Start + start - 1
	}
	rest := outer[rng.Start:rng.End]
	return string(rest[:len(rest)-len(bytes.TrimLeft(rest, "\t"))])
}

// extendsName reports whether text would lengthen a `$name` before it.
func (HereDoc) extendsName(t *span.Text, in span.Span, text string) bool {
	if text == "" {
		text = t.Sub(span.Span{Start: in.End, End: min(in.End+1, t.Len())})
	}
	if in.Start == 0 || text == "" || text[0] >= 0x80 || !isIdent(text[0]) || t.KindAt(in.Start-1) != span.Opaque {
		return false
	}
	o := outerOf(t, in.Start-1)
	return len(o) > 1 && o[0] == '$' && nameLen(o[1:]) == len(o)-1
}
