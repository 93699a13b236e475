package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/imdsscan/imdsscan/rules"
)

// Every package with a floor has a golden case.
func TestFloorsHaveCases(t *testing.T) {
	cases, err := filepath.Glob("../../testdata/golden/pins/*.txtar")
	if err != nil || len(cases) == 0 {
		t.Fatal("no golden cases found", err)
	}
	var all strings.Builder
	for _, name := range cases {
		b, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		all.Write(b)
	}
	for _, f := range rules.AllFloors().Floors {
		for _, p := range f.Packages {
			p = strings.TrimSuffix(p, "*")
			p = p[strings.LastIndexByte(p, ':')+1:]
			if !strings.Contains(strings.ReplaceAll(all.String(), "_", "-"), p) {
				t.Errorf("%s has no golden case", p)
			}
		}
	}
}
