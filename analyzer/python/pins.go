package python

import (
	"path"
	"strings"

	"github.com/imdsscan/imdsscan/analyzer/command"
	"github.com/imdsscan/imdsscan/analyzer/facts"
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

// literalPins records the requirements that stand in lists and keys for them,
// in a setup.py wherever they stand, and the runtimes of clusters.
func (m *module) literalPins(lit node) {
	if isStatement(lit) || !pins.Named([]byte(lit.Text())) && keyOf(lit) != "spark_version" {
		return
	}
	u := m.unit(lit)
	use := lit
	for use.Parent().Is("concatenated_string", "binary_operator") {
		use = use.Parent()
	}
	if use != lit && use.Span().Start != lit.Span().Start {
		return // taken with the part it begins with
	}
	if keyOf(use) == "spark_version" {
		for _, v := range m.eval(use) {
			if key, known := v.Known(); known {
				m.facts.Clusters = append(m.facts.Clusters, facts.Cluster{Unit: u, Span: use.Span(), Runtime: key})
			}
		}
		return
	}
	by, list := "the code", listOf(use)
	if setup := u.Parent == nil && u.Doc != nil && path.Base(u.Doc.Path) == "setup.py"; setup {
		by = "setup.py"
	} else if list == "" {
		return
	}
	for _, v := range m.eval(use) {
		if p := pins.Within(u, v, use.Span(), by); p != nil && (len(p.Spec) > 0 || list != "" && !ownPackages[list]) {
			m.facts.Pins = append(m.facts.Pins, p)
		}
	}
}

// ownPackages are names of lists that may hold a project's own packages.
var ownPackages = map[string]bool{"package": true, "packages": true, "package_data": true, "package_dir": true}

// listOf is the name of the list of packages that a string stands in, or of
// the key that it is a package's; empty in none.
func listOf(n node) string {
	for range 8 {
		p := n.Parent()
		switch {
		case forPackages(keyOf(n)):
			return keyOf(n)
		case p.Is("assignment") && forPackages(p.Field("left").Text()):
			return p.Field("left").Text()
		case p.Is("list", "tuple", "set", "dictionary", "binary_operator", "parenthesized_expression"), p.Is("pair") && n.FieldName() == "value":
			n = p
		default:
			return ""
		}
	}
	return ""
}

// forPackages tells the names that are given to lists of packages.
func forPackages(name string) bool {
	name = strings.ToLower(name)
	for _, word := range []string{"require", "pip", "package", "depend", "deps", "librar"} {
		if strings.Contains(name, word) {
			return true
		}
	}
	return false
}

// keyOf is the key or the argument whose value an expression is.
func keyOf(n node) string {
	p := n.Parent()
	switch {
	case n.FieldName() != "value":
	case p.Is("keyword_argument"):
		return p.Field("name").Text()
	case p.Is("pair"):
		return strings.Trim(p.Field("key").Text(), `"'`)
	}
	return ""
}
