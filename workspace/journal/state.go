package journal

import (
	"fmt"
	"time"
)

// Status is what the journal knows of an object's content.
type Status string

// The statuses.
const (
	// Untouched: no import was ever announced.
	Untouched Status = "untouched"
	// Writing: the new content was announced; whether it arrived is not known.
	Writing Status = "writing"
	// Written: the new content was read back.
	Written Status = "written"
	// Altered: the service stored something else than the new content.
	Altered Status = "altered"
	// Restoring: the original was announced; whether it arrived is not known.
	Restoring Status = "restoring"
	// Original: the original was read back.
	Original Status = "original"
	// Damaged: the original was sent back, and the service stored something else.
	Damaged Status = "damaged"
	// Foreign: somebody else's content stands there.
	Foreign Status = "foreign"
)

// Object is what the journal says of one object.
type Object struct {
	Status Status
	// Was and Before are the object and its content before the run; nil and
	// empty until they are saved. DBC names the DBC copy.
	Was         *Identity
	Before, DBC string
	// After is the content that was announced last.
	After string
	// Found is the content that was seen where another was wanted.
	Found string
	// Writes counts the imports that were announced, of the new content and of
	// the original.
	Writes int
	// Drift says what else changed with the write.
	Drift string
	// Skipped, Failed: why nothing (more) was done.
	Skipped, Failed string
	// Scratch is a probe that may still exist.
	Scratch string
}

// State is what a journal says.
type State struct {
	Records int
	Header  Header
	// Began and Last are the times of the first and the last record.
	Began, Last time.Time
	// Back: the run is being, or was, rolled back.
	Back bool
	// Ended: the last begin or rollback came to its end, with Code and Why.
	Ended bool
	Code  int
	Why   string
	// Stop says why nothing new may be written in this run: an object did not
	// come out as it should. Empty as long as all did.
	Stop string
	// Names are the objects in the order they were taken up.
	Names   []string
	objects map[string]*Object
}

func newState() *State { return &State{objects: map[string]*Object{}} }

// Object is what is known of an object.
func (s *State) Object(name string) Object {
	if o := s.objects[name]; o != nil {
		return *o
	}
	return Object{Status: Untouched}
}

// Count is the number of objects that are as told.
func (s *State) Count(is func(o Object) bool) int {
	n := 0
	for _, o := range s.objects {
		if is(*o) {
			n++
		}
	}
	return n
}

// Open is the number of objects for which the run has still something to do.
func (s *State) Open() int {
	if s.Stop != "" || s.Back {
		return s.Count(func(o Object) bool { return o.Unsettled() })
	}
	return s.Header.Objects - s.Count(func(o Object) bool {
		return o.Status == Written || o.Status == Foreign || !o.Unsettled() && o.Skipped != ""
	})
}

// Unsettled reports whether a process ended in the middle of a change of the
// object.
func (o *Object) Unsettled() bool {
	return o.Status == Writing || o.Status == Restoring || o.Status == Altered
}

// check refuses records that no correct run writes. The rules that matter: no
// import without a saved original, and no new content once a rollback began.
func (s *State) check(r Record) error {
	if s.Records == 0 && (r.Step != Begin || r.Run == nil) {
		return fmt.Errorf("a journal starts with what the run is, and %s is not that", r.Step)
	}
	if r.Run != nil && r.Run.Version != Version {
		return fmt.Errorf("version %d of the journal is not known to this imdsscan", r.Run.Version)
	}
	switch r.Step {
	case Begin, Rollback, End:
		if s.Back && r.Step == Begin {
			return fmt.Errorf("a run that is rolled back does not go on")
		}
		return nil
	}
	if r.Name == "" {
		return fmt.Errorf("a record of step %q names no object", r.Step)
	}
	o := s.Object(r.Name)
	switch r.Step {
	case Intent, Skip, Failed, Probe, Probed, Left, Mismatch, Inexact, Done, Drift, Absent, Restored:
		return nil
	case Saved:
		if r.Was == nil || r.SHA == "" {
			return fmt.Errorf("saved without an original: %s", r.Name)
		}
		if o.Before != "" && o.Before != r.SHA {
			return fmt.Errorf("a second original of %s", r.Name)
		}
		return nil
	case Write:
		if o.Before == "" || r.SHA == "" {
			return fmt.Errorf("%s is to be written and its original is not saved", r.Name)
		}
		if s.Back {
			return fmt.Errorf("%s is to be written during a rollback", r.Name)
		}
		return nil
	case Restore:
		if o.Before == "" {
			return fmt.Errorf("%s is to be restored and its original is not saved", r.Name)
		}
		return nil
	}
	return fmt.Errorf("unknown step %q", r.Step)
}

func (s *State) add(r Record) {
	s.Records++
	s.Last = r.Time
	switch r.Step {
	case Begin:
		if s.Records == 1 {
			s.Header, s.Began = *r.Run, r.Time
		}
		s.Ended = false
	case Rollback:
		s.Back, s.Ended = true, false
	case End:
		s.Ended, s.Code, s.Why = true, r.Code, r.Why
	default:
		o := s.objects[r.Name]
		if o == nil {
			o = &Object{Status: Untouched}
			s.objects[r.Name] = o
			s.Names = append(s.Names, r.Name)
		}
		o.add(r)
		if s.Stop == "" && (r.Step == Mismatch || r.Step == Drift || r.Step == Inexact || r.Code != 0) {
			s.Stop = r.Name + ": " + r.Why
		}
	}
}

func (o *Object) add(r Record) {
	switch r.Step {
	case Intent:
		o.Skipped, o.Failed = "", ""
	case Skip:
		o.Skipped = r.Why
	case Failed:
		o.Failed = r.Why
	case Saved:
		o.Was, o.Before = r.Was, r.SHA
		if r.DBC != "" {
			o.DBC = r.DBC
		}
	case Write:
		o.Status, o.After = Writing, r.SHA
		o.Writes++
	case Done:
		o.Status, o.Drift = Written, ""
	case Drift:
		o.Status, o.Drift = Written, r.Why
	case Probe:
		o.Scratch = r.Scratch
	case Probed:
		o.Scratch = ""
	case Mismatch:
		o.Status, o.Found = Altered, r.SHA
	case Restore:
		o.Status = Restoring
		o.Writes++
	case Absent:
		o.Status = Original
	case Restored:
		o.Status, o.Drift = Original, r.Why
	case Inexact:
		o.Status, o.Found = Damaged, r.SHA
	case Left:
		o.Status, o.Found, o.Failed = Foreign, r.SHA, r.Why
	}
}
