package r

import (
	"strings"

	"github.com/imdsscan/imdsscan/analyzer/facts"
	"github.com/imdsscan/imdsscan/analyzer/imds"
	"github.com/imdsscan/imdsscan/analyzer/mention"
)

// mentions explains the endpoints that are no requests: comments, no_proxy
// lists, deny-lists, comparisons, messages, tests.
func (m *module) mentions() {
	for i, tree := range m.trees {
		if tree == nil || !holdsEndpoint(m.units[i].Text.Bytes()) {
			continue
		}
		for j := range tree.Len() {
			n := tree.At(j)
			switch {
			case n.Is("comment"):
				m.mention(n, "comment")
			case n.Is("string") && holdsEndpoint([]byte(n.Text())):
				why := m.whyMentioned(n, 0)
				if why == "" && m.inTest(n) {
					why = "test"
				}
				if why != "" {
					m.mention(n, why)
				}
			}
		}
	}
}

func (m *module) mention(n node, why string) {
	u := m.unit(n)
	if holdsEndpoint(u.Text.Bytes()[n.Start():n.End()]) {
		m.facts.Mentions = append(m.facts.Mentions, facts.Mention{Unit: u, Span: n.Span(), Why: why})
	}
}

// inTest reports whether code stands in a test of testthat.
func (m *module) inTest(n node) bool {
	for p := n.Parent(); p.OK(); p = p.Parent() {
		if c := m.callAt[p]; m.is(c, "test_that", "describe", "it") || c != nil && strings.HasPrefix(c.name, "expect_") {
			return true
		}
	}
	return false
}

// whyMentioned says why a string, or a name that holds it, is no request, by
// what stands around it. Empty when nothing says so.
func (m *module) whyMentioned(s node, depth int) string {
	if m.mocked(s) {
		return "mock"
	}
	for c, p := s, s.Parent(); p.OK(); c, p = p, p.Parent() {
		switch p.Kind() {
		case "program", "braced_expression":
			if c.Is("string") && c.Next().OK() {
				return "string without use"
			}
			return ""
		case "parenthesized_expression", "unary_operator":
		case "binary_operator":
			if target, _, _, ok := assignment(p); ok {
				return m.assignedMention(target, p, depth)
			}
			switch op := p.Field("operator").Text(); {
			case op == "==" || op == "!=" || op == "%in%" || op == "%like%" || op == "%notin%":
				return "comparison"
			case isPipe(p) && c.FieldName() == "lhs":
				return m.argumentMention(m.callAt[p.Field("rhs")], "")
			}
		case "parameter":
			return mention.OfName(nameOf(p.Field("name")))
		case "argument":
			if why := mention.OfName(nameOf(p.Field("name"))); why != "" {
				return why
			}
			call := m.callAt[p.Parent().Parent()]
			if why := m.argumentMention(call, nameOf(p.Field("name"))); why != "" {
				return why
			}
			if !m.is(call, "c", "list", "paste", "paste0", "sprintf", "glue", "unlist", "tolower", "trimws", "as.character") {
				return ""
			}
			// What holds the call decides.
			p = call.expr
		case "subset", "subset2":
			if c.FieldName() != "function" {
				return "key of a lookup"
			}
			return ""
		case "arguments", "call", "if_statement", "while_statement":
			return ""
		default:
			return ""
		}
	}
	return ""
}

// assignedMention is about a text that is assigned: to a name of a deny-list,
// or to a name that is only ever compared or printed.
func (m *module) assignedMention(target, at node, depth int) string {
	name := nameOf(target)
	if target.Is("extract_operator", "subset2", "subset") {
		name = m.fieldKey(target)
	}
	if why := mention.OfName(name); why != "" || !target.Is("identifier") || depth > 2 {
		return why
	}
	why := ""
	for _, use := range m.usesByName[name] {
		if use == target || use.Inside(at) || m.lookupOf(use) != m.lookupOf(target) {
			continue
		}
		w := m.whyMentioned(use, depth+1)
		if w == "" {
			return ""
		}
		why = w
	}
	return why
}

// argumentMention says what a call does with the text it is given.
func (m *module) argumentMention(c *call, param string) string {
	if c == nil {
		return ""
	}
	name := c.name
	if c.fn.Is("extract_operator") {
		name = nameOf(c.fn.Field("rhs"))
	}
	if m.isOwn(c.n, name) && c.pkg == "" {
		why := mention.OfName(name)
		if why == "deny-list" {
			return why
		}
		return ""
	}
	switch {
	case has([]string{"print", "cat", "message", "format", "writeLines", "displayHTML", "flog.info", "flog.warn", "loginfo", "logwarn", "log_info", "log_warn", "log_error", "log_debug", "cli_alert_info", "inform"}, name):
		if param == "file" || c.named("file").OK() || name == "writeLines" && len(c.args) > 1 {
			return ""
		}
		return "printed text"
	case has([]string{"stop", "warning", "abort", "simpleError", "errorCondition", "stopifnot"}, name):
		return "message of a condition"
	case has([]string{"grepl", "grep", "sub", "gsub", "regmatches", "regexpr", "gregexpr", "str_detect", "str_match", "str_replace", "str_replace_all", "str_extract", "regexec", "strsplit"}, name):
		return "pattern"
	case has([]string{"startsWith", "endsWith", "identical", "all.equal", "match", "is.element", "setdiff", "intersect", "match.arg", "str_starts"}, name):
		return "comparison"
	case strings.HasPrefix(name, "expect_") || name == "test_that" || name == "stub_request" || name == "describe" || name == "it":
		return "test"
	case name == "socketConnection" || name == "make.socket" || name == "socketSelect":
		return "socket, no HTTP request is seen"
	case name == "Sys.setenv" || name == "options":
		return mention.OfName(param)
	case name == "add_option" || name == "add_argument" || name == "make_option":
		if param == "help" {
			return "text for people"
		}
	}
	return ""
}

// holdsEndpoint reports whether a text spells the endpoint.
func holdsEndpoint(text []byte) bool { return len(imds.Find(text)) > 0 }
