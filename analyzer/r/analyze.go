// Package r turns R code into facts: requests with folded URLs and decided
// headers, code nested in strings, library uses, mentions. The units of one
// session (the R cells of a notebook, in order) are analysed together, since
// names live on from cell to cell.
//
// It knows no rule and decides no fix; it says what the code does as far as
// that can be known, and where text may be put.
package r

import (
	"sync"

	"github.com/imdsscan/imdsscan/analyzer/facts"
	"github.com/imdsscan/imdsscan/analyzer/imds"
	"github.com/imdsscan/imdsscan/analyzer/treesitter"
	"github.com/imdsscan/imdsscan/rules"
)

type node = treesitter.Node

// module is a session of units that share one global environment, and what is
// known of it so far.
type module struct {
	units  []*facts.Unit
	trees  []*treesitter.Tree // nil where a unit has no tree at all
	unitOf map[*treesitter.Tree]int
	facts  *facts.Facts
	table  *rules.R

	// calls are the calls of the session in order, pipes into a bare function
	// name among them.
	calls []*call
	// callOf finds a call by its node.
	callAt map[node]*call
	// attached are the packages that library() and its like attach.
	attached map[string]bool
	// whole are those of which all names can be used bare.
	whole map[string]bool

	globals *scope
	scopes  map[node]*scope // by function_definition
	fields  map[string][]*binding
	// callsByName are the calls of a bare function name, usesByName all its
	// other uses.
	callsByName map[string][]*call
	usesByName  map[string][]node

	// Answers, each found once.
	evalMemo   map[ref][]imds.Value
	frameMemo  map[frameKey]*frame
	siteMemo   map[node][]*site
	sitesMemo  map[siteKey]*site
	aroundMemo map[aroundKey][]*frame
	// open are the questions being answered, so that a cycle ends; depth and
	// steps bound the work on hostile code.
	open         map[question]bool
	depth, steps int
	maxSteps     int

	found []*found
	// knowing are the calls that ask for a token or send one, and the calls of
	// functions that hold such calls.
	knowing map[node]bool
	names   map[string]bool // all names in use
	// segments are the parts of statement lists between pauses.
	segments map[node]segment
}

type question struct {
	about string
	r     ref
}

// ask marks a question as being answered; it reports false when it is already,
// or when enough was asked.
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

var loadTable = sync.OnceValues(rules.LoadR)

// Analyze gives the facts of a session: the R units that share a global
// environment, in the order they run.
func Analyze(units []*facts.Unit) *facts.Facts {
	table, err := loadTable()
	if err != nil {
		panic(err) // the table is embedded and a test loads it
	}
	m := &module{
		units: units, unitOf: map[*treesitter.Tree]int{}, facts: &facts.Facts{}, table: table,
		callAt: map[node]*call{}, attached: map[string]bool{}, whole: map[string]bool{}, segments: map[node]segment{}, scopes: map[node]*scope{}, fields: map[string][]*binding{},
		callsByName: map[string][]*call{}, usesByName: map[string][]node{},
		evalMemo: map[ref][]imds.Value{}, frameMemo: map[frameKey]*frame{}, siteMemo: map[node][]*site{}, sitesMemo: map[siteKey]*site{},
		aroundMemo: map[aroundKey][]*frame{},
		open:       map[question]bool{}, knowing: map[node]bool{}, names: map[string]bool{}, maxSteps: 100_000,
	}
	m.globals = &scope{names: map[string][]*binding{}}
	for _, lib := range table.Libraries {
		m.attached[lib.Library] = lib.Attached
	}
	for i, u := range units {
		tree, err := treesitter.Parse(treesitter.R, u.Text.Bytes())
		m.trees = append(m.trees, tree)
		if err != nil {
			m.facts.Broken = append(m.facts.Broken, facts.Broken{Unit: u, Span: u.Text.All(), Reason: err.Error()})
			continue
		}
		m.unitOf[tree] = i
		m.maxSteps += 50 * tree.Len()
	}
	for _, tree := range m.trees {
		if tree != nil {
			m.index(tree)
		}
	}
	m.run()
	return m.facts
}

// unit is the unit that n stands in.
func (m *module) unit(n node) *facts.Unit { return m.units[m.unitOf[n.Tree()]] }

// run lets each part of the package look at the session.
func (m *module) run() {
	for _, c := range m.calls {
		m.requestFromCall(c)
		m.requestFromSocket(c)
		m.nestedFromCall(c)
		m.libraryFromCall(c)
		m.pinFromCall(c)
		m.runFromCall(c)
	}
	m.scripts()
	m.fallbacks()
	m.crossings()
	m.sites()
	m.mentions()
	m.broken()
}

// broken reports the parts that could not be parsed.
func (m *module) broken() {
	for i, tree := range m.trees {
		if tree == nil || !tree.Root().HasError() {
			continue
		}
		for j := 0; j < tree.Len(); j++ {
			n := tree.At(j)
			if n.IsMissing() {
				n = n.Parent() // a string or a list that is not closed
			}
			if n.IsError() || n != tree.At(j) {
				m.facts.Broken = append(m.facts.Broken, facts.Broken{Unit: m.units[i], Span: n.Span(), Reason: "not valid R"})
				j = max(j, n.After()-1)
			}
		}
	}
}

// source is where an expression is written.
func (m *module) source(n node) imds.Source { return imds.Source{Text: m.unit(n).Text, Span: n.Span()} }

// before is the order in which code is written, over the cells.
func (m *module) before(a, b node) bool {
	if i, j := m.unitOf[a.Tree()], m.unitOf[b.Tree()]; i != j {
		return i < j
	}
	return a.Index() < b.Index()
}
