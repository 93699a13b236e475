package mirror

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"strconv"
	"strings"
	"sync/atomic"
)

const (
	headFile     = Own + "/mirror.json"
	lockFile     = Own + "/lock"
	tempFolder   = Own + "/tmp"
	foldersIn    = Own + "/folders"
	asideFolder  = Own + "/replaced"
	folderMode   = 0o700
	fileMode     = 0o600
	maxHeadBytes = 1 << 20
)

// dir is the folder of a mirror. Everything in it is reached through a root
// that no link leads out of.
type dir struct {
	root *os.Root
	path string
	// temps counts the temporary files.
	temps atomic.Int64
}

// openDir opens the folder of a mirror, or makes it. A folder that holds
// something else is refused.
func openDir(name string) (*dir, error) {
	if err := os.MkdirAll(name, folderMode); err != nil {
		return nil, err
	}
	root, err := os.OpenRoot(name)
	if err != nil {
		return nil, err
	}
	d := &dir{root: root, path: name}
	if err := d.prepare(); err != nil {
		_ = root.Close()
		return nil, err
	}
	return d, nil
}

func (d *dir) prepare() error {
	if _, err := d.root.Lstat(headFile); errors.Is(err, fs.ErrNotExist) {
		f, err := d.root.Open(".")
		if err != nil {
			return err
		}
		names, err := f.Readdirnames(-1)
		_ = f.Close()
		if err != nil {
			return err
		}
		for _, n := range names {
			if n != Own {
				return fmt.Errorf("%s is not empty and no mirror of a workspace (it holds %q); give a new or an empty folder", d.path, n)
			}
		}
	}
	for _, f := range []string{Own, tempFolder, foldersIn} {
		if err := d.makeFolder(f); err != nil {
			return err
		}
	}
	return nil
}

func (d *dir) close() error { return d.root.Close() }

// readHead is the mirror's head, nil when there is none yet.
func (d *dir) readHead() (*Head, error) {
	b, err := d.root.ReadFile(headFile)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	return parseHead(b)
}

func parseHead(b []byte) (*Head, error) {
	var h Head
	if err := json.Unmarshal(b, &h); err != nil {
		return nil, fmt.Errorf("%s cannot be read: %w", headFile, err)
	}
	if h.Version < 1 || h.Version > Version {
		return nil, fmt.Errorf("%s is of version %d, and this imdsscan reads version %d", headFile, h.Version, Version)
	}
	return &h, nil
}

func (d *dir) writeHead(h *Head) error {
	b, err := json.MarshalIndent(h, "", "  ")
	if err != nil {
		return err
	}
	return d.replace(headFile, append(b, '\n'))
}

// makeFolder makes a folder and those above it. A link in its way is an error:
// it may lead to the copies of other objects.
func (d *dir) makeFolder(name string) error {
	if name == "." {
		return nil
	}
	switch info, err := d.root.Lstat(name); {
	case err == nil && info.IsDir():
		return d.realFolders(path.Dir(name))
	case err == nil:
		return fmt.Errorf("%s is in the way: it is no folder", name)
	case !errors.Is(err, fs.ErrNotExist):
		return reason(err)
	}
	if err := d.makeFolder(path.Dir(name)); err != nil {
		return err
	}
	if err := d.root.Mkdir(name, folderMode); err != nil && !errors.Is(err, fs.ErrExist) {
		return reason(err)
	}
	return nil
}

// realFolders makes sure that no folder of the path is a link.
func (d *dir) realFolders(name string) error {
	for ; name != "."; name = path.Dir(name) {
		info, err := d.root.Lstat(name)
		if err != nil {
			return reason(err)
		}
		if !info.IsDir() {
			return fmt.Errorf("%s is in the way: it is no folder", name)
		}
	}
	return nil
}

// temp writes content to a new temporary file and onto the disk, and tells the
// file's time in nanoseconds.
func (d *dir) temp(content []byte) (name string, written int64, err error) {
	name = tempFolder + "/" + strconv.FormatInt(d.temps.Add(1), 10)
	f, err := d.root.OpenFile(name, os.O_CREATE|os.O_EXCL|os.O_WRONLY, fileMode)
	if err != nil {
		return "", 0, reason(err)
	}
	_, err = f.Write(content)
	if err == nil {
		err = f.Sync()
	}
	if err == nil {
		var info fs.FileInfo
		if info, err = f.Stat(); err == nil {
			written = info.ModTime().UnixNano()
		}
	}
	if e := f.Close(); err == nil {
		err = e
	}
	if err != nil {
		_ = d.root.Remove(name)
		return "", 0, reason(err)
	}
	return name, written, nil
}

// replace puts content in the place of a file of the mirror's own.
func (d *dir) replace(name string, content []byte) error {
	tmp, _, err := d.temp(content)
	if err != nil {
		return err
	}
	if err := d.root.Rename(tmp, name); err != nil {
		_ = d.root.Remove(tmp)
		return reason(err)
	}
	return d.sync(path.Dir(name))
}

// sync makes renames in a folder last. File systems that cannot are no reason
// to fail: the files are whole either way.
func (d *dir) sync(folder string) error {
	f, err := d.root.Open(folder)
	if err != nil {
		return reason(err)
	}
	_ = f.Sync()
	return f.Close()
}

// clean removes what an export that was killed has left over. Only the holder
// of the lock may.
func (d *dir) clean() error {
	f, err := d.root.Open(tempFolder)
	if err != nil {
		return reason(err)
	}
	defer f.Close()
	names, err := f.Readdirnames(-1)
	for _, n := range names {
		if e := d.root.Remove(tempFolder + "/" + n); err == nil {
			err = e
		}
	}
	return reason(err)
}

// copyState is what became of the copy of an object since it was written.
type copyState int

const (
	missing   copyState = iota // nothing is there
	untouched                  // the bytes that were exported
	touched                    // something else
)

// state compares the copy with the entry. It fills in the time of a copy that
// is untouched.
func (d *dir) state(e *Entry) (copyState, error) {
	info, err := d.root.Lstat(e.Local)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return missing, nil
	case err != nil:
		return touched, reason(err)
	case !info.Mode().IsRegular():
		return touched, nil
	case e.SHA256 == "" || info.Size() != e.Size:
		return touched, nil
	case e.WrittenAt != 0 && info.ModTime().UnixNano() == e.WrittenAt:
		return untouched, nil
	}
	sum, err := d.sum(e.Local)
	if err != nil || sum != e.SHA256 {
		return touched, err
	}
	e.WrittenAt = info.ModTime().UnixNano()
	return untouched, nil
}

func sumOf(content []byte) string {
	sum := sha256.Sum256(content)
	return hex.EncodeToString(sum[:])
}

func (d *dir) sum(name string) (string, error) {
	f, err := d.root.Open(name)
	if err != nil {
		return "", reason(err)
	}
	defer f.Close()
	h := sha256.New()
	if _, err := io.Copy(h, f); err != nil {
		return "", reason(err)
	}
	return hex.EncodeToString(h.Sum(nil)), nil
}

// remove removes a copy, and the folders that a long name goes through when
// they are empty now.
func (d *dir) remove(local string) error {
	if err := d.root.Remove(local); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return reason(err)
	}
	for up := path.Dir(local); strings.HasSuffix(up, more); up = path.Dir(up) {
		if d.root.Remove(up) != nil {
			break // it is not empty
		}
	}
	return nil
}

// reason is an error without the name of the file, which the caller gives.
func reason(err error) error {
	var pe *fs.PathError
	if errors.As(err, &pe) {
		return pe.Err
	}
	var le *os.LinkError
	if errors.As(err, &le) {
		return le.Err
	}
	return err
}

// inFolder is a path of the mirror as the user would write it.
func (d *dir) inFolder(local string) string {
	return filepath.Join(d.path, filepath.FromSlash(local))
}
