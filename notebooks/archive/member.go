package archive

import (
	"bufio"
	"compress/flate"
	"errors"
	"fmt"
	"hash"
	"hash/crc32"
	"io"
	"sync"
)

// ErrDamaged: the bytes of a member are not those that the directory describes.
var ErrDamaged = errors.New("the member is damaged")

// Open reads the member's bytes from the archive in r. The last read fails
// where they are not as many as the directory says, or others. Close it.
func (m *Member) Open(r io.ReaderAt) io.ReadCloser {
	packed := io.NewSectionReader(r, m.data, m.packed)
	out := &memberReader{m: m, sum: crc32.NewIEEE(), left: m.Size}
	if m.method == stored {
		out.r = packed
		return out
	}
	out.inflater = inflaters.Get().(*inflater)
	out.inflater.reset(packed)
	out.r = out.inflater.flate
	return out
}

// inflater is what inflating takes in memory, kept for the next member.
type inflater struct {
	buf   *bufio.Reader
	flate io.ReadCloser
}

var inflaters = sync.Pool{New: func() any {
	f := &inflater{buf: bufio.NewReaderSize(nil, 64<<10)}
	f.flate = flate.NewReader(f.buf)
	return f
}}

func (f *inflater) reset(r io.Reader) {
	f.buf.Reset(r)
	// A flate reader always is a Resetter, and its Reset does not fail.
	_ = f.flate.(flate.Resetter).Reset(f.buf, nil)
}

// memberReader gives out no byte more than the directory promised.
type memberReader struct {
	m        *Member
	r        io.Reader
	inflater *inflater
	sum      hash.Hash32
	left     int64
}

func (m *memberReader) Read(p []byte) (int, error) {
	if m.left == 0 {
		var one [1]byte
		n, err := m.r.Read(one[:])
		for n == 0 && err == nil {
			n, err = m.r.Read(one[:])
		}
		switch {
		case n > 0:
			return 0, fmt.Errorf("%w: it holds more bytes than the directory says", ErrDamaged)
		case err != io.EOF:
			return 0, damaged(err)
		case m.sum.Sum32() != m.m.crc:
			return 0, fmt.Errorf("%w: its checksum is wrong", ErrDamaged)
		}
		return 0, io.EOF
	}
	if int64(len(p)) > m.left {
		p = p[:m.left]
	}
	n, err := m.r.Read(p)
	m.left -= int64(n)
	m.sum.Write(p[:n])
	if err == io.EOF && m.left > 0 {
		return n, fmt.Errorf("%w: it ends too early", ErrDamaged)
	}
	if err != nil && err != io.EOF {
		return n, damaged(err)
	}
	return n, nil
}

// damaged tells an error in the packed bytes from one of the machine.
func damaged(err error) error {
	var corrupt flate.CorruptInputError
	if errors.As(err, &corrupt) || errors.Is(err, io.ErrUnexpectedEOF) {
		return fmt.Errorf("%w: it cannot be inflated", ErrDamaged)
	}
	return err
}

// Close gives back what the reader used.
func (m *memberReader) Close() error {
	if m.inflater != nil {
		inflaters.Put(m.inflater)
		m.inflater, m.r = nil, nil
	}
	return nil
}
