package html

import (
	"fmt"
	"slices"
	"strings"

	"github.com/imdsscan/imdsscan/report"
	"github.com/imdsscan/imdsscan/report/result"
)

// state is how something stands, worst first.
type state int

const (
	blocked state = iota
	unsure        // needs a look, or was not given
	ready
)

// Class is the state for the style sheet.
func (s state) Class() string { return [...]string{"blocked", "unsure", "ready"}[s] }

// Word is the state for a reader; colour alone says nothing.
func (s state) Word() string { return [...]string{"Blocked", "Not certain", "Ready"}[s] }

// verdict is the answer to the question whether enforcement can be switched on.
type verdict struct {
	State state
	Title string
	Text  string
	Parts []part
}

// part is one of the three things that the verdict rests on.
type part struct {
	Name  string
	State state
	Given bool
	Text  string
	Link  string
}

func verdictOf(run *result.Run, o report.Options) verdict {
	v := verdict{State: ready, Parts: []part{codePart(run, o), workspacePart(o), trafficPart(o.Evidence.Metric)}}
	missing := []string{}
	for _, p := range v.Parts {
		v.State = min(v.State, p.State)
		if !p.Given {
			missing = append(missing, strings.ToLower(p.Name))
		}
	}
	on := enforced(o.Evidence)
	switch {
	case v.State == blocked && on:
		v.Title = "Enforced, and something breaks"
		v.Text = "IMDSv2 is enforced. What is listed below is refused, or will be once its cluster restarts."
	case v.State == blocked:
		v.Title = "Not ready for IMDSv2"
		v.Text = "Enforcing IMDSv2 now would break what is listed below, in the order in which to deal with it."
	case on && len(missing) > 0:
		v.Title = "Enforced, not everything checked"
		v.Text = "IMDSv2 is enforced, and nothing in what was checked is certain to break. Not checked: " + strings.Join(missing, ", ") + "."
	case on && v.State == unsure:
		v.Title = "Enforced, some places need a look"
		v.Text = "IMDSv2 is enforced, and nothing is certain to break. What is listed below could not be decided and needs a person."
	case len(missing) > 0:
		v.Title = "No blocker found, not everything checked"
		v.Text = "Nothing in what was checked is certain to break. Not checked: " + strings.Join(missing, ", ") + "."
	case v.State == unsure:
		v.Title = "No blocker found, some places need a look"
		v.Text = "Nothing is certain to break under IMDSv2. What is listed below could not be decided and needs a person."
	case on:
		v.Title = "Enforced and quiet"
		v.Text = "IMDSv2 is enforced, and no request without a token was seen."
	default:
		v.Title = "Ready for IMDSv2"
		v.Text = "Everything was understood, and nothing in it breaks when IMDSv2 is enforced."
	}
	return v
}

func enforced(e report.Evidence) bool {
	return e.Preflight != nil && e.Preflight.Setting == "on" || e.Metric != nil && !e.Metric.Switched.IsZero()
}

func codePart(run *result.Run, o report.Options) part {
	p := part{Name: "Code", Given: o.Evidence.Has(report.KindCheck), Link: "#findings"}
	if pre := o.Evidence.Preflight; !p.Given && pre != nil {
		return codeOfPreflight(pre)
	}
	if !p.Given {
		p.State, p.Text = unsure, "Not given: no result of imdsscan check."
		return p
	}
	errors, warnings := leftOver(run, o)
	unexplained, unread := run.Counts.Occurrences[result.Unexplained], len(run.Errors)+run.Counts.Problems
	switch {
	case errors > 0:
		p.State, p.Text = blocked, fmt.Sprintf("%s to remove.", report.Plural(errors, "error", "errors"))
	case warnings+unexplained+unread > 0:
		p.State = unsure
		var parts []string
		for _, x := range []struct {
			n         int
			one, many string
		}{{warnings, "warning", "warnings"}, {unexplained, "unexplained place", "unexplained places"}, {unread, "place not read", "places not read"}} {
			if x.n > 0 {
				parts = append(parts, report.Plural(x.n, x.one, x.many))
			}
		}
		p.Text = strings.Join(parts, ", ") + "."
	default:
		p.State, p.Text = ready, "No finding, everything understood."
	}
	return p
}

// codeOfPreflight is what preflight found in code, where no result of check shows
// the code itself.
func codeOfPreflight(pre *result.Preflight) part {
	p := part{Name: "Code", Given: true, State: ready, Text: "Preflight found nothing in it.", Link: "#blockers"}
	n := map[string]int{}
	for _, x := range pre.Items {
		if x.Check == result.CheckCode {
			n[x.Level]++
		}
	}
	switch {
	case n[result.Blocker] > 0:
		p.State, p.Text = blocked, report.Plural(n[result.Blocker], "object", "objects")+" to change, by preflight."
	case n[result.Warn] > 0:
		p.State, p.Text = unsure, report.Plural(n[result.Warn], "object", "objects")+" to look at, by preflight."
	}
	return p
}

// leftOver counts the findings that are not fixed.
func leftOver(run *result.Run, o report.Options) (errors, warnings int) {
	for i := range run.Files {
		for j := range run.Files[i].Findings {
			fd := &run.Files[i].Findings[j]
			switch {
			case !left(fd, o):
			case fd.Level == result.Error:
				errors++
			default:
				warnings++
			}
		}
	}
	return errors, warnings
}

func workspacePart(o report.Options) part {
	p := o.Evidence.Preflight
	out := part{Name: "Workspace", Given: p != nil, Link: "#compute"}
	if p == nil {
		out.State, out.Text = unsure, "Not given: clusters, pools and settings were not checked."
		return out
	}
	n := map[string]int{}
	for _, x := range workspaceItems(p) {
		n[x.Level]++
	}
	switch {
	case n[result.Blocker] > 0:
		out.State, out.Text = blocked, report.Plural(n[result.Blocker], "blocker", "blockers")+" found by preflight."
	case n[result.Warn]+len(p.Unread) > 0:
		out.State, out.Text = unsure, report.Plural(n[result.Warn], "warning", "warnings")+", "+report.Plural(len(p.Unread), "object", "objects")+" not read."
	default:
		out.State, out.Text = ready, "Preflight found no blocker."
	}
	return out
}

func trafficPart(m *result.Metric) part {
	out := part{Name: "Traffic", Given: m != nil, Link: "#metric"}
	if m == nil {
		out.State, out.Text = unsure, "Not given: the metric was not read."
		return out
	}
	noToken, rejected := result.Sum(m.All, m.Switched)
	since := ""
	if !m.Switched.IsZero() {
		since = " since the switch"
	}
	switch {
	case noToken+rejected > 0:
		out.State, out.Text = blocked, fmt.Sprintf("%s without a token%s.", requests(noToken+rejected), since)
	case reporting(m) == 0:
		out.State, out.Text = unsure, "No data: that is unknown, not clean."
	case len(m.Unknown) > 0:
		out.State, out.Text = unsure, "Quiet"+since+", but "+report.Plural(len(m.Unknown), "instance or region tells", "instances or regions tell")+" nothing."
	default:
		out.State, out.Text = ready, "No request without a token"+since+"."
	}
	return out
}

func requests(n int64) string { return report.Plural(int(n), "request", "requests") }

// blocker is an entry of the list of what is to be done, in order.
type blocker struct {
	State  state
	Source string // code, workspace, traffic
	Title  string
	Why    string
	Remedy string
	Link   string
}

func blockersOf(run *result.Run, o report.Options) []blocker {
	out := codeBlockers(run, o)
	out = append(out, workspaceBlockers(o)...)
	out = append(out, trafficBlocker(o.Evidence.Metric)...)
	out = append(out, gapBlockers(run)...)
	// What blocks stands first; within that the order of their sources holds.
	slices.SortStableFunc(out, func(a, b blocker) int { return int(a.State - b.State) })
	return out
}

// workspaceItems are the items of preflight but for the code of notebooks and
// files, which stands for itself.
func workspaceItems(p *result.Preflight) []result.Obstacle {
	return slices.DeleteFunc(slices.Clone(p.Items), func(x result.Obstacle) bool { return x.Check == result.CheckCode })
}

// workspaceBlockers are what preflight lists, of each check as many items as a
// table has lines; without the code where results of check were given.
func workspaceBlockers(o report.Options) []blocker {
	var out []blocker
	p := o.Evidence.Preflight
	if p == nil {
		return nil
	}
	items := p.Items
	if o.Evidence.Has(report.KindCheck) {
		items = workspaceItems(p)
	}
	type rest struct {
		n     int
		state state
	}
	listed, more := map[result.Check]int{}, map[result.Check]rest{}
	for _, x := range items {
		b := blocker{State: unsure, Source: "Workspace", Title: x.Name(), Why: x.Why, Remedy: x.Remedy}
		if x.Check == result.CheckCode {
			b.Source = "Code"
		}
		switch x.Level {
		case result.Blocker:
			b.State = blocked
		case result.NoteToRead:
			b.State = ready
		}
		if x.Owner != "" {
			b.Why = "Of " + x.Owner + ": " + b.Why
		}
		if listed[x.Check]++; listed[x.Check] > maxTable {
			m := more[x.Check]
			if m.n++; m.n == 1 || b.State < m.state {
				m.state = b.State
			}
			more[x.Check] = m
			continue
		}
		out = append(out, b)
	}
	for _, c := range result.Checks {
		if m := more[c.Check]; m.n > 0 {
			out = append(out, blocker{State: m.state, Source: "Workspace", Title: c.Title + ": " + report.Number(m.n) + " more", Why: "They are not listed here.", Remedy: "imdsscan preflight -v lists all."})
		}
	}
	return out
}

// trafficBlocker is what the metric has seen.
func trafficBlocker(m *result.Metric) []blocker {
	if m == nil {
		return nil
	}
	noToken, rejected := result.Sum(m.All, m.Switched)
	if noToken+rejected == 0 {
		return nil
	}
	b := blocker{State: blocked, Source: "Traffic", Title: requests(noToken+rejected) + " without a token", Link: "#metric",
		Why: "Something still asks without one; it gets no answer once IMDSv2 is enforced.", Remedy: "Start with the clusters that ask most."}
	if !m.Switched.IsZero() {
		b.Title += " since the switch"
		b.Why = report.Number(int(rejected)) + " were refused, " + report.Number(int(noToken)) + " answered by instances that run from before."
		b.Remedy = "Change the code of the clusters that ask most; restart what runs from before the switch."
	}
	return []blocker{b}
}

// codeBlockers has an entry a rule: errors first, then the rules with the most
// findings.
func codeBlockers(run *result.Run, o report.Options) []blocker {
	type sum struct {
		rule            string
		level           result.Level
		n, safe, unsafe int
		files           int
		last            string
		owners          map[string]bool
	}
	var sums []*sum
	byRule := map[string]*sum{}
	for i := range run.Files {
		f := &run.Files[i]
		for j := range f.Findings {
			fd := &f.Findings[j]
			if !left(fd, o) {
				continue
			}
			s := byRule[fd.Rule]
			if s == nil {
				s = &sum{rule: fd.Rule, level: fd.Level, owners: map[string]bool{}}
				byRule[fd.Rule] = s
				sums = append(sums, s)
			}
			s.n++
			if fd.Level == result.Error {
				s.level = result.Error
			}
			if s.last != f.Path {
				s.files, s.last = s.files+1, f.Path
			}
			if owner := report.OwnerOf(f.Path); owner != "" {
				s.owners[owner] = true
			}
			if x := fd.Fix; x != nil && x.Applicability == result.Safe {
				s.safe++
			} else if x != nil && x.Applicability == result.Unsafe {
				s.unsafe++
			}
		}
	}
	slices.SortFunc(sums, func(a, b *sum) int {
		if a.level != b.level {
			return strings.Compare(string(a.level), string(b.level)) // "error" before "warning"
		}
		if a.n != b.n {
			return b.n - a.n
		}
		return strings.Compare(a.rule, b.rule)
	})
	var out []blocker
	for _, s := range sums {
		b := blocker{State: unsure, Source: "Code", Title: report.Kind(s.rule, s.n), Link: "#" + s.rule,
			Why: "In " + report.Plural(s.files, "file", "files")}
		if s.level == result.Error {
			b.State = blocked
		}
		if len(s.owners) > 0 {
			b.Why += " of " + report.Plural(len(s.owners), "owner", "owners")
		}
		b.Why += "."
		b.Remedy = remedy(s.n, s.safe, s.unsafe)
		out = append(out, b)
	}
	return out
}

func remedy(n, safe, unsafe int) string {
	var parts []string
	if safe > 0 {
		parts = append(parts, "imdsscan --fix changes "+allOr(safe, n)+" safely.")
	}
	if unsafe > 0 {
		parts = append(parts, "--fix --unsafe-fixes changes "+allOr(unsafe, n)+", after a look.")
	}
	if hand := n - safe - unsafe; hand > 0 {
		parts = append(parts, "A person has to change "+allOr(hand, n)+".")
	}
	return strings.Join(parts, " ")
}

func allOr(k, n int) string {
	switch {
	case k == n && n == 1:
		return "it"
	case k == n:
		return "all of them"
	}
	return report.Number(k)
}

// gapBlockers are what nothing can be said of.
func gapBlockers(run *result.Run) []blocker {
	var out []blocker
	if n := len(run.Errors) + run.Counts.Problems; n > 0 {
		out = append(out, blocker{State: unsure, Source: "Code", Title: report.Plural(n, "place could not be read", "places could not be read"),
			Why: "Nothing is known of what they hold.", Remedy: "Make them readable and scan again, or look at them yourself.", Link: "#gaps"})
	}
	if n := run.Counts.Occurrences[result.Unexplained]; n > 0 {
		out = append(out, blocker{State: unsure, Source: "Code", Title: report.Plural(n, "unexplained place", "unexplained places"),
			Why: "The endpoint is written there, in text that is searched and not analysed.", Remedy: "Look at each: does anything ask it without a token?", Link: "#gaps"})
	}
	return out
}

// number is one of the sums at the top.
type number struct {
	N     string
	Label string
	Class string
}

func numbersOf(run *result.Run, o report.Options) []number {
	c := run.Counts
	errors, warnings := leftOver(run, o)
	out := []number{{report.Number(errors), "errors", classIf(errors > 0, "blocked")}, {report.Number(warnings), "warnings", classIf(warnings > 0, "unsure")}}
	if o.Applied {
		out = append(out, number{report.Number(c.Fixed), "fixed", classIf(c.Fixed > 0, "ready")})
	} else {
		out = append(out, number{report.Number(c.Safe), "safe fixes", ""})
	}
	unread := len(run.Errors) + c.Problems
	return append(out,
		number{report.Number(c.Compliant), "IMDSv2 already", ""},
		number{report.Number(c.Occurrences[result.Unexplained]), "unexplained", classIf(c.Occurrences[result.Unexplained] > 0, "unsure")},
		number{report.Number(unread), "not read", classIf(unread > 0, "unsure")})
}

func classIf(yes bool, class string) string {
	if yes {
		return class
	}
	return ""
}

// class is a line of the account of every occurrence.
type class struct {
	Name, About string
	N           int
}

func classesOf(run *result.Run) []class {
	about := map[result.Class]string{
		result.InFinding:   "part of a finding",
		result.Compliant:   "a request that carries a session token, or asks for one",
		result.OtherCloud:  "another cloud's endpoint",
		result.Mention:     "a comment, a firewall rule, a text: nothing asks it",
		result.Suppressed:  "left out by a suppression or by the run's options",
		result.Unexplained: "found and not understood",
	}
	var out []class
	for _, k := range result.Classes {
		out = append(out, class{string(k), about[k], run.Counts.Occurrences[k]})
	}
	return out
}
