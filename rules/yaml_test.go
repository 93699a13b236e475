package rules

import "testing"

func TestYAMLTable(t *testing.T) {
	if _, err := LoadYAML(); err != nil {
		t.Fatal(err)
	}
}
