package rules

import (
	"bytes"
	_ "embed"
	"fmt"
	"slices"
	"strings"

	"gopkg.in/yaml.v3"
)

//go:embed clients/shell.yaml
var shellClients []byte

// ShellTool is a command that sends HTTP requests, or asks the metadata
// service by itself.
type ShellTool struct {
	Tool  string   `yaml:"tool"`
	Names []string `yaml:"names"`
	// Source is where the options were read.
	Source string `yaml:"source"`
	// Syntax is "options" (the default), "items" for HTTPie's request items,
	// or "utility" for a command that knows the service's address itself.
	Syntax string `yaml:"syntax"`
	// Takes are the options that take a value.
	Takes []string `yaml:"takes"`
	// Flags are options without a value whose names begin one of Takes.
	Flags []string `yaml:"flags"`
	// Means lists options by what they mean to a request.
	Means map[string][]string `yaml:"means"`
	// Carry are the options that the token request has to repeat.
	Carry []string `yaml:"carry"`
	// Unfixed is true for a client whose requests are only reported.
	Unfixed bool `yaml:"unfixed"`
	// Depends says why a utility may or may not use tokens.
	Depends string `yaml:"depends"`

	takes   map[string]bool
	carry   map[string]bool
	meaning map[string]map[string]bool
}

// TakesValue is true for an option that is followed by a value.
func (t *ShellTool) TakesValue(option string) bool { return t.takes[option] }

// Carries is true for an option that the token request has to repeat.
func (t *ShellTool) Carries(option string) bool { return t.carry[option] }

// Is reports whether an option has a meaning, such as "header".
func (t *ShellTool) Is(option, meaning string) bool { return t.meaning[meaning][option] }

// Long completes an abbreviated long option; curl and wget take any prefix
// that fits one option only.
func (t *ShellTool) Long(option string) string {
	if t.takes[option] || slices.Contains(t.Flags, option) {
		return option
	}
	found := ""
	for o := range t.takes {
		if strings.HasPrefix(o, option) && len(option) > len("--x") {
			if found != "" {
				return option
			}
			found = o
		}
	}
	if found != "" {
		return found
	}
	return option
}

// ShellWrapper is a command that runs the command given to it.
type ShellWrapper struct {
	Names []string `yaml:"names"`
	// Takes are the options that take a value.
	Takes []string `yaml:"takes"`
	// Words are the subcommands that run a command.
	Words []string `yaml:"words"`
	// Skip is the number of words between the options and the command.
	Skip int `yaml:"skip"`
	// Numbers allows any count of plain numbers before the command.
	Numbers bool `yaml:"numbers"`
	// Assigns allows NAME=value words before the command.
	Assigns bool `yaml:"assigns"`
	// Appends is true when words from elsewhere are added to the command.
	Appends bool `yaml:"appends"`
	// Rereads is true when a shell reads the command's words once more.
	Rereads bool `yaml:"rereads"`
	// Replaces is true when the shell itself becomes the command.
	Replaces bool `yaml:"replaces"`
	// Carry is true when the token request needs the wrapper as well.
	Carry bool `yaml:"carry"`
	// Elsewhere says where the command runs when that is not here.
	Elsewhere string `yaml:"elsewhere"`
	// Display is true when fixes of code that runs there are only shown.
	Display bool `yaml:"display"`
	// After are the words behind which commands stand, such as find's -exec;
	// each ends with ";" or "+". Refuse says why they are not fixed.
	After  []string `yaml:"after"`
	Refuse string   `yaml:"refuse"`
}

// ShellInterpreter is a command that runs code.
type ShellInterpreter struct {
	Names    []string `yaml:"names"`
	Language string   `yaml:"language"`
	// Code are the options whose value is code.
	Code []string `yaml:"code"`
	// Takes are the other options that take a value.
	Takes []string `yaml:"takes"`
	// Words is true when the operands are code.
	Words bool `yaml:"words"`
	// First is true when the first operand is code.
	First bool `yaml:"first"`
	// Anywhere is true when options may follow the operands.
	Anywhere bool `yaml:"anywhere"`
	// Reads is true when code comes on standard input whatever the operands.
	Reads bool `yaml:"reads"`
	// Display says why fixes of the code are only shown.
	Display string `yaml:"display"`
}

// ShellMention is a group of commands whose words are no requests.
type ShellMention struct {
	Why   string   `yaml:"why"`
	Names []string `yaml:"names"`
	// Prints is true for commands that write their words out: what they print
	// may be run or stored by something else.
	Prints bool `yaml:"prints"`
	// Program is true for commands whose words may be programs.
	Program bool `yaml:"program"`
	// Talks is true for commands that send on what they are given.
	Talks bool `yaml:"talks"`
}

// Shell is the table of commands by name.
type Shell struct {
	Mentions     map[string]*ShellMention
	Tools        map[string]*ShellTool
	Wrappers     map[string]*ShellWrapper
	Interpreters map[string]*ShellInterpreter
}

// LoadShell reads the table.
func LoadShell() (*Shell, error) {
	var file struct {
		Tools        []*ShellTool        `yaml:"tools"`
		Wrappers     []*ShellWrapper     `yaml:"wrappers"`
		Interpreters []*ShellInterpreter `yaml:"interpreters"`
		Mentions     []*ShellMention     `yaml:"mentions"`
	}
	dec := yaml.NewDecoder(bytes.NewReader(shellClients))
	dec.KnownFields(true)
	if err := dec.Decode(&file); err != nil {
		return nil, fmt.Errorf("clients/shell.yaml: %w", err)
	}
	s := &Shell{Mentions: map[string]*ShellMention{}, Tools: map[string]*ShellTool{}, Wrappers: map[string]*ShellWrapper{}, Interpreters: map[string]*ShellInterpreter{}}
	for _, t := range file.Tools {
		if t.Tool == "" || t.Source == "" || len(t.Names) == 0 {
			return nil, fmt.Errorf("clients/shell.yaml: tool %q: tool, names and source are required", t.Tool)
		}
		t.takes, t.carry = set(t.Takes), set(t.Carry)
		t.meaning = map[string]map[string]bool{}
		for meaning, options := range t.Means {
			t.meaning[meaning] = set(options)
		}
		for _, n := range t.Names {
			s.Tools[n] = t
		}
	}
	for _, w := range file.Wrappers {
		for _, n := range w.Names {
			s.Wrappers[n] = w
		}
	}
	for _, i := range file.Interpreters {
		for _, n := range i.Names {
			s.Interpreters[n] = i
		}
	}
	for _, m := range file.Mentions {
		for _, n := range m.Names {
			s.Mentions[n] = m
		}
	}
	return s, nil
}

func set(words []string) map[string]bool {
	out := make(map[string]bool, len(words))
	for _, w := range words {
		out[w] = true
	}
	return out
}
