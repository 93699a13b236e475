package python

import (
	"strings"

	"github.com/imdsscan/imdsscan/analyzer/imds"
)

// requestSets are the headers of a request: those of the client object, then
// those of the request object, then those of the call.
func (m *module) requestSets(f *found, in *frame) []headerSet {
	sets := []headerSet{{}}
	class := f.client.Class
	if class != nil {
		sets = m.objectSets(f, in)
	}
	if f.object.OK() {
		sets = merged(sets, m.headerSets(ref{f.headers, f.objectIn}))
		sets = m.applyMethods(sets, f, ref{f.object, f.objectIn}, f.args.get(f.client.URL))
	} else if f.headers.OK() {
		sets = merged(sets, m.headerSets(ref{f.headers, in}))
	}
	for _, d := range f.args.double {
		sets = merged(sets, m.spreadSets(ref{d, in}))
	}
	if f.client.Name == "urllib.request.urlopen" || f.client.Name == "urllib2.urlopen" {
		sets = merged(sets, m.installedSets())
	}
	if m.spreads(f.call, f.args, in) || f.object.Is("call") && m.spreads(f.object, m.args(f.object), f.objectIn) {
		sets = merged(sets, openSet("the arguments are spread from a list"))
	}
	return merged(sets, m.authSets(f, in))
}

// spreads reports whether a call has *args that are not known to be none.
func (m *module) spreads(call node, args arguments, in *frame) bool {
	if !args.star {
		return false
	}
	for c := call.Field("arguments").First(); c.OK(); c = c.Next() {
		if c.Kind() != "list_splat" {
			continue
		}
		rest, ok := m.restArguments(ref{c.First().Next(), in})
		if !ok || len(rest) > 0 {
			return true
		}
	}
	return false
}

// authSets are the headers an auth object adds.
func (m *module) authSets(f *found, in *frame) []headerSet {
	var given []ref
	if v := f.args.key["auth"]; v.OK() {
		given = append(given, ref{v, in})
	} else if class := f.client.Class; class != nil && class.Attribute != "" {
		for _, key := range m.keysOf(f.receiver, ref{n: f.maker}) {
			for _, b := range m.attributes["auth"] {
				if m.key(b.target) == key+".auth" {
					given = append(given, ref{n: b.value})
				}
			}
		}
	}
	sets := []headerSet{{}}
	for _, g := range given {
		refs, complete := m.defsIn(g)
		for _, d := range refs {
			switch {
			case d.n.Is("tuple", "none"):
			case d.n.Kind() == "call" && strings.HasSuffix(m.callee(d.n), "Auth") && len(m.functionsOf(ref{d.n.Field("function"), d.in})) == 0:
				// A library's own scheme knows nothing of this service.
			case m.setsToken(d):
				sets = merged(sets, []headerSet{{Fields: []headerField{{Name: imds.TokenHeader, Value: headerValue{ref: d}}}}})
			default:
				complete = false
			}
		}
		if !complete {
			sets = merged(sets, openSet("the auth object "+short(g.n)+" may add headers"))
		}
	}
	return sets
}

// setsToken reports an object of a class, or a function, of the session that
// writes the token header.
func (m *module) setsToken(d ref) bool {
	defs := []node{d.n}
	if d.n.Kind() == "call" {
		defs = m.functionsOf(ref{d.n.Field("function"), d.in})
	}
	for _, def := range defs {
		if !def.Is("class_definition", "function_definition", "lambda") {
			continue
		}
		tree := def.Tree()
		for i := def.Index(); i < def.After(); i++ {
			n := tree.At(i)
			if n.Is("string", "identifier", "attribute") && n.FieldName() == "subscript" {
				if text, ok := m.constant(ref{n: n}); ok && imds.IsTokenHeader(text) {
					return true
				}
			}
		}
	}
	return false
}

// spreadSets are the headers among arguments given as **kwargs.
func (m *module) spreadSets(r ref) []headerSet {
	if sets := m.forwarded(r); sets != nil {
		return sets
	}
	refs, complete := m.defsIn(r)
	if !complete || len(refs) == 0 {
		return openSet("the arguments include **" + short(r.n))
	}
	var out []headerSet
	for _, d := range refs {
		v, ok := m.item(d, "headers")
		switch {
		case ok:
			out = append(out, m.headerSets(v)...)
		case d.n.Is("dictionary", "call"):
			out = append(out, headerSet{})
		default:
			out = append(out, openSet("the arguments include **"+short(r.n))...)
		}
	}
	for _, b := range m.itemsSet(r.n, "headers") {
		out = merged(out, m.headerSets(ref{n: b.value}))
	}
	return out
}

// forwarded are the headers in the **kwargs of a function whose call is known;
// nil for anything else.
func (m *module) forwarded(r ref) []headerSet {
	if r.n.Kind() != "identifier" {
		return nil
	}
	bs := m.reaching(r.n, r.n.Text())
	if len(bs) != 1 || bs[0].value.Kind() != "dictionary_splat_pattern" && bs[0].value.Kind() != "typed_parameter" {
		return nil
	}
	f := r.in.frameOf(bs[0].scope)
	if f == nil || len(f.site.args.double) > 0 {
		return nil
	}
	sets := []headerSet{{}}
	if v := f.site.args.key["headers"]; v.OK() {
		sets = m.headerSets(ref{v, f.up})
	}
	for _, c := range m.changesOf(r.n) {
		if k, ok := m.constant(ref{n: c.key}); c.method == "[]=" && ok && k == "headers" {
			sets = m.headerSets(ref{c.value, r.in})
		}
	}
	return sets
}

// objectSets are the headers a client object sends with every request.
func (m *module) objectSets(f *found, in *frame) []headerSet {
	class := f.client.Class
	receiver := ref{f.receiver, in}
	var out []headerSet
	refs, _ := m.defsIn(receiver)
	for _, d := range refs {
		if m.typeOf(d, 0) != class.Name {
			continue
		}
		sets := []headerSet{{}}
		if h := m.args(d.n).get(class.Headers); h.OK() {
			sets = m.headerSets(ref{h, d.in})
		}
		for _, attr := range []string{class.Attribute, class.List} {
			if attr != "" {
				sets = m.applyAttribute(sets, f, d, attr)
			}
		}
		for _, method := range f.client.Prepared {
			sets = m.applyPrepared(sets, f, d, method)
		}
		out = append(out, sets...)
	}
	if len(out) == 0 {
		out = openSet("how " + short(f.receiver) + " was made is not known")
		if class.Attribute == "" && class.List == "" && !class.Headers.Given() {
			out = []headerSet{{}}
		}
		for _, attr := range []string{class.Attribute, class.List} {
			if attr != "" {
				out = m.applyAttribute(out, f, ref{}, attr)
			}
		}
	}
	return out
}

// keysOf are the variables that hold an object: the one it is used through
// and those its making is assigned to.
func (m *module) keysOf(used node, made ref) []string {
	var out []string
	add := func(n node) {
		if k := m.key(n); k != "" {
			for _, have := range out {
				if have == k {
					return
				}
			}
			out = append(out, k)
		}
	}
	add(used)
	if !made.n.OK() {
		return out
	}
	switch p := made.n.Parent(); p.Kind() {
	case "assignment":
		for ; p.Kind() == "assignment"; p = p.Parent() {
			add(p.Field("left"))
		}
	case "as_pattern":
		if t := p.Field("alias").Named(); len(t) == 1 {
			add(t[0])
		}
	case "named_expression":
		add(p.Field("name"))
	}
	for _, def := range m.functionsOf(ref{made.n.Field("function"), made.in}) {
		if c := m.owned[def]; c != nil && c.kind == classScope {
			out = append(out, classKey(c))
		}
	}
	return out
}

// applyAttribute applies assignments to and changes of an object's header
// attribute.
func (m *module) applyAttribute(sets []headerSet, f *found, made ref, attr string) []headerSet {
	for _, key := range m.keysOf(f.receiver, made) {
		for _, b := range m.attributes[attr] {
			if m.key(b.target) != key+"."+attr || b.kind != bindAssign {
				continue
			}
			if m.scopeOf(b.target).function() == m.scopeOf(f.call).function() && m.place(f.call).before(b.at) {
				continue
			}
			sets = m.headerSets(ref{b.value, made.in.within(b.scope)})
		}
		for _, c := range m.relevant(key+"."+attr, f.call) {
			sets = m.applyChange(sets, c, ref{f.call, made.in})
		}
	}
	return sets
}

// applyMethods applies req.add_header(name, value) and the like.
func (m *module) applyMethods(sets []headerSet, f *found, made ref, used node) []headerSet {
	class := m.table.Classes[m.typeOf(made, 0)]
	if class == nil {
		return sets
	}
	for _, key := range m.keysOf(used, made) {
		for _, c := range m.relevant(key, f.call) {
			for _, name := range class.Add {
				if c.method == name {
					sets = m.applyChange(sets, c, ref{f.call, made.in})
				}
			}
		}
		if class.Headers.Key != "" {
			for _, b := range m.assignedHeaders(f, key+"."+class.Headers.Key) {
				sets = m.headerSets(ref{b.value, made.in.within(b.scope)})
			}
			for _, c := range m.relevant(key+"."+class.Headers.Key, f.call) {
				sets = m.applyChange(sets, c, ref{f.call, made.in})
			}
		}
	}
	return sets
}

// assignedHeaders are the assignments req.headers = … before a call.
func (m *module) assignedHeaders(f *found, key string) (out []*binding) {
	_, attr := cutLast(key)
	for _, b := range m.attributes[attr] {
		if b.kind == bindAssign && m.key(b.target) == key &&
			!(m.scopeOf(b.target).function() == m.scopeOf(f.call).function() && m.place(f.call).before(b.at)) {
			out = append(out, b)
		}
	}
	return out
}

// applyPrepared applies putheader calls, which follow the call that starts
// the request.
func (m *module) applyPrepared(sets []headerSet, f *found, made ref, method string) []headerSet {
	for _, key := range m.keysOf(f.receiver, made) {
		for _, c := range m.changes[key] {
			if c.method != method || m.place(c.at).before(m.place(f.call)) {
				continue
			}
			if m.anotherBetween(key, f.call, c.at) {
				break
			}
			sets = m.applyChange(sets, c, ref{f.call, made.in})
		}
	}
	return sets
}

// anotherBetween reports whether a new request starts between two places.
func (m *module) anotherBetween(key string, from, to node) bool {
	for _, c := range m.changes[key] {
		if c.method == "putrequest" && c.at != from && m.place(from).before(m.place(c.at)) && m.place(c.at).before(m.place(to)) {
			return true
		}
	}
	return false
}

// installedSets are the headers of an opener that install_opener made the
// default.
func (m *module) installedSets() []headerSet {
	sets := []headerSet{{}}
	for _, call := range m.callsByName["install_opener"] {
		args := m.args(call)
		if len(args.pos) != 1 {
			continue
		}
		refs, _ := m.defsIn(ref{n: args.pos[0]})
		for _, d := range refs {
			for _, key := range m.keysOf(args.pos[0], d) {
				for _, b := range m.attributes["addheaders"] {
					if m.key(b.target) == key+".addheaders" && b.kind == bindAssign {
						sets = m.headerSets(ref{n: b.value})
					}
				}
				for _, c := range m.changes[key+".addheaders"] {
					sets = m.applyChange(sets, c, ref{n: call})
				}
			}
		}
	}
	return sets
}
