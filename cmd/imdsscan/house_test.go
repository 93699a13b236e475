package main

import (
	"os/exec"
	"strings"
	"testing"
)

// Arrows point down only: a package may import its own floor and those below.
func TestImportsPointDown(t *testing.T) {
	const module = "github.com/imdsscan/imdsscan/"
	// Longer prefixes first. A floor may import lower numbers, and equals.
	floors := []struct {
		prefix string
		floor  int
	}{
		{"notebooks/span", 0}, {"notebooks/codec", 2}, {"notebooks/format", 3}, {"notebooks/tree", 1}, {"notebooks/runs", 4}, {"notebooks/lists", 1}, {"notebooks/archive", 1}, {"notebooks", 1},
		{"rules", 1},
		{"analyzer/mention", 0}, {"analyzer/jvm", 5}, {"analyzer/r", 5},
		{"analyzer/treesitter", 0}, {"analyzer/imds", 2}, {"analyzer/prefilter", 3}, {"analyzer/facts", 3},
		{"analyzer/versions", 0},
		{"analyzer/pins", 4}, {"analyzer/command", 4}, {"analyzer/script", 4}, {"analyzer/headers", 4}, {"analyzer/shell", 5}, {"analyzer/sql", 5}, {"analyzer/dockerfile", 5}, {"analyzer/python", 5}, {"analyzer/yaml", 5}, {"analyzer/hcl", 5}, {"analyzer", 6},
		{"rewrite", 7},
		{"workspace/emulator/aws", 0}, {"workspace/metrics/evidence", 1},
		{"report/result", 2}, {"report/collect", 8}, {"report", 3},
		{"workspace/setting", 5}, {"workspace/restart", 6}, {"workspace/enforce", 7}, {"workspace/preflight", 7}, {"workspace/emulator/example", 6}, {"workspace/emulator", 4}, {"workspace/nodes", 5}, {"workspace/metrics", 4}, {"workspace/apply", 6}, {"workspace/plan", 4}, {"workspace/patch", 5}, {"workspace/backup", 4}, {"workspace/journal", 4}, {"workspace/inventory", 5}, {"workspace/mirror", 5}, {"workspace", 4},
		{"report/html", 4},
		{"cmd/", 9},
	}
	floorOf := func(pkg string) int {
		for _, f := range floors {
			if pkg == strings.TrimSuffix(f.prefix, "/") || strings.HasPrefix(pkg, strings.TrimSuffix(f.prefix, "/")+"/") {
				return f.floor
			}
		}
		return -1
	}
	out, err := exec.Command("go", "list", "-f", `{{.ImportPath}}:{{join .Imports " "}}`, module+"...").Output()
	if err != nil {
		t.Fatal(err)
	}
	for _, line := range strings.Split(strings.TrimSpace(string(out)), "\n") {
		pkg, imports, _ := strings.Cut(line, ":")
		pkg = strings.TrimPrefix(pkg, module)
		own := floorOf(pkg)
		if own < 0 {
			t.Errorf("package %s has no floor", pkg)
			continue
		}
		for _, imp := range strings.Fields(imports) {
			imp, inside := strings.CutPrefix(imp, module)
			if inside && floorOf(imp) > own {
				t.Errorf("%s imports %s, which stands above it", pkg, imp)
			}
		}
	}
}
