package enforce

import (
	"bytes"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/imdsscan/imdsscan/workspace/journal"
	"github.com/imdsscan/imdsscan/workspace/setting"
)

const host = "https://Dev-1.cloud.databricks.com/"

var begin = time.Date(2026, 11, 27, 12, 0, 0, 0, time.UTC)

// testHistory is an empty one, whose clock gains a second with each record.
func testHistory(t *testing.T) History {
	at := begin
	return History{journal.NewDir(filepath.Join(t.TempDir(), "state"), func() time.Time { at = at.Add(time.Second); return at })}
}

func open(t *testing.T, h History, host string) *Log {
	t.Helper()
	l, err := h.Open(host)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = l.Close() })
	return l
}

func look(t *testing.T, l *Log, raw string) {
	t.Helper()
	if err := l.Looked(setting.Setting{Key: setting.EnforceIMDSv2, Value: setting.ValueOf(raw), Raw: raw}, "ana"); err != nil {
		t.Fatal(err)
	}
}

func put(t *testing.T, l *Log, r Record) int {
	t.Helper()
	n, err := l.append(r)
	if err != nil {
		t.Fatal(err)
	}
	return n
}

func change(t *testing.T, l *Log, value string) int {
	return put(t, l, Record{Step: Change, Key: setting.EnforceIMDSv2, Old: l.State.Raw, New: value, User: "ana"})
}

// wantSince compares what the history on the disk says since when it is on; at
// counts the records from 1.
func wantSince(t *testing.T, h History, wantAt int, wantExact bool) {
	t.Helper()
	at, exact, ok := h.Since(host)
	want := time.Time{}
	if wantAt > 0 {
		want = begin.Add(time.Duration(wantAt) * time.Second)
	}
	if !at.Equal(want) || exact != wantExact || ok != (wantAt > 0) {
		t.Errorf("on since %v, %v, %v; want record %d, %v", at, exact, ok, wantAt, wantExact)
	}
}

func TestSince(t *testing.T) {
	h := testHistory(t)
	wantSince(t, h, 0, false) // no file
	l := open(t, h, host)
	look(t, l, "")
	wantSince(t, h, 0, false)
	n := change(t, l, "true")
	wantSince(t, h, 0, false)                                                           // announced only
	put(t, l, Record{Step: Settled, Of: n, Outcome: Effect, Value: "true", Read: true}) // record 4
	wantSince(t, h, 4, true)
	look(t, l, "true") // the same: no record
	look(t, l, "TRUE") // the same in another spelling
	wantSince(t, h, 4, true)
	look(t, l, "false") // record 6: by somebody else
	wantSince(t, h, 0, false)
	if s := l.State; !s.Lost.Equal(begin.Add(4*time.Second)) || s.By != nil {
		t.Errorf("lost %v, by %v", s.Lost, s.By)
	}
	if err := l.Accept("ana"); err != nil { // record 7
		t.Fatal(err)
	}
	if st, err := h.Read(host); err != nil || !st.Lost.IsZero() || st.Value != setting.Off {
		t.Errorf("%+v, %v", st, err)
	}
	look(t, l, "true") // record 8
	wantSince(t, h, 8, false)
	if !l.State.Lost.IsZero() {
		t.Error("lost and on")
	}
	n = change(t, l, "false")
	put(t, l, Record{Step: Settled, Of: n, Outcome: Effect, Value: "false", Read: true})
	wantSince(t, h, 0, false)
	if !l.State.Lost.IsZero() {
		t.Error("switched off here is not lost")
	}
}

// A change whose process ended is settled by the next look.
func TestOpenChangeIsSettledByTheNextLook(t *testing.T) {
	for _, c := range []struct {
		raw     string
		outcome Outcome
		late    bool
		since   int
	}{{"true", Effect, true, 4}, {"", NotKnown, false, 0}, {"false", NotKnown, false, 0}} {
		h := testHistory(t)
		l := open(t, h, host)
		look(t, l, "")
		change(t, l, "true")
		_ = l.Close()
		if s, err := h.Read(host); err != nil || s.Open() == nil {
			t.Fatalf("no open change: %v", err)
		}
		l = open(t, h, host)
		look(t, l, c.raw)
		last := l.State.Switches[0]
		if last.Outcome != c.outcome || last.Late != c.late || last.Settled.IsZero() {
			t.Errorf("%q: %+v", c.raw, last)
		}
		wantSince(t, h, c.since, false)
		if c.since > 0 {
			continue
		}
		// It took effect after all.
		if l.State.Open() == nil {
			t.Fatalf("%q: nobody waits for it", c.raw)
		}
		look(t, l, c.raw) // nothing new
		look(t, l, "true")
		wantSince(t, h, 5, false)
		if last.Outcome != Effect || !last.Late || l.State.Open() != nil {
			t.Errorf("%+v", last)
		}
	}
}

// What was seen not to take effect, and is on later, may be anybody's doing.
func TestNoEffectIsNotClaimedLater(t *testing.T) {
	h := testHistory(t)
	l := open(t, h, host)
	look(t, l, "false")
	n := change(t, l, "true")
	put(t, l, Record{Step: Settled, Of: n, Outcome: NoEffect, Value: "false", Read: true})
	look(t, l, "true")
	wantSince(t, h, 5, false)
	if l.State.By != nil || l.State.Switches[0].Outcome != NoEffect {
		t.Errorf("%+v", l.State.Switches[0])
	}
}

func TestTwoHosts(t *testing.T) {
	h := testHistory(t)
	a, b := open(t, h, host), open(t, h, "https://dev-2.cloud.databricks.com")
	look(t, a, "true")
	look(t, b, "false")
	wantSince(t, h, 3, false)
	if s, err := h.Read("https://DEV-1.cloud.databricks.com"); err != nil || s.Value != setting.On {
		t.Errorf("the same address otherwise written: %+v, %v", s, err)
	}
	// A file under another workspace's name is not taken for its own.
	if err := os.Rename(h.File(host), h.File("https://dev-3.cloud.databricks.com")); err != nil {
		t.Fatal(err)
	}
	if _, err := h.Read("https://dev-3.cloud.databricks.com"); err == nil || !strings.Contains(err.Error(), "it is the history of https://dev-1.") {
		t.Error(err)
	}
	for _, other := range []string{"http://127.0.0.1:8080", "https://../../x", "https://x_1"} {
		if f := h.File(other); filepath.Dir(f) != filepath.Join(h.Dir.Path, "enforce") {
			t.Error(f)
		}
	}
}

// Cut at any byte: the whole records before are read, and the history goes on.
func TestTornLastLine(t *testing.T) {
	h := testHistory(t)
	l := open(t, h, host)
	look(t, l, "false")
	n := change(t, l, "true")
	put(t, l, Record{Step: Settled, Of: n, Outcome: Effect, Value: "true", Read: true})
	all, err := os.ReadFile(h.File(host))
	if err != nil {
		t.Fatal(err)
	}
	for cut := range len(all) + 1 {
		if err := os.WriteFile(h.File(host), all[:cut], 0o600); err != nil {
			t.Fatal(err)
		}
		whole := max(1, bytes.Count(all[:cut], []byte("\n")))
		again, err := h.Open(host)
		if err != nil || len(again.State.Records) != whole {
			t.Fatalf("cut at %d: %v", cut, err)
		}
		if err := again.Looked(setting.Setting{Value: setting.Unknown, Raw: "x"}, "ana"); err != nil {
			t.Fatal(err)
		}
		_ = again.Close()
		if s, err := h.Read(host); err != nil || len(s.Records) != whole+1 {
			t.Fatalf("cut at %d, written on: %v", cut, err)
		}
	}
}

func TestDamage(t *testing.T) {
	h := testHistory(t)
	l := open(t, h, host)
	look(t, l, "true")
	change(t, l, "false")
	all, _ := os.ReadFile(h.File(host))
	lines := bytes.SplitAfter(all, []byte("\n"))
	for what, content := range map[string][]byte{
		"a line is gone":       bytes.Join([][]byte{lines[0], lines[2]}, nil),
		"a line is cut":        bytes.Join([][]byte{lines[0], lines[1][:9], []byte("\n"), lines[2]}, nil),
		"a step is not known":  append(bytes.Clone(all), `{"n":4,"time":"2026-11-27T12:00:00Z","step":"x"}`+"\n"...),
		"a field is not known": append(bytes.Clone(all), `{"n":4,"time":"2026-11-27T12:00:00Z","step":"seen","read":true,"x":1}`+"\n"...),
		"of a later version":   []byte(`{"n":1,"time":"2026-11-27T12:00:00Z","step":"begin","version":2,"host":"https://dev-1.cloud.databricks.com"}` + "\n"),
		"settles what is none": append(bytes.Clone(all), `{"n":4,"time":"2026-11-27T12:00:00Z","step":"settled","of":2,"outcome":"took effect"}`+"\n"...),
	} {
		if err := os.WriteFile(h.File(host), content, 0o600); err != nil {
			t.Fatal(err)
		}
		if _, err := h.Open(host); err == nil || !strings.Contains(err.Error(), "damaged") {
			t.Errorf("%s: %v", what, err)
		}
		wantSince(t, h, 0, false) // never from a history that cannot be trusted
		if now, _ := os.ReadFile(h.File(host)); !bytes.Equal(now, content) {
			t.Errorf("%s: the history was changed", what)
		}
	}
}

func TestRecordsThatNoCorrectProgramWrites(t *testing.T) {
	l := open(t, testHistory(t), host)
	for _, r := range []Record{{Step: Begin, Version: 1}, {Step: Seen}, {Step: Change, Key: "k", New: "maybe"}, {Step: Change, New: "true"},
		{Step: Settled, Of: 1, Outcome: Effect}, {Step: Restart}, {Step: Restarted, Of: 1}, {Step: "x"}} {
		if _, err := l.append(r); err == nil || len(l.State.Records) != 1 {
			t.Errorf("%+v was taken", r)
		}
	}
}

// Whatever is wrong with the file: it is read, or refused, and what it says
// agrees with itself. (No fuzz target: the SDK below makes one run twice a second.)
func TestAnyDamage(t *testing.T) {
	h := testHistory(t)
	l := open(t, h, host)
	look(t, l, "false")
	n := change(t, l, "true")
	put(t, l, Record{Step: Settled, Of: n, Outcome: Effect, Value: "true", Read: true})
	put(t, l, Record{Step: Clean, Clean: []string{"p"}})
	put(t, l, Record{Step: Restarted, Of: put(t, l, Record{Step: Restart, Name: "cluster c", ID: "c"}), ID: "c", Back: begin})
	look(t, l, "false")
	all, err := os.ReadFile(h.File(host))
	if err != nil {
		t.Fatal(err)
	}
	const odd = "0123456789\"{}[],\n\x00\xff"
	seed := rand.Uint64()
	r := rand.New(rand.NewPCG(seed, 0))
	refused := 0
	for range 400 {
		text := bytes.Clone(all)
		for range 1 + r.IntN(3) {
			from := r.IntN(len(text))
			to := min(len(text), from+r.IntN(12))
			switch piece := bytes.Clone(text[from:to]); r.IntN(4) {
			case 0:
				text = slices.Delete(text, from, to)
			case 1:
				text = slices.Insert(text, r.IntN(len(text)), piece...)
			case 2:
				text[from] = odd[r.IntN(len(odd))]
			default: // lines change places
				lines := bytes.SplitAfter(text, []byte("\n"))
				a, b := r.IntN(len(lines)), r.IntN(len(lines))
				lines[a], lines[b] = lines[b], lines[a]
				text = bytes.Join(lines, nil)
			}
		}
		if err := os.WriteFile(h.File(host), text, 0o600); err != nil {
			t.Fatal(err)
		}
		st, err := h.Read(host)
		at, exact, on := h.Since(host)
		if err != nil {
			if refused++; on {
				t.Errorf("seed %d: on, by a history that is refused", seed)
			}
			continue
		}
		if on != (st.Value == setting.On) || on && (exact != st.Exact || !at.Equal(st.Since)) || exact && st.By == nil || on && !st.Lost.IsZero() {
			t.Errorf("seed %d: on %v since %v, exact %v:\n%s", seed, on, at, exact, text)
		}
		if x := st.Open(); x != nil && x != st.Switches[len(st.Switches)-1] {
			t.Errorf("seed %d: open, and not the last: %+v", seed, x)
		}
		if by, ok := st.Undo(); ok && !by.On() {
			t.Errorf("seed %d: undone by %+v", seed, by)
		}
		st.Known()
	}
	if refused == 0 || refused == 400 {
		t.Errorf("seed %d: %d of 400 were refused", seed, refused)
	}
}
