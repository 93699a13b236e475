// Package versions tells whether a version specifier allows versions under a
// floor, over it, or both, in the grammar of its ecosystem, and how it would be
// written to allow only those from the floor on.
//
// It knows no package, no manifest and no rule.
package versions

import (
	"fmt"
	"sync"
	"sync/atomic"
)

// Grammar is how an ecosystem writes versions and ranges of them.
type Grammar string

// The grammars.
const (
	PEP440 Grammar = "pep440" // requirements of Python packages
	Poetry Grammar = "poetry" // the same with ^, ~, * and bare versions
	Conda  Grammar = "conda"
	NPM    Grammar = "npm"
	Maven  Grammar = "maven" // with Gradle's and Ivy's 1.11.+
	CRAN   Grammar = "cran"
	Debian Grammar = "debian"
)

// Reach is which of the versions that a specifier allows reach a floor.
type Reach uint8

const (
	// All of them do, or nothing is pinned.
	All Reach = iota
	// Some do: whoever resolves the specifier decides.
	Some
	// None does.
	None
)

// clause is one condition of a specifier; at and end are where its version
// stands in the text.
type clause struct {
	op      string
	version string
	at, end int
}

// The operators that clauses are reduced to, beside <, <=, >, >= and !=.
const (
	exact      = "==" // this version
	series     = "=*" // versions that begin with this one
	compatible = "~=" // from this one, up to the next of its last component but one
	caret      = "^"  // from this one, up to the next of its first component that is not zero
	tilde      = "~"  // from this one, up to the next of its second component
)

// bound is an end of an interval.
type bound struct {
	version   string
	inclusive bool
	open      bool // there is no bound
}

// Judge tells which of the versions that spec allows reach the floor. An error
// says that spec cannot be read.
func Judge(g Grammar, spec, floor string) (Reach, error) {
	q := question{g, spec, floor}
	if a, ok := judged.Load(q); ok {
		return a.(answer).Reach, a.(answer).err
	}
	reach, err := judge(g, spec, floor)
	if judgedCount.Add(1) <= maxJudged {
		judged.Store(q, answer{reach, err})
	}
	return reach, err
}

// A workspace asks the same of thousands of definitions, so that answers are
// kept, as many as are of use.
var (
	judged      sync.Map // of question to answer
	judgedCount atomic.Int64
)

const maxJudged = 10_000

type question struct {
	g           Grammar
	spec, floor string
}

type answer struct {
	Reach
	err error
}

func judge(g Grammar, spec, floor string) (Reach, error) {
	alternatives, err := parse(g, spec)
	if err != nil {
		return All, err
	}
	above, below := false, false
	for _, clauses := range alternatives {
		a, b, err := sides(g, clauses, floor)
		if err != nil {
			return All, err
		}
		above, below = above || a, below || b
	}
	switch {
	case above && below:
		return Some, nil
	case below:
		return None, nil
	}
	return All, nil
}

// sides reports whether clauses that all hold allow versions from the floor
// on, and versions under it.
func sides(g Grammar, clauses []clause, floor string) (above, below bool, err error) {
	lo, hi := bound{open: true}, bound{open: true}
	for _, c := range clauses {
		l, h, err := interval(c)
		if err != nil {
			return false, false, err
		}
		for _, b := range []bound{l, h} {
			if !b.open && !valid(g, b.version) {
				return false, false, fmt.Errorf("%q is no version", b.version)
			}
		}
		if !l.open && (lo.open || compare(g, l.version, lo.version) > 0) {
			lo = l
		}
		if !h.open && (hi.open || outside(compare(g, hi.version, h.version), h)) {
			hi = h
		}
	}
	if lo.open && hi.open {
		return true, false, nil // nothing is pinned
	}
	if !lo.open && !hi.open {
		if n := compare(g, lo.version, hi.version); n > 0 || n == 0 && !(lo.inclusive && hi.inclusive) {
			return false, false, nil // nothing is allowed
		}
	}
	below = lo.open || compare(g, lo.version, floor) < 0
	above = hi.open
	if !hi.open {
		n := compare(g, hi.version, floor)
		above = n > 0 || n == 0 && hi.inclusive
	}
	return above, below, nil
}

// interval is the range of versions that a clause allows.
func interval(c clause) (lo, hi bound, err error) {
	none := bound{open: true}
	from := bound{version: c.version, inclusive: true}
	upTo := func(n int) (bound, bound, error) {
		v, ok := next(c.version, n)
		if !ok {
			return none, none, fmt.Errorf("%q is no version", c.version)
		}
		return from, bound{version: v}, nil
	}
	switch c.op {
	case exact:
		return from, from, nil
	case ">=":
		return from, none, nil
	case ">":
		return bound{version: c.version}, none, nil
	case "<=":
		return none, from, nil
	case "<":
		return none, bound{version: c.version}, nil
	case "!=":
		return none, none, nil
	case series:
		return upTo(len(components(c.version)))
	case compatible:
		return upTo(len(components(c.version)) - 1)
	case tilde:
		return upTo(min(2, len(components(c.version))))
	case caret:
		parts := components(c.version)
		n := 0
		for n < len(parts)-1 && parts[n] == "0" {
			n++
		}
		return upTo(n + 1)
	}
	return none, none, fmt.Errorf("unknown operator %q", c.op)
}

// Allows reports whether spec allows a version. A specifier that cannot be read
// allows none.
func Allows(g Grammar, spec, version string) bool {
	alternatives, err := parse(g, spec)
	if err != nil {
		return false
	}
	for _, clauses := range alternatives {
		ok := true
		for _, c := range clauses {
			lo, hi, err := interval(c)
			switch {
			case err != nil, c.op == "!=" && compare(g, c.version, version) == 0:
				ok = false
			case !lo.open && outside(compare(g, lo.version, version), lo), !hi.open && outside(compare(g, version, hi.version), hi):
				ok = false
			}
		}
		if ok {
			return true
		}
	}
	return false
}

// Within reports whether spec is one version, and one that a range allows.
func Within(g Grammar, spec, allowed string) bool {
	alternatives, err := parse(g, spec)
	if err != nil || len(alternatives) != 1 || len(alternatives[0]) != 1 || alternatives[0][0].op != exact {
		return false
	}
	return Allows(g, allowed, alternatives[0][0].version)
}

// outside tells a version beyond a bound by how the two compare, smaller end
// first.
func outside(n int, b bound) bool { return n > 0 || n == 0 && !b.inclusive }
