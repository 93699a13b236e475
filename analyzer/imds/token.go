package imds

import (
	"fmt"
	"strconv"
	"strings"
)

// The headers of the session token protocol. Header names have no case.
const (
	TokenHeader = "X-aws-ec2-metadata-token"
	TTLHeader   = "X-aws-ec2-metadata-token-ttl-seconds"
	// MaxTTL is the longest life of a token, in seconds.
	MaxTTL = 21600
)

// IsTokenHeader is true for the header that carries a token.
func IsTokenHeader(name string) bool { return strings.EqualFold(name, TokenHeader) }

// IsTTLHeader is true for the header that asks for a token.
func IsTTLHeader(name string) bool { return strings.EqualFold(name, TTLHeader) }

// MisnamedHeader says in words what is wrong with a header name that was
// meant to be the token's or the TTL's, or that is another cloud's. It is
// empty for the right names and for headers that have nothing to do with it.
func MisnamedHeader(name string) string {
	if IsTokenHeader(name) || IsTTLHeader(name) {
		return ""
	}
	lower := strings.ToLower(strings.TrimSpace(name))
	if cloud := headerClouds[strings.ReplaceAll(lower, "_", "-")]; cloud != "" {
		return fmt.Sprintf("%s is the metadata header of %s", name, cloud)
	}
	plain := strings.Map(func(r rune) rune {
		switch {
		case r == '_':
			return '-'
		case r <= ' ' || r == ':':
			return -1
		}
		return r
	}, lower)
	want := TokenHeader
	if strings.Contains(plain, "ttl") || strings.Contains(plain, "second") ||
		near(plain, strings.ToLower(TTLHeader)) {
		want = TTLHeader
	}
	wantLower := strings.ToLower(want)
	switch {
	case plain == wantLower && strings.Contains(name, "_"):
		return fmt.Sprintf("%s has underscores, the header is %s", name, want)
	case plain == wantLower:
		return fmt.Sprintf("%q is not a header name as it stands, the header is %s", name, want)
	case "x-"+plain == wantLower:
		return fmt.Sprintf("%s lacks the X-, the header is %s", name, want)
	case near(plain, wantLower), aboutToken(plain):
		return fmt.Sprintf("%s is misspelt, the header is %s", name, want)
	}
	return ""
}

// headerClouds are the headers that other clouds' services want.
var headerClouds = map[string]string{
	"metadata":                                "Azure",
	"metadata-flavor":                         "Google Cloud",
	"x-google-metadata-request":               "Google Cloud",
	"metadata-token":                          "Akamai",
	"metadata-token-expiry-seconds":           "Akamai",
	"x-aliyun-ecs-metadata-token":             "Alibaba Cloud",
	"x-aliyun-ecs-metadata-token-ttl-seconds": "Alibaba Cloud",
}

// aboutToken is true for names made of the right words in another order or
// number, such as aws-metadata-token or X-aws-ec2-metadata-ttl-seconds.
func aboutToken(s string) bool {
	vendor := strings.Contains(s, "aws") || strings.Contains(s, "ec2") || strings.Contains(s, "imds")
	data := strings.Contains(s, "metadata") || strings.Contains(s, "meta-data") || strings.Contains(s, "imds")
	return vendor && data && (strings.Contains(s, "token") || strings.Contains(s, "ttl"))
}

// near is true when at most three letters have to be put in, left out or
// changed to get from a to b.
func near(a, b string) bool {
	const limit = 3
	if len(a) > len(b)+limit || len(b) > len(a)+limit {
		return false
	}
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := 1; i <= len(a); i++ {
		diagonal := row[0]
		row[0] = i
		for j := 1; j <= len(b); j++ {
			change := diagonal
			if a[i-1] != b[j-1] {
				change++
			}
			diagonal = row[j]
			row[j] = min(change, row[j]+1, row[j-1]+1)
		}
	}
	return row[len(b)] <= limit
}

// CheckTTL says what is wrong with the value of the TTL header, nil when the
// service takes it.
func CheckTTL(text string) error {
	text = strings.TrimSpace(text)
	if text == "" {
		return fmt.Errorf("the TTL is empty, want 1 to %d seconds", MaxTTL)
	}
	for _, c := range text {
		if c < '0' || c > '9' {
			return fmt.Errorf("the TTL %q is not a whole number, want 1 to %d seconds", text, MaxTTL)
		}
	}
	n, err := strconv.Atoi(text)
	if err != nil || n < 1 || n > MaxTTL {
		return fmt.Errorf("the TTL %s is out of range, want 1 to %d seconds", text, MaxTTL)
	}
	return nil
}
