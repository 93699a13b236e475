package codec_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/imdsscan/imdsscan/notebooks/codec"
	"github.com/imdsscan/imdsscan/notebooks/span"
)

func TestMask(t *testing.T) {
	l := codec.Mask{}
	runCases(t, []layerCase{
		{name: "line magic", layer: l, outer: "%pip install boto3==1.9\nx = 1\n", want: "pass\nx = 1\n", old: "x", new: "y", edited: "%pip install boto3==1.9\ny = 1\n", picky: true},
		{name: "shell", layer: l, outer: "!curl x\n!!ls", want: "pass\npass", old: "pass\n", new: "p", refused: errOpaque, picky: true},
		{name: "in a block", layer: l, outer: "if x:\n    !ls \\\n  -l\nelse:\n    %cd y\n", want: "if x:\n    pass\nelse:\n    pass\n", picky: true},
		{name: "assignment", layer: l, outer: "x = !ls -l  # no\ny=%sql select 1\na, b['c=!'] = !ls", want: "x = None\ny=None\na, b['c=!'] = None", picky: true},
		{name: "help", layer: l, outer: "?x\nx.y??\nx? # see\nf(1)?\n", want: "pass\npass\npass # see\npass\n", picky: true},
		{name: "text before a magic", layer: l, outer: "x\n%sh ls", want: "x\npass", old: "x\n", new: "y\nx\n", edited: "y\nx\n%sh ls", picky: true},
		{name: "a magic may not be written", layer: l, outer: "x\n", want: "x\n", old: "x", new: "!ls", refused: errLens},
		{name: "timed Python", layer: l, outer: "  %time x = f(1)\n%timeit -n 10 -q g()\n%time\ny = %time h()", want: "  x = f(1)\ng()\npass\ny = h()",
			old: "f(1)", new: "f(2)", edited: "  %time x = f(2)\n%timeit -n 10 -q g()\n%time\ny = %time h()", picky: true},
		{name: "no line end in timed Python", layer: l, outer: "%time f(1)\n", want: "f(1)\n", old: "f", new: "f(\nf", refused: errUnencodable, picky: true},
		{name: "cell magic for Python", layer: l, outer: "\n%%time\nx = 1\n", want: "\npass\nx = 1\n", old: "x", new: "y", edited: "\n%%time\ny = 1\n", picky: true},
		{name: "cell magic for others", layer: l, outer: "%%bash -e\nx = 1 (\n", want: "pass", picky: true},

		{name: "modulo over lines", layer: l, outer: "x = (a\n % b)\ny = [a,\n!b]\nz = a \\\n % c\n", want: "x = (a\n % b)\ny = [a,\n!b]\nz = a \\\n % c\n", picky: true},
		{name: "in strings", layer: l, outer: "x = '''\n%pip x\n!ls\n'''\ny = \"= !ls\"\nf'''{\n'a'}\n!ls'''\n", want: "x = '''\n%pip x\n!ls\n'''\ny = \"= !ls\"\nf'''{\n'a'}\n!ls'''\n", picky: true},
		{name: "in comments", layer: l, outer: "# %pip x\n#!ls\nx # = !ls\nx # why?\n", want: "# %pip x\n#!ls\nx # = !ls\nx # why?\n", picky: true},
		{name: "operators", layer: l, outer: "x != !y\nx == %y\nx %= y\nf(a=%b)\nx = y % z\nx = '?'\n", want: "x != !y\nx == %y\nx %= y\nf(a=%b)\nx = y % z\nx = '?'\n", picky: true},
		{name: "cell magic further down", layer: l, outer: "x\n%%sh\nls = 1", want: "x\npass\nls = 1", picky: true},
		{name: "open quote ends with its line", layer: l, outer: "x = 'a\n!ls\n", want: "x = 'a\npass\n", picky: true},
		{name: "open triple quote hides the rest", layer: l, outer: "x = '''a\n!ls\n", want: "x = '''a\n!ls\n", picky: true},
		{name: "prompt of another kind", layer: l, outer: "r'''\\'''\n!x'''\nx", want: "r'''\\'''\n!x'''\nx", picky: true},
		{name: "empty", layer: l, outer: "", want: ""},
		{name: "only an escape", layer: l, outer: "!", want: "pass", picky: true},
		{name: "crlf", layer: l, outer: "!ls\r\nx = !ls\r\ny", want: "pass\r\nx = None\r\ny", picky: true},
	})
}

func TestMagics(t *testing.T) {
	src := "%%capture out\n%pip install -q x==1 \\\n   y\nif a:\n  r = !curl -s http://x | head\n!!ls\nrequests.get?\n% sx ls\n"
	var got []string
	for _, m := range codec.Magics([]byte(src)) {
		got = append(got, fmt.Sprintf("%s|%s|%s|%v%v", m.Name, src[m.Span.Start:m.Span.End], src[m.Body.Start:m.Body.End], m.Assign, m.Cell))
	}
	want := []string{
		"capture|%%capture out|out|falsetrue",
		"pip|%pip install -q x==1 \\\n   y|install -q x==1 \\\n   y|falsefalse",
		"!|!curl -s http://x | head|curl -s http://x | head|truefalse",
		"!!|!!ls|ls|falsefalse",
		"?|requests.get?|requests.get|falsefalse",
		"sx|% sx ls|ls|falsefalse",
	}
	if strings.Join(got, "\n") != strings.Join(want, "\n") {
		t.Errorf("got\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
	src = "%%sh -e\nls\npwd\n"
	m := codec.Magics([]byte(src))
	if len(m) != 1 || !m[0].Cell || src[m[0].Body.Start:m[0].Body.End] != "ls\npwd\n" {
		t.Errorf("cell magic: %+v", m)
	}
}

// TestMagicsBounded: text made to confuse takes linear time.
func TestMagicsBounded(t *testing.T) {
	for _, unit := range []string{"f'{\n", "f\"\"\"{\"\"\"", "x = !", "(", "?", "f'''{f'", "%%", "'''", "\\", "%  \n"} {
		src := []byte(strings.Repeat(unit, 200_000/len(unit)))
		start := time.Now()
		for _, m := range codec.Magics(src) {
			if !(span.Span{Start: 0, End: len(src)}).Contains(m.Span) || !m.Span.Contains(m.Body) {
				t.Fatalf("%q: %+v", unit, m)
			}
		}
		if took := time.Since(start); took > 5*time.Second {
			t.Errorf("%q took %v", unit, took)
		}
	}
}
