// Package journal keeps what runs did to a workspace, on this machine's disk: a
// folder a run, in it a file to which records are only ever appended. A record
// that announces a step is on the disk before the step begins, so that after a
// crash at any moment the journal says all that may have happened. What the
// records say of an object is folded in one place, State, for the run that goes
// on, for its rollback and for the list of runs.
//
// It talks to nobody and knows no plan.
package journal

import (
	"bytes"
	"encoding/json"
	"fmt"
	"path/filepath"
	"time"
)

// Journal is a run's journal, open for appending.
type Journal struct {
	// ID is the run's; Folder holds all of it.
	ID, Folder string
	State      *State
	lines      *Lines
	now        func() time.Time
}

const fileName = "journal.jsonl"

// File is the journal's own file.
func (j *Journal) File() string { return filepath.Join(j.Folder, fileName) }

// Append puts a record on the disk and returns when it is there. After an error
// nothing can be announced any more, so nothing more may be done.
func (j *Journal) Append(r Record) error {
	if j.lines.broken != nil {
		return j.lines.broken
	}
	r.N, r.Time = j.State.Records+1, j.now().UTC().Truncate(time.Millisecond)
	if err := j.State.check(r); err != nil {
		return err
	}
	if err := j.lines.Append(r); err != nil {
		return err
	}
	j.State.add(r)
	return nil
}

// Close closes the file. All records are on the disk already.
func (j *Journal) Close() error { return j.lines.Close() }

// open opens the journal in a folder for appending.
func open(id, folder string, now func() time.Time) (*Journal, error) {
	name := filepath.Join(folder, fileName)
	state, end, err := load(name)
	if err != nil {
		return nil, err
	}
	if state.Records == 0 {
		return nil, fmt.Errorf("run %s did not begin: its journal holds no whole record", id)
	}
	lines, err := OpenLines(name, end)
	if err != nil {
		return nil, err
	}
	return &Journal{ID: id, Folder: folder, State: state, lines: lines, now: now}, nil
}

// load folds the records of a file; end is where the last whole one ends.
func load(name string) (*State, int64, error) {
	state := newState()
	end, err := ReadLines(name, func(line []byte) error {
		r, err := parse(line, state)
		if err == nil {
			state.add(r)
		}
		return err
	})
	if err != nil {
		return nil, 0, err
	}
	return state, end, nil
}

func parse(line []byte, state *State) (Record, error) {
	var r Record
	d := json.NewDecoder(bytes.NewReader(line))
	d.DisallowUnknownFields()
	if err := d.Decode(&r); err != nil {
		return r, err
	}
	if r.N != state.Records+1 {
		return r, fmt.Errorf("record %d does not follow it", r.N)
	}
	return r, state.check(r)
}
