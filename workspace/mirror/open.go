package mirror

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
)

// Mirror is a mirror on the disk, to be read.
type Mirror struct {
	Head
	// Dir is its folder.
	Dir string
	d   *dir
}

// Find opens the mirror that a file or folder is in, or is. inside is the
// place in it, "." for the mirror itself. It returns nil where there is none.
func Find(name string) (m *Mirror, inside string, err error) {
	at, err := filepath.EvalSymlinks(name)
	if err != nil {
		return nil, "", nil // whoever reads it will say so
	}
	if at, err = filepath.Abs(at); err != nil {
		return nil, "", err
	}
	for dir := at; ; dir = filepath.Dir(dir) {
		if info, err := os.Lstat(filepath.Join(dir, filepath.FromSlash(headFile))); err == nil && info.Mode().IsRegular() {
			m, err = open(dir, name)
			if err != nil {
				return nil, "", err
			}
			inside, err = filepath.Rel(dir, at)
			return m, filepath.ToSlash(inside), err
		}
		if dir == filepath.Dir(dir) {
			return nil, "", nil
		}
	}
}

func open(dirname, asked string) (*Mirror, error) {
	root, err := os.OpenRoot(dirname)
	if err != nil {
		return nil, err
	}
	m := &Mirror{Dir: dirname, d: &dir{root: root, path: dirname}}
	f, err := root.Open(headFile)
	if err == nil {
		defer f.Close()
		var b []byte
		if b, err = io.ReadAll(io.LimitReader(f, maxHeadBytes)); err == nil {
			var h *Head
			if h, err = parseHead(b); err == nil {
				m.Head = *h
				return m, nil
			}
		}
	}
	_ = root.Close()
	return nil, fmt.Errorf("%s: a mirror of a workspace that cannot be read: %w", asked, err)
}

// Close ends the use of the mirror.
func (m *Mirror) Close() error { return m.d.close() }

// Met is what a walk meets in a mirror.
type Met struct {
	// Local is the place in the mirror.
	Local string
	// Entry is the object that it is a copy of; nil for a file that no export
	// has written.
	Entry *Entry
	// Missing: the copy is not there any more, or was never made; Entry says
	// why, if it knows.
	Missing bool
	// Err is why a folder could not be read.
	Err error
}

// Walk visits the files at and below a place in the mirror, by name, and the
// objects that should have a copy there. Files that ignore files name are
// visited, too: those are the workspace's.
func (m *Mirror) Walk(ctx context.Context, inside string, visit func(Met) error) error {
	w := &walk{m: m, ctx: ctx, visit: visit}
	info, err := m.d.root.Lstat(inside)
	if err != nil {
		return visit(Met{Local: inside, Err: reason(err)})
	}
	if info.IsDir() {
		return w.folder(inside)
	}
	l, err := w.listing(folderOf(inside))
	if err != nil {
		return visit(Met{Local: inside, Err: err})
	}
	for i := range l.entries {
		if e := &l.entries[i]; sameName(e.Local, inside) {
			return visit(Met{Local: inside, Entry: e})
		}
	}
	return visit(Met{Local: inside})
}

type walk struct {
	m     *Mirror
	ctx   context.Context
	visit func(Met) error
}

// folderOf is the local folder in whose listing a file or folder is: that above
// it, or above the levels that a long name takes.
func folderOf(local string) string {
	up := path.Dir(local)
	for strings.HasSuffix(up, more) {
		up = path.Dir(up)
	}
	return up
}

func (w *walk) listing(local string) (*listing, error) {
	l, err := readListing(w.m.d.root, local)
	if err == nil {
		err = l.repair(w.m.d)
	}
	if err != nil {
		return nil, fmt.Errorf("what the mirror knows of it cannot be read: %w", err)
	}
	return l, nil
}

// folder visits a folder: what the listing tells of it, and what else is there.
func (w *walk) folder(local string) error {
	if err := w.ctx.Err(); err != nil {
		return err
	}
	l, err := w.listing(local)
	if err != nil {
		return w.visit(Met{Local: local, Err: err})
	}
	if l.Error != "" {
		if err := w.visit(Met{Local: local, Entry: &Entry{Path: l.Folder, Local: local, Error: l.Error}, Missing: true}); err != nil {
			return err
		}
	}
	found, err := w.files(local, nil)
	if err != nil {
		if err := w.visit(Met{Local: local, Err: reason(err)}); err != nil {
			return err
		}
	}
	// By the names that every file system takes for the same.
	there := map[string]string{}
	for _, f := range found {
		there[fold(f)] = f
	}
	entries := map[string]*Entry{}
	for i := range l.entries {
		e := &l.entries[i]
		f, ok := there[fold(e.Local)]
		if e.Local != "" && slices.Contains(found, e.Local) {
			f, ok = e.Local, true
		}
		switch {
		case ok && e.Local != "":
			entries[f] = e
			if e.Error == "" || e.isFolder() {
				continue
			}
			// There is a copy, and it is not what the workspace has.
			fallthrough
		default:
			if err := w.visit(Met{Local: e.Local, Entry: e, Missing: true}); err != nil {
				return err
			}
		}
	}
	slices.Sort(found)
	for _, f := range found {
		if err := w.place(f, entries[f]); err != nil {
			return err
		}
	}
	return nil
}

// place visits what is at a place of the disk.
func (w *walk) place(local string, e *Entry) error {
	info, err := w.m.d.root.Lstat(local)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil // since the folder was read
	case err != nil:
		return w.visit(Met{Local: local, Err: reason(err)})
	case info.IsDir():
		return w.folder(local)
	case !info.Mode().IsRegular():
		return w.visit(Met{Local: local, Err: errors.New("not a regular file, and no copy")})
	}
	return w.visit(Met{Local: local, Entry: e})
}

// files are the files and folders in a local folder, through the levels of long
// names.
func (w *walk) files(local string, found []string) ([]string, error) {
	f, err := w.m.d.root.Open(local)
	if err != nil {
		return found, err
	}
	entries, err := f.ReadDir(-1)
	_ = f.Close()
	for _, e := range entries {
		name := path.Join(local, e.Name())
		switch {
		case name == Own:
		case e.IsDir() && strings.HasSuffix(name, more):
			var below error
			found, below = w.files(name, found)
			err = errors.Join(err, below)
		default:
			found = append(found, name)
		}
	}
	return found, err
}

func sameName(a, b string) bool { return a == b || fold(a) == fold(b) }
