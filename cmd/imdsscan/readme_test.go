package main

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
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
		_, stdout, stderr := runTest(t.Context(), "", strings.Fields(args)...)
		return "```console\n$ imdsscan " + args + "\n" + stdout + stderr + "```\n"
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
	seconds := regexp.MustCompile(` in \d+(\.\d)? s\.`)
	if seconds.ReplaceAllString(got, "") != seconds.ReplaceAllString(string(b), "") {
		t.Error("the README shows something else than the program prints: go test ./cmd/imdsscan -run Readme -update")
	}
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
