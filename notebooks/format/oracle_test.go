package format

import (
	"bytes"
	"encoding/json"
	"os/exec"
	"strings"
	"testing"
)

// oracle reads a notebook as Jupyter does and prints the cells' sources, null
// for one that is not text.
const oracle = `
import json, sys
out = []
for cell in json.loads(sys.stdin.buffer.read().decode("utf-8-sig")).get("cells", []):
    source = cell.get("source") if isinstance(cell, dict) else None
    if isinstance(source, list) and all(isinstance(s, str) for s in source):
        source = "".join(source)
    out.append(source.replace("\r\n", "\n") if isinstance(source, str) else None)
print(json.dumps(out))
`

// TestPythonReadsTheSameSources compares with Python's json module.
func TestPythonReadsTheSameSources(t *testing.T) {
	python, err := exec.LookPath("python3")
	if err != nil {
		t.Skip("python3 is not installed")
	}
	compared := 0
	for _, f := range lawFiles(t) {
		d, err := Open(f.Name, f.Data)
		if !strings.HasSuffix(f.Name, ".ipynb") || strings.HasPrefix(f.Name, "trailing") || err != nil {
			continue
		}
		cmd := exec.Command(python, "-c", oracle)
		cmd.Stdin = bytes.NewReader(f.Data)
		out, err := cmd.Output()
		if err != nil {
			t.Fatalf("%s: %v", f.Name, err)
		}
		var want []*string
		if err := json.Unmarshal(out, &want); err != nil {
			t.Fatal(err)
		}
		got := make([]*string, len(want))
		for _, c := range d.Cells {
			s := string(c.Text.Bytes())
			got[c.Number-1] = &s
		}
		for i := range want {
			switch {
			case want[i] == nil && got[i] == nil:
			case want[i] == nil || got[i] == nil || *got[i] != *want[i]:
				t.Errorf("%s cell %d: got %q, Python reads %q", f.Name, i+1, deref(got[i]), deref(want[i]))
			}
			compared++
		}
	}
	if compared < 200 {
		t.Errorf("only %d cells compared", compared)
	}
}

func deref(s *string) string {
	if s == nil {
		return "no text"
	}
	return *s
}
