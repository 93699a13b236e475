package analyzer

import (
	"fmt"

	"github.com/imdsscan/imdsscan/analyzer/facts"
	"github.com/imdsscan/imdsscan/analyzer/imds"
	"github.com/imdsscan/imdsscan/rules"
)

// judgeRequest applies the rules to a request and explains the occurrences
// its URL is made of.
func judgeRequest(res *Result, acct *account, req *facts.Request) {
	goal, target := reach(req)
	class, why := ClassUnexplained, ""
	switch {
	case goal == imds.Elsewhere:
		return
	case goal == imds.OtherCloud:
		class, why = ClassOtherCloud, target.Cloud
	case req.Misuse != "":
		class, why = ClassFinding, "IMDS003"
		res.report("IMDS003", req.Unit, req.Span, req.Misuse).attach(req)
	case goal == imds.AWS && target.Token:
		class, why = ClassCompliant, "token request"
	case req.Token == facts.TokenPresent && req.Crosses != "":
		class, why = ClassFinding, "IMDS004"
		res.report("IMDS004", req.Unit, req.Span, req.Crosses).attach(req)
	case req.Token == facts.TokenPresent:
		res.Compliant++
		class, why = ClassCompliant, "sends a session token"
	case req.Depends != "":
		class, why = ClassFinding, "IMDS005"
		res.report("IMDS005", req.Unit, req.Span, req.Depends).attach(req)
	case req.Token == facts.TokenUnknown:
		class, why = ClassFinding, "IMDS005"
		res.report("IMDS005", req.Unit, req.Span, goesTo(req), req.Why).attach(req)
	case goal == imds.Undecided:
		class, why = ClassFinding, "IMDS005"
		res.report("IMDS005", req.Unit, req.Span, goesTo(req),
			"the path is not known, so it may be another cloud's").attach(req)
	case req.Fallback != "":
		class, why = ClassFinding, "IMDS002"
		res.report("IMDS002", req.Unit, req.Span, goesTo(req), req.Fallback).attach(req)
	default:
		class, why = ClassFinding, "IMDS001"
		res.report("IMDS001", req.Unit, req.Span, goesTo(req)).attach(req)
	}
	for _, v := range req.URLs {
		for _, src := range v.Sources() {
			acct.explainSource(src, class, why)
		}
	}
	acct.explain(req.Unit.Text.Raw(req.Span), class, why)
}

// explainAbroad explains an address of this file that another notebook sends a
// request to. What is wrong with the request is reported there.
func explainAbroad(acct *account, req *facts.Request) {
	goal, target := reach(req)
	class, why := ClassMention, "the address of a request in "+req.Unit.Doc.Path
	switch {
	case goal == imds.Elsewhere:
		return
	case goal == imds.OtherCloud:
		class, why = ClassOtherCloud, target.Cloud
	case req.Token == facts.TokenPresent && req.Crosses == "" || goal == imds.AWS && target.Token && req.Misuse == "":
		class, why = ClassCompliant, "the address of a request in "+req.Unit.Doc.Path+" that sends a session token"
	}
	for _, v := range req.URLs {
		for _, src := range v.Sources() {
			acct.explainSource(src, class, why)
		}
	}
}

// explainArguments explains addresses that are given to a notebook which is
// started as a process of its own: what that does with them is told there.
func explainArguments(acct *account, run facts.Run, path string) {
	if path == "" {
		return
	}
	for _, values := range run.Args {
		for _, v := range values {
			for _, src := range v.Sources() {
				acct.explainSource(src, ClassMention, "an argument of "+path+", which is started with it")
			}
		}
	}
}

func (f *Finding) attach(req *facts.Request) {
	f.Request = req
	f.Related = req.Related
	notes := f.Notes[:0]
	for _, n := range f.Notes {
		if n != "" {
			notes = append(notes, n)
		}
	}
	f.Notes = notes
}

// reach is what a request's URLs reach, the most serious of the alternatives.
// A tool that knows the address by itself (Depends) reaches it without a URL.
func reach(req *facts.Request) (imds.Kind, imds.Target) {
	best := imds.Target{Kind: imds.Elsewhere}
	if req.Depends != "" && len(req.URLs) == 0 {
		return imds.AWS, imds.Target{Kind: imds.AWS}
	}
	weight := func(t imds.Target) int {
		switch {
		case t.Kind == imds.AWS && !t.Token:
			return 4
		case t.Kind == imds.AWS:
			return 3
		case t.Kind == imds.Undecided:
			return 2
		case t.Kind == imds.OtherCloud:
			return 1
		}
		return 0
	}
	for _, v := range req.URLs {
		if t := imds.Classify(v); weight(t) > weight(best) {
			best = t
		}
	}
	return best.Kind, best
}

// goesTo says where a request goes and where its address is written.
func goesTo(req *facts.Request) string {
	for _, v := range req.URLs {
		if t := imds.Classify(v); t.Kind != imds.AWS && t.Kind != imds.Undecided {
			continue
		}
		s := "goes to " + v.String()
		if more := len(req.URLs) - 1; more == 1 {
			s += " and 1 more"
		} else if more > 1 {
			s += fmt.Sprintf(" and %d more", more)
		}
		return s
	}
	return ""
}

// judgeLibrary reports a library that never uses tokens. One that does from
// some version on counts as compliant, unless the document itself asks for an
// older one: the pin is judged by IMDS010.
func judgeLibrary(res *Result, lib facts.Library) {
	l := rules.GetLibrary(lib.Library)
	switch {
	case l == nil:
	case l.NeverIMDSv2:
		res.report("IMDS011", lib.Unit, lib.Span, l.Reason, "use instead: "+l.Instead)
	case !res.pinnedBelow(l.Floor()):
		res.Compliant++
	}
}

// pinnedBelow reports whether a pin of the document allows only versions under
// a floor.
func (res *Result) pinnedBelow(floor *rules.Floor) bool {
	for _, f := range res.Findings {
		if f.Rule.ID == "IMDS010" && f.Floor == floor && !f.Mild {
			return true
		}
	}
	return false
}

// judgeBroken reports endpoints in code that could not be parsed, unless
// something explains them already.
func judgeBroken(res *Result, acct *account, broken []facts.Broken) {
	for i := range acct.occ {
		o := &acct.occ[i]
		if o.Class != ClassUnexplained {
			continue
		}
		for _, b := range broken {
			raw := b.Unit.Text.Raw(b.Span)
			if !raw.Overlaps(o.Raw) {
				continue
			}
			r := rules.Get("IMDS006")
			res.Findings = append(res.Findings, &Finding{Rule: r, Unit: b.Unit, Span: b.Span, Raw: o.Raw,
				Message: r.Title, Notes: []string{b.Unit.Language.Title() + ": " + b.Reason}})
			o.Class, o.Why = ClassFinding, "IMDS006"
			break
		}
	}
}
