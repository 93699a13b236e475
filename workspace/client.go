// Package workspace talks to one Databricks workspace through the vendor's SDK:
// it connects, walks the tree, reads objects in the format in which they are
// stored, and writes them back. It knows nothing of findings and fixes, and
// changes nothing unless Write is called.
package workspace

import (
	"context"
	"fmt"
	"sync"

	"github.com/databricks/databricks-sdk-go/client"
	"github.com/databricks/databricks-sdk-go/config"
	"github.com/databricks/databricks-sdk-go/service/iam"
	sdk "github.com/databricks/databricks-sdk-go/service/workspace"
	"github.com/databricks/databricks-sdk-go/useragent"
)

// Options say which workspace, and who asks.
type Options struct {
	// Profile is a section of ~/.databrickscfg; empty leaves the choice to the
	// SDK's own order (DATABRICKS_CONFIG_PROFILE, other variables, DEFAULT).
	Profile string
	// Version is the tool's own, for the user agent.
	Version string
}

// Client is a connection to a workspace.
type Client struct {
	cfg *config.Config
	// API is the SDK's connection, for the services of other packages.
	API *client.DatabricksClient
	ws  *sdk.WorkspaceAPI
	me  func() (string, error)
}

// Connect finds the workspace and the credentials in the SDK's unified order.
// Nothing is sent but what a kind of credentials needs by itself.
func Connect(ctx context.Context, o Options) (*Client, error) {
	useragent.WithProduct("imdsscan", o.Version)
	cfg := &config.Config{Profile: o.Profile}
	api, err := client.New(cfg)
	if err != nil {
		return nil, fmt.Errorf("no connection to a workspace: %w", err)
	}
	c := &Client{cfg: cfg, API: api, ws: sdk.NewWorkspace(api)}
	c.me = sync.OnceValues(func() (string, error) {
		me, err := iam.NewCurrentUser(api).Me(ctx, iam.MeRequest{})
		if err != nil {
			return "", err
		}
		return me.UserName, nil
	})
	return c, nil
}

// Host is the address of the workspace, with the scheme.
func (c *Client) Host() string { return c.cfg.Host }

// User is the name of the user, or the application id of the service principal,
// as whom the tool works.
func (c *Client) User() (string, error) { return c.me() }
