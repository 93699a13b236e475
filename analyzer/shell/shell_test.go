package shell

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/imdsscan/imdsscan/analyzer/facts"
	"github.com/imdsscan/imdsscan/analyzer/imds"
	"github.com/imdsscan/imdsscan/notebooks"
	"github.com/imdsscan/imdsscan/notebooks/span"
)

func unit(src string) *facts.Unit {
	return &facts.Unit{Language: notebooks.Shell, Text: span.File([]byte(src))}
}

// short spells the endpoint's paths in a few letters.
func short(s string) string {
	return strings.NewReplacer("BASE/", "http://169.254.169.254/latest/meta-data/", "DOC", "http://169.254.169.254/latest/meta-data/id").Replace(s)
}

// TestValues checks what a URL is known to be.
func TestValues(t *testing.T) {
	for _, c := range []struct{ src, want string }{
		{"B=BASE/; curl $B/x", "BASE//x"},
		{"B=BASE/\nreadonly U=\"${B}a\"\ncurl \"$U\"", "BASE/a"},
		{"curl ${B:-BASE/}x", "BASE/x"},
		{"B=BASE/x/; curl ${B%/}", "BASE/x"},
		{"if a; then B=BASE/a; else B=BASE/b; fi; curl $B", "BASE/a BASE/b"},
		{"B=BASE/a; if a; then B=BASE/b; fi; curl $B", "BASE/a BASE/b"},
		{"B=BASE/a; if a; then B=x; exit; fi; curl $B", "BASE/a"},
		{"B=BASE/a; (B=http://example.com/); curl $B", "BASE/a"},
		{"B=BASE/a; f() { B=BASE/b; }; f; curl $B", "BASE/b"},
		{"B=BASE/a; f() { local B=BASE/b; }; f; curl $B", "BASE/a"},
		{"f() { curl \"$1/$2\"; }; f BASE/a x; f BASE/b \"$y\"", "BASE/a/x BASE/b/{$y}"},
		{"f() { curl BASE/$1; }", "BASE/{$1}"},
		{"f() { shift; curl \"$@\"; }; f a BASE/b", "BASE/b"},
		{"A=(BASE/a BASE/b); curl \"${A[@]}\"", "BASE/a BASE/b"},
		{"A=(-s BASE/a); A+=(BASE/b); curl \"${A[@]}\"", "BASE/a BASE/b"},
		{"declare -A M=([k]=BASE/a [l]=BASE/b); curl ${M[l]}", "BASE/b"},
		{"for k in a b; do curl BASE/$k; done", "BASE/a BASE/b"},
		{"C='curl -s'; $C BASE/a", "BASE/a"},
		{"b() { echo BASE/; }; curl $(b)a", "BASE/a"},
		{"curl 'BASE/'\"a\"b", "BASE/ab"},
		{"curl BASE/a\\ b", "BASE/a b"},
		{"B+=BASE/a; curl ${B}", "{$B}BASE/a"},
		{"B=BASE/a; read B; curl $B", ""},
		{"B=BASE/a; unset B; curl $B", ""},
		{"B=$(cat f); curl $B", ""},
		{"curl http://example.com/BASE", ""},
		{"echo curl BASE/a", ""},
		{"B=BASE/a; foo $B", ""},
	} {
		fs := Analyze(unit(short(c.src)))
		var got []string
		for _, r := range fs.Requests {
			for _, u := range r.URLs {
				if k := imds.Classify(u).Kind; k != imds.Elsewhere {
					got = append(got, u.String())
				}
			}
		}
		if s := strings.Join(got, " "); s != short(c.want) {
			t.Errorf("%s\n got %s\nwant %s", c.src, s, short(c.want))
		}
	}
}

// TestTokens checks whether a request is known to carry a token.
func TestTokens(t *testing.T) {
	const header = "X-aws-ec2-metadata-token: "
	for _, c := range []struct {
		src  string
		want facts.TokenUse
	}{
		{"curl DOC", facts.TokenAbsent},
		{"curl -H 'HDR$T' DOC", facts.TokenPresent},
		{"H=\"HDR$T\"; curl -H \"$H\" DOC", facts.TokenPresent},
		{"H=(-H \"HDR$T\"); curl \"${H[@]}\" DOC", facts.TokenPresent},
		{"f() { curl -H \"$1\" \"$2\"; }; f \"HDR$T\" DOC", facts.TokenPresent},
		{"f() { curl -H \"$1\" \"$2\"; }; f \"Accept: x\" DOC", facts.TokenAbsent},
		{"f() { curl -H \"$1\" \"$2\"; }; f \"$h\" DOC", facts.TokenUnknown},
		{"f() { curl \"$@\"; }; f -H \"HDR$T\" DOC; f DOC", facts.TokenUnknown},
		{"curl ${T:+-H \"HDR$T\"} DOC", facts.TokenUnknown},
		{"curl -H \"HDR`cat f`\" DOC", facts.TokenPresent},
		{"curl $O DOC", facts.TokenUnknown},
		{"O=-s; curl $O DOC", facts.TokenAbsent},
		{"O=; curl $O DOC", facts.TokenAbsent},
		{"curl \"$@\" DOC", facts.TokenUnknown},
	} {
		fs := Analyze(unit(short(strings.ReplaceAll(c.src, "HDR", header))))
		if len(fs.Requests) != 1 {
			t.Errorf("%s: %d requests", c.src, len(fs.Requests))
			continue
		}
		if r := fs.Requests[0]; r.Token != c.want {
			t.Errorf("%s: token %d (%s), want %d", c.src, r.Token, r.Why, c.want)
		}
	}
}

// TestNestedUnits checks which texts are taken for code.
func TestNestedUnits(t *testing.T) {
	for _, c := range []struct{ src, want string }{
		{"bash -c 'curl x'", "shell:curl x"},
		{"bash -c \"curl $U\"", "shell:curl __hole0__"},
		{"sudo python3 -c 'x'", "python:x"},
		{"bash <<'E'\ncurl x\nE\n", "shell:curl x\n"},
		{"ssh h <<E\ncurl \\$x\nE\n", "shell:curl $x\n"},
		{"cat > f.sh <<E\nx\nE\n", "shell:x\n"},
		{"cat <<E | tee f.py\nx\nE\n", "python:x\n"},
		{"cat > f <<E\n#!/bin/sh\nx\nE\n", "shell:#!/bin/sh\nx\n"},
		{"cat > f.json <<E\n{}\nE\n", ""},
		{"cat <<E\ncurl x\nE\n", ""},
		{"C='curl x'; eval \"$C\"", "shell:curl x"},
		{"X=`a \\`b\\``", "shell:a `b`"},
		{"X=`a`", ""},
		{"bash script.sh", ""},
	} {
		fs := Analyze(unit(c.src))
		got := ""
		for _, u := range fs.Nested {
			got += string(u.Language) + ":" + string(u.Text.Bytes())
		}
		if got != c.want {
			t.Errorf("%q: nested %q, want %q", c.src, got, c.want)
		}
	}
}

// TestHostile checks that no input makes the analysis slow or fall over.
func TestHostile(t *testing.T) {
	var calls, branches strings.Builder
	for i := range 40 {
		fmt.Fprintf(&calls, "f%d() { f%d; f%d; }\n", i, i+1, i+1)
		fmt.Fprintf(&branches, "if a; then A=$A$B; else B=$A$A; fi\n")
	}
	for name, src := range map[string]string{
		"brackets":     strings.Repeat("(", 100_000),
		"subst":        strings.Repeat("$(", 100_000),
		"quotes":       strings.Repeat("\"$(", 50_000),
		"backquotes":   strings.Repeat("`", 100_001),
		"and":          "a" + strings.Repeat(" && a", 50_000),
		"pipe":         "a" + strings.Repeat(" | a", 50_000),
		"elif":         "if a; then b; " + strings.Repeat("elif c; then d; ", 20_000) + "fi",
		"calls":        calls.String() + "f0",
		"branches":     branches.String() + "curl $A",
		"nul":          "a\x00b",
		"not utf-8":    "curl \xff\xfe http://169.254.169.254/\xff",
		"unterminated": "curl \"http://169.254.169.254/",
		"here":         "cat <<E",
		"only comment": "# x",
		"empty":        "",
	} {
		start := time.Now()
		Analyze(unit(src))
		if d := time.Since(start); d > 5*time.Second {
			t.Errorf("%s took %v", name, d)
		}
	}
}
