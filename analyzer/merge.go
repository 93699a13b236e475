package analyzer

import (
	"bytes"
	"maps"
	"slices"

	"github.com/imdsscan/imdsscan/analyzer/facts"
	"github.com/imdsscan/imdsscan/analyzer/imds"
	"github.com/imdsscan/imdsscan/notebooks"
	"github.com/imdsscan/imdsscan/notebooks/span"
)

// A document that many others run is looked at in as many of their sessions as
// these bounds allow.
const (
	maxSessions     = 32
	maxSessionBytes = 4 << 20
)

// gatherer puts together what the sessions say that a document takes part in.
type gatherer struct {
	res *Result
	own *facts.Facts
	// home and abroad are the requests of the document and of others.
	home, abroad []*facts.Request
	sessions     []map[place][]*facts.Request
	bytes        int
	// cut is true when there are more sessions than were looked at.
	cut bool
}

// gather gives the facts of a document: of its own session, and of those of
// the notebooks that run it. What the document does is told by its own session
// where that decides it; else a notebook that has no address of its own, or
// headers from somewhere, is what the sessions make of it.
//
// abroad are the requests that other documents send in these sessions.
func gather(res *Result) (own *facts.Facts, abroad []*facts.Request) {
	doc, around := res.Doc, res.Around
	own, res.Units = collect(doc, doc, around)
	g := &gatherer{res: res, own: own}
	g.home, g.abroad = split(doc, own.Requests)
	ownAt := byPlace(g.home)
	// Python knows itself which functions others may call; of the other
	// languages the sessions tell.
	ask := !decided(g.home) || slices.ContainsFunc(g.home, func(r *facts.Request) bool { return shares(r) && fixable(r) })
	var later []string
	for _, root := range around.Roots(doc.Path) {
		if ask || around.Linked(root, doc.Path) {
			g.look(root)
		} else {
			later = append(later, root)
		}
	}
	if slices.ContainsFunc(g.home, func(r *facts.Request) bool { return len(ownAt[placeOf(r)]) == 0 }) {
		// What is right for one session must be right for all.
		for _, root := range later {
			g.look(root)
		}
	}
	own.Requests = nil
	done := map[place]bool{}
	for _, r := range g.home {
		if at := placeOf(r); !done[at] {
			done[at] = true
			own.Requests = append(own.Requests, g.merge(at, ownAt[at])...)
		}
	}
	own.Mentions = keep(own.Mentions, func(m facts.Mention) bool { return m.Unit.Doc == doc })
	own.Pins = keep(own.Pins, func(p *facts.Pin) bool { return p.Unit.Doc == doc })
	own.Unexplained = keep(own.Unexplained, func(x facts.Unexplained) bool { return x.Unit.Doc == doc })
	own.Unread = keep(own.Unread, func(b facts.Broken) bool { return b.Unit.Doc == doc })
	own.Runs = keep(own.Runs, func(r facts.Run) bool { return r.Unit.Doc == doc })
	own.Clusters = keep(own.Clusters, func(c facts.Cluster) bool { return c.Unit.Doc == doc })
	own.Broken = keep(own.Broken, func(b facts.Broken) bool { return b.Unit.Doc == doc })
	libraries := map[place]bool{}
	own.Libraries = keep(own.Libraries, func(l facts.Library) bool {
		at := place{l.Unit.Text.Raw(l.Span), l.Library}
		if l.Unit.Doc != doc || libraries[at] {
			return false
		}
		libraries[at] = true
		return true
	})
	return own, g.abroad
}

// look adds the session that begins with root.
func (g *gatherer) look(path string) {
	doc, around := g.res.Doc, g.res.Around
	root := around.Open(path)
	if root == nil {
		return
	}
	if len(g.sessions) == maxSessions || g.bytes > maxSessionBytes {
		g.cut = true
		return
	}
	o, units := collect(doc, root, around)
	for _, u := range units {
		g.bytes += u.Text.Len() + 4096 // many small cells cost time too
	}
	home, abroad := split(doc, o.Requests)
	g.sessions = append(g.sessions, byPlace(home))
	g.home, g.abroad = append(g.home, home...), append(g.abroad, abroad...)
	g.own.Libraries = append(g.own.Libraries, o.Libraries...)
}

// TakenNear reports whether a notebook that shares a session with this one, as
// it is run there, may use a name.
func (res *Result) TakenNear(name string) bool {
	for _, root := range res.Around.Roots(res.Doc.Path) {
		for _, path := range res.Around.Session(root) {
			if path == res.Doc.Path {
				continue
			}
			if doc := res.Around.Open(path); doc == nil || bytes.Contains(doc.File.Bytes(), []byte(name)) {
				return true
			}
		}
	}
	return false
}

// place is a request in a file, in any session.
type place struct {
	raw    span.Span
	client string
}

func placeOf(r *facts.Request) place { return place{r.Unit.Text.Raw(r.Span), r.Client} }

func byPlace(rs []*facts.Request) map[place][]*facts.Request {
	out := map[place][]*facts.Request{}
	for _, r := range rs {
		out[placeOf(r)] = append(out[placeOf(r)], r)
	}
	return out
}

// split divides requests into those of a document and the others.
func split(doc *notebooks.Document, rs []*facts.Request) (home, abroad []*facts.Request) {
	for _, r := range rs {
		if r.Unit.Doc == doc {
			home = append(home, r)
		} else {
			abroad = append(abroad, r)
		}
	}
	return home, abroad
}

func keep[T any](all []T, ok func(T) bool) []T {
	var out []T
	for _, x := range all {
		if ok(x) {
			out = append(out, x)
		}
	}
	return out
}

// merge are the requests at one place of the document.
func (g *gatherer) merge(at place, own []*facts.Request) []*facts.Request {
	if len(own) > 0 && decided(own) {
		for i, r := range own {
			if shares(r) && fixable(r) && slices.ContainsFunc(g.sessions, func(s map[place][]*facts.Request) bool { return !contains(s[at], r) }) {
				own[i] = withSite(r, func(s *facts.Site) { s.Refuse = differs })
			}
			if shares(r) && fixable(r) && byArgument(r) {
				own[i] = withSite(r, func(s *facts.Site) {
					s.Unsafe = "the address may be set by an argument of the notebook, so that another host would get a token"
				})
			}
		}
		return own
	}
	var out []*facts.Request
	same := !g.cut
	for i, s := range g.sessions {
		for _, r := range s[at] {
			if !contains(out, r) {
				out = append(out, r)
				same = same && i == 0
			}
		}
		same = same && len(s[at]) > 0
	}
	if len(out) == 0 {
		return own
	}
	if same && len(out) == 1 {
		if r := out[0]; shares(r) && fixable(r) && r.Site.Unsafe == "" {
			out[0] = withSite(r, func(s *facts.Site) {
				s.Unsafe = "the address comes from the notebooks that run this one, and another may give another"
			})
		}
		return out
	}
	for i, r := range out {
		if fixable(r) {
			out[i] = withSite(r, func(s *facts.Site) {
				s.Refuse = differs
				if g.cut {
					s.Refuse = "more notebooks run this one than are looked at, and it may not be right for all of them"
				}
			})
		}
	}
	return out
}

const differs = "the notebooks that run this one give it different addresses, headers or clients, so that a token may not be right for all"

func fixable(r *facts.Request) bool { return r.Site != nil && r.Site.Refuse == "" }

// withSite is the request with a site that is changed.
func withSite(r *facts.Request, change func(*facts.Site)) *facts.Request {
	out, site := *r, *r.Site
	change(&site)
	out.Site = &site
	return &out
}

// shares reports whether a request is sent by code of a session whose language
// does not look at what other notebooks may do with its functions.
func shares(r *facts.Request) bool {
	l := outermost(r.Unit).Language
	return l != notebooks.Python && languages[l].session
}

func outermost(u *facts.Unit) *facts.Unit {
	for u.Parent != nil {
		u = u.Parent
	}
	return u
}

// byArgument reports whether an argument of the notebook sets the host of a
// request.
func byArgument(r *facts.Request) bool {
	for _, values := range outermost(r.Unit).Widgets {
		for _, w := range values {
			for _, v := range r.URLs {
				if len(v) > 0 && len(w) > 0 && v[0].Source.Text != nil && v[0].Source == w[0].Source {
					return true
				}
			}
		}
	}
	return false
}

// decided reports whether it is known what requests send and where.
func decided(rs []*facts.Request) bool {
	for _, r := range rs {
		if goal, _ := reach(r); goal == imds.Undecided || r.Token == facts.TokenUnknown {
			return false
		}
	}
	return true
}

// contains reports whether one of rs says the same as r and is fixed in the
// same way.
func contains(rs []*facts.Request, r *facts.Request) bool {
	goal, target := reach(r)
	for _, o := range rs {
		g, t := reach(o)
		if g == goal && t.Token == target.Token && o.Token == r.Token && o.Misuse == r.Misuse && o.Fallback == r.Fallback &&
			o.Crosses == r.Crosses && (o.Site == nil) == (r.Site == nil) && (r.Site == nil || sameSite(o.Site, r.Site)) {
			return true
		}
	}
	return false
}

func sameSite(a, b *facts.Site) bool {
	return a.Recipe == b.Recipe && a.Shape == b.Shape && a.Guard == b.Guard && a.Refuse == b.Refuse && a.Unsafe == b.Unsafe &&
		maps.Equal(a.Vars, b.Vars) && maps.Equal(a.Anchors, b.Anchors)
}
