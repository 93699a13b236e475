package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"path"
	"slices"
	"strconv"
	"strings"
	"sync"

	sdk "github.com/databricks/databricks-sdk-go/service/workspace"

	"github.com/imdsscan/imdsscan/notebooks/archive"
	"github.com/imdsscan/imdsscan/notebooks/format"
	"github.com/imdsscan/imdsscan/report/result"
	"github.com/imdsscan/imdsscan/workspace"
	"github.com/imdsscan/imdsscan/workspace/inventory"
)

// readers is how many objects of a workspace are read at the same time: enough
// for the rate that the platform allows at a quarter of a second an answer.
const readers = 16

// listedAhead is how many objects are listed before they are read, so that a
// person soon knows how many there are; more would take memory.
const listedAhead = 4096

// remote are the targets in a workspace.
type remote struct {
	client *workspace.Client
	paths  []string
	spool  *spool
	// compute: what is configured is read too. users: at least what runs which
	// init script, because something is to be written.
	compute, users bool
	// What inventory has read.
	readOnce sync.Once
	inv      *inventory.Inventory
	invErr   error
	// missing are init scripts in the workspace that are not there.
	missing []result.FileError
}

// isRemote reports whether a target is in a workspace.
func isRemote(target string) bool { return strings.HasPrefix(target, workspace.Scheme) }

// openRemote connects to the workspace that the targets are in.
func openRemote(ctx context.Context, o *options, stderr io.Writer) (*remote, error) {
	client, err := connectTo(ctx, o.profile)
	if err != nil {
		return nil, err
	}
	if !client.IsAWS() {
		fmt.Fprintf(stderr, "imdsscan: %s is not on AWS: the service that this is about is another one there\n", client.Host())
	}
	return newRemote(client, o)
}

// newRemote are the targets in the workspace that is connected to.
func newRemote(client *workspace.Client, o *options) (*remote, error) {
	r := &remote{client: client}
	for _, t := range o.targets {
		p, err := workspace.Clean(t)
		if err != nil {
			return nil, err
		}
		r.paths = append(r.paths, p)
	}
	r.compute = slices.Contains(r.paths, "/") && !o.noCompute
	r.users = o.fix || o.plan
	var err error
	r.spool, err = newSpool()
	return r, err
}

// inventory is what is configured in the workspace, read once. The error is the
// context's.
func (r *remote) inventory(ctx context.Context) (*inventory.Inventory, error) {
	r.readOnce.Do(func() { r.inv, r.invErr = inventory.Read(ctx, r.client) })
	return r.inv, r.invErr
}

// scope is what a run with these options covers.
func (r *remote) scope(o *options) *result.Scope {
	s := &result.Scope{Workspace: r.client.Host(), Compute: r.compute, Rules: o.selected, Without: o.ignored}
	s.User = r.client.User()
	for _, p := range r.paths {
		s.Targets = append(s.Targets, workspace.Scheme+p)
	}
	return s
}

func (r *remote) close() { r.spool.remove() }

// fetched is an object of the workspace, read or not.
type fetched struct {
	in              *input // nil when nothing in it can matter
	size            int
	failed, skipped *result.FileError
	// out is set when the workspace does not let the user in any more.
	out bool
}

// failedFetch is an object that could not be read.
func failedFetch(name string, err error) fetched {
	return fetched{failed: &result.FileError{Path: name, Reason: workspace.Reason(err)}, out: errors.Is(err, workspace.ErrUnauthenticated)}
}

// each reads the objects of the targets, several at a time, and hands out those
// that can matter. What cannot is forgotten at once.
func (r *remote) each(ctx context.Context, s *scanner, scan func(input)) found {
	f := found{}
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	entries := make(chan workspace.Entry, listedAhead)
	out := make(chan fetched, readers)
	go func() {
		defer close(entries)
		// The walk's own error is the context's, which the caller looks at.
		err := r.client.Walk(ctx, r.paths, func(e workspace.Entry) error {
			if e.IsFolder() && e.Err == nil {
				return nil
			}
			s.progress.listed.Add(1)
			select {
			case entries <- e:
				return nil
			case <-ctx.Done():
				return ctx.Err()
			}
		})
		s.progress.allListed.Store(err == nil)
	}()
	var wg sync.WaitGroup
	for range readers {
		wg.Go(func() {
			for e := range entries {
				got := r.fetch(ctx, s, &e)
				if ctx.Err() == nil || got.failed == nil { // what was read is told, though nothing further is
					s.progress.read.Add(1)
					out <- got
				}
			}
		})
	}
	conf := configured{all: r.compute}
	if r.compute || r.users {
		wg.Go(func() { conf.read(ctx, r, s, out) })
	}
	go func() { wg.Wait(); close(out) }()
	kept := map[string]*result.Object{}
	skipped := skips{n: map[string]int{}}
	for got := range out {
		switch {
		case got.out && ctx.Err() != nil: // said already
		case got.out:
			stop() // everything else would fail the same way
			f.failed = append(f.failed, result.FileError{Path: got.failed.Path, Reason: got.failed.Reason + "; nothing further was read"})
		case got.failed != nil:
			f.failed = append(f.failed, *got.failed)
		case got.skipped != nil:
			skipped.add(*got.skipped)
		case got.in == nil:
			f.files++
			f.bytes += int64(got.size)
		default:
			if o := got.in.object; o.Kind == "file" {
				kept[o.Path] = o
			}
			f.scan(s.o, *got.in, scan)
		}
	}
	var failed []result.FileError
	r.missing, failed = conf.missing(ctx, r, kept)
	f.failed = append(f.failed, failed...)
	for _, e := range r.missing {
		skipped.add(e)
	}
	f.skipped = append(f.skipped, skipped.list()...)
	return f
}

// fetch reads an object and keeps it where it can matter.
func (r *remote) fetch(ctx context.Context, s *scanner, e *workspace.Entry) fetched {
	o := &e.Object
	why := e.Skip
	if why == "" && e.Err == nil {
		why = o.Data()
	}
	switch {
	case e.Err != nil:
		return failedFetch(o.Name(), e.Err)
	case why != "":
		return fetched{skipped: &result.FileError{Path: o.Name(), Reason: why}}
	}
	content, err := r.client.Read(ctx, o)
	if errors.Is(err, workspace.ErrTooLarge) && o.Type == sdk.ObjectTypeFile && !format.IsCode(o.Path) {
		return fetched{skipped: &result.FileError{Path: o.Name(), Reason: "not read: " + workspace.Reason(err)}}
	}
	if err != nil {
		return failedFetch(o.Name(), err)
	}
	if isArchive := o.Type == sdk.ObjectTypeFile && archive.Is(o.Path); !isArchive && !s.wide.Match(content) {
		return fetched{size: len(content)}
	}
	in, err := r.keep(o, content)
	if err != nil {
		return fetched{failed: &result.FileError{Path: o.Name(), Reason: err.Error()}}
	}
	return fetched{in: in}
}

// keep puts the content of an object where the scan reads it.
func (r *remote) keep(o *workspace.Object, content []byte) (*input, error) {
	at, err := r.spool.put(content)
	if err != nil {
		return nil, err
	}
	as := path.Dir(o.Path) + "/" + o.FileName()
	return &input{name: o.Name(), as: as, path: at, root: at, object: r.describe(o)}, nil
}

// describe is the object as reports show it.
func (r *remote) describe(o *workspace.Object) *result.Object {
	kind := "file"
	if o.Type == sdk.ObjectTypeNotebook {
		kind = "notebook"
	}
	return &result.Object{Kind: kind, Path: o.Path, ID: strconv.FormatInt(o.ID, 10), Format: string(o.Format), Language: string(o.Language),
		URL: r.client.URL(o.Path), Git: o.Git}
}

// skips are the objects that are left alone: of a kind of them, as many as
// anybody reads by name, and how many more there are.
type skips struct {
	named []result.FileError
	n     map[string]int
}

const maxSkipped = 1000

func (s *skips) add(e result.FileError) {
	if s.n[e.Reason]++; s.n[e.Reason] <= maxSkipped {
		s.named = append(s.named, e)
	}
}

func (s *skips) list() []result.FileError {
	out := s.named
	for _, why := range slices.Sorted(maps.Keys(s.n)) {
		if n := s.n[why]; n > maxSkipped {
			out = append(out, result.FileError{Path: workspace.Scheme + "/", Reason: fmt.Sprintf("%d more: %s", n-maxSkipped, why)})
		}
	}
	return out
}
