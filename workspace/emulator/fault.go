package emulator

import (
	"fmt"
	"net"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"time"
)

// Fault is something that goes wrong with calls, or happens just before them.
type Fault struct {
	// Method and Path choose the calls; empty is any. A path may end in "*".
	Method, Path string
	// Object chooses by the workspace path the call is about; empty is any.
	Object string
	// After lets so many of the chosen calls pass first.
	After int
	// Times is how many calls are struck; 0 is one, negative is all.
	Times int
	// Kind is what happens; the zero Kind serves the call as usual.
	Kind Kind
	// Hook runs before the call is served: another user's edit, a cancel.
	Hook func(*Server)
}

// Kind is a way for a call to fail.
type Kind struct {
	what   what
	status int
	after  time.Duration
}

type what int

const (
	none what = iota
	status
	drop
	reset
	stall
	lost
	lostReset
	truncated
)

// The ways to fail. LostReply and LostReset carry the call out and then take
// the connection away: a plain close, which the SDK gives up on, and a reset,
// after which the SDK sends the call once more. [sdk: isRetriableUrlError]
// Truncated cuts the answer in half. Stall answers nothing until the caller
// gives up.
var (
	Drop      = Kind{what: drop}
	Reset     = Kind{what: reset}
	Stall     = Kind{what: stall}
	LostReply = Kind{what: lost}
	LostReset = Kind{what: lostReset}
	Truncated = Kind{what: truncated}
)

// Status fails a call with an HTTP status, as a gateway does.
func Status(code int) Kind { return Kind{what: status, status: code} }

// RetryAfter fails a call with 429 and a Retry-After header.
func RetryAfter(d time.Duration) Kind {
	return Kind{what: status, status: http.StatusTooManyRequests, after: d}
}

func (k Kind) String() string {
	switch k.what {
	case status:
		return strconv.Itoa(k.status)
	default:
		return [...]string{"", "", "drop", "reset", "stall", "lost reply", "lost reply, reset", "truncated"}[k.what]
	}
}

// reply is the answer of a Status.
func (k Kind) reply(w http.ResponseWriter) {
	code, message := "INTERNAL_ERROR", http.StatusText(k.status)
	switch k.status {
	case http.StatusTooManyRequests:
		code, message = "RESOURCE_EXHAUSTED", "Too many requests. Please wait a moment and try again."
	case http.StatusServiceUnavailable:
		code, message = "TEMPORARILY_UNAVAILABLE", "The service at this path is temporarily under maintenance. Please try again later."
	case http.StatusGatewayTimeout:
		code, message = "DEADLINE_EXCEEDED", "The request could not be processed in time."
	case http.StatusForbidden:
		code = "PERMISSION_DENIED"
	case http.StatusNotFound:
		code = "RESOURCE_DOES_NOT_EXIST"
	}
	if k.after > 0 {
		seconds := int64((k.after + time.Second - 1) / time.Second)
		w.Header().Set("Retry-After", strconv.FormatInt(seconds, 10))
	}
	writeError(w, &apiError{k.status, code, message, ""})
}

// send sends what was recorded, or takes the connection away.
func (k Kind) send(w http.ResponseWriter, rec *recorder) {
	switch k.what {
	case drop, stall, lost:
		panic(http.ErrAbortHandler)
	case reset, lostReset:
		conn, _, err := http.NewResponseController(w).Hijack()
		if err != nil {
			panic(http.ErrAbortHandler)
		}
		if tcp, ok := conn.(*net.TCPConn); ok {
			_ = tcp.SetLinger(0)
		}
		_ = conn.Close()
	case truncated:
		whole := rec.body.Len()
		for name, v := range rec.header {
			w.Header()[name] = v
		}
		w.Header().Set("Content-Length", strconv.Itoa(whole))
		w.WriteHeader(rec.status)
		_, _ = w.Write(rec.body.Bytes()[:whole/2])
		_ = http.NewResponseController(w).Flush()
		panic(http.ErrAbortHandler)
	default:
		rec.send(w)
	}
}

// faults are those that are waiting for their calls.
type faults struct {
	mu   sync.Mutex
	list []*Fault
}

// Inject lets calls fail from now on. Of several faults that fit a call the
// first strikes.
func (s *Server) Inject(f Fault) {
	if f.Times == 0 {
		f.Times = 1
	}
	s.faults.mu.Lock()
	defer s.faults.mu.Unlock()
	s.faults.list = append(s.faults.list, &f)
}

// Clear takes all faults back.
func (s *Server) Clear() {
	s.faults.mu.Lock()
	defer s.faults.mu.Unlock()
	s.faults.list = nil
}

// take counts the call and returns the fault that strikes it.
func (f *faults) take(s *Server, method, path, object string) *Fault {
	f.mu.Lock()
	defer f.mu.Unlock()
	var struck *Fault
	for _, x := range f.list {
		if !x.fits(method, path, object) {
			continue
		}
		switch {
		case x.After > 0:
			x.After--
		case x.Times != 0 && struck == nil:
			if x.Times > 0 {
				x.Times--
			}
			struck = x
		}
	}
	return struck
}

func (f *Fault) fits(method, path, object string) bool {
	if f.Method != "" && f.Method != method || f.Object != "" && plain(f.Object) != plain(object) {
		return false
	}
	if prefix, ok := strings.CutSuffix(f.Path, "*"); ok {
		return strings.HasPrefix(path, prefix)
	}
	return f.Path == "" || f.Path == path
}

func (f Fault) String() string {
	return fmt.Sprintf("%s %s %s after %d, %d times: %s", f.Method, f.Path, f.Object, f.After, f.Times, f.Kind)
}
