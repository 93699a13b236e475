package report

import (
	"bytes"
	"encoding/json"
	"os"
	"strings"
	"testing"

	"github.com/imdsscan/imdsscan/report/result"
	"github.com/santhosh-tekuri/jsonschema/v6"
)

func schema(t *testing.T, file string) *jsonschema.Schema {
	t.Helper()
	b, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	doc, err := jsonschema.UnmarshalJSON(bytes.NewReader(b))
	if err != nil {
		t.Fatal(err)
	}
	c := jsonschema.NewCompiler()
	c.AssertFormat()
	if err := c.AddResource("file:///schema.json", doc); err != nil {
		t.Fatal(err)
	}
	s, err := c.Compile("file:///schema.json")
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func schemaText(t *testing.T, file string) string {
	t.Helper()
	b, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

func validate(t *testing.T, s *jsonschema.Schema, text string) error {
	t.Helper()
	v, err := jsonschema.UnmarshalJSON(strings.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	return s.Validate(v)
}

func TestJSONFollowsItsSchema(t *testing.T) {
	s := schema(t, "../docs/schema/results-v1.json")
	empty := &result.Run{Tool: result.Tool{Name: "imdsscan", Version: "devel"}}
	empty.Tally()
	for name, run := range map[string]*result.Run{"full": sample(), "empty": empty, "workspace": inWorkspace()} {
		text := render(t, func(b *bytes.Buffer) error { return JSON(b, run, Options{Applied: true}) })
		if err := validate(t, s, text); err != nil {
			t.Errorf("%s: %v\n%s", name, err, text)
		}
		if err := validate(t, s, strings.Replace(text, `"unread"`, `"unraed"`, 1)); err == nil {
			t.Errorf("%s: the schema accepts a misspelt member", name)
		}
	}
}

func TestSARIFFollowsItsSchema(t *testing.T) {
	s := schema(t, "testdata/sarif-schema-2.1.0.json")
	o := Options{Rules: []Rule{{ID: "IMDS001", Name: "RequestWithoutToken", Title: "t", Help: "h", Markdown: "h", Level: result.Error}}}
	empty := &result.Run{Tool: result.Tool{Name: "imdsscan", Version: "devel"}}
	empty.Tally()
	for name, run := range map[string]*result.Run{"full": sample(), "empty": empty, "workspace": inWorkspace()} {
		text := render(t, func(b *bytes.Buffer) error { return SARIF(b, run, o) })
		if err := validate(t, s, text); err != nil {
			t.Errorf("%s: %v\n%s", name, err, text)
		}
		if err := validate(t, s, strings.Replace(text, `"driver"`, `"drivel"`, 1)); err == nil {
			t.Errorf("%s: the schema accepts a misspelt member", name)
		}
	}
}

// sarifOf is the printed log as a reader sees it.
func sarifOf(t *testing.T, run *result.Run, o Options) sarifRun {
	t.Helper()
	var log sarifLog
	text := render(t, func(b *bytes.Buffer) error { return SARIF(b, run, o) })
	if err := json.Unmarshal([]byte(text), &log); err != nil {
		t.Fatal(err)
	}
	return log.Runs[0]
}

func TestSARIFResult(t *testing.T) {
	run := sarifOf(t, sample(), Options{})
	if len(run.Results) != 2 || len(run.Tool.Driver.Rules) != 2 {
		t.Fatalf("%d results, %d rules", len(run.Results), len(run.Tool.Driver.Rules))
	}
	for _, r := range run.Results {
		if run.Tool.Driver.Rules[r.RuleIndex].ID != r.RuleID {
			t.Errorf("%s points to rule %d", r.RuleID, r.RuleIndex)
		}
		if r.Locations[0].PhysicalLocation.Region.StartLine < 1 || r.PartialFingerprints["imdsscan/v1"] == "" {
			t.Errorf("%+v has no place or no fingerprint", r)
		}
	}
	odd, nb := run.Results[0], run.Results[1]
	if got := odd.Locations[0].PhysicalLocation.ArtifactLocation.URI; got != "a%3Ab,%25.sh" {
		t.Errorf("URI %q", got)
	}
	if odd.Fixes != nil {
		t.Error("a fix for display only must not be offered to an editor")
	}
	if p := nb.Locations[0].Properties; p == nil || p.Cell != 7 || p.Line != 1 || p.Column != 5 {
		t.Errorf("cell position %+v", p)
	}
	if !strings.Contains(nb.Message.Text, `[the address \[here\](http://x)](1)`) || nb.RelatedLocations[0].ID != 1 {
		t.Errorf("message %q", nb.Message.Text)
	}
	change := nb.Fixes[0].ArtifactChanges[0]
	if change.ArtifactLocation.URI != "nb/etl%201.ipynb" || change.Replacements[0].InsertedContent.Text != ", headers=h" {
		t.Errorf("%+v", change)
	}
	if r := change.Replacements[0].DeletedRegion; r.StartLine != 2 || r.StartColumn != 23 || r.EndColumn != 23 {
		t.Errorf("the insertion is at %+v", r)
	}
}

func TestSARIFTellsWhatWasNotRead(t *testing.T) {
	run := sarifOf(t, sample(), Options{})
	inv := run.Invocations[0]
	var levels []string
	for _, n := range inv.Notifications {
		levels = append(levels, n.Level+" "+n.Descriptor.ID+" "+n.Locations[0].PhysicalLocation.ArtifactLocation.URI)
	}
	want := "error not-read gone.py, error not-read nb/etl%201.ipynb, note unexplained nb/etl%201.ipynb"
	if got := strings.Join(levels, ", "); got != want || inv.ExecutionSuccessful {
		t.Errorf("success %v with %s", inv.ExecutionSuccessful, got)
	}
}

func TestSARIFLeavesOutWhatFixRemoved(t *testing.T) {
	if got := sarifOf(t, sample(), Options{Applied: true}).Results; len(got) != 1 || got[0].RuleID != "IMDS005" {
		t.Errorf("%+v", got)
	}
}

func TestColumnsCountUTF16(t *testing.T) {
	src := "\ufeffa\r\n日😀\xff]\n"
	c := newColumns([]byte(src))
	for _, at := range []struct {
		before       string
		line, column int
	}{{"a", 1, 1}, {"\r\n", 1, 2}, {"日", 2, 1}, {"😀", 2, 2}, {"\xff", 2, 4}, {"]", 2, 5}} {
		if line, column := c.at(strings.Index(src, at.before)); line != at.line || column != at.column {
			t.Errorf("%q is at %d:%d, want %d:%d", at.before, line, column, at.line, at.column)
		}
	}
	if line, column := c.at(len(src) + 5); line != 3 || column != 1 {
		t.Errorf("the end is at %d:%d", line, column)
	}
}

func TestColumnsInALongLine(t *testing.T) {
	src := strings.Repeat("a日😀\xff", 20_000) + "X\n"
	c := newColumns([]byte(src))
	for i := 0; i < 20_000; i += 777 {
		if _, column := c.at(i*len("a日😀\xff") + 1); column != i*5+2 {
			t.Fatalf("column %d, want %d", column, i*5+2)
		}
	}
	if line, column := c.at(len(src) - 2); line != 1 || column != 100_001 {
		t.Errorf("%d:%d", line, column)
	}
}

func TestURI(t *testing.T) {
	for name, want := range map[string]string{
		"./a/../b.py": "b.py", "a b/ü.py": "a%20b/%C3%BC.py", "c:d/e": "c%3Ad/e", "../x#y?z": "../x%23y%3Fz", "/abs/x y": "file:///abs/x%20y",
	} {
		if got := uri(name); got != want {
			t.Errorf("%q gives %q, want %q", name, got, want)
		}
	}
}

// inWorkspace is the sample with a notebook and an init script of a workspace.
func inWorkspace() *result.Run {
	run := sample()
	run.Files[0].Path, run.Files[0].Object = "workspace:/Users/ana/a: b", &result.Object{Kind: "notebook", Path: "/Users/ana/a: b", ID: "42",
		Format: "JUPYTER", Language: "SCALA", URL: "https://h/#workspace/Users/ana/a:%20b", Git: "/Users/ana"}
	run.Scope = &result.Scope{Workspace: "https://h", User: "ana", Targets: []string{"workspace:/"}, Compute: true, Rules: []string{"IMDS001"}, Without: []string{"IMDS900"}, Interrupted: true}
	run.Files[1].Path, run.Files[1].Object = "workspace: cluster etl (1)", &result.Object{Kind: "cluster", ID: "1", Users: []string{"cluster a (1)"}}
	return run
}

func TestSARIFNamesObjectsOfAWorkspace(t *testing.T) {
	res := sarifOf(t, inWorkspace(), Options{}).Results[0]
	if got := res.Locations[0].PhysicalLocation.ArtifactLocation.URI; got != "workspace:/Users/ana/a:%20b" {
		t.Error(got)
	}
	if res.Properties.Workspace == nil || res.Properties.Workspace.ID != "42" || len(res.Fixes) > 0 {
		t.Errorf("%+v", res)
	}
}
