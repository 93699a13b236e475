package python

import (
	"strings"

	"github.com/imdsscan/imdsscan/analyzer/facts"
	"github.com/imdsscan/imdsscan/notebooks/span"
)

// setting is where a request stands among the statements of its unit.
type setting struct {
	// statement is the one a token statement may go before; no node when
	// inline or refuse says why there is none.
	statement node
	// inline is true when the request must bring its token along, since the
	// code around decides whether or how often it runs.
	inline bool
	// refuse says why neither will do.
	refuse string
	// text is the f-string the request stands in, no node when in none.
	text node
}

// settingOf walks from the request to its statement.
func settingOf(expr node) setting {
	var s setting
	for n, p := expr, expr.Parent(); ; n, p = p, p.Parent() {
		switch p.Kind() {
		case "":
			s.refuse = "the statement of the call was not found"
			return s
		case "ERROR":
			s.refuse = "the code around the call could not be parsed"
			return s
		case "module", "block":
			s.statement = n
			return s
		case "lambda":
			s.inline = s.inline || n.FieldName() == "body"
		case "boolean_operator":
			s.inline = s.inline || n.FieldName() == "right"
		case "conditional_expression":
			// body if condition else alternative: the condition always runs.
			s.inline = s.inline || p.Named()[min(1, len(p.Named())-1)] != n
		case "while_statement", "elif_clause", "assert_statement", "case_clause", "if_clause":
			s.inline = s.inline || mayNotRun(p, n)
		case "list_comprehension", "set_comprehension", "dictionary_comprehension", "generator_expression":
			first := p.Child("for_in_clause")
			switch {
			case n == first && !p.Is("generator_expression"):
			case n == first:
			case n.Is("for_in_clause"):
				s.refuse = "a token cannot be fetched in the iterable of an inner loop of a comprehension"
			case runsOnce(p):
			default:
				s.inline = true
			}
			if s.inline && directlyInClass(p) {
				s.refuse = "a token cannot be fetched in a comprehension of a class body"
			}
		case "for_in_clause":
			if s.inline {
				s.refuse = "a token cannot be fetched in the iterable of a comprehension"
			}
		case "with_item":
			if p.Parent().Child("with_item") != p {
				s.inline = true
			}
		case "except_clause", "except_group_clause":
			s.refuse = "the call is part of an except clause"
		case "interpolation":
			s.text = p.Parent()
		}
	}
}

// mayNotRun reports whether the part n of a clause may run never or often.
func mayNotRun(clause, n node) bool {
	switch clause.Kind() {
	case "while_statement", "elif_clause":
		return n.FieldName() == "condition"
	case "assert_statement":
		return clause.First().Next() != n
	}
	return true
}

// runsOnce reports whether a comprehension surely runs at once and at least
// one time, so that one token before it serves all its requests.
func runsOnce(comp node) bool {
	if comp.Is("generator_expression") || comp.Child("if_clause").OK() {
		return false
	}
	clauses := 0
	for c := comp.First(); c.OK(); c = c.Next() {
		if c.Is("for_in_clause") {
			clauses++
		}
	}
	over := comp.Child("for_in_clause").Field("right")
	if clauses != 1 || !over.Is("list", "tuple", "set", "dictionary") {
		return false
	}
	for _, e := range over.Named() {
		if !e.Is("comment", "list_splat", "dictionary_splat") {
			return true
		}
	}
	return false
}

func directlyInClass(n node) bool {
	return n.Up("function_definition", "lambda", "class_definition").Is("class_definition")
}

// places are the statement lists around a statement in which a token serves
// it: as far as its function, its loop, or the last pause before it.
func (b *siteBuilder) places(statement node) []facts.Place {
	var out []facts.Place
	for st := statement; st.OK(); {
		list := st.Parent()
		id, paused := segment(st)
		at, sep := b.before(st)
		out = append(out, facts.Place{List: id, At: at, Separator: sep})
		owner := list.Parent()
		if paused || !owner.OK() || list.Is("module") {
			return out
		}
		for owner.Is("elif_clause", "else_clause", "except_clause", "except_group_clause", "finally_clause", "case_clause", "block", "with_clause") && !owner.Parent().Is("module") {
			if p := owner.Parent(); p.Is("block", "module") {
				break
			}
			owner = owner.Parent()
		}
		if owner.Is("function_definition", "class_definition", "while_statement", "for_statement", "ERROR", "") {
			return out
		}
		if !owner.Parent().Is("block", "module") {
			return out
		}
		st = owner
	}
	return out
}

// segment identifies the part of a statement list that follows its last pause
// before the statement; paused is true when there is one.
func segment(st node) (id int, paused bool) {
	first := node{}
	for c := st.Parent().First(); c.OK() && c != st; c = c.Next() {
		if !c.IsNamed() || c.Is("comment") {
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
	if st.Is("function_definition", "class_definition", "decorated_definition") {
		return false
	}
	t := st.Tree()
	for i := st.Index(); i < st.After(); i++ {
		if n := t.At(i); n.Kind() == "call" {
			f := n.Field("function")
			if f.Is("attribute") {
				f = f.Field("attribute")
			}
			if f.Text() == "sleep" || f.Text() == "wait" || f.Text() == "input" {
				return true
			}
		}
	}
	return false
}

// before is where a statement may be put before st, and what ends it there.
func (b *siteBuilder) before(st node) (at int, separator string) {
	src := b.unit.Text.Bytes()
	at = st.Start()
	line := at
	for line > 0 && src[line-1] != '\n' {
		line--
	}
	indent := string(src[line:at])
	// After a backslash the line goes on with what follows a semicolon.
	goesOn := line >= 2 && src[line-2] == '\\'
	if strings.Trim(indent, " \t\f") == "" && !goesOn {
		return at, "\n" + indent
	}
	return at, "; "
}

// arrange gives the site its places, or a guard that brings the token along.
// It reports false when the fix cannot be written at this place.
func (b *siteBuilder) arrange() bool {
	s := settingOf(b.expr)
	switch {
	case s.refuse != "":
		b.refuse(s.refuse)
		return false
	case s.inline && b.old:
		b.refuse("the call may run never or often here, and Python 2 has no assignment expression to fetch a token beside it")
		return false
	case s.inline && s.text.OK():
		b.refuse("the call stands in an f-string where it may run never or often")
		return false
	case s.inline && b.site.Vars["import"] != "":
		b.refuse("the fix needs an import and the call may run never or often here")
		return false
	case s.inline, b.comesLate(s):
		b.site.Guard = "inline"
		return true
	}
	b.site.Places = b.places(outOfClass(s.statement))
	if len(b.site.Places) == 0 {
		b.refuse("there is no place for a statement before the call")
		return false
	}
	at := b.site.Places[0].At
	b.site.Anchors["statement"] = span.Span{Start: at, End: at}
	b.site.Vars["newline"] = b.site.Places[0].Separator
	return true
}

// raising are the recipes whose token request raises when it is refused.
var raising = map[string]bool{"urllib.request": true, "subprocess.check": true}

// comesLate reports whether code with an effect of its own runs in the
// statement before the call: a token request that raises must not come first.
func (b *siteBuilder) comesLate(s setting) bool {
	made := b.f.object.OK() && !b.f.object.Inside(b.f.call)
	raises := raising[b.site.Recipe] || b.site.Recipe == "subprocess.run" && b.f.args.key["check"].OK()
	if !raises || b.old || made || s.text.OK() || b.site.Vars["import"] != "" || directlyInClass(b.expr) {
		return false
	}
	t := s.statement.Tree()
	for i := s.statement.Index(); i < b.expr.Index(); i++ {
		c := t.At(i)
		if !c.Is("call") || c.End() > b.expr.Start() {
			continue
		}
		f := c.Field("function")
		if f.Is("identifier") && (f.Text() == "print" || f.Text() == "input" || b.m.isFunction(f)) {
			return true
		}
	}
	return false
}

// isFunction reports whether a name stands for a function of the session.
func (m *module) isFunction(name node) bool {
	s := m.scopeOf(name).owner(name.Text())
	if s == nil {
		return false
	}
	for _, bind := range s.names[name.Text()] {
		if bind.value.Is("function_definition") {
			return true
		}
	}
	return false
}

// outOfClass is the statement itself, or the class whose body it stands in
// where a name bound there may mean something to a base class, as in an
// enumeration or a model.
func outOfClass(st node) node {
	class := st.Parent().Parent()
	bases := class.Field("superclasses")
	if !class.Is("class_definition") || len(bases.Named()) == 0 || bases.Text() == "(object)" {
		return st
	}
	if class.Parent().Is("decorated_definition") {
		return class.Parent()
	}
	return class
}

// bare reports whether a conditional expression may stand in n's place
// without parentheses.
func bare(n node) bool {
	switch p := n.Parent(); p.Kind() {
	case "expression_statement", "return_statement", "parenthesized_expression", "argument_list", "list", "tuple", "set":
		return true
	case "assignment", "augmented_assignment":
		return n.FieldName() == "right"
	case "keyword_argument", "pair":
		return n.FieldName() == "value"
	}
	return false
}

// wrap gives the parentheses that a conditional expression needs in n's place.
func wrap(n node) (open, end string) {
	if bare(n) {
		return "", ""
	}
	return "(", ")"
}
