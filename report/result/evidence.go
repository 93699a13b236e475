package result

import "time"

// Metric is how often the instances of a workspace were asked without a token,
// between From and To.
type Metric struct {
	Started   time.Time
	Workspace string
	From, To  time.Time
	Period    time.Duration // of a point
	// Switched is when enforcement was switched on; zero where that is not
	// known. Seen: it was first seen on then, and may have been on before.
	Switched time.Time
	Seen     bool
	// All has every period, of all instances.
	All []Point
	// Series are the clusters, pools and instances of their own.
	Series []Series
	// Unknown are instances and regions that tell nothing, with the reason.
	Unknown []FileError
}

// Series is the metric of one cluster or pool; its points are the periods with
// requests.
type Series struct {
	Kind, Name, ID, Owner string
	Points                []Point
}

// Point is what was asked in a period that starts at Time.
type Point struct {
	Time     time.Time
	NoToken  int64 // answered without a token
	Rejected int64
	// Reporting is how many instances have data: without any, nothing is known
	// of the period.
	Reporting int
}

// Sum is the number of requests without a token that were answered and that
// were refused, from a time on.
func Sum(points []Point, from time.Time) (noToken, rejected int64) {
	for _, p := range points {
		if !p.Time.Before(from) {
			noToken += p.NoToken
			rejected += p.Rejected
		}
	}
	return noToken, rejected
}
