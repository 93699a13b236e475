package main

import (
	"bytes"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"path"
	"slices"
	"strings"

	"github.com/imdsscan/imdsscan/analyzer/prefilter"
	"github.com/imdsscan/imdsscan/notebooks/archive"
	"github.com/imdsscan/imdsscan/report/result"
)

// maxMember is the size of the largest member that is held in memory; a
// notebook of the platform has a hundred megabytes at most.
const maxMember = 128 << 20

// container is an archive of which the members are scanned.
type container struct {
	input
	dir *archive.Archive
	// members are those that can be read, by their name.
	members map[string]int
	// sum tells whether the file still holds what was read; of archives that
	// may be replaced only.
	sum [sha256.Size]byte
	// readOnly is why no fix is written into it, empty when one may be.
	readOnly string
}

// scanArchive hands the members of an archive to scan. What is not read of it
// is returned as errors.
func scanArchive(o *options, in input, scan func(input)) []result.FileError {
	c := &container{input: in, members: map[string]int{}}
	if err := c.readDirectory(o.fix); err != nil {
		return []result.FileError{fileError(in.name, err)}
	}
	suffix := strings.ToLower(path.Ext(in.name))
	dbc := suffix == ".dbc"
	var failed []result.FileError
	switch {
	case suffix == ".zip":
		c.readOnly = "it is in a .zip file: unpack it, and make the fix in the files"
	case !dbc:
		c.readOnly = fmt.Sprintf("it is in a %s file: change the code that it is built from", suffix)
	case c.dir.Fixed != "":
		c.readOnly = "the archive is not rewritten: " + c.dir.Fixed
		failed = append(failed, fileError(in.name, errors.New("no export looks like this, and nothing is written into it: "+c.dir.Fixed)))
	}
	unread := tally{name: in.name}
	for _, m := range c.dir.Members {
		if m.Unread != "" {
			unread.add(m)
		}
	}
	if dbc && c.readOnly == "" && unread.n > 0 {
		c.readOnly = "the archive is not rewritten: not all of its members can be read"
	}
	for i, m := range c.dir.Members {
		if m.Unread == "" {
			c.members[m.Name] = i
		}
	}
	for i, m := range c.dir.Members {
		if m.Unread == "" {
			scan(input{name: archive.Join(in.name, m.Name), path: in.path, root: in.root, in: c, index: i})
		}
	}
	return append(failed, unread.errors()...)
}

// tally collects the members that are not read. An archive may hold any number
// of them: a few of each kind are named.
type tally struct {
	name  string
	n     int
	named []result.FileError
	more  map[string]int
}

const maxNamed = 10

func (t *tally) add(m *archive.Member) {
	t.n++
	if t.more == nil {
		t.more = map[string]int{}
	}
	if t.more[m.Unread]++; t.more[m.Unread] <= maxNamed {
		name := archive.Join(t.name, archive.Printable(m.Name))
		t.named = append(t.named, result.FileError{Path: name, Archive: t.name, Reason: "not read: " + m.Unread})
	}
}

func (t *tally) errors() []result.FileError {
	out := t.named
	for _, why := range slices.Sorted(maps.Keys(t.more)) {
		if n := t.more[why]; n > maxNamed {
			out = append(out, result.FileError{Path: t.name, Reason: fmt.Sprintf("%d more of its members are not read: %s", n-maxNamed, why)})
		}
	}
	return out
}

// readDirectory reads the archive's directory, and all of it once where it may
// be replaced.
func (c *container) readDirectory(mayWrite bool) error {
	return c.with(func(r io.ReaderAt, size int64) (err error) {
		if mayWrite {
			if c.sum, err = sumOf(r, size); err != nil {
				return err
			}
		}
		c.dir, err = archive.Read(r, size, archive.DefaultLimits)
		return err
	})
}

// with opens the archive for the time of use.
func (c *container) with(use func(r io.ReaderAt, size int64) error) error {
	if c.path == "" {
		return use(bytes.NewReader(c.data), int64(len(c.data)))
	}
	// A pipe would block; the walk hands out regular files, but a target may be
	// anything.
	info, err := os.Stat(c.path)
	if err != nil {
		return err
	}
	if !info.Mode().IsRegular() {
		return errors.New("not a regular file")
	}
	f, err := os.Open(c.path)
	if err != nil {
		return err
	}
	defer f.Close()
	if info, err = f.Stat(); err != nil {
		return err
	}
	return use(f, info.Size())
}

func sumOf(r io.ReaderAt, size int64) (sum [sha256.Size]byte, err error) {
	h := sha256.New()
	if _, err := io.Copy(h, io.NewSectionReader(r, 0, size)); err != nil {
		return sum, err
	}
	return [sha256.Size]byte(h.Sum(nil)), nil
}

// failed is the error of a file.
func (in *input) failed(err error) result.FileError {
	e := fileError(in.name, err)
	if in.in != nil {
		e.Archive = in.in.name
	}
	return e
}

// readMember is read for a member of an archive.
func (in *input) readMember(filter *prefilter.Filter) (src []byte, size int, err error) {
	m := in.in.dir.Members[in.index]
	err = in.in.with(func(r io.ReaderAt, _ int64) error {
		buf := prefilter.Get()
		open := func() io.ReadCloser { return m.Open(r) }
		data, matched, err := buf.MatchingStream(open, m.Size, maxMember, filter)
		if err != nil || !matched {
			buf.Free()
			return err
		}
		src = keepBytes(buf, data)
		return nil
	})
	return src, int(m.Size), err
}

// whole are the file's bytes.
func (in *input) whole() (src []byte, err error) {
	if in.in == nil {
		if in.path == "" {
			return in.data, nil
		}
		return prefilter.ReadInto(nil, in.path)
	}
	m := in.in.dir.Members[in.index]
	if m.Size > maxMember {
		return nil, prefilter.ErrTooLarge
	}
	err = in.in.with(func(r io.ReaderAt, _ int64) error {
		rc := m.Open(r)
		defer rc.Close()
		src, err = io.ReadAll(rc)
		return err
	})
	return src, err
}
