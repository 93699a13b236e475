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
	// archive is the file of a distribution: name, version, and the rest of
	// its name.
	archive = regexp.MustCompile(`^(?:[^#?]*/)?([A-Za-z0-9](?:[A-Za-z0-9._]|-[A-Za-z])*?)-([0-9][A-Za-z0-9.!+_]*?)(?:-[^/#?]*\.whl|\.tar\.gz|\.zip|\.tar\.bz2)(?:[#?].*)?$`)
)

// Requirement reads a requirement as pip takes it: `boto3[crt]>=1.9,<2; marker`,
// `boto3 @ https://…`, or the address of a file. It is nil where v names no
// package. use is where the unit uses the value.
func Requirement(u *facts.Unit, v imds.Value, use span.Span, by string) *facts.Pin {
	text := flat(v)
	p := &facts.Pin{Unit: u, Ecosystem: rules.PyPI, Grammar: versions.PEP440, By: by}
	if strings.Contains(text, "://") || strings.HasSuffix(text, ".whl") || strings.HasSuffix(text, ".tar.gz") {
		return fromArchive(p, v, use)
	}
	m := requirement.FindStringSubmatchIndex(text)
	if m == nil {
		return nil
	}
	p.Package = text[m[2]:m[3]]
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
		return fromArchive(p, slice(v, from+1, to), use)
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

// fromArchive reads the version of a package that is given by its file.
func fromArchive(p *facts.Pin, v imds.Value, use span.Span) *facts.Pin {
	text := strings.TrimRight(flat(v), " \t")
	m := archive.FindStringSubmatchIndex(text)
	if m == nil {
		return nil
	}
	p.Package = text[m[2]:m[3]]
	p.Spec = slice(v, m[4], m[5])
	p.Grammar = versions.Poetry // a bare version
	p.Span = place(p.Unit, slice(v, m[2], m[5]), use)
	p.Refuse = "the version is a part of a file's address, of which the rest would have to change as well"
	return p
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
