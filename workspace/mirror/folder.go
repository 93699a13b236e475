package mirror

import (
	"context"
	"errors"
	"path"
	"strings"
	"time"

	sdk "github.com/databricks/databricks-sdk-go/service/workspace"
	"github.com/imdsscan/imdsscan/notebooks/format"
	"github.com/imdsscan/imdsscan/workspace"
)

// folder is the export of one folder.
type folder struct {
	x   *export
	at  place
	old *listing
	// now are the entries of the new listing.
	now []Entry
	log writeLog
	// byLocal are the old entries by their copies: what may be replaced.
	byLocal map[string]*Entry
	wrote   map[string]bool // local folders with new files
}

// folder exports the objects of a folder, and leaves its folders for later.
func (x *export) folder(at place) error {
	old, err := readListing(x.dir.root, at.local)
	if err != nil {
		return err
	}
	if err := old.repair(x.dir); err != nil {
		return err
	}
	f := &folder{x: x, at: at, old: old, log: writeLog{d: x.dir, name: logName(at.local)},
		byLocal: map[string]*Entry{}, wrote: map[string]bool{}}
	for i := range old.entries {
		if e := &old.entries[i]; e.Local != "" {
			f.byLocal[e.Local] = e
		}
	}
	if at.beside != nil {
		return f.besides()
	}
	found, err := f.list()
	x.Counts.Unlisted.Add(-1)
	if err != nil {
		if x.work.Err() != nil || x.stop.Err() != nil {
			return nil // it stays as it was
		}
		old.Folder, old.Error = at.path, workspace.Reason(err)
		return errors.Join(err, old.write(x.dir))
	}
	if err := x.dir.makeFolder(at.local); err != nil {
		return err
	}
	items := f.name(found)
	f.removeOthers(items)
	if err := f.folders(items); err != nil {
		return err
	}
	f.objects(items)
	return f.finish()
}

func (f *folder) list() ([]workspace.Entry, error) {
	if f.at.only != nil {
		return []workspace.Entry{{Object: *f.at.only}}, nil
	}
	f.x.slots <- struct{}{}
	defer func() { <-f.x.slots }()
	found := f.x.Client.List(f.x.work, f.at.path, f.at.git)
	if len(found) == 1 && found[0].Err != nil && found[0].Path == f.at.path {
		return nil, found[0].Err
	}
	return found, f.x.work.Err()
}

// item is an object of the folder.
type item struct {
	workspace.Object
	// beside is what the item is that stands in no folder; nil for an object.
	beside *beside
	// stem is its local name, without the suffix if it is a notebook's.
	stem string
	// old is what is known of it and its copy.
	old *Entry
}

// name gives the objects their local names, and finds what is known of them.
func (f *folder) name(found []workspace.Entry) []*item {
	var items []*item
	var children []Child
	seen := map[string]bool{}
	for i := range found {
		e := &found[i]
		f.x.Counts.Listed.Add(1)
		if e.Err == nil && seen[e.Path] {
			e.Err = errors.New("the service lists it twice in its folder: only one of the two is exported")
		}
		seen[e.Path] = true
		if e.Err != nil {
			f.x.Counts.Done.Add(1)
			f.x.failed(e.Path, "", e.Err)
			f.now = append(f.now, Entry{Path: e.Path, ID: e.ID, Type: e.Type, Error: workspace.Reason(e.Err)})
			continue
		}
		if e.Skip == "" {
			e.Skip = e.Data()
		}
		if e.Skip != "" {
			f.x.Counts.Done.Add(1)
			f.skip(&e.Object, e.Skip)
			continue
		}
		items = append(items, &item{Object: e.Object})
		children = append(children, Child{path.Base(e.Path), e.Type == sdk.ObjectTypeNotebook})
	}
	byPath := map[string][]*Entry{}
	for i := range f.old.entries {
		e := &f.old.entries[i]
		byPath[e.Path] = append(byPath[e.Path], e)
	}
	for i, name := range LocalNames(children) {
		it := items[i]
		it.stem = path.Join(f.at.local, name)
		for _, e := range byPath[it.Path] {
			if it.isLocal(e.Local) && (it.old == nil || e.ExportedAt > it.old.ExportedAt) {
				it.old = e
			}
		}
	}
	return items
}

// isLocal reports whether a local name is that of the item, with any suffix.
func (it *item) isLocal(local string) bool {
	if it.Type != sdk.ObjectTypeNotebook {
		return local == it.stem
	}
	suffix, ok := strings.CutPrefix(local, it.stem)
	return ok && suffix != "" && !strings.Contains(suffix[1:], ".") && !strings.Contains(suffix, "/")
}

// local is the name of the copy of the object as it is now known.
func (it *item) local() string {
	if it.Type != sdk.ObjectTypeNotebook {
		return it.stem
	}
	suffix := strings.TrimPrefix(it.FileName(), path.Base(it.Path))
	if suffix == "" {
		suffix = ".notebook"
	}
	return it.stem + suffix
}

// folders leaves the folders of the folder for later. They are told in the log
// first, so that none is forgotten that is gone when the export goes on.
func (f *folder) folders(items []*item) error {
	var below []place
	var told []Entry
	for _, it := range items {
		if !it.IsFolder() {
			continue
		}
		e := Entry{Path: it.Path, ID: it.ID, Type: it.Type, Git: it.Git, Local: it.stem}
		f.now = append(f.now, e)
		below = append(below, place{path: it.Path, git: it.Git, local: it.stem})
		if it.old == nil {
			told = append(told, e)
		}
		f.x.Counts.Done.Add(1)
	}
	if len(told) > 0 {
		if err := f.log.add(told); err != nil {
			return err
		}
	}
	f.x.later(below)
	return nil
}

// objects exports the notebooks and files of the folder.
func (f *folder) objects(items []*item) {
	var fetch []*task
	for _, it := range items {
		if it.IsFolder() {
			continue
		}
		if f.same(it) {
			f.x.Counts.Done.Add(1)
			f.x.Counts.Same.Add(1)
			continue
		}
		fetch = append(fetch, &task{item: it})
	}
	results := make(chan *task, cap(f.x.slots))
	sent, received := 0, 0
	stopped := f.x.stop.Done()
	for received < len(fetch) {
		out, next := f.x.tasks, (*task)(nil)
		if sent == len(fetch) {
			out = nil
		} else {
			next = fetch[sent]
			next.done = results
		}
		select {
		case <-stopped:
			f.leave(fetch[sent:])
			fetch, stopped = fetch[:sent], nil
		case out <- next:
			sent++
		case t := <-results:
			batch := []*task{t}
			for len(results) > 0 {
				batch = append(batch, <-results)
			}
			f.write(batch)
			received += len(batch)
		}
	}
}

// leave keeps what is known of objects that are not exported any more because
// the user has ended the export.
func (f *folder) leave(tasks []*task) {
	for _, t := range tasks {
		if t.item.old != nil {
			f.now = append(f.now, *t.item.old)
		}
	}
}

// same takes over what is known of an object if its copy need not be fetched:
// the service says that it has not changed, or this export has fetched it
// before it was interrupted.
func (f *folder) same(it *item) bool {
	old := it.old
	if old == nil || f.x.All || old.Error != "" || old.ID != it.ID || old.Type != it.Type ||
		old.Format != sdk.ExportFormatJupyter && old.Language != it.Language {
		return false
	}
	if it.Type == sdk.ObjectTypeFile && it.Size != old.Size {
		return false
	}
	unchanged := it.ModifiedAt != 0 && it.ModifiedAt == old.ModifiedAt && old.ExportedAt-old.ModifiedAt > settle.Milliseconds()
	if !unchanged && (old.ExportedAt < f.x.since.UnixMilli() || it.ModifiedAt != old.ModifiedAt) {
		return false
	}
	e := *old
	e.Git, e.Kept, e.Gone = it.Git, "", false
	e.Users = f.x.users[it.Path]
	if it.beside != nil {
		e.Users = it.beside.Users
	}
	switch s, err := f.x.dir.state(&e); {
	case err != nil || s == missing || s == touched && f.x.Force:
		return false
	case s == touched:
		f.keep(&e, "changed here; the workspace has what was exported")
	}
	f.now = append(f.now, e)
	return true
}

func (f *folder) keep(e *Entry, why string) {
	e.Kept = why
	f.x.kept(e)
}

// task is an object to be fetched.
type task struct {
	item *item
	done chan<- *task

	entry Entry
	temp  string // where the content is, empty when it is what the copy was
	err   error
}

// run fetches the object and writes it to a temporary file.
func (t *task) run(x *export) {
	defer func() { t.done <- t }()
	it := t.item
	begin := time.Now().UnixMilli()
	content, err := func() ([]byte, error) {
		x.slots <- struct{}{}
		defer func() { <-x.slots }()
		if it.beside != nil {
			return it.beside.read(x.work)
		}
		return x.Client.Read(x.work, &it.Object)
	}()
	if t.err = err; err != nil {
		return
	}
	x.Counts.Bytes.Add(int64(len(content)))
	t.entry = Entry{Path: it.Path, ID: it.ID, Type: it.Type, Format: it.Format, Language: it.Language,
		ModifiedAt: it.ModifiedAt, Git: it.Git, Local: it.local(),
		SHA256: sumOf(content), Size: int64(len(content)), ExportedAt: begin, Users: x.users[it.Path]}
	if b := it.beside; b != nil {
		t.entry.Kind, t.entry.Ref, t.entry.URL, t.entry.Users = b.Kind, b.Ref, b.URL, b.Users
	}
	if old := it.old; old != nil && old.SHA256 == t.entry.SHA256 && old.Local == t.entry.Local {
		t.entry.WrittenAt = old.WrittenAt
		if s, err := x.dir.state(&t.entry); err == nil && s == untouched {
			if it.beside != nil { // asked for each time
				t.entry.ExportedAt = old.ExportedAt
			}
			return
		}
		t.entry.WrittenAt = 0
	}
	t.temp, t.entry.WrittenAt, t.err = x.dir.temp(content)
}

// write puts what was fetched in its place, after telling so in the log.
func (f *folder) write(batch []*task) {
	var told []Entry
	var ready []*task
	for _, t := range batch {
		f.x.Counts.Done.Add(1)
		switch {
		case t.err != nil:
			f.lost(t, t.err)
		case t.temp == "":
			f.x.Counts.Same.Add(1)
			f.now = append(f.now, t.entry)
			f.superseded(t)
		case f.mayWrite(t):
			told = append(told, t.entry)
			ready = append(ready, t)
		default:
			_ = f.x.dir.root.Remove(t.temp)
		}
	}
	if len(ready) == 0 {
		return
	}
	if err := f.log.add(told); err != nil {
		for _, t := range ready {
			f.lost(t, err)
		}
		return
	}
	for _, t := range ready {
		if err := f.x.dir.root.Rename(t.temp, t.entry.Local); err != nil {
			f.lost(t, reason(err))
			continue
		}
		f.wrote[path.Dir(t.entry.Local)] = true
		f.x.Counts.Written.Add(1)
		f.now = append(f.now, t.entry)
		f.superseded(t)
	}
}

// skip notes that no copy is made of an object.
func (f *folder) skip(o *workspace.Object, why string) {
	f.x.Counts.Skipped.Add(1)
	f.now = append(f.now, Entry{Path: o.Path, ID: o.ID, Type: o.Type, Git: o.Git, ModifiedAt: o.ModifiedAt, Skipped: why})
}

// lost notes that an object could not be exported. Its copy, if there is one,
// stays.
func (f *folder) lost(t *task, err error) {
	if t.temp != "" {
		_ = f.x.dir.root.Remove(t.temp)
	}
	if errors.Is(err, context.Canceled) {
		f.leave([]*task{t})
		return
	}
	it := t.item
	if errors.Is(err, workspace.ErrTooLarge) && it.Type == sdk.ObjectTypeFile && !format.IsCode(it.Path) {
		f.skip(&it.Object, workspace.Reason(err))
		if it.old != nil {
			f.drop(it.old, "changed here; in the workspace it is too large to be exported now")
		}
		return
	}
	e := Entry{Path: it.Path, ID: it.ID, Type: it.Type, Git: it.Git}
	if it.beside != nil {
		e = it.beside.Entry
	}
	if it.old != nil {
		e = *it.old
	}
	e.Error = workspace.Reason(err)
	f.x.failed(it.Path, e.Local, err)
	f.now = append(f.now, e)
}

// mayWrite reports whether a copy may be put in its place: nothing is there, or
// the bytes that were exported last. Anything else is somebody's work; with
// Force it is moved aside.
func (f *folder) mayWrite(t *task) bool {
	d, local := f.x.dir, t.entry.Local
	if err := d.makeFolder(path.Dir(local)); err != nil {
		f.lost(t, err)
		return false
	}
	before := Entry{Local: local}
	if old := f.byLocal[local]; old != nil {
		before = *old
	}
	s, err := d.state(&before)
	if err == nil && s == touched {
		// Somebody may have made the same change here as in the workspace.
		if same, e := d.state(&t.entry); e == nil && same == untouched {
			return true
		}
	}
	switch {
	case err != nil:
		f.lost(t, err)
	case s != touched:
		return true
	case f.x.Force:
		if err := f.x.moveAside(local); err != nil {
			f.lost(t, err)
			return false
		}
		return true
	default:
		f.conflict(t)
	}
	return false
}

// conflict keeps a copy that was changed here. It is an error only if the
// workspace has something newer.
func (f *folder) conflict(t *task) {
	e := t.entry
	why := "something else is in its place, which this export has not written; move it away, or run again with --force"
	old := f.byLocal[e.Local]
	if old != nil && old.Path == e.Path && old.SHA256 == e.SHA256 && old.Error == "" {
		// It was fetched because the service does not tell for sure when it was modified.
		e.WrittenAt = 0
		f.keep(&e, "changed here; the workspace has what was exported")
		f.now = append(f.now, e)
		return
	}
	if old != nil && old.Path == e.Path {
		e = *old
		why = "changed here and in the workspace; it is left as it is here: move it away, or run again with --force, to get what the workspace has"
		f.keep(&e, "changed here and in the workspace")
	} else {
		e.Local, e.SHA256, e.Size, e.WrittenAt = "", "", 0, 0
	}
	e.Error = why
	f.x.failed(e.Path, t.entry.Local, errors.New(why))
	f.now = append(f.now, e)
}

// superseded removes the copy that an object had under another suffix.
func (f *folder) superseded(t *task) {
	if old := t.item.old; old != nil && old.Local != t.entry.Local {
		f.drop(old, "changed here; in the workspace its format or language is another one now, so that its copy is "+t.entry.Local)
	}
}

// finish writes the listing.
func (f *folder) finish() error {
	for local := range f.wrote {
		if err := f.x.dir.sync(local); err != nil {
			return err
		}
	}
	l := listing{Folder: f.at.path, Local: f.at.local, entries: f.now}
	if err := l.write(f.x.dir); err != nil {
		return err
	}
	return f.log.done()
}
