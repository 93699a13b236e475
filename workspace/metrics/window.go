package metrics

import "time"

const day = 24 * time.Hour

// MaxDays is how long CloudWatch keeps data points, by the reference of
// GetMetricData: of 60 seconds 15 days, of 5 minutes 63 days, of an hour 455.
const MaxDays = 455

// Window is the time to look at, at the finest period that is worth its
// size.
type Window struct {
	From, To time.Time
	Period   time.Duration
}

// NewWindow is from the time to now. It starts on a whole period, as the data
// points do.
func NewWindow(from, now time.Time) Window {
	w := Window{To: now.UTC().Add(time.Minute - 1).Truncate(time.Minute)}
	switch width := now.Sub(from); {
	case width <= 3*time.Hour:
		w.Period = time.Minute
	case width <= day:
		w.Period = 5 * time.Minute
	case width <= 63*day:
		w.Period = time.Hour
	default:
		w.Period = day
	}
	w.From = from.UTC().Truncate(w.Period)
	if !w.From.Before(w.To) {
		w.To = w.From.Add(w.Period)
	}
	return w
}
