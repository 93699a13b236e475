// Package pins finds the packages that code and manifests ask for, with the
// versions they allow: one file a kind of manifest, and the forms in which
// code of any language names packages.
//
// It yields only packages whose version may matter, by the table of floors. It
// judges nothing.
package pins

import (
	"bytes"
	"slices"
	"sync"

	"github.com/imdsscan/imdsscan/analyzer/facts"
	"github.com/imdsscan/imdsscan/analyzer/imds"
	"github.com/imdsscan/imdsscan/analyzer/versions"
	"github.com/imdsscan/imdsscan/notebooks"
	"github.com/imdsscan/imdsscan/notebooks/span"
	"github.com/imdsscan/imdsscan/rules"
)

// readers read the manifests.
var readers = map[notebooks.Manifest]func(*reader){
	notebooks.Requirements: requirements,
	notebooks.Pyproject:    pyproject,
	notebooks.SetupCfg:     setupCfg,
	notebooks.Tox:          tox,
	notebooks.Makefile:     makefile,
	notebooks.Pipfile:      pipfile,
	notebooks.PipfileLock:  pipfileLock,
	notebooks.PoetryLock:   tomlLock("poetry update NAME"),
	notebooks.UVLock:       tomlLock("uv lock --upgrade-package NAME"),
	notebooks.PDMLock:      tomlLock("pdm update NAME"),
	notebooks.PackageJSON:  packageJSON,
	notebooks.PackageLock:  packageLock,
	notebooks.YarnLock:     yarnLock,
	notebooks.PNPMLock:     pnpmLock,
	notebooks.BunLock:      bunLock,
	notebooks.RenvLock:     renvLock,
	notebooks.Description:  description,
	notebooks.POM:          pomXML,
	notebooks.Gradle:       buildFile,
	notebooks.Catalog:      catalog,
	notebooks.SBT:          buildFile,
	notebooks.Groovy:       buildFile,
	notebooks.GradleLock:   gradleLock,
	notebooks.SparkConf:    sparkConf,
	notebooks.PlatformJSON: platformJSON,
}

// Analyze finds the pins of a manifest.
func Analyze(u *facts.Unit) *facts.Facts {
	r := &reader{u: u, out: &facts.Facts{}}
	if read := readers[u.Doc.Manifest]; read != nil {
		read(r)
	}
	return r.out
}

// reader is the work on one manifest.
type reader struct {
	u   *facts.Unit
	out *facts.Facts
	by  string
	// compiled is the command that made a list of requirements.
	compiled string
	// fill fills in the variables of a bundle.
	fill *filler
	vars []Variable
}

// name says what asks for the packages.
func (r *reader) name() string {
	if r.by != "" {
		return r.by
	}
	return string(r.u.Doc.Manifest)
}

// add notes a pin whose version may matter.
func (r *reader) add(p *facts.Pin) {
	if p != nil && Matters(p) {
		r.out.Pins = append(r.out.Pins, p)
	}
}

// ClusterWords are texts one of which stands in every file with a setting of
// clusters that matters.
var ClusterWords = []string{"spark_version", "docker_image", "glueCatalog"}

// Named reports whether a text names one of the packages or settings that
// matter.
func Named(b []byte) bool {
	for _, w := range words() {
		if bytes.Contains(b, w) {
			return true
		}
	}
	return false
}

var words = sync.OnceValue(func() (out [][]byte) {
	for _, w := range slices.Concat(rules.AllFloors().Words(), ClusterWords) {
		out = append(out, []byte(w))
	}
	return out
})

// Matters reports whether a pin is worth keeping: its version matters.
func Matters(p *facts.Pin) bool { return rules.AllFloors().Matters(p.Ecosystem, p.Package) }

// Readable reports whether the versions of a pin can be read, as far as they
// are known: where they cannot, a text that is not for certain a requirement is
// none.
func Readable(p *facts.Pin) bool {
	spec, known := p.Spec.Known()
	if !known {
		return true
	}
	_, err := versions.Judge(p.Grammar, spec, "0")
	return err == nil
}

// lit is a part of the manifest as a value.
func (r *reader) lit(s span.Span) imds.Value {
	return imds.Lit(r.u.Text.Sub(s), imds.Source{Text: r.u.Text, Span: s})
}

// unread reports the manifest as not valid from a place on.
func (r *reader) unread(at int, reason string) {
	at = max(0, min(at, r.u.Text.Len()))
	r.out.Unread = append(r.out.Unread, facts.Broken{Unit: r.u, Span: span.Span{Start: at, End: at}, Reason: reason})
}

// hole stands for an unknown part in the flat text of a value.
const hole = '\x00'

// flat is the text of a value, each unknown part a hole.
func flat(v imds.Value) string {
	var out []byte
	for _, p := range v {
		if p.Unknown {
			out = append(out, hole)
		} else {
			out = append(out, p.Text...)
		}
	}
	return string(out)
}

// slice is the part of a value that is at [from, to) of its flat text.
func slice(v imds.Value, from, to int) imds.Value {
	var out imds.Value
	at := 0
	for _, p := range v {
		n := len(p.Text)
		if p.Unknown {
			n = 1
		}
		lo, hi := max(from, at)-at, min(to, at+n)-at
		at += n
		if lo >= hi {
			continue
		}
		if !p.Unknown {
			if p.Source.Text != nil && p.Source.Span.Len() == len(p.Text) {
				p.Source.Span = span.Span{Start: p.Source.Span.Start + lo, End: p.Source.Span.Start + hi}
			} else if lo > 0 || hi < n {
				p.Source.Text = nil // where the part stands is not known
			}
			p.Text = p.Text[lo:hi]
		}
		out = append(out, p)
	}
	return out
}

// place is where a value is written in its use, as far as it is; the use where
// it is not.
func place(u *facts.Unit, v imds.Value, use span.Span) span.Span {
	out := span.Span{Start: -1}
	for _, p := range v {
		if s := p.Source.Span; p.Source.Text == u.Text && s.Start >= use.Start && s.End <= use.End {
			if out.Start < 0 {
				out = s
			}
			out = span.Span{Start: min(out.Start, s.Start), End: max(out.End, s.End)}
		}
	}
	if out.Start < 0 {
		return use
	}
	return out
}
