package report

import (
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/imdsscan/imdsscan/report/result"
)

// PreflightFormat is a way to print a preflight.
type PreflightFormat struct {
	Name  string
	Write func(w io.Writer, p *result.Preflight, o Options) error
}

// PreflightFormats are all of them.
var PreflightFormats = []PreflightFormat{{"text", Preflight}, {"json", PreflightJSON}, {"markdown", PreflightMarkdown}}

// group are the items of a level and a check. Titles are those of the check.
type group struct {
	level, title string
	check        result.Check
	items        []result.Obstacle
}

func groupsOf(p *result.Preflight) []group {
	var out []group
	for _, level := range result.Levels {
		for _, c := range result.Checks {
			g := group{level: level, title: c.Title, check: c.Check}
			for _, x := range p.Items {
				if x.Level == level && x.Check == c.Check {
					g.items = append(g.items, x)
				}
			}
			if len(g.items) > 0 {
				out = append(out, g)
			}
		}
	}
	return out
}

// sums are the findings of the items, how many of them have safe fixes, and how
// many items have any.
func (g *group) sums() (findings, safe, fixable int) {
	for _, x := range g.items {
		findings, safe = findings+x.Findings, safe+x.Safe
		if x.Safe > 0 {
			fixable++
		}
	}
	return findings, safe, fixable
}

// heading is the title with the numbers.
func (g *group) heading() string {
	findings, safe, _ := g.sums()
	if findings == 0 {
		return fmt.Sprintf("%s (%s)", g.title, Number(len(g.items)))
	}
	return fmt.Sprintf("%s (%s: %s, %s)", g.title, Number(len(g.items)), Plural(findings, "finding", "findings"), Plural(safe, "safe fix", "safe fixes"))
}

// atOnce is the command that makes the safe fixes of all items, where there are
// several, or changes what is configured.
func (g *group) atOnce() string {
	_, _, fixable := g.sums()
	changeable := slices.ContainsFunc(g.items, func(x result.Obstacle) bool {
		return x.Level == result.Blocker && (x.Kind == "cluster" || x.Kind == "policy")
	})
	switch {
	case g.check == result.CheckGlue && changeable:
		return "imdsscan preflight --fix switches isolation off in clusters and policies, after asking, where that can be taken back"
	case g.check == result.CheckRuntime && changeable:
		return "imdsscan preflight --fix --unsafe-fixes moves clusters to a supported runtime, after asking, where that can be taken back"
	case fixable < 2:
		return ""
	case g.check == result.CheckScripts:
		return "imdsscan check --fix --include-init-scripts workspace:/ makes all safe fixes at once, after asking; these, and those in notebooks and files"
	}
	return "imdsscan check --fix workspace:/ makes all safe fixes at once, after asking; Git folders and bundles are left to their sources"
}

// shownItems is how many items of a group are listed unless all are asked for.
const shownItems = 10

// Preflight prints a preflight for people: what blocks first, in groups.
func Preflight(w io.Writer, p *result.Preflight, o Options) error {
	t := preflightWriter{newTextWriter(w, nil, o), p}
	t.head()
	level := ""
	for _, g := range groupsOf(p) {
		if g.level != level {
			level = g.level
			t.printf("\n%s\n", t.levelTitle(level))
		}
		t.group(&g)
	}
	t.notRead()
	if !o.Quiet {
		t.printf("\n%s\n", t.sum())
	}
	return t.w.Flush()
}

type preflightWriter struct {
	*textWriter
	p *result.Preflight
}

func (t *preflightWriter) head() {
	t.printf("%s of %s, %s UTC, as %s\n", t.bold("Preflight"), Clean(t.p.Workspace), t.p.Started.UTC().Format("2006-01-02 15:04"), Clean(t.p.User))
	t.printf("Enforcement of IMDSv2 is %s.\n", settingWords(t.p))
}

// settingWords say how the setting stands.
func settingWords(p *result.Preflight) string {
	switch {
	case p.Setting == "on" && p.Switched.IsZero():
		return "on, since when is not known here"
	case p.Setting == "on" && p.Exact:
		return "on since " + p.Switched.UTC().Format("2006-01-02 15:04") + " UTC"
	case p.Setting == "on":
		return "on; it was first seen on at " + p.Switched.UTC().Format("2006-01-02 15:04") + " UTC"
	case p.Setting == "off":
		return "off"
	}
	return "unknown"
}

func (t *preflightWriter) levelTitle(level string) string {
	n := t.p.Count(level)
	switch level {
	case result.Blocker:
		if t.p.Setting == "on" {
			return t.red(Plural(n, "BLOCKER", "BLOCKERS") + ": enforcement is on, so this breaks now, or at the next restart")
		}
		return t.red(Plural(n, "BLOCKER", "BLOCKERS") + ": enforcement would break this")
	case result.Warn:
		return t.warn(Plural(n, "WARNING", "WARNINGS") + ": this may break, or is not known")
	}
	return t.bold(Plural(n, "NOTE", "NOTES"))
}

func (t *preflightWriter) group(g *group) {
	t.printf("\n%s\n", t.bold(g.heading()))
	if all := g.atOnce(); all != "" {
		t.printf("  %s\n", t.dim(all))
	}
	shown := g.items
	if !t.o.Verbose && len(shown) > shownItems {
		shown = shown[:shownItems]
	}
	for i := range shown {
		t.item(&shown[i])
	}
	if more := g.items[len(shown):]; len(more) > 0 {
		t.printf("  %s   %s\n", t.dim("and "+Plural(len(more), "more", "more")+owners(more)), t.dim("[-v lists them]"))
	}
}

func (t *preflightWriter) item(x *result.Obstacle) {
	name := t.bold(Clean(x.Name()))
	if x.Owner != "" {
		name += ", of " + Clean(x.Owner)
	}
	t.printf("  %s\n      %s\n", name, Clean(x.Why))
	if x.Remedy != "" {
		t.printf("      %s %s\n", t.caret("→"), Clean(x.Remedy))
	}
}

// owners are whose the items are, those with most first.
func owners(items []result.Obstacle) string {
	n := map[string]int{}
	var names []string
	for _, x := range items {
		if x.Owner == "" {
			continue
		}
		if n[x.Owner]++; n[x.Owner] == 1 {
			names = append(names, x.Owner)
		}
	}
	if len(names) == 0 {
		return ""
	}
	slices.SortFunc(names, func(a, b string) int {
		if n[a] != n[b] {
			return n[b] - n[a]
		}
		return strings.Compare(a, b)
	})
	const most = 3
	out := ", of " + Clean(strings.Join(names[:min(most, len(names))], ", "))
	if len(names) > most {
		out += " and " + Plural(len(names)-most, "other", "others")
	}
	return out
}

func (t *preflightWriter) notRead() {
	list := t.p.Unread
	if len(list) == 0 {
		return
	}
	t.printf("\n%s\n", t.warn("NOT READ: "+Plural(len(list), "object", "objects")))
	shown := list
	if !t.o.Verbose && len(shown) > shownItems {
		shown = shown[:shownItems]
	}
	for _, u := range shown {
		t.printf("  %s: %s\n", Clean(u.Path), Clean(u.Reason))
	}
	if more := len(list) - len(shown); more > 0 {
		t.printf("  %s\n", t.dim("and "+Number(more)+" more   [-v lists them]"))
	}
}

// sum is the last line: the numbers and the verdict.
func (t *preflightWriter) sum() string {
	p := t.p
	out := fmt.Sprintf("%s, %s, %s.", Plural(p.Blockers(), "blocker", "blockers"), Plural(p.Count(result.Warn), "warning", "warnings"), Plural(p.Count(result.NoteToRead), "note", "notes"))
	out += " " + codeWords(p)
	switch {
	case p.Blockers() > 0 && p.Setting == "on":
		return out + " " + t.red("Enforced, and something breaks.")
	case p.Blockers() > 0:
		return out + " " + t.red("Not ready.")
	case len(p.Unread) > 0:
		return out + " " + t.warn("No blocker found; "+Plural(len(p.Unread), "object", "objects")+" could not be read.")
	case p.Setting == "on":
		return out + " " + t.ok("Enforced, and nothing that blocks was found.")
	case p.Count(result.Warn) > 0:
		return out + " " + t.warn("No blocker; look at the warnings before you enforce.")
	}
	return out + " " + t.ok("Ready: imdsscan enforce on.")
}

// codeWords say which scan the preflight rests on.
func codeWords(p *result.Preflight) string {
	c := p.Code
	from := "scanned just now"
	if c.File != "" {
		from = "from " + Clean(c.File) + ", scanned at " + c.Started.UTC().Format("2006-01-02 15:04") + " UTC"
	}
	out := Plural(c.Objects, "object", "objects") + " " + from + "."
	if n := c.Findings; n > 0 {
		out += " " + Plural(n, "finding", "findings") + " in code and libraries, " + Plural(c.Safe, "safe fix", "safe fixes") + "."
	}
	return out
}
