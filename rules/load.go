// Package rules holds what imdsscan knows as data: the rules with their
// rationale and examples, the client tables, the libraries, and the recipes of
// the fixes, as YAML beside their sources. Adding a client is one entry here
// and one golden case.
package rules

import (
	"fmt"
	"io/fs"
	"path"

	"gopkg.in/yaml.v3"
)

// eachYAML opens every file of a folder with a strict decoder: an unknown key
// is an error, so that a misspelt one cannot be ignored silently.
func eachYAML(files fs.FS, dir string, read func(name string, dec *yaml.Decoder) error) error {
	entries, err := fs.ReadDir(files, dir)
	if err != nil {
		return err
	}
	for _, e := range entries {
		name := path.Join(dir, e.Name())
		f, err := files.Open(name)
		if err != nil {
			return err
		}
		dec := yaml.NewDecoder(f)
		dec.KnownFields(true)
		err = read(name, dec)
		f.Close()
		if err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
	}
	return nil
}
