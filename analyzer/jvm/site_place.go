package jvm

import (
	"strings"

	"github.com/imdsscan/imdsscan/analyzer/facts"
	"github.com/imdsscan/imdsscan/notebooks/span"
)

// setting is where a call stands among the statements of its unit.
type setting struct {
	// statement is the one a token statement may go before; no node when the
	// call has to bring its token along, since the code around decides whether,
	// when and how often it runs.
	statement node
	// oneLine is true inside a string, where what is put in may not hold a
	// line end.
	oneLine bool
}

// isList reports whether n is a list of statements.
func isList(n node) bool {
	return n.Is("block", "indented_block", "compilation_unit", "constructor_body", "case_clause", "program", "switch_block_statement_group")
}

// strict are functions whose arguments are surely evaluated first: in Scala an
// argument may be passed by name, as to Try(…).
var strict = map[string]bool{
	"println": true, "print": true, "printf": true, "Some": true, "Option": true, "parse": true, "parseFull": true,
	"readTree": true, "readValue": true, "fromJson": true, "fromInputStream": true, "isEmpty": true, "valueOf": true,
	"Process": true, "Seq": true, "List": true, "Array": true, "Vector": true,
}

// settingOf walks from a call in Scala to its statement.
func (m *module) settingOf(expr node) setting {
	var s setting
	inline := func() setting {
		for p := expr.Parent(); p.OK(); p = p.Parent() {
			s.oneLine = s.oneLine || p.Kind() == "interpolated_string" && !strings.HasPrefix(p.Text(), `"""`)
		}
		s.statement = node{}
		return s
	}
	for n, p := expr, expr.Parent(); ; n, p = p, p.Parent() {
		switch p.Kind() {
		case "block", "indented_block", "compilation_unit":
			s.statement = n
			if m.comesLate(expr, n) {
				return inline()
			}
			return s
		case "case_clause":
			if n.FieldName() != "body" || !startsLine(n) {
				return inline()
			}
			s.statement = n
			return s
		case "val_definition", "var_definition":
			if strings.Contains(p.Child("modifiers").Text(), "lazy") {
				return inline()
			}
		case "arguments":
			c, ok := m.callAt(p.Parent())
			if !ok || !strict[c.name] && !c.made {
				return inline()
			}
		case "infix_expression":
			switch op := p.Field("operator").Text(); {
			case n == p.Field("left"), op == "+", op == "==", op == "!=", op == "->", op == "++":
			default:
				return inline()
			}
		case "if_expression":
			if n != p.Field("condition") {
				return inline()
			}
		case "match_expression":
			if n != p.Field("value") {
				return inline()
			}
		case "enumerator":
			if p.Parent().First() != p || p.Named()[len(p.Named())-1] != n {
				return inline()
			}
		case "interpolated_string":
			s.oneLine = s.oneLine || !strings.HasPrefix(p.Text(), `"""`)
		case "call_expression", "field_expression", "generic_function", "parenthesized_expression", "postfix_expression",
			"ascription_expression", "assignment_expression", "tuple_expression", "instance_expression", "interpolation",
			"interpolated_string_expression", "return_expression", "throw_expression", "prefix_expression", "enumerators":
		case "for_expression":
			if n.Kind() != "enumerators" {
				return inline()
			}
		default:
			return inline()
		}
	}
}

// comesLate reports whether code with an effect of its own runs in the
// statement before the call: a token request that fails must not come first.
func (m *module) comesLate(expr, statement node) bool {
	t := statement.Tree()
	for i := statement.Index(); i < expr.Index(); i++ {
		c, ok := m.callAt(t.At(i))
		if !ok || c.n.End() > expr.Start() {
			continue
		}
		if c.name == "println" || c.name == "print" || len(m.functionsOf(c, nil)) > 0 {
			return true
		}
	}
	return false
}

func startsLine(n node) bool {
	src := n.Tree().Source()
	at := n.Start()
	for at > 0 && (src[at-1] == ' ' || src[at-1] == '\t') {
		at--
	}
	return at == 0 || src[at-1] == '\n'
}

// places are the statement lists around a statement in which a token serves
// it: as far as its function, its loop, its argument, or the last pause.
func (b *siteBuilder) places(statement node) []facts.Place {
	var out []facts.Place
	for st := statement; ; {
		id, paused := segment(st)
		at, sep := b.before(st)
		out = append(out, facts.Place{List: id, At: at, Separator: sep})
		if paused {
			return out
		}
		// Out of the branches of an if, a try or a match.
		next := st.Parent()
		for next.Is("block", "indented_block", "case_clause", "case_block", "indented_cases", "catch_clause", "finally_clause",
			"if_expression", "try_expression", "match_expression", "val_definition", "if_statement", "try_statement") {
			if p := next.Parent(); next.Is("if_expression", "try_expression", "match_expression", "val_definition", "if_statement", "try_statement") && isList(p) {
				break
			}
			next = next.Parent()
		}
		if !isList(next.Parent()) || !next.Is("if_expression", "try_expression", "match_expression", "val_definition", "if_statement", "try_statement") {
			return out
		}
		st = next
	}
}

// segment identifies the part of a statement list that follows its last pause
// before the statement; paused is true when there is one.
func segment(st node) (id int, paused bool) {
	first := node{}
	for c := st.Parent().First(); c.OK() && c != st; c = c.Next() {
		if !c.IsNamed() || isComment(c) {
			continue
		}
		if pauses(c) {
			first, paused = node{}, true
		} else if !first.OK() {
			first = c
		}
	}
	if !first.OK() {
		first = st
	}
	return first.Index(), paused
}

// pauses reports whether a statement may take so long that a token does not
// outlive it.
func pauses(st node) bool {
	if isFunction(st) || isClass(st) {
		return false
	}
	t := st.Tree()
	for i := st.Index(); i < st.After(); i++ {
		if n := t.At(i); n.Kind() == "identifier" {
			switch n.Text() {
			case "sleep", "wait", "await", "awaitTermination", "readLine", "join":
				return true
			}
		}
	}
	return false
}

// before is where a statement may be put before st, and what ends it there.
func (b *siteBuilder) before(st node) (at int, separator string) {
	at = st.Start()
	if startsLine(st) {
		return at, "\n" + indentAt(st.Tree().Source(), at)
	}
	return at, "; "
}

// indentAt is the indent of the line that holds an offset.
func indentAt(src []byte, at int) string {
	line := at
	for line > 0 && src[line-1] != '\n' {
		line--
	}
	end := line
	for end < at && (src[end] == ' ' || src[end] == '\t') {
		end++
	}
	return string(src[line:end])
}

// arrange gives the site its places, or lets the call bring its token along,
// and says how blocks are laid out there.
func (b *siteBuilder) arrange(s setting) {
	v := b.site.Vars
	v["inline"] = ""
	v["ropen"], v["rsep"], v["rclose"] = "{ ", "; ", " }"
	v["open"], v["sep"], v["close"] = "{ ", "; ", " }"
	if s.statement.OK() {
		b.site.Places = b.places(s.statement)
		// A name is declared once in a block; all cells are one session.
		b.site.Scope = s.statement.Parent()
		if s.statement.Parent().Is("compilation_unit") {
			b.site.Scope = b.m.globals
		}
		p := b.site.Places[0]
		b.site.Anchors["statement"] = span.Span{Start: p.At, End: p.At}
		v["newline"] = p.Separator
		if p.Separator != "; " {
			v["open"], v["sep"], v["close"] = "{\n  ", "\n  ", "\n}"
		}
		return
	}
	v["inline"] = "yes"
	if s.oneLine {
		return
	}
	in := "\n" + indentAt(b.expr.Tree().Source(), b.expr.Start())
	v["ropen"], v["rsep"], v["rclose"] = "{"+in+"  ", in+"  ", in+"}"
	v["open"], v["sep"], v["close"] = "{"+in+"    ", in+"    ", in+"  }"
}
