package main

import (
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

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

func (in *input) read() ([]byte, error) {
	if in.path == "" {
		return in.data, nil
	}
	return os.ReadFile(in.path)
}

// skippedFolders hold no code of the user's.
var skippedFolders = map[string]bool{".git": true, "node_modules": true, ".databricks": true}

// listTargets finds the files of the targets, each once, in a fixed order.
func listTargets(o *options, stdin io.Reader) ([]input, []result.FileError) {
	var files []input
	var failed []result.FileError
	seen := map[string]bool{}
	for _, t := range o.targets {
		if t == "-" {
			name := o.stdinName
			if name == "" {
				name = "stdin"
			}
			data, err := io.ReadAll(stdin)
			if err != nil {
				failed = append(failed, fileError(name, err))
				continue
			}
			files = append(files, input{name: reported(name), data: data})
			continue
		}
		err := walk(t, o.noIgnore, func(path string, err error) {
			clean := filepath.Clean(path)
			switch {
			case err != nil:
				failed = append(failed, fileError(path, err))
			case !seen[clean]:
				seen[clean] = true
				files = append(files, input{name: reported(path), path: path, root: t})
			}
		})
		if err != nil {
			failed = append(failed, fileError(t, err))
		}
	}
	return files, failed
}

// walk visits the regular files of a target. Symbolic links below it are left
// alone: they lead out of it or to what is visited anyway.
func walk(target string, noIgnore bool, visit func(path string, err error)) error {
	info, err := os.Stat(target)
	if err != nil {
		return err
	}
	if !info.IsDir() {
		if !info.Mode().IsRegular() {
			return errors.New("is not a regular file")
		}
		visit(target, nil)
		return nil
	}
	return filepath.WalkDir(target, func(path string, d fs.DirEntry, err error) error {
		switch {
		case err != nil:
			visit(path, err)
			if d != nil && d.IsDir() {
				return fs.SkipDir
			}
		case d.IsDir() && path != target && skippedFolders[d.Name()]:
			return fs.SkipDir
		case d.Type().IsRegular():
			visit(path, nil)
		}
		return nil
	})
}

// reported is the name of a file in reports: relative where it was given so,
// with forward slashes, without a leading "./".
func reported(path string) string {
	return strings.TrimPrefix(filepath.ToSlash(filepath.Clean(path)), "./")
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
