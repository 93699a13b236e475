package result

import "time"

// Running is something that runs, or that keeps instances, and may do so on
// instances from before IMDSv2 was enforced.
type Running struct {
	Kind, ID, Name, Owner, URL string
	// State, Runtime and Source are the service's own words.
	State, Runtime, Source string
	// Started is when its instances were launched, at the latest; zero where the
	// service does not tell.
	Started time.Time
	Pools   []string
	Fleet   bool
	// Jobs run on it: a restart ends their runs.
	Jobs []string
	// Before is yes, no or unknown.
	Before string
	// How it gets new instances: one of the ways below, empty where all are new.
	How string
	Why string
	// Steps are what a person does, in order.
	Steps []string
}

// The ways in which something gets new instances, as those who do it need them.
const (
	ByRestart   = "restart"
	AfterPool   = "restart after its pool"
	ByPerson    = "by a person"
	EndByItself = "ends by itself"
)

// Title is the thing as reports name it.
func (r *Running) Title() string {
	if r.Name == "" {
		return r.Kind + " " + r.ID
	}
	return r.Kind + " " + r.Name + " (" + r.ID + ")"
}
