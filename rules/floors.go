package rules

import (
	"bytes"
	_ "embed"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"sync"
	"time"

	"gopkg.in/yaml.v3"
)

//go:embed floors.yaml
var floorsFile []byte

// The ecosystems that packages belong to.
const (
	PyPI   = "pypi"
	Conda  = "conda"
	Maven  = "maven"
	NPM    = "npm"
	CRAN   = "cran"
	Debian = "deb"
	RPM    = "rpm"
)

// Floor says from which version on a package asks the metadata service with a
// session token.
type Floor struct {
	Ecosystems []string `yaml:"ecosystems"`
	// Packages are names; one that ends in * stands for all that begin so.
	Packages []string `yaml:"packages"`
	// Floor is the version to raise a pin to, Works the first that works in
	// fact where that is another one.
	Floor string `yaml:"floor"`
	Works string `yaml:"works"`
	// Also is a range of versions under the floor that work.
	Also string `yaml:"also"`
	// Brings is the package that does the asking for this one.
	Brings string `yaml:"brings"`
	// Accepts is the first version that takes the brought package at its own
	// floor: from there on a pin of that one, beside this one's, decides.
	Accepts string `yaml:"accepts"`
	// Repository is the name of the repository that a Python package is built
	// from, where that is not the package's own.
	Repository string `yaml:"repository"`
	// Tied are packages that go with certain versions of this one, so that a
	// pin beside them is a person's to change; Unsafe is why every one is.
	Tied   []string `yaml:"tied"`
	Unsafe string   `yaml:"unsafe"`
	// Never is true when no version uses tokens; Instead says what does.
	Never      bool   `yaml:"never"`
	Instead    string `yaml:"instead"`
	Reason     string `yaml:"reason"`
	Confidence string `yaml:"confidence"`
	// Evidence is how the entry was checked, Source where its claim is
	// published, Checked when.
	Evidence string `yaml:"evidence"`
	Source   string `yaml:"source"`
	Checked  string `yaml:"checked"`
}

// First is the first version that works.
func (f *Floor) First() string {
	if f.Works != "" {
		return f.Works
	}
	return f.Floor
}

// FloorSet are packages whose versions go together.
type FloorSet struct {
	Ecosystems []string          `yaml:"ecosystems"`
	Versions   map[string]string `yaml:"versions"`
	// Tied are packages that choose a member's version themselves.
	Tied   []string `yaml:"tied"`
	Source string   `yaml:"source"`
}

// Floors is the table of floors.
type Floors struct {
	Floors []*Floor    `yaml:"floors"`
	Sets   []*FloorSet `yaml:"sets"`
	byName map[string]*Floor
	globs  map[string][]*Floor
}

var floors = sync.OnceValues(loadFloors)

// AllFloors is the table.
func AllFloors() *Floors {
	f, err := floors()
	if err != nil {
		panic(err) // the file is embedded and a test loads it
	}
	return f
}

func loadFloors() (*Floors, error) {
	t := &Floors{byName: map[string]*Floor{}, globs: map[string][]*Floor{}}
	dec := yaml.NewDecoder(bytes.NewReader(floorsFile))
	dec.KnownFields(true)
	if err := dec.Decode(t); err != nil {
		return nil, fmt.Errorf("floors.yaml: %w", err)
	}
	for _, f := range t.Floors {
		if err := f.check(); err != nil {
			return nil, fmt.Errorf("floors.yaml: %v: %w", f.Packages, err)
		}
		for _, e := range f.Ecosystems {
			for _, p := range f.Packages {
				if prefix, glob := strings.CutSuffix(p, "*"); glob {
					if prefix == "" {
						return nil, fmt.Errorf("floors.yaml: a package of any name")
					}
					t.globs[e] = append(t.globs[e], f)
					continue
				}
				key := e + "\x00" + PackageName(e, p)
				if t.byName[key] != nil {
					return nil, fmt.Errorf("floors.yaml: %s stands twice in %s", p, e)
				}
				t.byName[key] = f
			}
		}
	}
	for _, s := range t.Sets {
		if len(s.Ecosystems) == 0 || len(s.Versions) < 2 || s.Source == "" {
			return nil, fmt.Errorf("floors.yaml: a set needs ecosystems, two versions and a source")
		}
	}
	return t, nil
}

func (f *Floor) check() error {
	switch {
	case len(f.Ecosystems) == 0 || len(f.Packages) == 0:
		return fmt.Errorf("ecosystems and packages are required")
	case f.Reason == "" || f.Evidence == "" || f.Source == "":
		return fmt.Errorf("reason, evidence and source are required")
	case f.Never && (f.Floor != "" || f.Instead == ""):
		return fmt.Errorf("what never works has no floor, and something instead")
	case !f.Never && f.Floor == "":
		return fmt.Errorf("floor is required")
	case f.Accepts != "" && f.Brings == "":
		return fmt.Errorf("accepts needs brings")
	case f.Confidence != "high" && f.Confidence != "medium":
		return fmt.Errorf("confidence is high or medium, not %q", f.Confidence)
	case !strings.HasPrefix(f.Source, "https://"):
		return fmt.Errorf("source is no address")
	}
	if _, err := time.Parse(time.DateOnly, f.Checked); err != nil {
		return fmt.Errorf("checked: %w", err)
	}
	return nil
}

// Of is the floor of a package, nil when there is none.
func (t *Floors) Of(ecosystem, name string) *Floor {
	if f := t.byName[ecosystem+"\x00"+PackageName(ecosystem, name)]; f != nil {
		return f
	}
	for _, f := range t.globs[ecosystem] {
		for _, p := range f.Packages {
			if prefix, glob := strings.CutSuffix(p, "*"); glob && strings.HasPrefix(name, prefix) {
				return f
			}
		}
	}
	return nil
}

// OfRepository is the Python package that a repository of some name holds.
func (t *Floors) OfRepository(name string) string {
	for _, f := range t.Floors {
		if f.Repository != "" && strings.EqualFold(f.Repository, name) && slices.Contains(f.Ecosystems, PyPI) {
			return f.Packages[0]
		}
	}
	return name
}

// SetOf is the set that a package is a member of, nil when there is none.
func (t *Floors) SetOf(ecosystem, name string) *FloorSet {
	for _, s := range t.Sets {
		if slices.Contains(s.Ecosystems, ecosystem) && s.Versions[PackageName(ecosystem, name)] != "" {
			return s
		}
	}
	return nil
}

// Matters reports whether the version of a package is worth reading: it has a
// floor, or goes with one that has.
func (t *Floors) Matters(ecosystem, name string) bool {
	if t.Of(ecosystem, name) != nil || t.SetOf(ecosystem, name) != nil {
		return true
	}
	for _, s := range t.Sets {
		if slices.Contains(s.Ecosystems, ecosystem) && slices.Contains(s.Tied, PackageName(ecosystem, name)) {
			return true
		}
	}
	return false // what a floor is tied to has one itself
}

// Words are texts one of which stands in every file that pins a package of the
// table.
func (t *Floors) Words() []string {
	var out []string
	for _, f := range t.Floors {
		if f.Repository != "" {
			out = append(out, f.Repository)
		}
		for _, p := range f.Packages {
			group, artifact, maven := strings.Cut(strings.TrimSuffix(p, "*"), ":")
			switch {
			case maven && artifact != "":
				out = append(out, artifact)
			default:
				out = append(out, group)
			}
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}

var pypiSeparators = regexp.MustCompile(`[-_.]+`)

// PackageName is a package's name in the one spelling that its ecosystem
// compares.
func PackageName(ecosystem, name string) string {
	switch ecosystem {
	case PyPI:
		return strings.ToLower(pypiSeparators.ReplaceAllString(name, "-"))
	case Conda, Debian, RPM, NPM:
		return strings.ToLower(name)
	}
	return name
}
