package backup

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"
)

func TestPutAndGet(t *testing.T) {
	s := Store{filepath.Join(t.TempDir(), "a", "backup")}
	for _, content := range [][]byte{nil, []byte("x"), bytes.Repeat([]byte("\xff\r\n"), 1<<16)} {
		name, err := s.Put(content)
		if err != nil {
			t.Fatal(err)
		}
		if again, err := s.Put(content); err != nil || again != name {
			t.Errorf("put twice: %s, %v", again, err)
		}
		if got, err := s.Get(name); err != nil || !bytes.Equal(got, content) {
			t.Errorf("%q %v", got, err)
		}
		if info, err := os.Stat(s.File(name)); err != nil || info.Mode().Perm() != 0o600 {
			t.Errorf("mode %v, %v", info.Mode(), err)
		}
	}
	entries, _ := os.ReadDir(s.Folder)
	if len(entries) != 3 {
		t.Errorf("%d files for three contents", len(entries))
	}
}

func TestDamageIsSeenAndMended(t *testing.T) {
	s := Store{t.TempDir()}
	name, err := s.Put([]byte("the original"))
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(s.File(name), []byte("the origin"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := s.Get(name); err == nil {
		t.Error("damaged content was given out")
	}
	if _, err := s.Put([]byte("the original")); err != nil {
		t.Fatal(err)
	}
	if got, err := s.Get(name); err != nil || string(got) != "the original" {
		t.Errorf("%q %v", got, err)
	}
	for _, bad := range []string{"", "../../etc/passwd", Sum([]byte("never put"))} {
		if _, err := s.Get(bad); err == nil {
			t.Errorf("%q was found", bad)
		}
	}
}
