package html

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/cdproto/input"
	"github.com/chromedp/chromedp"
	"github.com/imdsscan/imdsscan/notebooks"
	"github.com/imdsscan/imdsscan/notebooks/span"
	"github.com/imdsscan/imdsscan/report"
	"github.com/imdsscan/imdsscan/report/result"
)

// evil is text that would do something in a page that took it for more than
// text.
const evil = `</style></script><script>window.owned=1</script><img src=x onerror="window.owned=1"><svg onload=window.owned=1>` +
	`" autofocus onfocus=window.owned=1 x="javascript:window.owned=1 data:text/html,x http://evil.example/ {{.}} --> ]]>` + "\u202e\u2066\u200b\u2028\x00\x1b[31m"

// hostile has the text wherever a text from a file can be.
func hostile() (*result.Run, report.Options) {
	at := result.Location{Raw: span.Span{Start: 1, End: 5}, Start: result.Position{Line: 3, Column: 1}, End: result.Position{Line: 3, Column: 5},
		Cell:    &result.CellPos{Number: 2, ID: evil, Language: notebooks.Python, Start: result.Position{Line: 3, Column: 1}, End: result.Position{Line: 3, Column: 5}},
		Excerpt: []result.Line{{Number: 3, Text: evil + "\xff", Mark: span.Span{Start: 5, End: len(evil)}, Before: true, After: true}}}
	f := result.File{Path: "Users/" + evil + "/" + evil, Format: notebooks.Source, Language: notebooks.Python, Cells: 3, Compliant: 2,
		Unverified: []string{evil},
		Changes:    []result.Change{{Cell: 2, Language: notebooks.Python, BeforeLine: 1, AfterLine: 1, Before: "a\n" + evil + "\n", After: "a\nb\n" + evil + "!\n"}},
		Problems:   []result.Problem{{Location: at, Reason: evil}}}
	for _, x := range []result.Applicability{result.Safe, result.Unsafe, result.Display} {
		f.Findings = append(f.Findings, result.Finding{Location: at, Rule: "IMDS001", Level: result.Error, Message: evil, Notes: []string{evil},
			Context: result.Context{Before: []string{evil}, After: []string{evil}},
			Related: []result.Related{{Location: at, Path: evil, Message: evil}},
			Fix:     &result.Fix{Applicability: x, Reason: evil, Summary: evil, Example: "- " + evil + "\n+ " + evil + "\n"}})
	}
	f.Findings = append(f.Findings, result.Finding{Location: at, Rule: "IMDS005", Level: result.Warning, Message: evil},
		result.Finding{Location: at, Rule: "IMDS010", Level: result.Note, Message: evil})
	for _, c := range result.Classes {
		f.Occurrences = append(f.Occurrences, result.Occurrence{Location: at, Class: c, Why: evil})
	}
	f.SetFingerprints()
	calm := result.File{Path: "Shared/calm.sh", Language: notebooks.Shell, Findings: []result.Finding{finding("IMDS011", result.Error, "curl x")}}
	// Every colour of code, marked, changed and plain.
	const colours = `if f("x") ${Y} 12 # c`
	calm.Findings[0].Excerpt = []result.Line{{Number: 2, Text: colours, Mark: span.Span{End: len(colours)}}}
	calm.Findings[0].Context = result.Context{Before: []string{"%sh", colours}, After: []string{colours}}
	calm.Findings[0].Fix = &result.Fix{Applicability: result.Display, Example: "- " + colours + "\n+ " + colours + "\n"}
	calm.Changes = []result.Change{{Language: notebooks.Shell, BeforeLine: 1, AfterLine: 1, Before: "a b c d\n" + colours + "\n", After: "a b c d " + colours + "\n" + colours + colours + "\n"},
		{Language: notebooks.Shell, BeforeLine: 9, AfterLine: 9, Before: "a b c d " + colours + "\n", After: "a b c d\n"}}
	calm.SetFingerprints()
	run := runOf(f, calm)
	run.Errors = []result.FileError{{Path: evil, Reason: evil}}
	run.Skipped = []result.FileError{{Path: evil, Reason: evil}}
	run.Counts.Files, run.Counts.Cells = 1234, 5678
	day := time.Date(2026, 11, 20, 0, 0, 0, 0, time.UTC)
	run.Started = day
	points := []result.Point{{Time: day, NoToken: 7, Reporting: 1}, {Time: day.Add(2 * time.Hour), Rejected: 3, Reporting: 1}}
	return run, report.Options{
		Rules: []report.Rule{{ID: "IMDS001", Title: "request without a token", Help: "why\n\nwhat", Level: result.Error}},
		Evidence: report.Evidence{Title: evil, Twice: []string{evil},
			Sources: []report.Source{{Name: evil, Kind: report.KindPreflight, Version: evil}},
			Preflight: &result.Preflight{Workspace: evil, Setting: evil, Started: day, Unread: []result.FileError{{Path: evil, Reason: evil}},
				Items:   []result.Obstacle{{Level: result.Blocker, Kind: evil, Object: evil, Why: evil, Remedy: evil}, {Level: result.Warn, Object: "pool"}},
				Compute: []result.Compute{{Kind: evil, Name: evil, ID: evil, Owner: evil, State: evil, Runtime: evil, Before: result.FromBefore}}},
			Metric: &result.Metric{Started: day, Workspace: evil, From: day, To: day.Add(4 * time.Hour), Period: time.Hour, Switched: day.Add(time.Hour),
				All: points, Series: []result.Series{{Kind: evil, Name: evil, ID: evil, Owner: evil, Points: points}}, Unknown: []result.FileError{{Path: evil, Reason: evil}}}}}
}

func TestPageInBrowser(t *testing.T) {
	b := newBrowser(t)
	run, o := hostile()
	text := render(t, run, o)
	t.Run("quiet and inert", func(t *testing.T) { testInert(t, b, text) })
	t.Run("numbers of the JSON", func(t *testing.T) { testNumbers(t, b, run, o) })
	t.Run("keyboard", func(t *testing.T) { testKeyboard(t, b, text) })
	t.Run("contrast", func(t *testing.T) { testContrast(t, b, text) })
	t.Run("narrow", func(t *testing.T) { testNarrow(t, b, text) })
	t.Run("without scripts", func(t *testing.T) { testNoScripts(t, b, text) })
	t.Run("filter", func(t *testing.T) { testFilter(t, b, text) })
	t.Run("ten thousand findings", func(t *testing.T) { testHuge(t, b) })
}

const openAll = `document.querySelectorAll("details").forEach(d => { d.open = true; d.style.contentVisibility = "visible" })`

func testInert(t *testing.T, b *browser, text string) {
	for _, dark := range []bool{false, true} {
		b.open(t, text, look{dark: dark})
		eval[chromedp.Void](t, b, `document.querySelectorAll("details").forEach(d => d.open = true)`)
		b.quiet(t)
		if eval[bool](t, b, `"owned" in window`) {
			t.Error("text from a file ran")
		}
		found := eval[[]string](t, b, `[...document.querySelectorAll("*")].flatMap(e => [
			...(["IMG", "IFRAME", "OBJECT", "EMBED", "LINK", "BASE", "AUDIO", "VIDEO"].includes(e.tagName) ? [e.tagName] : []),
			...[...e.attributes].filter(a => a.name.startsWith("on") || a.name === "style" || a.name === "src" || a.name === "autofocus").map(a => e.tagName + " " + a.name),
			...(e.hasAttribute("href") && !e.getAttribute("href").startsWith("#") ? ["link to " + e.getAttribute("href")] : [])])`)
		if len(found) > 0 {
			t.Errorf("the page holds %q", found)
		}
		if n := eval[int](t, b, `document.scripts.length + document.styleSheets.length`); n != 2 {
			t.Errorf("%d scripts and style sheets", n)
		}
		hidden := eval[[]string](t, b, `(() => {
			const bad = /[\u202a-\u202e\u2066-\u2069\u200b-\u200f\u2028\u2029\x00-\x08\x1b]/;
			return [...document.querySelectorAll("*")].flatMap(e => [
				...[...e.childNodes].filter(n => n.nodeType === 3 && bad.test(n.data)).map(() => e.tagName + "." + e.className),
				...[...e.attributes].filter(a => bad.test(a.value)).map(a => e.tagName + " " + a.name)]);
		})()`)
		if len(hidden) > 0 {
			t.Errorf("characters that hide or reorder text: %q", hidden)
		}
	}
	if broken := eval[[]string](t, b, `[...document.querySelectorAll("a[href^='#']")].map(a => a.getAttribute("href")).filter(h => !document.getElementById(h.slice(1)))`); len(broken) > 0 {
		t.Errorf("links that lead nowhere: %q", broken)
	}
	if twice := eval[[]string](t, b, `[...document.querySelectorAll("[id]")].map(e => e.id).filter((id, i, all) => all.indexOf(id) !== i)`); len(twice) > 0 {
		t.Errorf("ids that occur twice: %q", twice)
	}
	// What the page shows is the text itself, but for what it writes out.
	if got := eval[string](t, b, `document.querySelector(".card[data-rule=IMDS001] h4").textContent`); !strings.Contains(got, `<img src=x onerror="window.owned=1">`) || !strings.Contains(got, `\u{202e}`) {
		t.Errorf("the message reads %q", got)
	}
}

// testNumbers compares what the page says with what the JSON of the same run
// does.
func testNumbers(t *testing.T, b *browser, run *result.Run, o report.Options) {
	var out bytes.Buffer
	if err := report.JSON(&out, run, o); err != nil {
		t.Fatal(err)
	}
	read, _, err := report.Read(out.Bytes())
	if err != nil {
		t.Fatal(err)
	}
	b.open(t, render(t, read, o), look{})
	var want struct {
		Coverage struct {
			Files, Cells, Unread int
			Compliant            int `json:"compliant_requests"`
			Occurrences          map[string]int
		}
		Summary struct {
			Errors, Warnings, Findings int
			ByRule                     map[string]int `json:"by_rule"`
			Fixes                      struct{ Safe int }
		}
		Findings []struct{ Level string }
	}
	if err := json.Unmarshal(out.Bytes(), &want); err != nil {
		t.Fatal(err)
	}
	number := func(what, js string, n int) {
		t.Helper()
		if got := eval[string](t, b, js); got != report.Number(n) {
			t.Errorf("%s: the page says %s, the JSON %d", what, got, n)
		}
	}
	for label, n := range map[string]int{"errors": want.Summary.Errors, "warnings": want.Summary.Warnings, "safe fixes": want.Summary.Fixes.Safe,
		"IMDSv2 already": want.Coverage.Compliant, "unexplained": want.Coverage.Occurrences["unexplained"], "not read": want.Coverage.Unread} {
		number(label, fmt.Sprintf(`[...document.querySelectorAll(".numbers div")].find(d => d.querySelector("dt").textContent === %q).querySelector("dd").textContent`, label), n)
	}
	for class, n := range want.Coverage.Occurrences {
		number(class, fmt.Sprintf(`[...document.querySelectorAll(".account tbody tr")].find(r => r.querySelector("th").textContent === %q).querySelector(".n").textContent`, class), n)
	}
	for rule, n := range want.Summary.ByRule {
		number(rule, fmt.Sprintf(`document.querySelector("#%s .count").textContent`, rule), n)
	}
	for _, chart := range []string{"rule", "folder", "owner", "language"} {
		js := fmt.Sprintf(`String([...document.querySelectorAll("#by-%s tbody td:last-child")].reduce((n, td) => n + Number(td.textContent), 0))`, chart)
		number("chart by "+chart, js, want.Summary.Findings)
	}
	number("cards", `String(document.querySelectorAll("article.card").length)`, len(want.Findings))
	if got := eval[string](t, b, `document.querySelector(".meta").textContent`); !strings.Contains(got, "1,234 files, 5,678 cells") {
		t.Errorf("the page says %q", got)
	}
}

func testKeyboard(t *testing.T, b *browser, text string) {
	b.open(t, text, look{})
	key := func(keys string) {
		t.Helper()
		if err := chromedp.Do(b.ctx, chromedp.KeyEvent(keys)); err != nil {
			t.Fatal(err)
		}
	}
	const focused = `document.activeElement.className || document.activeElement.id || document.activeElement.tagName`
	key("\t")
	if got := eval[string](t, b, focused); got != "skip" {
		t.Errorf("the first stop is %s", got)
	}
	if !eval[bool](t, b, `document.activeElement.getBoundingClientRect().left >= 0 && getComputedStyle(document.activeElement).outlineStyle === "solid"`) {
		t.Error("the focus cannot be seen")
	}
	key("\r")
	if got := eval[string](t, b, focused); got != "main" {
		t.Errorf("the link leads to %s", got)
	}
	// Every stop shows that it is one.
	for range 60 {
		key("\t")
		if got := eval[string](t, b, `(e => e === document.body || getComputedStyle(e).outlineStyle !== "none" ? "" : e.outerHTML.slice(0, 80))(document.activeElement)`); got != "" {
			t.Errorf("no focus is shown on %s", got)
		}
	}
	before := eval[bool](t, b, `(d => { d.querySelector("summary").focus(); return d.open })(document.querySelector("details.file"))`)
	key("\r")
	b.eventually(t, "Enter does not open or close a file", fmt.Sprintf(`document.querySelector("details.file").open !== %v`, before))
	// A link into a closed file opens it.
	eval[chromedp.Void](t, b, `document.querySelectorAll("details.file").forEach(d => d.open = false); location.hash = document.querySelector("article.card").id`)
	b.eventually(t, "a link into a closed file does not open it", `document.querySelector("article.card").closest("details").open`)
}

// testContrast computes the contrast of every text with what it stands on:
// WCAG AA wants 4.5.
func testContrast(t *testing.T, b *browser, text string) {
	for _, dark := range []bool{false, true} {
		b.open(t, text, look{dark: dark})
		eval[chromedp.Void](t, b, openAll)
		if got := eval[bool](t, b, `matchMedia("(prefers-color-scheme: dark)").matches`); got != dark {
			t.Fatalf("dark is %v", got)
		}
		poor := eval[[]string](t, b, `(() => {
			const rgb = s => s.match(/[\d.]+/g).map(Number);
			const lum = c => { const [r, g, b] = c.slice(0, 3).map(v => (v /= 255) <= .03928 ? v / 12.92 : ((v + .055) / 1.055) ** 2.4); return .2126 * r + .7152 * g + .0722 * b };
			const behind = e => { for (; e; e = e.parentElement) { const c = rgb(getComputedStyle(e).backgroundColor); if (c.length < 4 || c[3] === 1) return c } return [255, 255, 255] };
			const out = new Set();
			for (const e of document.querySelectorAll("body *")) {
				if (![...e.childNodes].some(n => n.nodeType === 3 && n.data.trim()) || ["SCRIPT", "STYLE", "TITLE", "DESC", "title", "desc"].includes(e.tagName)) continue;
				const style = getComputedStyle(e), ink = rgb(e.tagName === "text" ? style.fill : style.color);
				const [a, b] = [lum(ink), lum(behind(e))].sort((x, y) => y - x), ratio = (a + .05) / (b + .05);
				if (ratio < 4.5) out.add(e.tagName + "." + e.className + " in " + e.parentElement.className + ": " + ratio.toFixed(2) + " " + ink + " on " + behind(e) + " " + e.textContent.slice(0, 30));
			}
			return [...out];
		})()`)
		if len(poor) > 0 {
			t.Errorf("dark %v: too little contrast:\n%s", dark, strings.Join(poor, "\n"))
		}
	}
}

func testNarrow(t *testing.T, b *browser, text string) {
	b.open(t, text, look{width: 360})
	eval[chromedp.Void](t, b, openAll)
	if w := eval[int](t, b, `document.documentElement.scrollWidth`); w > 360 {
		wide := eval[[]string](t, b, `[...document.querySelectorAll("body *")].filter(e => e.getBoundingClientRect().right > 361 && !e.closest(".scroll, pre, svg")).slice(0, 5).map(e => e.outerHTML.slice(0, 100))`)
		t.Errorf("the page is %d wide on a screen of 360: %q", w, wide)
	}
}

func testNoScripts(t *testing.T, b *browser, text string) {
	b.open(t, text, look{noJS: true})
	b.quiet(t)
	if !eval[bool](t, b, `document.querySelector("form.filter").hidden`) {
		t.Error("the filter shows and does nothing")
	}
	if !eval[bool](t, b, `[...document.querySelectorAll("#verdict, .blockers li, figure svg, details.file > summary, #gaps table")].every(e => e.checkVisibility())`) {
		t.Error("something is hidden without scripts")
	}
	eval[chromedp.Void](t, b, `document.querySelector("details.changes > summary").focus()`)
	if err := chromedp.Do(b.ctx, chromedp.KeyEvent("\r")); err != nil {
		t.Fatal(err)
	}
	b.eventually(t, "the changes do not open", `document.querySelector("table.diff").checkVisibility()`)
}

func testFilter(t *testing.T, b *browser, text string) {
	b.open(t, text, look{})
	shown := `[...document.querySelectorAll("article.card")].filter(c => !c.hidden && !c.closest("[hidden]")).length`
	all := eval[int](t, b, shown)
	eval[chromedp.Void](t, b, `(s => { s.value = "IMDS011"; s.dispatchEvent(new Event("change", {bubbles: true})) })(document.querySelector("select[name=rule]"))`)
	if n := eval[int](t, b, shown); n != 1 || all != 6 {
		t.Errorf("%d of %d shown", n, all)
	}
	if got := eval[string](t, b, `document.querySelector("form output").textContent`); got != "1 of 6 shown" {
		t.Errorf("it says %q", got)
	}
	eval[chromedp.Void](t, b, `document.querySelector("select[name=rule]").value = ""; document.querySelector("input[name=words]").focus()`)
	if _, err := chromedp.Call(b.ctx, input.InsertText, input.InsertTextParams{Text: "calm CURL"}); err != nil {
		t.Fatal(err)
	}
	b.eventually(t, "the words do not filter", shown+` === 1`)
	b.quiet(t)
}

// large is a run with n findings in files of ten.
func large(n int) *result.Run {
	var files []result.File
	for i := range n / 10 {
		f := result.File{Path: fmt.Sprintf("Users/user%02d/folder%03d/notebook%05d.py", i%40, i%300, i), Format: notebooks.Source, Language: notebooks.Python, Cells: 12}
		for j := range 10 {
			fd := finding("IMDS001", result.Error, `requests.get("http://169.254.169.254/latest/meta-data/instance-id", timeout=2)`)
			fd.Context = result.Context{Before: []string{"import requests", "x = 1", ""}, After: []string{"print(x)", "", "# end"}}
			if j < 9 {
				fd.Fix = &result.Fix{Applicability: result.Safe, Summary: "fetch a session token with requests.put"}
			}
			f.Findings = append(f.Findings, fd)
			f.Changes = append(f.Changes, result.Change{Cell: j + 1, Language: notebooks.Python, BeforeLine: 1, AfterLine: 1, Before: "a\nx = get(u)\nb\n", After: "a\nt = put(u)\nx = get(u, h)\nb\n"})
		}
		files = append(files, f)
	}
	return runOf(files...)
}

func testHuge(t *testing.T, b *browser) {
	text := render(t, large(10_000), report.Options{})
	if len(text) > 5<<20 {
		t.Errorf("the page has %d bytes", len(text))
	}
	begin := time.Now()
	b.open(t, text, look{})
	if took := time.Since(begin); took > 30*time.Second {
		t.Errorf("it opens in %v", took)
	}
	t.Logf("%d bytes, open in %v", len(text), time.Since(begin))
	if got := eval[string](t, b, `document.querySelector(".numbers dd").textContent`); got != "10,000" {
		t.Errorf("the page counts %s errors", got)
	}
	cards, rows := eval[int](t, b, `document.querySelectorAll("article.card").length`), eval[int](t, b, `document.querySelectorAll("p.row").length`)
	note := eval[string](t, b, `document.querySelector("#findings .remark").textContent`)
	want := fmt.Sprintf("10,000 findings: %s are shown with their code, those without a safe fix first; %s as a line; %s are counted here", report.Number(cards), report.Number(rows), report.Number(10_000-cards-rows))
	if !strings.HasPrefix(note, want) {
		t.Errorf("the note says %q, want %q", note, want)
	}
	if n := eval[int](t, b, `document.querySelectorAll("article.card[data-fix=none]").length`); n != maxCards {
		t.Errorf("%d of those that need a person are shown with code", n)
	}
	b.quiet(t)
}
