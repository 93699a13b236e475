package restart

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/databricks/databricks-sdk-go/service/compute"

	"github.com/imdsscan/imdsscan/workspace"
	"github.com/imdsscan/imdsscan/workspace/inventory"
)

var errTimeout = errors.New("timeout")

// next is what follows a look at a cluster.
type next int

const (
	wait next = iota
	ask
	over
)

// patient is one cluster on its way through a restart.
type patient struct {
	*run
	ctx context.Context
	h   Holder
	// mark is the cluster as it was when the restart was asked for.
	mark     *compute.ClusterDetails
	asked    time.Time // by this machine, for how long it took
	begun    bool      // it was asked for at least once
	unclear  bool      // whether the request arrived is not known
	left     bool      // it was seen in another state since
	attempts int
	state    string // as last seen
	failure  error  // of the last look
}

// one brings one cluster through, and ends with what became of it.
func (r *run) one(ctx context.Context, h Holder) Event {
	ctx, cancel := context.WithTimeoutCause(ctx, r.Timeout, errTimeout)
	defer cancel()
	p := &patient{run: r, ctx: ctx, h: h, state: h.State}
	for pause := r.Poll; ; pause = min(pause*3/2, longestPause*r.Poll) {
		if ctx.Err() != nil {
			return p.ended()
		}
		if e, n := p.step(); n == over {
			return e
		}
		t := time.NewTimer(pause)
		select {
		case <-ctx.Done():
		case <-t.C:
		}
		t.Stop()
	}
}

func (p *patient) end(o Outcome, format string, args ...any) (Event, next) {
	return Event{Holder: p.h, Outcome: o, Why: fmt.Sprintf(format, args...)}, over
}

// step looks at the cluster and does what is next.
func (p *patient) step() (Event, next) {
	api := compute.NewClusters(p.c.API)
	c, err := api.GetByClusterId(p.ctx, p.h.ID)
	if err != nil {
		return p.unread(p.c.Explain("", err))
	}
	p.state, p.failure = string(c.State), nil
	if p.begun {
		if e, n := p.watch(c); n != ask {
			return e, n
		}
	}
	if e, n := p.ready(c); n != ask {
		return e, n
	}
	if p.mark == nil {
		if err := p.announce(p.h); err != nil {
			e, _ := p.end(Failed, "its restart was not asked for: %v", err)
			e.Err = err
			return e, over
		}
		p.tell(Event{Holder: p.h, Outcome: Begun, Why: "its restart is asked for"})
	}
	p.mark, p.asked, p.left = c, time.Now(), false
	for _, n := range nodes(c) {
		p.old.Store(n.InstanceId, true)
	}
	p.attempts++
	_, err = api.Restart(workspace.Once(p.ctx), compute.RestartCluster{ClusterId: p.h.ID})
	err = p.c.ExplainWrite("", err)
	p.unclear = errors.Is(err, workspace.ErrUnknown) || p.ctx.Err() != nil
	switch {
	case err == nil || p.unclear:
		p.begun = true
	case errors.Is(err, workspace.ErrTooManyRequests):
		p.attempts-- // nothing was done: look again, and ask again
	default:
		return p.refused(err)
	}
	return Event{}, wait
}

// unread is a look that failed.
func (p *patient) unread(err error) (Event, next) {
	switch {
	case p.ctx.Err() != nil:
		return Event{}, wait
	case errors.Is(err, workspace.ErrNotFound):
		return p.end(NotNeeded, "it is not there any more: somebody deleted it meanwhile")
	case errors.Is(err, workspace.ErrPermission) || errors.Is(err, workspace.ErrUnauthenticated):
		e, _ := p.end(Failed, "it cannot be looked at: %s", workspace.Reason(err))
		if p.begun {
			e.Outcome, e.Why = OnItsWay, "its restart was asked for; how it went cannot be looked at: "+workspace.Reason(err)
		}
		e.Err = err
		return e, over
	}
	p.failure = err // may pass
	return Event{}, wait
}

// ready decides whether the cluster is restarted now.
func (p *patient) ready(c *compute.ClusterDetails) (Event, next) {
	j := p.judgeNow(c)
	h := j.cluster(c)
	switch {
	case c.State == compute.StateTerminated:
		e, _ := p.end(NotNeeded, "it was terminated meanwhile: its next start has new instances")
		if steps := j.poolSteps(c); steps != nil {
			e.Why, e.Steps = "it was terminated meanwhile: its next start may take old instances of "+and(h.Pools), steps
		}
		return e, over
	case c.State == compute.StateTerminating || c.State == compute.StatePending || c.State == compute.StateRestarting || c.State == compute.StateResizing:
		return Event{}, wait // until it is at rest
	case h.Before == No:
		return p.end(NotNeeded, "somebody else restarted it meanwhile: %s", h.Why)
	case len(h.Pools) == 0 && atRest(p.h.State) && started(c).After(p.h.Started) && !p.h.Started.IsZero():
		return p.end(NotNeeded, "somebody else restarted it meanwhile, %s", when(started(c)))
	case h.How != RestartHere:
		e, _ := p.end(HeldBack, "not restarted: %s", p.hindrance(j, c, &h))
		e.Steps = h.Steps
		return e, over
	}
	return Event{}, ask
}

// atRest tells a state in which a cluster has its instances.
func atRest(state string) bool { return state == string(compute.StateRunning) }

// judgeNow judges by what the service says now of the cluster and its pools.
func (p *patient) judgeNow(c *compute.ClusterDetails) *judge {
	inv := &inventory.Inventory{Clusters: []compute.ClusterDetails{*c}}
	for _, id := range poolIDs(c) {
		x, err := compute.NewInstancePools(p.c.API).GetByInstancePoolId(p.ctx, id)
		if err != nil {
			continue // one that cannot be read holds the cluster back
		}
		inv.Pools = append(inv.Pools, compute.InstancePoolAndStats{InstancePoolId: id, InstancePoolName: x.InstancePoolName, NodeTypeId: x.NodeTypeId,
			MinIdleInstances: x.MinIdleInstances, IdleInstanceAutoterminationMinutes: x.IdleInstanceAutoterminationMinutes, State: x.State, Stats: x.Stats,
			ForceSendFields: x.ForceSendFields})
	}
	return newJudge(inv, p.Since, p.Known)
}

// hindrance is why a cluster is held back.
func (p *patient) hindrance(j *judge, c *compute.ClusterDetails, h *Holder) string {
	var out []string
	for _, id := range poolIDs(c) {
		switch x := j.pools[id]; {
		case j.newPool(id):
		case fleet(x):
			out = append(out, j.poolName(id)+" is of a fleet and has to be made anew")
		case keeps(x) != "":
			out = append(out, "it would get old instances again from "+j.poolName(id)+": "+keeps(x))
		}
	}
	if len(out) == 0 {
		return h.Why
	}
	return and(out)
}

// refused is a restart that the service does not take. Whoever looks then may
// see why: the cluster is gone, or in another state.
func (p *patient) refused(err error) (Event, next) {
	now, gerr := compute.NewClusters(p.c.API).GetByClusterId(p.ctx, p.h.ID)
	switch gerr = p.c.Explain("", gerr); {
	case errors.Is(gerr, workspace.ErrNotFound):
		return p.unread(gerr)
	case gerr == nil && now.State != compute.StateRunning && p.attempts < asks:
		return Event{}, wait
	}
	e, _ := p.end(Failed, "it was not restarted: %s", workspace.Reason(err))
	e.Err = err
	return e, over
}

// watch looks whether the cluster is back. That it runs and nothing happened may
// be because the service was slow, because the request did not arrive, or because
// the cluster was not at rest when it did.
func (p *patient) watch(c *compute.ClusterDetails) (Event, next) {
	runs := c.State == compute.StateRunning || c.State == compute.StateResizing
	if !runs {
		p.left, p.unclear = true, false
	}
	switch {
	case runs && p.back(c):
		return p.finish(c)
	case c.State == compute.StateTerminated || c.State == compute.StateError:
		return p.notBack(c)
	case !runs || p.left || time.Since(p.asked) < grace*p.Poll:
		return Event{}, wait
	case p.attempts < asks:
		return Event{}, ask
	}
	return p.end(Failed, "the service took the request %s and did not restart it", verb(p.attempts, "time", "times"))
}

// back tells a cluster that runs again from one that runs still: all by the
// service's own times.
func (p *patient) back(c *compute.ClusterDetails) bool {
	return c.LastRestartedTime > p.mark.LastRestartedTime || c.StartTime > p.mark.StartTime ||
		p.left && c.Driver != nil && p.mark.Driver != nil && c.Driver.InstanceId != p.mark.Driver.InstanceId
}

func (p *patient) finish(c *compute.ClusterDetails) (Event, next) {
	has, same := nodes(c), 0
	for _, n := range has {
		if _, had := p.old.Load(n.InstanceId); had && n.InstanceId != "" {
			same++
		}
	}
	if same > 0 {
		e, _ := p.end(SameInstances, "restarted, but %d of its %s ran before the restart", same, count(len(has), "instance"))
		if pools := p.judgeNow(c).cluster(c).Pools; len(pools) > 0 {
			e.Why += ": they came back from " + and(pools)
			e.Steps = []string{"terminate it, wait until no instance lies idle in " + and(pools) + ", and start it again"}
		}
		return e, over
	}
	took := rounded(time.Since(p.asked))
	if len(poolIDs(c)) > 0 && (len(has) == 0 || len(nodes(p.mark)) == 0) {
		return p.end(Restarted, "restarted in %v; whether its pool gave it new instances the service does not tell", took)
	}
	e, _ := p.end(Restarted, "restarted on new instances in %v", took)
	e.Came = started(c)
	return e, over
}

// rounded is a duration without what nobody reads.
func rounded(d time.Duration) time.Duration {
	if d < 10*time.Second {
		return d.Round(100 * time.Millisecond)
	}
	return d.Round(time.Second)
}

// notBack is a cluster that is not running after its restart was asked for.
func (p *patient) notBack(c *compute.ClusterDetails) (Event, next) {
	if r := c.TerminationReason; r != nil && r.Type == compute.TerminationReasonTypeSuccess {
		return p.end(NotNeeded, "it was terminated while it was to be restarted (%s)", reason(c))
	}
	e, _ := p.end(Failed, "the restart ended in %s: %s", c.State, reason(c))
	e.Steps = []string{"look at its event log, and start it again by hand"}
	return e, over
}

// maxReason bounds what is told of the service's reasons.
const maxReason = 300

// reason is why the service ended a cluster, in its own words.
func reason(c *compute.ClusterDetails) string {
	var out []string
	add := func(s string) {
		if s = strings.Join(strings.Fields(s), " "); s != "" {
			out = append(out, s)
		}
	}
	if r := c.TerminationReason; r != nil {
		add(string(r.Code))
		if c.StateMessage == "" {
			for _, key := range slices.Sorted(maps.Keys(r.Parameters)) {
				add(key + " " + r.Parameters[key])
			}
		}
	}
	add(c.StateMessage)
	s := cmp.Or(strings.Join(out, ": "), "the service does not tell why")
	if len(s) > maxReason {
		s = strings.ToValidUTF8(s[:maxReason], "") + "…"
	}
	return s
}

// ended is for a run that is over before the cluster is through.
func (p *patient) ended() Event {
	late := errors.Is(context.Cause(p.ctx), errTimeout)
	var e Event
	switch {
	case late && p.begun:
		e, _ = p.end(OnItsWay, "its restart was asked for, and it is not back after %v (%s): look at it later", rounded(p.Timeout), p.state)
	case late:
		e, _ = p.end(NotAsked, "it was not at rest in %v (%s), and is not restarted", rounded(p.Timeout), p.state)
	case p.begun && p.unclear:
		e, _ = p.end(OnItsWay, "interrupted while its restart was asked for: it is not known whether the service got the request")
	case p.begun:
		e, _ = p.end(OnItsWay, "its restart was asked for, and goes on")
	default:
		e, _ = p.end(NotAsked, "interrupted before its restart was asked for")
	}
	if p.failure != nil && late {
		e.Why += "; " + workspace.Reason(p.failure)
		e.Err = p.failure
	}
	return e
}
