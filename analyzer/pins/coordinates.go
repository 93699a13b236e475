package pins

import (
	"bytes"
	"regexp"
	"strings"

	"github.com/imdsscan/imdsscan/analyzer/facts"
	"github.com/imdsscan/imdsscan/analyzer/imds"
	"github.com/imdsscan/imdsscan/analyzer/versions"
	"github.com/imdsscan/imdsscan/notebooks/span"
	"github.com/imdsscan/imdsscan/rules"
)

// maxCoordinates bounds how many packages of one text are noted.
const maxCoordinates = 2000

// The forms in which code names artifacts of Maven repositories. The version
// is text or a name; the last group of a form is the name.
var (
	// g:a:v, as in spark.jars.packages, --packages and Gradle's short form.
	colons = regexp.MustCompile(`([A-Za-z0-9_.-]+):([A-Za-z0-9_.-]+)(?::jar|:pom)?:(?:([0-9][A-Za-z0-9_.+-]*(?:!!)?|[\[(][0-9.,\s]*[\])])|\$?\{?([A-Za-z_][A-Za-z0-9_.]*)\}?)`)
	// "g" % "a" % "v", as in sbt.
	percents = regexp.MustCompile(`"([^"\s]+)"\s*%{1,3}\s*"([^"\s]+)"\s*%\s*(?:"([^"\n]+)"|([A-Za-z_][A-Za-z0-9_.]*))(\s*%\s*(?:"provided|Provided))?`)
	// group: 'g', name: 'a', version: 'v', as in Gradle.
	named3 = regexp.MustCompile(`group\s*[:=]\s*["']([^"'\s]+)["']\s*,\s*name\s*[:=]\s*["']([^"'\s]+)["']\s*,\s*version\s*[:=]\s*(?:["']([^"'$\n]+)["']|["']?\$?\{?([A-Za-z_][A-Za-z0-9_.]*)\}?["']?)`)
	// %AddDeps g a v, as in Toree notebooks.
	addDeps = regexp.MustCompile(`(?m)^%AddDeps\s+(\S+)\s+(\S+)\s+(\S+)`)
)

// setting is a name that is given a version: val v = "1", ext.v = '1',
// v: '1', val v by extra("1").
var setting = regexp.MustCompile(`([A-Za-z_][A-Za-z0-9_]*)["']?\s*(?::\s*String\s*)?(?:=|:|by extra\()\s*[fs]?["']([0-9][A-Za-z0-9_.+-]*)["']`)

// Coordinates finds the artifacts that the code of a unit names, whatever its
// language: their form is the same in all, and nothing else has it.
func Coordinates(u *facts.Unit) []*facts.Pin {
	b := u.Text.Bytes()
	if !bytes.Contains(b, []byte("aws")) && !bytes.Contains(b, []byte("jets3t")) {
		return nil
	}
	c := coordinates{u: u, src: b, used: map[string]int{}, more: map[string]bool{}}
	forms := []*regexp.Regexp{colons, percents, named3, addDeps}
	for _, f := range forms {
		c.find(f)
	}
	if len(c.used) > 0 { // now it is known how often each name is used for these
		c.out = nil
		c.counted, c.more = true, map[string]bool{}
		for _, f := range forms {
			c.find(f)
		}
	}
	return c.out
}

type coordinates struct {
	u        *facts.Unit
	src      []byte
	settings map[string][]span.Span
	// used counts the versions taken from each name, in the first of two
	// rounds.
	used    map[string]int
	counted bool
	more    map[string]bool // names used for more than that
	out     []*facts.Pin
}

// uses reports whether a name is used for more than versions of these
// packages.
func (c *coordinates) uses(name string) bool {
	name = lastPart(name)
	if more, known := c.more[name]; known {
		return more
	}
	n := 0
	for at := 0; ; {
		i := bytes.Index(c.src[at:], []byte(name))
		if i < 0 {
			break
		}
		i += at
		at = i + len(name)
		if (i == 0 || !isWord(c.src[i-1])) && (at == len(c.src) || !isWord(c.src[at])) && !commented(c.src, i) {
			n++
		}
	}
	c.more[name] = n > c.used[name]+len(c.set(name))
	return c.more[name]
}

func isWord(c byte) bool {
	return c == '_' || c >= '0' && c <= '9' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z'
}

func lastPart(name string) string { return name[strings.LastIndexByte(name, '.')+1:] }

func (c *coordinates) find(form *regexp.Regexp) {
	hits := 0
	for _, m := range form.FindAllSubmatchIndex(c.src, -1) {
		group := func(n int) string {
			if 2*n+1 >= len(m) || m[2*n] < 0 {
				return ""
			}
			return string(c.src[m[2*n]:m[2*n+1]])
		}
		name := group(1) + ":" + group(2)
		if rules.AllFloors().Of(rules.Maven, name) == nil || group(5) != "" || commented(c.src, m[0]) || c.provided(m[0]) {
			continue
		}
		if hits++; hits > maxCoordinates {
			return
		}
		p := &facts.Pin{Unit: c.u, Ecosystem: rules.Maven, Package: name, Grammar: versions.Maven, By: "the code", Span: span.Span{Start: m[2], End: m[1]}}
		if c.u.Doc.Manifest != "" {
			p.By = string(c.u.Doc.Manifest)
		}
		if m[6] >= 0 {
			p.Span.End = m[7]
			p.Spec = c.lit(span.Span{Start: m[6], End: m[7]})
			c.add(p)
			continue
		}
		if !c.counted {
			c.used[lastPart(group(4))]++
		}
		for _, at := range c.set(group(4)) {
			q := *p
			q.Spec = c.lit(at)
			q.Related = []facts.Related{{Source: imds.Source{Text: c.u.Text, Span: at}, Unit: c.u, Message: "the version is set here"}}
			if c.uses(group(4)) || c.u.Doc.Manifest == "" {
				q.Unsafe = "the version is set in another place and may be used for more"
			}
			c.add(&q)
		}
	}
}

func (c *coordinates) add(p *facts.Pin) {
	if Matters(p) && Readable(p) {
		c.out = append(c.out, p)
	}
}

func (c *coordinates) lit(s span.Span) imds.Value {
	return imds.Lit(c.u.Text.Sub(s), imds.Source{Text: c.u.Text, Span: s})
}

// set is where a name is given a version.
func (c *coordinates) set(name string) []span.Span {
	if c.settings == nil {
		c.settings = map[string][]span.Span{}
		for _, m := range setting.FindAllSubmatchIndex(c.src, -1) {
			if !commented(c.src, m[0]) {
				n := string(c.src[m[2]:m[3]])
				c.settings[n] = append(c.settings[n], span.Span{Start: m[4], End: m[5]})
			}
		}
	}
	return c.settings[lastPart(name)]
}

// provided reports whether the runtime brings the artifact at a place: only
// the compiler sees the version that stands there.
func (c *coordinates) provided(at int) bool {
	line := c.src[max(0, at-maxComment):at]
	line = line[bytes.LastIndexByte(line, '\n')+1:]
	return bytes.Contains(line, []byte("compileOnly")) || bytes.Contains(line, []byte("providedCompile"))
}

// commented reports whether a place is in a comment: the line begins as one in
// some language, or one of C's kind is open.
func commented(b []byte, at int) bool {
	before := b[max(0, at-maxComment):at]
	line := bytes.TrimLeft(before[bytes.LastIndexByte(before, '\n')+1:], " \t")
	for _, mark := range []string{"//", "#", "--", "*", "<!--", "'''", `"""`} {
		if bytes.HasPrefix(line, []byte(mark)) && !bytes.HasPrefix(line, []byte("--packages")) {
			return true
		}
	}
	if i := bytes.Index(line, []byte(" //")); i >= 0 && bytes.Count(line[:i], []byte(`"`))%2 == 0 {
		return true
	}
	open := bytes.LastIndex(before, []byte("/*"))
	return open >= 0 && open > bytes.LastIndex(before, []byte("*/")) && !bytes.HasPrefix(before[open:], []byte("/**/"))
}

// maxComment is how far back the beginning of a comment is looked for.
const maxComment = 4 << 10

// buildFile reads a build file whose language is not analysed.
func buildFile(r *reader) { r.out.Pins = append(r.out.Pins, Coordinates(r.u)...) }
