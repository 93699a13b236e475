package pins

import (
	"regexp"

	"github.com/imdsscan/imdsscan/analyzer/command"
	"github.com/imdsscan/imdsscan/analyzer/facts"
	"github.com/imdsscan/imdsscan/analyzer/imds"
	"github.com/imdsscan/imdsscan/analyzer/versions"
	"github.com/imdsscan/imdsscan/notebooks/span"
	"github.com/imdsscan/imdsscan/rules"
)

// Installed finds the packages that a command line installs. use is the
// command in the unit.
func Installed(u *facts.Unit, words []command.Word, use span.Span) []*facts.Pin {
	return InstalledByAny(u, [][]command.Word{words}, use)
}

// InstalledByAny is Installed for a command that is read in several ways: one
// of its words takes one value after another.
func InstalledByAny(u *facts.Unit, readings [][]command.Word, use span.Span) []*facts.Pin {
	var all []*facts.Pin
	for _, words := range readings {
		in := command.Installs(words)
		if in == nil {
			continue
		}
		for _, w := range in.Packages {
			if in.Installer.Form == "requirement" {
				for _, one := range parted(w.Value) {
					all = append(all, Requirement(u, one, use, in.By))
				}
				continue
			}
			all = append(all, named(u, in.Installer.Form, w.Value, use, in.By))
		}
	}
	var out []*facts.Pin
	for _, p := range paired(all) {
		if Matters(p) {
			setElsewhere(p, use)
			out = append(out, p)
		}
	}
	return out
}

// setElsewhere marks a version that is not written in the command itself.
func setElsewhere(p *facts.Pin, use span.Span) {
	for _, part := range p.Spec {
		src := part.Source
		if src.Text != nil && (src.Text != p.Unit.Text || src.Span.Start < use.Start || src.Span.End > use.End) {
			p.Unsafe = "the version is set in another place and may be used for more"
			p.Related = append(p.Related, facts.Related{Source: src, Unit: p.Unit, Message: "the version is set here"})
			return
		}
	}
}

// named reads the word that names a package, in the form of its installer.
func named(u *facts.Unit, form string, v imds.Value, use span.Span, by string) (p *facts.Pin) {
	switch form {
	case "poetry":
		if p = byPattern(u, poetryWord, v, use, by); p != nil {
			p.Ecosystem, p.Grammar = rules.PyPI, versions.Poetry
		}
	case "conda":
		p = Conda(u, v, use, by)
	case "file":
		p = packageFile(u, v, use, by)
	case "deb":
		if p = packageFile(u, v, use, by); p != nil {
			return p
		}
		if p = byPattern(u, debWord, v, use, by); p != nil {
			p.Ecosystem, p.Grammar, p.Refuse = rules.Debian, versions.Debian, ownVersions
		}
	case "rpm":
		if p = packageFile(u, v, use, by); p != nil {
			return p
		}
		if p = byPattern(u, rpmWord, v, use, by); p != nil {
			p.Ecosystem, p.Grammar, p.Refuse = rules.RPM, versions.Debian, ownVersions
		}
	case "npm":
		if p = byPattern(u, npmWord, v, use, by); p != nil {
			p.Ecosystem, p.Grammar = rules.NPM, versions.NPM
			p = npmSource(p)
		}
	}
	return p
}

// The files that distributions ship packages in.
var (
	debFile = regexp.MustCompile(`(?:^|/)([a-z0-9][a-z0-9.+-]*)_(?:[0-9]+(?::|%3[aA]))?([0-9][^_/]*?)(?:-[^-_/]+)?_[a-z0-9]+\.deb$`)
	rpmFile = regexp.MustCompile(`(?:^|/)([A-Za-z0-9_.+-]*?[A-Za-z0-9_+])-([0-9][^-/]*)-[^-/]+\.[a-z0-9_]+\.rpm$`)
)

// packageFile reads a package that is given by its file; nil where the word is
// none.
func packageFile(u *facts.Unit, v imds.Value, use span.Span, by string) *facts.Pin {
	p := byPattern(u, debFile, v, use, by)
	if p != nil {
		p.Ecosystem = rules.Debian
	} else if p = byPattern(u, rpmFile, v, use, by); p != nil {
		p.Ecosystem = rules.RPM
	} else {
		return nil
	}
	p.Grammar, p.Refuse, p.Spec = versions.Debian, "the version is a part of a file's name, and the file has to be another one as well", unwritten(p.Spec)
	return p
}

const ownVersions = "which versions the distribution has is not known here"

// The words that name packages: the name, and in a second group the versions.
var (
	poetryWord = regexp.MustCompile(`^([A-Za-z0-9](?:[A-Za-z0-9._-]*[A-Za-z0-9])?)(?:\[[^\]]*\])?(?:@?(.*))?$`)
	debWord    = regexp.MustCompile(`^([a-z0-9][a-z0-9.+-]*)(?::[a-z0-9]+)?(?:=(.*))?$`)
	rpmWord    = regexp.MustCompile(`^([A-Za-z0-9_.+-]*?[A-Za-z0-9_+])(?:-(?:[0-9]+:)?([0-9][^-]*)(?:-[^-]+)?)?$`)
	npmWord    = regexp.MustCompile(`^((?:@[^/@]+/)?[^@/:]+)(?:@(.*))?$`)
	condaWord  = regexp.MustCompile(`^\s*(?:[^\s:=<>!~]+::)?([A-Za-z0-9_][A-Za-z0-9._-]*)(?:\s*\[version=['"]?([^'"\]]*)['"]?\]|\s*([=<>!~\x00].*?)|\s+([0-9*].*?))?\s*$`)
)

// cranWord is a package as renv and pak take it: name@version.
var cranWord = regexp.MustCompile(`^([A-Za-z][A-Za-z0-9.]*)(?:@(.*))?$`)

var (
	// cranFile is the archive of a package, cranRepository where it is
	// developed: owner/name@tag, also with a folder.
	cranFile       = regexp.MustCompile(`^(?:.*/)?([A-Za-z][A-Za-z0-9.]*)_([0-9][0-9.-]*)\.(?:tar\.gz|tgz|zip)$`)
	cranRepository = regexp.MustCompile(`^(?:[a-z]+::)?[A-Za-z0-9._-]+/(?:[A-Za-z0-9._-]+/)*([A-Za-z][A-Za-z0-9.]*)(?:@(.*))?$`)
)

// CRAN reads an R package; its version may stand apart. It is nil where no
// version matters.
func CRAN(u *facts.Unit, v, version imds.Value, use span.Span, by string) *facts.Pin {
	var p *facts.Pin
	switch text := flat(v); {
	case cranFile.MatchString(text):
		p = byPattern(u, cranFile, v, use, by)
		p.Refuse = "the version is a part of an archive's address"
	case cranRepository.MatchString(text):
		p = byPattern(u, cranRepository, v, use, by)
		p.Spec = revision(p.Spec)
		p.Refuse = "whether the repository has a tag for that version is not known here"
	default:
		if p = byPattern(u, cranWord, v, use, by); p == nil {
			return nil
		}
	}
	p.Ecosystem, p.Grammar = rules.CRAN, versions.CRAN
	if version != nil {
		p.Spec = version
		p.Span = place(u, imds.Concat(v, version), use)
	}
	if !Matters(p) {
		return nil
	}
	setElsewhere(p, use)
	return p
}

// condaBuild is a version with its build.
var condaBuild = regexp.MustCompile(`^=?=?[^=<>!,|\s]+(?:\s*=\s*|\s+)[^=<>!,|\s]+$`)

// Conda reads a package as conda takes it: `boto3=1.9`, `conda-forge::boto3>=1`.
func Conda(u *facts.Unit, v imds.Value, use span.Span, by string) *facts.Pin {
	p := byPattern(u, condaWord, v, use, by)
	if p != nil {
		p.Ecosystem, p.Grammar = rules.Conda, versions.Conda
		if condaBuild.MatchString(flat(p.Spec)) {
			p.Refuse = "the build behind the version belongs to it and has to change as well (conda search lists them)"
		}
	}
	return p
}

// byPattern reads a word by a pattern with a name and one of several groups
// of versions.
func byPattern(u *facts.Unit, pattern *regexp.Regexp, v imds.Value, use span.Span, by string) *facts.Pin {
	m := pattern.FindStringSubmatchIndex(flat(v))
	if m == nil {
		return nil
	}
	p := &facts.Pin{Unit: u, By: by, Package: flat(v)[m[2]:m[3]]}
	end := m[3]
	for g := 4; g+1 < len(m); g += 2 {
		if m[g] >= 0 {
			p.Spec = slice(v, m[g], m[g+1])
			end = max(end, m[g+1])
		}
	}
	p.Span = place(u, slice(v, m[2], end), use)
	return p
}
