// Package lock keeps processes apart that would work on the same files. The
// system drops a lock with the process that holds it, so that none is left
// behind by a crash.
package lock

import "errors"

// ErrHeld: another process holds the lock.
var ErrHeld = errors.New("another process holds the lock")
