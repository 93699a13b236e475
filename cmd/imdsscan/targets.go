package main

import (
	"bytes"
	"context"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/imdsscan/imdsscan/analyzer/prefilter"
	"github.com/imdsscan/imdsscan/notebooks/archive"
	"github.com/imdsscan/imdsscan/notebooks/tree"
	"github.com/imdsscan/imdsscan/report/result"
)

// input is a file to scan.
type input struct {
	// name is how the file is reported, with forward slashes.
	name string
	// as is the name that decides what the file is, where its own does not say.
	as string
	// object is the object of a workspace that the file is, nil elsewhere.
	object *result.Object
	// path is the file on disk, empty for standard input.
	path string
	// root is the target the file was found under; nothing outside is written.
	root string
	// data is standard input.
	data []byte
	// in is the archive at path of which the file is a member, and index which
	// one; nil for a file by itself.
	in    *container
	index int
}

// kind is the name that decides what the file is.
func (in *input) kind() string {
	if in.as != "" {
		return in.as
	}
	return in.name
}

// read returns the file's bytes, or nil when the filter tells that nothing in
// them can matter. The size is that of the file either way.
func (in *input) read(filter *prefilter.Filter) (src []byte, size int, err error) {
	if in.in != nil {
		return in.readMember(filter)
	}
	if in.path == "" {
		return in.data, len(in.data), nil
	}
	buf := prefilter.Get()
	data, n, matched, err := buf.ReadMatching(in.path, filter)
	if err != nil || !matched {
		buf.Free()
		return nil, int(n), err
	}
	return keepBytes(buf, data), int(n), nil
}

// keepBytes is data, which stands in buf, for as long as the document and the
// results keep it.
func keepBytes(buf *prefilter.Buffer, data []byte) []byte {
	if len(data) < cap(data)/2 {
		// A small file must not keep the memory that a large one needed before.
		data = bytes.Clone(data)
		buf.Free()
	}
	return data // otherwise the buffer is not given back
}

// found is what the targets hold: files go to scan as they are met, the rest
// is kept for the report.
type found struct {
	failed, skipped []result.FileError
	stdin           *input // nil when it is no target
	// files and bytes are what was read already and cannot matter.
	files int
	bytes int64
	// first is the folder of the first mirror of a workspace that was met, copies
	// are those met.
	first  string
	copies map[string]bool
}

// eachTarget finds the files of the targets, each once, in a fixed order.
func eachTarget(ctx context.Context, o *options, stdin io.Reader, scan func(input)) found {
	var f found
	if o.targets[0] == "-" {
		name := o.stdinName
		if name == "" {
			name = "stdin"
		}
		if data, err := io.ReadAll(stdin); err != nil {
			f.failed = append(f.failed, fileError(reported(name), err))
		} else {
			f.stdin = &input{name: reported(name), data: data}
			f.scan(o, *f.stdin, scan)
		}
		return f
	}
	targets := f.mirrors(ctx, o, scan)
	if len(targets) == 0 {
		return f
	}
	// The walk's own error is the context's, which the caller looks at.
	_ = tree.Walk(ctx, targets, tree.Options{NoIgnore: o.noIgnore}, func(e tree.Entry) error {
		switch {
		case e.Err != nil:
			f.failed = append(f.failed, fileError(reported(e.Path), e.Err))
		case e.Mirror:
			f.mirror(ctx, o, e.Path, scan)
		case e.Skip != "":
			f.skipped = append(f.skipped, result.FileError{Path: reported(e.Path), Reason: e.Skip})
		default:
			f.scan(o, input{name: reported(e.Path), path: e.Path, root: rootOf(o.targets, e.Path)}, scan)
		}
		return nil
	})
	return f
}

// scan hands a file to scan, or the members of an archive.
func (f *found) scan(o *options, in input, scan func(input)) {
	if archive.Is(in.kind()) {
		f.failed = append(f.failed, scanArchive(o, in, scan)...)
	} else {
		scan(in)
	}
}

// rootOf is the target that a path was found under.
func rootOf(targets []string, path string) string {
	clean := filepath.ToSlash(filepath.Clean(path))
	for _, t := range targets {
		c := filepath.ToSlash(filepath.Clean(t))
		if clean == c || strings.HasPrefix(clean, strings.TrimSuffix(c, "/")+"/") || c == "." && filepath.IsLocal(path) {
			return t
		}
	}
	return path
}

// reported is the name of a file in reports: relative to the working folder
// for files below it, because patches and code scanning want it so; with
// forward slashes, without a leading "./".
func reported(path string) string {
	path = filepath.Clean(path)
	if filepath.IsAbs(path) {
		if rel, err := filepath.Rel(workingFolder(), path); err == nil && filepath.IsLocal(rel) {
			path = rel
		}
	}
	return filepath.ToSlash(path)
}

func workingFolder() string {
	dir, err := os.Getwd()
	if err != nil {
		return "" // nothing is relative to it then
	}
	return dir
}

// fileError takes the operation and the name out of an error that the report
// prints behind the name anyway.
func fileError(name string, err error) result.FileError {
	var pe *fs.PathError
	if errors.As(err, &pe) {
		err = pe.Err
	}
	return result.FileError{Path: name, Reason: err.Error()}
}
