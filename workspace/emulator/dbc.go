package emulator

import (
	"archive/zip"
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/url"
	"path"
	"slices"
	"strings"
	"unicode"
)

// v1 is a notebook as a DBC archive holds it.
type v1 struct {
	Version  string      `json:"version"`
	OrigID   int64       `json:"origId"`
	Name     string      `json:"name"`
	Language string      `json:"language"`
	Commands []v1Command `json:"commands"`
	GUID     string      `json:"guid"`
}

type v1Command struct {
	Version   string  `json:"version"`
	GUID      string  `json:"guid"`
	Subtype   string  `json:"subtype"`
	Position  float64 `json:"position"`
	Command   string  `json:"command"`
	State     string  `json:"state"`
	Title     string  `json:"commandTitle"`
	ShowTitle bool    `json:"showCommandTitle"`
}

// guid is an id that the same names always get.
func guid(parts ...string) string {
	h := sha256.Sum256([]byte(strings.Join(parts, "\x00")))
	return fmt.Sprintf("%x-%x-%x-%x-%x", h[:4], h[4:6], h[6:8], h[8:10], h[10:16])
}

// v1 is the JSON of a notebook in an archive.
func (nb notebook) v1(name string, id int64) ([]byte, error) {
	doc := v1{Version: "NotebookV1", OrigID: id, Name: name, Language: strings.ToLower(nb.language), GUID: guid(name), Commands: []v1Command{}}
	for i, c := range nb.commands {
		doc.Commands = append(doc.Commands, v1Command{Version: "CommandV1", GUID: guid(name, fmt.Sprint(i)), Subtype: "command",
			Position: float64(i + 1), Command: c.text, State: "finished", Title: c.title, ShowTitle: c.title != ""})
	}
	return json.Marshal(doc)
}

func readV1(b []byte) (notebook, string, error) {
	var doc v1
	if err := json.Unmarshal(b, &doc); err != nil {
		return notebook{}, "", err
	}
	language := strings.ToUpper(doc.Language)
	if doc.Version != "NotebookV1" || suffixes[language] == "" {
		return notebook{}, "", errors.New("not a NotebookV1")
	}
	slices.SortStableFunc(doc.Commands, func(a, b v1Command) int {
		switch {
		case a.Position < b.Position:
			return -1
		case a.Position > b.Position:
			return 1
		}
		return 0
	})
	nb := notebook{language: language}
	for _, c := range doc.Commands {
		nb.commands = append(nb.commands, command{text: c.Command, title: c.Title})
	}
	return nb, doc.Name, nil
}

// dbc is the archive of an object and what is in it, with files only when they
// are wanted. fn tells what may be read.
func (t *tree) dbc(n *node, files bool) ([]byte, error) {
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	var add func(n *node, dir string) error
	add = func(n *node, dir string) error {
		if t.hidden(n) || t.readable(n) != nil {
			return nil
		}
		name := path.Join(dir, n.name)
		switch {
		case n.folder():
			if _, err := z.Create(name + "/"); err != nil {
				return err
			}
			return n.each(func(c *node) error { return add(c, name) })
		case n.kind == typeNotebook:
			nb, err := n.open()
			if err != nil {
				return err
			}
			doc, err := nb.v1(n.name, n.id)
			if err != nil {
				return err
			}
			return addMember(z, name+"."+strings.ToLower(nb.language), doc)
		case n.kind == typeFile && files:
			return addMember(z, name, n.content)
		}
		return nil
	}
	if err := add(n, ""); err != nil {
		return nil, err
	}
	if err := z.Close(); err != nil {
		return nil, err
	}
	return b.Bytes(), nil
}

func addMember(z *zip.Writer, name string, content []byte) error {
	w, err := z.Create(name)
	if err != nil {
		return err
	}
	_, err = w.Write(content)
	return err
}

// readZip are the members of an archive, the folders left out.
func readZip(b []byte, limit int64) (map[string][]byte, []string, error) {
	z, err := zip.NewReader(bytes.NewReader(b), int64(len(b)))
	if err != nil {
		return nil, nil, invalid("The zip file may not be valid or may be an unsupported version.") // [issue: databricks/cli 630]
	}
	members := map[string][]byte{}
	var names []string
	for _, f := range z.File {
		if strings.HasSuffix(f.Name, "/") {
			continue
		}
		if !safeName(f.Name) {
			return nil, nil, invalid("The zip file contains an invalid path: %s", f.Name)
		}
		r, err := f.Open()
		if err != nil {
			return nil, nil, invalid("The zip file may not be valid or may be an unsupported version.")
		}
		content, err := io.ReadAll(io.LimitReader(r, limit+1))
		if err != nil || int64(len(content)) > limit {
			return nil, nil, invalid("The zip file may not be valid or may be an unsupported version.")
		}
		members[f.Name] = content
		names = append(names, f.Name)
	}
	return members, names, nil
}

func safeName(name string) bool {
	return name != "" && !strings.HasPrefix(name, "/") && !strings.Contains(name, "//") && !slices.Contains(strings.Split(name, "/"), "..")
}

const htmlModel = "__DATABRICKS_NOTEBOOK_MODEL = '"

// html is the export for browsers: the notebook percent-encoded, as base64.
func (nb notebook) html(name string, id int64) ([]byte, error) {
	doc, err := nb.v1(name, id)
	if err != nil {
		return nil, err
	}
	model := base64.StdEncoding.EncodeToString([]byte(url.PathEscape(string(doc))))
	return []byte("<!DOCTYPE html>\n<html>\n<head>\n<meta charset=\"utf-8\">\n<title>" + htmlText(name) + " - Databricks</title>\n</head>\n<body>\n" +
		"<script>\nvar " + htmlModel + model + "';\n</script>\n</body>\n</html>\n"), nil
}

func htmlText(s string) string {
	return strings.Map(func(r rune) rune {
		if strings.ContainsRune("<>&\"'", r) || !unicode.IsPrint(r) {
			return '_'
		}
		return r
	}, s)
}

func readHTML(b []byte) (notebook, error) {
	_, rest, ok := bytes.Cut(b, []byte(htmlModel))
	model, _, ok2 := bytes.Cut(rest, []byte("'"))
	if !ok || !ok2 {
		return notebook{}, errors.New("no notebook in the HTML")
	}
	packed, err := base64.StdEncoding.DecodeString(string(model))
	if err != nil {
		return notebook{}, err
	}
	doc, err := url.PathUnescape(string(packed))
	if err != nil {
		return notebook{}, err
	}
	nb, _, err := readV1([]byte(doc))
	return nb, err
}

// archive is a DBC archive of one notebook.
func (n *node) archive(nb notebook) ([]byte, error) {
	doc, err := nb.v1(n.name, n.id)
	if err != nil {
		return nil, err
	}
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	if err := addMember(z, n.name+"."+strings.ToLower(nb.language), doc); err != nil {
		return nil, err
	}
	err = z.Close()
	return b.Bytes(), err
}
