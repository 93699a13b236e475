package pins

import (
	"bytes"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"regexp"
	"strings"

	"github.com/imdsscan/imdsscan/analyzer/facts"
	"github.com/imdsscan/imdsscan/analyzer/imds"
	"github.com/imdsscan/imdsscan/analyzer/versions"
	"github.com/imdsscan/imdsscan/notebooks/span"
	"github.com/imdsscan/imdsscan/rules"
)

// maxXMLDepth bounds elements in elements.
const maxXMLDepth = 200

// pom is what a Maven project says of versions.
type pom struct {
	// properties are by name; profiles may set one again.
	properties   map[string][]*Item
	dependencies []map[string]*Item
	// uses names an artifact without a floor for each property that one has
	// as its version.
	uses map[string]string
}

func alsoOf(artifact string) string { return "the version is that of " + artifact + " as well" }

// pomXML reads a pom.xml: dependencies, managed ones and those of plugins, with
// properties filled in.
func pomXML(r *reader) {
	var p pom
	if r.open(func(r *reader) (*Item, int, error) {
		at, err := p.parse(r)
		return &Item{}, at, err
	}) == nil {
		return
	}
	p.uses = map[string]string{}
	for _, d := range p.dependencies {
		name := flat(d["groupId"].value()) + ":" + flat(d["artifactId"].value())
		if m := property.FindStringSubmatch(flat(d["version"].value())); m != nil && rules.AllFloors().Of(rules.Maven, name) == nil {
			p.uses[m[1]] = name
		}
	}
	for _, d := range p.dependencies {
		scope, _ := d["scope"].value().Known()
		if d["version"] == nil || d["artifactId"] == nil || scope == "provided" {
			continue // the parent's, or the runtime's
		}
		name := flat(d["groupId"].value()) + ":" + flat(d["artifactId"].value())
		if rules.AllFloors().Of(rules.Maven, name) == nil {
			continue
		}
		p.versions(r, name, d["version"], d["version"].span, "", 0)
	}
}

var property = regexp.MustCompile(`^\s*\$\{([^}]+)\}\s*$`)

// maxProperties bounds properties that name properties.
const maxProperties = 5

// versions adds a pin for each version that a dependency may have. shared is
// another artifact whose version it is as well.
func (p *pom) versions(r *reader, name string, version *Item, at span.Span, shared string, depth int) {
	if m := property.FindStringSubmatch(flat(version.value())); m != nil {
		if shared == "" {
			shared = p.uses[m[1]]
		}
		if depth < maxProperties {
			for _, set := range p.properties[m[1]] {
				p.versions(r, name, set, at, shared, depth+1)
			}
		}
		return
	}
	pin := &facts.Pin{Unit: r.u, Ecosystem: rules.Maven, Package: name, Grammar: versions.Maven, Spec: version.text,
		By: string(r.u.Doc.Manifest), Span: at}
	if depth > 0 {
		if shared != "" {
			pin.Unsafe = alsoOf(shared)
		}
		pin.Related = []facts.Related{{Source: imds.Source{Text: r.u.Text, Span: version.span}, Unit: r.u, Message: "the version is set here"}}
	}
	r.add(pin)
}

// parse collects the properties and dependencies of the document.
func (p *pom) parse(r *reader) (at int, err error) {
	p.properties = map[string][]*Item{}
	dec := xml.NewDecoder(bytes.NewReader(r.u.Text.Bytes()))
	// Names and versions are ASCII in every encoding that poms have.
	dec.CharsetReader = func(_ string, in io.Reader) (io.Reader, error) { return in, nil }
	var path []string
	var text *Item
	var open []map[string]*Item // of the dependencies that are open
	for {
		start := int(dec.InputOffset())
		token, err := dec.Token()
		if err == io.EOF {
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
				open = append(open, map[string]*Item{})
			}
		case xml.CharData:
			if text == nil && len(bytes.TrimSpace(t)) > 0 {
				text = r.trimmed(span.Span{Start: start, End: int(dec.InputOffset())}, string(t))
			}
		case xml.EndElement:
			n := len(path)
			switch {
			case n == 0:
			case isDependency(path[n-1]) && len(open) > 0:
				p.dependencies = append(p.dependencies, open[len(open)-1])
				open = open[:len(open)-1]
			case text != nil && n > 1 && path[n-2] == "properties":
				p.properties[path[n-1]] = append(p.properties[path[n-1]], text)
			case text != nil && n > 1 && isDependency(path[n-2]) && len(open) > 0:
				open[len(open)-1][path[n-1]] = text
			}
			text = nil
			path = path[:max(0, n-1)]
		}
	}
}

func isDependency(element string) bool { return element == "dependency" || element == "plugin" }

// trimmed is the text of an element without the blanks around it. One with
// entities in it is written otherwise than it reads.
func (r *reader) trimmed(s span.Span, text string) *Item {
	raw := r.u.Text.Sub(s)
	if raw != text {
		return &Item{span: s, text: imds.Lit(strings.TrimSpace(text), imds.Source{})}
	}
	s.Start += len(raw) - len(strings.TrimLeft(raw, " \t\n"))
	s.End -= len(raw) - len(strings.TrimRight(raw, " \t\n"))
	return &Item{span: s, text: r.lit(s)}
}
