package rules

import (
	"bytes"
	_ "embed"
	"fmt"

	"gopkg.in/yaml.v3"
)

//go:embed libraries.yaml
var librariesFile []byte

// Library is a library that calls the metadata service by itself.
type Library struct {
	ID   string `yaml:"id"`
	Name string `yaml:"name"`
	// NeverIMDSv2 is true when no version sends a session token.
	NeverIMDSv2 bool   `yaml:"never"`
	Reason      string `yaml:"reason"`
	Instead     string `yaml:"instead"`
	Source      string `yaml:"source"`
}

// GetLibrary is the library with the id, nil when there is none.
func GetLibrary(id string) *Library { return load().libraries[id] }

func loadLibraries() (map[string]*Library, error) {
	var list []*Library
	dec := yaml.NewDecoder(bytes.NewReader(librariesFile))
	dec.KnownFields(true)
	if err := dec.Decode(&list); err != nil {
		return nil, err
	}
	out := map[string]*Library{}
	for _, l := range list {
		if l.ID == "" || l.Reason == "" || l.Instead == "" || l.Source == "" {
			return nil, fmt.Errorf("library %q: id, reason, instead and source are required", l.ID)
		}
		out[l.ID] = l
	}
	return out, nil
}
