// Package apply carries out a plan on a workspace, and undoes it. It is a small
// state machine over each object, one object at a time: it looks at what is
// there, decides from that and from the journal, announces the next step in the
// journal, takes it, and looks again. What it knows between two steps is in the
// journal alone, so that a run that was killed goes on like one that was not.
//
// Four rules hold at every moment:
//
//  1. No content is replaced but one that was just read and whose bytes are in
//     the backup, verified.
//  2. New content replaces only what the plan was made from, the original only
//     what the run itself wrote, or what the service made of it.
//  3. An import is sent once. Whatever comes back, the next thing is to look.
//  4. An object that does not come out as it should ends the run.
package apply

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"

	"github.com/imdsscan/imdsscan/workspace/backup"
	"github.com/imdsscan/imdsscan/workspace/journal"
	"github.com/imdsscan/imdsscan/workspace/plan"
)

// Run is a run on this machine's disk, held by this process alone.
type Run struct {
	Plan    *plan.Plan
	Journal *journal.Journal
	Backup  backup.Store
	lock    *journal.Lock
	byName  map[string]*plan.Object
}

const planFile = "plan.json"

// BackupFolder is where a run keeps the originals.
func BackupFolder(run string) string { return filepath.Join(run, "backup") }

// Start begins a run of the plan.
func Start(dir journal.Dir, p *plan.Plan) (*Run, error) {
	lock, err := dir.Lock(p.For.Host, "a run that was starting")
	if err != nil {
		return nil, err
	}
	h := journal.Header{Version: journal.Version, Plan: p.Digest, Host: p.For.Host, User: p.For.User, Tool: p.For.Tool,
		Objects: len(p.Objects), PID: os.Getpid()}
	j, err := dir.Create(h, func(folder string) error { return p.Save(filepath.Join(folder, planFile)) })
	if err != nil {
		lock.Unlock()
		return nil, fmt.Errorf("the run cannot be recorded, so nothing was done: %w", err)
	}
	lock.Tell("run " + j.ID)
	return &Run{Plan: p, Journal: j, Backup: backup.Store{Folder: BackupFolder(j.Folder)}, lock: lock}, nil
}

// Open takes up a run that is there, to go on with it or to undo it.
func Open(dir journal.Dir, id string) (*Run, error) {
	s, err := dir.Read(id)
	if err != nil {
		return nil, err
	}
	lock, err := dir.Lock(s.Header.Host, "run "+id)
	if err != nil {
		return nil, err
	}
	r := &Run{lock: lock}
	if r.Journal, err = dir.Open(id); err == nil {
		r.Backup = backup.Store{Folder: BackupFolder(r.Journal.Folder)}
		r.Plan, err = plan.Load(filepath.Join(r.Journal.Folder, planFile))
		if err == nil && r.Plan.Digest != s.Header.Plan {
			err = fmt.Errorf("%s is not the plan that run %s began with", filepath.Join(r.Journal.Folder, planFile), id)
		}
	}
	if err != nil {
		r.Close()
		return nil, err
	}
	return r, nil
}

// Of is the run of a plan that has still something to do, empty when there is
// none. One that came to its end is no such run, whatever happened since.
func Of(dir journal.Dir, p *plan.Plan) (string, error) {
	ids, err := dir.List()
	if err != nil {
		return "", err
	}
	for _, id := range slices.Backward(ids) {
		// A damaged journal says nothing of its plan. A second run does no harm:
		// it looks first.
		if s, err := dir.Read(id); err == nil && s.Header.Plan == p.Digest && !s.Back && (!s.Ended || s.Open() > 0) {
			return id, nil
		}
	}
	return "", nil
}

// Close ends the hold on the run.
func (r *Run) Close() {
	if r.Journal != nil {
		_ = r.Journal.Close()
	}
	r.lock.Unlock()
}

func (r *Run) object(name string) *plan.Object {
	if r.byName == nil {
		r.byName = map[string]*plan.Object{}
		for i := range r.Plan.Objects {
			r.byName[r.Plan.Objects[i].Name] = &r.Plan.Objects[i]
		}
	}
	return r.byName[name]
}

// ErrStopped is of a run that may not write anything any more.
var ErrStopped = errors.New("the run was stopped, and does not go on")

// ErrRolledBack is of a run that was rolled back.
var ErrRolledBack = errors.New("the run was rolled back, and does not go on; make a new plan")
