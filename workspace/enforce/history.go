// Package enforce switches the enforcement of IMDSv2 in a workspace on and off,
// and keeps the history of that setting on this machine's disk: who changed it,
// when, from what to what, why, and what became of it; and when it was first seen
// to be another, since others change it too.
//
// A change is in the history, on the disk, before it is sent, so that after a
// crash at any moment the next look knows what may have happened. The service
// does not tell since when a setting is what it is; the history does, as far as
// this machine has seen it. It decides nothing: whether to switch is asked and
// answered above.
package enforce

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"time"

	"github.com/imdsscan/imdsscan/workspace/journal"
	"github.com/imdsscan/imdsscan/workspace/restart"
	"github.com/imdsscan/imdsscan/workspace/setting"
)

// History are the histories of all workspaces, a file each below the state
// folder.
type History struct{ Dir journal.Dir }

var noName = regexp.MustCompile(`[^a-z0-9.-]+`)

// File is the file of a workspace.
func (h History) File(host string) string {
	name := noName.ReplaceAllString(strings.TrimPrefix(normal(host), "https://"), "_")
	return filepath.Join(h.Dir.Path, "enforce", name+".jsonl")
}

func normal(host string) string { return strings.ToLower(strings.TrimRight(host, "/")) }

// Since tells since when enforcement is on in a workspace, by what this machine
// knows: exact, when this tool switched it on then and saw it take effect; else
// the time when it was first seen to be on. ok is false when it was not on when
// last seen, was never looked at, or the history cannot be read; Read says which.
// What started at that time or later started under enforcement.
func (h History) Since(host string) (at time.Time, exact, ok bool) {
	s, err := h.Read(host)
	if err != nil || s.Value != setting.On {
		return time.Time{}, false, false
	}
	return s.Since, s.Exact, true
}

// Read is what the history of a workspace says, nothing when there is none.
func (h History) Read(host string) (*State, error) {
	s, _, err := h.load(host)
	return s, err
}

func (h History) load(host string) (*State, int64, error) {
	s := &State{}
	end, err := journal.ReadLines(h.File(host), func(line []byte) error {
		r, err := parse(line, s)
		if err == nil && r.Step == Begin && normal(r.Host) != normal(host) {
			err = fmt.Errorf("it is the history of %s", r.Host)
		}
		if err == nil {
			s.add(r)
		}
		return err
	})
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, 0, err
	}
	return s, end, nil
}

func parse(line []byte, s *State) (Record, error) {
	var r Record
	d := json.NewDecoder(bytes.NewReader(line))
	d.DisallowUnknownFields()
	if err := d.Decode(&r); err != nil {
		return r, err
	}
	if r.N != len(s.Records)+1 {
		return r, fmt.Errorf("record %d does not follow it", r.N)
	}
	return r, s.check(&r)
}

// Log is the history of one workspace, open for appending.
type Log struct {
	State *State
	lines *journal.Lines
	now   func() time.Time
}

// Open opens the history of a workspace, and begins it if there is none. The
// lock of the workspace has to be held.
func (h History) Open(host string) (*Log, error) {
	s, end, err := h.load(host)
	if err != nil {
		return nil, err
	}
	name := h.File(host)
	l := &Log{State: s, now: h.Dir.Now}
	if len(s.Records) > 0 {
		l.lines, err = journal.OpenLines(name, end)
		return l, err
	}
	if err := os.MkdirAll(filepath.Dir(name), 0o700); err != nil {
		return nil, err
	}
	// What may be there is the beginning of a first line: nothing was done after it.
	if err := os.Remove(name); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, err
	}
	if l.lines, err = journal.NewLines(name); err != nil {
		return nil, err
	}
	_, err = l.append(Record{Step: Begin, Version: Version, Host: normal(host)})
	for _, dir := range []string{filepath.Dir(name), h.Dir.Path, filepath.Dir(h.Dir.Path)} {
		if err == nil {
			err = journal.SyncFolder(dir)
		}
	}
	if err != nil {
		_ = l.Close()
		return nil, err
	}
	return l, nil
}

// Close closes the file. All records are on the disk already.
func (l *Log) Close() error { return l.lines.Close() }

func (l *Log) append(r Record) (int, error) {
	r.N, r.Time = len(l.State.Records)+1, l.now().UTC().Truncate(time.Millisecond)
	if err := l.State.check(&r); err != nil {
		return 0, err
	}
	if err := l.lines.Append(r); err != nil {
		return 0, err
	}
	l.State.add(r)
	return r.N, nil
}

// Looked notes what the setting is, if that was not known: what an open change
// came to, or that somebody else has changed it.
func (l *Log) Looked(now setting.Setting, user string) error {
	open := l.State.Open()
	if arrived := open != nil && now.Value == setting.ValueOf(open.New); arrived || open != nil && open.Settled.IsZero() {
		r := Record{Step: Settled, Of: open.N, User: user, Value: now.Raw, Read: true, There: now.At, Outcome: Effect, Late: true}
		if !arrived {
			r.Outcome, r.Late, r.Why = NotKnown, false, "the process that announced it ended before it looked"
		}
		_, err := l.append(r)
		return err
	}
	if now.Value == l.State.Value && now.Raw == l.State.Raw {
		return nil
	}
	_, err := l.append(Record{Step: Seen, User: user, Value: now.Raw, Read: true, There: now.At})
	return err
}

// Accept notes that the setting is as it should be, though somebody else
// changed it.
func (l *Log) Accept(user string) error {
	_, err := l.append(Record{Step: Accepted, User: user})
	return err
}

// Restarting announces the restart of a cluster, and returns the record's
// number for Restarted.
func (l *Log) Restarting(h *restart.Holder, user string) (int, error) {
	return l.append(Record{Step: Restart, Name: h.String(), ID: h.ID, User: user})
}

// Restarted says what became of a restart that was announced; back is when the
// cluster came back on new instances, by the service's clock.
func (l *Log) Restarted(of int, h *restart.Holder, outcome, why string, back time.Time) error {
	_, err := l.append(Record{Step: Restarted, Of: of, Name: h.String(), ID: h.ID, Outcome: Outcome(outcome), Why: why, Back: back})
	return err
}
