package main

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/txtar"
)

// TestFixedRParses holds every fixed file of R's golden cases against R's own
// parser: what R read before, it reads after.
func TestFixedRParses(t *testing.T) {
	rscript, err := exec.LookPath("Rscript")
	if err != nil {
		t.Skip("Rscript is not installed")
	}
	cases, err := filepath.Glob("../../testdata/golden/r/*.txtar")
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	fixed := 0
	for _, name := range cases {
		ar, err := txtar.ParseFile(name)
		if err != nil {
			t.Fatal(err)
		}
		for i, in := range ar.Files {
			if !strings.EqualFold(filepath.Ext(in.Name), ".r") {
				continue
			}
			f := scan(t, in.Name, in.Data, nil)
			if f.Fixed == nil {
				continue
			}
			fixed++
			stem := fmt.Sprintf("%s.%d", strings.TrimSuffix(filepath.Base(name), ".txtar"), i)
			for suffix, text := range map[string][]byte{".before": in.Data, ".after": f.Fixed} {
				if err := os.WriteFile(filepath.Join(dir, stem+suffix), text, 0o644); err != nil {
					t.Fatal(err)
				}
			}
		}
	}
	const program = `
parses <- function(f) tryCatch({ parse(f, encoding = "UTF-8"); TRUE }, error = function(e) conditionMessage(e))
for (f in list.files(pattern = "before$")) if (isTRUE(parses(f))) {
  after <- parses(sub("before$", "after", f))
  cat(if (isTRUE(after)) "good" else paste("BAD", f, after), "\n")
}`
	cmd := exec.Command(rscript, "--vanilla", "-e", program)
	cmd.Dir = dir
	cmd.Env = append(cmd.Environ(), "LC_ALL=C.UTF-8")
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("Rscript: %v", err)
	}
	if strings.Contains(string(out), "BAD") || strings.Count(string(out), "good") < fixed-3 || fixed < 15 {
		t.Errorf("of %d fixed files:\n%s", fixed, out)
	}
}
