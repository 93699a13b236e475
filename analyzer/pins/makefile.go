package pins

import (
	"bytes"
	"regexp"
	"strings"

	"github.com/imdsscan/imdsscan/analyzer/command"
	"github.com/imdsscan/imdsscan/analyzer/imds"
	"github.com/imdsscan/imdsscan/notebooks/span"
)

var (
	makeSetting = regexp.MustCompile(`^(?:export\s+|override\s+)*([A-Za-z_][A-Za-z0-9_.-]*)\s*(?:[:?+]|::)?=\s*`)
	makeField   = regexp.MustCompile(`\$\(([A-Za-z0-9_.-]+)\)|\$\{([A-Za-z0-9_.-]+)\}|\{\{\s*([A-Za-z0-9_-]+)\s*\}\}|\$\$\{([A-Za-z0-9_]+)[^}]*\}|\$\$?([A-Za-z_][A-Za-z0-9_]*)?`)
)

// maxMakeDepth bounds variables that are set from others.
const maxMakeDepth = 8

// makefile reads the packages that recipes of make and just install. Their
// lines are read as command lines: what a shell would make of them beyond
// words and quotes does not matter here.
func makefile(r *reader) {
	b := r.u.Text.Bytes()
	settings := map[string][]span.Span{}
	var recipes [][]span.Span
	for at := 0; at < len(b); {
		var parts []span.Span
		start := at
		for more := true; more && at < len(b); {
			end := len(b)
			if i := bytes.IndexByte(b[at:], '\n'); i >= 0 {
				end = at + i
			}
			part := span.Span{Start: at, End: end}
			at = end + 1
			if more = bytes.HasSuffix(b[part.Start:part.End], []byte(`\`)); more {
				part.End--
			}
			parts = append(parts, part)
		}
		switch c := b[start]; {
		case c == '\t' || c == ' ':
			recipes = append(recipes, parts)
		case c != '#':
			if m := makeSetting.FindSubmatchIndex(b[parts[0].Start:parts[0].End]); m != nil {
				name := string(b[start+m[2] : start+m[3]])
				parts[0].Start += m[1]
				settings[name] = parts
			}
		}
	}
	m := made{r: r, settings: settings}
	for _, parts := range recipes {
		use := span.Span{Start: parts[0].Start, End: parts[len(parts)-1].End}
		if !bytes.Contains(b[use.Start:use.End], []byte("install")) && !bytes.Contains(b[use.Start:use.End], []byte("add")) {
			continue
		}
		for _, words := range command.Commands(m.value(parts, 0)) {
			r.out.Pins = append(r.out.Pins, Installed(r.u, words, use)...)
		}
	}
}

// made fills in the variables of a makefile.
type made struct {
	r        *reader
	settings map[string][]span.Span
	filled   int
}

func (m *made) value(parts []span.Span, depth int) imds.Value {
	var out imds.Value
	for n, part := range parts {
		if n > 0 {
			out = append(out, imds.Lit(" ", imds.Source{})...)
		}
		text := m.r.u.Text.Sub(part)
		if depth == 0 && n == 0 {
			trimmed := strings.TrimLeft(text, " \t@+-")
			part.Start, text = part.End-len(trimmed), trimmed
		}
		at := 0
		for _, f := range makeField.FindAllStringSubmatchIndex(text, -1) {
			out = append(out, m.r.lit(span.Span{Start: part.Start + at, End: part.Start + f[0]})...)
			at = f[1]
			name := ""
			for g := 2; g < len(f); g += 2 {
				if f[g] >= 0 {
					name = text[f[g]:f[g+1]]
				}
			}
			set, known := m.settings[name]
			if m.filled++; !known || depth > maxMakeDepth || m.filled > maxCoordinates {
				out = append(out, imds.Unknown(name)...)
				continue
			}
			out = append(out, m.value(set, depth+1)...)
		}
		out = append(out, m.r.lit(span.Span{Start: part.Start + at, End: part.End})...)
	}
	return out
}
