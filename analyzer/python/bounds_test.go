package python

import (
	"fmt"
	"strings"
	"testing"
	"time"
)

// TestBounds gives the analyzer code that invites endless or exponential work.
func TestBounds(t *testing.T) {
	repeat := strings.Repeat
	var cells, doubling, chain, sites strings.Builder
	for i := range 1000 {
		fmt.Fprintf(&cells, "import requests\nB%d = 'http://169.254.169.254/latest/'\nx = requests.get(B%d + 'meta-data/%d', headers={}).text\nprint(x)\n---\n", i, i, i)
		fmt.Fprintf(&chain, "a%d = a%d + '/x'\n", i+1, i)
		fmt.Fprintf(&sites, "get('http://169.254.169.254/latest/%d')\n", i)
	}
	for i := range 60 {
		fmt.Fprintf(&doubling, "a%d = a%d + a%d if c else a%d\n", i+1, i, i, i)
	}
	for name, src := range map[string]string{
		"cells":        cells.String(),
		"doubling":     "import requests\na0 = 'http://169.254.169.254/'\n" + doubling.String() + "requests.get(a60)",
		"chain":        "import requests\na0 = 'http://169.254.169.254/'\n" + chain.String() + "requests.get(a1000)",
		"call sites":   "import requests\ndef get(u): return requests.get(u)\n" + sites.String(),
		"brackets":     "import requests\nrequests.get(" + repeat("(", 10000) + "'http://169.254.169.254/latest/'" + repeat(")", 10000) + ")",
		"open":         "import requests\nrequests.get('http://169.254.169.254/latest/'" + repeat("(", 10000),
		"sum":          "import requests\nrequests.get('http://169.254.169.254/'" + repeat(" + 'x'", 5000) + ")",
		"attributes":   "import requests\nrequests" + repeat(".get('http://169.254.169.254/latest/')", 3000),
		"nested calls": "import requests\nx = " + repeat("requests.get(", 3000) + "'http://169.254.169.254/latest/'" + repeat(")", 3000),
		"cycle":        "import requests\na = b\nb = a\ndef f(x): return g(x)\ndef g(x): return f(x)\nfor i in y:\n    a = a + b\nrequests.get(f(a), headers=h)\nh = {**h, **f(h)}",
		"rebound":      "import requests\n" + repeat("u = 'http://169.254.169.254/latest/'\nu += 'x'\nrequests.get(u)\n", 2000),
		"loop":         "import requests\nwhile x:\n" + repeat("    u = 'http://169.254.169.254/latest/'\n    if c: u += 'x'\n    requests.get(u)\n", 500),
		"functions":    "import requests\n" + repeat("def f(p):\n    return requests.get('http://169.254.169.254/latest/' + p)\nf('x')\n", 300),
		"own elements": "import requests\nfor x in y: y = list(y)\nfor u in y: requests.get(u + y)",
		"recursion":    "import requests\n" + repeat("def f(a, b):\n    x = f(f(a, b), f(b, a)) + f(b, f(a, a))\n    return requests.get(f(x, a) + 'http://169.254.169.254/')\n", 30),
		"strings":      "x = '''" + repeat("http://169.254.169.254/ ", 20000) + "'''",
		"garbage":      repeat("\x00\xff)]}'\"\"\" def class if\n\t", 2000),
	} {
		start := time.Now()
		fs := Analyze(session(src))
		if d := time.Since(start); d > 15*time.Second {
			t.Errorf("%s: took %v for %d bytes, %d requests", name, d, len(src), len(fs.Requests))
		} else if testing.Verbose() {
			t.Logf("%s: %v, %d bytes, %d requests", name, d, len(src), len(fs.Requests))
		}
	}
}
