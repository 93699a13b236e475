package pins

import (
	"regexp"
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
	r.poetry(tool.get("pixi", "pypi-dependencies"))
	r.table(tool.get("pixi", "dependencies"), rules.Conda, versions.Conda)
}

func (r *reader) requirementList(list *Item) {
	list.strings(func(e *Item) {
		r.add(Requirement(r.u, e.text, e.span, r.name()))
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
			spec := v.value()
			if v != nil && v.isTab {
				spec = v.get("version").value()
			}
			r.add(r.pin(ecosystem, g, m.key, spec, m.at))
		}
	}
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

// pipfile reads a Pipfile: its tables are groups of packages but for a few.
func pipfile(r *reader) {
	root := r.open(parseTOML)
	for _, m := range root.members() {
		switch m.key {
		case "source", "requires", "pipenv", "scripts":
		default:
			r.poetry(m.value)
		}
	}
}

// tomlLock reads the packages of poetry.lock, uv.lock and pdm.lock.
func tomlLock(regenerate string) func(*reader) {
	return func(r *reader) {
		for _, p := range r.open(parseTOML).get("package").elements() {
			name, _ := p.get("name").value().Known()
			if source := p.get("source"); source.get("editable") != nil || source.get("virtual") != nil {
				continue // the project itself
			}
			r.locked(rules.PyPI, versions.Poetry, name, p.get("version"), regenerate)
		}
	}
}

// locked adds a package with the version that a lock file gives it.
func (r *reader) locked(ecosystem string, g versions.Grammar, name string, version *Item, regenerate string) {
	if version == nil || version.text == nil {
		return
	}
	p := r.pin(ecosystem, g, name, version.text, version.span)
	p.Regenerate = strings.ReplaceAll(regenerate, "NAME", name)
	r.add(p)
}

// pipfileLock reads a Pipfile.lock: groups of packages.
func pipfileLock(r *reader) {
	for _, group := range r.open(parseJSON).members() {
		if group.key == "_meta" {
			continue
		}
		for _, m := range group.value.members() {
			r.locked(rules.PyPI, versions.Poetry, m.key, m.value.get("version"), "pipenv update NAME")
		}
	}
}

var (
	iniSection = regexp.MustCompile(`^\[([^\]]+)\]\s*$`)
	iniKey     = regexp.MustCompile(`^([A-Za-z0-9_.-]+)\s*[=:]\s*`)
)

// setupCfg reads the requirements in setup.cfg.
func setupCfg(r *reader) {
	b := r.u.Text.Bytes()
	section, requires, several := "", false, false
	for at := 0; at < len(b); {
		line := span.Span{Start: at, End: len(b)}
		for i := at; i < len(b); i++ {
			if b[i] == '\n' {
				line.End = i
				break
			}
		}
		at = line.End + 1
		text := r.u.Text.Sub(line)
		trimmed := strings.TrimSpace(text)
		switch m := iniKey.FindStringIndex(text); {
		case trimmed == "" || trimmed[0] == '#' || trimmed[0] == ';':
			continue
		case iniSection.MatchString(text):
			section, requires = iniSection.FindStringSubmatch(text)[1], false
			continue
		case m != nil:
			key := iniKey.FindStringSubmatch(text)[1]
			requires = section == "options.extras_require" ||
				section == "options" && (key == "install_requires" || key == "setup_requires" || key == "tests_require")
			line.Start += m[1]
			several = !line.Empty() // on one line, semicolons part them
		case text[0] != ' ' && text[0] != '\t':
			requires = false
			continue
		default:
			several = false
		}
		if requires {
			r.iniRequirements(line, several)
		}
	}
}

func (r *reader) iniRequirements(line span.Span, several bool) {
	if c := commentStart(r.u.Text.Bytes()[line.Start:line.End]); c >= 0 {
		line.End = line.Start + c
	}
	parts := []piece{{line.Start, line.End}}
	if several {
		parts = nil
		from := line.Start
		for i := line.Start; i <= line.End; i++ {
			if i == line.End || r.u.Text.Bytes()[i] == ';' {
				parts = append(parts, piece{from, i})
				from = i + 1
			}
		}
	}
	for _, p := range parts {
		s := span.Span{Start: p.from, End: p.to}
		r.add(Requirement(r.u, r.lit(s), s, r.name()))
	}
}

type piece struct{ from, to int }
