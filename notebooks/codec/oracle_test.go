package codec_test

import (
	"encoding/hex"
	"encoding/json"
	"math/rand"
	"os/exec"
	"regexp"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/imdsscan/imdsscan/notebooks/codec"
	"github.com/imdsscan/imdsscan/notebooks/span"
)

// edited is a document after an edit, and what it should mean.
type edited struct{ before, after, want string }

// editedDocuments makes documents of the layers that take picks and edits them.
func editedDocuments(t *testing.T, rounds int, pick func(lawLayer) bool) (all []edited) {
	t.Helper()
	for _, l := range lawLayers {
		if !pick(l) {
			continue
		}
		r := rand.New(rand.NewSource(3))
		for range rounds {
			src := l.document(r)
			text, err := l.decode(src)
			if err != nil {
				continue
			}
			edits := randomEdits(r, text.Len())
			lifted, err := text.Lift(edits)
			if err != nil {
				continue
			}
			after, err := span.Apply(src, lifted)
			if err != nil {
				t.Fatal(err)
			}
			want, err := span.Apply(text.Bytes(), edits)
			if err != nil {
				t.Fatal(err)
			}
			if !utf8.Valid(want) {
				continue // the edit cut a character, or wrote a lone surrogate
			}
			all = append(all, edited{string(src), string(after), string(want)})
		}
	}
	return all
}

// TestPythonReadsEdits: what is a literal to Python stays one after an edit,
// and means what the edit made of it.
func TestPythonReadsEdits(t *testing.T) {
	docs := editedDocuments(t, 600, func(l lawLayer) bool { return strings.HasPrefix(l.name, "python") })
	var literals []string
	for _, d := range docs {
		literals = append(literals, d.before, d.after)
	}
	read, compared := pythonReads(t, literals), 0
	for i, d := range docs {
		before, after := read[2*i], read[2*i+1]
		switch {
		case before == nil:
			// Never was a literal: str and bytes side by side, say.
		case after == nil:
			t.Errorf("python reads %q, but not %q", d.before, d.after)
		case strings.Contains(d.before, "{a") || strings.Contains(d.before, "{d"):
			// Holes with values of their own.
		default:
			compared++
			if *after != hex.EncodeToString([]byte(oneHole(d.want))) {
				t.Errorf("python reads %q\n as %s\nwant %q", d.after, *after, d.want)
			}
		}
	}
	if compared < 1000 {
		t.Errorf("only %d literals were compared", compared)
	}
}

// TestJSONReadsEdits: encoding/json reads an edited array as the edited text.
func TestJSONReadsEdits(t *testing.T) {
	compared := 0
	for _, d := range editedDocuments(t, 1500, func(l lawLayer) bool { return l.name == "json lines" }) {
		var lines []string
		if err := json.Unmarshal([]byte(d.after), &lines); err != nil {
			t.Errorf("%q became %q: %v", d.before, d.after, err)
			continue
		}
		compared++
		if got := strings.Join(lines, ""); got != d.want {
			t.Errorf("%q\n is read as %q\nwant %q", d.after, got, d.want)
		}
	}
	if compared < 500 {
		t.Errorf("only %d arrays were compared", compared)
	}
}

// TestMaskedCellsParse: a cell without its magics is Python.
func TestMaskedCellsParse(t *testing.T) {
	cells := []string{
		"%pip install boto3==1.9\n%restart_python\nimport boto3\n",
		"import os\nif os.path.exists('x'):\n    !curl -s http://x | \\\n      jq .\nelse:\n    out = !ls -l\nprint(out)\n",
		"%matplotlib inline\n%run ./setup $x=\"1\"\ndef f():\n    %time g()\n    return 1 % 2\n",
		"files = %sql SELECT * FROM t WHERE a != 'b'\nx = (1\n  % 2)\ns = '''\n!not\n%this\n'''\n",
		"df.head?\n?df\n\"\"\"doc?\"\"\"\n# what?\nx = {'a': '?'}\n",
		"%%time\nfor i in range(3):\n    !echo {i}\n",
		"try:\n\t%cd /tmp\nexcept Exception:\n\tpass\n",
		"x = a[1:2] # = !no\ny = f'{x!r}' if x != 1 else f\"\"\"\n!no {x}\n\"\"\"\n!!yes\n",
	}
	const program = `import ast, json, sys
for cell in json.load(sys.stdin):
    try:
        ast.parse(cell)
    except SyntaxError as e:
        print(e, "in", repr(cell))`
	var masked []string
	for _, cell := range cells {
		text, err := whole(codec.Mask{})([]byte(cell))
		if err != nil {
			t.Fatal(err)
		}
		masked = append(masked, string(text.Bytes()))
	}
	input, err := json.Marshal(masked)
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(needPython(t), "-c", program)
	cmd.Stdin = strings.NewReader(string(input))
	if out, err := cmd.CombinedOutput(); err != nil || len(out) > 0 {
		t.Errorf("masked cells do not parse: %v\n%s", err, out)
	}
}

// otherValue finds expansions of other names than x.
var otherValue = regexp.MustCompile(`\$(\(\(|[$!#?]|[a-wyzA-Z_0-9]|x\w)`)

// TestBashReadsEdits: what is a word to bash stays one after an edit.
func TestBashReadsEdits(t *testing.T) {
	docs := editedDocuments(t, 800, func(l lawLayer) bool { return strings.HasPrefix(l.name, "word") })
	// Each expansion in these words gives what stands for it.
	script := "x=__hole0__; a() { printf __hole0__; }; c() { printf __hole0__; }\n"
	var tried []edited
	for _, d := range docs {
		if otherValue.MatchString(d.before + d.after) {
			continue
		}
		tried = append(tried, d)
		script += "printf '%s\\0' \"\"" + d.after + "\n"
	}
	if len(tried) < 800 {
		t.Errorf("only %d words were compared", len(tried))
	}
	for i, got := range bashReads(t, script) {
		if i >= len(tried) || got != oneHole(tried[i].want) {
			t.Fatalf("%q became %q\nbash reads it as %q\nwant %q", tried[i].before, tried[i].after, got, tried[i].want)
		}
	}
}
