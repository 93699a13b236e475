package command

import (
	"strings"

	"github.com/imdsscan/imdsscan/analyzer/imds"
	"github.com/imdsscan/imdsscan/rules"
)

// Install is a command that installs packages.
type Install struct {
	// Installer is what it is, By how it is called: "pip install".
	Installer *rules.Installer
	By        string
	// Packages are the words that name packages.
	Packages []Arg
}

// Installs reads a list of arguments as a command that installs packages; nil
// when it is another one.
func Installs(words []Word) *Install {
	var inv Invocation
	at, ok := inv.unwrap(words)
	if !ok {
		return nil
	}
	name := toolName(words[at].Value)
	in := rules.AllInstallers().Command(name)
	if in == nil {
		if in, at = module(name, words, at); in == nil {
			return nil
		}
		name = in.Module
	}
	out := &Install{Installer: in, By: name}
	var operands []Arg
	for at++; at < len(words); at++ {
		w := words[at]
		s := text(w.Value)
		switch {
		case s == "#": // of a line that no shell reads
			at = len(words)
		case len(s) > 1 && s[0] == '-':
			if in.TakesValue(s) {
				at++
			}
		case w.Open && s == "":
		default:
			operands = append(operands, Arg{at, w.Value})
		}
	}
	if len(in.Words) == 0 {
		out.Packages = operands
		return out
	}
	for _, words := range in.Words {
		n := 0
		for _, w := range strings.Fields(words) {
			if n < len(operands) && text(operands[n].Value) == w {
				n++
			} else {
				n = 0
				break
			}
		}
		if n > 0 {
			out.By += " " + words
			out.Packages = operands[n:]
			return out
		}
	}
	return nil
}

// toolName is the name of the command that a word stands for. One that is
// kept in a variable goes by the variable's name: `$PIP install`.
func toolName(v imds.Value) string {
	if name := Name(v); name != "" || len(v) != 1 || !v[0].Unknown {
		return name
	}
	variable := strings.ToLower(v[0].Name)
	for _, tool := range []string{"micromamba", "mamba", "conda", "pip"} {
		if strings.Contains(variable, tool) {
			return tool
		}
	}
	return ""
}

// module finds the installer of `python -m pip`, and the word that names it.
func module(name string, words []Word, at int) (*rules.Installer, int) {
	unknown := len(words[at].Value) > 0 && words[at].Value[0].Unknown // `$PYTHON -m pip`
	if table().Interpreters[name] == nil && !strings.HasPrefix(name, "python") && !unknown {
		return nil, at
	}
	for at++; at+1 < len(words); at++ {
		s := text(words[at].Value)
		if s == "-m" {
			return rules.AllInstallers().Modules[text(words[at+1].Value)], at + 1
		}
		if !strings.HasPrefix(s, "-") {
			return nil, at
		}
		if s == "-W" || s == "-X" {
			at++
		}
	}
	return nil, at
}
