package workspace

import (
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"net/http"
	"path"
	"strings"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"github.com/databricks/databricks-sdk-go/apierr"
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

// Do is a call of an API of which the SDK's own types leave something out. It
// says which workspace is meant, as they do, to a host that serves several.
func (c *Client) Do(ctx context.Context, method, path string, request, response any) error {
	headers := map[string]string{"Accept": "application/json"}
	if method != http.MethodGet {
		headers["Content-Type"] = "application/json"
	}
	if id := c.cfg.WorkspaceID; id != "" {
		headers["X-Databricks-Workspace-Id"] = id
	}
	return c.API.Do(ctx, method, path, headers, nil, request, response)
}

// status is what the service says of an object.
type status struct {
	ObjectType sdk.ObjectType `json:"object_type"`
	ObjectID   int64          `json:"object_id"`
	Path       string         `json:"path"`
	Language   sdk.Language   `json:"language"`
	Size       int64          `json:"size"`
	ModifiedAt int64          `json:"modified_at"`
	Directory  struct {
		IsGit bool `json:"is_git_folder"`
	} `json:"directory_info"`
	// The SDK's own struct does not know this one.
	StoredFormat string `json:"repos_export_format"`
}

func (s *status) object() *Object {
	o := &Object{Path: s.Path, ID: s.ObjectID, Type: s.ObjectType, Language: s.Language, Size: s.Size, ModifiedAt: s.ModifiedAt}
	if f := sdk.ExportFormat(s.StoredFormat); f == sdk.ExportFormatSource || f == sdk.ExportFormatJupyter {
		o.Format = f
	}
	if o.Type == sdk.ObjectTypeRepo || s.Directory.IsGit {
		o.Git = o.Path
	}
	if o.Type == sdk.ObjectTypeNotebook && o.Format == "" && o.Language != "" && o.Language != sdk.LanguagePython {
		// One that is stored as JUPYTER is PYTHON to the service.
		o.Format = sdk.ExportFormatSource
	}
	return o
}

// Stat is the object at a path, with the stored format of a notebook. Of Git it
// knows only whether the object is the root itself.
func (c *Client) Stat(ctx context.Context, path string) (*Object, error) {
	var s status
	err := c.Do(ctx, http.MethodGet, "/api/2.0/workspace/get-status",
		statRequest{Path: path, ExportInfo: true}, &s)
	if err != nil {
		return nil, c.Explain(Scheme+path, err)
	}
	return s.object(), nil
}

// Read exports the object in the format in which it is stored, and completes
// what o says of format and language. A notebook of which the service does not
// say how it is stored is read as SOURCE, and its Format stays empty.
func (c *Client) Read(ctx context.Context, o *Object) ([]byte, error) {
	format := sdk.ExportFormatAuto
	if o.Type == sdk.ObjectTypeNotebook {
		if o.Format == "" {
			now, err := c.Stat(ctx, o.Path)
			if err != nil {
				return nil, err
			}
			if now.Type != o.Type {
				return nil, &Error{Object: o.Name(), Kind: ErrNotFound, err: errKind, Reason: "it is no notebook any more"}
			}
			o.Format, o.Language = now.Format, now.Language
		}
		if format = o.Format; format == "" {
			format = sdk.ExportFormatSource
		}
	}
	content, err := c.export(ctx, o.Path, format)
	if err != nil {
		return nil, c.Explain(o.Name(), err)
	}
	if o.Format == sdk.ExportFormatJupyter {
		if l := jupyterLanguage(content); l != "" {
			o.Language = l
		}
	}
	return content, nil
}

var errKind = errors.New("not what it should be")

// jupyterLanguage is the default language that the platform wrote into a
// notebook, empty where it wrote none.
func jupyterLanguage(b []byte) sdk.Language {
	var nb struct {
		Metadata struct {
			Vendor struct {
				Language string `json:"language"`
			} `json:"application/vnd.databricks.v1+notebook"`
		} `json:"metadata"`
	}
	// What comes before an error has been read.
	_ = json.Unmarshal(b, &nb, jsontext.AllowDuplicateNames(true), jsontext.AllowInvalidUTF8(true))
	switch l := sdk.Language(strings.ToUpper(nb.Metadata.Vendor.Language)); l {
	case sdk.LanguagePython, sdk.LanguageScala, sdk.LanguageR, sdk.LanguageSql:
		return l
	}
	return ""
}

// Archive exports the object as a DBC, which holds what SOURCE leaves out.
func (c *Client) Archive(ctx context.Context, path string) ([]byte, error) {
	content, err := c.export(ctx, path, sdk.ExportFormatDbc)
	return content, c.Explain(Scheme+path, err)
}

func (c *Client) export(ctx context.Context, path string, format sdk.ExportFormat) ([]byte, error) {
	// Decoded in one go: the SDK's own struct is read twice, and then the text
	// in it.
	var out struct {
		Content []byte `json:"content"` // empty, or missing, of an empty file
		// The service has been seen to refuse large notebooks with status 200.
		ErrorCode any    `json:"error_code"`
		Message   string `json:"message"`
	}
	err := c.Do(ctx, http.MethodGet, "/api/2.0/workspace/export", sdk.ExportRequest{Path: path, Format: format}, &out)
	var bad base64.CorruptInputError
	if errors.As(err, &bad) {
		err = &Error{Object: Scheme + path, err: err, Reason: "the service's answer is not what it should be: " + bad.Error()}
	}
	if err == nil && out.ErrorCode != nil {
		err = &apierr.APIError{StatusCode: http.StatusBadRequest, ErrorCode: fmt.Sprint(out.ErrorCode), Message: out.Message}
	}
	return out.Content, err
}

// Write imports content over the object, in the format in which it is stored.
// It is sent once: after an error of the kind ErrUnknown nobody knows whether it
// took effect, and the caller has to look. After ErrTooManyRequests nothing was
// done, and before another attempt the caller has to look all the same.
func (c *Client) Write(ctx context.Context, o *Object, content []byte) error {
	in := sdk.Import{Path: o.Path, Content: base64.StdEncoding.EncodeToString(content), Overwrite: true}
	if o.Type == sdk.ObjectTypeNotebook {
		if o.Format == "" || o.Language == "" {
			return &Error{Object: o.Name(), err: errKind, Reason: "the service does not say in which format and language it is stored; nothing is written"}
		}
		in.Format = sdk.ImportFormat(o.Format)
		in.Language = o.Language
	} else {
		// AUTO would make a notebook of a file that looks like one, beside it or
		// over one that is there.
		in.Format = sdk.ImportFormatRaw
	}
	return c.ExplainWrite(o.Name(), c.ws.Import(Once(ctx), in))
}
