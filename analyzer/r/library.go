package r

import (
	"strings"

	"github.com/imdsscan/imdsscan/analyzer/facts"
)

// ec2metadata is the package that asks the metadata service by itself.
const ec2metadata = "aws.ec2metadata"

// ec2Functions are what it exports, but for the functions about ECS, which
// ask another address.
var ec2Functions = []string{"metadata", "instance_document", "instance_signature", "is_ec2", "ec2metadata"}

// libraryFromCall records the use of a library that talks to the metadata
// service by itself. A function of the session with such a name is none.
func (m *module) libraryFromCall(c *call) {
	pkg, name := c.pkg, c.name
	if c.fn.Is("extract_operator") { // metadata$instance_id()
		pkg, name = qualified(c.fn.Field("lhs"))
		if strings.HasPrefix(nameOf(c.fn.Field("rhs")), "ecs_") {
			return // asks the address of ECS
		}
	}
	switch {
	case pkg == ec2metadata && has(ec2Functions, name):
	case pkg == "" && m.attached[ec2metadata] && has(ec2Functions, name) && !m.isOwn(c.n, name):
	default:
		if has([]string{"library", "require"}, c.name) && m.attaches(c) && !m.usesEC2() {
			// Loaded and not called: aws.signature finds credentials through it.
			m.addLibrary(c, c.fn.Text())
		}
		return
	}
	m.addLibrary(c, c.fn.Text())
}

func (m *module) addLibrary(c *call, use string) {
	if m.toldToUseTokens() {
		m.facts.Requests = append(m.facts.Requests, &facts.Request{Unit: m.unit(c.n), Span: c.span(), Client: ec2metadata,
			Depends: "aws.ec2metadata 0.2.0 and older do not know USE_IMDS_TOKEN, and ask without a token"})
		return
	}
	m.facts.Libraries = append(m.facts.Libraries, facts.Library{Unit: m.unit(c.n), Span: c.span(), Library: ec2metadata, Use: use})
}

// toldToUseTokens reports whether the session sets the variable that makes new
// versions of the package use tokens.
func (m *module) toldToUseTokens() bool {
	for _, c := range m.callsByName["Sys.setenv"] {
		if v := c.named("USE_IMDS_TOKEN"); v.OK() && v.Text() != "FALSE" && nameOf(v) != "FALSE" {
			return true
		}
	}
	return false
}

// attaches reports whether a call loads the package.
func (m *module) attaches(c *call) bool {
	for _, a := range c.args {
		if nameOf(a.value) == ec2metadata {
			return true
		}
	}
	return false
}

// usesEC2 reports whether the session calls the package itself.
func (m *module) usesEC2() bool {
	for _, c := range m.calls {
		pkg, name := c.pkg, c.name
		if c.fn.Is("extract_operator") {
			pkg, name = qualified(c.fn.Field("lhs"))
		}
		if has(ec2Functions, name) && (pkg == ec2metadata || pkg == "" && !m.isOwn(c.n, name)) {
			return true
		}
	}
	return false
}
