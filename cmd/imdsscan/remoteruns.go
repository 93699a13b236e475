package main

import (
	"context"
	"path"
	"strings"
	"sync"

	sdk "github.com/databricks/databricks-sdk-go/service/workspace"

	"github.com/imdsscan/imdsscan/notebooks/runs"
	"github.com/imdsscan/imdsscan/workspace"
)

// run reads the notebooks that those which were read run, directly or not, and
// that were forgotten or are outside of the targets: what they define matters
// to the others. They are looked at, and not reported.
func (r *remote) run(ctx context.Context, s *scanner, all []*scanned) []*scanned {
	known := map[string]bool{}
	for _, sc := range all {
		known[sc.name] = true
	}
	var out []*scanned
	for next := all; len(next) > 0 && ctx.Err() == nil; {
		next = r.readAll(ctx, unknown(next, known))
		out = append(out, next...)
	}
	return out
}

// unknown are the paths of the notebooks that files run and nobody has looked
// for yet; from now on they are known.
func unknown(files []*scanned, known map[string]bool) []string {
	var out []string
	for _, sc := range files {
		if !sc.runs || sc.err != nil || sc.in != nil {
			continue
		}
		doc, err := sc.open()
		if err != nil {
			continue
		}
		for _, c := range runs.Of(doc) {
			for _, name := range c.Names {
				at := strings.TrimPrefix(path.Clean(strings.TrimPrefix(name, "/Workspace")), workspace.Scheme)
				if !strings.HasPrefix(name, "/") {
					at = path.Join(path.Dir(sc.object.Path), name)
				}
				if strings.HasPrefix(at, "/") && !known[workspace.Scheme+at] {
					known[workspace.Scheme+at] = true
					out = append(out, at)
				}
			}
		}
	}
	return out
}

// readAll reads the notebooks at the paths; what is none is left out.
func (r *remote) readAll(ctx context.Context, paths []string) []*scanned {
	got := make([]*scanned, len(paths))
	turn := make(chan int)
	var wg sync.WaitGroup
	for range min(readers, len(paths)) {
		wg.Go(func() {
			for i := range turn {
				got[i] = r.notebook(ctx, paths[i])
			}
		})
	}
	for i := range paths {
		turn <- i
	}
	close(turn)
	wg.Wait()
	var out []*scanned
	for _, sc := range got {
		if sc != nil {
			out = append(out, sc)
		}
	}
	return out
}

// notebook reads the notebook at a path, nil where there is none: the scan then
// says that what it defines is not known.
func (r *remote) notebook(ctx context.Context, at string) *scanned {
	o, err := r.client.Stat(ctx, at)
	if err != nil || o.Type != sdk.ObjectTypeNotebook {
		return nil
	}
	content, err := r.client.Read(ctx, o)
	if err != nil {
		return nil
	}
	in, err := r.keep(o, content)
	if err != nil {
		return nil
	}
	return &scanned{input: *in, done: true, runs: mayRun(content)}
}
