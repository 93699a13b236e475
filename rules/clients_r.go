package rules

import (
	"bytes"
	_ "embed"
	"fmt"
	"slices"

	"gopkg.in/yaml.v3"
)

//go:embed clients/r.yaml
var rClients []byte

// RLibrary is what one package of R calls its parts.
type RLibrary struct {
	Library string `yaml:"library"`
	// Source is where the names and arguments were read.
	Source string `yaml:"source"`
	// Attached is true for the packages that every session has.
	Attached bool     `yaml:"attached"`
	Calls    []*RCall `yaml:"calls"`
}

// RCall is a function that sends a request, or opens a connection that does.
type RCall struct {
	Name string `yaml:"name"`
	// Params are the formal arguments in order, with "..." where that stands.
	Params []string `yaml:"params"`
	// Named are arguments that `...` takes by name.
	Named []string `yaml:"named"`
	// URL, Headers and MethodArg name the arguments that hold these.
	URL       string `yaml:"url"`
	Headers   string `yaml:"headers"`
	MethodArg string `yaml:"method_arg"`
	// Method is the HTTP method where the name decides it.
	Method string `yaml:"method"`
	// Style is how headers are given: see the table.
	Style string `yaml:"style"`
	// Connection is true when the result is a connection, not yet read.
	Connection bool `yaml:"connection"`
	// Reads says what becomes of a connection given in place of a URL.
	Reads string `yaml:"reads"`
	// Spoils are arguments that have no effect on a connection.
	Spoils []string `yaml:"spoils"`
	// Unfixed is true for a client whose requests are only reported.
	Unfixed bool `yaml:"unfixed"`

	// Library is the package's name, filled in by the loader.
	Library string `yaml:"-"`
}

// ID is the function with its package: "httr::GET".
func (c *RCall) ID() string { return c.Library + "::" + c.Name }

// R is the table of R clients.
type R struct {
	Libraries []*RLibrary
	// Calls are the functions by name; several packages may have one.
	Calls map[string][]*RCall
}

// LoadR reads the table.
func LoadR() (*R, error) {
	r := &R{Calls: map[string][]*RCall{}}
	dec := yaml.NewDecoder(bytes.NewReader(rClients))
	dec.KnownFields(true)
	if err := dec.Decode(&r.Libraries); err != nil {
		return nil, fmt.Errorf("clients/r.yaml: %w", err)
	}
	for _, lib := range r.Libraries {
		if lib.Library == "" || lib.Source == "" {
			return nil, fmt.Errorf("clients/r.yaml: library %q: library and source are required", lib.Library)
		}
		for _, c := range lib.Calls {
			c.Library = lib.Library
			if err := c.check(); err != nil {
				return nil, fmt.Errorf("clients/r.yaml: %s: %w", c.ID(), err)
			}
			for _, other := range r.Calls[c.Name] {
				if other.Library == c.Library {
					return nil, fmt.Errorf("clients/r.yaml: %s stands twice", c.ID())
				}
			}
			r.Calls[c.Name] = append(r.Calls[c.Name], c)
		}
	}
	return r, nil
}

func (c *RCall) check() error {
	has := func(param string) bool { return slices.Contains(c.Params, param) || slices.Contains(c.Named, param) }
	switch {
	case c.Name == "":
		return fmt.Errorf("a call has no name")
	case !has(c.URL):
		return fmt.Errorf("no parameter %q gives its URL", c.URL)
	case c.Headers != "" && !has(c.Headers):
		return fmt.Errorf("no parameter %q", c.Headers)
	case c.MethodArg != "" && !has(c.MethodArg):
		return fmt.Errorf("no parameter %q", c.MethodArg)
	case !slices.Contains([]string{"vector", "config", "handle", "options", "request"}, c.Style):
		return fmt.Errorf("style %q is not known", c.Style)
	case !slices.Contains([]string{"", "closes", "leaves"}, c.Reads):
		return fmt.Errorf("reads %q is not known", c.Reads)
	}
	return nil
}
