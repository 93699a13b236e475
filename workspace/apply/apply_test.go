package apply

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/imdsscan/imdsscan/workspace/backup"
	"github.com/imdsscan/imdsscan/workspace/emulator"
	"github.com/imdsscan/imdsscan/workspace/journal"
	"github.com/imdsscan/imdsscan/workspace/plan"
)

func readBackup(dir journal.Dir, id, name string) (string, error) {
	b, err := backup.Store{Folder: BackupFolder(dir.Folder(id))}.Get(name)
	return string(b), err
}

const importAPI, exportAPI, statAPI = "/api/2.0/workspace/import", "/api/2.0/workspace/export", "/api/2.0/workspace/get-status"

func TestApplyAndRollBack(t *testing.T) {
	w := newWorld(t, len(kinds))
	id, res, err := w.start()
	w.want(res, err, 0, "fixed:4")
	w.all(w.after, 1)
	s, err := w.dir.Read(id)
	if err != nil || !s.Ended || s.Stop != "" {
		t.Errorf("%+v %v", s, err)
	}
	for path := range w.before {
		o := s.Object("workspace:" + path)
		isFile := strings.HasSuffix(path, ".py")
		if o.Status != journal.Written || (o.DBC == "") != isFile || o.Was.Permissions == "" {
			t.Errorf("%s: %+v", path, o)
		}
	}
	// The same once more does nothing.
	res, err = w.again(id, false)
	w.want(res, err, 0, "")
	w.all(w.after, 1)
	res, err = w.again(id, true)
	w.want(res, err, 0, "restored:4")
	w.all(w.before, 2)
	res, err = w.again(id, true)
	w.want(res, err, 0, "restored:4")
	w.all(w.before, 2)
	if _, err := w.again(id, false); !errors.Is(err, ErrRolledBack) {
		t.Errorf("a run that was rolled back goes on: %v", err)
	}
}

// A file that looks like a notebook must not become one.
func TestFileStaysAFile(t *testing.T) {
	w := newWorld(t, len(kinds))
	w.start()
	if o, ok := w.s.Object("/Users/ana@example.com/job.py"); !ok || o.Type != "FILE" || o.Writes != 1 {
		t.Errorf("%+v", o)
	}
	if o, ok := w.s.Object("/Users/ana@example.com/job"); ok {
		t.Errorf("a notebook came into being: %+v", o)
	}
}

func TestChangedObjectsAreLeft(t *testing.T) {
	w := newWorld(t, len(kinds))
	w.s.Edit(kinds[0].path, []byte("# Databricks notebook source\nsomebody()\n"))
	w.s.Edit(kinds[2].path, []byte(kinds[2].after)) // somebody made the same change
	w.s.Remove(kinds[3].path)
	_, res, err := w.start()
	w.want(res, err, CodeChanged, "already:1 changed:2 fixed:1")
	if w.content(kinds[0].path) != "# Databricks notebook source\nsomebody()\n" || w.content(kinds[3].path) != "(gone)" || w.writes(kinds[2].path) != 0 {
		t.Error("what somebody did was changed")
	}
}

// An object that was deleted and made anew has nothing to do with the plan,
// whatever its content.
func TestReplacedObjectIsLeft(t *testing.T) {
	w := newWorld(t, 1)
	w.s.Remove(kinds[0].path)
	w.s.AddNotebook(kinds[0].path, emulator.Notebook{Language: "PYTHON", Content: []byte(kinds[0].before)})
	_, res, err := w.start()
	w.want(res, err, CodeChanged, "changed:1")
	w.s.Remove(kinds[0].path)
	w.s.AddNotebook(kinds[0].path, emulator.Notebook{Language: "SCALA", Content: []byte(kinds[0].before)})
	_, res, err = w.start()
	w.want(res, err, CodeChanged, "changed:1")
	w.all(w.before, 0)
}

func TestRollbackLeavesWhatSomebodyChanged(t *testing.T) {
	w := newWorld(t, len(kinds))
	id, _, _ := w.start()
	w.s.Edit(kinds[0].path, []byte("# Databricks notebook source\nsomebody()\n"))
	w.s.Edit(kinds[1].path, []byte(kinds[1].before)) // somebody put the original back
	w.s.Remove(kinds[2].path)
	res, err := w.again(id, true)
	w.want(res, err, CodeChanged, "left:2 restored:2")
	if w.content(kinds[0].path) != "# Databricks notebook source\nsomebody()\n" || w.content(kinds[2].path) != "(gone)" || w.writes(kinds[1].path) != 1 {
		t.Error("what somebody did was changed")
	}
	if w.content(kinds[3].path) != kinds[3].before {
		t.Error("not restored")
	}
	// The same content in another object is not what the run wrote.
	w2 := newWorld(t, 1)
	id, _, _ = w2.start()
	w2.s.Remove(kinds[0].path)
	w2.s.AddNotebook(kinds[0].path, emulator.Notebook{Language: "PYTHON", Content: []byte(kinds[0].after)})
	res, err = w2.again(id, true)
	w2.want(res, err, CodeChanged, "left:1")
	w2.all(w2.after, 0)
}

// A lost reply: what arrived is not sent again.
func TestLostReply(t *testing.T) {
	for _, kind := range []emulator.Kind{emulator.LostReply, emulator.LostReset, emulator.Truncated} {
		w := newWorld(t, 2)
		w.s.Inject(emulator.Fault{Path: importAPI, Kind: kind, Times: -1})
		_, res, err := w.start()
		w.want(res, err, 0, "fixed:2")
		w.all(w.after, 1)
	}
}

func TestLostRequestIsSentAgain(t *testing.T) {
	for _, kind := range []emulator.Kind{emulator.Drop, emulator.Reset, emulator.Stall, emulator.Status(500), emulator.Status(503), emulator.Status(504), emulator.Status(429)} {
		w := newWorld(t, 2)
		w.s.Inject(emulator.Fault{Path: importAPI, Kind: kind, Times: 2})
		_, res, err := w.start()
		w.want(res, err, 0, "fixed:2")
		w.all(w.after, 1)
	}
}

// A second attempt looks again first.
func TestNoSecondAttemptOverAnEdit(t *testing.T) {
	for _, kind := range []emulator.Kind{emulator.Drop, emulator.Status(503), emulator.Status(429)} {
		w := newWorld(t, 1)
		edited := "# Databricks notebook source\nsomebody()\n"
		w.s.Inject(emulator.Fault{Path: importAPI, Kind: kind, Hook: func(s *emulator.Server) { s.Edit(kinds[0].path, []byte(edited)) }})
		id, res, err := w.start()
		w.want(res, err, CodeChanged, "left:1")
		w.all(map[string]string{kinds[0].path: edited}, 0)
		res, err = w.again(id, true)
		w.want(res, err, CodeChanged, "left:1")
		w.all(map[string]string{kinds[0].path: edited}, 0)
	}
}

func TestServiceThatIsDown(t *testing.T) {
	w := newWorld(t, 4)
	w.s.Inject(emulator.Fault{Path: importAPI, Kind: emulator.Drop, Times: -1})
	id, res, err := w.start()
	w.want(res, err, CodeIncomplete, "failed:3")
	if res.Open != 1 {
		t.Errorf("%d objects are open", res.Open)
	}
	w.all(w.before, 0)
	w.s.Clear()
	res, err = w.again(id, false)
	w.want(res, err, 0, "fixed:4")
	w.all(w.after, 1)
}

// When nobody can tell whether the import arrived, nothing more is written.
func TestBlindAfterWrite(t *testing.T) {
	w := newWorld(t, 2)
	w.s.Inject(emulator.Fault{Path: importAPI, Kind: emulator.LostReply, Hook: func(s *emulator.Server) {
		s.Inject(emulator.Fault{Path: statAPI, Kind: emulator.Drop, Times: -1})
	}})
	id, res, err := w.start()
	w.want(res, err, CodeIncomplete, "failed:1")
	w.s.Clear()
	res, err = w.again(id, false)
	w.want(res, err, 0, "fixed:2")
	w.all(w.after, 1)
}

func TestNoPermissionToWrite(t *testing.T) {
	w := newWorld(t, 3)
	w.s.Deny(kinds[1].path, emulator.NoWrite)
	_, res, err := w.start()
	w.want(res, err, CodeIncomplete, "failed:1 fixed:2")
	if w.content(kinds[1].path) != kinds[1].before || !strings.Contains(w.events[1].Why, "CAN_EDIT") {
		t.Error(w.events)
	}
}

// Permissions that the user may not see cannot be compared, and are no reason
// not to write.
func TestUnreadablePermissions(t *testing.T) {
	w := newWorld(t, 1)
	w.s.Deny(kinds[0].path, emulator.NoACL)
	_, res, err := w.start()
	w.want(res, err, 0, "fixed:1")
}

func TestNoDBCCopyNoWrite(t *testing.T) {
	w := newWorld(t, 1)
	fail := func() {
		w.s.Inject(emulator.Fault{Path: exportAPI, After: 1, Kind: emulator.Status(400), Times: 1})
	}
	fail()
	_, res, err := w.start()
	w.want(res, err, CodeIncomplete, "failed:1")
	w.all(w.before, 0)
	fail()
	w.o.WithoutDBC = true
	_, res, err = w.start()
	w.want(res, err, 0, "fixed:1")
}

func normalise(when string) func(string, []byte) []byte {
	return func(_ string, b []byte) []byte {
		if !strings.Contains(string(b), when) {
			return b
		}
		return append(b, "# stored\n"...)
	}
}

// The service stores something else: the original comes back, the rest is not
// tried, and the run does not go on.
func TestNormalisingImport(t *testing.T) {
	for what, norm := range map[string]func(string, []byte) []byte{
		"another text": normalise("token"),
		"another form": func(_ string, b []byte) []byte {
			if strings.Contains(string(b), "token") {
				b = append(b, "\n\n"...)
			}
			return b
		},
	} {
		t.Run(what, func(t *testing.T) {
			w := newWorld(t, 3)
			w.s.Normalise(norm)
			id, res, err := w.start()
			w.want(res, err, CodeVerification, "restored:1")
			w.all(w.before, -1)
			if w.writes(kinds[0].path) != 2 || w.writes(kinds[1].path) != 0 || res.Open != 3 {
				t.Errorf("%d, %d writes, %d open", w.writes(kinds[0].path), w.writes(kinds[1].path), res.Open)
			}
			w.noProbe()
			w.s.Normalise(nil)
			res, err = w.again(id, false)
			w.want(res, err, CodeVerification, "")
			res, err = w.again(id, true)
			w.want(res, err, 0, "restored:1")
			w.all(w.before, -1)
		})
	}
}

// A probe that cannot be deleted is deleted later.
func TestProbeThatStays(t *testing.T) {
	w := newWorld(t, 1)
	w.s.Normalise(normalise("token"))
	w.s.Inject(emulator.Fault{Path: "/api/2.0/workspace/delete", Kind: emulator.Status(500)})
	id, res, err := w.start()
	w.want(res, err, CodeVerification, "restored:1")
	s, _ := w.dir.Read(id)
	scratch := s.Object("workspace:" + kinds[0].path).Scratch
	if _, ok := w.s.Object(treePath(scratch)); !ok {
		t.Fatalf("there is no probe to be deleted: %q", scratch)
	}
	res, err = w.again(id, true)
	w.want(res, err, 0, "restored:1")
	w.noProbe()
}

// noProbe wants no scratch object to be left.
func (w *world) noProbe() {
	w.t.Helper()
	for _, r := range w.s.Requests() {
		if strings.Contains(r.Object, "imdsscan-probe") {
			if _, ok := w.s.Object(r.Object); ok {
				w.t.Errorf("%s is left", r.Object)
			}
		}
	}
}

// Not even the original can be stored as it was: said loudly, with all bytes
// kept.
func TestOriginalCannotBeStored(t *testing.T) {
	w := newWorld(t, 2)
	w.s.Normalise(func(_ string, b []byte) []byte { return append(b, '\n') })
	id, res, err := w.start()
	w.want(res, err, CodeVerification, "damaged:1")
	s, _ := w.dir.Read(id)
	st := s.Object("workspace:" + kinds[0].path)
	if b, err := readBackup(w.dir, id, st.Before); err != nil || b != kinds[0].before {
		t.Errorf("%q %v", b, err)
	}
	if w.writes(kinds[0].path) != 2 || w.writes(kinds[1].path) != 0 {
		t.Error("written too often")
	}
	// A rollback cannot do better, and says so; nor does it try for ever.
	res, err = w.again(id, true)
	w.want(res, err, CodeVerification, "damaged:1")
	if w.writes(kinds[0].path) != 2 {
		t.Error("written again")
	}
}

// An edit right after the import is no work of the service.
func TestEditAfterTheImport(t *testing.T) {
	for what, fault := range map[string]emulator.Kind{"": {}, "lost": emulator.LostReply} {
		w := newWorld(t, 2)
		edited := "# Databricks notebook source\ntoken()\nprint(1)\nsomebody()\n"
		w.s.Inject(emulator.Fault{Path: importAPI, Object: kinds[0].path, Kind: fault, Hook: func(s *emulator.Server) {
			s.Inject(emulator.Fault{Path: statAPI, Object: kinds[0].path, Hook: func(s *emulator.Server) { s.Edit(kinds[0].path, []byte(edited)) }})
		}})
		id, res, err := w.start()
		w.want(res, err, CodeChanged, "fixed:1 left:1")
		w.all(map[string]string{kinds[0].path: edited}, 1)
		w.noProbe()
		res, err = w.again(id, true)
		w.want(res, err, CodeChanged, "left:1 restored:1")
		w.all(map[string]string{kinds[0].path: edited}, 1)
		_ = what
	}
}

// Without a probe nobody can tell: it stays as it is, and the run stops.
func TestUndecided(t *testing.T) {
	w := newWorld(t, 2)
	w.s.Normalise(normalise("token"))
	w.s.Remove("/Users/admin@example.com")
	id, res, err := w.start()
	w.want(res, err, CodeVerification, "undecided:1")
	if got := w.content(kinds[0].path); got != kinds[0].after+"# stored\n" || w.writes(kinds[1].path) != 0 {
		t.Errorf("%q", got)
	}
	res, err = w.again(id, false)
	w.want(res, err, CodeVerification, "")
}

func TestDrift(t *testing.T) {
	w := newWorld(t, 2)
	w.s.Inject(emulator.Fault{Path: importAPI, Hook: func(s *emulator.Server) {
		s.SetPermissions(kinds[0].path, emulator.Grant{User: "eve@example.com", Level: "CAN_MANAGE"})
	}})
	id, res, err := w.start()
	w.want(res, err, CodeVerification, "drifted:1")
	if !strings.Contains(res.Why, "eve@example.com") || w.writes(kinds[1].path) != 0 {
		t.Error(res.Why)
	}
	res, err = w.again(id, false)
	w.want(res, err, CodeVerification, "")
	res, err = w.again(id, true)
	w.want(res, err, 0, "restored:1")
	w.all(w.before, -1)

	w = newWorld(t, 1)
	w.s.Inject(emulator.Fault{Path: importAPI, Hook: func(s *emulator.Server) {
		s.Remove(kinds[0].path)
		s.AddNotebook(kinds[0].path, emulator.Notebook{Language: "PYTHON", Content: []byte("x")})
	}})
	_, res, err = w.start()
	w.want(res, err, CodeVerification, "drifted:1")
	if !strings.Contains(res.Why, "its id was") {
		t.Error(res.Why)
	}
}

func TestInterruptedBetweenObjects(t *testing.T) {
	w := newWorld(t, 3)
	ctx, cancel := context.WithCancel(t.Context())
	w.s.Inject(emulator.Fault{Path: importAPI, Hook: func(*emulator.Server) { cancel() }})
	r, err := Start(w.dir, w.plan)
	if err != nil {
		t.Fatal(err)
	}
	res, err := r.Apply(ctx, w.o)
	r.Close()
	w.want(res, err, CodeInterrupted, "fixed:1")
	if res.Open != 2 || w.content(kinds[0].path) != kinds[0].after {
		t.Errorf("%d open: what was in hand was not finished", res.Open)
	}
	res, err = w.again(r.Journal.ID, false)
	w.want(res, err, 0, "fixed:2")
	w.all(w.after, 1)
}

func TestCanary(t *testing.T) {
	w := newWorld(t, 4)
	asked := 0
	w.o.Canary, w.o.Pause = 2, func() bool { asked++; return asked > 1 }
	id, res, err := w.start()
	w.want(res, err, 0, "fixed:2")
	if res.Open != 2 || res.Why == "" {
		t.Errorf("%+v", res)
	}
	w.o.Canary = 1
	res, err = w.again(id, false)
	w.want(res, err, 0, "fixed:2")
	if asked != 2 {
		t.Errorf("asked %d times", asked)
	}
	w.all(w.after, 1)
}

func TestOneRunAtATime(t *testing.T) {
	w := newWorld(t, 1)
	r, err := Start(w.dir, w.plan)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := Start(w.dir, w.plan); !errors.Is(err, journal.ErrLocked) || !strings.Contains(err.Error(), r.Journal.ID) {
		t.Error(err)
	}
	if _, err := Open(w.dir, r.Journal.ID); !errors.Is(err, journal.ErrLocked) {
		t.Error(err)
	}
	r.Close()
	if id, err := Of(w.dir, w.plan); err != nil || id != r.Journal.ID {
		t.Error(id, err)
	}
	if res, err := w.again(r.Journal.ID, false); err != nil || res.Code != 0 {
		t.Error(res, err)
	}
	if id, err := Of(w.dir, w.plan); err != nil || id != "" {
		t.Error("a run that came to its end goes on: ", id, err)
	}
	other := *w.plan
	other.Digest = "x"
	if id, err := Of(w.dir, &other); err != nil || id != "" {
		t.Error(id, err)
	}
}

// A diff that shows something else than the content is a trap.
func TestDiffShowsWhatIsWritten(t *testing.T) {
	w := newWorld(t, 1)
	w.plan.Objects[0].Diff = strings.ReplaceAll(w.plan.Objects[0].Diff, "token", "harmless")
	if err := w.plan.Seal(); err != nil {
		t.Fatal(err)
	}
	_, res, err := w.start()
	w.want(res, err, CodeIncomplete, "")
	w.all(w.before, 0)
}

func TestPlanOfTheRunMustBeItsOwn(t *testing.T) {
	w := newWorld(t, 2)
	id, _, _ := w.start()
	other := plan.Plan{For: w.plan.For, Objects: w.plan.Objects[:1]}
	if err := other.Seal(); err != nil {
		t.Fatal(err)
	}
	if err := other.Save(filepath.Join(w.dir.Folder(id), planFile)); err != nil {
		t.Fatal(err)
	}
	if _, err := Open(w.dir, id); err == nil {
		t.Error("another plan was taken")
	}
}

// A damaged backup stops the rollback of its object, not of the others, and is
// not sent.
func TestDamagedBackup(t *testing.T) {
	w := newWorld(t, 2)
	id, _, _ := w.start()
	s, _ := w.dir.Read(id)
	st := s.Object("workspace:" + kinds[0].path)
	if err := os.WriteFile(backup.Store{Folder: BackupFolder(w.dir.Folder(id))}.File(st.Before), []byte("x"), 0o600); err != nil {
		t.Fatal(err)
	}
	res, err := w.again(id, true)
	w.want(res, err, CodeIncomplete, "failed:1 restored:1")
	if w.content(kinds[0].path) != kinds[0].after {
		t.Error("something else was sent")
	}
}
