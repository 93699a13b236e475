package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"
)

// What the program prints for real files follows the schemas, and is the same
// each time.
func TestMachineFormatsFollowTheirSchemas(t *testing.T) {
	for format, file := range map[string]string{
		"json": "../../docs/schema/results-v1.json", "sarif": "../../report/testdata/sarif-schema-2.1.0.json",
	} {
		schema, err := jsonschema.NewCompiler().Compile(file)
		if err != nil {
			t.Fatal(err)
		}
		// In the archive are a notebook, text, and what is not read.
		archive := write(t, filepath.Join(t.TempDir(), "a b#.dbc"), string(dbc(t, "x.python", "y/../z.zip", "note.txt")))
		args := []string{"--format", format, "../../testdata", archive}
		code, out, stderr := runTest(t.Context(), "", args...)
		if code != exitIncomplete || !strings.Contains(out, "a b#.dbc!/x.python") {
			t.Fatalf("%s: exit %d\n%s", format, code, stderr)
		}
		v, err := jsonschema.UnmarshalJSON(strings.NewReader(out))
		if err != nil {
			t.Fatal(err)
		}
		if err := schema.Validate(v); err != nil {
			t.Errorf("%s: %v", format, err)
		}
		if _, again, _ := runTest(t.Context(), "", append(args, "-j", "7")...); again != out {
			t.Errorf("%s: a second run prints something else", format)
		}
	}
}

// The coverage account adds up: every occurrence is in one class, and every
// finding in the sums.
func TestCoverageAddsUp(t *testing.T) {
	_, out, _ := runTest(t.Context(), "", "--format", "json", "../../testdata/examples", "../../testdata/execution")
	var r struct {
		Coverage struct {
			Files       int            `json:"files"`
			Occurrences map[string]int `json:"occurrences"`
		} `json:"coverage"`
		Summary struct {
			Findings int            `json:"findings"`
			ByRule   map[string]int `json:"by_rule"`
			Fixes    map[string]int `json:"fixes"`
		} `json:"summary"`
		Findings    []any `json:"findings"`
		Occurrences []struct {
			Class string `json:"class"`
		} `json:"occurrences"`
	}
	if err := json.Unmarshal([]byte(out), &r); err != nil {
		t.Fatal(err)
	}
	sum := func(m map[string]int) (n int) {
		for _, k := range m {
			n += k
		}
		return n
	}
	if len(r.Findings) == 0 || sum(r.Summary.ByRule) != len(r.Findings) || sum(r.Summary.Fixes) != len(r.Findings) ||
		r.Summary.Findings != len(r.Findings) {
		t.Errorf("%d findings, summed as %+v", len(r.Findings), r.Summary)
	}
	classes := map[string]int{}
	for _, o := range r.Occurrences {
		classes[o.Class]++
	}
	for class, n := range r.Coverage.Occurrences {
		if classes[class] != n {
			t.Errorf("%d occurrences are %s, the account says %d", classes[class], class, n)
		}
	}
	files := 0
	for _, dir := range []string{"../../testdata/examples", "../../testdata/execution"} {
		files += countFiles(t, dir)
	}
	if r.Coverage.Files != files {
		t.Errorf("%d files were read of %d", r.Coverage.Files, files)
	}
}

func countFiles(t *testing.T, dir string) (n int) {
	t.Helper()
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		if e.IsDir() {
			n += countFiles(t, dir+"/"+e.Name())
		} else {
			n++
		}
	}
	return n
}
