package pins

import (
	"bytes"
	"strings"

	"github.com/imdsscan/imdsscan/analyzer/imds"
	"github.com/imdsscan/imdsscan/notebooks/span"
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
	if trimmed := strings.TrimSpace(text); trimmed == "" || trimmed[0] == '-' {
		return
	}
	hashed := false
	if i := strings.Index(text, " --"); i >= 0 {
		hashed = strings.Contains(text[i:], "--hash")
		line = slice(line, 0, i)
	}
	p := Requirement(r.u, line, use, r.name())
	if p != nil && hashed && p.Refuse == "" {
		p.Refuse = "the hashes below the version belong to its files and have to be made anew (pip-compile --generate-hashes, pip hash)"
	}
	r.add(p)
}
