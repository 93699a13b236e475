package prefilter

import (
	"cmp"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"sync"
)

// Buffer is memory to read file after file into: fresh memory for each file
// costs many times what reading it does. Get one for each worker or file, and
// Free it when its bytes are no longer in use.
type Buffer struct{ data []byte }

var pool = sync.Pool{New: func() any { return new(Buffer) }}

// keep is the size above which a buffer is not kept for later files.
const keep = 64 << 20

// Get is a buffer with unknown contents.
func Get() *Buffer { return pool.Get().(*Buffer) }

// Free gives the buffer back; the bytes read into it are no longer valid.
func (b *Buffer) Free() {
	if cap(b.data) > keep {
		b.data = nil
	}
	pool.Put(b)
}

// Read reads the file. The bytes are valid until the next Read or Free.
func (b *Buffer) Read(path string) ([]byte, error) {
	data, err := ReadInto(b.data, path)
	if cap(data) > 0 {
		b.data = data[:0]
	}
	return data, err
}

// piece is how much of a file is looked at in one go: little enough to stay in
// the processor's cache between reading and searching.
const piece = 128 << 10

// ReadMatching reads the file if the filter matches its text; data is nil and
// matched false otherwise. Files that do not match are never held as a whole.
// size is the number of bytes read. The bytes are valid until the next read or
// Free.
func (b *Buffer) ReadMatching(path string, f *Filter) (data []byte, size int64, matched bool, err error) {
	size, matched, err = b.search(path, f)
	if err != nil || !matched {
		return nil, size, false, err
	}
	if data, err = b.Read(path); err != nil {
		return nil, 0, false, err
	}
	// A piece may end in the middle of a word that the whole shows to be another.
	if !f.Match(data) {
		return nil, int64(len(data)), false, nil
	}
	return data, int64(len(data)), true, nil
}

// ErrTooLarge: a text matches and is too large to be held.
var ErrTooLarge = errors.New("too large to be analysed")

// MatchingStream is ReadMatching for a text of size bytes that is no file by
// itself; open gives it out, and again where it matches. A text that matches
// and has more than most bytes is an error.
func (b *Buffer) MatchingStream(open func() io.ReadCloser, size, most int64, f *Filter) (data []byte, matched bool, err error) {
	if size > piece {
		r := open()
		defer r.Close()
		_, matched, err = b.searchIn(f, func(p []byte) (int, error) { return readSome(r, p) })
		if err != nil || !matched {
			return nil, false, err
		}
	}
	if size > most {
		return nil, true, fmt.Errorf("%w: %d MB", ErrTooLarge, size>>20)
	}
	if int64(cap(b.data)) < size+1 {
		b.data = make([]byte, 0, roundUp(int(size)+1))
	}
	r := open()
	defer r.Close()
	data = b.data[:size]
	if _, err := io.ReadFull(r, data); err != nil {
		return nil, false, err
	}
	if n, err := readSome(r, b.data[size:size+1]); n > 0 || err != nil {
		return nil, false, cmp.Or(err, errors.New("is longer than expected"))
	}
	if !f.Match(data) {
		return nil, false, nil
	}
	return data, true, nil
}

// readSome reads what there is; without an error, nothing means the end.
func readSome(r io.Reader, p []byte) (int, error) {
	for {
		n, err := r.Read(p)
		if err == io.EOF {
			err = nil
		} else if n == 0 && err == nil {
			continue
		}
		return n, err
	}
}

// search looks for the filter's words in a file.
func (b *Buffer) search(path string, f *Filter) (size int64, matched bool, err error) {
	d, _, err := open(path)
	if err != nil {
		return 0, false, &fs.PathError{Op: "open", Path: path, Err: err}
	}
	defer d.close()
	size, matched, err = b.searchIn(f, d.read)
	if err != nil {
		return 0, false, &fs.PathError{Op: "read", Path: path, Err: err}
	}
	return size, matched, nil
}

// searchIn looks for the filter's words piece by piece. Each piece begins with
// the end of the one before, so that no word is cut. read gives no bytes at
// the end.
func (b *Buffer) searchIn(f *Filter, read func([]byte) (int, error)) (size int64, matched bool, err error) {
	if cap(b.data) < piece {
		b.data = make([]byte, 0, piece)
	}
	buf := b.data[:piece]
	match, held := f.Match, 0
	for {
		n, err := read(buf[held:])
		if err != nil {
			return 0, false, err
		}
		size += int64(n)
		if n > 0 && match(buf[:held+n]) {
			return size, true, nil
		}
		if n == 0 {
			return size, size == 0 && f.everything, nil
		}
		overlap := min(f.longest, held+n)
		copy(buf, buf[held+n-overlap:held+n])
		match, held = f.match, overlap
	}
}

// ReadInto reads a file into the memory of buf, or into new memory where that
// is too small, and returns the contents; buf may be nil. Only regular files
// are read: a pipe or a device could block or never end.
func ReadInto(buf []byte, path string) ([]byte, error) {
	f, size, err := open(path)
	if err != nil {
		return buf[:0], &fs.PathError{Op: "open", Path: path, Err: err}
	}
	defer f.close()
	buf = buf[:0]
	// One byte more than the size lets the end be seen without growing.
	if want := size + 1; int64(cap(buf)) < want {
		if want != int64(int(want)) {
			return buf, &fs.PathError{Op: "read", Path: path, Err: fmt.Errorf("%d bytes are too many", size)}
		}
		buf = make([]byte, 0, roundUp(int(want)))
	}
	for {
		if len(buf) == cap(buf) { // the file has grown
			buf = append(buf, 0)[:len(buf)]
		}
		n, err := f.read(buf[len(buf):cap(buf)])
		if err != nil {
			return buf[:0], &fs.PathError{Op: "read", Path: path, Err: err}
		}
		if n == 0 {
			return buf, nil
		}
		buf = buf[:len(buf)+n]
	}
}

// roundUp leaves room for the next file that is a little larger.
func roundUp(n int) int {
	const page = 64 << 10
	if n > keep {
		return n
	}
	return (n + n/4 + page - 1) / page * page
}
