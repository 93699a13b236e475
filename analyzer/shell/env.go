package shell

import (
	"github.com/imdsscan/imdsscan/analyzer/imds"
	"github.com/imdsscan/imdsscan/notebooks/span"
)

// maxAlternatives bounds what one variable may be; beyond it is unknown.
const maxAlternatives = 8

// variable is what a name holds as far as the flow of the script tells.
type variable struct {
	// vals are the values it may have.
	vals []imds.Value
	// elems are the elements of an array, keys their subscripts.
	elems []imds.Value
	keys  []string
	array bool
	// overridable is true for ${NAME:-default}: the environment may differ.
	overridable bool
	// def is where it is set, empty for the environment's.
	def span.Span
}

func (v *variable) same(o *variable) bool {
	if v == o {
		return true
	}
	if v == nil || o == nil || v.array || o.array || len(v.vals) != len(o.vals) {
		return false
	}
	for i := range v.vals {
		if v.vals[i].String() != o.vals[i].String() {
			return false
		}
	}
	return true
}

// env holds the variables at a point of the script; a fork sees what is
// outside and keeps its own changes to itself.
type env struct {
	outer *env
	vars  map[string]*variable
	// args are the positional parameters of the function that runs; frame is
	// true where a function starts, local its own names.
	args  []field
	frame bool
	known bool // args are known
	mixed bool // args are shifted on a condition: each may be any of them
	local map[string]bool
}

func (e *env) fork() *env { return &env{outer: e} }

func (e *env) get(name string) *variable {
	for ; e != nil; e = e.outer {
		if v, ok := e.vars[name]; ok {
			return v
		}
	}
	return nil
}

func (e *env) set(name string, v *variable) {
	if e.vars == nil {
		e.vars = map[string]*variable{}
	}
	e.vars[name] = v
}

func (e *env) positional() *env {
	for ; e != nil; e = e.outer {
		if e.frame {
			return e
		}
	}
	return nil
}

// join keeps what all branches may have left behind. A nil branch is one that
// never comes here; e itself counts where a branch may be skipped.
func (e *env) join(skipped bool, branches ...*env) {
	names := map[string]bool{}
	for _, b := range branches {
		if b != nil {
			for n := range b.vars {
				names[n] = true
			}
		}
	}
	for n := range names {
		var all []*variable
		if skipped {
			all = append(all, e.get(n))
		}
		for _, b := range branches {
			if b != nil {
				all = append(all, b.get(n))
			}
		}
		e.set(n, either(n, all))
	}
}

// either is the variable that is one of all.
func either(name string, all []*variable) *variable {
	out := all[0]
	for _, v := range all[1:] {
		if out.same(v) {
			continue
		}
		if out == nil {
			out = unknownVar(name)
		}
		if v == nil {
			v = unknownVar(name)
		}
		if out.array || v.array {
			return unknownVar(name)
		}
		out = &variable{vals: alternatives(append(append([]imds.Value(nil), out.vals...), v.vals...), name),
			overridable: out.overridable || v.overridable, def: later(out.def, v.def)}
	}
	return out
}

func later(a, b span.Span) span.Span {
	if b.End > a.End {
		return b
	}
	return a
}

func unknownVar(name string) *variable {
	return &variable{vals: []imds.Value{imds.Unknown("$" + name)}}
}

// alternatives drops doubles and gives up where there are too many.
func alternatives(vals []imds.Value, name string) []imds.Value {
	seen := map[string]bool{}
	var out []imds.Value
	for _, v := range vals {
		if s := v.String(); !seen[s] {
			seen[s] = true
			out = append(out, v)
		}
	}
	if len(out) > maxAlternatives {
		return []imds.Value{imds.Unknown("$" + name)}
	}
	return out
}
