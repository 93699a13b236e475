package pins

import (
	"bytes"
	"regexp"
	"strings"

	"github.com/imdsscan/imdsscan/analyzer/versions"
	"github.com/imdsscan/imdsscan/notebooks/span"
	"github.com/imdsscan/imdsscan/rules"
)

// packageJSON reads npm's package.json.
func packageJSON(r *reader) {
	root := r.open(parseJSON)
	for _, key := range []string{"dependencies", "devDependencies", "peerDependencies", "optionalDependencies", "overrides", "resolutions"} {
		r.table(root.get(key), rules.NPM, versions.NPM)
	}
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

// renvLock reads R's renv.lock.
func renvLock(r *reader) {
	for _, m := range r.open(parseJSON).get("Packages").members() {
		r.locked(rules.CRAN, versions.CRAN, m.key, m.value.get("Version"), `renv::update("NAME"), then renv::snapshot()`)
	}
}

var (
	descriptionField = regexp.MustCompile(`^([A-Za-z][A-Za-z0-9/@-]*):`)
	rPackage         = regexp.MustCompile(`^\s*([A-Za-z][A-Za-z0-9.]*)\s*(?:\(([^)]*)\))?\s*$`)
)

// description reads the packages that an R package depends on.
func description(r *reader) {
	b := r.u.Text.Bytes()
	reads := false
	for at := 0; at < len(b); {
		end := len(b)
		if i := bytes.IndexByte(b[at:min(len(b), at+maxLine)], '\n'); i >= 0 {
			end = at + i
		}
		from := at
		at = end + 1
		if m := descriptionField.FindSubmatchIndex(b[from:end]); m != nil {
			switch string(b[from+m[2] : from+m[3]]) {
			case "Depends", "Imports", "Suggests", "Enhances", "LinkingTo":
				reads = true
			default:
				reads = false
			}
			from += m[1]
		}
		for reads && from < end {
			to := end
			if i := bytes.IndexByte(b[from:end], ','); i >= 0 {
				to = from + i
			}
			r.rRequirement(span.Span{Start: from, End: to})
			from = to + 1
		}
	}
}

// maxLine bounds a line of a manifest that people write.
const maxLine = 64 << 10

func (r *reader) rRequirement(s span.Span) {
	m := rPackage.FindStringSubmatchIndex(r.u.Text.Sub(s))
	if m == nil {
		return
	}
	sub := func(g int) span.Span { return span.Span{Start: s.Start + m[g], End: s.Start + m[g+1]} }
	p := r.pin(rules.CRAN, versions.CRAN, r.u.Text.Sub(sub(2)), nil, sub(2))
	if m[4] >= 0 {
		p.Spec = r.lit(sub(4))
		p.Span.End = sub(4).End
	}
	r.add(p)
}
