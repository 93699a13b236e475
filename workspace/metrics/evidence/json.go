package evidence

import (
	"encoding/json"
	"fmt"
	"io"
	"strings"
	"time"
)

// Version is the version of the JSON document, docs/schema/monitor-v1.json.
const Version = "1.0"

// Write prints the report as JSON, indented or on one line.
func Write(w io.Writer, r *Report, oneLine bool) error {
	enc := json.NewEncoder(w)
	enc.SetEscapeHTML(false)
	if !oneLine {
		enc.SetIndent("", "  ")
	}
	return enc.Encode(r)
}

// maxDocument is far over what a window of a large account needs.
const maxDocument = 1 << 30

// Read reads a document that Write wrote. Groups are made anew from the
// instances, so that they can be shown.
func Read(in io.Reader) (*Report, error) {
	var r Report
	if err := json.NewDecoder(io.LimitReader(in, maxDocument)).Decode(&r); err != nil {
		return nil, fmt.Errorf("this is not a result of imdsscan monitor: %w", err)
	}
	if r.Kind != Kind {
		return nil, fmt.Errorf("this is not a result of imdsscan monitor: its kind is %.40q", r.Kind)
	}
	if !strings.HasPrefix(r.SchemaVersion, "1.") {
		return nil, fmt.Errorf("this is not a result of imdsscan monitor that this version reads: schema_version is %.40q, not 1.x", r.SchemaVersion)
	}
	if r.TakenAt.IsZero() || !r.Window.From.Before(r.Window.To) || r.Window.To.Sub(r.Window.From) > maxWindow ||
		r.Window.Period < 60 || r.Window.Period > maxPeriod || r.Window.To.Sub(r.Window.From)/time.Duration(r.Window.Period)/time.Second > maxBuckets {
		return nil, fmt.Errorf("the result of imdsscan monitor has no time or no window")
	}
	r.Tally()
	return &r, nil
}

// maxWindow is as long as CloudWatch keeps data points.
const maxWindow = 456 * 24 * time.Hour

// maxPeriod is a day, the longest that the monitor asks for.
const maxPeriod = 86_400

// maxBuckets is far over what the monitor asks for.
const maxBuckets = 50_000
