package jvm

import "strings"

// The two grammars name the same things differently. Everything else in this
// package sees code through these functions.

// call is a call of a method, a function or a constructor.
type call struct {
	n    node   // the whole expression
	recv node   // what stands before the dot; no node where nothing does
	name string // the method or function, the class of a construction as written
	// at is where the name stands.
	at   node
	args []arg
	// made is true for new C(…).
	made bool
}

// arg is an argument; name is set for `name = value`.
type arg struct {
	name   string
	n      node
	spread bool // xs: _*
}

// callAt reads n as a call. In Scala a method without arguments needs no
// parentheses, so a member is one too.
func (m *module) callAt(n node) (*call, bool) {
	if !n.Is("call_expression", "field_expression", "infix_expression", "postfix_expression", "instance_expression",
		"generic_function", "method_invocation", "object_creation_expression", "explicit_constructor_invocation") {
		return nil, false
	}
	if c, ok := m.callMemo[n]; ok {
		return c, c != nil
	}
	c := readCall(n)
	m.callMemo[n] = c
	return c, c != nil
}

func readCall(n node) *call {
	switch n.Kind() {
	case "method_invocation":
		return &call{n: n, recv: n.Field("object"), name: n.Field("name").Text(), at: n.Field("name"), args: arguments(n.Field("arguments"))}
	case "object_creation_expression":
		t := n.Field("type")
		return &call{n: n, name: typeName(t), at: t, args: arguments(n.Field("arguments")), made: true}
	case "explicit_constructor_invocation": // this(…), super(…)
		class := n.Up("class_declaration", "enum_declaration", "record_declaration")
		name := class.Field("name").Text()
		if n.Field("constructor").Kind() == "super" {
			name = typeName(firstNamed(class.Field("superclass")))
		}
		return &call{n: n, name: name, at: n.Field("constructor"), args: arguments(n.Field("arguments")), made: true}
	case "instance_expression":
		t := typeOfNew(n)
		if !t.OK() {
			return nil
		}
		return &call{n: n, name: typeName(t), at: t, args: arguments(n.Field("arguments")), made: true}
	case "call_expression":
		fn := n.Field("function")
		if fn.Kind() == "generic_function" {
			fn = fn.Field("function")
		}
		args := arguments(n.Field("arguments"))
		switch fn.Kind() {
		case "identifier":
			return &call{n: n, name: fn.Text(), at: fn, args: args}
		case "field_expression":
			return &call{n: n, recv: fn.Field("value"), name: fn.Field("field").Text(), at: fn.Field("field"), args: args}
		}
	case "field_expression":
		if p := n.Parent(); p.Is("call_expression", "generic_function") && n.FieldName() == "function" {
			return nil
		}
		return &call{n: n, recv: n.Field("value"), name: n.Field("field").Text(), at: n.Field("field")}
	case "generic_function":
		// x.as[T] without arguments; a cast is none.
		fn := n.Field("function")
		if n.FieldName() == "function" || fn.Kind() != "field_expression" || isCast(n) {
			return nil
		}
		return &call{n: n, recv: fn.Field("value"), name: fn.Field("field").Text(), at: fn.Field("field")}
	case "infix_expression":
		op := n.Field("operator")
		if op.Kind() != "identifier" && op.Text() != "<:<" {
			return nil
		}
		var args []arg
		switch right := n.Field("right"); right.Kind() {
		case "tuple_expression":
			for _, c := range right.Named() {
				args = append(args, arg{n: c})
			}
		case "unit":
		default:
			args = []arg{{n: right}}
		}
		return &call{n: n, recv: n.Field("left"), name: op.Text(), at: op, args: args}
	case "postfix_expression":
		if c := n.Named(); len(c) == 2 && c[1].Kind() == "identifier" {
			return &call{n: n, recv: c[0], name: c[1].Text(), at: c[1]}
		}
	}
	return nil
}

func typeOfNew(n node) node {
	for c := n.First(); c.OK(); c = c.Next() {
		if c.Is("type_identifier", "generic_type", "stable_type_identifier", "projected_type", "annotated_type", "compound_type", "applied_constructor_type") {
			return c
		}
	}
	return node{}
}

// typeName is the name of a type without its arguments.
func typeName(t node) string {
	switch t.Kind() {
	case "generic_type", "annotated_type", "applied_constructor_type", "compound_type", "array_type", "lazy_parameter_type", "repeated_parameter_type":
		if f := t.Field("type"); f.OK() && !f.Is("type_arguments") {
			return typeName(f)
		}
		if c := t.Named(); len(c) > 0 {
			return typeName(c[0])
		}
		return ""
	}
	return strings.Join(strings.Fields(t.Text()), "")
}

// arguments reads an argument list. A block given in place of one is the one
// argument.
func arguments(list node) []arg {
	switch list.Kind() {
	case "block", "case_block", "indented_block", "indented_cases", "colon_argument":
		return []arg{{n: list}}
	}
	var out []arg
	for c := list.First(); c.OK(); c = c.Next() {
		if !c.IsNamed() || isComment(c) {
			continue
		}
		a := arg{n: c}
		switch c.Kind() {
		case "assignment_expression":
			if c.Field("left").Kind() == "identifier" && list.Kind() == "arguments" {
				a = arg{name: c.Field("left").Text(), n: c.Field("right")}
			}
		case "ascription_expression":
			if c.Child("repeated_parameter_type").OK() {
				a = arg{n: c.First(), spread: true}
			}
		case "vararg", "postfix_expression":
			if strings.HasSuffix(c.Text(), "*") {
				a = arg{n: c.First(), spread: true}
			}
		case "ERROR":
			continue
		}
		out = append(out, a)
	}
	return out
}

// arg is the argument at a position or of a name.
func (c *call) arg(pos int, name string) node {
	i := 0
	for _, a := range c.args {
		if a.name != "" {
			if a.name == name {
				return a.n
			}
			continue
		}
		if i == pos && !a.spread {
			return a.n
		}
		i++
	}
	return node{}
}

func isComment(n node) bool { return n.Is("comment", "block_comment", "line_comment") }

// unwrapped sees through what only groups an expression or says its type.
func unwrapped(n node) node {
	for range 64 {
		inner := grouping(n)
		if !inner.OK() {
			return n
		}
		n = inner
	}
	return n
}

// grouping is the expression that n only groups or casts, no node for any other.
func grouping(n node) node {
	switch n.Kind() {
	case "parenthesized_expression", "ascription_expression":
		return firstNamed(n)
	case "cast_expression":
		return n.Field("value")
	case "generic_function":
		if isCast(n) {
			return n.Field("function").Field("value")
		}
	case "call_expression":
		// f(a)(b): the second list is an implicit or an option.
		if fn := n.Field("function"); fn.Is("call_expression", "instance_expression") {
			return fn
		}
	}
	return node{}
}

func isCast(n node) bool {
	return n.Kind() == "generic_function" && n.Field("function").Field("field").Text() == "asInstanceOf"
}

func firstNamed(n node) node {
	for c := n.First(); c.OK(); c = c.Next() {
		if c.IsNamed() && !isComment(c) {
			return c
		}
	}
	return node{}
}

func lastNamed(n node) node {
	out := node{}
	for c := n.First(); c.OK(); c = c.Next() {
		if c.IsNamed() && !isComment(c) {
			out = c
		}
	}
	return out
}

// alternatives are the expressions of which n is one: the branches of an if, a
// match, a try; the last expression of a block. ok is false for anything else.
func alternatives(n node) (out []node, ok bool) {
	add := func(x node) {
		if x.OK() {
			out = append(out, x)
		}
	}
	switch n.Kind() {
	case "block", "indented_block":
		if n.Parent().Is("method_declaration", "lambda_expression") && n.Tree().Root().Kind() == "program" {
			return nil, false
		}
		add(lastNamed(n))
	case "if_expression", "ternary_expression":
		add(n.Field("consequence"))
		add(n.Field("alternative"))
	case "match_expression":
		for _, c := range n.Field("body").Named() {
			if c.Kind() == "case_clause" {
				add(caseValue(c))
			}
		}
	case "switch_expression":
		for _, c := range n.Field("body").Named() {
			if c.Kind() == "switch_rule" {
				add(lastNamed(c))
			}
		}
	case "try_expression":
		add(n.Field("body"))
		for _, c := range n.Child("catch_clause").Child("case_block", "indented_cases").Named() {
			if c.Kind() == "case_clause" {
				add(caseValue(c))
			}
		}
	case "expression_statement":
		add(firstNamed(n))
	default:
		return nil, false
	}
	return out, true
}

// caseValue is the last expression of a case.
func caseValue(c node) node {
	out := node{}
	for _, b := range c.Fields("body") {
		if b.IsNamed() && !isComment(b) {
			out = b
		}
	}
	return out
}

// isFunction reports a definition whose body runs when it is called.
func isFunction(n node) bool {
	return n.Is("function_definition", "lambda_expression", "method_declaration", "constructor_declaration")
}

// isClass reports a definition of a class or an object.
func isClass(n node) bool {
	return n.Is("class_definition", "object_definition", "trait_definition", "enum_definition", "package_object",
		"class_declaration", "interface_declaration", "enum_declaration", "record_declaration")
}

// isBlock reports a scope of its own for names.
func isBlock(n node) bool {
	return n.Is("block", "indented_block", "case_clause", "for_expression", "for_statement", "enhanced_for_statement",
		"try_with_resources_statement", "catch_clause", "switch_block_statement_group", "constructor_body")
}

// isNull reports null, None and Nil.
func isNull(n node) bool {
	return n.Kind() == "null_literal" || n.Kind() == "identifier" && n.Text() == "None"
}

// isText reports a string literal with or without holes.
func isText(n node) bool {
	return n.Is("string", "interpolated_string_expression", "string_literal", "text_block")
}

func isLambda(n node) bool { return n.Kind() == "lambda_expression" }

// operands are the sides of an operator; op is empty for anything else.
func operands(n node) (left node, op string, right node) {
	if !n.Is("infix_expression", "binary_expression") {
		return node{}, "", node{}
	}
	return n.Field("left"), n.Field("operator").Text(), n.Field("right")
}

// pair reads a -> b and (a, b).
func pair(n node) (key, value node, ok bool) {
	n = unwrapped(n)
	if l, op, r := operands(n); op == "->" || op == "→" {
		return l, r, true
	}
	if n.Kind() == "tuple_expression" {
		var parts []node
		for _, c := range n.Named() {
			if !isComment(c) {
				parts = append(parts, c)
			}
		}
		if len(parts) == 2 {
			return parts[0], parts[1], true
		}
	}
	return node{}, node{}, false
}
