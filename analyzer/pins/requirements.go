package pins

import (
	"bytes"
	"fmt"
	"regexp"
	"strings"

	"github.com/imdsscan/imdsscan/analyzer/facts"
	"github.com/imdsscan/imdsscan/analyzer/imds"
	"github.com/imdsscan/imdsscan/analyzer/versions"
	"github.com/imdsscan/imdsscan/notebooks/span"
	"github.com/imdsscan/imdsscan/rules"
)

// requirements reads pip's requirements and constraints. Files that it
// includes are read where they are found themselves, so that a circle of
// includes is none here.
func requirements(r *reader) {
	b := r.u.Text.Bytes()
	for at := 0; at < len(b); {
		var line imds.Value
		start := at
		for more := true; more && at < len(b); {
			end := len(b)
			if i := bytes.IndexByte(b[at:], '\n'); i >= 0 {
				end = at + i
			}
			part := span.Span{Start: at, End: end}
			at = end + 1
			text := b[part.Start:part.End]
			comment := commentStart(text)
			if more = comment < 0 && bytes.HasSuffix(text, []byte(`\`)); more {
				part.End--
			} else if comment >= 0 {
				part.End = part.Start + comment
			}
			if !part.Empty() {
				line = append(line, r.lit(part)...)
			}
		}
		r.requirementLine(line, span.Span{Start: start, End: min(at, len(b))})
	}
}

// commentStart is where a comment begins: at a # that starts the line or
// follows a blank.
func commentStart(line []byte) int {
	for i, c := range line {
		if c == '#' && (i == 0 || line[i-1] == ' ' || line[i-1] == '\t') {
			return i
		}
	}
	return -1
}

func (r *reader) requirementLine(line imds.Value, use span.Span) {
	text := flat(line)
	from, to := trim(text, 0, len(text))
	if from == to {
		return
	}
	if text[from] == '-' {
		m := editable.FindStringIndex(text[from:to])
		if m == nil {
			return
		}
		line, text = slice(line, from+m[1], to), text[from+m[1]:to]
	}
	if p := r.condaListed(line, use); p != nil {
		r.add(p)
		return
	}
	hashed := false
	if i := strings.Index(text, " --"); i >= 0 {
		hashed = strings.Contains(text[i:], "--hash")
		line = slice(line, 0, i)
	}
	p := r.requirement(line, use)
	if p != nil && hashed && p.Refuse == "" {
		p.Refuse = "the hashes below the version belong to its files and have to be made anew (pip-compile --generate-hashes, pip hash)"
	}
	r.add(p)
}

var (
	// condaExport is a line of `conda list --export`, which is often kept as
	// requirements.txt: name, version, build.
	condaExport = regexp.MustCompile(`^\s*[A-Za-z0-9_][A-Za-z0-9._-]*=[^=<>!~\s]+=[^=\s]+\s*$`)
	// condaFile is a line of `conda list --explicit`.
	condaFile = regexp.MustCompile(`^\s*[^\s#]+/([A-Za-z0-9_][A-Za-z0-9._-]*)-([0-9][^/-]*)-[^/-]+\.(?:tar\.bz2|conda)(?:#\S*)?\s*$`)
)

// condaListed reads a line that conda wrote; nil where it is another one.
func (r *reader) condaListed(line imds.Value, use span.Span) *facts.Pin {
	text := flat(line)
	if condaExport.MatchString(text) {
		p := Conda(r.u, line, use, r.name())
		if p != nil && strings.HasSuffix(strings.TrimSpace(text), "=pypi_0") {
			p.Ecosystem = rules.PyPI // pip installed it; conda only lists it
		}
		return p
	}
	m := condaFile.FindStringSubmatchIndex(text)
	if m == nil {
		return nil
	}
	p := &facts.Pin{Unit: r.u, Ecosystem: rules.Conda, Package: text[m[2]:m[3]], Spec: slice(line, m[4], m[5]), Grammar: versions.Conda, By: r.name(),
		Regenerate: "conda list --explicit"}
	p.Span = place(r.u, slice(line, m[2], m[5]), use)
	return p
}

// editable is the option before the address of a requirement.
var editable = regexp.MustCompile(`^(?:-e|--editable)(?:\s+|=)\s*["']?`)

// requirement reads what is for certain a requirement: a package that matters
// is not passed over because what stands behind it is none.
func (r *reader) requirement(v imds.Value, use span.Span) *facts.Pin {
	p := Requirement(r.u, v, use, r.name())
	if p != nil {
		return p
	}
	text := flat(v)
	if m := requirement.FindStringSubmatchIndex(text); m != nil && rules.AllFloors().Of(rules.PyPI, text[m[2]:m[3]]) != nil {
		at := place(r.u, slice(v, m[2], len(text)), use)
		r.out.Unread = append(r.out.Unread, facts.Broken{Unit: r.u, Span: at,
			Reason: fmt.Sprintf("which version of %s is asked for is not understood: %q is no requirement", text[m[2]:m[3]], strings.TrimSpace(text))})
	}
	return nil
}
