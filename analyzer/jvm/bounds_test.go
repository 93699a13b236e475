package jvm

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/imdsscan/imdsscan/analyzer/facts"
	"github.com/imdsscan/imdsscan/notebooks"
	"github.com/imdsscan/imdsscan/notebooks/span"
)

// session is code as the units of a session, cells separated by ---.
func session(l notebooks.Language, src string) []*facts.Unit {
	var out []*facts.Unit
	for _, cell := range strings.Split(src, "---\n") {
		out = append(out, &facts.Unit{Language: l, Text: span.File([]byte(cell))})
	}
	return out
}

// TestBounds gives the analyzer code that invites endless or exponential work.
func TestBounds(t *testing.T) {
	repeat := strings.Repeat
	const root = `"http://169.254.169.254/latest/"`
	var cells, doubling, chain, sites, overloads, vars strings.Builder
	for i := range 1000 {
		fmt.Fprintf(&cells, "val B%d = %s\nval x = requests.get(B%d + \"meta-data/%d\").text\nprintln(x)\n---\n", i, root, i, i)
		fmt.Fprintf(&chain, "val a%d = a%d + \"/x\"\n", i+1, i)
		fmt.Fprintf(&sites, "get(\"http://169.254.169.254/latest/%d\")\n", i)
	}
	for i := range 60 {
		fmt.Fprintf(&doubling, "val a%d = if (c) a%d + a%d else a%d\n", i+1, i, i, i)
	}
	for i := range 100 {
		fmt.Fprintf(&overloads, "def f(a: String, b%d: Int): String = f(f(a, 1), 2) + f(a, f(a, %d))\n", i, i)
		fmt.Fprintf(&vars, "if (x) u = u + \"%d\"\nval c%d = new URL(u).openConnection()\nif (y) c%d.setRequestProperty(\"a\", u)\n", i, i, i)
	}
	scala := map[string]string{
		"cells":        cells.String(),
		"doubling":     "val a0 = " + root + "\n" + doubling.String() + "Source.fromURL(a60)",
		"chain":        "val a0 = " + root + "\n" + chain.String() + "Source.fromURL(a1000)",
		"call sites":   "def get(u: String) = Source.fromURL(u)\n" + sites.String(),
		"brackets":     "Source.fromURL(" + repeat("(", 2000) + root + repeat(")", 2000) + ")",
		"open":         "Source.fromURL(" + root + repeat("(", 5000),
		"braces":       repeat("{", 3000) + "Source.fromURL(" + root + ")" + repeat("}", 3000),
		"sum":          "Source.fromURL(" + root + repeat(` + "x"`, 2000) + ")",
		"steps":        "val r = basicRequest.get(uri" + root + ")" + repeat(`.header("a", "b")`, 800),
		"members":      "val x = a" + repeat(".b", 2000) + "\nSource.fromURL(x)",
		"nested calls": repeat("Source.fromURL(", 2000) + root + repeat(")", 2000),
		"cycle":        "val a = b\nval b = a\ndef f(x: String): String = g(x)\ndef g(x: String): String = f(x)\nSource.fromURL(f(a))",
		"recursion":    repeat("def f(a: String, b: String): String = { val x = f(f(a, b), f(b, a)) + f(b, f(a, a)); Source.fromURL(f(x, a) + "+root+").mkString }\n", 30),
		"overloads":    overloads.String() + "Source.fromURL(f(" + root + ", 1))",
		"rebound":      "var u = " + root + "\n" + vars.String(),
		"loop":         "var u = " + root + "\nwhile (x) {\n" + repeat("  u = u + \"x\"\n  if (c) u += \"y\"\n  Source.fromURL(u)\n", 300) + "}",
		"lambdas":      "val f = " + repeat("(x: String) => ", 500) + "Source.fromURL(" + root + " + x)",
		"strings":      `val x = """` + repeat("http://169.254.169.254/ ", 20000) + `"""`,
		"holes":        `val x = s"` + repeat("http://169.254.169.254/$y", 1000) + `"` + "\nSource.fromURL(x)",
		"formats":      `Source.fromURL("` + repeat("%s", 3000) + `".format(` + root + `))`,
		"classes":      repeat("class A extends B { val x = A.x }\nclass B extends A { val y = new A().x }\nobject A { val x = B.x }\nobject B { val x = A.x }\n", 50) + "Source.fromURL(new A().x)",
		"conditions":   "val c = new URL(" + root + ").openConnection()\n" + repeat("if (a) c.setRequestProperty(x, y)\n", 500),
		"passed on":    "def a(c: URLConnection): Unit = b(c)\ndef b(c: URLConnection): Unit = { a(c); a(c) }\nval c = new URL(" + root + ").openConnection()\na(c)",
		"garbage":      repeat("\x00\xff)]}'\"\"\" def class if\n\t", 2000),
		"half":         repeat("object A { def f(x: String = { case ", 500) + "Source.fromURL(" + root,
	}
	java := map[string]string{
		"methods": "class A { String b = " + root + ";\n" + repeat("String f(String p) { return f(f(p)) + new URL(b + f(p)).openStream(); }\n", 300) + "}",
		"nested":  repeat("class A { void f() { new A() {", 300) + "{ new URL(" + root + ").openStream(); }" + repeat("}; } }", 300),
		"ternary": "class A { String b = " + repeat("x ? ", 2000) + root + repeat(" : y", 2000) + "; void f() { new URL(b).openStream(); } }",
		"builder": "class A { void f() { new Request.Builder().url(" + root + ")" + repeat(`.header("a", "b")`, 2000) + ".build(); } }",
		"garbage": repeat("class { ( ; \" \x00 } ' /*", 3000),
	}
	for l, sources := range map[notebooks.Language]map[string]string{notebooks.Scala: scala, notebooks.Java: java} {
		for name, src := range sources {
			t.Run(string(l)+" "+name, func(t *testing.T) {
				start := time.Now()
				fs := Analyze(session(l, src))
				if d := time.Since(start); d > 15*time.Second {
					t.Errorf("took %v for %d bytes, %d requests", d, len(src), len(fs.Requests))
				}
			})
		}
	}
}
