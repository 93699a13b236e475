package enforce

import (
	"fmt"
	"slices"
	"time"

	"github.com/imdsscan/imdsscan/workspace/restart"
	"github.com/imdsscan/imdsscan/workspace/setting"
)

// Version is the version of the history's format that this program writes, and
// the only one it reads.
const Version = 1

// Step is what a record announces, or says was seen.
type Step string

// The steps. The ones marked (!) are written before what they announce is done.
const (
	// Begin starts the history of a workspace: Host and Version.
	Begin Step = "begin"
	// Seen: the setting was read, and was another than what was known.
	Seen Step = "seen"
	// Accepted: what somebody else made of the setting is as it should be.
	Accepted Step = "accepted"
	// Change (!): a new value is sent.
	Change Step = "change"
	// Settled: what became of the change Of.
	Settled Step = "settled"
	// Restart (!): the restart of a cluster is asked for.
	Restart Step = "restart"
	// Restarted: what became of the restart Of.
	Restarted Step = "restarted"
	// Pools: the pools that were there after the change took effect.
	Pools Step = "pools"
	// Clean: pools and warehouses were seen without an instance from before.
	Clean Step = "clean"
)

// Outcome is what became of a change.
type Outcome string

// The outcomes. A change without one was announced, and its process ended.
const (
	// Effect: the new value was read back.
	Effect Outcome = "took effect"
	// NoEffect: the service took it, and the old value was read to the last.
	NoEffect Outcome = "did not take effect"
	// NotKnown: the service's answer was lost, or the setting could not be read.
	NotKnown Outcome = "not known"
	// Refused: the service said no.
	Refused Outcome = "refused"
)

// Record is a line of the history.
type Record struct {
	// N counts the records of a history from 1.
	N    int       `json:"n"`
	Time time.Time `json:"time"`
	Step Step      `json:"step"`

	// Of the beginning.
	Version int    `json:"version,omitempty"`
	Host    string `json:"host,omitempty"`

	// User is who did it, as the workspace names them.
	User string `json:"user,omitempty"`

	// Of a change. Old is the service's own text, empty where the setting was
	// never set.
	Key string `json:"key,omitempty"`
	Old string `json:"old,omitempty"`
	New string `json:"new,omitempty"`
	// Reason is what the user gave; Forced, that preflight's word was overruled,
	// which was Blockers.
	Reason   string   `json:"reason,omitempty"`
	Forced   bool     `json:"forced,omitempty"`
	Blockers []string `json:"blockers,omitempty"`
	// Pools are the ids of the instance pools that were there; nil: not known. So
	// they are of a reading after the change.
	Pools []string `json:"pools,omitzero"`

	// Value is the service's own text that was seen; Read tells a setting that
	// was never set from one that was not read.
	Value string `json:"value,omitempty"`
	Read  bool   `json:"read,omitempty"`
	// There is when it was read, at the latest, by the service's clock.
	There time.Time `json:"there,omitzero"`

	// Of is the record that this one settles.
	Of      int     `json:"of,omitempty"`
	Outcome Outcome `json:"outcome,omitempty"`
	// Late: it was seen by a later look, and the change took effect at any time
	// before.
	Late bool   `json:"late,omitempty"`
	Why  string `json:"why,omitempty"`

	// Name is the cluster of a restart, ID its id, and Back when it came back on
	// new instances, by the service's clock.
	Name string    `json:"name,omitempty"`
	ID   string    `json:"id,omitempty"`
	Back time.Time `json:"back,omitzero"`

	// Clean are the ids of the pools and warehouses that were seen so.
	Clean []string `json:"clean,omitempty"`
}

// Switch is a change and what became of it.
type Switch struct {
	Record
	// Outcome, Late and Why hide the empty ones of the announcement.
	Outcome Outcome
	Late    bool
	Why     string
	// Settled is when its outcome was written down; zero while it is open.
	Settled time.Time
}

// On reports whether the change is to switch enforcement on.
func (s *Switch) On() bool { return setting.ValueOf(s.New) == setting.On }

// State is what a history says.
type State struct {
	Records []Record
	// Switches are the changes, oldest first.
	Switches []*Switch
	// Value is what the setting was when it was last seen, empty when it was
	// never looked at. It has been so since Since at least; Exact says that this
	// tool switched it then, and saw it take effect.
	Value setting.Value
	Raw   string
	Since time.Time
	Exact bool
	// There is Since by the service's clock; zero where it did not tell.
	There time.Time
	// By is the change that made it so; nil when it was made elsewhere.
	By *Switch
	// Lost is since when it was on before somebody else than this tool switched
	// it off, which was seen at Since; zero when that is not how it is.
	Lost time.Time
	// restarts are those that are not settled, by record.
	restarts map[int]bool
}

// Known is what was seen of what holds instances from before the switch.
func (s *State) Known() *restart.Known {
	k := &restart.Known{}
	if s.Value == setting.On && s.By != nil {
		k.Pools = s.By.Pools
	}
	if s.Value == setting.On {
		k.Switched = s.There
	}
	for i := range s.Records {
		if r := &s.Records[i]; r.Step == Restarted && !r.Back.IsZero() && r.Time.After(s.Since) {
			if k.Restarted == nil {
				k.Restarted = map[string]time.Time{}
			}
			k.Restarted[r.ID] = r.Back
		}
		if r := &s.Records[i]; r.Step == Clean && r.Time.After(s.Since) {
			k.Clean = append(k.Clean, r.Clean...)
		}
		if r := &s.Records[i]; r.Step == Pools && r.Time.After(s.Since) {
			if r.Pools == nil || k.Pools == nil {
				k.Pools = nil
			} else {
				k.Pools = append(slices.Clone(k.Pools), r.Pools...)
			}
		}
	}
	return k
}

// Open is the last change, as long as nobody knows what became of it.
func (s *State) Open() *Switch {
	if n := len(s.Switches); n > 0 {
		if last := s.Switches[n-1]; last.Settled.IsZero() || last.Outcome == NotKnown && s.Value != setting.ValueOf(last.New) {
			return last
		}
	}
	return nil
}

// change is the change with a number.
func (s *State) change(n int) *Switch {
	for _, x := range s.Switches {
		if x.N == n {
			return x
		}
	}
	return nil
}

// check refuses records that no correct program writes.
func (s *State) check(r *Record) error {
	if (len(s.Records) == 0) != (r.Step == Begin) {
		return fmt.Errorf("a history starts with its workspace, and only there it is named")
	}
	switch r.Step {
	case Begin:
		if r.Version != Version {
			return fmt.Errorf("version %d of the history is not known to this imdsscan", r.Version)
		}
	case Seen:
		if !r.Read {
			return fmt.Errorf("seen and not read")
		}
	case Change:
		if v := setting.ValueOf(r.New); r.Key == "" || v == setting.Unknown {
			return fmt.Errorf("a change to %q", r.New)
		}
	case Settled:
		switch r.Outcome {
		case Effect, NoEffect, NotKnown, Refused:
		default:
			return fmt.Errorf("unknown outcome %q", r.Outcome)
		}
		if s.change(r.Of) == nil {
			return fmt.Errorf("it settles record %d, which is no change", r.Of)
		}
	case Accepted:
	case Restart:
		if r.Name == "" {
			return fmt.Errorf("a restart of nothing")
		}
	case Restarted:
		if !s.restarts[r.Of] {
			return fmt.Errorf("it settles record %d, which is no restart", r.Of)
		}
	case Pools:
	case Clean:
		if len(r.Clean) == 0 {
			return fmt.Errorf("nothing was seen clean")
		}
	default:
		return fmt.Errorf("unknown step %q", r.Step)
	}
	return nil
}

func (s *State) add(r Record) {
	s.Records = append(s.Records, r)
	switch r.Step {
	case Seen:
		s.is(&r, nil, false)
	case Accepted:
		s.Lost = time.Time{}
	case Change:
		s.Switches = append(s.Switches, &Switch{Record: r})
	case Settled:
		x := s.change(r.Of)
		x.Outcome, x.Late, x.Why, x.Settled = r.Outcome, r.Late, r.Why, r.Time
		if r.Outcome == Effect {
			s.is(&r, x, !r.Late)
		} else if r.Read {
			s.is(&r, nil, false)
		}
	case Restart:
		if s.restarts == nil {
			s.restarts = map[int]bool{}
		}
		s.restarts[r.N] = true
	case Restarted:
		delete(s.restarts, r.Of)
	}
}

// is notes a value that was seen.
func (s *State) is(r *Record, by *Switch, exact bool) {
	v := setting.ValueOf(r.Value)
	s.Raw = r.Value
	if v == s.Value && by == nil {
		return
	}
	switch {
	case by != nil || v == setting.On:
		s.Lost = time.Time{}
	case s.Value == setting.On:
		s.Lost = s.Since
	}
	s.Value, s.Since, s.There, s.By, s.Exact = v, r.Time, r.There, by, exact
}
