package workspace

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/databricks/databricks-sdk-go/logger"
	sdk "github.com/databricks/databricks-sdk-go/service/workspace"
)

const token = "dapi-secret-0123456789"

// serve starts a server that answers as handle does, and connects to it. The
// connection's own requests are answered.
func serve(t *testing.T, handle http.HandlerFunc) *Client {
	t.Helper()
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch {
		case r.URL.Path == "/.well-known/databricks-config":
			http.NotFound(w, r)
		case r.URL.Path == "/api/2.0/preview/scim/v2/Me":
			fmt.Fprint(w, `{"userName": "ana@example.com"}`)
		default:
			handle(w, r)
		}
	}))
	t.Cleanup(s.Close)
	c, err := connect(t, s.URL)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func connect(t *testing.T, host string) (*Client, error) {
	for k, v := range map[string]string{"DATABRICKS_HOST": host, "DATABRICKS_TOKEN": token, "DATABRICKS_RATE_LIMIT": "100000",
		"DATABRICKS_CONFIG_FILE": "/dev/null", "DATABRICKS_AUTH_TYPE": "pat"} {
		t.Setenv(k, v)
	}
	return Connect(t.Context(), Options{Version: "v1.2.3", RetryFor: 3 * time.Second})
}

func fail(w http.ResponseWriter, status int, code, message string) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(map[string]string{"error_code": code, "message": message})
}

func exported(w http.ResponseWriter, text string) {
	w.Header().Set("Content-Type", "application/json")
	fmt.Fprintf(w, `{"content": %q}`, base64.StdEncoding.EncodeToString([]byte(text)))
}

// script answers requests with one step after the other, the last one again and
// again.
type script struct {
	mu    sync.Mutex
	steps []http.HandlerFunc
	n     int
	at    []time.Time
}

func (s *script) serve(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	step := s.steps[min(s.n, len(s.steps)-1)]
	s.n++
	s.at = append(s.at, time.Now())
	s.mu.Unlock()
	step(w, r)
}

func (s *script) requests() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.n
}

func status500(code int) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) { fail(w, code, "INTERNAL_ERROR", "oops") }
}

func drop(w http.ResponseWriter, r *http.Request) { panic(http.ErrAbortHandler) }

func truncated(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Content-Length", "1000")
	fmt.Fprint(w, `{"content": "abc`)
}

func TestReadsAreRepeated(t *testing.T) {
	ok := func(w http.ResponseWriter, r *http.Request) { exported(w, "print(1)") }
	for name, steps := range map[string][]http.HandlerFunc{
		"500 twice":         {status500(500), status500(500), ok},
		"503":               {status500(503), ok},
		"502, 504":          {status500(502), status500(504), ok},
		"429":               {func(w http.ResponseWriter, r *http.Request) { fail(w, 429, "REQUEST_LIMIT_EXCEEDED", "slow") }, ok},
		"a lost connection": {drop, drop, ok},
		"a body cut short":  {truncated, ok},
	} {
		t.Run(name, func(t *testing.T) {
			s := &script{steps: steps}
			c := serve(t, s.serve)
			b, err := c.Read(t.Context(), &Object{Path: "/a", Type: sdk.ObjectTypeFile})
			if err != nil || string(b) != "print(1)" || s.requests() != len(steps) {
				t.Errorf("%q, %v after %d requests, want %d", b, err, s.requests(), len(steps))
			}
		})
	}
}

func TestRetryAfterIsHeeded(t *testing.T) {
	s := &script{steps: []http.HandlerFunc{
		func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Retry-After", "1")
			fail(w, 429, "REQUEST_LIMIT_EXCEEDED", "slow")
		},
		func(w http.ResponseWriter, r *http.Request) { exported(w, "x") },
	}}
	c := serve(t, s.serve)
	if _, err := c.Read(t.Context(), &Object{Path: "/a", Type: sdk.ObjectTypeFile}); err != nil {
		t.Fatal(err)
	}
	if d := s.at[1].Sub(s.at[0]); d < time.Second || d > 2*time.Second {
		t.Errorf("it came again after %v, want a second", d)
	}
}

func TestLongRetryAfterIsAnError(t *testing.T) {
	s := &script{steps: []http.HandlerFunc{func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Retry-After", "86400")
		fail(w, 429, "REQUEST_LIMIT_EXCEEDED", "slow")
	}}}
	c := serve(t, s.serve)
	for range 2 { // the second does not wait for the first one's time
		if _, err := c.Read(t.Context(), &Object{Path: "/a", Type: sdk.ObjectTypeFile}); !errors.Is(err, ErrTooManyRequests) {
			t.Errorf("got %v", err)
		}
	}
}

func TestWriteIsSentOnce(t *testing.T) {
	notebook := &Object{Path: "/a", Type: sdk.ObjectTypeNotebook, Format: sdk.ExportFormatSource, Language: sdk.LanguagePython}
	for name, step := range map[string]http.HandlerFunc{
		"500": status500(500), "503": status500(503), "504": status500(504), "lost reply": drop, "cut short": truncated,
		"503 with a time": func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Retry-After", "0")
			fail(w, 503, "TEMPORARILY_UNAVAILABLE", "connection reset by peer")
		},
	} {
		t.Run(name, func(t *testing.T) {
			s := &script{steps: []http.HandlerFunc{step}}
			c := serve(t, s.serve)
			if err := c.Write(t.Context(), notebook, []byte("x")); !errors.Is(err, ErrUnknown) || s.requests() != 1 {
				t.Errorf("%v after %d requests", err, s.requests())
			}
		})
	}
	t.Run("429", func(t *testing.T) {
		var bodies []string
		s := &script{steps: []http.HandlerFunc{
			func(w http.ResponseWriter, r *http.Request) { fail(w, 429, "REQUEST_LIMIT_EXCEEDED", "slow") },
			func(w http.ResponseWriter, r *http.Request) { fmt.Fprint(w, "{}") },
		}}
		c := serve(t, func(w http.ResponseWriter, r *http.Request) {
			var b bytes.Buffer
			_, _ = b.ReadFrom(r.Body)
			bodies = append(bodies, b.String())
			s.serve(w, r)
		})
		err := c.Do(t.Context(), http.MethodPatch, "/api/2.0/workspace-conf", map[string]string{"a": "b"}, nil)
		if err != nil || len(bodies) != 2 || bodies[0] != bodies[1] {
			t.Errorf("%v, %q", err, bodies)
		}
	})
	t.Run("429 of an import", func(t *testing.T) {
		s := &script{steps: []http.HandlerFunc{func(w http.ResponseWriter, r *http.Request) { fail(w, 429, "REQUEST_LIMIT_EXCEEDED", "slow") }}}
		c := serve(t, s.serve)
		if err := c.Write(t.Context(), notebook, []byte("x")); !errors.Is(err, ErrTooManyRequests) || s.requests() != 1 {
			t.Errorf("%v after %d requests", err, s.requests())
		}
	})
	t.Run("refused", func(t *testing.T) {
		c := serve(t, func(w http.ResponseWriter, r *http.Request) { fail(w, 403, "PERMISSION_DENIED", "no") })
		if err := c.Write(t.Context(), notebook, []byte("x")); !errors.Is(err, ErrPermission) || errors.Is(err, ErrUnknown) {
			t.Errorf("got %v", err)
		}
	})
	t.Run("format not known", func(t *testing.T) {
		c := serve(t, func(w http.ResponseWriter, r *http.Request) { t.Error("it was sent") })
		if err := c.Write(t.Context(), &Object{Path: "/a", Type: sdk.ObjectTypeNotebook}, []byte("x")); err == nil {
			t.Error("no error")
		}
	})
}

func TestErrorsInWords(t *testing.T) {
	for code, want := range map[string]struct {
		status int
		kind   error
		words  string
	}{
		"RESOURCE_DOES_NOT_EXIST":    {404, ErrNotFound, "deleted or renamed"},
		"PERMISSION_DENIED":          {403, ErrPermission, "ana@example.com has no permission"},
		"MAX_NOTEBOOK_SIZE_EXCEEDED": {400, ErrTooLarge, "10 MB"},
		"MAX_READ_SIZE_EXCEEDED":     {400, ErrTooLarge, "10 MB"},
		"UNAUTHENTICATED":            {401, ErrUnauthenticated, "does not accept the credentials"},
		"INVALID_STATE":              {400, nil, "INVALID_STATE"},
	} {
		c := serve(t, func(w http.ResponseWriter, r *http.Request) {
			fail(w, want.status, code, "the token "+token+"\nis bad")
		})
		_, err := c.Read(t.Context(), &Object{Path: "/a b", Type: sdk.ObjectTypeFile})
		if want.kind != nil && !errors.Is(err, want.kind) || !strings.Contains(err.Error(), want.words) || !strings.HasPrefix(err.Error(), "workspace:/a b: ") {
			t.Errorf("%s: %v", code, err)
		}
		if strings.Contains(err.Error(), token) || strings.Contains(err.Error(), "\n") {
			t.Errorf("%s: %q", code, err)
		}
	}
}

func TestTooLargeByTheDetail(t *testing.T) {
	c := serve(t, func(w http.ResponseWriter, r *http.Request) {
		w.WriteHeader(400)
		fmt.Fprint(w, `{"error_code": "BAD_REQUEST", "message": "no", "details": [{"@type": "type.googleapis.com/google.rpc.ErrorInfo", "reason": "MAX_READ_SIZE_EXCEEDED", "domain": "d"}]}`)
	})
	if _, err := c.Read(t.Context(), &Object{Path: "/a", Type: sdk.ObjectTypeFile}); !errors.Is(err, ErrTooLarge) {
		t.Errorf("got %v", err)
	}
}

// The service has been seen to say it in words only, and with status 200 where
// the content should be. A file that is empty is none of these.
func TestTooLargeAsSeen(t *testing.T) {
	for _, body := range []string{
		`400 {"error_code": "BAD_REQUEST", "message": "Size exceeds 10485760 bytes"}`,
		`400 {"error_code": "BAD_REQUEST", "message": "Notebook size exceeded limit: 29861532 > 10485760"}`,
		`200 {"error_code": "MAX_NOTEBOOK_SIZE_EXCEEDED", "message": "File size (29861532 bytes) exceeded max size"}`,
	} {
		c := serve(t, func(w http.ResponseWriter, r *http.Request) {
			status, text, _ := strings.Cut(body, " ")
			if status == "400" {
				w.WriteHeader(400)
			}
			fmt.Fprint(w, text)
		})
		if b, err := c.Read(t.Context(), &Object{Path: "/a", Type: sdk.ObjectTypeFile}); !errors.Is(err, ErrTooLarge) {
			t.Errorf("%s: %q, %v", body, b, err)
		}
	}
	for _, body := range []string{`{"content": "", "file_type": ""}`, `{"file_type": "py"}`} {
		c := serve(t, func(w http.ResponseWriter, r *http.Request) { fmt.Fprint(w, body) })
		if b, err := c.Read(t.Context(), &Object{Path: "/a", Type: sdk.ObjectTypeFile}); err != nil || len(b) != 0 {
			t.Errorf("%s: %q, %v", body, b, err)
		}
	}
	c := serve(t, func(w http.ResponseWriter, r *http.Request) {
		fail(w, 400, "BAD_REQUEST", "The size of the path exceeds what is allowed")
	})
	if _, err := c.Read(t.Context(), &Object{Path: "/a", Type: sdk.ObjectTypeFile}); err == nil || errors.Is(err, ErrTooLarge) {
		t.Errorf("another bad request: %v", err)
	}
}

func TestStalledAnswer(t *testing.T) {
	release := make(chan struct{})
	c := serve(t, func(w http.ResponseWriter, r *http.Request) {
		select {
		case <-release:
		case <-r.Context().Done():
		}
	})
	defer close(release)
	tr := &transport{base: newHTTPTransport(false), limits: newLimits(0), idle: 50 * time.Millisecond, retryFor: 0, pause: backOff}
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, c.Host()+"/api/x", nil)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := tr.RoundTrip(req); !errors.Is(err, errStalled) {
		t.Errorf("got %v", err)
	}
}

func TestCanceledContextEndsWaiting(t *testing.T) {
	c := serve(t, status500(503))
	ctx, cancel := context.WithCancel(t.Context())
	time.AfterFunc(50*time.Millisecond, cancel)
	begin := time.Now()
	if _, err := c.Stat(ctx, "/a"); !errors.Is(err, context.Canceled) || time.Since(begin) > 2*time.Second {
		t.Errorf("%v after %v", err, time.Since(begin))
	}
}

func TestConnectSaysWhatIsWrong(t *testing.T) {
	unauthorized := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { fail(w, 401, "UNAUTHENTICATED", "bad "+token) }))
	defer unauthorized.Close()
	shop := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { fmt.Fprint(w, "<html>welcome</html>") }))
	defer shop.Close()
	login := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		http.Redirect(w, r, "https://elsewhere.example/login.html", http.StatusSeeOther)
	}))
	defer login.Close()
	account := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		fmt.Fprint(w, `{"host_type": "account", "oidc_endpoint": "x"}`)
	}))
	defer account.Close()
	tls := httptest.NewTLSServer(http.NotFoundHandler())
	defer tls.Close()
	gone := httptest.NewServer(http.NotFoundHandler())
	gone.Close()
	for name, c := range map[string]struct{ host, words string }{
		"wrong token":    {unauthorized.URL, "does not accept the credentials (pat)"},
		"another site":   {shop.URL, "not a Databricks workspace"},
		"a login page":   {login.URL, "it sends to https://elsewhere.example"},
		"an account":     {account.URL, "console of an account"},
		"no certificate": {tls.URL, "no safe connection"},
		"nothing there":  {gone.URL, "connection refused"},
		"no host":        {"", "DATABRICKS_HOST"},
	} {
		begin := time.Now()
		_, err := connect(t, c.host)
		if err == nil || !strings.Contains(err.Error(), c.words) || strings.Contains(err.Error(), token) {
			t.Errorf("%s: %v", name, err)
		}
		if d := time.Since(begin); d > 20*time.Second { // not after the SDK's five minutes
			t.Errorf("%s: told after %v", name, d)
		}
	}
	t.Setenv("DATABRICKS_HOST", "")
	t.Setenv("DATABRICKS_TOKEN", "")
	t.Setenv("DATABRICKS_CONFIG_FILE", "testdata/databrickscfg")
	if _, err := Connect(t.Context(), Options{Profile: "nosuch"}); !errors.Is(err, ErrCredentials) || !strings.Contains(err.Error(), "has no nosuch profile configured; there are DEFAULT") {
		t.Errorf("no profile: %v", err)
	}
}

func TestUserAgentAndLog(t *testing.T) {
	var agent string
	c := serve(t, func(w http.ResponseWriter, r *http.Request) {
		agent = r.Header.Get("User-Agent")
		exported(w, "x")
	})
	if _, err := c.Read(t.Context(), &Object{Path: "/a", Type: sdk.ObjectTypeFile}); err != nil || !strings.HasPrefix(agent, "imdsscan/1.2.3 ") {
		t.Errorf("%q %v", agent, err)
	}
	if logger.Get(t.Context()).Enabled(t.Context(), logger.LevelError) {
		t.Error("the SDK logs")
	}
}
