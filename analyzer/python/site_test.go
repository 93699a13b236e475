package python

import (
	"strings"
	"testing"

	"github.com/imdsscan/imdsscan/analyzer/facts"
	"github.com/imdsscan/imdsscan/notebooks"
	"github.com/imdsscan/imdsscan/notebooks/span"
	"github.com/imdsscan/imdsscan/rules"
)

const mac = `"http://169.254.169.254/latest/meta-data/mac"`

// sitesOf analyses a plain file; URL stands for a quoted metadata URL.
func sitesOf(t *testing.T, src string) (*facts.Facts, string) {
	t.Helper()
	src = strings.ReplaceAll(src, "URL", mac)
	text := span.File([]byte(src))
	doc := &notebooks.Document{Path: "job.py", Format: notebooks.Plain, Language: notebooks.Python, File: text}
	return Analyze([]*facts.Unit{{Language: notebooks.Python, Text: text, Doc: doc}}), src
}

// TestSites shows where a fix goes by the statement it would be put before,
// how the header is added and how the request is guarded.
func TestSites(t *testing.T) {
	for _, c := range []struct{ name, src, recipe, shape, guard, before, refuse string }{
		{"assignment", "import requests\nr = requests.get(URL)\n", "requests", "none", "conditional", "r = ", ""},
		{"attribute", "import requests\nprint(requests.get(URL).text)\n", "requests", "none", "conditional", "print(", ""},
		{"dict", "import requests\nr = requests.get(URL, headers={'a': 'b'})\n", "requests", "dict", "conditional", "r = ", ""},
		{"no headers", "import requests\nr = requests.get(URL, headers=None)\n", "requests", "replace", "conditional", "r = ", ""},
		{"variable", "import requests\nH = {'a': 'b'}\nr = requests.get(URL, headers=H)\n", "requests", "variable", "conditional", "r = ", ""},
		{"old variable", "import requests\nH = {'a': 'b'}\nprint requests.get(URL, headers=H).text\n", "requests", "variable2", "conditional", "print requests", ""},
		{"suite on one line", "import requests\nif x: r = requests.get(URL)\n", "requests", "none", "conditional", "r = ", ""},
		{"if", "import requests\nif requests.get(URL).ok:\n    pass\n", "requests", "none", "conditional", "if ", ""},
		{"elif", "import requests\nif x:\n    pass\nelif requests.get(URL).ok:\n    pass\n", "requests", "none", "inline", "", ""},
		{"while", "import requests\nwhile requests.get(URL).ok:\n    pass\n", "requests", "none", "inline", "", ""},
		{"lambda", "import requests\nf = lambda: requests.get(URL).text\n", "requests", "none", "inline", "", ""},
		{"second operand", "import requests\nv = x or requests.get(URL).text\n", "requests", "none", "inline", "", ""},
		{"first operand", "import requests\nv = requests.get(URL).text or x\n", "requests", "none", "conditional", "v = ", ""},
		{"comprehension", "import requests\nv = [requests.get(URL).text for i in x]\n", "requests", "none", "inline", "", ""},
		{"comprehension that runs", "import requests\nv = [requests.get(URL).text for i in (1, 2)]\n", "requests", "none", "conditional", "v = ", ""},
		{"iterable", "import requests\nv = [i for i in requests.get(URL).text]\n", "requests", "none", "conditional", "v = ", ""},
		{"default argument", "import requests\ndef f(a=requests.get(URL).text):\n    pass\n", "requests", "none", "conditional", "def ", ""},
		{"decorator", "import requests\n@d(requests.get(URL).text)\ndef f():\n    pass\n", "requests", "none", "conditional", "@d", ""},
		{"class body comprehension", "import requests\nclass C:\n    v = [requests.get(URL).text for i in x]\n", "", "", "", "", "class body"},
		{"inner iterable", "import requests\nv = [j for i in x for j in requests.get(URL).text]\n", "", "", "", "", "iterable"},
		{"old lambda", "import requests\nf = lambda: requests.get(URL).text\nprint 1\n", "", "", "", "", "Python 2"},
		{"handed on", "import httpx\nasync def f(g):\n    c = httpx.AsyncClient()\n    await g(c.get(URL))\n", "", "", "", "", "awaited somewhere else"},
		{"demonstration", "import requests\ndef ssrf_demo():\n    return requests.get(URL).text\n", "", "", "", "", "security demonstration"},
		{"twice", "import requests\nr = requests.get(URL, proxies=find())\n", "", "", "", "", "evaluated twice"},
		{"urlopen", "from urllib.request import urlopen\nr = urlopen(URL)\n", "urllib.request", "url", "none", "r = ", ""},
		{"request object", "from urllib.request import urlopen, Request\nq = Request(URL)\nr = urlopen(q)\n", "urllib.request", "object", "none", "r = ", ""},
		{"Python 2", "import urllib2\nr = urllib2.urlopen(URL)\n", "urllib2", "url", "none", "r = ", ""},
		{"list", "import subprocess\nr = subprocess.check_output(['curl', URL])\n", "subprocess.check", "list", "none", "r = ", ""},
		{"named list", "import subprocess\nc = ['curl', URL]\nr = subprocess.run(c)\n", "subprocess.run", "append", "conditional", "r = ", ""},
		{"given away", "import requests\nr = pool.submit(requests.get, URL)\n", "requests", "passed", "none", "r = ", ""},
		{"given to a process", "import requests\nfrom concurrent.futures import ProcessPoolExecutor as P\npool = P() or ProcessPool()\nr = pool.submit(requests.get, URL)\n", "", "", "", "", "code that calls requests.get"},
		{"coroutine", "import asyncio, httpx\nasync def f():\n    c = httpx.AsyncClient()\n    r = await asyncio.gather(c.get(URL))\n", "httpx", "none", "coroutine-conditional", "r = ", ""},
		{"prepared", "import requests\ns = requests.Session()\np = requests.Request('GET', URL).prepare()\nr = s.send(p)\n", "requests", "prepared", "conditional", "r = ", ""},
		{"spread", "import requests\ndef f(**kw):\n    r = requests.get(URL, **kw)\nf()\n", "requests", "spread", "conditional", "r = ", ""},
		{"model", "import requests\nclass C(Model):\n    r = requests.get(URL)\n", "requests", "none", "conditional", "class C", ""},
		{"another host", "import subprocess\nr = subprocess.check_output(['ssh', 'h', 'curl', URL])\n", "", "", "", "", "runs elsewhere"},
	} {
		fs, src := sitesOf(t, c.src)
		if len(fs.Requests) != 1 || fs.Requests[0].Site == nil {
			t.Errorf("%s: %d requests", c.name, len(fs.Requests))
			continue
		}
		s := fs.Requests[0].Site
		if c.refuse != "" {
			if !strings.Contains(s.Refuse, c.refuse) {
				t.Errorf("%s: refused with %q, want %q", c.name, s.Refuse, c.refuse)
			}
			continue
		}
		if s.Refuse != "" || s.Unsafe != "" || s.Recipe != c.recipe || s.Shape != c.shape || s.Guard != c.guard {
			t.Errorf("%s: %s %s %s, refuse %q, unsafe %q", c.name, s.Recipe, s.Shape, s.Guard, s.Refuse, s.Unsafe)
		}
		before := ""
		if len(s.Places) > 0 {
			before = src[s.Places[0].At:]
		}
		if (c.before == "") != (len(s.Places) == 0) || !strings.HasPrefix(before, c.before) {
			t.Errorf("%s: the token goes before %q, want %q", c.name, before, c.before)
		}
		checkWords(t, c.name, s)
	}
}

// checkWords renders every text of the site's recipe: a word or an anchor that
// the site lacks would leave a hole in the user's code.
func checkWords(t *testing.T, name string, s *facts.Site) {
	t.Helper()
	r := rules.GetRecipe(s.Recipe)
	if r == nil {
		t.Errorf("%s: no recipe %s", name, s.Recipe)
		return
	}
	vars := map[string]string{"token": "imds_token"}
	for k, v := range s.Vars {
		vars[k] = v
	}
	vars, err := r.Fill(vars)
	if err != nil {
		t.Errorf("%s: %v", name, err)
		return
	}
	if _, err := r.SetupLines(vars); err != nil {
		t.Errorf("%s: %v", name, err)
	}
	edits := append([]rules.RecipeEdit(nil), r.Shapes[s.Shape]...)
	if len(edits) == 0 {
		t.Errorf("%s: recipe %s has no shape %s", name, r.ID, s.Shape)
	}
	for _, e := range append(edits, r.Guards[s.Guard]...) {
		anchor, _ := e.Anchor()
		if _, ok := s.Anchors[anchor]; !ok {
			t.Errorf("%s: no anchor %s", name, anchor)
		}
		if _, err := rules.Render(e.Text, vars); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// TestSharing shows which requests one token may serve.
func TestSharing(t *testing.T) {
	for _, c := range []struct {
		name, src string
		shared    bool
	}{
		{"straight line", "a = requests.get(URL)\nb = requests.get(URL)\n", true},
		{"inner block", "a = requests.get(URL)\nif a:\n    b = requests.get(URL)\n", true},
		{"else", "a = requests.get(URL)\nif a:\n    pass\nelse:\n    b = requests.get(URL)\n", true},
		{"after a pause", "a = requests.get(URL)\ntime.sleep(9)\nb = requests.get(URL)\n", false},
		{"after a pause in the block", "a = requests.get(URL)\nif a:\n    time.sleep(9)\n    b = requests.get(URL)\n", false},
		{"inside of a loop", "a = requests.get(URL)\nwhile a:\n    b = requests.get(URL)\n", false},
		{"inside of a function", "a = requests.get(URL)\ndef f():\n    b = requests.get(URL)\n", false},
		{"two tries", "try:\n    a = requests.get(URL)\nexcept E:\n    pass\ntry:\n    b = requests.get(URL)\nexcept E:\n    pass\n", false},
	} {
		fs, _ := sitesOf(t, "import requests, time\n"+c.src)
		if len(fs.Requests) != 2 {
			t.Errorf("%s: %d requests", c.name, len(fs.Requests))
			continue
		}
		first, got := fs.Requests[0].Site.Places[0], false
		for _, p := range fs.Requests[1].Site.Places {
			got = got || p.List == first.List && first.At <= p.At
		}
		if got != c.shared {
			t.Errorf("%s: shared %v", c.name, got)
		}
	}
}

// TestTokenURL shows how the token's address is written.
func TestTokenURL(t *testing.T) {
	for _, c := range []struct{ src, want string }{
		{"requests.get('http://169.254.169.254/latest/meta-data/mac')", `'http://169.254.169.254/latest/api/token'`},
		{"requests.get('http://instance-data/latest/meta-data/mac')", `'http://instance-data/latest/api/token'`},
		{"B = 'http://169.254.169.254'\nrequests.get(B + '/latest/meta-data/mac')", `B + '/latest/api/token'`},
		{"B = 'http://169.254.169.254/'\nrequests.get(f\"{B}latest/meta-data/mac\")", `f"{B}latest/api/token"`},
		{"B = 'http://169.254.169.254/latest'\nrequests.get('%s/meta-data/mac' % B)", `B + '/api/token'`},
		{"B = 'http://169.254.169.254/latest'\nrequests.get('{}/meta-data/mac'.format(B))", `B + '/api/token'`},
		{"B = 'http://169.254.169.254'\nU = B + '/latest/meta-data/mac'\nrequests.get(U)", `B + '/latest/api/token'`},
		{"B = 'http://169.254.169.254/latest/meta-data'\nrequests.get(B + '/mac')", `'http://169.254.169.254/latest/api/token'`},
		{"import os\nB = os.getenv('X', 'http://169.254.169.254')\nrequests.get(f'{B}/latest/meta-data/mac')", `f'{B}/latest/api/token'`},
	} {
		fs, _ := sitesOf(t, "import requests\n"+c.src+"\n")
		if len(fs.Requests) != 1 || fs.Requests[0].Site == nil {
			t.Errorf("%s: no site", c.src)
			continue
		}
		if got := fs.Requests[0].Site.Vars["url"]; got != c.want {
			t.Errorf("%s: %s, want %s", c.src, got, c.want)
		}
	}
}
