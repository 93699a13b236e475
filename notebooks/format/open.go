// Package format turns the bytes of a file into a document: notebooks of
// Databricks, Jupyter and Zeppelin, R Markdown, and plain files in one language.
//
// One file a format. The package knows what platforms write into files; it
// knows nothing of what the code in the cells does, and it never changes a
// byte: every cell is tied to the file through package span.
package format

import (
	"bytes"
	"errors"
	"fmt"
	"path"
	"path/filepath"

	"github.com/imdsscan/imdsscan/notebooks"
	"github.com/imdsscan/imdsscan/notebooks/codec"
	"github.com/imdsscan/imdsscan/notebooks/span"
)

// Open reports a file that it cannot decode at all with one of these, wrapped.
var (
	// ErrBinary: the file is not text.
	ErrBinary = errors.New("binary file")
	// ErrEncoding: the file is text in an encoding that is not read.
	ErrEncoding = errors.New("text encoding is not supported")
	// ErrUnsupported: a notebook of a version that is not read.
	ErrUnsupported = errors.New("notebook format is not supported")
	// ErrSyntax: a notebook whose JSON is broken; see [SyntaxError].
	ErrSyntax = errors.New("notebook is not valid")
)

// SyntaxError says where a notebook's JSON breaks off. It wraps ErrSyntax.
type SyntaxError struct {
	Offset int // in the file
	notebooks.Position
	Reason string
}

func (e *SyntaxError) Error() string {
	return fmt.Sprintf("notebook is not valid: %s at byte %d (line %d, column %d)", e.Reason, e.Offset, e.Line, e.Column)
}

func (e *SyntaxError) Unwrap() error { return ErrSyntax }

// bom is UTF-8's byte order mark. It is no part of any cell.
var bom = []byte("\xef\xbb\xbf")

// Open decodes a file. The name decides between languages and is reported as
// the document's path; nothing is read from disk. b must not change while the
// document is in use.
//
// A part that cannot be decoded becomes a Problem of the document; an error
// means that there is no document at all.
func Open(path string, b []byte) (*notebooks.Document, error) { return OpenAs(path, path, b) }

// OpenAs is Open for a file whose name does not say what it is; name is one
// that would.
func OpenAs(path, name string, b []byte) (*notebooks.Document, error) {
	d, err := open(name, b)
	if d != nil {
		d.Path, d.Name = path, name
	}
	return d, err
}

func open(path string, b []byte) (*notebooks.Document, error) {
	if bytes.HasPrefix(b, []byte("\xff\xfe")) || bytes.HasPrefix(b, []byte("\xfe\xff")) {
		return nil, fmt.Errorf("%w: UTF-16", ErrEncoding)
	}
	start := 0
	if bytes.HasPrefix(b, bom) {
		start = len(bom)
	}
	if isIPynb(path, b[start:]) {
		return openIPynb(path, b, start)
	}
	if isV1(path, b[start:]) {
		return openV1(path, b, start, true)
	}
	if isZeppelin(path, b[start:]) {
		return openZeppelin(path, b, start)
	}
	if model, ok := htmlModel(path, b); ok {
		return openHTML(path, b, model)
	}
	known, _ := suffixLanguage(path)
	if known == "" && bytes.IndexByte(b[:min(len(b), binaryProbe)], 0) >= 0 {
		return nil, fmt.Errorf("%w: NUL byte", ErrBinary)
	}
	d := &notebooks.Document{Path: path, File: span.File(b)}
	body, err := unixText(d.File, span.Span{Start: start, End: len(b)})
	if err != nil {
		return nil, err
	}
	if w := weaveOf(path); w != nil {
		openWeave(d, body, w)
	} else if mark, ok := sourceMark(path, body.Bytes()); ok {
		openSource(d, body, mark)
	} else {
		openPlain(d, body)
	}
	if i := bytes.IndexByte(b, 0); i >= 0 && known != "" {
		d.Problems = append(d.Problems, notebooks.Problem{
			Raw: span.Span{Start: i, End: i + 1}, Reason: "NUL byte in source code"})
	}
	return d, nil
}

// AsList makes a file a list of requirements, which others install it as,
// whatever its name says. One in a language of its own stays what it is.
func AsList(d *notebooks.Document) {
	if d.Format == notebooks.Plain && d.Language == notebooks.Text {
		d.Language, d.Manifest = notebooks.Packages, notebooks.Requirements
		d.Cells[0].Language = notebooks.Packages
	}
}

// Again opens other bytes of a document's file as what the document is.
func Again(d *notebooks.Document, b []byte) (*notebooks.Document, error) {
	next, err := OpenAs(d.Path, d.Name, b)
	if err == nil {
		next.Beside, next.Together = d.Beside, d.Together
		if d.Manifest == notebooks.Requirements {
			AsList(next)
		}
	}
	return next, err
}

// binaryProbe is how much of a file without a telling name is searched for
// NUL bytes; git looks as far.
const binaryProbe = 8000

// unixText is a range of t with lines ended by LF.
func unixText(t *span.Text, rng span.Span) (*span.Text, error) {
	if bytes.IndexByte(t.Bytes()[rng.Start:rng.End], '\r') < 0 {
		return t.Slice(rng), nil
	}
	return t.Decode(rng, codec.Newlines{})
}

// openPlain fills d with a file in one language.
func openPlain(d *notebooks.Document, body *span.Text) {
	d.Format = notebooks.Plain
	d.Language = plainLanguage(d.Path, body.Bytes())
	if m := ownLanguage[path.Base(filepath.ToSlash(d.Path))]; m != "" {
		d.Manifest, d.Language = m, notebooks.Packages
	} else if d.Language == notebooks.Text {
		if d.Manifest = manifestOf(d.Path, body.Bytes()); d.Manifest != "" {
			d.Language = notebooks.Packages
		}
	}
	d.Cells = []*notebooks.Cell{{Language: d.Language, Text: body, Code: body}}
}
