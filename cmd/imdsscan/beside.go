package main

import (
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/imdsscan/imdsscan/notebooks"
	"github.com/imdsscan/imdsscan/notebooks/format"
	"github.com/imdsscan/imdsscan/report/collect"
)

// openFolders opens the targets that are folders, so that a file can be looked
// at beside those that set versions for it. Nothing outside of them is read.
func openFolders(targets []string) map[string]fs.FS {
	out := map[string]fs.FS{}
	for _, t := range targets {
		if root, err := os.OpenRoot(t); err == nil { // a file is no folder
			out[t] = root.FS()
		}
	}
	return out
}

// readOnlyKind is why a definition is not changed by a scan.
func readOnlyKind(kind string) string {
	return "it is the configuration of a " + kind + ": change it where that is configured"
}

// collect is how a file is analysed.
func (s *scanner) collect(in *input) collect.Options {
	out := collect.Options{Unsafe: s.o.unsafe, Wants: s.o.wants, Around: s.around, As: in.as, Object: in.object}
	if o := in.object; o != nil && strings.HasSuffix(in.as, format.Definition) {
		out.ReadOnly = readOnlyKind(o.Kind)
	}
	if in.in != nil {
		out.Archive, out.ReadOnly, out.Object = in.in.name, in.in.readOnly, in.in.object
		return out
	}
	if files := s.folders[in.root]; files != nil && in.path != "" {
		if name, err := filepath.Rel(in.root, in.path); err == nil {
			out.Beside = notebooks.Beside{Files: files, Name: filepath.ToSlash(name)}
		}
	}
	return out
}
