//go:build unix

package prefilter

import (
	"path/filepath"
	"strings"
	"syscall"
	"testing"
)

func TestReadPipe(t *testing.T) {
	path := filepath.Join(t.TempDir(), "pipe")
	if err := syscall.Mkfifo(path, 0o600); err != nil {
		t.Skip(err)
	}
	if _, err := ReadInto(nil, path); err == nil || !strings.Contains(err.Error(), "not a regular file") {
		t.Errorf("a pipe is read: %v", err)
	}
}
