package format

import (
	"bytes"
	"path"
	"regexp"
	"strings"

	"github.com/go-json-experiment/json/jsontext"

	"github.com/imdsscan/imdsscan/notebooks"
)

// manifestNames are the files, in lower case, that list packages and versions.
var manifestNames = map[string]notebooks.Manifest{
	"pyproject.toml": notebooks.Pyproject, "setup.cfg": notebooks.SetupCfg, "pipfile": notebooks.Pipfile,
	"pipfile.lock": notebooks.PipfileLock, "poetry.lock": notebooks.PoetryLock, "uv.lock": notebooks.UVLock, "pdm.lock": notebooks.PDMLock,
	"package.json": notebooks.PackageJSON, "package-lock.json": notebooks.PackageLock, "npm-shrinkwrap.json": notebooks.PackageLock,
	"yarn.lock": notebooks.YarnLock, "bun.lock": notebooks.BunLock,
	"tox.ini": notebooks.Tox, "makefile": notebooks.Makefile, "gnumakefile": notebooks.Makefile, "justfile": notebooks.Makefile, ".justfile": notebooks.Makefile,
	"renv.lock": notebooks.RenvLock, "description": notebooks.Description,
	"pom.xml": notebooks.POM, "build.gradle": notebooks.Gradle, "build.gradle.kts": notebooks.Gradle, "spark-defaults.conf": notebooks.SparkConf,
	"gradle.lockfile": notebooks.GradleLock, "buildscript-gradle.lockfile": notebooks.GradleLock,
}

// listName is how files with pip's requirements and constraints are called.
var listName = regexp.MustCompile(`(?i)(requirements?|constraints?)[^/]*\.(txt|in|pip|lock)$|(?i)(^|/)(requirements?|reqs|constraints?)/[^/]+\.(txt|in|pip)$`)

// ownLanguage are manifests in a language that is else read as code.
var ownLanguage = map[string]notebooks.Manifest{"pnpm-lock.yaml": notebooks.PNPMLock}

// manifestOf tells a manifest by its name, and lists of requirements under
// other names, which others include, by their lines.
func manifestOf(name string, text []byte) notebooks.Manifest {
	name = strings.ReplaceAll(name, `\`, "/")
	base := strings.ToLower(path.Base(name))
	if strings.HasSuffix(base, Definition) {
		return notebooks.PlatformJSON
	}
	switch m := manifestNames[base]; {
	case m != "":
		return m
	case listName.MatchString(name):
		return notebooks.Requirements
	}
	switch path.Ext(base) {
	case ".pom":
		return notebooks.POM
	case ".gradle":
		return notebooks.Gradle
	case ".groovy":
		return notebooks.Groovy
	case ".sbt":
		return notebooks.SBT
	case ".mk":
		return notebooks.Makefile
	case ".toml":
		if strings.HasSuffix(base, ".versions.toml") {
			return notebooks.Catalog
		}
	case ".conf", ".properties":
		if bytes.Contains(text, []byte("spark.jars")) || bytes.Contains(text, []byte("spark.databricks.")) {
			return notebooks.SparkConf
		}
	case ".json":
		if isPlatform(text) {
			return notebooks.PlatformJSON
		}
	case ".txt", ".in", ".pip", ".list", ".lst", ".reqs", ".deps", "":
		if isRequirements(text) {
			return notebooks.Requirements
		}
	}
	return ""
}

// Definition ends the name under which the definition of a cluster, a job and
// so on is opened that comes from the platform itself: JSON, whatever its keys.
const Definition = ".databricks.json"

// yamlManifest are the names of YAML files that list packages.
var yamlManifest = regexp.MustCompile(`(?i)^(.*environment.*|.*conda.*|meta)\.ya?ml$`)

// IsManifest reports whether a file lists packages by its name alone.
func IsManifest(name string) bool {
	base := path.Base(strings.ReplaceAll(name, `\`, "/"))
	return manifestNames[strings.ToLower(base)] != "" || ownLanguage[base] != "" || listName.MatchString(strings.ReplaceAll(name, `\`, "/")) ||
		yamlManifest.MatchString(base) || strings.HasSuffix(strings.ToLower(base), ".versions.toml")
}

// IsList reports whether a file is a list of requirements by its name or by its
// lines.
func IsList(name string, text []byte) bool {
	if listName.MatchString(strings.ReplaceAll(name, `\`, "/")) {
		return true
	}
	lang, _ := suffixLanguage(name)
	return lang == "" && manifestOf(name, text) == notebooks.Requirements
}

// platformKeys are keys of which the definition of a job, a cluster, a policy
// or a pipeline has one.
var platformKeys = []string{`"spark_version"`, `"new_cluster"`, `"job_clusters"`, `"spark_conf`, `"notebook_task"`, `"docker_image`, `"data_access_config"`, `"environment_key"`, `"spark.jars.packages"`, `"preloaded_spark_versions"`}

func isPlatform(text []byte) bool {
	trimmed := bytes.TrimSpace(text)
	if len(trimmed) == 0 || trimmed[0] != '{' && trimmed[0] != '[' {
		return false
	}
	for _, k := range platformKeys {
		if bytes.Contains(text, []byte(k)) {
			return true
		}
	}
	// Other files have these keys too, and some of them are no JSON.
	for _, k := range []string{`"libraries"`, `"environments"`} {
		if bytes.Contains(text, []byte(k)) {
			return jsontext.Value(text).IsValid(jsontext.AllowDuplicateNames(true), jsontext.AllowInvalidUTF8(true))
		}
	}
	return false
}

// requirementLine is a line of a list of requirements: a name with or without
// versions, or an option.
var requirementLine = regexp.MustCompile(`^\s*(#.*|-[-a-zA-Z].*|[A-Za-z0-9][A-Za-z0-9._-]*\s*(\[[A-Za-z0-9._, -]*\])?\s*((===|==|~=|!=|<=|>=|<|>)\s*[0-9A-Za-z.*+!_-]+\s*,?\s*)*(;.*|\\|#.*|--hash.*)?)?$`)

// isRequirements reports whether every line of a text could be one of a list
// of requirements, and one names a version.
func isRequirements(text []byte) bool {
	versions := false
	for n := 0; len(text) > 0 && n < 1000; n++ {
		var line []byte
		line, text, _ = bytes.Cut(text, []byte("\n"))
		if len(line) > 500 || !requirementLine.Match(line) {
			return false
		}
		if trimmed := bytes.TrimSpace(line); len(trimmed) > 0 && trimmed[0] != '#' && trimmed[0] != '-' {
			versions = versions || bytes.ContainsAny(line, "=<>~")
		}
	}
	return versions
}
