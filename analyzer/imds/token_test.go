package imds

import (
	"strings"
	"testing"
)

func TestTokenHeaders(t *testing.T) {
	if !IsTokenHeader("x-AWS-ec2-metadata-token") || IsTokenHeader("X-aws-ec2-metadata-token-ttl-seconds") || IsTokenHeader("aws-ec2-metadata-token") {
		t.Error("token header")
	}
	if !IsTTLHeader("X-Aws-Ec2-Metadata-Token-Ttl-Seconds") || IsTTLHeader("X-aws-ec2-metadata-token") {
		t.Error("TTL header")
	}
}

func TestMisnamedHeader(t *testing.T) {
	for name, want := range map[string]string{
		"aws-ec2-metadata-token":              "lacks the X-, the header is X-aws-ec2-metadata-token",
		"aws-ec2-metadata-token-ttl-seconds":  "lacks the X-, the header is X-aws-ec2-metadata-token-ttl-seconds",
		"X_aws_ec2_metadata_token":            "underscores, the header is X-aws-ec2-metadata-token",
		"X-aws-ec2-metadata-token ":           "not a header name as it stands",
		"X-aws-ec2-metdata-token":             "misspelt, the header is X-aws-ec2-metadata-token",
		"X-aws-ec2-metadata-tokn-ttl-secs":    "misspelt, the header is X-aws-ec2-metadata-token-ttl-seconds",
		"X-aws-ec2-metadata-token-ttl":        "misspelt, the header is X-aws-ec2-metadata-token-ttl-seconds",
		"X-aws-ec2-metadata-ttl-seconds":      "misspelt, the header is X-aws-ec2-metadata-token-ttl-seconds",
		"X-aws-ec2-metadata-token-ttl-second": "misspelt, the header is X-aws-ec2-metadata-token-ttl-seconds",
		"X-metadata-token-aws":                "misspelt, the header is X-aws-ec2-metadata-token",
		"Metadata":                            "Azure",
		"metadata-flavor":                     "Google Cloud",
		"X-aliyun-ecs-metadata-token":         "Alibaba Cloud",
	} {
		if got := MisnamedHeader(name); !strings.Contains(got, want) {
			t.Errorf("%q: %q, want %q", name, got, want)
		}
	}
	for _, name := range []string{
		"X-aws-ec2-metadata-token", "x-aws-ec2-metadata-token-ttl-seconds", "User-Agent", "Authorization",
		"X-Amz-Security-Token", "X-Auth-Token", "X-aws-parameters-secrets-token", "X-Forwarded-For", "Host", "",
	} {
		if got := MisnamedHeader(name); got != "" {
			t.Errorf("%q: %q", name, got)
		}
	}
}

func TestCheckTTL(t *testing.T) {
	for _, ok := range []string{"1", "60", "21600", " 300 "} {
		if err := CheckTTL(ok); err != nil {
			t.Errorf("%q: %v", ok, err)
		}
	}
	for _, bad := range []string{"", "0", "21601", "-1", "60s", "6e3", "1.5", "99999999999999999999", "six"} {
		if CheckTTL(bad) == nil {
			t.Errorf("%q passes", bad)
		}
	}
}
