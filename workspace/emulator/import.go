package emulator

import (
	"bytes"
	"encoding/base64"
	"fmt"
	"io"
	"mime"
	"mime/multipart"
	"net/http"
	"path"
	"slices"
	"strings"
)

// importRequest is what an import was given.
type importRequest struct {
	path, format, language string
	overwrite              bool
	content                []byte
}

func (c *call) multipart() bool {
	kind, _, _ := mime.ParseMediaType(c.r.Header.Get("Content-Type"))
	return kind == "multipart/form-data"
}

// form reads an import that was posted as a form. [sdk: Upload]
func (c *call) form() (r importRequest, err error) {
	_, params, err := mime.ParseMediaType(c.r.Header.Get("Content-Type"))
	if err != nil {
		return r, malformed("Could not parse the form")
	}
	form := multipart.NewReader(bytes.NewReader(c.body), params["boundary"])
	for {
		part, err := form.NextPart()
		if err == io.EOF {
			return r, nil
		}
		if err != nil {
			return r, malformed("Could not parse the form")
		}
		value, err := io.ReadAll(part)
		if err != nil {
			return r, malformed("Could not parse the form")
		}
		switch part.FormName() {
		case "path":
			r.path = string(value)
		case "format":
			r.format = string(value)
		case "language":
			r.language = string(value)
		case "overwrite":
			switch string(value) {
			case "true":
				r.overwrite = true
			case "false":
			default:
				return r, invalid("Invalid value for parameter overwrite: %s", value)
			}
		case "content":
			r.content = value
		default:
			return r, malformed("Unknown field in the form: %s", part.FormName())
		}
	}
}

// posted reads an import that was posted as JSON. [sdk: Import]
func (c *call) posted() (r importRequest, err error) {
	var body struct {
		Path      string `json:"path"`
		Format    string `json:"format"`
		Language  string `json:"language"`
		Overwrite bool   `json:"overwrite"`
		Content   string `json:"content"`
	}
	if err := c.decode(&body); err != nil {
		return r, err
	}
	content, err := base64.StdEncoding.DecodeString(body.Content)
	if err != nil {
		return r, malformed("Invalid base64 content")
	}
	return importRequest{body.Path, body.Format, body.Language, body.Overwrite, content}, nil
}

func importObject(c *call) error {
	read := c.posted
	if c.multipart() {
		read = c.form
	}
	r, err := read()
	if err == nil {
		err = c.only()
	}
	if err != nil {
		return err
	}
	if err := checkPath(r.path); err != nil {
		return err
	}
	if int64(len(r.content)) > c.opt.MaxImport { // [sdk: Import.Content]
		return &apiError{http.StatusBadRequest, "MAX_NOTEBOOK_SIZE_EXCEEDED",
			fmt.Sprintf("File size imported is (%d bytes), exceeded max size (%d bytes)", len(r.content), c.opt.MaxImport), "MAX_NOTEBOOK_SIZE_EXCEEDED"}
	}
	if r.language != "" && suffixes[r.language] == "" {
		return invalid("Invalid value for parameter language: %s", r.language)
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if err := c.tree.importAs(r, c.opt.MaxImport); err != nil {
		return err
	}
	return c.json(struct{}{})
}

// importAs stores what was sent in the format it is said to be in.
func (t *tree) importAs(r importRequest, limit int64) error {
	switch r.format {
	case "", "SOURCE":
		if r.language == "" { // taken for an archive of source files [issue: databricks/cli 630]
			return t.importZip(r, limit, sourceMember)
		}
		content := r.content
		if !hasHeader(content, r.language) {
			content = slices.Concat([]byte(sourceHeader(r.language)+"\n"), content)
		}
		return t.store(r, stored{typeNotebook, r.language, "SOURCE", content})
	case "JUPYTER":
		nb, err := readJupyter(r.content)
		if err != nil {
			return invalid("The notebook is not a valid Jupyter notebook: %s", err)
		}
		return t.store(r, stored{typeNotebook, nb.language, "JUPYTER", r.content})
	case "HTML":
		nb, err := readHTML(r.content)
		if err != nil {
			return invalid("The notebook is not a valid HTML export: %s", err)
		}
		return t.store(r, stored{typeNotebook, nb.language, "SOURCE", nb.source()})
	case "DBC":
		if r.overwrite { // [sdk: Import.Overwrite]
			return invalid("Overwrite is not supported for format DBC")
		}
		return t.importZip(r, limit, dbcMember)
	case "AUTO":
		return t.importAuto(r)
	case "RAW":
		return t.store(r, stored{typeFile, "", "", r.content})
	case "R_MARKDOWN":
		return invalid("Format R_MARKDOWN is not supported")
	}
	return invalid("Invalid value for parameter format: %s", r.format)
}

// importAuto tells notebooks by suffix and header; they lose the suffix. All
// else is a file. [sdk: Import.Format]
func (t *tree) importAuto(r importRequest) error {
	name, s := sourceMember(r.path, r.content)
	if s.kind == typeNotebook {
		r.path = name
	}
	return t.store(r, s)
}

// stored is what becomes of an import.
type stored struct {
	kind, language, format string
	content                []byte
}

// sourceMember tells what a file is, and its name as an object.
func sourceMember(name string, content []byte) (string, stored) {
	ext := path.Ext(name)
	bare := strings.TrimSuffix(name, ext)
	if ext == ".ipynb" {
		if nb, err := readJupyter(content); err == nil {
			return bare, stored{typeNotebook, nb.language, "JUPYTER", content}
		}
	}
	for language, suffix := range suffixes {
		if strings.EqualFold(ext, "."+suffix) && hasHeader(content, language) {
			return bare, stored{typeNotebook, language, "SOURCE", content}
		}
	}
	return name, stored{typeFile, "", "", content}
}

// dbcMember reads a notebook of an archive.
func dbcMember(name string, content []byte) (string, stored) {
	nb, _, err := readV1(content)
	if err != nil {
		return name, stored{typeFile, "", "", content}
	}
	return strings.TrimSuffix(name, path.Ext(name)), stored{typeNotebook, nb.language, "SOURCE", nb.source()}
}

// importZip stores the members of an archive: below the path, or at it when
// there is only one.
func (t *tree) importZip(r importRequest, limit int64, read func(string, []byte) (string, stored)) error {
	members, names, err := readZip(r.content, limit)
	if err != nil {
		return err
	}
	if len(names) == 0 {
		return invalid("The zip archive contains no items")
	}
	if len(names) == 1 && !strings.Contains(names[0], "/") {
		_, s := read(names[0], members[names[0]])
		return t.store(r, s)
	}
	if t.find(r.path) != nil && !r.overwrite {
		return exists(r.path)
	}
	parent := t.find(path.Dir(plain(r.path)))
	if parent == nil || !parent.folder() {
		return missing("The parent folder (%s) does not exist.", path.Dir(r.path))
	}
	if err := t.placeFor(parent); err != nil {
		return err
	}
	for _, name := range names {
		// The folder at the top of an archive becomes the path itself.
		_, below, ok := strings.Cut(name, "/")
		if !ok {
			below = name
		}
		name, s := read(below, members[name])
		p := path.Join(plain(r.path), name)
		if t.mkdirs(path.Dir(p)) == nil {
			return exists(path.Dir(p))
		}
		if err := t.store(importRequest{path: p, overwrite: r.overwrite}, s); err != nil {
			return err
		}
	}
	return nil
}

func exists(p string) error {
	return &apiError{http.StatusBadRequest, "RESOURCE_ALREADY_EXISTS", "Path (" + p + ") already exists.", ""} // [cli]
}

// store puts an object at its path, or new content into the one there. Id,
// permissions and time of creation stay. [?: facts, "Overwriting a notebook"]
func (t *tree) store(r importRequest, s stored) error {
	n := t.find(r.path)
	if n != nil && t.hidden(n) {
		return denied("%s does not have CAN_EDIT permissions on %s. Please contact the owner or an administrator for access.", t.s.opt.User, r.path)
	}
	switch {
	case n == nil:
		dir, name := path.Split(plain(r.path))
		parent := t.find(dir)
		if parent == nil || !parent.folder() || t.hidden(parent) {
			return missing("The parent folder (%s) does not exist.", path.Dir(r.path)) // [issue]
		}
		if err := t.placeFor(parent); err != nil {
			return err
		}
		n = t.attach(parent, name, s.kind)
	case !r.overwrite:
		return exists(r.path)
	case n.kind != s.kind: // [cli]
		return invalid("Cannot overwrite the asset at %s due to type mismatch (asked: %s, actual: %s).", r.path, s.kind, n.kind)
	default:
		if err := t.writable(n); err != nil {
			return err
		}
		n = t.keep(n)
		if n.modified != 0 {
			n.modified = t.now()
		}
		if t.recreate {
			delete(t.byID, n.id)
			n.id, n.acl, n.created = t.take(1), nil, t.now()
			t.byID[n.id] = n
		}
	}
	n.content = bytes.Clone(s.content)
	if t.norm != nil {
		n.content = t.norm(n.path(), n.content)
	}
	n.language, n.format = s.language, s.format
	n.writes++
	return nil
}
