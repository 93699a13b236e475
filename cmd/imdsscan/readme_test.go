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

// The transcripts in the docs are what the program prints for the examples and in
// the demo.
func TestReadmeTranscripts(t *testing.T) {
	root, err := filepath.Abs("../..")
	if err != nil {
		t.Fatal(err)
	}
	t.Chdir(filepath.Join(root, "testdata/examples"))
	for _, name := range []string{"README.md", "docs/migration.md"} {
		file := filepath.Join(root, name)
		b, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		shown := 0
		got := transcript.ReplaceAllStringFunc(string(b), func(old string) string {
			shown++
			m := transcript.FindStringSubmatch(old)
			args, printed := m[1], m[2]
			out, ofDemo := demoShows(t, args)
			if !ofDemo {
				_, stdout, stderr := runTest(t.Context(), "", strings.Fields(args)...)
				out = stdout + stderr
			}
			if !shows(printed, out) && (!*update || slices.Contains(strings.Split(printed, "\n"), cutMark)) {
				t.Errorf("%s shows of imdsscan %s something else than it prints (where no line is %s, -update puts that there):\n%s", name, args, cutMark, out)
			} else if !shows(printed, out) {
				printed = out
			}
			return "```console\n$ imdsscan " + args + "\n" + printed + "```\n"
		})
		if shown == 0 {
			t.Errorf("%s has no transcript", name)
		}
		if *update {
			if err := os.WriteFile(file, []byte(got), 0o644); err != nil {
				t.Fatal(err)
			}
		}
	}
}

var transcript = regexp.MustCompile("(?s)```console\n\\$ imdsscan ([^\n]*)\n(.*?)```\n")

// cutMark stands in a transcript for lines that are left out.
const cutMark = "…"

// shows reports whether a transcript is the output, but for what is left out of
// it and what is another each time: durations, times of day, ids of runs and
// ports.
func shows(printed, out string) bool {
	varies := regexp.MustCompile(` in \d+(\.\d)? s\.| (after|in) \d+(\.\d+)?m?s|\d{8}-\d{6}-[0-9a-f]{6}|\d\d:\d\d(:\d\d)?( UTC|Z)|127\.0\.0\.1:\d+`)
	plain := func(s string) string { return varies.ReplaceAllString(s, "") }
	rest := "\n" + plain(out)
	parts := strings.Split("\n"+plain(printed), "\n"+cutMark+"\n")
	for i, part := range parts {
		if i > 0 {
			part = "\n" + part
		}
		var at int
		switch {
		case i == 0 && !strings.HasPrefix(rest, part), i == len(parts)-1 && !strings.HasSuffix(rest, part):
			return false
		case i == len(parts)-1:
			at = len(rest) - len(part)
		default:
			if at = strings.Index(rest, part); at < 0 {
				return false
			}
		}
		if i < len(parts)-1 {
			rest = rest[at+len(part):]
		} else if i == 0 && len(rest) != len(part) {
			return false
		}
	}
	return true
}

func TestShows(t *testing.T) {
	const out = "a\nb\nc\nd 10:11 UTC\n"
	for printed, want := range map[string]bool{out: true, "a\n…\nd 09:00 UTC\n": true, "a\n…\nc\nd  UTC\n": false, "a\nb\n": false, "b\nc\nd 10:11 UTC\n": false,
		"a\n…\n": true, "…\nd 10:11 UTC\n": true, "a\n…\nc\n…\nd 10:11 UTC\n": true, "a\n…\nx\n…\nd 10:11 UTC\n": false, "a\nc\n…\n": false, "": false} {
		if got := shows(printed, out); got != want {
			t.Errorf("%q: %v", printed, got)
		}
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
	if shown = strings.TrimRight(shown, "\n"); shown != "" {
		shown += "\n"
	}
	return shown, true
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
