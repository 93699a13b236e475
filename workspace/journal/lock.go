package journal

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/imdsscan/imdsscan/workspace/lock"
)

// ErrLocked: another process works on the same workspace.
var ErrLocked = errors.New("another run works on this workspace")

// Lock keeps a second run away from a workspace. The operating system drops it
// with the process that holds it, so that a crash leaves no lock behind.
type Lock struct{ f *os.File }

// Lock takes the lock of a workspace, or says who has it. what is for whoever
// comes second.
func (d Dir) Lock(host, what string) (*Lock, error) {
	if err := os.MkdirAll(d.Path, 0o700); err != nil {
		return nil, err
	}
	sum := sha256.Sum256([]byte(strings.ToLower(strings.TrimRight(host, "/"))))
	name := filepath.Join(d.Path, "lock-"+hex.EncodeToString(sum[:8]))
	// Never removed: whoever removes a lock file may take it from a third.
	f, err := os.OpenFile(name, os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return nil, err
	}
	if err := lock.Take(f); err != nil {
		holder, _ := os.ReadFile(name)
		_ = f.Close()
		if errors.Is(err, lock.ErrHeld) {
			return nil, fmt.Errorf("%w (%s): %s", ErrLocked, host, strings.TrimSpace(string(holder)))
		}
		return nil, fmt.Errorf("%s cannot be locked: %w", name, err)
	}
	l := &Lock{f}
	l.Tell(what)
	return l, nil
}

// Tell says what the lock is held for, to whoever comes second. It does without
// where it cannot.
func (l *Lock) Tell(what string) {
	if l.f.Truncate(0) == nil {
		_, _ = l.f.WriteAt(fmt.Appendf(nil, "process %d, %s\n", os.Getpid(), what), 0)
	}
}

// Unlock gives the lock back.
func (l *Lock) Unlock() { _ = l.f.Close() }
