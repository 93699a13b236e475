package rewrite

import (
	"fmt"
	"maps"
	"strconv"
	"strings"

	"github.com/imdsscan/imdsscan/analyzer"
	"github.com/imdsscan/imdsscan/analyzer/facts"
	"github.com/imdsscan/imdsscan/analyzer/imds"
	"github.com/imdsscan/imdsscan/notebooks"
	"github.com/imdsscan/imdsscan/notebooks/span"
	"github.com/imdsscan/imdsscan/rules"
)

// change is one fix as edits of texts.
type change struct {
	fix   *Fix
	edits []edit
	// token is the token statement this change brings, nil when it shares
	// one or carries its own in the guard.
	token *token
	// shares is the change whose token this one uses; it goes when that goes.
	shares *change
}

// edit is an edit of one text.
type edit struct {
	in *span.Text
	span.Edit
}

// token is a session token fetched at a place of a unit.
type token struct {
	unit  *facts.Unit
	place facts.Place
	name  string
	// share tells whether another request would fetch its token in the same way.
	share string
	owner *change
}

// scope renders changes one after the other and knows the tokens and names of
// those before.
type scope struct {
	// pins are the packages that the file asks for: some have to be changed
	// together.
	pins   []*facts.Pin
	tokens []*token
	// kinds says for each token name given out what it holds: one name may
	// serve many places, but always holds the same kind of value.
	kinds map[scopedName]string
	// once are the edits that were made and need not be made again.
	once map[edit]bool
	// res is what is known of the file.
	res *analyzer.Result
}

type scopedName struct {
	scope any
	name  string
}

func newScope(res *analyzer.Result) *scope {
	return &scope{res: res, pins: res.Pins, kinds: map[scopedName]string{}, once: map[edit]bool{}}
}

// render writes a fix down as edits.
func (sc *scope) render(fix *Fix) (*change, error) {
	if fix.Finding.Pin != nil {
		return sc.renderPin(fix)
	}
	return sc.renderRequest(fix)
}

// renderRequest writes a fix of a request down as edits of its unit, sharing
// an earlier token where one serves the same moment.
func (sc *scope) renderRequest(fix *Fix) (*change, error) {
	req := fix.Finding.Request
	site := req.Site
	recipe := rules.GetRecipe(site.Recipe)
	if recipe == nil {
		return nil, fmt.Errorf("there is no recipe %q", site.Recipe)
	}
	c := &change{fix: fix}
	vars := maps.Clone(site.Vars)
	if vars == nil {
		vars = map[string]string{}
	}
	share, err := recipe.ShareKey(vars)
	if err != nil {
		return nil, err
	}
	share += "\x00" + hostOf(req)
	switch t, near := sc.shared(req.Unit, site.Places, share), sc.shared(req.Unit, site.Near, share); {
	case t != nil:
		c.shares, vars["token"] = t.owner, t.name
	case len(site.Places) > 0:
		c.token = &token{unit: req.Unit, place: site.Places[0], name: sc.freshName(recipe, req.Unit, site, recipe.Kind), share: share, owner: c}
		vars["token"] = c.token.name
		if c.token.place.At == site.Anchors["call"].Start {
			vars["gap"] = "" // the token statement stands between
		}
	case near != nil:
		c.shares, vars["token"] = near.owner, near.name
		guarded := *site
		guarded.Guard = site.NearGuard
		site = &guarded
	case recipe.Helper != "":
		vars["token"] = sc.freshName(recipe, req.Unit, site, share)
	case recipe.Declares:
		vars["token"] = recipe.Token // nothing is declared here
	default:
		vars["token"] = sc.freshName(recipe, req.Unit, site, recipe.Kind)
	}
	if vars, err = recipe.Fill(vars); err != nil {
		return nil, err
	}
	lines, err := recipe.SetupLines(vars)
	if err != nil {
		return nil, err
	}
	if t := c.token; t != nil {
		setup := strings.Join(lines, t.place.Separator) + t.place.Separator
		c.edits = append(c.edits, edit{req.Unit.Text, span.Edit{Span: span.Span{Start: t.place.At, End: t.place.At}, New: setup}})
		sc.tokens = append(sc.tokens, t)
	}
	vars["setup"] = strings.Join(lines, "; ")
	edits, err := recipeEdits(recipe, site)
	if err != nil {
		return nil, err
	}
	for _, e := range edits {
		ed, err := place(e, site, vars)
		if err != nil {
			return nil, fmt.Errorf("recipe %s: %w", recipe.ID, err)
		}
		c.add(sc, edit{req.Unit.Text, ed}, e.Once)
	}
	return c, nil
}

// add adds an edit; one that fixes make together only once.
func (c *change) add(sc *scope, e edit, once bool) {
	if once && sc.once[e] {
		return
	}
	sc.once[e] = once
	c.edits = append(c.edits, e)
}

// hostOf is the spelling of the service's address in a request. One may work
// on a machine where another does not (an IPv6 address, a name), so that
// requests share a token only within a spelling.
func hostOf(req *facts.Request) string {
	for _, v := range req.URLs {
		if k := imds.Classify(v).Kind; k != imds.AWS && k != imds.Undecided {
			continue
		}
		if base, ok := imds.Base(v); ok {
			return base
		}
	}
	return ""
}

// recipeEdits are the edits of the variants that the site picks.
func recipeEdits(r *rules.Recipe, site *facts.Site) ([]rules.RecipeEdit, error) {
	var out []rules.RecipeEdit
	for _, e := range r.Imports {
		if name, _ := e.Anchor(); site.Anchors[name] != (span.Span{}) {
			out = append(out, e)
		}
	}
	if guard, ok := r.Guards[site.Guard]; ok {
		out = append(out, guard...)
	} else if site.Guard != "none" {
		return nil, fmt.Errorf("recipe %s has no guard %q", r.ID, site.Guard)
	}
	shape, ok := r.Shapes[site.Shape]
	if !ok {
		return nil, fmt.Errorf("recipe %s has no shape %q", r.ID, site.Shape)
	}
	for _, e := range shape {
		if !e.Each {
			out = append(out, e)
			continue
		}
		name, side := e.Anchor()
		for i := 1; site.Anchors[name+strconv.Itoa(i)] != (span.Span{}); i++ {
			out = append(out, rules.EditAt(name+strconv.Itoa(i), side, e.Text))
		}
	}
	if r.Helper != "" {
		out = append(out, rules.RecipeEdit{After: "members", Text: helperText(r.Helper), Once: true})
	}
	return out, nil
}

// helperText is a recipe's helper as a member of its own, indented like those
// around it.
func helperText(helper string) string {
	const step = "    "
	var b strings.Builder
	for _, line := range strings.Split(strings.TrimRight(helper, "\n"), "\n") {
		b.WriteString("\n{{.indent}}")
		for strings.HasPrefix(line, step) {
			b.WriteString("{{.step}}")
			line = line[len(step):]
		}
		b.WriteString(line)
	}
	return "\n" + b.String()
}

// shared finds a token that is fetched before the request in one of the
// statement lists around it, in the same way.
func (sc *scope) shared(u *facts.Unit, places []facts.Place, share string) *token {
	for _, p := range places {
		for _, t := range sc.tokens {
			if t.unit == u && t.place.List == p.List && t.place.At <= p.At && t.share == share && !sc.replaced(t, p.At) {
				return t
			}
		}
	}
	return nil
}

// replaced is true when another token takes the name between a token and a
// place that would use it.
func (sc *scope) replaced(t *token, at int) bool {
	for _, o := range sc.tokens {
		if o.unit == t.unit && o.name == t.name && o.place.At > t.place.At && o.place.At <= at {
			return true
		}
	}
	return false
}

// freshName is the recipe's name for the token, or that with a number, so that
// it meets no name of the user's and no token of another kind.
func (sc *scope) freshName(r *rules.Recipe, u *facts.Unit, site *facts.Site, kind string) string {
	var in any = u
	if site.Scope != nil {
		in = site.Scope
	}
	free := func(name string) bool {
		other, used := sc.kinds[scopedName{in, name}]
		return !site.Names[name] && (!used || other == kind && !r.Declares) &&
			(u.Language == notebooks.Shell || !sc.res.TakenNear(name))
	}
	name := r.Token
	for n := 2; !free(name); n++ {
		name = r.Token + "_" + strconv.Itoa(n)
	}
	sc.kinds[scopedName{in, name}] = kind
	return name
}

func place(e rules.RecipeEdit, site *facts.Site, vars map[string]string) (span.Edit, error) {
	name, side := e.Anchor()
	a, ok := site.Anchors[name]
	if !ok {
		return span.Edit{}, fmt.Errorf("the site has no anchor %q", name)
	}
	text, err := rules.Render(e.Text, vars)
	if err != nil {
		return span.Edit{}, err
	}
	switch side {
	case rules.Before:
		a.End = a.Start
	case rules.After:
		a.Start = a.End
	}
	return span.Edit{Span: a, New: text}, nil
}
