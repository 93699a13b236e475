//go:build unix

package prefilter

import (
	"errors"
	"syscall"
)

// descriptor is an open file. Raw system calls: package os registers every
// file with the poller, which for small files takes longer than reading them.
type descriptor int

func open(path string) (descriptor, int64, error) {
	var fd int
	err := again(func() (err error) {
		// A pipe without a writer must not block before its kind is known.
		fd, err = syscall.Open(path, syscall.O_RDONLY|syscall.O_CLOEXEC|syscall.O_NONBLOCK, 0)
		return err
	})
	if err != nil {
		return 0, 0, err
	}
	var st syscall.Stat_t
	if err = again(func() error { return syscall.Fstat(fd, &st) }); err == nil {
		switch st.Mode & syscall.S_IFMT {
		case syscall.S_IFREG:
			return descriptor(fd), st.Size, nil
		case syscall.S_IFDIR:
			err = syscall.EISDIR
		default:
			err = errors.New("not a regular file")
		}
	}
	_ = syscall.Close(fd)
	return 0, 0, err
}

func (d descriptor) read(buf []byte) (n int, err error) {
	const most = 1 << 30 // some systems refuse reads of 2 GiB and more
	if len(buf) > most {
		buf = buf[:most]
	}
	err = again(func() (err error) {
		n, err = syscall.Read(int(d), buf)
		return err
	})
	return n, err
}

func (d descriptor) close() { _ = syscall.Close(int(d)) }

// again repeats a system call that a signal interrupted.
func again(call func() error) error {
	for {
		if err := call(); err != syscall.EINTR {
			return err
		}
	}
}
