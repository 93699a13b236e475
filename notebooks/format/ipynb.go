package format

import (
	"bytes"
	"fmt"
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
	case "", ".python": // the latter in a DBC archive
		return isJupyter(b)
	}
	return false
}

func isJupyter(b []byte) bool {
	t := bytes.TrimLeft(b, " \t\r\n")
	return len(t) > 0 && t[0] == '{' && bytes.Contains(b, []byte(`"nbformat"`)) && !bytes.Contains(b, []byte(`"NotebookV1"`)) &&
		(bytes.Contains(b, []byte(`"cells"`)) || bytes.Contains(b, []byte(`"worksheets"`)))
}

// openIPynb decodes a Jupyter notebook. Outputs are passed over, never
// decoded: the memory used beside the file's own is that of its code.
func openIPynb(name string, b []byte, start int) (*notebooks.Document, error) {
	var s *notebookScan
	err := scanJSON(b, start, true, func(j *jsonScan) error {
		s = &notebookScan{jsonScan: j}
		return s.document()
	})
	if err != nil {
		return nil, err
	}
	cells := s.cells
	switch {
	case s.nbformat != 0 && (s.nbformat < 2 || s.nbformat > 4):
		return nil, fmt.Errorf("%w: nbformat %d; 2 to 4 are read", ErrUnsupported, s.nbformat)
	case !s.hasCells && s.hasOld:
		cells = s.old
	case !s.hasCells:
		return nil, s.errorAt(start, "it has no cells")
	}
	d := &notebooks.Document{Path: name, Format: notebooks.IPynb, Language: s.language(),
		File: span.File(b), Problems: s.problems}
	for i := range cells {
		cells[i].add(d, d.File, cells[i].source)
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

// add decodes the cell's source, which stands in json at that place, and adds
// the cell to d.
func (c *rawCell) add(d *notebooks.Document, json *span.Text, at span.Span) {
	var layer span.Layer = codec.JSONString{}
	if c.list {
		layer = codec.JSONLines{}
	}
	text, err := json.Decode(at, layer)
	if err == nil {
		text, err = unixCell(text)
	}
	if err != nil {
		d.Problems = append(d.Problems, notebooks.Problem{Raw: json.Raw(at), Cell: c.number, Reason: err.Error()})
		return
	}
	cell := &notebooks.Cell{Number: c.number, ID: c.id, Title: c.title, Text: text, Code: text}
	switch c.kind {
	case "markdown", "heading":
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
