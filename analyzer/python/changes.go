package python

import (
	"strconv"
	"strings"

	"github.com/imdsscan/imdsscan/analyzer/treesitter"
)

// change is a call or an assignment that changes an object in place.
type change struct {
	// method is the called method ("update", "append", "add_header"), or
	// "[]=" for an item and "del" for a deleted one.
	method string
	at     node
	via    node // the call of a helper that makes the change, no node without one
	key    node // of an item
	value  node
}

// where is the point at which code sees the change happen.
func (c *change) where() node {
	if c.via.OK() {
		return c.via
	}
	return c.at
}

var changing = map[string]bool{
	"update": true, "setdefault": true, "append": true, "extend": true, "insert": true, "pop": true, "clear": true,
	"add": true, "add_header": true, "add_unredirected_header": true, "putheader": true, "putrequest": true,
	"set_header": true, "setopt": true, "set_proxy": true, "set_tunnel": true,
}

// index collects what whole-session questions need: calls by name, functions
// passed as arguments, changes of objects.
func (m *module) index(tree *treesitter.Tree) {
	for i := range tree.Len() {
		n := tree.At(i)
		switch n.Kind() {
		case "call":
			fn := n.Field("function")
			name := fn.Text()
			if fn.Kind() == "attribute" {
				name = fn.Field("attribute").Text()
				if changing[name] {
					object := fn.Field("object")
					m.addChange(object, &change{method: name, at: n})
				}
			}
			if fn.Is("attribute", "identifier") {
				m.callsByName[name] = append(m.callsByName[name], n)
			}
		case "identifier":
			m.usesByName[n.Text()] = append(m.usesByName[n.Text()], n)
			p := n.Parent()
			if p.Kind() == "argument_list" || p.Kind() == "keyword_argument" && n.FieldName() == "value" {
				m.addPassed(n.Text(), n)
			}
		case "attribute":
			p := n.Parent()
			if p.Kind() == "argument_list" || p.Kind() == "keyword_argument" && n.FieldName() == "value" {
				m.addPassed(n.Field("attribute").Text(), n)
			}
		case "delete_statement":
			for _, c := range n.Named() {
				if c.Kind() == "subscript" {
					m.addChange(c.Field("value"), &change{method: "del", at: n, key: c.Field("subscript")})
				}
			}
		}
	}
}

func (m *module) addPassed(name string, n node) {
	m.passedByName[name] = append(m.passedByName[name], n)
	if key := m.key(n); key != "" {
		m.passedByKey[key] = append(m.passedByKey[key], n)
	}
}

func (m *module) addChange(object node, c *change) {
	if key := m.key(object); key != "" {
		m.changes[key] = append(m.changes[key], c)
	}
}

// indexSubscripts turns item assignments into changes of their object.
func (m *module) indexSubscripts() {
	for _, b := range m.subscripts {
		c := &change{method: "[]=", at: b.target, key: b.target.Field("subscript"), value: b.value}
		if len(b.path) > 0 || b.kind != bindAssign {
			c.value = node{}
		}
		m.addChange(b.target.Field("value"), c)
	}
}

// key names the variable that an expression denotes, the same for each use of
// it: a name in its scope, an attribute of one, an attribute of self in its
// class. Empty for anything else.
func (m *module) key(n node) string {
	switch n.Kind() {
	case "identifier":
		if c := m.selfClass(n); c != nil {
			return classKey(c)
		}
		owner := m.scopeOf(n).owner(n.Text())
		if owner == nil {
			return "builtin." + n.Text()
		}
		if b := owner.names[n.Text()][0]; b.kind == bindImport {
			return "import." + m.canonical(b.qualified)
		}
		return "scope" + strconv.Itoa(owner.id) + "." + n.Text()
	case "attribute":
		if k := m.key(n.Field("object")); k != "" {
			return k + "." + n.Field("attribute").Text()
		}
	case "subscript":
		k := m.key(n.Field("value"))
		if i := n.Field("subscript"); k != "" && i.Is("string", "integer") {
			return k + "[" + i.Text() + "]"
		}
	case "parenthesized_expression":
		if c := n.Named(); len(c) == 1 {
			return m.key(c[0])
		}
	}
	return ""
}

// changesOf are the changes of the variable that n denotes which may have
// happened before n is evaluated.
func (m *module) changesOf(n node) []*change {
	key := m.key(n)
	if key == "" {
		return nil
	}
	return m.relevant(key, n)
}

// relevant are the changes of a variable by its key that may have happened
// before use.
func (m *module) relevant(key string, use node) []*change {
	var out []*change
	fn := m.scopeOf(use).function()
	for _, c := range m.changesBy(key, 0) {
		at := c.where()
		if m.scopeOf(at).function() != fn || m.place(at).before(m.place(use)) || m.sharesLoop(at, use) {
			out = append(out, c)
		}
	}
	return out
}

// changesBy are all changes of a variable, those made by functions it is
// given to included.
func (m *module) changesBy(key string, depth int) (all []*change) {
	out := m.changes[key]
	if depth > 2 {
		return out
	}
	if depth == 0 {
		if all, ok := m.changeMemo[key]; ok {
			return all
		}
		m.changeMemo[key] = out
		defer func() { m.changeMemo[key] = all }()
	}
	for end := len(key); end > 0; end = strings.LastIndexByte(key[:end], '.') {
		for _, arg := range m.passedByKey[key[:end]] {
			for _, param := range m.parameterKeys(arg) {
				for _, c := range m.changesBy(param+key[end:], depth+1) {
					c := *c
					c.via = arg
					out = append(out[:len(out):len(out)], &c)
				}
			}
		}
	}
	return out
}

// parameterKeys are the parameters that an argument becomes.
func (m *module) parameterKeys(arg node) []string {
	call, keyword := arg.Parent().Parent(), ""
	if arg.Parent().Kind() == "keyword_argument" {
		keyword = arg.Parent().Field("name").Text()
		call = call.Parent()
	}
	if call.Kind() != "call" {
		return nil
	}
	at := -1
	for i, p := range m.args(call).pos {
		if p == arg {
			at = i
		}
	}
	var out []string
	for _, def := range m.functionsOf(ref{n: call.Field("function")}) {
		s := m.owned[def]
		if s == nil || def.Kind() != "function_definition" {
			continue
		}
		index := at
		if m.isMethod(def) {
			index++
		}
		for name, bs := range s.names {
			if b := bs[0]; b.kind == bindParam && (name == keyword || keyword == "" && b.path[0] == index) {
				out = append(out, "scope"+strconv.Itoa(s.id)+"."+name)
			}
		}
	}
	return out
}

func (m *module) sharesLoop(a, b node) bool {
	for l := a.Parent(); l.OK() && !l.Is("function_definition", "lambda"); l = l.Parent() {
		if l.Is("for_statement", "while_statement") && b.Inside(l) {
			return true
		}
	}
	return false
}

// itemsSet are the assignments base[key] = … that may have happened before
// base is used.
func (m *module) itemsSet(base node, key string) []*binding {
	var out []*binding
	for _, c := range m.changesOf(base) {
		if c.method != "[]=" || !c.value.OK() {
			continue
		}
		if k, ok := m.constant(ref{n: c.key}); ok && k == key {
			out = append(out, &binding{kind: bindAssign, scope: m.scopeOf(c.at), value: c.value})
		}
	}
	return out
}

// appended are the elements added to a list that v denotes.
func (m *module) appended(v ref) []node {
	var out []node
	for _, c := range m.changesOf(v.n) {
		if c.method != "append" && c.method != "add" {
			continue
		}
		if args := m.args(c.at); len(args.pos) == 1 {
			out = append(out, args.pos[0])
		}
	}
	return out
}

func classKey(c *scope) string { return "class" + strconv.Itoa(c.id) }
