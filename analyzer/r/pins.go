package r

import (
	"github.com/imdsscan/imdsscan/analyzer/command"
	"github.com/imdsscan/imdsscan/analyzer/imds"
	"github.com/imdsscan/imdsscan/analyzer/pins"
)

// installers are functions that install packages: the versions of their
// packages stand in an argument (install_version) or behind the name
// (paws@0.3.1).
var installers = map[string][]string{
	"install_version": {"remotes", "devtools", "versions", ""}, "install.versions": {"versions", ""},
	"install_github": {"remotes", "devtools", ""}, "install_gitlab": {"remotes", "devtools", ""}, "install_url": {"remotes", "devtools", ""},
	"install.packages": {"utils", ""}, "install_cran": {"remotes", "devtools", ""},
	"install": {"renv"}, "pkg_install": {"pak", ""}, "p_install": {"pacman", ""}, "p_load": {"pacman", ""},
}

// pinFromCall records the packages that a call installs.
func (m *module) pinFromCall(c *call) {
	if from, ok := installers[c.name]; !ok || !has(from, c.pkg) || c.pkg == "" && m.isOwn(c.n, c.name) {
		return
	}
	versioned := c.name == "install_version" || c.name == "install.versions"
	var version imds.Value
	if versioned {
		v := c.named("version")
		if !v.OK() {
			v = c.named("versions")
		}
		if !v.OK() {
			v = c.position(1)
		}
		if v.OK() {
			version = one(m.eval(ref{n: v}))
		}
	}
	for i, a := range c.args {
		if !a.value.OK() || a.name != "" && a.name != "package" && a.name != "repo" && a.name != "url" && a.name != "pkgs" && a.name != "packages" && a.name != "pkg" || versioned && i > 0 && a.name == "" {
			continue
		}
		for _, w := range m.wordsOf(ref{n: a.value}, false, 0) {
			u := m.unit(c.n)
			if p := pins.CRAN(u, w.Value, version, c.span(), c.fn.Text()); p != nil {
				m.facts.Pins = append(m.facts.Pins, p)
			}
		}
	}
}

// installs notes the packages that a command installs.
func (m *module) installs(c *call, words []command.Word) {
	m.facts.Pins = append(m.facts.Pins, pins.Installed(m.unit(c.n), words, c.span())...)
}
