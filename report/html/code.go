package html

import (
	"fmt"
	"html"
	"html/template"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/imdsscan/imdsscan/notebooks"
	"github.com/imdsscan/imdsscan/notebooks/span"
	"github.com/imdsscan/imdsscan/report"
	"github.com/imdsscan/imdsscan/report/result"
)

// codeLine is a line of code as the page shows it.
type codeLine struct {
	Number int
	// Around is true for lines that only stand around.
	Around bool
	Code   template.HTML
}

const maxLine = 400 // bytes of one line that are shown

// excerpt is the marked code with the lines around it.
func excerpt(language notebooks.Language, lines []result.Line, around result.Context) []codeLine {
	if len(lines) == 0 {
		return nil
	}
	cut := 0
	if len(lines) > maxExcerpt {
		cut = len(lines) - maxExcerpt
		lines = lines[:maxExcerpt]
		around.After = nil
	}
	var texts []string
	texts = append(texts, around.Before...)
	for _, l := range lines {
		texts = append(texts, l.Text)
	}
	texts = append(texts, around.After...)
	first := lines[0].Number - len(around.Before)
	pieces := highlight(language, texts)
	var out []codeLine
	for i := range texts {
		l := codeLine{Number: first + i, Around: true}
		if k := i - len(around.Before); k >= 0 && k < len(lines) {
			l.Around, l.Number = false, lines[k].Number
			l.Code = paint(pieces[i], marked(lines[k]), "mark")
			if lines[k].Before {
				l.Code = "…" + l.Code
			}
			if lines[k].After {
				l.Code += "…"
			}
		} else {
			l.Code = paint(pieces[i], nil, "")
		}
		out = append(out, l)
	}
	if cut > 0 {
		out = append(out, codeLine{Around: true, Code: template.HTML("… " + report.Plural(cut, "more line", "more lines"))})
	}
	return out
}

const maxExcerpt = 12 // lines that are marked

// marked is the mark of a line without the indentation that it covers.
func marked(l result.Line) []span.Span {
	m := l.Mark
	text := l.Text[m.Start:m.End]
	m.Start += len(text) - len(strings.TrimLeft(text, " \t"))
	if m.Start >= m.End {
		return nil
	}
	return []span.Span{m}
}

// paint writes the pieces of a line with its marks, which are ordered and do
// not touch. Whatever the line holds is text in the page.
func paint(pieces []piece, marks []span.Span, element string) template.HTML {
	var sb strings.Builder
	at := 0
	for _, p := range pieces {
		for text := p.text; text != ""; {
			n, in := len(text), false
			for _, m := range marks {
				if at < m.Start {
					n = min(n, m.Start-at)
					break
				}
				if at < m.End {
					n, in = min(n, m.End-at), true
					break
				}
			}
			if at >= maxLine {
				sb.WriteString("…")
				return template.HTML(sb.String())
			}
			write(&sb, p.class, text[:n], in, element)
			text, at = text[n:], at+n
		}
	}
	return template.HTML(sb.String())
}

func write(sb *strings.Builder, class, text string, marked bool, element string) {
	if marked {
		fmt.Fprintf(sb, "<%s>", element)
	}
	if class != plainText {
		fmt.Fprintf(sb, `<i class=%s>`, class)
	}
	sb.WriteString(string(visible(text)))
	if class != plainText {
		sb.WriteString("</i>")
	}
	if marked {
		fmt.Fprintf(sb, "</%s>", element)
	}
}

// visible is text from a file as text of the page: characters that would
// reorder or hide what stands around them are written out.
func visible(s string) template.HTML {
	var sb strings.Builder
	plain := 0
	for i := 0; i < len(s); {
		r, n := utf8.DecodeRuneInString(s[i:])
		escape := ""
		switch {
		case r == utf8.RuneError && n == 1:
			escape = fmt.Sprintf(`\x%02x`, s[i])
		case r != '\t' && report.Unsafe(r):
			escape = report.Escape(r)
		}
		if escape != "" {
			sb.WriteString(html.EscapeString(s[plain:i]))
			fmt.Fprintf(&sb, `<b class=ctl>%s</b>`, escape)
			plain = i + n
		}
		i += n
	}
	sb.WriteString(html.EscapeString(s[plain:]))
	return template.HTML(sb.String())
}

// prose is a paragraph whose lines were broken for a source file, with code in
// backquotes.
func prose(s string) template.HTML {
	var sb strings.Builder
	parts := strings.Split(strings.Join(strings.Fields(s), " "), "`")
	for i, p := range parts {
		switch {
		case i%2 == 1 && i < len(parts)-1:
			sb.WriteString("<code>" + string(visible(p)) + "</code>")
		case i%2 == 1:
			sb.WriteString("`" + string(visible(p)))
		default:
			sb.WriteString(string(visible(p)))
		}
	}
	return template.HTML(sb.String())
}

// languageOf is what a place is written in.
func languageOf(f *result.File, l *result.Location) notebooks.Language {
	if l.Cell != nil && l.Cell.Language != "" {
		return l.Cell.Language
	}
	return f.Language
}

// examples are the lines of a fix to make by hand, which start with - or +.
func examples(language notebooks.Language, text string) []diffLine {
	lines := strings.Split(strings.TrimRight(text, "\n"), "\n")
	if text == "" {
		return nil
	}
	lines = lines[:min(len(lines), maxHunkLines)]
	code := slices.Clone(lines)
	for i, l := range code {
		if len(l) > 0 && strings.Contains("-+ ", l[:1]) {
			l = strings.TrimPrefix(l[1:], " ")
		}
		code[i] = l
	}
	pieces := highlight(language, code)
	var out []diffLine
	for i, l := range lines {
		x := diffLine{Class: "same", Code: paint(pieces[i], nil, "")}
		switch {
		case strings.HasPrefix(l, "-"):
			x.Class = "del"
		case strings.HasPrefix(l, "+"):
			x.Class = "ins"
		}
		out = append(out, x)
	}
	return out
}

type diffLine struct {
	Class string
	Code  template.HTML
}
