package plan

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

func sample(t *testing.T) *Plan {
	t.Helper()
	p := &Plan{For: For{Host: "https://x", User: "ana@example.com", Tool: "1.2.3", Rules: "r"}}
	for _, o := range []Object{
		{Name: "workspace:/Users/ana/<&> \u2028 é", ID: "1", Type: "NOTEBOOK", Format: "SOURCE", Language: "PYTHON",
			Findings: []Finding{{Rule: "IMDS001", Line: 2, Column: 1, Cell: 1, Message: "request", Fingerprint: "f"}}},
		{Name: "workspace:/Users/bob/run.sh", ID: "2", Type: "FILE"},
	} {
		o, err := New(o, []byte("a\r\nb"), []byte("a\r\nc\xff"))
		if err != nil {
			t.Fatal(err)
		}
		p.Objects = append(p.Objects, o)
	}
	p.Left = []Left{{Name: "workspace:/Repos/a/b", Why: "git", Advice: "pull", Findings: []Finding{}, Diff: "d"}}
	if err := p.Seal(); err != nil {
		t.Fatal(err)
	}
	return p
}

func TestPlanIsReadAsItWasWritten(t *testing.T) {
	file := filepath.Join(t.TempDir(), "plan.json")
	if err := os.WriteFile(file, []byte("old"), 0o644); err != nil {
		t.Fatal(err)
	}
	if err := sample(t).Save(file); err != nil {
		t.Fatal(err)
	}
	if info, err := os.Stat(file); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("mode %v, %v", info.Mode(), err)
	}
	p, err := Load(file)
	if err != nil {
		t.Fatal(err)
	}
	a, _ := sample(t).Encode()
	if b, _ := p.Encode(); !bytes.Equal(a, b) {
		t.Errorf("the same objects make other bytes:\n%s\n%s", a, b)
	}
	if c, err := p.Objects[0].NewContent(); err != nil || string(c) != "a\r\nc\xff" {
		t.Errorf("%q %v", c, err)
	}
	if !p.Objects[0].Shows([]byte("a\r\nb"), []byte("a\r\nc\xff")) || p.Objects[0].Shows([]byte("a\r\nb"), []byte("a\r\nd")) {
		t.Error("the diff is not the content's")
	}
}

// Whatever is changed in the file, it is no plan any more.
func TestChangedPlanIsRefused(t *testing.T) {
	whole, _ := sample(t).Encode()
	refused := func(what string, b []byte) {
		t.Helper()
		if p, err := decode(b); err == nil {
			t.Errorf("%s: %+v was taken", what, p)
		}
	}
	for i := range whole {
		b := bytes.Clone(whole)
		b[i] ^= 1
		refused("a bit", b)
		if i%97 == 0 {
			refused("the end is missing", whole[:i])
		}
	}
	refused("a line end", append(bytes.Clone(whole), '\n'))
	refused("CRLF", bytes.ReplaceAll(whole, []byte("\n"), []byte("\r\n")))
	refused("a field", bytes.Replace(whole, []byte(`"version"`), []byte(`"more": 1, "version"`), 1))
	refused("another host", bytes.Replace(whole, []byte("https://x"), []byte("https://y"), 1))
	refused("empty", nil)
	if _, err := decode(bytes.Replace(whole, []byte(`"version": 1`), []byte(`"version": 2`), 1)); err == nil || !strings.Contains(err.Error(), "version 2") {
		t.Errorf("%v", err)
	}
	if _, err := Load(filepath.Join(t.TempDir(), "none")); !errors.Is(err, os.ErrNotExist) {
		t.Error(err)
	}
}

// A plan that was sealed anew after a change is still checked for all that
// apply relies on.
func TestNonsenseIsNotSealed(t *testing.T) {
	for what, change := range map[string]func(p *Plan){
		"content":       func(p *Plan) { p.Objects[0].Content = p.Objects[0].Content[:9] },
		"other content": func(p *Plan) { p.Objects[0].After = strings.Repeat("0", 64) },
		"no hash":       func(p *Plan) { p.Objects[0].Before = "" },
		"no id":         func(p *Plan) { p.Objects[0].ID = "" },
		"format":        func(p *Plan) { p.Objects[0].Format = "DBC" },
		"language":      func(p *Plan) { p.Objects[0].Language = "" },
		"file format":   func(p *Plan) { p.Objects[1].Format = "SOURCE" },
		"path":          func(p *Plan) { p.Objects[0].Name = "workspace:/Users/../x" },
		"type":          func(p *Plan) { p.Objects[1].Type = "DIRECTORY" },
		"twice":         func(p *Plan) { p.Objects[1] = p.Objects[0] },
		"order":         func(p *Plan) { p.Objects[0], p.Objects[1] = p.Objects[1], p.Objects[0] },
		"no change":     func(p *Plan) { p.Objects[0].After = p.Objects[0].Before },
	} {
		p := sample(t)
		change(p)
		if err := p.Seal(); err == nil {
			t.Errorf("%s: taken", what)
		}
	}
}

func TestPlanIsForOnePlace(t *testing.T) {
	p := sample(t)
	if err := p.Fits(p.For); err != nil {
		t.Error(err)
	}
	for want, now := range map[string]For{
		"the workspace https://x, and this is https://y": {"https://y", p.For.User, p.For.Tool, p.For.Rules},
		"the user ana@example.com":                       {p.For.Host, "bob", p.For.Tool, p.For.Rules},
		"imdsscan 1.2.3":                                 {p.For.Host, p.For.User, "2", p.For.Rules},
		"the rules r":                                    {p.For.Host, p.For.User, p.For.Tool, "s"},
	} {
		err := p.Fits(now)
		if !errors.Is(err, ErrOther) || !regexp.MustCompile(want).MatchString(err.Error()) {
			t.Errorf("%v, want %s", err, want)
		}
	}
}
