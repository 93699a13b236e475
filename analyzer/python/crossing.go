package python

import (
	"fmt"
	"strings"

	"github.com/imdsscan/imdsscan/analyzer/facts"
)

// remoteUse is how a function comes to run on another machine.
type remoteUse struct {
	how string // "mapPartitions", "a user-defined function"
	at  node   // where it is given away
	// maybe is true when that may also be the machine that it was made on.
	maybe bool
}

// crossings marks requests on executors whose token was fetched on the
// driver: it is valid only on the instance that gave it out.
func (m *module) crossings() {
	remote := m.remoteFunctions()
	if len(remote) == 0 {
		return
	}
	for _, f := range m.found {
		def, use := m.runsRemotely(f.call, remote)
		if f.req.Token != facts.TokenPresent || use == nil {
			continue
		}
		for _, call := range m.sourceCalls(f.token) {
			if _, there := m.runsRemotely(call, remote); !m.knowing[call] || there != nil {
				continue
			}
			name := "this function"
			if def.Kind() == "function_definition" {
				name = "`" + def.Field("name").Text() + "`"
			}
			if use.maybe {
				f.req.Token = facts.TokenUnknown
				f.req.Why = fmt.Sprintf("the token is fetched outside of %s, which may run on another host (%s), where it is not valid", name, use.how)
			} else {
				f.req.Crosses = fmt.Sprintf("the token is fetched on the driver, but %s runs on executors (%s), where it is not valid", name, use.how)
			}
			f.req.Related = append(f.req.Related,
				facts.Related{Source: m.source(call), Unit: m.unit(call), Message: "the token is fetched here"},
				facts.Related{Source: m.source(use.at), Unit: m.unit(use.at), Message: "the function is handed over here"})
			break
		}
	}
}

// runsRemotely gives the function around n that runs on another machine, and
// how; nil for code that stays.
func (m *module) runsRemotely(n node, remote map[node]*remoteUse) (node, *remoteUse) {
	for s := m.scopeOf(n).function(); s != nil; s = s.parent.function() {
		if u := remote[s.def]; u != nil {
			return s.def, u
		}
	}
	return node{}, nil
}

// remoteFunctions are the functions that run on other machines: user-defined
// functions, what is given to an RDD's methods, and what those call.
func (m *module) remoteFunctions() map[node]*remoteUse {
	remote := map[node]*remoteUse{}
	var work []node
	mark := func(def node, use *remoteUse) {
		if def.Is("function_definition", "lambda") && (remote[def] == nil || remote[def].maybe && !use.maybe) {
			remote[def] = use
			work = append(work, def)
		}
	}
	for _, scopes := range m.scopes { // in the order of the code
		for _, s := range scopes {
			if s.kind == functionScope && remote[s.def] == nil {
				if use := m.decoratedRemote(s.def); use != nil {
					mark(s.def, use)
				}
			}
		}
	}
	m.eachCall(func(call node, name string) {
		use := m.sendsAway(call, name)
		if use == nil {
			return
		}
		args := m.args(call)
		for _, a := range append(append([]node(nil), args.pos...), args.key["f"], args.key["func"], args.key["fn"]) {
			for _, def := range m.givenFunctions(a, 0) {
				mark(def, use)
			}
		}
	})
	for len(work) > 0 {
		def := work[0]
		work = work[1:]
		use := remote[def]
		tree := def.Tree()
		for i := def.Index(); i < def.After(); i++ {
			if c := tree.At(i); c.Kind() == "call" {
				for _, callee := range m.functionsOf(ref{n: c.Field("function")}) {
					mark(callee, use)
				}
			}
		}
	}
	return remote
}

// givenFunctions are the functions that an argument hands over: itself, what a
// partial wraps, the methods of a writer object.
func (m *module) givenFunctions(a node, depth int) []node {
	switch a.Kind() {
	case "identifier", "attribute", "lambda":
		defs := m.functionsOf(ref{n: a})
		if len(defs) > 0 || depth > 3 {
			return defs
		}
		var out []node
		refs, _ := m.defs(a)
		for _, d := range refs {
			if d != a {
				out = append(out, m.givenFunctions(d, depth+1)...)
			}
		}
		return out
	case "call":
		args := m.args(a)
		if m.callee(a) == "functools.partial" && len(args.pos) > 0 && depth <= 3 {
			return m.givenFunctions(args.pos[0], depth+1)
		}
		var out []node
		for _, class := range m.functionsOf(ref{n: a.Field("function")}) {
			if c := m.owned[class]; c != nil && c.kind == classScope {
				for _, b := range c.names["process"] { // a ForeachWriter
					out = append(out, b.value)
				}
			}
		}
		return out
	}
	return nil
}

// decoratedRemote is how a decorator makes a function run elsewhere.
func (m *module) decoratedRemote(def node) *remoteUse {
	p := def.Parent()
	switch {
	case def.Kind() != "function_definition" || p.Kind() != "decorated_definition":
		return nil
	case decorated(def, "udf", "pandas_udf", "udtf"):
		return &remoteUse{how: "a user-defined function", at: p.First()}
	case decorated(def, "ray.remote"):
		return &remoteUse{how: "ray.remote", at: p.First(), maybe: true}
	}
	for d := p.First(); d.Kind() == "decorator"; d = d.Next() {
		for _, c := range d.Named() {
			if strings.HasPrefix(m.qualified(c), "dask.") {
				return &remoteUse{how: "dask", at: d, maybe: true}
			}
		}
	}
	return nil
}

// executorMethods are the methods that run a function on the executors.
var executorMethods = map[string]bool{
	"flatMap": true, "mapPartitions": true, "mapPartitionsWithIndex": true, "foreach": true,
	"foreachPartition": true, "mapInPandas": true, "mapInArrow": true, "applyInPandas": true, "applyInArrow": true,
	"mapValues": true, "flatMapValues": true, "reduceByKey": true, "applyInPandasWithState": true,
}

// sendsAway is how a call makes the functions it is given run elsewhere, nil
// when it does not.
func (m *module) sendsAway(call node, name string) *remoteUse {
	last := name[strings.LastIndexByte(name, '.')+1:]
	switch {
	case last == "udf" || last == "pandas_udf":
		return &remoteUse{how: "a user-defined function", at: call}
	case name == "ray.remote" || strings.HasPrefix(name, "dask.") && last == "delayed":
		return &remoteUse{how: name, at: call, maybe: true}
	case name == "joblib.delayed" && m.joblibLeaves():
		return &remoteUse{how: "joblib with another backend", at: call, maybe: true}
	case last == "fmin" && m.sparkTrials(call):
		return &remoteUse{how: "SparkTrials", at: call}
	}
	fn := call.Field("function")
	if fn.Kind() != "attribute" {
		return nil
	}
	attr, object := fn.Field("attribute").Text(), fn.Field("object")
	switch attr {
	case "register":
		if !strings.HasSuffix(object.Text(), "udf") {
			return nil
		}
		return &remoteUse{how: "a user-defined function", at: call}
	case "registerFunction":
		return &remoteUse{how: "a user-defined function", at: call}
	case "map", "filter", "pipe", "apply", "applymap", "transform", "agg":
		// Many things have a map; an RDD says so somewhere.
		if m.isRDD(object, 0) && (attr == "map" || attr == "filter" || attr == "pipe") {
			return &remoteUse{how: attr + " of an RDD", at: call}
		}
		if m.isPandasOnSpark(object, 0) {
			return &remoteUse{how: attr + " of pandas on Spark", at: call}
		}
		return nil
	}
	if executorMethods[attr] {
		return &remoteUse{how: attr, at: call}
	}
	return nil
}

// joblibLeaves reports whether the session gives joblib a backend that runs on
// other machines; its own ones do not.
func (m *module) joblibLeaves() bool {
	for _, name := range []string{"parallel_backend", "parallel_config", "register_spark", "Parallel"} {
		for _, call := range m.callsByName[name] {
			if name == "register_spark" {
				return true
			}
			args := m.args(call)
			for _, a := range append(append([]node(nil), args.pos...), args.key["backend"]) {
				if text, _ := m.constant(ref{n: a}); text == "spark" || text == "dask" || text == "ray" {
					return true
				}
			}
		}
	}
	return false
}

// sparkTrials reports a hyperopt search whose trials run on the executors.
func (m *module) sparkTrials(call node) bool {
	refs, _ := m.defs(m.args(call).key["trials"])
	for _, d := range refs {
		if d.Kind() == "call" && strings.HasSuffix(d.Field("function").Text(), "SparkTrials") {
			return true
		}
	}
	return false
}

// isPandasOnSpark reports whether an expression is made of a data frame that
// has the interface of pandas and lives on the executors.
func (m *module) isPandasOnSpark(n node, depth int) bool {
	for at := n; at.OK() && depth <= 4; {
		if at.Kind() == "call" {
			fn := at.Field("function")
			switch name := fn.Field("attribute").Text(); {
			case name == "pandas_api" || name == "to_pandas_on_spark" || name == "to_koalas":
				return true
			case name == "toPandas" || name == "to_pandas":
				return false
			}
			if q := m.callee(at); strings.HasPrefix(q, "pyspark.pandas.") || strings.HasPrefix(q, "databricks.koalas.") {
				return true
			}
			at = fn
			continue
		}
		if at.Is("attribute", "subscript") {
			if o := at.Field("object"); o.OK() {
				at = o
			} else {
				at = at.Field("value")
			}
			continue
		}
		refs, _ := m.defs(at)
		for _, d := range refs {
			if d != at && m.isPandasOnSpark(d, depth+1) {
				return true
			}
		}
		return false
	}
	return false
}

// isRDD reports whether an expression looks like an RDD.
func (m *module) isRDD(n node, depth int) bool {
	text := strings.ToLower(n.Text())
	for _, word := range []string{"topandas(", ".collect(", ".take("} {
		if strings.Contains(text, word) {
			return false // what comes of them is on the driver
		}
	}
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
