// Package python turns Python code into facts: requests with folded URLs and
// decided headers, code nested in strings, library uses, mentions. The units
// of one session (the Python cells of a notebook, in order) are analysed
// together, since names live on from cell to cell.
//
// It knows no rule and decides no fix; it says what the code does as far as
// that can be known, and where text may be put.
package python

import (
	"sync"

	"github.com/imdsscan/imdsscan/analyzer/facts"
	"github.com/imdsscan/imdsscan/analyzer/imds"
	"github.com/imdsscan/imdsscan/analyzer/treesitter"
	"github.com/imdsscan/imdsscan/rules"
)

type node = treesitter.Node

// module is a session of units that share one global namespace, and what is
// known of it so far.
type module struct {
	units []*facts.Unit
	trees []*treesitter.Tree // nil where a unit has no tree at all
	// unitOf gives the place of a tree's unit in units.
	unitOf map[*treesitter.Tree]int
	facts  *facts.Facts
	table  *rules.Python

	// What names there are: the scope of each node, scopes by definition,
	// modules imported with *.
	globals    *scope
	scopeCount int
	scopes     [][]*scope
	owned      map[node]*scope
	wildcards  []string
	// What changes objects: assignments to attributes by name, to items, and
	// calls that change their object by its key.
	attributes map[string][]*binding
	subscripts []*binding
	changes    map[string][]*change
	// Who calls whom.
	callsByName  map[string][]node
	passedByName map[string][]node
	passedByKey  map[string][]node
	usesByName   map[string][]node

	// Answers, each found once.
	defsMemo  map[ref]defsResult
	evalMemo  map[ref][]imds.Value
	namesMemo map[ref][]string
	frames    map[frameKey]*frame
	// byDefault stands for a call that is not seen and gives no argument.
	byDefault  *frame
	callsMemo  map[callsKey][]*frame
	changeMemo map[string][]*change
	siteMemo   map[node]*callSite
	sitesMemo  map[node][]*callSite
	returnMemo map[node][]node
	// open are the questions being answered, so that a cycle ends.
	open map[question]bool
	// used are all names in use and isOld is whether Python 2 matters, for the
	// sites of fixes.
	used  map[string]bool
	isOld *bool
	// filled are the places where texts are filled in as templates, by name.
	filled map[string][]node
	// knowing are the calls that ask for a token or send one.
	knowing map[node]bool
	// found are the requests with what the later passes need.
	found []*found
	// depth and steps bound the work on hostile code; a session gets steps for
	// its size.
	depth, steps, maxSteps int
}

// question is what is being found out of an expression.
type question struct {
	about string
	r     ref
}

// ask marks a question as being answered; it reports false when it is already.
func (m *module) ask(about string, r ref) bool {
	q := question{about, r}
	if m.open[q] || m.depth > maxDepth || m.steps > m.maxSteps {
		return false
	}
	m.open[q] = true
	m.depth++
	m.steps++
	return true
}

func (m *module) answered(about string, r ref) {
	delete(m.open, question{about, r})
	m.depth--
}

var loadTable = sync.OnceValues(rules.LoadPython)

// Analyze gives the facts of a session: the Python units that share a
// namespace, in the order they run.
func Analyze(units []*facts.Unit) *facts.Facts { return Open(units).Facts }

func newModule(units []*facts.Unit) *module {
	table, err := loadTable()
	if err != nil {
		// The table is embedded and a test loads it.
		panic(err)
	}
	m := &module{
		units: units, unitOf: map[*treesitter.Tree]int{}, facts: &facts.Facts{}, table: table,
		scopes: make([][]*scope, len(units)), owned: map[node]*scope{},
		attributes: map[string][]*binding{}, changes: map[string][]*change{},
		callsByName: map[string][]node{}, passedByName: map[string][]node{}, passedByKey: map[string][]node{}, usesByName: map[string][]node{},
		defsMemo: map[ref]defsResult{}, evalMemo: map[ref][]imds.Value{}, namesMemo: map[ref][]string{},
		frames: map[frameKey]*frame{}, siteMemo: map[node]*callSite{}, sitesMemo: map[node][]*callSite{},
		returnMemo: map[node][]node{}, open: map[question]bool{},
		callsMemo: map[callsKey][]*frame{}, changeMemo: map[string][]*change{},
		byDefault: &frame{},
	}
	m.globals = m.newScope(moduleScope, nil, node{})
	for i, u := range units {
		tree, err := treesitter.Parse(treesitter.Python, u.Text.Bytes())
		m.trees = append(m.trees, tree)
		if err != nil {
			m.facts.Broken = append(m.facts.Broken, facts.Broken{Unit: u, Span: u.Text.All(), Reason: err.Error()})
			continue
		}
		m.unitOf[tree] = i
		m.buildScopes(i)
	}
	m.maxSteps = 200_000
	for _, tree := range m.trees {
		if tree != nil {
			m.index(tree)
			m.maxSteps += 50 * tree.Len()
		}
	}
	m.indexSubscripts()
	return m
}

// unit is the unit that n stands in.
func (m *module) unit(n node) *facts.Unit { return m.units[m.unitOf[n.Tree()]] }

// run visits every call once and lets each part of the package look at it.
func (m *module) run() {
	m.eachCall(func(call node, name string) {
		m.requestFromCall(call, name)
		m.nestedFromCall(call, name)
		m.libraryFromCall(call, name)
		m.pinFromCall(call, name)
		m.runFromCall(call)
	})
	m.finish()
	m.fallbacks()
	m.crossings()
	m.sites()
	m.mentions()
	m.broken()
}

// sites asks for the fix of each request that sends no token.
func (m *module) sites() {
	for _, f := range m.found {
		switch r := f.req; {
		case r.Site != nil || r.Token != facts.TokenAbsent || f.asksToken || f.otherCloud:
		case f.passed:
			r.Site = m.passedSite(f)
		case f.mixed:
			r.Site = &facts.Site{Refuse: "the same call also sends other requests: for a token, with one, or to another cloud"}
		case len(f.others) > 0:
			r.Site = m.site(f)
			m.keepFromOthers(r.Site, f.others)
		default:
			r.Site = m.site(f)
		}
	}
}

// keepFromOthers restricts the fix of a call that also asks other hosts.
func (m *module) keepFromOthers(site *facts.Site, others []imds.Value) {
	if site == nil || site.Refuse != "" {
		return
	}
	for _, v := range others {
		if text, _ := v.Prefix(); text != "" {
			site.Refuse = "the call also goes to " + v.String() + ", which must not get a token"
			return
		}
	}
	if site.Unsafe == "" {
		site.Unsafe = "the address may be set from outside, so that another host would get a token"
	}
}

// broken reports the parts that could not be parsed.
func (m *module) broken() {
	for i, tree := range m.trees {
		if tree == nil || !tree.Root().HasError() {
			continue
		}
		for j := 0; j < tree.Len(); j++ {
			if n := tree.At(j); n.IsError() {
				m.facts.Broken = append(m.facts.Broken, facts.Broken{Unit: m.units[i], Span: n.Span(), Reason: "not valid Python"})
				j = n.After() - 1
			}
		}
	}
}

// eachCall visits the calls of the session in order.
func (m *module) eachCall(visit func(call node, name string)) {
	for _, tree := range m.trees {
		if tree == nil {
			continue
		}
		for i := range tree.Len() {
			if n := tree.At(i); n.Kind() == "call" {
				visit(n, m.callee(n))
			}
		}
	}
}
