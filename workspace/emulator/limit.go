package emulator

import (
	"net/http"
	"strconv"
	"sync"
	"time"
)

// RateLimit bounds how many calls are answered. Zero is no bound.
type RateLimit struct {
	// Client is calls a second of one client, told by its user agent.
	Client float64
	// Workspace is calls a second of all; Export and Import of those APIs.
	// The platform gives about 60 and 30. [?]
	Workspace, Export, Import float64
	// Concurrent is how many calls are answered at the same time.
	Concurrent int
	// RetryAfter goes with the refusals; without it there is no such header.
	RetryAfter time.Duration
	// Bare refuses without a body. See [Bare].
	Bare bool
}

// gate counts calls.
type gate struct {
	limit RateLimit

	mu            sync.Mutex
	inside, peak  int
	clients       map[string]*bucket
	all, exp, imp bucket
}

// bucket holds a second's worth of calls and fills all the time.
type bucket struct {
	tokens float64
	last   time.Time
}

func (b *bucket) take(now time.Time, rate float64) bool {
	if rate <= 0 {
		return true
	}
	full := max(rate, 1)
	if b.last.IsZero() {
		b.tokens = full
	} else {
		b.tokens = min(full, b.tokens+rate*now.Sub(b.last).Seconds())
	}
	b.last = now
	if b.tokens < 1 {
		return false
	}
	b.tokens--
	return true
}

// enter counts a call in, and out when the function it returns is called.
func (g *gate) enter() func() {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.inside++
	g.peak = max(g.peak, g.inside)
	return func() {
		g.mu.Lock()
		defer g.mu.Unlock()
		g.inside--
	}
}

// Peak is the largest number of calls that were under way at the same time.
func (s *Server) Peak() int {
	s.gate.mu.Lock()
	defer s.gate.mu.Unlock()
	return s.gate.peak
}

// SetRateLimit changes the limits.
func (s *Server) SetRateLimit(l RateLimit) {
	s.gate.mu.Lock()
	defer s.gate.mu.Unlock()
	s.gate.limit = l
}

// admit refuses a call over a limit.
func (g *gate) admit(now time.Time, r *http.Request) error {
	g.mu.Lock()
	defer g.mu.Unlock()
	l := g.limit
	if l.Concurrent > 0 && g.inside > l.Concurrent {
		return limited(l)
	}
	if l.Client > 0 {
		if g.clients == nil {
			g.clients = map[string]*bucket{}
		}
		b := g.clients[r.UserAgent()]
		if b == nil {
			b = &bucket{}
			g.clients[r.UserAgent()] = b
		}
		if !b.take(now, l.Client) {
			return limited(l)
		}
	}
	ok := g.all.take(now, l.Workspace)
	switch r.URL.Path {
	case exportPath:
		ok = ok && g.exp.take(now, l.Export)
	case importPath:
		ok = ok && g.imp.take(now, l.Import)
	}
	if !ok {
		return limited(l)
	}
	return nil
}

// limitError is a 429 with what goes into its header.
type limitError struct {
	apiError
	after time.Duration
	bare  bool
}

func (e *limitError) Unwrap() error { return &e.apiError }

func limited(l RateLimit) error {
	return &limitError{apiError{http.StatusTooManyRequests, "REQUEST_LIMIT_EXCEEDED",
		"Your request was rejected since your organization has exceeded the rate limit. Please retry your request later.", ""}, l.RetryAfter, l.Bare}
}

func (e *limitError) header(h http.Header) {
	if e.after > 0 {
		h.Set("Retry-After", strconv.FormatInt(int64((e.after+time.Second-1)/time.Second), 10))
	}
}
