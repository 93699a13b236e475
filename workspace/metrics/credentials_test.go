package metrics

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/imdsscan/imdsscan/workspace/emulator/aws"
)

const profiles = `
[profile sso]
sso_start_url = https://example.awsapps.com/start
sso_region = us-east-1
sso_account_id = 123456789012
sso_role_name = admin
[sso-session corp]
sso_start_url = https://example.awsapps.com/start
sso_region = us-east-1
[profile session]
sso_session = corp
sso_account_id = 123456789012
sso_role_name = admin
[profile base]
aws_access_key_id = AKIAEXAMPLE
aws_secret_access_key = not-a-secret
[profile mfa]
role_arn = arn:aws:iam::123456789012:role/admin
mfa_serial = arn:aws:iam::123456789012:mfa/ana
source_profile = base
`

func TestRefusals(t *testing.T) {
	for _, c := range []struct {
		name   string
		o      Options
		set    map[string]string
		fault  aws.Kind
		reason string
		remedy string
	}{
		{"no credentials", Options{}, map[string]string{"AWS_ACCESS_KEY_ID": "", "AWS_SECRET_ACCESS_KEY": ""}, "", "no AWS credentials were found", "--ec2-role"},
		{"no region", Options{}, map[string]string{"AWS_REGION": "", "AWS_DEFAULT_REGION": ""}, "", "no AWS region", "--region"},
		{"no such profile", Options{Profile: "nope"}, nil, "", `no profile "nope"`, "list-profiles"},
		{"bad region", Options{Regions: []string{"us-east1"}}, nil, "", `"us-east1" is not the name`, "eu-central-1"},
		{"wrong key", Options{}, map[string]string{"AWS_ACCESS_KEY_ID": "AKIAOTHER"}, "", "does not accept the credentials (AuthFailure)", "access key"},
		{"expired", Options{}, nil, aws.Expired, "have expired", "aws sso login"},
		{"regions denied", Options{Regions: []string{AllRegions}}, nil, aws.Denied, "lack the permission ec2:DescribeRegions", "--print-iam-policy"},
		{"signed out", Options{Profile: "sso"}, nil, "", "the AWS sign-in is missing or has expired", "aws sso login --profile sso"},
		{"signed out of a session", Options{Profile: "session"}, nil, "", "the AWS sign-in is missing or has expired", "aws sso login --profile session"},
		{"MFA without a terminal", Options{Profile: "mfa"}, nil, "", "asks for an MFA code", "from a terminal"},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := account(t, aws.Options{})
			home := t.TempDir()
			t.Setenv("HOME", home)
			file := filepath.Join(home, "config")
			if err := os.WriteFile(file, []byte(profiles), 0o600); err != nil {
				t.Fatal(err)
			}
			t.Setenv("AWS_CONFIG_FILE", file)
			for k, v := range c.set {
				t.Setenv(k, v)
			}
			if c.fault != "" {
				for action := range map[string]bool{"DescribeInstances": true, "DescribeRegions": true} {
					s.Inject(aws.Fault{Action: action, Kind: c.fault})
				}
			}
			c.o.Now = clock
			x, err := Connect(context.Background(), c.o)
			if err == nil {
				_, err = x.Look(context.Background(), NewWindow(now.Add(-day), now))
			}
			var r *Refusal
			if !errors.As(err, &r) || !strings.Contains(r.Reason, c.reason) || !strings.Contains(r.Remedy, c.remedy) {
				t.Errorf("%v", err)
			}
		})
	}
}

// The SDK's way to credentials ends at the metadata service of the machine. It
// is gone only with EC2Role. The service here is one on 127.0.0.1 that counts.
func TestAsksNoMetadataServiceByItself(t *testing.T) {
	asked, withoutToken := 0, 0
	service := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		asked++
		if r.Method == http.MethodGet && r.Header.Get("X-Aws-Ec2-Metadata-Token") == "" {
			withoutToken++
		}
		http.Error(w, "no", http.StatusForbidden)
	}))
	defer service.Close()
	for _, c := range []struct {
		role bool
		mode string
	}{{false, ""}, {false, "auto"}, {true, ""}} {
		t.Run(fmt.Sprintf("role %v, defaults mode %q", c.role, c.mode), func(t *testing.T) {
			account(t, aws.Options{})
			t.Setenv("AWS_EC2_METADATA_SERVICE_ENDPOINT", service.URL) // before the next line: nothing may leave this machine
			t.Setenv("AWS_EC2_METADATA_DISABLED", "false")
			t.Setenv("AWS_ACCESS_KEY_ID", "")
			t.Setenv("AWS_SECRET_ACCESS_KEY", "")
			t.Setenv("AWS_DEFAULTS_MODE", c.mode)
			asked = 0
			_, err := Connect(context.Background(), Options{Now: clock, EC2Role: c.role})
			var r *Refusal
			if !errors.As(err, &r) {
				t.Fatal(err)
			}
			if (asked > 0) != c.role {
				t.Errorf("the metadata service was asked %d times: %v", asked, err)
			}
			if withoutToken > 0 {
				t.Errorf("%d requests without a token", withoutToken)
			}
		})
	}
}
