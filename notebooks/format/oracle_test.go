package format

import (
	"bytes"
	"encoding/json"
	"os/exec"
	"strings"
	"testing"

	"github.com/imdsscan/imdsscan/notebooks"
)

// oracle reads notebooks as Jupyter does and prints their cells' sources, null
// for one that is not text.
const oracle = `
import base64, json, sys
def sources(text):
    nb = json.loads(text)
    cells = nb.get("cells")
    if cells is None and isinstance(nb.get("worksheets"), list):
        cells = [c for w in nb["worksheets"] for c in w["cells"]]
    for cell in cells or []:
        source = cell.get("input", cell.get("source")) if isinstance(cell, dict) else None
        if isinstance(source, list) and all(isinstance(s, str) for s in source):
            source = "".join(source)
        yield source.replace("\r\n", "\n") if isinstance(source, str) else None
print(json.dumps([list(sources(base64.b64decode(b).decode("utf-8-sig"))) for b in json.load(sys.stdin)]))
`

// TestPythonReadsTheSameSources compares with Python's json module.
func TestPythonReadsTheSameSources(t *testing.T) {
	python, err := exec.LookPath("python3")
	if err != nil {
		t.Skip("python3 is not installed")
	}
	var docs []*notebooks.Document
	var inputs [][]byte
	for _, f := range lawFiles(t) {
		d, err := Open(f.Name, f.Data)
		if strings.HasSuffix(f.Name, ".ipynb") && !strings.HasPrefix(f.Name, "trailing") && err == nil {
			docs, inputs = append(docs, d), append(inputs, f.Data)
		}
	}
	stdin, err := json.Marshal(inputs)
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(python, "-c", oracle)
	cmd.Stdin = bytes.NewReader(stdin)
	out, err := cmd.Output()
	if err != nil {
		t.Fatal(err)
	}
	var all [][]*string
	if err := json.Unmarshal(out, &all); err != nil {
		t.Fatal(err)
	}
	compared := 0
	for k, want := range all {
		got := make([]*string, len(want))
		for _, c := range docs[k].Cells {
			s := string(c.Text.Bytes())
			got[c.Number-1] = &s
		}
		for i := range want {
			if (want[i] == nil) != (got[i] == nil) || want[i] != nil && *got[i] != *want[i] {
				t.Errorf("%s cell %d: got %q, Python reads %q", docs[k].Path, i+1, deref(got[i]), deref(want[i]))
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
