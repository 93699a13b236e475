package format

import (
	"bytes"
	"path"
	"path/filepath"
	"regexp"
	"strings"

	"github.com/imdsscan/imdsscan/notebooks"
)

// suffixes maps the suffixes that settle a file's language.
var suffixes = map[string]notebooks.Language{
	".py": notebooks.Python, ".pyw": notebooks.Python, ".python": notebooks.Python,
	".sh": notebooks.Shell, ".bash": notebooks.Shell, ".ksh": notebooks.Shell,
	".scala": notebooks.Scala, ".sc": notebooks.Scala,
	".java": notebooks.Java,
	".r":    notebooks.R,
	".sql":  notebooks.SQL,
	".tf":   notebooks.Terraform, ".tofu": notebooks.Terraform,
	".dockerfile": notebooks.Dockerfile, ".containerfile": notebooks.Dockerfile,
	".yml": notebooks.YAML, ".yaml": notebooks.YAML,
	".md": notebooks.Markdown, ".markdown": notebooks.Markdown,
	// A file that is only a suffix: shell start-up files.
	".bashrc": notebooks.Shell, ".bash_profile": notebooks.Shell, ".profile": notebooks.Shell,
}

// templates are suffixes of files that some engine expands before they run.
// A shebang in them says what they become, not what they are.
var templates = map[string]bool{
	".j2": true, ".jinja": true, ".jinja2": true, ".tpl": true, ".tftpl": true, ".tmpl": true,
	".template": true, ".erb": true, ".mustache": true, ".in": true,
}

// suffixLanguage is the language that the file's name settles, or "".
// template is set when nothing in the file may settle it either.
func suffixLanguage(name string) (lang notebooks.Language, template bool) {
	ext := strings.ToLower(filepath.Ext(name))
	if lang = suffixes[ext]; lang == "" && !templates[ext] && isDockerfile(name) {
		lang = notebooks.Dockerfile
	}
	return lang, templates[ext]
}

// IsCode reports whether a file's name says that it holds code.
func IsCode(name string) bool {
	lang, _ := suffixLanguage(name)
	return lang != "" && lang != notebooks.Markdown || strings.EqualFold(filepath.Ext(name), ".ipynb")
}

// isDockerfile is true for Dockerfile, Containerfile, and those names with a
// suffix that says what the image is for.
func isDockerfile(name string) bool {
	base := strings.ToLower(filepath.Base(name))
	for _, n := range []string{"dockerfile", "containerfile"} {
		if rest, ok := strings.CutPrefix(base, n); ok && (rest == "" || strings.ContainsAny(rest[:1], ".-_")) {
			return true
		}
	}
	return false
}

// plainLanguage is the language of a file that is no notebook.
func plainLanguage(name string, text []byte) notebooks.Language {
	lang, template := suffixLanguage(name)
	if (lang == "" || template) && isYAML(name, text) {
		return notebooks.YAML
	}
	if template {
		return notebooks.Text
	}
	if interp, ok := shebang(afterHeader(text)); ok {
		switch {
		case lang == "":
			return interp
		case interp != notebooks.Text && (lang == notebooks.Python || lang == notebooks.Shell):
			// These are started through the first line, whatever the name says.
			return interp
		}
	}
	if lang == "" {
		return notebooks.Text
	}
	return lang
}

// isYAML tells YAML by how it begins: user data for cloud-init, a CloudFormation
// template; or by where it lies.
func isYAML(name string, text []byte) bool {
	if strings.HasSuffix(name, ".config") && (strings.Contains(filepath.ToSlash(name), ".ebextensions/") || beanstalk.Match(text[:min(len(text), 1<<16)])) {
		return true
	}
	if text = bytes.TrimPrefix(text, []byte("## template: jinja\n")); bytes.HasPrefix(bytes.TrimLeft(text, " \t\n"), []byte("{")) {
		// JSON, which is YAML as well.
		return bytes.Contains(text[:min(len(text), 1<<12)], []byte(`"AWSTemplateFormatVersion"`))
	}
	return bytes.HasPrefix(text, []byte("#cloud-config")) ||
		bytes.HasPrefix(bytes.TrimPrefix(text, []byte("---\n")), []byte("AWSTemplateFormatVersion:"))
}

// beanstalk tells a configuration file of Elastic Beanstalk.
var beanstalk = regexp.MustCompile(`(?m)^(commands|container_commands|option_settings):\s*$`)

// afterHeader is a script without the notebook header and the blank lines that
// someone put above its first line.
func afterHeader(text []byte) []byte {
	if rest, ok := bytes.CutPrefix(text, []byte("# Databricks notebook source\n")); ok {
		return bytes.TrimLeft(rest, " \t\n")
	}
	return text
}

// shebang is the language of the interpreter named on the first line: Text
// when it is another one than those known here.
func shebang(text []byte) (notebooks.Language, bool) {
	if !bytes.HasPrefix(text, []byte("#!")) {
		return "", false
	}
	line, rest, _ := bytes.Cut(text[2:], []byte("\n"))
	if len(line) > 1000 {
		return notebooks.Text, true
	}
	lang := interpreter(strings.Fields(string(line)))
	if lang == notebooks.Shell && startsPython(rest) {
		return notebooks.Python, true
	}
	return lang, true
}

// startsPython tells the idiom of a Python program that starts itself from a
// shell: its second line is a Python string to one and a command to the other.
func startsPython(rest []byte) bool {
	for len(rest) > 0 {
		var line []byte
		line, rest, _ = bytes.Cut(rest, []byte("\n"))
		line = bytes.TrimSpace(line)
		if len(line) == 0 || line[0] == '#' {
			continue
		}
		return bytes.HasPrefix(line, []byte("'''")) || bytes.HasPrefix(line, []byte(`""":"`)) ||
			bytes.HasPrefix(line, []byte(`"""exec"`))
	}
	return false
}

// interpreter is the language of the program that a command line starts.
func interpreter(words []string) notebooks.Language {
	for len(words) > 0 {
		word := words[0]
		words = words[1:]
		name := path.Base(word)
		switch {
		case name == "env" || name == "busybox" || strings.HasPrefix(word, "-") || strings.Contains(word, "="):
			continue
		case name == "bash" || name == "rbash" || name == "sh" || name == "dash" || name == "ash" ||
			name == "ksh" || name == "ksh93" || name == "mksh":
			return notebooks.Shell
		case strings.TrimRight(strings.TrimPrefix(name, "python"), "0123456789.") == "" && strings.HasPrefix(name, "python"):
			return notebooks.Python
		case name == "Rscript":
			return notebooks.R
		case name == "scala":
			return notebooks.Scala
		}
		return notebooks.Text
	}
	return notebooks.Text
}
