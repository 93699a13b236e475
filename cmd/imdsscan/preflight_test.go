package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/imdsscan/imdsscan/workspace/emulator"
	"github.com/imdsscan/imdsscan/workspace/emulator/example"
)

var preflightDay = time.Date(2026, 11, 27, 12, 0, 0, 0, time.UTC)

// exampleWorkspace is the company of the demo, on a day.
func exampleWorkspace(t *testing.T, o emulator.Options) *emulator.Server {
	t.Helper()
	o.Now = func() time.Time { return preflightDay }
	s := example.New(o)
	t.Cleanup(s.Close)
	for k, v := range map[string]string{"DATABRICKS_HOST": s.URL(), "DATABRICKS_TOKEN": s.Token(), "DATABRICKS_AUTH_TYPE": "pat", "DATABRICKS_CONFIG_FILE": os.DevNull,
		"DATABRICKS_RATE_LIMIT": "100000", "TMPDIR": t.TempDir(), "AWS_EC2_METADATA_DISABLED": "true"} {
		t.Setenv(k, v)
	}
	onDay(t)
	return s
}

// onDay stops the clock of the commands on the day.
func onDay(t *testing.T) {
	t.Helper()
	before := clock
	clock = func() time.Time { return preflightDay }
	t.Cleanup(func() { clock = before })
}

// matches compares a text with a file of testdata, or writes it.
func matches(t *testing.T, name, got string) {
	t.Helper()
	file := filepath.Join("testdata", name)
	if *update {
		if err := os.MkdirAll(filepath.Dir(file), 0o777); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, []byte(got), 0o666); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if got != string(want) {
		t.Errorf("%s differs; got:\n%s", file, got)
	}
}

// TestPreflightOfTheExample reads as an administrator would.
func TestPreflightOfTheExample(t *testing.T) {
	s := exampleWorkspace(t, emulator.Options{})
	code, stdout, stderr := runTest(t.Context(), "", "preflight")
	if code != exitFindings || stderr != "" {
		t.Errorf("exit %d, %s", code, stderr)
	}
	matches(t, "preflight/example.txt", strings.ReplaceAll(stdout, s.URL(), "https://example.cloud.databricks.com"))
	leftNothing(t)
	for _, r := range s.Requests() {
		if r.Method != "GET" && r.Method != "HEAD" {
			t.Errorf("preflight sent %s %s", r.Method, r.Path)
		}
	}
}
