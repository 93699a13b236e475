package report

import (
	"encoding/json"
	"io"
	"time"

	"github.com/imdsscan/imdsscan/report/result"
)

// EnforcementVersion is the version of docs/schema/enforce-v1.json.
const EnforcementVersion = "1.0"

// KindEnforcement is the kind of the JSON of imdsscan enforce status.
const KindEnforcement = "enforcement"

type (
	jsonEnforcement struct {
		SchemaVersion string             `json:"schema_version"`
		Kind          string             `json:"kind"`
		Tool          jsonTool           `json:"tool"`
		Taken         string             `json:"taken_at"`
		Workspace     string             `json:"workspace"`
		User          string             `json:"user"`
		Key           string             `json:"key"`
		Setting       string             `json:"setting"`
		Raw           *string            `json:"value"`
		Since         string             `json:"since,omitempty"`
		Exact         bool               `json:"exact"`
		By            string             `json:"by,omitempty"`
		Lost          string             `json:"lost,omitempty"`
		Waiting       bool               `json:"waiting"`
		Running       []jsonRunning      `json:"running"`
		Unread        []jsonUnread       `json:"unread"`
		Events        []jsonSettingEvent `json:"history"`
		Kept          string             `json:"history_file,omitempty"`
		Notes         []string           `json:"notes"`
	}
	jsonSettingEvent struct {
		Time     string   `json:"time"`
		Kind     string   `json:"kind"`
		User     string   `json:"user,omitempty"`
		Old      *string  `json:"old"`
		New      *string  `json:"new"`
		Object   string   `json:"object,omitempty"`
		Outcome  string   `json:"outcome,omitempty"`
		Settled  string   `json:"settled,omitempty"`
		Late     bool     `json:"late,omitempty"`
		Why      string   `json:"why,omitempty"`
		Reason   string   `json:"reason,omitempty"`
		Forced   bool     `json:"forced,omitempty"`
		Blockers []string `json:"blockers,omitempty"`
	}
)

// EnforcementJSON prints what is known of the setting as JSON.
func EnforcementJSON(w io.Writer, r *result.Enforcement) error {
	out := jsonEnforcement{SchemaVersion: EnforcementVersion, Kind: KindEnforcement, Tool: jsonTool{r.Tool.Name, r.Tool.Version}, Taken: stamp(r.Taken),
		Workspace: r.Workspace, User: r.User, Key: r.Key, Setting: r.Setting, Raw: orNull(r.Raw), Since: stamp(r.Since), Exact: r.Exact, By: r.By,
		Lost: stamp(r.Lost), Waiting: r.Waiting, Running: runningJSON(r.Running), Unread: []jsonUnread{}, Events: []jsonSettingEvent{}, Kept: r.Kept, Notes: append([]string{}, r.Notes...)}
	for _, x := range r.Unread {
		out.Unread = append(out.Unread, jsonUnread{x.Path, x.Reason})
	}
	for _, x := range r.Events {
		out.Events = append(out.Events, jsonSettingEvent{Time: stamp(x.Time), Kind: x.Kind, User: x.User, Old: orNull(x.Old), New: orNull(x.New), Object: x.Object,
			Outcome: x.Outcome, Settled: stamp(x.Settled), Late: x.Late, Why: x.Why, Reason: x.Reason, Forced: x.Forced, Blockers: x.Blockers})
	}
	enc := json.NewEncoder(w)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	return enc.Encode(out)
}

// stamp is a time in RFC 3339, empty where there is none.
func stamp(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.UTC().Format(time.RFC3339)
}

// orNull is a text of the service, null where it has none.
func orNull(s string) *string {
	if s == "" {
		return nil
	}
	return &s
}
