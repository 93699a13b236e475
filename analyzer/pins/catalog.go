package pins

import (
	"strings"

	"github.com/imdsscan/imdsscan/analyzer/facts"
	"github.com/imdsscan/imdsscan/analyzer/imds"
	"github.com/imdsscan/imdsscan/analyzer/versions"
	"github.com/imdsscan/imdsscan/rules"
)

// catalog reads Gradle's catalog of versions.
func catalog(r *reader) {
	root := r.open(parseTOML)
	refs := map[string]string{} // artifacts without a floor, by their version's name
	for _, m := range root.get("libraries").members() {
		if name := module(m.value); rules.AllFloors().Of(rules.Maven, name) == nil {
			refs[flat(m.value.get("version", "ref").value())] = name
		}
	}
	for _, m := range root.get("libraries").members() {
		lib := m.value
		if text, ok := lib.value().Known(); ok && lib.value() != nil {
			parts := strings.Split(text, ":")
			if len(parts) == 3 {
				from := len(parts[0]) + len(parts[1]) + 2
				r.add(r.pin(rules.Maven, versions.Maven, parts[0]+":"+parts[1], slice(lib.text, from, len(text)), lib.span))
			}
			continue
		}
		name := module(lib)
		version := lib.get("version")
		if ref, ok := version.get("ref").value().Known(); ok && ref != "" {
			set := root.get("versions", ref)
			p := r.pin(rules.Maven, versions.Maven, name, rich(set), m.at)
			p.Span = m.at
			if set == nil {
				p.Spec, p.Unknown = imds.Unknown(ref), "the catalog has no version of the name "+ref
			}
			if other := refs[ref]; other != "" {
				p.Unsafe = alsoOf(other)
			}
			if set != nil {
				p.Related = []facts.Related{{Source: imds.Source{Text: r.u.Text, Span: set.span}, Unit: r.u, Message: "the version is set here"}}
			}
			r.add(p)
			continue
		}
		p := r.pin(rules.Maven, versions.Maven, name, rich(version), m.at)
		if version == nil {
			p.Spec, p.Unknown = imds.Unknown("a version from elsewhere"), "the catalog gives no version: a platform does, or the build file"
		}
		r.add(p)
	}
}

// module is the artifact of a library in a catalog.
func module(lib *Item) string {
	if name := flat(lib.get("module").value()); name != "" {
		return name
	}
	return flat(lib.get("group").value()) + ":" + flat(lib.get("name").value())
}

// rich is the version of a catalog, which may be a table.
func rich(v *Item) imds.Value {
	if v == nil || !v.isTab {
		return v.value()
	}
	for _, key := range []string{"strictly", "require", "prefer"} {
		if text := v.get(key).value(); text != nil {
			return text
		}
	}
	return nil
}
