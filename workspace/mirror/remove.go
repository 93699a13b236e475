package mirror

import (
	"errors"
	"io/fs"
	"path"
	"time"
)

// removeOthers removes the copies of what is not in the folder any more, or
// has another local name now.
func (f *folder) removeOthers(items []*item) {
	current := map[*Entry]bool{}
	for _, it := range items {
		current[it.old] = true
	}
	for i := range f.old.entries {
		switch e := &f.old.entries[i]; {
		case e.Local == "" || current[e]:
		case f.at.partial: // it may be among what could not be read
			f.now = append(f.now, *e)
		default:
			f.drop(e, "deleted in the workspace, changed here")
		}
	}
}

// drop removes a copy, unless it was changed here.
func (f *folder) drop(e *Entry, why string) {
	left, err := f.x.dropCopy(e, why)
	if err != nil {
		f.x.failed(e.Path, e.Local, err)
	}
	if left != nil {
		f.now = append(f.now, *left)
	}
}

// dropCopy removes the copy of an object, or of a folder with all in it. What
// was changed here stays, and its entry with it.
func (x *export) dropCopy(e *Entry, why string) (left *Entry, err error) {
	if e.isFolder() {
		return x.dropFolder(e, why)
	}
	kept := *e
	s, err := x.dir.state(&kept)
	switch {
	case err != nil:
		return &kept, err
	case s == touched && x.Force:
		return nil, x.moveAside(e.Local)
	case s == touched:
		kept.Kept, kept.Gone = why, true
		x.kept(&kept)
		return &kept, nil
	case s == missing:
		return nil, nil
	}
	if err := x.dir.remove(e.Local); err != nil {
		return &kept, err
	}
	x.Counts.Removed.Add(1)
	return nil, nil
}

func (x *export) dropFolder(e *Entry, why string) (left *Entry, err error) {
	l, err := readListing(x.dir.root, e.Local)
	if err == nil {
		err = l.repair(x.dir)
	}
	if err != nil {
		return e, err
	}
	var entries []Entry
	for i := range l.entries {
		if l.entries[i].Local == "" {
			continue
		}
		below, e := x.dropCopy(&l.entries[i], why)
		err = errors.Join(err, e)
		if below != nil {
			entries = append(entries, *below)
		}
	}
	log := writeLog{d: x.dir, name: logName(e.Local)}
	if len(entries) > 0 {
		l.entries, l.Error = entries, ""
		kept := *e
		kept.Kept, kept.Gone = why, true
		return &kept, errors.Join(err, l.write(x.dir), log.done())
	}
	err = errors.Join(err, log.done())
	if e := x.dir.root.Remove(listingName(e.Local)); e != nil && !errors.Is(e, fs.ErrNotExist) {
		err = errors.Join(err, reason(e))
	}
	// Files that were never exported keep it from being removed.
	_ = x.dir.remove(e.Local)
	return nil, err
}

// moveAside moves a copy that was changed here to where it is kept.
func (x *export) moveAside(local string) error {
	x.mu.Lock()
	if x.aside == "" {
		x.aside = asideFolder + "/" + time.Now().UTC().Format("2006-01-02T150405.000Z")
	}
	to := x.aside + "/" + local
	x.mu.Unlock()
	if err := x.dir.makeFolder(path.Dir(to)); err != nil {
		return err
	}
	if _, err := x.dir.root.Lstat(to); !errors.Is(err, fs.ErrNotExist) {
		return errors.New(to + " is there already")
	}
	return reason(x.dir.root.Rename(local, to))
}
