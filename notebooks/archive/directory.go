package archive

import (
	"bytes"
	"cmp"
	"encoding/binary"
	"fmt"
	"io"
	"slices"
)

const (
	stored   = 0
	deflated = 8

	flagEncrypted  = 1<<0 | 1<<6 | 1<<13
	flagDescriptor = 1 << 3

	headerSize  = 30 // before a member's name and data
	recordSize  = 46 // in the directory, before the name
	endSize     = 22
	end64Size   = 56
	locatorSize = 20

	headerSign     = "PK\x03\x04"
	recordSign     = "PK\x01\x02"
	descriptorSign = "PK\x07\x08"
	endSign        = "PK\x05\x06"
	end64Sign      = "PK\x06\x06"
	locatorSign    = "PK\x06\x07"

	zip64Extra = 1
)

// record is a member as the directory describes it.
type record struct {
	at, len       int // in the directory
	name          string
	flags, method uint16
	crc           uint32
	packed, size  int64
	header        int64 // where the member begins in the file
	data, end     int64 // its packed bytes; where the next thing begins
	// offset64 is where the directory has the member's place in eight bytes, 0
	// for the usual four.
	offset64 int
	zip64    bool
}

var le = binary.LittleEndian

func badFormat(format string, args ...any) error {
	return fmt.Errorf("%w: %s", ErrFormat, fmt.Sprintf(format, args...))
}

// readEnd finds the record that an archive ends with, and by it the directory.
func (a *Archive) readEnd(r io.ReaderAt) error {
	tail := make([]byte, min(a.size, endSize+1<<16))
	if _, err := r.ReadAt(tail, a.size-int64(len(tail))); err != nil && err != io.EOF {
		return err
	}
	at := len(tail)
	for {
		if at = bytes.LastIndex(tail[:at], []byte(endSign)); at < 0 {
			return badFormat("it has no directory at its end")
		}
		if len(tail)-at >= endSize && at+endSize+int(le.Uint16(tail[at+20:])) == len(tail) {
			break
		}
	}
	rec := tail[at:]
	a.end = a.size - int64(len(rec))
	count, dirSize, dirAt := int64(le.Uint16(rec[10:])), int64(le.Uint32(rec[12:])), int64(le.Uint32(rec[16:]))
	disks := le.Uint16(rec[4:]) | le.Uint16(rec[6:])
	a.dirEnd = a.end
	if count == 0xffff || dirSize == 0xffffffff || dirAt == 0xffffffff {
		c, s, d, err := a.readEnd64(r)
		if err != nil {
			return err
		}
		if a.end64 > 0 {
			count, dirSize, dirAt, disks, a.dirEnd = c, s, d, 0, a.end64
		}
	}
	if disks != 0 {
		return badFormat("it is one part of several")
	}
	a.dir = a.dirEnd - dirSize
	if dirSize < 0 || dirAt < 0 || a.dir < 0 || dirAt > a.dir || count < 0 || count > dirSize/recordSize {
		return badFormat("its directory lies outside of the file")
	}
	// Places are counted from the first member on where a program stands before.
	if a.base = a.dir - dirAt; a.base > 0 {
		a.fix(fmt.Sprintf("%d bytes stand before its first member", a.base))
	}
	a.count = count
	return nil
}

// readEnd64 reads the end record of large archives, where there is one.
func (a *Archive) readEnd64(r io.ReaderAt) (count, dirSize, dirAt int64, err error) {
	var loc [locatorSize]byte
	if a.end < locatorSize {
		return 0, 0, 0, nil
	}
	if _, err := r.ReadAt(loc[:], a.end-locatorSize); err != nil {
		return 0, 0, 0, err
	}
	if string(loc[:4]) != locatorSign {
		return 0, 0, 0, nil // the values are just that large
	}
	at := int64(le.Uint64(loc[8:]))
	var rec [end64Size]byte
	if at < 0 || at > a.end-locatorSize-end64Size {
		return 0, 0, 0, badFormat("its end record lies outside of the file")
	}
	if _, err := r.ReadAt(rec[:], at); err != nil {
		return 0, 0, 0, err
	}
	if string(rec[:4]) != end64Sign {
		return 0, 0, 0, badFormat("its end record is missing")
	}
	a.end64, a.locator = at, a.end-locatorSize
	return int64(le.Uint64(rec[32:])), int64(le.Uint64(rec[40:])), int64(le.Uint64(rec[48:])), nil
}

// readDirectory reads the records of all members.
func (a *Archive) readDirectory(r io.ReaderAt, limits Limits) error {
	size := a.dirEnd - a.dir
	if size > limits.Directory || a.count > int64(limits.Members) {
		return fmt.Errorf("%w: its directory has %d entries in %s", ErrLimit, a.count, megabytes(size))
	}
	a.records = make([]record, 0, a.count)
	dir := make([]byte, size)
	if _, err := r.ReadAt(dir, a.dir); err != nil {
		return err
	}
	for at := 0; at < len(dir); {
		rec, err := parseRecord(dir[at:])
		if err != nil {
			return err
		}
		if len(a.records) == cap(a.records) {
			return badFormat("its directory has more entries than it says")
		}
		rec.at, rec.header = at, rec.header+a.base
		if rec.offset64 > 0 {
			rec.offset64 += at
		}
		at += rec.len
		a.records = append(a.records, rec)
	}
	if len(a.records) < cap(a.records) {
		return badFormat("its directory has fewer entries than it says")
	}
	return nil
}

func parseRecord(b []byte) (rec record, err error) {
	if len(b) < recordSize || string(b[:4]) != recordSign {
		return rec, badFormat("its directory is damaged")
	}
	name, extra, comment := int(le.Uint16(b[28:])), int(le.Uint16(b[30:])), int(le.Uint16(b[32:]))
	rec = record{len: recordSize + name + extra + comment, flags: le.Uint16(b[8:]), method: le.Uint16(b[10:]),
		crc: le.Uint32(b[16:]), packed: int64(le.Uint32(b[20:])), size: int64(le.Uint32(b[24:])), header: int64(le.Uint32(b[42:]))}
	if rec.len > len(b) {
		return rec, badFormat("its directory is damaged")
	}
	rec.name = string(b[recordSize : recordSize+name])
	wants := []*int64{&rec.size, &rec.packed, &rec.header}
	e, at := findExtra(b[recordSize+name:recordSize+name+extra], zip64Extra)
	at += recordSize + name
	for _, v := range wants {
		if *v != 0xffffffff {
			continue
		}
		if len(e) < 8 {
			break // the value is just that large
		}
		if v == &rec.header {
			rec.offset64 = at
		} else {
			rec.zip64 = true
		}
		*v = int64(le.Uint64(e))
		e, at = e[8:], at+8
	}
	if rec.size < 0 || rec.packed < 0 || rec.header < 0 {
		return rec, badFormat("its directory is damaged")
	}
	return rec, nil
}

// findExtra is the data of an extra field and its place among the fields.
func findExtra(b []byte, id uint16) (data []byte, at int) {
	for len(b)-at >= 4 {
		n := int(le.Uint16(b[at+2:]))
		if at+4+n > len(b) {
			return nil, 0
		}
		if le.Uint16(b[at:]) == id {
			return b[at+4 : at+4+n], at + 4
		}
		at += 4 + n
	}
	return nil, 0
}

// readHeaders compares each member's header with its record. A difference is
// no reason not to read: the directory counts.
func (a *Archive) readHeaders(r io.ReaderAt) error {
	var buf [headerSize + 1<<16]byte
	for i := range a.records {
		rec := &a.records[i]
		if rec.header < 0 || rec.header > a.dir-headerSize {
			return badFormat("a member lies outside of it: %s", Printable(rec.name))
		}
		h := buf[:min(headerSize+int64(len(rec.name)), a.dir-rec.header)]
		if _, err := r.ReadAt(h, rec.header); err != nil {
			return err
		}
		if string(h[:4]) != headerSign {
			return badFormat("a member has no header: %s", Printable(rec.name))
		}
		name, extra := int64(le.Uint16(h[26:])), int64(le.Uint16(h[28:]))
		rec.data = rec.header + headerSize + name + extra
		if rec.data > a.dir || rec.packed > a.dir-rec.data {
			return badFormat("a member lies outside of it: %s", Printable(rec.name))
		}
		rec.end = rec.data + rec.packed
		if name != int64(len(rec.name)) || string(h[headerSize:]) != rec.name {
			a.fix("a member has two names, one of them " + Printable(rec.name))
		}
		if le.Uint16(h[8:]) != rec.method || (le.Uint16(h[6:])^rec.flags)&(flagEncrypted|flagDescriptor) != 0 {
			a.fix("a member is described in two ways: " + Printable(rec.name))
		}
		if rec.flags&flagDescriptor != 0 {
			if err := a.readDescriptor(r, rec); err != nil {
				return err
			}
		} else if le.Uint32(h[14:]) != rec.crc || !isSize(h[18:], rec.packed) || !isSize(h[22:], rec.size) {
			a.fix("a member is described in two ways: " + Printable(rec.name))
		}
		if le.Uint32(h[18:]) == 0xffffffff || le.Uint32(h[22:]) == 0xffffffff {
			rec.zip64 = true // the sizes stand in an extra field
		}
	}
	return nil
}

// isSize tells whether the four bytes say n, or that an extra field does.
func isSize(b []byte, n int64) bool {
	return int64(le.Uint32(b)) == n || le.Uint32(b) == 0xffffffff
}

// readDescriptor takes what stands behind a member whose size was not known
// when it was written: its checksum and sizes, in one of four forms.
func (a *Archive) readDescriptor(r io.ReaderAt, rec *record) error {
	buf := make([]byte, min(24, a.dir-rec.end))
	if _, err := r.ReadAt(buf, rec.end); err != nil {
		return err
	}
	b, signed := bytes.CutPrefix(buf, []byte(descriptorSign))
	n := int64(0)
	if signed {
		n = 4
	}
	switch {
	case len(b) < 12 || le.Uint32(b) != rec.crc:
	case len(b) >= 20 && le.Uint64(b[4:]) == uint64(rec.packed) && le.Uint64(b[12:]) == uint64(rec.size):
		rec.end += n + 20
		return nil
	case le.Uint32(b[4:]) == uint32(rec.packed) && le.Uint32(b[8:]) == uint32(rec.size):
		rec.end += n + 12
		return nil
	}
	a.fix("a member is described in two ways: " + Printable(rec.name))
	return nil
}

// checkOverlap makes sure that no two members share a byte.
func (a *Archive) checkOverlap() error {
	order := make([]*record, len(a.records))
	for i := range a.records {
		order[i] = &a.records[i]
	}
	slices.SortFunc(order, func(x, y *record) int { return cmp.Compare(x.header, y.header) })
	for i := 1; i < len(order); i++ {
		if order[i].header < order[i-1].end {
			return fmt.Errorf("%w: %s and %s", ErrOverlap, Printable(order[i-1].name), Printable(order[i].name))
		}
	}
	return nil
}
