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
	served bool // a status, after the call was carried out
	body   body // of a status
}

type body int

const (
	jsonBody body = iota
	bare
	html
)

type what int

const (
	none what = iota
	status
	drop
	reset
	stall
	lost
	lostReset
	lostStall
	truncated
)

// The ways to fail. Drop, Reset and Stall do not carry the call out: they close
// the connection within the answer, which the SDK gives up on; reset it, after
// which the SDK sends the call once more [sdk: isRetriableUrlError]; or say
// nothing until the caller gives up. LostReply, LostReset and LostStall carry
// it out and do the same. Truncated cuts the answer in half.
var (
	Drop      = Kind{what: drop}
	Reset     = Kind{what: reset}
	Stall     = Kind{what: stall}
	LostReply = Kind{what: lost}
	LostReset = Kind{what: lostReset}
	LostStall = Kind{what: lostStall}
	Truncated = Kind{what: truncated}
)

// Status fails a call with an HTTP status, as a gateway does.
func Status(code int) Kind { return Kind{what: status, status: code} }

// StatusAfter carries the call out and then answers with a status, as a
// gateway that ran out of patience.
func StatusAfter(code int) Kind { return Kind{what: status, status: code, served: true} }

// Bare fails a call with a status and no body, as limits of rate have been seen
// to. [issue: databrickslabs/migrate 126, databricks/terraform-provider 192]
func Bare(code int) Kind { return Kind{what: status, status: code, body: bare} }

// Page fails a call with a status and a page for browsers, as gateways do.
// [sdk: htmlErrorParser]
func Page(code int) Kind { return Kind{what: status, status: code, body: html} }

// RetryAfter fails a call with 429 and a Retry-After header.
func RetryAfter(d time.Duration) Kind {
	return Kind{what: status, status: http.StatusTooManyRequests, after: d}
}

// unserved tells that the call is not carried out.
func (k Kind) unserved() bool {
	return k.what == drop || k.what == reset || k.what == stall || k.what == status && !k.served
}

// unanswered tells that the caller sees no status.
func (k Kind) unanswered() bool { return k.what != none && k.what != status && k.what != truncated }

func (k Kind) String() string {
	switch k.what {
	case status:
		if k.served {
			return "lost reply, " + strconv.Itoa(k.status)
		}
		return strconv.Itoa(k.status)
	default:
		return [...]string{"", "", "drop", "reset", "stall", "lost reply", "lost reply, reset", "lost reply, stall", "truncated"}[k.what]
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
	switch k.body {
	case bare:
		w.WriteHeader(k.status)
	case html:
		w.Header().Set("Content-Type", "text/html;charset=utf-8")
		w.WriteHeader(k.status)
		_, _ = fmt.Fprintf(w, "<html><head><title>Error %d</title></head><body><pre>    %s</pre></body></html>\n", k.status, message)
	default:
		writeError(w, &apiError{k.status, code, message, ""})
	}
}

// send sends what was recorded, or takes the connection away.
func (k Kind) send(w http.ResponseWriter, rec *recorder) {
	switch k.what {
	case stall, lostStall:
		panic(http.ErrAbortHandler)
	case drop, lost, reset, lostReset:
		conn, _, err := http.NewResponseController(w).Hijack()
		if err != nil {
			panic(http.ErrAbortHandler)
		}
		if tcp, ok := conn.(*net.TCPConn); ok && (k.what == reset || k.what == lostReset) {
			_ = tcp.SetLinger(0)
		} else {
			// Without the beginning of an answer Go's client sends a GET again
			// by itself.
			_, _ = conn.Write([]byte("HTTP/1.1 "))
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
