package report

import (
	"bytes"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/imdsscan/imdsscan/report/result"
)

// enforced is a setting with a history of every kind.
func enforced() *result.Enforcement {
	at := func(s int) time.Time { return time.Date(2026, 11, 27, 12, 0, s, 0, time.UTC) }
	return &result.Enforcement{Tool: result.Tool{Name: "imdsscan", Version: "devel"}, Taken: at(50), Workspace: "https://dev.cloud.databricks.com", User: "ana", Key: "enableEnforceImdsV2",
		Setting: "off", Raw: "false", Since: at(40), Lost: at(12), Kept: "/h.jsonl", Notes: []string{"note \x1b[31m"},
		Events: []result.SettingEvent{
			{Time: at(0), Kind: result.SettingSeen},
			{Time: at(10), Kind: result.SettingChange, User: "ana", New: "true", Outcome: "took effect", Settled: at(12), Reason: "now \x1b[2J", Forced: true, Blockers: []string{"cluster etl (c-1): old"}},
			{Time: at(20), Kind: result.SettingRestart, User: "ana", Object: "cluster etl (c-1)", Outcome: "failed", Settled: at(30), Why: "no instances"},
			{Time: at(31), Kind: result.SettingRestart, User: "ana", Object: "cluster b (c-2)"},
			{Time: at(32), Kind: result.SettingChange, User: "ana", Old: "true", New: "false", Outcome: "took effect", Late: true, Settled: at(33)},
			{Time: at(34), Kind: result.SettingAccepted, User: "ana"},
			{Time: at(40), Kind: result.SettingSeen, New: "false"},
		}}
}

const enforcedText = `https://dev.cloud.databricks.com: enforcement of IMDSv2 is off (enableEnforceImdsV2: false)
  since 2026-11-27 12:00:40 UTC at the latest, when it was first seen to be; it was not switched with imdsscan on this machine
  lost: it was on (known since 2026-11-27 12:00:12 UTC), and somebody else has changed it
History on this machine
  2026-11-27 12:00:00 UTC  seen: never set
  2026-11-27 12:00:10 UTC  never set → true by ana; took effect after 2s; forced over 1 entry of preflight; reason: now \x1b[2J
  = cluster etl (c-1): old
  2026-11-27 12:00:20 UTC  restart of cluster etl (c-1) by ana; no instances
  2026-11-27 12:00:31 UTC  restart of cluster b (c-2) by ana; begun, and not seen to its end
  2026-11-27 12:00:32 UTC  true → false by ana; took effect, as a later look found
  2026-11-27 12:00:34 UTC  taken as it is by ana
  2026-11-27 12:00:40 UTC  seen: false
  = note \x1b[31m
`

func TestEnforcementText(t *testing.T) {
	show := func(r *result.Enforcement, o Options) string {
		return render(t, func(b *bytes.Buffer) error { return Enforcement(b, r, o) })
	}
	if got := show(enforced(), Options{Verbose: true}); got != enforcedText {
		t.Errorf("got\n%s", got)
	}
	on := &result.Enforcement{Workspace: "https://x", Setting: "on", Raw: "true", Key: "k", Since: enforced().Since, Exact: true, By: "ana", Waiting: true}
	want := "https://x: enforcement of IMDSv2 is on (k: true)\n  since 2026-11-27 12:00:40 UTC, switched by ana with imdsscan\n" +
		"  waiting: a change was sent, and has not been seen to take effect\n  nothing runs from before\n"
	if got := show(on, Options{}); got != want {
		t.Errorf("got\n%s", got)
	}
	on.Waiting, on.Running, on.Unread = false, held(), []result.FileError{{Path: "pipelines", Reason: "no permission"}}
	want = `https://x: enforcement of IMDSv2 is on (k: true)
  since 2026-11-27 12:00:40 UTC, switched by ana with imdsscan
pipelines: not read: no permission
3 things run or are kept from before, on instances that may still answer without a token
Interactive clusters, which imdsscan enforce on --restart restarts (1)
  cluster etl \x1b[2J (c-1), of ana, RUNNING: started before
      ! a restart ends the runs on it of job nightly (7)
For a person to do (1)
  pool p-1: idle
      → drain it
      → restart what uses it
End by themselves (1)
  job cluster run (c-3): its job
`
	if got := show(on, Options{}); got != want {
		t.Errorf("got\n%s", got)
	}
	on.Running = slices.Repeat(held()[:1], 25)
	if got := show(on, Options{}); strings.Count(got, "cluster etl") != 20 || !strings.Contains(got, "\n  and 5 more   [-v lists them]\n") {
		t.Errorf("got\n%s", got)
	}
	if got := show(enforced(), Options{Quiet: true}); strings.Contains(got, "History") || strings.Contains(got, "note") || !strings.Contains(got, "lost:") {
		t.Error(got)
	}
}

// held are things from before the switch, of each kind that matters.
func held() []result.Running {
	return []result.Running{
		{Kind: "cluster", ID: "c-1", Name: "etl \x1b[2J", Owner: "ana", URL: "https://x/c-1", State: "RUNNING", Runtime: "16.4.x", Source: "UI", Started: enforced().Lost, Jobs: []string{"job nightly (7)"},
			Before: "yes", How: result.ByRestart, Why: "started before"},
		{Kind: "pool", ID: "p-1", Before: "unknown", How: result.ByPerson, Why: "idle", Steps: []string{"drain it", "restart what uses it"}, Fleet: true, Pools: []string{"pool p (p-1)"}},
		{Kind: "job cluster", ID: "c-3", Name: "run", Before: "yes", How: result.EndByItself, Why: "its job"},
	}
}

func TestEnforcementJSONFollowsItsSchema(t *testing.T) {
	s := schema(t, "../docs/schema/enforce-v1.json")
	on := enforced()
	on.Setting, on.Raw, on.Exact, on.By, on.Running, on.Unread = "on", "true", true, "ana", held(), []result.FileError{{Path: "pipelines", Reason: "no permission"}}
	empty := &result.Enforcement{Tool: enforced().Tool, Taken: enforced().Taken, Workspace: "https://x", Key: "k", Setting: "unknown"}
	for name, r := range map[string]*result.Enforcement{"full": enforced(), "empty": empty, "on": on} {
		text := render(t, func(b *bytes.Buffer) error { return EnforcementJSON(b, r) })
		if err := validate(t, s, text); err != nil {
			t.Errorf("%s: %v\n%s", name, err, text)
		}
		if err := validate(t, s, strings.Replace(text, `"setting"`, `"seting"`, 1)); err == nil {
			t.Errorf("%s: the schema accepts a misspelt member", name)
		}
	}
}
