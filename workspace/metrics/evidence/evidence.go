// Package evidence is what was observed of calls to the metadata service
// without a session token: a plain value with its time and window. The monitor
// fills and prints it, preflight reads it, reports show it.
//
// Three states are kept apart everywhere. An instance without data points is
// unknown: it may have called or not. Only data points that are all zero are
// quiet.
package evidence

import (
	"slices"
	"time"
)

// State is what the data points of an instance, or of several, say.
type State string

const (
	CallsSeen State = "calls-seen" // calls without a token, answered or refused
	Quiet     State = "quiet"      // data points, all of them zero
	Unknown   State = "unknown"    // no data points
)

// Attribution is how it is known whose an instance is.
type Attribution string

const (
	ByTags      Attribution = "tags"      // its EC2 tags
	ByWorkspace Attribution = "workspace" // the workspace's own lists
	ByFile      Attribution = "file"      // a list that was given, or an earlier result
	Nobody      Attribution = "none"      // nothing says whose it is, or was
)

// Report is one look at the metrics.
type Report struct {
	SchemaVersion string     `json:"schema_version"`
	Kind          string     `json:"kind"`
	Tool          Tool       `json:"tool"`
	TakenAt       time.Time  `json:"taken_at"`
	Window        Window     `json:"window"`
	Account       string     `json:"account,omitempty"`
	Workspace     string     `json:"workspace,omitempty"`
	Regions       []string   `json:"regions"`
	Verdict       State      `json:"verdict"`
	Complete      bool       `json:"complete"`
	Summary       Summary    `json:"summary"`
	Clusters      []Group    `json:"clusters"`
	Pools         []Group    `json:"pools"`
	Owners        []Group    `json:"owners"`
	Timeline      []Bucket   `json:"timeline"`
	Instances     []Instance `json:"instances"`
	Problems      []Problem  `json:"problems"`
	Notes         []string   `json:"notes"`
}

// Kind tells the document from those of other commands.
const Kind = "monitor"

// Tool is the program that looked.
type Tool struct {
	Name    string `json:"name"`
	Version string `json:"version"`
}

// Window is the time looked at; To is exclusive. All times are UTC.
type Window struct {
	From   time.Time `json:"from"`
	To     time.Time `json:"to"`
	Period int       `json:"period_seconds"`
}

// Summary is the sums over all instances.
type Summary struct {
	States
	Calls    int64 `json:"calls"`    // answered without a token
	Rejected int64 `json:"rejected"` // refused for want of a token
	// Required and Optional count the running instances by whether they
	// require tokens: after the switch, those that do not run from before.
	Required int `json:"tokens_required"`
	Optional int `json:"tokens_optional"`
	// Excluded instances have the metric and are not Databricks's by their
	// tags, or of another workspace. They count nowhere else.
	Excluded int `json:"excluded"`
	// Ended instances are gone and have no data point in the window: they
	// ended before it. They count nowhere else.
	Ended int `json:"ended"`
}

// States counts instances by their state.
type States struct {
	CallsSeen int `json:"calls_seen"`
	Quiet     int `json:"quiet"`
	Unknown   int `json:"unknown"`
}

// Total is all instances.
func (s States) Total() int { return s.CallsSeen + s.Quiet + s.Unknown }

func (s *States) add(state State) {
	switch state {
	case CallsSeen:
		s.CallsSeen++
	case Quiet:
		s.Quiet++
	default:
		s.Unknown++
	}
}

// Ref names a cluster or a pool.
type Ref struct {
	ID   string `json:"id"`
	Name string `json:"name,omitempty"`
}

// Group is the instances of a cluster, a pool or an owner. Instances of which
// it is not known stand in a group without id.
type Group struct {
	Ref
	Owner     string     `json:"owner,omitempty"`
	State     State      `json:"state"`
	Instances States     `json:"instances"`
	Calls     int64      `json:"calls"`
	Rejected  int64      `json:"rejected"`
	Last      *time.Time `json:"last_call,omitempty"`
	// Of are the positions of its instances in Report.Instances.
	Of []int `json:"-"`
}

// Instance is one instance and what is known of it.
type Instance struct {
	ID     string `json:"id"`
	Region string `json:"region"`
	// Lifecycle is EC2's state, or Gone or NotRead.
	Lifecycle string     `json:"lifecycle"`
	Launched  *time.Time `json:"launched,omitempty"`
	// Tokens is Required or Optional, empty when EC2 could not tell.
	Tokens   string `json:"tokens,omitempty"`
	HopLimit int    `json:"hop_limit,omitempty"`
	// Clusters has more than one where the instance served several in turn
	// and the metric does not tell which of them called.
	Clusters    []Ref       `json:"clusters,omitempty"`
	Pool        *Ref        `json:"pool,omitempty"`
	Warehouse   string      `json:"warehouse,omitempty"`
	Owner       string      `json:"owner,omitempty"`
	Attribution Attribution `json:"attribution"`

	State    State  `json:"state"`
	Why      string `json:"why,omitempty"` // for unknown ones
	Young    bool   `json:"young,omitempty"`
	Calls    int64  `json:"calls"`
	Rejected int64  `json:"rejected"`
	// Points are the periods with calls; Reported the time that has data
	// points at all.
	Points   []Point `json:"points,omitempty"`
	Reported []Span  `json:"reported,omitempty"`
}

// Whether an instance answers calls without a token.
const (
	Required = "required"
	Optional = "optional"
)

// EC2's state of a running instance, and lifecycles beside EC2's own states.
const (
	Running = "running"
	Gone    = "gone"     // EC2 does not know the instance any more
	NotRead = "not-read" // EC2 could not be asked
)

// Last is the start of the last period with calls.
func (in *Instance) Last() *time.Time {
	if len(in.Points) == 0 {
		return nil
	}
	return &in.Points[len(in.Points)-1].At
}

// Point is a period with calls.
type Point struct {
	At       time.Time `json:"at"`
	Calls    int64     `json:"calls"`
	Rejected int64     `json:"rejected"`
}

// Span is a time without gaps in the data points; To is exclusive.
type Span struct {
	From time.Time `json:"from"`
	To   time.Time `json:"to"`
}

// Bucket is a period over all instances.
type Bucket struct {
	At        time.Time `json:"at"`
	Calls     int64     `json:"calls"`
	Rejected  int64     `json:"rejected"`
	Reporting int       `json:"reporting"` // instances with a data point
}

// Problem is something that could not be read.
type Problem struct {
	Region string `json:"region,omitempty"`
	Action string `json:"action,omitempty"` // the IAM action of the failed call
	Reason string `json:"reason"`
	Remedy string `json:"remedy,omitempty"`
}

// Tally fills what follows from Instances and Problems: groups, timeline,
// summary, verdict. Excluded and Ended of the summary stay.
func (r *Report) Tally() {
	slices.SortFunc(r.Instances, compare)
	excluded, ended := r.Summary.Excluded, r.Summary.Ended
	r.Summary = Summary{Excluded: excluded, Ended: ended}
	for i := range r.Instances {
		in := &r.Instances[i]
		r.Summary.add(in.State)
		r.Summary.Calls += in.Calls
		r.Summary.Rejected += in.Rejected
		if in.Lifecycle == Running {
			switch in.Tokens {
			case Required:
				r.Summary.Required++
			case Optional:
				r.Summary.Optional++
			}
		}
	}
	r.Clusters, r.Pools, r.Owners = r.byCluster(), r.byPool(), r.byOwner()
	r.Timeline = r.timeline()
	r.Complete = len(r.Problems) == 0
	r.Verdict = r.verdict()
	if r.Problems == nil {
		r.Problems = []Problem{}
	}
	if r.Notes == nil {
		r.Notes = []string{}
	}
	if r.Instances == nil {
		r.Instances = []Instance{}
	}
}

// verdict is quiet only if every instance is, and something was read. An
// instance that is too young to have data points does not spoil it, nor make
// it.
func (r *Report) verdict() State {
	quiet := 0
	unknown := !r.Complete
	for i := range r.Instances {
		switch in := &r.Instances[i]; {
		case in.State == CallsSeen:
			return CallsSeen
		case in.State == Quiet:
			quiet++
		case !in.Young:
			unknown = true
		}
	}
	if unknown || quiet == 0 {
		return Unknown
	}
	return Quiet
}
