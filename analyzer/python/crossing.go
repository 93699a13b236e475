package python

import (
	"strings"

	"github.com/imdsscan/imdsscan/analyzer/facts"
)

// executorMethods are the methods that run a function on the executors.
var executorMethods = map[string]bool{
	"map": true, "flatMap": true, "mapPartitions": true, "mapPartitionsWithIndex": true, "foreach": true,
	"foreachPartition": true, "mapInPandas": true, "mapInArrow": true, "applyInPandas": true, "applyInArrow": true,
	"mapValues": true, "flatMapValues": true, "reduceByKey": true, "filter": true, "pipe": true, "applyInPandasWithState": true,
}

// crossings marks requests on executors whose token was fetched on the
// driver: it is valid only on the instance that gave it out.
func (m *module) crossings() {
	remote := m.remoteFunctions()
	if len(remote) == 0 {
		return
	}
	for _, f := range m.found {
		if f.req.Token != facts.TokenPresent || !m.isRemote(f.call, remote) {
			continue
		}
		for _, call := range m.sourceCalls(f.token.value) {
			if m.knowing[call] && !m.isRemote(call, remote) {
				f.req.Crosses = "the token is fetched on the driver, but this code runs on executors, where it is not valid"
			}
		}
	}
}

// isRemote reports whether n stands in a function that runs on executors.
func (m *module) isRemote(n node, remote map[node]bool) bool {
	for s := m.scopeOf(n).function(); s != nil; s = s.parent.function() {
		if remote[s.def] {
			return true
		}
	}
	return false
}

// remoteFunctions are the functions that run on executors: user-defined
// functions, what is given to an RDD's methods, and what those call.
func (m *module) remoteFunctions() map[node]bool {
	remote := map[node]bool{}
	var work []node
	mark := func(def node) {
		if !remote[def] && def.Is("function_definition", "lambda") {
			remote[def] = true
			work = append(work, def)
		}
	}
	for def := range m.owned {
		if decorated(def, "udf", "pandas_udf", "udtf") {
			mark(def)
		}
	}
	m.eachCall(func(call node, name string) {
		if !m.runsRemotely(call, name) {
			return
		}
		args := m.args(call)
		for _, a := range append(append([]node(nil), args.pos...), args.key["f"], args.key["func"]) {
			if a.Is("identifier", "attribute", "lambda") {
				for _, def := range m.functionsOf(ref{n: a}) {
					mark(def)
				}
			}
		}
	})
	for len(work) > 0 {
		def := work[0]
		work = work[1:]
		tree := def.Tree()
		for i := def.Index(); i < def.After(); i++ {
			if c := tree.At(i); c.Kind() == "call" {
				for _, callee := range m.functionsOf(ref{n: c.Field("function")}) {
					mark(callee)
				}
			}
		}
	}
	return remote
}

func (m *module) runsRemotely(call node, name string) bool {
	last := name[strings.LastIndexByte(name, '.')+1:]
	if last == "udf" || last == "pandas_udf" {
		return true
	}
	fn := call.Field("function")
	if fn.Kind() != "attribute" {
		return false
	}
	attr := fn.Field("attribute").Text()
	object := fn.Field("object").Text()
	switch {
	case attr == "register" && strings.HasSuffix(object, "udf"):
		return true
	case attr == "map" || attr == "filter" || attr == "pipe":
		// Many things have a map; an RDD says so somewhere.
		return m.isRDD(fn.Field("object"), 0)
	}
	return executorMethods[attr]
}

// isRDD reports whether an expression looks like an RDD.
func (m *module) isRDD(n node, depth int) bool {
	text := strings.ToLower(n.Text())
	if strings.Contains(text, "rdd") || strings.Contains(text, "parallelize") || strings.Contains(text, "textfile") {
		return true
	}
	if depth > 3 {
		return false
	}
	refs, _ := m.defs(n)
	for _, d := range refs {
		if d != n && m.isRDD(d, depth+1) {
			return true
		}
	}
	return false
}
