package metrics

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/imdsscan/imdsscan/workspace/emulator/aws"
	"github.com/imdsscan/imdsscan/workspace/metrics/evidence"
)

// Everything here goes through the real SDK to an emulated account on
// 127.0.0.1, with static keys and the metadata service switched off.

var now = time.Date(2026, 11, 27, 12, 34, 56, 0, time.UTC)

func clock() time.Time { return now }

func account(t *testing.T, o aws.Options) *aws.Server {
	t.Helper()
	o.Now = clock
	s, err := aws.New(o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	for k, v := range s.Env() {
		t.Setenv(k, v)
	}
	return s
}

var etl = map[string]string{"Vendor": "Databricks", "ClusterId": "c-etl", "ClusterName": "etl", "Creator": "ana@x.org"}

func node(id string, tags map[string]string) aws.Instance {
	return aws.Instance{ID: id, Tags: tags, Launched: now.Add(-30 * day)}
}

func connect(t *testing.T, o Options) *Session {
	t.Helper()
	o.Now, o.Version = clock, "test"
	s, err := Connect(context.Background(), o)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func look(t *testing.T, o Options, back time.Duration) *evidence.Report {
	t.Helper()
	r, err := connect(t, o).Look(context.Background(), NewWindow(now.Add(-back), now))
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// states are the instances with their states, in the report's order.
func states(r *evidence.Report) string {
	var out []string
	for _, in := range r.Instances {
		out = append(out, fmt.Sprintf("%s %s %d+%d", in.ID, in.State, in.Calls, in.Rejected))
	}
	return strings.Join(out, ", ")
}

func TestThreeStates(t *testing.T) {
	s := account(t, aws.Options{})
	for _, id := range []string{"i-calls", "i-refused", "i-quiet", "i-silent"} {
		s.AddInstance(node(id, etl))
	}
	for _, id := range []string{"i-calls", "i-quiet"} {
		s.Report(id, metricCalls, now.Add(-10*day), now)
	}
	s.Count("i-calls", metricCalls, now.Add(-3*day), 4)
	s.Count("i-calls", metricCalls, now.Add(-2*day), 2)
	s.Count("i-refused", metricRefused, now.Add(-time.Hour), 9)
	r := look(t, Options{}, 14*day)
	if got, want := states(r), "i-refused calls-seen 0+9, i-calls calls-seen 6+0, i-silent unknown 0+0, i-quiet quiet 0+0"; got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
	if r.Verdict != evidence.CallsSeen || !r.Complete || r.Summary.Calls != 6 || r.Summary.Rejected != 9 || r.Account != "123456789012" {
		t.Errorf("%+v", r)
	}
	if g := r.Clusters[0]; g.Name != "etl" || g.Owner != "ana@x.org" || g.Calls != 6 || g.Instances.Total() != 4 || !g.Last.Equal(now.Add(-time.Hour).Truncate(time.Hour)) {
		t.Errorf("%+v", g)
	}
	if sum := r.Summary; sum.Required != 0 || sum.Optional != 4 {
		t.Errorf("%+v", sum)
	}
	if p := r.Instances[1].Points; len(p) != 2 || !p[0].At.Equal(now.Add(-3*day).Truncate(time.Hour)) || p[0].Calls != 4 {
		t.Errorf("%+v", p)
	}
	if rep := r.Instances[3].Reported; len(rep) != 1 || !rep[0].From.Equal(now.Add(-10*day).Truncate(time.Hour)) {
		t.Errorf("%+v", rep)
	}
}

// Only zeros are quiet, and only when nothing else is unknown; an instance that
// has just started does not spoil it.
func TestVerdict(t *testing.T) {
	young := aws.Instance{ID: "i-young", Tags: etl, Launched: now.Add(-5 * time.Minute)}
	for _, c := range []struct {
		name   string
		fill   func(*aws.Server)
		want   evidence.State
		phrase string
	}{
		{"nothing", func(s *aws.Server) {}, evidence.Unknown, ""},
		{"quiet", func(s *aws.Server) { s.AddInstance(node("i-1", etl)); s.Report("i-1", metricCalls, now.Add(-day), now) }, evidence.Quiet, ""},
		{"quiet and young", func(s *aws.Server) {
			s.AddInstance(node("i-1", etl))
			s.Report("i-1", metricCalls, now.Add(-day), now)
			s.AddInstance(young)
		}, evidence.Quiet, "started less than 15 minutes ago"},
		{"young only", func(s *aws.Server) { s.AddInstance(young) }, evidence.Unknown, "started less than 15 minutes ago"},
		{"silent", func(s *aws.Server) {
			s.AddInstance(node("i-1", etl))
			s.Report("i-1", metricCalls, now.Add(-day), now)
			in := node("i-2", etl)
			in.Tokens = "required"
			s.AddInstance(in)
		}, evidence.Unknown, "requires tokens"},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := account(t, aws.Options{})
			c.fill(s)
			r := look(t, Options{}, 14*day)
			if r.Verdict != c.want {
				t.Errorf("verdict %s, want %s: %s", r.Verdict, c.want, states(r))
			}
			why := ""
			for _, in := range r.Instances {
				why += in.Why
			}
			if !strings.Contains(why, c.phrase) || (c.phrase == "") != (why == "") {
				t.Errorf("why: %q, want %q", why, c.phrase)
			}
		})
	}
}

// Instances outlive EC2's memory in CloudWatch: they are listed as nobody's,
// not dropped; other teams' are left out as long as their tags say so.
func TestEndedAndOthers(t *testing.T) {
	s := account(t, aws.Options{})
	ended := func(id string, tags map[string]string, before time.Duration) {
		in := node(id, tags)
		in.Terminated = now.Add(-before)
		s.AddInstance(in)
		s.Report(id, metricCalls, in.Terminated.Add(-time.Hour), in.Terminated)
	}
	ended("i-gone", etl, 5*day)
	s.Count("i-gone", metricCalls, now.Add(-5*day-time.Minute), 3)
	ended("i-long-gone", etl, 20*day)
	ended("i-untagged", nil, 10*time.Minute) // terminated, its tags already lost
	s.AddInstance(node("i-web", map[string]string{"team": "web"}))
	s.Report("i-web", metricCalls, now.Add(-day), now)
	s.Count("i-web", metricCalls, now.Add(-day), 100)
	r := look(t, Options{}, 14*day)
	if got, want := states(r), "i-gone calls-seen 3+0, i-untagged quiet 0+0"; got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
	if r.Summary.Excluded != 1 || r.Instances[0].Attribution != evidence.Nobody || r.Instances[0].Lifecycle != evidence.Gone || len(r.Notes) != 1 {
		t.Errorf("%+v", r)
	}
	// A shorter window: what ended before it is counted, no more.
	r = look(t, Options{}, 2*day)
	if got := states(r); got != "i-untagged quiet 0+0" || r.Summary.Ended != 1 {
		t.Errorf("%s, %+v", got, r.Summary)
	}
	// A list says whose they were, also those that CloudWatch lists no more.
	known := map[string]Known{
		"i-gone":      {Clusters: []evidence.Ref{{ID: "c-old", Name: "old"}}, Owner: "bo@x.org", By: evidence.ByFile},
		"i-long-gone": {Clusters: []evidence.Ref{{ID: "c-a"}, {ID: "c-b", Name: "b"}}, By: evidence.ByFile},
	}
	r = look(t, Options{Known: Directory{Instances: known}}, 30*day)
	if got, want := states(r), "i-gone calls-seen 3+0, i-long-gone quiet 0+0, i-untagged quiet 0+0"; got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
	if in := r.Instances[0]; in.Owner != "bo@x.org" || in.Attribution != evidence.ByFile || r.Clusters[0].Name != "old" || r.Clusters[2].Name != "one of c-a, b" {
		t.Errorf("%+v %+v", in, r.Clusters)
	}
}

func TestPoolsAndWarehouses(t *testing.T) {
	s := account(t, aws.Options{})
	s.AddInstance(node("i-pool", map[string]string{"Vendor": "Databricks", "DatabricksInstancePoolId": "p-1", "DatabricksInstancePoolCreatorId": "42"}))
	s.AddInstance(node("i-sql", map[string]string{"Vendor": "Databricks", "SqlWarehouseId": "w-1", "Creator": "bo@x.org"}))
	s.AddInstance(node("i-bare", map[string]string{"Vendor": "Databricks", "ClusterId": "c-1"}))
	d := Directory{Pools: map[string]string{"p-1": "fleet"}, Clusters: map[string]Known{"c-1": {Clusters: []evidence.Ref{{ID: "c-1", Name: "dev"}}, Owner: "cy@x.org"}}}
	r := look(t, Options{Known: d}, day)
	if len(r.Pools) != 1 || r.Pools[0].Name != "fleet" || len(r.Clusters) != 3 || len(r.Owners) != 3 {
		t.Fatalf("%+v %+v", r.Pools, r.Clusters)
	}
	got := ""
	for _, g := range r.Clusters {
		got += g.ID + "/" + g.Name + "/" + g.Owner + " "
	}
	if want := "w-1/SQL warehouse/bo@x.org c-1/dev/cy@x.org /instances of pools/ "; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

// Large accounts take many pages of everything; nothing is lost or doubled.
func TestPages(t *testing.T) {
	s := account(t, aws.Options{Page: 7})
	const n = 620
	for i := range n {
		id := fmt.Sprintf("i-%04d", i)
		in := node(id, etl)
		if i%3 == 0 {
			in.Terminated = now.Add(-2 * day)
		}
		s.AddInstance(in)
		s.Count(id, metricCalls, now.Add(-3*day), float64(i%2))
		s.Count(id, metricCalls, now.Add(-4*day), 0)
	}
	r := look(t, Options{}, 14*day)
	if sum := r.Summary; sum.CallsSeen != n/2 || sum.Quiet != n/2 || sum.Unknown != 0 || sum.Calls != n/2 {
		t.Errorf("%+v %v", sum, r.Problems)
	}
	batches := 0
	for _, q := range s.Requests() {
		if q.Queries > maxQueries {
			t.Errorf("%d queries in a call", q.Queries)
		}
		if q.Action == "GetMetricData" {
			batches++
		}
		if q.Status != "ok" || !strings.Contains(q.UserAgent, "app/imdsscan-test") {
			t.Errorf("%+v", q)
		}
	}
	if batches < 3 {
		t.Errorf("%d calls of GetMetricData", batches)
	}
}

func TestPeriodsKeepToTheRetention(t *testing.T) {
	s := account(t, aws.Options{})
	s.AddInstance(node("i-1", etl))
	for _, d := range []time.Duration{time.Hour, 20 * time.Hour, 14 * day, 20 * day, 62 * day, 70 * day, 454 * day} {
		s.Count("i-1", metricCalls, now.Add(-d+time.Minute), 1)
	}
	for _, c := range []struct {
		back   time.Duration
		period int
		calls  int64
	}{{time.Hour, 60, 1}, {20 * time.Hour, 300, 2}, {14 * day, 3600, 3}, {20 * day, 3600, 4}, {63 * day, 3600, 5}, {71 * day, 86400, 6}, {455 * day, 86400, 7}} {
		r := look(t, Options{}, c.back)
		if r.Window.Period != c.period || r.Summary.Calls != c.calls {
			t.Errorf("%s: period %d with %d calls, want %d with %d", c.back, r.Window.Period, r.Summary.Calls, c.period, c.calls)
		}
		if r.Window.From.Unix()%int64(c.period) != 0 || r.Window.From.After(now.Add(-c.back)) || r.Window.To.Before(now) {
			t.Errorf("%s: window %+v", c.back, r.Window)
		}
	}
}

func TestFaults(t *testing.T) {
	const denied = "lack the permission "
	for _, c := range []struct {
		name    string
		fault   aws.Fault
		problem string
		states  string
	}{
		{"throttled for a while", aws.Fault{Action: "GetMetricData", Kind: aws.Throttled, Times: 2}, "", "i-1 calls-seen 3+0, i-gone calls-seen 1+0"},
		{"failing for a while", aws.Fault{Action: "DescribeInstances", Kind: aws.Unavailable, Times: 1}, "", "i-1 calls-seen 3+0, i-gone calls-seen 1+0"},
		{"dropped once", aws.Fault{Action: "ListMetrics", Kind: aws.Dropped, Times: 1}, "", "i-1 calls-seen 3+0, i-gone calls-seen 1+0"},
		{"data fails once", aws.Fault{Action: "GetMetricData", Kind: aws.DataError, Times: 1}, "", "i-1 calls-seen 3+0, i-gone calls-seen 1+0"},
		{"no permission for instances", aws.Fault{Action: "DescribeInstances", Kind: aws.Denied}, denied + "ec2:DescribeInstances", "i-1 calls-seen 3+0, i-gone calls-seen 1+0"},
		{"no permission to list", aws.Fault{Action: "ListMetrics", Kind: aws.Denied}, denied + "cloudwatch:ListMetrics", "i-1 calls-seen 3+0"},
		{"no permission for data", aws.Fault{Action: "GetMetricData", Kind: aws.Denied}, denied + "cloudwatch:GetMetricData", "i-1 unknown 0+0, i-gone unknown 0+0"},
		{"partial data", aws.Fault{Action: "GetMetricData", Kind: aws.PartialData}, "a part of the data points", "i-1 calls-seen 1+0, i-gone unknown 0+0"},
		{"data fails", aws.Fault{Action: "GetMetricData", Kind: aws.DataError}, "failed 3 times", "i-1 unknown 0+0, i-gone unknown 0+0"},
		{"data refused", aws.Fault{Action: "GetMetricData", Kind: aws.DataRefused}, "no access to the metric: Access to the metric is denied", "i-1 unknown 0+0, i-gone unknown 0+0"},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := account(t, aws.Options{})
			s.AddInstance(node("i-1", etl))
			s.Count("i-1", metricCalls, now.Add(-3*day), 1)
			s.Count("i-1", metricCalls, now.Add(-2*day), 2)
			gone := node("i-gone", etl)
			gone.Terminated = now.Add(-5 * day)
			s.AddInstance(gone)
			s.Count("i-gone", metricCalls, now.Add(-6*day), 1)
			s.Inject(c.fault)
			r := look(t, Options{}, 14*day)
			if got := states(r); got != c.states {
				t.Errorf("got  %s\nwant %s", got, c.states)
			}
			if c.problem == "" {
				if len(r.Problems) > 0 || !r.Complete {
					t.Errorf("%+v", r.Problems)
				}
				return
			}
			if r.Complete || len(r.Problems) != 1 || !strings.Contains(r.Problems[0].Reason, c.problem) || r.Problems[0].Remedy == "" {
				t.Errorf("%+v", r.Problems)
			}
			if strings.HasPrefix(c.problem, denied) && r.Problems[0].Action != strings.TrimPrefix(c.problem, denied) {
				t.Errorf("action %s", r.Problems[0].Action)
			}
		})
	}
}

func TestRegions(t *testing.T) {
	s := account(t, aws.Options{Regions: []string{"us-east-1", "eu-west-1"}})
	in := node("i-eu", etl)
	in.Region = "eu-west-1"
	s.AddInstance(in)
	s.Report("i-eu", metricCalls, now.Add(-day), now)
	if r := look(t, Options{Regions: []string{AllRegions}}, 2*day); states(r) != "i-eu quiet 0+0" || r.Instances[0].Region != "eu-west-1" || len(r.Regions) != 2 {
		t.Errorf("%+v", r)
	}
	// One region of two that fails is a problem, not the end.
	r := look(t, Options{Regions: []string{"eu-west-1", "ap-south-1"}}, 2*day)
	if states(r) != "i-eu quiet 0+0" || r.Verdict != evidence.Unknown || len(r.Problems) != 1 || r.Problems[0].Region != "ap-south-1" {
		t.Errorf("%s %+v", states(r), r.Problems)
	}
}

// What only a list names is asked for in one region, and in all where CloudWatch
// lists no more.
func TestListedInstancesInRegions(t *testing.T) {
	s := account(t, aws.Options{Regions: []string{"us-east-1", "eu-west-1"}})
	old := node("i-old", etl)
	old.Region, old.Terminated = "eu-west-1", now.Add(-20*day)
	s.AddInstance(old)
	s.Count("i-old", metricCalls, now.Add(-21*day), 3)
	known := map[string]Known{"i-old": {By: evidence.ByFile}, "i-never": {By: evidence.ByFile}}
	for _, c := range []struct {
		back    time.Duration
		states  string
		queries int
	}{
		{10 * day, "i-never unknown 0+0, i-old unknown 0+0", 4},
		{30 * day, "i-old calls-seen 3+0, i-never unknown 0+0", 8},
	} {
		before := len(s.Requests())
		r := look(t, Options{Regions: []string{"us-east-1", "eu-west-1"}, Known: Directory{Instances: known}}, c.back)
		queries := 0
		for _, q := range s.Requests()[before:] {
			queries += q.Queries
		}
		if states(r) != c.states || queries != c.queries {
			t.Errorf("%s: %s with %d queries, want %s with %d", c.back, states(r), queries, c.states, c.queries)
		}
	}
}

// The workspace's nodes tell the wrong account apart from a quiet one.
func TestWrongPlace(t *testing.T) {
	account(t, aws.Options{})
	d := Directory{Instances: map[string]Known{"i-elsewhere": {Running: true, By: evidence.ByWorkspace}}}
	r := look(t, Options{Known: d}, 2*day)
	if r.Complete || len(r.Problems) != 1 || !strings.Contains(r.Problems[0].Remedy, "--region") {
		t.Errorf("%+v", r.Problems)
	}
}

func TestOtherWorkspaces(t *testing.T) {
	s := account(t, aws.Options{})
	s.AddInstance(node("i-1", etl))
	s.Report("i-1", metricCalls, now.Add(-day), now)
	s.AddInstance(node("i-2", map[string]string{"Vendor": "Databricks", "ClusterId": "c-other"}))
	s.Count("i-2", metricCalls, now.Add(-time.Hour), 5)
	d := Directory{Elsewhere: func(id string) bool { return id == "c-other" }}
	if r := look(t, Options{Known: d}, 2*day); states(r) != "i-1 quiet 0+0" || r.Summary.Excluded != 1 || r.Verdict != evidence.Quiet {
		t.Errorf("%s %+v", states(r), r.Summary)
	}
}

// A session remembers whose an instance was after EC2 has forgotten it.
func TestSessionRemembers(t *testing.T) {
	s := account(t, aws.Options{})
	s.AddInstance(node("i-1", etl))
	s.Count("i-1", metricCalls, now.Add(-time.Hour), 5)
	x := connect(t, Options{})
	for range 2 {
		r, err := x.Look(context.Background(), NewWindow(now.Add(-2*day), now))
		if err != nil || r.Clusters[0].Name != "etl" {
			t.Fatal(err, r)
		}
		in := node("i-1", etl)
		in.Terminated = now.Add(-2 * time.Hour)
		s.AddInstance(in)
	}
}
