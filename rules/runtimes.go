package rules

import (
	"bytes"
	_ "embed"
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"sync"

	"gopkg.in/yaml.v3"
)

//go:embed runtimes.yaml
var runtimesFile []byte

// Runtimes are the Databricks runtimes that are supported on a date.
type Runtimes struct {
	Source    string    `yaml:"source"`
	Checked   string    `yaml:"checked"`
	Supported []Runtime `yaml:"supported"`
}

// Runtime is a supported runtime; a version without a dot stands for all of
// its series.
type Runtime struct {
	Version string `yaml:"version"`
	Until   string `yaml:"until"`
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
	if r.Source == "" || r.Checked == "" || len(r.Supported) == 0 {
		return nil, fmt.Errorf("runtimes.yaml: source, checked and supported are required")
	}
	return &r, nil
}

// runtimeKey is how clusters name a runtime: 12.2.x-scala2.12; the light one
// is apache-spark-2.4.x-scala2.11.
var runtimeKey = regexp.MustCompile(`^(apache-spark-)?([0-9]+)\.([0-9]+)\.x-`)

// Unsupported reports whether a runtime is known not to be supported, and
// names it.
func (r *Runtimes) Unsupported(key string) (name string, unsupported bool) {
	m := runtimeKey.FindStringSubmatch(key)
	if m == nil {
		return "", false
	}
	if m[1] != "" {
		return "Databricks Light " + m[2] + "." + m[3], true
	}
	name = m[2] + "." + m[3]
	major, _ := strconv.Atoi(m[2])
	newest := 0
	for _, s := range r.Supported {
		whole, _, dotted := strings.Cut(s.Version, ".")
		if s.Version == name || !dotted && s.Version == m[2] {
			return name, false
		}
		n, _ := strconv.Atoi(whole)
		newest = max(newest, n)
	}
	return name, major <= newest
}

// Oldest is the oldest supported runtime.
func (r *Runtimes) Oldest() string { return r.Supported[0].Version }
