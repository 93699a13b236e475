package rules

import (
	"bytes"
	_ "embed"
	"fmt"
	"sync"

	"gopkg.in/yaml.v3"
)

//go:embed libraries.yaml
var libraryFile []byte

// Library is a library that talks to the metadata service by itself.
type Library struct {
	ID       string `yaml:"id"`
	Name     string `yaml:"name"`
	Language string `yaml:"language"`
	// NeverIMDSv2 is true when no version of it can use tokens.
	NeverIMDSv2 bool   `yaml:"never_imdsv2"`
	Reason      string `yaml:"reason"`
	// Instead says what to use in its place.
	Instead string `yaml:"instead"`
	Source  string `yaml:"source"`
}

var libraries = sync.OnceValues(loadLibraries)

func loadLibraries() (map[string]*Library, error) {
	var list []*Library
	dec := yaml.NewDecoder(bytes.NewReader(libraryFile))
	dec.KnownFields(true)
	if err := dec.Decode(&list); err != nil {
		return nil, fmt.Errorf("libraries.yaml: %w", err)
	}
	out := map[string]*Library{}
	for _, l := range list {
		if l.ID == "" || l.Reason == "" || l.Instead == "" || l.Source == "" {
			return nil, fmt.Errorf("libraries.yaml: %q: id, reason, instead and source are required", l.ID)
		}
		if out[l.ID] != nil {
			return nil, fmt.Errorf("libraries.yaml: %s stands twice", l.ID)
		}
		out[l.ID] = l
	}
	return out, nil
}

// GetLibrary is the library with the id, nil when there is none.
func GetLibrary(id string) *Library {
	all, err := libraries()
	if err != nil {
		panic(err) // the file is embedded and a test loads it
	}
	return all[id]
}
