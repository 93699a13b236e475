package main

import (
	"context"
	"errors"
	"fmt"
	"path"
	"strings"
	"sync"

	"github.com/imdsscan/imdsscan/notebooks/format"
	"github.com/imdsscan/imdsscan/report/result"
	"github.com/imdsscan/imdsscan/workspace"
	"github.com/imdsscan/imdsscan/workspace/inventory"
)

// configured is what is configured in the workspace beside its tree.
type configured struct {
	// all: definitions and scripts outside of the tree are read, not only which
	// files of the tree are init scripts.
	all bool
	// scripts are the init scripts in the tree.
	scripts []inventory.Use
}

// aside names what stands in no folder of the workspace.
func aside(name string) string { return workspace.Scheme + " " + name }

// read hands out the definitions of what is configured, and the init scripts
// that lie outside of the tree.
func (c *configured) read(ctx context.Context, r *remote, s *scanner, out chan<- fetched) {
	inv, err := r.inventory(ctx)
	if err != nil {
		return // the context's
	}
	give := func(f fetched) {
		if ctx.Err() == nil {
			s.progress.listed.Add(1)
			s.progress.read.Add(1)
			out <- f
		}
	}
	for _, g := range inv.Gaps {
		give(fetched{failed: &result.FileError{Path: aside(g.What), Reason: g.Reason}})
	}
	if !c.all {
		for _, u := range inv.Scripts() {
			if u.Storage == inventory.Workspace {
				c.scripts = append(c.scripts, u)
			}
		}
		return
	}
	for d := range inv.Definitions() {
		o := &result.Object{Kind: d.Kind, ID: d.ID, URL: d.URL}
		give(r.aside(s, aside(d.Name), d.Kind+format.Definition, d.JSON, o))
	}
	for _, u := range inv.Images() {
		give(notRead(&u, "container image", "what it brings is not analysed"))
	}
	var fetch []inventory.Use
	for _, u := range inv.Scripts() {
		switch {
		case u.Storage == inventory.Workspace:
			c.scripts = append(c.scripts, u)
		case !u.Readable():
			give(notRead(&u, "init script", "not analysed: it lies in "+string(u.Storage)))
		default:
			fetch = append(fetch, u)
		}
	}
	for _, u := range inv.Files() {
		switch list := strings.HasSuffix(u.Path, ".txt"); {
		case u.Storage == inventory.Workspace: // in the tree
		case list && u.Readable():
			fetch = append(fetch, u)
		default:
			give(notRead(&u, "library", "what is in it is not analysed"))
		}
	}
	turn := make(chan *inventory.Use)
	var wg sync.WaitGroup
	for range min(readers, len(fetch)) {
		wg.Go(func() {
			for u := range turn {
				give(r.used(ctx, s, u))
			}
		})
	}
	for i := range fetch {
		turn <- &fetch[i]
	}
	close(turn)
	wg.Wait()
}

// used reads a script, or a list of requirements, that lies outside of the tree.
func (r *remote) used(ctx context.Context, s *scanner, u *inventory.Use) fetched {
	kind, as := "init script", path.Base(u.Path)
	if strings.HasSuffix(u.Path, ".txt") && u.Storage != inventory.Global {
		kind, as = "file", "requirements.txt"
	} else if path.Ext(as) == "" || u.Storage == inventory.Global {
		as += ".sh"
	}
	name, at := aside(kind+" "+u.Path), u.Path
	if u.Storage == inventory.Global {
		at = "" // it lies nowhere
		name = aside("global init script " + strings.Join(strings.Fields(u.Path), " ") + " (" + u.ID + ")")
	}
	content, err := inventory.Content(ctx, r.client, u)
	if err != nil {
		return fetched{failed: &result.FileError{Path: name, Reason: workspace.Reason(err) + usedBy(u)}}
	}
	return r.aside(s, name, as, content, &result.Object{Kind: kind, Path: at, ID: u.ID, Users: u.Users})
}

// aside keeps text that stands in no folder where it can matter.
func (r *remote) aside(s *scanner, name, as string, content []byte, o *result.Object) fetched {
	if !s.wide.Match(content) {
		return fetched{size: len(content)}
	}
	at, err := r.spool.put(content)
	if err != nil {
		return fetched{failed: &result.FileError{Path: name, Reason: err.Error()}}
	}
	return fetched{in: &input{name: name, as: as, path: at, root: at, object: o}}
}

func notRead(u *inventory.Use, what, why string) fetched {
	return fetched{skipped: &result.FileError{Path: aside(what + " " + u.Path), Reason: why + usedBy(u)}}
}

func usedBy(u *inventory.Use) string {
	const most = 3
	if len(u.Users) > most {
		return fmt.Sprintf("; used by %s and %d more", strings.Join(u.Users[:most], ", "), len(u.Users)-most)
	}
	return "; used by " + strings.Join(u.Users, ", ")
}

// missing tells the init scripts of the tree what runs them, and reports those
// that are not there, and those of which that could not be told.
func (c *configured) missing(ctx context.Context, r *remote, kept map[string]*result.Object) (out, failed []result.FileError) {
	for i := range c.scripts {
		u := &c.scripts[i]
		if o := kept[u.Path]; o != nil {
			o.Kind, o.Users = "init script", u.Users
			continue
		}
		if !c.all {
			continue // the target is elsewhere
		}
		_, err := r.client.Stat(ctx, u.Path)
		switch e := (result.FileError{Path: workspace.Scheme + u.Path}); {
		case err == nil || ctx.Err() != nil:
		case errors.Is(err, workspace.ErrNotFound):
			e.Reason = "an init script that could not be looked at: " + workspace.Reason(err) + usedBy(u)
			out = append(out, e)
		default:
			e.Reason = "an init script: " + workspace.Reason(err) + usedBy(u)
			failed = append(failed, e)
		}
	}
	return out, failed
}
