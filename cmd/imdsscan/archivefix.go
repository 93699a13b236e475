package main

import (
	"bytes"
	"errors"
	"io"
	"os"
	"strings"

	"github.com/imdsscan/imdsscan/notebooks/archive"
	"github.com/imdsscan/imdsscan/report/result"
)

// archiveFix are the fixed members of one archive, which are written together
// or not at all.
type archiveFix struct {
	c       *container
	members []*input
	files   []*result.File
}

// addFix adds a fixed member to those of its archive.
func addFix(list []*archiveFix, in *input, f *result.File) []*archiveFix {
	var a *archiveFix
	for _, b := range list {
		if b.c == in.in {
			a = b
		}
	}
	if a == nil {
		a = &archiveFix{c: in.in}
		list = append(list, a)
	}
	a.members = append(a.members, in)
	a.files = append(a.files, f)
	return list
}

// errMembers is the refusal to rewrite an archive of which something could not
// be read: what is not understood is not copied into a new file as if it were.
var errMembers = errors.New("not all of its members could be read; nothing was written into it")

// write replaces the archive by one with the fixed members. What is written is
// read back and compared before it takes the old one's place.
func (a *archiveFix) write(run *result.Run, stdin *input) error {
	for _, e := range run.Errors {
		if e.Path == a.c.name || strings.HasPrefix(e.Path, archive.Join(a.c.name, "")) {
			return errMembers
		}
	}
	contents := map[*archive.Member][]byte{}
	for i, in := range a.members {
		contents[a.c.dir.Members[in.index]] = a.files[i].Fixed
	}
	err := a.fixCopies(contents)
	if err != nil {
		return err
	}
	if a.c.path == "" {
		err = a.give(contents, stdin)
	} else {
		err = a.replace(contents)
	}
	if err != nil {
		return err
	}
	return a.c.readDirectory(false) // the members have moved
}

// give makes the new archive what standard input holds.
func (a *archiveFix) give(contents map[*archive.Member][]byte, stdin *input) error {
	var out bytes.Buffer
	old := bytes.NewReader(a.c.data)
	if err := a.c.dir.Rewrite(&out, old, contents); err != nil {
		return err
	}
	if err := a.c.dir.Verify(old, bytes.NewReader(out.Bytes()), int64(out.Len()), contents); err != nil {
		return err
	}
	stdin.data, a.c.data = out.Bytes(), out.Bytes()
	return nil
}

// replace writes the new archive beside the old one and puts it in its place.
func (a *archiveFix) replace(contents map[*archive.Member][]byte) error {
	return replace(a.c.root, a.c.path,
		func(tmp *os.File) error {
			return a.c.with(func(r io.ReaderAt, size int64) error {
				if sum, err := sumOf(r, size); err != nil || sum != a.c.sum {
					return errors.Join(err, errChanged)
				}
				if err := a.c.dir.Rewrite(tmp, r, contents); err != nil {
					return err
				}
				info, err := tmp.Stat()
				if err != nil {
					return err
				}
				return a.c.dir.Verify(r, tmp, info.Size(), contents)
			})
		},
		func() (same bool, err error) {
			err = a.c.with(func(r io.ReaderAt, size int64) error {
				sum, err := sumOf(r, size)
				same = sum == a.c.sum
				return err
			})
			return same, err
		})
}
