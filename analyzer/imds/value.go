// Package imds decides what an endpoint is: which spellings reach the EC2
// instance metadata service, which URLs are another cloud's, and what is only
// a look-alike. It works on values: text whose parts may be unknown.
//
// The package knows no language, no client and no rule.
package imds

import (
	"strings"

	"github.com/imdsscan/imdsscan/notebooks/span"
)

// Source is where the bytes of a part stand in the code.
type Source struct {
	Text *span.Text
	Span span.Span
}

// Raw is the part's place in its file.
func (s Source) Raw() span.Span { return s.Text.Raw(s.Span) }

// Part is a run of known text, or a hole whose text is not known.
type Part struct {
	Text    string
	Unknown bool
	// Name is what the code calls a hole ("path", "sys.argv[1]"), for messages.
	Name string
	// Source is where a known part is written; Text is nil when it stands
	// nowhere (a default the analysis supplied).
	Source Source
}

// Value is a text as far as the analysis knows it: known parts and holes in
// order. The empty Value is the empty string.
type Value []Part

// Lit is a known value written at src.
func Lit(text string, src Source) Value { return Value{{Text: text, Source: src}} }

// Unknown is a value of which nothing is known but what the code calls it.
func Unknown(name string) Value { return Value{{Unknown: true, Name: name}} }

// Concat joins values.
func Concat(vs ...Value) Value {
	var out Value
	for _, v := range vs {
		out = append(out, v...)
	}
	return out
}

// Known returns the text when no part is unknown.
func (v Value) Known() (string, bool) {
	var sb strings.Builder
	for _, p := range v {
		if p.Unknown {
			return "", false
		}
		sb.WriteString(p.Text)
	}
	return sb.String(), true
}

// Prefix is the known text before the first hole; whole is true when there is
// no hole.
func (v Value) Prefix() (text string, whole bool) {
	var sb strings.Builder
	for _, p := range v {
		if p.Unknown {
			return sb.String(), false
		}
		sb.WriteString(p.Text)
	}
	return sb.String(), true
}

// String shows the value with its holes as {name}.
func (v Value) String() string {
	var sb strings.Builder
	for _, p := range v {
		if p.Unknown {
			sb.WriteString("{" + p.Name + "}")
		} else {
			sb.WriteString(p.Text)
		}
	}
	return sb.String()
}

// Sources are the places the known parts are written at.
func (v Value) Sources() []Source {
	var out []Source
	for _, p := range v {
		if !p.Unknown && p.Source.Text != nil {
			out = append(out, p.Source)
		}
	}
	return out
}
