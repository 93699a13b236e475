package jvm

import (
	"strings"

	"github.com/imdsscan/imdsscan/analyzer/facts"
)

// executorMethods are the methods that run a function on the executors and
// that only an RDD or a Dataset has.
var executorMethods = map[string]bool{
	"mapPartitions": true, "mapPartitionsWithIndex": true, "foreachPartition": true, "mapValues": true, "flatMapValues": true,
	"reduceByKey": true, "aggregateByKey": true, "combineByKey": true, "flatMapGroups": true, "mapGroups": true,
	"mapGroupsWithState": true, "foreachRDD": false, "mapPartitionsInternal": true, "mapToPair": true, "flatMapToPair": true,
}

// sharedMethods are those that collections have as well.
var sharedMethods = map[string]bool{"map": true, "flatMap": true, "filter": true, "foreach": true, "collect": true, "mapToDouble": true, "groupBy": true, "sortBy": true}

// hosts tells code that runs on the executors from code of the driver.
type hosts struct {
	// given are the functions given to udf or to a method of an RDD or a
	// Dataset, reached all functions they call as well.
	given, reached map[node]bool
}

type host uint8

const (
	onDriver host = iota
	onExecutors
	onEither
)

// of is the host that n runs on when its function is called as in.
func (h hosts) of(m *module, n node, in *frame) host {
	for at, f := n, in; ; f = f.up {
		if inside(at, h.given) {
			return onExecutors
		}
		if f == nil {
			if inside(at, h.reached) {
				return onEither
			}
			return onDriver
		}
		at = f.site.n
	}
}

func inside(n node, set map[node]bool) bool {
	for ; n.OK(); n = n.Parent() {
		if set[n] {
			return true
		}
	}
	return false
}

// crossings marks requests on executors whose token was fetched on the
// driver: it is valid only on the instance that gave it out.
func (m *module) crossings() {
	if len(m.knowing) == 0 {
		return
	}
	h := m.remoteFunctions()
	if len(h.given) == 0 {
		return
	}
	for _, f := range m.found {
		if f.req.Token != facts.TokenPresent {
			continue
		}
		for _, o := range f.group {
			if h.of(m, o.f.call.n, o.f.in) != onExecutors {
				continue
			}
			for _, src := range m.tokenSources(o.f.token) {
				if h.of(m, src.n, src.in) == onDriver {
					f.req.Crosses = "the token is fetched on the driver, but this code runs on executors, where it is not valid"
				}
			}
		}
	}
}

// tokenSources are the calls that fetch the token an expression holds.
func (m *module) tokenSources(r ref) []ref {
	var out []ref
	m.sources(r, func(r ref) bool {
		if m.asks(r.n) {
			out = append(out, r)
			return false
		}
		return true
	})
	return out
}

// asks reports whether a call fetches a token, itself or in the function it
// calls.
func (m *module) asks(call node) bool {
	if !m.knowing[call] {
		return false
	}
	c, ok := m.callAt(call)
	if !ok {
		return false
	}
	for _, f := range m.found {
		if !f.asksToken {
			continue
		}
		if f.call.n == call {
			return true
		}
		for _, def := range m.functionsOf(c, nil) {
			if f.call.n.Inside(def) {
				return true
			}
		}
	}
	return false
}

// remoteFunctions are the functions that run on executors: what is given to
// udf or to the methods of an RDD or a Dataset, and what those call.
func (m *module) remoteFunctions() hosts {
	h := hosts{given: map[node]bool{}, reached: map[node]bool{}}
	var work []node
	reach := func(def node) {
		if !h.reached[def] {
			h.reached[def] = true
			work = append(work, def)
		}
	}
	mark := func(def node) {
		h.given[def] = true
		reach(def)
	}
	for _, c := range m.calls {
		if !m.runsRemotely(c) {
			continue
		}
		for _, a := range c.args {
			n := unwrapped(a.n)
			switch {
			case isFunction(n) || n.Is("block", "case_block", "indented_block"):
				mark(n)
			case n.Is("identifier"):
				for _, b := range m.reaching(n, n.Text()) {
					for _, def := range m.functionsBound(b, nil) {
						mark(def)
					}
				}
			case n.Kind() == "postfix_expression" || n.Kind() == "method_reference" || n.Kind() == "call_expression":
				mark(n) // f _, this::f, f(_)
			case n.Is("object_creation_expression", "instance_expression"):
				mark(n) // an anonymous Function
			}
		}
	}
	for len(work) > 0 {
		def := work[0]
		work = work[1:]
		for i := def.Index(); i < def.After(); i++ {
			n := def.Tree().At(i)
			if c, ok := m.callAt(n); ok {
				for _, callee := range m.functionsOf(c, nil) {
					if !isClass(callee) {
						reach(callee)
					}
				}
			} else if n.Kind() == "identifier" && def.Is("postfix_expression", "method_reference") {
				for _, b := range m.reaching(n, n.Text()) {
					for _, callee := range m.functionsBound(b, nil) {
						mark(callee) // rdd.map(f _): f itself is given
					}
				}
			}
		}
	}
	return h
}

func (m *module) runsRemotely(c *call) bool {
	switch {
	case c.name == "udf" || c.name == "udaf" || c.name == "pandas_udf":
		return len(m.functionsOf(c, nil)) == 0
	case !c.recv.OK():
		return false
	case c.name == "register":
		return strings.HasSuffix(strings.ToLower(c.recv.Text()), "udf") || strings.HasSuffix(c.recv.Text(), "udf()")
	case sharedMethods[c.name]:
		return m.isDistributed(ref{n: c.recv}, 0)
	}
	return executorMethods[c.name]
}

// distributed are words of expressions that make an RDD or a Dataset.
var distributed = []string{"rdd", "parallelize", "textfile", "spark.", "sqlcontext", "dataframe", "dataset", ".todf", ".tods", "repartition"}

// isDistributed reports whether an expression looks like an RDD or a Dataset.
func (m *module) isDistributed(r ref, depth int) bool {
	text := strings.ToLower(short(r.n))
	collected := strings.HasSuffix(text, ".collect") || strings.HasSuffix(text, ".collect()") || strings.Contains(text, ".collect()")
	for _, w := range distributed {
		if strings.Contains(text, w) && !collected {
			return true
		}
	}
	if text == "df" || text == "ds" || strings.HasSuffix(text, "df") && r.n.Is("identifier") && !collected {
		return true
	}
	if depth > 3 || collected {
		return false
	}
	if c, ok := m.callAt(unwrapped(r.n)); ok && c.recv.OK() && m.isDistributed(ref{c.recv, r.in}, depth+1) {
		return true
	}
	for _, b := range m.bindingsOf(r) {
		t := typeName(b.typ)
		if t == "RDD" || t == "Dataset" || t == "DataFrame" || t == "JavaRDD" || strings.HasSuffix(t, ".RDD") {
			return true
		}
		if b.kind == bindValue && b.value.OK() && len(b.path) == 0 && m.isDistributed(ref{b.value, r.in}, depth+1) {
			return true
		}
	}
	return false
}
