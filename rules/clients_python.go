package rules

import (
	"bytes"
	_ "embed"
	"fmt"

	"gopkg.in/yaml.v3"
)

//go:embed clients/python.yaml
var pythonClients []byte

// PythonLibrary is what one HTTP library calls its parts.
type PythonLibrary struct {
	Library string `yaml:"library"`
	// Source is where the names and arguments were read.
	Source string `yaml:"source"`
	// StringHeaders is true when the library refuses header values that are
	// not strings.
	StringHeaders bool `yaml:"string_headers"`
	// Aliases are other qualified names of modules, classes and functions;
	// the longest prefix of a name is replaced.
	Aliases map[string]string `yaml:"aliases"`
	Classes []*PythonClass    `yaml:"classes"`
	Calls   []*PythonCall     `yaml:"calls"`
}

// Arg is where a call takes an argument: its position counted from 0 (nil for
// keyword only) and its keyword (empty for position only).
type Arg struct {
	Pos *int   `yaml:"pos"`
	Key string `yaml:"key"`
}

// Given reports whether the call has such an argument at all.
func (a Arg) Given() bool { return a.Pos != nil || a.Key != "" }

// PythonClass is a class whose instances send requests or describe one.
type PythonClass struct {
	Name string `yaml:"name"`
	// Makers are functions that return an instance.
	Makers []string `yaml:"makers"`
	// Host and Base are constructor arguments: the host all requests go to,
	// the URL all URLs are relative to.
	Host Arg `yaml:"host"`
	Base Arg `yaml:"base"`
	// Scheme goes before Host.
	Scheme string `yaml:"scheme"`
	// Headers is the constructor argument with headers for every request.
	Headers Arg `yaml:"headers"`
	// Attribute is the instance's mapping of headers for every request, and
	// List its list of pairs ("addheaders").
	Attribute string `yaml:"attribute"`
	List      string `yaml:"list"`
	// Add are methods that add one header by name and value.
	Add []string `yaml:"add"`
	// URL, Method and Data are set where an instance describes a request: a
	// call may take it in place of a URL.
	URL    Arg `yaml:"url"`
	Method Arg `yaml:"method"`
	Data   Arg `yaml:"data"`
	// Options is a method that sets URL, method and headers by option
	// (pycurl's setopt).
	Options string `yaml:"options"`
}

// PythonCall is a function or method that sends a request.
type PythonCall struct {
	// Name is the qualified name: "requests.get", "requests.Session.get".
	Name string `yaml:"name"`
	// Method is the HTTP method where the name decides it, MethodArg the
	// argument that does otherwise.
	Method    string `yaml:"method"`
	MethodArg Arg    `yaml:"method_arg"`
	URL       Arg    `yaml:"url"`
	Headers   Arg    `yaml:"headers"`
	Data      Arg    `yaml:"data"`
	// Prepared are methods of the same instance that build this request in
	// steps (http.client's putrequest and putheader).
	Prepared []string `yaml:"prepared"`

	// Library is the library's name, filled in by the loader, and Class the
	// class of the method, nil for a function.
	Library       string       `yaml:"-"`
	StringHeaders bool         `yaml:"-"`
	Class         *PythonClass `yaml:"-"`
}

// Python is the table of Python clients by qualified name.
type Python struct {
	Libraries []*PythonLibrary
	Aliases   map[string]string
	Classes   map[string]*PythonClass
	Calls     map[string]*PythonCall
	// Makers gives the class whose instance a function returns.
	Makers map[string]string
}

// LoadPython reads the table.
func LoadPython() (*Python, error) {
	p := &Python{Aliases: map[string]string{}, Classes: map[string]*PythonClass{}, Calls: map[string]*PythonCall{}, Makers: map[string]string{}}
	dec := yaml.NewDecoder(bytes.NewReader(pythonClients))
	dec.KnownFields(true)
	if err := dec.Decode(&p.Libraries); err != nil {
		return nil, fmt.Errorf("clients/python.yaml: %w", err)
	}
	for _, lib := range p.Libraries {
		if lib.Library == "" || lib.Source == "" {
			return nil, fmt.Errorf("clients/python.yaml: library %q: library and source are required", lib.Library)
		}
		if err := p.add(lib); err != nil {
			return nil, fmt.Errorf("clients/python.yaml: %s: %w", lib.Library, err)
		}
	}
	return p, nil
}

func (p *Python) add(lib *PythonLibrary) error {
	for from, to := range lib.Aliases {
		if p.Aliases[from] != "" {
			return fmt.Errorf("alias %s stands twice", from)
		}
		p.Aliases[from] = to
	}
	for _, c := range lib.Classes {
		if c.Name == "" || p.Classes[c.Name] != nil {
			return fmt.Errorf("class %q has no name or stands twice", c.Name)
		}
		p.Classes[c.Name] = c
		for _, m := range c.Makers {
			p.Makers[m] = c.Name
		}
	}
	for _, c := range lib.Calls {
		if c.Name == "" || p.Calls[c.Name] != nil {
			return fmt.Errorf("call %q has no name or stands twice", c.Name)
		}
		c.Library, c.StringHeaders = lib.Library, lib.StringHeaders
		for _, class := range lib.Classes {
			if len(c.Name) > len(class.Name) && c.Name[:len(class.Name)+1] == class.Name+"." {
				c.Class = class
			}
		}
		if !c.URL.Given() && (c.Class == nil || c.Class.Options == "") {
			return fmt.Errorf("call %s: nothing gives its URL", c.Name)
		}
		p.Calls[c.Name] = c
	}
	return nil
}
