package script

import (
	"testing"

	"github.com/imdsscan/imdsscan/notebooks"
)

func TestOfName(t *testing.T) {
	for name, want := range map[string]notebooks.Language{
		"/databricks/scripts/init.sh": notebooks.Shell, ".py": notebooks.Python, "Lookup.R": notebooks.R,
		"x.scala": notebooks.Scala, "notes.txt": "", "sh": "", "": "",
	} {
		if got := OfName(name); got != want {
			t.Errorf("%q: %q, want %q", name, got, want)
		}
	}
}

func TestOfText(t *testing.T) {
	for text, want := range map[string]notebooks.Language{
		"#!/bin/bash\ncurl":                notebooks.Shell,
		"\n  #!/usr/bin/env bash\n":        notebooks.Shell,
		"\\\n#!/bin/sh -e\n":               notebooks.Shell,
		"#!/usr/bin/env python3\nimport x": notebooks.Python,
		"#!/usr/bin/env Rscript\n":         notebooks.R,
		"#!/usr/bin/perl\n":                "",
		"echo #!/bin/bash\n":               "",
		"":                                 "",
	} {
		if got := OfText(text); got != want {
			t.Errorf("%q: %q, want %q", text, got, want)
		}
	}
}
