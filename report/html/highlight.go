package html

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/imdsscan/imdsscan/notebooks"
)

// The classes of highlighted code, as the style sheet names them.
const (
	plainText = ""
	comment   = "c"
	quoted    = "s"
	digits    = "n"
	keyword   = "k"
	call      = "f"
	variable  = "v"
)

// grammar is what there is to know of a language to colour it. Colour is a help
// for the eye, not an analysis: a scanner of a few rules reads any input in one
// pass, which the regular expressions of highlighting libraries do not.
type grammar struct {
	comment  string // starts a comment that ends with the line
	apart    bool   // and stands apart from the word before it
	block    bool   // /* comments */
	quotes   []string
	keywords string
	sigil    bool // $name and ${name} are variables
	anyCase  bool // keywords may be in capitals
}

var grammars = map[notebooks.Language]grammar{
	notebooks.Python: {comment: "#", quotes: []string{`"""`, "'''", `"`, "'"},
		keywords: "False None True and as assert async await break class continue def del elif else except finally for from global if import in is lambda match nonlocal not or pass raise return try while with yield"},
	notebooks.Shell: {comment: "#", apart: true, quotes: []string{`"`, "'"}, sigil: true,
		keywords: "case do done elif else esac exit export fi for function if in local readonly return set shift source then trap until unset while"},
	notebooks.Scala: {comment: "//", block: true, quotes: []string{`"""`, `"`},
		keywords: "abstract case catch class def do else extends false final finally for if implicit import lazy match new null object override package private protected return sealed super this throw trait true try type val var while with yield"},
	notebooks.Java: {comment: "//", block: true, quotes: []string{`"""`, `"`, "'"},
		keywords: "abstract boolean break case catch class continue default do double else enum extends false final finally float for if implements import instanceof int interface long new null package private protected public return static super switch this throw throws true try var void while"},
	notebooks.R: {comment: "#", quotes: []string{`"`, "'"},
		keywords: "FALSE NA NULL TRUE break else for function if in library next repeat require return while"},
	notebooks.SQL: {comment: "--", block: true, quotes: []string{"'", `"`, "$$"}, anyCase: true,
		keywords: "alter and as begin between by case create cross declare delete describe distinct drop else end exists from function group having if in inner insert into is join language left like limit merge not null on or order outer over partition replace return returns right select set show table temporary then union update use using values view when where with"},
	notebooks.YAML:       {comment: "#", apart: true, quotes: []string{`"`, "'"}, keywords: "true false null yes no"},
	notebooks.Dockerfile: {comment: "#", apart: true, quotes: []string{`"`, "'"}, sigil: true, keywords: "ADD ARG CMD COPY ENTRYPOINT ENV EXPOSE FROM HEALTHCHECK LABEL ONBUILD RUN SHELL USER VOLUME WORKDIR"},
	notebooks.Terraform:  {comment: "#", block: true, quotes: []string{`"`}, keywords: "data false locals module null output provider resource true variable"},
	notebooks.Packages:   {comment: "#", quotes: []string{`"`, "'"}},
}

// piece is a part of a line in one colour.
type piece struct{ class, text string }

// highlight gives the lines in pieces whose texts make up the lines again.
func highlight(language notebooks.Language, lines []string) [][]piece {
	g, ok := grammars[language]
	if !ok {
		out := make([][]piece, len(lines))
		for i, l := range lines {
			out[i] = []piece{{plainText, l}}
		}
		return out
	}
	s := scanner{g: g, src: strings.Join(lines, "\n"), keywords: map[string]bool{}}
	for k := range strings.FieldsSeq(g.keywords) {
		s.keywords[k] = true
	}
	s.scan()
	return s.byLine(len(lines))
}

type scanner struct {
	g        grammar
	keywords map[string]bool
	src      string
	out      []piece
	from     int // where the plain text begins that was not given out yet
}

// take gives out the plain text before i, and src[i:to] in the class.
func (s *scanner) take(class string, i, to int) int {
	if i > s.from {
		s.out = append(s.out, piece{plainText, s.src[s.from:i]})
	}
	s.out = append(s.out, piece{class, s.src[i:to]})
	s.from = to
	return to
}

func (s *scanner) scan() {
	for i := 0; i < len(s.src); {
		rest := s.src[i:]
		lineStart := i == 0 || s.src[i-1] == '\n'
		r, n := utf8.DecodeRuneInString(rest)
		switch {
		case lineStart && r == '%' && len(rest) > 1 && (rest[1] == '%' || isLetter(rune(rest[1]))):
			i = s.take(keyword, i, i+end(rest, func(r rune) bool { return unicode.IsSpace(r) })) // a magic
		case s.comments(rest, i):
			i = s.take(comment, i, i+lineLength(rest))
		case s.g.block && strings.HasPrefix(rest, "/*"):
			i = s.take(comment, i, i+through(rest, 2, "*/"))
		case s.quote(rest) != "":
			i = s.take(quoted, i, i+stringLength(rest, s.quote(rest)))
		case s.g.sigil && r == '$' && len(rest) > 1:
			i = s.variable(rest, i)
		case isLetter(r):
			i = s.word(rest, i)
		case unicode.IsDigit(r):
			i = s.take(digits, i, i+end(rest, func(r rune) bool { return !isLetter(r) && !unicode.IsDigit(r) && r != '.' }))
		default:
			i += n
		}
	}
	if s.from < len(s.src) {
		s.out = append(s.out, piece{plainText, s.src[s.from:]})
	}
}

// comments tells whether a comment starts here.
func (s *scanner) comments(rest string, i int) bool {
	if s.g.comment == "" || !strings.HasPrefix(rest, s.g.comment) {
		return false
	}
	return !s.g.apart || i == 0 || strings.IndexByte(" \t\n;()", s.src[i-1]) >= 0
}

func (s *scanner) quote(rest string) string {
	for _, q := range s.g.quotes {
		if strings.HasPrefix(rest, q) {
			return q
		}
	}
	return ""
}

func (s *scanner) word(rest string, i int) int {
	n := end(rest, func(r rune) bool { return !isLetter(r) && !unicode.IsDigit(r) })
	w := rest[:n]
	if s.g.anyCase {
		w = strings.ToLower(w)
	}
	joined := s.g.apart && (i > 0 && strings.IndexByte("-./=", s.src[i-1]) >= 0 || n < len(rest) && strings.IndexByte("-./=", rest[n]) >= 0)
	switch {
	case s.keywords[w] && !joined:
		return s.take(keyword, i, i+n)
	case n < len(rest) && rest[n] == '(':
		return s.take(call, i, i+n)
	}
	return i + n
}

func (s *scanner) variable(rest string, i int) int {
	if rest[1] == '{' {
		return s.take(variable, i, i+through(rest, 2, "}"))
	}
	n := 1 + end(rest[1:], func(r rune) bool { return !isLetter(r) && !unicode.IsDigit(r) })
	if n == 1 {
		return i + 1
	}
	return s.take(variable, i, i+n)
}

// byLine cuts what was given out at the ends of lines.
func (s *scanner) byLine(n int) [][]piece {
	out := make([][]piece, n)
	line := 0
	for _, p := range s.out {
		for text := p.text; ; {
			part, rest, more := strings.Cut(text, "\n")
			if part != "" && line < n {
				out[line] = append(out[line], piece{p.class, part})
			}
			if !more {
				break
			}
			text = rest
			line++
		}
	}
	return out
}

func isLetter(r rune) bool { return r == '_' || unicode.IsLetter(r) }

// end is where the first character stands that stops, or the length.
func end(s string, stops func(rune) bool) int {
	if i := strings.IndexFunc(s, stops); i >= 0 {
		return i
	}
	return len(s)
}

func lineLength(s string) int {
	return end(s, func(r rune) bool { return r == '\n' })
}

// through is the length up to and with the closing text, or to the line's end.
func through(s string, from int, closing string) int {
	if i := strings.Index(s[from:], closing); i >= 0 {
		return from + i + len(closing)
	}
	if closing == "*/" {
		return len(s)
	}
	return lineLength(s)
}

// stringLength is the length of a string that starts with the quote. One
// without an end goes to the end of its line, a long one to the end of the text.
func stringLength(s, quote string) int {
	for i := len(quote); i < len(s); i++ {
		switch {
		case s[i] == '\\':
			i++
		case strings.HasPrefix(s[i:], quote):
			return i + len(quote)
		case s[i] == '\n' && len(quote) == 1:
			return i
		}
	}
	return len(s)
}
