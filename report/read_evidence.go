package report

import (
	"bytes"
	"slices"
	"strings"
	"time"

	"github.com/imdsscan/imdsscan/report/result"
	"github.com/imdsscan/imdsscan/workspace/metrics/evidence"
)

// The kinds of results that only the readiness report shows.
const (
	KindPreflight = "preflight"
	KindMonitor   = evidence.Kind
)

func readMetric(text []byte) (*result.Metric, string, error) {
	in, err := evidence.Read(bytes.NewReader(text))
	if err != nil {
		return nil, "", err
	}
	out := &result.Metric{Started: in.TakenAt, Workspace: in.Workspace, From: in.Window.From, To: in.Window.To,
		Period: time.Duration(in.Window.Period) * time.Second}
	for _, b := range in.Timeline {
		out.All = append(out.All, result.Point{Time: b.At, NoToken: max(0, b.Calls), Rejected: max(0, b.Rejected), Reporting: b.Reporting})
	}
	at := map[[2]string]int{}
	for i := range in.Instances {
		x := &in.Instances[i]
		s := seriesOf(x)
		key := [2]string{s.Kind, s.ID}
		if k, ok := at[key]; ok {
			out.Series[k].Points = addPoints(out.Series[k].Points, s.Points)
		} else {
			at[key] = len(out.Series)
			out.Series = append(out.Series, s)
		}
		if x.State == evidence.Unknown {
			out.Unknown = append(out.Unknown, result.FileError{Path: strings.TrimSuffix(x.ID+", "+s.Name, ", "+x.ID), Reason: x.Why})
		}
	}
	for _, x := range in.Problems {
		why := x.Reason
		if x.Remedy != "" {
			why += ". " + x.Remedy
		}
		out.Unknown = append(out.Unknown, result.FileError{Path: strings.TrimSpace(x.Region + " " + x.Action), Reason: why})
	}
	return out, in.Tool.Version, nil
}

// seriesOf is the instance as the cluster or pool that it was of. One that
// served several clusters in turn stands for itself.
func seriesOf(x *evidence.Instance) result.Series {
	s := result.Series{Kind: "instance", ID: x.ID, Owner: x.Owner}
	switch {
	case len(x.Clusters) == 1:
		s.Kind, s.ID, s.Name = "cluster", x.Clusters[0].ID, x.Clusters[0].Name
	case x.Pool != nil:
		s.Kind, s.ID, s.Name = "pool", x.Pool.ID, x.Pool.Name
	}
	if s.Name == "" {
		s.Name = s.ID
	}
	for _, p := range x.Points {
		s.Points = append(s.Points, result.Point{Time: p.At, NoToken: max(0, p.Calls), Rejected: max(0, p.Rejected)})
	}
	return s
}

// addPoints has the sums of both.
func addPoints(a, b []result.Point) []result.Point {
	all := slices.Concat(a, b)
	slices.SortStableFunc(all, func(x, y result.Point) int { return x.Time.Compare(y.Time) })
	out := all[:0]
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
