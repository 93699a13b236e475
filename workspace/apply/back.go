package apply

import (
	"context"
	"errors"
	"slices"

	"github.com/imdsscan/imdsscan/workspace"
	"github.com/imdsscan/imdsscan/workspace/journal"
	"github.com/imdsscan/imdsscan/workspace/plan"
)

// other decides what it means that neither the original nor the new content is
// there after an import.
func (m *machine) other(o *plan.Object, now seen, after []byte) (Event, error) {
	if now.gone {
		return m.end(Event{o.Name, Left, "somebody deleted or renamed it after it was written"}, journal.Record{Step: journal.Left})
	}
	// Whoever made it, it is kept.
	if _, err := m.Backup.Put(now.content); err != nil {
		return Event{}, &stop{CodeIncomplete, err.Error()}
	}
	how, err := m.altered(o, now, after)
	if err != nil {
		return Event{}, err
	}
	switch how {
	case byNobodyKnows:
		e, err := m.end(Event{o.Name, Unclear, unclear}, journal.Record{Step: journal.Left, SHA: now.sum, Code: CodeVerification})
		if err == nil {
			err = &stop{CodeVerification, o.Name + ": " + unclear}
		}
		return e, err
	case bySomebody:
		return m.end(Event{o.Name, Left, "somebody changed it while it was written; their content stays"}, journal.Record{Step: journal.Left, SHA: now.sum})
	}
	if err := m.note(journal.Record{Step: journal.Mismatch, Name: o.Name, SHA: now.sum, Why: altered}); err != nil {
		return Event{}, err
	}
	e, err := m.putBack(o)
	if err == nil {
		err = &stop{CodeVerification, o.Name + ": " + altered}
	}
	return e, err
}

// putBack brings one object back to its original, in the same way: it looks,
// decides, sends, and looks again. Only what the run wrote is replaced, or what
// the service made of it.
func (m *machine) putBack(o *plan.Object) (Event, error) {
	original, err := m.Backup.Get(m.state(o).Before)
	if err != nil {
		return m.end(Event{o.Name, Failed, "not put back: " + err.Error()}, journal.Record{Step: journal.Failed})
	}
	sends, ready := 0, false
	var answer error
	for {
		now, err := m.look(o)
		st := m.state(o)
		switch {
		case err != nil:
			return m.end(Event{o.Name, Failed, "whether the original is there is not known: " + workspace.Reason(err)}, journal.Record{Step: journal.Failed})
		case now.gone:
			return m.end(Event{o.Name, Left, "somebody deleted or renamed it; it was not made anew"}, journal.Record{Step: journal.Left})
		case now.sum == st.Before:
			return m.original(o, now)
		case st.Status == journal.Damaged && now.sum == st.Found:
			return Event{o.Name, Damaged, damaged}, nil
		case !ours(o, st, now):
			if e, err := m.notOurs(o, st, now, original); e.Outcome != "" || err != nil {
				return e, err
			}
			continue // now the journal knows it as the run's
		case sends > 0 && (refused(answer) || sends == maxSends):
			return m.end(Event{o.Name, Failed, "not put back: " + said(answer)}, journal.Record{Step: journal.Failed})
		}
		if !ready {
			waited, err := m.ready(o, sends)
			if err != nil {
				return m.end(Event{o.Name, Failed, "not put back: " + workspace.Reason(err)}, journal.Record{Step: journal.Failed})
			}
			if ready = true; waited {
				continue
			}
		}
		if _, err := m.Backup.Put(now.content); err != nil {
			return Event{}, &stop{CodeIncomplete, err.Error()}
		}
		if err := m.note(journal.Record{Step: journal.Restore, Name: o.Name, SHA: now.sum}); err != nil {
			return Event{}, err
		}
		answer = m.at(o).write(m.ctx, o, now.is, original)
		ready = false
		sends++
	}
}

const damaged = "the original was sent back, and the service stored something else; the backup holds the original, docs/state.md tells how to restore it by hand"

// ours tells content that the run made from that of others.
func ours(o *plan.Object, st journal.Object, now seen) bool {
	if now.is.Type != st.Was.Type || now.is.Format != st.Was.Format {
		return false
	}
	if st.Status == journal.Written && st.Drift == "" && now.is.ID != st.Was.ID {
		return false // it was deleted and made anew
	}
	return now.sum == o.After || st.Found != "" && st.Status != journal.Foreign && st.Status != journal.Damaged && now.sum == st.Found
}

// notOurs decides about an object to be restored that holds neither the original
// nor anything that the run is known to have made. What a write came to that was
// cut short is not known yet; without an outcome, it is now.
func (m *machine) notOurs(o *plan.Object, st journal.Object, now seen, original []byte) (Event, error) {
	if _, err := m.Backup.Put(now.content); err != nil {
		return Event{}, &stop{CodeIncomplete, err.Error()}
	}
	sent := original
	if st.Status == journal.Writing {
		var err error
		if sent, err = o.NewContent(); err != nil {
			return Event{}, &stop{CodeIncomplete, o.Name + ": " + err.Error()}
		}
	}
	how := bySomebody
	if st.Status == journal.Writing || st.Status == journal.Restoring {
		var err error
		if how, err = m.altered(o, now, sent); err != nil {
			return Event{}, err
		}
	}
	switch {
	case how == byService && st.Status == journal.Writing:
		return Event{}, m.note(journal.Record{Step: journal.Mismatch, Name: o.Name, SHA: now.sum, Why: altered})
	case how == byService:
		return m.end(Event{o.Name, Damaged, damaged}, journal.Record{Step: journal.Inexact, SHA: now.sum})
	case how == byNobodyKnows:
		return m.end(Event{o.Name, Unclear, unclear}, journal.Record{Step: journal.Left, SHA: now.sum, Code: CodeVerification})
	}
	return m.end(Event{o.Name, Left, "somebody changed it since it was written; their content stays"}, journal.Record{Step: journal.Left, SHA: now.sum})
}

const (
	altered = "the service stored something else than what was sent"
	unclear = "it holds neither the original nor what was written, and whether the service or somebody made the change cannot be told; it was left as it is"
)

// original ends an object that holds its original again.
func (m *machine) original(o *plan.Object, now seen) (Event, error) {
	why, err := m.drift(o, now)
	switch {
	case err != nil:
		return m.end(Event{o.Name, Failed, "the original is there, but its permissions cannot be compared: " + workspace.Reason(err)}, journal.Record{Step: journal.Failed})
	case why != "":
		why = "the original is there, but " + why
	}
	return m.end(Event{o.Name, Restored, why}, journal.Record{Step: journal.Restored})
}

// turn is when the object's turn is. A policy comes before its clusters also on
// the way back: what it asks for now, they could not be without.
func (m *machine) turn(name string) int {
	if o := m.object(name); o != nil {
		return plan.Turn(o.Type)
	}
	return 0
}

// Rollback puts back the original of all that the run wrote and nobody changed
// since, the last one first.
func (r *Run) Rollback(user context.Context, o Options) (Result, error) {
	m := r.machine(user, o)
	if err := m.note(journal.Record{Step: journal.Rollback}); err != nil {
		return Result{}, err
	}
	return m.finish(func(res *Result) error {
		names := slices.Clone(m.Journal.State.Names)
		slices.Reverse(names)
		slices.SortStableFunc(names, func(a, b string) int { return m.turn(a) - m.turn(b) })
		for i, name := range names {
			if m.Journal.State.Object(name).Writes == 0 {
				continue
			}
			if m.user.Err() != nil {
				res.Open = len(names) - i
				return &stop{CodeInterrupted, "interrupted"}
			}
			po := m.object(name)
			if po == nil {
				return errors.New(name + " is in the journal and not in the plan")
			}
			e, err := m.putBack(po)
			m.tell(res, e)
			if err != nil {
				return err
			}
		}
		return nil
	})
}
