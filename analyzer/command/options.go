package command

import (
	"strings"

	"github.com/imdsscan/imdsscan/analyzer/imds"
	"github.com/imdsscan/imdsscan/rules"
)

// option is one option of a command line.
type option struct {
	name     string
	arg      int // argument the option stands in
	valueArg int // argument its value stands in, -1 without a value
	value    imds.Value
	whole    bool // the option and its value are whole arguments
}

// scanned is a command line taken apart.
type scanned struct {
	options  []option
	operands []Arg
	open     []Arg // words that may be options
	dashes   bool  // "--" ended the options
}

// scan takes the words after the tool's name apart as getopt does.
func scan(t *rules.ShellTool, words []Word, from int) scanned {
	var s scanned
	for at := from; at < len(words); at++ {
		v := words[at].Value
		known := text(v)
		switch {
		case words[at].Open && known == "":
			s.open = append(s.open, Arg{at, v})
		case s.dashes || len(known) < 2 || known[0] != '-':
			s.operands = append(s.operands, Arg{at, v})
		case known == "--":
			s.dashes = true
		case strings.HasPrefix(known, "--"):
			o := option{name: known, arg: at, valueArg: -1, whole: true}
			if eq := strings.IndexByte(known, '='); eq > 0 {
				o.name, o.value, o.valueArg = t.Long(known[:eq]), drop(v, eq+1), at
			} else if o.name = t.Long(known); t.TakesValue(o.name) && at+1 < len(words) {
				at++
				o.value, o.valueArg = words[at].Value, at
			}
			s.options = append(s.options, o)
		default:
			at = s.group(t, words, at)
		}
	}
	return s
}

// group reads short options written together, such as -sfm2 or -XPUT, and
// returns the index of the last argument they use.
func (s *scanned) group(t *rules.ShellTool, words []Word, at int) int {
	v := words[at].Value
	known, whole := v.Prefix()
	for i := 1; i < len(known); i++ {
		o := option{name: "-" + known[i:i+1], arg: at, valueArg: -1, whole: i == 1}
		if !t.TakesValue(o.name) {
			o.whole = len(known) == 2
			s.options = append(s.options, o)
			continue
		}
		if i+1 < len(known) || !whole {
			o.value, o.valueArg = drop(v, i+1), at
			// wget and others take -O=file literally, so nothing is cut here.
			s.options = append(s.options, o)
			return at
		}
		if at+1 < len(words) {
			o.value, o.valueArg = words[at+1].Value, at+1
			s.options = append(s.options, o)
			return at + 1
		}
		s.options = append(s.options, o)
		return at
	}
	return at
}

// drop leaves out the first n bytes of known text.
func drop(v imds.Value, n int) imds.Value {
	out := append(imds.Value(nil), v...)
	for len(out) > 0 && n > 0 && !out[0].Unknown {
		p := out[0]
		if len(p.Text) <= n {
			n -= len(p.Text)
			out = out[1:]
			continue
		}
		if p.Source.Span.Len() == len(p.Text) {
			p.Source.Span.Start += n
		}
		p.Text = p.Text[n:]
		out[0] = p
		n = 0
	}
	return out
}
