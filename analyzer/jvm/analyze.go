// Package jvm turns Scala and Java code into facts: requests with folded URLs
// and decided headers, code nested in strings, mentions. The units of one
// session (the Scala cells of a notebook, in order) are analysed together,
// since names live on from cell to cell.
//
// The two languages share everything but their grammars, whose differences
// stay in syntax.go. The package knows no rule and decides no fix.
package jvm

import (
	"bytes"
	"regexp"
	"strings"
	"sync"

	"github.com/imdsscan/imdsscan/analyzer/facts"
	"github.com/imdsscan/imdsscan/analyzer/imds"
	"github.com/imdsscan/imdsscan/analyzer/treesitter"
	"github.com/imdsscan/imdsscan/notebooks"
	"github.com/imdsscan/imdsscan/rules"
)

type node = treesitter.Node

// module is a session of units that share one namespace, and what is known of
// it so far.
type module struct {
	units []*facts.Unit
	trees []*treesitter.Tree // nil where a unit has no tree at all
	// unitOf gives the place of a tree's unit in units.
	unitOf map[*treesitter.Tree]int
	facts  *facts.Facts
	table  *rules.JVM
	// stepNames are the methods that are a step of any class, clientNames the
	// last words of what may be given a URL.
	stepNames, clientNames map[string]bool

	// What names there are: the scope of each node, scopes by definition,
	// classes and objects by name, assignments, bindings by value.
	globals  *scope
	scopes   [][]*scope
	owned    map[node]*scope
	opened   []*scope // the same in the order of the code
	classes  map[string][]*scope
	assigned []node
	byValue  map[node][]*binding
	// extending are the classes that extend one, by its name.
	extending map[string][]*scope
	// Who calls whom, and where names are used.
	calls        []*call
	callsByName  map[string][]*call
	passedByName map[string][]node
	usesByName   map[string][]node

	// Answers, each found once.
	callMemo      map[node]*call
	nameMemo      map[node][]string
	typeMemo      map[ref]string
	defsMemo      map[ref]defsResult
	evalMemo      map[ref][]imds.Value
	instanceMemo  map[ref][]instance
	functionMemo  map[ref][]node
	siteMemo      map[node]*callSite
	sitesMemo     map[node][]*callSite
	returnMemo    map[node][]node
	callsMemo     map[callsKey][]*frame
	useMemo       map[*binding][]node
	basesMemo     map[*scope][]string
	inheritedMemo map[inheritedName]*scope
	frames        map[frameKey]*frame
	// open are the expressions and following the variables being looked at,
	// so that a cycle ends.
	open      map[ref]bool
	following map[varUse]bool
	// found are the requests with what the later passes need.
	found []*found
	// used are all names of the session, found when a fix needs one.
	used map[string]bool
	// knowing are the calls that ask for a token or send one.
	knowing map[node]bool
	// depth and steps bound the work on hostile code; a session gets steps for
	// its size.
	depth, steps, maxSteps int
}

var loadTable = sync.OnceValues(rules.LoadJVM)

// Analyze gives the facts of a session: the units that share a namespace, in
// the order they run. All are of one language.
func Analyze(units []*facts.Unit) *facts.Facts {
	m := newModule(units)
	m.run()
	return m.facts
}

func newModule(units []*facts.Unit) *module {
	table, err := loadTable()
	if err != nil {
		panic(err) // the table is embedded and a test loads it
	}
	m := &module{
		units: units, unitOf: map[*treesitter.Tree]int{}, facts: &facts.Facts{}, table: table, stepNames: map[string]bool{}, clientNames: map[string]bool{},
		scopes: make([][]*scope, len(units)), owned: map[node]*scope{}, classes: map[string][]*scope{}, byValue: map[node][]*binding{},
		callsByName: map[string][]*call{}, passedByName: map[string][]node{}, usesByName: map[string][]node{},
		callMemo: map[node]*call{}, nameMemo: map[node][]string{}, typeMemo: map[ref]string{}, defsMemo: map[ref]defsResult{},
		evalMemo: map[ref][]imds.Value{}, instanceMemo: map[ref][]instance{}, functionMemo: map[ref][]node{},
		siteMemo: map[node]*callSite{}, sitesMemo: map[node][]*callSite{}, returnMemo: map[node][]node{},
		callsMemo: map[callsKey][]*frame{}, useMemo: map[*binding][]node{}, basesMemo: map[*scope][]string{}, inheritedMemo: map[inheritedName]*scope{}, frames: map[frameKey]*frame{},
		open: map[ref]bool{}, following: map[varUse]bool{},
	}
	for _, c := range table.Classes {
		for name, step := range c.Steps {
			m.stepNames[name] = true
			m.clientNames[name] = m.clientNames[name] || step.URL.Given()
		}
	}
	for name := range table.Calls {
		m.clientNames[lastWord(name)] = true
	}
	for name := range table.Aliases {
		m.clientNames[lastWord(name)] = true
	}
	m.globals = newScope(sessionScope, nil, node{})
	m.maxSteps = 200_000
	for i, u := range units {
		tree, err := parse(u)
		m.trees = append(m.trees, tree)
		if err != nil {
			m.facts.Broken = append(m.facts.Broken, facts.Broken{Unit: u, Span: u.Text.All(), Reason: err.Error()})
			continue
		}
		m.unitOf[tree] = i
		m.buildScopes(i)
		m.maxSteps += 50 * tree.Len()
	}
	for _, s := range m.opened {
		if isClass(s.def) {
			name := s.def.Field("name").Text()
			m.classes[name] = append(m.classes[name], s)
		}
	}
	m.bindAssigned()
	m.index()
	return m
}

// parse parses a unit.
func parse(u *facts.Unit) (*treesitter.Tree, error) {
	if u.Language == notebooks.Java {
		return treesitter.Parse(treesitter.Java, u.Text.Bytes())
	}
	return treesitter.Parse(treesitter.Scala, forGrammar(u.Text.Bytes()))
}

// forGrammar writes what the grammar of Scala reads wrongly in another way that
// changes no position: `$"col"` is an interpolated string, and a line that ends
// with a plus sign goes on.
func forGrammar(src []byte) []byte {
	if !bytes.Contains(src, []byte(`$"`)) && !bytes.Contains(src, []byte(" +")) {
		return src
	}
	src = bytes.Clone(src)
	for i := 0; i+1 < len(src); i++ {
		if src[i] == '$' && src[i+1] == '"' && (i == 0 || strings.IndexByte(" \t\n(,=!{&|", src[i-1]) >= 0) {
			src[i] = 'S'
		}
	}
	for _, at := range goesOn.FindAllIndex(src, -1) {
		for i := at[0]; i < at[1]; i++ {
			if src[i] == '\n' || src[i] == '\r' {
				src[i] = ' '
			}
		}
	}
	return src
}

// goesOn is the end of a line that goes on in the next one: a plus sign behind
// a text, a name or a bracket, before another.
var goesOn = regexp.MustCompile(`["\w)] \+[ \t]*\r?\n[ \t]*[srf"(\w]`)

// unit is the unit that n stands in.
func (m *module) unit(n node) *facts.Unit { return m.units[m.unitOf[n.Tree()]] }

func (m *module) isJava(n node) bool { return m.unit(n).Language == notebooks.Java }

// index notes who calls whom and where names are used.
func (m *module) index() {
	for _, tree := range m.trees {
		if tree == nil {
			continue
		}
		for i := range tree.Len() {
			n := tree.At(i)
			switch n.Kind() {
			case "identifier":
				m.usesByName[n.Text()] = append(m.usesByName[n.Text()], n)
				if p := n.Parent(); p.Is("arguments", "argument_list", "method_reference", "postfix_expression", "block") {
					m.passedByName[n.Text()] = append(m.passedByName[n.Text()], n)
				}
				continue
			}
			if c, ok := m.callAt(n); ok {
				m.calls = append(m.calls, c)
				_, last := cutLast(c.name)
				m.callsByName[last] = append(m.callsByName[last], c)
			}
		}
	}
}

// run visits every call once and lets each part of the package look at it.
func (m *module) run() {
	for _, c := range m.calls {
		if m.clientNames[lastWord(c.name)] {
			m.requestFromCall(c)
		}
		m.runFromCall(c)
		m.libraryFromCall(c)
	}
	m.fallbacks()
	m.crossings()
	m.sites()
	m.processes()
	m.nestScripts()
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
			if n := tree.At(j); n.IsError() {
				m.facts.Broken = append(m.facts.Broken, facts.Broken{Unit: m.units[i], Span: n.Span(), Reason: "not valid " + m.units[i].Language.Title()})
				j = n.After() - 1
			}
		}
	}
}
