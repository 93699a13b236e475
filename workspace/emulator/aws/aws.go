// Package aws emulates the part of CloudWatch and EC2 that tells which
// instances call the metadata service without a session token: DescribeInstances,
// DescribeRegions, ListMetrics and GetMetricData, in the Query protocols that the
// AWS SDKs speak. It is strict: a parameter, value or combination that the
// services would refuse is refused here with their error.
//
// It serves on 127.0.0.1 only. Tests and the demo point the SDK to it with
// AWS_ENDPOINT_URL; it knows nothing of the product.
package aws

import (
	"maps"
	"net"
	"net/http"
	"slices"
	"sync"
	"time"
)

// The limits of the services, from their API references.
const (
	maxListed    = 500     // metrics a page of ListMetrics
	maxQueries   = 500     // queries of one GetMetricData
	maxPoints    = 100_800 // data points a page of GetMetricData
	maxDescribed = 1000    // instances a page of DescribeInstances
	maxFilter    = 200     // values of one EC2 filter
	remembered   = time.Hour
	listed       = 14 * 24 * time.Hour
)

// Options are how the emulated account behaves.
type Options struct {
	Account string           // 123456789012 when empty
	Regions []string         // regions that are enabled; us-east-1 when empty
	Now     func() time.Time // the clock; time.Now when nil
	Key     string           // the one access key that is known; AKIAEXAMPLE when empty
	Page    int              // a smaller page than the services' own, so that little data takes several
}

// Instance is an EC2 instance. Its data points stay when it is gone, as
// CloudWatch keeps them.
type Instance struct {
	ID, Region string
	State      string // running when empty
	Launched   time.Time
	// Terminated instances are described for an hour, then forgotten.
	Terminated time.Time
	Tags       map[string]string
	Tokens     string // optional when empty, or required
	HopLimit   int    // 1 when zero
}

// Request is one served call.
type Request struct {
	Service, Action, Region, Status, UserAgent string
	Queries                                    int // of a GetMetricData
}

// Server is an emulated account.
type Server struct {
	o    Options
	http *http.Server
	url  string

	mu        sync.Mutex
	instances map[string]*Instance
	order     []string
	points    map[series]map[int64]float64 // by minute
	faults    []*Fault
	log       []Request
}

// series names a metric of an instance.
type series struct{ region, metric, instance string }

// New starts a server on 127.0.0.1.
func New(o Options) (*Server, error) {
	if o.Account == "" {
		o.Account = "123456789012"
	}
	if len(o.Regions) == 0 {
		o.Regions = []string{"us-east-1"}
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Key == "" {
		o.Key = "AKIAEXAMPLE"
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	s := &Server{o: o, url: "http://" + l.Addr().String(), instances: map[string]*Instance{}, points: map[series]map[int64]float64{}}
	s.http = &http.Server{Handler: s, ReadHeaderTimeout: 10 * time.Second}
	go s.http.Serve(l)
	return s, nil
}

// URL is the endpoint of both services.
func (s *Server) URL() string { return s.url }

// Close ends the server.
func (s *Server) Close() error { return s.http.Close() }

// Env is the environment that makes an AWS SDK talk to the server, and to
// nothing else.
func (s *Server) Env() map[string]string {
	return map[string]string{
		"AWS_ENDPOINT_URL":            s.url,
		"AWS_ACCESS_KEY_ID":           s.o.Key,
		"AWS_SECRET_ACCESS_KEY":       "not-a-secret",
		"AWS_SESSION_TOKEN":           "",
		"AWS_REGION":                  s.o.Regions[0],
		"AWS_PROFILE":                 "",
		"AWS_CONFIG_FILE":             "/dev/null",
		"AWS_SHARED_CREDENTIALS_FILE": "/dev/null",
		"AWS_EC2_METADATA_DISABLED":   "true",
	}
}

// AddInstance adds an instance, or replaces the one with its id.
func (s *Server) AddInstance(in Instance) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if in.Region == "" {
		in.Region = s.o.Regions[0]
	}
	if in.Launched.IsZero() {
		in.Launched = s.o.Now().Add(-24 * time.Hour)
	}
	if in.Tokens == "" {
		in.Tokens = "optional"
	}
	if in.HopLimit == 0 {
		in.HopLimit = 1
	}
	in.Tags = maps.Clone(in.Tags)
	if _, known := s.instances[in.ID]; !known {
		s.order = append(s.order, in.ID)
	}
	s.instances[in.ID] = &in
}

// Count adds n to the metric of the instance in the minute of at. Zero is a
// data point too: the instance reported, and nothing called.
func (s *Server) Count(instance, metric string, at time.Time, n float64) {
	s.mu.Lock()
	defer s.mu.Unlock()
	in := s.instances[instance]
	if in == nil {
		panic("emulator/aws: no instance " + instance)
	}
	k := series{in.Region, metric, instance}
	if s.points[k] == nil {
		s.points[k] = map[int64]float64{}
	}
	s.points[k][at.Unix()/60] += n
}

// Report adds zeros to the metric every five minutes, as basic monitoring does.
func (s *Server) Report(instance, metric string, from, to time.Time) {
	for at := from.Truncate(5 * time.Minute); at.Before(to); at = at.Add(5 * time.Minute) {
		s.Count(instance, metric, at, 0)
	}
}

// Requests is what was served so far.
func (s *Server) Requests() []Request {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.log)
}

// state is what DescribeInstances says at the time, empty when the instance is
// forgotten.
func (in *Instance) state(now time.Time) string {
	switch {
	case in.Terminated.IsZero() || now.Before(in.Terminated):
		if in.State == "" {
			return "running"
		}
		return in.State
	case now.Before(in.Terminated.Add(remembered)):
		return "terminated"
	}
	return ""
}
