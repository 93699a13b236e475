package pins

import (
	"github.com/imdsscan/imdsscan/analyzer/versions"
	"github.com/imdsscan/imdsscan/rules"
)

// pipfile reads a Pipfile: its tables are groups of packages but for a few.
func pipfile(r *reader) {
	root := r.open(parseTOML)
	for _, m := range root.members() {
		switch m.key {
		case "source", "requires", "pipenv", "scripts":
		default:
			r.poetry(m.value)
		}
	}
}

// pipfileLock reads a Pipfile.lock: groups of packages.
func pipfileLock(r *reader) {
	for _, group := range r.open(parseJSON).members() {
		if group.key == "_meta" {
			continue
		}
		for _, m := range group.value.members() {
			r.locked(rules.PyPI, versions.Poetry, m.key, m.value.get("version"), "pipenv update NAME")
		}
	}
}
