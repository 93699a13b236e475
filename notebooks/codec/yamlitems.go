package codec

import (
	"bytes"
	"fmt"
	"strings"

	"github.com/imdsscan/imdsscan/notebooks/span"
)

// YAMLItems shows a block sequence as a script: a line for each item, or more
// where the item is a block. Items that are no text are holes. A line that is
// put before an item becomes an item of its own.
type YAMLItems struct {
	Indent int // what stands before each dash
	// Pieces: the items are joined without a line end between them. Then no
	// line can become an item.
	Pieces bool
	// Brackets: the list is written in brackets.
	Brackets bool
}

// Name is the layer's name in messages.
func (YAMLItems) Name() string { return "YAML list" }

// yamlItem is an item of the sequence.
type yamlItem struct {
	dash  int
	out   span.Span
	end   int        // with the closing quote
	layer span.Layer // nil for a hole
	in    span.Span
}

// YAMLList finds the sequence whose first dash, or whose first element in
// brackets, stands at an offset, and how many of its items are text.
func YAMLList(src []byte, at int, brackets bool) (rng span.Span, l YAMLItems, texts int, err error) {
	if at >= len(src) {
		return rng, l, 0, undecodable(at, "no YAML sequence")
	}
	l = YAMLItems{Indent: at - lineStartAt(src, at), Brackets: brackets}
	items := l.items(src, at)
	if len(items) == 0 {
		return rng, l, 0, undecodable(at, "no YAML sequence")
	}
	for _, it := range items {
		if it.layer != nil {
			texts++
		}
	}
	return span.Span{Start: at, End: items[len(items)-1].end}, l, texts, nil
}

// items reads the sequence whose first dash stands at an offset.
func (l YAMLItems) items(src []byte, at int) []yamlItem {
	if l.Brackets {
		return yamlElements(src, at)
	}
	var out []yamlItem
	for at >= 0 && at < len(src) && src[at] == '-' && (at+1 == len(src) || isYAMLBlank(src[at+1])) {
		it := yamlItem{dash: at}
		it.out, it.layer = l.item(src, at+1)
		it.end = it.out.End
		if _, quoted := it.layer.(YAMLQuoted); quoted {
			it.end++
		}
		out = append(out, it)
		at = l.nextDash(src, it.end)
	}
	return out
}

// item is the text of an item, behind its dash.
func (l YAMLItems) item(src []byte, at int) (span.Span, span.Layer) {
	start := at
	for start < len(src) && (src[start] == ' ' || src[start] == '\t') {
		start++
	}
	if start < len(src) && src[start] == '&' {
		start = yamlProperties(src, start)
	}
	if start < len(src) && bytes.IndexByte([]byte("\n#![{*"), src[start]) < 0 && bytes.IndexByte(src[at:start], '\n') < 0 {
		rng, layer, err := YAMLScalar(src, start, false, l.Indent, nil)
		if err == nil {
			_, block := layer.(YAMLBlock)
			end := rng.End
			if _, quoted := layer.(YAMLQuoted); quoted {
				end++
			}
			rest := bytes.TrimLeft(src[end:lineEndAt(src, end)], " \t")
			if block || len(rest) == 0 || rest[0] == '#' && isYAMLBlank(src[end]) {
				return rng, layer
			}
		}
	}
	end := lineEndAt(src, start)
	for next := end + 1; next < len(src); {
		stop := lineEndAt(src, next)
		line := src[next:stop]
		n := leadingSpaces(line)
		if n < len(line) {
			if n <= l.Indent && line[n] != '#' {
				break
			}
			if line[n] != '#' {
				end = stop
			}
		}
		next = stop + 1
	}
	return span.Span{Start: start, End: end}, nil
}

// nextDash is the dash of the item behind an offset, -1 without one.
func (l YAMLItems) nextDash(src []byte, at int) int {
	if at > 0 && src[at-1] != '\n' {
		at = lineEndAt(src, at) + 1
	}
	for at < len(src) {
		end := lineEndAt(src, at)
		line := src[at:end]
		n := leadingSpaces(line)
		if n == len(line) || line[n] == '#' {
			at = end + 1
			continue
		}
		if n != l.Indent || line[n] != '-' {
			return -1
		}
		return at + n
	}
	return -1
}

// Decode joins the items' texts; what stands between them belongs to the line
// end that they are joined with.
func (l YAMLItems) Decode(outer []byte, rng span.Span) ([]byte, []span.Atom, error) {
	b, atoms, _, err := l.read(outer, rng)
	return b, atoms, err
}

func (l YAMLItems) read(outer []byte, rng span.Span) ([]byte, []span.Atom, []yamlItem, error) {
	src := outer[:rng.End]
	items := l.items(src, rng.Start)
	if len(items) == 0 || items[len(items)-1].end != rng.End {
		return nil, nil, nil, undecodable(rng.Start, "items of a YAML sequence")
	}
	d := newBuilder(outer, rng)
	holes := 0
	for i := range items {
		it := &items[i]
		switch {
		case i == 0:
			d.empty(it.out.Start)
		case l.Pieces:
			d.fold(it.out.Start)
		case len(d.b) > 0 && d.b[len(d.b)-1] == '\n' && items[i-1].in.End > items[i-1].in.Start:
			d.fold(it.out.Start)
		default:
			d.escaped("\n", it.out.Start)
		}
		it.in.Start = len(d.b)
		if it.layer == nil {
			d.opaque(HoleName(holes), it.out.End)
			holes++
		} else {
			text, atoms, err := it.layer.Decode(src, it.out)
			if err != nil {
				return nil, nil, nil, err
			}
			for _, a := range atoms {
				a.In = a.In.Shift(len(d.b))
				d.atoms = append(d.atoms, a)
			}
			d.b, d.at = append(d.b, text...), it.out.End
		}
		it.in.End = len(d.b)
	}
	d.fold(rng.End)
	return d.b, d.atoms, items, nil
}

// Encode leaves all work to LiftWhole: an edit is one of an item.
func (YAMLItems) Encode(*span.Text, span.Span, string) (string, error) {
	return "", unencodable("an edit across the items of a YAML list")
}

// LiftWhole gives each edit to its item's own layer.
func (l YAMLItems) LiftWhole(t *span.Text, edits []span.Edit, refused error) ([]span.Edit, error) {
	parent := t.Parent()
	_, _, items, err := l.read(parent.Bytes(), t.Range())
	if err != nil {
		return nil, err
	}
	var out []span.Edit
	at := 0
	for i, it := range items {
		var mine []span.Edit
		for at < len(edits) && (i+1 == len(items) || edits[at].Start < items[i+1].in.Start) {
			e := edits[at]
			at++
			if e.Start < it.in.Start || e.End > it.in.End {
				return nil, refused
			}
			if _, block := it.layer.(YAMLBlock); e.Empty() && e.Start == it.in.Start && strings.HasSuffix(e.New, "\n") && !block && !l.Pieces && !l.Brackets {
				lines, err := l.newItems(parent.Bytes(), it, e.New)
				if err != nil {
					return nil, err
				}
				out = append(out, span.Edit{Span: span.Span{Start: it.dash, End: it.dash}, New: lines})
				continue
			}
			mine = append(mine, span.Edit{Span: e.Span.Shift(-it.in.Start), New: e.New})
		}
		if len(mine) == 0 {
			continue
		}
		if it.layer == nil {
			return nil, fmt.Errorf("%w: an item of the list that is no text", span.ErrOpaque)
		}
		sub, err := parent.Decode(it.out, it.layer)
		if err != nil {
			return nil, err
		}
		lifted, err := sub.LiftOnce(mine)
		if err != nil {
			return nil, err
		}
		out = append(out, lifted...)
	}
	return out, nil
}

// newItems are lines as items that stand before another.
func (l YAMLItems) newItems(src []byte, it yamlItem, text string) (string, error) {
	gap := " "
	if n := len(src[it.dash+1:]) - len(bytes.TrimLeft(src[it.dash+1:], " ")); n > 0 && it.layer != nil {
		gap = strings.Repeat(" ", n)
	}
	var s strings.Builder
	for _, line := range strings.SplitAfter(text, "\n") {
		if line == "" {
			continue
		}
		line = strings.TrimSuffix(line, "\n")
		if line == "" || !yamlText([]byte(line)) {
			return "", unencodable("an empty line as an item of a YAML list")
		}
		s.WriteString("-" + gap + yamlItemText(line) + "\n" + strings.Repeat(" ", l.Indent))
	}
	return s.String(), nil
}

// yamlItemText is a line of a script as a scalar, in quotes where it could be
// taken for something else.
func yamlItemText(line string) string {
	rng := span.Span{Start: 0, End: len(line)}
	if c := line[0] | 0x20; 'a' <= c && c <= 'z' && strings.ContainsAny(line, " =") {
		if text, _, err := (YAMLPlain{}).Decode([]byte(line), rng); err == nil && string(text) == line {
			return line
		}
	}
	return yamlQuoted(line)
}

// yamlQuoted is text without line ends in quotes: single ones, unless double
// ones need no escape and single ones do.
func yamlQuoted(text string) string {
	if strings.Contains(text, "'") && !strings.ContainsAny(text, "\"\\") {
		return `"` + text + `"`
	}
	return "'" + strings.ReplaceAll(text, "'", "''") + "'"
}
