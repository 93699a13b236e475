package apply

import (
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/imdsscan/imdsscan/workspace"
	"github.com/imdsscan/imdsscan/workspace/journal"
	"github.com/imdsscan/imdsscan/workspace/plan"
)

// apply brings one object to its new content: it looks, decides from what is
// there and from the journal, acts, and looks again. Each turn ends it, makes it
// ready, or sends; so there are few.
func (m *machine) apply(o *plan.Object) (Event, error) {
	if err := m.note(journal.Record{Step: journal.Intent, Name: o.Name}); err != nil {
		return Event{}, err
	}
	after, err := o.NewContent()
	if err != nil {
		return Event{}, &stop{CodeIncomplete, o.Name + ": " + err.Error()}
	}
	sends, ready := 0, false
	var answer error // of the last import
	for {
		now, err := m.look(o)
		st := m.state(o)
		switch {
		case err != nil:
			return m.blind(o, st, err)
		case !now.gone && now.sum == o.After && st.Writes > 0:
			return m.verify(o, now)
		case !now.gone && now.sum == o.After:
			return m.end(Event{o.Name, Already, "it holds the new content already"}, journal.Record{Step: journal.Skip})
		case st.Status == journal.Writing && (now.gone || now.sum != o.Before):
			return m.other(o, now, after)
		case now.gone:
			return m.end(Event{o.Name, Changed, "it is not there any more: deleted or renamed since the plan was made, or hidden from you"}, journal.Record{Step: journal.Skip})
		case now.sum != o.Before:
			return m.end(Event{o.Name, Changed, "its content changed since the plan was made"}, journal.Record{Step: journal.Skip})
		}
		// The original is there.
		if st.Status == journal.Writing {
			if err := m.note(journal.Record{Step: journal.Absent, Name: o.Name}); err != nil {
				return Event{}, err
			}
		}
		switch why := replaced(o, now); {
		case why != "":
			return m.end(Event{o.Name, Changed, why}, journal.Record{Step: journal.Skip})
		case sends > 0 && (refused(answer) || sends == maxSends):
			return m.end(Event{o.Name, Failed, "not written, the original is there: " + said(answer)}, journal.Record{Step: journal.Failed})
		}
		if !ready {
			// Whatever takes time is done before the last look.
			if !o.Shows(now.content, after) {
				return Event{}, &stop{CodeIncomplete, o.Name + ": the plan's diff does not show what the plan would write"}
			}
			if e, err := m.prepare(o, now, sends); e.Outcome != "" || err != nil {
				return e, err
			}
			ready = true
			continue
		}
		if _, err := m.Backup.Put(now.content); err != nil {
			return Event{}, &stop{CodeIncomplete, err.Error()}
		}
		if err := m.note(journal.Record{Step: journal.Write, Name: o.Name, SHA: o.After}); err != nil {
			return Event{}, err
		}
		answer = m.at(o).write(m.ctx, o, now.is, after)
		ready = false
		sends++
	}
}

// replaced says why an object with the planned content is not the planned one.
func replaced(o *plan.Object, now seen) string {
	switch {
	case now.is.ID != o.ID:
		return fmt.Sprintf("it was replaced since the plan was made: its id was %s and is %s", o.ID, now.is.ID)
	case now.is.Type != o.Type || now.is.Format != o.Format:
		return fmt.Sprintf("it was a %s and is a %s", strings.TrimSpace(o.Type+" "+o.Format), strings.TrimSpace(now.is.Type+" "+now.is.Format))
	case o.Format == "SOURCE" && now.is.Language != o.Language:
		return fmt.Sprintf("its language was %s and is %s", o.Language, now.is.Language)
	}
	return ""
}

// refused tells an import that was turned down from one that got lost.
func refused(err error) bool {
	return err != nil && !errors.Is(err, workspace.ErrUnknown) && !errors.Is(err, workspace.ErrTooManyRequests)
}

func said(err error) string {
	if err == nil {
		return "the service took the import and did not store it"
	}
	return workspace.Reason(err)
}

// blind ends an object that cannot be looked at.
func (m *machine) blind(o *plan.Object, st journal.Object, cause error) (Event, error) {
	e := Event{o.Name, Failed, "not written: " + workspace.Reason(cause)}
	if st.Status == journal.Writing {
		e.Why = "whether the new content arrived is not known: " + workspace.Reason(cause)
	}
	e, err := m.end(e, journal.Record{Step: journal.Failed})
	switch {
	case err != nil:
	case st.Status == journal.Writing:
		err = &stop{CodeIncomplete, "an object's state is not known, so nothing more was written"}
	case errors.Is(cause, workspace.ErrUnauthenticated):
		err = &stop{CodeIncomplete, "the credentials are not accepted any more"}
	}
	return e, err
}

// ready waits before another attempt, and until the object takes one.
// What was seen before may not hold any more then.
func (m *machine) ready(o *plan.Object, sends int) (waited bool, err error) {
	if sends > 0 && m.o.wait(m.user, time.Duration(sends*sends)*2*time.Second) != nil {
		return true, errors.New("interrupted")
	}
	waited, err = m.at(o).settled(m.ctx, o)
	return waited || sends > 0, err
}

// prepare saves all that belongs to the original before it is replaced for the
// first time, and waits before it is tried again.
func (m *machine) prepare(o *plan.Object, now seen, sends int) (Event, error) {
	if _, err := m.ready(o, sends); err != nil {
		return m.end(Event{o.Name, Failed, "not written, the original is there: " + workspace.Reason(err)}, journal.Record{Step: journal.Failed})
	}
	if sends > 0 || m.state(o).Before != "" {
		return Event{}, nil // what it was like is known from before the first write
	}
	rec := journal.Record{Step: journal.Saved, Name: o.Name, Was: &now.is, SHA: now.sum}
	var err error
	rec.Was.Permissions, err = m.at(o).permissions(m.ctx, o, now.is)
	switch {
	case errors.Is(err, workspace.ErrPermission):
		rec.Was.Unreadable = workspace.Reason(err)
	case err != nil:
		return m.end(Event{o.Name, Failed, "not written: its permissions cannot be read: " + workspace.Reason(err)}, journal.Record{Step: journal.Failed})
	}
	archive, err := m.at(o).archive(m.ctx, o, now.is)
	if err != nil && !m.o.WithoutDBC {
		return m.end(Event{o.Name, Failed, "not written: no DBC copy can be made, and the source alone leaves out dashboards and the like (--without-dbc does without): " + workspace.Reason(err)},
			journal.Record{Step: journal.Failed})
	}
	if archive != nil && err == nil {
		if rec.DBC, err = m.Backup.Put(archive); err != nil {
			return Event{}, &stop{CodeIncomplete, err.Error()}
		}
	}
	if _, err := m.Backup.Put(now.content); err != nil {
		return Event{}, &stop{CodeIncomplete, err.Error()}
	}
	return Event{}, m.note(rec)
}

// verify compares all that may have changed with the content.
func (m *machine) verify(o *plan.Object, now seen) (Event, error) {
	why, err := m.drift(o, now)
	switch {
	case err != nil:
		e, err2 := m.end(Event{o.Name, Failed, "written, but its permissions cannot be compared: " + workspace.Reason(err)}, journal.Record{Step: journal.Failed})
		if err2 == nil {
			err2 = &stop{CodeIncomplete, "an object could not be verified, so nothing more was written"}
		}
		return e, err2
	case why != "":
		why = "the new content is there, but " + why
		e, err := m.end(Event{o.Name, Drifted, why}, journal.Record{Step: journal.Drift})
		if err == nil {
			err = &stop{CodeVerification, o.Name + ": " + why}
		}
		return e, err
	}
	return m.end(Event{o.Name, Fixed, ""}, journal.Record{Step: journal.Done})
}

// drift says what else than the content is not as it was before the run.
func (m *machine) drift(o *plan.Object, now seen) (string, error) {
	was := m.state(o).Was
	switch {
	case now.is.ID != was.ID:
		return fmt.Sprintf("its id was %s and is %s: permissions, history and what refers to the id may be lost", was.ID, now.is.ID), nil
	case now.is.Type != was.Type || now.is.Format != was.Format:
		return fmt.Sprintf("it was a %s and is a %s", strings.TrimSpace(was.Type+" "+was.Format), strings.TrimSpace(now.is.Type+" "+now.is.Format)), nil
	case now.is.Language != was.Language:
		return fmt.Sprintf("its language was %s and is %s", was.Language, now.is.Language), nil
	case was.Unreadable != "":
		return "", nil // could not be read before either
	}
	may, err := m.at(o).permissions(m.ctx, o, now.is)
	switch {
	case errors.Is(err, workspace.ErrPermission) || errors.Is(err, workspace.ErrNotFound):
		return "its permissions cannot be read any more: " + workspace.Reason(err), nil
	case err != nil:
		return "", err
	case may != was.Permissions:
		return fmt.Sprintf("its permissions were %s and are %s", was.Permissions, may), nil
	}
	return "", nil
}
