package journal

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

func testDir(t *testing.T) Dir {
	at := time.Date(2026, 11, 27, 12, 0, 0, 0, time.UTC)
	return NewDir(filepath.Join(t.TempDir(), "state"), func() time.Time { at = at.Add(time.Second); return at })
}

func create(t *testing.T, d Dir) *Journal {
	t.Helper()
	j, err := d.Create(Header{Version: Version, Host: "https://x", Objects: 1}, func(string) error { return nil })
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = j.Close() })
	return j
}

func add(t *testing.T, j *Journal, records ...Record) {
	t.Helper()
	for _, r := range records {
		if err := j.Append(r); err != nil {
			t.Fatal(err)
		}
	}
}

const name = "workspace:/a"

func life() []Record {
	return []Record{{Step: Intent, Name: name}, {Step: Saved, Name: name, SHA: "s", Was: &Identity{ID: "1"}, DBC: "d"},
		{Step: Write, Name: name, SHA: "new"}, {Step: Done, Name: name}}
}

func TestJournalIsReadBackAsItWasFolded(t *testing.T) {
	d := testDir(t)
	j := create(t, d)
	want := []Status{Untouched, Untouched, Writing, Written}
	for i, r := range life() {
		add(t, j, r)
		if got := j.State.Object(name).Status; got != want[i] {
			t.Errorf("after %s: %s, want %s", r.Step, got, want[i])
		}
		again, err := d.Read(j.ID)
		if err != nil || again.Object(name) != j.State.Object(name) && again.Object(name).Was.ID != "1" || again.Records != i+2 {
			t.Errorf("read again: %+v, %v", again, err)
		}
	}
	if o := j.State.Object(name); o.Before != "s" || o.After != "new" || o.DBC != "d" || o.Writes != 1 {
		t.Errorf("%+v", o)
	}
}

// Cut at any byte: the whole records before are read, and the journal can be
// written on.
func TestTornLastLine(t *testing.T) {
	d := testDir(t)
	j := create(t, d)
	add(t, j, life()...)
	all, err := os.ReadFile(j.File())
	if err != nil {
		t.Fatal(err)
	}
	first := bytes.IndexByte(all, '\n') + 1
	for cut := first; cut <= len(all); cut += 1 + cut%7 {
		for _, tail := range []string{"", "\x00\x00\x00", "\x00\n\x00\n"} {
			if err := os.WriteFile(j.File(), append(bytes.Clone(all[:cut]), tail...), 0o600); err != nil {
				t.Fatal(err)
			}
			whole := bytes.Count(all[:cut], []byte("\n"))
			again, err := d.Open(j.ID)
			if err != nil || again.State.Records != whole {
				t.Fatalf("cut at %d: %v, %+v", cut, err, again)
			}
			add(t, again, Record{Step: Failed, Name: name, Why: "x"})
			_ = again.Close()
			if s, err := d.Read(j.ID); err != nil || s.Records != whole+1 || s.Object(name).Failed != "x" {
				t.Fatalf("cut at %d, written on: %v", cut, err)
			}
		}
	}
}

func TestDamageInTheMiddleIsNoTornLine(t *testing.T) {
	d := testDir(t)
	j := create(t, d)
	add(t, j, life()...)
	all, _ := os.ReadFile(j.File())
	lines := bytes.SplitAfter(all, []byte("\n"))
	damages := map[string][]byte{
		"a line is gone":        bytes.Join(append([][]byte{lines[0]}, lines[2:]...), nil),
		"a line is cut":         bytes.Join([][]byte{lines[0], lines[1][:9], []byte("\n"), lines[2], lines[3]}, nil),
		"a line is doubled":     bytes.Join([][]byte{lines[0], lines[1], lines[1]}, nil),
		"the last is not known": append(bytes.Clone(all), `{"n":6,"time":"2026-11-27T12:00:00Z","step":"nonsense","name":"workspace:/a"}`+"\n"...),
		"a field is not known":  append(bytes.Clone(all), `{"n":6,"time":"2026-11-27T12:00:00Z","step":"done","name":"workspace:/a","new":1}`+"\n"...),
	}
	for what, content := range damages {
		if err := os.WriteFile(j.File(), content, 0o600); err != nil {
			t.Fatal(err)
		}
		if _, err := d.Open(j.ID); err == nil || !strings.Contains(err.Error(), "damaged") {
			t.Errorf("%s: %v", what, err)
		}
		if now, _ := os.ReadFile(j.File()); !bytes.Equal(now, content) {
			t.Errorf("%s: the journal was changed", what)
		}
	}
}

func TestRecordsThatNoCorrectRunWrites(t *testing.T) {
	d := testDir(t)
	j := create(t, d)
	saved := Record{Step: Saved, Name: name, SHA: "s", Was: &Identity{}}
	refused := func(r Record) {
		t.Helper()
		before := j.State.Records
		if err := j.Append(r); err == nil || j.State.Records != before {
			t.Errorf("%s was taken", r.Step)
		}
	}
	refused(Record{Step: Write, Name: name, SHA: "new"})
	refused(Record{Step: Restore, Name: name, SHA: "x"})
	refused(Record{Step: Intent})
	refused(Record{Step: "other", Name: name})
	add(t, j, saved, saved)
	refused(Record{Step: Saved, Name: name, SHA: "other", Was: &Identity{}})
	add(t, j, Record{Step: Rollback})
	refused(Record{Step: Write, Name: name, SHA: "new"})
	refused(Record{Step: Begin})
	add(t, j, Record{Step: Restore, Name: name, SHA: "x"})
	if s, err := d.Read(j.ID); err != nil || s.Records != j.State.Records {
		t.Errorf("%+v %v", s, err)
	}
}

func TestRunsAreListedOldestFirst(t *testing.T) {
	d := testDir(t)
	if ids, err := d.List(); err != nil || len(ids) != 0 {
		t.Error(ids, err)
	}
	var want []string
	for range 3 {
		want = append(want, create(t, d).ID)
	}
	if err := os.Mkdir(d.Folder("20990101-000000-000000"), 0o700); err != nil { // killed before its journal was there
		t.Fatal(err)
	}
	ids, err := d.List()
	if err != nil || fmt.Sprint(ids) != fmt.Sprint(want) {
		t.Errorf("%v, want %v, %v", ids, want, err)
	}
	for _, id := range []string{"nope", "../x", "20990101-000000-000000", ""} {
		if _, err := d.Open(id); !errors.Is(err, ErrNoRun) {
			t.Errorf("%q: %v", id, err)
		}
	}
	if info, err := os.Stat(d.Folder(want[0])); err != nil || info.Mode().Perm() != 0o700 {
		t.Errorf("%v %v", info.Mode(), err)
	}
}

func TestLock(t *testing.T) {
	d := testDir(t)
	l, err := d.Lock("https://X.cloud.databricks.com/", "run 1")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := d.Lock("https://x.cloud.databricks.com", "run 2"); !errors.Is(err, ErrLocked) || !strings.Contains(err.Error(), "run 1") {
		t.Errorf("taken twice: %v", err)
	}
	other, err := d.Lock("https://y.cloud.databricks.com", "run 3")
	if err != nil {
		t.Errorf("another workspace is locked too: %v", err)
	} else {
		other.Unlock()
	}
	l.Unlock()
	if l, err = d.Lock("https://x.cloud.databricks.com", "run 2"); err != nil {
		t.Fatal(err)
	}
	l.Unlock()
}
