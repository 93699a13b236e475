package pins

import (
	"regexp"

	"github.com/imdsscan/imdsscan/analyzer/facts"
	"github.com/imdsscan/imdsscan/analyzer/imds"
)

// filler fills in what stands as ${name} in a text: Maven's properties, the
// variables of bundles.
type filler struct {
	// values are what a name may stand for; why says what leaves it unknown,
	// shared what else it is the version of.
	values func(name string) []nameValue
	why    func(name string) string
	shared func(name string) string
	// left is how much more may be filled in for a text.
	left int
	// known are the values of names that were asked for before.
	known map[string][]expanded
}

// nameValue is a value that a file gives to a name.
type nameValue struct {
	u     *facts.Unit
	value *Item
	// sometimes is true for one of certain builds only, own for the version of
	// a project, which is not a dependency's.
	sometimes, own bool
}

// expanded is a value that a text with names in it may have.
type expanded struct {
	text    imds.Value
	set     []nameValue // where its parts are set
	shared  string      // why a change of it may be one of more
	unknown string      // which part is not known, and why
}

var property = regexp.MustCompile(`\$\{([^{}]+)\}`)

const (
	// maxNamed bounds names that stand for names.
	maxNamed = 8
	// maxValues bounds the values that a text may have.
	maxValues = 16
	// maxFilled bounds the texts that are filled in for one.
	maxFilled = 500
)

// expand fills in the names of a text, in every way that is possible.
func (f *filler) expand(text imds.Value) []expanded {
	f.left = maxFilled
	return f.fill(text, 0)
}

func (f *filler) fill(text imds.Value, depth int) []expanded {
	f.left--
	out := []expanded{{}}
	each := func(grow func(expanded) []expanded) {
		var next []expanded
		for _, x := range out {
			next = append(next, grow(x)...)
		}
		out = next[:min(len(next), maxValues)]
	}
	plain := func(from, to int) {
		part := slice(text, from, to)
		each(func(x expanded) []expanded {
			x.text = imds.Concat(x.text, part)
			return []expanded{x}
		})
	}
	at, raw := 0, flat(text)
	for _, m := range property.FindAllStringSubmatchIndex(raw, -1) {
		plain(at, m[0])
		at = m[1]
		name := raw[m[2]:m[3]]
		values := f.of(name, depth)
		each(func(x expanded) (next []expanded) {
			for _, v := range values {
				next = append(next, x.and(v))
			}
			return next
		})
	}
	plain(at, len(raw))
	for i := range out { // the place that counts is where the text is written
		if n := len(out[i].set); n > 1 {
			out[i].set = out[i].set[n-1:]
		}
	}
	return out
}

// of are the values that a name may stand for, at least one.
func (f *filler) of(name string, depth int) []expanded {
	if depth > 0 {
		return f.find(name, depth)
	}
	out, ok := f.known[name]
	if !ok {
		if f.known == nil {
			f.known = map[string][]expanded{}
		}
		out = f.find(name, depth)
		f.known[name] = out
	}
	return out
}

func (f *filler) find(name string, depth int) (out []expanded) {
	if depth < maxNamed && f.left > 0 {
		for _, s := range f.values(name) {
			for _, v := range f.fill(s.value.text, depth+1) {
				v.set = append([]nameValue{s}, v.set...)
				out = append(out, v)
			}
		}
	}
	if out == nil {
		return []expanded{{text: imds.Unknown(name), unknown: f.why(name)}}
	}
	for i := range out {
		if out[i].shared == "" {
			out[i].shared = f.shared(name)
		}
	}
	return out[:min(len(out), maxValues)]
}

// maxExpanded bounds the length of a text that is filled in.
const maxExpanded = 4000

// and is a text that goes on with another one.
func (x expanded) and(v expanded) expanded {
	if len(x.text)+len(v.text) > maxExpanded/10 || len(flat(x.text))+len(flat(v.text)) > maxExpanded {
		return expanded{text: imds.Unknown("too long a text"), unknown: "what is filled in makes too long a text"}
	}
	y := expanded{text: imds.Concat(x.text, v.text), set: append(append([]nameValue(nil), x.set...), v.set...), shared: x.shared, unknown: x.unknown}
	if y.shared == "" {
		y.shared = v.shared
	}
	if y.unknown == "" {
		y.unknown = v.unknown
	}
	return y
}

// related are the places where a text's parts are set.
func (x expanded) related(message string) (out []facts.Related) {
	for _, s := range x.set {
		out = append(out, facts.Related{Source: imds.Source{Text: s.u.Text, Span: s.value.span}, Unit: s.u, Message: message})
	}
	return out
}
