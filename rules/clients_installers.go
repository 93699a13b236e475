package rules

import (
	"bytes"
	_ "embed"
	"fmt"
	"strings"
	"sync"

	"gopkg.in/yaml.v3"
)

//go:embed clients/installers.yaml
var installersFile []byte

// Installer is a command that installs the packages its words name.
type Installer struct {
	Names []string `yaml:"names"`
	// Module is what runs it behind `python -m`.
	Module string `yaml:"module"`
	// Words are the subcommands that install; one may be several words.
	Words []string `yaml:"words"`
	// Form is how the words name packages: requirement, poetry, conda, deb,
	// rpm or npm.
	Form string `yaml:"form"`
	// Takes are the options that take a value.
	Takes  []string `yaml:"takes"`
	Source string   `yaml:"source"`

	takes map[string]bool
}

// TakesValue is true for an option that is followed by a value.
func (i *Installer) TakesValue(option string) bool { return i.takes[option] }

// Installers are the installers by the names of their commands, and by those
// of their modules.
type Installers struct {
	Commands, Modules map[string]*Installer
}

var installers = sync.OnceValues(loadInstallers)

// AllInstallers is the table.
func AllInstallers() *Installers {
	t, err := installers()
	if err != nil {
		panic(err) // the file is embedded and a test loads it
	}
	return t
}

func loadInstallers() (*Installers, error) {
	t := &Installers{Commands: map[string]*Installer{}, Modules: map[string]*Installer{}}
	var list []*Installer
	dec := yaml.NewDecoder(bytes.NewReader(installersFile))
	dec.KnownFields(true)
	if err := dec.Decode(&list); err != nil {
		return nil, fmt.Errorf("clients/installers.yaml: %w", err)
	}
	for _, i := range list {
		if len(i.Names) == 0 || i.Form == "" || i.Source == "" {
			return nil, fmt.Errorf("clients/installers.yaml: %v: names, form and source are required", i.Names)
		}
		i.takes = set(i.Takes)
		for _, n := range i.Names {
			if t.Commands[n] != nil {
				return nil, fmt.Errorf("clients/installers.yaml: %s stands twice", n)
			}
			t.Commands[n] = i
		}
		if i.Module != "" {
			t.Modules[i.Module] = i
		}
	}
	return t, nil
}

// Command is the installer that a command's name stands for; pip3.8 is pip3.
func (t *Installers) Command(name string) *Installer {
	if i := t.Commands[name]; i != nil {
		return i
	}
	if strings.HasPrefix(name, "pip") || strings.HasPrefix(name, "easy_install") {
		return t.Commands[strings.TrimRight(name, "0123456789.-")]
	}
	return nil
}
