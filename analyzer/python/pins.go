package python

import (
	"path"
	"strings"

	"github.com/imdsscan/imdsscan/analyzer/command"
	"github.com/imdsscan/imdsscan/analyzer/imds"
	"github.com/imdsscan/imdsscan/analyzer/pins"
)

// pipCalls run pip with the words of a list.
var pipCalls = map[string]bool{"pip.main": true, "pip._internal.main": true, "pip._internal.cli.main.main": true}

// installs notes the packages that a command installs.
func (m *module) installs(call node, words []command.Word) {
	m.facts.Pins = append(m.facts.Pins, pins.Installed(m.unit(call), words, call.Span())...)
}

// pinFromCall records the packages that a call asks for without a command.
func (m *module) pinFromCall(call node, name string) {
	args := m.args(call)
	switch {
	case pipCalls[name]:
		plain := []command.Word{{Value: imds.Lit("pip", imds.Source{})}}
		for _, w := range m.words(args.first("args")) {
			plain = append(plain, w.Word)
		}
		m.installs(call, plain)
	case strings.HasSuffix(call.Field("function").Text(), "library.installPyPI"):
		m.installPyPI(call, args)
	}
}

// installPyPI is dbutils.library.installPyPI(package, version, repo, extras).
func (m *module) installPyPI(call node, args arguments) {
	name := m.eval(args.first("pypiPackage"))
	if len(name) != 1 {
		return
	}
	v := name[0]
	version := args.key["version"]
	if !version.OK() && len(args.pos) > 1 {
		version = args.pos[1]
	}
	if version.OK() {
		if vs := m.eval(version); len(vs) == 1 {
			v = imds.Concat(v, imds.Lit("==", imds.Source{}), vs[0])
		} else {
			v = imds.Concat(v, imds.Lit("==", imds.Source{}), imds.Unknown(version.Text()))
		}
	}
	m.pin(call, v, "dbutils.library.installPyPI")
}

// pin records a requirement; use is where it stands.
func (m *module) pin(use node, v imds.Value, by string) {
	if p := pins.Within(m.unit(use), v, use.Span(), by); p != nil {
		m.facts.Pins = append(m.facts.Pins, p)
	}
}

// setupPins records the requirements in a setup.py: strings that name versions,
// wherever they stand, and names without a version in lists of requirements.
func (m *module) setupPins(lit node) {
	u := m.unit(lit)
	if u.Parent != nil || u.Doc == nil || path.Base(u.Doc.Path) != "setup.py" || isStatement(lit) {
		return
	}
	use := lit
	for use.Parent().Is("concatenated_string", "binary_operator") {
		use = use.Parent()
	}
	if use != lit && (use.Span().Start != lit.Span().Start) {
		return // taken with the part it begins with
	}
	for _, v := range m.eval(use) {
		p := pins.Within(u, v, use.Span(), "setup.py")
		if p == nil || len(p.Spec) == 0 && !inRequirements(use) {
			continue
		}
		m.facts.Pins = append(m.facts.Pins, p)
	}
}

// inRequirements reports whether a string stands in a list called so.
func inRequirements(n node) bool {
	for range 8 {
		p := n.Parent()
		switch {
		case p.Is("keyword_argument"):
			return strings.Contains(p.Field("name").Text(), "require")
		case p.Is("assignment"):
			return strings.Contains(strings.ToLower(p.Field("left").Text()), "require")
		case p.Is("list", "tuple", "set", "dictionary", "pair", "binary_operator", "parenthesized_expression"):
			n = p
		default:
			return false
		}
	}
	return false
}
