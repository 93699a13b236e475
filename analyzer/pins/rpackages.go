package pins

import (
	"bytes"
	"regexp"

	"github.com/imdsscan/imdsscan/analyzer/versions"
	"github.com/imdsscan/imdsscan/notebooks/span"
	"github.com/imdsscan/imdsscan/rules"
)

// renvLock reads R's renv.lock.
func renvLock(r *reader) {
	for _, m := range r.open(parseJSON).get("Packages").members() {
		r.locked(rules.CRAN, versions.CRAN, m.key, m.value.get("Version"), `renv::update("NAME"), then renv::snapshot()`)
	}
}

var (
	descriptionField = regexp.MustCompile(`^([A-Za-z][A-Za-z0-9/@-]*):`)
	rPackage         = regexp.MustCompile(`^\s*([A-Za-z][A-Za-z0-9.]*)\s*(?:\(([^)]*)\))?\s*$`)
)

// description reads the packages that an R package depends on.
func description(r *reader) {
	b := r.u.Text.Bytes()
	reads := false
	for at := 0; at < len(b); {
		end := len(b)
		if i := bytes.IndexByte(b[at:min(len(b), at+maxLine)], '\n'); i >= 0 {
			end = at + i
		}
		from := at
		at = end + 1
		if m := descriptionField.FindSubmatchIndex(b[from:end]); m != nil {
			switch string(b[from+m[2] : from+m[3]]) {
			case "Depends", "Imports", "Suggests", "Enhances", "LinkingTo":
				reads = true
			default:
				reads = false
			}
			from += m[1]
		}
		for reads && from < end {
			to := end
			if i := bytes.IndexByte(b[from:end], ','); i >= 0 {
				to = from + i
			}
			r.rRequirement(span.Span{Start: from, End: to})
			from = to + 1
		}
	}
}

// maxLine bounds a line of a manifest that people write.
const maxLine = 64 << 10

func (r *reader) rRequirement(s span.Span) {
	m := rPackage.FindStringSubmatchIndex(r.u.Text.Sub(s))
	if m == nil {
		return
	}
	sub := func(g int) span.Span { return span.Span{Start: s.Start + m[g], End: s.Start + m[g+1]} }
	p := r.pin(rules.CRAN, versions.CRAN, r.u.Text.Sub(sub(2)), nil, sub(2))
	if m[4] >= 0 {
		p.Spec = r.lit(sub(4))
		p.Span.End = sub(4).End
	}
	r.add(p)
}
