package report

import (
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/imdsscan/imdsscan/notebooks"
	"github.com/imdsscan/imdsscan/notebooks/span"
	"github.com/imdsscan/imdsscan/report/result"
)

// KindOf tells what a JSON file holds by its kind and the version of its
// schema. The error says in words why it is none that this version reads.
func KindOf(text []byte) (string, error) {
	if len(strings.TrimSpace(string(text[:min(len(text), 4096)]))) == 0 && len(text) <= 4096 {
		return "", errors.New("the file is empty")
	}
	var head struct {
		Version *string `json:"schema_version"`
		Kind    string  `json:"kind"`
		Tool    struct {
			Name string `json:"name"`
		} `json:"tool"`
	}
	if err := json.Unmarshal(text, &head); err != nil {
		return "", notJSON(err)
	}
	if head.Version == nil {
		return "", errors.New("not a result of imdsscan: it has no schema_version")
	}
	if major, _, _ := strings.Cut(*head.Version, "."); major != "1" {
		return "", fmt.Errorf("schema_version %.20q is not known; this version of imdsscan reads 1.x", *head.Version)
	}
	if head.Kind == "" && head.Tool.Name == "imdsscan" {
		return KindCheck, nil
	}
	return head.Kind, nil
}

// notJSON says where the text stops to be JSON.
func notJSON(err error) error {
	if bad := (*json.SyntaxError)(nil); errors.As(err, &bad) {
		return fmt.Errorf("not JSON: at byte %d: %w", bad.Offset, err)
	}
	return fmt.Errorf("not a result of imdsscan: %w", err)
}

// Read is the run that JSON has printed, and whether it wrote its fixes. What
// the format does not hold stays empty: the bytes of the files, and how long
// the run took.
func Read(text []byte) (run *result.Run, applied bool, err error) {
	var in jsonRun
	if err := json.Unmarshal(text, &in); err != nil {
		return nil, false, notJSON(err)
	}
	r := reader{byName: map[string]int{}}
	r.run.Tool = result.Tool{Name: in.Tool.Name, Version: in.Tool.Version}
	r.run.Counts = result.Counts{Files: in.Coverage.Files, Cells: in.Coverage.Cells, Bytes: in.Coverage.Bytes}
	if in.Started != "" {
		if r.run.Started, err = time.Parse(time.RFC3339, in.Started); err != nil {
			return nil, false, fmt.Errorf("started: %w", err)
		}
	}
	r.run.Scope = (*result.Scope)(in.Scope)
	if err := r.fill(&in); err != nil {
		return nil, false, err
	}
	r.run.Tally()
	if len(in.Files) == 0 { // before 1.2 no file was listed
		r.run.Counts.Compliant = in.Coverage.Compliant
	}
	return &r.run, in.Applied, nil
}

// reader puts the lists of the JSON back into files.
type reader struct {
	run    result.Run
	byName map[string]int
}

// file is the file of that name. It is only valid until the next one is made.
func (r *reader) file(path, archive string) *result.File {
	i, ok := r.byName[path]
	if !ok {
		i = len(r.run.Files)
		r.byName[path] = i
		r.run.Files = append(r.run.Files, result.File{Path: path, Archive: archive, Format: notebooks.Plain, Language: notebooks.Text})
	}
	return &r.run.Files[i]
}

func (r *reader) fill(in *jsonRun) error {
	for _, x := range in.Files {
		f := r.file(x.Path, x.Archive)
		if o := x.Workspace; o != nil {
			f.Object = &result.Object{Kind: o.Kind, Path: o.Path, ID: o.ID, Format: o.Format, Language: o.Language, URL: o.URL, Git: o.Git, Users: o.Users, Local: o.Local}
		}
		f.Format, f.Language, f.Cells, f.Compliant, f.Unverified = notebooks.Format(x.Format), notebooks.Language(x.Language), x.Cells, x.Compliant, x.Unverified
		for _, c := range x.Changes {
			f.Changes = append(f.Changes, result.Change{Cell: c.Cell, Language: notebooks.Language(c.Language),
				BeforeLine: max(1, c.BeforeLine), AfterLine: max(1, c.AfterLine), Before: c.Before, After: c.After})
		}
	}
	for i := range in.Findings {
		fd, err := readFinding(&in.Findings[i])
		if err != nil {
			return fmt.Errorf("finding %d: %w", i+1, err)
		}
		f := r.file(in.Findings[i].Path, in.Findings[i].Archive)
		f.Findings = append(f.Findings, fd)
	}
	for i, x := range in.Occurrences {
		class := result.Class(x.Class)
		if !slices.Contains(result.Classes, class) {
			return fmt.Errorf("occurrence %d: there is no class %.40q", i+1, x.Class)
		}
		loc := readLocation(x.jsonLocation)
		loc.Excerpt = readLines(x.Excerpt)
		f := r.file(x.Path, x.Archive)
		f.Occurrences = append(f.Occurrences, result.Occurrence{Location: loc, Class: class, Why: x.Why})
	}
	for _, x := range in.Problems {
		f := r.file(x.Path, x.Archive)
		f.Problems = append(f.Problems, result.Problem{Location: readLocation(x.jsonLocation), Reason: x.Reason})
	}
	for _, x := range in.Errors {
		r.run.Errors = append(r.run.Errors, result.FileError(x))
	}
	for _, x := range in.Skipped {
		r.run.Skipped = append(r.run.Skipped, result.FileError(x))
	}
	return nil
}

var ruleID = regexp.MustCompile(`^IMDS[0-9]{3}$`)

func readFinding(x *jsonFinding) (result.Finding, error) {
	fd := result.Finding{Location: readLocation(x.jsonLocation), Rule: x.Rule, Level: result.Level(x.Level), Message: x.Message,
		Notes: x.Notes, Fixed: x.Fixed, Fingerprint: x.Fingerprint}
	if !ruleID.MatchString(x.Rule) {
		return fd, fmt.Errorf("%.40q is no rule", x.Rule)
	}
	if !slices.Contains([]result.Level{result.Error, result.Warning, result.Note}, fd.Level) {
		return fd, fmt.Errorf("there is no level %.40q", x.Level)
	}
	fd.Excerpt = readLines(x.Excerpt)
	if x.Context != nil {
		fd.Context = result.Context(*x.Context)
	}
	for _, rel := range x.Related {
		out := result.Related{Location: readLocation(rel.jsonLocation), Message: rel.Message}
		if rel.Path != x.Path {
			out.Path, out.Archive = rel.Path, rel.Archive
		}
		fd.Related = append(fd.Related, out)
	}
	var err error
	fd.Fix, err = readFix(x.Fix)
	return fd, err
}

func readFix(x *jsonFix) (*result.Fix, error) {
	if x == nil {
		return nil, nil
	}
	out := &result.Fix{Applicability: result.Applicability(x.Applicability), Reason: x.Reason, Summary: x.Summary, Example: x.Example}
	if !slices.Contains([]result.Applicability{result.Safe, result.Unsafe, result.Display}, out.Applicability) {
		return nil, fmt.Errorf("there is no applicability %.40q", x.Applicability)
	}
	for _, e := range x.Edits {
		text := e.New
		if e.New64 != "" {
			b, err := base64.StdEncoding.DecodeString(e.New64)
			if err != nil {
				return nil, fmt.Errorf("new_base64: %w", err)
			}
			text = string(b)
		}
		out.Edits = append(out.Edits, span.Edit{Span: span.Span{Start: e.Start, End: max(e.Start, e.End)}, New: text})
	}
	return out, nil
}

func readLocation(x jsonLocation) result.Location {
	out := result.Location{Raw: span.Span{Start: max(0, x.Start.Offset), End: max(0, x.Start.Offset, x.End.Offset)},
		Start: result.Position{Line: max(1, x.Start.Line), Column: max(1, x.Start.Column)},
		End:   result.Position{Line: max(1, x.End.Line), Column: max(1, x.End.Column)}}
	if c := x.Cell; c != nil {
		out.Cell = &result.CellPos{Number: c.Number, ID: c.ID, Language: notebooks.Language(c.Language),
			Start: result.Position(c.Start), End: result.Position(c.End)}
	}
	return out
}

// readLines are the lines with marks that lie in them, whatever the file says.
func readLines(lines []jsonLine) []result.Line {
	var out []result.Line
	for _, l := range lines {
		start := within(l.Text, l.MarkStart)
		out = append(out, result.Line{Number: l.Line, Text: l.Text, Before: l.CutBefore, After: l.CutAfter,
			Mark: span.Span{Start: start, End: max(start, within(l.Text, l.MarkEnd))}})
	}
	return out
}

// within is the offset moved into the text, and before the character it is in.
func within(text string, off int) int {
	off = max(0, min(off, len(text)))
	for off > 0 && off < len(text) && !utf8.RuneStart(text[off]) {
		off--
	}
	return off
}
