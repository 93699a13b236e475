package emulator

import (
	"bytes"
	"context"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

func run(t *testing.T, args ...string) (code int, stdout, stderr string) {
	t.Helper()
	var out, errs bytes.Buffer
	code = Command(context.Background(), args, strings.NewReader(""), &out, &errs)
	return code, out.String(), errs.String()
}

func needCurl(t *testing.T) {
	t.Helper()
	if _, err := exec.LookPath("curl"); err != nil {
		t.Skip("curl is not installed")
	}
}

func TestCommandReportsWhatEnforcementRefuses(t *testing.T) {
	needCurl(t)
	log := filepath.Join(t.TempDir(), "requests.jsonl")
	code, stdout, stderr := run(t, "--mode", "optional", "--listen", "127.0.0.1:0", "--log", log, "--",
		"sh", "-c", `curl -s --noproxy '*' -A 'my app' "$AWS_EC2_METADATA_SERVICE_ENDPOINT/latest/meta-data/instance-id"`)
	if code != exitRefused {
		t.Errorf("exit %d; %s", code, stderr)
	}
	for _, want := range []string{
		"i-0a1b2c3d4e5f67890",
		"refused by IMDSv2: GET /latest/meta-data/instance-id from 127.0.0.1:",
		"(my app): no session token",
		"1 requests, 0 session tokens issued, 1 requests that IMDSv2 enforcement would refuse",
	} {
		if !strings.Contains(stdout, want) {
			t.Errorf("no %q in:\n%s", want, stdout)
		}
	}
	data, err := os.ReadFile(log)
	if err != nil {
		t.Fatal(err)
	}
	var rec Record
	if err := json.Unmarshal(data, &rec); err != nil {
		t.Fatalf("%v: %s", err, data)
	}
	if rec.Token != TokenNone || rec.Status != 200 || rec.UserAgent != "my app" {
		t.Errorf("logged %+v", rec)
	}
}

func TestCommandIsCleanWithATokenInUse(t *testing.T) {
	needCurl(t)
	code, stdout, stderr := run(t, "--listen", "127.0.0.1:0", "--", "sh", "-c", `
		url=$AWS_EC2_METADATA_SERVICE_ENDPOINT/latest
		token=$(curl -s --noproxy '*' -X PUT -H "X-aws-ec2-metadata-token-ttl-seconds: 60" $url/api/token)
		curl -s --noproxy '*' -H "X-aws-ec2-metadata-token: $token" $url/meta-data/placement/region`)
	if code != exitClean || !strings.Contains(stdout, "us-west-2") || strings.Contains(stdout, "refused by") {
		t.Errorf("exit %d\n%s%s", code, stdout, stderr)
	}
}

func TestCommandUsage(t *testing.T) {
	cases := []struct {
		args []string
		code int
		say  string
	}{
		{[]string{"--help"}, exitClean, "unshare -rn"},
		{[]string{"--mode", "lax"}, exitUsage, "unknown mode"},
		{[]string{"python3", "job.py"}, exitUsage, "goes after --"},
		{[]string{"--listen", "127.0.0.1"}, exitUsage, "HOST:PORT"},
		{[]string{"--listen", "example.org:80"}, exitUsage, "must be an IP address"},
		{[]string{"--data", "/does/not/exist"}, exitUsage, "no such file"},
		{[]string{"--listen", "127.0.0.1:0", "--", "false"}, exitIncomplete, "exit status 1"},
	}
	for _, c := range cases {
		code, stdout, stderr := run(t, c.args...)
		if code != c.code || !strings.Contains(stdout+stderr, c.say) {
			t.Errorf("%q: exit %d, want %d and %q in:\n%s%s", c.args, code, c.code, c.say, stdout, stderr)
		}
	}
}

// On a machine with a network the emulator must not take an address that
// others can reach.
func TestOtherAddressesNeedAnIsolatedNamespace(t *testing.T) {
	if Isolated() == nil {
		t.Skip("this network namespace is isolated, so any address is allowed")
	}
	for _, address := range []string{"192.0.2.1:0", "[2001:db8::1]:0", "0.0.0.0:0", "[::]:0", "[::ffff:192.0.2.1]:0"} {
		l, err := Listen(address)
		if err == nil {
			l.Close()
			t.Errorf("opened %s", address)
		} else if !strings.Contains(err.Error(), "not isolated") {
			t.Errorf("%s: %v", address, err)
		}
	}
	l, err := Listen("localhost:0")
	if err != nil {
		t.Fatal(err)
	}
	l.Close()
}

func TestReportedTextCannotSteerTheTerminal(t *testing.T) {
	line := Record{Method: "GET", Path: "/x", UserAgent: "a\x1b[2Jb", Refusal: "no session token"}.String()
	if strings.Contains(line, "\x1b") || !strings.Contains(line, `\x1b`) {
		t.Errorf("%q", line)
	}
}
