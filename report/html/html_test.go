package html

import (
	"bytes"
	"testing"

	"github.com/imdsscan/imdsscan/notebooks"
	"github.com/imdsscan/imdsscan/notebooks/span"
	"github.com/imdsscan/imdsscan/report"
	"github.com/imdsscan/imdsscan/report/result"
)

// render is the page of a run that check has made.
func render(t *testing.T, run *result.Run, o report.Options) string {
	t.Helper()
	o.Evidence.Sources = append(o.Evidence.Sources, report.Source{Name: "results.json", Kind: report.KindCheck})
	var b bytes.Buffer
	if err := Write(&b, run, o); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// finding is one in a line of shell.
func finding(rule string, level result.Level, code string) result.Finding {
	return result.Finding{Rule: rule, Level: level, Message: "request to the metadata service without a session token",
		Location: result.Location{Start: result.Position{Line: 2, Column: 1}, End: result.Position{Line: 2, Column: 1 + len(code)},
			Excerpt: []result.Line{{Number: 2, Text: code, Mark: span.Span{End: len(code)}}}}}
}

func runOf(files ...result.File) *result.Run {
	run := &result.Run{Tool: result.Tool{Name: "imdsscan", Version: "1.2.3"}, Files: files}
	run.Counts.Files = len(files)
	run.Tally()
	return run
}

func TestEqualResultsGiveEqualBytes(t *testing.T) {
	make := func() *result.Run {
		var files []result.File
		for _, name := range []string{"Users/ana/a.sh", "Users/bo/b.py", "c.R", "d/e/f.scala"} {
			files = append(files, result.File{Path: name, Language: notebooks.Shell,
				Findings: []result.Finding{finding("IMDS001", result.Error, "curl x"), finding("IMDS005", result.Warning, "curl $x")}})
		}
		return runOf(files...)
	}
	first := render(t, make(), report.Options{})
	for range 20 {
		if render(t, make(), report.Options{}) != first {
			t.Fatal("the page differs from run to run")
		}
	}
}
