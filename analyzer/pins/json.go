package pins

import (
	"bytes"
	"errors"
	"fmt"
	"io"

	"github.com/go-json-experiment/json/jsontext"

	"github.com/imdsscan/imdsscan/analyzer/imds"
	"github.com/imdsscan/imdsscan/notebooks/codec"
	"github.com/imdsscan/imdsscan/notebooks/span"
)

// parseJSON reads the manifest as JSON.
func parseJSON(r *reader) (root *Item, at int, err error) {
	dec := jsontext.NewDecoder(bytes.NewBuffer(r.u.Text.Bytes()), jsontext.AllowDuplicateNames(true), jsontext.AllowInvalidUTF8(true))
	root, err = r.jsonValue(dec)
	if err == nil {
		if _, end := dec.ReadToken(); end != io.EOF {
			err = errors.New("text after its end")
		}
	}
	if err != nil {
		at = int(dec.InputOffset())
		if bad := (*jsontext.SyntacticError)(nil); errors.As(err, &bad) {
			at, err = int(bad.ByteOffset), bad.Err
		}
		return nil, at, fmt.Errorf("not valid JSON: %w", err)
	}
	return root, 0, nil
}

// jsonValue reads one value; the decoder bounds how deep they are nested.
func (r *reader) jsonValue(dec *jsontext.Decoder) (*Item, error) {
	switch dec.PeekKind() {
	case '{':
		out := &Item{isTab: true}
		if _, err := dec.ReadToken(); err != nil {
			return nil, err
		}
		for dec.PeekKind() != '}' {
			name, at, err := r.jsonString(dec)
			if err != nil {
				return nil, err
			}
			key := flat(name)
			v, err := r.jsonValue(dec)
			if err != nil {
				return nil, err
			}
			out.set(member{key, at, v})
		}
		_, err := dec.ReadToken()
		return out, err
	case '[':
		out := &Item{list: []*Item{}}
		if _, err := dec.ReadToken(); err != nil {
			return nil, err
		}
		for dec.PeekKind() != ']' {
			v, err := r.jsonValue(dec)
			if err != nil {
				return nil, err
			}
			out.list = append(out.list, v)
		}
		_, err := dec.ReadToken()
		return out, err
	case '"':
		text, at, err := r.jsonString(dec)
		return &Item{text: text, span: at}, err
	}
	raw, err := dec.ReadValue()
	if err != nil {
		return nil, err
	}
	end := int(dec.InputOffset())
	at := span.Span{Start: end - len(raw), End: end}
	return &Item{text: r.lit(at), span: at}, nil
}

// jsonString reads a string, decoded where it has escapes.
func (r *reader) jsonString(dec *jsontext.Decoder) (imds.Value, span.Span, error) {
	raw, err := dec.ReadValue()
	if err != nil {
		return nil, span.Span{}, err
	}
	if len(raw) < 2 || raw[0] != '"' {
		return nil, span.Span{}, errors.New("a name is no string")
	}
	end := int(dec.InputOffset())
	in := span.Span{Start: end - len(raw) + 1, End: end - 1}
	if bytes.IndexByte(raw, '\\') < 0 {
		return r.lit(in), in, nil
	}
	text, err := r.u.Text.Decode(in, codec.JSONString{})
	if err != nil {
		return nil, in, err
	}
	return imds.Lit(string(text.Bytes()), imds.Source{Text: text, Span: text.All()}), in, nil
}
