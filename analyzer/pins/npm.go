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

var (
	yarnPackage = regexp.MustCompile(`^"?((?:@[^/@"]+/)?[^@/"\s,]+)@[^\n]*:\s*$`)
	yarnVersion = regexp.MustCompile(`^\s+version:?\s+"?([0-9][^"\s]*)"?\s*$`)
)

// yarnLock reads Yarn's lock file, of all versions: a line that names the
// package, and below it one with its version.
func yarnLock(r *reader) {
	b := r.u.Text.Bytes()
	name := ""
	for at := 0; at < len(b); {
		line := span.Span{Start: at, End: len(b)}
		if i := bytes.IndexByte(b[at:], '\n'); i >= 0 {
			line.End = at + i
		}
		at = line.End + 1
		text := b[line.Start:line.End]
		if len(text) > maxLine {
			continue
		}
		if m := yarnPackage.FindSubmatch(text); m != nil {
			name = string(m[1])
		} else if m := yarnVersion.FindSubmatchIndex(text); m != nil && name != "" {
			s := span.Span{Start: line.Start + m[2], End: line.Start + m[3]}
			r.locked(rules.NPM, versions.NPM, name, &Item{text: r.lit(s), span: s}, "yarn upgrade NAME")
			name = ""
		}
	}
}
