package yaml_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/txtar"

	"github.com/imdsscan/imdsscan/analyzer/facts"
	"github.com/imdsscan/imdsscan/analyzer/yaml"
	"github.com/imdsscan/imdsscan/notebooks"
	"github.com/imdsscan/imdsscan/notebooks/span"
)

const url = "http://169.254.169.254/latest/meta-data/ami-id"

func analyze(src string) *facts.Facts {
	return yaml.Analyze(&facts.Unit{Language: notebooks.YAML, Text: span.File([]byte(src))})
}

// TestBounds: hostile files end in facts or in a broken part, and soon.
func TestBounds(t *testing.T) {
	aliases := "on: push\na: &a [x,x,x,x,x,x,x,x,x]\n"
	for c := 'b'; c < 'm'; c++ {
		aliases += fmt.Sprintf("%c: &%c [%s]\n", c, c, strings.Repeat(fmt.Sprintf("*%c,", c-1), 9))
	}
	merges := "a0: &a0 {x: {script: [curl " + url + "]}}\n"
	for i := range 30 {
		merges += fmt.Sprintf("a%d: &a%d\n  <<: [%s]\n  b: {<<: *a%d}\n", i+1, i+1, strings.Repeat(fmt.Sprintf("*a%d,", i), 9), i)
	}
	for name, src := range map[string]string{
		"aliases":         aliases + "jobs: {x: {steps: [{run: *l, env: {A: \"" + url + "\"}}]}}\n",
		"merges":          merges,
		"brackets":        "a: " + strings.Repeat("[", 50_000) + url + strings.Repeat("]", 50_000),
		"bracket lines":   "a:\n" + strings.Repeat("[\n", 5000) + url + strings.Repeat("]\n", 5000),
		"dashes":          strings.Repeat("- ", 5000) + url,
		"directives":      "a: " + strings.Repeat("{{", 500_000) + url,
		"directive lines": strings.Repeat("{{ x\n", 100_000) + "a: " + url,
		"one long line":   "a: [" + strings.Repeat(`"é", `, 50_000) + `"` + url + `"]`,
		"plain lines":     "a: " + strings.Repeat("word\n  ", 50_000) + url,
		"urls":            "a: " + strings.Repeat(url+"\n  ", 5000),
		"open quote":      "a: \"" + strings.Repeat(url+" ", 20_000),
		"far indent":      "a: |9\n" + strings.Repeat(strings.Repeat(" ", 200)+url+"\n", 1000),
		"documents":       strings.Repeat("---\nurl: "+url+"\n", 5000),
		"too large":       strings.Repeat("#", 17<<20) + "\n" + url,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			start := time.Now()
			out := analyze(src)
			if took := time.Since(start); took > 20*time.Second {
				t.Errorf("took %v", took)
			}
			broken := len(out.Broken) > 0
			if want := strings.Contains("aliases merges plain lines urls one long line far indent documents", name); broken == want {
				t.Errorf("broken: %v", out.Broken)
			}
		})
	}
}

// FuzzAnalyze: no text makes the analysis fail, and what it takes for code
// stands in the file.
func FuzzAnalyze(f *testing.F) {
	cases, err := filepath.Glob("../../testdata/golden/yaml/*.txtar")
	if err != nil || len(cases) == 0 {
		f.Fatal("no cases", err)
	}
	for _, c := range cases {
		src, err := os.ReadFile(c)
		if err != nil {
			f.Fatal(err)
		}
		for _, file := range txtar.Parse(src).Files {
			if file.Name != "diff" && file.Name != "findings" {
				f.Add(string(file.Data))
			}
		}
	}
	f.Fuzz(func(t *testing.T, src string) {
		if len(src) > 20_000 {
			t.Skip("longer than it takes")
		}
		root := span.File([]byte(src))
		out := yaml.Analyze(&facts.Unit{Language: notebooks.YAML, Text: root})
		for _, u := range out.Nested {
			if u.Text.Root() != root || u.Via == "" || u.Parent == nil {
				t.Errorf("a unit of %s hangs in the air: via %q", u.Language, u.Via)
			}
		}
		for _, m := range out.Mentions {
			if raw := m.Unit.Text.Raw(m.Span); raw.Empty() || raw.End > len(src) {
				t.Errorf("the mention %q is at %v", m.Why, raw)
			}
		}
		for _, r := range out.Requests {
			if raw := r.Unit.Text.Raw(r.Span); raw.End > len(src) || raw.End < raw.Start {
				t.Errorf("the request is at %v", raw)
			}
		}
	})
}
