package shell

import (
	"strings"

	"mvdan.cc/sh/v3/syntax"
)

// isTemplate is true for text that Terraform fills in before a shell runs it.
func isTemplate(src string) bool {
	for _, sign := range []string{"$${", "%{ if ", "%{if ", "%{ for ", "%{ endif", "%{ else", "%{~"} {
		if strings.Contains(src, sign) {
			return true
		}
	}
	return false
}

// filledIn is true for a script that reads ${lower_case} names which nothing in
// it sets: so looks a template whose author needed no escapes. Forms without
// braces work either way.
func (a *analysis) filledIn() bool {
	set := map[string]bool{"http_proxy": true, "https_proxy": true, "no_proxy": true, "ftp_proxy": true, "all_proxy": true}
	for n := range a.u.Vars {
		set[n] = true
	}
	var read []string
	sources := false
	syntax.Walk(a.file, func(n syntax.Node) bool {
		switch n := n.(type) {
		case *syntax.Assign:
			if n.Name != nil {
				set[n.Name.Value] = true
			}
		case *syntax.WordIter:
			set[n.Name.Value] = true
		case *syntax.CallExpr:
			if len(n.Args) == 0 {
				break
			}
			switch n.Args[0].Lit() {
			case "source", ".":
				sources = true
			case "read", "mapfile", "readarray", "getopts", "printf":
				for _, w := range n.Args[1:] {
					set[w.Lit()] = true
				}
			}
		case *syntax.ParamExp:
			if bare := n.Exp == nil && n.Repl == nil && n.Slice == nil && n.Index == nil && !n.Length && !n.Excl; bare && !n.Short && n.Param != nil {
				read = append(read, n.Param.Value)
			}
		}
		return true
	})
	for _, name := range read {
		if !sources && !set[name] && strings.Trim(name, "abcdefghijklmnopqrstuvwxyz_0123456789") == "" && strings.Trim(name, "0123456789_") != "" {
			return true
		}
	}
	return false
}
