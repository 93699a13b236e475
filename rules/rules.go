package rules

import (
	_ "embed"
	"fmt"
	"sync"

	"bytes"

	"gopkg.in/yaml.v3"
)

//go:embed rules.yaml
var rulesFile []byte

// Level is how severe a rule's findings are.
type Level string

// The levels, as SARIF names them.
const (
	Error   Level = "error"
	Warning Level = "warning"
)

// Rule is what a finding's id stands for.
type Rule struct {
	ID        string    `yaml:"id"`
	Name      string    `yaml:"name"`
	Level     Level     `yaml:"level"`
	Title     string    `yaml:"title"`
	Rationale string    `yaml:"rationale"`
	Remedy    string    `yaml:"remedy"`
	Source    string    `yaml:"source"`
	Examples  []Example `yaml:"examples"`
}

// Example is code the rule reports, and code that does the same and is well.
type Example struct {
	Language string `yaml:"language"`
	Bad      string `yaml:"bad"`
	Good     string `yaml:"good"`
}

// catalog is everything that is loaded from the embedded files.
type catalog struct {
	rules     []*Rule
	recipes   map[string]*Recipe
	libraries map[string]*Library
}

// load reads the embedded files once. They are part of the program, so a
// mistake in one is a bug and stops it; a test loads them all.
var load = sync.OnceValue(func() *catalog {
	c := &catalog{}
	dec := yaml.NewDecoder(bytes.NewReader(rulesFile))
	dec.KnownFields(true)
	if err := dec.Decode(&c.rules); err != nil {
		panic(fmt.Sprintf("rules.yaml: %v", err))
	}
	var err error
	if c.recipes, err = loadRecipes(); err != nil {
		panic(fmt.Sprintf("recipes: %v", err))
	}
	if c.libraries, err = loadLibraries(); err != nil {
		panic(fmt.Sprintf("libraries.yaml: %v", err))
	}
	return c
})

// All are the rules in the order of their ids.
func All() []*Rule { return load().rules }

// Get is the rule with the id, nil when there is none.
func Get(id string) *Rule {
	for _, r := range All() {
		if r.ID == id {
			return r
		}
	}
	return nil
}

// GetRecipe is the recipe with the id, nil when there is none.
func GetRecipe(id string) *Recipe { return load().recipes[id] }
