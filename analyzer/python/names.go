package python

import "strings"

// callee is the qualified name of what a call calls, through imports and
// aliases: "requests.get", "subprocess.run", "requests.Session.get" on an
// instance whose making is known, "print" for a builtin; empty when it is not
// known or is code of the session itself.
func (m *module) callee(call node) string { return m.qualified(call.Field("function")) }

// qualified is the qualified name of an expression, empty when it has none.
// Where there are several (an import in try and another in except) it is the
// one that names a client.
func (m *module) qualified(n node) string { return m.qualifiedIn(ref{n: n}) }

func (m *module) qualifiedIn(r ref) string {
	names := m.names(r)
	for _, q := range names {
		if m.table.Calls[q] != nil || m.table.Classes[q] != nil {
			return q
		}
	}
	if len(names) == 0 {
		return ""
	}
	return names[0]
}

// names are the qualified names an expression may have.
func (m *module) names(r ref) []string {
	if !r.n.Is("identifier", "attribute", "parenthesized_expression", "conditional_expression", "boolean_operator", "call", "type", "subscript") {
		return nil
	}
	if q, ok := m.namesMemo[r]; ok {
		return q
	}
	m.namesMemo[r] = nil
	if m.depth > maxDepth || m.steps > m.maxSteps {
		return nil
	}
	m.steps++
	m.depth++
	var out []string
	seen := map[string]bool{}
	for _, q := range m.namesOf(r) {
		if q = m.canonical(q); q != "" && !seen[q] {
			seen[q] = true
			out = append(out, q)
		}
	}
	m.depth--
	m.namesMemo[r] = out
	return out
}

func (m *module) namesOf(r ref) []string {
	switch n := r.n; n.Kind() {
	case "identifier":
		return m.namesOfIdentifier(r)
	case "attribute":
		attr := n.Field("attribute").Text()
		object := ref{n.Field("object"), r.in}
		var out []string
		for _, q := range m.names(object) {
			out = append(out, q+"."+attr)
		}
		for _, t := range m.types(object) {
			out = append(out, t+"."+attr)
		}
		if len(out) == 0 {
			return m.namesOfDefs(r)
		}
		return out
	case "call":
		// A partial object is called like the function it wraps.
		if q := m.names(ref{n.Field("function"), r.in}); len(q) == 1 && q[0] == "functools.partial" {
			if args := m.args(n); len(args.pos) > 0 {
				return m.names(ref{args.pos[0], r.in})
			}
		}
		return nil
	default:
		return m.namesOfDefs(r)
	}
}

func (m *module) namesOfDefs(r ref) []string {
	refs, _ := m.defsIn(r)
	var out []string
	for _, d := range refs {
		if d != r && d.n.Is("identifier", "attribute", "call") {
			out = append(out, m.names(d)...)
		}
	}
	return out
}

func (m *module) namesOfIdentifier(r ref) []string {
	name := r.n.Text()
	bs := m.reaching(r.n, name)
	if len(bs) == 0 {
		for _, w := range m.wildcards {
			q := m.canonical(w + "." + name)
			if m.table.Calls[q] != nil || m.table.Classes[q] != nil {
				return []string{q}
			}
		}
		return []string{name}
	}
	var out []string
	for _, b := range bs {
		switch b.kind {
		case bindImport:
			out = append(out, b.qualified)
		case bindDef, bindOpaque, bindAugment:
		default:
			refs, _ := m.followBinding(b, r.in)
			for _, d := range refs {
				if d != r {
					out = append(out, m.names(d)...)
				}
			}
		}
	}
	return out
}

// types are the classes of which an expression may be an instance.
func (m *module) types(r ref) []string {
	refs, _ := m.defsIn(r)
	var out []string
	for _, d := range refs {
		if t := m.typeOf(d, 0); t != "" {
			out = append(out, t)
		}
	}
	if len(out) == 0 && r.n.Kind() == "identifier" {
		for _, b := range m.reaching(r.n, r.n.Text()) {
			if b.kind == bindParam {
				if t := b.value.Field("type"); t.OK() {
					out = append(out, m.annotated(t)...)
				}
			}
		}
	}
	return out
}

// annotated are the classes a parameter's type names.
func (m *module) annotated(t node) []string {
	for _, c := range t.Named() {
		if q := m.qualified(c); m.table.Classes[q] != nil {
			return []string{q}
		}
	}
	return nil
}

// typeOf is the class of the object that a constructor call makes.
func (m *module) typeOf(d ref, depth int) string {
	if d.n.Kind() != "call" || depth > 4 {
		return ""
	}
	fn := ref{d.n.Field("function"), d.in}
	for _, q := range m.names(fn) {
		if t := m.table.Makers[q]; t != "" {
			return t
		}
		last := q[strings.LastIndexByte(q, '.')+1:]
		if m.table.Classes[q] != nil || last != "" && last[0] >= 'A' && last[0] <= 'Z' {
			return q
		}
		// A session's own factory methods: pool.connection_from_url.
	}
	for _, def := range m.functionsOf(fn) {
		if def.Kind() == "class_definition" {
			if t := m.baseClass(def, 0); t != "" {
				return t
			}
		}
	}
	return ""
}

// baseClass is the client class a class of the session extends.
func (m *module) baseClass(def node, depth int) string {
	if depth > 4 {
		return ""
	}
	for _, base := range def.Field("superclasses").Named() {
		if q := m.qualified(base); m.table.Classes[q] != nil {
			return q
		}
		for _, d := range m.functionsOf(ref{n: base}) {
			if d != def && d.Kind() == "class_definition" {
				if t := m.baseClass(d, depth+1); t != "" {
					return t
				}
			}
		}
	}
	return ""
}

// canonical replaces the longest alias a qualified name starts with.
func (m *module) canonical(q string) string {
	if i := strings.Index(q, ".six.moves."); i >= 0 {
		q = q[i+1:] // a copy of six in another package
	}
	for range 4 {
		replaced := false
		for end := len(q); end > 0; end = strings.LastIndexByte(q[:end], '.') {
			if to := m.table.Aliases[q[:end]]; to != "" {
				q, replaced = to+q[end:], true
				break
			}
		}
		if !replaced {
			break
		}
	}
	return q
}
