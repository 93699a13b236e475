package workspace

import (
	"bytes"
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"net/http"
	"strconv"
	"strings"
	"sync/atomic"
	"time"
)

const (
	// defaultIdle is how long a request may make no progress, defaultRetryFor
	// how long it is repeated: the SDK's own figures.
	defaultIdle     = time.Minute
	defaultRetryFor = 5 * time.Minute
	// maxFailures is how often an internal error (500) is asked for: some
	// objects give one each time.
	maxFailures = 4
	// maxBody bounds an answer. The service exports 10 MB at most, a notebook
	// has 100 MB at most.
	maxBody = 256 << 20
	// maxConnections is over what any part asks for at the same time.
	maxConnections = 64
)

var (
	errStalled   = errors.New("the service stopped answering")
	errTruncated = errors.New("the answer breaks off")
	errBodySize  = errors.New("the answer is larger than any that the service gives")
)

// redirected is an answer that sends to somewhere else. The service's own
// address never does; it is not followed, for requests carry credentials.
type redirected struct{ to string }

func (e *redirected) Error() string { return "it sends to " + e.to }

func newHTTPTransport(insecure bool) *http.Transport {
	t := &http.Transport{
		Proxy:               http.ProxyFromEnvironment,
		DialContext:         (&net.Dialer{Timeout: 20 * time.Second, KeepAlive: 30 * time.Second}).DialContext,
		ForceAttemptHTTP2:   true,
		MaxIdleConns:        maxConnections,
		MaxIdleConnsPerHost: maxConnections,
		IdleConnTimeout:     90 * time.Second,
		TLSHandshakeTimeout: 20 * time.Second,
	}
	if insecure {
		t.TLSClientConfig = &tls.Config{InsecureSkipVerify: true}
	}
	return t
}

// transport is the one place that decides what is sent again. A request that
// only reads is, after an error that may pass. Any other is sent once: only a
// refusal for too many requests (429) says that nothing was done. See Once.
type transport struct {
	base           http.RoundTripper
	limits         *limits
	idle, retryFor time.Duration
	pause          func(attempt int) time.Duration
	// there is the service's clock as its last answer told it.
	there atomic.Pointer[reading]
}

// reading is a time of the service's clock, and when it was told.
type reading struct{ there, here time.Time }

type onceKey struct{}

// Once is for requests that replace content: they are never sent again, for
// whatever reason. While one waits somebody may edit what it replaces, so that
// the caller has to look again before.
func Once(ctx context.Context) context.Context { return context.WithValue(ctx, onceKey{}, true) }

// backOff doubles from a quarter of a second to 15 seconds, less a random part
// of up to a half, so that many workers do not come back at once.
func backOff(attempt int) time.Duration {
	d := min(250*time.Millisecond<<min(attempt, 10), 15*time.Second)
	return d - rand.N(d/2)
}

func (t *transport) RoundTrip(req *http.Request) (*http.Response, error) {
	ctx := req.Context()
	begin := time.Now()
	for attempt := 0; ; attempt++ {
		if err := t.limits.wait(ctx, req.URL.Path); err != nil {
			return nil, err
		}
		resp, err := t.once(req)
		again, wait := t.again(req, attempt, resp, err)
		if !again || ctx.Err() != nil || time.Since(begin)+wait > t.retryFor {
			return resp, err
		}
		if resp != nil && resp.StatusCode == http.StatusTooManyRequests && resp.Header.Get("Retry-After") != "" {
			t.limits.hold(wait) // the others too
		}
		if ctx.Value(onceKey{}) != nil {
			return resp, err
		}
		if req.Body != nil && req.Body != http.NoBody {
			body, err := req.GetBody()
			if err != nil {
				return nil, err
			}
			req = req.Clone(ctx)
			req.Body = body
		}
		if err := sleep(ctx, wait); err != nil {
			return nil, err
		}
	}
}

// again decides whether a request is sent once more, and after which time.
func (t *transport) again(req *http.Request, attempt int, resp *http.Response, err error) (bool, time.Duration) {
	reads := req.Method == http.MethodGet || req.Method == http.MethodHead
	if err != nil {
		return reads && mayPass(err), t.pause(attempt)
	}
	switch resp.StatusCode {
	case http.StatusTooManyRequests:
		if !reads && req.Body != nil && req.GetBody == nil {
			return false, 0
		}
		if after, ok := retryAfter(resp.Header); ok {
			return true, after + rand.N(100*time.Millisecond)
		}
		return true, t.pause(attempt)
	case http.StatusInternalServerError:
		return reads && attempt+1 < maxFailures, t.pause(attempt)
	case http.StatusBadGateway, http.StatusServiceUnavailable, http.StatusGatewayTimeout:
		after, _ := retryAfter(resp.Header)
		return reads, max(after, t.pause(attempt))
	}
	return false, 0
}

// mayPass tells errors of the network from those that a second attempt meets
// again.
func mayPass(err error) bool {
	var dns *net.DNSError
	var to *redirected
	switch {
	case errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded),
		errors.As(err, &to), errors.Is(err, errBodySize), isTLS(err),
		errors.As(err, &dns) && dns.IsNotFound:
		return false
	}
	return true
}

func isTLS(err error) bool {
	var verify *tls.CertificateVerificationError
	var authority x509.UnknownAuthorityError
	var name x509.HostnameError
	var record tls.RecordHeaderError
	return errors.As(err, &verify) || errors.As(err, &authority) || errors.As(err, &name) || errors.As(err, &record)
}

func retryAfter(h http.Header) (time.Duration, bool) {
	v := strings.TrimSpace(h.Get("Retry-After"))
	if n, err := strconv.Atoi(v); err == nil && n >= 0 {
		return time.Duration(n) * time.Second, true
	}
	if at, err := http.ParseTime(v); err == nil {
		return max(0, time.Until(at)), true
	}
	return 0, false
}

// once sends the request and reads all of the answer, so that one that breaks
// off counts as no answer.
func (t *transport) once(req *http.Request) (*http.Response, error) {
	ctx, cancel := context.WithCancelCause(req.Context())
	defer cancel(nil)
	idle := time.AfterFunc(t.idle, func() { cancel(errStalled) })
	defer idle.Stop()
	resp, err := t.base.RoundTrip(req.WithContext(ctx))
	if err == nil {
		if at, bad := http.ParseTime(resp.Header.Get("Date")); bad == nil {
			t.there.Store(&reading{at, time.Now()})
		}
		err = readAll(resp, func() { idle.Reset(t.idle) })
	}
	if err != nil {
		if errors.Is(context.Cause(ctx), errStalled) {
			err = fmt.Errorf("%w for %v", errStalled, t.idle)
		}
		return nil, err
	}
	if to := resp.Header.Get("Location"); resp.StatusCode >= 300 && resp.StatusCode < 400 && to != "" {
		return nil, &redirected{to}
	}
	return resp, nil
}

func readAll(resp *http.Response, progress func()) error {
	defer resp.Body.Close()
	if resp.Request.Method == http.MethodHead {
		return nil // it has the length of what it does not bring
	}
	if resp.ContentLength > maxBody {
		return errBodySize
	}
	var b bytes.Buffer
	b.Grow(int(max(resp.ContentLength, 0)) + bytes.MinRead)
	n, err := b.ReadFrom(io.LimitReader(&ticking{resp.Body, progress}, maxBody+1))
	switch {
	case errors.Is(err, io.ErrUnexpectedEOF):
		return errTruncated
	case err != nil:
		return err
	case n > maxBody:
		return errBodySize
	}
	// An answer that ends with its connection does not say how long it is.
	if resp.StatusCode == http.StatusOK && resp.ContentLength < 0 && strings.Contains(resp.Header.Get("Content-Type"), "json") {
		if end := bytes.TrimRight(b.Bytes(), " \t\r\n"); len(end) == 0 || !strings.ContainsRune("}]\"", rune(end[len(end)-1])) {
			return errTruncated
		}
	}
	resp.Body = io.NopCloser(&b)
	return nil
}

// ticking tells of each piece that is read.
type ticking struct {
	r        io.Reader
	progress func()
}

func (t *ticking) Read(p []byte) (int, error) {
	n, err := t.r.Read(p)
	t.progress()
	return n, err
}

func sleep(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return context.Cause(ctx)
	case <-timer.C:
		return nil
	}
}
