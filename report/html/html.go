// Package html writes the readiness report: one page that holds everything it
// shows, for an administrator to read and to send on.
//
// The page asks nothing of any network. Its policy allows the one style and the
// one script it holds, by their hashes. Charts are drawn here, code is coloured
// here; the script only filters, and the page is whole without it. Text from
// files goes through html/template or through visible, and nowhere else.
//
// Equal results give equal bytes. What a page cannot hold is counted, and said.
package html

import (
	"crypto/sha256"
	_ "embed"
	"encoding/base64"
	"html/template"
	"io"
	"time"

	"github.com/imdsscan/imdsscan/report"
	"github.com/imdsscan/imdsscan/report/result"
)

// Format is the page among the other formats.
var Format = report.Format{Name: "html", About: "a page for people to read and send on", Write: Write}

//go:embed style.css
var style string

//go:embed script.js
var script string

//go:embed page.html
var pageText string

// policy forbids everything but the page's own style and script.
var policy = "default-src 'none'; style-src " + hash(style) + "; script-src " + hash(script) + "; base-uri 'none'; form-action 'none'"

func hash(text string) string {
	sum := sha256.Sum256([]byte(text))
	return "'sha256-" + base64.StdEncoding.EncodeToString(sum[:]) + "'"
}

var pageTemplate = template.Must(template.New("page").Funcs(template.FuncMap{
	"n": report.Number, "plural": report.Plural, "visible": visible, "clean": report.Clean, "when": when, "prose": prose,
}).Parse(pageText))

// when is a time as people read it, in UTC so that every reader sees the same.
func when(t time.Time) string { return t.UTC().Format("2 January 2006, 15:04 UTC") }

// view is what the page shows.
type view struct {
	Title    string
	Policy   string
	Style    template.CSS
	Script   template.JS
	Run      *result.Run
	Applied  bool
	Verdict  verdict
	Blockers []blocker
	Numbers  []number
	Charts   []chart
	Findings findings
	Rules    []ruleView
	Evidence report.Evidence
	Metric   *metricView
	Gaps     gaps
	Classes  []class
}

// Write prints the page.
func Write(w io.Writer, run *result.Run, o report.Options) error {
	v := view{Title: o.Evidence.Title, Policy: policy, Style: template.CSS(style), Script: template.JS(script),
		Run: run, Applied: o.Applied, Evidence: o.Evidence}
	if v.Title == "" {
		v.Title = "IMDSv2 readiness"
	}
	v.Findings = findingsOf(run, o)
	v.Rules = rulesOf(run, o, &v.Findings)
	v.Metric = metricOf(o.Evidence.Metric)
	v.Gaps = gapsOf(run)
	v.Blockers = blockersOf(run, o)
	v.Verdict = verdictOf(run, o)
	v.Numbers = numbersOf(run, o)
	v.Charts = chartsOf(run, o)
	v.Classes = classesOf(run)
	return pageTemplate.Execute(w, v)
}

// left tells whether a finding still asks for something.
func left(fd *result.Finding, o report.Options) bool {
	return fd.Level != result.Note && !(o.Applied && fd.Fixed)
}
