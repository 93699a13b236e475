package emulator

import (
	"slices"
	"sync"
	"time"
)

// Request is a call as the server saw it.
type Request struct {
	Method, Path string
	Object       string // the path in the workspace, if it is about one
	Status       int    // 0 when no answer was sent
	Fault        string // what was done to it
	UserAgent    string
	Time         time.Time
}

// log keeps the last requests.
type log struct {
	mu    sync.Mutex
	keep  int
	list  []Request
	start int // of the ring
	count map[string]int
}

// note keeps a request. It is counted by the pattern of its API: there are any
// number of ids.
func (s *Server) note(r Request) {
	api := s.api(r.Method, r.Path)
	l := &s.log
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.count == nil {
		l.count = map[string]int{}
	}
	l.count[api]++
	switch {
	case l.keep <= 0:
	case len(l.list) < l.keep:
		l.list = append(l.list, r)
	default:
		l.list[l.start] = r
		l.start = (l.start + 1) % l.keep
	}
}

// api is the pattern of an API.
func (s *Server) api(method, path string) string {
	if path == discoveryPath || path == oauthPath || path == tokenPath {
		return method + " " + path
	}
	_, _, pattern := match(s.routes, method, path)
	return pattern
}

// Requests are the calls so far, the oldest first.
func (s *Server) Requests() []Request {
	s.log.mu.Lock()
	defer s.log.mu.Unlock()
	return slices.Concat(s.log.list[s.log.start:], s.log.list[:s.log.start])
}

// Count is how many calls of an API there were, whatever came of them. An id
// in the path stands for all.
func (s *Server) Count(method, path string) int {
	api := s.api(method, path)
	s.log.mu.Lock()
	defer s.log.mu.Unlock()
	return s.log.count[api]
}

// ClearRequests empties the log.
func (s *Server) ClearRequests() {
	s.log.mu.Lock()
	defer s.log.mu.Unlock()
	s.log.list, s.log.start, s.log.count = nil, 0, nil
}
