package apply

import (
	"fmt"
	"testing"

	"github.com/imdsscan/imdsscan/workspace/emulator"
	"github.com/imdsscan/imdsscan/workspace/journal"
)

var failures = []emulator.Kind{emulator.Status(429), emulator.Status(500), emulator.Status(503), emulator.Status(403), emulator.LostReply, emulator.Truncated, emulator.Drop}

// Every call of a run fails in every way, alone and together with the one after
// it. What is left is safe at once; the run goes on and comes to its end, or is
// rolled back; nothing is written twice.
func TestEachCallFailing(t *testing.T) {
	w := newWorld(t, 2)
	before := len(w.s.Requests())
	w.start()
	calls := len(w.s.Requests()) - before
	kindsOf := append(failures, emulator.Reset, emulator.LostReset)
	if testing.Short() {
		kindsOf = []emulator.Kind{emulator.Status(500), emulator.LostReply, emulator.Drop}
	} else {
		kindsOf = append(kindsOf, emulator.Stall)
	}
	for call := range calls {
		for _, kind := range kindsOf {
			for times := 1; times <= 2; times++ {
				if (kind == emulator.Stall || testing.Short()) && times == 2 {
					continue
				}
				t.Run(fmt.Sprintf("%d/%s/%d", call, kind, times), func(t *testing.T) {
					w := newWorld(t, 2)
					w.s.Inject(emulator.Fault{After: call, Kind: kind, Times: times})
					id, res, err := w.start()
					if err != nil {
						t.Fatal(err)
					}
					w.safe(id)
					w.s.Clear()
					if (call+times)%2 == 0 {
						if res, err = w.again(id, false); res.Code == 0 {
							w.all(w.after, 1)
						}
						// A permission that is taken away for a moment looks like a change of it.
						if err != nil || res.Code != 0 && kind != emulator.Status(403) {
							t.Errorf("went on to %d: %s %v", res.Code, res.Why, err)
						}
					}
					w.safe(id)
					if res, err = w.again(id, true); err != nil || res.Code != 0 {
						t.Errorf("rolled back to %d: %s %v\n%+v", res.Code, res.Why, err, w.events)
					}
					w.all(w.before, -1)
					for path := range w.before {
						if n := w.writes(path); n != 0 && n != 2 {
							t.Errorf("%s was written %d times", path, n)
						}
					}
				})
			}
		}
	}
}

// A rollback whose calls fail.
func TestEachCallOfARollbackFailing(t *testing.T) {
	w := newWorld(t, 2)
	id, _, _ := w.start()
	before := len(w.s.Requests())
	if _, err := w.again(id, true); err != nil {
		t.Fatal(err)
	}
	for call := range len(w.s.Requests()) - before {
		for i, kind := range failures {
			if testing.Short() && i%3 != 1 {
				continue
			}
			w := newWorld(t, 2)
			id, _, _ := w.start()
			w.s.Inject(emulator.Fault{After: call, Kind: kind})
			if _, err := w.again(id, true); err != nil {
				t.Fatal(err)
			}
			w.safe(id)
			w.s.Clear()
			if res, err := w.again(id, true); err != nil || res.Code != 0 {
				t.Errorf("call %d, %s: rolled back to %d: %s %v", call, kind, res.Code, res.Why, err)
			}
			w.all(w.before, 2)
		}
	}
}

// Somebody edits between any two calls. Their content is never replaced, but in
// the one moment that cannot be seen: after the last look, before the import.
func TestEditBetweenAnyTwoCalls(t *testing.T) {
	w := newWorld(t, 1)
	begin := len(w.s.Requests())
	id, _, _ := w.start()
	requests := w.s.Requests()[begin:]
	applied := len(requests)
	_, _ = w.again(id, true)
	requests = w.s.Requests()[begin:]
	edited := "# Databricks notebook source\nsomebody()\n"
	for call := range requests {
		for _, kind := range []emulator.Kind{{}, emulator.Status(503), emulator.LostReply} {
			w := newWorld(t, 1)
			w.s.Inject(emulator.Fault{After: call, Kind: kind, Hook: func(s *emulator.Server) { s.Edit(kinds[0].path, []byte(edited)) }})
			id, _, err := w.start()
			if err == nil && call < applied {
				_, err = w.again(id, false)
			}
			if err != nil {
				t.Fatal(err)
			}
			if _, err = w.again(id, true); err != nil {
				t.Fatal(err)
			}
			window := requests[call].Path == importAPI && kind != emulator.Status(503)
			if got := w.content(kinds[0].path); got != edited && !window {
				t.Errorf("an edit before call %d (%s, %s) was replaced: %q", call, requests[call].Path, kind, got)
			}
			w.noProbe()
		}
	}
}

// crashAt lets the process die at the n-th moment around a record.
func (w *world) crashAt(n int) {
	w.o.at = func(journal.Record, bool) {
		if n--; n == 0 {
			panic(errCrash)
		}
	}
}

func (w *world) moments(work func()) int {
	n := 0
	w.o.at = func(journal.Record, bool) { n++ }
	work()
	w.o.at = nil
	return n
}

// The process dies before and after each record; another one goes on, or rolls
// back, or dies too.
func TestEachCrash(t *testing.T) {
	for what, norm := range map[string]func(string, []byte) []byte{"plain": nil, "normalising": normalise("token")} {
		w := newWorld(t, 2)
		w.s.Normalise(norm)
		n := w.moments(func() { w.start() })
		for at := 1; at <= n; at++ {
			for second := 0; second <= 12; second += 1 + second/3 {
				if testing.Short() && (at+second)%4 != 0 {
					continue
				}
				t.Run(fmt.Sprintf("%s/%d/%d", what, at, second), func(t *testing.T) { crashTwice(t, norm, at, second) })
			}
		}
	}
}

func crashTwice(t *testing.T, norm func(string, []byte) []byte, at, second int) {
	w := newWorld(t, 2)
	w.s.Normalise(norm)
	w.crashAt(at)
	id, _, err := w.start()
	if err != errCrash {
		t.Fatal(err)
	}
	if norm == nil {
		w.safe(id)
	}
	w.o.at = nil
	back := at%2 == 0
	if second > 0 {
		w.crashAt(second)
		if _, err := w.again(id, back); err != nil && err != errCrash {
			t.Fatal(err)
		}
		w.o.at = nil
	}
	want := 0
	if norm != nil {
		want = CodeVerification
	}
	if !back {
		res, err := w.again(id, false)
		if err != nil || res.Code != want {
			t.Errorf("went on to %d: %s %v", res.Code, res.Why, err)
		}
		if norm == nil {
			w.safe(id)
			w.all(w.after, 1)
		} else {
			w.all(w.before, -1)
		}
	}
	res, err := w.again(id, true)
	if err != nil || res.Code != 0 {
		t.Errorf("rolled back to %d: %s %v", res.Code, res.Why, err)
	}
	w.all(w.before, -1)
	for path := range w.before {
		if n := w.writes(path); n != 0 && n != 2 {
			t.Errorf("%s was written %d times", path, n)
		}
	}
	w.noProbe()
}
