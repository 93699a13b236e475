package collect

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/imdsscan/imdsscan/notebooks/span"
	"github.com/imdsscan/imdsscan/report/result"
)

func file(t *testing.T, name, src string, o Options) *result.File {
	t.Helper()
	f, err := File(name, []byte(src), o)
	if err != nil {
		t.Fatal(err)
	}
	return f
}

const request = "curl -s http://169.254.169.254/latest/meta-data/instance-id\n"

func TestFindingHasPlaceFixAndSource(t *testing.T) {
	src := "# Databricks notebook source\nprint(1)\n\n# COMMAND ----------\n\n# MAGIC %sh\n# MAGIC " + request
	f := file(t, "nb.py", src, Options{})
	if len(f.Findings) != 1 || f.Cells != 2 || string(f.Source) != src {
		t.Fatalf("%+v", f)
	}
	fd := f.Findings[0]
	if c := fd.Cell; c == nil || c.Number != 2 || c.Start.Line != 2 || c.Start.Column != 1 || c.Language != "shell" {
		t.Errorf("cell %+v", fd.Cell)
	}
	if fd.Start.Line != 7 || fd.Start.Column != 9 || fd.Excerpt[0].Text != strings.TrimSpace(request) {
		t.Errorf("place %v, excerpt %q", fd.Start, fd.Excerpt[0].Text)
	}
	if fd.Fix == nil || fd.Fix.Applicability != result.Safe || !fd.Fixed {
		t.Fatalf("fix %+v", fd.Fix)
	}
	alone, err := span.Apply(f.Source, fd.Fix.Edits)
	if err != nil || string(alone) != string(f.Fixed) {
		t.Errorf("the finding's own edits make\n%s\nthe file's fix is\n%s", alone, f.Fixed)
	}
}

func TestCleanFileKeepsNoBytes(t *testing.T) {
	f := file(t, "a.sh", "#!/bin/sh\n# 169.254.169.254\n", Options{})
	if f.Source != nil || f.Fixed != nil || len(f.Findings) != 0 {
		t.Errorf("%+v", f)
	}
	if len(f.Occurrences) != 1 || f.Occurrences[0].Class != result.Mention || f.Occurrences[0].Start.Line != 2 {
		t.Errorf("%+v", f.Occurrences)
	}
}

func TestCompliantRequestsAreCounted(t *testing.T) {
	f := file(t, "a.sh", `T=$(curl -sf -X PUT -H "X-aws-ec2-metadata-token-ttl-seconds: 60" http://169.254.169.254/latest/api/token)
curl -s -H "X-aws-ec2-metadata-token: $T" http://169.254.169.254/latest/meta-data/instance-id
`, Options{})
	if f.Compliant != 1 || len(f.Findings) != 0 {
		t.Errorf("%d compliant, findings %+v", f.Compliant, f.Findings)
	}
}

func TestRulesLeftOut(t *testing.T) {
	src := request + `curl -s -K "$OPTIONS" http://169.254.169.254/latest/meta-data/instance-id` + "\n"
	only := func(want string) Options { return Options{Wants: func(rule string) bool { return rule == want }} }
	all, one, five := file(t, "a.sh", src, Options{}), file(t, "a.sh", src, only("IMDS001")), file(t, "a.sh", src, only("IMDS005"))
	if len(all.Findings) != 2 || len(one.Findings) != 1 || len(five.Findings) != 1 {
		t.Fatalf("%d, %d and %d findings", len(all.Findings), len(one.Findings), len(five.Findings))
	}
	if c := five.Occurrences[0].Class; c != result.Suppressed || one.Occurrences[0].Class != result.InFinding {
		t.Errorf("the occurrence of a rule that is left out is %s", c)
	}
	if string(one.Fixed) != string(all.Fixed) || five.Fixed != nil {
		t.Errorf("fixed:\n%s\nwith one rule:\n%s\nwith the other:\n%s", all.Fixed, one.Fixed, five.Fixed)
	}
}

func TestBinaryFileHidesNothing(t *testing.T) {
	f := file(t, "a.bin", "\x00\x01\n http://169.254.169.254/", Options{})
	if len(f.Occurrences) != 1 || f.Occurrences[0].Class != result.Unexplained || f.Occurrences[0].Start.Line != 2 {
		t.Errorf("%+v", f.Occurrences)
	}
}

// Every occurrence is accounted for, and inside a finding only where there is
// one.
func TestExamplesAreAccountedFor(t *testing.T) {
	names, err := filepath.Glob("../../testdata/examples/*")
	if err != nil || len(names) == 0 {
		t.Fatal("no examples", err)
	}
	for _, name := range names {
		src, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		f := file(t, filepath.Base(name), string(src), Options{})
		for _, o := range f.Occurrences {
			if o.Class == result.InFinding && len(f.Findings) == 0 {
				t.Errorf("%s: %v counts as found, and there is no finding", name, o.Start)
			}
		}
		if n := strings.Count(string(src), "169.254.169.254"); len(f.Occurrences) < n {
			t.Errorf("%s: %d of %d occurrences are accounted for", name, len(f.Occurrences), n)
		}
	}
}
