package report

import (
	"bytes"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/imdsscan/imdsscan/report/result"
	"github.com/imdsscan/imdsscan/workspace/metrics/evidence"
)

// reread is the run as a reader of its JSON has it.
func reread(t *testing.T, run *result.Run, applied bool) *result.Run {
	t.Helper()
	text := render(t, func(b *bytes.Buffer) error { return JSON(b, run, Options{Applied: applied}) })
	got, ok, err := Read([]byte(text))
	if err != nil || ok != applied {
		t.Fatalf("applied %v, error %v", ok, err)
	}
	return got
}

// What is read from JSON prints as the run itself did.
// TestSwitchFromPreflight: preflight knows when enforcement was switched on.
func TestSwitchFromPreflight(t *testing.T) {
	looked := fmt.Sprintf(`{"schema_version": "1.0", "kind": "monitor", "taken_at": %[1]q, "window": {"from": "2026-11-20T00:00:00Z", "to": %[1]q, "period_seconds": 3600}}`, "2026-11-21T00:00:00Z")
	for _, c := range []struct {
		preflight, flag string
		want            string
		seen            bool
	}{
		{`"setting": "on", "switched": "2026-11-20T10:00:00Z", "exact": true`, "", "2026-11-20T10:00:00Z", false},
		{`"setting": "on", "switched": "2026-11-20T10:00:00Z"`, "", "2026-11-20T10:00:00Z", true},
		{`"setting": "on", "switched": "2026-11-20T10:00:00Z"`, "2026-11-20T12:00:00Z", "2026-11-20T12:00:00Z", false},
		{`"setting": "off"`, "", "0001-01-01T00:00:00Z", false},
	} {
		var m Merge
		for _, text := range []string{looked, `{"schema_version": "1.0", "kind": "preflight", ` + c.preflight + `}`} {
			if err := m.Add("x", []byte(text)); err != nil {
				t.Fatal(err)
			}
		}
		flag, _ := time.Parse(time.RFC3339, c.flag)
		if got := m.Evidence("", flag).Metric; got.Switched.Format(time.RFC3339) != c.want || got.Seen != c.seen {
			t.Errorf("%s: %v %v", c.preflight, got.Switched, got.Seen)
		}
	}
}

func TestReadKeepsEverything(t *testing.T) {
	for _, applied := range []bool{false, true} {
		o := Options{Applied: applied, Verbose: true}
		for _, f := range Formats {
			if f.Name == "sarif" {
				continue // its columns come from the source; see below
			}
			want := render(t, func(b *bytes.Buffer) error { return f.Write(b, sample(), o) })
			got := render(t, func(b *bytes.Buffer) error { return f.Write(b, reread(t, sample(), applied), o) })
			if got != want {
				t.Errorf("%s, applied %v: got\n%s\nwant\n%s", f.Name, applied, got, want)
			}
		}
	}
}

func TestSARIFWithoutTheSource(t *testing.T) {
	run := sample()
	notebook := string(run.Files[1].Source)
	read := reread(t, run, false)
	text := render(t, func(b *bytes.Buffer) error { return SARIF(b, read, Options{}) })
	if err := validate(t, schema(t, "testdata/sarif-schema-2.1.0.json"), text); err != nil {
		t.Errorf("%v\n%s", err, text)
	}
	got, want := sarifOf(t, read, Options{}), sarifOf(t, run, Options{})
	if g, w := got.Results[0].Locations[0].PhysicalLocation.Region, want.Results[0].Locations[0].PhysicalLocation.Region; *g != *w {
		t.Errorf("a plain file's region is %+v, want %+v", g, w)
	}
	if r := got.Results[1].Locations[0].PhysicalLocation.Region; r.StartLine != 2 || r.StartColumn != 0 {
		t.Errorf("the column in a notebook's file is not known: %+v", r)
	}
	r := got.Results[1].Fixes[0].ArtifactChanges[0].Replacements[0].DeletedRegion
	if at := strings.Index(notebook, "get(u)") + 5; *r.ByteOffset != at || *r.ByteLength != 0 || r.StartLine != 0 {
		t.Errorf("the edit is at %+v", r)
	}
}

func TestReadRefuses(t *testing.T) {
	good := render(t, func(b *bytes.Buffer) error { return JSON(b, sample(), Options{}) })
	for _, c := range []struct{ name, old, new, want string }{
		{"level", `"level": "error"`, `"level": "fatal"`, `there is no level "fatal"`},
		{"rule", `"rule": "IMDS001"`, `"rule": "\"><script>"`, "is no rule"},
		{"applicability", `"applicability": "safe"`, `"applicability": "sure"`, "no applicability"},
		{"class", `"class": "mention"`, `"class": "other"`, "no class"},
		{"type", `"findings": [`, `"findings": 3, "x": [`, "not a result of imdsscan"},
		{"cut", good[len(good)/2:], "", "not JSON: at byte"},
	} {
		bad := strings.Replace(good, c.old, c.new, 1)
		if bad == good {
			t.Fatalf("%s: nothing replaced", c.name)
		}
		if _, _, err := Read([]byte(bad)); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v", c.name, err)
		}
	}
}

func TestKindOf(t *testing.T) {
	for _, c := range []struct{ text, kind, err string }{
		{"", "", "the file is empty"},
		{" \n", "", "the file is empty"},
		{"<html>", "", "not JSON"},
		{"[]", "", "not a result of imdsscan"},
		{"{}", "", "no schema_version"},
		{`{"schema_version": "2.0"}`, "", "reads 1.x"},
		{`{"schema_version": 1}`, "", "not a result of imdsscan"},
		{`{"schema_version": "1.1", "tool": {"name": "imdsscan"}}`, KindCheck, ""},
		{`{"schema_version": "1.0", "kind": "monitor"}`, KindMonitor, ""},
		{`{"schema_version": "1.0", "kind": "preflight"}`, KindPreflight, ""},
	} {
		kind, err := KindOf([]byte(c.text))
		if kind != c.kind || (err == nil) != (c.err == "") || err != nil && !strings.Contains(err.Error(), c.err) {
			t.Errorf("%q: kind %q, error %v", c.text, kind, err)
		}
	}
}

// Marks that do not lie in their line are moved into it.
func TestReadBoundsMarks(t *testing.T) {
	for _, mark := range [][2]int{{-1, 5}, {3, 2}, {99, 100}, {1, 99}, {1, 2}} {
		for _, l := range readLines([]jsonLine{{Text: "日本", MarkStart: mark[0], MarkEnd: mark[1]}}) {
			if s := l.Text[l.Mark.Start:l.Mark.End]; strings.ToValidUTF8(s, "?") != s {
				t.Errorf("%v marks %q", mark, s)
			}
		}
	}
}

func FuzzRead(f *testing.F) {
	var b bytes.Buffer
	if err := JSON(&b, sample(), Options{}); err != nil {
		f.Fatal(err)
	}
	f.Add(b.Bytes())
	f.Fuzz(func(t *testing.T, text []byte) {
		run, applied, err := Read(text)
		if err != nil {
			return
		}
		for _, x := range Formats {
			var out bytes.Buffer
			if err := x.Write(&out, run, Options{Applied: applied, Verbose: true}); err != nil {
				t.Fatal(err)
			}
		}
	})
}

func TestOwnerOf(t *testing.T) {
	for path, want := range map[string]string{
		"workspace:/Users/ana@x.org/etl": "ana@x.org", "exported/Users/ana/jobs/a.py": "ana", "x.dbc!/Users/bo/nb.python": "bo",
		"workspace:/Repos/cy@x.org/repo/a": "cy@x.org", "Users/note.py": "", "Shared/a.py": "", "workspace:/Shared/Users": "", "": "",
	} {
		if got := OwnerOf(path); got != want {
			t.Errorf("%s belongs to %q, want %q", path, got, want)
		}
	}
}

// What monitor writes is shown with its sums, and several looks are one.
func TestMergeMetrics(t *testing.T) {
	day := time.Date(2026, 11, 20, 0, 0, 0, 0, time.UTC)
	at := func(hours int) time.Time { return day.Add(time.Duration(hours) * time.Hour) }
	look := func(from, to int, instances ...evidence.Instance) []byte {
		r := &evidence.Report{SchemaVersion: evidence.Version, Kind: evidence.Kind, TakenAt: at(to), Window: evidence.Window{From: at(from), To: at(to), Period: 3600}, Instances: instances}
		for i := range r.Instances {
			for _, p := range r.Instances[i].Points {
				r.Instances[i].Calls += p.Calls
				r.Instances[i].Rejected += p.Rejected
			}
		}
		r.Tally()
		var b bytes.Buffer
		if err := evidence.Write(&b, r, false); err != nil {
			t.Fatal(err)
		}
		return b.Bytes()
	}
	etl := []evidence.Ref{{ID: "c1", Name: "etl"}}
	first := look(0, 6, evidence.Instance{ID: "i-1", Clusters: etl, State: evidence.CallsSeen, Points: []evidence.Point{{At: at(1), Calls: 5}, {At: at(4), Calls: 2}}},
		evidence.Instance{ID: "i-2", Clusters: etl, State: evidence.CallsSeen, Points: []evidence.Point{{At: at(1), Calls: 3}}},
		evidence.Instance{ID: "i-3", Pool: &evidence.Ref{ID: "p"}, State: evidence.Unknown, Why: "no data"})
	second := look(4, 10, evidence.Instance{ID: "i-1", Clusters: etl, State: evidence.CallsSeen, Points: []evidence.Point{{At: at(4), Calls: 2}, {At: at(8), Rejected: 7}}})
	for _, order := range [][2][]byte{{first, second}, {second, first}} {
		var m Merge
		for _, text := range order {
			if err := m.Add("monitor.json", text); err != nil {
				t.Fatal(err)
			}
		}
		x := m.Evidence("", at(5)).Metric
		if !x.From.Equal(at(0)) || !x.To.Equal(at(10)) || !x.Started.Equal(at(10)) || !x.Switched.Equal(at(5)) {
			t.Errorf("%+v", x)
		}
		for _, points := range [][]result.Point{x.All, x.Series[slices.IndexFunc(x.Series, func(s result.Series) bool { return s.ID == "c1" })].Points} {
			calls, rejected := result.Sum(points, time.Time{})
			late, refused := result.Sum(points, x.Switched)
			if calls != 10 || rejected != 7 || late != 0 || refused != 7 {
				t.Errorf("%d calls, %d rejected; since the switch %d and %d", calls, rejected, late, refused)
			}
		}
	}
	var m Merge
	if err := m.Add("monitor.json", first); err != nil || len(m.Evidence("", time.Time{}).Metric.Unknown) != 1 {
		t.Error("an instance without data is not named", err)
	}
}
