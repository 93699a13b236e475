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
	"github.com/imdsscan/imdsscan/notebooks/tree"
	"github.com/imdsscan/imdsscan/report/result"
)

// input is a file to scan.
type input struct {
	// name is how the file is reported, with forward slashes.
	name string
	// path is the file on disk, empty for standard input.
	path string
	// root is the target the file was found under; nothing outside is written.
	root string
	// data is standard input.
	data []byte
}

var errArchive = errors.New("DBC archives are not read by this version; export the folder as source files")

// read returns the file's bytes, or nil when the filter tells that nothing in
// them can matter. The size is that of the file either way.
func (in *input) read(filter *prefilter.Filter) (src []byte, size int, err error) {
	if in.path == "" {
		return in.data, len(in.data), nil
	}
	if strings.EqualFold(filepath.Ext(in.path), ".dbc") {
		return nil, 0, errArchive
	}
	buf := prefilter.Get()
	data, n, matched, err := buf.ReadMatching(in.path, filter)
	if err != nil || !matched {
		buf.Free()
		return nil, int(n), err
	}
	if len(data) < cap(data)/2 {
		// A small file must not keep the memory that a large one needed before.
		data = bytes.Clone(data)
		buf.Free()
	}
	// Otherwise the buffer is not given back: the document and the results
	// keep its bytes.
	return data, int(n), nil
}

// found is what the targets hold: files go to scan as they are met, the rest
// is kept for the report.
type found struct {
	failed, skipped []result.FileError
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
			f.failed = append(f.failed, fileError(name, err))
		} else {
			scan(input{name: reported(name), data: data})
		}
		return f
	}
	// The walk's own error is the context's, which the caller looks at.
	_ = tree.Walk(ctx, o.targets, tree.Options{NoIgnore: o.noIgnore}, func(e tree.Entry) error {
		switch {
		case e.Err != nil:
			f.failed = append(f.failed, fileError(e.Path, e.Err))
		case e.Skip != "":
			f.skipped = append(f.skipped, result.FileError{Path: reported(e.Path), Reason: e.Skip})
		default:
			scan(input{name: reported(e.Path), path: e.Path, root: rootOf(o.targets, e.Path)})
		}
		return nil
	})
	return f
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
func fileError(path string, err error) result.FileError {
	var pe *fs.PathError
	if errors.As(err, &pe) {
		err = pe.Err
	}
	return result.FileError{Path: reported(path), Reason: err.Error()}
}
