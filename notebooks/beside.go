package notebooks

import (
	"io/fs"
	"path"
)

// maxBeside is the size of the largest file that is read for another one's
// sake.
const maxBeside = 4 << 20

// Beside are the files among which a document was found.
type Beside struct {
	// Files are the files of the folder that is scanned, Name is the document's
	// own path among them.
	Files fs.FS
	Name  string
}

// Read gives the bytes of the file at a path relative to the document's
// folder, and its path as it is reported. It gives none where there is no such
// file among those scanned.
func (d *Document) Read(rel string) (name string, b []byte) {
	at, ok := d.beside(rel)
	if !ok {
		return "", nil
	}
	info, err := fs.Stat(d.Beside.Files, at)
	if err != nil || !info.Mode().IsRegular() || info.Size() > maxBeside {
		return "", nil
	}
	if b, err = fs.ReadFile(d.Beside.Files, at); err != nil {
		return "", nil
	}
	return path.Join(path.Dir(d.Path), rel), b
}

// List are the names of the files in a folder relative to the document's, in
// order.
func (d *Document) List(rel string) []string {
	at, ok := d.beside(rel)
	if !ok {
		return nil
	}
	entries, err := fs.ReadDir(d.Beside.Files, at)
	if err != nil {
		return nil
	}
	var out []string
	for _, e := range entries {
		if e.Type().IsRegular() {
			out = append(out, e.Name())
		}
	}
	return out
}

// beside is a relative path as one among the files.
func (d *Document) beside(rel string) (at string, ok bool) {
	if d.Beside.Files == nil || path.IsAbs(rel) {
		return "", false
	}
	at = path.Join(path.Dir(d.Beside.Name), rel)
	return at, fs.ValidPath(at)
}
