// Package tree finds the files that the targets on a command line stand for:
// files as they are, folders with all below them, without what git ignores.
//
// It reads directories and ignore files only. What a file holds, and whether
// it matters, is for others to say.
package tree

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// Options say what to leave out.
type Options struct {
	// NoIgnore takes files that .gitignore excludes, too.
	NoIgnore bool
}

// Entry is a file to read, or something that is not read and why.
type Entry struct {
	// Path is the target as it was given, joined with the place below it.
	Path string
	// Named: the path is a target itself, not found below one.
	Named bool
	// Skip is why something that stands in a folder is left out, such as a
	// link that leads elsewhere; empty for a file to read.
	Skip string
	// Err is why a folder or target could not be read.
	Err error
	// Mirror: the path is a folder that holds copies of a workspace. What is in
	// it is not walked: its ignore files are the workspace's, and say nothing of
	// the copies.
	Mirror bool
}

// mirrorMark is what tells such a folder from others; docs/mirror.md.
const mirrorMark = ".imdsscan/mirror.json"

// neverEntered are the names of folders that hold no code of the user's own.
var neverEntered = map[string]bool{".git": true, "node_modules": true, ".databricks": true, "__pycache__": true, ".imdsscan": true}

// Walk calls fn for every file of the targets, in their order and by name
// below each. A file that belongs to several targets comes once, where it is
// met first.
//
// Links in a folder are never followed: what they lead to is met under its own
// name when it belongs to a target, and is reported as skipped when it does
// not. A target may itself be a link. Folders that cannot be read are reported
// as entries and do not end the walk; the error is fn's own or the context's.
func Walk(ctx context.Context, targets []string, opt Options, fn func(Entry) error) error {
	w := &walker{ctx: ctx, opt: opt, fn: fn}
	resolved := make([]string, len(targets))
	for i, t := range targets {
		// One that cannot be resolved is reported when its turn comes.
		if real, err := realPath(t); err == nil {
			resolved[i] = real
			w.roots = append(w.roots, real)
		}
	}
	if len(targets) > 1 {
		w.seen = map[string]bool{}
	}
	for i, t := range targets {
		if err := w.target(t, resolved[i]); err != nil {
			return err
		}
	}
	return nil
}

// realPath is where a path leads when all links are followed.
func realPath(path string) (string, error) {
	real, err := filepath.EvalSymlinks(path)
	if err != nil {
		return "", err
	}
	return filepath.Abs(real)
}

type walker struct {
	ctx   context.Context
	opt   Options
	fn    func(Entry) error
	roots []string        // the targets, resolved
	seen  map[string]bool // paths met, resolved; nil when none can come twice
}

func (w *walker) target(path, real string) error {
	info, err := os.Stat(path)
	if err == nil && real == "" {
		_, err = realPath(path)
	}
	switch {
	case err != nil:
		return w.fn(Entry{Path: path, Named: true, Err: reason(err)})
	case info.IsDir():
		rules := &rules{}
		if !w.opt.NoIgnore {
			rules = rulesAbove(real)
		}
		return w.dir(filepath.Clean(path), real, rules)
	case !info.Mode().IsRegular():
		return w.fn(Entry{Path: path, Named: true, Err: errors.New("not a regular file")})
	}
	return w.report(Entry{Path: path, Named: true}, real)
}

// report reports what stands at the resolved path unless it was met before.
func (w *walker) report(e Entry, real string) error {
	if w.seen != nil {
		if w.seen[real] {
			return nil
		}
		w.seen[real] = true
	}
	return w.fn(e)
}

// dir walks a folder, whose links are resolved in real.
func (w *walker) dir(path, real string, above *rules) error {
	if err := w.ctx.Err(); err != nil {
		return err
	}
	entries, err := os.ReadDir(path)
	if err != nil {
		// What was read before the failure is walked all the same.
		if err := w.report(Entry{Path: path, Err: reason(err)}, real); err != nil {
			return err
		}
	}
	if slices.ContainsFunc(entries, func(e fs.DirEntry) bool { return e.Name() == ".imdsscan" }) {
		if info, err := os.Lstat(join(path, mirrorMark)); err == nil && info.Mode().IsRegular() {
			return w.report(Entry{Path: path, Mirror: true}, real)
		}
	}
	rules := above
	if !w.opt.NoIgnore {
		rules = rulesOf(real, entries, above)
	}
	for _, e := range entries {
		name := e.Name()
		below := join(real, name)
		if neverEntered[name] || !w.opt.NoIgnore && rules.ignored(below, e.IsDir()) {
			continue
		}
		if err := w.entry(e, join(path, name), below, rules); err != nil {
			return err
		}
	}
	return nil
}

func (w *walker) entry(e fs.DirEntry, path, real string, rules *rules) error {
	switch t := e.Type(); {
	case t.IsDir():
		return w.dir(path, real, rules)
	case t.IsRegular():
		return w.report(Entry{Path: path}, real)
	case t&fs.ModeSymlink != 0:
		return w.link(path, real)
	}
	return w.report(Entry{Path: path, Skip: "not a regular file"}, real)
}

// link reports a link unless it leads to what the walk meets anyway.
func (w *walker) link(path, real string) error {
	to, err := realPath(path)
	if err != nil {
		return w.report(Entry{Path: path, Skip: "a symbolic link that leads nowhere"}, real)
	}
	for _, root := range w.roots {
		if to == root || strings.HasPrefix(to, strings.TrimSuffix(root, "/")+"/") {
			return nil
		}
	}
	return w.report(Entry{Path: path, Skip: "a symbolic link that leads out of the target"}, real)
}

// join is filepath.Join for a clean path and a name, without the cleaning.
func join(dir, name string) string {
	switch {
	case dir == ".":
		return name
	case strings.HasSuffix(dir, "/"):
		return dir + name
	}
	return dir + "/" + name
}

// reason is the error without the path, which the entry has.
func reason(err error) error {
	var pe *fs.PathError
	if errors.As(err, &pe) {
		return pe.Err
	}
	return err
}
