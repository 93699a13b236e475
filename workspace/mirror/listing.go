package mirror

import (
	"bufio"
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"slices"
	"strings"
)

// listing is what the mirror knows of a folder: a file of JSON lines, the
// folder's own first, then an entry each. While the folder is exported, what is
// written into it is first told in a log beside the file.
type listing struct {
	// Folder is the folder in the workspace, Local its copy.
	Folder string `json:"folder"`
	Local  string `json:"local"`
	// Error is why the folder could not be listed at the last export; the
	// entries are those of the last one that could.
	Error string `json:"error,omitempty"`

	entries []Entry
}

// maxLine is the longest line that is read: names are short, and what uses a
// script is cut.
const maxLine = 16 << 20

// listingName is where the listing of a local folder is.
func listingName(local string) string {
	sum := sha256.Sum256([]byte(local))
	return foldersIn + "/" + hex.EncodeToString(sum[:12]) + ".jsonl"
}

func logName(local string) string { return listingName(local) + ".log" }

// readListing reads the listing of a local folder; one that there is not is
// empty.
func readListing(root *os.Root, local string) (*listing, error) {
	l := &listing{Local: local}
	f, err := root.Open(listingName(local))
	if errors.Is(err, fs.ErrNotExist) {
		return l, nil
	}
	if err != nil {
		return nil, reason(err)
	}
	defer f.Close()
	if err := l.parse(f); err != nil {
		return nil, fmt.Errorf("%s cannot be read: %w", listingName(local), err)
	}
	if l.Local != local {
		return nil, fmt.Errorf("%s is that of %q, not of %q", listingName(local), l.Local, local)
	}
	return l, nil
}

func (l *listing) parse(r io.Reader) error {
	sc := bufio.NewScanner(r)
	sc.Buffer(nil, maxLine)
	for first := true; sc.Scan(); first = false {
		if first {
			if err := json.Unmarshal(sc.Bytes(), l); err != nil {
				return err
			}
			continue
		}
		var e Entry
		if err := json.Unmarshal(sc.Bytes(), &e); err != nil {
			return err
		}
		if err := l.accepts(&e); err != nil {
			return err
		}
		l.entries = append(l.entries, e)
	}
	return sc.Err()
}

// accepts refuses an entry whose copy would lie outside of the folder, or among
// the mirror's own files: nobody but the mirror writes these, but anybody can.
func (l *listing) accepts(e *Entry) error {
	switch {
	case e.Local == "":
		return nil
	case !fs.ValidPath(e.Local), e.Local == ".", e.Local == Own, strings.HasPrefix(e.Local, Own+"/"),
		l.Local != "." && !strings.HasPrefix(e.Local, l.Local+"/"):
		return fmt.Errorf("it names %q as a copy", e.Local)
	}
	return nil
}

// write puts the listing on the disk, unless it is there already.
func (l *listing) write(d *dir) error {
	slices.SortFunc(l.entries, func(a, b Entry) int {
		if c := strings.Compare(a.Path, b.Path); c != 0 {
			return c
		}
		return strings.Compare(a.Local, b.Local)
	})
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(l); err != nil {
		return err
	}
	for i := range l.entries {
		if err := enc.Encode(&l.entries[i]); err != nil {
			return err
		}
	}
	name := listingName(l.Local)
	if old, err := d.root.ReadFile(name); err == nil && bytes.Equal(old, b.Bytes()) {
		return nil
	}
	return d.replace(name, b.Bytes())
}

// repair takes into a listing what its log tells of an export that was killed:
// what the copy is now decides which of them holds.
func (l *listing) repair(d *dir) error {
	f, err := d.root.Open(logName(l.Local))
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return reason(err)
	}
	defer f.Close()
	at := map[string]int{}
	for i := range l.entries {
		at[l.entries[i].Local] = i
	}
	sc := bufio.NewScanner(f)
	sc.Buffer(nil, maxLine)
	for sc.Scan() {
		var e Entry
		if json.Unmarshal(sc.Bytes(), &e) != nil || l.accepts(&e) != nil {
			break // the last line, which was not written to its end
		}
		if s, err := d.state(&e); !e.isFolder() && (err != nil || s != untouched) {
			continue
		}
		if i, ok := at[e.Local]; ok {
			l.entries[i] = e
		} else {
			at[e.Local] = len(l.entries)
			l.entries = append(l.entries, e)
		}
	}
	return nil
}

// writeLog tells in the log what is about to be written.
type writeLog struct {
	d    *dir
	name string
	f    *os.File
}

func (w *writeLog) add(entries []Entry) error {
	if w.f == nil {
		f, err := w.d.root.OpenFile(w.name, os.O_CREATE|os.O_APPEND|os.O_WRONLY, fileMode)
		if err != nil {
			return reason(err)
		}
		w.f = f
	}
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	for i := range entries {
		if err := enc.Encode(&entries[i]); err != nil {
			return err
		}
	}
	_, err := w.f.Write(b.Bytes())
	if err == nil {
		err = w.f.Sync()
	}
	return reason(err)
}

// done ends the log: the listing says it all now.
func (w *writeLog) done() error {
	if w.f != nil {
		_ = w.f.Close()
	}
	err := w.d.root.Remove(w.name)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	return reason(err)
}
