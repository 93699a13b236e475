package treesitter

import "github.com/imdsscan/imdsscan/notebooks/span"

// Tree is a parsed source: its nodes in preorder.
type Tree struct {
	lang  *Language
	src   []byte
	nodes []flat
}

// flat is a node; links are indices into Tree.nodes, -1 for none.
type flat struct {
	start, end          uint32
	parent, first, next int32
	symbol, field       uint16
	flags               uint8
}

const (
	named = 1 << iota
	isError
	missing
	broken
)

// Node is a node of a tree. The zero Node is no node; every method may be
// called on it and finds nothing.
type Node struct {
	t *Tree
	i int32
}

// Root is the node that holds all others.
func (t *Tree) Root() Node { return t.At(0) }

// Len is the number of nodes.
func (t *Tree) Len() int { return len(t.nodes) }

// At is the i-th node in preorder: for each node before its children.
func (t *Tree) At(i int) Node {
	if i < 0 || i >= len(t.nodes) {
		return Node{}
	}
	return Node{t, int32(i)}
}

// Source is the parsed text.
func (t *Tree) Source() []byte { return t.src }

func (n Node) link(i int32) Node {
	if i < 0 {
		return Node{}
	}
	return Node{n.t, i}
}

// OK reports whether there is a node.
func (n Node) OK() bool { return n.t != nil }

// Tree is the tree of the node, nil for no node.
func (n Node) Tree() *Tree { return n.t }

// Index is the node's place in preorder.
func (n Node) Index() int { return int(n.i) }

// Kind is the grammar's name of the node ("call", "("), "ERROR" for an error,
// empty for no node.
func (n Node) Kind() string {
	if n.t == nil {
		return ""
	}
	s := n.t.nodes[n.i].symbol
	if s == errorSymbol {
		return "ERROR"
	}
	if int(s) >= len(n.t.lang.symbols) {
		return ""
	}
	return n.t.lang.symbols[s]
}

// Is reports whether the node is of one of the kinds.
func (n Node) Is(kinds ...string) bool {
	k := n.Kind()
	for _, want := range kinds {
		if k == want && k != "" {
			return true
		}
	}
	return false
}

// FieldName is what the parent calls the node, empty when it has no name.
func (n Node) FieldName() string {
	if n.t == nil || int(n.t.nodes[n.i].field) >= len(n.t.lang.fields) {
		return ""
	}
	return n.t.lang.fields[n.t.nodes[n.i].field]
}

// Span is the node's place in the source.
func (n Node) Span() span.Span {
	if n.t == nil {
		return span.Span{}
	}
	f := &n.t.nodes[n.i]
	return span.Span{Start: int(f.start), End: int(f.end)}
}

// Start is the offset of the node's first byte.
func (n Node) Start() int { return n.Span().Start }

// End is the offset after the node's last byte.
func (n Node) End() int { return n.Span().End }

// Text is the node's source text.
func (n Node) Text() string {
	if n.t == nil {
		return ""
	}
	s := n.Span()
	return string(n.t.src[s.Start:s.End])
}

// Parent is the node around, no node for the root.
func (n Node) Parent() Node {
	if n.t == nil {
		return Node{}
	}
	return n.link(n.t.nodes[n.i].parent)
}

// First is the first child.
func (n Node) First() Node {
	if n.t == nil {
		return Node{}
	}
	return n.link(n.t.nodes[n.i].first)
}

// Next is the next sibling.
func (n Node) Next() Node {
	if n.t == nil {
		return Node{}
	}
	return n.link(n.t.nodes[n.i].next)
}

// After is the index in preorder of the first node that is not inside n.
func (n Node) After() int {
	for n.t != nil {
		if next := n.t.nodes[n.i].next; next >= 0 {
			return int(next)
		}
		if n.t.nodes[n.i].parent < 0 {
			return len(n.t.nodes)
		}
		n = n.Parent()
	}
	return 0
}

// Children are all children, tokens included.
func (n Node) Children() []Node { return n.children(func(Node) bool { return true }) }

// Named are the children that are no mere tokens, comments included.
func (n Node) Named() []Node { return n.children(Node.IsNamed) }

func (n Node) children(keep func(Node) bool) []Node {
	var out []Node
	for c := n.First(); c.OK(); c = c.Next() {
		if keep(c) {
			out = append(out, c)
		}
	}
	return out
}

// Field is the first child of that field name.
func (n Node) Field(name string) Node {
	for c := n.First(); c.OK(); c = c.Next() {
		if c.FieldName() == name {
			return c
		}
	}
	return Node{}
}

// Fields are all children of that field name.
func (n Node) Fields(name string) []Node {
	return n.children(func(c Node) bool { return c.FieldName() == name })
}

// Child is the first child of one of the kinds.
func (n Node) Child(kinds ...string) Node {
	for c := n.First(); c.OK(); c = c.Next() {
		if c.Is(kinds...) {
			return c
		}
	}
	return Node{}
}

// Up is the nearest node around n, n included, of one of the kinds.
func (n Node) Up(kinds ...string) Node {
	for ; n.OK(); n = n.Parent() {
		if n.Is(kinds...) {
			return n
		}
	}
	return Node{}
}

// Inside reports whether n is o or stands inside it.
func (n Node) Inside(o Node) bool {
	return n.t != nil && n.t == o.t && o.i <= n.i && int(n.i) < o.After()
}

// IsNamed reports whether the node is more than a token.
func (n Node) IsNamed() bool { return n.flag(named) }

// IsError reports whether the node is text that could not be parsed.
func (n Node) IsError() bool { return n.flag(isError) }

// IsMissing reports whether the parser made the node up to go on.
func (n Node) IsMissing() bool { return n.flag(missing) }

// HasError reports whether there is an error or a missing node inside.
func (n Node) HasError() bool { return n.flag(broken) }

func (n Node) flag(f uint8) bool { return n.t != nil && n.t.nodes[n.i].flags&f != 0 }
