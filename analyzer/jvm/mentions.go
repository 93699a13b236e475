package jvm

import (
	"strings"

	"github.com/imdsscan/imdsscan/analyzer/facts"
)

// mentions explains the endpoints that are no requests: comments, no_proxy
// lists, deny-lists, comparisons, mocks, messages.
func (m *module) mentions() {
	for i, tree := range m.trees {
		if tree == nil || !holdsEndpoint(m.units[i].Text.Bytes()) {
			continue
		}
		for j := 0; j < tree.Len(); j++ {
			n := tree.At(j)
			switch {
			case isComment(n):
				m.mention(n, "comment")
			case isText(n):
				if holdsEndpoint([]byte(n.Text())) {
					why := m.useMention(n, 0)
					if why == "" {
						why = m.inTest(n)
					}
					if why != "" {
						m.mention(n, why)
					}
				}
				if n.Kind() != "interpolated_string_expression" {
					j = n.After() - 1
				}
			}
		}
	}
}

// mention explains the endpoints inside n, if there are any.
func (m *module) mention(n node, why string) {
	u := m.unit(n)
	if holdsEndpoint(u.Text.Bytes()[n.Start():n.End()]) {
		m.facts.Mentions = append(m.facts.Mentions, facts.Mention{Unit: u, Span: n.Span(), Why: why})
	}
}

// inTest says that a text stands in code that only tests other code.
func (m *module) inTest(n node) string {
	for c := n.Parent(); c.OK(); c = c.Parent() {
		if call, ok := m.callAt(c); ok {
			switch call.name {
			case "assertThrows", "assertThatThrownBy", "assertThatExceptionOfType", "intercept", "expectThrows", "assertThat", "test", "it", "should", "in":
				if !call.made && len(m.functionsOf(call, nil)) == 0 {
					return "test"
				}
			}
		}
		if isClass(c) {
			name := c.Field("name").Text()
			for _, end := range []string{"Test", "Tests", "TestCase", "Spec", "Suite", "Specification"} {
				if strings.HasSuffix(name, end) {
					return "test"
				}
			}
			if strings.HasPrefix(name, "Mock") || strings.HasPrefix(name, "Fake") {
				return "mock"
			}
		}
		if c.Kind() == "method_declaration" {
			if mods := c.Child("modifiers"); textHas(mods, "@Test", "@ParameterizedTest", "@ValueSource", "@RepeatedTest") {
				return "test"
			}
		}
	}
	return ""
}

// useMention says what becomes of a text at n, empty when that may be more
// than to look at it.
func (m *module) useMention(n node, depth int) string {
	for c := n; c.OK(); c = c.Parent() {
		p := c.Parent()
		if left, op, right := operands(p); op != "" && (c == left || c == right) {
			switch op {
			case "==", "!=", "eq", "ne", "equals", "contains", "startsWith", "endsWith":
				return "comparison"
			}
		}
		switch p.Kind() {
		case "case_clause", "switch_label":
			if c.FieldName() == "pattern" || p.Kind() == "switch_label" {
				return "comparison"
			}
			continue
		case "throw_expression", "throw_statement":
			return "message of an exception"
		case "assert_statement":
			return "assertion"
		case "annotation":
			if strings.HasSuffix(p.Field("name").Text(), "Value") {
				return "" // a setting's default, which may well be asked
			}
			return "annotation"
		case "val_definition", "var_definition":
			if c.FieldName() != "value" {
				return ""
			}
			return m.assignedMention(p.Field("pattern"), depth)
		case "variable_declarator":
			return m.assignedMention(p.Field("name"), depth)
		case "assignment_expression":
			if p.Parent().Is("arguments") {
				if why := listName(p.Field("left").Text()); why != "" {
					return why
				}
				continue
			}
			return listName(p.Field("left").Text())
		case "parameter", "class_parameter":
			return listName(p.Field("name").Text())
		case "function_definition", "method_declaration":
			return listName(p.Field("name").Text())
		case "expression_statement":
			return ""
		case "template_body", "class_body", "compilation_unit", "program":
			if isText(c) {
				return "text without use"
			}
			return ""
		}
		if call, ok := m.callAt(p); ok {
			if why := m.callMention(call, c, n); why != "" {
				return why
			}
			if !m.transparent(call, c) {
				return ""
			}
		}
	}
	return ""
}

// transparent reports a call that only wraps a text or changes its form, so
// that what becomes of the result decides.
func (m *module) transparent(c *call, inside node) bool {
	if c.recv == inside {
		switch c.name {
		case "r", "format", "trim", "stripMargin", "toString", "toLowerCase", "getBytes", "concat", "toSet", "toList", "toSeq", "split", "mkString", "formatted":
			return true
		}
		return false
	}
	_, name := cutLast(c.name)
	return collections[name] || mapMakers[name] || name == "Regex" || name == "Some" || name == "Option" || name == "format" ||
		name == "InetSocketAddress" || name == "create" || name == "URI"
}

// callMention says what a call does with the text it is given.
func (m *module) callMention(c *call, inside, text node) string {
	_, name := cutLast(c.name)
	object := ""
	if c.recv.OK() && c.recv != inside {
		object = short(c.recv)
	}
	low := strings.ToLower(name)
	lowObject := strings.ToLower(object)
	switch {
	case name == "println" || name == "print" || name == "printf" || name == "displayHTML" || name == "display":
		return "printed text"
	case isLogger(lowObject, low):
		return "logged text"
	case name == "startsWith" || name == "endsWith" || name == "equals" || name == "equalsIgnoreCase" || name == "contains" || name == "matches" || name == "indexOf" || name == "compareTo" || name == "containsKey":
		return "comparison"
	case object == "Pattern" && name == "compile":
		return "pattern"
	case strings.HasPrefix(low, "assert") || strings.HasPrefix(low, "verify") || name == "shouldBe" || name == "should" || name == "mustBe" || name == "expect" || name == "isEqualTo" || name == "hasValue" || name == "returns":
		return "test"
	case name == "thenReturn" || name == "when" || name == "stubFor" || name == "urlEqualTo" || name == "urlPathEqualTo" || name == "doReturn" || strings.Contains(lowObject, "mock") || strings.Contains(lowObject, "wiremock"):
		return "mock"
	case strings.HasSuffix(name, "Exception") || strings.HasSuffix(name, "Error"):
		return "message of an exception"
	case name == "Socket" || name == "connect" && len(c.args) > 0 && c.args[0].n == inside && textHas(inside, "InetSocketAddress"), object == "InetAddress":
		return "socket probe, no HTTP request is seen"
	case name == "endpoint" && strings.Contains(m.chainText(c), "Ec2Metadata"),
		(name == "setProperty" || name == "set") && len(c.args) > 1 && strings.Contains(strings.ToLower(c.args[0].n.Text()), "ec2metadataservice"):
		return "address for the AWS SDK, whose version decides whether it uses tokens"
	case name == "require" && inside != c.args[0].n:
		return "message of an exception"
	case name == "setProperty" || name == "set" || name == "put" || name == "config" || name == "setConf" || name == "option":
		if len(c.args) > 1 && c.args[0].n != inside {
			return listName(strings.ReplaceAll(c.args[0].n.Text(), ".", "_"))
		}
	case low == "add" || low == "append" || low == "addall":
		return listName(object)
	}
	if strings.HasPrefix(low, "block") || strings.HasPrefix(low, "deny") || strings.HasPrefix(low, "forbid") || strings.HasPrefix(low, "isblocked") || strings.HasPrefix(low, "isprivate") {
		return "deny-list"
	}
	if listName(name) == "no_proxy list" {
		return "no_proxy list"
	}
	return ""
}

// chainText is the text of what a call is made on.
func (m *module) chainText(c *call) string {
	text := short(c.recv)
	for _, b := range m.bindingsOf(ref{n: c.recv}) {
		text += " " + typeName(b.typ) + " " + short(b.value)
	}
	return text
}

func isLogger(object, method string) bool {
	switch method {
	case "debug", "info", "warning", "warn", "error", "log", "fatal", "trace", "loginfo", "logwarning", "logerror", "logdebug", "severe", "fine":
	default:
		return false
	}
	return strings.Contains(object, "log") || object == "" && strings.HasPrefix(method, "log")
}

// listName says what a name makes of the hosts it holds.
func listName(name string) string {
	low := strings.ToLower(strings.Trim(name, `"`))
	if i := strings.LastIndexByte(low, '.'); i >= 0 {
		low = low[i+1:]
	}
	flat := strings.ReplaceAll(low, "_", "")
	for _, w := range []string{"noproxy", "nonproxy", "proxybypass"} {
		if strings.Contains(flat, w) {
			return "no_proxy list"
		}
	}
	for _, w := range []string{"block", "deny", "denied", "forbid", "disallow", "blacklist", "banned", "restricted", "private", "linklocal", "reserved", "unsafe", "dangerous", "ssrf", "malicious", "suspicious"} {
		if strings.Contains(flat, w) {
			return "deny-list"
		}
	}
	for _, w := range []string{"payload", "exploit", "attack"} {
		if strings.Contains(flat, w) {
			return "payload of a security test"
		}
	}
	if strings.HasPrefix(flat, "test") || strings.HasPrefix(flat, "mock") || strings.HasPrefix(flat, "fake") || strings.HasPrefix(flat, "expected") {
		return "test data"
	}
	if flat == "help" || flat == "description" || flat == "usage" || flat == "message" || flat == "msg" || strings.HasSuffix(flat, "message") || strings.HasSuffix(flat, "msg") {
		return "text for people"
	}
	return ""
}

// assignedMention is about a text that is given to a name: of a deny-list, or
// one that is only ever looked at.
func (m *module) assignedMention(target node, depth int) string {
	if why := listName(target.Text()); why != "" {
		return why
	}
	if target.Kind() != "identifier" || depth > 3 {
		return ""
	}
	why := ""
	for _, b := range m.visible(m.scopeOf(target), target.Text(), target) {
		for _, u := range m.usesOf(b) {
			w := m.useMention(u, depth+1)
			if w == "" {
				return ""
			}
			why = w
		}
	}
	return why
}
