package format

import (
	"bytes"
	"errors"
	"fmt"
	"io"

	"github.com/go-json-experiment/json/jsontext"

	"github.com/imdsscan/imdsscan/notebooks"
	"github.com/imdsscan/imdsscan/notebooks/span"
)

// jsonScan walks a JSON text once and says where its values stand. Its
// offsets are those of b.
type jsonScan struct {
	b        []byte
	base     int // where the JSON begins in b, after a BOM
	dec      *jsontext.Decoder
	problems []notebooks.Problem
}

// scanJSON reads the JSON object in b from start on with walk; alone says that
// nothing may follow it. It may call walk a second time, on a scan that begins
// anew.
func scanJSON(b []byte, start int, alone bool, walk func(*jsonScan) error) error {
	s := newJSONScan(b, b, start)
	err := walk(s)
	if err != nil {
		// Python's json module writes NaN and Infinity, which are not JSON.
		if text, ok := maskNaN(b, start); ok {
			s = newJSONScan(b, text, start)
			err = walk(s)
		}
	}
	if err != nil {
		return s.syntaxError(err)
	}
	if !alone {
		return nil
	}
	end := s.offset()
	if _, err := s.dec.ReadToken(); err != io.EOF {
		rest := span.Span{Start: end, End: len(b)}
		rest.Start += rest.Len() - len(bytes.TrimLeft(b[end:], " \t\r\n"))
		s.problem(rest, 0, "text after the end of the notebook")
	}
	return nil
}

// newJSONScan reads text, which has the offsets of b.
func newJSONScan(b, text []byte, start int) *jsonScan {
	// A decoder reads a bytes.Buffer in place. Names may come twice and text
	// need not be UTF-8: what the notebook's own tools read, is read here.
	return &jsonScan{b: b, base: start, dec: jsontext.NewDecoder(bytes.NewBuffer(text[start:]),
		jsontext.AllowDuplicateNames(true), jsontext.AllowInvalidUTF8(true))}
}

// top reads the members of the object that the text is.
func (s *jsonScan) top(member func(name string) error) error {
	if s.dec.PeekKind() != '{' {
		if _, err := s.dec.ReadToken(); err != nil {
			return err
		}
		return fmt.Errorf("it is not a JSON object")
	}
	return s.object(member)
}

// offset is the place in the file after what was last read.
func (s *jsonScan) offset() int { return s.base + int(s.dec.InputOffset()) }

// object calls member for each name of the object that comes next; member
// reads the value. A value of another type is passed over.
func (s *jsonScan) object(member func(name string) error) error {
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
func (s *jsonScan) array(element func() error) error {
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
func (s *jsonScan) value() (kind jsontext.Kind, at span.Span, err error) {
	kind = s.dec.PeekKind()
	v, err := s.dec.ReadValue()
	end := s.offset()
	return kind, span.Span{Start: end - len(v), End: end}, err
}

// text reads a string; any other value is "".
func (s *jsonScan) text() (string, error) {
	if s.dec.PeekKind() != '"' {
		return "", s.dec.SkipValue()
	}
	t, err := s.dec.ReadToken()
	if err != nil {
		return "", err
	}
	return t.String(), nil
}

// strings reads the named strings of the object that comes next.
func (s *jsonScan) strings(into map[string]*string) error {
	return s.object(func(name string) (err error) {
		if p := into[name]; p != nil {
			*p, err = s.text()
			return err
		}
		return s.dec.SkipValue()
	})
}

func (s *jsonScan) problem(at span.Span, cell int, reason string) {
	s.problems = append(s.problems, notebooks.Problem{Raw: at, Cell: cell, Reason: reason})
}

// syntaxError turns what the JSON reader says into where and why.
func (s *jsonScan) syntaxError(err error) error {
	at, reason := s.offset(), err.Error()
	var syn *jsontext.SyntacticError
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

func (s *jsonScan) errorAt(at int, reason string) error {
	return &SyntaxError{Offset: at, Position: notebooks.PositionAt(s.b, at), Reason: reason}
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
