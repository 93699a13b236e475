package restart

import (
	"context"
	"sync"
	"time"

	"github.com/imdsscan/imdsscan/workspace"
)

// Outcome is how the restart of a cluster went.
type Outcome string

// The outcomes.
const (
	// Begun is reported when a restart is asked for; it is no end.
	Begun Outcome = "begun"
	// Restarted: it runs on new instances.
	Restarted Outcome = "restarted"
	// SameInstances: it was restarted, and got instances again that it had.
	SameInstances Outcome = "same instances"
	// NotNeeded: it ended meanwhile, or somebody else restarted it.
	NotNeeded Outcome = "not needed"
	// HeldBack: a restart would not bring new instances, or is not for this tool.
	HeldBack Outcome = "held back"
	// Failed: it was refused, or the cluster did not come back.
	Failed Outcome = "failed"
	// OnItsWay: asked for, and not seen back; or not known whether asked for.
	OnItsWay Outcome = "on its way"
	// NotAsked: it waited for its turn, or to be ready, when the run ended.
	NotAsked Outcome = "not asked"
)

// Event is what became of a cluster.
type Event struct {
	Holder  Holder  `json:"holder"`
	Outcome Outcome `json:"outcome"`
	// Why is a sentence about it, without the cluster's name.
	Why string `json:"why"`
	// Came is the service's time of its new instances; zero when there are none.
	Came time.Time `json:"came,omitzero"`
	// Steps are what a person has to do then.
	Steps []string `json:"steps,omitempty"`
	// Err is the error, of those that failed with one.
	Err error `json:"-"`
}

// Options say how clusters are restarted.
type Options struct {
	// Since and Known are what the list was judged by. A cluster is looked at
	// again before it is restarted.
	Since time.Time
	Known *Known
	// Parallel is how many are restarted at the same time; 3 when zero.
	Parallel int
	// Timeout is how long one may take, 30 minutes when zero. It does not end the
	// restart; the run only waits no longer.
	Timeout time.Duration
	// Poll is the first pause between two looks at a cluster; 1 s when zero. They
	// grow to 15 times of it. A request that changed nothing within 30 times of
	// it is sent again.
	Poll time.Duration
	// Announce is told of a cluster before its restart is asked for: with an
	// error it is not. Report is told of each event when it happens. Both are
	// called one at a time, and may be nil.
	Announce func(Holder) error
	Report   func(Event)
}

const (
	defaultParallel = 3
	defaultTimeout  = 30 * time.Minute
	defaultPoll     = time.Second
	longestPause    = 15 // of the first
	grace           = 30 // of the first pause
	// asks is how often a restart is asked for that the service takes and does
	// not carry out.
	asks = 3
)

type run struct {
	Options
	c *workspace.Client

	mu sync.Mutex // of what is told
	// old are the instances that clusters had when their restart was asked for:
	// on a pool, the next may get them.
	old sync.Map
}

// Run restarts the interactive clusters of a list, which has to be read after
// the switch, and waits until each is back. It never touches what jobs, updates
// or warehouses have started. The events are one for each interactive cluster,
// in the order of the list; the error is the context's. After an interrupt the
// restarts that were asked for go on without this run.
func Run(ctx context.Context, c *workspace.Client, list []Holder, o Options) ([]Event, error) {
	r := &run{Options: o, c: c}
	if r.Parallel <= 0 {
		r.Parallel = defaultParallel
	}
	if r.Timeout <= 0 {
		r.Timeout = defaultTimeout
	}
	if r.Poll <= 0 {
		r.Poll = defaultPoll
	}
	var mine []Holder
	for _, h := range list {
		if h.Kind == Cluster && (h.How == RestartHere || h.How == AfterPool) {
			mine = append(mine, h)
		}
	}
	events := make([]Event, len(mine))
	turn := make(chan int)
	var wg sync.WaitGroup
	for range min(r.Parallel, len(mine)) {
		wg.Go(func() {
			for i := range turn {
				events[i] = r.one(ctx, mine[i])
				r.tell(events[i])
			}
		})
	}
	for i := range mine {
		turn <- i
	}
	close(turn)
	wg.Wait()
	return events, ctx.Err()
}

func (r *run) announce(h Holder) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.Announce == nil {
		return nil
	}
	return r.Announce(h)
}

func (r *run) tell(e Event) {
	if r.Report != nil {
		r.mu.Lock()
		defer r.mu.Unlock()
		r.Report(e)
	}
}

// Note adds what a run has seen to what is known.
func (k *Known) Note(events []Event) {
	for _, e := range events {
		if e.Outcome == Restarted && !e.Came.IsZero() {
			if k.Restarted == nil {
				k.Restarted = map[string]time.Time{}
			}
			k.Restarted[e.Holder.ID] = e.Came
		}
	}
}
