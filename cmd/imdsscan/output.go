package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"

	"github.com/imdsscan/imdsscan/report"
	"github.com/imdsscan/imdsscan/report/html"
	"github.com/imdsscan/imdsscan/report/result"
	"github.com/mattn/go-isatty"
)

// allFormats are all formats, in the order help lists them.
var allFormats = append(slices.Clone(report.Formats), html.Format)

func formatNames() string {
	var names []string
	for _, f := range allFormats {
		names = append(names, f.Name)
	}
	last := len(names) - 1
	return strings.Join(names[:last], ", ") + " or " + names[last]
}

// output is a format and the file it goes to, empty for standard output.
type output struct {
	format report.Format
	file   string
}

func parseOutputs(args []string) ([]output, error) {
	var out []output
	stdout := 0
	for _, a := range args {
		name, file, toFile := strings.Cut(a, "=")
		f, err := report.Find(name, allFormats)
		if err != nil {
			return nil, fmt.Errorf("--format: %w", err)
		}
		if toFile && file == "" {
			return nil, fmt.Errorf("--format %s: the file's name is missing", a)
		}
		if file == "" {
			stdout++
		}
		out = append(out, output{f, file})
	}
	if stdout > 1 {
		return nil, fmt.Errorf("two formats go to standard output; give --format a file: NAME=FILE")
	}
	return out, nil
}

// printRun writes the results: formats to their files, then what goes to standard
// output. Results never go to standard error; the summary does where standard
// output is a diff or a fixed file.
func printRun(o *options, run *result.Run, s streams) error {
	ro := report.Options{Verbose: o.verbose, Quiet: o.quiet, Applied: o.fix, Rules: ruleDescriptions(),
		Evidence: report.Evidence{Sources: []report.Source{{Kind: report.KindCheck, Version: run.Tool.Version, Started: run.Started}}}}
	stdout := []output{}
	for _, out := range o.formats {
		if out.file == "" {
			stdout = append(stdout, out)
			continue
		}
		if err := writeFile(out.file, func(w io.Writer) error { return out.format.Write(w, run, ro) }); err != nil {
			return err
		}
	}
	switch {
	case o.diff:
		if err := report.Diff(s.out, run); err != nil {
			return err
		}
		return printAside(o, run, s, ro)
	case o.fix && o.targets[0] == "-":
		ro.Color = colored(o.color, s.err)
		return report.Text(s.err, run, ro)
	case len(stdout) == 0:
		ro.Color = colored(o.color, s.out)
		return report.Text(s.out, run, ro)
	}
	return stdout[0].format.Write(s.out, run, ro)
}

// printAside tells beside a diff what the diff does not show.
func printAside(o *options, run *result.Run, s streams, ro report.Options) error {
	for _, e := range run.Errors {
		fmt.Fprintf(s.err, "imdsscan: %s: %s\n", e.Path, e.Reason)
	}
	for _, f := range run.Files {
		for _, p := range f.Problems {
			fmt.Fprintf(s.err, "imdsscan: %s:%d:%d: %s\n", f.Path, p.Start.Line, p.Start.Column, p.Reason)
		}
	}
	for i := range run.Files {
		if f := &run.Files[i]; f.Remote() && f.Fixed != nil {
			fmt.Fprintln(s.err, "imdsscan: the diffs show what would change in the workspace, for review; nothing was changed")
			break
		}
	}
	for _, name := range fixedArchives(run) {
		fmt.Fprintf(s.err, "imdsscan: %s: its diffs show the cells that change, for review; git apply cannot make them, --fix rewrites the archive\n", name)
	}
	if o.quiet {
		return nil
	}
	ro.Color = colored(o.color, s.err)
	return report.Summary(s.err, run, ro)
}

// fixedArchives are the archives of which a member has fixes.
func fixedArchives(run *result.Run) []string {
	var out []string
	for _, f := range run.Files {
		if f.Archive != "" && f.Fixed != nil && !slices.Contains(out, f.Archive) {
			out = append(out, f.Archive)
		}
	}
	return out
}

// validFormats checks --format of a command that has formats of its own: the
// first of names, the default, is text.
func validFormats(formats []string, names ...string) error {
	stdout := 0
	for _, f := range formats {
		name, file, toFile := strings.Cut(f, "=")
		switch {
		case !slices.Contains(names, name):
			last := len(names) - 1
			return fmt.Errorf("--format is %s or %s, not %q", strings.Join(names[:last], ", "), names[last], name)
		case toFile && file == "":
			return fmt.Errorf("--format %s: the file's name is missing", f)
		case !toFile:
			stdout++
		}
	}
	if stdout > 1 {
		return errors.New("two formats go to standard output; give --format a file: NAME=FILE")
	}
	return nil
}

// printFormats writes a result in each format: to its file, or to standard
// output, where it is text if no other goes there.
func printFormats(formats []string, stdout io.Writer, write func(w io.Writer, name string, toFile bool) error) error {
	onStdout := "text"
	for _, f := range formats {
		name, file, toFile := strings.Cut(f, "=")
		if !toFile {
			onStdout = name
			continue
		}
		if err := writeFile(file, func(w io.Writer) error { return write(w, name, true) }); err != nil {
			return err
		}
	}
	return write(stdout, onStdout, false)
}

func writeFile(name string, write func(io.Writer) error) error {
	f, err := os.Create(name)
	if err != nil {
		return err
	}
	w := bufio.NewWriter(f)
	err = write(w)
	if e := w.Flush(); err == nil {
		err = e
	}
	if e := f.Close(); err == nil {
		err = e
	}
	return err
}

// colored decides on colour: as asked, else on a terminal unless NO_COLOR or
// TERM say otherwise.
func colored(when string, w io.Writer) bool {
	switch when {
	case "always":
		return true
	case "never":
		return false
	}
	return os.Getenv("NO_COLOR") == "" && os.Getenv("TERM") != "dumb" && isTerminal(w)
}

func isTerminal(w io.Writer) bool {
	f, ok := w.(*os.File)
	return ok && isatty.IsTerminal(f.Fd())
}

func exitCode(ctx context.Context, o *options, run *result.Run) int {
	switch {
	case ctx.Err() != nil:
		return exitInterrupted
	case !run.Complete():
		return exitIncomplete
	case o.exitZero || !fails(o, run):
		return exitClean
	}
	return exitFindings
}

// fails reports whether the run is a failure by the contract: with --diff when
// there are changes, else when findings are left at or over --fail-on.
func fails(o *options, run *result.Run) bool {
	for i := range run.Files {
		f := &run.Files[i]
		if o.diff {
			if f.Fixed != nil {
				return true
			}
			continue
		}
		for j := range f.Findings {
			fd := &f.Findings[j]
			left := !(o.fix && fd.Fixed) && fd.Level != result.Note
			if left && (o.failOn == "warning" || o.failOn == "error" && fd.Level == result.Error) {
				return true
			}
		}
	}
	return false
}
