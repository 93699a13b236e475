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

var (
	// requirement is a name with extras, and what follows it.
	requirement = regexp.MustCompile(`^\s*([A-Za-z0-9](?:[A-Za-z0-9._-]*[A-Za-z0-9])?)\s*(?:\[[^\]]*\])?\s*`)
	// exactly is the version behind the @ of uv and uvx.
	exactly = regexp.MustCompile(`^@\s*v?([0-9]+(?:\.[0-9A-Za-z]+)*)$`)
)

// Requirement reads a requirement as pip takes it: `boto3[crt]>=1.9,<2; marker`,
// `boto3 @ https://…`, or the address of a file. It is nil where v names no
// package. use is where the unit uses the value.
func Requirement(u *facts.Unit, v imds.Value, use span.Span, by string) *facts.Pin {
	text := flat(v)
	p := &facts.Pin{Unit: u, Ecosystem: rules.PyPI, Grammar: versions.PEP440, By: by}
	m := requirement.FindStringSubmatchIndex(text)
	if named := m != nil && m[1] < len(text) && text[m[1]] == '@'; !named && isAddress(strings.TrimSpace(text)) {
		return fromAddress(p, v, use)
	}
	if m == nil {
		return nil
	}
	p.Package = text[m[2]:m[3]]
	if name := slice(v, m[2], m[3]).Sources(); len(name) > 0 {
		p.Named = name[0]
	}
	from, to := m[1], len(text)
	if i := strings.IndexByte(text[from:], ';'); i >= 0 {
		to = from + i
	}
	if from < to && text[from] == '(' {
		if i := strings.IndexByte(text[from:to], ')'); i > 0 {
			from, to = from+1, from+i
		}
	}
	from, to = trim(text, from, to)
	if from < to && text[from] == '@' {
		if e := exactly.FindStringSubmatchIndex(text[from:to]); e != nil {
			p.Grammar, p.Spec = versions.Poetry, slice(v, from+e[2], from+e[3])
			p.Span = place(u, slice(v, m[2], from+e[3]), use)
			return p
		}
		return fromAddress(p, slice(v, from+1, len(text)), use)
	}
	if from < to && !strings.ContainsRune("=<>~!"+string(hole), rune(text[from])) {
		return nil // prose
	}
	p.Spec = slice(v, from, to)
	p.Span = place(u, slice(v, m[2], max(to, m[3])), use)
	return p
}

// Within is Requirement for a value whose parts may be written in other places
// than its use; nil also where no version matters.
func Within(u *facts.Unit, v imds.Value, use span.Span, by string) *facts.Pin {
	p := Requirement(u, v, use, by)
	if p == nil || !Matters(p) {
		return nil
	}
	setElsewhere(p, use)
	return p
}

// fields are requirements that stand in one text, with blanks between them;
// each has a version, as the words of a sentence have not.
var (
	fields = regexp.MustCompile(`^\s*(?:[A-Za-z0-9][A-Za-z0-9._-]*(?:\[[^\]\s]*\])?[=<>!~][=<>!~0-9A-Za-z.*,+\x00]*(?:\s+|$)){2,}$`)
	field  = regexp.MustCompile(`\S+`)
)

// parted are the requirements of a text: itself, or what stands in it one
// behind the other.
func parted(v imds.Value) []imds.Value {
	text := flat(v)
	if len(text) > maxLine || !fields.MatchString(text) {
		return []imds.Value{v}
	}
	var out []imds.Value
	for _, m := range field.FindAllStringIndex(text, -1) {
		out = append(out, slice(v, m[0], m[1]))
	}
	return out
}

// Several is Within for values each of which may hold several requirements.
func Several(u *facts.Unit, vs []imds.Value, use span.Span, by string) []*facts.Pin {
	var out []*facts.Pin
	for _, v := range vs {
		for _, one := range parted(v) {
			if p := Within(u, one, use, by); p != nil {
				out = append(out, p)
			}
		}
	}
	return out
}

// paired leaves out pins whose name and version do not belong together: in a
// loop over pairs of them both are known, and not which goes with which. Of the
// names that a version is combined with, the one written next to it is its own.
func paired(ps []*facts.Pin) []*facts.Pin {
	next := map[imds.Source]int{}
	for _, p := range ps {
		if p == nil {
			continue
		}
		if at, distance := apart(p); at.Text != nil {
			if d, known := next[at]; !known || distance < d {
				next[at] = distance
			}
		}
	}
	var out []*facts.Pin
	for _, p := range ps {
		if p == nil {
			continue
		}
		if at, distance := apart(p); at.Text == nil || distance <= next[at] {
			out = append(out, p)
		}
	}
	return out
}

// apart is where a pin's version is written, and how far that is from its name;
// of two as far away the one before it is closer.
func apart(p *facts.Pin) (version imds.Source, distance int) {
	sources := p.Spec.Sources()
	if len(sources) == 0 || sources[len(sources)-1].Text != p.Named.Text {
		return imds.Source{}, 0
	}
	version = sources[len(sources)-1]
	if version.Span.Start < p.Named.Span.Start { // a version before its name
		return version, 2*(p.Named.Span.Start-version.Span.End) + 1
	}
	return version, 2 * (version.Span.Start - p.Named.Span.End)
}

// trim takes the blanks off both ends.
func trim(s string, from, to int) (int, int) {
	for from < to && (s[from] == ' ' || s[from] == '\t' || s[from] == '\n') {
		from++
	}
	for to > from && (s[to-1] == ' ' || s[to-1] == '\t' || s[to-1] == '\n') {
		to--
	}
	return from, to
}
