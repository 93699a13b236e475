package shell

import (
	"mvdan.cc/sh/v3/syntax"

	"github.com/imdsscan/imdsscan/analyzer/pins"
)

// installs notes the packages that a command installs.
func (a *analysis) installs(c *syntax.CallExpr, argv []field) {
	for _, p := range pins.Installed(a.u, words(argv), a.span(c)) {
		if key := p.Package + " " + p.Spec.String(); a.installed[c] == nil || !a.installed[c][key] {
			if a.installed[c] == nil {
				a.installed[c] = map[string]bool{}
			}
			a.installed[c][key] = true
			a.out.Pins = append(a.out.Pins, p)
		}
	}
}
