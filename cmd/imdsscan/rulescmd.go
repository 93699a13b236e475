package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/imdsscan/imdsscan/report"
	"github.com/imdsscan/imdsscan/report/result"
	"github.com/imdsscan/imdsscan/rules"
	"github.com/spf13/pflag"
)

//go:generate sh -c "go run . rules --format markdown > ../../RULES.md"

const rulesHelp = `Usage: imdsscan rules [flags] [ID]

Lists the rules; with an ID, says why the rule exists, what to do, and shows
code it reports beside code that is well.

Flags
`

func rulesCommand(_ context.Context, args []string, s streams) int {
	flags := pflag.NewFlagSet("rules", pflag.ContinueOnError)
	flags.SetOutput(io.Discard)
	flags.Usage = func() {}
	format := flags.String("format", "text", "text, json or markdown")
	err := flags.Parse(args)
	if errors.Is(err, pflag.ErrHelp) {
		fmt.Fprint(s.out, rulesHelp, flags.FlagUsages())
		return exitClean
	}
	if err != nil {
		return usageError(s, err)
	}
	list := rules.All()
	switch flags.NArg() {
	case 0:
	case 1:
		r := rules.Get(strings.ToUpper(flags.Arg(0)))
		if r == nil {
			return usageError(s, fmt.Errorf("there is no rule %q; imdsscan rules lists them", flags.Arg(0)))
		}
		list = []*rules.Rule{r}
	default:
		return usageError(s, errors.New("rules takes one ID"))
	}
	switch *format {
	case "text":
		if flags.NArg() == 0 {
			listRules(s.out, list)
		} else {
			explainRule(s.out, list[0])
		}
	case "json":
		return printRulesJSON(s, list)
	case "markdown":
		rulesMarkdown(s.out, list)
	default:
		return usageError(s, fmt.Errorf("--format is text, json or markdown, not %q", *format))
	}
	return exitClean
}

func listRules(w io.Writer, list []*rules.Rule) {
	for _, r := range list {
		fmt.Fprintf(w, "%s  %-7s  %s\n", r.ID, r.Level, r.Title)
	}
}

func explainRule(w io.Writer, r *rules.Rule) {
	fmt.Fprintf(w, "%s %s (%s)\n%s\n\n%s\n%s\n", r.ID, r.Name, r.Level, r.Title, r.Rationale, r.Remedy)
	for _, e := range r.Examples {
		fmt.Fprintf(w, "Reported (%s):\n%s", e.Language, indent(e.Bad))
		if e.Good != "" {
			fmt.Fprintf(w, "Well:\n%s", indent(e.Good))
		}
		fmt.Fprintln(w)
	}
	fmt.Fprintf(w, "Source: %s\n", r.Source)
}

func indent(code string) string {
	var sb strings.Builder
	for line := range strings.Lines(strings.TrimRight(code, "\n") + "\n") {
		sb.WriteString(strings.TrimRight("    "+line, " \n") + "\n")
	}
	return sb.String()
}

func printRulesJSON(s streams, list []*rules.Rule) int {
	type example struct {
		Language string `json:"language"`
		Bad      string `json:"bad"`
		Good     string `json:"good,omitempty"`
	}
	type rule struct {
		ID        string    `json:"id"`
		Name      string    `json:"name"`
		Level     string    `json:"level"`
		Title     string    `json:"title"`
		Rationale string    `json:"rationale"`
		Remedy    string    `json:"remedy"`
		Source    string    `json:"source"`
		Examples  []example `json:"examples"`
	}
	out := []rule{}
	for _, r := range list {
		x := rule{r.ID, r.Name, string(r.Level), r.Title, r.Rationale, r.Remedy, r.Source, []example{}}
		for _, e := range r.Examples {
			x.Examples = append(x.Examples, example(e))
		}
		out = append(out, x)
	}
	enc := json.NewEncoder(s.out)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	if err := enc.Encode(out); err != nil {
		fmt.Fprintf(s.err, "imdsscan: %v\n", err)
		return exitIncomplete
	}
	return exitClean
}

// rulesMarkdown is RULES.md.
func rulesMarkdown(w io.Writer, list []*rules.Rule) {
	fmt.Fprint(w, "# Rules\n\n<!-- Generated from rules/rules.yaml: go generate ./cmd/imdsscan -->\n\n| rule | level | |\n|---|---|---|\n")
	for _, r := range list {
		fmt.Fprintf(w, "| [%s](#%s) | %s | %s |\n", r.ID, strings.ToLower(r.ID), r.Level, r.Title)
	}
	for _, r := range list {
		fmt.Fprintf(w, "\n## %s\n\n**%s** · `%s` · %s\n\n%s", r.ID, r.Title, r.Name, r.Level, ruleText(r))
	}
}

// ruleText is what there is to say of a rule, as Markdown.
func ruleText(r *rules.Rule) string {
	var sb strings.Builder
	fmt.Fprintf(&sb, "%s\n\n%s\n", strings.TrimSpace(r.Rationale), strings.TrimSpace(r.Remedy))
	for _, e := range r.Examples {
		fmt.Fprintf(&sb, "\nReported:\n\n```%s\n%s\n```\n", e.Language, strings.TrimRight(e.Bad, "\n"))
		if e.Good != "" {
			fmt.Fprintf(&sb, "\nWell:\n\n```%s\n%s\n```\n", e.Language, strings.TrimRight(e.Good, "\n"))
		}
	}
	fmt.Fprintf(&sb, "\nSource: <%s>\n", r.Source)
	return sb.String()
}

// describeRule is the rule for reports that carry descriptions along.
func describeRule(r *rules.Rule) report.Rule {
	return report.Rule{ID: r.ID, Name: camelCase(r.Name), Title: r.Title, Level: result.Level(r.Level),
		Help:     strings.TrimSpace(r.Rationale) + "\n\n" + strings.TrimSpace(r.Remedy),
		Markdown: ruleText(r), Tags: []string{"aws", "imdsv2", "databricks"}}
}

// camelCase writes a name with dashes as SARIF wants names.
func camelCase(name string) string {
	var sb strings.Builder
	for part := range strings.SplitSeq(name, "-") {
		if part != "" {
			sb.WriteString(strings.ToUpper(part[:1]) + part[1:])
		}
	}
	return sb.String()
}
