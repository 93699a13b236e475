package workspace

import (
	"context"
	"encoding/base64"
	"net/http"
	"path"
	"strconv"
	"strings"

	sdk "github.com/databricks/databricks-sdk-go/service/workspace"
)

// Scheme marks a path in a workspace in targets and reports.
const Scheme = "workspace:"

// Object is a notebook, a file or a folder of the workspace.
type Object struct {
	// Path is absolute, without the scheme.
	Path string
	ID   int64
	// Type is NOTEBOOK, FILE, DIRECTORY, REPO, or one of the kinds without code.
	Type sdk.ObjectType
	// Format is how a notebook is stored, SOURCE or JUPYTER; empty until Stat
	// or Read has asked for it, and for anything else.
	Format sdk.ExportFormat
	// Language is a notebook's default language. The service says PYTHON of
	// every notebook stored as JUPYTER: there it is what the notebook's own
	// metadata says, once it has been read.
	Language sdk.Language
	// Size is in bytes, of files only. ModifiedAt is in milliseconds since
	// 1970, 0 when the service does not tell.
	Size, ModifiedAt int64
	// Git is the root of the Git folder that the object is in, empty outside.
	Git string
}

// Name is the object as reports and targets call it.
func (o *Object) Name() string { return Scheme + o.Path }

// Bundle reports whether a bundle put the object there, so that the next
// deployment overwrites it.
func (o *Object) Bundle() bool { return strings.Contains(o.Path, "/.bundle/") }

// FileName is the object's name with the suffix that tells its format and
// language, the way the platform names exported notebooks.
func (o *Object) FileName() string {
	base := path.Base(o.Path)
	if o.Type != sdk.ObjectTypeNotebook {
		return base
	}
	if o.Format == sdk.ExportFormatJupyter {
		return base + ".ipynb"
	}
	return base + map[sdk.Language]string{sdk.LanguagePython: ".py", sdk.LanguageScala: ".scala", sdk.LanguageR: ".r", sdk.LanguageSql: ".sql"}[o.Language]
}

type statRequest struct {
	Path       string `url:"path"`
	ExportInfo bool   `url:"return_export_info"`
}

// Stat is the object at a path, with the stored format of a notebook.
func (c *Client) Stat(ctx context.Context, path string) (*Object, error) {
	var s struct {
		ObjectType sdk.ObjectType `json:"object_type"`
		ObjectID   int64          `json:"object_id"`
		Path       string         `json:"path"`
		Language   sdk.Language   `json:"language"`
		Size       int64          `json:"size"`
		ModifiedAt int64          `json:"modified_at"`
		// The SDK's own struct does not know this one.
		StoredFormat string `json:"repos_export_format"`
	}
	err := c.API.Do(ctx, http.MethodGet, "/api/2.0/workspace/get-status",
		map[string]string{"Accept": "application/json"}, nil,
		statRequest{Path: path, ExportInfo: true}, &s)
	if err != nil {
		return nil, err
	}
	return &Object{Path: s.Path, ID: s.ObjectID, Type: s.ObjectType, Language: s.Language, Size: s.Size,
		ModifiedAt: s.ModifiedAt, Format: sdk.ExportFormat(s.StoredFormat)}, nil
}

// Read exports the object in the format in which it is stored, and completes
// what o says of format and language.
func (c *Client) Read(ctx context.Context, o *Object) ([]byte, error) {
	format := sdk.ExportFormatAuto
	if o.Type == sdk.ObjectTypeNotebook {
		if o.Format == "" {
			now, err := c.Stat(ctx, o.Path)
			if err != nil {
				return nil, err
			}
			o.Format = now.Format
		}
		format = o.Format
	}
	return c.export(ctx, o.Path, format)
}

// Archive exports the object as a DBC, which holds what SOURCE leaves out.
func (c *Client) Archive(ctx context.Context, path string) ([]byte, error) {
	return c.export(ctx, path, sdk.ExportFormatDbc)
}

func (c *Client) export(ctx context.Context, path string, format sdk.ExportFormat) ([]byte, error) {
	out, err := c.ws.Export(ctx, sdk.ExportRequest{Path: path, Format: format})
	if err != nil {
		return nil, err
	}
	return base64.StdEncoding.DecodeString(out.Content)
}

// Write imports content over the object, in the format in which it is stored.
// It is sent once: after an error nobody knows whether it took effect, and the
// caller has to look.
func (c *Client) Write(ctx context.Context, o *Object, content []byte) error {
	in := sdk.Import{Path: o.Path, Content: base64.StdEncoding.EncodeToString(content), Overwrite: true}
	if o.Type == sdk.ObjectTypeNotebook {
		in.Format = sdk.ImportFormat(o.Format)
		in.Language = o.Language
	} else {
		in.Format = sdk.ImportFormatAuto
	}
	return c.ws.Import(ctx, in)
}

// Permissions are the rules of who may do what with the object, inherited ones
// too.
func (c *Client) Permissions(ctx context.Context, o *Object) (*sdk.WorkspaceObjectPermissions, error) {
	kind := "files"
	if o.Type == sdk.ObjectTypeNotebook {
		kind = "notebooks"
	}
	return c.ws.GetPermissions(ctx, sdk.GetWorkspaceObjectPermissionsRequest{
		WorkspaceObjectType: kind, WorkspaceObjectId: strconv.FormatInt(o.ID, 10)})
}
