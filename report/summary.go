package report

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/imdsscan/imdsscan/report/result"
)

// kinds name the findings of a rule in the last line, singular and plural.
var kinds = map[string][2]string{
	"IMDS001": {"request without a token", "requests without a token"},
	"IMDS002": {"fallback to a request without a token", "fallbacks to requests without a token"},
	"IMDS003": {"token used wrongly", "tokens used wrongly"},
	"IMDS004": {"token that crosses hosts", "tokens that cross hosts"},
	"IMDS005": {"request that may lack a token", "requests that may lack a token"},
	"IMDS006": {"endpoint in code that could not be parsed", "endpoints in code that could not be parsed"},
	"IMDS010": {"old pin", "old pins"},
	"IMDS011": {"library that never uses tokens", "libraries that never use tokens"},
	"IMDS020": {"unsupported runtime", "unsupported runtimes"},
	"IMDS021": {"isolated Glue catalog", "isolated Glue catalogs"},
	"IMDS022": {"container image to check", "container images to check"},
	"IMDS900": {"idle suppression", "idle suppressions"},
}

// Kind is a number of findings of a rule in words: "2 old pins".
func Kind(rule string, n int) string {
	if k, ok := kinds[rule]; ok {
		return Plural(n, k[0], k[1])
	}
	return Plural(n, rule+" finding", rule+" findings")
}

// summary is the last line: what was read, what was found, what can be fixed,
// and the account of the rest.
func (t *textWriter) summary() string {
	c := t.run.Counts
	var sb strings.Builder
	sb.WriteString(Plural(c.Files, "file", "files"))
	if c.Cells > 0 {
		sb.WriteString(", " + Plural(c.Cells, "cell", "cells") + " analysed")
	}
	if t.run.Elapsed > 0 {
		sb.WriteString(" in " + seconds(t.run.Elapsed))
	}
	sb.WriteString(". " + t.findings() + " " + account(c) + ".")
	if n := len(t.run.Errors) + c.Problems; n > 0 {
		sb.WriteString(" " + t.red(Plural(n, "place", "places")+" could not be read."))
	}
	if n := len(t.run.Skipped); n > 0 {
		sb.WriteString(" " + Plural(n, "place", "places") + " skipped.")
	}
	return sb.String()
}

func (t *textWriter) findings() string {
	c := t.run.Counts
	if c.Total() == 0 {
		return t.ok("No findings.")
	}
	var parts []string
	for _, rule := range slices.Sorted(maps.Keys(c.Findings)) {
		parts = append(parts, Kind(rule, c.Findings[rule]))
	}
	return t.bold(strings.Join(parts, ", ")+":") + " " + t.remedies() + "."
}

func (t *textWriter) remedies() string {
	c := t.run.Counts
	if t.o.Applied {
		left := c.Total() - c.Fixed
		return fmt.Sprintf("%d fixed, %d left", c.Fixed, left)
	}
	var parts []string
	if c.Safe > 0 {
		parts = append(parts, Plural(c.Safe, "safe fix", "safe fixes"))
	}
	if c.Unsafe > 0 {
		parts = append(parts, Plural(c.Unsafe, "unsafe fix", "unsafe fixes"))
	}
	if n := c.Display + c.NoFix; n > 0 {
		parts = append(parts, fmt.Sprintf("%s to review", Number(n)))
	}
	return strings.Join(parts, ", ")
}

func account(c result.Counts) string {
	parts := []string{Plural(c.Compliant, "request is", "requests are") + " IMDSv2 already",
		Plural(c.Occurrences[result.Mention], "mention", "mentions")}
	if n := c.Occurrences[result.OtherCloud]; n > 0 {
		parts = append(parts, Plural(n, "endpoint of another cloud", "endpoints of other clouds"))
	}
	if c.Notes > 0 {
		parts = append(parts, Plural(c.Notes, "note", "notes")+" on pins")
	}
	if n := c.Occurrences[result.Suppressed]; n > 0 {
		parts = append(parts, Number(n)+" suppressed")
	}
	return strings.Join(append(parts, Number(c.Occurrences[result.Unexplained])+" unexplained"), ", ")
}

// Plural is a number with its noun.
func Plural(n int, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return Number(n) + " " + many
}

// Number writes n with a comma every three digits.
func Number(n int) string {
	s := fmt.Sprint(n)
	for i := len(s) - 3; i > 0; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	return s
}

func seconds(d time.Duration) string {
	if d < 10*time.Second {
		return fmt.Sprintf("%.1f s", d.Seconds())
	}
	return fmt.Sprintf("%.0f s", d.Seconds())
}
