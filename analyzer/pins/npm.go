package pins

import (
	"regexp"
	"strings"

	"github.com/imdsscan/imdsscan/analyzer/facts"
	"github.com/imdsscan/imdsscan/analyzer/imds"
	"github.com/imdsscan/imdsscan/analyzer/versions"
	"github.com/imdsscan/imdsscan/notebooks/span"
	"github.com/imdsscan/imdsscan/rules"
)

// packageJSON reads npm's package.json.
func packageJSON(r *reader) {
	root := r.open(parseJSON)
	for _, key := range []string{"dependencies", "devDependencies", "peerDependencies", "optionalDependencies"} {
		for _, m := range root.get(key).members() {
			r.npm(m.key, m.value.value(), m.at)
		}
	}
	r.overrides(root.get("overrides"), 0)
	r.overrides(root.get("resolutions"), 0)
	r.overrides(root.get("pnpm", "overrides"), 0)
}

// overrides reads versions that are forced on packages anywhere in the tree;
// the keys are packages, or paths of them, with the versions they hold for.
func (r *reader) overrides(t *Item, depth int) {
	if depth > maxLockDepth {
		return
	}
	for _, m := range t.members() {
		key := m.key
		if i := strings.LastIndexAny(key, "/>"); i >= 0 && !strings.HasPrefix(key[strings.LastIndexAny(key[:i], "/>")+1:], "@") {
			key = key[i+1:]
		}
		if i := strings.LastIndexByte(key, '@'); i > 0 {
			key = key[:i]
		}
		r.npm(key, m.value.value(), m.at)
		r.overrides(m.value, depth+1)
	}
}

func (r *reader) npm(name string, spec imds.Value, at span.Span) {
	if spec != nil {
		r.add(npmSource(r.pin(rules.NPM, versions.NPM, name, spec, at)))
	}
}

var (
	npmAlias = regexp.MustCompile(`^npm:((?:@[^/@]+/)?[^@]+)(?:@(.*))?$`)
	npmFile  = regexp.MustCompile(`-([0-9][^/]*)\.t(?:ar\.)?gz$`)
	npmTag   = regexp.MustCompile(`^[A-WYZa-wyz][A-Za-z0-9._-]*$`)
)

// npmSource reads what may stand in place of a range of versions: another
// package, a repository, an archive, a folder, a name of the registry's.
func npmSource(p *facts.Pin) *facts.Pin {
	text := flat(p.Spec)
	trimmed := strings.TrimSpace(text)
	if m := npmAlias.FindStringSubmatchIndex(text); m != nil {
		p.Package = text[m[2]:m[3]]
		if m[4] < 0 {
			p.Spec = nil
		} else {
			p.Spec = slice(p.Spec, m[4], m[5])
		}
		return p
	}
	hash := strings.IndexByte(text, '#')
	switch {
	case trimmed == "latest" || strings.HasPrefix(trimmed, "$"): // the newest; what stands elsewhere in the file
		p.Spec = nil
	case hash > 0 && strings.HasPrefix(text[hash:], "#semver:"):
		p.Spec = slice(p.Spec, hash+len("#semver:"), len(text))
	case hash > 0:
		p.Spec, p.Refuse = revision(slice(p.Spec, hash+1, len(text))), "whether the repository has a tag for that version is not known here"
	case npmFile.MatchString(text):
		m := npmFile.FindStringSubmatchIndex(text)
		p.Spec, p.Refuse = slice(p.Spec, m[2], m[3]), "the version is a part of an archive's address"
	case npmTag.MatchString(trimmed), strings.ContainsAny(text, ":/"):
		p.Spec = imds.Unknown(strings.ReplaceAll(trimmed, string(hole), "?"))
	}
	return p
}

const npmUpdate = "npm update NAME"

// packageLock reads npm's lock files of all versions.
func packageLock(r *reader) {
	root := r.open(parseJSON)
	packages := root.get("packages").members()
	for _, m := range packages {
		if i := strings.LastIndex(m.key, "node_modules/"); i >= 0 {
			r.locked(rules.NPM, versions.NPM, m.key[i+len("node_modules/"):], m.value.get("version"), npmUpdate)
		}
	}
	if len(packages) == 0 { // version 2 repeats here what it says there
		r.lockedTree(root, 0)
	}
}

// maxLockDepth bounds packages in packages; npm's own trees stay below.
const maxLockDepth = 200

func (r *reader) lockedTree(i *Item, depth int) {
	if depth > maxLockDepth {
		return
	}
	for _, m := range i.get("dependencies").members() {
		r.locked(rules.NPM, versions.NPM, m.key, m.value.get("version"), npmUpdate)
		r.lockedTree(m.value, depth+1)
	}
}
