package pins

import (
	"bytes"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/imdsscan/imdsscan/analyzer/imds"
	"github.com/imdsscan/imdsscan/notebooks/span"
)

// maxXMLDepth bounds elements in elements.
const maxXMLDepth = 200

// dependency is an artifact that a pom names.
type dependency struct {
	fields map[string]*Item
	// managed is true for one that only says which version others get.
	managed bool
}

func (d *dependency) text(field string) string { return flat(d.fields[field].value()) }

// parse collects the properties and dependencies of the document.
func (p *pom) parse(r *reader) (at int, err error) {
	p.u, p.properties, p.own, p.parent = r.u, map[string][]nameValue{}, map[string]*Item{}, map[string]*Item{}
	dec := xml.NewDecoder(bytes.NewReader(r.u.Text.Bytes()))
	// Names and versions are ASCII in every encoding that poms have.
	dec.CharsetReader = func(_ string, in io.Reader) (io.Reader, error) { return in, nil }
	var path []string
	var text *Item
	var open []*dependency
	for {
		start := int(dec.InputOffset())
		token, err := dec.Token()
		if err == io.EOF {
			if len(path) > 0 {
				return start, errors.New("not valid XML: it ends inside of <" + path[len(path)-1] + ">")
			}
			return 0, nil
		}
		if err != nil {
			if bad := (*xml.SyntaxError)(nil); errors.As(err, &bad) {
				err = errors.New(bad.Msg)
			}
			return start, fmt.Errorf("not valid XML: %w", err)
		}
		switch t := token.(type) {
		case xml.StartElement:
			if path = append(path, t.Name.Local); len(path) > maxXMLDepth {
				return start, errors.New("its elements are nested too deep")
			}
			text = nil
			if isDependency(t.Name.Local) {
				open = append(open, &dependency{map[string]*Item{}, slices.Contains(path, "dependencyManagement")})
			}
		case xml.CharData:
			if text == nil && len(bytes.TrimSpace(t)) > 0 {
				text = r.trimmed(span.Span{Start: start, End: int(dec.InputOffset())}, string(t))
			}
		case xml.EndElement:
			if n := len(path); n > 0 {
				if isDependency(path[n-1]) && len(open) > 0 {
					p.dependencies = append(p.dependencies, open[len(open)-1])
					open = open[:len(open)-1]
				} else if text != nil && n > 1 {
					p.element(path, text, open)
				}
				path = path[:n-1]
			}
			text = nil
		}
	}
}

// element takes an element with a text.
func (p *pom) element(path []string, text *Item, open []*dependency) {
	name, outer := path[len(path)-1], path[len(path)-2]
	switch {
	case outer == "properties":
		p.properties[name] = append(p.properties[name], nameValue{u: p.u, value: text, sometimes: slices.Contains(path, "profile")})
	case isDependency(outer) && len(open) > 0:
		open[len(open)-1].fields[name] = text
	case outer == "project" && len(path) == 2:
		p.own[name] = text
	case outer == "parent" && len(path) == 3:
		p.parent[name] = text
	}
}

func isDependency(element string) bool { return element == "dependency" || element == "plugin" }

// trimmed is the text of an element without the blanks around it. One with
// entities in it is written otherwise than it reads.
func (r *reader) trimmed(s span.Span, text string) *Item {
	raw := r.u.Text.Sub(s)
	if strings.ReplaceAll(raw, "\r\n", "\n") != text {
		return &Item{span: s, text: imds.Lit(strings.TrimSpace(text), imds.Source{})}
	}
	s.Start += len(raw) - len(strings.TrimLeft(raw, " \t\r\n"))
	s.End -= len(raw) - len(strings.TrimRight(raw, " \t\r\n"))
	return &Item{span: s, text: r.lit(s)}
}
