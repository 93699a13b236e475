package report

import (
	"bufio"
	"fmt"
	"io"
	"strings"

	"github.com/fatih/color"
	"github.com/imdsscan/imdsscan/report/result"
)

// textWriter prints results for people.
type textWriter struct {
	w    *bufio.Writer
	o    Options
	run  *result.Run
	bold func(...any) string
	dim  func(...any) string
	red  func(...any) string
	warn func(...any) string
	ok   func(...any) string
	// caret marks code.
	caret func(...any) string
}

func newTextWriter(w io.Writer, run *result.Run, o Options) *textWriter {
	style := func(attrs ...color.Attribute) func(...any) string {
		c := color.New(attrs...)
		if o.Color {
			c.EnableColor()
		} else {
			c.DisableColor()
		}
		return c.SprintFunc()
	}
	return &textWriter{w: bufio.NewWriter(w), o: o, run: run,
		bold: style(color.Bold), dim: style(color.Faint), red: style(color.FgRed, color.Bold),
		warn: style(color.FgYellow, color.Bold), ok: style(color.FgGreen), caret: style(color.FgCyan, color.Bold)}
}

func (t *textWriter) printf(format string, args ...any) { fmt.Fprintf(t.w, format, args...) }

// Text prints results for people.
func Text(w io.Writer, run *result.Run, o Options) error {
	t := newTextWriter(w, run, o)
	for i := range run.Files {
		t.file(&run.Files[i])
	}
	// After the findings: in a large tree they would drown among these.
	for i := range run.Files {
		for _, o := range run.Files[i].Occurrences {
			t.occurrence(&run.Files[i], o)
		}
	}
	for _, e := range run.Errors {
		t.printf("%s: %s %s\n", t.bold(Clean(e.Path)), t.red("failed:"), Clean(e.Reason))
	}
	if o.Verbose {
		for _, e := range run.Skipped {
			t.printf("%s: %s %s\n", t.bold(Clean(e.Path)), t.dim("skipped:"), Clean(e.Reason))
		}
	}
	if !o.Quiet {
		t.printf("%s\n", t.summary())
	}
	return t.w.Flush()
}

// Summary is the last line of the text format.
func Summary(w io.Writer, run *result.Run, o Options) error {
	t := newTextWriter(w, run, o)
	t.printf("%s\n", t.summary())
	return t.w.Flush()
}

func (t *textWriter) file(f *result.File) {
	for i := range f.Findings {
		t.finding(f, &f.Findings[i])
	}
	for _, p := range f.Problems {
		t.printf("%s %s %s\n", t.where(f, p.Location), t.red("not read:"), Clean(p.Reason))
	}
	for _, why := range f.Unverified {
		t.printf("%s: %s %s\n", t.bold(Clean(f.Path)), t.warn("fix left out:"), Clean(why))
	}
}

// where is the place: the raw position first, so that terminals link it.
func (t *textWriter) where(f *result.File, l result.Location) string {
	s := t.bold(fmt.Sprintf("%s:%d:%d", Clean(f.Path), l.Start.Line, l.Start.Column))
	if c := l.Cell; c != nil {
		s += t.dim(fmt.Sprintf(" [cell %d:%d:%d]", c.Number, c.Start.Line, c.Start.Column))
	}
	return s
}

func (t *textWriter) finding(f *result.File, fd *result.Finding) {
	if fd.Level == result.Note && !t.o.Verbose {
		return // counted in the last line
	}
	if t.o.Applied && fd.Fixed {
		t.printf("%s %s %s %s\n", t.where(f, fd.Location), t.ok("fixed"), fd.Rule, Clean(fd.Message))
		return
	}
	level := t.warn(string(fd.Level))
	switch fd.Level {
	case result.Error:
		level = t.red(string(fd.Level))
	case result.Note:
		level = t.dim(string(fd.Level))
	}
	t.printf("%s %s %s %s\n", t.where(f, fd.Location), level, t.bold(fd.Rule), Clean(fd.Message))
	t.excerpt(fd.Excerpt)
	for _, n := range fd.Notes {
		t.note(Clean(n))
	}
	if f.Object != nil && len(f.Object.Users) > 0 {
		t.note("run by " + Clean(some(f.Object.Users)))
	}
	for _, r := range fd.Related {
		t.note(fmt.Sprintf("%s: %s", t.where(r.In(f), r.Location), Clean(r.Message)))
	}
	t.fix(f, fd)
}

// some are the first of a list, and how many more there are.
func some(list []string) string {
	const most = 5
	if len(list) <= most {
		return strings.Join(list, ", ")
	}
	return fmt.Sprintf("%s and %s more", strings.Join(list[:most], ", "), Number(len(list)-most))
}

func (t *textWriter) note(s string) { t.printf("  %s %s\n", t.dim("="), s) }

func (t *textWriter) fix(f *result.File, fd *result.Finding) {
	x := fd.Fix
	if x == nil {
		return
	}
	because := ""
	if x.Reason != "" {
		because = " (" + Clean(x.Reason) + ")"
	}
	summary := Clean(x.Summary)
	switch {
	case x.Applicability == result.Safe && t.o.Applied:
		t.note(t.ok("safe fix, not made: ") + summary + because)
	case x.Applicability == result.Safe:
		t.note(t.ok("safe fix: ") + summary + "   " + t.dim("[--diff shows it, --fix applies it]"))
	case x.Applicability == result.Unsafe:
		t.note(t.warn("unsafe fix: ") + summary + because + "   " + t.dim("[--fix --unsafe-fixes applies it]"))
	case summary == "":
		t.note(t.warn("no fix: ") + Clean(x.Reason))
	default:
		t.note(t.warn("fix to make by hand: ") + summary + because)
		t.example(x.Example)
	}
}

func (t *textWriter) example(code string) {
	if code == "" {
		return
	}
	for line := range strings.SplitSeq(strings.TrimRight(code, "\n"), "\n") {
		shown, _ := excerptLine(result.Line{Text: line})
		switch {
		case strings.HasPrefix(line, "-"):
			shown = t.red(shown)
		case strings.HasPrefix(line, "+"):
			shown = t.ok(shown)
		}
		t.printf("    %s\n", shown)
	}
}

var classWords = map[result.Class]string{
	result.Compliant:   "compliant",
	result.OtherCloud:  "another cloud's endpoint",
	result.Mention:     "mention",
	result.Suppressed:  "suppressed",
	result.Unexplained: "unexplained",
}

// occurrence prints the occurrences that no finding shows already:
// unexplained ones always, the understood ones on request.
func (t *textWriter) occurrence(f *result.File, o result.Occurrence) {
	if o.Class == result.InFinding || (o.Class != result.Unexplained && !t.o.Verbose) {
		return
	}
	word := t.dim(classWords[o.Class])
	if o.Class == result.Unexplained {
		word = t.warn(classWords[o.Class])
	}
	why := ""
	if o.Why != "" {
		why = ": " + Clean(o.Why)
	}
	t.printf("%s %s%s\n", t.where(f, o.Location), word, why)
	if o.Class == result.Unexplained && len(o.Excerpt) > 0 {
		code, _ := excerptLine(o.Excerpt[0])
		t.printf("%s %s\n", t.dim(fmt.Sprintf("%3d |", o.Excerpt[0].Number)), strings.TrimRight(code, " "))
	}
}
