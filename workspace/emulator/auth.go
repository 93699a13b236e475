package emulator

import (
	"crypto/rand"
	"encoding/hex"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"
)

// The service principal that may ask for tokens by OAuth.
const (
	ClientID     = "5d1e9a3c-7b0f-4c2d-9e8a-1f2b3c4d5e6f"
	ClientSecret = "dose0123456789abcdef0123456789abcdef"
)

// grantedToken is a token that was given out, and until when it is good.
type grantedToken struct {
	value string
	until time.Time
}

// authenticate checks the token. Without one the service answers 401, with a
// wrong one 403; both with a number as the error code. [issue]
func (c *call) authenticate() error {
	scheme, token, _ := strings.Cut(c.r.Header.Get("Authorization"), " ")
	switch {
	case scheme == "":
		return &apiError{http.StatusUnauthorized, "401", "Credential was not sent or was of an unsupported type for this API.", ""}
	case strings.EqualFold(scheme, "Bearer") && (token == c.token || c.granted(token)):
		return nil
	}
	return &apiError{http.StatusForbidden, "403", "Invalid access token.", ""}
}

func (c *call) granted(token string) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return slices.ContainsFunc(c.tokens, func(t grantedToken) bool { return t.value == token && c.opt.Now().Before(t.until) })
}

const (
	discoveryPath = "/.well-known/databricks-config"
	oauthPath     = "/oidc/.well-known/oauth-authorization-server"
	tokenPath     = "/oidc/v1/token"
)

// open answers what needs no token; false when that is not asked.
func (c *call) open() (bool, error) {
	switch c.r.Method + " " + c.r.URL.Path {
	case "GET " + discoveryPath:
		// What the SDK asks of a host before anything else. [sdk]
		return true, c.json(map[string]any{"oidc_endpoint": c.url + "/oidc", "account_id": "11111111-2222-4333-8444-555555555555",
			"workspace_id": workspaceID, "cloud": c.opt.Cloud, "host_type": "workspace"})
	case "GET " + oauthPath:
		return true, c.json(map[string]any{"authorization_endpoint": c.url + "/oidc/v1/authorize", "token_endpoint": c.url + tokenPath})
	case "POST " + tokenPath:
		return true, c.grant()
	}
	return false, nil
}

// grant gives a service principal a token for an hour. [sdk: auth_m2m]
func (c *call) grant() error {
	form, err := url.ParseQuery(string(c.body))
	id, secret, _ := c.r.BasicAuth()
	switch {
	case err != nil || form.Get("grant_type") != "client_credentials" || form.Get("scope") == "":
		c.w.WriteHeader(http.StatusBadRequest)
		return c.json(map[string]any{"error": "invalid_request", "error_description": "grant_type and scope are required"})
	case id != ClientID || secret != ClientSecret:
		c.w.WriteHeader(http.StatusUnauthorized)
		return c.json(map[string]any{"error": "invalid_client", "error_description": "Client authentication failed"})
	}
	random := make([]byte, 16)
	_, _ = rand.Read(random)
	token := grantedToken{"oauth" + hex.EncodeToString(random), c.opt.Now().Add(time.Hour)}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.tokens = append(c.tokens, token)
	return c.json(map[string]any{"access_token": token.value, "token_type": "Bearer", "expires_in": 3600, "scope": form.Get("scope")})
}

// RevokeTokens makes all tokens invalid that were given out by OAuth.
func (s *Server) RevokeTokens() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.tokens = nil
}
