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
var pipCalls = map[string]bool{"pip.main": true, "pip._internal.main": true, "pip._internal.cli.main.main": true, "pip._internal.main.main": true}

// installs notes the packages that a command installs. A word that has one
// value after another, or stands for several, counts as all of them.
func (m *module) installs(call node, words []word) {
	var plain []command.Word
	for i, w := range words {
		switch {
		case w.node.Is("list_splat"):
			inner := m.splat(w.node)
			for _, x := range inner {
				plain = append(plain, x.Word)
			}
			if len(inner) > 0 {
				continue
			}
		case i > 0 && w.node.OK():
			if vs := m.eval(w.node); len(vs) > 1 {
				for _, v := range vs {
					plain = append(plain, command.Word{Value: v})
				}
				continue
			}
		}
		plain = append(plain, w.Word)
	}
	m.facts.Pins = append(m.facts.Pins, pins.Installed(m.unit(call), plain, call.Span())...)
}

// foldedInstalls notes the packages of a shell command whose text is not known
// as one: put together from parts, or with a field that has one value after
// another. Of the latter, what stands in the text itself is noted with it.
func (m *module) foldedInstalls(call, text node, all bool) {
	if f := text.Field("function"); all && text.Is("call") && f.Is("attribute") && f.Field("attribute").Text() == "join" && stringText(f.Field("object")) == " " {
		m.installs(call, m.words(m.args(text).first()))
		return
	}
	vs := m.eval(text)
	if !all && len(vs) < 2 {
		return
	}
	var readings [][]command.Word
	for _, v := range vs {
		readings = append(readings, command.Commands(v)...)
	}
	for _, p := range pins.InstalledByAny(m.unit(call), readings, call.Span()) {
		if all || p.Unsafe != "" {
			m.facts.Pins = append(m.facts.Pins, p)
		}
	}
}

// splat are the words of a list that is spread into another one.
func (m *module) splat(n node) []word {
	if c := n.Named(); len(c) == 1 {
		return m.wordsAt(c[0], 1)
	}
	return nil
}

// magicInstalls notes what `%pip install …`, run by a call, installs.
func (m *module) magicInstalls(call node, tool string, line node) {
	for _, v := range m.eval(line) {
		words := []word{{Word: command.Word{Value: imds.Lit(tool, imds.Source{})}}}
		m.installs(call, append(words, split([]imds.Value{v})...))
	}
}

// pinFromCall records the packages that a call asks for without a command.
func (m *module) pinFromCall(call node, name string) {
	args := m.args(call)
	switch {
	case pipCalls[name]:
		pip := word{Word: command.Word{Value: imds.Lit("pip", imds.Source{})}}
		m.installs(call, append([]word{pip}, m.words(args.first("args"))...))
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
	for _, p := range pins.Several(u, m.eval(use), use.Span(), by) {
		switch {
		case len(p.Spec) == 0 && (list == "" || ownPackages[list]):
		case list == "" && !pins.Readable(p): // a sentence
		default:
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
