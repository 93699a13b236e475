package codec_test

import (
	"encoding/json"
	"fmt"
	"os/exec"
	"strings"
	"testing"

	"github.com/imdsscan/imdsscan/notebooks/codec"
)

func TestBangCommand(t *testing.T) {
	plain, expanded := codec.BangCommand{}, codec.BangCommand{Expanded: true}
	runCases(t, []layerCase{
		{name: "as it is", layer: plain, outer: "curl $H/{a}", want: "curl $H/{a}", old: "curl", new: "curl -H \"a: ${T:?}\"", edited: "curl -H \"a: ${T:?}\" $H/{a}", picky: true},
		{name: "one line", layer: plain, outer: "curl x", want: "curl x", old: "curl", new: "a\ncurl", refused: errUnencodable, picky: true},
		{name: "continued line", layer: plain, outer: "curl \\\n x", want: "curl \\\n x", old: "x", new: "y \\\n x", edited: "curl \\\n y \\\n x", picky: true},
		{name: "two lines", layer: plain, outer: "curl\nx", bad: true},
		{name: "fields", layer: expanded, outer: "curl $h/{p + 'x'}/{q!r}", want: "curl __hole0__/__hole1__/__hole2__", old: "curl", new: "T=$(a) && curl -H \"a: $T ${T:?}\" -H '$T'",
			edited: "T=$(a) && curl -H \"a: $$T ${{T:?}}\" -H '$T' $h/{p + 'x'}/{q!r}", picky: true},
		{name: "doubled", layer: expanded, outer: "awk '{{print}}' $$HOME {f}", want: "awk '{print}' $HOME __hole0__", old: "$HOME", new: "$PATH", edited: "awk '{{print}}' $$PATH {f}", picky: true},
		{name: "in single quotes", layer: expanded, outer: "echo '$a' {f}", want: "echo '$a' __hole0__", old: "$a", new: "$b", edited: "echo '$b' {f}", picky: true},
		{name: "field is opaque", layer: expanded, outer: "curl {f}", want: "curl __hole0__", old: "__hole0__", new: "x", refused: errOpaque, picky: true},
		{name: "single brace", layer: expanded, outer: "curl }", bad: true},
	})
	fields, ok := codec.BangFields([]byte("curl $a.b {c[0]} {d!s}"))
	if got := fmt.Sprint(fields, ok); got != "[{[5,9) a.b -1 true} {[10,16) c[0] -1 true} {[17,22) d -1 false}] true" {
		t.Errorf("fields %s", got)
	}
	if _, ok := codec.BangFields([]byte("a() { b; }; }")); ok {
		t.Error("a lone brace was read as a template")
	}
}

// TestIPythonReadsTheSame fills in commands with IPython's own formatter.
func TestIPythonReadsTheSame(t *testing.T) {
	bits := []string{"a ", "$h", "$$h", "{h}", "{{", "}}", "'", "\"", "$", "$(b)", "$$ ", "h.", " "}
	var commands, want []string
	for _, x := range bits {
		for _, y := range bits {
			for _, z := range bits {
				src := x + y + z
				text, err := whole(codec.BangCommand{Expanded: true})([]byte(src))
				if err != nil {
					continue
				}
				if fields, _ := codec.BangFields([]byte(src)); !onlyH(fields) {
					continue
				}
				commands, want = append(commands, src), append(want, oneHole(string(text.Bytes())))
			}
		}
	}
	const program = `import json, sys
from IPython.utils.text import DollarFormatter
json.dump([DollarFormatter().vformat(c, [], {"h": "__hole0__"}) for c in json.load(sys.stdin)], sys.stdout)`
	python := needPython(t)
	if exec.Command(python, "-c", "import IPython").Run() != nil {
		t.Skip("IPython is not installed: no second opinion on its commands")
	}
	cmd := exec.Command(python, "-c", program)
	input, err := json.Marshal(commands)
	if err != nil {
		t.Fatal(err)
	}
	cmd.Stdin = strings.NewReader(string(input))
	out, err := cmd.Output()
	if err != nil {
		t.Fatal(err)
	}
	var read []string
	if err := json.Unmarshal(out, &read); err != nil {
		t.Fatal(err)
	}
	for i, got := range read {
		if got != want[i] {
			t.Errorf("IPython reads %q as %q, want %q", commands[i], got, want[i])
		}
	}
	if len(read) < 500 {
		t.Errorf("only %d commands were compared", len(read))
	}
}

func onlyH(fields []codec.TemplateHole) bool {
	for _, f := range fields {
		if f.Name != "h" {
			return false
		}
	}
	return true
}
