package analyzer

import (
	"fmt"
	"strings"

	"github.com/imdsscan/imdsscan/analyzer/facts"
	"github.com/imdsscan/imdsscan/analyzer/versions"
	"github.com/imdsscan/imdsscan/rules"
)

// judgePins applies the rules to the packages that the document asks for.
func judgePins(res *Result) {
	for _, p := range res.Pins {
		floor := rules.AllFloors().Of(p.Ecosystem, p.Package)
		switch {
		case floor == nil: // it only goes with others
		case floor.Never:
			f := res.report("IMDS011", p.Unit, p.Span, asks(p), floor.Reason, "use instead: "+floor.Instead, "see "+floor.Source)
			f.Pin, f.Floor, f.Related = p, floor, p.Related
		default:
			judgePin(res, p, floor)
		}
	}
}

// judgePin reports a pin that allows versions under the floor: an error when
// no allowed version works, a note when some do or when all that are allowed
// work although the vendor's table asks for more, or when nobody knows. A
// specifier that cannot be read is reported as such.
func judgePin(res *Result, p *facts.Pin, floor *rules.Floor) {
	spec, known := p.Spec.Known()
	if !known {
		why := p.Unknown
		if why == "" {
			why = "its version is not known here"
		}
		if !res.knownBeside(p) {
			res.mayBeOld(p, floor, why)
		}
		return
	}
	if strings.TrimSpace(spec) == "" {
		return // any version will do
	}
	works, err := versions.Judge(p.Grammar, spec, floor.First())
	if err != nil {
		res.Unread = append(res.Unread, facts.Broken{Unit: p.Unit, Span: p.Span,
			Reason: fmt.Sprintf("%s asks for a version of %s that is not understood: %v", p.By, p.Package, err)})
		return
	}
	listed, err := versions.Judge(p.Grammar, spec, floor.Floor)
	if err != nil || listed == versions.All {
		return
	}
	note := ""
	switch {
	case works == versions.None && floor.Also != "" && versions.Within(p.Grammar, spec, floor.Also):
		return
	case works == versions.None && broughtBeside(res, p, floor, spec):
		return
	case works == versions.None:
	case listed == versions.None:
		note = fmt.Sprintf("it works from %s on all the same: nothing has to be done", floor.First())
	default:
		note = "newer versions are allowed as well: what is installed decides"
	}
	if note != "" {
		res.mayBeOld(p, floor, note)
		return
	}
	f := res.report("IMDS010", p.Unit, p.Span, asks(p), floor.Reason, "see "+floor.Source)
	f.Message = fmt.Sprintf("%s is pinned below %s, its first version with IMDSv2", p.Package, floor.First())
	f.Pin, f.Floor, f.Related = p, floor, p.Related
}

// maxBeside bounds how many pins are compared with each other.
const maxBeside = 2000

// knownBeside reports whether the versions of a pin are known from another
// reading of the code around it: in a loop, one after the other.
func (res *Result) knownBeside(p *facts.Pin) bool {
	if p.Unit.Parent == nil || len(res.Pins) > maxBeside {
		return false // code in a string is read in two ways, other code in one
	}
	at := p.Unit.Text.Raw(p.Span)
	for _, o := range res.Pins {
		if o == p || o.Package != p.Package || len(o.Related) == 0 {
			continue
		}
		if _, known := o.Spec.Known(); known {
			if around := o.Unit.Text.Raw(o.Span); around.Start <= at.Start && at.End <= around.End {
				return true
			}
		}
	}
	return false
}

// mayBeOld notes a pin about which nothing has to be done, or nobody knows
// whether something has.
func (res *Result) mayBeOld(p *facts.Pin, floor *rules.Floor, why string) {
	f := res.report("IMDS010", p.Unit, p.Span, asks(p), floor.Reason, why, "see "+floor.Source)
	f.Mild, f.Message = true, p.Package+" may be older than its first version with IMDSv2"
	f.Pin, f.Floor, f.Related = p, floor, p.Related
}

// asks says what asks for which versions.
func asks(p *facts.Pin) string {
	spec := strings.TrimSpace(p.Spec.String())
	if spec == "" {
		return fmt.Sprintf("%s asks for %s", p.By, p.Package)
	}
	return fmt.Sprintf("%s asks for %s %s", p.By, p.Package, spec)
}

// broughtBeside reports whether the package that does the asking for this one
// is pinned beside it to versions that work and that this one accepts.
func broughtBeside(res *Result, p *facts.Pin, floor *rules.Floor, spec string) bool {
	if floor.Accepts == "" {
		return false
	}
	if reach, err := versions.Judge(p.Grammar, spec, floor.Accepts); err != nil || reach != versions.All {
		return false
	}
	for _, o := range res.Pins {
		of := rules.AllFloors().Of(o.Ecosystem, o.Package)
		if o == p || o.Ecosystem != p.Ecosystem || of == nil || of.Never || rules.PackageName(o.Ecosystem, o.Package) != floor.Brings {
			continue
		}
		text, known := o.Spec.Known()
		if reach, err := versions.Judge(o.Grammar, text, of.First()); known && text != "" && err == nil && reach == versions.All {
			return true
		}
	}
	return false
}

// judgeCluster reports settings of clusters that enforcement does not go with.
func judgeCluster(res *Result, c facts.Cluster) {
	switch runtimes := rules.AllRuntimes(); {
	case c.Unknown != "":
		f := res.report("IMDS020", c.Unit, c.Span, c.Unknown, fmt.Sprintf("supported on %s were %s and newer", runtimes.Checked, runtimes.Oldest()), "see "+runtimes.Source)
		f.Mild, f.Message, f.Related = true, "which runtime this is could not be decided: "+c.Runtime, c.Related
	case c.Runtime != "":
		if name, unsupported := runtimes.Unsupported(c.Runtime); unsupported {
			f := res.report("IMDS020", c.Unit, c.Span,
				fmt.Sprintf("supported on %s were %s and newer", runtimes.Checked, runtimes.Oldest()), "see "+runtimes.Source)
			f.Message, f.Related = "the runtime "+name+" is not supported with IMDSv2 enforced", c.Related
		}
	case c.Isolated:
		res.report("IMDS021", c.Unit, c.Span, "set spark.databricks.hive.metastore.glueCatalog.isolation.enabled to false on every cluster")
	case c.Image != "":
		res.report("IMDS022", c.Unit, c.Span, "the image is "+c.Image)
	}
}
