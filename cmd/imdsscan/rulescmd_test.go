package main

import (
	"os"
	"strings"
	"testing"

	"github.com/imdsscan/imdsscan/rules"
)

func TestRulesFileIsCurrent(t *testing.T) {
	const file = "../../RULES.md"
	code, want, stderr := runTest(t.Context(), "", "rules", "--format", "markdown")
	if code != exitClean {
		t.Fatal(stderr)
	}
	if *update {
		if err := os.WriteFile(file, []byte(want), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	got, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if string(got) != want {
		t.Error("RULES.md differs from the rules: go generate ./cmd/imdsscan")
	}
	for _, r := range rules.All() {
		if !strings.Contains(want, "## "+r.ID+"\n") {
			t.Errorf("%s is missing", r.ID)
		}
	}
}

func TestRuleNamesForMachines(t *testing.T) {
	for in, want := range map[string]string{"falls-back-to-v1": "FallsBackToV1", "x": "X", "": "", "a--b": "AB"} {
		if got := camelCase(in); got != want {
			t.Errorf("%q gives %q, want %q", in, got, want)
		}
	}
}
