package html

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/imdsscan/imdsscan/report"
	"github.com/imdsscan/imdsscan/report/result"
)

// metricView is the metric over time: of all clusters, and of those with the
// most requests.
type metricView struct {
	Metric   *result.Metric
	All      timeline
	Clusters []clusterView
	More     int
	Unknown  gapTable
	Empty    bool
}

type clusterView struct {
	Name, ID, Pool, Owner string
	NoToken, Rejected     int
	Line                  timeline
}

// timeline is a chart of bars over time. Positions are percentages.
type timeline struct {
	ID, Title, Desc string
	Bars            []timeBar
	Switch          string // where it was switched, empty where that is not within
	SwitchEnd       bool   // the label stands left of the mark
	SwitchWord      string
	From, To, Most  string
	Height          int
	Rows            []timeRow
}

type timeBar struct {
	X, Width string
	// NoTokenY and so on are in pixels from the top.
	NoTokenY, NoTokenH   string
	RejectedY, RejectedH string
	Title                string
}

type timeRow struct {
	Time              string
	NoToken, Rejected int
}

const (
	maxTimeBars  = 120
	maxClusters  = 12
	chartHeight  = 120
	smallHeight  = 36
	maxTimeTable = 200
)

func metricOf(m *result.Metric) *metricView {
	if m == nil {
		return nil
	}
	v := &metricView{Metric: m}
	from, to := reach(m)
	v.Empty = from.IsZero()
	all := sumUp(m)
	v.All = timelineOf("metric-all", "All clusters", all, m.Switched, from, to, chartHeight)
	series := slices.Clone(m.Series)
	slices.SortStableFunc(series, func(a, b result.Series) int {
		x, xr := a.Sum()
		y, yr := b.Sum()
		switch {
		case x+xr > y+yr:
			return -1
		case x+xr < y+yr:
			return 1
		}
		return strings.Compare(a.Name+a.ID, b.Name+b.ID)
	})
	for i, s := range series {
		if i >= maxTable {
			v.More++
			continue
		}
		noToken, rejected := s.Sum()
		c := clusterView{Name: s.Name, ID: s.ID, Pool: s.Pool, Owner: s.Owner, NoToken: round(noToken), Rejected: round(rejected)}
		if i < maxClusters && noToken+rejected > 0 {
			c.Line = timelineOf(fmt.Sprintf("metric-%d", i+1), s.Name, s.Points, m.Switched, from, to, smallHeight)
		}
		v.Clusters = append(v.Clusters, c)
	}
	for _, u := range m.Unknown {
		v.Unknown.add(func() gap { return gap{Path: u.Path, Why: u.Reason} })
	}
	return v
}

// reach is the time that the points span, the switch included.
func reach(m *result.Metric) (from, to time.Time) {
	for _, s := range m.Series {
		for _, p := range s.Points {
			if from.IsZero() || p.Time.Before(from) {
				from = p.Time
			}
			if p.Time.After(to) {
				to = p.Time
			}
		}
	}
	if !from.IsZero() && !m.Switched.IsZero() && m.Switched.After(to) && m.Switched.Sub(to) < to.Sub(from)+time.Hour {
		to = m.Switched
	}
	return from, to
}

func sumUp(m *result.Metric) []result.Point {
	var all []result.Point
	for _, s := range m.Series {
		all = append(all, s.Points...)
	}
	slices.SortStableFunc(all, func(a, b result.Point) int { return a.Time.Compare(b.Time) })
	var out []result.Point
	for _, p := range all {
		if n := len(out); n > 0 && out[n-1].Time.Equal(p.Time) {
			out[n-1].NoToken += p.NoToken
			out[n-1].Rejected += p.Rejected
			continue
		}
		out = append(out, p)
	}
	return out
}

// timelineOf draws the points between from and to in as many bars as there are
// times, up to a limit.
func timelineOf(id, title string, points []result.Point, switched, from, to time.Time, height int) timeline {
	t := timeline{ID: id, Title: title, Height: height}
	if len(points) == 0 {
		return t
	}
	n := min(maxTimeBars, steps(points, from, to))
	step := max(to.Sub(from)/time.Duration(max(1, n-1)), time.Second)
	sums := make([]result.Point, n)
	for i := range sums {
		sums[i].Time = from.Add(time.Duration(i) * step)
	}
	for _, p := range points {
		i := min(n-1, max(0, int((p.Time.Sub(from)+step/2)/step)))
		sums[i].NoToken += p.NoToken
		sums[i].Rejected += p.Rejected
	}
	most, noToken, rejected := 0.0, 0.0, 0.0
	for _, s := range sums {
		most = max(most, s.NoToken+s.Rejected)
		noToken, rejected = noToken+s.NoToken, rejected+s.Rejected
	}
	width := 100 / float64(n)
	room := float64(height - 2)
	for i, s := range sums {
		if s.NoToken+s.Rejected == 0 {
			continue
		}
		a, b := room*s.NoToken/most, room*s.Rejected/most
		t.Bars = append(t.Bars, timeBar{X: percent(float64(i)*width + width*0.1), Width: percent(width * 0.8),
			NoTokenY: pixels(float64(height) - a), NoTokenH: pixels(a), RejectedY: pixels(float64(height) - a - b), RejectedH: pixels(b),
			Title: fmt.Sprintf("%s: %s without a token, %s rejected", when(s.Time), report.Number(round(s.NoToken)), report.Number(round(s.Rejected)))})
	}
	for _, p := range points[:min(len(points), maxTimeTable)] {
		t.Rows = append(t.Rows, timeRow{when(p.Time), round(p.NoToken), round(p.Rejected)})
	}
	t.From, t.To, t.Most = when(from), when(to), report.Number(round(most))
	if at := switched.Sub(from); !switched.IsZero() && at >= 0 && !switched.After(to.Add(step)) {
		x := min(100, 100*float64(at+step/2)/float64(step*time.Duration(n)))
		t.Switch, t.SwitchEnd, t.SwitchWord = percent(x), x > 60, "switched on "+switched.UTC().Format("2 Jan, 15:04")
	}
	t.Desc = fmt.Sprintf("From %s to %s: %s without a token, %s rejected.", t.From, t.To, requests(noToken), report.Number(round(rejected)))
	if t.SwitchWord != "" {
		t.Desc += " Enforcement was " + t.SwitchWord + "."
	}
	return t
}

// steps is how many bars the shortest time between two points asks for.
func steps(points []result.Point, from, to time.Time) int {
	gap := time.Duration(0)
	for i := 1; i < len(points); i++ {
		if d := points[i].Time.Sub(points[i-1].Time); d > 0 && (gap == 0 || d < gap) {
			gap = d
		}
	}
	if gap == 0 {
		return 1
	}
	return int(min(int64(to.Sub(from)/gap), maxTimeBars)) + 1
}

func pixels(x float64) string { return fmt.Sprintf("%.1f", x) }

func round(x float64) int { return int(x + 0.5) }
