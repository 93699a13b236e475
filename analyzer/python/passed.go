package python

import "github.com/imdsscan/imdsscan/rules"

// passed is a client's function given to code that calls it: map(requests.get,
// urls), pool.submit(requests.get, url).
type passed struct {
	client *rules.PythonCall
	at     int  // the position of the function
	each   bool // it is called with each element of the next argument
}

var callers = map[string]bool{"map": true, "imap": true, "imap_unordered": true, "submit": true, "to_thread": true, "run_in_executor": true, "apply_async": true}

// requestFromPassed records a request sent by a function that is given away.
func (m *module) requestFromPassed(call node) {
	if p, ok := m.passedClient(call); ok {
		m.requestsOf(call, p.client)
	}
}

func (m *module) passedClient(call node) (passed, bool) {
	fn := call.Field("function")
	name := fn.Text()
	if fn.Kind() == "attribute" {
		name = fn.Field("attribute").Text()
	}
	if !callers[name] {
		return passed{}, false
	}
	for i, a := range m.args(call).pos {
		if a.Is("identifier", "attribute", "conditional_expression") {
			if c := m.table.Calls[m.qualified(a)]; c != nil {
				return passed{c, i, name == "map" || name == "imap" || name == "imap_unordered"}, true
			}
		}
	}
	return passed{}, false
}

// passedShapes are the requests such a call sends.
func (m *module) passedShapes(p passed, f found) []*found {
	rest := f.args.pos[p.at+1:]
	f.client = p.client
	f.passed = true
	if !p.each {
		f.args.pos = rest
		f.url, f.headers = f.args.get(p.client.URL), f.args.get(p.client.Headers)
		return []*found{&f}
	}
	if len(rest) == 0 {
		return nil
	}
	var out []*found
	items, _ := m.elements(ref{n: rest[0]}, nil)
	for _, item := range items {
		g := f
		g.args.pos = []node{item.n}
		g.url, g.headers = item.n, node{}
		out = append(out, &g)
	}
	return out
}
