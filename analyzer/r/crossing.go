package r

import (
	"github.com/imdsscan/imdsscan/analyzer/facts"
)

// remoteCalls run a function on the executors, by the parameter that takes it.
var remoteCalls = map[string]string{
	"spark.lapply": "func", "dapply": "func", "dapplyCollect": "func", "gapply": "func", "gapplyCollect": "func",
	"spark_apply": "f",
}

// remoteParams are the parameters of those functions in order.
var remoteParams = map[string][]string{
	"spark.lapply": {"list", "func"}, "dapply": {"x", "func", "schema"}, "dapplyCollect": {"x", "func"},
	"gapply": {"x", "cols", "func", "schema"}, "gapplyCollect": {"x", "cols", "func"}, "spark_apply": {"x", "f", "columns"},
}

// crossings marks requests on executors whose token was fetched on the driver:
// it is valid only on the instance that gave it out.
func (m *module) crossings() {
	remote := m.remoteFunctions()
	if len(remote) == 0 {
		return
	}
	for _, f := range m.found {
		if f.req.Token != facts.TokenPresent || !m.isRemote(f.c.n, remote) {
			continue
		}
		for _, c := range m.sourceCalls(f.tokenValue) {
			if m.knowing[c.n] && !m.isRemote(c.n, remote) {
				f.req.Crosses = "the token is fetched on the driver, but this code runs on executors, where it is not valid"
			}
		}
	}
}

// isRemote reports whether n stands in a function that runs on executors.
func (m *module) isRemote(n node, remote map[node]bool) bool {
	for s := m.scopeOf(n); s != nil; s = s.parent {
		if remote[s.def] {
			return true
		}
	}
	return false
}

// remoteFunctions are the functions that run on executors, and what those call.
func (m *module) remoteFunctions() map[node]bool {
	remote := map[node]bool{}
	var work []node
	mark := func(def node) {
		if !remote[def] {
			remote[def] = true
			work = append(work, def)
		}
	}
	for name, param := range remoteCalls {
		for _, c := range m.callsByName[name] {
			if c.pkg == "" && m.isOwn(c.n, name) {
				continue
			}
			for _, def := range m.functions(ref{n: match(remoteParams[name], c.args).value(param)}) {
				mark(def)
			}
		}
	}
	for len(work) > 0 {
		def := work[0]
		work = work[1:]
		for i := def.Index(); i < def.After(); i++ {
			if c := m.callAt[def.Tree().At(i)]; c != nil {
				for _, callee := range m.own(c, nil) {
					mark(callee)
				}
			}
		}
	}
	return remote
}

// sourceCalls are the calls whose results an expression is made of.
func (m *module) sourceCalls(r ref) []*call {
	var out []*call
	seen := map[ref]bool{}
	work := []ref{r}
	for len(work) > 0 && len(seen) < 200 {
		at := work[0]
		work = work[1:]
		if !at.n.OK() || seen[at] {
			continue
		}
		seen[at] = true
		if c := m.callAt[at.n]; c != nil {
			out = append(out, c)
			for _, a := range c.args {
				if a.value.OK() && (a.value == c.piped || a.name == "") {
					work = append(work, ref{a.value, at.in})
				}
			}
		}
		if at.n.Is("extract_operator", "subset2", "subset") {
			work = append(work, ref{at.n.First(), at.in})
		}
		next, _, _ := m.step(at)
		work = append(work, next...)
	}
	return out
}
