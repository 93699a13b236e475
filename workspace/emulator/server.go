package emulator

import (
	"bytes"
	"context"
	"encoding/json"
	"net"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"sync"
	"time"
)

// Options say how the workspace answers. The zero value answers at once and
// without limits of rate.
type Options struct {
	// Latency is how long each call takes. LatencyOf overrides it by call.
	Latency   time.Duration
	LatencyOf func(method, path string) time.Duration
	RateLimit RateLimit
	// Now is the workspace's clock; time.Now when nil.
	Now func() time.Time
	// MaxImport, MaxExport, in bytes, are 10 MiB when zero.
	MaxImport, MaxExport int64
	// TooLarge is how an export over the limit is refused.
	TooLarge TooLarge
	// User is the name of the caller; "admin@example.com" when empty.
	User string
	// NotAdmin makes the caller an ordinary user.
	NotAdmin bool
	// Cloud is "AWS" when empty.
	Cloud string
	// KeepRequests bounds the log of requests; 200,000 when zero, none when
	// negative. The oldest go first.
	KeepRequests int
	// RestartTime is how long a cluster takes to restart; 2 s when zero.
	RestartTime time.Duration
}

// Server is an emulated workspace.
type Server struct {
	opt    Options
	token  string
	http   *http.Server
	url    string
	routes map[string]func(*call) error
	closed chan struct{}

	mu    sync.Mutex // guards everything below
	tree  *tree
	conf  confState
	comp  computeState
	store storage
	// tokens are those given out by OAuth.
	tokens []grantedToken

	gate   gate
	faults faults
	log    log
}

// New starts an empty workspace on a free port of 127.0.0.1.
func New(opt Options) *Server {
	if opt.Now == nil {
		opt.Now = time.Now
	}
	if opt.User == "" {
		opt.User = "admin@example.com"
	}
	if opt.Cloud == "" {
		opt.Cloud = "AWS"
	}
	if opt.MaxImport == 0 {
		opt.MaxImport = 10 << 20
	}
	if opt.MaxExport == 0 {
		opt.MaxExport = 10 << 20
	}
	if opt.KeepRequests == 0 {
		opt.KeepRequests = 200_000
	}
	if opt.RestartTime == 0 {
		opt.RestartTime = 2 * time.Second
	}
	s := &Server{opt: opt, token: "dapi0123456789abcdef0123456789abcdef", closed: make(chan struct{})}
	s.tree = newTree(s)
	s.gate.limit = opt.RateLimit
	s.log.keep = opt.KeepRequests
	s.routes = routes()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		panic("emulator: " + err.Error()) // no free port: nothing can be tested
	}
	s.url = "http://" + l.Addr().String()
	s.http = &http.Server{Handler: http.HandlerFunc(s.serve), ReadHeaderTimeout: time.Minute}
	go func() { _ = s.http.Serve(l) }()
	return s
}

// URL is the address of the workspace.
func (s *Server) URL() string { return s.url }

// Token is the access token that it takes.
func (s *Server) Token() string { return s.token }

// User is the name of the caller.
func (s *Server) User() string { return s.opt.User }

// Close ends the server and every call that waits in it.
func (s *Server) Close() {
	select {
	case <-s.closed:
		return
	default:
		close(s.closed)
	}
	_ = s.http.Close()
}

// call is one request on its way through the server.
type call struct {
	*Server
	w      http.ResponseWriter
	r      *http.Request
	params map[string]string // of the path
	query  url.Values
	body   []byte
	object string // the path of the object it is about, for the log and the faults
}

// serve takes a request through log, faults, limits and authentication to the
// function of its API.
func (s *Server) serve(w http.ResponseWriter, r *http.Request) {
	c := &call{Server: s, r: r, query: r.URL.Query()}
	rec := &recorder{header: http.Header{}, status: http.StatusOK}
	c.w = rec
	entry := Request{Method: r.Method, Path: r.URL.Path, UserAgent: r.UserAgent(), Time: s.opt.Now()}
	leave := s.gate.enter()
	defer leave()
	var err error
	c.body, err = readBody(w, r, s.opt.MaxImport)
	c.object = c.findObject()
	entry.Object = c.object
	f := s.faults.take(s, r.Method, r.URL.Path, c.object)
	if !s.wait(r.Context(), s.latency(r)) {
		s.note(entry)
		panic(http.ErrAbortHandler)
	}
	kind := Kind{}
	if f != nil {
		if f.Hook != nil {
			f.Hook(s)
		}
		kind = f.Kind
	}
	switch {
	case kind.unserved():
	case err != nil:
		writeError(rec, err)
	default:
		if err := c.dispatch(); err != nil {
			writeError(rec, err)
		}
	}
	if kind.what == status {
		*rec = recorder{header: http.Header{}}
		kind.reply(rec)
	}
	entry.Status = rec.status
	if kind.unanswered() {
		entry.Status = 0
	}
	entry.Fault = kind.String()
	s.note(entry)
	if kind.what == stall || kind.what == lostStall {
		select {
		case <-r.Context().Done():
		case <-s.closed:
		}
	}
	w.Header().Set("Date", s.opt.Now().UTC().Format(http.TimeFormat))
	kind.send(w, rec)
}

// dispatch checks the caller and calls the API.
func (c *call) dispatch() error {
	if ok, err := c.open(); ok {
		return err
	}
	if err := c.authenticate(); err != nil {
		return err
	}
	if err := c.gate.admit(time.Now(), c.r); err != nil {
		return err
	}
	path := c.r.URL.Path
	fn, params, _ := match(c.routes, c.r.Method, path)
	if fn == nil {
		return &apiError{http.StatusNotFound, "ENDPOINT_NOT_FOUND",
			"No API found for '" + c.r.Method + " " + strings.TrimPrefix(path, "/api/2.0") + "'", ""}
	}
	c.params = params
	if err := c.deniedAPI(path); err != nil {
		return err
	}
	return fn(c)
}

const workspaceID = "1234567890123456"

func (s *Server) latency(r *http.Request) time.Duration {
	if s.opt.LatencyOf != nil {
		return s.opt.LatencyOf(r.Method, r.URL.Path)
	}
	return s.opt.Latency
}

// wait waits for d; false when the caller or the server went away before.
func (s *Server) wait(ctx context.Context, d time.Duration) bool {
	if d <= 0 {
		return true
	}
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return true
	case <-ctx.Done():
	case <-s.closed:
	}
	return false
}

// match finds the function of an API, and the pattern that fits. A part
// "{name}" stands for one part of the path, "{name...}" for the rest of it.
func match(routes map[string]func(*call) error, method, path string) (func(*call) error, map[string]string, string) {
	if fn := routes[method+" "+path]; fn != nil {
		return fn, nil, method + " " + path
	}
	parts := strings.Split(path, "/")
	for pattern, fn := range routes {
		m, p, _ := strings.Cut(pattern, " ")
		if m != method || !strings.Contains(p, "{") {
			continue
		}
		if params, ok := matchParts(strings.Split(p, "/"), parts); ok {
			return fn, params, pattern
		}
	}
	return nil, nil, "none"
}

func matchParts(pattern, parts []string) (map[string]string, bool) {
	params := map[string]string{}
	for i, p := range pattern {
		name, isParam := strings.CutPrefix(p, "{")
		name = strings.TrimSuffix(name, "}")
		if rest, ok := strings.CutSuffix(name, "..."); isParam && ok {
			if i >= len(parts) {
				return nil, false
			}
			params[rest] = "/" + strings.Join(parts[i:], "/")
			return params, true
		}
		switch {
		case i >= len(parts):
			return nil, false
		case isParam && parts[i] != "":
			params[name] = parts[i]
		case p != parts[i]:
			return nil, false
		}
	}
	return params, len(pattern) == len(parts)
}

// json answers with a value.
func (c *call) json(v any) error {
	b, err := json.Marshal(v)
	if err != nil {
		return err
	}
	c.w.Header().Set("Content-Type", "application/json")
	_, err = c.w.Write(b)
	return err
}

// recorder keeps an answer until it is known how it is sent.
type recorder struct {
	header http.Header
	status int
	body   bytes.Buffer
}

func (r *recorder) Header() http.Header         { return r.header }
func (r *recorder) WriteHeader(status int)      { r.status = status }
func (r *recorder) Write(b []byte) (int, error) { return r.body.Write(b) }

// send sends the answer whole.
func (r *recorder) send(w http.ResponseWriter) {
	for k, v := range r.header {
		w.Header()[k] = v
	}
	if r.status != http.StatusNoContent && r.header.Get("Content-Length") == "" {
		w.Header().Set("Content-Length", strconv.Itoa(r.body.Len()))
	}
	w.WriteHeader(r.status)
	_, _ = w.Write(r.body.Bytes())
}
