package emulator

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"
)

// ask sends one request; headers are "Name: value".
func ask(t *testing.T, base, method, path string, headers ...string) (int, string) {
	t.Helper()
	req, err := http.NewRequestWithContext(context.Background(), method, base+path, nil)
	if err != nil {
		t.Fatal(err)
	}
	for _, h := range headers {
		name, value, _ := strings.Cut(h, ": ")
		req.Header[name] = append(req.Header[name], value)
	}
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	body, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	return res.StatusCode, string(body)
}

const goodTTL = "x-aws-ec2-metadata-token-ttl-seconds: 21600"

func start(t *testing.T, cfg Config) (base string, seen *[]Record) {
	t.Helper()
	seen = new([]Record)
	cfg.Observe = func(r Record) { *seen = append(*seen, r) }
	server := httptest.NewServer(New(cfg))
	t.Cleanup(server.Close)
	return server.URL, seen
}

func TestTokenRequests(t *testing.T) {
	base, _ := start(t, Config{})
	cases := []struct {
		name, method, path string
		headers            []string
		want               int
	}{
		{"right", "PUT", TokenPath, []string{goodTTL}, 200},
		{"any case of the header", "PUT", TokenPath, []string{"X-AWS-EC2-METADATA-TOKEN-TTL-SECONDS: 1"}, 200},
		{"no lifetime", "PUT", TokenPath, nil, 400},
		{"zero", "PUT", TokenPath, []string{"x-aws-ec2-metadata-token-ttl-seconds: 0"}, 400},
		{"too long", "PUT", TokenPath, []string{"x-aws-ec2-metadata-token-ttl-seconds: 21601"}, 400},
		{"no number", "PUT", TokenPath, []string{"x-aws-ec2-metadata-token-ttl-seconds: 1h"}, 400},
		{"a misspelt header", "PUT", TokenPath, []string{"aws-ec2-metadata-token-ttl-seconds: 60"}, 400},
		{"through a proxy", "PUT", TokenPath, []string{goodTTL, "X-Forwarded-For: 10.0.0.1"}, 403},
		{"GET", "GET", TokenPath, []string{goodTTL}, 405},
		{"POST", "POST", TokenPath, []string{goodTTL}, 405},
		{"a version in front", "PUT", "/2021-07-15/api/token", []string{goodTTL}, 405},
		{"two slashes", "PUT", "/latest//api/token", []string{goodTTL}, 405},
		{"upload", "PUT", TokenPath, []string{goodTTL, "Expect: 100-continue"}, 417},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			if got, body := ask(t, base, c.method, c.path, c.headers...); got != c.want {
				t.Errorf("status %d, want %d: %s", got, c.want, body)
			}
		})
	}
}

func TestTokensOpenTheData(t *testing.T) {
	now := time.Unix(1_700_000_000, 0)
	base, seen := start(t, Config{Now: func() time.Time { return now }})
	_, token := ask(t, base, "PUT", TokenPath, "x-aws-ec2-metadata-token-ttl-seconds: 60")
	with := "x-aws-ec2-metadata-token: " + token
	cases := []struct {
		path, header, want string
		status             int
	}{
		{"/latest/meta-data/instance-id", with, "i-0a1b2c3d4e5f67890", 200},
		{"/latest//meta-data/instance-id", with, "i-0a1b2c3d4e5f67890", 200},
		{"/2009-04-04/meta-data/placement/region", with, "us-west-2", 200},
		{"/1.0/meta-data/placement/availability-zone?x=1", with, "us-west-2b", 200},
		{"/latest/meta-data/placement/", with, "availability-zone\navailability-zone-id\nregion", 200},
		{"/latest/meta-data/iam/security-credentials/", with, "databricks-worker", 200},
		{"/latest/meta-data/public-keys", with, "0=ops", 200},
		{"/latest", with, "dynamic\nmeta-data\nuser-data", 200},
		{"/latest/dynamic/instance-identity/document", with, `"region" : "us-west-2"`, 200},
		{"/latest/meta-data/spot/instance-action", with, "404", 404},
		{"/1999-01-01/meta-data/instance-id", with, "404", 404},
		{"/computeMetadata/v1/instance/id", with, "404", 404},
		{"/latest/meta-data/instance-id", "x-aws-ec2-metadata-token: ", "401", 401},
		{"/latest/meta-data/instance-id", "x-aws-ec2-metadata-token: x" + token, "401", 401},
		{"/latest/meta-data/instance-id", "aws-ec2-metadata-token: " + token, "401", 401},
		{"/", "Accept: */*", "401", 401},
	}
	for _, c := range cases {
		status, body := ask(t, base, "GET", c.path, c.header)
		if status != c.status || !strings.Contains(body, c.want) {
			t.Errorf("GET %s with %q: %d %q, want %d and %q", c.path, c.header, status, body, c.status, c.want)
		}
	}
	if status, body := ask(t, base, "HEAD", "/latest/meta-data/instance-id", with); status != 200 || body != "" {
		t.Errorf("HEAD: %d %q", status, body)
	}
	now = now.Add(time.Minute)
	if status, _ := ask(t, base, "GET", "/latest/meta-data/instance-id", with); status != 401 {
		t.Errorf("an expired token opened the data: %d", status)
	}
	if last := (*seen)[len(*seen)-1]; last.Token != TokenExpired {
		t.Errorf("recorded as %q, want expired", last.Token)
	}
}

func TestModes(t *testing.T) {
	type answer struct{ token, bare, bogus int }
	want := map[Mode]answer{
		Required: {200, 401, 401},
		Optional: {200, 200, 401},
		Deny:     {403, 200, 401},
		Refuse:   {403, 403, 403},
	}
	for mode, w := range want {
		t.Run(string(mode), func(t *testing.T) {
			base, seen := start(t, Config{Mode: mode})
			var got answer
			got.token, _ = ask(t, base, "PUT", TokenPath, goodTTL)
			got.bare, _ = ask(t, base, "GET", "/latest/meta-data/mac")
			got.bogus, _ = ask(t, base, "GET", "/latest/meta-data/mac", "X-aws-ec2-metadata-token: bogus")
			if got != w {
				t.Errorf("token, bare, bogus: %v, want %v", got, w)
			}
			// What enforcement would refuse does not depend on the mode.
			if (*seen)[0].Refusal != "" || (*seen)[1].Refusal == "" || (*seen)[2].Refusal == "" {
				t.Errorf("reported: %v", *seen)
			}
		})
	}
}

func TestBlackholeNeverAnswersTokenRequests(t *testing.T) {
	base, seen := start(t, Config{Mode: Blackhole})
	req, err := http.NewRequest("PUT", base+TokenPath, nil)
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set(TTLHeader, "60")
	client := http.Client{Timeout: 150 * time.Millisecond}
	if res, err := client.Do(req); err == nil {
		t.Fatalf("answered %s", res.Status)
	}
	if status, _ := ask(t, base, "GET", "/latest/meta-data/mac"); status != 200 {
		t.Errorf("a bare request got %d", status)
	}
	if (*seen)[0].Status != StatusNoAnswer {
		t.Errorf("recorded %v", (*seen)[0])
	}
}

// The 417 must come before the body: a client that waits for "100 Continue"
// sends none.
func TestExpectIsRefusedBeforeTheBody(t *testing.T) {
	server := httptest.NewServer(New(Config{}))
	defer server.Close()
	conn, err := net.Dial("tcp", server.Listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	_ = conn.SetDeadline(time.Now().Add(5 * time.Second))
	fmt.Fprintf(conn, "PUT %s HTTP/1.1\r\nHost: x\r\n%s\r\nExpect: 100-continue\r\nContent-Length: 5\r\n\r\n", TokenPath, goodTTL)
	line, err := bufio.NewReader(conn).ReadString('\n')
	if err != nil || !strings.HasPrefix(line, "HTTP/1.1 417") {
		t.Errorf("%q, %v", line, err)
	}
}

func TestOverride(t *testing.T) {
	tree := DefaultTree()
	err := tree.Override([]byte(`
meta-data/instance-id: i-1
meta-data:
  placement: {region: eu-west-1}
  ami-launch-index: 007
  tags: null
user-data: ""
`))
	if err != nil {
		t.Fatal(err)
	}
	for path, want := range map[string]string{
		"/latest/meta-data/instance-id":      "i-1",
		"/latest/meta-data/ami-launch-index": "007",
		"/latest/user-data":                  "",
	} {
		if got, ok := tree.Lookup(path); !ok || got != want {
			t.Errorf("%s: %q, %v", path, got, ok)
		}
	}
	if got, ok := tree.Lookup("/latest/meta-data/tags/instance/Name"); ok {
		t.Errorf("removed, yet there: %q", got)
	}
	if doc, _ := tree.Lookup("/latest/" + identityDocument); !strings.Contains(doc, `"region" : "eu-west-1"`) {
		t.Errorf("the identity document does not follow the region: %s", doc)
	}
	if err := tree.Override([]byte(identityDocument + `: '{"a": 1}'`)); err != nil {
		t.Fatal(err)
	}
	if doc, _ := tree.Lookup("/latest/" + identityDocument); doc != `{"a": 1}` {
		t.Errorf("own document: %s", doc)
	}
	for _, bad := range []string{"text", "meta-data: [a]", "[a]", "a: {b: *x}", "/: x", "{"} {
		if err := DefaultTree().Override([]byte(bad)); err == nil {
			t.Errorf("%q was accepted", bad)
		}
	}
}
