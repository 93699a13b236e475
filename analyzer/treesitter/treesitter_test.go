package treesitter

import (
	"strings"
	"sync"
	"testing"
	"time"
)

func parse(t *testing.T, src string) *Tree {
	t.Helper()
	tree, err := Parse(Python, []byte(src))
	if err != nil {
		t.Fatal(err)
	}
	return tree
}

func TestNodes(t *testing.T) {
	tree := parse(t, "x = f(a, k=1)  # end\n")
	a := tree.Root().First().First()
	if a.Kind() != "assignment" || a.Field("left").Text() != "x" || a.Field("nothing").OK() {
		t.Fatalf("got %s %q", a.Kind(), a.Field("left").Text())
	}
	call := a.Field("right")
	args := call.Field("arguments").Named()
	if len(args) != 2 || args[1].Kind() != "keyword_argument" || args[1].Parent().Parent() != call {
		t.Fatalf("arguments are wrong: %v", args)
	}
	if !args[0].Inside(call) || a.Field("left").Inside(call) || call.Inside(args[0]) {
		t.Error("Inside is wrong")
	}
	if tree.Root().HasError() {
		t.Error("no error expected")
	}
}

// Every grammar fits the runtime; one that does not parses nothing.
func TestGrammars(t *testing.T) {
	for _, c := range []struct {
		lang      *Language
		src, kind string
	}{
		{Python, "f(1)\n", "call"},
		{Scala, "val x = f(1)\n", "call_expression"},
		{Java, "class A { int x = f(1); }\n", "method_invocation"},
		{R, "x <- f(1)\n", "call"},
	} {
		tree, err := Parse(c.lang, []byte(c.src))
		if err != nil {
			t.Errorf("%s: %v", c.lang.name, err)
			continue
		}
		found := false
		for i := range tree.Len() {
			found = found || tree.At(i).Kind() == c.kind
		}
		if !found || tree.Root().HasError() {
			t.Errorf("%s: no %s in the tree", c.lang.name, c.kind)
		}
	}
}

func TestErrorsKeepTheRest(t *testing.T) {
	tree := parse(t, "x = (1\n\ndef f(:\n    pass\ny = g()\n")
	if !tree.Root().HasError() {
		t.Error("an error expected")
	}
	found := false
	for i := range tree.Len() {
		found = found || tree.At(i).IsError() || tree.At(i).IsMissing()
	}
	if !found {
		t.Error("no ERROR node found")
	}
}

func TestNoNode(t *testing.T) {
	var n Node
	if n.OK() || n.Kind() != "" || n.Field("x").OK() || n.Parent().OK() || n.Text() != "" || n.Is("") || n.Inside(n) {
		t.Error("the zero Node is not empty")
	}
}

func TestHostileInputEnds(t *testing.T) {
	for name, src := range map[string]string{
		"empty":        "",
		"nul":          "x = 1\x00\x00\n",
		"invalid utf8": "x = '\xff\xfe'\n",
		"brackets":     "x = " + strings.Repeat("[", 10000) + strings.Repeat("]", 10000),
		"open":         strings.Repeat("(", 50000),
		"unary":        "x = " + strings.Repeat("-", 50000) + "1",
		"strings":      strings.Repeat("x = 'a' \"b\n", 5000),
	} {
		start := time.Now()
		tree, err := Parse(Python, []byte(src))
		if err == nil && tree.Root().Span().End > len(src) {
			t.Errorf("%s: the tree is longer than its source", name)
		}
		if d := time.Since(start); d > 20*time.Second {
			t.Errorf("%s: took %v", name, d)
		}
	}
}

func TestParallel(t *testing.T) {
	var wg sync.WaitGroup
	for range 8 {
		wg.Add(1)
		go func() {
			defer wg.Done()
			for range 50 {
				tree, err := Parse(Python, []byte("import x\nx.get('u')\n"))
				if err != nil || tree.Root().HasError() {
					t.Error("parse failed")
					return
				}
			}
		}()
	}
	wg.Wait()
}
