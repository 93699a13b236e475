package apply

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/imdsscan/imdsscan/workspace"
	"github.com/imdsscan/imdsscan/workspace/backup"
	"github.com/imdsscan/imdsscan/workspace/journal"
	"github.com/imdsscan/imdsscan/workspace/plan"
)

// Options say how a plan is carried out.
type Options struct {
	Client *workspace.Client
	// Canary is the number of objects after whose writing Pause is asked
	// whether to go on; 0 for none.
	Canary int
	Pause  func() bool
	// WithoutDBC writes notebooks of which no DBC copy can be made.
	WithoutDBC bool
	// Restart lets a rollback restart clusters that run. In an application the
	// plan says of which cluster that is allowed.
	Restart bool
	// Report hears what became of each object, in the order of the plan.
	Report func(Event)
	// Waiting hears of an object that takes no change yet, and why.
	Waiting func(name, state string)

	// The seams of the tests: wait sleeps, at is called before and after each
	// record, and a panic there is a crash.
	wait func(ctx context.Context, d time.Duration) error
	at   func(r journal.Record, written bool)
}

// Outcome is what became of an object.
type Outcome string

// The outcomes.
const (
	Fixed    Outcome = "fixed"     // written and read back
	Already  Outcome = "already"   // it held the new content before
	Changed  Outcome = "changed"   // not what the plan was made from: not written
	Left     Outcome = "left"      // changed by somebody after it was written
	Failed   Outcome = "failed"    // a call failed; Why says what is there
	Drifted  Outcome = "drifted"   // written, but more than the content changed
	Restored Outcome = "restored"  // the original is there
	Damaged  Outcome = "damaged"   // neither the original nor the new content could be stored
	Unclear  Outcome = "undecided" // the service or somebody changed what was written
)

// Event is what became of one object.
type Event struct {
	Name    string
	Outcome Outcome
	Why     string
}

// code is the exit status that an outcome asks for.
func (e Event) code() int {
	switch e.Outcome {
	case Changed, Left:
		return CodeChanged
	case Failed:
		return CodeIncomplete
	case Drifted, Damaged, Unclear:
		return CodeVerification
	}
	return 0
}

// The exit statuses of a run.
const (
	CodeIncomplete   = 3
	CodeChanged      = 4
	CodeVerification = 5
	CodeInterrupted  = 130
)

// Result is what a run came to.
type Result struct {
	Count map[Outcome]int
	// Code is the exit status; Why says why the run ended before its end, empty
	// when it did not. Open is the number of objects it did not get to.
	Code int
	Why  string
	Open int
}

// maxSends bounds the imports of one object: lost ones are sent again.
const maxSends = 4

// maxFailures is the number of objects in a row whose failure ends the run: the
// next ones would fail too.
const maxFailures = 3

// machine is one go at a run.
type machine struct {
	*Run
	o      Options
	tree   *tree
	places map[string]place // by type
	// user ends when the user interrupts; ctx does not, for what is in hand is
	// finished.
	user, ctx context.Context
}

// stop ends the run.
type stop struct {
	code int
	why  string
}

func (s *stop) Error() string { return s.why }

func (r *Run) machine(user context.Context, o Options) *machine {
	if o.wait == nil {
		o.wait = sleep
	}
	if o.Report == nil {
		o.Report = func(Event) {}
	}
	if o.Waiting == nil {
		o.Waiting = func(string, string) {}
	}
	me := o.Client.User()
	t := &tree{o.Client, me}
	places := map[string]place{typeGlobal: &globals{c: o.Client}, typeVolume: &volumes{c: o.Client}, typeDBFS: &dbfs{c: o.Client}}
	restart := func(po *plan.Object) bool { return o.Restart || !r.Journal.State.Back && po.Restart }
	places[plan.TypeCluster] = &clusters{c: o.Client, restart: restart, waiting: o.Waiting, wait: func(d time.Duration) error { return o.wait(user, d) }}
	places[plan.TypePolicy] = &policies{c: o.Client}
	return &machine{Run: r, o: o, tree: t, places: places, user: user, ctx: context.WithoutCancel(user)}
}

// at is where an object lives.
func (m *machine) at(o *plan.Object) place {
	if p := m.places[o.Type]; p != nil {
		return p
	}
	return m.tree
}

func sleep(ctx context.Context, d time.Duration) error {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-t.C:
		return nil
	}
}

// note puts a record into the journal. Its error ends the run at once.
func (m *machine) note(r journal.Record) error {
	if m.o.at != nil {
		m.o.at(r, false)
	}
	if err := m.Journal.Append(r); err != nil {
		return &stop{CodeIncomplete, err.Error()}
	}
	if m.o.at != nil {
		m.o.at(r, true)
	}
	return nil
}

// end notes an outcome.
func (m *machine) end(e Event, r journal.Record) (Event, error) {
	r.Name, r.Why = e.Name, e.Why
	return e, m.note(r)
}

func (m *machine) state(o *plan.Object) journal.Object { return m.Journal.State.Object(o.Name) }

// seen is what a look found.
type seen struct {
	gone    bool
	is      journal.Identity
	content []byte
	sum     string
}

// look finds what is there now. The content is read last, so that what is
// decided from it is as fresh as can be.
func (m *machine) look(o *plan.Object) (seen, error) {
	is, err := m.at(o).stat(m.ctx, o)
	if err == nil {
		var content []byte
		if content, err = m.at(o).read(m.ctx, o, is); err == nil {
			return seen{is: is, content: content, sum: backup.Sum(content)}, nil
		}
	}
	if errors.Is(err, workspace.ErrNotFound) {
		return seen{gone: true}, nil
	}
	return seen{}, err
}

// Apply carries out the plan, or what is left of it.
func (r *Run) Apply(user context.Context, o Options) (Result, error) {
	s := r.Journal.State
	if s.Back {
		return Result{}, ErrRolledBack
	}
	m := r.machine(user, o)
	if s.Records > 1 {
		if err := m.note(journal.Record{Step: journal.Begin}); err != nil {
			return Result{}, err
		}
	}
	return m.finish(m.applyAll)
}

// finish runs the work and closes the journal's account of it.
func (m *machine) finish(work func(*Result) error) (Result, error) {
	res := Result{Count: map[Outcome]int{}}
	err := m.sweep()
	if err == nil {
		err = work(&res)
	}
	var s *stop
	switch {
	case errors.As(err, &s):
		res.Code, res.Why = max(res.Code, s.code), s.why
	case err != nil:
		return res, err
	}
	return res, m.note(journal.Record{Step: journal.End, Code: res.Code, Why: res.Why})
}

// sweep deletes the probes that a crash left behind.
func (m *machine) sweep() error {
	for _, name := range m.Journal.State.Names {
		scratch := m.Journal.State.Object(name).Scratch
		if scratch == "" {
			continue
		}
		if err := m.tree.remove(m.ctx, scratch); err != nil {
			continue // it is in the user's own folder, and the journal keeps its name
		}
		if err := m.note(journal.Record{Step: journal.Probed, Name: name}); err != nil {
			return err
		}
	}
	return nil
}

func (m *machine) applyAll(res *Result) error {
	if why := m.Journal.State.Stop; why != "" {
		if err := m.settle(res); err != nil {
			return err
		}
		return &stop{CodeVerification, why}
	}
	written, failures, asked := 0, 0, false
	for i := range m.Plan.Objects {
		o := &m.Plan.Objects[i]
		res.Open = len(m.Plan.Objects) - i
		if m.state(o).Status == journal.Written {
			continue
		}
		if m.user.Err() != nil {
			return &stop{CodeInterrupted, "interrupted"}
		}
		if m.o.Canary > 0 && written == m.o.Canary && !asked {
			if asked = true; !m.o.Pause() {
				return &stop{0, fmt.Sprintf("stopped after the first %d, as --canary says", written)}
			}
		}
		e, err := m.apply(o)
		m.tell(res, e)
		if err != nil {
			return err
		}
		failures++
		switch e.Outcome {
		case Fixed:
			written++
			failures = 0
		case Failed:
			if failures == maxFailures {
				res.Open--
				return &stop{CodeIncomplete, fmt.Sprintf("%d objects failed one after the other, so the rest was not tried", failures)}
			}
		default:
			failures = 0
		}
	}
	res.Open = 0
	return nil
}

func (m *machine) tell(res *Result, e Event) {
	if e.Outcome == "" {
		return
	}
	res.Count[e.Outcome]++
	res.Code = max(res.Code, e.code())
	m.o.Report(e)
}

// settle puts back what a stopped run was about to put back when it was killed.
func (m *machine) settle(res *Result) error {
	for _, name := range slices.Clone(m.Journal.State.Names) {
		if st := m.Journal.State.Object(name).Status; st != journal.Altered && st != journal.Restoring {
			continue
		}
		e, err := m.putBack(m.object(name))
		m.tell(res, e)
		if err != nil {
			return err
		}
	}
	return nil
}
