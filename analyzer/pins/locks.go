package pins

import (
	"regexp"
	"strings"

	"github.com/imdsscan/imdsscan/analyzer/versions"
	"github.com/imdsscan/imdsscan/notebooks/span"
	"github.com/imdsscan/imdsscan/rules"
)

// tomlLock reads the packages of poetry.lock, uv.lock and pdm.lock.
func tomlLock(regenerate string) func(*reader) {
	return func(r *reader) {
		for _, p := range r.open(parseTOML).get("package").elements() {
			name, _ := p.get("name").value().Known()
			if source := p.get("source"); source.get("editable") != nil || source.get("virtual") != nil {
				continue // the project itself
			}
			r.locked(rules.PyPI, versions.Poetry, name, p.get("version"), regenerate)
		}
	}
}

// locked adds a package with the version that a lock file gives it.
func (r *reader) locked(ecosystem string, g versions.Grammar, name string, version *Item, regenerate string) {
	if version == nil || version.text == nil {
		return
	}
	p := r.pin(ecosystem, g, name, version.text, version.span)
	p.Regenerate = strings.ReplaceAll(regenerate, "NAME", name)
	r.add(p)
}

// lockedArtifact is a line of gradle.lockfile.
var lockedArtifact = regexp.MustCompile(`(?m)^([A-Za-z0-9_.-]+):([A-Za-z0-9_.-]+):([^=\s]+)=`)

// gradleLock reads Gradle's lock file.
func gradleLock(r *reader) {
	for _, m := range lockedArtifact.FindAllSubmatchIndex(r.u.Text.Bytes(), -1) {
		name := r.u.Text.Sub(span.Span{Start: m[2], End: m[5]})
		at := span.Span{Start: m[6], End: m[7]}
		p := r.pin(rules.Maven, versions.Maven, name, r.lit(at), span.Span{Start: m[2], End: m[7]})
		p.Regenerate = "gradle dependencies --update-locks " + name
		r.add(p)
	}
}
