package result

import "time"

// Preflight is what the workspace itself has that enforcement would break.
type Preflight struct {
	Started   time.Time
	Workspace string // its address
	// Setting is whether enforcement is on, off or unknown.
	Setting string
	// Items are ordered: what is to be done first stands first.
	Items []Obstacle
	// Compute is what runs code, or keeps instances for it.
	Compute []Compute
	// Unread are objects that could not be read.
	Unread []FileError
}

// Obstacle is one entry of a preflight: a blocker, a warning or a note.
type Obstacle struct {
	Level string
	// Kind and Object tell what it is about: "cluster" "nightly (0101-…)".
	Kind, Object string
	Why, Remedy  string
}

// The levels of obstacles.
const (
	Blocker = "blocker"
	Warn    = "warning"
)

// Blockers is how many items block.
func (p *Preflight) Blockers() int {
	n := 0
	for _, o := range p.Items {
		if o.Level == Blocker {
			n++
		}
	}
	return n
}

// Compute is a cluster or a pool.
type Compute struct {
	Kind, Name, ID, Owner string
	State, Runtime        string
	Started               time.Time // zero where it does not run
	// Before: it runs, or holds instances, from before the switch.
	Before bool
}

// Metric is how often the instances of a workspace were asked without a token.
type Metric struct {
	Started   time.Time
	Workspace string
	// Switched is when enforcement was switched on; zero while it is not.
	Switched time.Time
	Series   []Series
	// Unknown are instances and regions that tell nothing, with the reason.
	Unknown []FileError
}

// Series is the metric of one cluster or pool.
type Series struct {
	Name, ID, Pool, Owner string
	Points                []Point
}

// Point is the sum over the time from Time to the next point.
type Point struct {
	Time              time.Time
	NoToken, Rejected float64
}

// Sum is the number of requests without a token, and how many were refused.
func (s *Series) Sum() (noToken, rejected float64) {
	for _, p := range s.Points {
		noToken += p.NoToken
		rejected += p.Rejected
	}
	return noToken, rejected
}
