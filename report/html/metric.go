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
	Kind, Name, ID, Owner string
	NoToken, Rejected     int
	Line                  timeline
}

// timeline is a chart of bars over time. Positions are percentages, so that it
// fills a screen of any width.
type timeline struct {
	ID, Title, Desc string
	Bars            []timeBar
	Switch          string // where it was switched, empty where that is not within
	SwitchWord      string
	NoData          bool // some of it has none
	From, To, Most  string
	Height          int
	Rows            []timeRow
	MoreRows        int
}

type timeBar struct {
	X, Width, Title string
	Unknown         bool
	// The bars' tops and heights in pixels; no height is no bar.
	NoTokenY, NoTokenH   string
	RejectedY, RejectedH string
}

type timeRow struct {
	Time              string
	NoToken, Rejected int
}

const (
	maxTimeBars = 120
	maxClusters = 12
	chartHeight = 120
	smallHeight = 32
)

func metricOf(m *result.Metric) *metricView {
	if m == nil {
		return nil
	}
	v := &metricView{Metric: m, Empty: reporting(m) == 0}
	v.All = timelineOf("metric-all", "All clusters", m.All, m, chartHeight)
	series := slices.Clone(m.Series)
	sum := func(s result.Series) int64 {
		a, b := result.Sum(s.Points, time.Time{})
		return a + b
	}
	slices.SortStableFunc(series, func(a, b result.Series) int {
		if x, y := sum(a), sum(b); x != y {
			return int(max(-1, min(1, y-x)))
		}
		return strings.Compare(a.Name+"\x00"+a.ID, b.Name+"\x00"+b.ID)
	})
	for i, s := range series {
		if i >= maxTable {
			v.More++
			continue
		}
		noToken, rejected := result.Sum(s.Points, time.Time{})
		c := clusterView{Kind: s.Kind, Name: s.Name, ID: s.ID, Owner: s.Owner, NoToken: int(noToken), Rejected: int(rejected)}
		if i < maxClusters && noToken+rejected > 0 {
			c.Line = timelineOf(fmt.Sprintf("metric-%d", i+1), s.Name, s.Points, m, smallHeight)
		}
		v.Clusters = append(v.Clusters, c)
	}
	for _, u := range m.Unknown {
		v.Unknown.add(func() gap { return gap{Path: u.Path, Why: u.Reason} })
	}
	return v
}

// reporting is how many periods have data.
func reporting(m *result.Metric) int {
	n := 0
	for _, p := range m.All {
		if p.Reporting > 0 || p.NoToken+p.Rejected > 0 {
			n++
		}
	}
	return n
}

// timelineOf draws the points in as many bars as the window has periods, up to
// a limit.
func timelineOf(id, title string, points []result.Point, m *result.Metric, height int) timeline {
	t := timeline{ID: id, Title: title, Height: height, From: when(m.From), To: when(m.To)}
	span := m.To.Sub(m.From)
	n := int(max(1, min(maxTimeBars, (span+m.Period-1)/m.Period)))
	sums := make([]result.Point, n)
	whole := height == chartHeight // the clusters' points leave out quiet periods
	for _, p := range points {
		if i := int(float64(n) * float64(p.Time.Sub(m.From)) / float64(span)); i >= 0 && i < n {
			sums[i].NoToken += p.NoToken
			sums[i].Rejected += p.Rejected
			sums[i].Reporting += p.Reporting
		}
	}
	var most, noToken, rejected int64
	for _, s := range sums {
		most, noToken, rejected = max(most, s.NoToken+s.Rejected), noToken+s.NoToken, rejected+s.Rejected
	}
	width := 100 / float64(n)
	for i, s := range sums {
		at := m.From.Add(time.Duration(float64(span) * float64(i) / float64(n)))
		b := timeBar{X: percent((float64(i) + 0.1) * width), Width: percent(width * 0.8),
			Title: fmt.Sprintf("%s: %s without a token, %s rejected", when(at), report.Number(int(s.NoToken)), report.Number(int(s.Rejected)))}
		if whole && s.Reporting == 0 && s.NoToken+s.Rejected == 0 {
			b.X, b.Width, b.Unknown, b.Title, t.NoData = percent(float64(i)*width), percent(width), true, when(at)+": no data", true
		}
		low := b.draw(s, most, height)
		if b.Unknown || low < height {
			t.Bars = append(t.Bars, b)
		}
	}
	for _, p := range points {
		if p.NoToken+p.Rejected == 0 {
			continue
		}
		if len(t.Rows) == maxTable {
			t.MoreRows++
			continue
		}
		t.Rows = append(t.Rows, timeRow{when(p.Time), int(p.NoToken), int(p.Rejected)})
	}
	t.Most = report.Number(int(most))
	t.Desc = fmt.Sprintf("From %s to %s: %s without a token, %s rejected.", t.From, t.To, requests(noToken), report.Number(int(rejected)))
	if s := m.Switched; !s.IsZero() && !s.Before(m.From) && !s.After(m.To) {
		t.Switch = percent(100 * float64(s.Sub(m.From)) / float64(span))
		t.SwitchWord = "switched on " + when(s)
		if m.Seen {
			t.SwitchWord = "first seen on at " + when(s)
		}
		t.Desc += " Enforcement was " + t.SwitchWord + "."
	}
	return t
}

// draw sets the heights of a bar and gives its top. What is there at all can be
// seen.
func (b *timeBar) draw(s result.Point, most int64, height int) int {
	top := float64(height)
	part := func(n int64) (y, h string) {
		if n == 0 {
			return "", ""
		}
		tall := max(2, float64(height-4)*float64(n)/float64(most))
		top -= tall
		return pixels(top), pixels(tall)
	}
	b.NoTokenY, b.NoTokenH = part(s.NoToken)
	b.RejectedY, b.RejectedH = part(s.Rejected)
	return int(top)
}

func pixels(x float64) string { return fmt.Sprintf("%.1f", x) }
