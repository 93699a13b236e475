package main

import (
	"context"
	"fmt"
	"io"
	"path"
	"path/filepath"
	"strconv"
	"strings"

	sdk "github.com/databricks/databricks-sdk-go/service/workspace"

	"github.com/imdsscan/imdsscan/notebooks/format"
	"github.com/imdsscan/imdsscan/report/result"
	"github.com/imdsscan/imdsscan/workspace"
	"github.com/imdsscan/imdsscan/workspace/mirror"
)

// mirrors scans the targets that are in mirrors of workspaces, and returns the
// others.
func (f *found) mirrors(ctx context.Context, o *options, scan func(input)) (others []string) {
	for _, t := range o.targets {
		if m, _, err := mirror.Find(t); m == nil && err == nil {
			others = append(others, t)
			continue
		} else if m != nil {
			_ = m.Close()
		}
		f.mirror(ctx, o, t, scan)
	}
	return others
}

// mirror scans what is in a mirror, or in a part of one. Copies are reported by
// the paths of what they are copies of; what is not there to be scanned, though
// the workspace has it, is an error.
func (f *found) mirror(ctx context.Context, o *options, target string, scan func(input)) {
	m, inside, err := mirror.Find(target)
	if err != nil || m == nil {
		f.failed = append(f.failed, fileError(reported(target), fmt.Errorf("the mirror of a workspace cannot be read: %w", err)))
		return
	}
	defer m.Close()
	if f.first == "" {
		f.first, f.copies = m.Dir, map[string]bool{}
	}
	if m.Finished.IsZero() {
		f.fail(reported(target), fmt.Sprintf("what is there is not all: the export has not finished; run imdsscan export %s%s again", workspace.Scheme, m.Root))
	}
	above := inside + "/"
	if inside == "." {
		above = ""
	}
	// The walk's own error is the context's, which the caller looks at.
	_ = m.Walk(ctx, inside, func(w mirror.Met) error {
		at := target
		if w.Local != inside {
			at = filepath.Join(target, filepath.FromSlash(strings.TrimPrefix(w.Local, above)))
		}
		if key := m.Dir + "\x00" + w.Local; w.Local != "" && !w.Missing {
			if f.copies[key] {
				return nil
			}
			f.copies[key] = true
		}
		e := w.Entry
		switch {
		case w.Err != nil:
			f.fail(reported(at), w.Err.Error())
		case w.Missing && e.Skipped != "":
			f.skipped = append(f.skipped, result.FileError{Path: e.Name(), Reason: e.Skipped})
		case w.Missing && e.Gone:
		case w.Missing && e.Error != "":
			f.fail(e.Name(), "not exported, or not as it is now: "+e.Error)
		case w.Missing:
			f.fail(e.Name(), "its copy "+reported(at)+" is not there; run the export again")
		case e == nil || e.Gone:
			f.scan(o, input{name: reported(at), path: at, root: target}, scan)
		default:
			f.scan(o, copied(m, e, at, target, m.Dir == f.first), scan)
		}
		return nil
	})
}

func (f *found) fail(name, why string) {
	f.failed = append(f.failed, result.FileError{Path: name, Reason: why})
}

// copied is the copy of an object. Of several mirrors, only one can have the
// names of the workspace.
func copied(m *mirror.Mirror, e *mirror.Entry, at, root string, named bool) input {
	o := workspace.Object{Path: e.Path, Type: e.Type, Format: e.Format, Language: e.Language}
	kind := "file"
	switch {
	case e.Type == sdk.ObjectTypeNotebook:
		kind = "notebook"
	case len(e.Users) > 0:
		kind = "init script"
	}
	if e.Kind != "" {
		in := input{name: reported(at), as: definitionName(e), path: at, root: root,
			object: &result.Object{Kind: e.Kind, ID: e.Ref, URL: e.URL, Users: e.Users, Local: reported(at)}}
		if named {
			in.name = e.Name()
		}
		return in
	}
	in := input{name: reported(at), path: at, root: root, object: &result.Object{Kind: kind, Path: e.Path, ID: strconv.FormatInt(e.ID, 10),
		Format: string(e.Format), Language: string(e.Language), URL: workspace.URL(m.Host, e.Path), Git: e.Git, Users: e.Users, Local: reported(at)}}
	if named {
		in.name, in.as = o.Name(), path.Dir(e.Path)+"/"+o.FileName()
	}
	return in
}

// definitionName is the name that decides what something is that stands in no
// folder of the workspace.
func definitionName(e *mirror.Entry) string {
	switch base := path.Base(e.Local); {
	case e.Kind == "file":
		return "requirements.txt"
	case e.Kind != "init script":
		return e.Kind + format.Definition
	case path.Ext(base) == "":
		return base + ".sh"
	default:
		return base
	}
}

// tellOfMirror says what a fix of copies does not do.
func tellOfMirror(o *options, run *result.Run, w io.Writer) {
	n := 0
	for i := range run.Files {
		if f := &run.Files[i]; f.Fixed != nil && f.Object != nil && f.Object.Local != "" {
			n++
		}
	}
	if n > 0 && o.fix && !o.quiet {
		fmt.Fprintf(w, "imdsscan: %d changed: copies of a workspace's objects, on this machine only; imdsscan plan workspace:/… and imdsscan apply change the workspace\n", n)
	}
}
