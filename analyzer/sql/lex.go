package sql

import "strings"

// kind is what a token is.
type kind uint8

const (
	word    kind = iota // a keyword, a name, a number
	mark                // a single sign
	str                 // '…' or "…", quotes included
	name                // `…`
	dollar              // $$…$$ or $tag$…$tag$
	comment             // -- … or /* … */
)

// token is a piece of the text.
type token struct {
	kind       kind
	start, end int
	// body and close are what stands between the quotes and where it ends.
	body, close int
	// raw is true for r'…', in which a backslash is one.
	raw bool
}

// lexer cuts SQL of any dialect into tokens. Where dialects differ (a
// backslash in a string) it reads as Databricks does.
type lexer struct {
	src string
	at  int
	// open says what began and did not end, and where.
	open   string
	openAt int
}

// next is the next token; ok is false at the end, and where a quote or a
// comment does not end.
func (l *lexer) next() (t token, ok bool) {
	for l.at < len(l.src) && isBlank(l.src[l.at]) {
		l.at++
	}
	if l.at >= len(l.src) {
		return token{}, false
	}
	start := l.at
	rest := l.src[start:]
	switch c := rest[0]; {
	case strings.HasPrefix(rest, "--"):
		end := strings.IndexByte(rest, '\n')
		if end < 0 {
			end = len(rest)
		}
		return l.take(token{kind: comment, start: start, end: start + end}), true
	case strings.HasPrefix(rest, "/*"):
		end, ok := commentEnd(rest)
		return l.closed(token{kind: comment, start: start, end: start + end}, ok, "comment")
	case c == '\'' || c == '"':
		return l.quoted(start, start, false)
	case (c == 'r' || c == 'R') && len(rest) > 1 && (rest[1] == '\'' || rest[1] == '"'):
		return l.quoted(start, start+1, true)
	case c == '`':
		end, ok := quoteEnd(rest, 0, true)
		return l.closed(token{kind: name, start: start, end: start + end}, ok, "quoted name")
	case c == '$':
		if tag := dollarTag(rest); tag != "" {
			i := strings.Index(rest[len(tag):], tag)
			if i < 0 {
				return l.closed(token{}, false, "text in "+tag)
			}
			body := start + len(tag)
			return l.take(token{kind: dollar, start: start, body: body, close: body + i, end: body + i + len(tag)}), true
		}
	case isWord(c):
		end := 1
		for end < len(rest) && (isWord(rest[end]) || rest[end] == '$') {
			end++
		}
		return l.take(token{kind: word, start: start, end: start + end}), true
	}
	return l.take(token{kind: mark, start: start, end: start + 1}), true
}

func (l *lexer) take(t token) token {
	l.at = t.end
	return t
}

func (l *lexer) closed(t token, ok bool, what string) (token, bool) {
	if !ok {
		l.open, l.openAt = what, l.at
		return token{}, false
	}
	return l.take(t), true
}

func (l *lexer) quoted(start, quote int, raw bool) (token, bool) {
	end, ok := quoteEnd(l.src[quote:], 0, raw)
	return l.closed(token{kind: str, start: start, body: quote + 1, close: quote + end - 1, end: quote + end, raw: raw}, ok, "string")
}

// quoteEnd is the length of the quoted text that begins at from. A doubled
// quote belongs to it, and so does what follows a backslash, unless raw.
func quoteEnd(s string, from int, raw bool) (int, bool) {
	q := s[from]
	for i := from + 1; i < len(s); i++ {
		switch {
		case s[i] == '\\' && !raw:
			i++
		case s[i] == q && i+1 < len(s) && s[i+1] == q:
			i++
		case s[i] == q:
			return i + 1, true
		}
	}
	return len(s), false
}

// commentEnd is the length of a bracketed comment, with those inside it.
func commentEnd(s string) (int, bool) {
	depth := 0
	for i := 0; i+1 < len(s); i++ {
		switch s[i : i+2] {
		case "/*":
			depth++
			i++
		case "*/":
			depth--
			i++
			if depth == 0 {
				return i + 1, true
			}
		}
	}
	return len(s), false
}

// dollarTag is $$ or $tag$ where the text begins with one.
func dollarTag(s string) string {
	for i := 1; i < len(s) && i < 64; i++ {
		switch {
		case s[i] == '$':
			return s[:i+1]
		case !isWord(s[i]) || i == 1 && s[i] >= '0' && s[i] <= '9':
			return ""
		}
	}
	return ""
}

func isBlank(c byte) bool {
	return c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == '\f' || c == '\v'
}

func isWord(c byte) bool {
	return c == '_' || c >= '0' && c <= '9' || c|0x20 >= 'a' && c|0x20 <= 'z' || c >= 0x80
}
