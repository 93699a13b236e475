package format

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"slices"
	"strings"

	"github.com/imdsscan/imdsscan/notebooks"
	"github.com/imdsscan/imdsscan/notebooks/codec"
	"github.com/imdsscan/imdsscan/notebooks/span"
)

// isIPynb tells a Jupyter notebook by its name, or by its first bytes when it
// comes without a name that says anything.
func isIPynb(name string, b []byte) bool {
	switch strings.ToLower(filepath.Ext(name)) {
	case ".ipynb":
		return true
	case "":
		t := bytes.TrimLeft(b, " \t\r\n")
		return len(t) > 0 && t[0] == '{' && bytes.Contains(b, []byte(`"nbformat"`)) && bytes.Contains(b, []byte(`"cells"`))
	}
	return false
}

// openIPynb decodes a Jupyter notebook. Outputs are passed over, never
// decoded: the memory used beside the file's own is that of its code.
func openIPynb(name string, b []byte, start int) (*notebooks.Document, error) {
	s := newNotebookScan(b, start)
	if err := s.document(); err != nil {
		return nil, err
	}
	switch {
	case s.nbformat != 0 && s.nbformat != 4, s.worksheets && !s.hasCells:
		version := fmt.Sprintf("nbformat %d", s.nbformat)
		if s.nbformat == 0 {
			version = "nbformat 3 or older"
		}
		return nil, fmt.Errorf("%w: %s; only 4 is read", ErrUnsupported, version)
	case !s.hasCells:
		return nil, s.errorAt(start, "it has no cells")
	}
	d := &notebooks.Document{Path: name, Format: notebooks.IPynb, Language: s.language(),
		File: span.File(b), Problems: s.problems}
	for i := range s.cells {
		s.cells[i].add(d)
	}
	slices.SortStableFunc(d.Problems, func(p, q notebooks.Problem) int { return p.Raw.Start - q.Raw.Start })
	return d, nil
}

// rawCell is a cell as it was found in the JSON.
type rawCell struct {
	number    int
	kind      string
	id, title string
	list      bool      // source is a list of strings
	source    span.Span // between the first and last quote; empty without text
}

// add decodes the cell's source and adds the cell to d.
func (c *rawCell) add(d *notebooks.Document) {
	var layer span.Layer = codec.JSONString{}
	if c.list {
		layer = codec.JSONLines{}
	}
	text, err := d.File.Decode(c.source, layer)
	if err == nil {
		text, err = unixCell(text)
	}
	if err != nil {
		d.Problems = append(d.Problems, notebooks.Problem{Raw: c.source, Cell: c.number, Reason: err.Error()})
		return
	}
	cell := &notebooks.Cell{Number: c.number, ID: c.id, Title: c.title, Text: text, Code: text}
	switch c.kind {
	case "markdown":
		cell.Language = notebooks.Markdown
	case "raw":
		cell.Language = notebooks.Text
	default:
		setCode(cell, d.Language)
	}
	d.Cells = append(d.Cells, cell)
}

// unixCell is t with line ends as LF, t itself where they are.
func unixCell(t *span.Text) (*span.Text, error) {
	if bytes.IndexByte(t.Bytes(), '\r') < 0 {
		return t, nil
	}
	return t.Decode(t.All(), codec.Newlines{})
}

// language is the notebook's default language. What Databricks writes comes
// first: kernel metadata says "python" in its notebooks of any language.
func (s *notebookScan) language() notebooks.Language {
	for _, name := range []string{s.vendorLanguage, s.kernelLanguage, s.infoLanguage, s.kernelName} {
		if name == "" {
			continue
		}
		name = strings.ToLower(name)
		switch {
		case strings.Contains(name, "python") || name == "pyspark" || name == "pysparkkernel":
			return notebooks.Python
		case name == "scala" || name == "spark" || strings.HasPrefix(name, "spylon") || name == "sparkkernel":
			return notebooks.Scala
		case name == "r" || name == "ir" || name == "sparkr":
			return notebooks.R
		case name == "sql":
			return notebooks.SQL
		case name == "bash" || name == "sh" || name == "shell":
			return notebooks.Shell
		case name == "java":
			return notebooks.Java
		}
		return notebooks.Text
	}
	return notebooks.Python
}

// syntaxError turns what the JSON reader says into where and why.
func (s *notebookScan) syntaxError(err error) error {
	at, reason := s.offset(), err.Error()
	var syn *jsonSyntaxError
	if errors.As(err, &syn) {
		at = s.base + int(syn.ByteOffset)
		if syn.Err != nil {
			reason = syn.Err.Error()
		}
	}
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		at, reason = len(s.b), "it ends too early"
	}
	return s.errorAt(at, reason)
}

func (s *notebookScan) errorAt(at int, reason string) error {
	return &SyntaxError{Offset: at, Position: notebooks.PositionAt(s.b, at), Reason: reason}
}
