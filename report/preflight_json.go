package report

import (
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"time"

	"github.com/imdsscan/imdsscan/report/result"
)

// PreflightVersion is the version of the JSON of a preflight; its schema is
// docs/schema/preflight-v1.json.
const PreflightVersion = "1.0"

// The JSON of a preflight, as it is written and read.
type (
	jsonPreflight struct {
		SchemaVersion string         `json:"schema_version"`
		Kind          string         `json:"kind"`
		Tool          jsonTool       `json:"tool"`
		Started       time.Time      `json:"started"`
		Workspace     string         `json:"workspace"`
		User          string         `json:"user"`
		Setting       string         `json:"setting"`
		Switched      *time.Time     `json:"switched,omitempty"`
		Exact         bool           `json:"exact,omitempty"`
		Ready         bool           `json:"ready"`
		Complete      bool           `json:"complete"`
		Counts        jsonPreCounts  `json:"counts"`
		Code          jsonPreCode    `json:"code"`
		Evidence      []jsonLook     `json:"evidence"`
		Items         []jsonObstacle `json:"items"`
		Compute       []jsonCompute  `json:"compute"`
		Unread        []jsonUnread   `json:"unread"`
	}
	jsonPreCounts struct {
		Blockers int `json:"blockers"`
		Warnings int `json:"warnings"`
		Notes    int `json:"notes"`
		Unread   int `json:"unread"`
	}
	jsonPreCode struct {
		Started   *time.Time `json:"started,omitempty"`
		File      string     `json:"file,omitempty"`
		Objects   int        `json:"objects"`
		Cells     int        `json:"cells"`
		Findings  int        `json:"findings"`
		Safe      int        `json:"safe_fixes"`
		Compliant int        `json:"compliant_requests"`
		Skipped   int        `json:"skipped"`
		Unread    int        `json:"unread"`
	}
	jsonLook struct {
		File    string    `json:"file"`
		Taken   time.Time `json:"taken_at"`
		From    time.Time `json:"from"`
		To      time.Time `json:"to"`
		Verdict string    `json:"verdict"`
		Refused string    `json:"refused,omitempty"`
	}
	jsonObstacle struct {
		Level    string `json:"level"`
		Check    string `json:"check"`
		Kind     string `json:"kind"`
		Object   string `json:"object"`
		ID       string `json:"id,omitempty"`
		Owner    string `json:"owner,omitempty"`
		URL      string `json:"url,omitempty"`
		Why      string `json:"why"`
		Remedy   string `json:"remedy"`
		Findings int    `json:"findings,omitempty"`
		Safe     int    `json:"safe_fixes,omitempty"`
		Affects  int    `json:"affects,omitempty"`
	}
	jsonCompute struct {
		Kind    string     `json:"kind"`
		Name    string     `json:"name"`
		ID      string     `json:"id"`
		Owner   string     `json:"owner,omitempty"`
		State   string     `json:"state"`
		Runtime string     `json:"runtime,omitempty"`
		Started *time.Time `json:"started,omitempty"`
		// Before is null where it is not known.
		Before *bool `json:"from_before"`
	}
	jsonUnread struct {
		Object string `json:"object"`
		Reason string `json:"reason"`
	}
)

// PreflightJSON prints a preflight by docs/schema/preflight-v1.json.
func PreflightJSON(w io.Writer, p *result.Preflight, _ Options) error {
	c := p.Code
	out := jsonPreflight{SchemaVersion: PreflightVersion, Kind: KindPreflight, Tool: jsonTool{p.Tool.Name, p.Tool.Version},
		Started: p.Started.UTC(), Workspace: p.Workspace, User: p.User, Setting: p.Setting, Switched: timeOf(p.Switched), Exact: p.Exact,
		Ready: p.Blockers() == 0, Complete: len(p.Unread) == 0,
		Counts: jsonPreCounts{p.Blockers(), p.Count(result.Warn), p.Count(result.NoteToRead), len(p.Unread)},
		Code:   jsonPreCode{timeOf(c.Started), c.File, c.Objects, c.Cells, c.Findings, c.Safe, c.Compliant, c.Skipped, c.Unread},
		Items:  []jsonObstacle{}, Evidence: []jsonLook{}, Compute: []jsonCompute{}, Unread: []jsonUnread{}}
	for _, x := range p.Evidence {
		out.Evidence = append(out.Evidence, jsonLook{x.File, x.Taken.UTC(), x.From.UTC(), x.To.UTC(), x.Verdict, x.Refused})
	}
	for _, x := range p.Items {
		out.Items = append(out.Items, jsonObstacle{x.Level, string(x.Check), x.Kind, x.Object, x.ID, x.Owner, x.URL, x.Why, x.Remedy, x.Findings, x.Safe, x.Affects})
	}
	for _, x := range p.Compute {
		out.Compute = append(out.Compute, jsonCompute{x.Kind, x.Name, x.ID, x.Owner, x.State, x.Runtime, timeOf(x.Started), beforeOf(x.Before)})
	}
	for _, x := range p.Unread {
		out.Unread = append(out.Unread, jsonUnread{x.Path, x.Reason})
	}
	enc := json.NewEncoder(w)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	return enc.Encode(out)
}

// timeOf is a time that may be missing.
func timeOf(t time.Time) *time.Time {
	if t.IsZero() {
		return nil
	}
	t = t.UTC()
	return &t
}

func timeIn(t *time.Time) time.Time {
	if t == nil {
		return time.Time{}
	}
	return *t
}

func beforeOf(b result.Before) *bool {
	if b == result.NotKnown {
		return nil
	}
	yes := b == result.FromBefore
	return &yes
}

func beforeIn(b *bool) result.Before {
	switch {
	case b == nil:
		return result.NotKnown
	case *b:
		return result.FromBefore
	}
	return result.NotFromBefore
}

func readPreflight(text []byte) (*result.Preflight, string, error) {
	var in jsonPreflight
	if err := json.Unmarshal(text, &in); err != nil {
		return nil, "", notJSON(err)
	}
	c := in.Code
	out := &result.Preflight{Tool: result.Tool{Name: in.Tool.Name, Version: in.Tool.Version}, Started: in.Started, Workspace: in.Workspace, User: in.User,
		Setting: in.Setting, Switched: timeIn(in.Switched), Exact: in.Exact,
		Code: result.Code{Started: timeIn(c.Started), File: c.File, Objects: c.Objects, Cells: c.Cells, Findings: c.Findings, Safe: c.Safe, Compliant: c.Compliant, Skipped: c.Skipped, Unread: c.Unread}}
	for i, x := range in.Items {
		if !slices.Contains(result.Levels, x.Level) {
			return nil, "", fmt.Errorf("item %d: there is no level %.40q", i+1, x.Level)
		}
		out.Items = append(out.Items, result.Obstacle{Level: x.Level, Check: result.Check(x.Check), Kind: x.Kind, Object: x.Object, ID: x.ID, Owner: x.Owner, URL: x.URL,
			Why: x.Why, Remedy: x.Remedy, Findings: x.Findings, Safe: x.Safe, Affects: max(x.Affects, 1)})
	}
	for _, x := range in.Compute {
		out.Compute = append(out.Compute, result.Compute{Kind: x.Kind, Name: x.Name, ID: x.ID, Owner: x.Owner, State: x.State, Runtime: x.Runtime, Started: timeIn(x.Started), Before: beforeIn(x.Before)})
	}
	for _, x := range in.Evidence {
		out.Evidence = append(out.Evidence, result.Look{File: x.File, Taken: x.Taken, From: x.From, To: x.To, Verdict: x.Verdict, Refused: x.Refused})
	}
	for _, x := range in.Unread {
		out.Unread = append(out.Unread, result.FileError{Path: x.Object, Reason: x.Reason})
	}
	return out, in.Tool.Version, nil
}
