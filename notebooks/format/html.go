package format

import (
	"bytes"
	"encoding/base64"
	"errors"
	"path/filepath"
	"slices"
	"strings"

	"github.com/imdsscan/imdsscan/notebooks"
	"github.com/imdsscan/imdsscan/notebooks/codec"
	"github.com/imdsscan/imdsscan/notebooks/span"
)

// HTMLModel is the name of the variable in which Databricks' HTML exports have
// their notebook, packed so that no word of it can be seen.
const HTMLModel = "__DATABRICKS_NOTEBOOK_MODEL"

const exportAgain = "an HTML export is not edited: fix the notebook and export it again"

// htmlModel is where the notebook stands in an HTML export: packed between
// quotes, or in old ones as JSON up to no known end.
func htmlModel(name string, b []byte) (at span.Span, ok bool) {
	switch strings.ToLower(filepath.Ext(name)) {
	case ".html", ".htm", "":
	default:
		return at, false
	}
	i := bytes.Index(b, []byte(HTMLModel))
	if i < 0 {
		return at, false
	}
	rest := bytes.TrimLeft(b[i+len(HTMLModel):], " \t")
	if rest, ok = bytes.CutPrefix(rest, []byte("=")); !ok {
		return at, false
	}
	rest = bytes.TrimLeft(rest, " \t\r\n")
	at.Start = len(b) - len(rest)
	switch {
	case len(rest) > 0 && rest[0] == '{':
		at.End = len(b)
		return at, true
	case len(rest) == 0 || rest[0] != '\'' && rest[0] != '"':
		return at, false
	}
	at.Start++
	at.End = bytes.IndexByte(b[at.Start:], rest[0]) + at.Start
	return at, at.End >= at.Start
}

// htmlScan ties the places in the notebook's JSON to the packed text.
type htmlScan struct {
	model   span.Span // in the file
	percent []byte    // the model as base64 has it
	escaped bool      // it is percent-encoded once more
	places  map[int]int
}

// openHTML decodes the notebook in an HTML export. Only its commands are tied
// to the file letter by letter; the rest, which is mostly results, is decoded
// once and let go.
func openHTML(name string, b []byte, model span.Span) (*notebooks.Document, error) {
	if model.Start < len(b) && b[model.Start] == '{' {
		d, err := openV1(name, b, model.Start, false)
		if d != nil {
			d.Format, d.ReadOnly = notebooks.HTML, exportAgain
		}
		return d, err
	}
	h := &htmlScan{model: model}
	broken := func(reason string) error {
		return &SyntaxError{Offset: model.Start, Position: notebooks.PositionAt(b, model.Start), Reason: reason}
	}
	h.percent = make([]byte, base64.StdEncoding.DecodedLen(model.Len()))
	// Without the white space that the decoder would pass over, places can be
	// counted.
	packed := b[model.Start:model.End]
	n, err := base64.StdEncoding.Decode(h.percent, packed)
	if err != nil || bytes.ContainsAny(packed, "\r\n") {
		return nil, broken("the packed notebook is not base64")
	}
	h.percent = h.percent[:n]
	json := h.percent
	if h.escaped = !bytes.HasPrefix(h.percent, []byte("{")); h.escaped {
		if json, err = unescape(h.percent); err != nil {
			return nil, broken("the packed notebook is not percent-encoded")
		}
	}
	s, err := scanV1(json, 0, true)
	if err != nil {
		if bad := (*SyntaxError)(nil); errors.As(err, &bad) {
			err = broken(bad.Reason + " in the packed notebook")
		}
		return nil, err
	}
	d := &notebooks.Document{Path: name, Format: notebooks.HTML, Language: s.defaultLanguage(name),
		File: span.File(b), ReadOnly: exportAgain}
	h.locate(s)
	for _, p := range s.problems {
		p.Raw = h.raw(p.Raw)
		d.Problems = append(d.Problems, p)
	}
	for i := range s.commands {
		c := &s.commands[i]
		text, err := h.text(d.File, c.source)
		if err != nil {
			d.Problems = append(d.Problems, notebooks.Problem{Raw: h.raw(c.source), Cell: c.number, Reason: err.Error()})
			continue
		}
		c.add(d, text, text.All())
	}
	return d, nil
}

// locate finds the places in the percent-encoded text of all that is asked for
// later.
func (h *htmlScan) locate(s *v1Scan) {
	var offs []int
	for _, c := range s.commands {
		offs = append(offs, c.source.Start, c.source.End)
	}
	for _, p := range s.problems {
		offs = append(offs, p.Raw.Start, p.Raw.End)
	}
	slices.Sort(offs)
	h.places = make(map[int]int, len(offs))
	at, json := 0, 0
	for _, off := range offs {
		for ; json < off && at < len(h.percent); json++ {
			if h.escaped && h.percent[at] == '%' {
				at += 2
			}
			at++
		}
		h.places[off] = at
	}
}

// raw is the place in the file of one in the JSON, by whole groups of base64.
func (h *htmlScan) raw(s span.Span) span.Span {
	from, to := h.places[s.Start], h.places[s.End]
	return span.Span{Start: h.model.Start + from/3*4, End: h.model.Start + (to+2)/3*4}
}

// text is a part of the JSON as a text of the file.
func (h *htmlScan) text(file *span.Text, s span.Span) (*span.Text, error) {
	groups, err := file.Decode(h.raw(s), codec.Base64{})
	if err != nil {
		return nil, err
	}
	from, to := h.places[s.Start], h.places[s.End]
	text := groups.Slice(span.Span{Start: from % 3, End: from%3 + to - from})
	if !h.escaped {
		return text, nil
	}
	return text.Decode(text.All(), codec.Percent{})
}

// unescape decodes percent-encoded text.
func unescape(b []byte) ([]byte, error) {
	out := make([]byte, 0, len(b))
	for {
		i := bytes.IndexByte(b, '%')
		if i < 0 {
			return append(out, b...), nil
		}
		out = append(out, b[:i]...)
		if len(b) < i+3 {
			return nil, errors.New("it ends in an escape")
		}
		high, low := unhex(b[i+1]), unhex(b[i+2])
		if high < 0 || low < 0 {
			return nil, errors.New("no digits behind a percent sign")
		}
		out, b = append(out, byte(high<<4|low)), b[i+3:]
	}
}

func unhex(c byte) int {
	switch {
	case '0' <= c && c <= '9':
		return int(c - '0')
	case 'a' <= c|0x20 && c|0x20 <= 'f':
		return int(c|0x20-'a') + 10
	}
	return -1
}
