package codec

import (
	"bytes"
	"strings"

	"github.com/imdsscan/imdsscan/notebooks/span"
)

// BangCommand shows the shell command of an IPython line (`!cmd`, `x = !cmd`).
// IPython puts the values of Python expressions into `{expr}` and `$name`
// first, but only if all of them have one: otherwise the command runs as it is
// written. BangFields lists them, so that the caller can decide.
type BangCommand struct {
	// Expanded: the fields are filled in. They are holes, and braces and
	// dollar signs of new text are doubled.
	Expanded bool
}

// Name is the layer's name in messages.
func (BangCommand) Name() string { return "IPython command" }

// BangFields are the expressions that IPython fills into a command; HoleName(i)
// stands for the i-th in an expanded one. ok is false when the command cannot
// be read as a template: then it runs as it is.
func BangFields(command []byte) (fields []TemplateHole, ok bool) {
	all := span.Span{Start: 0, End: len(command)}
	fields, err := readBang(newBuilder(command, all), all)
	return fields, err == nil
}

// Decode makes the fields of an expanded command atoms.
func (l BangCommand) Decode(outer []byte, rng span.Span) ([]byte, []span.Atom, error) {
	d := newBuilder(outer, rng)
	for at := rng.Start; at < rng.End; {
		n := bytes.IndexByte(outer[at:rng.End], '\n')
		if n < 0 {
			break
		}
		at += n + 1
		if n == 0 || outer[at-2] != '\\' {
			return nil, nil, undecodable(at, "line end in a command of one line")
		}
		if !l.Expanded {
			d.verbatim(at - 2)
			d.escaped("\\\n", at)
		}
	}
	if !l.Expanded {
		d.verbatim(rng.End)
		return d.done()
	}
	if _, err := readBang(d, rng); err != nil {
		return nil, nil, err
	}
	return d.done()
}

// Encode doubles what IPython would take for a field. The command stays on its
// line.
func (l BangCommand) Encode(t *span.Text, in span.Span, text string) (string, error) {
	for i := range len(text) {
		if text[i] == '\n' && (i == 0 || text[i-1] != '\\') {
			return "", unencodable("a line end would end the command")
		}
	}
	if !l.Expanded {
		return text, nil
	}
	// What follows up to the next field tells whether a `$` is quoted.
	rest := t.Bytes()[in.End:]
	for i := atomIndex(t, in.End); i < len(t.Atoms()); i++ {
		if a := t.Atoms()[i]; a.Kind == span.Opaque {
			rest = t.Bytes()[in.End:a.In.Start]
			break
		}
	}
	literal := []byte(text + string(rest))
	var s strings.Builder
	for i := range len(text) {
		c := text[i]
		s.WriteByte(c)
		segment := literal[i:]
		if n := bytes.IndexAny(segment, "{}"); n >= 0 {
			segment = segment[:n]
		}
		if c == '{' || c == '}' || c == '$' && bangName(segment) > 0 {
			s.WriteByte(c)
		}
	}
	return s.String(), nil
}

// readBang reads a command as IPython's DollarFormatter does.
func readBang(d *builder, rng span.Span) (fields []TemplateHole, err error) {
	src := d.outer[:rng.End]
	hole := func(at, end int, name string, plain bool) {
		d.verbatim(at)
		d.opaque(HoleName(len(fields)), end)
		fields = append(fields, TemplateHole{Span: span.Span{Start: at, End: end}, Name: name, Index: -1, Plain: plain})
	}
	for at := rng.Start; at < rng.End; {
		// A literal segment ends at a field or a doubled brace.
		stop := rng.End
		if n := bytes.IndexAny(src[at:], "{}"); n >= 0 {
			stop = at + n
		}
		quotes := bytes.Count(src[at:stop], []byte(`'`))
		for i := at; i < stop; {
			switch {
			case src[i] == '\'':
				quotes--
			case src[i] == '\\' && i+1 < stop && src[i+1] == '\n':
				d.verbatim(i)
				i += 2
				d.escaped("\\\n", i)
				continue
			case src[i] == '$' && quotes%2 == 0 && i+1 < stop && src[i+1] == '$' && bangWord(src[i+2:stop]) > 0:
				d.verbatim(i)
				d.escaped("$", i+2)
				i += 2 + bangWord(src[i+2:stop])
				continue
			case src[i] == '$' && quotes%2 == 0:
				if n := bangWord(src[i+1 : stop]); n > 0 {
					hole(i, i+1+n, string(src[i+1:i+1+n]), true)
					i += 1 + n
					continue
				}
			}
			i++
		}
		if at = stop; at == rng.End {
			break
		}
		c := src[at]
		if at+1 < rng.End && src[at+1] == c {
			d.verbatim(at)
			at += 2
			d.escaped(string(c), at)
			continue
		}
		end := 0
		if c == '{' {
			end, _ = formatField(src, at)
		}
		if end == 0 {
			return nil, undecodable(at, "single brace in a command that is filled in")
		}
		field := src[at+1 : end-1]
		n := len(field)
		if i := bytes.LastIndexByte(field, '!'); i >= 0 && i == n-2 {
			n = i
		}
		hole(at, end, string(field[:n]), n == len(field))
		at = end
	}
	d.verbatim(rng.End)
	return fields, nil
}

// bangName is the length of the `$name` or `$$name` at the start of a literal
// segment, 0 when there is none or it stands in single quotes.
func bangName(segment []byte) int {
	n := 1
	if len(segment) > 1 && segment[1] == '$' {
		n = 2
	}
	word := bangWord(segment[n:])
	if word == 0 || bytes.Count(segment, []byte(`'`))%2 == 1 {
		return 0
	}
	return n + word
}

// bangWord is the length of the run of letters, digits and dots at the start
// of b.
func bangWord(b []byte) int {
	i := 0
	for i < len(b) && (isIdent(b[i]) || b[i] == '.') {
		i++
	}
	return i
}
