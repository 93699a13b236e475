package pins

import (
	"regexp"
	"strings"

	"github.com/imdsscan/imdsscan/analyzer/facts"
	"github.com/imdsscan/imdsscan/analyzer/imds"
	"github.com/imdsscan/imdsscan/analyzer/versions"
	"github.com/imdsscan/imdsscan/notebooks/span"
	"github.com/imdsscan/imdsscan/rules"
)

// The forms of an address that a package is taken from: each has a group with
// the package or its repository, and one with the version or what stands for
// it.
var (
	// archive is the file of a distribution: name, version, and the rest of
	// its name.
	archive = regexp.MustCompile(`^(?:[^#?]*/)?([A-Za-z0-9](?:[A-Za-z0-9._]|-[A-Za-z])*?)-([0-9][A-Za-z0-9.!+_]*?)(?:-[^/#?]*\.whl|\.tar\.gz|\.zip|\.tar\.bz2)(?:[#?].*)?$`)
	// checkout is a repository at a tag, a branch or a commit.
	checkout = regexp.MustCompile(`^(?:(?:git|hg|svn|bzr)\+[^\s#]*?|git@[^\s#]*?)[/:]([A-Za-z0-9._-]+?)(?:\.git)?/?(?:@([^#\s/]+))?(?:#.*)?$`)
	// snapshot is a repository as a forge packs it.
	snapshot = regexp.MustCompile(`^https?://[^\s#?]*/([A-Za-z0-9._-]+)/(?:-/)?(?:archive|tarball|zipball|get)/(?:refs/(?:tags|heads)/)?([^\s/#?]+?)(?:\.zip|\.tar\.gz|\.tgz)?(?:[#?].*)?$`)
	// egg is how an address says which package it holds.
	egg = regexp.MustCompile(`[#&]egg=([A-Za-z0-9._-]+)`)
	// tag is a version as a repository marks it.
	tag = regexp.MustCompile(`^(?:[A-Za-z]+[-_]?)?([0-9]+(?:\.[0-9]+)+[0-9A-Za-z.]*)$`)
)

// isAddress tells an address or a path of a file from a requirement.
func isAddress(text string) bool {
	return strings.Contains(text, "://") || strings.HasPrefix(text, "git@") || strings.HasSuffix(text, ".whl") || strings.HasSuffix(text, ".tar.gz")
}

// fromAddress reads the version of a package that is taken from an address; p
// may name the package already. It is nil where nothing says which package it
// is.
func fromAddress(p *facts.Pin, v imds.Value, use span.Span) *facts.Pin {
	text := flat(v)
	from, to := trim(text, 0, len(text))
	if i := strings.IndexAny(text[from:to], " \t"); i > 0 {
		to = from + i // what follows is a marker
	}
	v, text = slice(v, from, to), text[from:to]
	p.Grammar = versions.Poetry // a bare version
	p.Span = place(p.Unit, v, use)
	if m := archive.FindStringSubmatchIndex(text); m != nil && checkout.FindString(text) == "" {
		p.Package, p.Spec = text[m[2]:m[3]], slice(v, m[4], m[5])
		p.Span = place(p.Unit, slice(v, m[2], m[5]), use)
		p.Refuse = "the version is a part of a file's address, of which the rest would have to change as well"
		return p
	}
	m := checkout.FindStringSubmatchIndex(text)
	if m == nil {
		m = snapshot.FindStringSubmatchIndex(text)
	}
	named := p.Package != ""
	if e := egg.FindStringSubmatch(text); e != nil && !named {
		p.Package, named = e[1], true
	}
	switch {
	case m == nil && !named:
		return nil
	case m == nil: // a folder, or an archive without a version in its name
		p.Spec = imds.Unknown(strings.ReplaceAll(text, string(hole), "?"))
	default:
		if !named {
			p.Package = rules.AllFloors().OfRepository(text[m[2]:m[3]])
		}
		if m[4] >= 0 {
			p.Spec = revision(slice(v, m[4], m[5]))
		}
	}
	p.Refuse = "whether the repository has a tag for that version is not known here"
	return p
}

// revision is the version that a tag stands for; a branch or a commit is of
// an unknown one.
func revision(v imds.Value) imds.Value {
	text, known := v.Known()
	if !known {
		return v
	}
	m := tag.FindStringSubmatchIndex(text)
	if m == nil {
		return imds.Unknown(text)
	}
	return slice(v, m[2], m[3])
}
