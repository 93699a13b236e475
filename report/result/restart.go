package result

import "time"

// Restart is what became of the restart of a cluster.
type Restart struct {
	Of Running
	// Outcome is one of those below.
	Outcome string
	// Why is a sentence about it.
	Why string
	// Came is the service's time of its new instances; zero when there are none.
	Came time.Time
	// Steps are what a person has to do then.
	Steps []string
}

// The outcomes of restarts. Begun is of one that is under way.
const (
	RestartBegun     = "begun"
	Restarted        = "restarted"
	RestartSame      = "same instances"
	RestartNotNeeded = "not needed"
	RestartHeldBack  = "held back"
	RestartFailed    = "failed"
	RestartOnItsWay  = "on its way"
	RestartNotAsked  = "not asked"
)
