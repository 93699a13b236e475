package r

import (
	"strings"

	"github.com/imdsscan/imdsscan/analyzer/facts"
)

// plain are functions that evaluate their arguments at once, one time, in the
// caller's handlers: what stands in their arguments may as well stand before
// the statement.
var plain = []string{
	"content", "http_status", "status_code", "http_error", "stop_for_status", "warn_for_status", "headers", "parsed_content", "http_type",
	"resp_body_string", "resp_body_json", "resp_body_raw", "resp_status", "resp_header", "resp_headers", "resp_body_html", "resp_check_status",
	"fromJSON", "parse_json", "toJSON", "prettify", "paste", "paste0", "trimws", "sprintf", "glue", "gsub", "sub", "grepl", "substr", "substring", "strsplit",
	"toupper", "tolower", "nchar", "str_sub", "str_trim", "str_replace", "str_remove", "str_extract", "str_split", "startsWith", "endsWith", "regmatches",
	"rawToChar", "as.character", "as.numeric", "as.integer", "as.logical", "toString", "unlist", "c", "list", "head", "tail", "rev", "length", "nzchar",
	"is.null", "identical", "isTRUE", "return", "invisible", "print", "cat", "message", "writeLines", "format", "str", "unname", "names", "class",
	"readLines", "scan", "read.table", "read.csv", "read.csv2", "read.delim", "source", "data.frame", "Sys.setenv", "assign", "textConnection", "as.list", "setNames",
	"system2", "file.path", "basename", "dirname", "sort", "unique", "nrow", "ncol", "dput", "saveRDS", "write", "stopifnot", "iconv", "add_headers", "timeout",
}

// setting is where a request stands among the statements of its unit.
type setting struct {
	// statement is the one a token statement may go before; inline is true
	// when the request must bring its token along, since the code around
	// decides whether, when or how often it runs, or catches its errors.
	statement node
	inline    bool
	refuse    string
}

// settingOf walks from the request to its statement.
func (m *module) settingOf(expr node) setting {
	var s setting
	for n, p := expr, expr.Parent(); ; n, p = p, p.Parent() {
		switch p.Kind() {
		case "":
			s.refuse = "the statement of the call was not found"
			return s
		case "ERROR":
			s.refuse = "the code around the call could not be parsed"
			return s
		case "program", "braced_expression":
			s.statement = n
			s.inline = s.inline || m.comesLate(n, expr)
			return s
		case "argument":
			c := m.callAt[p.Parent().Parent()]
			if c == nil && p.Parent().Parent().Is("subset", "subset2") {
				break
			}
			s.inline = s.inline || c == nil || !has(plain, c.name) || c.pkg == "" && m.isOwn(c.n, c.name)
		case "binary_operator":
			op := p.Field("operator").Text()
			switch {
			case isPipe(p) && n.FieldName() == "lhs":
				c := m.callAt[p.Field("rhs")]
				s.inline = s.inline || c == nil && !p.Field("rhs").Is("extract_operator") || c != nil && (!has(plain, c.name) || c.pkg == "" && m.isOwn(c.n, c.name))
			case (op == "&&" || op == "||" || op == "~" || op == "%||%") && n.FieldName() == "rhs":
				s.inline = true
			}
		case "unary_operator":
			s.inline = s.inline || p.Field("operator").Text() == "~"
		case "if_statement":
			s.inline = s.inline || n.FieldName() != "condition"
		case "while_statement", "repeat_statement":
			s.inline = true
		case "for_statement":
			s.inline = s.inline || n.FieldName() == "body"
		case "function_definition", "parameter":
			s.inline = true
		}
	}
}

// comesLate reports whether code with an effect of its own runs in the
// statement before the request: its token request must not come first.
func (m *module) comesLate(statement, expr node) bool {
	t := statement.Tree()
	for i := statement.Index(); i < expr.Index(); i++ {
		c := m.callAt[t.At(i)]
		if c == nil || c.n.End() > expr.Start() {
			continue
		}
		if !has(plain, c.name) || has([]string{"print", "cat", "message", "writeLines", "source", "Sys.setenv", "assign"}, c.name) || c.pkg == "" && m.isOwn(c.n, c.name) {
			return true
		}
	}
	return false
}

// places are the statement lists around a statement in which a token serves
// it: out to its function or loop, or the last pause before it. None where no
// statement of several lines can go before it.
func (m *module) places(statement node) []facts.Place {
	var out []facts.Place
	for st := statement; st.OK(); {
		list := st.Parent()
		at, sep, ok := m.beforeStatement(st)
		if !ok {
			return out
		}
		part := m.segmentOf(st)
		out = append(out, facts.Place{List: part.id, At: at, Separator: sep})
		owner := list.Parent()
		if part.paused || list.Is("program") || !owner.Is("if_statement") || list.FieldName() == "condition" {
			return out
		}
		for owner.Parent().Is("if_statement") {
			owner = owner.Parent()
		}
		if !owner.Parent().Is("program", "braced_expression") {
			return out
		}
		st = owner
	}
	return out
}

// beforeStatement is where a statement may be put before st, and what ends it
// there; ok is false when st does not begin its line.
func (m *module) beforeStatement(st node) (at int, separator string, ok bool) {
	src := m.unit(st).Text.Bytes()
	at = st.Start()
	line := at
	for line > 0 && src[line-1] != '\n' {
		line--
	}
	indent := string(src[line:at])
	if strings.Trim(indent, " \t\f") != "" {
		return 0, "", false
	}
	return at, "\n" + indent, true
}

// segment is the part of a statement list that follows its last pause: id tells
// it from others, paused is true when there is a pause before it.
type segment struct {
	id     int
	paused bool
}

func (m *module) segmentOf(st node) segment {
	if s, known := m.segments[st]; known {
		return s
	}
	s := segment{id: -1}
	for c := st.Parent().First(); c.OK(); c = c.Next() {
		if !c.IsNamed() || c.Is("comment") {
			continue
		}
		if s.id < 0 {
			s.id = c.Index()
		}
		m.segments[c] = s
		if m.pauses(c) {
			s = segment{id: -1, paused: true}
		}
	}
	return m.segments[st]
}

// pauses reports whether a statement may take so long that a token does not
// outlive it, or removes variables.
func (m *module) pauses(st node) bool {
	for i := st.Index(); i < st.After(); i++ {
		n := st.Tree().At(i)
		if n.Is("function_definition") {
			i = n.After() - 1
			continue
		}
		if c := m.callAt[n]; c != nil && has([]string{"Sys.sleep", "readline", "wait", "rm", "remove"}, c.name) {
			return true
		}
	}
	return false
}
