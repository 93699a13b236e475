// Package backup keeps bytes under the name of their own hash, on this
// machine's disk: what is put in is there, whole, when Put returns, and what
// comes out is what was put in, or an error. It knows nothing of runs.
package backup

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"os"
	"path/filepath"
	"regexp"

	"github.com/imdsscan/imdsscan/workspace/journal"
)

// Store is a folder of backups.
type Store struct{ Folder string }

// Sum is the name of content: its SHA-256 in hex.
func Sum(content []byte) string {
	s := sha256.Sum256(content)
	return hex.EncodeToString(s[:])
}

var sum = regexp.MustCompile(`^[0-9a-f]{64}$`)

// File is where content with this name is kept.
func (s Store) File(name string) string { return filepath.Join(s.Folder, name) }

// Put keeps content and returns its name. It returns when the content is on the
// disk and was read back.
func (s Store) Put(content []byte) (string, error) {
	name := Sum(content)
	if _, err := s.Get(name); err == nil {
		return name, nil
	}
	if err := s.write(name, content); err != nil {
		return "", fmt.Errorf("the backup cannot be written: %w", err)
	}
	if _, err := s.Get(name); err != nil {
		return "", err
	}
	return name, nil
}

func (s Store) write(name string, content []byte) error {
	if err := os.MkdirAll(s.Folder, 0o700); err != nil {
		return err
	}
	// CreateTemp makes files that only their owner reads.
	tmp, err := os.CreateTemp(s.Folder, ".new-*")
	if err != nil {
		return err
	}
	defer os.Remove(tmp.Name())
	_, err = tmp.Write(content)
	if err == nil {
		err = tmp.Sync()
	}
	if e := tmp.Close(); err == nil {
		err = e
	}
	if err == nil {
		err = os.Rename(tmp.Name(), s.File(name))
	}
	if err == nil {
		err = journal.SyncFolder(s.Folder)
	}
	if err == nil {
		err = journal.SyncFolder(filepath.Dir(s.Folder))
	}
	return err
}

// Get is the content with this name.
func (s Store) Get(name string) ([]byte, error) {
	if !sum.MatchString(name) {
		return nil, fmt.Errorf("%q names no backup", name)
	}
	content, err := os.ReadFile(s.File(name))
	if err != nil {
		return nil, fmt.Errorf("the backup cannot be read: %w", err)
	}
	if got := Sum(content); got != name {
		return nil, fmt.Errorf("the backup %s is damaged: its content has the hash %s", s.File(name), got)
	}
	return content, nil
}
