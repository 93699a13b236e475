package pins

import (
	"path"
	"strings"

	"github.com/imdsscan/imdsscan/analyzer/facts"
	"github.com/imdsscan/imdsscan/analyzer/imds"
	"github.com/imdsscan/imdsscan/analyzer/versions"
	"github.com/imdsscan/imdsscan/notebooks"
	"github.com/imdsscan/imdsscan/notebooks/span"
	"github.com/imdsscan/imdsscan/rules"
)

// pom is what a Maven project says of versions.
type pom struct {
	u *facts.Unit
	// properties are by name; profiles may set one again.
	properties map[string][]nameValue
	// own are the project's own coordinates, parent those of its parent.
	own, parent  map[string]*Item
	dependencies []*dependency
	// uses names an artifact without a floor for each property that one has
	// as its version.
	uses map[string]string
	// above is the parent, nil where it is not among the files that are scanned.
	above *pom
	filler
}

// maxParents bounds the parents of a project.
const maxParents = 10

func alsoOf(artifact string) string { return "the version is that of " + artifact + " as well" }

// pomXML reads a pom.xml: dependencies, managed ones and those of plugins, with
// properties filled in, those of parents in the scan included.
func pomXML(r *reader) {
	var p pom
	if r.open(func(r *reader) (*Item, int, error) {
		at, err := p.parse(r)
		return &Item{}, at, err
	}) == nil {
		return
	}
	for last, n := &p, 0; n < maxParents; n++ {
		if last.above = last.findParent(); last.above == nil {
			break
		}
		last = last.above
	}
	p.filler = filler{values: p.property, why: p.whyUnknown, shared: p.sharedBy}
	p.countUses()
	managed := map[string]bool{}
	for _, d := range p.dependencies {
		managed[p.name(d)] = managed[p.name(d)] || d.managed
		p.judged(r, d, &p)
	}
	// A parent's versions may be set by a property that is another one here.
	for above := p.above; above != nil; above = above.above {
		for _, d := range above.dependencies {
			if m := property.FindStringSubmatch(d.text("version")); m != nil && p.properties[m[1]] != nil && !managed[p.name(d)] {
				p.judged(r, d, above)
			}
		}
	}
}

// judged adds the pins of a dependency that stands in the project or in a
// parent.
func (p *pom) judged(r *reader, d *dependency, in *pom) {
	name := p.name(d)
	if d.text("scope") == "provided" || d.fields["artifactId"] == nil || rules.AllFloors().Of(rules.Maven, name) == nil {
		return // the runtime's, or of no interest
	}
	version := d.fields["version"]
	if version == nil {
		if why := p.managedElsewhere(d); why != "" {
			at := d.fields["artifactId"]
			r.add(&facts.Pin{Unit: r.u, Ecosystem: rules.Maven, Package: name, Grammar: versions.Maven, By: string(r.u.Doc.Manifest),
				Span: at.span, Spec: imds.Unknown("a version from elsewhere"), Unknown: why})
		}
		return
	}
	for _, v := range p.expand(version.text) {
		pin := &facts.Pin{Unit: r.u, Ecosystem: rules.Maven, Package: name, Grammar: versions.Maven, Spec: v.text,
			By: string(r.u.Doc.Manifest), Span: version.span, Unknown: v.unknown, Unsafe: v.shared, Related: v.related("the version is set here")}
		for _, s := range v.set {
			if s.own {
				pin.Refuse = "it is the version of the project itself"
			}
		}
		if in != p {
			pin.Span = v.set[0].value.span
			pin.By += " (by a property that its parent uses)"
		}
		r.add(pin)
	}
}

// name is the artifact of a dependency.
func (p *pom) name(d *dependency) string {
	return p.coordinate(d, "groupId") + ":" + p.coordinate(d, "artifactId")
}

// coordinate is a field of a dependency with its properties filled in as far
// as they are known.
func (p *pom) coordinate(d *dependency, field string) string {
	f := d.fields[field]
	if f == nil {
		return ""
	}
	if v := p.expand(f.text); len(v) == 1 {
		if text, known := v[0].text.Known(); known {
			return text
		}
	}
	return flat(f.text)
}

// property are the values of a property, by the file that has the last word.
func (p *pom) property(name string) []nameValue {
	var out []nameValue
	switch name {
	case "project.version", "version", "pom.version":
		if v := p.own["version"]; v != nil {
			return []nameValue{{u: p.u, value: v, own: true}}
		}
		name = "project.parent.version"
		fallthrough
	case "project.parent.version", "parent.version":
		if v := p.parent["version"]; v != nil {
			return []nameValue{{u: p.u, value: v, own: true}}
		}
		return nil
	}
	for ; p != nil; p = p.above {
		always := false
		for _, s := range p.properties[name] {
			out = append(out, s)
			always = always || !s.sometimes
		}
		if always {
			break
		}
	}
	return out[:min(len(out), maxValues)]
}

func (p *pom) whyUnknown(name string) string {
	switch {
	case strings.HasPrefix(name, "env."):
		return "${" + name + "} comes from the environment"
	case p.foreignParent() != "":
		return "${" + name + "} is not set in the files scanned, which the parent " + p.foreignParent() + " is not among"
	}
	return "${" + name + "} is not set in the files scanned"
}

// countUses notes which properties are the versions of artifacts without a
// floor.
func (p *pom) countUses() {
	p.uses = map[string]string{}
	for in := p; in != nil; in = in.above {
		for _, d := range in.dependencies {
			name := p.name(d)
			if rules.AllFloors().Of(rules.Maven, name) != nil {
				continue
			}
			for _, m := range property.FindAllStringSubmatch(d.text("version"), -1) {
				p.uses[m[1]] = name
			}
		}
	}
}

func (p *pom) sharedBy(name string) string {
	if other := p.uses[name]; other != "" {
		return alsoOf(other)
	}
	return ""
}

// managedElsewhere says who gives a dependency its version; nobody where a
// file of the scan does, which is judged there.
func (p *pom) managedElsewhere(d *dependency) string {
	name, imports := p.name(d), ""
	for in := p; in != nil; in = in.above {
		for _, o := range in.dependencies {
			switch {
			case !o.managed:
			case p.name(o) == name, p.coordinate(o, "groupId") == p.coordinate(d, "groupId") && o.text("scope") == "import":
				return ""
			case o.text("scope") == "import":
				imports = p.name(o)
			}
		}
	}
	switch {
	case p.foreignParent() != "":
		return "the parent " + p.foreignParent() + " gives it, which is not among the files scanned"
	case imports != "":
		return "it may be given by " + imports + ", which is not among the files scanned"
	}
	return ""
}

// foreignParent is the first parent that is not among the files scanned.
func (p *pom) foreignParent() string {
	for p.above != nil {
		p = p.above
	}
	if p.parent["artifactId"] == nil {
		return ""
	}
	return flat(p.parent["groupId"].value()) + ":" + flat(p.parent["artifactId"].value()) + ":" + flat(p.parent["version"].value())
}

// findParent reads the project's parent, if it is the file that Maven would
// look at first.
func (p *pom) findParent() *pom {
	want := p.parent["artifactId"]
	if want == nil {
		return nil
	}
	rel := "../pom.xml"
	if at := p.parent["relativePath"]; at != nil {
		rel = flat(at.text)
	}
	for _, rel := range []string{rel, strings.TrimSuffix(rel, "/") + "/pom.xml"} {
		u := beside(p.u, rel)
		if u == nil || u.Doc.Beside.Name == p.u.Doc.Beside.Name {
			continue
		}
		var above pom
		if _, err := above.parse(&reader{u: u, out: &facts.Facts{}}); err == nil && flat(above.own["artifactId"].value()) == flat(want.text) {
			return &above
		}
	}
	return nil
}

// beside is another file of the scan, at a path relative to a unit's own.
func beside(u *facts.Unit, rel string) *facts.Unit {
	name, b := u.Doc.Read(rel)
	if b == nil {
		return nil
	}
	file := span.File(b)
	doc := &notebooks.Document{Path: name, Format: notebooks.Plain, Language: notebooks.Packages, File: file,
		Beside: notebooks.Beside{Files: u.Doc.Beside.Files, Name: path.Join(path.Dir(u.Doc.Beside.Name), rel)}}
	return &facts.Unit{Language: notebooks.Packages, Text: file, Doc: doc}
}
