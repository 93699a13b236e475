package format

import (
	"bytes"
	"fmt"

	"github.com/imdsscan/imdsscan/notebooks/span"
)

// notebookScan keeps where the cells of a Jupyter notebook have their sources.
type notebookScan struct {
	*jsonScan

	nbformat int
	hasCells bool
	// old are the cells of nbformat 3 and 2, which stand in worksheets.
	old    []rawCell
	hasOld bool

	vendorLanguage, kernelLanguage, kernelName, infoLanguage string

	cells []rawCell
}

func (s *notebookScan) document() error {
	return s.top(func(name string) error {
		switch name {
		case "nbformat":
			return s.version()
		case "worksheets":
			return s.worksheets()
		case "cells":
			return s.cellList()
		case "metadata":
			return s.metadata()
		}
		return s.dec.SkipValue()
	})
}

func (s *notebookScan) version() error {
	if s.dec.PeekKind() != '0' {
		return s.dec.SkipValue()
	}
	t, err := s.dec.ReadToken()
	if err != nil {
		return err
	}
	n, err := t.Int()
	if err != nil {
		n = -1 // a fraction: no version there is
	}
	s.nbformat = int(n)
	return nil
}

// metadata reads the notebook's metadata for its language.
func (s *notebookScan) metadata() error {
	return s.object(func(name string) error {
		switch name {
		case "application/vnd.databricks.v1+notebook":
			return s.strings(map[string]*string{"language": &s.vendorLanguage})
		case "kernelspec":
			return s.strings(map[string]*string{"language": &s.kernelLanguage, "name": &s.kernelName})
		case "language_info":
			return s.strings(map[string]*string{"name": &s.infoLanguage})
		}
		return s.dec.SkipValue()
	})
}

func (s *notebookScan) cellList() error {
	if s.dec.PeekKind() != '[' {
		_, at, err := s.value()
		s.problem(at, 0, `"cells" is not a list`)
		return err
	}
	if s.hasCells {
		s.problem(span.Span{Start: s.offset(), End: s.offset()}, 0, `the notebook has "cells" twice; the last is read`)
	}
	s.hasCells, s.cells = true, nil
	n := 0
	return s.array(func() error {
		n++
		return s.cell(&s.cells, n, "source")
	})
}

// worksheets reads the cells of nbformat 3: they are numbered through, and a
// code cell has its code under another name.
func (s *notebookScan) worksheets() error {
	if s.hasOld = true; s.dec.PeekKind() != '[' {
		_, at, err := s.value()
		s.problem(at, 0, `"worksheets" is not a list`)
		return err
	}
	n := 0
	return s.array(func() error {
		return s.object(func(name string) error {
			if name != "cells" || s.dec.PeekKind() != '[' {
				return s.dec.SkipValue()
			}
			return s.array(func() error {
				n++
				return s.cell(&s.old, n, "input")
			})
		})
	})
}

// cell reads a cell into list; code is the name of the member that holds a
// code cell's code.
func (s *notebookScan) cell(list *[]rawCell, number int, code string) error {
	if s.dec.PeekKind() != '{' {
		_, at, err := s.value()
		s.problem(at, number, "the cell is not a JSON object")
		return err
	}
	c := rawCell{number: number}
	found, start := false, -1
	err := s.object(func(name string) (err error) {
		if start < 0 {
			start = s.offset()
		}
		switch name {
		case "cell_type":
			c.kind, err = s.text()
		case "id":
			c.id, err = s.text()
		case "metadata":
			err = s.object(func(name string) error {
				if name == "application/vnd.databricks.v1+cell" {
					return s.strings(map[string]*string{"title": &c.title})
				}
				return s.dec.SkipValue()
			})
		case "source", code:
			if found {
				s.problem(c.source, number, fmt.Sprintf("the cell has %q twice; the last is read", name))
			}
			found, err = s.source(&c)
		default:
			err = s.dec.SkipValue()
		}
		return err
	})
	if err != nil {
		return err
	}
	if !found {
		end := s.offset()
		if start < 0 {
			start = end - 1 // an empty object
		}
		s.problem(span.Span{Start: start, End: end}, number, "the cell has no readable source")
		return nil
	}
	*list = append(*list, c)
	return nil
}

// source reads a cell's source, a string or a list of strings, and keeps the
// range between its first and its last quote.
func (s *jsonScan) source(c *rawCell) (ok bool, err error) {
	kind, at, err := s.value()
	if err != nil {
		return false, err
	}
	c.list = kind == '['
	switch kind {
	case '"':
		c.source = span.Span{Start: at.Start + 1, End: at.End - 1}
		return true, nil
	case '[':
		// Only strings may stand between the quotes; the layer makes sure.
		list := s.b[at.Start+1 : at.End-1]
		first, last := bytes.IndexByte(list, '"'), bytes.LastIndexByte(list, '"')
		blank := " \t\r\n"
		if first < 0 {
			c.source = span.Span{Start: at.Start + 1, End: at.Start + 1}
			return len(bytes.Trim(list, blank)) == 0, nil
		}
		if len(bytes.Trim(list[:first], blank)) > 0 || len(bytes.Trim(list[last+1:], blank)) > 0 {
			return false, nil
		}
		c.source = span.Span{Start: at.Start + 1 + first + 1, End: at.Start + 1 + last}
		return true, nil
	}
	return false, nil
}
