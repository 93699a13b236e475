package report

import (
	"encoding/base64"
	"encoding/json"
	"io"
	"time"
	"unicode/utf8"

	"github.com/imdsscan/imdsscan/notebooks/span"
	"github.com/imdsscan/imdsscan/report/result"
)

// SchemaVersion is the version of the JSON format; its schema is
// docs/schema/results-v1.json. The first number grows when a reader of the old
// format would break.
const SchemaVersion = "1.3"

// KindCheck is the kind of the results of check. Results before version 1.2
// name no kind.
const KindCheck = "check"

// The types below are the JSON format. They repeat the model on purpose: the
// model may change, the format may not.
type (
	jsonRun struct {
		SchemaVersion string           `json:"schema_version"`
		Kind          string           `json:"kind"`
		Tool          jsonTool         `json:"tool"`
		Started       string           `json:"started,omitempty"`
		Applied       bool             `json:"applied"`
		Scope         *jsonScope       `json:"scope,omitempty"`
		Coverage      jsonCoverage     `json:"coverage"`
		Summary       jsonSummary      `json:"summary"`
		Files         []jsonFile       `json:"files"`
		Findings      []jsonFinding    `json:"findings"`
		Occurrences   []jsonOccurrence `json:"occurrences"`
		Problems      []jsonProblem    `json:"problems"`
		Errors        []jsonError      `json:"errors"`
		Skipped       []jsonError      `json:"skipped"`
	}
	jsonTool struct {
		Name    string `json:"name"`
		Version string `json:"version"`
	}
	// jsonScope is what of a workspace the run covers.
	jsonScope struct {
		Workspace   string   `json:"workspace"`
		User        string   `json:"user"`
		Targets     []string `json:"targets"`
		Compute     bool     `json:"compute"`
		Rules       []string `json:"rules,omitempty"`
		Without     []string `json:"without,omitempty"`
		Interrupted bool     `json:"interrupted,omitempty"`
	}
	// jsonCoverage accounts for every occurrence of the endpoint.
	jsonCoverage struct {
		Complete    bool           `json:"complete"`
		Files       int            `json:"files"`
		Cells       int            `json:"cells"`
		Bytes       int64          `json:"bytes"`
		Unread      int            `json:"unread"`
		Compliant   int            `json:"compliant_requests"`
		Occurrences map[string]int `json:"occurrences"`
	}
	jsonSummary struct {
		Findings int            `json:"findings"`
		Errors   int            `json:"errors"`
		Warnings int            `json:"warnings"`
		Notes    int            `json:"notes"`
		ByRule   map[string]int `json:"by_rule"`
		Fixes    jsonFixes      `json:"fixes"`
		Fixed    int            `json:"fixed"`
	}
	jsonFixes struct {
		Safe    int `json:"safe"`
		Unsafe  int `json:"unsafe"`
		Display int `json:"display"`
		None    int `json:"none"`
	}
	// jsonFile is what there is to say of a file beside its findings.
	jsonFile struct {
		Path       string       `json:"path"`
		Archive    string       `json:"archive,omitempty"`
		Workspace  *jsonObject  `json:"workspace,omitempty"`
		Format     string       `json:"format"`
		Language   string       `json:"language"`
		Owner      string       `json:"owner,omitempty"`
		Cells      int          `json:"cells"`
		Compliant  int          `json:"compliant_requests"`
		Changes    []jsonChange `json:"changes,omitempty"`
		Unverified []string     `json:"unverified,omitempty"`
	}
	jsonChange struct {
		Cell       int    `json:"cell,omitempty"`
		Language   string `json:"language"`
		BeforeLine int    `json:"before_line"`
		AfterLine  int    `json:"after_line"`
		Before     string `json:"before"`
		After      string `json:"after"`
	}
	jsonPosition struct {
		Line   int `json:"line"`
		Column int `json:"column"`
		Offset int `json:"offset"`
	}
	// jsonLocation has Archive where the file is a member of one.
	jsonLocation struct {
		Path    string       `json:"path"`
		Archive string       `json:"archive,omitempty"`
		Start   jsonPosition `json:"start"`
		End     jsonPosition `json:"end"`
		Cell    *jsonCell    `json:"cell,omitempty"`
	}
	jsonObject struct {
		Kind     string   `json:"kind"`
		Path     string   `json:"path,omitempty"`
		ID       string   `json:"id,omitempty"`
		Format   string   `json:"format,omitempty"`
		Language string   `json:"language,omitempty"`
		URL      string   `json:"url,omitempty"`
		Git      string   `json:"git_folder,omitempty"`
		Users    []string `json:"used_by,omitempty"`
		Local    string   `json:"local,omitempty"`
	}
	jsonCell struct {
		Number   int          `json:"number"`
		ID       string       `json:"id,omitempty"`
		Language string       `json:"language"`
		Start    jsonCellSpot `json:"start"`
		End      jsonCellSpot `json:"end"`
	}
	jsonCellSpot struct {
		Line   int `json:"line"`
		Column int `json:"column"`
	}
	jsonFinding struct {
		Rule    string `json:"rule"`
		Level   string `json:"level"`
		Message string `json:"message"`
		jsonLocation
		Workspace   *jsonObject   `json:"workspace,omitempty"`
		Excerpt     []jsonLine    `json:"excerpt,omitempty"`
		Context     *jsonContext  `json:"context,omitempty"`
		Notes       []string      `json:"notes,omitempty"`
		Related     []jsonRelated `json:"related,omitempty"`
		Fix         *jsonFix      `json:"fix,omitempty"`
		Fixed       bool          `json:"fixed"`
		Fingerprint string        `json:"fingerprint"`
	}
	jsonLine struct {
		Line      int    `json:"line"`
		Text      string `json:"text"`
		MarkStart int    `json:"mark_start"`
		MarkEnd   int    `json:"mark_end"`
		CutBefore bool   `json:"cut_before,omitempty"`
		CutAfter  bool   `json:"cut_after,omitempty"`
	}
	// jsonContext are the lines around an excerpt.
	jsonContext struct {
		Before []string `json:"before,omitempty"`
		After  []string `json:"after,omitempty"`
	}
	jsonRelated struct {
		jsonLocation
		Message string `json:"message"`
	}
	jsonFix struct {
		Applicability string     `json:"applicability"`
		Reason        string     `json:"reason,omitempty"`
		Summary       string     `json:"summary"`
		Edits         []jsonEdit `json:"edits,omitempty"`
		Example       string     `json:"example,omitempty"`
	}
	// jsonEdit has New64 in place of New when the text is not valid UTF-8.
	jsonEdit struct {
		Start int    `json:"start"`
		End   int    `json:"end"`
		New   string `json:"new"`
		New64 string `json:"new_base64,omitempty"`
	}
	jsonOccurrence struct {
		Class string `json:"class"`
		Why   string `json:"why,omitempty"`
		jsonLocation
		// Excerpt is the line of an unexplained occurrence.
		Excerpt []jsonLine `json:"excerpt,omitempty"`
	}
	jsonProblem struct {
		jsonLocation
		Reason string `json:"reason"`
	}
	jsonError struct {
		Path    string `json:"path"`
		Archive string `json:"archive,omitempty"`
		Reason  string `json:"reason"`
	}
)

// JSON prints everything, for programs.
func JSON(w io.Writer, run *result.Run, o Options) error {
	out := jsonRun{
		SchemaVersion: SchemaVersion,
		Kind:          KindCheck,
		Tool:          jsonTool{run.Tool.Name, run.Tool.Version},
		Applied:       o.Applied,
		Coverage:      coverageOf(run),
		Summary:       summaryOf(run.Counts, o.Applied),
		// Empty lists are printed as lists, so that a reader need not ask.
		Files: []jsonFile{}, Findings: []jsonFinding{}, Occurrences: []jsonOccurrence{}, Problems: []jsonProblem{}, Errors: []jsonError{}, Skipped: []jsonError{},
	}
	if !run.Started.IsZero() {
		out.Started = run.Started.UTC().Format(time.RFC3339)
	}
	if run.Scope != nil {
		out.Scope = (*jsonScope)(run.Scope)
	}
	for i := range run.Files {
		f := &run.Files[i]
		out.Files = append(out.Files, fileOf(f))
		for j := range f.Findings {
			out.Findings = append(out.Findings, findingOf(f, &f.Findings[j], o.Applied))
		}
		for _, oc := range f.Occurrences {
			out.Occurrences = append(out.Occurrences, occurrenceOf(f, oc))
		}
		for _, p := range f.Problems {
			out.Problems = append(out.Problems, jsonProblem{locationOf(f, p.Location), p.Reason})
		}
	}
	for _, e := range run.Errors {
		out.Errors = append(out.Errors, jsonError(e))
	}
	for _, e := range run.Skipped {
		out.Skipped = append(out.Skipped, jsonError(e))
	}
	return writeJSON(w, out)
}

func writeJSON(w io.Writer, v any) error {
	enc := json.NewEncoder(w)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	return enc.Encode(v)
}

func coverageOf(run *result.Run) jsonCoverage {
	c := run.Counts
	classes := map[string]int{}
	for _, k := range result.Classes {
		classes[string(k)] = c.Occurrences[k]
	}
	return jsonCoverage{Complete: run.Complete(), Files: c.Files, Cells: c.Cells, Bytes: c.Bytes,
		Unread: len(run.Errors) + c.Problems, Compliant: c.Compliant, Occurrences: classes}
}

func summaryOf(c result.Counts, applied bool) jsonSummary {
	if !applied {
		c.Fixed = 0
	}
	rules := map[string]int{}
	for k, n := range c.Findings {
		rules[k] = n
	}
	return jsonSummary{Findings: c.Total(), Errors: c.Errors, Warnings: c.Warnings, Notes: c.Notes, ByRule: rules,
		Fixes: jsonFixes{c.Safe, c.Unsafe, c.Display, c.NoFix}, Fixed: c.Fixed}
}

func fileOf(f *result.File) jsonFile {
	out := jsonFile{Path: f.Path, Archive: f.Archive, Workspace: objectOf(f.Object), Format: string(f.Format), Language: string(f.Language), Owner: OwnerOf(f.Path),
		Cells: f.Cells, Compliant: f.Compliant, Unverified: f.Unverified}
	for _, c := range f.Changes {
		out.Changes = append(out.Changes, jsonChange{c.Cell, string(c.Language), c.BeforeLine, c.AfterLine, c.Before, c.After})
	}
	return out
}

func occurrenceOf(f *result.File, oc result.Occurrence) jsonOccurrence {
	out := jsonOccurrence{Class: string(oc.Class), Why: oc.Why, jsonLocation: locationOf(f, oc.Location)}
	if oc.Class == result.Unexplained && len(oc.Excerpt) > 0 {
		out.Excerpt = linesOf(oc.Excerpt[:1])
	}
	return out
}

func linesOf(lines []result.Line) []jsonLine {
	var out []jsonLine
	for _, l := range lines {
		out = append(out, jsonLine{l.Number, l.Text, l.Mark.Start, l.Mark.End, l.Before, l.After})
	}
	return out
}

func locationOf(f *result.File, l result.Location) jsonLocation {
	out := jsonLocation{Path: f.Path, Archive: f.Archive,
		Start: jsonPosition{l.Start.Line, l.Start.Column, l.Raw.Start},
		End:   jsonPosition{l.End.Line, l.End.Column, l.Raw.End}}
	if c := l.Cell; c != nil {
		out.Cell = &jsonCell{c.Number, c.ID, string(c.Language), jsonCellSpot(c.Start), jsonCellSpot(c.End)}
	}
	return out
}

func objectOf(o *result.Object) *jsonObject {
	if o == nil {
		return nil
	}
	return &jsonObject{o.Kind, o.Path, o.ID, o.Format, o.Language, o.URL, o.Git, o.Users, o.Local}
}

func findingOf(f *result.File, fd *result.Finding, applied bool) jsonFinding {
	out := jsonFinding{Rule: fd.Rule, Level: string(fd.Level), Message: fd.Message,
		jsonLocation: locationOf(f, fd.Location), Workspace: objectOf(f.Object), Notes: fd.Notes, Fixed: applied && fd.Fixed, Fingerprint: fd.Fingerprint}
	out.Excerpt = linesOf(fd.Excerpt)
	if c := jsonContext(fd.Context); len(c.Before)+len(c.After) > 0 {
		out.Context = &c
	}
	for _, r := range fd.Related {
		out.Related = append(out.Related, jsonRelated{locationOf(r.In(f), r.Location), r.Message})
	}
	if x := fd.Fix; x != nil {
		out.Fix = &jsonFix{Applicability: string(x.Applicability), Reason: x.Reason, Summary: x.Summary, Example: x.Example}
		for _, e := range x.Edits {
			out.Fix.Edits = append(out.Fix.Edits, editOf(e))
		}
	}
	return out
}

func editOf(e span.Edit) jsonEdit {
	out := jsonEdit{Start: e.Start, End: e.End, New: e.New}
	if !utf8.ValidString(e.New) {
		out.New, out.New64 = "", base64.StdEncoding.EncodeToString([]byte(e.New))
	}
	return out
}
