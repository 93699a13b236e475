package codec

import (
	"bytes"
	"strings"

	"github.com/imdsscan/imdsscan/notebooks/span"
)

// Mask shows a Python cell with its IPython lines made harmless, so that a
// Python parser can read the rest. A magic is one opaque atom that reads as
// `pass`, or as `None` on the right of an assignment.
type Mask struct{}

// Name is the layer's name in messages.
func (Mask) Name() string { return "IPython lines" }

// Decode masks each magic. One that runs Python (`%time f()`) loses only its
// own words.
func (Mask) Decode(outer []byte, rng span.Span) ([]byte, []span.Atom, error) {
	d := newBuilder(outer, rng)
	for _, m := range Magics(outer[rng.Start:rng.End]) {
		s, body := m.Span.Shift(rng.Start), m.Body.Shift(rng.Start)
		d.verbatim(s.Start)
		switch {
		case m.runsPython():
			d.opaque("", body.Start)
		case m.Assign:
			d.opaque("None", s.End)
		default:
			d.opaque("pass", s.End)
		}
	}
	d.verbatim(rng.End)
	return d.done()
}

// Encode writes text as it is; the check after it refuses text that would be
// a magic. A magic that runs Python ends with its line, brackets or not.
func (Mask) Encode(t *span.Text, in span.Span, text string) (string, error) {
	if !strings.Contains(text, "\n") {
		return text, nil
	}
	outer, rng := t.Parent().Bytes(), t.Range()
	at := t.Out(in).Shift(-rng.Start)
	for _, m := range Magics(outer[rng.Start:rng.End]) {
		if m.runsPython() && m.Body.Start <= at.Start && at.Start <= m.Span.End {
			return "", unencodable("a line end would cut the magic %%%s", m.Name)
		}
	}
	return text, nil
}

// Magic is an IPython line, or part of one, in a Python cell.
type Magic struct {
	// Span is all that is not Python: up to the line end, over continued
	// lines, or to the end of the cell for a cell magic.
	Span span.Span
	// Body is the command after `!`, the arguments of a line magic, or the
	// lines below a cell magic.
	Body span.Span
	// Name is "!", "!!", "?", or the name of the magic ("pip", "sh").
	Name string
	// Assign: the magic is the right side of an assignment.
	Assign bool
	// Cell: the magic is a cell magic (`%%sh`).
	Cell bool
}

// runsPython reports whether the body is Python that runs in the session.
func (m Magic) runsPython() bool {
	return !m.Cell && !m.Body.Empty() && (m.Name == "time" || m.Name == "timeit" || m.Name == "prun")
}

// Magics finds the IPython lines of a Python cell, in order. Strings, comments
// and continued expressions are not mistaken for them.
func Magics(src []byte) []Magic {
	if !bytes.ContainsAny(src, "%!?") {
		return nil
	}
	l := magicLexer{src: src}
	first := true
	for i := 0; i < len(src); {
		for i < len(src) && (src[i] == ' ' || src[i] == '\t' || src[i] == '\f' || src[i] == '\r') {
			i++
		}
		switch {
		case i == len(src):
		case src[i] == '\n':
			i++
			continue
		case first && bytes.HasPrefix(src[i:], []byte("%%")):
			i = l.cellMagic(i)
		case src[i] == '%' || src[i] == '!' || src[i] == '?':
			i = l.lineMagic(i, false)
		default:
			i = l.code(i)
		}
		first = false
	}
	return l.found
}

type magicLexer struct {
	src   []byte
	found []Magic
	// failed counts f-strings that could not be read: after a few of them
	// they are taken for plain strings, to keep the work bounded.
	failed int
}

// maxFailed is how many unreadable f-strings are tried.
const maxFailed = 50

// pythonCells are cell magics whose cell is Python code of this session.
var pythonCells = map[string]bool{"time": true, "timeit": true, "capture": true, "prun": true}

func (l *magicLexer) cellMagic(at int) int {
	name := at + 2
	i := name
	for i < len(l.src) && (isIdent(l.src[i]) || l.src[i] == '!') {
		i++
	}
	if i == name {
		return l.lineMagic(at, false)
	}
	m := Magic{Name: string(l.src[name:i]), Cell: true}
	eol := l.lineEnd(at)
	m.Span = span.Span{Start: at, End: len(l.src)}
	m.Body = span.Span{Start: min(eol+1, len(l.src)), End: len(l.src)}
	if pythonCells[m.Name] {
		m.Span.End = l.trimRight(at, eol)
		m.Body = l.trim(i, eol)
	}
	l.found = append(l.found, m)
	return m.Span.End
}

// lineMagic takes the magic that starts at src[at] and returns its end.
func (l *magicLexer) lineMagic(at int, assign bool) int {
	eol := l.lineEnd(at)
	m := Magic{Assign: assign, Span: span.Span{Start: at, End: l.trimRight(at, eol)}}
	i := at + 1
	switch l.src[at] {
	case '!':
		if i < eol && l.src[i] == '!' {
			i++
		}
		m.Name = string(l.src[at:i])
	case '?':
		for i < eol && l.src[i] == '?' {
			i++
		}
		m.Name = "?"
	default:
		for i < eol && l.src[i] == ' ' {
			i++
		}
		name := i
		for i < eol && (isIdent(l.src[i]) || i == name && l.src[i] == '%') {
			i++
		}
		m.Name = string(l.src[name:i])
	}
	m.Body = l.trim(min(i, m.Span.End), eol)
	if m.Name == "timeit" || m.Name == "prun" {
		m.Body.Start = l.skipOptions(m.Body)
	}
	l.found = append(l.found, m)
	return m.Span.End
}

// skipOptions is where the statement of %timeit begins, behind options such
// as `-n 10 -r3 -q`.
func (l *magicLexer) skipOptions(s span.Span) int {
	i := s.Start
	for i+1 < s.End && l.src[i] == '-' && strings.IndexByte("nrtcpqolsTD", l.src[i+1]) >= 0 {
		takesValue := strings.IndexByte("nrplsTD", l.src[i+1]) >= 0
		i += 2
		if takesValue {
			for i < s.End && l.src[i] == ' ' {
				i++
			}
			for i < s.End && l.src[i] != ' ' {
				i++
			}
		}
		for i < s.End && l.src[i] == ' ' {
			i++
		}
	}
	return i
}

// lineEnd is the end of the line at src[at] and of those that a backslash
// joins to it.
func (l *magicLexer) lineEnd(at int) int {
	for {
		n := bytes.IndexByte(l.src[at:], '\n')
		if n < 0 {
			return len(l.src)
		}
		eol := at + n
		line := bytes.TrimSuffix(l.src[at:eol], []byte("\r"))
		if !bytes.HasSuffix(line, []byte(`\`)) {
			return eol
		}
		at = eol + 1
	}
}

func (l *magicLexer) trimRight(from, to int) int {
	for to > from && isBlank(l.src[to-1]) {
		to--
	}
	return to
}

func (l *magicLexer) trim(from, to int) span.Span {
	to = l.trimRight(from, to)
	for from < to && isBlank(l.src[from]) {
		from++
	}
	return span.Span{Start: from, End: to}
}

// code walks over one logical line of Python that starts at src[start] and
// returns where the next begins.
func (l *magicLexer) code(start int) int {
	src, depth := l.src, 0
	for i := start; i < len(src); {
		switch c := src[i]; c {
		case '\n':
			i++
			if depth == 0 {
				return i
			}
		case '\\':
			i++
			if i < len(src) && src[i] == '\r' {
				i++
			}
			if i < len(src) && src[i] == '\n' {
				i++
			}
		case '#':
			n := bytes.IndexByte(src[i:], '\n')
			if n < 0 {
				return len(src)
			}
			i += n
		case '\'', '"':
			i = l.skipString(start, i)
		case '(', '[', '{':
			depth++
			i++
		case ')', ']', '}':
			depth = max(0, depth-1)
			i++
		case '=':
			if at := l.assigned(start, i); depth == 0 && at > 0 {
				return l.lineMagic(at, true)
			}
			i++
		case '?':
			if eol := l.helpEnd(i); depth == 0 && eol > 0 {
				l.found = append(l.found, Magic{Name: "?", Span: span.Span{Start: start, End: eol}, Body: l.trim(start, i)})
				return l.lineEnd(eol)
			}
			i++
		default:
			i++
		}
	}
	return len(src)
}

// assigned is the offset of the `!` or `%` that the `=` at src[i] assigns
// from, 0 when it is another operator or assigns Python.
func (l *magicLexer) assigned(start, i int) int {
	src := l.src
	if i == start || strings.IndexByte("=!<>:+-*/%&|^@~", src[i-1]) >= 0 {
		return 0
	}
	for i++; i < len(src) && (src[i] == ' ' || src[i] == '\t'); i++ {
	}
	if i+1 >= len(src) {
		return 0
	}
	next := src[i+1]
	if src[i] == '!' && next != '=' || src[i] == '%' && (isIdent(next) || next == '%') {
		return i
	}
	return 0
}

// helpEnd is where `?` or `??` at src[i] ends when nothing but a comment
// follows on the line, else 0.
func (l *magicLexer) helpEnd(i int) int {
	for n := 0; n < 2 && i < len(l.src) && l.src[i] == '?'; n++ {
		i++
	}
	end := i
	for i < len(l.src) && (l.src[i] == ' ' || l.src[i] == '\t' || l.src[i] == '\r') {
		i++
	}
	if i == len(l.src) || l.src[i] == '\n' || l.src[i] == '#' {
		return end
	}
	return 0
}

// skipString is the end of the string whose quote is at src[i]. One that is
// not closed ends with its line, or with the cell when its quotes are triple.
func (l *magicLexer) skipString(start, i int) int {
	p, _ := pyOpenBefore(l.src, start, i)
	p.format = p.format && l.failed < maxFailed
	end, ok := pySkip(l.src, p, 0)
	if !ok && p.format {
		l.failed++
		p.format = false
		end, ok = pySkip(l.src, p, 0)
	}
	if ok {
		return end + len(p.quote)
	}
	if p.triple() {
		return len(l.src)
	}
	if n := bytes.IndexByte(l.src[i:], '\n'); n >= 0 {
		return i + n
	}
	return len(l.src)
}
