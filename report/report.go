// Package report prints results: a file a format. Formats read the plain
// values of report/result and write bytes; they know nothing of analysis,
// files or terminals. Equal results give equal bytes.
package report

import (
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/imdsscan/imdsscan/report/result"
)

// Options are a reader's wishes. Machine formats ignore them.
type Options struct {
	// Color marks the text with terminal colours.
	Color bool
	// Verbose lists what needs no attention too: mentions, compliant
	// requests, other clouds' endpoints, suppressed findings.
	Verbose bool
	// Quiet leaves out the last line.
	Quiet bool
	// Applied is true when the run wrote its fixes.
	Applied bool
	// Evidence is where the results come from, and what else there is of the
	// workspace, for the readiness report.
	Evidence Evidence
	// Rules describe the rules that the findings name, for formats that carry
	// the description along.
	Rules []Rule
}

// Rule is what a report says about a rule.
type Rule struct {
	ID       string
	Name     string // in CamelCase, for machines
	Title    string // one line
	Help     string // plain text
	Markdown string
	Level    result.Level
	Tags     []string
}

// Format is a way to print a run.
type Format struct {
	Name  string
	About string
	Write func(w io.Writer, run *result.Run, o Options) error
}

// Formats are the formats of this package, in the order help lists them.
var Formats = []Format{
	{"text", "for people: an excerpt and the remedy for each finding", Text},
	{"json", "everything, by docs/schema/results-v1.json", JSON},
	{"sarif", "SARIF 2.1.0 for code scanning and editors", SARIF},
	{"github", "annotations for GitHub Actions", GitHub},
	{"markdown", "sums and findings for a comment or a job's page", Markdown},
}

// Find is the format of that name.
func Find(name string, in []Format) (Format, error) {
	i := slices.IndexFunc(in, func(f Format) bool { return f.Name == name })
	if i < 0 {
		var names []string
		for _, f := range in {
			names = append(names, f.Name)
		}
		return Format{}, fmt.Errorf("unknown format %q; there are %s", name, strings.Join(names, ", "))
	}
	return in[i], nil
}
