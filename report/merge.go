package report

import (
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/imdsscan/imdsscan/report/result"
)

// Evidence is what a readiness report rests on, beside the run itself.
type Evidence struct {
	Title     string
	Sources   []Source
	Preflight *result.Preflight
	Metric    *result.Metric
	// Twice are files that more than one of the results names.
	Twice []string
}

// Source is where results come from.
type Source struct {
	Name, Kind, Version string
	Started             time.Time
}

// Has tells whether there are results of the kind.
func (e *Evidence) Has(kind string) bool {
	return slices.ContainsFunc(e.Sources, func(s Source) bool { return s.Kind == kind })
}

// Merge takes the results of several commands together.
type Merge struct {
	// Applied is true when one of the runs wrote its fixes.
	Applied  bool
	run      result.Run
	evidence Evidence
	paths    map[string]bool
}

// Add reads a JSON file of any kind.
func (m *Merge) Add(name string, text []byte) error {
	kind, err := KindOf(text)
	if err != nil {
		return err
	}
	switch kind {
	case KindCheck:
		run, applied, err := Read(text)
		if err != nil {
			return err
		}
		m.Applied = m.Applied || applied
		m.add(run)
		m.source(name, kind, run.Started, run.Tool.Version)
	case KindPreflight:
		p, version, err := readPreflight(text)
		if err != nil {
			return err
		}
		if m.evidence.Preflight != nil {
			return errors.New("a preflight was given already; give the one that holds")
		}
		m.evidence.Preflight = p
		m.source(name, kind, p.Started, version)
	case KindMonitor:
		x, version, err := readMetric(text)
		if err != nil {
			return err
		}
		m.evidence.Metric = joinMetrics(m.evidence.Metric, x)
		m.source(name, kind, x.Started, version)
	default:
		return fmt.Errorf("a result of kind %.40q is not known; there are %s, %s and %s", kind, KindCheck, KindPreflight, KindMonitor)
	}
	return nil
}

func (m *Merge) source(name, kind string, started time.Time, version string) {
	m.evidence.Sources = append(m.evidence.Sources, Source{Name: name, Kind: kind, Version: version, Started: started})
}

func (m *Merge) add(run *result.Run) {
	if m.run.Tool.Name == "" {
		m.run.Tool, m.run.Started, m.run.Scope = run.Tool, run.Started, run.Scope
	} else {
		m.run.Scope = nil // of several runs, nobody knows what they cover together
	}
	if run.Started.Before(m.run.Started) {
		m.run.Started = run.Started // the report is as old as the oldest of its results
	}
	before := m.run.Counts
	if m.paths == nil {
		m.paths = map[string]bool{}
	}
	for _, f := range run.Files {
		if m.paths[f.Path] {
			m.evidence.Twice = append(m.evidence.Twice, f.Path)
		}
		m.paths[f.Path] = true
	}
	m.run.Files = append(m.run.Files, run.Files...)
	m.run.Errors = append(m.run.Errors, run.Errors...)
	m.run.Skipped = append(m.run.Skipped, run.Skipped...)
	m.run.Counts.Files, m.run.Counts.Cells, m.run.Counts.Bytes = before.Files+run.Counts.Files, before.Cells+run.Counts.Cells, before.Bytes+run.Counts.Bytes
	compliant := before.Compliant + run.Counts.Compliant
	m.run.Tally()
	m.run.Counts.Compliant = compliant
}

// Has tells whether results of the kind were added.
func (m *Merge) Has(kind string) bool { return m.evidence.Has(kind) }

// Run is everything that check has found, in one run.
func (m *Merge) Run() *result.Run { return &m.run }

// Evidence is the rest, under a title. The time of the switch is the given one
// where that is not zero, else what preflight knows.
func (m *Merge) Evidence(title string, switched time.Time) Evidence {
	e := m.evidence
	e.Title = title
	p := e.Preflight
	switch {
	case e.Metric == nil:
	case !switched.IsZero():
		e.Metric.Switched, e.Metric.Seen = switched, false
	case p != nil && !p.Switched.IsZero():
		e.Metric.Switched, e.Metric.Seen = p.Switched, !p.Exact
	}
	return e
}

// joinMetrics has both windows; where they overlap the later look holds.
func joinMetrics(a, b *result.Metric) *result.Metric {
	if a == nil {
		return b
	}
	if b.Started.Before(a.Started) {
		a, b = b, a
	}
	out := *b
	out.Unknown = b.Unknown
	if a.From.Before(out.From) {
		out.From = a.From
	}
	if a.To.After(out.To) {
		out.To = a.To
	}
	out.Period = min(a.Period, b.Period)
	out.All = joinPoints(a.All, b.All)
	out.Series = slices.Clone(a.Series)
	for _, s := range b.Series {
		i := slices.IndexFunc(out.Series, func(t result.Series) bool { return t.Kind == s.Kind && t.ID == s.ID })
		if i < 0 {
			out.Series = append(out.Series, s)
			continue
		}
		out.Series[i].Points = joinPoints(out.Series[i].Points, s.Points)
	}
	return &out
}

// joinPoints has one point a time: of two, the one given later.
func joinPoints(a, b []result.Point) []result.Point {
	all := slices.Concat(b, a)
	slices.SortStableFunc(all, func(x, y result.Point) int { return x.Time.Compare(y.Time) })
	return slices.CompactFunc(all, func(x, y result.Point) bool { return x.Time.Equal(y.Time) })
}
