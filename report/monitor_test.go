package report

import (
	"bytes"
	"strings"
	"testing"
	"time"

	"github.com/imdsscan/imdsscan/workspace/metrics/evidence"
)

// looked is a look with an instance of every kind.
func looked() *evidence.Report {
	at := func(hours int) time.Time {
		return time.Date(2026, 11, 13, 12, 0, 0, 0, time.UTC).Add(time.Duration(hours) * time.Hour)
	}
	launched := at(-24)
	cluster := func(id, name string) []evidence.Ref { return []evidence.Ref{{ID: id, Name: name}} }
	pool := &evidence.Ref{ID: "p-1", Name: "fleet"}
	r := &evidence.Report{SchemaVersion: evidence.Version, Kind: evidence.Kind, Tool: evidence.Tool{Name: "imdsscan", Version: "devel"}, TakenAt: at(336),
		Window: evidence.Window{From: at(0), To: at(336), Period: 3600}, Account: "123456789012", Workspace: "https://dbc-1.cloud.databricks.com", Regions: []string{"eu-west-1"},
		Summary: evidence.Summary{Excluded: 2, Ended: 1500},
		Instances: []evidence.Instance{
			{ID: "i-a", Region: "eu-west-1", Lifecycle: "running", Launched: &launched, Tokens: "optional", HopLimit: 1, Clusters: cluster("c-1", "etl\x1b[2J"), Owner: "ana@x.org",
				Attribution: evidence.ByTags, State: evidence.CallsSeen, Calls: 1234, Rejected: 1, Points: []evidence.Point{{At: at(0), Calls: 1}, {At: at(50), Calls: 1200, Rejected: 1}, {At: at(335), Calls: 33}},
				Reported: []evidence.Span{{From: at(0), To: at(100)}, {From: at(150), To: at(336)}}},
			{ID: "i-b", Region: "eu-west-1", Lifecycle: "running", Tokens: "required", Clusters: cluster("c-1", "etl\x1b[2J"), Owner: "ana@x.org", Attribution: evidence.ByTags, State: evidence.Unknown, Why: "CloudWatch has no data point of it", Young: true},
			{ID: "i-c", Region: "eu-west-1", Lifecycle: evidence.Gone, Attribution: evidence.Nobody, State: evidence.CallsSeen, Calls: 2, Points: []evidence.Point{{At: at(30), Calls: 2}}, Reported: []evidence.Span{{From: at(30), To: at(31)}}},
			{ID: "i-d", Region: "eu-west-1", Lifecycle: "running", Pool: pool, Attribution: evidence.ByTags, State: evidence.Quiet, Reported: []evidence.Span{{From: at(300), To: at(336)}}},
			{ID: "i-e", Region: "eu-west-1", Lifecycle: evidence.NotRead, Clusters: []evidence.Ref{{ID: "c-2", Name: "a"}, {ID: "c-3"}}, Pool: pool, Attribution: evidence.ByFile, State: evidence.Quiet, Reported: []evidence.Span{{From: at(10), To: at(20)}}},
			{ID: "i-f", Region: "eu-west-1", Lifecycle: "running", Warehouse: "w-1", Attribution: evidence.ByTags, State: evidence.Quiet, Reported: []evidence.Span{{From: at(10), To: at(20)}}},
		},
		Problems: []evidence.Problem{{Region: "eu-west-1", Action: "cloudwatch:ListMetrics", Reason: "the AWS credentials lack the permission cloudwatch:ListMetrics", Remedy: "imdsscan monitor --print-iam-policy prints what is needed."}},
		Notes:    []string{"not attributed: 1"}}
	r.Tally()
	return r
}

func TestMonitorText(t *testing.T) {
	const want = `Calls without a session token, 13 Nov 12:00 to 27 Nov 12:00 UTC (14 days), eu-west-1, account 123456789012, workspace https://dbc-1.cloud.databricks.com

CLUSTER          OWNER      INSTANCES  ANSWERED  REFUSED  14 DAYS         LAST CALL
etl\x1b[2J  c-1  ana@x.org  1 of 2        1,234        1  ▂▁█▁▁·▁▁▁▁▁▁▁▂  27 Nov 11:00
not attributed              1 of 1            2        0  ·█············  14 Nov 18:00
3 clusters are quiet, 3 instances   [-v lists them]
1 pool is quiet, 2 instances   [-v lists them]

OWNER           INSTANCES  ANSWERED  REFUSED  14 DAYS         LAST CALL
ana@x.org       1 of 2        1,234        1  ▂▁█▁▁·▁▁▁▁▁▁▁▂  27 Nov 11:00
not attributed  1 of 4            2        0  ▁█··········▁▁  14 Nov 18:00

unknown: i-b: CloudWatch has no data point of it
eu-west-1 cloudwatch:ListMetrics: not read: the AWS credentials lack the permission cloudwatch:ListMetrics
  = imdsscan monitor --print-iam-policy prints what is needed.
  = not attributed: 1
6 instances: 2 called without a token (1,236 calls answered, 1 refused), 3 quiet, 1 unknown. 1,500 instances ended before. 2 instances are other teams' or workspaces': left out. 1 of 2 running require tokens. Refused calls are of code that enforcement breaks.
`
	if got := render(t, func(b *bytes.Buffer) error { return Monitor(b, looked(), Options{}) }); got != want {
		t.Errorf("got\n%s", got)
	}
	verbose := render(t, func(b *bytes.Buffer) error { return Monitor(b, looked(), Options{Verbose: true, Color: true}) })
	for _, s := range []string{"a or c-3", "pool fleet", "warehouse w-1", "i-e eu-west-1", "\x1b[31;1m▂▁█▁▁·▁▁▁▁▁▁▁▂\x1b[0", "not-read"} {
		if !strings.Contains(verbose, s) {
			t.Errorf("%q is missing in\n%s", s, verbose)
		}
	}
	line := render(t, func(b *bytes.Buffer) error { return MonitorLine(b, looked(), Options{}) })
	if want := "12:00:00  6 instances: 2 called without a token (1,236 calls answered, 1 refused), 3 quiet, 1 unknown\n"; line != want {
		t.Errorf("got  %swant %s", line, want)
	}
}

func TestMonitorJSONFollowsItsSchema(t *testing.T) {
	s := schema(t, "../docs/schema/monitor-v1.json")
	empty := &evidence.Report{SchemaVersion: evidence.Version, Kind: evidence.Kind, Tool: evidence.Tool{Name: "imdsscan", Version: "devel"}, Regions: []string{"eu-west-1"}, Window: looked().Window}
	empty.Tally()
	for name, r := range map[string]*evidence.Report{"full": looked(), "empty": empty} {
		for _, oneLine := range []bool{false, true} {
			text := render(t, func(b *bytes.Buffer) error { return evidence.Write(b, r, oneLine) })
			if err := validate(t, s, text); err != nil {
				t.Errorf("%s: %v\n%s", name, err, text)
			}
			if err := validate(t, s, strings.Replace(text, `"verdict"`, `"verdikt"`, 1)); err == nil {
				t.Errorf("%s: the schema accepts a misspelt member", name)
			}
			if oneLine && strings.Count(text, "\n") != 1 {
				t.Errorf("%s: not one line", name)
			}
		}
	}
}

// What is read back shows as what was written.
func TestMonitorJSONRoundTrip(t *testing.T) {
	text := render(t, func(b *bytes.Buffer) error { return evidence.Write(b, looked(), false) })
	back, err := evidence.Read(strings.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	show := func(r *evidence.Report) string {
		return render(t, func(b *bytes.Buffer) error { return Monitor(b, r, Options{Verbose: true}) }) +
			render(t, func(b *bytes.Buffer) error { return evidence.Write(b, r, false) })
	}
	if a, b := show(looked()), show(back); a != b {
		t.Errorf("%s\n%s", a, b)
	}
}
