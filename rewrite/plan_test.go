package rewrite

import (
	"strings"
	"testing"

	"github.com/imdsscan/imdsscan/analyzer"
	"github.com/imdsscan/imdsscan/notebooks/format"
	"github.com/imdsscan/imdsscan/notebooks/span"
)

const metadata = "http://169.254.169.254/latest/meta-data/"

func analyze(t *testing.T, path, src string) *analyzer.Result {
	t.Helper()
	doc, err := format.Open(path, []byte(src))
	if err != nil {
		t.Fatal(err)
	}
	return analyzer.Analyze(doc, nil)
}

func plan(t *testing.T, res *analyzer.Result, opt Options) *Patch {
	t.Helper()
	p, err := Plan(res, opt)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func TestCallsOfOneListShareAToken(t *testing.T) {
	src := "A=$(curl -s " + metadata + "a)\nB=$(curl -s " + metadata + "b)\nsleep 60\nC=$(curl -s " + metadata + "c)\n"
	p := plan(t, analyze(t, "x.sh", src), Options{})
	if got := strings.Count(string(p.After), "-X PUT"); got != 2 {
		t.Errorf("%d token requests, want one for A and B and one after the sleep:\n%s", got, p.After)
	}
	for _, f := range p.Fixes {
		if f.Applicability != Safe || !f.Applied {
			t.Errorf("%v: %v applied=%v %s", f.Finding.Raw, f.Applicability, f.Applied, f.Reason)
		}
	}
}

// A host that answers under one spelling need not answer under another.
func TestSpellingsShareNoToken(t *testing.T) {
	src := "A=$(curl -s http://instance-data/latest/meta-data/a)\nB=$(curl -s " + metadata + "b)\n"
	p := plan(t, analyze(t, "x.sh", src), Options{})
	if got := strings.Count(string(p.After), "-X PUT"); got != 2 {
		t.Errorf("%d token requests, want 2:\n%s", got, p.After)
	}
}

func TestNameOfTheTokenMeetsNoOther(t *testing.T) {
	src := "IMDS_TOKEN=mine\nA=$(curl -s " + metadata + "a)\necho $IMDS_TOKEN\n"
	p := plan(t, analyze(t, "x.sh", src), Options{})
	if !strings.Contains(string(p.After), "IMDS_TOKEN_2=$(") {
		t.Errorf("the user's IMDS_TOKEN is not left alone:\n%s", p.After)
	}
}

// A raw string with double quotes cannot hold the header's quotes: the fix is
// refused with the reason, the rest of the file is fixed.
func TestWhatCannotBeEncodedIsShownOnly(t *testing.T) {
	src := "import os\nos.system(r\"curl -s " + metadata + "a\")\nos.system('curl -s " + metadata + "b')\n"
	p := plan(t, analyze(t, "x.py", src), Options{})
	if len(p.Fixes) != 2 {
		t.Fatalf("%d fixes, want 2", len(p.Fixes))
	}
	raw, plain := p.Fixes[0], p.Fixes[1]
	if raw.Applicability != DisplayOnly || raw.Applied || raw.Reason == "" {
		t.Errorf("raw string: %v applied=%v reason %q", raw.Applicability, raw.Applied, raw.Reason)
	}
	if !plain.Applied {
		t.Errorf("plain string: %v %q", plain.Applicability, plain.Reason)
	}
	if !strings.Contains(string(p.After), "r\"curl -s "+metadata+"a\"") {
		t.Errorf("the refused string changed:\n%s", p.After)
	}
}

// A fix that breaks the code, here because its site is wrong on purpose, is
// dropped with the reason; the fixes beside it stay.
func TestVerificationDropsTheGuiltyFix(t *testing.T) {
	src := "import requests\ndef f():\n    return requests.get('" + metadata + "a').text\n\ndef g():\n    return requests.get('" + metadata + "b').text\n"
	res := analyze(t, "x.py", src)
	res.Findings[0].Request.Site.Vars["url"] = "'unclosed"
	bad, good := assess(res, res.Findings[0]), assess(res, res.Findings[1])
	next := applyVerified(res, []*Fix{bad, good})
	if bad.Applied || bad.Applicability != DisplayOnly || !strings.Contains(bad.Reason, "verification") {
		t.Errorf("guilty fix: applied=%v %v %q", bad.Applied, bad.Applicability, bad.Reason)
	}
	if !good.Applied {
		t.Errorf("innocent fix: %v %q", good.Applicability, good.Reason)
	}
	if after := string(next.Doc.File.Bytes()); strings.Contains(after, "unclosed") || !strings.Contains(after, "imds_token") {
		t.Errorf("after:\n%s", after)
	}
}

// A fix whose request would still go out without a token does not count as one.
func TestVerificationWantsTheFindingGone(t *testing.T) {
	src := "import requests\nx = requests.get('" + metadata + "a').text\n"
	res := analyze(t, "x.py", src)
	res.Findings[0].Request.Site.Shape = "url"
	p := plan(t, res, Options{})
	if p.Changed() || p.Fixes[0].Applicability != DisplayOnly {
		t.Errorf("%v %q\n%s", p.Fixes[0].Applicability, p.Fixes[0].Reason, p.After)
	}
}

func TestUnsafeFixesWaitToBeAskedFor(t *testing.T) {
	src := "import requests\nx = requests.get('" + metadata + "a').text\n"
	res := analyze(t, "x.py", src)
	res.Findings[0].Request.Site.Unsafe = "a reason"
	if p := plan(t, res, Options{}); p.Changed() || p.Fixes[0].Applicability != Unsafe {
		t.Errorf("unasked: changed=%v %v", p.Changed(), p.Fixes[0].Applicability)
	}
	if p := plan(t, res, Options{Unsafe: true}); !p.Changed() || !p.Fixes[0].Applied {
		t.Error("asked for, and not applied")
	}
}

// The edits of a finding stand on their own: applied alone they fix it, also
// where the patch lets it share another's token.
func TestEditsStandAlone(t *testing.T) {
	src := "A=$(curl -s " + metadata + "a)\nB=$(curl -s " + metadata + "b)\n"
	res := analyze(t, "x.sh", src)
	for i, f := range plan(t, res, Options{}).Fixes {
		after, err := span.Apply([]byte(src), f.Edits)
		if err != nil {
			t.Fatal(err)
		}
		left := analyze(t, "x.sh", string(after)).Findings
		if len(left) != len(res.Findings)-1 {
			t.Errorf("fix %d alone leaves %d findings:\n%s", i, len(left), after)
		}
	}
}
