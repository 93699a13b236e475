package imds

import (
	"strings"
	"testing"
)

// val builds a value from a text with {names} for holes.
func val(s string) Value {
	var v Value
	for s != "" {
		open := strings.IndexByte(s, '{')
		if open < 0 {
			return append(v, Part{Text: s})
		}
		if open > 0 {
			v = append(v, Part{Text: s[:open]})
		}
		end := strings.IndexByte(s, '}')
		v = append(v, Part{Unknown: true, Name: s[open+1 : end]})
		s = s[end+1:]
	}
	return v
}

func TestClassifyHost(t *testing.T) {
	const path = "/latest/meta-data/instance-id"
	reach := []string{
		"http://169.254.169.254", "169.254.169.254", "//169.254.169.254", "HTTP://169.254.169.254",
		"http:/169.254.169.254", "http:///169.254.169.254", " http://169.254.169.254",
		"http://169.254.169.254:80", "http://169.254.169.254:", "http://169.254.169.254:080",
		"http://169.254.169.254.", "http://user:pw@169.254.169.254", "http://{user}:{pw}@169.254.169.254:80",
		"http://2852039166", "http://0xA9FEA9FE", "http://0xa9fea9fe", "http://0251.0376.0251.0376",
		"http://0xA9.0xFE.0xA9.0xFE", "http://169.254.43518", "http://169.16689662", "http://0xa9.254.0251.254",
		"http://00000251.0376.0251.0376", "http://025177524776",
		"http://[::ffff:169.254.169.254]", "http://[::ffff:a9fe:a9fe]", "http://[0:0:0:0:0:FFFF:A9FE:A9FE]",
		"http://[::ffff:169.254.169.254]:80", "http://[fd00:ec2::254]", "http://[FD00:EC2::254]:80",
		"http://[fd00:0ec2:0:0::0254]", "http://[fd00:ec2:0:0:0:0:0:254]", "http://[fd00:ec2::254%25eth0]",
		"http://instance-data", "http://Instance-Data", "instance-data", "http://instance-data.", "http://instance-data:80",
		"http://instance-data.ec2.internal", "http://instance-data.ec2.internal.:80",
		"http://%31%36%39.254.169.254", "{scheme}://169.254.169.254", "http{s}://169.254.169.254",
		"http://169.254.169.254:{port}", "http://169.254.169.254{port}", "http://169.254.169.254:8080",
	}
	for _, base := range reach {
		if got := Classify(val(base + path)); got.Kind != AWS {
			t.Errorf("%s: %+v", base+path, got)
		}
	}
	elsewhere := []string{
		"http://169.254.169.254.nip.io", "http://169.254.169.2541", "http://x169.254.169.254", "http://1169.254.169.254",
		"http://169.254.169.254@evil.example", "http://instance-data-foo", "http://myinstance-data", "http://instance-data.com",
		"http://instance-data.s3.amazonaws.com", "http://instance_data", "s3://instance-data", "ftp://169.254.169.254",
		"http://169.254.170.2", "http://169.254.170.23", "http://169.254.169.123", "http://169.254.169.253", "http://100.100.100.200",
		"http://2852039167", "http://28520391660", "http://0xA9FEA9FE0", "http://169.254.169.254.1", "http://169.254.256.254",
		"http://0251.0376.0251.0389", "http://[fd00:ec2::253]", "http://[fd00:ec2::254", "http://[::a9fe:a9fe:1]", "http://[::ffff:a9fe:a9fd]",
		"http://proxy.example/http://169.254.169.254", "http://x.example?u=http://169.254.169.254", "http://{host}", "{base}",
		"http://169.254.169.{last}", "http://169.254.{x}", "http://169.254.169.254@{host}", "http://[{addr}]", "http://169.254.169.254:80x",
		"http://169.254.169.254 x", "", "http://", "{bucket}instance-data", "http://{a}.169.254.169.254", "http://localhost",
	}
	for _, base := range elsewhere {
		if got := Classify(val(base + path)); got.Kind != Elsewhere {
			t.Errorf("%s: %+v", base+path, got)
		}
	}
	for _, host := range []string{"fd00:ec2::254", "::ffff:169.254.169.254"} {
		if hostSpelling(host) == "" {
			t.Errorf("%s is not taken as the host", host)
		}
	}
}

func TestClassifyPath(t *testing.T) {
	const host = "http://169.254.169.254"
	for path, want := range map[string]Kind{
		"": AWS, "/": AWS, "?x=1": AWS, "/?recursive=true": AWS, "#top": AWS,
		"/latest": AWS, "/latest/": AWS, "/latest/{x}": AWS, "/latest{x}": AWS, "/latest//meta-data/": AWS,
		"//latest/meta-data": AWS, "/%6Catest/meta-data": AWS, "/x/../latest/meta-data": AWS,
		"/2009-04-04/": AWS, "/2009-04-04/meta-data/{x}": AWS, "/1.0/meta-data": AWS, "/2021-03-23": AWS,
		"/{version}/meta-data/instance-id": AWS, "/{version}/dynamic/instance-identity/document": AWS, "{x}/latest/user-data": AWS,
		"/{a}{b}/api/token": AWS, "/{root}meta-data/x": AWS,

		"{x}": Undecided, "/{x}": Undecided, "/{x}/": Undecided, "/lat{x}": Undecided, "/{x}?y": Undecided,
		"{x}:8080/latest/meta-data": Undecided, "/foo": Undecided, "/{x}/dynamic/route": Undecided, "/meta-data/": Undecided,
		"/Latest/meta-data": Undecided, "/2009-04-0x/": Undecided, "/2009_04_04/": Undecided, "/2009-04-04x/": Undecided, "/latest2/": Undecided,
		"/{x}v1/foo": Undecided, "/meta{x}": Undecided,

		":8080": Undecided, ":8080/": Undecided, ":8080/x": Undecided, ":8080/latest/meta-data": AWS, ":8080/metadata/instance": OtherCloud,

		"/metadata/instance?api-version=2021-02-01": OtherCloud, "/metadata/identity/oauth2/token": OtherCloud,
		"/metadata/scheduledevents": OtherCloud, "/computeMetadata/v1/": OtherCloud, "/computeMetadata{x}": OtherCloud,
		"/opc/v1/instance": OtherCloud, "/opc/v2/{x}": OtherCloud, "/hetzner/v1/metadata": OtherCloud,
		"/metadata/v1.json": OtherCloud, "/metadata/v1/id": OtherCloud, "/v1.json": OtherCloud, "/v1/region": OtherCloud,
		"/openstack/latest/meta_data.json": OtherCloud, "/metadata/{x}": OtherCloud, "{port}/metadata/instance": OtherCloud,
	} {
		if got := Classify(val(host + path)); got.Kind != want {
			t.Errorf("%s%s: %+v, want kind %d", host, path, got, want)
		}
	}
	for path, want := range map[string]string{
		"/metadata/instance": "Azure", "/metadata/v1": "DigitalOcean", "/metadata/v1.json": "DigitalOcean",
		"/computeMetadata/v1/instance": "Google Cloud", "/opc/v1": "Oracle", "/hetzner/v1": "Hetzner",
		"/v1.json": "Vultr", "/openstack": "OpenStack", "/latest/meta-data": "",
	} {
		if got := Classify(val(host + path)).Cloud; got != want {
			t.Errorf("%s: cloud %q, want %q", path, got, want)
		}
	}
	if got := Classify(val("https://169.254.169.254/")); got.Kind != Undecided || got.Scheme != "https" {
		t.Errorf("https root: %+v", got)
	}
	if got := Classify(val("{x}169.254.169.254/latest/meta-data")); got.Kind != Undecided {
		t.Errorf("hole before the address: %+v", got)
	}
}

func TestClassifyFields(t *testing.T) {
	got := Classify(val("HTTP://me@Instance-Data:80/latest/{x}/y?z"))
	want := Target{Kind: AWS, Host: "Instance-Data:80", Scheme: "http", Path: "/latest/"}
	if got != want {
		t.Errorf("got %+v, want %+v", got, want)
	}
	for url, token := range map[string]bool{
		"http://169.254.169.254/latest/api/token":       true,
		"169.254.169.254//latest/api/token/?x":          true,
		"http://169.254.169.254/{v}/api/token":          true,
		"http://169.254.169.254/2009-04-04/api/token":   false,
		"http://169.254.169.254/latest/api/tokens":      false,
		"http://169.254.169.254/latest/api/{x}":         false,
		"http://example.com/latest/api/token":           false,
		"http://169.254.169.254/latest/meta-data/token": false,
	} {
		if got := Classify(val(url)); got.Token != token {
			t.Errorf("%s: %+v", url, got)
		}
	}
}

func TestClassifyJoined(t *testing.T) {
	for _, c := range []struct {
		host, path string
		want       Kind
	}{
		{"169.254.169.254", "/latest/meta-data/", AWS},
		{"169.254.169.254", "latest/meta-data/", AWS},
		{"169.254.169.254:80", "/latest/meta-data/", AWS},
		{"169.254.169.254:{port}", "/latest/meta-data/", AWS},
		{"fd00:ec2::254", "/latest/meta-data/", AWS},
		{"[fd00:ec2::254]", "/latest/meta-data/", AWS},
		{"instance-data", "", AWS},
		{"169.254.169.254", "{path}", Undecided},
		{"169.254.169.254", "/{path}", Undecided},
		{"169.254.169.254", "/metadata/instance", OtherCloud},
		{"proxy.example", "http://169.254.169.254/latest/meta-data", AWS},
		{"169.254.169.254", "http://example.com/latest/meta-data", Elsewhere},
		{"{host}", "/latest/meta-data", Elsewhere},
		{"169.254.169.2540", "/latest/meta-data", Elsewhere},
	} {
		if got := Classify(Join(val(c.host), val(c.path))); got.Kind != c.want {
			t.Errorf("%s %s: %+v, want kind %d", c.host, c.path, got, c.want)
		}
	}
}

func TestTokenURL(t *testing.T) {
	for url, want := range map[string]string{
		"http://169.254.169.254/latest/meta-data/":  "http://169.254.169.254/latest/api/token",
		"http://169.254.169.254":                    "http://169.254.169.254/latest/api/token",
		"http://169.254.169.254?x":                  "http://169.254.169.254/latest/api/token",
		"http://169.254.169.254{path}":              "http://169.254.169.254/latest/api/token",
		"169.254.169.254/latest":                    "169.254.169.254/latest/api/token",
		"http://me:pw@Instance-Data:80//latest/{x}": "http://me:pw@Instance-Data:80/latest/api/token",
		"HTTP://[fd00:ec2::254]/latest/user-data":   "HTTP://[fd00:ec2::254]/latest/api/token",
		"http://2852039166/":                        "http://2852039166/latest/api/token",
		"http://169.254.169.254:{port}/latest":      "",
		"{scheme}://169.254.169.254/latest":         "",
		"{x}169.254.169.254/latest":                 "",
		"http://example.com/latest/meta-data":       "",
		"{base}/latest/meta-data":                   "",
	} {
		got, ok := TokenURL(val(url))
		if got != want || ok != (want != "") {
			t.Errorf("%s: %q, want %q", url, got, want)
		}
	}
}

func TestLooksAWS(t *testing.T) {
	for url, want := range map[string]bool{
		"{base}/latest/meta-data/instance-id":        true,
		"{base}latest/meta-data/instance-id":         true,
		"http://{host}/latest/meta-data":             true,
		"http://{host}:80/latest/api/token":          true,
		"{scheme}://{host}/latest/user-data?x":       true,
		"/latest/dynamic/instance-identity/document": true,
		"latest/meta-data/placement":                 true,
		"{base}/{x}/latest//meta-data":               true,
		"{base}/2009-04-04/meta-data/":               true,
		"http://169.254.169.{n}/latest/meta-data/":   true,
		"{base}/latest/meta-database":                false,
		"{base}/latest":                              false,
		"{base}/latest/dynamic":                      false,
		"{base}/v2/latest/download":                  false,
		"http://localhost:1338/latest/meta-data":     false,
		"http://localhost:{port}/latest/meta-data":   false,
		"{scheme}://localhost/latest/meta-data":      false,
		"http://100.100.100.200/latest/meta-data":    false,
		"100.100.100.200/latest/meta-data":           false,
		"//example.com/latest/meta-data":             false,
		"{base}/computeMetadata/v1":                  false,
		"{base}?next=/latest/meta-data/":             false,
		"{base}":                                     false,
		"":                                           false,
	} {
		if got := LooksAWS(val(url)); got != want {
			t.Errorf("%s: %v", url, got)
		}
	}
}

func FuzzClassify(f *testing.F) {
	f.Add("http://169.254.169.254/latest/", "x", ":80/y")
	f.Add("{", "://[fd00:ec2::254%", "]/")
	f.Fuzz(func(t *testing.T, a, b, c string) {
		v := Value{{Text: a}, {Unknown: true}, {Text: b}, {Text: c}}
		for _, v := range []Value{v, v[:1], v[1:], Concat(v, v[1:2])} {
			got := Classify(v)
			LooksAWS(v)
			Classify(Join(v, v[1:]))
			if url, ok := TokenURL(v); ok {
				if again := Classify(Lit(url, Source{})); !again.Token {
					t.Errorf("token URL %q of %q (%+v) is not one: %+v", url, v, got, again)
				}
			}
		}
	})
}
