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
	// Package is what brings a library that can use tokens: the floor of that
	// package says from which version on it does.
	Package string `yaml:"package"`
	// Asks are classes of Java whose methods ask the service, Clients those
	// whose objects do with their method get.
	Asks    []string `yaml:"asks"`
	Clients []string `yaml:"clients"`
	Source  string   `yaml:"source"`
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
		if l.ID == "" || l.Source == "" {
			return nil, fmt.Errorf("libraries.yaml: %q: id and source are required", l.ID)
		}
		if l.NeverIMDSv2 && (l.Reason == "" || l.Instead == "") {
			return nil, fmt.Errorf("libraries.yaml: %q: reason and instead are required of a library that never uses tokens", l.ID)
		}
		if !l.NeverIMDSv2 && l.Floor() == nil {
			return nil, fmt.Errorf("libraries.yaml: %q: a library that can use tokens needs a package with a floor", l.ID)
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

// Floor is the floor of the package that brings the library, nil for none.
func (l *Library) Floor() *Floor { return AllFloors().Of("maven", l.Package) }

// ClassUse is how a class of a library asks the service.
type ClassUse uint8

// The uses: by each of its methods, or through an object and its method get.
const (
	Asks ClassUse = iota
	MakesClient
)

// classLibraries gives the libraries by the full names of their classes.
var classLibraries = sync.OnceValue(func() map[ClassUse]map[string]*Library {
	all, err := libraries()
	if err != nil {
		panic(err) // the file is embedded and a test loads it
	}
	out := map[ClassUse]map[string]*Library{Asks: {}, MakesClient: {}}
	for _, l := range all {
		for _, class := range l.Asks {
			out[Asks][class] = l
		}
		for _, class := range l.Clients {
			out[MakesClient][class] = l
		}
	}
	return out
})

// LibraryOfClass is the library of a class that is used in this way, nil for
// any other class.
func LibraryOfClass(class string, use ClassUse) *Library { return classLibraries()[use][class] }
