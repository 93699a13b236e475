package emulator

import (
	"fmt"
	"sort"
	"strings"
	"time"
)

// StatusNoAnswer stands in a Record for a request that got no answer.
const StatusNoAnswer = 0

// Record is one request as it was seen and answered.
type Record struct {
	Time      time.Time  `json:"time"`
	Client    string     `json:"client"`
	UserAgent string     `json:"user_agent"`
	Method    string     `json:"method"`
	Path      string     `json:"path"`
	Token     TokenState `json:"token"`
	// Status is what was answered, 0 if nothing was.
	Status int `json:"status"`
	// Refusal is why an instance that requires tokens would refuse the
	// request; empty if it would not.
	Refusal string `json:"refusal,omitempty"`
}

// TokenRequest reports whether the request asks for a token as it should.
func (r Record) TokenRequest() bool {
	return r.Method == "PUT" && r.Path == TokenPath
}

// String is the line a person reads. The caller chose path and User-Agent, so
// they are quoted where they hold anything but plain characters.
func (r Record) String() string {
	agent := r.UserAgent
	if agent == "" {
		agent = "no User-Agent"
	}
	why := r.Refusal
	if why == "" {
		why = "ok"
	}
	return fmt.Sprintf("%s %s from %s (%s): %s", plain(r.Method), plain(r.Path), r.Client, plain(agent), why)
}

// plain keeps a caller's text from steering the terminal.
func plain(s string) string {
	const most = 300
	if len(s) > most {
		s = s[:most] + "..."
	}
	for _, c := range s {
		if c < ' ' || c > '~' {
			return fmt.Sprintf("%q", s)
		}
	}
	return s
}

// Summary counts what a service has seen.
type Summary struct {
	Requests int
	// Tokens counts the session tokens handed out.
	Tokens int
	// Refused counts, by reason, what a token-only instance would refuse.
	Refused map[string]int
}

// RefusedTotal is the sum of Refused.
func (s Summary) RefusedTotal() int {
	n := 0
	for _, k := range s.Refused {
		n += k
	}
	return n
}

// String is one sentence, and a line for each reason.
func (s Summary) String() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%d requests, %d session tokens issued, %d requests that IMDSv2 enforcement would refuse",
		s.Requests, s.Tokens, s.RefusedTotal())
	reasons := make([]string, 0, len(s.Refused))
	for why := range s.Refused {
		reasons = append(reasons, why)
	}
	sort.Strings(reasons)
	for _, why := range reasons {
		fmt.Fprintf(&b, "\n  %5d  %s", s.Refused[why], why)
	}
	return b.String()
}

// Summary returns the counts so far.
func (s *Service) Summary() Summary {
	s.mu.Lock()
	defer s.mu.Unlock()
	out := s.summary
	out.Refused = make(map[string]int, len(s.summary.Refused))
	for why, n := range s.summary.Refused {
		out.Refused[why] = n
	}
	return out
}

// report counts a request and hands it on. It holds the lock while it does, so
// that Observe sees one record at a time.
func (s *Service) report(r Record) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.summary.Requests++
	if r.TokenRequest() && r.Status == 200 {
		s.summary.Tokens++
	}
	if r.Refusal != "" {
		if s.summary.Refused == nil {
			s.summary.Refused = map[string]int{}
		}
		s.summary.Refused[r.Refusal]++
	}
	if s.cfg.Observe != nil {
		s.cfg.Observe(r)
	}
}
