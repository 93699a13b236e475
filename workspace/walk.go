package workspace

import (
	"context"
	"errors"
	"net/http"
	"slices"
	"strings"
	"sync"

	sdk "github.com/databricks/databricks-sdk-go/service/workspace"
)

// Lists is how many folders Walk lists at the same time.
const Lists = 8

// Entry is what a walk met.
type Entry struct {
	Object
	// Err is why what the object names could not be looked at: a folder that
	// could not be listed, a target that is not there.
	Err error
	// Skip is why there is nothing to read in the object, empty for notebooks,
	// files and folders.
	Skip string
}

// IsFolder reports whether the object has others below it.
func (o *Object) IsFolder() bool {
	return o.Type == sdk.ObjectTypeDirectory || o.Type == sdk.ObjectTypeRepo
}

// Walk visits the objects at and below the paths, folders too, each once. It
// lists several folders at a time and calls visit for one object at a time, in
// an order that is not fixed. A place that cannot be listed is visited with its
// error, and the rest is done. Beside the folder names still to be listed it
// holds nothing; while visit does not return, it waits. The error is the one
// that visit returned, or the context's.
func (c *Client) Walk(ctx context.Context, paths []string, visit func(Entry) error) error {
	w := &walk{c: c, visit: visit, ctx: ctx}
	w.wake = sync.NewCond(&w.mu)
	for _, p := range outermost(paths) {
		if err := w.target(p); err != nil {
			return err
		}
	}
	stop := context.AfterFunc(ctx, func() { w.end(context.Cause(ctx)) })
	defer stop()
	var wg sync.WaitGroup
	for range Lists {
		wg.Go(w.work)
	}
	wg.Wait()
	return w.failed
}

// outermost are the paths that are not below another one.
func outermost(paths []string) []string {
	var out []string
	for i, p := range paths {
		below := func(j int, q string) bool {
			return p == q && j < i || p != q && (q == "/" || strings.HasPrefix(p, q+"/"))
		}
		inside := false
		for j, q := range paths {
			inside = inside || below(j, q)
		}
		if !inside {
			out = append(out, p)
		}
	}
	return out
}

type walk struct {
	c     *Client
	ctx   context.Context
	visit func(Entry) error
	// visiting is held while visit runs.
	visiting sync.Mutex

	mu      sync.Mutex
	wake    *sync.Cond
	waiting []folder // to be listed, the last one first
	busy    int
	failed  error
}

type folder struct{ path, git string }

// target begins at a path that the user gave.
func (w *walk) target(p string) error {
	if p == "/" {
		w.waiting = append(w.waiting, folder{path: p})
		return nil
	}
	o, err := w.c.Stat(w.ctx, p)
	if err != nil {
		if w.ctx.Err() != nil {
			return context.Cause(w.ctx)
		}
		return w.visit(Entry{Object: Object{Path: p}, Err: err})
	}
	if o.Git == "" {
		o.Git = w.c.GitAbove(w.ctx, p)
	}
	if err := w.visit(Entry{Object: *o, Skip: skip(o)}); err != nil {
		return err
	}
	if o.IsFolder() {
		w.waiting = append(w.waiting, folder{o.Path, o.Git})
	}
	return nil
}

// work lists folders until there is none left.
func (w *walk) work() {
	for {
		f, ok := w.next()
		if !ok {
			return
		}
		entries := w.c.List(w.ctx, f.path, f.git)
		var below []folder
		w.visiting.Lock()
		for i := range entries {
			e := &entries[i]
			if w.stopped() {
				break
			}
			if err := w.visit(*e); err != nil {
				w.end(err)
				break
			}
			if e.IsFolder() && e.Err == nil {
				below = append(below, folder{e.Path, e.Git})
			}
		}
		w.visiting.Unlock()
		w.done(below)
	}
}

func (w *walk) next() (folder, bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	for len(w.waiting) == 0 && w.busy > 0 && w.failed == nil {
		w.wake.Wait()
	}
	if len(w.waiting) == 0 || w.failed != nil {
		return folder{}, false
	}
	f := w.waiting[len(w.waiting)-1]
	w.waiting = w.waiting[:len(w.waiting)-1]
	w.busy++
	return f, true
}

func (w *walk) done(below []folder) {
	w.mu.Lock()
	defer w.mu.Unlock()
	slices.Reverse(below)
	w.waiting = append(w.waiting, below...)
	w.busy--
	w.wake.Broadcast()
}

func (w *walk) stopped() bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.failed != nil
}

func (w *walk) end(err error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.failed == nil {
		w.failed = err
	}
	w.wake.Broadcast()
}

var errOutside = errors.New("the service lists it in a folder that it is not in; it is left alone")

// List are the objects in a folder, by their names, or the folder alone with
// the error. git is the root of the Git folder that it is in.
func (c *Client) List(ctx context.Context, folder, git string) []Entry {
	var answer struct {
		Objects []status `json:"objects"`
	}
	err := c.Do(ctx, http.MethodGet, "/api/2.0/workspace/list", listRequest{folder}, &answer)
	if err != nil {
		if ctx.Err() != nil {
			return nil
		}
		return []Entry{{Object: Object{Path: folder, Type: sdk.ObjectTypeDirectory, Git: git}, Err: c.Explain(Scheme+folder, err)}}
	}
	out := make([]Entry, 0, len(answer.Objects))
	for i := range answer.Objects {
		o := answer.Objects[i].object()
		if o.Git == "" {
			o.Git = git
		}
		e := Entry{Object: *o, Skip: skip(o)}
		if name, ok := strings.CutPrefix(o.Path, strings.TrimSuffix(folder, "/")+"/"); !ok || name == "" || strings.Contains(name, "/") {
			e.Err = &Error{Object: o.Name(), Reason: errOutside.Error(), err: errOutside}
		}
		out = append(out, e)
	}
	slices.SortStableFunc(out, func(a, b Entry) int { return strings.Compare(a.Path, b.Path) })
	return out
}

type listRequest struct {
	Path string `url:"path"`
}

// skip is why an object is not read.
func skip(o *Object) string {
	switch o.Type {
	case sdk.ObjectTypeDirectory, sdk.ObjectTypeRepo, sdk.ObjectTypeNotebook, sdk.ObjectTypeFile:
		return ""
	case sdk.ObjectTypeDashboard:
		return "a dashboard: not analysed, it runs queries on a SQL warehouse"
	case sdk.ObjectTypeLibrary:
		return "a library of the workspace: not analysed, the service does not hand it out"
	case "MLFLOW_EXPERIMENT":
		return "an MLflow experiment: it holds no code"
	case "":
		return "the service does not say what it is: not analysed"
	}
	return "an object of the kind " + string(o.Type) + ": not analysed"
}

// GitAbove is the Git folder that a path is in. Where a folder above may not be
// looked at, the name decides: what is in a folder of /Repos is a repository.
func (c *Client) GitAbove(ctx context.Context, p string) string {
	if parts := strings.Split(p, "/"); len(parts) > 3 && parts[1] == "Repos" {
		return strings.Join(parts[:4], "/")
	}
	for at := strings.LastIndex(p, "/"); at > 0; at = strings.LastIndex(p[:at], "/") {
		if o, err := c.Stat(ctx, p[:at]); err == nil && o.Git != "" {
			return o.Git
		}
	}
	return ""
}
