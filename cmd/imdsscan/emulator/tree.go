package emulator

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"gopkg.in/yaml.v3"
)

// Tree is the data the service answers from: values by path below a version
// prefix, such as "meta-data/instance-id". Directories are not stored; they
// list what lies below them.
type Tree struct {
	values map[string]string
	// lists are directories whose listing is not just the names below, such
	// as "meta-data/public-keys".
	lists map[string]string
	// composed is set while the identity document follows the other values.
	composed bool
}

// versions are the prefixes the service knows; each serves the same data.
var versions = []string{
	"1.0", "2007-01-19", "2007-03-01", "2007-08-29", "2007-10-10", "2007-12-15",
	"2008-02-01", "2008-09-01", "2009-04-04", "2011-01-01", "2011-05-01",
	"2012-01-12", "2014-02-25", "2014-11-05", "2015-10-20", "2016-04-19",
	"2016-06-30", "2016-09-02", "2018-03-28", "2018-08-17", "2018-09-24",
	"2019-10-01", "2020-10-27", "2021-01-03", "2021-03-23", "2021-07-15",
	"2022-07-09", "2022-09-24", "2024-04-11", "latest",
}

const identityDocument = "dynamic/instance-identity/document"

// Lookup answers a request path: a value, or the listing of a directory.
// Doubled slashes count as one, as code in the field relies on.
func (t *Tree) Lookup(path string) (string, bool) {
	parts := strings.FieldsFunc(path, func(c rune) bool { return c == '/' })
	if len(parts) == 0 {
		return strings.Join(versions, "\n"), true
	}
	if !slices.Contains(versions, parts[0]) {
		return "", false
	}
	key := strings.Join(parts[1:], "/")
	if key == identityDocument && t.composed {
		return t.document(), true
	}
	if v, ok := t.values[key]; ok {
		return v, true
	}
	if v, ok := t.lists[key]; ok {
		return v, true
	}
	return t.list(key)
}

func (t *Tree) list(dir string) (string, bool) {
	prefix := ""
	if dir != "" {
		prefix = dir + "/"
	}
	names := map[string]bool{}
	for key := range t.values {
		rest, below := strings.CutPrefix(key, prefix)
		if !below {
			continue
		}
		name, _, deeper := strings.Cut(rest, "/")
		// user-data and other values directly below the version have no
		// slash; so have its directories, unlike those further down.
		if deeper && dir != "" {
			name += "/"
		}
		names[name] = true
	}
	return strings.Join(slices.Sorted(maps.Keys(names)), "\n"), len(names) > 0
}

// document composes the identity document from the values it repeats, so that
// an overridden region or instance id shows there too.
func (t *Tree) document() string {
	fields := [][2]string{
		{"accountId", accountID},
		{"architecture", "x86_64"},
		{"availabilityZone", t.values["meta-data/placement/availability-zone"]},
		{"imageId", t.values["meta-data/ami-id"]},
		{"instanceId", t.values["meta-data/instance-id"]},
		{"instanceType", t.values["meta-data/instance-type"]},
		{"pendingTime", "2026-01-15T08:30:00Z"},
		{"privateIp", t.values["meta-data/local-ipv4"]},
		{"region", t.values["meta-data/placement/region"]},
		{"version", "2017-09-30"},
	}
	lines := []string{}
	for _, f := range fields {
		lines = append(lines, fmt.Sprintf("  %q : %q", f[0], f[1]))
	}
	return "{\n" + strings.Join(lines, ",\n") + "\n}"
}

// Override lays a YAML or JSON document over the tree. Its keys are paths
// below the version, nested or joined by slashes; null removes a path and all
// below it.
//
//	meta-data/instance-id: i-0123456789abcdef0
//	meta-data:
//	  placement: {region: eu-west-1, availability-zone: eu-west-1b}
//	user-data: null
func (t *Tree) Override(data []byte) error {
	var doc yaml.Node
	if err := yaml.Unmarshal(data, &doc); err != nil {
		return err
	}
	if doc.Kind == 0 {
		return nil // an empty document
	}
	return t.override("", doc.Content[0])
}

func (t *Tree) override(path string, n *yaml.Node) error {
	switch n.Kind {
	case yaml.ScalarNode:
		if path == "" {
			return fmt.Errorf("line %d: want a mapping of paths to values", n.Line)
		}
		if n.Tag == "!!null" {
			t.remove(path)
			return nil
		}
		if path == identityDocument {
			t.composed = false
		}
		t.values[path] = n.Value
		return nil
	case yaml.MappingNode:
		for i := 0; i+1 < len(n.Content); i += 2 {
			key := strings.Trim(n.Content[i].Value, "/")
			if key == "" {
				return fmt.Errorf("line %d: an empty path", n.Content[i].Line)
			}
			if path != "" {
				key = path + "/" + key
			}
			if err := t.override(key, n.Content[i+1]); err != nil {
				return err
			}
		}
		return nil
	default:
		return fmt.Errorf("line %d: %s must be a text or a mapping", n.Line, orRoot(path))
	}
}

func (t *Tree) remove(path string) {
	below := func(key, _ string) bool {
		return key == path || strings.HasPrefix(key, path+"/")
	}
	maps.DeleteFunc(t.values, below)
	maps.DeleteFunc(t.lists, below)
	if below(identityDocument, "") {
		t.composed = false
	}
}

func orRoot(path string) string {
	if path == "" {
		return "the document"
	}
	return path
}
