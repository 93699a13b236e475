package report

import (
	"bufio"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"

	"github.com/imdsscan/imdsscan/report/result"
)

// markdownFindings is how many findings a comment or a job summary lists; the
// sums count all.
const markdownFindings = 200

// Markdown prints a summary for a pull request's comment or a job's page: the
// sums, then the findings as a table. Text from files is code in it, or escaped.
func Markdown(w io.Writer, run *result.Run, o Options) error {
	bw := bufio.NewWriter(w)
	t := newTextWriter(io.Discard, run, Options{Applied: o.Applied})
	fmt.Fprintf(bw, "## IMDSv2 readiness\n\n%s\n", markdownText(t.summary()))
	if c := run.Counts; c.Total() > 0 {
		titles := map[string]string{}
		for _, r := range o.Rules {
			titles[r.ID] = r.Title
		}
		fmt.Fprint(bw, "\n| rule | | findings |\n|---|---|--:|\n")
		for _, rule := range slices.Sorted(maps.Keys(c.Findings)) {
			fmt.Fprintf(bw, "| %s | %s | %s |\n", rule, markdownText(titles[rule]), Number(c.Findings[rule]))
		}
	}
	markdownList(bw, run, o)
	markdownGaps(bw, run)
	return bw.Flush()
}

func markdownList(w io.Writer, run *result.Run, o Options) {
	n := 0
	for i := range run.Files {
		f := &run.Files[i]
		for j := range f.Findings {
			fd := &f.Findings[j]
			if fd.Level == result.Note || o.Applied && fd.Fixed {
				continue
			}
			if n++; n > markdownFindings {
				continue
			}
			if n == 1 {
				fmt.Fprint(w, "\n| place | finding | fix |\n|---|---|---|\n")
			}
			fix := "none"
			if x := fd.Fix; x != nil && x.Summary != "" {
				fix = string(x.Applicability)
			}
			fmt.Fprintf(w, "| %s | %s %s: %s | %s |\n", markdownCode(placeOf(f, fd.Location)), fd.Level, fd.Rule, markdownText(fd.Message), fix)
		}
	}
	if n > markdownFindings {
		fmt.Fprintf(w, "\n%s more.\n", Number(n-markdownFindings))
	}
}

// markdownGaps are the places of which nothing is known.
func markdownGaps(w io.Writer, run *result.Run) {
	n := 0
	add := func(place, why string) {
		if n++; n == 1 {
			fmt.Fprint(w, "\n| not analysed | |\n|---|---|\n")
		}
		if n <= markdownFindings {
			fmt.Fprintf(w, "| %s | %s |\n", markdownCode(place), markdownText(why))
		}
	}
	for _, e := range run.Errors {
		add(e.Path, "not read: "+e.Reason)
	}
	for i := range run.Files {
		f := &run.Files[i]
		for _, p := range f.Problems {
			add(placeOf(f, p.Location), "not read: "+p.Reason)
		}
		for _, oc := range f.Occurrences {
			if oc.Class == result.Unexplained {
				add(placeOf(f, oc.Location), "unexplained: "+oc.Why)
			}
		}
	}
	if n > markdownFindings {
		fmt.Fprintf(w, "\n%s more.\n", Number(n-markdownFindings))
	}
}

func placeOf(f *result.File, l result.Location) string {
	if l.Cell != nil {
		return fmt.Sprintf("%s, cell %d, line %d", f.Path, l.Cell.Number, l.Cell.Start.Line)
	}
	return fmt.Sprintf("%s:%d", f.Path, l.Start.Line)
}

// markdownCode is code in a cell of a table: no backquote can end it, no bar
// the cell.
func markdownCode(s string) string { return codeSpan(strings.ReplaceAll(Clean(s), "|", `\|`)) }

// codeSpan is text as code, whatever backquotes are in it.
func codeSpan(s string) string {
	longest, run := 0, 0
	for _, r := range s {
		if run++; r != '`' {
			run = 0
		}
		longest = max(longest, run)
	}
	fence := strings.Repeat("`", longest+1)
	if longest > 0 {
		return fence + " " + s + " " + fence
	}
	return fence + s + fence
}

// markdownText is text that Markdown shows as it is. A mention of a user or an
// issue must not become one, nor an address a link.
func markdownText(s string) string {
	var sb strings.Builder
	for _, r := range Clean(s) {
		switch {
		case strings.ContainsRune("\\`*_{}[]<>()#+-!|~@&:", r) && (r != '-' && r != '(' && r != ')' && r != '+' || sb.Len() == 0):
			fmt.Fprintf(&sb, "&#%d;", r)
		default:
			sb.WriteRune(r)
		}
	}
	return sb.String()
}
