package emulator

import (
	"encoding/base64"
	"fmt"
	"net/http"
	"path"
	"strings"
)

// export gives the content of an object: as base64 in JSON, or bare with
// direct_download.
func export(c *call) error {
	if err := c.only("path", "format", "direct_download"); err != nil {
		return err
	}
	direct, err := c.flag("direct_download")
	if err != nil {
		return err
	}
	format := c.query.Get("format")
	switch format {
	case "":
		format = "SOURCE"
	case "SOURCE", "HTML", "JUPYTER", "DBC", "AUTO", "RAW":
	case "R_MARKDOWN":
		return invalid("Format R_MARKDOWN is not supported for this notebook")
	default:
		return invalid("Invalid value for parameter format: %s", format)
	}
	c.mu.Lock()
	content, kind, err := c.exported(c.query.Get("path"), format)
	c.mu.Unlock()
	if err != nil {
		return err
	}
	if direct {
		c.w.Header().Set("Content-Type", "application/octet-stream")
		_, err = c.w.Write(content)
		return err
	}
	return c.json(map[string]any{"content": base64.StdEncoding.EncodeToString(content), "file_type": kind})
}

// exported is an object in a format, with what the service calls its file
// type.
func (c *call) exported(p, format string) (content []byte, kind string, err error) {
	n, err := c.tree.lookup(p)
	if err != nil {
		return nil, "", err
	}
	if err := c.tree.readable(n); err != nil {
		return nil, "", err
	}
	if v := c.conf.values["enableExportNotebook"]; v != nil && *v == "false" {
		return nil, "", denied("Exporting notebooks is disabled by the administrator of this workspace.") // [?]
	}
	switch {
	case n.folder():
		content, kind, err = c.exportFolder(n, format)
	case n.kind == typeNotebook:
		content, kind, err = n.exportNotebook(format)
	case n.kind == typeFile || n.kind == "DASHBOARD":
		if format == "JUPYTER" || format == "HTML" || format == "DBC" {
			return nil, "", invalid("Format %s is not supported for %s %s", format, n.kind, p)
		}
		content, kind = n.content, strings.TrimPrefix(path.Ext(n.name), ".")
	default: // [doc: libraries cannot be exported]
		return nil, "", invalid("Export is not supported for %s %s", n.kind, p)
	}
	if err != nil {
		return nil, "", err
	}
	if int64(len(content)) > c.opt.MaxExport {
		return nil, "", c.tooLarge(n, len(content))
	}
	return content, kind, nil
}

// TooLarge is a way to refuse an export over the limit.
type TooLarge int

const (
	// ByCode has an error code of its own. [sdk: ExportResponse]
	ByCode TooLarge = iota
	// ByMessage says so in words only. [issue: databrickslabs/migrate 292]
	ByMessage
	// BySuccess has the error in an answer with status 200 and no content.
	// [issue: paiqo/Databricks-VSCode 243]
	BySuccess
)

func (c *call) tooLarge(n *node, size int) error {
	code := "MAX_NOTEBOOK_SIZE_EXCEEDED"
	if n.kind == typeFile {
		code = "MAX_READ_SIZE_EXCEEDED"
	}
	message := fmt.Sprintf("File size (%d bytes) exceeded max size (%d bytes)", size, c.opt.MaxExport)
	switch c.opt.TooLarge {
	case ByMessage:
		return &apiError{http.StatusBadRequest, "BAD_REQUEST", fmt.Sprintf("Notebook size exceeded limit: %d > %d", size, c.opt.MaxExport), ""}
	case BySuccess:
		return &apiError{http.StatusOK, code, message, ""}
	}
	return &apiError{http.StatusBadRequest, code, message, code}
}

// exportFolder makes a DBC archive, also when asked for SOURCE. [cli]
func (c *call) exportFolder(n *node, format string) ([]byte, string, error) {
	switch format {
	case "DBC", "SOURCE", "AUTO": // [sdk: ExportRequest.Path]
	default:
		return nil, "", invalid("Directory can not be exported in format %s", format)
	}
	content, err := c.tree.dbc(n, format == "AUTO")
	return content, "dbc", err
}

// exportNotebook converts a notebook. In the format that it is stored in it is
// given as it is; AUTO does not follow that format. [cli]
func (n *node) exportNotebook(format string) ([]byte, string, error) {
	if format == "AUTO" {
		format = "SOURCE"
	}
	switch {
	case format == "RAW":
		return nil, "", invalid("Format RAW is not supported for NOTEBOOK %s", n.path())
	case format == n.format && format == "SOURCE":
		return n.content, suffixes[n.language], nil
	case format == n.format:
		return n.content, "ipynb", nil
	}
	nb, err := n.open()
	if err != nil {
		return nil, "", err
	}
	switch format {
	case "SOURCE":
		return nb.source(), suffixes[nb.language], nil
	case "JUPYTER":
		b, err := nb.jupyter(n.name)
		return b, "ipynb", err
	case "HTML":
		b, err := nb.html(n.name, n.id)
		return b, "html", err
	default:
		b, err := n.archive(nb)
		return b, "dbc", err
	}
}
