package python

import (
	"strings"

	"github.com/imdsscan/imdsscan/analyzer/facts"
	"github.com/imdsscan/imdsscan/analyzer/imds"
	"github.com/imdsscan/imdsscan/analyzer/mention"
)

// mentions explains the endpoints that are no requests: comments, docstrings,
// no_proxy lists, deny-lists, comparisons, mocks, messages.
func (m *module) mentions() {
	for i, tree := range m.trees {
		if tree == nil || !holdsEndpoint(m.units[i].Text.Bytes()) {
			continue
		}
		for j := range tree.Len() {
			n := tree.At(j)
			switch n.Kind() {
			case "comment":
				// A marked line in the middle of a cell is code of the cell's magic.
				if !strings.HasPrefix(n.Text(), "# MAGIC ") {
					m.mention(n, "comment")
				}
			case "string":
				why := m.whyMentioned(n)
				if why == "" && holdsEndpoint([]byte(n.Text())) {
					why = m.inTest(n)
				}
				if why != "" {
					m.mention(n, why)
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

// whyMentioned says why a string is no request, by what stands around it.
// Empty when nothing says so.
func (m *module) whyMentioned(s node) string {
	if !holdsEndpoint([]byte(s.Text())) {
		return ""
	}
	for c := s; c.OK(); c = c.Parent() {
		p := c.Parent()
		switch p.Kind() {
		case "expression_statement":
			if c.Is("string", "concatenated_string") {
				if docstring(p) {
					return "docstring"
				}
				return "string without use"
			}
			return ""
		case "list", "tuple":
			if firewall(p) {
				return "firewall rule"
			}
		case "concatenated_string", "parenthesized_expression", "binary_operator", "interpolation", "string", "set",
			"conditional_expression", "boolean_operator", "expression_list", "not_operator":
			// What holds the string decides.
		case "dictionary":
		case "pair":
			if why := m.pairMention(p, c, s); why != "" {
				return why
			}
		case "comparison_operator":
			return "comparison"
		case "assert_statement":
			return "assertion"
		case "raise_statement":
			return "message of an exception"
		case "print_statement":
			return "printed text"
		case "case_pattern", "case_clause":
			return "comparison"
		case "argument_list":
			return m.argumentMention(p.Parent(), node{}, c, s)
		case "keyword_argument":
			if why := mention.OfName(p.Field("name").Text()); why != "" {
				return why
			}
			return m.argumentMention(p.Parent().Parent(), p, c, s)
		case "assignment", "augmented_assignment":
			return m.assignedMention(p, s)
		case "default_parameter", "typed_default_parameter":
			return mention.OfName(p.Field("name").Text())
		case "subscript":
			if c.FieldName() == "subscript" {
				return "key of a lookup"
			}
			return ""
		case "attribute", "call":
			if p.Kind() == "call" && c.FieldName() == "arguments" {
				return ""
			}
			// "…".format(x): what holds the call decides.
			if p.Kind() == "attribute" {
				if why := stringMethod(p.Field("attribute").Text()); why != "" {
					return why
				}
			}
		default:
			return ""
		}
	}
	return ""
}

// firewall reports a list of words that is a firewall or route command.
func firewall(list node) bool {
	for _, c := range list.Named() {
		switch strings.Trim(c.Text(), `"'`) {
		case "iptables", "ip6tables", "/sbin/iptables", "/usr/sbin/iptables", "nft", "ufw", "ipset", "route", "firewall-cmd":
			return true
		case "ip":
			return strings.Contains(list.Text(), "route")
		}
	}
	return false
}

// docstring reports whether a statement is the first of its block.
func docstring(stmt node) bool {
	block := stmt.Parent()
	for c := block.First(); c.OK(); c = c.Next() {
		if c.Kind() != "comment" {
			return c == stmt
		}
	}
	return false
}

// stringMethod says what a method of a text that holds the address does.
func stringMethod(name string) string {
	switch name {
	case "startswith", "endswith", "find", "index", "count", "__eq__", "__contains__":
		return "comparison"
	}
	return ""
}

// assignedMention is about a text that is assigned: to a no_proxy variable, to
// a name of a deny-list, or to a name that is only ever compared.
func (m *module) assignedMention(a, s node) string {
	left := a.Field("left")
	for _, n := range append(left.Named(), left) {
		name := n.Text()
		if n.Is("subscript") {
			if k := n.Field("subscript"); k.Is("string") {
				name = k.Text()
			}
		}
		if n.Kind() == "attribute" {
			name = n.Field("attribute").Text()
		}
		if why := mention.OfName(name); why != "" {
			return why
		}
	}
	if left.Kind() != "identifier" && left.Kind() != "attribute" {
		return ""
	}
	return m.onlyCompared(left, a, s)
}

// onlyCompared reports a name whose every use in the session is a comparison
// or a message; a name without use may be used by another file.
func (m *module) onlyCompared(left, assignment, s node) string {
	key := m.key(left)
	if key == "" {
		return ""
	}
	name := left.Text()
	if left.Kind() == "attribute" {
		name = left.Field("attribute").Text()
	}
	why := ""
	for _, use := range m.usesByName[name] {
		if use.Inside(assignment) {
			continue
		}
		n := use
		if p := use.Parent(); p.Kind() == "attribute" && use.FieldName() == "attribute" {
			n = p
		}
		if m.key(n) != key {
			continue
		}
		w := m.useMention(n, s)
		if w == "" {
			return ""
		}
		why = w
	}
	return why
}

// useMention says what a use of a name does with the text, empty when that is
// more than to look at it.
func (m *module) useMention(n, s node) string {
	for c := n; c.OK(); c = c.Parent() {
		p := c.Parent()
		switch p.Kind() {
		case "comparison_operator":
			return "comparison"
		case "assert_statement":
			return "assertion"
		case "raise_statement":
			return "message of an exception"
		case "print_statement":
			return "printed text"
		case "for_in_clause", "for_statement":
			if c.FieldName() == "right" {
				return m.loopMention(p, s)
			}
			return ""
		case "argument_list":
			return m.argumentMention(p.Parent(), node{}, c, s)
		case "keyword_argument":
			return m.argumentMention(p.Parent().Parent(), p, c, s)
		case "parenthesized_expression", "boolean_operator", "not_operator", "binary_operator", "interpolation", "string", "list", "tuple", "set", "concatenated_string":
		case "attribute":
			if why := stringMethod(p.Field("attribute").Text()); why != "" {
				return why
			}
			return ""
		default:
			return ""
		}
	}
	return ""
}

// loopMention is about `any(h in url for h in HOSTS)` and loops whose variable
// is only compared.
func (m *module) loopMention(loop, s node) string {
	left := loop.Field("left")
	if left.Kind() != "identifier" {
		return ""
	}
	key, why := m.key(left), ""
	for _, use := range m.usesByName[left.Text()] {
		if use == left || m.key(use) != key {
			continue
		}
		w := m.useMention(use, s)
		if w == "" {
			return ""
		}
		why = w
	}
	return why
}

// pairMention is about the entries of a dictionary.
func (m *module) pairMention(pair, c, s node) string {
	if c.FieldName() == "key" {
		return ""
	}
	if k := pair.Field("key"); k.Kind() == "string" {
		return mention.OfName(strings.Trim(k.Text(), `"'`))
	}
	return ""
}

// argumentMention says what a call does with the text it is given.
func (m *module) argumentMention(call, keyword, arg, s node) string {
	fn := call.Field("function")
	name := m.callee(call)
	last := fn.Text()
	if fn.Kind() == "attribute" {
		last = fn.Field("attribute").Text()
	}
	object := fn.Field("object").Text()
	if why := mention.OfName(last); why != "" && fn.Kind() == "identifier" && why != "text for people" && why != "test data" {
		return why
	}
	switch {
	case name == "print" || name == "warnings.warn" || name == "sys.exit" || name == "display" || name == "displayHTML" || name == "logging."+last:
		return "printed text"
	case isLogger(object, last):
		return "logged text"
	case strings.HasPrefix(name, "re.") || strings.HasPrefix(name, "regex."):
		return "pattern"
	case strings.HasPrefix(name, "ipaddress.") || strings.HasPrefix(name, "netaddr.") || name == "socket.inet_aton" || name == "socket.inet_pton" || last == "IPAddress" || last == "IPNetwork":
		return "address arithmetic"
	case strings.HasPrefix(name, "socket.") || last == "connect" || last == "connect_ex" || last == "create_connection":
		return "socket probe, no HTTP request is seen"
	case strings.HasPrefix(name, "responses.") || strings.HasPrefix(name, "httpretty.") || strings.HasPrefix(name, "respx.") || strings.HasPrefix(name, "requests_mock.") ||
		strings.Contains(strings.ToLower(object), "mock") || strings.Contains(strings.ToLower(object), "responses") || strings.Contains(strings.ToLower(object), "respx"):
		return "mock"
	case strings.HasPrefix(last, "assert") || name == "pytest.mark.parametrize" || strings.HasPrefix(name, "unittest.") || strings.HasPrefix(name, "pytest."):
		return "test"
	case last == "mount":
		return "adapter of a session"
	case last == "startswith" || last == "endswith" || last == "isin" || last == "__contains__" || last == "count" || last == "find" || last == "contains":
		return "comparison"
	case last == "urlparse" || last == "urlsplit":
		return ""
	case fn.Kind() == "attribute" && (last == "add" || last == "append" || last == "extend" || last == "update"):
		return mention.OfName(object)
	case last == "setdefault" || name == "os.putenv" || last == "setenv" || last == "set":
		if args := m.args(call); len(args.pos) > 0 {
			return mention.OfName(args.pos[0].Text())
		}
	case last == "add_argument" || last == "option" || last == "ArgumentParser":
		if k := keyword.Field("name").Text(); k == "help" || k == "description" || k == "epilog" {
			return "text for people"
		}
	case endsWithError(last):
		return "message of an exception"
	case fn.Kind() == "attribute" && (last == "format" || last == "join" || last == "replace" || last == "strip"),
		last == "str" || last == "set" || last == "frozenset" || last == "list" || last == "tuple" || last == "sorted":
		return m.outerMention(call, s)
	}
	return ""
}

// outerMention looks at what becomes of the result of a call that only
// changes the text's form.
func (m *module) outerMention(call, s node) string {
	switch p := call.Parent(); p.Kind() {
	case "assignment":
		return m.assignedMention(p, s)
	case "argument_list":
		return m.argumentMention(p.Parent(), node{}, call, s)
	case "comparison_operator":
		return "comparison"
	}
	return ""
}

func isLogger(object, method string) bool {
	switch method {
	case "debug", "info", "warning", "warn", "error", "critical", "exception", "log", "fatal", "trace", "echo", "secho":
	default:
		return false
	}
	low := strings.ToLower(object)
	return strings.Contains(low, "log") || low == "click" || low == "typer" || low == "self" || low == "st" || low == "console"
}

func endsWithError(name string) bool {
	return strings.HasSuffix(name, "Error") || strings.HasSuffix(name, "Exception") || strings.HasSuffix(name, "Warning")
}

// holdsEndpoint reports whether a text spells the endpoint.
func holdsEndpoint(text []byte) bool { return len(imds.Find(text)) > 0 }
