package python

import "testing"

// TestMentions gives the reason for the one endpoint in each text; empty where
// nothing may explain it.
func TestMentions(t *testing.T) {
	for src, want := range map[string]string{
		"# see http://169.254.169.254/latest/\nx = 1":                                        "comment",
		"def f():\n    \"\"\"Asks 169.254.169.254.\"\"\"\n    return 1":                      "docstring",
		"x = 1\n'''requests.get(\"http://169.254.169.254/\")'''":                             "string without use",
		"import os\nos.environ['NO_PROXY'] = '169.254.169.254,localhost'":                    "no_proxy list",
		"import os\nos.environ['META'] = '169.254.169.254,localhost'":                        "",
		"import os\nos.environ.setdefault('no_proxy', '169.254.169.254')":                    "no_proxy list",
		"os.environ.update({'no_proxy': '169.254.169.254'})":                                 "no_proxy list",
		"proxies = {'no_proxy': '169.254.169.254'}":                                          "no_proxy list",
		"BLOCKED_HOSTS = ['169.254.169.254', 'localhost']":                                   "deny-list",
		"HOSTS = ['169.254.169.254', 'localhost']":                                           "",
		"HOSTS = ['169.254.169.254', 'localhost']\nif host in HOSTS: raise X":                "comparison",
		"HOSTS = ['169.254.169.254', 'localhost']\nfetch(HOSTS)":                             "",
		"M = ('169.254.169.254',)\ndef bad(u): return any(h in u for h in M)":                "comparison",
		"if url.startswith('http://169.254.169.254'): pass":                                  "comparison",
		"if host == '169.254.169.254': pass":                                                 "comparison",
		"assert u != 'http://169.254.169.254/'":                                              "comparison",
		"assert f('http://169.254.169.254/')":                                                "assertion",
		"print('cannot reach http://169.254.169.254/')":                                      "printed text",
		"print 'cannot reach http://169.254.169.254/'":                                       "printed text",
		"log.info('asking 169.254.169.254')":                                                 "logged text",
		"logging.getLogger(__name__).warning(f'asking 169.254.169.254 {x}')":                 "logged text",
		"raise ValueError('169.254.169.254 is refused')":                                     "message of an exception",
		"import re\nre.match(r'169\\.254\\.169\\.254', x) or re.match('169.254.169.254', x)": "pattern",
		"import ipaddress\nipaddress.ip_address('169.254.169.254')":                          "address arithmetic",
		"import responses\nresponses.add(responses.GET, 'http://169.254.169.254/latest/')":   "mock",
		"m.get('http://169.254.169.254/latest/')":                                            "",
		"requests_mock.get('http://169.254.169.254/latest/')":                                "mock",
		"self.assertFalse(ok('http://169.254.169.254/'))":                                    "assertion",
		"self.assertEqual(url, 'http://169.254.169.254/')":                                   "test",
		"@pytest.mark.parametrize('u', ['http://169.254.169.254/'])\ndef test(u): pass":      "test",
		"s.connect(('169.254.169.254', 80))":                                                 "socket probe, no HTTP request is seen",
		"PAYLOADS = ['http://169.254.169.254/']":                                             "payload of a security test",
		"p.add_argument('--url', help='such as http://169.254.169.254/')":                    "text for people",
		"p.add_argument('--url', default='http://169.254.169.254/')":                         "",
		"URL = 'http://169.254.169.254/'":                                                    "",
		"URL = 'http://169.254.169.254/'\nprint(URL)":                                        "printed text",
		"URL = 'http://169.254.169.254/'\nprint(URL)\nopen_it(URL)":                          "",
		"session.mount('http://169.254.169.254', adapter)":                                   "adapter of a session",
	} {
		fs := Analyze(session(src))
		got := ""
		for _, m := range fs.Mentions {
			got = m.Why
		}
		if got != want {
			t.Errorf("%s\ngot %q, want %q", src, got, want)
		}
	}
}
