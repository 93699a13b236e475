package prefilter

import (
	"bytes"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"testing"
	"testing/iotest"
)

func TestRead(t *testing.T) {
	dir := t.TempDir()
	b := Get()
	defer b.Free()
	for _, n := range []int{0, 1, 100_000, 3, 2_000_000, 70_000} {
		want := bytes.Repeat([]byte{'a' + byte(n%7)}, n)
		path := filepath.Join(dir, "f")
		if err := os.WriteFile(path, want, 0o600); err != nil {
			t.Fatal(err)
		}
		got, err := b.Read(path)
		if err != nil || !bytes.Equal(got, want) {
			t.Errorf("%d bytes: read %d, %v", n, len(got), err)
		}
	}
	big := cap(b.data)
	if _, err := b.Read(filepath.Join(dir, "f")); err != nil || cap(b.data) != big {
		t.Errorf("the buffer was not used again: %d, %d, %v", big, cap(b.data), err)
	}
}

func TestReadGrowingFile(t *testing.T) {
	// Files under /proc have the size 0 and contents all the same.
	path := "/proc/self/status"
	want, err := os.ReadFile(path)
	if err != nil {
		t.Skip("no /proc here")
	}
	got, err := ReadInto(make([]byte, 0, 8), path)
	if err != nil || len(got) < len(want)/2 || !bytes.HasPrefix(got, want[:20]) {
		t.Errorf("read %d bytes of %d, %v", len(got), len(want), err)
	}
}

func TestReadMatching(t *testing.T) {
	path := filepath.Join(t.TempDir(), "f")
	f := New("a-longer-word-of-the-caller")
	b := Get()
	defer b.Free()
	try := func(text []byte, want bool) {
		t.Helper()
		if err := os.WriteFile(path, text, 0o600); err != nil {
			t.Fatal(err)
		}
		data, size, matched, err := b.ReadMatching(path, f)
		if err != nil || matched != want || size != int64(len(text)) {
			t.Errorf("%d bytes: matched %v, size %d, %v", len(text), matched, size, err)
		}
		if want && !bytes.Equal(data, text) || !want && data != nil {
			t.Errorf("%d bytes: got %d", len(text), len(data))
		}
	}
	for _, n := range []int{0, 1, piece - 1, piece, piece + 1, 3*piece + 5} {
		try(bytes.Repeat([]byte("x"), n), false)
	}
	for _, word := range []string{"169.254.169.254", "A-longer-word-of-the-caller", " boto "} {
		for at := piece - 2*len(word); at < piece+5; at++ {
			text := bytes.Repeat([]byte(" "), 2*piece+100)
			copy(text[at:], word)
			try(text, true)
		}
	}
	for at := piece - 8; at < piece+2; at++ { // "boto" ends where a piece does
		text := bytes.Repeat([]byte(" "), 2*piece)
		copy(text[at:], "boto3")
		try(text, false)
		copy(text[at-5:], "xroboto ")
		try(text, false)
	}
	try([]byte("\xff\xfex"), true)
	if _, _, _, err := b.ReadMatching(path+"-none", f); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("missing file: %v", err)
	}
}

func TestReadRefuses(t *testing.T) {
	dir := t.TempDir()
	_, err := ReadInto(nil, dir)
	var pe *fs.PathError
	if !errors.As(err, &pe) || pe.Path != dir {
		t.Errorf("folder: %v", err)
	}
	if _, err = ReadInto(nil, filepath.Join(dir, "none")); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("missing file: %v", err)
	}
	secret := filepath.Join(dir, "secret")
	if err := os.WriteFile(secret, nil, 0); err != nil {
		t.Fatal(err)
	}
	if _, err = ReadInto(nil, secret); os.Geteuid() != 0 && !errors.Is(err, fs.ErrPermission) {
		t.Errorf("unreadable file: %v", err)
	}
}

// readCloser is a text in pieces, as inflating gives them out.
type readCloser struct{ io.Reader }

func (readCloser) Close() error { return nil }

func TestMatchingStream(t *testing.T) {
	f := New("a-longer-word-of-the-caller")
	b := Get()
	defer b.Free()
	word := []byte("A-Longer-Word-Of-The-Caller")
	for _, n := range []int{0, 10, piece - 10, piece, 3*piece + 5} {
		for at := -1; at <= n; at += n/3 + 1 {
			text := bytes.Repeat([]byte{'.'}, n)
			if at >= 0 {
				text = append(append(text[:at:at], word...), text[at:]...)
			}
			open := func() io.ReadCloser { return readCloser{iotest.HalfReader(bytes.NewReader(text))} }
			data, matched, err := b.MatchingStream(open, int64(len(text)), 2*piece, f)
			large := at >= 0 && len(text) > 2*piece
			if large != errors.Is(err, ErrTooLarge) || !large && err != nil || matched != (at >= 0) || matched && !large && !bytes.Equal(data, text) {
				t.Errorf("%d bytes, the word at %d: matched %v, %d bytes, %v", n, at, matched, len(data), err)
			}
		}
	}
	for _, size := range []int64{5, 15} {
		open := func() io.ReadCloser { return readCloser{bytes.NewReader(make([]byte, 10))} }
		if _, _, err := b.MatchingStream(open, size, piece, f); err == nil {
			t.Errorf("10 bytes passed for %d", size)
		}
	}
	bad := errors.New("bad")
	open := func() io.ReadCloser { return readCloser{iotest.ErrReader(bad)} }
	for _, size := range []int64{5, 2 * piece} {
		if _, _, err := b.MatchingStream(open, size, piece, f); !errors.Is(err, bad) {
			t.Errorf("%d bytes: %v", size, err)
		}
	}
}
