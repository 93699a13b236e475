package main

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
)

// errChanged is the refusal to write over bytes that were never analysed.
var errChanged = errors.New("the file changed while it was analysed; nothing was written")

// replaceFile puts new bytes in place of the old ones: all or nothing, with the
// file's mode and owner, and only if the file is a regular file below root that
// still holds the old bytes.
func replaceFile(root, path string, before, after []byte) error {
	return replace(root, path,
		func(tmp *os.File) error {
			if _, err := tmp.Write(after); err != nil {
				return cannotWrite(err)
			}
			return nil
		},
		func() (bool, error) {
			now, err := os.ReadFile(path)
			return bytes.Equal(now, before), err
		})
}

// replace puts what fill writes in place of a file; same tells whether the
// file still holds what was analysed.
func replace(root, path string, fill func(tmp *os.File) error, same func() (bool, error)) error {
	info, err := os.Lstat(path)
	if err != nil {
		return err
	}
	switch {
	case info.Mode()&os.ModeSymlink != 0:
		return errors.New("is a symbolic link, and fixes are not written through links; name the file it points to")
	case !info.Mode().IsRegular():
		return errors.New("is not a regular file any more; nothing was written")
	case info.Mode().Perm()&0o200 == 0:
		return errors.New("is read-only; nothing was written")
	}
	if err := within(root, path); err != nil {
		return err
	}
	// In the same folder, so that the rename stays on one file system.
	tmp, err := os.CreateTemp(filepath.Dir(path), ".imdsscan-*")
	if err != nil {
		return fmt.Errorf("cannot write in its folder: %w", reason(err))
	}
	defer os.Remove(tmp.Name())
	if err := fillTemp(tmp, info, fill); err != nil {
		return err
	}
	unchanged, err := same()
	if err != nil {
		return err
	}
	again, err := os.Lstat(path)
	if err != nil {
		return err
	}
	if !unchanged || !os.SameFile(info, again) {
		return errChanged
	}
	if err := os.Rename(tmp.Name(), path); err != nil {
		return fmt.Errorf("cannot replace: %w", reason(err))
	}
	return syncFolder(filepath.Dir(path))
}

func fillTemp(tmp *os.File, like os.FileInfo, fill func(*os.File) error) error {
	if err := fill(tmp); err != nil {
		_ = tmp.Close()
		return err
	}
	keepOwner(tmp, like) // before the mode, which a change of owner may strip
	err := tmp.Chmod(like.Mode())
	if err == nil {
		err = tmp.Sync()
	}
	if e := tmp.Close(); err == nil {
		err = e
	}
	if err != nil {
		return cannotWrite(err)
	}
	return nil
}

func cannotWrite(err error) error { return fmt.Errorf("cannot write: %w", reason(err)) }

// within makes sure that no folder between root and the file is a link that
// leads out of root.
func within(root, path string) error {
	base, err := filepath.EvalSymlinks(root)
	if err != nil {
		return err
	}
	folder, err := filepath.EvalSymlinks(filepath.Dir(path))
	if err != nil {
		return err
	}
	real := filepath.Join(folder, filepath.Base(path))
	if real == base || strings.HasPrefix(real, strings.TrimSuffix(base, string(filepath.Separator))+string(filepath.Separator)) {
		return nil
	}
	if base == "." && filepath.IsLocal(real) {
		return nil
	}
	return fmt.Errorf("lies outside of %s by a symbolic link; nothing was written", root)
}

// reason is an error without the temporary file's name, which tells a user
// nothing.
func reason(err error) error {
	var pe *os.PathError
	if errors.As(err, &pe) {
		return pe.Err
	}
	var le *os.LinkError
	if errors.As(err, &le) {
		return le.Err
	}
	return err
}
