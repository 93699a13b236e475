// Package setting reads and writes the settings of a workspace that the
// migration is about: whether IMDSv2 is enforced, and whether notebooks may be
// exported. It decides nothing and keeps nothing.
package setting

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/databricks/databricks-sdk-go/service/settings"

	"github.com/imdsscan/imdsscan/workspace"
)

// The keys of workspace-conf.
const (
	EnforceIMDSv2  = "enableEnforceImdsV2"
	ExportNotebook = "enableExportNotebook"
)

// Value is what a switch says.
type Value string

// The values. Unknown is of a switch that was never set, or that holds a text
// that is neither: what the workspace then does is not in the setting. New
// workspaces enforce IMDSv2 without it.
const (
	On      Value = "on"
	Off     Value = "off"
	Unknown Value = "unknown"
)

// Setting is a switch as the workspace tells it.
type Setting struct {
	Key   string
	Value Value
	// Raw is the service's own text, empty where the switch was never set.
	Raw string
	// At is when it was read, at the latest, by the service's clock; zero where
	// the service does not tell.
	At time.Time
}

// The kinds of errors beside those of package workspace.
var (
	// ErrNotAdmin: only administrators of the workspace may.
	ErrNotAdmin = errors.New("not an administrator of the workspace")
	// ErrNoSuchKey: the workspace does not have the switch.
	ErrNoSuchKey = errors.New("the workspace does not have the setting")
	// ErrNotAWS: elsewhere there is no such service.
	ErrNotAWS = errors.New("not on AWS")
)

// Read reads one switch. Several keys in one request would fail together.
func Read(ctx context.Context, c *workspace.Client, key string) (Setting, error) {
	s := Setting{Key: key, Value: Unknown}
	if err := there(c, key); err != nil {
		return s, err
	}
	got, err := settings.NewWorkspaceConf(c.API).GetStatus(ctx, settings.GetStatusRequest{Keys: key})
	if err != nil {
		return s, explain(c, key, "read", c.Explain("", err))
	}
	if got != nil {
		s.Raw = (*got)[key]
	}
	s.At = c.ServiceTime()
	s.Value = ValueOf(s.Raw)
	return s, nil
}

// ValueOf is what the service's own text says.
func ValueOf(raw string) Value {
	switch strings.ToLower(raw) {
	case "true":
		return On
	case "false":
		return Off
	}
	return Unknown
}

// Write sends a value, "true" or "false", once. That the service takes it does
// not mean that it took effect: read it back. The error is of the kind
// workspace.ErrUnknown where it is not known whether it arrived.
func Write(ctx context.Context, c *workspace.Client, key string, on bool) error {
	if err := there(c, key); err != nil {
		return err
	}
	err := settings.NewWorkspaceConf(c.API).SetStatus(workspace.Once(ctx), settings.WorkspaceConf{key: fmt.Sprint(on)})
	return explain(c, key, "changed", c.ExplainWrite("", err))
}

// OnAWS is nil for a workspace on AWS, and an error of the kind ErrNotAWS for
// others.
func OnAWS(c *workspace.Client) error {
	if c.IsAWS() {
		return nil
	}
	return &workspace.Error{Kind: ErrNotAWS, Reason: c.Host() + " is not on AWS: there is no EC2 instance metadata service to enforce anything of"}
}

// there refuses to ask for a setting that only AWS has.
func there(c *workspace.Client, key string) error {
	if key != EnforceIMDSv2 {
		return nil
	}
	return OnAWS(c)
}

// explain adds what the errors of these calls mean.
func explain(c *workspace.Client, key, done string, err error) error {
	var e *workspace.Error
	if err == nil || !errors.As(err, &e) {
		return err
	}
	switch {
	case errors.Is(err, workspace.ErrPermission):
		user := c.User()
		return &workspace.Error{Kind: ErrNotAdmin, Reason: fmt.Sprintf("the setting %s can be %s by administrators of the workspace only, and %s is none: run as one, or ask one", key, done, user)}
	case strings.Contains(e.Reason, "Invalid keys"):
		return &workspace.Error{Kind: ErrNoSuchKey, Reason: fmt.Sprintf("%s has no setting %s (%s): it is not on AWS, or it is a kind of workspace without clusters of its own, or the service has renamed the setting; look in the admin settings under Compute", c.Host(), key, e.Reason)}
	}
	return err
}
