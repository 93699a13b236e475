package lock

import (
	"errors"
	"os"

	"golang.org/x/sys/windows"
)

// Take takes the lock of an open file, until the file is closed, or returns
// ErrHeld. A file that was locked must not be removed: another process may have
// opened it meanwhile.
func Take(f *os.File) error {
	// A byte far behind what the file holds, so that others can read the file.
	at := &windows.Overlapped{OffsetHigh: 1}
	err := windows.LockFileEx(windows.Handle(f.Fd()), windows.LOCKFILE_EXCLUSIVE_LOCK|windows.LOCKFILE_FAIL_IMMEDIATELY, 0, 1, 0, at)
	if errors.Is(err, windows.ERROR_LOCK_VIOLATION) {
		return ErrHeld
	}
	return err
}
