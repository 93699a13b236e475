package pins

import (
	"bytes"
	"path"
	"regexp"
	"strings"

	"github.com/imdsscan/imdsscan/analyzer/facts"
	"github.com/imdsscan/imdsscan/notebooks"
	"github.com/imdsscan/imdsscan/notebooks/span"
)

// names are the texts that names are given in, looked up without knowing their
// language: val v = "1", ext.v = '1', v: '1', val v by extra("1"), V=1,
// set("v", "1"), ENV V 1.
type names struct {
	// units are asked one after the other: the first that sets a name decides.
	units []*facts.Unit
	// more gives further ones, once these do not know a name.
	more func() []*facts.Unit
	read map[*facts.Unit]map[string][]span.Span
}

// set is a place where a name is given a value.
type set struct {
	u  *facts.Unit
	at span.Span
}

func (s set) text() string { return s.u.Text.Sub(s.at) }

var (
	quotedSetting = regexp.MustCompile(`([A-Za-z_][A-Za-z0-9_-]*)["'\]]*\s*(?::\s*String\s*)?(?::=|=|:|<-|by extra\()\s*[fs]?["']([A-Za-z0-9][A-Za-z0-9_.+-]*)["']`)
	bareSetting   = regexp.MustCompile(`([A-Za-z_][A-Za-z0-9_-]*)["']?\s*[=:]\s*([0-9]+\.[A-Za-z0-9_.+-]*[A-Za-z0-9+])`)
	calledSetting = regexp.MustCompile(`\bset\(\s*["']([A-Za-z_][A-Za-z0-9_-]*)["']\s*,\s*["']([0-9][A-Za-z0-9_.+-]*)["']`)
	// A default, which the environment may change.
	defaultSetting = regexp.MustCompile(`([A-Za-z_][A-Za-z0-9_-]*)\s*(?::\s*String\s*)?(?::=|=|<-)\s*["']?(?:\$\{\w+:-|(?:sys|System|Option|Properties|scala|os|Sys|project|providers|findProperty)\b[^\n]*?[,(:]\s*["'])([0-9]+\.[A-Za-z0-9_.+-]*[A-Za-z0-9])`)
	imageSetting   = regexp.MustCompile(`(?m)^\s*ENV\s+([A-Za-z_][A-Za-z0-9_]*)\s+([0-9][A-Za-z0-9_.+-]*)\s*$`)
)

// maxNames bounds the places that a name may be set in.
const maxNames = 16

// find gives the places that set a name, all of one unit.
func (n *names) find(name string) []set {
	for i := 0; ; i++ {
		if i == len(n.units) {
			if n.more == nil {
				return nil
			}
			n.units, n.more = append(n.units, n.more()...), nil
			if i == len(n.units) {
				return nil
			}
		}
		var out []set
		for _, at := range n.in(n.units[i])[name] {
			out = append(out, set{n.units[i], at})
		}
		if out != nil {
			return out
		}
	}
}

func (n *names) in(u *facts.Unit) map[string][]span.Span {
	if found, ok := n.read[u]; ok {
		return found
	}
	if n.read == nil {
		n.read = map[*facts.Unit]map[string][]span.Span{}
	}
	out := map[string][]span.Span{}
	n.read[u] = out
	b := u.Text.Bytes()
	for _, form := range []*regexp.Regexp{quotedSetting, bareSetting, calledSetting, imageSetting, defaultSetting} {
		for _, m := range form.FindAllSubmatchIndex(b, -1) {
			name, sign := string(b[m[2]:m[3]]), string(b[m[3]:m[4]])
			if m[2] > 0 && b[m[2]-1] == '.' && strings.Contains(sign, ":") && !strings.ContainsAny(sign, "=S") {
				continue // the end of a condition: x ? y.v : '1'
			}
			if !commented(u, m[2]) && len(out[name]) < maxNames {
				out[name] = append(out[name], span.Span{Start: m[4], End: m[5]})
			}
		}
	}
	return out
}

// lastName is the name that an expression ends in, such as versions.aws,
// property("aws"), libs.versions.aws.get() and ext["aws"]; empty where it is
// something else.
func lastName(expression string) string {
	s := strings.TrimSpace(expression)
	for _, end := range []string{".get()", ".value", ".toString()", ".toString", "!!"} {
		s = strings.TrimSuffix(s, end)
	}
	if m := indexedName.FindStringSubmatch(s); m != nil {
		return m[1]
	}
	if !namePath.MatchString(s) {
		return ""
	}
	return s[strings.LastIndexByte(s, '.')+1:]
}

var (
	namePath    = regexp.MustCompile(`^[A-Za-z_][A-Za-z0-9_-]*(\??\.[A-Za-z_][A-Za-z0-9_-]*)*$`)
	indexedName = regexp.MustCompile(`(?:^|\.)(?:property|findProperty|extra|ext|get|getProperty|extra\.get)\s*[(\[]\s*["']([A-Za-z_][A-Za-z0-9_-]*)["']\s*[)\]]$`)
)

// buildFolders is how far above a build file others are looked for that set
// names for it.
const buildFolders = 4

// builds are the files that set names for a build file: those of its own
// folder, of the folders above it, and what these keep code for builds in.
func builds(u *facts.Unit) []*facts.Unit {
	var out []*facts.Unit
	add := func(dir string, keep func(string) bool) {
		for _, name := range u.Doc.List(dir) {
			rel := path.Join(dir, name)
			if keep(name) && path.Join(path.Dir(u.Doc.Beside.Name), rel) != u.Doc.Beside.Name && len(out) < maxBuildFiles {
				if other := beside(u, rel); other != nil {
					out = append(out, other)
				}
			}
		}
	}
	suffixes := func(list ...string) func(string) bool {
		return func(name string) bool {
			for _, s := range list {
				if strings.HasSuffix(name, s) {
					return true
				}
			}
			return false
		}
	}
	switch {
	case u.Doc.Manifest == notebooks.Gradle:
		for dir, n := ".", 0; n < buildFolders; dir, n = path.Join(dir, ".."), n+1 {
			add(dir, suffixes("gradle.properties", ".gradle", ".gradle.kts"))
			add(path.Join(dir, "gradle"), suffixes(".gradle", ".gradle.kts"))
			for _, lang := range []string{"kotlin", "java", "groovy"} {
				add(path.Join(dir, "buildSrc/src/main", lang), suffixes(".kt", ".kts", ".java", ".groovy"))
			}
		}
	case u.Doc.Manifest == notebooks.SBT || path.Base(path.Dir(u.Doc.Beside.Name)) == "project":
		for dir, n := ".", 0; n < buildFolders; dir, n = path.Join(dir, ".."), n+1 {
			add(dir, suffixes(".sbt"))
			add(path.Join(dir, "project"), suffixes(".scala", ".sbt"))
		}
		if u.Doc.Manifest != notebooks.SBT {
			add(".", suffixes(".scala"))
		}
	}
	return out
}

// maxBuildFiles bounds the files that are read for one build file.
const maxBuildFiles = 64

// commented reports whether a place is in a comment of the unit's language.
func commented(u *facts.Unit, at int) bool {
	b := u.Text.Bytes()
	before := b[max(0, at-maxComment):at]
	line := before[bytes.LastIndexByte(before, '\n')+1:]
	marks := []string{"#"}
	switch {
	case likeC(u):
		marks = []string{"//", "#"}
		open := bytes.LastIndex(before, []byte("/*"))
		if open >= 0 && open > bytes.LastIndex(before, []byte("*/")) && !bytes.HasPrefix(before[open:], []byte("/**/")) {
			return true
		}
	case u.Language == notebooks.SQL:
		marks = []string{"--"}
	case u.Language == notebooks.Python:
		marks = []string{"#", `"""`, "'''"}
	}
	trimmed := bytes.TrimLeft(line, " \t")
	for _, mark := range marks {
		if bytes.HasPrefix(trimmed, []byte(mark)) && !bytes.HasPrefix(trimmed, []byte("//> using")) {
			return true
		}
		i := bytes.Index(line, []byte(" "+mark))
		if i >= 0 && bytes.Count(line[:i], []byte(`"`))%2 == 0 && bytes.Count(line[:i], []byte(`'`))%2 == 0 {
			return true
		}
	}
	return false
}

// likeC tells code with the comments of C.
func likeC(u *facts.Unit) bool {
	switch u.Language {
	case notebooks.Scala, notebooks.Java, notebooks.Terraform:
		return true
	case notebooks.Packages:
		return u.Doc != nil && (u.Doc.Manifest == notebooks.Gradle || u.Doc.Manifest == notebooks.SBT || u.Doc.Manifest == notebooks.Groovy)
	}
	return false
}

// maxComment is how far back the beginning of a comment is looked for.
const maxComment = 4 << 10
