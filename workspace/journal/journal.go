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
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"time"
)

// Journal is a run's journal, open for appending.
type Journal struct {
	// ID is the run's; Folder holds all of it.
	ID, Folder string
	State      *State
	f          *os.File
	now        func() time.Time
	broken     error
}

const fileName = "journal.jsonl"

// File is the journal's own file.
func (j *Journal) File() string { return filepath.Join(j.Folder, fileName) }

// Append puts a record on the disk and returns when it is there. After an error
// nothing can be announced any more, so nothing more may be done.
func (j *Journal) Append(r Record) error {
	if j.broken != nil {
		return j.broken
	}
	r.N, r.Time = j.State.Records+1, j.now().UTC().Truncate(time.Millisecond)
	if err := j.State.check(r); err != nil {
		return err
	}
	line, err := json.Marshal(r)
	if err != nil {
		return err
	}
	_, err = j.f.Write(append(line, '\n'))
	if err == nil {
		err = j.f.Sync()
	}
	if err != nil {
		// A part of the line may be in the file: what follows it could not be read.
		j.broken = fmt.Errorf("the journal cannot be written: %w", err)
		return j.broken
	}
	j.State.add(r)
	return nil
}

// Close closes the file. All records are on the disk already.
func (j *Journal) Close() error { return j.f.Close() }

// open opens the journal in a folder for appending. A last line that was not
// written to its end is cut off: the step it was to announce has not begun.
func open(id, folder string, now func() time.Time) (*Journal, error) {
	state, end, err := load(filepath.Join(folder, fileName))
	if err != nil {
		return nil, err
	}
	if state.Records == 0 {
		return nil, fmt.Errorf("run %s did not begin: its journal holds no whole record", id)
	}
	f, err := os.OpenFile(filepath.Join(folder, fileName), os.O_RDWR|os.O_APPEND, 0o600)
	if err != nil {
		return nil, err
	}
	if err = f.Truncate(end); err == nil {
		err = f.Sync()
	}
	if err != nil {
		_ = f.Close()
		return nil, err
	}
	return &Journal{ID: id, Folder: folder, State: state, f: f, now: now}, nil
}

// load folds the records of a file; end is where the last whole one ends.
func load(name string) (state *State, end int64, err error) {
	f, err := os.Open(name)
	if err != nil {
		return nil, 0, err
	}
	defer f.Close()
	state = newState()
	r := bufio.NewReader(f)
	torn := false
	for {
		line, err := r.ReadBytes('\n')
		if err != nil && !errors.Is(err, io.EOF) {
			return nil, 0, err
		}
		whole := err == nil && json.Valid(line)
		switch {
		case whole && torn:
			return nil, 0, damaged(name, state, errors.New("a line is not whole, and others follow it"))
		case whole:
			rec, bad := parse(line, state)
			if bad != nil {
				return nil, 0, damaged(name, state, bad)
			}
			state.add(rec)
			end += int64(len(line))
		default:
			torn = true
		}
		if err != nil {
			return state, end, nil
		}
	}
}

func damaged(name string, s *State, why error) error {
	return fmt.Errorf("%s is damaged after record %d: %w; docs/state.md tells how to recover by hand", name, s.Records, why)
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
