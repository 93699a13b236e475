package restart

import (
	"context"
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/databricks/databricks-sdk-go/service/compute"

	"github.com/imdsscan/imdsscan/workspace"
	"github.com/imdsscan/imdsscan/workspace/emulator"
	"github.com/imdsscan/imdsscan/workspace/inventory"
)

const restartPath = "/api/2.1/clusters/restart"

// world is a workspace whose clock runs a thousand times as fast.
type world struct {
	*emulator.Server
	t *testing.T
	c *workspace.Client
}

func newWorld(t *testing.T, takes time.Duration) *world {
	t.Helper()
	began := time.Now()
	s := emulator.New(emulator.Options{RestartTime: takes, Now: func() time.Time { return since.Add(time.Hour + 1000*time.Since(began)) }})
	t.Cleanup(s.Close)
	for k, v := range map[string]string{"DATABRICKS_HOST": s.URL(), "DATABRICKS_TOKEN": s.Token(), "DATABRICKS_AUTH_TYPE": "pat",
		"DATABRICKS_CONFIG_FILE": os.DevNull, "DATABRICKS_RATE_LIMIT": "100000"} {
		t.Setenv(k, v)
	}
	c, err := workspace.Connect(t.Context(), workspace.Options{Version: "1.0.0", RetryFor: 200 * time.Millisecond})
	if err != nil {
		t.Fatal(err)
	}
	return &world{s, t, c}
}

// old adds a cluster from before the switch.
func (w *world) old(id string, change ...func(*compute.ClusterDetails)) {
	d := compute.ClusterDetails{ClusterId: id, ClusterName: "the " + id, State: compute.StateRunning, NumWorkers: 2, StartTime: at(-9 * day), LastRestartedTime: at(-day)}
	for _, f := range change {
		f(&d)
	}
	w.AddCluster(d)
}

func (w *world) list() []Holder {
	w.t.Helper()
	inv, err := inventory.Read(w.t.Context(), w.c)
	if err != nil || len(inv.Gaps) > 0 {
		w.t.Fatal(err, inv.Gaps)
	}
	return Left(Of(inv, since))
}

func (w *world) run(o Options) []Event {
	w.t.Helper()
	o.Since = since
	if o.Poll == 0 {
		o.Poll = 2 * time.Millisecond
	}
	events, err := Run(w.t.Context(), w.c, w.list(), o)
	if err != nil {
		w.t.Fatal(err)
	}
	return events
}

func (w *world) want(e Event, o Outcome, words ...string) {
	w.t.Helper()
	for _, word := range append(words, "") {
		if e.Outcome != o || !strings.Contains(e.Why, word) || e.Why == "" {
			w.t.Errorf("%s: %s, %q; want %s with %q", e.Holder.String(), e.Outcome, e.Why, o, word)
		}
	}
}

func TestRun(t *testing.T) {
	w := newWorld(t, time.Minute)
	for i := range 7 {
		w.old(fmt.Sprint("c", i))
	}
	w.old("job", func(c *compute.ClusterDetails) { c.ClusterSource = compute.ClusterSourceJob })
	w.old("new", func(c *compute.ClusterDetails) { c.LastRestartedTime = at(30 * time.Minute) })
	w.old("off", func(c *compute.ClusterDetails) { c.State = compute.StateTerminated })
	var now, most atomic.Int32
	var reports []string
	events := w.run(Options{Parallel: 3, Report: func(e Event) {
		reports = append(reports, string(e.Outcome))
		if e.Outcome == Begun {
			most.Store(max(most.Load(), now.Add(1)))
		} else {
			now.Add(-1)
		}
	}})
	if len(events) != 7 || len(reports) != 14 || most.Load() != 3 {
		t.Fatalf("%d events, %d reports, %d at the same time", len(events), len(reports), most.Load())
	}
	known := &Known{}
	known.Note(events)
	for i, e := range events {
		if e.Holder.ID != fmt.Sprint("c", i) {
			t.Errorf("event %d is of %s", i, e.Holder.ID)
		}
		w.want(e, Restarted, "restarted on new instances in ")
		if c, _ := w.Cluster(e.Holder.ID); !known.Restarted[c.ClusterId].Equal(time.UnixMilli(c.LastRestartedTime)) || c.State != compute.StateRunning {
			t.Errorf("%+v", c)
		}
	}
	if n := w.Count("POST", restartPath); n != 7 {
		t.Errorf("%d restarts were asked for", n)
	}
	for _, h := range w.list() {
		if h.ID != "job" {
			t.Errorf("left: %+v", h)
		}
	}
}

// What happens to a cluster between the list and its restart, and in it.
func TestMeanwhile(t *testing.T) {
	terminate := func(s *emulator.Server) { s.TerminateCluster("c") }
	for name, c := range map[string]struct {
		meanwhile func(*emulator.Server) // before it is looked at again
		fault     *emulator.Fault
		change    func(*compute.ClusterDetails)
		outcome   Outcome
		why       string
		restarts  int // requests
	}{
		"restarted by somebody": {meanwhile: func(s *emulator.Server) { s.RestartCluster("c") }, outcome: NotNeeded, why: "somebody else restarted it meanwhile"},
		"terminated":            {meanwhile: terminate, outcome: NotNeeded, why: "it was terminated meanwhile: its next start has new instances"},
		"deleted":               {meanwhile: func(s *emulator.Server) { s.DeleteCluster("c") }, outcome: NotNeeded, why: "somebody deleted it"},
		"hidden":                {meanwhile: func(s *emulator.Server) { s.Deny("/clusters/c", emulator.NoRead) }, outcome: Failed, why: "admin@example.com has no permission"},
		"not managed":           {meanwhile: func(s *emulator.Server) { s.Deny("/clusters/c", emulator.NoWrite) }, outcome: Failed, why: "CAN_MANAGE", restarts: 1},
		"in error": {meanwhile: func(s *emulator.Server) {
			s.ChangeCluster("c", func(c *compute.ClusterDetails) { c.State = compute.StateError })
		}, outcome: HeldBack, why: "its state is ERROR"},
		"deleted as it is asked":    {fault: &emulator.Fault{Path: restartPath, Hook: func(s *emulator.Server) { s.DeleteCluster("c") }}, outcome: NotNeeded, why: "deleted", restarts: 1},
		"terminated as it is asked": {fault: &emulator.Fault{Path: restartPath, Hook: terminate}, outcome: NotNeeded, why: "terminated while it was to be restarted (USER_REQUEST)", restarts: 1},
		"restarted as it is asked": {fault: &emulator.Fault{Path: restartPath, Hook: func(s *emulator.Server) { s.RestartCluster("c") }}, outcome: Restarted,
			why: "new instances", restarts: 1},
		"does not come back": {meanwhile: func(s *emulator.Server) { s.FailStart("c", "init script harden.sh ended with 1") }, outcome: Failed,
			why: "the restart ended in TERMINATED: CLOUD_PROVIDER_LAUNCH_FAILURE: init script harden.sh ended with 1", restarts: 1},
		"resizing": {change: func(c *compute.ClusterDetails) { c.State = compute.StateResizing }, fault: &emulator.Fault{Path: "/api/2.1/clusters/get", After: 3,
			Hook: func(s *emulator.Server) {
				s.ChangeCluster("c", func(c *compute.ClusterDetails) { c.State = compute.StateRunning })
			}}, outcome: Restarted, why: "new", restarts: 1},
		"resizing just then": {fault: &emulator.Fault{Path: restartPath, Hook: func(s *emulator.Server) {
			s.ChangeCluster("c", func(c *compute.ClusterDetails) { c.State = compute.StateResizing })
			s.Inject(emulator.Fault{Path: "/api/2.1/clusters/get", After: 3, Hook: func(s *emulator.Server) {
				s.ChangeCluster("c", func(c *compute.ClusterDetails) { c.State = compute.StateRunning })
			}})
		}}, outcome: Restarted, why: "new", restarts: 2},
		"lost reply":          {fault: &emulator.Fault{Path: restartPath, Kind: emulator.LostReply}, outcome: Restarted, why: "new", restarts: 1},
		"lost reply, 504":     {fault: &emulator.Fault{Path: restartPath, Kind: emulator.StatusAfter(504)}, outcome: Restarted, why: "new", restarts: 1},
		"lost request":        {fault: &emulator.Fault{Path: restartPath, Kind: emulator.Drop}, outcome: Restarted, why: "new", restarts: 2},
		"503":                 {fault: &emulator.Fault{Path: restartPath, Kind: emulator.Status(503)}, outcome: Restarted, why: "new", restarts: 2},
		"500 each time":       {fault: &emulator.Fault{Path: restartPath, Kind: emulator.Status(500), Times: -1}, outcome: Failed, why: "took the request 3 times", restarts: 3},
		"429 twice":           {fault: &emulator.Fault{Path: restartPath, Kind: emulator.Status(429), Times: 2}, outcome: Restarted, why: "new", restarts: 3},
		"a look fails":        {fault: &emulator.Fault{Path: "/api/2.1/clusters/get", After: 1, Times: 9, Kind: emulator.Status(500)}, outcome: Restarted, why: "new", restarts: 1},
		"denied after it":     {fault: &emulator.Fault{Path: restartPath, Hook: func(s *emulator.Server) { s.Inject(deny()) }}, outcome: OnItsWay, why: "asked for; how it went cannot be looked at", restarts: 1},
		"an answer cut short": {fault: &emulator.Fault{Path: restartPath, Kind: emulator.Truncated}, outcome: Restarted, why: "new", restarts: 1},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t, 10*time.Second)
			if c.change != nil {
				w.old("c", c.change)
			} else {
				w.old("c")
			}
			list := w.list()
			if c.meanwhile != nil {
				c.meanwhile(w.Server)
			}
			if c.fault != nil {
				w.Inject(*c.fault)
			}
			events, err := Run(t.Context(), w.c, list, Options{Since: since, Poll: 2 * time.Millisecond})
			if err != nil || len(events) != 1 {
				t.Fatal(events, err)
			}
			w.want(events[0], c.outcome, c.why)
			if n := w.Count("POST", restartPath); n != c.restarts {
				t.Errorf("%d requests, want %d", n, c.restarts)
			}
		})
	}
}

func deny() emulator.Fault {
	return emulator.Fault{Path: "/api/2.1/clusters/get", Times: -1, Kind: emulator.Status(403)}
}

// What cannot be announced is not asked for.
func TestAnnounce(t *testing.T) {
	w := newWorld(t, 10*time.Second)
	w.old("a")
	w.old("b")
	var told []string
	w.Inject(emulator.Fault{Path: restartPath, Kind: emulator.Status(503)})
	events := w.run(Options{Parallel: 1, Announce: func(h Holder) error {
		if told = append(told, h.ID); h.ID == "b" {
			return errors.New("the disk is full")
		}
		return nil
	}})
	w.want(events[0], Restarted)
	w.want(events[1], Failed, "its restart was not asked for: the disk is full")
	if n := w.Count("POST", restartPath); n != 2 || !slices.Equal(told, []string{"a", "b"}) {
		t.Errorf("%d requests, announced %q", n, told)
	}
}

// One that cannot be restarted does not keep the others from it.
func TestTheRestGoesOn(t *testing.T) {
	w := newWorld(t, 10*time.Second)
	for _, id := range []string{"a", "b", "c"} {
		w.old(id)
	}
	w.Deny("/clusters/b", emulator.NoWrite)
	events := w.run(Options{Parallel: 1})
	w.want(events[0], Restarted)
	w.want(events[1], Failed, "no permission")
	w.want(events[2], Restarted)
}

func warm(keeps int) compute.InstancePoolAndStats {
	return compute.InstancePoolAndStats{InstancePoolId: "p", InstancePoolName: "warm", NodeTypeId: "m5.large", MinIdleInstances: keeps,
		Stats: &compute.InstancePoolStats{IdleCount: keeps, UsedCount: 3}, ForceSendFields: []string{"IdleInstanceAutoterminationMinutes"}}
}

func onPool(c *compute.ClusterDetails) { c.InstancePoolId = "p" }

// A cluster is held back while its pool keeps instances, and restarted when it
// has been drained as the steps say.
func TestPoolIsDrained(t *testing.T) {
	w := newWorld(t, time.Minute)
	w.AddPool(warm(2))
	w.old("c", onPool)
	events := w.run(Options{})
	w.want(events[0], HeldBack, "it would get old instances again from pool warm (p): 2 instances lie idle in it and it keeps 2 at least")
	if len(events[0].Steps) == 0 || w.Count("POST", restartPath) > 0 {
		t.Errorf("%d restarts, steps %q", w.Count("POST", restartPath), events[0].Steps)
	}
	err := compute.NewInstancePools(w.c.API).Edit(t.Context(), compute.EditInstancePool{InstancePoolId: "p", InstancePoolName: "warm", NodeTypeId: "m5.large",
		ForceSendFields: []string{"MinIdleInstances", "IdleInstanceAutoterminationMinutes"}})
	if err != nil {
		t.Fatal(err)
	}
	events = w.run(Options{})
	w.want(events[0], Restarted, "new instances")
	known := &Known{}
	known.Note(events)
	inv, err := inventory.Read(t.Context(), w.c)
	if err != nil {
		t.Fatal(err)
	}
	if left := Left(OfKnown(inv, since, known)); len(left) > 0 {
		t.Errorf("left: %+v", left)
	}
	if left := Left(Of(inv, since)); len(left) != 1 {
		t.Errorf("what nobody knows is taken for new: %+v", left)
	}
}

// A pool that is filled between the look and the restart shows in the instances.
func TestInstancesComeBack(t *testing.T) {
	w := newWorld(t, time.Minute)
	w.AddPool(warm(0))
	w.old("c", onPool)
	w.Inject(emulator.Fault{Path: restartPath, Hook: func(s *emulator.Server) {
		s.ChangePool("p", func(p *compute.InstancePoolAndStats) { p.IdleInstanceAutoterminationMinutes = 60 })
	}})
	events := w.run(Options{})
	w.want(events[0], SameInstances, "restarted, but 3 of its 3 instances ran before the restart: they came back from pool warm (p)")
	if len(events[0].Steps) != 1 {
		t.Errorf("%q", events[0].Steps)
	}
}

// Where nobody tells which instances a cluster has, those of a pool are not taken
// for new.
func TestInstancesAreNotTold(t *testing.T) {
	w := newWorld(t, time.Minute)
	w.AddPool(warm(0))
	w.old("c", onPool, func(c *compute.ClusterDetails) { c.State = compute.StateTerminated })
	w.ChangeCluster("c", func(c *compute.ClusterDetails) { c.State = compute.StateRunning })
	events := w.run(Options{})
	w.want(events[0], Restarted, "whether its pool gave it new instances the service does not tell")
	known := &Known{}
	if known.Note(events); len(known.Restarted) > 0 {
		t.Errorf("%+v", known)
	}
}

func TestPoolThatCannotBeRead(t *testing.T) {
	w := newWorld(t, time.Minute)
	w.AddPool(warm(0))
	w.old("c", onPool)
	list := w.list()
	w.Deny("/pools/p", emulator.NoRead)
	events, err := Run(t.Context(), w.c, list, Options{Since: since, Poll: time.Millisecond})
	if err != nil || len(events) != 1 {
		t.Fatal(events, err)
	}
	w.want(events[0], HeldBack, "from pool p: what it keeps could not be read")
}

func TestTimeout(t *testing.T) {
	w := newWorld(t, 1000*time.Hour)
	w.old("c")
	w.old("d", func(c *compute.ClusterDetails) { c.State = compute.StatePending })
	events := w.run(Options{Timeout: 700 * time.Millisecond})
	w.want(events[0], OnItsWay, "its restart was asked for, and it is not back after 700ms (RESTARTING)")
	w.want(events[1], NotAsked, "it was not at rest in 700ms (PENDING)")
}

func TestInterrupt(t *testing.T) {
	w := newWorld(t, 1000*time.Hour)
	for _, id := range []string{"a", "b", "c"} {
		w.old(id)
	}
	list := w.list()
	ctx, cancel := context.WithCancel(t.Context())
	begun := 0
	events, err := Run(ctx, w.c, list, Options{Since: since, Parallel: 2, Poll: time.Millisecond, Report: func(e Event) {
		if e.Outcome == Begun {
			if begun++; begun == 2 {
				time.AfterFunc(50*time.Millisecond, cancel)
			}
		}
	}})
	if err == nil || len(events) != 3 {
		t.Fatal(events, err)
	}
	w.want(events[0], OnItsWay, "its restart was asked for, and goes on")
	w.want(events[1], OnItsWay, "its restart was asked for, and goes on")
	w.want(events[2], NotAsked, "interrupted before its restart was asked for")
	if n := w.Count("POST", restartPath); n != 2 {
		t.Errorf("%d requests", n)
	}
}

func TestInterruptInTheRequest(t *testing.T) {
	w := newWorld(t, time.Hour)
	w.old("c")
	list := w.list()
	ctx, cancel := context.WithCancel(t.Context())
	w.Inject(emulator.Fault{Path: restartPath, Kind: emulator.LostStall, Hook: func(*emulator.Server) { time.AfterFunc(20*time.Millisecond, cancel) }})
	events, _ := Run(ctx, w.c, list, Options{Since: since, Poll: time.Millisecond})
	w.want(events[0], OnItsWay, "it is not known whether the service got the request")
}

func TestReasons(t *testing.T) {
	for want, c := range map[string]compute.ClusterDetails{
		"the service does not tell why": {},
		"INSTANCE_UNREACHABLE: aws_api_error_code X: instance_id i-1": {TerminationReason: &compute.TerminationReason{Code: "INSTANCE_UNREACHABLE",
			Parameters: map[string]string{"instance_id": "i-1", "aws_api_error_code": "X"}}},
		"INIT_SCRIPT_FAILURE: two lines": {StateMessage: "two\nlines", TerminationReason: &compute.TerminationReason{Code: "INIT_SCRIPT_FAILURE",
			Parameters: map[string]string{"instance_id": "i-1"}}},
		strings.Repeat("é", 150) + "…": {StateMessage: strings.Repeat("é", 1000)},
	} {
		if got := reason(&c); got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
}

// Nothing that a job, an update, a warehouse or a model has started is ever
// restarted, whatever the list says.
func TestNeverTouched(t *testing.T) {
	w := newWorld(t, time.Second)
	var list []Holder
	for _, source := range []compute.ClusterSource{compute.ClusterSourceJob, compute.ClusterSourcePipeline, compute.ClusterSourcePipelineMaintenance, compute.ClusterSourceSql,
		compute.ClusterSourceModels, "AGENT"} {
		w.old(string(source), func(c *compute.ClusterDetails) { c.ClusterSource = source })
		list = append(list, Holder{Kind: Cluster, ID: string(source), How: RestartHere, State: "RUNNING"})
	}
	list = append(list, Holder{Kind: JobCluster, ID: "JOB", How: RestartHere}, Holder{Kind: Cluster, ID: "JOB", How: EndsByItself})
	events, err := Run(t.Context(), w.c, list, Options{Since: since, Poll: time.Millisecond})
	if err != nil || len(events) != 6 || w.Count("POST", restartPath) > 0 {
		t.Fatal(events, err)
	}
	if slices.ContainsFunc(events, func(e Event) bool { return e.Outcome != HeldBack }) {
		t.Errorf("%+v", events)
	}
}
