package preflight

import (
	"fmt"
	"slices"
	"strings"

	"github.com/imdsscan/imdsscan/report"
	"github.com/imdsscan/imdsscan/report/result"
	"github.com/imdsscan/imdsscan/workspace"
)

// defined are the kinds of objects that are configured, not written.
var defined = []string{"cluster", "job", "policy", "pipeline", "pool", "warehouse"}

// everyCluster is how many a global init script stops.
const everyCluster = 1 << 20

// code judges what the scan found.
func (j *judge) code() {
	c := &j.out.Code
	c.Started, c.File, c.Objects, c.Cells, c.Skipped, c.Compliant = j.Code.Started, j.CodeFile, j.Code.Counts.Files, j.Code.Counts.Cells, len(j.Code.Skipped), j.Code.Counts.Compliant
	for i := range j.Code.Files {
		f := &j.Code.Files[i]
		for _, check := range []result.Check{result.CheckCode, result.CheckLibraries} {
			j.object(f, check)
		}
		j.notUnderstood(f)
	}
}

// checkOf tells which check a finding belongs to, empty where its matter is
// judged from the configuration, or is none of enforcement's.
func checkOf(f *result.File, rule string) result.Check {
	switch rule {
	case "IMDS010", "IMDS011":
		return result.CheckLibraries
	case "IMDS900":
		return ""
	case "IMDS020", "IMDS021", "IMDS022":
		if f.Object != nil && slices.Contains(defined, f.Object.Kind) {
			return ""
		}
	}
	return result.CheckCode
}

// object is what a check has to say of one object: one item, whatever the
// number of findings.
func (j *judge) object(f *result.File, check result.Check) {
	var of []*result.Finding
	rules := map[string]int{}
	safe, unsafe, level := 0, 0, result.Warn
	for i := range f.Findings {
		fd := &f.Findings[i]
		if fd.Level == result.Note || fd.Fixed && j.Applied || checkOf(f, fd.Rule) != check {
			continue
		}
		of = append(of, fd)
		rules[fd.Rule]++
		if fd.Level == result.Error {
			level = result.Blocker
		}
		switch {
		case fd.Fix == nil:
		case fd.Fix.Applicability == result.Safe:
			safe++
		case fd.Fix.Applicability == result.Unsafe:
			unsafe++
		}
	}
	if len(of) == 0 {
		return
	}
	o := objectItem(f)
	o.Level, o.Check, o.Findings, o.Safe = level, check, len(of), safe
	if o.Kind == "init script" {
		o.Check = result.CheckScripts
		if slices.ContainsFunc(f.Object.Users, switchedOff) {
			o.Level = result.NoteToRead
		}
	}
	o.Why = what(rules) + runBy(f)
	o.Remedy = j.remedy(f, of, safe, unsafe)
	j.add(o)
	j.out.Code.Findings += len(of)
	j.out.Code.Safe += safe
}

// objectItem names the object that the file is.
func objectItem(f *result.File) result.Obstacle {
	o := result.Obstacle{Kind: "file", Object: f.Path, Owner: report.OwnerOf(f.Path), Affects: 1}
	if f.Object == nil {
		return o
	}
	o.Kind, o.ID, o.URL = f.Object.Kind, f.Object.ID, f.Object.URL
	// workspace:/Shared/x is the notebook /Shared/x; workspace: cluster a (b) is
	// the cluster a (b).
	o.Object = strings.TrimPrefix(f.Path, workspace.Scheme)
	o.Object = strings.TrimPrefix(strings.TrimSpace(o.Object), o.Kind+" ")
	if rest, ok := strings.CutPrefix(o.Object, "global init script "); ok {
		o.Object = "global " + rest
	}
	if n := len(f.Object.Users); n > 0 {
		o.Affects = n
		if slices.Contains(f.Object.Users, "every cluster") {
			o.Affects = everyCluster
		}
	}
	return o
}

func switchedOff(user string) bool { return strings.HasPrefix(user, "no cluster: ") }

// what are the findings in words: 2 requests without a token, 1 old pin.
func what(rules map[string]int) string {
	var parts []string
	for _, r := range sortedKeys(rules) {
		parts = append(parts, report.Kind(r, rules[r]))
	}
	return strings.Join(parts, ", ")
}

func runBy(f *result.File) string {
	if f.Object == nil || len(f.Object.Users) == 0 {
		return ""
	}
	return "; run by " + some(f.Object.Users)
}

// remedy is the command that changes the object, or what a person does.
func (j *judge) remedy(f *result.File, of []*result.Finding, safe, unsafe int) string {
	if f.Object != nil && slices.Contains(defined, f.Object.Kind) {
		return j.inDefinition(f, of)
	}
	at, flags := target(f)
	if f.Object != nil && f.Object.Kind == "init script" {
		flags = " --include-init-scripts"
	}
	byHand := len(of) - safe - unsafe
	var steps []string
	place := ""
	if f.Object != nil {
		o := workspace.Object{Path: f.Object.Path}
		switch {
		case f.Archive != "":
			place = "change what the archive " + shell(f.Archive) + " is made from, and put it there anew"
		case f.Object.Git != "":
			place = "in a clone of the repository of " + f.Object.Git
		case o.Bundle():
			place = "in the bundle's sources"
		}
	}
	switch {
	case f.Archive != "":
		return place + "; imdsscan check --diff " + shell(at) + " shows the change"
	case place != "" && safe > 0:
		end := "commit and push, then pull into the Git folder"
		if f.Object.Git == "" {
			end = "then databricks bundle deploy"
		}
		steps = append(steps, fmt.Sprintf("%s: imdsscan check --fix %s, %s", place, shell(inRepository(f)), end))
	case safe > 0:
		steps = append(steps, "imdsscan check --fix"+flags+" "+shell(at))
	}
	if unsafe > 0 {
		if place != "" {
			steps = append(steps, place+": imdsscan check --diff --unsafe-fixes "+shell(inRepository(f))+", look, and make the change")
		} else {
			steps = append(steps, "imdsscan check --diff --unsafe-fixes "+shell(at)+", look, then the same with --fix in place of --diff"+flags)
		}
	}
	if byHand > 0 {
		steps = append(steps, "by hand: "+places(of)+" (imdsscan check "+shell(at)+" shows what)")
	}
	out := strings.Join(steps, "; ")
	if f.Object != nil && f.Object.Kind == "init script" && !slices.ContainsFunc(f.Object.Users, switchedOff) {
		out += "; then restart what runs it"
	}
	return out
}

// inRepository is the path of an object below its Git folder or bundle.
func inRepository(f *result.File) string {
	if rest, ok := strings.CutPrefix(f.Object.Path, f.Object.Git+"/"); ok && f.Object.Git != "" {
		return rest
	}
	if _, rest, ok := strings.Cut(f.Object.Path, "/files/"); ok {
		return rest
	}
	return f.Object.Path
}

// target is what imdsscan check is to be given to reach the object. What lies in
// no folder is reached with all of the workspace only.
func target(f *result.File) (at, flags string) {
	if strings.HasPrefix(f.Path, workspace.Scheme+"/") {
		at, _, _ = strings.Cut(f.Path, "!")
		return at, ""
	}
	if f.Object == nil {
		return f.Path, ""
	}
	return workspace.Scheme + "/", ""
}

// places are where findings are that no fix is made for.
func places(of []*result.Finding) string {
	var out []string
	for _, fd := range of {
		if x := fd.Fix; x != nil && (x.Applicability == result.Safe || x.Applicability == result.Unsafe) {
			continue
		}
		at := fmt.Sprintf("line %d", fd.Start.Line)
		if fd.Cell != nil {
			at = fmt.Sprintf("cell %d line %d", fd.Cell.Number, fd.Cell.Start.Line)
		}
		if fd.Fix != nil && fd.Fix.Summary != "" {
			at += ", " + fd.Fix.Summary
		}
		out = append(out, at)
	}
	return some(out)
}

// inDefinition is how the libraries of what is configured are changed.
func (j *judge) inDefinition(f *result.File, of []*result.Finding) string {
	var changes []string
	for _, fd := range of {
		switch {
		case fd.Fix != nil && fd.Fix.Summary != "":
			changes = append(changes, fd.Fix.Summary+old(fd))
		default:
			changes = append(changes, "replace"+old(fd)+": "+fd.Message)
		}
	}
	what := strings.Join(slices.Compact(changes), ", ")
	title := objectItem(f).Object
	name, _, _ := strings.Cut(title, " ("+f.Object.ID+")")
	switch f.Object.Kind {
	case "cluster":
		return "Compute > " + name + " > Libraries: " + what + " (uninstall the old, install the new), then restart it"
	case "job":
		return "in the job, under the dependent libraries or the environment of its tasks: " + what
	case "policy":
		return "Compute > Policies > " + name + " > Libraries: " + what + "; then restart its clusters"
	case "pipeline":
		return "in the pipeline's settings: " + what
	}
	return "in its definition: " + what
}

// old is what stands there now.
func old(fd *result.Finding) string {
	if len(fd.Excerpt) == 0 {
		return ""
	}
	l := fd.Excerpt[0]
	return " (now " + l.Text[l.Mark.Start:l.Mark.End] + ")"
}

// notUnderstood is what the scan met and could not judge.
func (j *judge) notUnderstood(f *result.File) {
	at, _ := target(f)
	n := 0
	for _, oc := range f.Occurrences {
		if oc.Class == result.Unexplained {
			n++
		}
	}
	o := objectItem(f)
	o.Level, o.Check = result.Warn, result.CheckCode
	if n > 0 {
		o.Why = report.Plural(n, "place names the endpoint and is", "places name the endpoint and are") + " not understood: they may call without a token" + runBy(f)
		o.Remedy = "look at them: imdsscan check " + shell(at)
		j.add(o)
	}
	if n := len(f.Problems); n > 0 {
		o.Why = report.Plural(n, "part", "parts") + " of it could not be read: what they hold is not known" + runBy(f)
		o.Remedy = "look at them: imdsscan check " + shell(at)
		o.Check = result.CheckUnread
		j.add(o)
		for _, p := range f.Problems {
			j.unread(fmt.Sprintf("%s:%d:%d", f.Path, p.Start.Line, p.Start.Column), p.Reason)
		}
	}
}
