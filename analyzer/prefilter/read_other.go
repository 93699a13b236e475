//go:build !unix

package prefilter

import (
	"errors"
	"io"
	"os"
)

type descriptor struct{ f *os.File }

func open(path string) (descriptor, int64, error) {
	f, err := os.Open(path)
	if err != nil {
		var pe *os.PathError
		if errors.As(err, &pe) {
			err = pe.Err
		}
		return descriptor{}, 0, err
	}
	st, err := f.Stat()
	if err == nil && !st.Mode().IsRegular() {
		err = errors.New("not a regular file")
	}
	if err != nil {
		_ = f.Close()
		return descriptor{}, 0, err
	}
	return descriptor{f}, st.Size(), nil
}

func (d descriptor) read(buf []byte) (int, error) {
	n, err := d.f.Read(buf)
	if err == io.EOF {
		err = nil
	}
	return n, err
}

func (d descriptor) close() { _ = d.f.Close() }
