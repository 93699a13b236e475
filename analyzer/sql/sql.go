// Package sql finds code in SQL: the bodies of functions that are written in
// another language. SQL itself sends no requests; what else names the endpoint
// is told to be a comment or a comparison, or left unexplained with the reason.
//
// It cuts the text into tokens and knows the statements that carry bodies, not
// the grammar of any dialect.
package sql

import (
	"strings"

	"github.com/imdsscan/imdsscan/analyzer/facts"
	"github.com/imdsscan/imdsscan/analyzer/imds"
	"github.com/imdsscan/imdsscan/notebooks"
	"github.com/imdsscan/imdsscan/notebooks/codec"
	"github.com/imdsscan/imdsscan/notebooks/span"
)

type analysis struct {
	u   *facts.Unit
	src string
	out *facts.Facts
	// template is why nothing in the text is edited.
	template string
}

// Analyze finds the code in a unit of SQL.
func Analyze(u *facts.Unit) *facts.Facts {
	a := &analysis{u: u, src: string(u.Text.Bytes()), out: &facts.Facts{}}
	if strings.Contains(a.src, "{%") || strings.Contains(a.src, "{{") {
		a.template = "the SQL is a template, and what fills it in is not known"
	}
	l := &lexer{src: a.src}
	var statement []token
	for {
		t, ok := l.next()
		if !ok {
			break
		}
		switch {
		case t.kind == comment:
			a.mention(t, "comment")
		case t.kind == mark && a.src[t.start] == ';':
			a.statement(statement)
			statement = statement[:0]
		default:
			statement = append(statement, t)
		}
	}
	a.statement(statement)
	if l.open != "" {
		a.out.Broken = append(a.out.Broken, facts.Broken{Unit: u, Span: span.Span{Start: l.openAt, End: len(a.src)},
			Reason: l.open + " without an end"})
	}
	return a.out
}

// statement looks at the texts of one statement.
func (a *analysis) statement(ts []token) {
	body, language := a.body(ts)
	condition, compared := false, false
	for i, t := range ts {
		before := compared
		compared = condition && a.comparing(t, before)
		switch {
		case t.kind == word:
			condition = condition || conditions[a.word(t)]
		case t.kind == str && i > 0 && a.isWord(ts[i-1], "COMMENT"), t.kind == str && i > 0 && a.isWord(ts[0], "COMMENT") && a.isWord(ts[i-1], "IS"):
			a.mention(t, "comment of a table, column or function")
		case t.kind != str && t.kind != dollar:
		case i == body:
			a.code(t, language)
		case before:
			a.mention(t, "pattern or comparison")
		default:
			a.unexplained(t, "a text in a SQL statement, which a function may take for a URL")
		}
	}
}

// body is the index of the token that is the body of a function, -1 without
// one, and the language that the statement says it is in.
func (a *analysis) body(ts []token) (at int, language string) {
	at = -1
	creates, block := a.creates(ts), len(ts) > 0 && a.isWord(ts[0], "DO")
	if !creates && !block {
		return at, ""
	}
	depth := 0
	for i, t := range ts {
		switch {
		case t.kind == mark && a.src[t.start] == '(':
			depth++
		case t.kind == mark && a.src[t.start] == ')':
			depth--
		case i == 0 || t.kind == mark:
		case a.isWord(ts[i-1], "LANGUAGE"):
			language = strings.ToLower(strings.Trim(a.src[t.start:t.end], "'\"`"))
		case at < 0 && depth == 0 && (t.kind == dollar || t.kind == str) && (block || a.isWord(ts[i-1], "AS")):
			at = i
		}
	}
	return at, language
}

// creates is true for a statement with CREATE … FUNCTION or PROCEDURE.
func (a *analysis) creates(ts []token) bool {
	began := false
	for _, t := range ts {
		w := ""
		if t.kind == word {
			w = a.word(t)
		}
		switch {
		case w == "CREATE":
			began = true
		case began && (w == "FUNCTION" || w == "PROCEDURE"):
			return true
		case began && w != "OR" && w != "REPLACE" && w != "TEMPORARY" && w != "TEMP" && w != "SECURE":
			began = false
		}
	}
	return false
}

// languages are the words after LANGUAGE that name one which is known here;
// those of PostgreSQL begin with pl.
var languages = map[string]notebooks.Language{
	"python": notebooks.Python, "plpython3u": notebooks.Python, "plpythonu": notebooks.Python, "plpython2u": notebooks.Python,
	"scala": notebooks.Scala, "java": notebooks.Java, "r": notebooks.R, "plr": notebooks.R, "plsh": notebooks.Shell,
	"sql": notebooks.SQL,
}

// code takes a body as a unit of its own: a function runs in a process apart,
// on whatever machine evaluates the query.
func (a *analysis) code(t token, language string) {
	l, known := languages[language]
	switch {
	case language == "":
		a.unexplained(t, "the body of a function in a language that the statement does not name")
		return
	case !known:
		a.unexplained(t, "the body of a function in "+language+", which is not analysed")
		return
	}
	inside := span.Span{Start: t.body, End: t.close}
	var layer span.Layer = codec.DollarQuoted{Tag: a.src[t.start:t.body]}
	if t.kind == str {
		layer = codec.SQLString{Quote: a.src[t.body-1], Raw: t.raw}
	}
	u := &facts.Unit{Language: l, Cell: a.u.Cell, Doc: a.u.Doc, Parent: a.u, Via: "the body of a SQL function", Written: true,
		DisplayOnly: a.template}
	text, err := a.u.Text.Decode(inside, layer)
	if err != nil {
		a.out.Broken = append(a.out.Broken, facts.Broken{Unit: a.u, Span: inside, Reason: err.Error()})
		return
	}
	u.Text = text
	if l == notebooks.Python {
		if wrong := indented(string(text.Bytes())); wrong != "" {
			a.out.Broken = append(a.out.Broken, facts.Broken{Unit: u, Span: text.All(), Reason: wrong})
			return
		}
	}
	a.out.Nested = append(a.out.Nested, u)
}

// conditions are the words after which a statement compares.
var conditions = map[string]bool{"WHERE": true, "HAVING": true, "ON": true, "WHEN": true, "QUALIFY": true, "FILTER": true}

// comparing is whether a text behind the token t is one that is compared with:
// after an operator, or in the list that follows it.
func (a *analysis) comparing(t token, before bool) bool {
	switch t.kind {
	case str:
		return before
	case mark:
		switch a.src[t.start] {
		case '=', '<', '>':
			return true
		case ',', '(':
			return before
		}
	case word:
		switch a.word(t) {
		case "LIKE", "ILIKE", "RLIKE", "REGEXP", "IN":
			return true
		case "ANY", "ALL", "SOME":
			return before
		}
	}
	return false
}

func (a *analysis) word(t token) string { return strings.ToUpper(a.src[t.start:t.end]) }

func (a *analysis) isWord(t token, w string) bool { return t.kind == word && a.word(t) == w }

func (a *analysis) names(t token) bool { return len(imds.Find([]byte(a.src[t.start:t.end]))) > 0 }

func (a *analysis) mention(t token, why string) {
	if a.names(t) {
		a.out.Mentions = append(a.out.Mentions, facts.Mention{Unit: a.u, Span: span.Span{Start: t.start, End: t.end}, Why: why})
	}
}

func (a *analysis) unexplained(t token, why string) {
	if a.names(t) {
		a.out.Unexplained = append(a.out.Unexplained, facts.Unexplained{Unit: a.u, Span: span.Span{Start: t.start, End: t.end}, Why: why})
	}
}
