package emulator

import (
	"crypto/rand"
	"encoding/base64"
	"net/http"
	"sync"
	"time"
)

// TokenState is what a request's session token is worth.
type TokenState string

// The states. An empty token header is invalid, not none.
const (
	TokenNone    TokenState = "none"
	TokenValid   TokenState = "valid"
	TokenInvalid TokenState = "invalid"
	TokenExpired TokenState = "expired"
)

// tokens remembers what was issued and until when it is good. An expired
// token stays known, so that it can be told from one of another instance.
type tokens struct {
	mu    sync.Mutex
	until map[string]time.Time
}

// issue makes a token in the shape of the real ones: 56 characters that start
// with AQAE and end with two equal signs.
func (t *tokens) issue(ttl int, now time.Time) string {
	var b [40]byte
	_, _ = rand.Read(b[:]) // never fails: crypto/rand ends the program instead
	b[0], b[1], b[2] = 0x01, 0x00, 0x04
	token := base64.URLEncoding.EncodeToString(b[:])
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.until == nil {
		t.until = map[string]time.Time{}
	}
	t.until[token] = now.Add(time.Duration(ttl) * time.Second)
	return token
}

// check tells the state of the token a request carries, and how long a valid
// one has left.
func (t *tokens) check(h http.Header, now time.Time) (TokenState, time.Duration) {
	v := h.Values(TokenHeader)
	if len(v) == 0 {
		return TokenNone, 0
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	until, known := t.until[v[0]]
	switch {
	case !known:
		return TokenInvalid, 0
	case !now.Before(until):
		return TokenExpired, 0
	default:
		return TokenValid, until.Sub(now)
	}
}
