package main

import (
	"archive/zip"
	"bytes"
	"encoding/binary"
	"fmt"
	"hash/crc32"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"
)

const v1Notebook = `{"version":"NotebookV1","language":"python","commands":[{"position":1.0,"command":"%sh\ncurl -s http://169.254.169.254/latest/meta-data/instance-id"}]}`

// dbc writes an archive with members of the given names, each the same
// notebook, and gives its bytes.
func dbc(t testing.TB, names ...string) []byte {
	t.Helper()
	var b bytes.Buffer
	w := zip.NewWriter(&b)
	for _, name := range names {
		n := uint64(len(v1Notebook))
		f, err := w.CreateRaw(&zip.FileHeader{Name: name, CRC32: crc32.ChecksumIEEE([]byte(v1Notebook)), CompressedSize64: n, UncompressedSize64: n})
		if err == nil {
			_, err = io.WriteString(f, v1Notebook)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// put writes a number behind the n-th of the signs "PK..".
func put(b []byte, sign string, n, off int, v uint16) []byte {
	b = bytes.Clone(b)
	at := -1
	for range n + 1 {
		at += 1 + bytes.Index(b[at+1:], []byte(sign))
	}
	binary.LittleEndian.PutUint16(b[at+off:], v)
	return b
}

// An archive that no export looks like is reported and never written.
func TestHostileArchivesAreLeftAlone(t *testing.T) {
	two := dbc(t, "a.python", "b.python")
	for _, c := range []struct {
		name string
		b    []byte
		want string // in the report
		read int    // members that are analysed
	}{
		{"truncated", two[:len(two)-30], "not a complete zip archive", 0},
		{"bytes before it", append([]byte("MZ..."), two...), "5 bytes stand before its first member", 2},
		{"bytes behind it", append(bytes.Clone(two), "tail"...), "not a complete zip archive", 0},
		{"duplicate names", dbc(t, "a.python", "a.python"), "two of its members are named a.python", 2},
		{"a name that leads out", dbc(t, "../../a.python"), "a member's name leads out of the archive: ../../a.python", 1},
		{"an absolute name", dbc(t, "/etc/a.python"), "a member has an absolute name: /etc/a.python", 1},
		{"a name with a line end", dbc(t, "a\n::error::x.python", "b.python"), "fixed IMDS001", 2},
		{"overlapping members", put(two, "PK\x01\x02", 1, 42, 0), "members of the archive overlap", 0},
		{"an encrypted member", put(put(two, "PK\x01\x02", 0, 8, 1), "PK\x03\x04", 0, 6, 1), "x.dbc!/a.python: failed: not read: it is encrypted", 1},
		{"a method", put(put(two, "PK\x01\x02", 0, 10, 12), "PK\x03\x04", 0, 8, 12), "x.dbc!/a.python: failed: not read: it is packed by a method that is not supported (12)", 1},
		{"a bad checksum", bytes.Replace(two, []byte("curl"), []byte("wget"), 1), "x.dbc!/a.python: failed: the member is damaged: its checksum is wrong", 1},
		{"an archive in it", dbc(t, "a.python", "b.zip"), "x.dbc!/b.zip: failed: not read: an archive in an archive", 1},
		{"two names of one member", bytes.Replace(two, []byte("a.python"), []byte("z.python"), 1), "a member has two names", 2},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Chdir(t.TempDir())
			write(t, "x.dbc", string(c.b))
			code, stdout, _ := runTest(t.Context(), "", "--fix", "x.dbc")
			if c.want == "fixed IMDS001" { // nothing is wrong with it
				if code != exitClean || strings.Contains(stdout, "\n::error") {
					t.Errorf("exit %d\n%s", code, stdout)
				}
				return
			}
			if code != exitIncomplete || !strings.Contains(stdout, c.want) || strings.Count(stdout, "error IMDS001") != c.read {
				t.Errorf("exit %d\n%s", code, stdout)
			}
			wantFile(t, "x.dbc", string(c.b))
		})
	}
}

// The record of a folder holds its notebooks a second time. A copy is reported
// and fixed with the notebook; another text than the notebook's is told.
func TestCopiesInTheRecordOfAFolder(t *testing.T) {
	t.Chdir(t.TempDir())
	notebook := strings.Replace(v1Notebook, `{`, `{"name":"a",`, 1)
	other := strings.Replace(notebook, "instance-id", "ami-id", 1)
	record := func(copied string) string {
		return `{"version":"FolderV1","name":"top","children":[{"version":"FolderV1","name":"sub","children":[` + copied + `,` +
			strings.Replace(v1Notebook, `{`, `{"name":"b",`, 1) + `]}]}`
	}
	archive := func(copied string) string {
		var b bytes.Buffer
		w := zip.NewWriter(&b)
		for _, e := range [][2]string{{"top_", record(copied)}, {"top/sub/a.python", notebook}, {"top/sub/c.txt", "text"}} {
			h := &zip.FileHeader{Name: e[0], CRC32: crc32.ChecksumIEEE([]byte(e[1])), CompressedSize64: uint64(len(e[1])), UncompressedSize64: uint64(len(e[1]))}
			f, err := w.CreateRaw(h)
			if err == nil {
				_, err = io.WriteString(f, e[1])
			}
			if err != nil {
				t.Fatal(err)
			}
		}
		if err := w.Close(); err != nil {
			t.Fatal(err)
		}
		return strings.ReplaceAll(b.String(), "top_", "top/") // Go's writer gives no content to a folder
	}
	write(t, "x.dbc", archive(notebook))
	code, stdout, stderr := runTest(t.Context(), "", "--fix", "x.dbc")
	// The notebook b is in the record only.
	if code != exitClean || strings.Count(stdout, "fixed IMDS001") != 1 || strings.Count(stdout, "unexplained") != 2 {
		t.Errorf("exit %d\n%s%s", code, stdout, stderr)
	}
	got, err := os.ReadFile("x.dbc")
	if err != nil || bytes.Count(got, []byte("X-aws-ec2-metadata-token: ")) != 2 {
		t.Errorf("the copy was not fixed: %v", err)
	}
	if code, stdout, _ = runTest(t.Context(), "", "x.dbc"); code != exitClean || strings.Count(stdout, "unexplained") != 2 {
		t.Errorf("fixed, exit %d\n%s", code, stdout)
	}

	write(t, "y.dbc", archive(other))
	code, stdout, _ = runTest(t.Context(), "", "--fix", "y.dbc")
	if code != exitIncomplete || !strings.Contains(stdout, "y.dbc: failed: what it records of the folder top/ has another sub/a.python than the notebook is; nothing was written") {
		t.Errorf("exit %d\n%s", code, stdout)
	}
	wantFile(t, "y.dbc", archive(other))
}

// Members that are not read are counted, not all named.
func TestManyUnreadMembers(t *testing.T) {
	t.Chdir(t.TempDir())
	var names []string
	for i := range 500 {
		names = append(names, fmt.Sprintf("%03d.jar", i))
	}
	write(t, "x.dbc", string(dbc(t, names...)))
	code, stdout, _ := runTest(t.Context(), "", "x.dbc")
	if code != exitIncomplete || strings.Count(stdout, "\n") > 15 ||
		!strings.Contains(stdout, "x.dbc: failed: 490 more of its members are not read: an archive in an archive") {
		t.Errorf("exit %d\n%s", code, stdout)
	}
}

// An archive that changes while it is analysed is not written over.
func TestArchiveChangedDuringTheRun(t *testing.T) {
	dir := t.TempDir()
	path := write(t, filepath.Join(dir, "x.dbc"), string(dbc(t, "a.python")))
	o := options{jobs: 1, limit: time.Minute, fix: true, targets: []string{path}}
	sc := newScanner(&o, newProgress(os.Stderr, &options{quiet: true}))
	run, files := sc.scan(t.Context(), func(scan func(input)) found { return eachTarget(t.Context(), &o, nil, scan) })
	// Another member than the one that is fixed.
	changed := string(dbc(t, "a.python", "b.python"))
	write(t, path, changed)
	applyFixes(t.Context(), sc, &run, files, nil, nil)
	if len(run.Errors) != 1 || run.Errors[0].Reason != errChanged.Error() || run.Files[0].Findings[0].Fixed {
		t.Errorf("errors %v", run.Errors)
	}
	wantFile(t, path, changed)
}

// A large member in which nothing matters is searched and never held.
func TestLargeMemberIsNotHeld(t *testing.T) {
	path := filepath.Join(t.TempDir(), "x.dbc")
	f, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	w := zip.NewWriter(f)
	m, err := w.Create("a.python")
	if err != nil {
		t.Fatal(err)
	}
	const size = 100 << 20
	line := bytes.Repeat([]byte("df = spark.table('events').where('day')\n"), 100)
	for i := 0; i < size; i += len(line) {
		copy(line[8:], fmt.Sprint(i)) // so that it does not pack too well
		if _, err := m.Write(line); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
	runtime.GC()
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	code, stdout, _ := runTest(t.Context(), "", "--format", "json", path)
	runtime.ReadMemStats(&after)
	if code != exitClean || !strings.Contains(stdout, `"files": 1`) {
		t.Errorf("exit %d\n%s", code, stdout)
	}
	if used := after.TotalAlloc - before.TotalAlloc; used > size/4 {
		t.Errorf("%d bytes were allocated to search %d", used, size)
	}
}
