package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/imdsscan/imdsscan/workspace/emulator"
)

// TestExportInterrupted ends an export as Ctrl-C does, and goes on with it.
func TestExportInterrupted(t *testing.T) {
	s := emulator.New(emulator.Options{})
	defer s.Close()
	for i := range 40 {
		s.AddFile(fmt.Sprintf("/d%d/f%d.sh", i%4, i), []byte("echo\n"))
	}
	for k, v := range map[string]string{"DATABRICKS_HOST": s.URL(), "DATABRICKS_TOKEN": s.Token(), "DATABRICKS_CONFIG_FILE": os.DevNull,
		"DATABRICKS_RATE_LIMIT": "10000", "AWS_EC2_METADATA_DISABLED": "true"} {
		t.Setenv(k, v)
	}
	ctx, stop := context.WithCancel(context.Background())
	defer stop()
	s.Inject(emulator.Fault{Path: "/api/2.0/workspace/export", After: 8, Hook: func(*emulator.Server) { stop() }})
	dir := filepath.Join(t.TempDir(), "mirror")
	code, stdout, stderr := runTest(ctx, "", "export", "-j", "2", "workspace:/", dir)
	if code != exitInterrupted || !strings.Contains(stderr, "interrupted; run the same command again to go on") || !strings.Contains(stdout, " written, ") {
		t.Errorf("exit %d\n%s%s", code, stdout, stderr)
	}
	if code, stdout, stderr = runTest(context.Background(), "", dir); code != exitIncomplete || !strings.Contains(stdout, "the export has not finished; run imdsscan export workspace:/ again") {
		t.Errorf("a scan of half an export: exit %d\n%s%s", code, stdout, stderr)
	}
	code, stdout, stderr = runTest(context.Background(), "", "export", "workspace:/", dir)
	if code != exitClean || !strings.Contains(stderr, "going on with an export that had not finished") {
		t.Errorf("exit %d\n%s%s", code, stdout, stderr)
	}
	if code, stdout, stderr = runTest(context.Background(), "", dir); code != exitClean {
		t.Errorf("exit %d\n%s%s", code, stdout, stderr)
	}
	if n := s.Count("GET", "/api/2.0/workspace/export"); n != 40 {
		t.Errorf("%d exports for 40 files", n)
	}
}
