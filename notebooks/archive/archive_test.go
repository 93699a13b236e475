package archive

import (
	"archive/zip"
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"math/rand"
	"strings"
	"testing"
	"time"
)

// entry is a member to make an archive of.
type entry struct {
	name, text string
	method     uint16
	raw        bool // without a descriptor, as most programs write it
}

// build makes an archive with Go's own writer.
func build(t testing.TB, entries ...entry) []byte {
	t.Helper()
	var b bytes.Buffer
	w := zip.NewWriter(&b)
	for i, e := range entries {
		h := &zip.FileHeader{Name: e.name, Method: e.method, Comment: "c" + e.name,
			Modified: time.Date(2020, 1, 2, 3, 4, i, 0, time.UTC), Extra: []byte{0x99, 0x99, 2, 0, 'a', 'b'}}
		if !e.raw {
			f, err := w.CreateHeader(h)
			if err == nil {
				_, err = io.WriteString(f, e.text)
			}
			if err != nil {
				t.Fatal(err)
			}
			continue
		}
		h.Method, h.CRC32 = zip.Store, crc32.ChecksumIEEE([]byte(e.text))
		h.UncompressedSize64, h.CompressedSize64 = uint64(len(e.text)), uint64(len(e.text))
		f, err := w.CreateRaw(h)
		if err == nil {
			_, err = io.WriteString(f, e.text)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	if err := w.SetComment("an archive"); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func read(t testing.TB, b []byte) *Archive {
	t.Helper()
	a, err := Read(bytes.NewReader(b), int64(len(b)), DefaultLimits)
	if err != nil {
		t.Fatal(err)
	}
	return a
}

func content(b []byte, m *Member) (string, error) {
	r := m.Open(bytes.NewReader(b))
	defer r.Close()
	got, err := io.ReadAll(r)
	return string(got), err
}

func TestReadMembers(t *testing.T) {
	long := strings.Repeat("long text, ", 10_000)
	b := build(t, entry{name: "a/x.python", text: long, method: zip.Deflate}, entry{name: "a/"},
		entry{name: "日本.sql", text: "stored", raw: true}, entry{name: "empty", method: zip.Deflate}, entry{name: "none", raw: true})
	a := read(t, b)
	if a.Fixed != "" || len(a.Members) != 4 {
		t.Fatalf("%q, %d members", a.Fixed, len(a.Members))
	}
	for i, want := range []string{long, "stored", "", ""} {
		got, err := content(b, a.Members[i])
		if err != nil || got != want || a.Members[i].Size != int64(len(want)) {
			t.Errorf("%s: %d bytes, %v", a.Members[i].Name, len(got), err)
		}
	}
}

// The new archive is the old one in every byte that is not the replaced
// member's, and Go's reader finds the new contents in it.
func TestRewrite(t *testing.T) {
	r := rand.New(rand.NewSource(1))
	for round := range 200 {
		var es []entry
		for i := range 1 + r.Intn(6) {
			es = append(es, entry{name: fmt.Sprintf("d/%d.python", i), text: strings.Repeat(fmt.Sprint(r.Int63()), r.Intn(50)),
				method: []uint16{zip.Store, zip.Deflate}[r.Intn(2)], raw: r.Intn(3) == 0})
		}
		old := build(t, es...)
		a := read(t, old)
		contents := map[*Member][]byte{}
		for i, m := range a.Members {
			if r.Intn(2) == 0 {
				es[i].text = strings.Repeat(fmt.Sprint(r.Int63()), r.Intn(50))
				contents[m] = []byte(es[i].text)
			}
		}
		var out bytes.Buffer
		if err := a.Rewrite(&out, bytes.NewReader(old), contents); err != nil {
			t.Fatalf("round %d: %v", round, err)
		}
		if len(contents) == 0 && !bytes.Equal(out.Bytes(), old) {
			t.Fatal("an archive without changes came out changed")
		}
		if err := a.Verify(bytes.NewReader(old), bytes.NewReader(out.Bytes()), int64(out.Len()), contents); err != nil {
			t.Fatalf("round %d: %v", round, err)
		}
		sameBut(t, old, out.Bytes(), es, contents, a)
	}
}

// sameBut compares with what Go's reader finds.
func sameBut(t *testing.T, old, now []byte, es []entry, contents map[*Member][]byte, a *Archive) {
	t.Helper()
	before, err := zip.NewReader(bytes.NewReader(old), int64(len(old)))
	if err != nil {
		t.Fatal(err)
	}
	after, err := zip.NewReader(bytes.NewReader(now), int64(len(now)))
	if err != nil {
		t.Fatal(err)
	}
	if before.Comment != after.Comment || len(before.File) != len(after.File) {
		t.Fatal("comment or members differ")
	}
	for i, f := range after.File {
		b := before.File[i]
		if f.Name != b.Name || f.Comment != b.Comment || !f.Modified.Equal(b.Modified) || f.Flags != b.Flags ||
			f.Method != b.Method || !bytes.Equal(f.Extra, b.Extra) || f.ExternalAttrs != b.ExternalAttrs {
			t.Errorf("%s is described differently", f.Name)
		}
		rc, err := f.Open()
		if err != nil {
			t.Fatal(err)
		}
		got, err := io.ReadAll(rc)
		if err != nil || string(got) != es[i].text {
			t.Errorf("%s: %v, %d bytes", f.Name, err, len(got))
		}
		if _, swapped := contents[a.Members[i]]; !swapped {
			x, _ := b.OpenRaw()
			y, _ := f.OpenRaw()
			xb, _ := io.ReadAll(x)
			yb, _ := io.ReadAll(y)
			if !bytes.Equal(xb, yb) {
				t.Errorf("%s: its packed bytes changed", f.Name)
			}
		}
	}
}

func TestVerifySeesDifferences(t *testing.T) {
	old := build(t, entry{name: "a", text: "one", raw: true}, entry{name: "b", text: "two", raw: true})
	a := read(t, old)
	contents := map[*Member][]byte{a.Members[0]: []byte("uno")}
	var out bytes.Buffer
	if err := a.Rewrite(&out, bytes.NewReader(old), contents); err != nil {
		t.Fatal(err)
	}
	for _, swap := range []string{"uno", "two"} {
		bad := bytes.Replace(out.Bytes(), []byte(swap), []byte("XXX"), 1)
		if err := a.Verify(bytes.NewReader(old), bytes.NewReader(bad), int64(len(bad)), contents); !errors.Is(err, ErrRewrite) {
			t.Errorf("%s became XXX: %v", swap, err)
		}
	}
}

// patch writes a number into the n-th thing with that sign.
func patch(b []byte, sign string, n, off, size int, v uint64) []byte {
	b = bytes.Clone(b)
	at := -1
	for range n + 1 {
		at += 1 + bytes.Index(b[at+1:], []byte(sign))
	}
	var le [8]byte
	binary.LittleEndian.PutUint64(le[:], v)
	copy(b[at+off:at+off+size], le[:])
	return b
}

func TestHostileArchives(t *testing.T) {
	raw := func(names ...string) []byte {
		var es []entry
		for _, n := range names {
			es = append(es, entry{name: n, text: "text of " + n, raw: true})
		}
		return build(t, es...)
	}
	two := raw("a", "b")
	deflated := build(t, entry{name: "a", text: strings.Repeat("x", 1000), method: zip.Deflate})
	for _, tt := range []struct {
		name   string
		b      []byte
		err    error  // of Read
		fixed  string // in Fixed
		unread string // of the first member
		broken string // what reading the first member says
	}{
		{name: "sound", b: two},
		{name: "empty file", b: nil, err: ErrFormat},
		{name: "no archive", b: []byte(strings.Repeat("text\n", 100)), err: ErrFormat},
		{name: "truncated", b: two[:len(two)-5], err: ErrFormat},
		{name: "cut in the middle", b: two[:40], err: ErrFormat},
		{name: "bytes behind it", b: append(bytes.Clone(two), "more"...), err: ErrFormat},
		{name: "bytes before it", b: append([]byte("#!/bin/sh\n"), two...), fixed: "10 bytes stand before its first member"},
		{name: "second disk", b: patch(two, endSign, 0, 4, 2, 1), err: ErrFormat},
		{name: "directory outside", b: patch(two, endSign, 0, 16, 4, 1<<30), err: ErrFormat},
		{name: "huge directory", b: patch(two, endSign, 0, 12, 4, 1<<31), err: ErrFormat},
		{name: "too many entries", b: patch(patch(two, endSign, 0, 8, 2, 3), endSign, 0, 10, 2, 3), err: ErrFormat},
		{name: "too few entries", b: patch(patch(two, endSign, 0, 8, 2, 1), endSign, 0, 10, 2, 1), err: ErrFormat},
		{name: "damaged directory", b: patch(two, recordSign, 1, 0, 4, 0), err: ErrFormat},
		{name: "member outside", b: patch(two, recordSign, 0, 42, 4, 1<<28), err: ErrFormat},
		{name: "member longer than the file", b: patch(two, recordSign, 0, 20, 4, 1<<28), err: ErrFormat},
		{name: "member without header", b: patch(two, recordSign, 1, 42, 4, 3), err: ErrFormat},
		{name: "same member twice", b: patch(two, recordSign, 1, 42, 4, 0), err: ErrOverlap},
		{name: "member over another", b: patch(two, recordSign, 0, 20, 4, 20), err: ErrOverlap},
		{name: "duplicate names", b: raw("a", "a"), fixed: "two of its members are named a"},
		{name: "name that leads out", b: raw("x/../../a"), fixed: "leads out of the archive"},
		{name: "name that leads out, Windows", b: raw(`..\a`), fixed: "leads out of the archive"},
		{name: "absolute name", b: raw("/etc/a"), fixed: "absolute name"},
		{name: "absolute name, Windows", b: raw("c:/a"), fixed: "absolute name"},
		{name: "NUL in a name", b: raw("a\x00.py"), fixed: "a name that is none"},
		{name: "empty name", b: raw(""), fixed: "a name that is none"},
		{name: "other name in the header", b: patch(two, headerSign, 0, headerSize, 1, 'z'), fixed: "a member has two names"},
		{name: "other method in the header", b: patch(two, headerSign, 0, 8, 2, 8), fixed: "described in two ways"},
		{name: "other size in the header", b: patch(two, headerSign, 0, 22, 4, 1), fixed: "described in two ways"},
		{name: "wrong descriptor", b: patch(deflated, descriptorSign, 0, 8, 4, 1), fixed: "described in two ways"},
		{name: "encrypted", b: patch(patch(two, recordSign, 0, 8, 2, 1), headerSign, 0, 6, 2, 1), unread: "encrypted"},
		{name: "method", b: patch(patch(two, recordSign, 0, 10, 2, 14), headerSign, 0, 8, 2, 14), unread: "not supported (14)"},
		{name: "archive in it", b: raw("lib/x.JAR"), unread: "an archive in an archive"},
		{name: "bad checksum", b: bytes.Replace(two, []byte("text of a"), []byte("test of a"), 1), broken: "checksum"},
		{name: "more than it says", b: patch(patch(deflated, recordSign, 0, 24, 4, 10), descriptorSign, 0, 12, 4, 10), broken: "more bytes"},
		{name: "less than it says", b: patch(patch(deflated, recordSign, 0, 24, 4, 2000), descriptorSign, 0, 12, 4, 2000), broken: "too early"},
		{name: "no deflate", b: patch(deflated, headerSign, 0, headerSize+1+15, 2, 0xffff), broken: "cannot be inflated"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			a, err := Read(bytes.NewReader(tt.b), int64(len(tt.b)), DefaultLimits)
			if !errors.Is(err, tt.err) || tt.err == nil && err != nil {
				t.Fatalf("%v, want %v", err, tt.err)
			}
			if err != nil {
				return
			}
			m := a.Members[0]
			if !strings.Contains(a.Fixed, tt.fixed) || (tt.fixed == "") != (a.Fixed == "") {
				t.Errorf("fixed %q, want %q", a.Fixed, tt.fixed)
			}
			if !strings.Contains(m.Unread, tt.unread) || (tt.unread == "") != (m.Unread == "") {
				t.Errorf("unread %q, want %q", m.Unread, tt.unread)
			}
			if tt.unread == "" {
				_, err := content(tt.b, m)
				if tt.broken == "" && err != nil || tt.broken != "" && (!errors.Is(err, ErrDamaged) || !strings.Contains(err.Error(), tt.broken)) {
					t.Errorf("reading says %v, want %q", err, tt.broken)
				}
			}
			if err := a.Rewrite(io.Discard, bytes.NewReader(tt.b), nil); (err != nil) != (tt.fixed != "") {
				t.Errorf("rewriting says %v", err)
			}
		})
	}
}

func TestLimits(t *testing.T) {
	b := build(t, entry{name: "a", text: strings.Repeat("x", 3000), method: zip.Deflate}, entry{name: "b", text: strings.Repeat("xyz", 1000)})
	limits := DefaultLimits
	limits.Ratio, limits.RatioFrom = 20, 1000
	a, err := Read(bytes.NewReader(b), int64(len(b)), limits)
	if err != nil || !strings.Contains(a.Members[0].Unread, "more than 20 times") || a.Members[1].Unread != "" {
		t.Errorf("%v, %q and %q", err, a.Members[0].Unread, a.Members[1].Unread)
	}
	for _, l := range []Limits{{Inflated: 5000, AllFrom: 10_000}, {Inflated: 10_000, AllFrom: 5000, AllRatio: 1}} {
		l.Members, l.Directory, l.Ratio, l.RatioFrom = 10, 1<<20, 100, 1<<20
		a, err = Read(bytes.NewReader(b), int64(len(b)), l)
		if err != nil || a.Members[0].Unread != "" || !strings.Contains(a.Members[1].Unread, "5000 bytes") {
			t.Errorf("%v, %q and %q", err, a.Members[0].Unread, a.Members[1].Unread)
		}
	}
	for _, l := range []Limits{{Members: 1, Directory: 1 << 20}, {Members: 10, Directory: 50}} {
		if _, err := Read(bytes.NewReader(b), int64(len(b)), l); !errors.Is(err, ErrLimit) {
			t.Errorf("%+v: %v", l, err)
		}
	}
}

// zip64 makes the end records of a large archive for a small one.
func zip64(b []byte) []byte {
	end := bytes.LastIndex(b, []byte(endSign))
	count, size, at := le.Uint16(b[end+10:]), le.Uint32(b[end+12:]), le.Uint32(b[end+16:])
	rec := make([]byte, end64Size)
	copy(rec, end64Sign)
	le.PutUint64(rec[4:], end64Size-12)
	le.PutUint64(rec[24:], uint64(count))
	le.PutUint64(rec[32:], uint64(count))
	le.PutUint64(rec[40:], uint64(size))
	le.PutUint64(rec[48:], uint64(at))
	loc := make([]byte, locatorSize)
	copy(loc, locatorSign)
	le.PutUint64(loc[8:], uint64(end))
	le.PutUint32(loc[16:], 1)
	tail := bytes.Clone(b[end:])
	for i := 8; i < 20; i++ {
		tail[i] = 0xff
	}
	return append(append(append(bytes.Clone(b[:end]), rec...), loc...), tail...)
}

func TestZip64(t *testing.T) {
	es := []entry{{name: "a", text: "one", raw: true}, {name: "b", text: "two", raw: true}}
	old := zip64(build(t, es...))
	a := read(t, old)
	if a.Fixed != "" || len(a.Members) != 2 {
		t.Fatal(a.Fixed, len(a.Members))
	}
	contents := map[*Member][]byte{a.Members[0]: []byte("one and more")}
	var out bytes.Buffer
	if err := a.Rewrite(&out, bytes.NewReader(old), contents); err != nil {
		t.Fatal(err)
	}
	if err := a.Verify(bytes.NewReader(old), bytes.NewReader(out.Bytes()), int64(out.Len()), contents); err != nil {
		t.Fatal(err)
	}
	es[0].text = "one and more"
	sameBut(t, old, out.Bytes(), es, contents, a)
	for name, bad := range map[string][]byte{
		"no end record": patch(old, locatorSign, 0, 8, 8, 0), "outside": patch(old, locatorSign, 0, 8, 8, 1<<62),
		"negative": patch(old, end64Sign, 0, 40, 8, 1<<63+1), "endless": patch(old, end64Sign, 0, 32, 8, 1<<62)} {
		if _, err := Read(bytes.NewReader(bad), int64(len(bad)), DefaultLimits); !errors.Is(err, ErrFormat) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func FuzzRead(f *testing.F) {
	f.Add(build(f, entry{name: "a.python", text: "text", method: zip.Deflate}, entry{name: "b", text: "x", raw: true}))
	f.Add(zip64(build(f, entry{name: "a", text: "text", raw: true})))
	f.Fuzz(func(t *testing.T, b []byte) {
		a, err := Read(bytes.NewReader(b), int64(len(b)), Limits{Members: 1000, Directory: 1 << 20, Inflated: 1 << 20, Ratio: 100, RatioFrom: 1000, AllFrom: 1 << 20})
		if err != nil {
			return
		}
		contents := map[*Member][]byte{}
		for _, m := range a.Members {
			if m.Unread != "" {
				continue
			}
			if got, err := content(b, m); err == nil {
				contents[m] = append([]byte(got), "more"...)
			}
		}
		var out bytes.Buffer
		if a.Rewrite(&out, bytes.NewReader(b), contents) != nil {
			return
		}
		if err := a.Verify(bytes.NewReader(b), bytes.NewReader(out.Bytes()), int64(out.Len()), contents); err != nil {
			t.Error(err)
		}
	})
}
