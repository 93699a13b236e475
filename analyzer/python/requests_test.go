package python

import (
	"strings"
	"testing"

	"github.com/imdsscan/imdsscan/analyzer/facts"
	"github.com/imdsscan/imdsscan/analyzer/imds"
	"github.com/imdsscan/imdsscan/notebooks"
	"github.com/imdsscan/imdsscan/notebooks/span"
)

// session makes units of source text, a cell for each part between lines "---".
func session(src string) []*facts.Unit {
	var out []*facts.Unit
	for _, cell := range strings.Split(src, "\n---\n") {
		out = append(out, &facts.Unit{Language: notebooks.Python, Text: span.File([]byte(cell))})
	}
	return out
}

// describe is a request in one line: client, method, URLs, then what is known
// of the token, with the words for misuse, fallback and crossing behind.
func describe(r *facts.Request) string {
	var urls []string
	for _, u := range r.URLs {
		urls = append(urls, u.String())
	}
	if r.Depends != "" {
		return r.Client + " depends: " + r.Depends
	}
	s := r.Client + " " + r.Method + " " + strings.Join(urls, ",") + " " +
		[]string{"absent", "present", "unknown"}[r.Token]
	if imds.Classify(r.URLs[0]).Token {
		s = strings.TrimSuffix(s, "absent") + "token"
	}
	for name, text := range map[string]string{"misuse": r.Misuse, "fallback": r.Fallback, "crosses": r.Crosses} {
		if text != "" {
			s += " " + name
		}
	}
	for _, why := range []string{"must not get a token", "token to other hosts", "also sends other requests"} {
		if r.Site != nil && strings.Contains(r.Site.Refuse, why) {
			s += " refused"
		}
	}
	return strings.ReplaceAll(s, "http://169.254.169.254", "~")
}

type requestCase struct{ name, src, want string }

func testRequests(t *testing.T, cases []requestCase) {
	t.Helper()
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			fs := Analyze(session(strings.ReplaceAll(c.src, "~", "http://169.254.169.254")))
			var got []string
			for _, r := range fs.Requests {
				got = append(got, describe(r))
			}
			if g := strings.Join(got, "\n"); g != c.want {
				t.Errorf("%s\ngot:\n%s\nwant:\n%s", c.src, g, c.want)
			}
		})
	}
}

func TestRequests(t *testing.T) {
	testRequests(t, []requestCase{
		{"get", `import requests
requests.get("~/latest/meta-data/instance-id", timeout=2).text`, "requests.get GET ~/latest/meta-data/instance-id absent"},
		{"another host", `import requests
requests.get("http://example.com/latest/meta-data/instance-id")`, ""},
		{"not requests", `cache.get("~/latest/meta-data/instance-id")`, ""},
		{"alias", `import requests as r
r.get('~/latest/')`, "requests.get GET ~/latest/ absent"},
		{"from import", `from requests import get as fetch
fetch(url='~/latest/meta-data')`, "requests.get GET ~/latest/meta-data absent"},
		{"shadowed", `from requests import get
def get(u): return cache[u]
get('~/latest/meta-data')`, ""},
		{"request", `import requests
requests.request("get", "~/latest/")`, "requests.request GET ~/latest/ absent"},
		{"session", `import requests
s = requests.Session()
s.get("~/latest/")`, "requests.Session.get GET ~/latest/ absent"},
		{"with session", `import requests
with requests.Session() as s:
    s.request("GET", "~/latest/")`, "requests.Session.request GET ~/latest/ absent"},
		{"chained session", `import requests
requests.session().head("~/latest/")`, "requests.Session.head HEAD ~/latest/ absent"},
		{"session with token", `import requests
s = requests.Session()
s.headers.update({"x-aws-EC2-metadata-token": tok})
s.get("~/latest/")`, "requests.Session.get GET ~/latest/ present"},
		{"session, token too late", `import requests
s = requests.Session()
s.get("~/latest/")
s.headers["X-aws-ec2-metadata-token"] = tok`, "requests.Session.get GET ~/latest/ absent"},
		{"another session", `import requests
s = requests.Session()
t = requests.Session()
t.headers["X-aws-ec2-metadata-token"] = tok
s.get("~/latest/")`, "requests.Session.get GET ~/latest/ absent"},
		{"headers literal", `import requests
requests.get("~/latest/", headers={"X-aws-ec2-metadata-token": t})`, "requests.get GET ~/latest/ present"},
		{"other header", `import requests
requests.get("~/latest/", headers={"Accept": "*/*"})`, "requests.get GET ~/latest/ absent"},
		{"headers variable", `import requests
h = {"Accept": "*/*"}
h["X-aws-ec2-metadata-token"] = t
requests.get("~/latest/", headers=h)`, "requests.get GET ~/latest/ present"},
		{"headers merge", `import requests
a = {"X-aws-ec2-metadata-token": t}
requests.get("~/latest/1", headers={**a, "Accept": "x"})
requests.get("~/latest/2", headers=dict(a, Accept="x"))
requests.get("~/latest/3", headers=a | {"Accept": "x"})
requests.get("~/latest/4", headers=dict({"Accept": "x"}, **a))`, `requests.get GET ~/latest/1 present
requests.get GET ~/latest/2 present
requests.get GET ~/latest/3 present
requests.get GET ~/latest/4 present`},
		{"headers from a function", `import requests
def auth():
    h = {}
    h["X-aws-ec2-metadata-token"] = token()
    return h
requests.get("~/latest/", headers=auth())`, "requests.get GET ~/latest/ present"},
		{"headers of a function that knows none", `import requests
def auth(): return {"Accept": "x"}
requests.get("~/latest/", headers=auth())`, "requests.get GET ~/latest/ absent"},
		{"headers unknown", `import requests
from settings import H
requests.get("~/latest/", headers=H)`, "requests.get GET ~/latest/ unknown"},
		{"token request", `import requests
requests.put("~/latest/api/token", headers={"X-aws-ec2-metadata-token-ttl-seconds": "21600"})`, "requests.put PUT ~/latest/api/token token"},
		{"token by GET", `import requests
requests.get("~/latest/api/token", headers={"X-aws-ec2-metadata-token-ttl-seconds": "21600"})`, "requests.get GET ~/latest/api/token token misuse"},
		{"TTL missing", `import requests
requests.put("~/latest/api/token")`, "requests.put PUT ~/latest/api/token token misuse"},
		{"TTL int", `import requests
requests.put("~/latest/api/token", headers={"X-aws-ec2-metadata-token-ttl-seconds": 21600})`, "requests.put PUT ~/latest/api/token token misuse"},
		{"TTL str of int", `import requests
requests.put("~/latest/api/token", headers={"X-aws-ec2-metadata-token-ttl-seconds": str(21600)})`, "requests.put PUT ~/latest/api/token token"},
		{"TTL zero", `import requests
requests.put("~/latest/api/token", headers={"X-aws-ec2-metadata-token-ttl-seconds": "0"})`, "requests.put PUT ~/latest/api/token token misuse"},
		{"TTL int, urllib takes it", `import urllib.request
r = urllib.request.Request("~/latest/api/token", headers={"X-aws-ec2-metadata-token-ttl-seconds": 60}, method="PUT")
urllib.request.urlopen(r)`, "urllib.request.urlopen PUT ~/latest/api/token token"},
		{"misnamed", `import requests
requests.get("~/latest/", headers={"aws-ec2-metadata-token": t})`, "requests.get GET ~/latest/ absent misuse"},
		{"other cloud's header", `import requests
requests.get("~/latest/meta-data/", headers={"Metadata-Flavor": "Google"})`, "requests.get GET ~/latest/meta-data/ absent misuse"},
		{"other cloud", `import requests
requests.get("~/metadata/instance?api-version=2021-02-01", headers={"Metadata": "true"})`, "requests.get GET ~/metadata/instance?api-version=2021-02-01 absent"},
		{"ttl header in place of token", `import requests
requests.get("~/latest/", headers={"X-aws-ec2-metadata-token-ttl-seconds": t})`, "requests.get GET ~/latest/ absent misuse"},
		{"conditional token", `import requests
h = {}
if token:
    h["X-aws-ec2-metadata-token"] = token
requests.get("~/latest/", headers=h)`, "requests.get GET ~/latest/ absent fallback"},
		{"conditional expression", `import requests
requests.get("~/latest/", headers={"X-aws-ec2-metadata-token": t} if t else {})`, "requests.get GET ~/latest/ absent fallback"},
		{"parameter default None", `import requests
def f(headers=None):
    return requests.get("~/latest/", headers=headers)`, "requests.get GET ~/latest/ absent"},
		{"token parameter, no call seen", `import requests
def f(p, token=None):
    return requests.get("~/latest/" + p, headers={"X-aws-ec2-metadata-token": token})`, "requests.get GET ~/latest/{p} present"},
		{"token parameter tested", `import requests
def f(p, token=None):
    h = {}
    if token:
        h["X-aws-ec2-metadata-token"] = token
    return requests.get("~/latest/" + p, headers=h)`, "requests.get GET ~/latest/{p} absent fallback"},
		{"token given and not", `import requests
def f(p, token=None):
    h = {}
    if token is not None:
        h["X-aws-ec2-metadata-token"] = token
    return requests.get("~/latest/" + p, headers=h)
f("a", requests.put("~/latest/api/token", headers={"X-aws-ec2-metadata-token-ttl-seconds": "60"}).text)
f("b")`, `requests.get GET ~/latest/a present
requests.get GET ~/latest/b absent refused
requests.put PUT ~/latest/api/token token`},
		{"token chosen by branch", `import requests
def f(p, token=None):
    if token:
        h = {"X-aws-ec2-metadata-token": token}
    else:
        h = {}
    return requests.get("~/latest/" + p, headers=h)
f("a", requests.put("~/latest/api/token", headers={"X-aws-ec2-metadata-token-ttl-seconds": "60"}).text)
f("b")`, `requests.get GET ~/latest/a present
requests.get GET ~/latest/b absent refused
requests.put PUT ~/latest/api/token token`},
		{"kwargs", `import requests
def f(**kw):
    return requests.get("~/latest/", **kw)`, "requests.get GET ~/latest/ unknown"},
		{"kwargs known", `import requests
opts = dict(timeout=2)
requests.get("~/latest/", **opts)
opts = {"headers": {"X-aws-ec2-metadata-token": t}}
requests.get("~/latest/x", **opts)`, `requests.get GET ~/latest/ absent
requests.get GET ~/latest/x present`},
		{"partial", `import functools, requests
get = functools.partial(requests.get, timeout=2)
get("~/latest/")`, "requests.get GET ~/latest/ absent"},
		{"partial with url", `from functools import partial
import requests
ident = partial(requests.get, "~/latest/")
ident(timeout=1)`, "requests.get GET ~/latest/ absent"},
		{"host from another file", `import requests
from ours import BASE, H
requests.get(BASE + "/latest/meta-data/instance-id")
requests.get(BASE + "/latest/meta-data/instance-id", headers={"X-aws-ec2-metadata-token": H})
requests.get(BASE + "/latest/download")`, "requests.get depends: goes to {BASE}/latest/meta-data/instance-id, whose host is not known and whose path is the metadata service's"},
		{"prepared", `import requests
s = requests.Session()
r = requests.Request("GET", "~/latest/").prepare()
s.send(r)`, "requests.Session.send GET ~/latest/ absent"},
	})
}

func TestOtherClients(t *testing.T) {
	testRequests(t, []requestCase{
		{"urlopen", `import urllib.request
urllib.request.urlopen("~/latest/", timeout=2).read()`, "urllib.request.urlopen GET ~/latest/ absent"},
		{"urlopen from", `from urllib.request import urlopen
with urlopen("~/latest/") as r: pass`, "urllib.request.urlopen GET ~/latest/ absent"},
		{"either urlopen", `try:
    from urllib.request import urlopen, Request
except ImportError:
    from urllib2 import urlopen, Request
urlopen(Request("~/latest/", headers={"A": "b"}))`, "urllib.request.urlopen GET ~/latest/ absent"},
		{"request object", `from urllib.request import Request, urlopen
req = Request("~/latest/")
req.add_header("X-aws-ec2-metadata-token", t)
urlopen(req)
bare = Request("~/latest/x")
urlopen(bare)`, `urllib.request.urlopen GET ~/latest/ present
urllib.request.urlopen GET ~/latest/x absent`},
		{"get_method", `import urllib2
req = urllib2.Request("~/latest/api/token", headers={"X-aws-ec2-metadata-token-ttl-seconds": "60"})
req.get_method = lambda: "PUT"
t = urllib2.urlopen(req).read()`, "urllib2.urlopen PUT ~/latest/api/token token"},
		{"python 2", `import urllib2
print urllib2.urlopen('~/latest/').read()`, "urllib2.urlopen GET ~/latest/ absent"},
		{"python 2 urllib", `import urllib
urllib.urlopen('~/latest/').read()`, "urllib.urlopen GET ~/latest/ absent"},
		{"six", `from six.moves.urllib.request import urlopen
urlopen('~/latest/')`, "urllib.request.urlopen GET ~/latest/ absent"},
		{"six urllib", `from six.moves import urllib
urllib.request.urlopen('~/latest/')`, "urllib.request.urlopen GET ~/latest/ absent"},
		{"opener", `import urllib.request
o = urllib.request.build_opener(urllib.request.ProxyHandler({}))
o.open("~/latest/")
o.addheaders = [("X-aws-ec2-metadata-token", t)]
o.open("~/latest/x")`, `urllib.request.OpenerDirector.open GET ~/latest/ absent
urllib.request.OpenerDirector.open GET ~/latest/x present`},
		{"installed opener", `import urllib.request
o = urllib.request.build_opener()
o.addheaders = [("X-aws-ec2-metadata-token", t)]
urllib.request.install_opener(o)
urllib.request.urlopen("~/latest/x")`, "urllib.request.urlopen GET ~/latest/x present"},
		{"urllib3", `import urllib3
http = urllib3.PoolManager()
http.request('GET', '~/latest/')
http.request('GET', '~/latest/x', headers={'X-aws-ec2-metadata-token': t})`, `urllib3.PoolManager.request GET ~/latest/ absent
urllib3.PoolManager.request GET ~/latest/x present`},
		{"urllib3 host pool", `import urllib3
p = urllib3.HTTPConnectionPool('169.254.169.254', maxsize=1)
p.request('GET', '/latest/')`, "urllib3.HTTPConnectionPool.request GET ~/latest/ absent"},
		{"http.client", `import http.client
c = http.client.HTTPConnection("169.254.169.254", timeout=2)
c.request("GET", "/latest/meta-data/")`, "http.client.HTTPConnection.request GET ~/latest/meta-data/ absent"},
		{"http.client, another host", `import http.client
c = http.client.HTTPConnection("example.com")
c.request("GET", "/latest/meta-data/")`, ""},
		{"httplib", `import httplib
c = httplib.HTTPConnection('169.254.169.254', 80)
c.request('GET', '/latest/meta-data/', headers={'X-aws-ec2-metadata-token': t})`, "http.client.HTTPConnection.request GET ~/latest/meta-data/ present"},
		{"putheader", `import http.client
c = http.client.HTTPConnection("169.254.169.254")
c.putrequest("GET", "/latest/a")
c.putheader("X-aws-ec2-metadata-token", t)
c.endheaders()
c.putrequest("GET", "/latest/b")
c.endheaders()`, `http.client.HTTPConnection.putrequest GET ~/latest/a present
http.client.HTTPConnection.putrequest GET ~/latest/b absent`},
		{"httpx", `import httpx
httpx.get("~/latest/")
with httpx.Client(base_url="~/latest", headers={"X-aws-ec2-metadata-token": t}) as c:
    c.get("/meta-data")`, `httpx.get GET ~/latest/ absent
httpx.Client.get GET ~/latest/meta-data present`},
		{"httpx async", `import httpx
async def f():
    async with httpx.AsyncClient() as c:
        r = await c.get("~/latest/")`, "httpx.AsyncClient.get GET ~/latest/ absent"},
		{"aiohttp", `import aiohttp
async def f():
    async with aiohttp.ClientSession() as session:
        async with session.get("~/latest/") as r:
            return await r.text()`, "aiohttp.ClientSession.get GET ~/latest/ absent"},
		{"aiohttp session passed", `import aiohttp
async def fetch(session, path):
    async with session.get("~/latest/" + path) as r:
        return await r.text()
async def main():
    async with aiohttp.ClientSession(headers={"X-aws-ec2-metadata-token": t}) as s:
        await fetch(s, "a")`, "aiohttp.ClientSession.get GET ~/latest/a present"},
		{"pycurl", `import pycurl
c = pycurl.Curl()
c.setopt(pycurl.URL, "~/latest/")
c.setopt(c.HTTPHEADER, ["X-aws-ec2-metadata-token: " + t])
c.perform()
d = pycurl.Curl()
d.setopt(d.URL, "~/latest/x")
d.perform()`, `pycurl.Curl.perform GET ~/latest/ present
pycurl.Curl.perform GET ~/latest/x absent`},
		{"tornado", `from tornado.httpclient import AsyncHTTPClient, HTTPRequest
async def f():
    c = AsyncHTTPClient()
    await c.fetch("~/latest/")
    await c.fetch(HTTPRequest("~/latest/x", headers={"X-aws-ec2-metadata-token": t}))`, `tornado.httpclient.AsyncHTTPClient.fetch GET ~/latest/ absent
tornado.httpclient.AsyncHTTPClient.fetch GET ~/latest/x present`},
		{"annotated session", `import requests
def f(s: requests.Session):
    return s.get("~/latest/", headers={"X-aws-ec2-metadata-token": t})`, "requests.Session.get GET ~/latest/ present"},
	})
}

func TestFolding(t *testing.T) {
	const get = "import requests, os\nfrom urllib.parse import urljoin\n"
	want := func(path string) string { return "requests.get GET ~/" + path + " absent" }
	var cases []requestCase
	for name, c := range map[string][2]string{
		"f-string":      {`B = "~"` + "\n" + `k = "x"` + "\n" + `requests.get(f"{B}/latest/{k}")`, "latest/x"},
		"hole":          {`requests.get(f"~/latest/{k}")`, "latest/{k}"},
		"braces":        {`requests.get(f"~/latest/{{a}}")`, "latest/{a}"},
		"concatenation": {`B = "~/latest/"` + "\n" + `requests.get(B + "x")`, "latest/x"},
		"implicit":      {`requests.get("~/lat" 'est/x')`, "latest/x"},
		"percent":       {`requests.get("~/%s/x%%" % "latest")`, "latest/x%"},
		"percent tuple": {`requests.get("http://%s/latest/%s" % ("169.254.169.254", x))`, "latest/{x}"},
		"percent dict":  {`requests.get("http://%(h)s/latest/" % {"h": "169.254.169.254"})`, "latest/"},
		"format":        {`requests.get("http://{}/{v}/x".format("169.254.169.254", v="latest"))`, "latest/x"},
		"format index":  {`requests.get("{1}/{0}".format("latest", "~"))`, "latest"},
		"join":          {`requests.get("/".join(["~", "latest", "x"]))`, "latest/x"},
		"urljoin":       {`requests.get(urljoin("~/latest/", "meta-data"))`, "latest/meta-data"},
		"urljoin root":  {`requests.get(urljoin("~/latest/", "/x"))`, "x"},
		"path join":     {`requests.get(os.path.join("~", "latest", "x"))`, "latest/x"},
		"strip":         {`requests.get("~/".rstrip("/") + "/latest/")`, "latest/"},
		"replace":       {`requests.get("~/V/x".replace("V", "latest"))`, "latest/x"},
		"environ":       {`requests.get(os.environ.get("U", "~/latest/"))`, "latest/"},
		"getenv":        {`requests.get(os.getenv("U", "~") + "/latest/")`, "latest/"},
		"dict":          {`C = {"url": "~/latest/"}` + "\n" + `requests.get(C["url"])`, "latest/"},
		"dict get":      {`C = {"url": "~/latest/"}` + "\n" + `requests.get(C.get("url"))`, "latest/"},
		"dict item set": {`C = {}` + "\n" + `C["url"] = "~/latest/"` + "\n" + `requests.get(C["url"])`, "latest/"},
		"class":         {"class A:\n    U = '~/latest/'\nrequests.get(A.U)", "latest/"},
		"self":          {"class A:\n    def __init__(self, b='~'):\n        self.b = b + '/latest'\n    def f(self):\n        requests.get(self.b + '/x')", "latest/x"},
		"class self":    {"class A:\n    B = '~'\n    def f(self, p):\n        requests.get(self.B + '/latest/' + p)", "latest/{p}"},
		"property":      {"class A:\n    @property\n    def u(self): return '~/latest/'\n    def f(self): requests.get(self.u)", "latest/"},
		"enum":          {"class E(Enum):\n    U = '~/latest/'\nrequests.get(E.U.value)", "latest/"},
		"cells":         {"B = '~'\n---\ndef u(p): return B + '/latest/' + p\n---\nrequests.get(u('x'))", "latest/x"},
		"default":       {"def f(p, b='~/latest/'):\n    return requests.get(b + p)", "latest/{p}"},
		"augmented":     {"u = '~'\nu += '/latest/'\nrequests.get(u)", "latest/"},
		"walrus":        {"requests.get((u := '~') + '/latest/')", "latest/"},
		"global":        {"def g():\n    global U\n    U = '~/latest/'\ng()\nrequests.get(U)", "latest/"},
		"unpacked":      {"a, (b, c) = 1, ('~', 'latest')\nrequests.get(b + '/' + c)", "latest"},
		"escape":        {`requests.get("http:\x2f/169.254.169.254\u002flatest/")`, "latest/"},
		"template":      {"from string import Template\nrequests.get(Template('~/$v/').substitute(v='latest'))", "latest/"},
		"bytes":         {"requests.get(b'~/latest/'.decode())", "latest/"},
		"annotated":     {"U: str = '~/latest/'\nrequests.get(U)", "latest/"},
		"getattr":       {"class A:\n    U = '~/latest/'\nrequests.get(getattr(A, 'U'))", "latest/"},
	} {
		cases = append(cases, requestCase{name, get + c[0], want(c[1])})
	}
	testRequests(t, cases)
}

func TestFlow(t *testing.T) {
	testRequests(t, []requestCase{
		{"reassigned", "import requests\nu = '~/latest/a'\nrequests.get(u)\nu = 'http://example.com'\nrequests.get(u)\n", "requests.get GET ~/latest/a absent"},
		{"branches", "import requests\nif c:\n    u = '~/latest/a'\nelse:\n    u = '~/latest/b'\nrequests.get(u)\n", "requests.get GET ~/latest/a,~/latest/b absent"},
		{"branch overrides", "import requests\nu = 'http://example.com/'\nif c:\n    u = '~/latest/a'\nrequests.get(u)\n", "requests.get GET ~/latest/a absent refused"},
		{"other branch", "import requests\nu = 'http://example.com/'\nif c:\n    u = '~/latest/a'\nelse:\n    requests.get(u)\n", ""},
		{"loop", "import requests\nfor p in ['a', 'b']:\n    requests.get('~/latest/' + p)\n", "requests.get GET ~/latest/a,~/latest/b absent"},
		{"loop over items", "import requests\nfor k, v in {'x': 'a'}.items():\n    requests.get('~/latest/' + v)\n", "requests.get GET ~/latest/a absent"},
		{"comprehension", "import requests\n[requests.get('~/latest/' + p) for p in ('a',)]\n", "requests.get GET ~/latest/a absent"},
		{"comes round", "import requests\nu = '~/latest/a'\nwhile c:\n    requests.get(u)\n    u = '~/latest/b'\n", "requests.get GET ~/latest/a,~/latest/b absent"},
		{"wrapper", "import requests\ndef meta(p):\n    return requests.get('~/latest/' + p)\nmeta('a')\nmeta(p='b')\n", "requests.get GET ~/latest/a,~/latest/b absent"},
		{"wrapper of a wrapper", "import requests\ndef get(u):\n    return requests.get(u)\ndef meta(p):\n    return get('~/latest/' + p)\nmeta('a')\n", "requests.get GET ~/latest/a absent"},
		{"token through a wrapper", "import requests\ndef call(m, p, h):\n    return requests.request(m, '~/latest/' + p, headers=h)\nt = call('PUT', 'api/token', {'X-aws-ec2-metadata-token-ttl-seconds': '60'})\ncall('GET', 'x', {'X-aws-ec2-metadata-token': t})\n",
			"requests.request PUT ~/latest/api/token token\nrequests.request GET ~/latest/x present"},
		{"helper of any URL", "import requests\ndef fetch(u):\n    return requests.get(u).json()\nfetch('http://example.com')\nfetch('~/latest/a')\n", "requests.get GET ~/latest/a absent refused"},
		{"submit", "import requests\ndef fetch(u):\n    return requests.get(u)\npool.submit(fetch, '~/latest/a')\n", "requests.get GET ~/latest/a absent"},
		{"map", "import requests\nlist(map(requests.get, ['~/latest/a']))\n", "requests.get GET ~/latest/a absent"},
		{"instance", "import requests\nclass C:\n    def __init__(self, base):\n        self.base = base\n    def get(self, p):\n        return requests.get(self.base + p)\nC('~/latest/').get('a')\nC('http://example.com/').get('b')\n", "requests.get GET ~/latest/a absent refused"},
		{"session attribute", "import requests\nclass C:\n    def __init__(self):\n        self.s = requests.Session()\n        self.s.headers['X-aws-ec2-metadata-token'] = t\n    def get(self, p):\n        return self.s.get('~/latest/' + p)\n", "requests.Session.get GET ~/latest/{p} present"},
		{"recursion", "import requests\ndef f(u):\n    f(u)\n    return requests.get(u + g(u))\ndef g(u): return g(u)\nf('~/latest/')\n", "requests.get GET ~/latest/{g(u)} absent"},
	})
}
