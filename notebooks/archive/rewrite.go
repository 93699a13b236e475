package archive

import (
	"bytes"
	"cmp"
	"compress/flate"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"slices"
	"sort"
)

// ErrRewrite: the archive cannot be written anew, wrapped.
var ErrRewrite = errors.New("the archive cannot be rewritten")

// Rewrite writes the archive in r to w with the contents of some members
// replaced, packed as they were before. All other bytes are copied as they
// are, also what the directory says of names, times and rights; only the
// places of members behind a replaced one change.
func (a *Archive) Rewrite(w io.Writer, r io.ReaderAt, contents map[*Member][]byte) error {
	if a.Fixed != "" {
		return fmt.Errorf("%w: %s", ErrRewrite, a.Fixed)
	}
	dir := make([]byte, a.dirEnd-a.dir)
	if _, err := r.ReadAt(dir, a.dir); err != nil {
		return err
	}
	swaps, err := a.swaps(contents)
	if err != nil {
		return err
	}
	out := &copier{w: w, r: r}
	for _, s := range swaps {
		out.copyTo(s.rec.header)
		out.write(s.header(r, out))
		out.write(s.packed)
		out.write(s.descriptor(r, out))
		out.read = s.rec.end
		s.shift = out.written - out.read
	}
	out.copyTo(a.dir)
	moved := out.written - a.dir
	if err := a.patchDirectory(dir, swaps); err != nil {
		return err
	}
	out.write(dir)
	out.read = a.dirEnd
	tail := make([]byte, a.size-a.dirEnd)
	if _, err := r.ReadAt(tail, a.dirEnd); err != nil {
		return err
	}
	if err := a.patchEnd(tail, moved); err != nil {
		return err
	}
	out.write(tail)
	return out.err
}

// swap is a member and what comes in its place.
type swap struct {
	rec    *record
	packed []byte
	size   int64
	crc    uint32
	shift  int64 // how far what follows has moved
}

// swaps packs the new contents and orders them by their place.
func (a *Archive) swaps(contents map[*Member][]byte) ([]*swap, error) {
	var out []*swap
	for _, m := range a.Members {
		content, ok := contents[m]
		if !ok {
			continue
		}
		rec := &a.records[m.index]
		if rec.zip64 {
			return nil, fmt.Errorf("%w: %s is described as a very large member", ErrRewrite, Printable(m.Name))
		}
		s := &swap{rec: rec, packed: content, size: int64(len(content)), crc: crc32.ChecksumIEEE(content)}
		if rec.method == deflated {
			var b bytes.Buffer
			f, err := flate.NewWriter(&b, flate.DefaultCompression)
			if err != nil {
				return nil, err
			}
			if _, err := f.Write(content); err != nil {
				return nil, err
			}
			if err := f.Close(); err != nil {
				return nil, err
			}
			s.packed = b.Bytes()
		}
		if max(s.size, int64(len(s.packed))) >= 0xffffffff {
			return nil, fmt.Errorf("%w: %s would be too large", ErrRewrite, Printable(m.Name))
		}
		out = append(out, s)
	}
	if len(out) != len(contents) {
		return nil, fmt.Errorf("%w: a member to replace is not in it", ErrRewrite)
	}
	slices.SortFunc(out, func(a, b *swap) int { return cmp.Compare(a.rec.header, b.rec.header) })
	return out, nil
}

// header is the member's own header with its name and extra fields. Where a
// descriptor follows, checksum and sizes stand there and not here.
func (s *swap) header(r io.ReaderAt, out *copier) []byte {
	h := out.bytes(r, s.rec.header, s.rec.data)
	if h == nil || le.Uint32(h[14:])|le.Uint32(h[18:])|le.Uint32(h[22:]) == 0 && s.rec.flags&flagDescriptor != 0 {
		return h
	}
	s.describe(h[14:])
	return h
}

// describe writes checksum and sizes.
func (s *swap) describe(b []byte) {
	le.PutUint32(b, s.crc)
	le.PutUint32(b[4:], uint32(len(s.packed)))
	le.PutUint32(b[8:], uint32(s.size))
}

// descriptor is what follows the member's data, in the form it had.
func (s *swap) descriptor(r io.ReaderAt, out *copier) []byte {
	d := out.bytes(r, s.rec.data+s.rec.packed, s.rec.end)
	b, _ := bytes.CutPrefix(d, []byte(descriptorSign))
	if len(d) == 12 || len(d) == 20 { // a checksum may look like the sign
		b = d
	}
	switch len(b) {
	case 12:
		s.describe(b)
	case 20:
		le.PutUint32(b, s.crc)
		le.PutUint64(b[4:], uint64(len(s.packed)))
		le.PutUint64(b[12:], uint64(s.size))
	}
	return d
}

// patchDirectory writes what has changed into the records of the directory.
func (a *Archive) patchDirectory(dir []byte, swaps []*swap) error {
	for i := range a.records {
		rec := &a.records[i]
		at := rec.header
		next := sort.Search(len(swaps), func(i int) bool { return swaps[i].rec.header >= rec.header })
		if next > 0 {
			at += swaps[next-1].shift
		}
		if next < len(swaps) && swaps[next].rec == rec {
			swaps[next].describe(dir[rec.at+16:])
		}
		switch {
		case rec.offset64 > 0:
			le.PutUint64(dir[rec.offset64:], uint64(at))
		case at >= 0xffffffff:
			return fmt.Errorf("%w: it would grow over four gigabytes", ErrRewrite)
		default:
			le.PutUint32(dir[rec.at+42:], uint32(at))
		}
	}
	return nil
}

// patchEnd writes the new place of the directory into the records that the
// archive ends with.
func (a *Archive) patchEnd(tail []byte, moved int64) error {
	if a.end64 > 0 {
		le.PutUint64(tail[a.end64-a.dirEnd+48:], uint64(a.dir+moved))
		le.PutUint64(tail[a.locator-a.dirEnd+8:], uint64(a.end64+moved))
	}
	place := tail[a.end-a.dirEnd+16:]
	if a.end64 > 0 && le.Uint32(place) == 0xffffffff {
		return nil
	}
	if a.dir+moved >= 0xffffffff {
		return fmt.Errorf("%w: it would grow over four gigabytes", ErrRewrite)
	}
	le.PutUint32(place, uint32(a.dir+moved))
	return nil
}

// copier copies a file and counts; after an error it does nothing more.
type copier struct {
	w             io.Writer
	r             io.ReaderAt
	read, written int64
	err           error
}

// copyTo copies the bytes up to the place at in the old archive.
func (c *copier) copyTo(at int64) {
	if c.err == nil {
		var n int64
		n, c.err = io.Copy(c.w, io.NewSectionReader(c.r, c.read, at-c.read))
		c.written += n
		if c.err == nil && n != at-c.read {
			c.err = io.ErrUnexpectedEOF
		}
	}
	c.read = at
}

func (c *copier) write(b []byte) {
	if c.err == nil {
		_, c.err = c.w.Write(b)
		c.written += int64(len(b))
	}
}

// bytes are those of the old archive between two places, nil after an error.
func (c *copier) bytes(r io.ReaderAt, from, to int64) []byte {
	if c.err != nil {
		return nil
	}
	b := make([]byte, to-from)
	if _, c.err = r.ReadAt(b, from); c.err == io.EOF && to == from {
		c.err = nil
	}
	return b
}

// Verify makes sure that the new archive holds the contents, and every other
// member as the old one does, byte for byte.
func (a *Archive) Verify(r io.ReaderAt, newR io.ReaderAt, newSize int64, contents map[*Member][]byte) error {
	b, err := Read(newR, newSize, DefaultLimits)
	if err != nil {
		return fmt.Errorf("%w: read back, %w", ErrRewrite, err)
	}
	differs := func(name string) error {
		return fmt.Errorf("%w: read back, %s is not what was written", ErrRewrite, Printable(name))
	}
	if len(b.records) != len(a.records) || len(b.Members) != len(a.Members) || b.Fixed != "" {
		return fmt.Errorf("%w: read back, it has other members", ErrRewrite)
	}
	for i, m := range a.Members {
		content, swapped := contents[m]
		if !swapped {
			continue
		}
		rc := b.Members[i].Open(newR)
		got, err := io.ReadAll(rc)
		rc.Close()
		if err != nil || !bytes.Equal(got, content) {
			return differs(m.Name)
		}
	}
	swapped := map[int]bool{}
	for m := range contents {
		swapped[m.index] = true
	}
	for i := range a.records {
		x, y := &a.records[i], &b.records[i]
		if x.name != y.name || x.method != y.method || x.flags != y.flags {
			return differs(x.name)
		}
		if swapped[i] {
			continue
		}
		same, err := equal(io.NewSectionReader(r, x.header, x.end-x.header), io.NewSectionReader(newR, y.header, y.end-y.header))
		if err != nil {
			return err
		}
		if !same {
			return differs(x.name)
		}
	}
	return nil
}

// equal compares two texts piece by piece.
func equal(x, y *io.SectionReader) (bool, error) {
	if x.Size() != y.Size() {
		return false, nil
	}
	var bx, by [32 << 10]byte
	for left := x.Size(); left > 0; {
		n := min(left, int64(len(bx)))
		if _, err := io.ReadFull(x, bx[:n]); err != nil {
			return false, err
		}
		if _, err := io.ReadFull(y, by[:n]); err != nil {
			return false, err
		}
		if !bytes.Equal(bx[:n], by[:n]) {
			return false, nil
		}
		left -= n
	}
	return true, nil
}
