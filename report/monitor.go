package report

import (
	"cmp"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"github.com/imdsscan/imdsscan/workspace/metrics/evidence"
)

// Monitor prints a look at the metrics for people: who called first, then what
// is unknown and why. Verbose lists quiet clusters and every instance too.
func Monitor(w io.Writer, r *evidence.Report, o Options) error {
	m := monitorWriter{newTextWriter(w, nil, o), r}
	m.head()
	m.groups("CLUSTER", r.Clusters, "clusters")
	if len(r.Pools) > 0 {
		m.groups("POOL", r.Pools, "pools")
	}
	if slices.ContainsFunc(r.Owners, func(g evidence.Group) bool { return g.ID != "" }) {
		m.groups("OWNER", r.Owners, "owners")
	}
	if o.Verbose {
		m.instances()
	}
	m.unknown()
	for _, p := range r.Problems {
		where := cmp.Or(strings.Join(slices.DeleteFunc([]string{p.Region, p.Action}, func(s string) bool { return s == "" }), " "), "AWS")
		m.printf("%s %s %s\n", m.bold(Clean(where)+":"), m.red("not read:"), Clean(p.Reason))
		if p.Remedy != "" {
			m.note(Clean(p.Remedy))
		}
	}
	if !o.Quiet {
		for _, n := range r.Notes {
			m.note(Clean(n))
		}
	}
	m.printf("%s\n", m.sum())
	return m.w.Flush()
}

// MonitorLine is the look in a line, for a watch that goes on.
func MonitorLine(w io.Writer, r *evidence.Report, o Options) error {
	m := monitorWriter{newTextWriter(w, nil, o), r}
	m.printf("%s  %s\n", r.TakenAt.UTC().Format("15:04:05"), m.counts())
	return m.w.Flush()
}

type monitorWriter struct {
	*textWriter
	r *evidence.Report
}

func (m *monitorWriter) head() {
	w := m.r.Window
	m.printf("%s, %s to %s UTC (%s), %s", m.bold("Calls without a session token"), clock(w.From), clock(w.To), howLong(w.To.Sub(w.From)), Clean(strings.Join(m.r.Regions, ", ")))
	if m.r.Account != "" {
		m.printf(", account %s", Clean(m.r.Account))
	}
	if m.r.Workspace != "" {
		m.printf(", workspace %s", Clean(m.r.Workspace))
	}
	m.printf("\n")
}

func clock(t time.Time) string { return t.UTC().Format("2 Jan 15:04") }

func howLong(d time.Duration) string {
	switch {
	case d >= 48*time.Hour:
		return Plural(int((d+12*time.Hour)/(24*time.Hour)), "day", "days")
	case d >= 2*time.Hour:
		return Plural(int((d+30*time.Minute)/time.Hour), "hour", "hours")
	}
	return Plural(int(d/time.Minute), "minute", "minutes")
}

const widest = 44 // columns of a name

// columns is how many parts of the window a sparkline has, and what one is.
func (m *monitorWriter) columns() (n int, title string) {
	w := m.r.Window
	d := w.To.Sub(w.From)
	switch {
	case d <= time.Hour:
		n = min(12, max(int(d/(5*time.Minute)), 1))
	case d <= 24*time.Hour+30*time.Minute:
		n = 24
	case d <= 31*24*time.Hour:
		n = int((d + 12*time.Hour) / (24 * time.Hour))
	default:
		n = 30
	}
	return n, strings.ToUpper(howLong(d))
}

func (m *monitorWriter) groups(title string, groups []evidence.Group, many string) {
	n, spark := m.columns()
	rows := [][]string{{title, "", "INSTANCES", "ANSWERED", "REFUSED", spark, "LAST CALL"}}
	if title == "CLUSTER" {
		rows[0][1] = "OWNER"
	}
	styles := []func(...any) string{m.dim}
	quiet, instances := 0, 0
	for _, g := range groups {
		if g.State == evidence.Quiet && !m.o.Verbose {
			quiet, instances = quiet+1, instances+g.Instances.Total()
			continue
		}
		rows = append(rows, []string{name(g.Ref), short(Clean(g.Owner)), m.members(g), Number(int(g.Calls)), Number(int(g.Rejected)), sparkline(m.r.Columns(g.Of, n)), last(g.Last)})
		styles = append(styles, m.style(g.State))
	}
	if len(rows) > 1 {
		m.printf("\n")
		m.table(rows, styles, 0, 5)
	}
	if quiet > 0 {
		one := strings.TrimSuffix(many, "s")
		m.printf("%s\n", m.ok(fmt.Sprintf("%s quiet, %s", Plural(quiet, one+" is", many+" are"), Plural(instances, "instance", "instances")))+m.dim("   [-v lists them]"))
	}
}

func (m *monitorWriter) style(s evidence.State) func(...any) string {
	switch s {
	case evidence.CallsSeen:
		return m.red
	case evidence.Unknown:
		return m.warn
	}
	return m.ok
}

// members says how many instances of a group are in its state.
func (m *monitorWriter) members(g evidence.Group) string {
	total := Number(g.Instances.Total())
	switch g.State {
	case evidence.CallsSeen:
		return Number(g.Instances.CallsSeen) + " of " + total
	case evidence.Unknown:
		return Number(g.Instances.Unknown) + " of " + total + " unknown"
	}
	return total + " quiet"
}

func name(r evidence.Ref) string {
	id := Clean(r.ID)
	switch {
	case r.Name == "":
		return short(id)
	case r.ID == "":
		return short(Clean(r.Name))
	case strings.Contains(r.ID, ","):
		return short(Clean(r.Name)) // several clusters: the names say which
	}
	return short(Clean(r.Name)) + "  " + short(id)
}

// cells is how many columns of a terminal the text takes.
func cells(s string) int {
	n := 0
	for _, r := range s {
		n += runeWidth(r)
	}
	return n
}

func short(s string) string {
	if cells(s) <= widest {
		return s
	}
	n := 0
	for i, r := range s {
		if n += runeWidth(r); n > widest-1 {
			return s[:i] + "…"
		}
	}
	return s
}

func last(t *time.Time) string {
	if t == nil {
		return "-"
	}
	return clock(*t)
}

// bars are for calls; a part of the time without calls and one without data
// points look different.
var bars = []rune("▂▃▄▅▆▇█")

const (
	noData  = '·'
	noCalls = '▁'
)

func sparkline(columns []evidence.Column) string {
	var most int64
	for _, c := range columns {
		most = max(most, c.Calls)
	}
	var sb strings.Builder
	for _, c := range columns {
		switch {
		case c.Calls > 0:
			// Not by multiplying: a count may be near the end of its range.
			sb.WriteRune(bars[int(float64(c.Calls)/float64(most)*float64(len(bars)-1)+0.5)])
		case c.Reported:
			sb.WriteRune(noCalls)
		default:
			sb.WriteRune(noData)
		}
	}
	return sb.String()
}

// table prints rows with aligned columns. The style marks the columns given.
func (m *monitorWriter) table(rows [][]string, styles []func(...any) string, styled ...int) {
	width := make([]int, len(rows[0]))
	for _, row := range rows {
		for i, cell := range row {
			width[i] = max(width[i], cells(cell))
		}
	}
	for r, row := range rows {
		var sb strings.Builder
		for i, cell := range row {
			if width[i] == 0 {
				continue
			}
			pad := strings.Repeat(" ", width[i]-cells(cell))
			if r == 0 || slices.Contains(styled, i) {
				cell = styles[r](cell)
			}
			if isCount(rows[0][i]) {
				cell = pad + cell
			} else if i < len(row)-1 {
				cell += pad
			}
			if sb.Len() > 0 {
				sb.WriteString("  ")
			}
			sb.WriteString(cell)
		}
		m.printf("%s\n", sb.String())
	}
}

func isCount(title string) bool { return title == "ANSWERED" || title == "REFUSED" }

func (m *monitorWriter) instances() {
	n, spark := m.columns()
	rows := [][]string{{"INSTANCE", "CLUSTER", "STATE", "TOKENS", "ANSWERED", "REFUSED", spark, "LAST CALL"}}
	styles := []func(...any) string{m.dim}
	for i := range m.r.Instances {
		in := &m.r.Instances[i]
		rows = append(rows, []string{Clean(in.ID) + " " + Clean(in.Region), whose(in), Clean(in.Lifecycle), cmp.Or(Clean(in.Tokens), "-"),
			Number(int(in.Calls)), Number(int(in.Rejected)), sparkline(m.r.Columns([]int{i}, n)), last(in.Last())})
		styles = append(styles, m.style(in.State))
	}
	if len(rows) > 1 {
		m.printf("\n")
		m.table(rows, styles, 0, 6)
	}
}

func whose(in *evidence.Instance) string {
	var names []string
	for _, c := range in.Clusters {
		names = append(names, Clean(cmp.Or(c.Name, c.ID)))
	}
	switch {
	case len(names) > 0:
		return short(strings.Join(names, " or "))
	case in.Pool != nil:
		return short("pool " + Clean(cmp.Or(in.Pool.Name, in.Pool.ID)))
	case in.Warehouse != "":
		return short("warehouse " + Clean(in.Warehouse))
	}
	return "-"
}

// unknown says why instances are unknown, those of the same reason together.
func (m *monitorWriter) unknown() {
	byWhy := map[string][]string{}
	var order []string
	for i := range m.r.Instances {
		in := &m.r.Instances[i]
		if in.State != evidence.Unknown {
			continue
		}
		if byWhy[in.Why] == nil {
			order = append(order, in.Why)
		}
		byWhy[in.Why] = append(byWhy[in.Why], Clean(in.ID))
	}
	if len(order) > 0 {
		m.printf("\n")
	}
	const shown = 5
	for _, why := range order {
		ids := byWhy[why]
		list := strings.Join(ids[:min(len(ids), shown)], ", ")
		if n := len(ids) - shown; n > 0 {
			list += fmt.Sprintf(" and %s more", Number(n))
		}
		m.printf("%s %s: %s\n", m.warn("unknown:"), list, Clean(why))
	}
}

func (m *monitorWriter) counts() string {
	s := m.r.Summary
	if s.Total() == 0 {
		return m.warn("no instances of Databricks were found")
	}
	calls := "none called without a token"
	if s.CallsSeen > 0 {
		calls = m.red(fmt.Sprintf("%s called without a token (%s answered, %s refused)", Number(s.CallsSeen), Plural(int(s.Calls), "call", "calls"), Number(int(s.Rejected))))
	}
	text := fmt.Sprintf("%s: %s, %s quiet", Plural(s.Total(), "instance", "instances"), calls, Number(s.Quiet))
	if s.Unknown > 0 {
		text += ", " + m.warn(Number(s.Unknown)+" unknown")
	}
	return text
}

// sum is the last line: the numbers, what was left out, and the verdict.
func (m *monitorWriter) sum() string {
	s := m.r.Summary
	text := m.counts() + "."
	if s.Ended > 0 {
		text += " " + Plural(s.Ended, "instance", "instances") + " ended before."
	}
	if s.Excluded > 0 {
		text += " " + Plural(s.Excluded, "instance is another team's or workspace's", "instances are other teams' or workspaces'") + ": left out."
	}
	if n := s.Required + s.Optional; n > 0 && s.Required > 0 {
		text += " " + fmt.Sprintf("%s of %s running require tokens.", Number(s.Required), Number(n))
	}
	switch m.r.Verdict {
	case evidence.CallsSeen:
		switch {
		case s.Rejected == 0:
			text += " " + m.red("Enforcing IMDSv2 would break these calls.")
		default:
			text += " " + m.red("Refused calls are of code that enforcement breaks.")
		}
	case evidence.Quiet:
		text += " " + m.ok("Quiet.")
	default:
		text += " " + m.warn("Not known to be clean.")
	}
	return text
}
