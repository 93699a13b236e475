package report

import (
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/imdsscan/imdsscan/report/result"
	"golang.org/x/text/width"
)

const (
	excerptLines   = 6   // lines of one finding that are shown
	excerptColumns = 140 // columns of one line that are shown
	tabColumns     = 4
)

// glyph is a character as a terminal shows it.
type glyph struct {
	text   string
	width  int
	marked bool
}

// glyphs turns a line into what can be shown without harm: tabs become spaces,
// characters that would move the cursor or reorder text become escapes.
func glyphs(l result.Line) []glyph {
	var out []glyph
	column := 0
	for i := 0; i < len(l.Text); {
		r, n := utf8.DecodeRuneInString(l.Text[i:])
		g := glyph{text: l.Text[i : i+n], width: runeWidth(r), marked: i >= l.Mark.Start && i < l.Mark.End}
		switch {
		case r == utf8.RuneError && n == 1:
			g.text = fmt.Sprintf(`\x%02x`, l.Text[i])
			g.width = len(g.text)
		case r == '\t':
			g.width = tabColumns - column%tabColumns
			g.text = strings.Repeat(" ", g.width)
		case Unsafe(r):
			g.text = Escape(r)
			g.width = len(g.text)
		}
		column += g.width
		out = append(out, g)
		i += n
	}
	return out
}

// runeWidth is the number of terminal columns a character takes.
func runeWidth(r rune) int {
	if unicode.In(r, unicode.Mn, unicode.Me) {
		return 0
	}
	switch width.LookupRune(r).Kind() {
	case width.EastAsianWide, width.EastAsianFullwidth:
		return 2
	}
	return 1
}

// Unsafe reports whether a terminal would act on the character instead of
// showing it: control and format characters, bidirectional overrides included.
func Unsafe(r rune) bool {
	return unicode.In(r, unicode.Cc, unicode.Cf, unicode.Zl, unicode.Zp, unicode.Cs, unicode.Co)
}

// Escape is a character that is not shown as such.
func Escape(r rune) string {
	if r < 0x100 {
		return fmt.Sprintf(`\x%02x`, r)
	}
	return fmt.Sprintf(`\u{%x}`, r)
}

// Clean is text that comes from files, made safe to show on one line.
func Clean(s string) string {
	var sb strings.Builder
	for i := 0; i < len(s); {
		r, n := utf8.DecodeRuneInString(s[i:])
		switch {
		case r == utf8.RuneError && n == 1:
			fmt.Fprintf(&sb, `\x%02x`, s[i])
		case Unsafe(r):
			sb.WriteString(Escape(r))
		default:
			sb.WriteString(s[i : i+n])
		}
		i += n
	}
	return sb.String()
}

// excerpt is the marked code, a line number before each line and a line of
// carets under each.
func (t *textWriter) excerpt(lines []result.Line) {
	if len(lines) == 0 {
		return
	}
	shown := lines[:min(len(lines), excerptLines)]
	digits := max(3, len(fmt.Sprint(shown[len(shown)-1].Number)))
	for _, l := range shown {
		code, carets := excerptLine(l)
		t.printf("%s %s\n", t.dim(fmt.Sprintf("%*d |", digits, l.Number)), strings.TrimRight(code, " "))
		if carets = strings.TrimRight(carets, " "); carets != "" {
			t.printf("%s %s\n", t.dim(strings.Repeat(" ", digits)+" |"), t.caret(carets))
		}
	}
	if n := len(lines) - len(shown); n > 0 {
		t.printf("%s %s\n", t.dim(strings.Repeat(" ", digits)+" |"), t.dim("… "+Plural(n, "more line", "more lines")))
	}
}

// excerptLine is the line as it is shown, cut around its mark, and its carets.
func excerptLine(l result.Line) (code, carets string) {
	gs := glyphs(l)
	from, to, before, after := window(gs)
	var c, m strings.Builder
	if before || l.Before {
		c.WriteString("…")
		m.WriteString(" ")
	}
	// Indentation at the start of a line of a longer mark is not the code.
	for i, started := from, from > 0; i < to; i++ {
		g := gs[i]
		c.WriteString(g.text)
		started = started || strings.TrimSpace(g.text) != ""
		if g.marked && started {
			m.WriteString(strings.Repeat("^", g.width))
		} else {
			m.WriteString(strings.Repeat(" ", g.width))
		}
	}
	if after || l.After {
		c.WriteString("…")
	}
	return c.String(), m.String()
}

// window is the part of a line that is shown: all of it, or as many columns as
// fit from a little before the mark.
func window(gs []glyph) (from, to int, before, after bool) {
	total, mark, found := 0, 0, false
	for _, g := range gs {
		if g.marked && !found {
			mark, found = total, true
		}
		total += g.width
	}
	if total <= excerptColumns {
		return 0, len(gs), false, false
	}
	start := max(0, min(mark-excerptColumns/4, total-excerptColumns))
	column := 0
	from, to = -1, len(gs)
	for i, g := range gs {
		if from < 0 && column >= start {
			from = i
		}
		if column+g.width > start+excerptColumns {
			to = i
			break
		}
		column += g.width
	}
	from = max(from, 0)
	return from, max(from, to), from > 0, to < len(gs)
}
