package pins

import (
	"bytes"
	"regexp"

	"github.com/imdsscan/imdsscan/analyzer/versions"
	"github.com/imdsscan/imdsscan/notebooks/span"
	"github.com/imdsscan/imdsscan/rules"
)

// eachLine gives the lines of the manifest that a person or a tool would write.
func (r *reader) eachLine(each func(text []byte, at int)) {
	b := r.u.Text.Bytes()
	for at := 0; at < len(b); {
		end := len(b)
		if i := bytes.IndexByte(b[at:], '\n'); i >= 0 {
			end = at + i
		}
		if end-at <= maxLine {
			each(b[at:end], at)
		}
		at = end + 1
	}
}

func (r *reader) lockedAt(name string, version span.Span, regenerate string) {
	r.locked(rules.NPM, versions.NPM, name, &Item{text: r.lit(version), span: version}, regenerate)
}

var (
	yarnPackage = regexp.MustCompile(`^"?((?:@[^/@"]+/)?[^@/"\s,]+)@[^\n]*:\s*$`)
	yarnVersion = regexp.MustCompile(`^\s+version:?\s+"?([0-9][^"\s]*)"?\s*$`)
)

// yarnLock reads Yarn's lock file, of all versions: a line that names the
// package, and below it one with its version.
func yarnLock(r *reader) {
	name := ""
	r.eachLine(func(text []byte, at int) {
		if m := yarnPackage.FindSubmatch(text); m != nil {
			name = string(m[1])
		} else if m := yarnVersion.FindSubmatchIndex(text); m != nil && name != "" {
			r.lockedAt(name, span.Span{Start: at + m[2], End: at + m[3]}, "yarn upgrade NAME")
			name = ""
		}
	})
}

// pnpmPackage is a package that pnpm locks: a key, in the forms of its versions
// 5 to 9, with what it was resolved beside behind it.
var pnpmPackage = regexp.MustCompile(`^  '?/?((?:@[^/@'\s]+/)?[^@/'\s]+)[@/]([0-9][^('"_:\s]*)[^:\n]*:\s*$`)

// pnpmLock reads pnpm's lock file, whose packages are keys of a line each.
func pnpmLock(r *reader) {
	packages := false
	r.eachLine(func(text []byte, at int) {
		if len(text) > 0 && text[0] != ' ' {
			packages = bytes.HasPrefix(text, []byte("packages:"))
		}
		if m := pnpmPackage.FindSubmatchIndex(text); packages && m != nil {
			r.lockedAt(string(text[m[2]:m[3]]), span.Span{Start: at + m[4], End: at + m[5]}, "pnpm update NAME")
		}
	})
}

// bunPackage is a package that Bun locks.
var bunPackage = regexp.MustCompile(`^\s+"[^"]+":\s*\["((?:@[^/@"]+/)?[^@/"]+)@([0-9][^"]*)"`)

func bunLock(r *reader) {
	r.eachLine(func(text []byte, at int) {
		if m := bunPackage.FindSubmatchIndex(text); m != nil {
			r.lockedAt(string(text[m[2]:m[3]]), span.Span{Start: at + m[4], End: at + m[5]}, "bun update NAME")
		}
	})
}
