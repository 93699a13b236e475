package report

import (
	"bytes"
	"fmt"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/imdsscan/imdsscan/report/result"
)

// judged is a preflight with something of everything.
func judged() *result.Preflight {
	day := time.Date(2026, 11, 27, 12, 0, 0, 0, time.UTC)
	return &result.Preflight{Tool: result.Tool{Name: "imdsscan", Version: "1.2.3"}, Started: day, Workspace: "https://h", User: "ana@example.com",
		Setting: "on", Switched: day.Add(-time.Hour), Exact: true,
		Code:     result.Code{Started: day.Add(-2 * time.Hour), File: "r.json", Objects: 1200, Cells: 9, Findings: 3, Safe: 2, Compliant: 4, Skipped: 1, Unread: 1},
		Evidence: []result.Look{{File: "e.json", Taken: day, From: day.Add(-time.Hour), To: day, Verdict: "quiet"}, {File: "old.json", Taken: day, From: day, To: day, Verdict: "unknown", Refused: "too old"}},
		Items: []result.Obstacle{
			{Level: result.Blocker, Check: result.CheckCode, Kind: "notebook", Object: "/Users/ana/a`b|c", ID: "1", Owner: "ana", URL: "https://h/#workspace/a", Why: "1 request <b>", Remedy: "imdsscan check --fix 'workspace:/x'", Findings: 2, Safe: 1, Affects: 1},
			{Level: result.Blocker, Check: result.CheckCode, Kind: "notebook", Object: "/Users/ben/x", Owner: "ben", Why: "1 request", Remedy: "do", Findings: 1, Safe: 1, Affects: 1},
			{Level: result.Warn, Check: result.CheckUnread, Object: "clusters", Why: "no permission", Remedy: "ask", Affects: 1},
			{Level: result.NoteToRead, Check: result.CheckCalls, Object: "CloudWatch, e.json", Why: "quiet", Affects: 1},
		},
		Compute: []result.Compute{{Kind: "cluster", Name: "etl", ID: "c", Owner: "ana", State: "RUNNING", Runtime: "16.4.x-scala2.12", Started: day, Before: result.FromBefore},
			{Kind: "pool", Name: "warm", ID: "p", State: "ACTIVE"}, {Kind: "cluster", Name: "b", ID: "d", State: "TERMINATED", Before: result.NotFromBefore}},
		Unread: []result.FileError{{Path: "clusters", Reason: "no permission"}},
	}
}

func TestPreflightFollowsItsSchemaAndIsReadBack(t *testing.T) {
	s := schema(t, "../docs/schema/preflight-v1.json")
	for name, p := range map[string]*result.Preflight{"full": judged(), "empty": {Tool: result.Tool{Name: "imdsscan", Version: "devel"}, Started: judged().Started, Setting: "unknown"}} {
		text := render(t, func(b *bytes.Buffer) error { return PreflightJSON(b, p, Options{}) })
		if err := validate(t, s, text); err != nil {
			t.Errorf("%s: %v\n%s", name, err, text)
		}
		if err := validate(t, s, strings.Replace(text, `"unread"`, `"unraed"`, 1)); err == nil {
			t.Errorf("%s: the schema accepts a misspelt member", name)
		}
		if kind, err := KindOf([]byte(text)); kind != KindPreflight || err != nil {
			t.Errorf("%s: kind %q, %v", name, kind, err)
		}
		back, version, err := readPreflight([]byte(text))
		if err != nil || version != p.Tool.Version || !reflect.DeepEqual(back, p) {
			t.Errorf("%s: %v, read back:\n%+v\nwant:\n%+v", name, err, back, p)
		}
	}
	for _, c := range result.Checks {
		if !strings.Contains(schemaText(t, "../docs/schema/preflight-v1.json"), `"`+string(c.Check)+`"`) {
			t.Errorf("the schema lacks the check %s", c.Check)
		}
	}
}

// TestPreflightStaysReadable: ten thousand notebooks are a group, of which the
// first are listed.
func TestPreflightStaysReadable(t *testing.T) {
	p := &result.Preflight{Setting: "off", Unread: make([]result.FileError, 300)}
	for i := range 10_000 {
		p.Items = append(p.Items, result.Obstacle{Level: result.Blocker, Check: result.CheckCode, Kind: "notebook", Object: fmt.Sprintf("/Users/u%d/n", i%7), Owner: fmt.Sprintf("u%d", i%7), Why: "w", Remedy: "r", Findings: 1, Safe: i % 2})
	}
	text := render(t, func(b *bytes.Buffer) error { return Preflight(b, p, Options{}) })
	if n := strings.Count(text, "\n"); n > 60 {
		t.Errorf("%d lines", n)
	}
	for _, want := range []string{"10,000 BLOCKERS", "Code (10,000: 10,000 findings, 5,000 safe fixes)", "imdsscan check --fix workspace:/ makes all safe fixes at once",
		"and 9,990 more, of u3, u0, u1 and 4 others   [-v lists them]", "and 290 more   [-v lists them]", "Not ready."} {
		if !strings.Contains(text, want) {
			t.Errorf("%q is missing in\n%s", want, text)
		}
	}
	all := render(t, func(b *bytes.Buffer) error { return Preflight(b, p, Options{Verbose: true}) })
	if n := strings.Count(all, "notebook /Users/"); n != 10_000 {
		t.Errorf("-v lists %d", n)
	}
	markdown := render(t, func(b *bytes.Buffer) error { return PreflightMarkdown(b, p, Options{}) })
	if n := strings.Count(markdown, "- [ ] "); n != markdownFindings || !strings.Contains(markdown, "9,800 more.") || !strings.Contains(markdown, "- 100 more\n") {
		t.Errorf("markdown lists %d", n)
	}
}

func TestPreflightVerdicts(t *testing.T) {
	block := []result.Obstacle{{Level: result.Blocker}}
	warn := []result.Obstacle{{Level: result.Warn}}
	for _, c := range []struct {
		p    result.Preflight
		want string
	}{
		{result.Preflight{Setting: "off", Items: block}, "Not ready."},
		{result.Preflight{Setting: "on", Items: block}, "Enforced, and something breaks."},
		{result.Preflight{Setting: "off", Items: warn}, "No blocker; look at the warnings before you enforce."},
		{result.Preflight{Setting: "off", Items: warn, Unread: make([]result.FileError, 1)}, "No blocker found; 1 object could not be read."},
		{result.Preflight{Setting: "on"}, "Enforced, and nothing that blocks was found."},
		{result.Preflight{Setting: "off"}, "Ready: imdsscan enforce on."},
	} {
		if text := render(t, func(b *bytes.Buffer) error { return Preflight(b, &c.p, Options{}) }); !strings.HasSuffix(text, c.want+"\n") {
			t.Errorf("%q is missing in\n%s", c.want, text)
		}
	}
}

// TestPreflightMarkdownIsInert: text of a workspace stays text.
func TestPreflightMarkdownIsInert(t *testing.T) {
	text := render(t, func(b *bytes.Buffer) error { return PreflightMarkdown(b, judged(), Options{}) })
	for _, bad := range []string{"<b>", "/Users/ana/a`b|c"} {
		if strings.Contains(text, bad) {
			t.Errorf("%q is in\n%s", bad, text)
		}
	}
	for _, want := range []string{"- [ ] **notebook /Users/ana/a&#96;b&#124;c**, of `ana`: 1 request &#60;b&#62;", "  - `imdsscan check --fix 'workspace:/x'`", "- **CloudWatch, e.json**", "### Not read"} {
		if !strings.Contains(text, want) {
			t.Errorf("%q is missing in\n%s", want, text)
		}
	}
}

// TestPreflightNamesItsOwnFix: of Glue catalogs of clusters and policies, not of
// jobs.
func TestPreflightNamesItsOwnFix(t *testing.T) {
	for kind, want := range map[string]bool{"cluster": true, "policy": true, "job": false, "pipeline": false} {
		p := &result.Preflight{Items: []result.Obstacle{{Level: result.Blocker, Check: result.CheckGlue, Kind: kind, Object: "x", Why: "w", Remedy: "r"}}}
		for _, print := range []func(*bytes.Buffer) error{
			func(b *bytes.Buffer) error { return Preflight(b, p, Options{}) }, func(b *bytes.Buffer) error { return PreflightMarkdown(b, p, Options{}) },
		} {
			if text := render(t, print); strings.Contains(text, "imdsscan preflight --fix") != want {
				t.Errorf("%s: %s", kind, text)
			}
		}
	}
}
