package aws

import "net/http"

// Kind is a way in which a call fails.
type Kind string

const (
	Denied      Kind = "denied"       // the caller lacks the permission
	Throttled   Kind = "throttled"    // too many requests
	Expired     Kind = "expired"      // the session token is no longer valid
	Unavailable Kind = "unavailable"  // the service fails with 503
	Dropped     Kind = "dropped"      // the connection ends without an answer
	PartialData Kind = "partial data" // GetMetricData answers with half of the points of each metric and no way to the rest
	DataError   Kind = "data error"   // GetMetricData answers with status InternalError for every metric
	DataRefused Kind = "data refused" // GetMetricData answers with status Forbidden for every metric
)

// Fault makes calls of an action fail: the first After pass, then Times fail,
// or all of them when Times is zero.
type Fault struct {
	Action       string
	Region       string // any when empty
	After, Times int
	Kind         Kind

	seen int
}

// Inject adds a fault.
func (s *Server) Inject(f Fault) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.faults = append(s.faults, &f)
}

// Heal removes all faults.
func (s *Server) Heal() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.faults = nil
}

// fault is what befalls this call.
func (s *Server) fault(action, region string) Kind {
	for _, f := range s.faults {
		if f.Action != action || f.Region != "" && f.Region != region {
			continue
		}
		f.seen++
		if f.seen > f.After && (f.Times == 0 || f.seen <= f.After+f.Times) {
			return f.Kind
		}
	}
	return ""
}

// failure is the error as the service words it, nil for faults of data.
func (k Kind) failure(c call) *failure {
	ec2 := c.service == serviceEC2
	switch k {
	case Denied:
		if ec2 {
			return &failure{http.StatusForbidden, "UnauthorizedOperation", "You are not authorized to perform this operation. User: arn:aws:iam::123456789012:user/ana is not authorized to perform: ec2:" + c.action + " because no identity-based policy allows the ec2:" + c.action + " action"}
		}
		return &failure{http.StatusForbidden, "AccessDenied", "User: arn:aws:iam::123456789012:user/ana is not authorized to perform: cloudwatch:" + c.action + " because no identity-based policy allows the cloudwatch:" + c.action + " action"}
	case Throttled:
		if ec2 {
			return &failure{http.StatusServiceUnavailable, "RequestLimitExceeded", "Request limit exceeded."}
		}
		return &failure{http.StatusBadRequest, "Throttling", "Rate exceeded"}
	case Expired:
		if ec2 {
			return &failure{http.StatusBadRequest, "RequestExpired", "Request has expired."}
		}
		return &failure{http.StatusForbidden, "ExpiredToken", "The security token included in the request is expired"}
	case Unavailable:
		return &failure{http.StatusServiceUnavailable, "ServiceUnavailable", "Service is unable to handle request."}
	}
	return nil
}
