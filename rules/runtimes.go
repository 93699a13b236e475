package rules

import (
	"bytes"
	_ "embed"
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"time"

	"golang.org/x/mod/semver"
	"gopkg.in/yaml.v3"
)

//go:embed runtimes.yaml
var runtimesFile []byte

// Runtimes are the Databricks runtimes that are supported on a date.
type Runtimes struct {
	Source    string    `yaml:"source"`
	Checked   Date      `yaml:"checked"`
	Supported []Runtime `yaml:"supported"`
	Ended     []Runtime `yaml:"ended"`
	Light     []Light   `yaml:"light"`
	// Isolated are the runtimes on which the isolation of a Glue catalog cannot
	// be switched off.
	Isolated struct {
		From   string `yaml:"from"`
		To     string `yaml:"to"`
		Source string `yaml:"source"`
	} `yaml:"isolated"`
}

// Runtime is a runtime; a version without a dot stands for all of its series.
type Runtime struct {
	Version string `yaml:"version"`
	LTS     bool   `yaml:"lts"`
	// Until is the day on which its support ends, zero where none is set.
	Until Date `yaml:"until"`
}

// Light is a runtime without the parts that enforcement needs.
type Light struct {
	Version string `yaml:"version"`
	Name    string `yaml:"name"`
	Source  string `yaml:"source"`
}

// Date is a day.
type Date struct{ time.Time }

func (d Date) String() string { return d.Format(time.DateOnly) }

// UnmarshalYAML reads 2006-01-02.
func (d *Date) UnmarshalYAML(n *yaml.Node) (err error) {
	d.Time, err = time.Parse(time.DateOnly, n.Value)
	return err
}

// AllRuntimes is the table.
var AllRuntimes = sync.OnceValue(func() *Runtimes {
	r, err := loadRuntimes()
	if err != nil {
		panic(err) // the file is embedded and a test loads it
	}
	return r
})

func loadRuntimes() (*Runtimes, error) {
	var r Runtimes
	dec := yaml.NewDecoder(bytes.NewReader(runtimesFile))
	dec.KnownFields(true)
	if err := dec.Decode(&r); err != nil {
		return nil, fmt.Errorf("runtimes.yaml: %w", err)
	}
	if r.Source == "" || r.Checked.IsZero() || len(r.Supported) == 0 {
		return nil, fmt.Errorf("runtimes.yaml: source, checked and supported are required")
	}
	if i := r.Isolated; i.Source == "" || !semver.IsValid("v"+i.From) || !semver.IsValid("v"+i.To) {
		return nil, fmt.Errorf("runtimes.yaml: isolated needs from, to and a source")
	}
	for _, x := range r.Ended {
		if x.Until.IsZero() {
			return nil, fmt.Errorf("runtimes.yaml: %s has ended and does not say when", x.Version)
		}
	}
	for _, x := range r.Light {
		if x.Name == "" || x.Source == "" {
			return nil, fmt.Errorf("runtimes.yaml: light %s needs a name and a source", x.Version)
		}
	}
	return &r, nil
}

// runtimeKey is how clusters name a runtime: 12.2.x-scala2.12; the light one
// is apache-spark-2.4.x-scala2.11.
var runtimeKey = regexp.MustCompile(`^(apache-spark-)?([0-9]+)\.([0-9]+)\.x-`)

// Support is what the table says of a runtime on a day.
type Support int

// The states of support.
const (
	// NotARuntime is of a key that names no version: custom:…, auto:….
	NotARuntime Support = iota
	IsSupported
	// HasEnded: the table's day, or the day asked for, is past its support.
	HasEnded
	IsLight
	// IsNewer than everything in the table.
	IsNewer
)

// Judged is a runtime as the table has it.
type Judged struct {
	Support Support
	// Name is the version as people say it: 16.4 LTS, Databricks Light 2.4.
	Name string
	// Until is when its support ends or has ended, zero where that is not known.
	Until Date
	LTS   bool
}

// Judge says what the table has of a runtime on a day.
func (r *Runtimes) Judge(key string, on time.Time) Judged {
	m := runtimeKey.FindStringSubmatch(key)
	if m == nil {
		return Judged{Support: NotARuntime, Name: key}
	}
	version := m[2] + "." + m[3]
	if m[1] != "" {
		for _, l := range r.Light {
			if l.Version == version {
				return Judged{Support: IsLight, Name: l.Name}
			}
		}
		return Judged{Support: IsLight, Name: "Databricks Light " + version}
	}
	newest := 0
	for _, s := range r.Supported {
		if s.is(version) {
			j := Judged{Support: IsSupported, Name: s.name(version), Until: s.Until, LTS: s.LTS}
			if !s.Until.IsZero() && !on.Before(s.Until.Time) {
				j.Support = HasEnded
			}
			return j
		}
		whole, _, _ := strings.Cut(s.Version, ".")
		n, _ := strconv.Atoi(whole)
		newest = max(newest, n)
	}
	for _, s := range r.Ended {
		if s.is(version) {
			return Judged{Support: HasEnded, Name: s.name(version), Until: s.Until, LTS: s.LTS}
		}
	}
	if major, _ := strconv.Atoi(m[2]); major > newest {
		return Judged{Support: IsNewer, Name: version}
	}
	return Judged{Support: HasEnded, Name: version}
}

// is reports whether the entry is of the version.
func (x Runtime) is(version string) bool {
	series, _, _ := strings.Cut(version, ".")
	return x.Version == version || x.Version == series
}

func (x Runtime) name(version string) string {
	if x.LTS {
		return version + " LTS"
	}
	return version
}

// Unsupported reports whether the table says of a runtime that it is not
// supported, and names it. It goes by the day of the table, so that a scan says
// the same every day.
func (r *Runtimes) Unsupported(key string) (name string, unsupported bool) {
	j := r.Judge(key, r.Checked.Time)
	if j.Support == NotARuntime {
		return "", false
	}
	return strings.TrimSuffix(j.Name, " LTS"), j.Support == HasEnded || j.Support == IsLight
}

// KeepsIsolation reports whether the isolation of a Glue catalog cannot be
// switched off on a runtime.
func (r *Runtimes) KeepsIsolation(key string) bool {
	m := runtimeKey.FindStringSubmatch(key)
	if m == nil || m[1] != "" {
		return false
	}
	version := "v" + m[2] + "." + m[3]
	return semver.Compare(version, "v"+r.Isolated.From) >= 0 && semver.Compare(version, "v"+r.Isolated.To) <= 0
}

// Oldest is the oldest supported runtime.
func (r *Runtimes) Oldest() string { return r.Supported[0].Version }
