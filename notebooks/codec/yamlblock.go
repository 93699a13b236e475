package codec

import (
	"bytes"
	"strings"

	"github.com/imdsscan/imdsscan/notebooks/span"
)

// YAMLBlock shows the lines below `|` or `>` as the scalar's value.
type YAMLBlock struct {
	Folded bool // the header is `>`
	// Chomp is '-', '+' or 0: what becomes of the line ends at the end.
	Chomp byte
	// Indent is the number of blanks before each line; Explicit where the
	// header gives it, else the first line does.
	Indent   int
	Explicit bool
}

// Name is the layer's name in messages.
func (l YAMLBlock) Name() string { return "YAML block" }

// maxYAMLIndent bounds the search for what an indentation indicator counts from.
const maxYAMLIndent = 100

// yamlBlockAt finds the block scalar whose header stands at an offset.
func yamlBlockAt(src []byte, at int, accept func(span.Span, span.Layer) bool) (span.Span, span.Layer, error) {
	l := YAMLBlock{Folded: src[at] == '>'}
	shift := 0
	for at++; at < len(src) && bytes.IndexByte([]byte("+-123456789"), src[at]) >= 0; at++ {
		if c := src[at]; c == '+' || c == '-' {
			l.Chomp = c
		} else {
			shift, l.Explicit = int(c-'0'), true
		}
	}
	end := lineEndAt(src, at)
	if rest := bytes.TrimLeft(src[at:end], " \t"); end == len(src) || len(rest) > 0 && (rest[0] != '#' || len(rest) == end-at) {
		return span.Span{}, nil, undecodable(at, "header of a YAML block")
	}
	first, last := end+1, shift+maxYAMLIndent
	if !l.Explicit {
		for at = first; at < len(src) && isYAMLBlank(src[at]); at++ {
		}
		shift = at - lineStartAt(src, at)
		last = shift
	}
	for l.Indent = shift; l.Indent <= last; l.Indent++ {
		if rng := l.extent(src, first); !rng.Empty() && accept(rng, l) {
			return rng, l, nil
		}
	}
	return span.Span{}, nil, undecodable(first, "YAML block")
}

// extent is the range of the block's lines from first on.
func (l YAMLBlock) extent(src []byte, first int) span.Span {
	end, blanks := first, first // behind the last line with text; behind the blank lines too
	for at := first; at < len(src); {
		stop := lineEndAt(src, at)
		line := src[at:stop]
		n := leadingSpaces(line)
		if n < l.Indent && n < len(line) {
			break
		}
		at = min(stop+1, len(src))
		blanks = at
		if n < len(line) || n > l.Indent {
			end = at
		}
		if stop == len(src) {
			break
		}
	}
	switch {
	case l.Chomp == '+':
		end = blanks
	case l.Chomp == '-' && end > first && src[end-1] == '\n':
		end--
	}
	return span.Span{Start: first, End: end}
}

func leadingSpaces(line []byte) int { return len(line) - len(bytes.TrimLeft(line, " ")) }

// yamlLine is a line of a block: its text stands from text to end.
type yamlLine struct {
	start, text, end int
	ended            bool // by a line end
	blank, more      bool // without text; with more indent than the block
}

func (l YAMLBlock) lines(src []byte, rng span.Span) []yamlLine {
	var out []yamlLine
	for at := rng.Start; at < rng.End; {
		n := yamlLine{start: at, end: lineEndAt(src[:rng.End], at)}
		n.text = at + min(leadingSpaces(src[at:n.end]), l.Indent)
		n.ended, n.blank = n.end < rng.End, n.text == n.end
		n.more = !n.blank && (src[n.text] == ' ' || src[n.text] == '\t')
		out = append(out, n)
		at = n.end + 1
	}
	return out
}

// Decode folds the indent of a line into the line end before it.
func (l YAMLBlock) Decode(outer []byte, rng span.Span) ([]byte, []span.Atom, error) {
	if l.Indent < 1 || rng.Empty() || rng.Start > 0 && outer[rng.Start-1] != '\n' || !yamlText(outer[rng.Start:rng.End]) {
		return nil, nil, undecodable(rng.Start, "lines of a YAML block")
	}
	lines := l.lines(outer, rng)
	if err := l.check(outer, lines); err != nil {
		return nil, nil, err
	}
	d := newBuilder(outer, rng)
	if d.at < lines[0].text {
		d.empty(lines[0].text)
	}
	for i := 0; i < len(lines); i++ {
		n := lines[i]
		d.verbatim(n.end)
		if !n.ended {
			break
		}
		if i+1 == len(lines) {
			d.verbatim(n.end + 1)
			break
		}
		next := lines[i+1]
		switch {
		case l.folds(lines, i) && !next.blank:
			d.escaped(" ", next.text)
		case l.folds(lines, i):
			i++ // this line end stands for nothing
			d.escaped("\n", lines[i+1].text)
		case next.text > n.end+1:
			d.escaped("\n", next.text)
		}
	}
	return d.done()
}

// check refuses what YAML would take for another text.
func (l YAMLBlock) check(src []byte, lines []yamlLine) error {
	begun := false
	for _, n := range lines {
		if !n.blank && n.text-n.start < l.Indent {
			return undecodable(n.start, "a line of a YAML block has too little indent")
		}
		if !l.Explicit && !begun && !n.blank && src[n.text] == ' ' {
			return undecodable(n.start, "the first line of a YAML block begins with a blank")
		}
		begun = begun || !n.blank
	}
	last := lines[len(lines)-1]
	switch {
	case !begun, last.blank && l.Chomp != '+', l.Chomp == '-' && last.ended, l.Chomp != '-' && !last.ended && last.end < len(src):
		return undecodable(last.start, "the line ends at the end of a YAML block")
	}
	return nil
}

// folds is true where the line end behind a line reads as a blank, or as
// nothing where blank lines follow.
func (l YAMLBlock) folds(lines []yamlLine, i int) bool {
	if !l.Folded || lines[i].blank || lines[i].more {
		return false
	}
	for _, n := range lines[i+1:] {
		if !n.blank {
			return !n.more
		}
	}
	return false
}

// plainLine is true for a line that folding joins with its neighbours.
func (l YAMLBlock) plainLine(src []byte, start int) bool {
	text, end := start+l.Indent, lineEndAt(src, start)
	return text < end && src[text] != ' ' && src[text] != '\t'
}

// Encode begins each new line with the indent.
func (l YAMLBlock) Encode(t *span.Text, in span.Span, text string) (string, error) {
	if !yamlText([]byte(text)) {
		return "", unencodable("control characters in a YAML block")
	}
	b, outer := t.Bytes(), t.Parent().Bytes()
	at := t.Out(in).Start
	line := max(lineStartAt(outer, at), t.Range().Start)
	more := at > line+l.Indent && !l.plainLine(outer, line)
	var s strings.Builder
	if text != "" && text[0] != '\n' && (in.Start == 0 || b[in.Start-1] == '\n') {
		if l.Folded && line > t.Range().Start && l.plainLine(outer, lineStartAt(outer, line-1)) && text[0] != ' ' && text[0] != '\t' {
			s.WriteString("\n" + strings.Repeat(" ", l.Indent)) // else the line end before would read as a blank
		} else {
			s.WriteString(strings.Repeat(" ", max(0, line+l.Indent-at)))
		}
		more = text[0] == ' ' || text[0] == '\t'
	}
	next := func(i int) byte { // the character behind text[i], 0 at the end
		switch {
		case i+1 < len(text):
			return text[i+1]
		case in.End < len(b):
			return b[in.End]
		}
		return 0
	}
	for i := 0; i < len(text); i++ {
		s.WriteByte(text[i])
		if text[i] != '\n' {
			continue
		}
		c := next(i)
		if l.Folded && !more && c != 0 && c != '\n' && c != ' ' && c != '\t' && !(i == 0 && in.Start > 0 && b[in.Start-1] == '\n') {
			s.WriteByte('\n') // a single line end would read as a blank
		}
		if c != 0 && c != '\n' {
			s.WriteString(strings.Repeat(" ", l.Indent))
			more = c == ' ' || c == '\t'
		}
	}
	return s.String(), nil
}
