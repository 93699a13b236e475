package report

import (
	"fmt"
	"io"
	"net/url"
	"path"
	"strings"
	"unicode/utf8"

	"github.com/imdsscan/imdsscan/report/result"
)

// SARIF prints SARIF 2.1.0 as code scanning and editors take it. Findings that
// a --fix has removed are left out; what could not be read is a notification,
// because a result needs a place in a file.
func SARIF(w io.Writer, run *result.Run, o Options) error {
	rules, index := sarifRules(run, o)
	out := sarifRun{
		Tool: sarifTool{Driver: sarifDriver{Name: run.Tool.Name, Version: run.Tool.Version,
			SemanticVersion: semver(run.Tool.Version), InformationURI: run.Tool.URI, Rules: rules}},
		AutomationDetails: &sarifAutomation{ID: run.Tool.Name + "/"},
		ColumnKind:        "utf16CodeUnits",
		Invocations:       []sarifInvocation{{ExecutionSuccessful: run.Complete(), Notifications: sarifNotifications(run)}},
		Results:           []sarifResult{},
	}
	for i := range run.Files {
		f := &run.Files[i]
		cols := newColumns(f.Source)
		for j := range f.Findings {
			if fd := &f.Findings[j]; !(o.Applied && fd.Fixed) {
				out.Results = append(out.Results, sarifResultOf(f, fd, cols, index[fd.Rule]))
			}
		}
	}
	return writeJSON(w, sarifLog{Schema: sarifSchema, Version: "2.1.0", Runs: []sarifRun{out}})
}

// sarifRules describes the rules known to the run, and any other that a
// finding names.
func sarifRules(run *result.Run, o Options) ([]sarifRule, map[string]int) {
	rules := []sarifRule{}
	index := map[string]int{}
	add := func(r Rule) {
		index[r.ID] = len(rules)
		rules = append(rules, sarifRule{ID: r.ID, Name: r.Name,
			ShortDescription: sarifText{Text: r.Title}, FullDescription: sarifText{Text: r.Title},
			Help:                 sarifText{Text: r.Help, Markdown: r.Markdown},
			DefaultConfiguration: sarifConfig{Level: string(r.Level)},
			Properties:           sarifRuleProps{Tags: r.Tags, Precision: "high"}})
	}
	for _, r := range o.Rules {
		add(r)
	}
	for i := range run.Files {
		for _, fd := range run.Files[i].Findings {
			if _, ok := index[fd.Rule]; !ok {
				add(Rule{ID: fd.Rule, Name: fd.Rule, Title: fd.Rule, Help: fd.Rule, Level: fd.Level})
			}
		}
	}
	return rules, index
}

func sarifResultOf(f *result.File, fd *result.Finding, cols *columns, rule int) sarifResult {
	out := sarifResult{RuleID: fd.Rule, RuleIndex: rule, Level: string(fd.Level),
		Locations:           []sarifLocation{sarifLocationOf(f, fd.Location, cols)},
		PartialFingerprints: map[string]string{"imdsscan/v1": fd.Fingerprint}}
	text := linkSafe(fd.Message)
	if f.Archive != "" {
		text += ". In " + linkSafe(f.Path)
		if c := fd.Cell; c != nil {
			text += fmt.Sprintf(", cell %d, line %d", c.Number, c.Start.Line)
		} else {
			text += fmt.Sprintf(", line %d", fd.Start.Line)
		}
	}
	for _, n := range fd.Notes {
		text += ". " + linkSafe(n)
	}
	for i, r := range fd.Related {
		// Viewers show a related place only when the message links to it.
		text += fmt.Sprintf(". [%s](%d)", linkText(r.Message), i+1)
		in := cols
		if r.Path != "" {
			in = newColumns(r.Source)
		}
		loc := sarifLocationOf(r.In(f), r.Location, in)
		loc.ID, loc.Message = i+1, &sarifText{Text: r.Message}
		out.RelatedLocations = append(out.RelatedLocations, loc)
	}
	out.Message = sarifText{Text: text}
	if f.Object != nil {
		out.Properties = &sarifResultProps{Workspace: objectOf(f.Object)}
	}
	if x := fd.Fix; x != nil {
		if out.Properties == nil {
			out.Properties = &sarifResultProps{}
		}
		out.Properties.Applicability, out.Properties.Reason = string(x.Applicability), x.Reason
		if fix, ok := sarifFixOf(f, x, cols); ok {
			out.Fixes = []sarifFix{fix}
		}
	}
	return out
}

// sarifFixOf is the fix for viewers that apply fixes; only those that a person
// may apply, and whose text JSON can hold.
func sarifFixOf(f *result.File, x *result.Fix, cols *columns) (sarifFix, bool) {
	if x.Applicability == result.Display || len(x.Edits) == 0 || f.Archive != "" || f.Remote() {
		return sarifFix{}, false
	}
	change := sarifChange{ArtifactLocation: sarifArtifact{URI: uri(f.OnDisk())}}
	for _, e := range x.Edits {
		if !utf8.ValidString(e.New) {
			return sarifFix{}, false
		}
		change.Replacements = append(change.Replacements, sarifReplacement{
			DeletedRegion: cols.replaced(e.Span), InsertedContent: sarifContent{Text: e.New}})
	}
	text := x.Summary
	if x.Reason != "" {
		text += " (" + x.Reason + ")"
	}
	return sarifFix{Description: sarifText{Text: text}, ArtifactChanges: []sarifChange{change}}, true
}

// sarifLocationOf is a place. That of a file in an archive is the archive's
// first line, for there is no other file to show, and the file by its name.
func sarifLocationOf(f *result.File, l result.Location, cols *columns) sarifLocation {
	out := sarifLocation{PhysicalLocation: &sarifPhysical{ArtifactLocation: sarifArtifact{URI: uri(f.OnDisk())},
		Region: cols.region(l)}}
	if f.Object != nil && f.Object.Local != "" {
		out.LogicalLocations = []sarifLogical{{Name: path.Base(f.Path), FullyQualifiedName: f.Path, Kind: "module"}}
	}
	if f.Archive != "" {
		out.PhysicalLocation = &sarifPhysical{ArtifactLocation: sarifArtifact{URI: uri(f.OnDisk())},
			Region: &sarifRegion{StartLine: 1, EndLine: 1}}
		out.LogicalLocations = []sarifLogical{{Name: path.Base(f.Path), FullyQualifiedName: f.Path, Kind: "module"}}
	}
	if c := l.Cell; c != nil {
		name := fmt.Sprintf("cell %d", c.Number)
		out.LogicalLocations = []sarifLogical{{Name: name, FullyQualifiedName: f.Path + "/" + name, Kind: "module"}}
		out.Properties = &sarifCellProps{Cell: c.Number, ID: c.ID, Language: string(c.Language),
			Line: c.Start.Line, Column: c.Start.Column}
	}
	return out
}

func sarifNotifications(run *result.Run) []sarifNotification {
	var out []sarifNotification
	add := func(level, id, name, archive, text string, r *sarifRegion) {
		if archive != "" {
			name, text, r = archive, name+": "+text, nil
		}
		out = append(out, sarifNotification{Level: level, Message: sarifText{Text: text},
			Descriptor: sarifDescriptor{ID: id},
			Locations: []sarifLocation{{PhysicalLocation: &sarifPhysical{
				ArtifactLocation: sarifArtifact{URI: uri(name)}, Region: r}}}})
	}
	for _, e := range run.Errors {
		add("error", "not-read", e.Path, e.Archive, e.Reason, nil)
	}
	for i := range run.Files {
		f := &run.Files[i]
		for _, p := range f.Problems {
			add("error", "not-read", onDisk(f), f.Archive, p.Reason, lineRegion(p.Location))
		}
		for _, oc := range f.Occurrences {
			if oc.Class == result.Unexplained {
				add("note", "unexplained", onDisk(f), f.Archive, "the metadata endpoint is written here and its use is not understood",
					lineRegion(oc.Location))
			}
		}
	}
	return out
}

// onDisk is the name of a file in a notification: that of a member says in which
// archive it is.
func onDisk(f *result.File) string {
	if f.Archive != "" {
		return f.Path
	}
	return f.OnDisk()
}

// lineRegion is a place by lines only: the source may not be at hand to count
// columns in.
func lineRegion(l result.Location) *sarifRegion {
	return &sarifRegion{StartLine: l.Start.Line, EndLine: l.End.Line}
}

// linkSafe keeps text from files from becoming a link in a message.
func linkSafe(s string) string {
	if strings.Contains(s, "](") {
		return linkText(s)
	}
	return s
}

var linkEscapes = strings.NewReplacer(`\`, `\\`, "[", `\[`, "]", `\]`)

func linkText(s string) string { return linkEscapes.Replace(s) }

// uri is a file name as a URI reference: relative and without "./" where the
// name is relative.
func uri(name string) string {
	// What is in a workspace has a scheme of its own.
	if p, ok := strings.CutPrefix(name, "workspace:/"); ok {
		return "workspace:" + (&url.URL{Path: "/" + p}).EscapedPath()
	}
	name = path.Clean(strings.ReplaceAll(name, `\`, "/"))
	if path.IsAbs(name) {
		return (&url.URL{Scheme: "file", Path: name}).String()
	}
	u := (&url.URL{Path: name}).EscapedPath()
	// A colon in the first segment would read as a scheme.
	if first, rest, ok := strings.Cut(u, "/"); ok {
		return strings.ReplaceAll(first, ":", "%3A") + "/" + rest
	}
	return strings.ReplaceAll(u, ":", "%3A")
}

// semver is the version where it is a semantic one, else empty.
func semver(v string) string {
	v = strings.TrimPrefix(v, "v")
	if strings.Count(strings.SplitN(v, "-", 2)[0], ".") == 2 {
		return v
	}
	return ""
}
