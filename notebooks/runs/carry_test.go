package runs

import (
	"maps"
	"slices"
	"strings"
	"testing"
)

func TestStatements(t *testing.T) {
	code := "a = 1\nb = [\n1]\nc = '''\nd = 2\n'''\n# don't (\ne = \"it's\"\ndef f():\n    x = 1\n\n    y = 2\ng = 3"
	want := []string{"a = 1\n", "b = [\n1]\n", "c = '''\nd = 2\n'''\n", "# don't (\n", "e = \"it's\"\n", "def f():\n    x = 1\n\n    y = 2\n", "g = 3"}
	var got []string
	for _, s := range statements([]byte(code)) {
		got = append(got, string(s))
	}
	if !slices.Equal(got, want) {
		t.Errorf("%q", got)
	}
}

// Too many names cost time; one too few would be silence.
func TestNamesThatAreSet(t *testing.T) {
	for code, want := range map[string]string{
		"META = 'x'":                        "META",
		"a, b = x":                          "a b",
		"x: str = y":                        "str x",
		"x == y":                            "",
		"x += y":                            "x",
		"self.base = url":                   "base self",
		"CONFIG['meta'] = url":              "CONFIG meta",
		"session.headers.update(h)":         "session",
		"def get(path, base=META): pass":    "base get path",
		"class Client(Base): pass":          "Client",
		"with open(p) as f: pass":           "f",
		"val meta: String = url":            "String meta",
		"lazy val meta = s\"$host/x\"":      "meta",
		"object Conf { val m = url }":       "Conf m",
		"meta <- url":                       "meta",
		"assign('meta', url)":               "meta",
		"url -> meta":                       "url",
		"globals()['META'] = url":           "META",
		"print(META)":                       "",
		"requests.get(META).text":           "",
		"spark.conf.set('a', META)":         "",
		"for u in urls:\n    fetch(u)":      "u",
		"def f():\n    global G\n    G = 1": "G f",
	} {
		_, sets := words([]byte(code))
		if got := strings.Join(slices.Sorted(maps.Keys(sets)), " "); got != want {
			t.Errorf("%q sets %q, want %q", code, got, want)
		}
	}
}

// Of the notebooks of a session only those are looked at that have to do with
// what is looked for, by themselves or through names.
func TestWhatBelongsTogether(t *testing.T) {
	cell := "\n\n# COMMAND ----------\n\n"
	run := func(name string) string { return "# MAGIC %run ./" + name + cell }
	tr := tree([]string{"."}, map[string]string{
		"common.py": python + "META = 'HOT'\nCOLD = 'x'\nZONE = META + '/zone'\ndef fetch(u):\n    return get(u)\n",
		"uses.py":   python + run("common") + "x = get(META)\n",
		"far.py":    python + run("common") + "x = get(ZONE)\n",
		"own.py":    python + run("common") + "x = fetch('HOT')\n",
		"not.py":    python + run("common") + "x = fetch(COLD)\n",
		"other.py":  python + run("elsewhere") + "x = get(META)\n", "elsewhere.py": python + "META = 'x'\n",
		"caller.py": python + "BASE = 'HOT'" + cell + run("needs") + run("idle"), "needs.py": python + "x = get(BASE)\n", "idle.py": python + "y = 1\n",
		"job.py": python + "dbutils.notebook.run('started', 60, {'url': 'HOT'})\n", "started.py": python + "x = get(dbutils.widgets.get('url'))\n",
		"idlejob.py": python + "dbutils.notebook.run('not', 60, {'url': 'x'})\n",
		"given.py":   python + "# MAGIC %run ./takes $url=\"HOT\"\n", "takes.py": python + "x = get(dbutils.widgets.get('url'))\n",
	})
	got := strings.Join(slices.Sorted(maps.Keys(tr.Together())), " ")
	want := "caller.py common.py far.py given.py job.py needs.py own.py started.py takes.py uses.py"
	if got != want {
		t.Errorf("together are\n%s, want\n%s", got, want)
	}
	if tr.Linked("caller.py", "idle.py") || !tr.Linked("caller.py", "needs.py") {
		t.Error("a notebook is linked by what it names")
	}
}
