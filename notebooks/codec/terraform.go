package codec

import (
	"bytes"
	"strings"

	"github.com/imdsscan/imdsscan/notebooks/span"
)

// Terraform shows a here-document of Terraform as the text it gives:
// interpolations and directives are holes, $${ and %%{ are escapes. The indent
// that `<<-` takes away is left in.
type Terraform struct{}

// Name is the layer's name in messages.
func (Terraform) Name() string { return "Terraform template" }

// Decode makes escapes and holes atoms.
func (Terraform) Decode(outer []byte, rng span.Span) ([]byte, []span.Atom, error) {
	d := newBuilder(outer, rng)
	if _, err := readTerraform(d, rng); err != nil {
		return nil, nil, err
	}
	return d.done()
}

// TerraformHoles are the interpolations in a text, as Terraform reads it.
func TerraformHoles(src []byte, rng span.Span) []span.Span {
	holes, err := readTerraform(newBuilder(src, rng), rng)
	if err != nil {
		return nil
	}
	return holes
}

func readTerraform(d *builder, rng span.Span) (holes []span.Span, err error) {
	src := d.outer[:rng.End]
	for at := rng.Start; at < rng.End; at++ {
		c := src[at]
		if c != '$' && c != '%' {
			continue
		}
		switch rest := src[at+1:]; {
		case len(rest) > 1 && rest[0] == c && rest[1] == '{':
			d.verbatim(at)
			d.escaped(string(rest[:2]), at+3)
			at += 2
		case len(rest) > 0 && rest[0] == '{':
			end := closingBrace(rest)
			if end < 0 {
				return nil, undecodable(at, "interpolation without an end")
			}
			d.verbatim(at)
			d.opaque(HoleName(len(holes)), at+1+end)
			holes = append(holes, span.Span{Start: at, End: at + 1 + end})
			at += end
		}
	}
	d.verbatim(rng.End)
	return holes, nil
}

// closingBrace is where the bracket that begins b is closed; quotes may hold
// others.
func closingBrace(b []byte) int {
	depth := 0
	for i := 0; i < len(b); i++ {
		switch b[i] {
		case '{':
			depth++
		case '}':
			if depth--; depth == 0 {
				return i + 1
			}
		case '"':
			for i++; i < len(b) && b[i] != '"'; i++ {
				if b[i] == '\\' {
					i++
				}
			}
		case '\n':
			if bytes.Count(b[:i], []byte("\n")) > 20 {
				return -1
			}
		}
	}
	return -1
}

// Encode doubles what would begin an interpolation.
func (Terraform) Encode(_ *span.Text, _ span.Span, text string) (string, error) {
	return strings.NewReplacer("${", "$${", "%{", "%%{").Replace(text), nil
}
