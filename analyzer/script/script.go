// Package script tells which language a text is in that code stores or runs:
// by the name it is stored under, or by its first line.
package script

import (
	"path"
	"regexp"
	"strings"

	"github.com/imdsscan/imdsscan/notebooks"
)

var suffixes = map[string]notebooks.Language{
	".sh": notebooks.Shell, ".bash": notebooks.Shell,
	".py":    notebooks.Python,
	".scala": notebooks.Scala, ".sc": notebooks.Scala,
	".r": notebooks.R,
}

// OfName is the language of a file with the name, or with a name that ends
// so; empty when the name does not tell.
func OfName(name string) notebooks.Language { return suffixes[strings.ToLower(path.Ext(name))] }

var (
	shellShebang  = regexp.MustCompile(`^\s*#!\s*\S*?(?:/env\s+(?:-\S+\s+)?)?(?:ba|da|k|z|a)?sh\b`)
	pythonShebang = regexp.MustCompile(`^\s*#!\s*\S*?(?:/env\s+(?:-\S+\s+)?)?python`)
	rShebang      = regexp.MustCompile(`^\s*#!\s*\S*?(?:/env\s+(?:-\S+\s+)?)?Rscript\b`)
)

// OfText is what the first line of a text says runs it; empty without one.
func OfText(text string) notebooks.Language {
	line, _, _ := strings.Cut(strings.TrimLeft(text, " \t\r\n\\"), "\n")
	switch {
	case !strings.HasPrefix(line, "#!"):
		return ""
	case shellShebang.MatchString(line), strings.HasPrefix(line, "#!/bin/sh"), strings.HasPrefix(line, "#!/bin/bash"):
		return notebooks.Shell
	case pythonShebang.MatchString(line):
		return notebooks.Python
	case rShebang.MatchString(line):
		return notebooks.R
	}
	return ""
}
