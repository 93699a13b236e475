package pins

import (
	"strings"

	"github.com/imdsscan/imdsscan/analyzer/facts"
	"github.com/imdsscan/imdsscan/analyzer/imds"
	"github.com/imdsscan/imdsscan/analyzer/versions"
	"github.com/imdsscan/imdsscan/notebooks/span"
	"github.com/imdsscan/imdsscan/rules"
)

// pyproject reads pyproject.toml as its tools do: PEP 621 and 735, the build
// system, Poetry, PDM, uv, Hatch, Pixi.
func pyproject(r *reader) {
	root := r.open(parseTOML)
	if root == nil {
		return
	}
	tool := root.get("tool")
	for _, list := range []*Item{
		root.get("project", "dependencies"), root.get("build-system", "requires"),
		tool.get("uv", "dev-dependencies"), tool.get("uv", "constraint-dependencies"), tool.get("uv", "override-dependencies"),
	} {
		r.requirementList(list)
	}
	for _, groups := range []*Item{
		root.get("project", "optional-dependencies"), root.get("dependency-groups"), tool.get("pdm", "dev-dependencies"),
	} {
		for _, g := range groups.members() {
			r.requirementList(g.value)
		}
	}
	for _, env := range tool.get("hatch", "envs").members() {
		r.requirementList(env.value.get("dependencies"))
		r.requirementList(env.value.get("extra-dependencies"))
	}
	poetry := tool.get("poetry")
	r.poetry(poetry.get("dependencies"))
	r.poetry(poetry.get("dev-dependencies"))
	for _, g := range poetry.get("group").members() {
		r.poetry(g.value.get("dependencies"))
	}
	for _, m := range tool.get("uv", "sources").members() { // in place of what the dependencies say
		if m.value.get("git") != nil || m.value.get("url") != nil {
			r.add(r.tabled(rules.PyPI, versions.PEP440, m, m.value))
		}
	}
	r.poetry(tool.get("pixi", "pypi-dependencies"))
	r.table(tool.get("pixi", "dependencies"), rules.Conda, versions.Conda)
}

func (r *reader) requirementList(list *Item) {
	list.strings(func(e *Item) {
		text := e.text
		if c := commentStart([]byte(flat(text))); c >= 0 {
			text = slice(text, 0, c)
		}
		r.requirementLine(text, e.span)
	})
}

// poetry reads a table of packages with their versions; a package may have
// several, for several platforms.
func (r *reader) poetry(t *Item) { r.table(t, rules.PyPI, versions.Poetry) }

// table reads members that are packages: their value is the specifier, a
// table with one, or a list of such tables.
func (r *reader) table(t *Item, ecosystem string, g versions.Grammar) {
	for _, m := range t.members() {
		alternatives := m.value.elements()
		if alternatives == nil {
			alternatives = []*Item{m.value}
		}
		for _, v := range alternatives {
			p := r.pin(ecosystem, g, m.key, v.value(), m.at)
			if v != nil && v.isTab {
				p = r.tabled(ecosystem, g, m, v)
			}
			r.add(p)
		}
	}
}

// tabled is a package whose version stands in a table: a specifier, a tag of a
// repository, or an address.
func (r *reader) tabled(ecosystem string, g versions.Grammar, m member, v *Item) *facts.Pin {
	if spec := v.get("version").value(); spec != nil {
		return r.pin(ecosystem, g, m.key, spec, m.at)
	}
	for _, key := range []string{"tag", "rev", "ref", "branch"} {
		if rev := v.get(key).value(); rev != nil && v.get("git") != nil {
			p := r.pin(ecosystem, versions.Poetry, m.key, revision(rev), m.at)
			p.Refuse = "whether the repository has a tag for that version is not known here"
			return p
		}
	}
	for _, key := range []string{"url", "file", "path"} {
		if address := v.get(key).value(); address != nil {
			p := fromAddress(&facts.Pin{Unit: r.u, Ecosystem: ecosystem, Package: m.key, By: r.name()}, address, m.at)
			p.Span = m.at
			return p
		}
	}
	return r.pin(ecosystem, g, m.key, nil, m.at)
}

// pin is a package whose name and versions stand apart.
func (r *reader) pin(ecosystem string, g versions.Grammar, name string, spec imds.Value, at span.Span) *facts.Pin {
	p := &facts.Pin{Unit: r.u, Ecosystem: ecosystem, Package: name, Grammar: g, Spec: spec, By: r.name(), Span: at}
	for _, part := range spec {
		if part.Source.Text == r.u.Text && part.Source.Span.Start >= at.Start {
			p.Span.End = max(p.Span.End, part.Source.Span.End)
		}
	}
	if strings.ContainsRune(r.u.Text.Sub(p.Span), '\n') {
		p.Span = at // the name alone, rather than all between
	}
	return p
}
