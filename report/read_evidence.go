package report

import (
	"encoding/json"
	"fmt"
	"slices"
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
		Tool      jsonTool     `json:"tool"`
		Started   time.Time    `json:"started"`
		Workspace string       `json:"workspace"`
		Switched  time.Time    `json:"switched"`
		Series    []jsonSeries `json:"series"`
		Unknown   []jsonUnread `json:"unknown"`
	}
	jsonSeries struct {
		Name   string      `json:"cluster"`
		ID     string      `json:"cluster_id"`
		Pool   string      `json:"pool"`
		Owner  string      `json:"owner"`
		Points []jsonPoint `json:"points"`
	}
	jsonPoint struct {
		Time     time.Time `json:"time"`
		NoToken  float64   `json:"no_token"`
		Rejected float64   `json:"rejected"`
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
	out := &result.Metric{Started: in.Started, Workspace: in.Workspace, Switched: in.Switched, Unknown: readUnread(in.Unknown)}
	for _, x := range in.Series {
		s := result.Series{Name: x.Name, ID: x.ID, Pool: x.Pool, Owner: x.Owner}
		for _, p := range x.Points {
			s.Points = append(s.Points, result.Point{Time: p.Time, NoToken: max(0, p.NoToken), Rejected: max(0, p.Rejected)})
		}
		out.Series = append(out.Series, s)
	}
	return out, in.Tool.Version, nil
}

func readUnread(list []jsonUnread) []result.FileError {
	var out []result.FileError
	for _, x := range list {
		out = append(out, result.FileError{Path: x.Object, Reason: x.Reason})
	}
	return out
}
