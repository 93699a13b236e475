package workspace

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"os"
	"regexp"
	"strings"
	"time"

	"github.com/databricks/databricks-sdk-go/apierr"
	"github.com/databricks/databricks-sdk-go/config"
)

// The kinds of errors that a caller may have to tell apart.
var (
	ErrNotFound        = errors.New("not found")
	ErrPermission      = errors.New("no permission")
	ErrTooLarge        = errors.New("too large")
	ErrTooManyRequests = errors.New("too many requests")
	ErrUnauthenticated = errors.New("not authenticated")
	// ErrUnknown is of a write of which nobody knows whether it took effect.
	ErrUnknown = errors.New("it is not known whether it took effect")
	// ErrCredentials is of a connection that the user has to configure.
	ErrCredentials = errors.New("no connection to a workspace")
)

// Error is what went wrong with one object, in words.
type Error struct {
	// Object is the place or thing concerned, as reports name it.
	Object string
	// Kind is one of the errors above, nil for any other failure.
	Kind error
	// Reason says what happened, and what can be done about it.
	Reason string
	err    error
}

func (e *Error) Error() string {
	if e.Object == "" {
		return e.Reason
	}
	return e.Object + ": " + e.Reason
}

// Unwrap are the kind, and what the SDK said.
func (e *Error) Unwrap() []error {
	if e.Kind == nil {
		return []error{e.err}
	}
	return []error{e.Kind, e.err}
}

// Reason is the error without the object it concerns, for lists that print the
// object anyway.
func Reason(err error) string {
	var e *Error
	if errors.As(err, &e) {
		return e.Reason
	}
	return err.Error()
}

// Explain turns what a call of the SDK returned into an Error of the object.
func (c *Client) Explain(object string, err error) error {
	var known *Error
	if err == nil || errors.As(err, &known) {
		return err
	}
	if errors.Is(err, context.Canceled) {
		return err
	}
	e := &Error{Object: object, err: err}
	var api *apierr.APIError
	if !errors.As(err, &api) {
		e.Reason = c.network(err)
		return e
	}
	said := c.said(api)
	switch code := reasonCode(api); {
	case isTooLarge(code) || code == "BAD_REQUEST" && sizeLimit.MatchString(api.Message):
		e.Kind = ErrTooLarge
		e.Reason = "it is larger than the service hands out (10 MB): export it by hand, and check the file"
	case code == "FEATURE_DISABLED":
		e.Kind = ErrPermission
		e.Reason = "the workspace does not allow it: " + said
	case errors.Is(err, apierr.ErrNotFound):
		e.Kind = ErrNotFound
		e.Reason = "it is not there: deleted or renamed meanwhile, or not visible to " + c.who()
	case isUnauthenticated(api):
		e.Kind = ErrUnauthenticated
		e.Reason = "the workspace does not accept the credentials any more: " + said
	case errors.Is(err, apierr.ErrPermissionDenied):
		e.Kind = ErrPermission
		e.Reason = fmt.Sprintf("%s has no permission: ask for it, or run as an administrator of the workspace (%s)", c.who(), said)
	case errors.Is(err, apierr.ErrTooManyRequests):
		e.Kind = ErrTooManyRequests
		e.Reason = "the service keeps refusing for too many requests: run again later, or with a lower DATABRICKS_RATE_LIMIT (" + said + ")"
	case api.StatusCode >= 500:
		e.Reason = fmt.Sprintf("the service failed, also when asked again (%d: %s)", api.StatusCode, said)
	default:
		e.Reason = said
	}
	return e
}

// ExplainWrite explains the error of a request that changes something and was
// sent once: it is of the kind ErrUnknown unless the service refused.
func (c *Client) ExplainWrite(object string, err error) error {
	err = c.Explain(object, err)
	var api *apierr.APIError
	var e *Error
	switch {
	case err == nil:
		return nil
	case errors.As(err, &api) && api.StatusCode < 500:
		return err // refused
	case !errors.As(err, &e):
		e = &Error{Object: object, err: err, Reason: err.Error()}
	}
	e.Kind = ErrUnknown
	if errors.As(err, &api) {
		e.Reason = fmt.Sprintf("the service failed (%d: %s)", api.StatusCode, c.said(api))
	}
	e.Reason += "; it is not known whether the change took effect"
	return e
}

// reasonCode is the service's own name of an error; the detail is the more
// exact one.
func reasonCode(api *apierr.APIError) string {
	if info := api.ErrorDetails().ErrorInfo; info != nil && isTooLarge(info.Reason) {
		return info.Reason
	}
	return api.ErrorCode
}

// sizeLimit is how older versions of the service say it of an export.
var sizeLimit = regexp.MustCompile(`(?i)\bsize exceed(s|ed)\b`)

func isTooLarge(code string) bool {
	return code == "MAX_NOTEBOOK_SIZE_EXCEEDED" || code == "MAX_READ_SIZE_EXCEEDED"
}

// isUnauthenticated tells credentials that are not valid: of a wrong token the
// service says 403 in some places.
func isUnauthenticated(api *apierr.APIError) bool {
	return api.StatusCode == http.StatusUnauthorized ||
		api.StatusCode == http.StatusForbidden && strings.Contains(strings.ToLower(api.Message), "invalid access token")
}

func (c *Client) who() string {
	if c.user == "" {
		return "this user"
	}
	return c.user
}

const maxSaid = 300

// said are the service's own words, as one line without secrets.
func (c *Client) said(api *apierr.APIError) string {
	s := c.clean(api.Message)
	if s == "" {
		s = http.StatusText(api.StatusCode)
	}
	if api.ErrorCode != "" && api.ErrorCode != "UNKNOWN" && api.ErrorCode != "<nil>" && !strings.Contains(s, api.ErrorCode) {
		s = api.ErrorCode + ": " + s
	}
	return s
}

func (c *Client) clean(s string) string { return clean(c.cfg, s) }

func clean(cfg *config.Config, s string) string {
	if cfg != nil {
		for _, secret := range []string{cfg.Token, cfg.Password, cfg.ClientSecret} {
			if len(secret) > 3 {
				s = strings.ReplaceAll(s, secret, "***")
			}
		}
	}
	s = strings.Join(strings.Fields(s), " ")
	if len(s) > maxSaid {
		s = strings.ToValidUTF8(s[:maxSaid], "") + "…"
	}
	return s
}

// network explains an error that is no answer of the service.
func (c *Client) network(err error) string { return network(c.cfg, err) }

func network(cfg *config.Config, err error) string {
	var to *redirected
	var bad *json.SyntaxError
	var dns *net.DNSError
	switch {
	case errors.As(err, &to) && strings.Contains(to.to, "private-link-validation-error"):
		return "the workspace is reachable through AWS PrivateLink only: run where the VPC endpoint is"
	case errors.As(err, &to):
		return "the host does not answer as a workspace does: " + clean(cfg, to.Error())
	case errors.As(err, &bad):
		return "the host does not answer as a workspace does: its answer is not JSON"
	case errors.Is(err, errStalled):
		return errStalled.Error() + "; run again, or give it more time with http_timeout_seconds in the profile"
	case isTLS(err):
		return "no safe connection: " + inner(cfg, err) + "; if a proxy of your network signs certificates, put its authority into SSL_CERT_FILE"
	case errors.As(err, &dns) && dns.IsNotFound:
		return "there is no host " + dns.Name + ": check the address for typing errors"
	}
	return inner(cfg, err)
}

// inner is an error without the method and the address before it.
func inner(cfg *config.Config, err error) string {
	var u *url.Error
	for errors.As(err, &u) {
		err = u.Err
	}
	return clean(cfg, err.Error())
}

var errNoWorkspace = fmt.Errorf("%w: none is named. Set DATABRICKS_HOST, and credentials in DATABRICKS_TOKEN or as the Databricks CLI takes them, or choose a profile of ~/.databrickscfg with --profile", ErrCredentials)

// noConfig explains a configuration that cannot be used. The SDK masks secrets
// in what it tells of the configuration.
func noConfig(err error) error {
	s := strings.TrimPrefix(strings.TrimPrefix(err.Error(), "resolve: "), "validate: ")
	s, _, _ = strings.Cut(s, ". Config: ")
	if names := profiles(); strings.HasSuffix(s, "profile configured") && names != "" {
		s += "; there are " + names
	}
	return fmt.Errorf("%w: %s", ErrCredentials, strings.Join(strings.Fields(s), " "))
}

// profiles are the names of those that the user has.
func profiles() string {
	f, err := config.LoadFile(os.Getenv("DATABRICKS_CONFIG_FILE"))
	if err != nil {
		return ""
	}
	var out []string
	for _, s := range f.Sections() {
		if len(s.Keys()) > 0 && !strings.HasPrefix(s.Name(), "__") {
			out = append(out, s.Name())
		}
	}
	return strings.Join(out, ", ")
}

func noHost(cfg *config.Config, err error) error {
	return fmt.Errorf("%w: %s: %s", ErrCredentials, cfg.Host, network(cfg, err))
}

func notWorkspace(host, why string) error {
	return fmt.Errorf("%w: %s is not a Databricks workspace, it seems: %s", ErrCredentials, host, why)
}

// notIn explains why the first request failed.
func (c *Client) notIn(err error) error {
	var api *apierr.APIError
	switch {
	case errors.Is(err, context.Canceled):
		return err
	case errors.Is(err, config.ErrCannotConfigureDefault) && c.cfg.ClientID != "":
		return fmt.Errorf("%w: %s gives no token for the client id %s: look whether the secret is right and not expired, and whether the service principal is in the workspace", ErrCredentials, c.cfg.Host, c.cfg.ClientID)
	case errors.Is(err, config.ErrCannotConfigureDefault):
		return fmt.Errorf("%w: there are no credentials for %s: set DATABRICKS_TOKEN, log in with databricks auth login, or choose a profile with --profile", ErrCredentials, c.cfg.Host)
	case !errors.As(err, &api):
		if strings.Contains(err.Error(), " auth: ") {
			return noConfig(err)
		}
		if strings.Contains(err.Error(), "HTML response") {
			return notWorkspace(c.cfg.Host, "it answers with a page for browsers")
		}
		return noHost(c.cfg, err)
	case isUnauthenticated(api):
		return fmt.Errorf("%w: %s does not accept the credentials (%s): %s", ErrCredentials, c.cfg.Host, c.cfg.AuthType, c.said(api))
	case api.StatusCode == http.StatusNotFound, api.StatusCode == http.StatusMethodNotAllowed, strings.Contains(api.Message, "<html"):
		return notWorkspace(c.cfg.Host, fmt.Sprintf("it answers %d to its own address of the user", api.StatusCode))
	}
	return fmt.Errorf("%w: %s: %s", ErrCredentials, c.cfg.Host, c.said(api))
}

// hostMetadata asks the host what it is, once and in short. unreachable is why
// no answer came at all; a host that knows nothing of the question is asked
// nothing more.
func hostMetadata(ctx context.Context, conn http.RoundTripper, host string) (meta *config.HostMetadata, unreachable, err error) {
	ctx, cancel := context.WithTimeout(ctx, 30*time.Second)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, host+"/.well-known/databricks-config", nil)
	if err != nil {
		return nil, err, err
	}
	req.Header.Set("Accept", "application/json")
	resp, err := conn.RoundTrip(req)
	if err != nil {
		return nil, err, err
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(io.LimitReader(resp.Body, 1<<20))
	if err != nil || resp.StatusCode != http.StatusOK || !bytes.HasPrefix(bytes.TrimSpace(body), []byte("{")) {
		return nil, nil, err
	}
	meta = &config.HostMetadata{}
	if err := json.Unmarshal(body, meta); err != nil {
		return nil, nil, err
	}
	return meta, nil, nil
}
