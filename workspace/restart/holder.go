// Package restart tells what of a workspace still runs on instances from before
// a time, such as the moment at which IMDSv2 was enforced, and how that ends:
// an instance keeps the options of the metadata service with which it was
// launched. It restarts interactive clusters, and nothing else.
package restart

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"github.com/imdsscan/imdsscan/workspace/inventory"
)

// Tri is an answer that the service may not give.
type Tri string

// The answers.
const (
	Yes     Tri = "yes"
	No      Tri = "no"
	Unknown Tri = "unknown"
)

// How is the way in which something stops holding instances from before.
type How string

// The ways. Something of which all instances are known to be new has none.
const (
	// RestartHere: an interactive cluster that Run restarts.
	RestartHere How = "restart"
	// AfterPool: an interactive cluster that a restart gives old instances again
	// until a person has seen to its pool. Run holds it back until then.
	AfterPool How = "restart after its pool"
	// EndsByItself: what a job or an update has started, and ends with it.
	EndsByItself How = "ends by itself"
	// ByPerson: what somebody has to do by hand, as the steps say.
	ByPerson How = "by a person"
)

// The kinds of holders.
const (
	Cluster    = "cluster"
	JobCluster = "job cluster"
	Pipeline   = "pipeline"
	Warehouse  = "warehouse"
	Pool       = "pool"
)

// Holder is something that runs, or that keeps instances.
type Holder struct {
	Kind  string
	ID    string
	Name  string
	Owner string // empty where the service does not tell: a user who was deleted, a pool
	URL   string
	// State is the service's own word.
	State   string
	Runtime string
	// Source is who started a cluster, in the service's word: UI, API, JOB, …
	Source string
	// Started is when its present instances were launched, at the latest, by the
	// service's clock. Zero: the service does not tell.
	Started time.Time
	// Pools are the instance pools that its instances come from, as reports name
	// them; Fleet tells that one of them, or a pool itself, is of a fleet.
	Pools []string
	Fleet bool
	// Jobs run on an interactive cluster: a restart ends their runs.
	Jobs []string
	// Before tells whether instances of it are from before the time.
	Before Tri
	How    How
	Why    string
	// Steps are what a person does, in order; empty where nothing has to be done
	// or Run does it.
	Steps []string
}

// String is the holder as reports name it: cluster etl (0923-…).
func (h *Holder) String() string { return inventory.Named(h.Kind, h.Name, h.ID) }

// Of are all things that run or keep instances now, with what has to be done
// with those that may hold instances from before since. Before the switch, with
// since zero, all of them are from before. Serverless compute never is: it
// enforces IMDSv2 already.
func Of(inv *inventory.Inventory, since time.Time) []Holder { return OfKnown(inv, since, nil) }

// Known is what this tool has seen itself, and the service does not tell later.
type Known struct {
	// Switched is the switch by the service's clock, at the latest; zero where
	// only this machine's time of it is known.
	Switched time.Time
	// Restarted are the clusters that came back on new instances, by their id,
	// with the service's time of it.
	Restarted map[string]time.Time
	// Pools are the ids of the pools that were there at the switch: later ones
	// have no instances from before. Nil: not known.
	Pools []string
	// Clean are the ids of pools and warehouses that had no instance from before
	// at some time after the switch, as Clean tells: what they have later is new.
	Clean []string
}

// OfKnown is Of with what is known from earlier runs.
func OfKnown(inv *inventory.Inventory, since time.Time, known *Known) []Holder {
	j := newJudge(inv, since, known)
	out := slices.Concat(j.clusters(), j.pipelines(), j.warehouses(), j.poolsThemselves())
	slices.SortStableFunc(out, func(a, b Holder) int {
		return cmp.Or(cmp.Compare(rank(a.Kind), rank(b.Kind)), cmp.Compare(a.Name, b.Name), cmp.Compare(a.ID, b.ID))
	})
	return out
}

func rank(kind string) int {
	return slices.Index([]string{Cluster, JobCluster, Pipeline, Warehouse, Pool}, kind)
}

// Left are those that hold instances from before, or may.
func Left(list []Holder) []Holder {
	return slices.DeleteFunc(slices.Clone(list), func(h Holder) bool { return h.Before == No })
}

// Unsure is the list where the switch was at the time at the latest: what is from
// before that time may have been launched under enforcement.
func Unsure(list []Holder) []Holder {
	list = slices.Clone(list)
	for i := range list {
		if h := &list[i]; h.Before == Yes {
			h.Before = Unknown
			h.Why = strings.ReplaceAll(h.Why, "the switch", "the time since when the setting is known to be on")
		}
	}
	return list
}
