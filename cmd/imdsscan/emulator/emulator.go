// Package emulator is a strict instance metadata service for local tests: it
// hands out session tokens and checks every request as an instance that
// requires IMDSv2 would. What such an instance would refuse is reported with
// the caller's address and User-Agent, whatever the mode answers.
//
// The package knows nothing of findings, notebooks or Databricks.
package emulator

import (
	"fmt"
	"io"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"
)

// The protocol's fixed words. Header names are case-insensitive.
const (
	TokenPath   = "/latest/api/token"
	TokenHeader = "X-Aws-Ec2-Metadata-Token"
	TTLHeader   = "X-Aws-Ec2-Metadata-Token-Ttl-Seconds"
	MaxTTL      = 21600
)

// Mode says what the service does with requests and with token requests.
type Mode string

// The modes.
const (
	// Required answers as an instance with HttpTokens=required.
	Required Mode = "required"
	// Optional also answers requests that carry no token.
	Optional Mode = "optional"
	// Deny refuses every token request with 403 and answers requests without
	// a token: code that falls back to the old way shows itself.
	Deny Mode = "deny"
	// Blackhole never answers a token request, as a hop limit of 1 makes it
	// in a container; otherwise it is like Deny.
	Blackhole Mode = "blackhole"
	// Refuse answers 403 to everything.
	Refuse Mode = "refuse"
)

// Modes lists all modes.
var Modes = []Mode{Required, Optional, Deny, Blackhole, Refuse}

// ParseMode reads a mode's name.
func ParseMode(name string) (Mode, error) {
	if m := Mode(name); slices.Contains(Modes, m) {
		return m, nil
	}
	return "", fmt.Errorf("unknown mode %q: use required, optional, deny, blackhole or refuse", name)
}

// Config is what a Service is made of. The zero value is usable: it means
// mode required and the default data.
type Config struct {
	Mode Mode
	Tree *Tree
	// KeepAlive leaves connections open after an answer. The real service
	// closes them; some client bugs show only when they stay open.
	KeepAlive bool
	// BareErrors sends error answers without a body.
	BareErrors bool
	// Observe is called once for each request, in the order of the answers.
	Observe func(Record)
	// Now replaces the clock in tests.
	Now func() time.Time
}

// Service is the metadata service as an http.Handler.
type Service struct {
	cfg    Config
	tokens tokens

	mu      sync.Mutex
	summary Summary
}

// New returns a service that has issued no token yet.
func New(cfg Config) *Service {
	if cfg.Mode == "" {
		cfg.Mode = Required
	}
	if cfg.Tree == nil {
		cfg.Tree = DefaultTree()
	}
	if cfg.Now == nil {
		cfg.Now = time.Now
	}
	return &Service{cfg: cfg}
}

// ServeHTTP answers one request and reports it.
func (s *Service) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	state, left := s.tokens.check(r.Header, s.cfg.Now())
	strict, why := judge(r, state)
	rec := Record{
		Time:      s.cfg.Now().UTC(),
		Client:    r.RemoteAddr,
		UserAgent: r.UserAgent(),
		Method:    r.Method,
		Path:      r.URL.RequestURI(),
		Token:     state,
		Refusal:   why,
	}
	if !s.cfg.KeepAlive {
		w.Header().Set("Connection", "close")
	}
	w.Header().Set("Server", "EC2ws")

	status := s.soften(strict, r, state)
	switch {
	case s.cfg.Mode == Blackhole && strict == 0 && r.URL.Path == TokenPath:
		rec.Status = StatusNoAnswer
		s.report(rec)
		<-r.Context().Done()
		// The connection is dropped without an answer.
		panic(http.ErrAbortHandler)
	case status != 0:
		rec.Status = status
		s.report(rec)
		s.fail(w, status)
	case r.URL.Path == TokenPath:
		rec.Status = http.StatusOK
		s.report(rec)
		ttl, _ := parseTTL(r.Header)
		body := s.tokens.issue(ttl, s.cfg.Now())
		w.Header().Set(TTLHeader, strconv.Itoa(ttl))
		write(w, body)
	default:
		body, found := s.cfg.Tree.Lookup(r.URL.Path)
		if !found {
			rec.Status = http.StatusNotFound
			s.report(rec)
			s.fail(w, http.StatusNotFound)
			return
		}
		rec.Status = http.StatusOK
		s.report(rec)
		if state == TokenValid {
			w.Header().Set(TTLHeader, strconv.Itoa(int(left/time.Second)))
		}
		write(w, body)
	}
}

// judge decides by the rules of an instance that requires tokens: the status
// of the refusal and the reason in words, or 0 and "".
func judge(r *http.Request, state TokenState) (status int, why string) {
	if r.Header.Get("Expect") != "" {
		return http.StatusExpectationFailed, "sends an Expect header (curl -T and --upload-file do): use -X PUT"
	}
	if r.URL.Path == TokenPath {
		if r.Method != http.MethodPut {
			return http.StatusMethodNotAllowed, "the token path takes PUT only"
		}
		if len(r.Header.Values("X-Forwarded-For")) > 0 {
			return http.StatusForbidden, "token request came through a proxy (X-Forwarded-For)"
		}
		if _, err := parseTTL(r.Header); err != nil {
			return http.StatusBadRequest, err.Error()
		}
		return 0, ""
	}
	if r.Method != http.MethodGet && r.Method != http.MethodHead {
		if r.Method == http.MethodPut {
			return http.StatusMethodNotAllowed, "PUT is for " + TokenPath + " only"
		}
		return http.StatusMethodNotAllowed, "metadata takes GET and HEAD only"
	}
	switch state {
	case TokenNone:
		return http.StatusUnauthorized, "no session token"
	case TokenInvalid:
		if r.Header.Get(TokenHeader) == "" {
			return http.StatusUnauthorized, "the session token is empty"
		}
		return http.StatusUnauthorized, "the session token was not issued here"
	case TokenExpired:
		return http.StatusUnauthorized, "the session token has expired"
	}
	return 0, ""
}

// soften turns the strict verdict into what the mode answers.
func (s *Service) soften(strict int, r *http.Request, state TokenState) int {
	switch s.cfg.Mode {
	case Refuse:
		return http.StatusForbidden
	case Deny:
		if strict == 0 && r.URL.Path == TokenPath {
			return http.StatusForbidden
		}
	case Required:
		return strict
	}
	if strict == http.StatusUnauthorized && state == TokenNone {
		return 0
	}
	return strict
}

// fail answers with an error page like the service's own: it is what ends up
// in the variables of scripts that do not check the status.
func (s *Service) fail(w http.ResponseWriter, status int) {
	if s.cfg.BareErrors {
		w.Header().Set("Content-Length", "0")
		w.WriteHeader(status)
		return
	}
	title := strconv.Itoa(status) + " - " + http.StatusText(status)
	page := `<?xml version="1.0" encoding="iso-8859-1"?>
<!DOCTYPE html PUBLIC "-//W3C//DTD XHTML 1.0 Transitional//EN"
	"http://www.w3.org/TR/xhtml1/DTD/xhtml1-transitional.dtd">
<html xmlns="http://www.w3.org/1999/xhtml" xml:lang="en" lang="en">
 <head>
  <title>` + title + `</title>
 </head>
 <body>
  <h1>` + title + `</h1>
 </body>
</html>
`
	w.Header().Set("Content-Type", "text/html")
	w.Header().Set("Content-Length", strconv.Itoa(len(page)))
	w.WriteHeader(status)
	// The caller may have hung up; there is nobody to tell.
	_, _ = io.WriteString(w, page)
}

func write(w http.ResponseWriter, body string) {
	w.Header().Set("Content-Type", "text/plain")
	w.Header().Set("Content-Length", strconv.Itoa(len(body)))
	_, _ = io.WriteString(w, body)
}

func parseTTL(h http.Header) (int, error) {
	v := h.Values(TTLHeader)
	if len(v) == 0 {
		return 0, fmt.Errorf("token request without the header %s", strings.ToLower(TTLHeader))
	}
	n, err := strconv.Atoi(strings.TrimSpace(v[0]))
	if err != nil || n < 1 || n > MaxTTL {
		return 0, fmt.Errorf("token lifetime %q is not a number from 1 to %d", v[0], MaxTTL)
	}
	return n, nil
}
