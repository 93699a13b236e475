package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
)

// The transcripts in the README are what the program prints for the examples.
func TestReadmeTranscripts(t *testing.T) {
	file, err := filepath.Abs("../../README.md")
	if err != nil {
		t.Fatal(err)
	}
	b, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	t.Chdir("../../testdata/examples")
	shown := 0
	block := regexp.MustCompile("(?s)```console\n\\$ imdsscan ([^\n]*)\n(.*?)```\n")
	got := block.ReplaceAllStringFunc(string(b), func(old string) string {
		shown++
		args := block.FindStringSubmatch(old)[1]
		out, ofDemo := demoShows(t, args)
		if !ofDemo {
			_, stdout, stderr := runTest(t.Context(), "", strings.Fields(args)...)
			out = stdout + stderr
		}
		return "```console\n$ imdsscan " + args + "\n" + out + "```\n"
	})
	if shown == 0 {
		t.Fatal("the README has no transcript")
	}
	if *update {
		if err := os.WriteFile(file, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	varies := regexp.MustCompile(` in \d+(\.\d)? s\.|\d{8}-\d{6}-[0-9a-f]{6}|\d\d:\d\d(:\d\d)?( UTC|Z)|127\.0\.0\.1:\d+`)
	if varies.ReplaceAllString(got, "") != varies.ReplaceAllString(string(b), "") {
		t.Error("the README shows something else than the program prints: go test ./cmd/imdsscan -run Readme -update")
	}
}

// demoOutput is what imdsscan demo prints. It sets its process's environment and
// folder, so it has one of its own.
var demoOutput = sync.OnceValues(func() (string, error) {
	exe, err := os.Executable()
	if err != nil {
		return "", err
	}
	cmd := exec.Cmd{Path: exe, Args: []string{"imdsscan", "demo"}}
	out, err := cmd.CombinedOutput()
	return string(out), err
})

// demoShows is what a command of the demo prints there.
func demoShows(t *testing.T, args string) (string, bool) {
	if !slices.ContainsFunc(demoSteps(), func(st step) bool { return strings.Join(st.args, " ") == args }) {
		return "", false
	}
	out, err := demoOutput()
	if err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	_, rest, _ := strings.Cut(out, "\n$ imdsscan "+args+"\n")
	shown, _, _ := strings.Cut(rest, "\n\n# ")
	return strings.TrimSuffix(shown, "\n") + "\n", true
}

func TestReadmeNamesEveryFlag(t *testing.T) {
	b, err := os.ReadFile("../../README.md")
	if err != nil {
		t.Fatal(err)
	}
	_, help, _ := runTest(t.Context(), "", "check", "--help")
	short := map[string]string{"--jobs": "`-j N`", "--quiet": "`-q`", "--verbose": "`-v`"}
	for _, flag := range regexp.MustCompile(`--[a-z-]+`).FindAllString(help[strings.Index(help, "\nFlags\n"):], -1) {
		name := flag
		if s := short[flag]; s != "" {
			name = s
		}
		if !strings.Contains(string(b), name) {
			t.Errorf("%s is not in the README", flag)
		}
	}
}
