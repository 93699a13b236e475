//go:build unix

package main

import (
	"os"
	"syscall"
)

// keepOwner gives the file the owner of another where the user may do so; a
// user who may not owns the file afterwards, as with any editor.
func keepOwner(f *os.File, like os.FileInfo) {
	if st, ok := like.Sys().(*syscall.Stat_t); ok {
		_ = f.Chown(int(st.Uid), int(st.Gid))
	}
}

// syncFolder makes a rename in the folder last. File systems that cannot are
// no reason to fail: the file is complete either way.
func syncFolder(dir string) error {
	d, err := os.Open(dir)
	if err != nil {
		return nil
	}
	_ = d.Sync()
	return d.Close()
}
