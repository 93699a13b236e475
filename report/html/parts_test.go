package html

import (
	"bytes"
	"html"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/imdsscan/imdsscan/notebooks"
	"github.com/imdsscan/imdsscan/notebooks/span"
	"github.com/imdsscan/imdsscan/report"
	"github.com/imdsscan/imdsscan/report/result"
)

func TestHighlight(t *testing.T) {
	for _, c := range []struct {
		language notebooks.Language
		code     string
		want     string
	}{
		{notebooks.Python, "def f(x): # no", "k:def |f:f|(x): |c:# no"},
		{notebooks.Python, "a = '''x\ny''' + r\"\\\"\"", "a = |s:'''x\n|s:y'''| + r|s:\"\\\"\""},
		{notebooks.Python, "s = 'open\nx = 12.5", "s = |s:'open\nx = |n:12.5"},
		{notebooks.Shell, "%sh\necho \"$X\" ${Y} a#b #c", "k:%sh\necho |s:\"$X\"| |v:${Y}| a#b |c:#c"},
		{notebooks.Scala, "val x = 1 /* a\nb */ // c", "k:val| x = |n:1| |c:/* a\n|c:b */| |c:// c"},
		{notebooks.SQL, "SELECT 'it''s' -- x", "k:SELECT| |s:'it'|s:'s'| |c:-- x"},
		{notebooks.Shell, "local x/local-ipv4 --for=if", "k:local| x/local-ipv4 --for=if"},
		{notebooks.YAML, "a: b#c # d", "a: b#c |c:# d"},
		{notebooks.Text, "def f(): # x", "def f(): # x"},
		{notebooks.R, "日本 <- paste0(\"é\")", "日本 <- |f:paste0|(|s:\"é\"|)"},
	} {
		var lines []string
		for _, l := range highlight(c.language, strings.Split(c.code, "\n")) {
			var parts []string
			for _, p := range l {
				if p.class != "" {
					p.text = p.class + ":" + p.text
				}
				parts = append(parts, p.text)
			}
			lines = append(lines, strings.Join(parts, "|"))
		}
		norm := func(s string) string {
			return strings.ReplaceAll(strings.ReplaceAll(strings.ReplaceAll(s, "|", ""), "\n", "\n"), " ", "")
		}
		if got := strings.Join(lines, "\n"); norm(got) != norm(c.want) {
			t.Errorf("%s: got %s, want %s", c.code, got, c.want)
		}
	}
}

// Colour takes nothing from the text and adds nothing to it, in one pass.
func FuzzHighlight(f *testing.F) {
	for _, s := range []string{"def f(): '''x", "a\nb\n", "${", "/*", "\"\\", "%sh -e\necho $X", strings.Repeat("\"'", 50), "\xff\x00"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		lines := strings.Split(s, "\n")
		for language := range grammars {
			out := highlight(language, lines)
			for i, l := range out {
				var sb strings.Builder
				for _, p := range l {
					sb.WriteString(p.text)
				}
				if sb.String() != lines[i] {
					t.Fatalf("%s: line %d of %q reads %q", language, i, s, sb.String())
				}
			}
		}
	})
}

func TestHighlightIsLinear(t *testing.T) {
	for language := range grammars {
		for _, unit := range []string{"(", "\"", "'", "'''", "${", "a ", "\\", "#", "/*", "$$", "@", "\"\"\"", "%s\n", "é"} {
			begin := time.Now()
			highlight(language, strings.Split(strings.Repeat(unit, 100_000/len(unit)), "\n"))
			if took := time.Since(begin); took > 10*time.Second { // in more than one pass it takes minutes
				t.Errorf("%s: 100 kB of %q take %v", language, unit, took)
			}
		}
	}
}

var tags = regexp.MustCompile(`<[^>]*>`)

// shown is what a reader sees of painted code.
func shown(code string) string { return html.UnescapeString(tags.ReplaceAllString(code, "")) }

func TestPaintMarks(t *testing.T) {
	pieces := []piece{{"k", "def"}, {"", " f<"}, {"s", "'x'"}}
	got := string(paint(pieces, []span.Span{{Start: 2, End: 5}, {Start: 7, End: 9}}, "mark"))
	want := `<i class=k>de</i><mark><i class=k>f</i></mark><mark> f</mark>&lt;<i class=s>&#39;</i><mark><i class=s>x&#39;</i></mark>`
	if got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
	long := string(paint([]piece{{"", strings.Repeat("a", 1000)}}, nil, ""))
	if len(shown(long)) > 1100 {
		t.Errorf("a long line shows %d bytes", len(long))
	}
}

func TestProse(t *testing.T) {
	for in, want := range map[string]string{
		"one\n two": "one two", "run `a <b>`\nnow": "run <code>a &lt;b&gt;</code> now", "a ` b": "a ` b", "`x` `y": "<code>x</code> `y", "": "",
	} {
		if got := string(prose(in)); got != want {
			t.Errorf("%q gives %q, want %q", in, got, want)
		}
	}
}

func TestSideBySide(t *testing.T) {
	c := result.Change{Cell: 3, Language: notebooks.Shell, BeforeLine: 6, AfterLine: 6,
		Before: "set -e\nID=$(curl -s $META/id)\necho gone\n",
		After:  "set -e\nT=$(curl -sf -X PUT $META/token)\nID=$(curl -s -H \"h: $T\" $META/id)\n"}
	got := sideBySide(c)
	var rows []string
	for _, r := range got.Rows {
		rows = append(rows, r.Class+" "+shown(string(r.Before.Code))+" → "+shown(string(r.After.Code)))
	}
	want := []string{"same set -e → set -e", "new  → T=$(curl -sf -X PUT $META/token)",
		`mod ID=$(curl -s $META/id) → ID=$(curl -s -H "h: $T" $META/id)`, "gone echo gone → "}
	if !slices.Equal(rows, want) {
		t.Errorf("got %q", rows)
	}
	if r := got.Rows[2]; r.Before.Number != 7 || r.After.Number != 8 || strings.Contains(string(r.Before.Code), "<del>") ||
		!strings.Contains(string(r.After.Code), "<ins>") || shown(strings.Join(regexp.MustCompile(`<ins>(.*?)</ins>`).FindAllString(string(r.After.Code), -1), "")) != ` -H "h: $T"` {
		t.Errorf("%+v", r)
	}
}

// Each side reads as the text does, whatever the texts are.
func FuzzSideBySide(f *testing.F) {
	f.Add("a\nb\n", "a\nx\nb\n")
	f.Add("", "é\n\n")
	f.Fuzz(func(t *testing.T, before, after string) {
		if len(before)+len(after) > 1000 || strings.ContainsAny(before+after, "\r") {
			return
		}
		c := sideBySide(result.Change{Language: notebooks.Python, Before: before, After: after})
		if c.Cut > 0 {
			return
		}
		var a, b []string
		for _, r := range c.Rows {
			if r.Class != "new" {
				a = append(a, shown(string(r.Before.Code)))
			}
			if r.Class != "gone" {
				b = append(b, shown(string(r.After.Code)))
			}
		}
		for _, side := range []struct {
			text string
			rows []string
		}{{before, a}, {after, b}} {
			var lines []string
			for l := range strings.Lines(side.text) {
				l = strings.TrimSuffix(l, "\n")
				if len(l) > maxLine {
					return
				}
				lines = append(lines, shown(string(visible(l))))
			}
			if !slices.Equal(lines, side.rows) {
				t.Fatalf("%q shows %q", side.text, side.rows)
			}
		}
	})
}

func TestVerdict(t *testing.T) {
	bad := func(level result.Level, rule string) *result.Run {
		return runOf(result.File{Path: "a.sh", Findings: []result.Finding{finding(rule, level, "x")}})
	}
	unexplained := runOf(result.File{Path: "a.yaml", Occurrences: []result.Occurrence{{Class: result.Unexplained}}})
	unread := runOf()
	unread.Errors = []result.FileError{{Path: "x", Reason: "y"}}
	fixed := bad(result.Error, "IMDS001")
	fixed.Files[0].Findings[0].Fixed = true
	day := time.Date(2026, 11, 20, 0, 0, 0, 0, time.UTC)
	metric := func(switched time.Time, points ...result.Point) *result.Metric {
		return &result.Metric{From: day, To: day.Add(24 * time.Hour), Period: time.Hour, Switched: switched, All: points}
	}
	clean := &result.Preflight{Setting: "off"}
	quiet := metric(time.Time{}, result.Point{Time: day, Reporting: 2})
	for _, c := range []struct {
		name      string
		run       *result.Run
		applied   bool
		preflight *result.Preflight
		metric    *result.Metric
		state     state
		title     string
	}{
		{"an error", bad(result.Error, "IMDS001"), false, clean, quiet, blocked, "Not ready for IMDSv2"},
		{"a warning", bad(result.Warning, "IMDS005"), false, clean, quiet, unsure, "No blocker found, some places need a look"},
		{"a note", bad(result.Note, "IMDS010"), false, clean, quiet, ready, "Ready for IMDSv2"},
		{"an error that is fixed", fixed, true, clean, quiet, ready, "Ready for IMDSv2"},
		{"fixable is not fixed", fixed, false, clean, quiet, blocked, "Not ready for IMDSv2"},
		{"unexplained", unexplained, false, clean, quiet, unsure, "No blocker found, some places need a look"},
		{"unread", unread, false, clean, quiet, unsure, "No blocker found, some places need a look"},
		{"all clean", runOf(), false, clean, quiet, ready, "Ready for IMDSv2"},
		{"code only", runOf(), false, nil, nil, unsure, "No blocker found, not everything checked"},
		{"no metric", runOf(), false, clean, nil, unsure, "No blocker found, not everything checked"},
		{"no data is not quiet", runOf(), false, clean, metric(time.Time{}, result.Point{Time: day}), unsure, "No blocker found, some places need a look"},
		{"calls", runOf(), false, clean, metric(time.Time{}, result.Point{Time: day, NoToken: 1, Reporting: 1}), blocked, "Not ready for IMDSv2"},
		{"calls before the switch", runOf(), false, &result.Preflight{Setting: "on"}, metric(day.Add(time.Hour), result.Point{Time: day, NoToken: 1, Reporting: 1}), ready, "Enforced and quiet"},
		{"refused after the switch", runOf(), false, clean, metric(day, result.Point{Time: day, Rejected: 1, Reporting: 1}), blocked, "Enforced, and something breaks"},
		{"notes of preflight", runOf(), false, &result.Preflight{Items: []result.Obstacle{{Level: result.NoteToRead}}}, quiet, ready, "Ready for IMDSv2"},
		{"a warning of preflight", runOf(), false, &result.Preflight{Items: []result.Obstacle{{Level: result.Warn}}}, quiet, unsure, "No blocker found, some places need a look"},
		{"enforced, with a warning", runOf(), false, &result.Preflight{Setting: "on", Items: []result.Obstacle{{Level: result.Warn}}}, quiet, unsure, "Enforced, some places need a look"},
		{"enforced, no metric", runOf(), false, &result.Preflight{Setting: "on"}, nil, unsure, "Enforced, not everything checked"},
		{"unread in preflight", runOf(), false, &result.Preflight{Unread: []result.FileError{{}}}, quiet, unsure, "No blocker found, some places need a look"},
		{"code that check found clean since", runOf(), false, &result.Preflight{Items: []result.Obstacle{{Level: result.Blocker, Check: result.CheckCode}}}, quiet, ready, "Ready for IMDSv2"},
		{"a blocker of preflight", runOf(), false, &result.Preflight{Items: []result.Obstacle{{Level: result.Blocker}}}, quiet, blocked, "Not ready for IMDSv2"},
	} {
		o := report.Options{Applied: c.applied, Evidence: report.Evidence{Preflight: c.preflight, Metric: c.metric, Sources: []report.Source{{Kind: report.KindCheck}}}}
		c.run.Tally()
		if v := verdictOf(c.run, o); v.State != c.state || v.Title != c.title {
			t.Errorf("%s: %s, %q", c.name, v.State.Word(), v.Title)
		}
		// A verdict of blocked names what blocks, and no other does.
		if named := slices.ContainsFunc(blockersOf(c.run, o), func(b blocker) bool { return b.State == blocked }); named != (c.state == blocked) {
			t.Errorf("%s: a blocker is listed: %v", c.name, named)
		}
	}
}

// TestPreflightAlone: it has scanned the code too.
func TestPreflightAlone(t *testing.T) {
	for _, c := range []struct {
		item  result.Obstacle
		code  state
		text  string
		space state
	}{
		{result.Obstacle{Level: result.Blocker, Check: result.CheckCode}, blocked, "1 object to change, by preflight.", ready},
		{result.Obstacle{Level: result.Warn, Check: result.CheckCode}, unsure, "1 object to look at, by preflight.", ready},
		{result.Obstacle{Level: result.Blocker, Check: result.CheckGlue}, ready, "Preflight found nothing in it.", blocked},
	} {
		o := report.Options{Evidence: report.Evidence{Preflight: &result.Preflight{Items: []result.Obstacle{c.item}}}}
		v := verdictOf(runOf(), o)
		if code := v.Parts[0]; code.State != c.code || code.Text != c.text || !code.Given || v.Parts[1].State != c.space {
			t.Errorf("%+v: %+v", c.item, v.Parts)
		}
		if n := len(blockersOf(runOf(), o)); n != 1 {
			t.Errorf("%d entries", n)
		}
	}
}

func TestBlockersInOrder(t *testing.T) {
	run := runOf(
		result.File{Path: "Users/ana/x/a.sh", Findings: []result.Finding{finding("IMDS010", result.Error, "p"), finding("IMDS001", result.Error, "x"), finding("IMDS005", result.Warning, "w")}},
		result.File{Path: "Users/bo/x/b.sh", Findings: []result.Finding{finding("IMDS001", result.Error, "x")}, Occurrences: []result.Occurrence{{Class: result.Unexplained}}})
	run.Files[0].Findings[1].Fix = &result.Fix{Applicability: result.Safe}
	run.Tally()
	o := report.Options{Evidence: report.Evidence{Preflight: &result.Preflight{Items: []result.Obstacle{
		{Level: result.Blocker, Kind: "cluster", Object: "c"}, {Level: result.Warn, Kind: "pool", Object: "p"}}}}}
	var got []string
	for _, b := range blockersOf(run, o) {
		got = append(got, b.State.Class()+": "+b.Title+" "+b.Why+" "+b.Remedy)
	}
	want := []string{
		"blocked: 2 requests without a token In 2 files of 2 owners. imdsscan --fix changes 1 safely. A person has to change 1.",
		"blocked: 1 old pin In 1 file of 1 owner. A person has to change it.",
		"blocked: cluster c  ",
		"unsure: 1 request that may lack a token In 1 file of 1 owner. A person has to change it.",
		"unsure: pool p  ",
		"unsure: 1 unexplained place The endpoint is written there, in text that is searched and not analysed. Look at each: does anything ask it without a token?",
	}
	if !slices.Equal(got, want) {
		t.Errorf("got\n%s", strings.Join(got, "\n"))
	}
}

// TestManyItems: a page lists of each check what a table has, and counts the
// rest.
func TestManyItems(t *testing.T) {
	p := &result.Preflight{}
	for range 1000 {
		p.Items = append(p.Items, result.Obstacle{Level: result.Blocker, Check: result.CheckCode, Kind: "notebook", Object: "/n"})
	}
	for range 201 {
		p.Items = append(p.Items, result.Obstacle{Level: result.Warn, Check: result.CheckImages, Owner: "ana", Why: "w"})
	}
	all := blockersOf(runOf(), report.Options{Evidence: report.Evidence{Preflight: p}})
	if len(all) != 402 || all[200].Title != "Code: 800 more" || all[200].State != blocked || all[401].Title != "Container images: 1 more" || all[401].State != unsure || all[300].Why != "Of ana: w" {
		t.Errorf("%d: %+v %+v", len(all), all[200], all[401])
	}
}

func TestTimeline(t *testing.T) {
	day := time.Date(2026, 11, 20, 0, 0, 0, 0, time.UTC)
	m := &result.Metric{From: day, To: day.Add(4 * time.Hour), Period: time.Hour, Switched: day.Add(3 * time.Hour),
		All: []result.Point{{Time: day, NoToken: 10, Reporting: 1}, {Time: day.Add(2 * time.Hour), Rejected: 5, Reporting: 1}, {Time: day.Add(3 * time.Hour), Reporting: 1}}}
	l := metricOf(m).All
	if len(l.Bars) != 3 || !l.NoData || l.Bars[1].Title != "20 November 2026, 01:00 UTC: no data" || l.Switch != "75.00%" || l.Most != "10" {
		t.Errorf("%+v", l)
	}
	if b := l.Bars[0]; b.NoTokenH != "116.0" || b.NoTokenY != "4.0" || b.RejectedH != "" || b.X != "2.50%" {
		t.Errorf("%+v", b)
	}
	if len(l.Rows) != 2 || l.Rows[1].Rejected != 5 {
		t.Errorf("%+v", l.Rows)
	}
	m.Period, m.To = time.Minute, day.Add(400*24*time.Hour)
	if n := len(metricOf(m).All.Bars); n > maxTimeBars {
		t.Errorf("%d bars", n)
	}
}

func TestLargePagesAreBounded(t *testing.T) {
	for _, n := range []int{1_000, 30_000} {
		run := large(n)
		for i := range n {
			run.Errors = append(run.Errors, result.FileError{Path: "x", Reason: strings.Repeat("y", i%100)})
		}
		run.Tally()
		begin := time.Now()
		text := render(t, run, report.Options{})
		if took := time.Since(begin); len(text) > 6<<20 || took > 30*time.Second {
			t.Errorf("%d findings: %d bytes in %v", n, len(text), took)
		}
		if !strings.Contains(text, report.Number(n-maxTable)+" more are not listed") {
			t.Errorf("%d findings: what is left out is not said", n)
		}
	}
}

// The page's own parts hold nothing that would change the policy.
func TestPolicy(t *testing.T) {
	text := render(t, runOf(), report.Options{})
	for _, part := range []string{"<style>" + style + "</style>", "<script>" + script + "</script>"} {
		if strings.Count(text, part) != 1 {
			t.Errorf("the page does not hold %.40s… as it was hashed", part)
		}
	}
	if strings.Contains(policy, "unsafe") || !strings.Contains(policy, "default-src 'none'") {
		t.Error(policy)
	}
	if bytes.ContainsAny([]byte(style), "\r<") || strings.Contains(style, "url(") || strings.Contains(style, "@import") {
		t.Error("the style asks for something, or ends itself")
	}
}
