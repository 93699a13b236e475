package rules

import (
	"bytes"
	_ "embed"
	"fmt"
	"strings"
	"sync"

	"gopkg.in/yaml.v3"
)

//go:embed yaml.yaml
var yamlFile []byte

// YAMLDialect is a kind of YAML file: where code stands in it and who reads
// that code before its interpreter does.
type YAMLDialect struct {
	Dialect string `yaml:"dialect"`
	Source  string `yaml:"source"`
	// Keys are sets of keys at the root, one of which a file of the kind has;
	// Begins is how its text begins, List that its root is a list. Without
	// any, paths alone decide.
	Keys   [][]string `yaml:"keys"`
	Begins string     `yaml:"begins"`
	List   bool       `yaml:"list"`
	// Fields are the marks around what is filled in before the code runs, and
	// whose values are unknown.
	Fields []string `yaml:"fields"`
	// FieldVars is what stands before the name of a variable in a field.
	FieldVars string `yaml:"field_vars"`
	// Filled is why fixes of a script with fields are only shown; empty where
	// a field is filled in without a look at the rest.
	Filled string `yaml:"filled"`
	// Refuse are texts that make fixes of a script display-only.
	Refuse []YAMLRefusal `yaml:"refuse"`
	// Braces: fixes may write ${…}. Elsewhere another program may read the
	// file first, as Terraform does with user data.
	Braces bool `yaml:"braces"`
	// Vars are the keys of maps of variables that the code starts with, or
	// paths of keys.
	Vars []string   `yaml:"vars"`
	Code []YAMLCode `yaml:"code"`
	// Requests are values that make the tool send a request itself.
	Requests []YAMLRequest `yaml:"requests"`
}

// YAMLRefusal is a text in a script and why it keeps fixes from being applied.
type YAMLRefusal struct {
	Has string `yaml:"has"`
	Why string `yaml:"why"`
}

// YAMLCode is a place of code.
type YAMLCode struct {
	// At are paths of keys, [] for the items of a list, * for any one step,
	// ** for any number of them.
	At []string `yaml:"at"`
	// As is "shell", "python" or "yaml"; "argv" for a list of words that
	// starts a process; "file" for text that its first line or the file's name
	// tells the language of.
	As string `yaml:"as"`
	// Shared: the items of a list run in one shell.
	Shared bool `yaml:"shared"`
	// By lists keys that decide on the language, the first found wins.
	By []YAMLChoice `yaml:"by"`
	// Name is the key of the file name, for "file".
	Name string `yaml:"name"`
	// Then is a key beside it whose words follow, for "argv".
	Then string `yaml:"then"`
	// Display is why fixes are only shown.
	Display string `yaml:"display"`
	Via     string `yaml:"via"`
}

// YAMLChoice looks for a key in the nearest mapping around that has it.
type YAMLChoice struct {
	Near string `yaml:"near"`
	// Is maps what the value begins with to the language, "" for none that is
	// analysed. A value that is not listed is Else; without Else the next
	// choice decides.
	Is   map[string]string `yaml:"is"`
	Else *string           `yaml:"else"`
}

// YAMLRequest is a mapping that stands for a request.
type YAMLRequest struct {
	At      []string `yaml:"at"`
	Client  string   `yaml:"client"`
	URL     string   `yaml:"url"`
	Method  string   `yaml:"method"`
	Headers string   `yaml:"headers"`
	Depends string   `yaml:"depends"`
}

// YAMLMention is a group of keys whose values are no requests.
type YAMLMention struct {
	Why string `yaml:"why"`
	// Keys are in lower case, without _ and -.
	Keys []string `yaml:"keys"`
	// At are paths, as of code.
	At []string `yaml:"at"`
}

// YAML is what is known of YAML files.
type YAML struct {
	Dialects []*YAMLDialect `yaml:"dialects"`
	Mentions []*YAMLMention `yaml:"mentions"`
}

// LoadYAML reads the table.
var LoadYAML = sync.OnceValues(func() (*YAML, error) {
	var y YAML
	dec := yaml.NewDecoder(bytes.NewReader(yamlFile))
	dec.KnownFields(true)
	if err := dec.Decode(&y); err != nil {
		return nil, fmt.Errorf("yaml.yaml: %w", err)
	}
	kinds := map[string]bool{"shell": true, "python": true, "yaml": true, "argv": true, "file": true}
	for _, d := range y.Dialects {
		if d.Dialect == "" || d.Source == "" || len(d.Code)+len(d.Requests) == 0 || len(d.Fields)%2 != 0 {
			return nil, fmt.Errorf("yaml.yaml: dialect %q: dialect, source and code are required", d.Dialect)
		}
		for _, c := range d.Code {
			if len(c.At) == 0 || !kinds[c.As] || c.Via == "" {
				return nil, fmt.Errorf("yaml.yaml: dialect %s: code needs at, via and a known as", d.Dialect)
			}
		}
	}
	for _, m := range y.Mentions {
		for _, k := range m.Keys {
			if k != strings.ToLower(k) || strings.ContainsAny(k, "_-") {
				return nil, fmt.Errorf("yaml.yaml: the key %q is never found", k)
			}
		}
	}
	return &y, nil
})
