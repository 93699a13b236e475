package dockerfile

import (
	"maps"
	"strings"

	"github.com/imdsscan/imdsscan/analyzer/imds"
	"github.com/imdsscan/imdsscan/notebooks/span"
)

// Bounds: variables of variables grow without end.
const (
	maxParts = 50
	maxVars  = 500
)

// vars are the variables of a stage: ENV and ARG.
type vars map[string]imds.Value

func (v vars) clone() vars {
	out := vars{}
	maps.Copy(out, v)
	return out
}

// settings reads NAME=value words, and the older `ENV NAME value`.
func (a *analysis) settings(name string, args *span.Text) {
	line := args.Sub(args.All())
	words := splitWords(line)
	if name == "LABEL" {
		a.mention(args, args.All(), "label")
		return
	}
	if len(words) == 0 {
		return
	}
	first := line[words[0].Start:words[0].End]
	if name == "ENV" && !strings.Contains(first, "=") {
		if len(words) > 1 {
			a.set(args, name, first, span.Span{Start: words[1].Start, End: words[len(words)-1].End})
		}
		return
	}
	for _, w := range words {
		key, _, ok := strings.Cut(line[w.Start:w.End], "=")
		switch {
		case ok:
			a.set(args, name, key, span.Span{Start: w.Start + len(key) + 1, End: w.End})
		case name == "ARG":
			if v, known := a.globals[key]; known && a.now.began {
				a.now.vars[key] = v
			}
		}
	}
}

func (a *analysis) set(args *span.Text, instruction, key string, value span.Span) {
	v := a.expand(args, value)
	if len(v) > maxParts {
		v = imds.Unknown("$" + key)
	}
	if _, set := a.now.vars[key]; set || len(a.now.vars) < maxVars {
		a.now.vars[key] = v
	}
	switch strings.ToLower(key) {
	case "no_proxy", "noproxy":
		a.mention(args, value, "no_proxy list")
	default:
		what := "an environment variable of the image"
		if instruction == "ARG" {
			what = "an argument of the build"
		}
		a.unexplained(args, value, what+"; no command of this file is seen to ask there")
	}
}

// expand is a word as Docker expands it: quotes, backslashes, $NAME, ${NAME}
// and ${NAME:-word}.
func (a *analysis) expand(args *span.Text, at span.Span) imds.Value {
	text := args.Sub(at)
	var out imds.Value
	lit := func(from, to int) {
		if to > from {
			sp := span.Span{Start: at.Start + from, End: at.Start + to}
			out = append(out, imds.Part{Text: text[from:to], Source: imds.Source{Text: args, Span: sp}})
		}
	}
	var quote byte
	from := 0
	for i := 0; i < len(text); i++ {
		c := text[i]
		switch {
		case c == '\\' && quote != '\'' && i+1 < len(text):
			lit(from, i)
			from = i + 1
			i++
		case c == quote || quote == 0 && (c == '"' || c == '\''):
			lit(from, i)
			from = i + 1
			if quote == c {
				quote = 0
			} else {
				quote = c
			}
		case c == '$' && quote != '\'':
			name, rest, n := variable(text[i:])
			if n == 0 {
				continue
			}
			lit(from, i)
			out = append(out, a.valueOf(args, name, rest.Shift(at.Start+i))...)
			i += n - 1
			from = i + 1
		}
	}
	lit(from, len(text))
	return out
}

// valueOf is what a variable is known to be, or the word that stands for it.
func (a *analysis) valueOf(args *span.Text, name string, word span.Span) imds.Value {
	if v, ok := a.now.vars[name]; ok {
		return v
	}
	if !word.Empty() {
		return imds.Lit(args.Sub(word), imds.Source{Text: args, Span: word})
	}
	return imds.Unknown("$" + name)
}

// variable reads $NAME, ${NAME} or ${NAME:-word}; n is its length, 0 for a
// dollar sign that is none.
func variable(s string) (name string, word span.Span, n int) {
	isName := func(c byte) bool { return c == '_' || isLetter(c) || c >= '0' && c <= '9' }
	at := 1
	braces := strings.HasPrefix(s, "${")
	if braces {
		at = 2
	}
	end := at
	for end < len(s) && isName(s[end]) {
		end++
	}
	if end == at {
		return "", span.Span{}, 0
	}
	name = s[at:end]
	if !braces {
		return name, span.Span{}, end
	}
	to := strings.IndexByte(s[end:], '}')
	if to < 0 {
		return "", span.Span{}, 0
	}
	if rest := s[end : end+to]; strings.HasPrefix(rest, ":-") {
		word = span.Span{Start: end + 2, End: end + to}
	}
	return name, word, end + to + 1
}
