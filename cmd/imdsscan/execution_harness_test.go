//go:build linux

package main_test

import (
	"strings"
	"syscall"
	"testing"
	"time"
)

// The harness must be able to fail: each of these fixes is wrong in one way.
func TestExecutionHarness(t *testing.T) {
	const (
		ttl  = `-H "X-aws-ec2-metadata-token-ttl-seconds: 21600"`
		url  = `http://169.254.169.254/latest`
		put  = `t=$(curl -sf -m 5 -X PUT ` + ttl + ` ` + url + `/api/token || true)` + "\n"
		head = `"X-aws-ec2-metadata-token: $t"`
		get  = `curl -sf ` + url + `/meta-data/instance-id`
		orig = `id=$(` + get + ` || echo unknown); echo "id $id"`
	)
	cases := []struct {
		name, original, fixed, complaint string
	}{
		{"right", orig,
			put + `id=$([ -n "$t" ] && curl -sf -H ` + head + ` ` + url + `/meta-data/instance-id || echo unknown); echo "id $id"`, ""},
		{"unchanged", orig, orig, "no session token"},
		{"falls back to the old way", orig,
			put + `id=$(curl -sf ${t:+-H "X-aws-ec2-metadata-token: $t"} ` + url + `/meta-data/instance-id || echo unknown); echo "id $id"`,
			"fixed, deny: GET /latest/meta-data/instance-id"},
		{"relies on a header that curl drops", orig,
			put + `id=$(curl -sf -H ` + head + ` ` + url + `/meta-data/instance-id || echo unknown); echo "id $id"`,
			"fixed, deny: GET /latest/meta-data/instance-id"},
		{"prints more", orig,
			put + `echo got a token; id=$([ -n "$t" ] && curl -sf -H ` + head + ` ` + url + `/meta-data/instance-id || echo unknown); echo "id $id"`,
			"differs from the original"},
		{"asks for the token with GET", orig,
			`t=$(curl -s ` + ttl + ` ` + url + `/api/token); id=unknown; echo "id $id"`, "the token path takes PUT only"},
		{"another exit status", get + `; exit 3`,
			put + `curl -sf -H ` + head + ` ` + url + `/meta-data/instance-id`, "differs from the original"},
		{"swallows the failure", get,
			put + `if [ -n "$t" ]; then curl -sf -H ` + head + ` ` + url + `/meta-data/instance-id; fi`,
			"ends as no failure of the original does"},
		{"original without a request", `echo hello`, `echo hello`, "proves nothing"},
		{"fixed without a request", orig, `echo "id i-0a1b2c3d4e5f67890"`, "no request carried a token"},
	}
	slow := orig + "\n# timeout: yes"
	cases = append(cases, struct{ name, original, fixed, complaint string }{
		"unbounded token request", slow,
		strings.ReplaceAll(cases[0].fixed, " -m 5", "") + "\n# timeout: yes", "did not end in 2s",
	})
	pool := newPool(t, 2)
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			tr := trial{original: []byte(c.original), fixed: []byte(c.fixed)}
			tr.path, tr.argv = "program.sh", []string{"bash"}
			if strings.Contains(c.original, "timeout: yes") {
				tr.directives = map[string]string{"timeout": "yes"}
				tr.limit = 2 * time.Second
			}
			if _, err := lookPath("curl"); err != nil {
				t.Skip(err)
			}
			err := pool.with(tr.check)
			if c.complaint == "" && err != nil {
				t.Error(err)
			}
			if c.complaint != "" && (err == nil || !strings.Contains(err.Error(), c.complaint)) {
				t.Errorf("got %v, want a complaint with %q", err, c.complaint)
			}
		})
	}
}

// Outside a namespace of its own a worker runs nothing.
func TestExecutionRefusesTheMachinesNetwork(t *testing.T) {
	w, err := startWorker(&syscall.SysProcAttr{})
	if err == nil {
		w.stop()
		t.Fatal("a worker started in the machine's own network namespace")
	}
	if !strings.Contains(err.Error(), "network namespace of the machine") {
		t.Errorf("refused, but for another reason: %v", err)
	}
	own, err := ownNamespaces()
	if err != nil {
		t.Fatal(err)
	}
	for _, parent := range []string{own, ""} {
		if res := answer(parent, request{Argv: []string{"true"}}, false); res.Refused == "" {
			t.Errorf("ran a program on the machine's network: %+v", res)
		}
	}
}

func TestDirectives(t *testing.T) {
	for line, want := range map[string]string{
		"# needs: wget requests":               "needs=wget requests",
		`    "# deny: skip polls for ever\n",`: "deny=skip polls for ever",
		"# timeout: yes":                       "timeout=yes",
		"# a comment: yes":                     "",
		"curl # needs: wget":                   "",
	} {
		got := ""
		if m := directive.FindStringSubmatch(line); m != nil {
			got = m[1] + "=" + m[2]
		}
		if got != want {
			t.Errorf("%q: %q, want %q", line, got, want)
		}
	}
}
