package codec_test

import (
	"encoding/hex"
	"encoding/json"
	"os/exec"
	"strings"
	"testing"

	"github.com/imdsscan/imdsscan/notebooks/codec"
)

func TestYAMLFlow(t *testing.T) {
	l, in := codec.YAMLPlain{}, codec.YAMLPlain{Brackets: true}
	single, double := codec.YAMLQuoted{Quote: '\''}, codec.YAMLQuoted{Quote: '"'}
	runCases(t, []layerCase{
		{name: "plain", picky: true, layer: l, outer: `a b`, want: "a b", old: "b", new: "c;d", edited: `a c;d`},
		{name: "plain gets quotes for a colon", picky: true, layer: l, outer: `curl x`, want: "curl x", old: "x", new: `-H "a: b" x`, edited: `'curl -H "a: b" x'`},
		{name: "quotes that need no escape", picky: true, layer: l, outer: `echo 'a'`, want: "echo 'a'", old: "a", new: "a: b", edited: `"echo 'a: b'"`},
		{name: "quotes are doubled", picky: true, layer: l, outer: `echo 'a' "b"`, want: `echo 'a' "b"`, old: "a", new: "a: b", edited: `'echo ''a: b'' "b"'`},
		{name: "plain gets quotes for a comment mark", picky: true, layer: l, outer: `a b`, want: "a b", old: "b", new: "#b", edited: `'a #b'`},
		{name: "a comma in brackets", picky: true, layer: in, outer: `a b`, want: "a b", old: "b", new: "b,c", edited: `'a b,c'`},
		{name: "a comma elsewhere", picky: true, layer: l, outer: `a b`, want: "a b", old: "b", new: "b,c", edited: `a b,c`},
		{name: "plain lines", picky: true, layer: l, outer: "a\n  b\n\n  c", want: "a b\nc", old: "b", new: "d", edited: "a\n  d\n\n  c"},
		{name: "no line end in plain text", picky: true, layer: l, outer: `a b`, want: "a b", old: "b", new: "b\nc", refused: errUnencodable},
		{name: "single", picky: true, layer: single, outer: `'⟦a ''b''⟧'`, want: "a 'b'", old: "b", new: `c'd"\n`, edited: `'a ''c''d"\n'''`},
		{name: "single lines", picky: true, layer: single, outer: "'⟦a \n\t b\n\n\n c⟧'", want: "a b\n\nc", old: "b", new: "d", edited: "'a \n\t d\n\n\n c'"},
		{name: "double", picky: true, layer: double, outer: `"⟦a\tb\x41\u00e9\"\\\/⟧"`, want: "a\tbAé\"\\/", old: "b", new: "c\"\n\\", edited: `"a\tc\"\n\\\x41\u00e9\"\\\/"`},
		{name: "double lines", picky: true, layer: double, outer: "\"⟦a \\\n   b\n   c⟧\"", want: "a b c", old: "b", new: "d", edited: "\"a \\\n   d\n   c\""},
		{name: "surrogates are no characters", layer: double, outer: `\ud83d\ude00`, bad: true},
		{name: "a mapping is no scalar", layer: l, outer: `a: b`, bad: true},
		{name: "a comment is no text", layer: l, outer: `a #b`, bad: true},
		{name: "two quotes", layer: l, outer: `'a' 'b'`, bad: true},
		{name: "carriage return", layer: l, outer: "a\rb", bad: true},
	})
}

func TestYAMLBlock(t *testing.T) {
	l := codec.YAMLBlock{Indent: 2}
	folded, strip, keep := l, l, l
	folded.Folded, strip.Chomp, keep.Chomp = true, '-', '+'
	explicit := codec.YAMLBlock{Indent: 2, Explicit: true}
	runCases(t, []layerCase{
		{name: "literal", picky: true, layer: l, outer: "  a\n  b\n", want: "a\nb\n", old: "b", new: "x: y # z\nb", edited: "  a\n  x: y # z\n  b\n"},
		{name: "first line", picky: true, layer: l, outer: "  a\n", want: "a\n", old: "a", new: "x\na", edited: "  x\n  a\n"},
		{name: "blank lines have no indent", picky: true, layer: l, outer: "  a\n", want: "a\n", old: "a", new: "x\n\na", edited: "  x\n\n  a\n"},
		{name: "text on a blank line", picky: true, layer: l, outer: "  a\n\n  b\n", want: "a\n\nb\n", old: "\nb", new: "x\nb", edited: "  a\n  x\n  b\n"},
		{name: "text on a short blank line", picky: true, layer: l, outer: "  a\n \n  b\n", want: "a\n\nb\n", old: "\nb", new: "x\nb", edited: "  a\n  x\n  b\n"},
		{name: "more indent", picky: true, layer: l, outer: "  a\n    b\n", want: "a\n  b\n", old: "  b", new: "  x\n  b", edited: "  a\n    x\n    b\n"},
		{name: "the first line may not begin with a blank", picky: true, layer: l, outer: "  a\n", want: "a\n", old: "a", new: " a", refused: errLens},
		{name: "but may with an indicator", picky: true, layer: explicit, outer: "  a\n", want: "a\n", old: "a", new: " a", edited: "   a\n"},
		{name: "the last line end stays", picky: true, layer: l, outer: "k: |\n⟦  a\n⟧b: c\n", want: "a\n", old: "a\n", new: "a", refused: errLens},
		{name: "no blank line at the end", picky: true, layer: l, outer: "  a\n", want: "a\n", old: "a\n", new: "a\n\n", refused: errLens},
		{name: "appended", picky: true, layer: l, outer: "  a\n", want: "a\n", old: "a\n", new: "a\nb\n", edited: "  a\n  b\n"},
		{name: "stripped", picky: true, layer: strip, outer: "  a", want: "a", old: "a", new: "a\nb", edited: "  a\n  b"},
		{name: "stripped has no last line end", picky: true, layer: strip, outer: "  a", want: "a", old: "a", new: "a\n", refused: errLens},
		{name: "kept", picky: true, layer: keep, outer: "  a\n\n", want: "a\n\n", old: "\n\n", new: "\nb\n\n", edited: "  a\n  b\n\n"},
		{name: "folded", picky: true, layer: folded, outer: "  a\n  b\n\n  c\n    d\n  e\n", want: "a b\nc\n  d\ne\n", old: "b", new: "x", edited: "  a\n  x\n\n  c\n    d\n  e\n"},
		{name: "a line end in folded text", picky: true, layer: folded, outer: "  a\n  b\n", want: "a b\n", old: "a", new: "x\na", edited: "  x\n\n  a\n  b\n"},
		{name: "control characters", picky: true, layer: l, outer: "  a\n", want: "a\n", old: "a", new: "\x01", refused: errUnencodable},
		{name: "too little indent", layer: l, outer: "  a\n b\n", bad: true},
	})
}

func TestYAMLItems(t *testing.T) {
	l, two := codec.YAMLItems{}, codec.YAMLItems{Indent: 2}
	runCases(t, []layerCase{
		{name: "a line becomes an item", picky: true, layer: two, outer: "x:\n  ⟦- a\n  # c\n  - b⟧\n", want: "a\nb", old: "b", new: "T=1 c\nb",
			edited: "x:\n  - a\n  # c\n  - T=1 c\n  - b\n"},
		{name: "in quotes where it must", picky: true, layer: two, outer: "x:\n  ⟦-   a⟧\n", want: "a", old: "a", new: "echo \"b: c\"\ntrue\na",
			edited: "x:\n  -   'echo \"b: c\"'\n  -   'true'\n  -   a\n"},
		{name: "within an item", picky: true, layer: l, outer: "- a\n- 'b ''c'''", want: "a\nb 'c'", old: "c", new: "d'e", edited: "- a\n- 'b ''d''e'''"},
		{name: "an item gets quotes", picky: true, layer: l, outer: "- a b\n- c", want: "a b\nc", old: "b", new: "b: c", edited: "- 'a b: c'\n- c"},
		{name: "lines of a block", picky: true, layer: l, outer: "- a\n- |\n  b\n  c\n- d", want: "a\nb\nc\nd", old: "b", new: "x\nb", edited: "- a\n- |\n  x\n  b\n  c\n- d"},
		{name: "what is no text is a hole", picky: true, layer: l, outer: "- a\n- b: c\n  d: e\n- *f\n- [g]\n- z", want: "a\n__hole0__\n__hole1__\n__hole2__\nz", old: "z", new: "i",
			edited: "- a\n- b: c\n  d: e\n- *f\n- [g]\n- i"},
		{name: "a hole stays", picky: true, layer: l, outer: "- a\n- *f", want: "a\n__hole0__", old: "__hole0__", new: "b", refused: errOpaque},
		{name: "an anchor stays with its item", picky: true, layer: l, outer: "- &x a\n- b", want: "a\nb", old: "a", new: "c d\na", edited: "- c d\n- &x a\n- b"},
		{name: "no line across items", picky: true, layer: l, outer: "- a\n- b", want: "a\nb", old: "a\nb", new: "c", refused: errUnencodable},
	})
}

// TestPyYAMLReadsEdits: what PyYAML reads stays readable after an edit, and is
// what the edit made of it.
func TestPyYAMLReadsEdits(t *testing.T) {
	docs := editedDocuments(t, 700, func(l lawLayer) bool { return strings.HasPrefix(l.name, "yaml") })
	var texts []string
	for _, d := range docs {
		texts = append(texts, d.before, d.after)
	}
	read, compared := yamlReads(t, texts), 0
	for i, d := range docs {
		before, after := read[2*i], read[2*i+1]
		switch {
		case before == nil:
			// Never was YAML: a quote too many, a block with less indent later.
		case after == nil:
			t.Errorf("PyYAML reads %q, but not %q", d.before, d.after)
		case strings.HasPrefix(*before, "!"), strings.HasPrefix(*after, "!"):
			// A number, a list with holes.
		default:
			compared++
			if *after != hex.EncodeToString([]byte(d.want)) {
				got, _ := hex.DecodeString(*after)
				t.Errorf("PyYAML reads %q\nas   %q\nwant %q\nfrom %q", d.after, got, d.want, d.before)
			}
		}
	}
	if compared < 2000 {
		t.Errorf("only %d values of %d were compared", compared, len(docs))
	}
}

// yamlReads is what PyYAML makes of each text: the value of its one key, its
// second element or its items as lines; nil where it is not YAML.
func yamlReads(t *testing.T, texts []string) []*string {
	t.Helper()
	const program = `import sys, json, yaml
out = []
for s in json.load(sys.stdin):
    try:
        v = yaml.safe_load(s.replace("*m", "~"))
    except Exception:
        out.append(None)
        continue
    if isinstance(v, dict):
        v = v.get("k")
    elif s.startswith("["):
        v = v[1]
    elif isinstance(v, list) and all(isinstance(x, str) for x in v):
        v = "".join(x if x.endswith("\n") else x + "\n" for x in v)
        v = v if s.rstrip(" ").endswith("\n") and isinstance(yaml.safe_load(s)[-1], str) and yaml.safe_load(s)[-1].endswith("\n") else v[:-1]
    out.append(v.encode().hex() if isinstance(v, str) else "!")
json.dump(out, sys.stdout)`
	cmd := exec.Command(needPython(t), "-c", program)
	if exec.Command(cmd.Path, "-c", "import yaml").Run() != nil {
		cmd.Path, cmd.Args[0] = "/usr/bin/python3", "/usr/bin/python3"
		if exec.Command(cmd.Path, "-c", "import yaml").Run() != nil {
			t.Skip("PyYAML is not installed: no second opinion on YAML")
		}
	}
	input, err := json.Marshal(texts)
	if err != nil {
		t.Fatal(err)
	}
	cmd.Stdin = strings.NewReader(string(input))
	output, err := cmd.Output()
	if err != nil {
		t.Fatal(err)
	}
	var read []*string
	if err := json.Unmarshal(output, &read); err != nil {
		t.Fatal(err)
	}
	return read
}
