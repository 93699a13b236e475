package pins

import (
	"bytes"
	"regexp"
	"slices"
	"strings"

	"github.com/imdsscan/imdsscan/analyzer/facts"
	"github.com/imdsscan/imdsscan/analyzer/imds"
	"github.com/imdsscan/imdsscan/analyzer/versions"
	"github.com/imdsscan/imdsscan/notebooks"
	"github.com/imdsscan/imdsscan/notebooks/span"
	"github.com/imdsscan/imdsscan/rules"
)

// maxCoordinates bounds how many packages of one text are noted.
const maxCoordinates = 2000

// coordinates finds the artifacts of Maven repositories that a unit names.
type coordinates struct {
	u     *facts.Unit
	src   []byte
	names names
	found []*artifact
	// used counts the versions taken from each name of the unit.
	used map[string]int
	more map[string]bool // names used for more than that
}

// artifact is one that the code names.
type artifact struct {
	name    string
	span    span.Span
	version []part
	by      string
	refuse  string
	unknown string // why the version is not known
}

// part is a part of a version: a literal text, or an expression.
type part struct {
	at         span.Span
	expression string // of a hole
}

// Coordinates finds the artifacts that the code of a unit names, whatever its
// language: their forms are the same in all, and nothing else has them. Names
// that the unit does not set are looked for in others.
func Coordinates(u *facts.Unit, others []*facts.Unit) []*facts.Pin {
	b := u.Text.Bytes()
	if !Named(b) {
		return nil
	}
	c := &coordinates{u: u, src: b, used: map[string]int{}, more: map[string]bool{}}
	c.names = names{units: []*facts.Unit{u}, more: func() []*facts.Unit { return append(others, builds(u)...) }}
	c.colons()
	c.addDeps()
	c.jars()
	if likeC(u) && u.Language != notebooks.Terraform {
		c.build()
	}
	for _, a := range c.found {
		for _, p := range a.version {
			if name := lastName(p.expression); name != "" {
				c.used[name]++
			}
		}
	}
	var out []*facts.Pin
	for _, a := range c.found {
		for _, p := range c.pins(a) {
			if a.refuse != "" {
				p.Spec = unwritten(p.Spec) // a changed name of a file alone would mislead
			}
			if c.isManifest() || Readable(p) {
				out = append(out, p)
			}
		}
	}
	return out
}

// unwritten is a value without the places where it is written.
func unwritten(v imds.Value) imds.Value {
	out := slices.Clone(v)
	for i := range out {
		out[i].Source = imds.Source{}
	}
	return out
}

func (c *coordinates) isManifest() bool { return c.u.Doc != nil && c.u.Doc.Manifest != "" }

// add notes an artifact whose version matters.
func (c *coordinates) add(a artifact) {
	f := rules.AllFloors().Of(rules.Maven, a.name)
	if f == nil || len(c.found) >= maxCoordinates || commented(c.u, a.span.Start) || c.provided(a.span.Start) {
		return
	}
	if a.by == "" {
		a.by = "the code"
		if c.isManifest() {
			a.by = string(c.u.Doc.Manifest)
		}
	}
	c.found = append(c.found, &a)
}

// pins are the pins of an artifact, one for each version that it may have.
func (c *coordinates) pins(a *artifact) []*facts.Pin {
	out := []*facts.Pin{{Unit: c.u, Span: a.span, Ecosystem: rules.Maven, Package: a.name, Grammar: versions.Maven, By: a.by, Refuse: a.refuse, Unknown: a.unknown}}
	for _, p := range a.version {
		if p.expression == "" {
			for _, pin := range out {
				pin.Spec = imds.Concat(pin.Spec, imds.Lit(c.u.Text.Sub(p.at), imds.Source{Text: c.u.Text, Span: p.at}))
			}
			continue
		}
		name := lastName(p.expression)
		var sets []set
		if name != "" {
			sets = c.names.find(name)
		}
		if len(sets) == 0 {
			for _, pin := range out {
				pin.Spec = imds.Concat(pin.Spec, imds.Unknown(p.expression))
				if pin.Unknown == "" && name != "" {
					pin.Unknown = "where " + name + " is set was not found in the files scanned"
				}
			}
			continue
		}
		var next []*facts.Pin
		for _, pin := range out {
			for _, s := range sets {
				if len(next) < maxNames {
					next = append(next, c.setAt(pin, name, s))
				}
			}
		}
		out = next
	}
	return out
}

// setAt is a pin whose version goes on with what a name is set to.
func (c *coordinates) setAt(p *facts.Pin, name string, s set) *facts.Pin {
	q := *p
	src := imds.Source{Text: s.u.Text, Span: s.at}
	q.Spec = imds.Concat(p.Spec, imds.Lit(s.text(), src))
	q.Related = append(append([]facts.Related(nil), p.Related...), facts.Related{Source: src, Unit: s.u, Message: "the version is set here"})
	if s.u != c.u || !c.isManifest() || c.uses(name) {
		q.Unsafe = "the version is set in another place and may be used for more"
	}
	return &q
}

// uses reports whether a name is used for more than versions of these
// packages.
func (c *coordinates) uses(name string) bool {
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
		if (i == 0 || !isWord(c.src[i-1])) && (at == len(c.src) || !isWord(c.src[at])) && !commented(c.u, i) {
			n++
		}
	}
	c.more[name] = n > c.used[name]+len(c.names.in(c.u)[name])
	return c.more[name]
}

func isWord(c byte) bool {
	return c == '_' || c >= '0' && c <= '9' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z'
}

// provided reports whether the runtime brings the artifact at a place: only
// the compiler sees the version that stands there.
func (c *coordinates) provided(at int) bool { return c.onLine(at, "compileOnly", "providedCompile") }

// onLine reports whether one of several words stands before a place on its
// line.
func (c *coordinates) onLine(at int, words ...string) bool {
	line := c.src[max(0, at-maxComment):at]
	line = line[bytes.LastIndexByte(line, '\n')+1:]
	for _, w := range words {
		if bytes.Contains(line, []byte(w)) {
			return true
		}
	}
	return false
}

// group and artifact of g:a:v, as in spark.jars.packages, --packages, Gradle,
// //> using dep, $ivy and @Grab; Ivy and Scala CLI write g::a:v too.
var colonForm = regexp.MustCompile(`([A-Za-z0-9_.-]+)::?((?:[A-Za-z0-9_.-]|\$\{?[A-Za-z_][A-Za-z0-9_.]*\}?|\{[A-Za-z_][A-Za-z0-9_.]*\})+)(?::jar|:pom)?:`)

func (c *coordinates) colons() {
	for _, m := range colonForm.FindAllSubmatchIndex(c.src, -1) {
		version, end := c.versionAt(m[1])
		if len(version) == 0 {
			continue
		}
		c.add(artifact{name: string(c.src[m[2]:m[3]]) + ":" + string(c.src[m[4]:m[5]]), span: span.Span{Start: m[2], End: max(m[1], end)}, version: version})
	}
}

var (
	plainVersion = regexp.MustCompile(`^[0-9][A-Za-z0-9_.+-]*(?:!!)?`)
	morePlain    = regexp.MustCompile(`^[A-Za-z0-9_.+-]+`)
	rangeVersion = regexp.MustCompile(`^[\[(][0-9A-Za-z.,\s_-]*[\])\[]`)
	openVersion  = regexp.MustCompile(`^(?:latest\.[a-z]+|LATEST|RELEASE|\+)`)
	// hole is where a value is filled into a text: $v, ${v}, ${v:-1}, {v}, {},
	// %s, %(v)s.
	holeForm = regexp.MustCompile(`^(?:\$\{([^{}\n]*)\}|\$([A-Za-z_][A-Za-z0-9_]*)|\{\{\s*([^{}\n]*?)\s*\}\}|\{([^{}\n]*)\}|%\(([A-Za-z_]\w*)\)s|(%s))`)
	// joined is an expression that is put behind a string.
	joined = regexp.MustCompile(`^("""|["'])\s*(\+|,|%|\.format\s*\()\s*`)
)

// versionAt reads the version that is written at a place: in the text itself,
// filled into it, or put behind it.
func (c *coordinates) versionAt(at int) (out []part, end int) {
	if m := rangeVersion.FindIndex(c.src[at:min(len(c.src), at+maxSpecText)]); m != nil {
		return []part{{at: span.Span{Start: at, End: at + m[1]}}}, at + m[1]
	}
	if m := openVersion.FindIndex(c.src[at:]); m != nil {
		return []part{{at: span.Span{Start: at, End: at + m[1]}}}, at + m[1]
	}
	for len(out) < maxParts {
		rest := c.src[at:min(len(c.src), at+maxSpecText)]
		plain := plainVersion
		if len(out) > 0 {
			plain = morePlain
		}
		if m := plain.FindIndex(rest); m != nil {
			out = append(out, part{at: span.Span{Start: at, End: at + m[1]}})
			at += m[1]
		} else if m := holeForm.FindSubmatchIndex(rest); m != nil {
			out = append(out, c.hole(rest, m, at))
			at += m[1]
		} else {
			return append(out, c.joinedAt(at, len(out) > 0)...), at
		}
	}
	return out, at
}

// joinedAt is what is put behind the string that ends at a place, as the rest
// of a version: "g:a:" + v, paste0("g:a:", v), "g:a:1.11." + minor.
func (c *coordinates) joinedAt(at int, begun bool) []part {
	m := joined.FindSubmatchIndex(c.src[at:min(len(c.src), at+maxSpecText)])
	if m == nil {
		return nil
	}
	if op := c.src[at+m[4]]; op != '+' && (op != ',' || begun) || begun && c.src[at-1] != '.' {
		return nil
	}
	at += m[1]
	switch expression := operand(c.src, at); {
	case expression == "":
		return nil
	case expression[0] == '"' || expression[0] == '\'':
		plain := plainVersion
		if begun {
			plain = morePlain
		}
		text := plain.FindString(expression[1:])
		if text == "" {
			return nil
		}
		return []part{{at: span.Span{Start: at + 1, End: at + 1 + len(text)}}}
	default:
		return []part{{expression: expression}}
	}
}

const (
	maxSpecText = 200
	// maxParts bounds the parts of a version.
	maxParts = 8
)

// hole reads what is filled into a text: m matches holeForm in rest, which
// stands at.
func (c *coordinates) hole(rest []byte, m []int, at int) part {
	expression := ""
	for g := 2; g < len(m); g += 2 {
		if m[g] >= 0 {
			expression = string(rest[m[g]:m[g+1]])
		}
	}
	if expression == "%s" || expression == "" || strings.Trim(expression, "0123456789") == "" {
		expression = c.argument(at, expression)
	}
	if name, otherwise, ok := strings.Cut(expression, ":-"); ok && len(c.names.find(name)) == 0 {
		if i := bytes.Index(rest, []byte(otherwise)); otherwise != "" && i >= 0 {
			return part{at: span.Span{Start: at + i, End: at + i + len(otherwise)}}
		}
	} else if ok {
		expression = name
	}
	if expression == "" {
		expression = string(rest[m[0]:m[1]])
	}
	return part{expression: expression}
}

// argument is the expression that fills the hole at a place, %s or {}: of
// those behind the string, that with the hole's own number.
func (c *coordinates) argument(at int, number string) string {
	from := max(0, at-maxComment)
	open := bytes.LastIndexAny(c.src[from:at], `"'`)
	if open < 0 {
		return ""
	}
	quote := c.src[from+open]
	closing := bytes.IndexByte(c.src[at:], quote)
	if closing < 0 {
		return ""
	}
	n := bytes.Count(c.src[from+open:at], []byte("%s")) + bytes.Count(c.src[from+open:at], []byte("{}"))
	if number != "" && number != "%s" {
		n = int(number[0] - '0')
	}
	m := joined.FindSubmatchIndex(c.src[at+closing : min(len(c.src), at+closing+maxSpecText)])
	if m == nil {
		return ""
	}
	args := at + closing + m[1]
	if args < len(c.src) && c.src[args] == '(' && c.src[at+closing+m[4]] == '%' {
		args++
	}
	for ; n > 0; n-- {
		one := operand(c.src, args)
		args += len(one)
		comma := bytes.IndexByte(c.src[args:min(len(c.src), args+maxSpecText)], ',')
		if one == "" || comma < 0 {
			return ""
		}
		args += comma + 1
		for args < len(c.src) && (c.src[args] == ' ' || c.src[args] == '\n') {
			args++
		}
	}
	return operand(c.src, args)
}

var operandForm = regexp.MustCompile(`^(?:"[^"\n]*"|'[^'\n]*'|[A-Za-z_][A-Za-z0-9_.]*(?:[(\[]["'][^"'\n]*["'][)\]])?)`)

// operand is the expression that begins at a place: a string, a name, a look-up.
func operand(b []byte, at int) string {
	return string(operandForm.Find(b[at:min(len(b), at+maxSpecText)]))
}

// addDepsForm is %AddDeps g a v, as in Toree notebooks.
var addDepsForm = regexp.MustCompile(`(?m)^%AddDeps\s+(\S+)\s+(\S+)\s+(\S+)`)

func (c *coordinates) addDeps() {
	for _, m := range addDepsForm.FindAllSubmatchIndex(c.src, -1) {
		c.add(artifact{name: string(c.src[m[2]:m[3]]) + ":" + string(c.src[m[4]:m[5]]), span: span.Span{Start: m[2], End: m[7]},
			version: []part{{at: span.Span{Start: m[6], End: m[7]}}}})
	}
}

var (
	jarForm    = regexp.MustCompile(`(aws-java-sdk(?:-[a-z][a-z0-9]*)*|hadoop-aws|jets3t)-([0-9][0-9A-Za-z.]*?|\$\{[A-Za-z_][A-Za-z0-9_.]*\}|\$[A-Za-z_][A-Za-z0-9_]*|\{[A-Za-z_][A-Za-z0-9_]*\})\.jar\b`)
	jarV2      = regexp.MustCompile(`software/amazon/awssdk/([a-z0-9-]+)/[^/\s"']+/[a-z0-9-]+-([0-9][0-9A-Za-z.]*?|\$\{[A-Za-z_][A-Za-z0-9_.]*\}|\$[A-Za-z_][A-Za-z0-9_]*|\{[A-Za-z_][A-Za-z0-9_]*\})\.jar\b`)
	jarsRemove = regexp.MustCompile(`(?:^|[\s;&|(])(?:rm|unlink|ls|find|test|\[|!|rmdir|grep|echo|zip\s+-d)\s[^;&|]*$`)
	jarGroups  = map[string]string{"hadoop-aws": "org.apache.hadoop", "jets3t": "net.java.dev.jets3t"}
)

// jars finds the artifacts that code names by the file: a jar's name tells its
// version.
func (c *coordinates) jars() {
	for _, m := range jarForm.FindAllSubmatchIndex(c.src, -1) {
		name := string(c.src[m[2]:m[3]])
		group := jarGroups[name]
		if group == "" {
			group = "com.amazonaws"
		}
		c.jar(group+":"+name, m)
	}
	for _, m := range jarV2.FindAllSubmatchIndex(c.src, -1) {
		c.jar("software.amazon.awssdk:"+string(c.src[m[2]:m[3]]), m)
	}
}

func (c *coordinates) jar(name string, m []int) {
	if m[2] > 0 && (isWord(c.src[m[2]-1]) || c.src[m[2]-1] == '-') {
		return
	}
	line := c.src[max(0, m[2]-maxSpecText):m[2]]
	line = line[bytes.LastIndexByte(line, '\n')+1:]
	if c.u.Language == notebooks.Shell && jarsRemove.Match(line) {
		return
	}
	if again := string(c.src[m[2]:m[1]]); c.onLine(m[2], again) && !bytes.HasSuffix(line, []byte(again)) {
		return // copied from or fetched under the same name
	}
	a := artifact{name: name, span: span.Span{Start: m[2], End: m[1]}, by: "the name of a jar",
		refuse: "the version is a part of a file's name, and the file has to be another one as well"}
	if h := holeForm.FindSubmatchIndex(c.src[m[4]:m[5]]); h != nil {
		a.version = []part{c.hole(c.src[m[4]:m[5]], h, m[4])}
	} else {
		a.version = []part{{at: span.Span{Start: m[4], End: m[5]}}}
	}
	c.add(a)
}

// buildFile reads a build file whose language is not analysed.
func buildFile(r *reader) { r.out.Pins = append(r.out.Pins, Coordinates(r.u, nil)...) }
