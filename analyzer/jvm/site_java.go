package jvm

import (
	"strings"

	"github.com/imdsscan/imdsscan/notebooks/span"
)

// Java has no expression that holds statements, so that a request is sent
// through a method put into the class: it fetches the token where the call
// stands, whatever decides there whether and how often it runs.

// javaHelper finds the place for the method. answers is true for code that
// looks at the status of the answer.
func (b *siteBuilder) javaHelper(connect string, answers bool) bool {
	s := b.site
	s.Vars["missing"] = ""
	if s.Names["FileNotFoundException"] && !answers {
		s.Vars["missing"] = "yes"
	}
	class := node{}
	for n := b.expr; n.OK(); n = n.Parent() {
		if isClass(n) {
			class = n
		}
	}
	if !class.Is("class_declaration", "record_declaration") {
		b.refuse("there is no class around the call to put a method into")
		return false
	}
	last := lastNamed(class.Field("body"))
	if !last.OK() {
		return false
	}
	s.Scope = class
	s.Anchors["members"] = span.Span{Start: last.End(), End: last.End()}
	s.Anchors["call"] = b.expr.Span()
	s.Vars["indent"] = indentAt(last.Tree().Source(), last.Start())
	s.Vars["step"] = s.Vars["indent"]
	if class.Parent().Kind() != "program" || s.Vars["step"] == "" {
		s.Vars["step"] = "    "
	}
	s.Vars["connect"] = connect + "()"
	if strings.HasSuffix(connect, ")") {
		s.Vars["connect"] = connect
	}
	return true
}

// heldJava is about a connection in a variable.
func (b *siteBuilder) heldJava(connect string, uses []connectionUse) bool {
	s, holder := b.site, b.f.holder
	declared := typeName(holder.typ)
	for _, bound := range holder.scope.names[holder.name] {
		if declared == "" && bound.typ.OK() {
			declared = typeName(bound.typ)
		}
	}
	switch declared {
	case "URLConnection", "HttpURLConnection", "java.net.URLConnection", "java.net.HttpURLConnection", "var":
	default:
		b.refuse("the variable of the connection has a type of its own")
		return false
	}
	first, answers := uses[0], false
	for _, u := range uses {
		answers = answers || !reads[u.call.name]
	}
	if len(uses) == 1 {
		s.Shape = "chain"
		s.Anchors["object"] = first.n.Span()
		return b.javaHelper(connect, answers)
	}
	statement := javaStatement(first.n)
	if !covers(statement, uses) || strings.Contains(holder.target.Up("local_variable_declaration").Child("modifiers").Text(), "final") {
		b.refuse("the connection is used in several ways, and there is no place before all of them")
		return false
	}
	s.Shape = "assign"
	at, separator := b.before(statement)
	s.Anchors["statement"] = span.Span{Start: at, End: at}
	s.Vars["newline"] = strings.TrimPrefix(separator, ";")
	return b.javaHelper(connect, answers)
}

// javaStatement is the statement of an expression, no node where its parts run
// at another time or in another try.
func javaStatement(n node) node {
	for p := n.Parent(); p.OK(); n, p = p, p.Parent() {
		switch p.Kind() {
		case "block", "constructor_body", "switch_block_statement_group":
			return n
		case "lambda_expression", "resource", "resource_specification", "while_statement", "do_statement", "for_statement",
			"class_body", "switch_rule", "catch_clause":
			return node{}
		case "if_statement":
			if n != p.Field("condition") {
				return node{}
			}
		}
	}
	return node{}
}
