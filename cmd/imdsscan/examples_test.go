package main

import (
	"testing"

	"github.com/imdsscan/imdsscan/rules"
)

// exampleNames are the files that examples in a language stand for.
var exampleNames = map[string]string{"python": "example.py", "shell": "example.sh", "requirements": "requirements.txt", "yaml": "databricks.yml"}

// The examples in the rules' documentation are true: what is shown as bad is
// reported by that rule, what is shown as good is not reported at all.
func TestRuleExamples(t *testing.T) {
	for _, r := range rules.All() {
		if len(r.Examples) == 0 {
			t.Errorf("%s has no example", r.ID)
		}
		for _, ex := range r.Examples {
			name := exampleNames[ex.Language]
			if name == "" {
				t.Fatalf("%s: an example in %q", r.ID, ex.Language)
			}
			found := false
			for _, f := range scan(t, name, []byte(ex.Bad), nil).Findings {
				found = found || f.Rule == r.ID
			}
			if !found {
				t.Errorf("%s (%s) does not report its bad example", r.ID, ex.Language)
			}
			for _, f := range scan(t, name, []byte(ex.Good), nil).Findings {
				t.Errorf("%s (%s): the good example gives %s at line %d: %s", r.ID, ex.Language, f.Rule, f.Start.Line, f.Message)
			}
		}
	}
}
