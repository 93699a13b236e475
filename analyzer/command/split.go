package command

import "github.com/imdsscan/imdsscan/analyzer/imds"

// Split cuts a command line at its blanks as shlex does, quotes removed.
func Split(v imds.Value) []Word {
	var out []Word
	var cur imds.Value
	started := false
	quote := byte(0)
	end := func() {
		if started {
			out = append(out, Word{Value: cur})
		}
		cur, started = nil, false
	}
	for _, p := range v {
		if p.Unknown {
			cur, started = append(cur, p), true
			continue
		}
		from := 0
		take := func(to int) {
			if to > from {
				piece := p
				piece.Text = p.Text[from:to]
				if piece.Source.Text != nil && piece.Source.Span.Len() == len(p.Text) {
					piece.Source.Span.End = piece.Source.Span.Start + to
					piece.Source.Span.Start += from
				}
				cur = append(cur, piece)
			}
			from = to + 1
		}
		for i := range len(p.Text) {
			c := p.Text[i]
			switch {
			case quote != 0 && c == quote:
				take(i)
				quote = 0
			case quote != 0:
			case c == '\'' || c == '"':
				take(i)
				quote, started = c, true
			case c == ' ' || c == '\t' || c == '\n':
				take(i)
				end()
			default:
				started = true
			}
		}
		take(len(p.Text))
	}
	end()
	return out
}

// Commands are the words of the commands on a line, one after the other.
func Commands(line imds.Value) [][]Word {
	var out [][]Word
	var words []Word
	for _, w := range Split(line) {
		if isOperator(w.Value) {
			out, words = append(out, words), nil
			continue
		}
		words = append(words, w)
	}
	return append(out, words)
}

func isOperator(v imds.Value) bool {
	s, known := v.Known()
	return known && (s == "|" || s == "||" || s == "&&" || s == ";" || s == "&")
}
