package rules

import (
	"bytes"
	_ "embed"
	"fmt"
	"strings"

	"gopkg.in/yaml.v3"
)

//go:embed clients/jvm.yaml
var jvmClients []byte

// JVMLibrary is what one HTTP library of Scala and Java calls its parts.
type JVMLibrary struct {
	Library string `yaml:"library"`
	// Source is where the names and arguments were read.
	Source string `yaml:"source"`
	// Aliases are other full names of packages and classes; the longest prefix
	// of a name is replaced.
	Aliases map[string]string `yaml:"aliases"`
	Calls   []*JVMCall        `yaml:"calls"`
	Classes []*JVMClass       `yaml:"classes"`
}

// JVMArg is where a call takes an argument: its position counted from 0, its
// name, or the object the method is called on.
type JVMArg struct {
	Pos      *int   `yaml:"pos"`
	Key      string `yaml:"key"`
	Receiver bool   `yaml:"receiver"`
}

// Given reports whether the call has such an argument at all.
func (a JVMArg) Given() bool { return a.Pos != nil || a.Key != "" || a.Receiver }

// JVMCall is a function, method or constructor that is given a URL: it sends a
// request or makes an object that describes one.
type JVMCall struct {
	// Name is the full name: "scala.io.Source.fromURL"; of a constructor the
	// name of its class.
	Name      string `yaml:"name"`
	Method    string `yaml:"method"`
	MethodArg JVMArg `yaml:"method_arg"`
	URL       JVMArg `yaml:"url"`
	Headers   JVMArg `yaml:"headers"`
	// Gives is the class of the object it makes, for the steps that follow.
	Gives string `yaml:"gives"`

	Library string `yaml:"-"`
}

// JVMClass is a class whose objects describe a request step by step.
type JVMClass struct {
	Name string `yaml:"name"`
	// Made is true when new Name(…) makes one; Makers are functions that do
	// and Values ready objects.
	Made   bool     `yaml:"made"`
	Makers []string `yaml:"makers"`
	Values []string `yaml:"values"`
	// Copies is true when a step makes a new object and leaves the old one.
	Copies bool `yaml:"copies"`
	// Rebuilds is the method that gives the URL of an object that cannot be
	// changed, from which another one is built.
	Rebuilds string     `yaml:"rebuilds"`
	StepList []*JVMStep `yaml:"steps"`

	Steps   map[string]*JVMStep `yaml:"-"`
	Library string              `yaml:"-"`
}

// JVMStep is a method that sets a part of the request.
type JVMStep struct {
	Names []string `yaml:"names"`
	// Header is true for (name, value), Headers for a map, a list or pairs.
	Header  bool `yaml:"header"`
	Headers bool `yaml:"headers"`
	// Replaces is true when Headers takes the place of those set before.
	Replaces  bool   `yaml:"replaces"`
	Remove    bool   `yaml:"remove"`
	URL       JVMArg `yaml:"url"`
	Method    string `yaml:"method"`
	MethodArg JVMArg `yaml:"method_arg"`
	// Sends is true when the request goes out: what follows is about the answer.
	Sends bool `yaml:"sends"`
	// Gives is the class of the result where it is another one.
	Gives string `yaml:"gives"`
}

// JVM is the table of clients of Scala and Java by full name.
type JVM struct {
	Libraries []*JVMLibrary
	Aliases   map[string]string
	Calls     map[string]*JVMCall
	Classes   map[string]*JVMClass
	// Values gives the class of ready objects and of what makers give.
	Values map[string]string
	// OnURL are the calls by method whose receiver is the URL.
	OnURL map[string]*JVMCall
	// ByEnd gives full names by their end, from a capital letter on:
	// "Source.fromURL". It serves names whose import is not seen.
	ByEnd map[string]string
}

// LoadJVM reads the table.
func LoadJVM() (*JVM, error) {
	j := &JVM{Aliases: map[string]string{}, Calls: map[string]*JVMCall{}, Classes: map[string]*JVMClass{}, Values: map[string]string{},
		OnURL: map[string]*JVMCall{}, ByEnd: map[string]string{}}
	dec := yaml.NewDecoder(bytes.NewReader(jvmClients))
	dec.KnownFields(true)
	if err := dec.Decode(&j.Libraries); err != nil {
		return nil, fmt.Errorf("clients/jvm.yaml: %w", err)
	}
	for _, lib := range j.Libraries {
		if lib.Library == "" || lib.Source == "" {
			return nil, fmt.Errorf("clients/jvm.yaml: library %q: library and source are required", lib.Library)
		}
		if err := j.add(lib); err != nil {
			return nil, fmt.Errorf("clients/jvm.yaml: %s: %w", lib.Library, err)
		}
	}
	for _, c := range j.Calls {
		if c.Gives != "" && j.Classes[c.Gives] == nil {
			return nil, fmt.Errorf("clients/jvm.yaml: call %s gives an unknown class %s", c.Name, c.Gives)
		}
	}
	return j, nil
}

func (j *JVM) add(lib *JVMLibrary) error {
	for from, to := range lib.Aliases {
		if j.Aliases[from] != "" {
			return fmt.Errorf("alias %s stands twice", from)
		}
		j.Aliases[from] = to
		j.byEnd(from, to)
	}
	for _, c := range lib.Calls {
		if c.Name == "" || j.Calls[c.Name] != nil {
			return fmt.Errorf("call %q has no name or stands twice", c.Name)
		}
		if !c.URL.Given() {
			return fmt.Errorf("call %s: nothing gives its URL", c.Name)
		}
		c.Library = lib.Library
		j.Calls[c.Name] = c
		j.byEnd(c.Name, c.Name)
		if c.URL.Receiver {
			j.OnURL[c.Name[strings.LastIndexByte(c.Name, '.')+1:]] = c
		}
	}
	for _, c := range lib.Classes {
		if c.Name == "" || j.Classes[c.Name] != nil {
			return fmt.Errorf("class %q has no name or stands twice", c.Name)
		}
		c.Library, c.Steps = lib.Library, map[string]*JVMStep{}
		j.Classes[c.Name] = c
		j.byEnd(c.Name, c.Name)
		for _, s := range c.StepList {
			for _, name := range s.Names {
				if c.Steps[name] != nil {
					return fmt.Errorf("class %s: step %s stands twice", c.Name, name)
				}
				c.Steps[name] = s
			}
		}
		for _, v := range append(append([]string(nil), c.Makers...), c.Values...) {
			j.Values[v] = c.Name
			j.byEnd(v, v)
			if last := v[strings.LastIndexByte(v, '.')+1:]; j.ByEnd[last] == "" {
				j.ByEnd[last] = v
			}
		}
	}
	return nil
}

// byEnd notes the ends of a name that begin at a class or an object.
func (j *JVM) byEnd(name, full string) {
	for i := 0; i < len(name); i++ {
		if (i == 0 || name[i-1] == '.') && name[i] >= 'A' && name[i] <= 'Z' {
			if j.ByEnd[name[i:]] == "" {
				j.ByEnd[name[i:]] = full
			}
		}
	}
}

// Canonical replaces the longest alias a full name starts with.
func (j *JVM) Canonical(q string) string {
	q = strings.TrimPrefix(q, "_root_.")
	for range 4 {
		replaced := false
		for end := len(q); end > 0; end = strings.LastIndexByte(q[:end], '.') {
			if to := j.Aliases[q[:end]]; to != "" {
				q, replaced = to+q[end:], true
				break
			}
		}
		if !replaced {
			break
		}
	}
	return q
}
