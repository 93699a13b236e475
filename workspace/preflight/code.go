package preflight

import (
	"fmt"
	"path"
	"slices"
	"strconv"
	"strings"

	"github.com/databricks/databricks-sdk-go/service/compute"
	"github.com/databricks/databricks-sdk-go/service/jobs"
	sdk "github.com/databricks/databricks-sdk-go/service/workspace"

	"github.com/imdsscan/imdsscan/report"
	"github.com/imdsscan/imdsscan/report/result"
	"github.com/imdsscan/imdsscan/workspace"
	"github.com/imdsscan/imdsscan/workspace/inventory"
)

// defined are the kinds of objects that are configured, not written.
var defined = []string{"cluster", "job", "policy", "pipeline", "pool", "warehouse"}

// code judges what the scan found.
func (j *judge) code() {
	c := &j.out.Code
	c.Started, c.File, c.Objects, c.Cells, c.Skipped, c.Compliant = j.Code.Started, j.CodeFile, j.Code.Counts.Files, j.Code.Counts.Cells, len(j.Code.Skipped), j.Code.Counts.Compliant
	for i := range j.Code.Files {
		f := &j.Code.Files[i]
		j.object(f, result.CheckCode, unexplained(f))
		j.object(f, result.CheckLibraries, 0)
		j.problems(f)
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

func unexplained(f *result.File) int {
	n := 0
	for _, oc := range f.Occurrences {
		if oc.Class == result.Unexplained {
			n++
		}
	}
	return n
}

// object is what a check has to say of one object: one item, whatever the
// number of findings and of places that are not understood.
func (j *judge) object(f *result.File, check result.Check, unexplained int) {
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
	if len(of)+unexplained == 0 {
		return
	}
	o := j.objectItem(f)
	o.Level, o.Check, o.Findings, o.Safe = level, check, len(of), safe
	if o.Owner == "" {
		o.Owner = j.owners[[2]string{o.Kind, o.ID}]
	}
	if isScript(f) {
		o.Check = result.CheckScripts
		if slices.ContainsFunc(f.Object.Users, switchedOff) {
			o.Level = result.NoteToRead
		}
	}
	o.Why = what(rules)
	if unexplained > 0 {
		if len(of) > 0 {
			o.Why += ", "
		}
		o.Why += report.Plural(unexplained, "place that names the endpoint and is not understood", "places that name the endpoint and are not understood")
	}
	o.Why += runBy(f)
	if o.Kind == "job" && j.serverless(o.ID, of) && level == result.Blocker {
		o.Level = result.Warn
		o.Why += " on serverless compute, which enforces IMDSv2 already: it does not wait for the switch"
	}
	o.Remedy = j.remedy(f, of, safe, unsafe, unexplained)
	j.add(o)
	j.out.Code.Findings += len(of)
	j.out.Code.Safe += safe
}

// objectItem names the object that the file is.
func (j *judge) objectItem(f *result.File) result.Obstacle {
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
		o.Kind, o.Object = "global init script", rest
	}
	if n := len(f.Object.Users); n > 0 {
		o.Affects = n
		if slices.Contains(f.Object.Users, "every cluster") {
			// Whatever starts clusters runs it.
			o.Affects = len(j.Inventory.Clusters) + len(j.Inventory.Jobs) + len(j.Inventory.Pipelines) + len(j.Inventory.Policies)
		}
	}
	return o
}

func isScript(f *result.File) bool { return f.Object != nil && f.Object.Kind == "init script" }

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
func (j *judge) remedy(f *result.File, of []*result.Finding, safe, unsafe, unexplained int) string {
	if f.Object != nil && slices.Contains(defined, f.Object.Kind) {
		return j.inDefinition(f, of)
	}
	at := target(f)
	if f.Archive != "" {
		return "change what the archive is made from, and put it there anew; imdsscan check --diff " + shell(at) + " shows the change"
	}
	flags := ""
	if isScript(f) {
		flags = " --include-init-scripts"
	}
	source, file, then := sourceOf(f)
	var steps []string
	switch {
	case safe > 0 && source != "":
		steps = append(steps, source+", imdsscan check --fix "+shell(file)+"; "+then)
	case safe > 0:
		steps = append(steps, "imdsscan check --fix"+flags+" "+shell(at))
	}
	switch {
	case unsafe > 0 && source != "":
		steps = append(steps, source+", look at imdsscan check --diff --unsafe-fixes "+shell(file)+", then the same with --fix in place of --diff; "+then)
	case unsafe > 0:
		steps = append(steps, "look at imdsscan check --diff --unsafe-fixes "+shell(at)+", then imdsscan check --fix --unsafe-fixes"+flags+" "+shell(at))
	}
	if len(of)-safe-unsafe+unexplained > 0 {
		steps = append(steps, "by hand"+places(f, of)+"; imdsscan check "+shell(at)+" shows it")
	}
	if isScript(f) && !slices.ContainsFunc(f.Object.Users, switchedOff) {
		steps = append(steps, "then restart what runs it")
	}
	return strings.Join(steps, "; ")
}

// sourceOf says where the object is changed that a repository or a bundle puts
// into the workspace, what its file is called there, and how the change gets
// back.
func sourceOf(f *result.File) (where, file, then string) {
	if f.Object == nil {
		return "", "", ""
	}
	o := workspace.Object{Path: f.Object.Path, Type: sdk.ObjectTypeFile, Format: sdk.ExportFormat(f.Object.Format), Language: sdk.Language(f.Object.Language)}
	if f.Object.Format != "" {
		o.Type = sdk.ObjectTypeNotebook
	}
	name := path.Dir(o.Path) + "/" + o.FileName()
	switch {
	case f.Object.Git != "":
		return "in a clone of the repository of the Git folder " + f.Object.Git, strings.TrimPrefix(name, f.Object.Git+"/"), "commit, push, and pull into the Git folder"
	case o.Bundle():
		_, below, ok := strings.Cut(name, "/files/")
		if !ok {
			below = path.Base(name)
		}
		return "in the sources of the bundle", below, "databricks bundle deploy"
	}
	return "", "", ""
}

// target is what imdsscan check is to be given to reach the object. What lies in
// no folder is reached with all of the workspace only.
func target(f *result.File) string {
	if strings.HasPrefix(f.Path, workspace.Scheme+"/") {
		at, _, _ := strings.Cut(f.Path, "!")
		return at
	}
	return workspace.Scheme + "/"
}

// places are where findings and endpoints are that no fix is made for.
func places(f *result.File, of []*result.Finding) string {
	var out []string
	at := func(l *result.Location) string {
		if l.Cell != nil {
			return fmt.Sprintf("cell %d line %d", l.Cell.Number, l.Cell.Start.Line)
		}
		return fmt.Sprintf("line %d", l.Start.Line)
	}
	for _, fd := range of {
		x := fd.Fix
		switch {
		case x == nil:
			out = append(out, at(&fd.Location))
		case x.Applicability == result.Display && x.Summary != "":
			out = append(out, at(&fd.Location)+": "+x.Summary)
		case x.Applicability == result.Display:
			out = append(out, at(&fd.Location))
		}
	}
	for i := range f.Occurrences {
		if f.Occurrences[i].Class == result.Unexplained {
			out = append(out, at(&f.Occurrences[i].Location))
		}
	}
	if len(out) == 0 {
		return ""
	}
	return ", " + some(slices.Compact(out))
}

// inDefinition is how the libraries of what is configured are changed.
func (j *judge) inDefinition(f *result.File, of []*result.Finding) string {
	now := map[string][]string{} // what stands there, by what to do
	var order []string
	for _, fd := range of {
		do := fd.Message
		if fd.Fix != nil && fd.Fix.Summary != "" {
			do = fd.Fix.Summary
		}
		if now[do] == nil {
			order = append(order, do)
		}
		now[do] = append(now[do], marked(fd))
	}
	var changes []string
	for _, do := range order {
		where := ""
		if f.Object.Kind == "job" {
			where = j.inJob(f.Object.ID, now[do])
		}
		changes = append(changes, do+" (now "+strings.Join(slices.Compact(now[do]), ", ")+where+")")
	}
	what := strings.Join(changes, "; ")
	name := strings.TrimSuffix(j.objectItem(f).Object, " ("+f.Object.ID+")")
	switch f.Object.Kind {
	case "cluster":
		return "Compute > " + name + " > Libraries, uninstall the old and install the new: " + what + "; then restart it"
	case "job":
		return "in the job: " + what
	case "policy":
		return "Compute > Policies > " + name + " > Libraries: " + what + "; then restart its clusters"
	case "pipeline":
		return "in the pipeline's settings: " + what
	}
	return "in its definition: " + what
}

// inJob says which tasks and environments of a job name the packages.
func (j *judge) inJob(id string, packages []string) string {
	tasks, environments := j.naming(id, packages)
	all := slices.Concat(tasks, environments)
	if len(all) == 0 {
		return ""
	}
	return " in the " + some(all)
}

// serverless reports whether all that was found of a job is in environments,
// which serverless compute has.
func (j *judge) serverless(id string, of []*result.Finding) bool {
	for _, fd := range of {
		if tasks, environments := j.naming(id, []string{marked(fd)}); len(tasks) > 0 || len(environments) == 0 {
			return false
		}
	}
	return true
}

// naming are the tasks and the environments of a job that name one of the
// packages.
func (j *judge) naming(id string, packages []string) (tasks, environments []string) {
	job := j.jobs[id]
	if job == nil || job.Settings == nil {
		return nil, nil
	}
	inventory.EachTask(job, func(t *jobs.Task) {
		if slices.ContainsFunc(t.Libraries, func(l compute.Library) bool {
			return l.Pypi != nil && slices.Contains(packages, l.Pypi.Package) || l.Maven != nil && slices.Contains(packages, l.Maven.Coordinates)
		}) {
			tasks = append(tasks, "task "+t.TaskKey)
		}
	})
	for _, e := range job.Settings.Environments {
		if e.Spec != nil && slices.ContainsFunc(e.Spec.Dependencies, func(d string) bool { return slices.Contains(packages, d) }) {
			environments = append(environments, "environment "+e.EnvironmentKey)
		}
	}
	return tasks, environments
}

// findOwners notes who made what is configured.
func (j *judge) findOwners() {
	inv := j.Inventory
	j.owners, j.jobs = map[[2]string]string{}, map[string]*jobs.BaseJob{}
	for i := range inv.Clusters {
		j.owners[[2]string{"cluster", inv.Clusters[i].ClusterId}] = inv.Clusters[i].CreatorUserName
	}
	for i := range inv.Jobs {
		id := strconv.FormatInt(inv.Jobs[i].JobId, 10)
		j.owners[[2]string{"job", id}], j.jobs[id] = inv.Jobs[i].CreatorUserName, &inv.Jobs[i]
	}
	for i := range inv.Policies {
		j.owners[[2]string{"policy", inv.Policies[i].PolicyId}] = inv.Policies[i].CreatorUserName
	}
	for i := range inv.Pipelines {
		j.owners[[2]string{"pipeline", inv.Pipelines[i].PipelineId}] = inv.Pipelines[i].CreatorUserName
	}
}

// marked is what stands at the place of a finding.
func marked(fd *result.Finding) string {
	if len(fd.Excerpt) == 0 {
		return "what is there"
	}
	l := fd.Excerpt[0]
	return l.Text[l.Mark.Start:l.Mark.End]
}

// problems are parts of an object that the scan could not read.
func (j *judge) problems(f *result.File) {
	n := len(f.Problems)
	if n == 0 || j.brokenPolicy(f.Object) {
		return
	}
	o := j.objectItem(f)
	o.Level, o.Check = result.Warn, result.CheckUnread
	o.Why = report.Plural(n, "part", "parts") + " of it could not be read: what they hold is not known" + runBy(f)
	o.Remedy = "look at them: imdsscan check " + shell(target(f))
	j.add(o)
	for _, p := range f.Problems {
		j.unread(fmt.Sprintf("%s:%d:%d", f.Path, p.Start.Line, p.Start.Column), p.Reason)
	}
}

// brokenPolicy tells a policy whose definition is told of as such.
func (j *judge) brokenPolicy(o *result.Object) bool {
	if o == nil || o.Kind != "policy" {
		return false
	}
	p := j.policy(o.ID)
	if p == nil {
		return false
	}
	_, err := inventory.PolicyRules(p)
	return err != nil
}
