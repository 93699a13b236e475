//go:build linux

package main_test

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
)

// A program is one file of testdata/execution with its directives.
type program struct {
	name string // shell/probe.sh
	path string
	// folder is the program's own, where it is made of several files; path is
	// the main one in it.
	folder string
	// argv runs it, with the file's name still to be added.
	argv []string
	// jvm builds it first, nil for what runs as it is.
	jvm *jvmProgram
	// skip is why it cannot run on this machine.
	skip string
	// directives are the comments "# KEY: VALUE" or "// KEY: VALUE" in its first lines.
	directives map[string]string
}

var directive = regexp.MustCompile(`^[\s"]*(?:#|--|//)\s*(deny|needs|interpreter|expect|timeout|elsewhere|aemm):\s*(.*?)(?:\\n)?"?,?\s*$`)

// pythonModules are the words of "needs" that are no commands.
var pythonModules = []string{"aiohttp", "boto", "boto3", "botocore", "httpx", "pycurl", "requests", "tornado", "urllib3"}

// players play what no interpreter of a language runs: a notebook, the
// functions of a SQL file, the commands of an image, the scripts in YAML.
var players = map[string]string{
	"notebook":   "../../testdata/execution/run_notebook.py",
	"sql":        "../../testdata/execution/run_sql.py",
	"dockerfile": "../../testdata/execution/run_dockerfile.py",
	"yaml":       "../../testdata/execution/run_yaml.py",
}

func readProgram(root, path string, p *pool) (program, error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return program{}, err
	}
	name, err := filepath.Rel(root, path)
	if err != nil {
		return program{}, err
	}
	prog := program{name: filepath.ToSlash(name), path: path, directives: map[string]string{}}
	for i, line := range bytes.Split(text, []byte("\n")) {
		if i == 30 {
			break
		}
		if m := directive.FindSubmatch(line); m != nil {
			prog.directives[string(m[1])] = string(m[2])
		}
	}
	var commands, modules, packages, jars []string
	for _, need := range strings.Fields(prog.directives["needs"]) {
		switch {
		case need == "ipv6":
			if !p.ipv6 {
				prog.skip = "no IPv6 in the namespace"
			}
		case need == "hosts" || need == "instance-data":
			if !p.hosts {
				prog.skip = "no /etc/hosts of its own in the namespace"
			}
		case strings.HasPrefix(need, "r:"):
			packages = append(packages, strings.TrimPrefix(need, "r:"))
		case slices.Contains(pythonModules, need):
			modules = append(modules, need)
		case strings.HasSuffix(need, ".jar"):
			jars = append(jars, need)
		default:
			commands = append(commands, need)
		}
	}
	interpreter := prog.interpreter(text)
	if interpreter == "notebook" {
		modules = append(modules, "IPython")
	}
	if interpreter == "yaml" {
		modules = append(modules, "yaml")
	}
	player := players[interpreter]
	switch {
	case interpreter == "scala", interpreter == "java":
		prog.jvm, prog.skip = newJVMProgram(interpreter, jars)
	case player != "", interpreter == "python3", interpreter == "python":
		python, err := findPython(modules)
		if err != nil {
			prog.skip = err.Error()
		}
		prog.argv = []string{python}
		if player != "" {
			runner, err := filepath.Abs(player)
			if err != nil {
				return program{}, err
			}
			prog.argv = append(prog.argv, runner)
		}
	default:
		prog.argv = strings.Fields(interpreter)
		commands = append(commands, prog.argv[0])
		if len(modules) > 0 {
			if _, err := findPython(modules); err != nil {
				prog.skip = err.Error()
			}
		}
	}
	if err := needPackages(packages); err != nil {
		prog.skip = err.Error()
	}
	for _, c := range commands {
		if _, err := lookPath(c); err != nil {
			prog.skip = c + " is not installed"
		}
	}
	return prog, nil
}

// interpreter is named by a directive, or by the shebang or the suffix.
func (p program) interpreter(text []byte) string {
	if i := p.directives["interpreter"]; i != "" {
		return i
	}
	if strings.EqualFold(filepath.Ext(p.path), ".r") {
		return "Rscript --vanilla" // the other cells of a SOURCE notebook are comments
	}
	if strings.HasSuffix(p.path, ".ipynb") || bytes.HasPrefix(text, []byte("# Databricks notebook source")) {
		return "notebook"
	}
	switch filepath.Ext(p.path) {
	case ".py":
		return "python3"
	case ".sql":
		return "sql"
	case ".Dockerfile":
		return "dockerfile"
	case ".scala", ".java":
		return filepath.Ext(p.path)[1:]
	case ".yml", ".yaml":
		return "yaml"
	}
	shebang, _, _ := bytes.Cut(text, []byte("\n"))
	if rest, ok := bytes.CutPrefix(shebang, []byte("#!")); ok {
		words := strings.Fields(string(rest))
		if len(words) > 0 && filepath.Base(words[0]) == "env" {
			words = words[1:]
		}
		if len(words) > 0 {
			words[0] = filepath.Base(words[0])
			return strings.Join(words, " ")
		}
	}
	return "bash"
}

// searchPath prefers the system's own tools: another python3 may come first
// on PATH without the modules that the distribution has.
func searchPath() string {
	path := "/usr/local/sbin:/usr/sbin:/usr/bin:/sbin:/bin:/usr/local/bin"
	if own := os.Getenv("PATH"); own != "" {
		path += ":" + own
	}
	return path
}

func lookPath(name string) (string, error) {
	for _, dir := range strings.Split(searchPath(), ":") {
		if file := filepath.Join(dir, name); filepath.IsAbs(dir) {
			if found, err := exec.LookPath(file); err == nil {
				return found, nil
			}
		}
	}
	return "", fmt.Errorf("%s is not installed", name)
}

var pythonCache = map[string]string{}

// findPython returns the first python3 that has the modules.
func findPython(modules []string) (string, error) {
	key := strings.Join(modules, ",")
	if found, ok := pythonCache[key]; ok {
		if found == "" {
			return "", fmt.Errorf("no python3 with %s", key)
		}
		return found, nil
	}
	pythonCache[key] = ""
	code := "0"
	if key != "" {
		code = "import " + key
	}
	for _, dir := range strings.Split(searchPath(), ":") {
		python := filepath.Join(dir, "python3")
		if _, err := exec.LookPath(python); err != nil {
			continue
		}
		if exec.Command(python, "-c", code).Run() == nil {
			pythonCache[key] = python
			return python, nil
		}
	}
	return findPython(modules)
}

var packageCache = map[string]error{}

// needPackages looks for packages of R.
func needPackages(packages []string) error {
	for _, pkg := range packages {
		err, known := packageCache[pkg]
		if !known {
			rscript, lookErr := lookPath("Rscript")
			if err = lookErr; err == nil && exec.Command(rscript, "--vanilla", "-e", "library("+pkg+")").Run() != nil {
				err = fmt.Errorf("no R package %s", pkg)
			}
			packageCache[pkg] = err
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// programs lists the suite in a fixed order.
func programs(root string, p *pool) ([]program, error) {
	var out []program
	kinds, err := os.ReadDir(root)
	if err != nil {
		return nil, err
	}
	for _, kind := range kinds {
		if !kind.IsDir() {
			continue
		}
		entries, err := os.ReadDir(filepath.Join(root, kind.Name()))
		if err != nil {
			return nil, err
		}
		for _, e := range entries {
			if strings.HasPrefix(e.Name(), ".") || strings.HasSuffix(e.Name(), ".md") {
				continue
			}
			path, folder := filepath.Join(root, kind.Name(), e.Name()), ""
			if e.IsDir() {
				main, err := filepath.Glob(filepath.Join(path, "main.*"))
				if err != nil || len(main) != 1 {
					return nil, fmt.Errorf("%s: %d files main.*, want one (%v)", path, len(main), err)
				}
				folder, path = path, main[0]
			}
			prog, err := readProgram(root, path, p)
			if err != nil {
				return nil, err
			}
			prog.folder = folder
			out = append(out, prog)
		}
	}
	return out, nil
}
