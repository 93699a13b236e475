package mirror

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/imdsscan/imdsscan/workspace"
	"github.com/imdsscan/imdsscan/workspace/lock"
)

// Options say what is exported, and how.
type Options struct {
	// Client reads the workspace; Root is the path of a folder or object in it.
	Client *workspace.Client
	Root   string
	// Dir is the local folder, Tool who writes it.
	Dir, Tool string
	// Jobs is the number of requests at the same time.
	Jobs int
	// Force replaces copies that were changed here, which are moved aside.
	Force bool
	// All fetches what the service says has not changed, too.
	All bool
	// Counts are kept up to date while the export runs.
	Counts *Counts
}

// Counts are the sums of an export, so far.
type Counts struct {
	// Listed are the objects met, Done those of which the copy is right or
	// nothing more can be done; the sums that follow are parts of it.
	Listed, Done atomic.Int64
	// Written are the copies that are new or changed, Same those that were right
	// already, Removed those of objects that are gone. Skipped objects hold
	// nothing to export.
	Written, Same, Removed, Skipped atomic.Int64
	Folders, Bytes                  atomic.Int64
	// Unlisted are folders of which it is not known what they hold.
	Unlisted atomic.Int64
}

// Note is something about an object that the user has to know.
type Note struct {
	// Path is the object's, with the scheme; Local its copy, empty when there
	// is none.
	Path, Local string
	Reason      string
}

// Result is what an export has left to say.
type Result struct {
	// Failed could not be read or written; Kept are copies that were changed
	// here and left as they are.
	Failed, Kept []Note
	// Aside is where --force has moved changed copies, empty when there were
	// none.
	Aside string
	// Interrupted: the context ended before everything was done.
	Interrupted bool
	// Resumed: the export went on with one that had not been finished.
	Resumed bool
}

// ErrOther: the folder is a mirror of something else.
var ErrOther = errors.New("it is a mirror of something else")

const (
	// settle is how much older than its export a modification must be for the
	// service's time of it to tell that nothing came after.
	settle = 10 * time.Second
	// resumable is how long what an unfinished export has fetched counts as
	// fetched by the next one, where the service does not tell of changes.
	resumable = time.Hour
	// grace is how long requests that are under way may take after the user
	// has asked to stop.
	grace = 10 * time.Second
)

// export is one run.
type export struct {
	Options
	dir  *dir
	head Head
	// since is from when on copies count as fetched by this export.
	since time.Time

	// stop is the user's wish to end, work that of the requests.
	stop, work context.Context
	slots      chan struct{}
	tasks      chan *task

	// users are what runs the init scripts in the workspace's tree.
	users map[string][]string

	mu      sync.Mutex
	wake    *sync.Cond
	waiting []place // folders to be exported, the last one first
	busy    int
	result  Result
	aside   string
}

// place is a folder of the workspace with its local name. When a single object
// is exported, only is that one.
type place struct {
	path, git, local string
	only             *workspace.Object
	// beside is what a folder of the mirror holds that is none of the workspace;
	// nil for a folder of it. partial: there may be more.
	beside  []beside
	partial bool
}

// Export brings a mirror up to date. The error is why there was nothing to
// export, or nowhere to put it; what happened to single objects is in the
// result.
func Export(ctx context.Context, o Options) (*Result, error) {
	// First of all: a path that is not there leaves no trace here.
	root, err := rootOf(ctx, o)
	if err != nil {
		return nil, err
	}
	d, err := openDir(o.Dir)
	if err != nil {
		return nil, err
	}
	defer d.close()
	held, err := d.lock()
	if err != nil {
		return nil, err
	}
	defer held.Close()
	if err := d.clean(); err != nil {
		return nil, fmt.Errorf("%s: %w", d.inFolder(tempFolder), err)
	}
	x := &export{Options: o, dir: d, stop: ctx, slots: make(chan struct{}, o.Jobs), tasks: make(chan *task)}
	x.wake = sync.NewCond(&x.mu)
	if err := x.begin(); err != nil {
		return nil, err
	}
	work, cancel := context.WithCancel(context.WithoutCancel(ctx))
	defer cancel()
	defer context.AfterFunc(ctx, func() { time.AfterFunc(grace, cancel) })()
	x.work = work
	x.later([]place{root})
	if o.Root == "/" {
		if err := x.configured(); err != nil && ctx.Err() == nil {
			return nil, err
		}
	}
	return x.run()
}

// lock keeps another export of the folder away.
func (d *dir) lock() (*os.File, error) {
	f, err := d.root.OpenFile(lockFile, os.O_CREATE|os.O_RDWR, fileMode)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", d.inFolder(lockFile), reason(err))
	}
	if err := lock.Take(f); err != nil {
		_ = f.Close()
		if errors.Is(err, lock.ErrHeld) {
			return nil, fmt.Errorf("another export into %s is running; wait for it, or give another folder", d.path)
		}
		return nil, fmt.Errorf("%s cannot be locked: %w", d.inFolder(lockFile), err)
	}
	return f, nil
}

// begin looks at what the folder is a mirror of, and notes what it will be.
func (x *export) begin() error {
	x.head = Head{Version: Version, Host: x.Client.Host(), Root: x.Root, User: x.Client.User(), Tool: x.Tool, Started: time.Now().UTC().Truncate(time.Millisecond)}
	x.since = x.head.Started
	old, err := x.dir.readHead()
	if err != nil {
		return fmt.Errorf("%s: %w", x.Dir, err)
	}
	if old != nil {
		if !strings.EqualFold(old.Host, x.head.Host) || old.Root != x.head.Root {
			return fmt.Errorf("%s: %w, %s%s at %s; give another folder", x.Dir, ErrOther, workspace.Scheme, old.Root, old.Host)
		}
		if old.Finished.IsZero() {
			x.result.Resumed = true
			if age := time.Since(old.Started); age < resumable && age >= 0 {
				x.since, x.head.Started = old.Started, old.Started
			}
		}
	}
	return x.dir.writeHead(&x.head)
}

func (x *export) run() (*Result, error) {
	var fetching, folders sync.WaitGroup
	// More hands than requests: some of them write what others fetch.
	for range 2 * x.Jobs {
		fetching.Go(func() {
			for t := range x.tasks {
				t.run(x)
			}
		})
	}
	defer context.AfterFunc(x.stop, func() {
		x.mu.Lock()
		defer x.mu.Unlock()
		x.wake.Broadcast()
	})()
	for range x.Jobs {
		folders.Go(x.exportFolders)
	}
	folders.Wait()
	close(x.tasks)
	fetching.Wait()
	return x.end()
}

func (x *export) end() (*Result, error) {
	r := &x.result
	r.Interrupted = x.stop.Err() != nil
	for _, notes := range [][]Note{r.Failed, r.Kept} {
		slices.SortFunc(notes, func(a, b Note) int { return strings.Compare(a.Path, b.Path) })
	}
	if x.aside != "" {
		r.Aside = x.dir.inFolder(x.aside)
	}
	x.head.Failed = len(r.Failed)
	if !r.Interrupted {
		x.head.Finished = time.Now().UTC().Truncate(time.Millisecond)
	}
	return r, x.dir.writeHead(&x.head)
}

// rootOf finds out what the root is. A single object is exported as the only one
// of its folder.
func rootOf(ctx context.Context, o Options) (place, error) {
	if o.Root == "/" {
		return place{path: "/", local: "."}, nil
	}
	at, err := o.Client.Stat(ctx, o.Root)
	if err != nil {
		return place{}, err
	}
	if at.Git == "" {
		at.Git = o.Client.GitAbove(ctx, at.Path)
	}
	switch {
	case at.IsFolder():
		return place{path: at.Path, git: at.Git, local: "."}, nil
	}
	return place{path: path.Dir(at.Path), local: ".", only: at}, nil
}

// exportFolders exports folders until there is none left.
func (x *export) exportFolders() {
	for {
		p, ok := x.next()
		if !ok {
			return
		}
		if err := x.folder(p); err != nil {
			x.failed(p.path, p.local, err)
		}
		x.Counts.Folders.Add(1)
		x.finished()
	}
}

func (x *export) next() (place, bool) {
	x.mu.Lock()
	defer x.mu.Unlock()
	for len(x.waiting) == 0 && x.busy > 0 && x.stop.Err() == nil {
		x.wake.Wait()
	}
	if len(x.waiting) == 0 || x.stop.Err() != nil {
		return place{}, false
	}
	p := x.waiting[len(x.waiting)-1]
	x.waiting = x.waiting[:len(x.waiting)-1]
	x.busy++
	return p, true
}

// later adds folders to be exported.
func (x *export) later(below []place) {
	x.mu.Lock()
	defer x.mu.Unlock()
	x.Counts.Unlisted.Add(int64(len(below)))
	slices.Reverse(below)
	x.waiting = append(x.waiting, below...)
	x.wake.Broadcast()
}

func (x *export) finished() {
	x.mu.Lock()
	defer x.mu.Unlock()
	x.busy--
	x.wake.Broadcast()
}

func (x *export) failed(path, local string, err error) {
	x.mu.Lock()
	defer x.mu.Unlock()
	x.result.Failed = append(x.result.Failed, Note{nameOf(path), local, workspace.Reason(err)})
}

func (x *export) kept(e *Entry) {
	x.mu.Lock()
	defer x.mu.Unlock()
	x.result.Kept = append(x.result.Kept, Note{e.Name(), e.Local, e.Kept})
}
