package main

import (
	"os"
	"path/filepath"
	"strconv"
	"sync/atomic"
)

// spool is a private folder for what is read from a workspace and matters, so
// that it need not stay in memory. It is removed at the end.
type spool struct {
	dir string
	n   atomic.Int64
}

func newSpool() (*spool, error) {
	dir, err := os.MkdirTemp("", "imdsscan-") // 0700
	if err != nil {
		return nil, err
	}
	return &spool{dir: dir}, nil
}

// put keeps content, and says where.
func (s *spool) put(content []byte) (path string, err error) {
	path = filepath.Join(s.dir, strconv.FormatInt(s.n.Add(1), 10))
	return path, os.WriteFile(path, content, 0o600)
}

func (s *spool) remove() { _ = os.RemoveAll(s.dir) }
