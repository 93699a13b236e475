package report

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/imdsscan/imdsscan/report/result"
)

// The kinds of results that only the readiness report shows.
const (
	KindPreflight = "preflight"
	KindMonitor   = "monitor"
)

// The members of the other commands' JSON that the report shows; others are
// passed over.
type (
	jsonPreflight struct {
		Tool      jsonTool       `json:"tool"`
		Started   time.Time      `json:"started"`
		Workspace string         `json:"workspace"`
		Setting   string         `json:"setting"`
		Items     []jsonObstacle `json:"items"`
		Compute   []jsonCompute  `json:"compute"`
		Unread    []jsonUnread   `json:"unread"`
	}
	jsonObstacle struct {
		Level  string `json:"level"`
		Kind   string `json:"kind"`
		Object string `json:"object"`
		Why    string `json:"why"`
		Remedy string `json:"remedy"`
	}
	jsonCompute struct {
		Kind    string    `json:"kind"`
		Name    string    `json:"name"`
		ID      string    `json:"id"`
		Owner   string    `json:"owner"`
		State   string    `json:"state"`
		Runtime string    `json:"runtime"`
		Started time.Time `json:"started"`
		Before  bool      `json:"from_before"`
	}
	jsonUnread struct {
		Object string `json:"object"`
		Reason string `json:"reason"`
	}
	jsonMetric struct {
		Tool      jsonTool  `json:"tool"`
		Taken     time.Time `json:"taken_at"`
		Workspace string    `json:"workspace"`
		Window    struct {
			From   time.Time `json:"from"`
			To     time.Time `json:"to"`
			Period int       `json:"period_seconds"`
		} `json:"window"`
		Timeline  []jsonBucket   `json:"timeline"`
		Instances []jsonInstance `json:"instances"`
		Problems  []struct {
			Region string `json:"region"`
			Action string `json:"action"`
			Reason string `json:"reason"`
			Remedy string `json:"remedy"`
		} `json:"problems"`
	}
	jsonBucket struct {
		At        time.Time `json:"at"`
		Calls     int64     `json:"calls"`
		Rejected  int64     `json:"rejected"`
		Reporting int       `json:"reporting"`
	}
	jsonInstance struct {
		ID       string       `json:"id"`
		Clusters []jsonRef    `json:"clusters"`
		Pool     *jsonRef     `json:"pool"`
		Owner    string       `json:"owner"`
		State    string       `json:"state"`
		Why      string       `json:"why"`
		Points   []jsonBucket `json:"points"`
	}
	jsonRef struct {
		ID   string `json:"id"`
		Name string `json:"name"`
	}
)

func readPreflight(text []byte) (*result.Preflight, string, error) {
	var in jsonPreflight
	if err := json.Unmarshal(text, &in); err != nil {
		return nil, "", notJSON(err)
	}
	out := &result.Preflight{Started: in.Started, Workspace: in.Workspace, Setting: in.Setting}
	for i, x := range in.Items {
		if !slices.Contains([]string{result.Blocker, result.Warn, "note"}, x.Level) {
			return nil, "", fmt.Errorf("item %d: there is no level %.40q", i+1, x.Level)
		}
		out.Items = append(out.Items, result.Obstacle(x))
	}
	for _, x := range in.Compute {
		out.Compute = append(out.Compute, result.Compute(x))
	}
	out.Unread = readUnread(in.Unread)
	return out, in.Tool.Version, nil
}

func readMetric(text []byte) (*result.Metric, string, error) {
	var in jsonMetric
	if err := json.Unmarshal(text, &in); err != nil {
		return nil, "", notJSON(err)
	}
	period := time.Duration(in.Window.Period) * time.Second
	if period < time.Second || !in.Window.From.Before(in.Window.To) {
		return nil, "", errors.New("the result of monitor has no window")
	}
	out := &result.Metric{Started: in.Taken, Workspace: in.Workspace, From: in.Window.From, To: in.Window.To, Period: period, All: readPoints(in.Timeline)}
	for _, x := range in.Instances {
		s := x.series()
		if i := slices.IndexFunc(out.Series, func(t result.Series) bool { return t.Kind == s.Kind && t.ID == s.ID }); i >= 0 {
			out.Series[i].Points = addPoints(out.Series[i].Points, s.Points)
		} else {
			out.Series = append(out.Series, s)
		}
		if x.State == "unknown" {
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

// series is the instance as the cluster or pool that it was of.
func (x *jsonInstance) series() result.Series {
	s := result.Series{Owner: x.Owner, Points: readPoints(x.Points)}
	switch {
	case len(x.Clusters) == 1:
		s.Kind, s.ID, s.Name = "cluster", x.Clusters[0].ID, x.Clusters[0].Name
	case x.Pool != nil:
		s.Kind, s.ID, s.Name = "pool", x.Pool.ID, x.Pool.Name
	default:
		s.Kind, s.ID = "instance", x.ID
	}
	if s.Name == "" {
		s.Name = s.ID
	}
	return s
}

func readPoints(list []jsonBucket) []result.Point {
	var out []result.Point
	for _, p := range list {
		out = append(out, result.Point{Time: p.At, NoToken: max(0, p.Calls), Rejected: max(0, p.Rejected), Reporting: p.Reporting})
	}
	return out
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

func readUnread(list []jsonUnread) []result.FileError {
	var out []result.FileError
	for _, x := range list {
		out = append(out, result.FileError{Path: x.Object, Reason: x.Reason})
	}
	return out
}
