package format

import (
	"bytes"
	"fmt"
	"io"

	"github.com/go-json-experiment/json/jsontext"

	"github.com/imdsscan/imdsscan/notebooks"
	"github.com/imdsscan/imdsscan/notebooks/span"
)

type jsonSyntaxError = jsontext.SyntacticError

// notebookScan walks a Jupyter notebook's JSON once and keeps where its
// cells' sources are.
type notebookScan struct {
	b    []byte
	base int // where the JSON begins in b, after a BOM
	dec  *jsontext.Decoder

	nbformat   int
	worksheets bool // what nbformat 3 has in place of cells
	hasCells   bool

	vendorLanguage, kernelLanguage, kernelName, infoLanguage string

	cells    []rawCell
	problems []notebooks.Problem
}

func newNotebookScan(b []byte, start int) *notebookScan {
	s := &notebookScan{b: b, base: start}
	s.reset(b)
	return s
}

// reset starts at the beginning of text, which has the offsets of s.b.
func (s *notebookScan) reset(text []byte) {
	// A decoder reads a bytes.Buffer in place. Names may come twice and text
	// need not be UTF-8: what the notebook's own tools read, is read here.
	s.dec = jsontext.NewDecoder(bytes.NewBuffer(text[s.base:]),
		jsontext.AllowDuplicateNames(true), jsontext.AllowInvalidUTF8(true))
}

// offset is the place in the file after what was last read.
func (s *notebookScan) offset() int { return s.base + int(s.dec.InputOffset()) }

// document reads the whole file.
func (s *notebookScan) document() error {
	err := s.top()
	if err != nil {
		// Python's json module writes NaN and Infinity, which are not JSON.
		if text, ok := maskNaN(s.b, s.base); ok {
			*s = notebookScan{b: s.b, base: s.base}
			s.reset(text)
			err = s.top()
		}
	}
	if err != nil {
		return s.syntaxError(err)
	}
	end := s.offset()
	if _, err := s.dec.ReadToken(); err != io.EOF {
		rest := span.Span{Start: end, End: len(s.b)}
		rest.Start += rest.Len() - len(bytes.TrimLeft(s.b[end:], " \t\r\n"))
		s.problem(rest, 0, "text after the end of the notebook")
	}
	return nil
}

func (s *notebookScan) top() error {
	if s.dec.PeekKind() != '{' {
		if _, err := s.dec.ReadToken(); err != nil {
			return err
		}
		return fmt.Errorf("it is not a JSON object")
	}
	return s.object(func(name string) error {
		switch name {
		case "nbformat":
			return s.version()
		case "worksheets":
			s.worksheets = true
		case "cells":
			return s.cellList()
		case "metadata":
			return s.metadata()
		}
		return s.dec.SkipValue()
	})
}

// object calls member for each name of the object that comes next; member
// reads the value. A value of another type is passed over.
func (s *notebookScan) object(member func(name string) error) error {
	if s.dec.PeekKind() != '{' {
		return s.dec.SkipValue()
	}
	if _, err := s.dec.ReadToken(); err != nil {
		return err
	}
	for s.dec.PeekKind() != '}' {
		name, err := s.dec.ReadToken()
		if err != nil {
			return err
		}
		if err := member(name.String()); err != nil {
			return err
		}
	}
	_, err := s.dec.ReadToken()
	return err
}

// array calls element for each element of the array that comes next, which
// the caller has seen to be one.
func (s *notebookScan) array(element func() error) error {
	if _, err := s.dec.ReadToken(); err != nil {
		return err
	}
	for s.dec.PeekKind() != ']' {
		if err := element(); err != nil {
			return err
		}
	}
	_, err := s.dec.ReadToken()
	return err
}

// value reads the next value, whatever it is, and says where it stands.
func (s *notebookScan) value() (kind jsontext.Kind, at span.Span, err error) {
	kind = s.dec.PeekKind()
	v, err := s.dec.ReadValue()
	end := s.offset()
	return kind, span.Span{Start: end - len(v), End: end}, err
}

// text reads a string; any other value is "".
func (s *notebookScan) text() (string, error) {
	if s.dec.PeekKind() != '"' {
		return "", s.dec.SkipValue()
	}
	t, err := s.dec.ReadToken()
	if err != nil {
		return "", err
	}
	return t.String(), nil
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

// strings reads the named strings of the object that comes next.
func (s *notebookScan) strings(into map[string]*string) error {
	return s.object(func(name string) (err error) {
		if p := into[name]; p != nil {
			*p, err = s.text()
			return err
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
		return s.cell(n)
	})
}

func (s *notebookScan) cell(number int) error {
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
		case "source":
			if found {
				s.problem(c.source, number, `the cell has "source" twice; the last is read`)
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
	s.cells = append(s.cells, c)
	return nil
}

// source reads a cell's source, a string or a list of strings, and keeps the
// range between its first and its last quote.
func (s *notebookScan) source(c *rawCell) (ok bool, err error) {
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

func (s *notebookScan) problem(at span.Span, cell int, reason string) {
	s.problems = append(s.problems, notebooks.Problem{Raw: at, Cell: cell, Reason: reason})
}

// maskNaN returns a copy of b, from start on, with the numbers that Python
// writes and JSON lacks replaced by others of the same length. ok is false
// when there are none.
func maskNaN(b []byte, start int) (masked []byte, ok bool) {
	if !bytes.Contains(b, []byte("NaN")) && !bytes.Contains(b, []byte("Infinity")) {
		return nil, false
	}
	masked = bytes.Clone(b)
	for i := start; i < len(b); i++ {
		switch b[i] {
		case '"':
			for i++; i < len(b) && b[i] != '"'; i++ {
				if b[i] == '\\' {
					i++
				}
			}
		case 'N', 'I':
			for _, name := range []string{"NaN", "Infinity"} {
				if bytes.HasPrefix(b[i:], []byte(name)) {
					copy(masked[i:], "0.000000"[:len(name)])
					i += len(name) - 1
					ok = true
					break
				}
			}
		}
	}
	return masked, ok
}
