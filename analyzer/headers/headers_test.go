package headers

import (
	"testing"

	"github.com/imdsscan/imdsscan/analyzer/facts"
	"github.com/imdsscan/imdsscan/analyzer/imds"
)

type (
	set   = Set[string]
	field = Field[string]
)

func one(name, value string) set { return set{Fields: []field{{name, value}}} }

func TestDecide(t *testing.T) {
	const some = "sends the token only on some ways"
	sent, bare := one("x-AWS-ec2-metadata-token", "T"), one("Accept", "x")
	onlyIf := set{When: "old"}
	azure := one("Metadata", "true")
	azureIf := set{Fields: azure.Fields, When: "on_azure"}
	for name, c := range map[string]struct {
		sets  []set
		want  facts.Request
		token string
	}{
		"sent":            {[]set{sent}, facts.Request{Token: facts.TokenPresent, Why: "sends x-AWS-ec2-metadata-token"}, "T"},
		"not sent":        {[]set{bare}, facts.Request{Token: facts.TokenAbsent}, ""},
		"not known":       {[]set{sent, bare, {Open: "from h"}}, facts.Request{Token: facts.TokenUnknown, Why: "from h"}, "T"},
		"sent, and open":  {[]set{sent.Merge(set{Open: "from h"})}, facts.Request{Token: facts.TokenPresent, Why: "sends x-AWS-ec2-metadata-token"}, "T"},
		"on some ways":    {[]set{sent, bare}, facts.Request{Token: facts.TokenAbsent, Fallback: some}, "T"},
		"on a condition":  {[]set{sent, onlyIf}, facts.Request{Token: facts.TokenAbsent, Fallback: "sends the token only when `old` says so"}, "T"},
		"empty":           {[]set{one(imds.TokenHeader, "")}, facts.Request{Token: facts.TokenAbsent, Misuse: "the token header is sent without a token"}, ""},
		"the TTL's":       {[]set{one(imds.TTLHeader, "T")}, facts.Request{Token: facts.TokenAbsent, Misuse: "sends " + imds.TTLHeader + ", which asks for a token, in place of " + imds.TokenHeader}, ""},
		"misnamed":        {[]set{azure}, facts.Request{Token: facts.TokenAbsent, Misuse: imds.MisnamedHeader("Metadata")}, ""},
		"on its cloud":    {[]set{azureIf}, facts.Request{Token: facts.TokenAbsent}, ""},
		"misnamed or not": {[]set{azure, {Open: "from h"}}, facts.Request{Token: facts.TokenUnknown, Why: "from h"}, ""},
	} {
		var req facts.Request
		token := Decide(&req, c.sets, func(f field) bool { return f.Value == "" })
		if token != c.token || req.Token != c.want.Token || req.Why != c.want.Why || req.Misuse != c.want.Misuse || req.Fallback != c.want.Fallback {
			t.Errorf("%s: %q %+v, want %q %+v", name, token, req, c.token, c.want)
		}
	}
}

func TestTokenRequestMisuse(t *testing.T) {
	right, wrong := one(imds.TTLHeader, "60"), one(imds.TTLHeader, "0")
	tooShort := imds.CheckTTL("0").Error()
	without := "asks for a token without " + imds.TTLHeader
	for name, c := range map[string]struct {
		method, path string
		sets         []set
		want         string
	}{
		"right":            {"PUT", imds.TokenPath, []set{right}, ""},
		"method not known": {"", imds.TokenPath, []set{right}, ""},
		"GET":              {"GET", imds.TokenPath, []set{right}, "asks for a token with GET; the service hands out tokens for PUT only"},
		"another version":  {"PUT", "/2021-07-15/api/token/", []set{right}, "asks for a token at /2021-07-15/api/token/; the only path is " + imds.TokenPath},
		"TTL":              {"PUT", imds.TokenPath, []set{wrong}, tooShort},
		"one is right":     {"PUT", imds.TokenPath, []set{wrong, right, wrong}, ""},
		"without":          {"PUT", imds.TokenPath, []set{one("Accept", "x")}, without},
		"taken away":       {"PUT", imds.TokenPath, []set{right.Without("x-aws-EC2-metadata-token-ttl-seconds")}, without},
		"written over":     {"PUT", imds.TokenPath, []set{right.Merge(wrong)}, tooShort},
		"open":             {"PUT", imds.TokenPath, []set{{Open: "from h"}}, ""},
		"misnamed":         {"PUT", imds.TokenPath, []set{one("aws-ec2-metadata-token-ttl-seconds", "60")}, imds.MisnamedHeader("aws-ec2-metadata-token-ttl-seconds")},
	} {
		target := imds.Classify(imds.Lit("http://169.254.169.254"+c.path, imds.Source{}))
		if !AsksToken(target) {
			t.Errorf("%s: %+v asks for no token", name, target)
		}
		got := TokenRequestMisuse(c.method, target, c.sets, func(f field) string {
			return CheckTTL([]imds.Value{imds.Unknown("?"), imds.Lit(f.Value, imds.Source{})})
		})
		if got != c.want {
			t.Errorf("%s: %q, want %q", name, got, c.want)
		}
	}
}

func TestSetsDoNotShare(t *testing.T) {
	base := one("Accept", "x").With(field{"A", "1"}).With(field{"B", "2"})
	left, right := base.With(field{"C", "left"}), base.With(field{"C", "right"})
	if left.Fields[3].Value != "left" || right.Fields[3].Value != "right" || len(base.Fields) != 3 {
		t.Errorf("%v %v %v", base, left, right)
	}
}
