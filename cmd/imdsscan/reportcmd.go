package main

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/imdsscan/imdsscan/report"
	"github.com/imdsscan/imdsscan/report/html"
	"github.com/spf13/pflag"
)

const reportHelp = `Usage: imdsscan report [flags] FILE...

Prints results that were saved as JSON in another format: those of check, and
for the readiness report those of preflight and monitor too. Several files are
taken together. A FILE is what --format json wrote, or - for standard input.

  imdsscan check --format json=results.json exported/
  imdsscan report results.json -f html -o readiness.html
  imdsscan report results.json preflight.json monitor.json -o readiness.html

The page of -f html is one file that asks no network: the verdict and what
blocks first, then findings by folder, owner, rule and language, the code with
its changes, clusters and pools, the metric, and what was not analysed.

The JSON holds no source files: against check itself, text lacks the time that
the scan took, and SARIF gives edits as bytes, and places in notebooks' files as
lines without columns.

Exit status
  0    printed, whatever the results say
  2    wrong usage, or a FILE that holds no results
  3    a FILE that cannot be read, or output that cannot be written

Flags
`

// reportOptions are what the flags of report say.
type reportOptions struct {
	formats        []output
	title, color   string
	switched       time.Time
	quiet, verbose bool
	files          []string
}

func parseReport(args []string) (o reportOptions, help string, err error) {
	var formats []string
	var file, switched string
	f := pflag.NewFlagSet("report", pflag.ContinueOnError)
	f.SetOutput(io.Discard)
	f.Usage = func() {}
	f.SortFlags = false
	f.StringArrayVarP(&formats, "format", "f", nil, "`NAME[=FILE]`: "+formatNames()+"; repeatable; else by the name of -o, else text")
	f.StringVarP(&file, "output", "o", "", "the `file` to write, in place of standard output")
	f.StringVar(&o.title, "title", "", "the `name` that the page bears, of the workspace say")
	f.StringVar(&switched, "switched", "", "the `time` at which enforcement was switched on, to mark it: 2026-11-24T09:00:00Z")
	f.StringVar(&o.color, "color", "auto", "auto, always or never; NO_COLOR is heeded")
	f.BoolVarP(&o.quiet, "quiet", "q", false, "text: leave out the last line")
	f.BoolVarP(&o.verbose, "verbose", "v", false, "text: list mentions, compliant requests and other clouds' endpoints too")
	if err := f.Parse(args); err != nil {
		if errors.Is(err, pflag.ErrHelp) {
			return o, reportHelp + f.FlagUsagesWrapped(80), nil
		}
		return o, "", err
	}
	o.files = f.Args()
	if switched != "" {
		if o.switched, err = time.Parse(time.RFC3339, switched); err != nil {
			return o, "", fmt.Errorf("--switched takes a time such as 2026-11-24T09:00:00Z, not %q", switched)
		}
	}
	if file != "" && len(formats) == 0 {
		formats = []string{formatByName(file)}
	}
	if o.formats, err = parseOutputs(formats); err != nil {
		return o, "", err
	}
	if len(o.formats) == 0 {
		o.formats, _ = parseOutputs([]string{"text"})
	}
	if i := slices.IndexFunc(o.formats, func(x output) bool { return x.file == "" }); file != "" {
		if i < 0 {
			return o, "", errors.New("-o has no format left to write: each has a file already")
		}
		o.formats[i].file = file
	}
	switch {
	case len(o.files) == 0:
		return o, "", errors.New("no results; give a file that check --format json wrote")
	case !slices.Contains([]string{"auto", "always", "never"}, o.color):
		return o, "", fmt.Errorf("--color is auto, always or never, not %q", o.color)
	}
	return o, "", nil
}

// formatByName is the format that a file's name asks for.
func formatByName(file string) string {
	switch strings.ToLower(filepath.Ext(file)) {
	case ".html", ".htm":
		return "html"
	case ".md", ".markdown":
		return "markdown"
	case ".json":
		return "json"
	case ".sarif":
		return "sarif"
	}
	return "text"
}

func reportCommand(_ context.Context, args []string, s streams) int {
	o, helpText, err := parseReport(args)
	if err != nil {
		return usageError(s, fmt.Errorf("%w (imdsscan report --help lists the flags)", err))
	}
	if helpText != "" {
		fmt.Fprint(s.out, helpText)
		return exitClean
	}
	var m report.Merge
	seen := map[[sha256.Size]byte]string{}
	for _, name := range o.files {
		text, err := readResults(name, s.in)
		if err != nil {
			fmt.Fprintf(s.err, "imdsscan: %s: %s\n", name, fileError(name, err).Reason)
			return exitIncomplete
		}
		sum := sha256.Sum256(text)
		if first, ok := seen[sum]; ok {
			fmt.Fprintf(s.err, "imdsscan: %s holds the same bytes as %s and is read once\n", name, first)
			continue
		}
		seen[sum] = name
		if err := m.Add(filepath.Base(name), text); err != nil {
			return usageError(s, fmt.Errorf("%s: %w", name, err))
		}
	}
	if needsCheck := func(x output) bool { return x.format.Name != html.Format.Name }; !m.Has(report.KindCheck) && slices.ContainsFunc(o.formats, needsCheck) {
		return usageError(s, errors.New("no result of check is among the files, and only -f html shows the others"))
	}
	if err := o.print(&m, s); err != nil {
		fmt.Fprintf(s.err, "imdsscan: %v\n", err)
		return exitIncomplete
	}
	return exitClean
}

func readResults(name string, stdin io.Reader) ([]byte, error) {
	if name == "-" {
		return io.ReadAll(stdin)
	}
	return os.ReadFile(name)
}

func (o *reportOptions) print(m *report.Merge, s streams) error {
	run, evidence := m.Run(), m.Evidence(o.title, o.switched)
	for _, path := range evidence.Twice {
		fmt.Fprintf(s.err, "imdsscan: %s is in more than one of the results, and counted in each\n", path)
	}
	ro := report.Options{Verbose: o.verbose, Quiet: o.quiet, Applied: m.Applied, Rules: ruleDescriptions(), Evidence: evidence}
	for _, out := range o.formats {
		if out.file == "" {
			ro.Color = colored(o.color, s.out)
			if err := out.format.Write(s.out, run, ro); err != nil {
				return err
			}
			continue
		}
		ro.Color = false
		if err := writeFile(out.file, func(w io.Writer) error { return out.format.Write(w, run, ro) }); err != nil {
			return err
		}
	}
	return nil
}
