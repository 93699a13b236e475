// Package workspace talks to one Databricks workspace through the vendor's SDK:
// it connects, walks the tree, reads objects in the format in which they are
// stored, and writes them back. It knows nothing of findings and fixes, and
// changes nothing unless Write is called.
//
// Every request goes through one transport, whichever service of the SDK sends
// it: it keeps to the rate, repeats what may be repeated, and nothing else. The
// SDK's own repetition is turned off.
package workspace

import (
	"context"
	"fmt"
	"math"
	"net/http"
	"net/url"
	"path"
	"strings"
	"sync"
	"time"

	"github.com/databricks/databricks-sdk-go/client"
	"github.com/databricks/databricks-sdk-go/config"
	"github.com/databricks/databricks-sdk-go/httpclient"
	"github.com/databricks/databricks-sdk-go/logger"
	"github.com/databricks/databricks-sdk-go/service/iam"
	sdk "github.com/databricks/databricks-sdk-go/service/workspace"
	"github.com/databricks/databricks-sdk-go/useragent"
	"golang.org/x/mod/semver"
)

// Options say which workspace, and who asks.
type Options struct {
	// Profile is a section of ~/.databrickscfg; empty leaves the choice to the
	// SDK's own order (DATABRICKS_CONFIG_PROFILE, other variables, DEFAULT).
	Profile string
	// Version is the tool's own, for the user agent.
	Version string
	// RetryFor is how long a request that may be repeated is; 0 is what the
	// profile says, or five minutes.
	RetryFor time.Duration
}

// Client is a connection to a workspace.
type Client struct {
	cfg *config.Config
	// API is the SDK's connection, for the services of other packages.
	API  *client.DatabricksClient
	ws   *sdk.WorkspaceAPI
	t    *transport
	user string
}

// Connect finds the workspace and the credentials in the SDK's unified order,
// and asks the workspace who the user is, so that a wrong host or token is told
// before any work is done.
func Connect(ctx context.Context, o Options) (*Client, error) {
	identify(o.Version)
	conn := &connection{}
	cfg := &config.Config{Profile: o.Profile, HTTPTransport: conn}
	conn.insecure = func() bool { return cfg.InsecureSkipVerify }
	var unreachable error
	cfg.HostMetadataResolver = func(_ context.Context, host string) (meta *config.HostMetadata, err error) {
		meta, unreachable, err = hostMetadata(ctx, conn, host)
		return meta, err
	}
	if err := cfg.EnsureResolved(); err != nil {
		return nil, noConfig(err)
	}
	switch {
	case unreachable != nil:
		return nil, noHost(cfg, unreachable)
	case cfg.Host == "" && cfg.AzureResourceID == "":
		return nil, errNoWorkspace
	}
	if err := isWorkspace(cfg); err != nil {
		return nil, err
	}
	c := &Client{cfg: cfg}
	var err error
	if c.API, err = c.newAPI(conn, o); err != nil {
		return nil, noConfig(err)
	}
	c.ws = sdk.NewWorkspace(c.API)
	if c.user, err = c.whoAmI(ctx); err != nil {
		return nil, err
	}
	return c, nil
}

// newAPI is the SDK's connection with the repetition and the rate of ours.
func (c *Client) newAPI(conn *connection, o Options) (*client.DatabricksClient, error) {
	cfg := c.cfg
	hc, err := config.HTTPClientConfigFromConfig(cfg)
	if err != nil {
		return nil, err
	}
	t := &transport{base: conn, limits: newLimits(cfg.RateLimitPerSecond), idle: defaultIdle, retryFor: o.RetryFor, pause: backOff}
	if cfg.HTTPTimeoutSeconds > 0 {
		t.idle = time.Duration(cfg.HTTPTimeoutSeconds) * time.Second
	}
	if t.retryFor == 0 {
		t.retryFor = defaultRetryFor
		if cfg.RetryTimeoutSeconds > 0 {
			t.retryFor = time.Duration(cfg.RetryTimeoutSeconds) * time.Second
		}
	}
	hc.Transport, c.t = t, t
	// One attempt: the SDK looks at this time after the first.
	hc.RetryTimeout = time.Nanosecond
	hc.ErrorRetriable = func(context.Context, error) bool { return false }
	hc.TransientErrors = nil
	hc.RateLimitPerSecond = math.MaxInt32
	hc.HTTPTimeout = 24 * time.Hour // the transport has its own
	return client.NewWithClient(cfg, httpclient.NewApiClient(hc))
}

// isWorkspace tells a workspace from an account's console.
func isWorkspace(cfg *config.Config) error {
	//lint:ignore SA1019 nothing else tells the console of an account from a workspace
	switch t := cfg.HostType(); {
	case t == config.AccountHost:
		return fmt.Errorf("%s is the console of an account, not a workspace: give the address of the workspace (https://….cloud.databricks.com)", cfg.Host)
	case t == config.UnifiedHost && cfg.WorkspaceID == "":
		return fmt.Errorf("%s serves several workspaces: say which one with workspace_id in the profile, or DATABRICKS_WORKSPACE_ID", cfg.Host)
	}
	return nil
}

func (c *Client) whoAmI(ctx context.Context) (string, error) {
	me, err := iam.NewCurrentUser(c.API).Me(ctx, iam.MeRequest{})
	if err != nil {
		return "", c.notIn(err)
	}
	if me.UserName == "" {
		return "", notWorkspace(c.cfg.Host, "it does not say who the user is")
	}
	return me.UserName, nil
}

// Host is the address of the workspace, with the scheme.
func (c *Client) Host() string { return c.cfg.Host }

// User is the name of the user, or the application id of the service principal,
// as whom the tool works.
func (c *Client) User() string { return c.user }

// ServiceTime is the service's clock, at the latest: answers tell it to the
// second. Zero: no answer has told it.
func (c *Client) ServiceTime() time.Time {
	r := c.t.there.Load()
	if r == nil {
		return time.Time{}
	}
	return r.there.Add(time.Second + time.Since(r.here)).UTC().Truncate(time.Millisecond)
}

// IsAWS reports whether the workspace is on AWS; elsewhere there is no such
// service to enforce.
func (c *Client) IsAWS() bool { return c.cfg.IsAws() }

// URL is where the browser shows what is at a path.
func (c *Client) URL(path string) string { return URL(c.cfg.Host, path) }

// URL is where the browser shows what is at a path of the workspace of a host.
func URL(host, path string) string {
	return host + "/#workspace" + (&url.URL{Path: path}).EscapedPath()
}

// Clean is a path of a target: absolute, without the scheme, a slash at the end
// and the /Workspace that some parts of the platform put before it.
func Clean(target string) (string, error) {
	p, ok := strings.CutPrefix(target, Scheme)
	if !ok || !strings.HasPrefix(p, "/") {
		return "", fmt.Errorf("%s: a place in a workspace is given as workspace:/Users/…, workspace:/ for all of it", target)
	}
	for strings.HasSuffix(p, "/") && p != "/" {
		p = strings.TrimSuffix(p, "/")
	}
	if p == "/Workspace" {
		p = "/"
	}
	if rest, ok := strings.CutPrefix(p, "/Workspace/"); ok {
		p = "/" + rest
	}
	if path.Clean(p) != p {
		return "", fmt.Errorf("%s: no path in a workspace has empty parts, or . and .. for a part", target)
	}
	return p, nil
}

var once sync.Once

// identify names the tool to the service, and keeps the SDK from logging: what
// has to be said, the commands say.
func identify(version string) {
	once.Do(func() {
		v := strings.TrimPrefix(version, "v")
		if !semver.IsValid("v"+v) || strings.Count(v, ".") < 2 {
			v = "0.0.0"
		}
		useragent.WithProduct("imdsscan", v)
		logger.DefaultLogger = silent{}
	})
}

// silent logs nothing: the SDK's debug log would hold the code of notebooks, and
// headers.
type silent struct{}

func (silent) Enabled(context.Context, logger.Level) bool { return false }
func (silent) Tracef(context.Context, string, ...any)     {}
func (silent) Debugf(context.Context, string, ...any)     {}
func (silent) Infof(context.Context, string, ...any)      {}
func (silent) Warnf(context.Context, string, ...any)      {}
func (silent) Errorf(context.Context, string, ...any)     {}

// connection is the plain way to the service. Whether certificates are checked
// is known only once the configuration has been read.
type connection struct {
	insecure func() bool
	once     sync.Once
	t        *http.Transport
}

func (c *connection) RoundTrip(r *http.Request) (*http.Response, error) {
	c.once.Do(func() { c.t = newHTTPTransport(c.insecure()) })
	return c.t.RoundTrip(r)
}
