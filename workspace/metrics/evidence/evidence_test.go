package evidence

import (
	"io"
	"strings"
	"testing"
	"time"
)

var start = time.Date(2026, 11, 1, 0, 0, 0, 0, time.UTC)

func at(hours int) time.Time { return start.Add(time.Duration(hours) * time.Hour) }

func tallied(instances ...Instance) *Report {
	r := &Report{SchemaVersion: Version, TakenAt: at(10), Window: Window{at(0), at(10), 3600}, Instances: instances}
	r.Tally()
	return r
}

func TestVerdict(t *testing.T) {
	quiet, seen, silent, young := Instance{State: Quiet}, Instance{State: CallsSeen, Calls: 1}, Instance{State: Unknown}, Instance{State: Unknown, Young: true}
	for _, c := range []struct {
		name      string
		instances []Instance
		want      State
	}{
		{"none", nil, Unknown},
		{"quiet", []Instance{quiet, quiet}, Quiet},
		{"one silent", []Instance{quiet, silent}, Unknown},
		{"one young", []Instance{quiet, young}, Quiet},
		{"young only", []Instance{young}, Unknown},
		{"calls beside silence", []Instance{silent, quiet, seen}, CallsSeen},
	} {
		if got := tallied(c.instances...).Verdict; got != c.want {
			t.Errorf("%s: %s, want %s", c.name, got, c.want)
		}
	}
	r := tallied(quiet)
	r.Problems = []Problem{{Reason: "throttled"}}
	if r.Tally(); r.Verdict != Unknown || r.Complete {
		t.Errorf("with a problem: %s", r.Verdict)
	}
}

func TestTimelineAndColumns(t *testing.T) {
	r := tallied(
		Instance{ID: "i-1", State: CallsSeen, Calls: 5, Points: []Point{{at(2), 4, 0}, {at(9), 1, 2}}, Reported: []Span{{at(2), at(4)}, {at(8), at(10)}}},
		Instance{ID: "i-2", State: Quiet, Reported: []Span{{at(3), at(9)}}},
		// Times outside the window, as a damaged document may have, count nowhere.
		Instance{ID: "i-3", State: CallsSeen, Points: []Point{{at(-5), 7, 0}, {at(100), 7, 0}}, Reported: []Span{{at(-9), at(-5)}, {at(50), at(60)}, {at(1), at(0)}}},
	)
	got := ""
	for _, b := range r.Timeline {
		got += strings.Repeat("c", int(b.Calls)) + strings.Repeat("r", int(b.Rejected)) + strings.Repeat("+", b.Reporting) + "|"
	}
	if want := "||cccc+|++|+|+|+|+|++|crr+|"; got != want {
		t.Errorf("timeline %s, want %s", got, want)
	}
	got = ""
	for _, c := range r.Columns([]int{0, 1, 2}, 5) {
		got += strings.Repeat("c", int(c.Calls))
		if c.Reported {
			got += "+"
		}
		got += "|"
	}
	if want := "|cccc+|+|+|ccc+|"; got != want {
		t.Errorf("columns %s, want %s", got, want)
	}
}

func TestReadRefuses(t *testing.T) {
	const good = `{"schema_version":"1.3","kind":"monitor","taken_at":"2026-11-27T12:00:00Z","window":{"from":"2026-11-13T12:00:00Z","to":"2026-11-27T12:00:00Z","period_seconds":3600},"new_member":1}`
	if r, err := Read(strings.NewReader(good)); err != nil || r.Verdict != Unknown {
		t.Errorf("%+v %v", r, err)
	}
	for _, c := range [][2]string{{`"1.3"`, `"2.0"`}, {`"monitor"`, `"check"`}, {`"kind":"monitor",`, ``}, {`3600`, `0`}, {`3600`, `-60`}, {`3600`, `9223372037`}, {"2026-11-13", "1026-11-13"}, {"2026-11-13", "2027-11-13"}, {`"taken_at":"2026-11-27T12:00:00Z",`, ``}, {`{"schema`, `["schema`},
		{`"from":"2026-11-13T12:00:00Z"`, `"from":"2026-01-13T12:00:00Z"`}} {
		bad := strings.Replace(good, c[0], c[1], 1)
		if c[1] == `"from":"2026-01-13T12:00:00Z"` {
			bad = strings.Replace(bad, "3600", "60", 1)
		}
		if _, err := Read(strings.NewReader(bad)); err == nil {
			t.Errorf("accepted %s", bad)
		}
	}
}

func FuzzRead(f *testing.F) {
	f.Add(`{"schema_version":"1.0","kind":"monitor","taken_at":"2026-11-27T12:00:00Z","window":{"from":"2026-11-13T12:00:00Z","to":"2026-11-27T12:00:00Z","period_seconds":3600},` +
		`"instances":[{"id":"i-1","state":"quiet","attribution":"tags","clusters":[{"id":"c"}],"points":[{"at":"2026-11-14T12:00:00Z","calls":1}],"reported":[{"from":"2026-11-14T12:00:00Z","to":"2026-11-15T12:00:00Z"}]}]}`)
	f.Fuzz(func(t *testing.T, text string) {
		r, err := Read(strings.NewReader(text))
		if err != nil {
			return
		}
		for _, g := range r.Clusters {
			r.Columns(g.Of, 7)
		}
		if err := Write(io.Discard, r, true); err != nil {
			t.Fatal(err)
		}
	})
}
