package emulator

import (
	"slices"
	"strconv"
	"strings"
)

// The types of objects that the service lists. Those beyond the SDK's
// constants exist in real workspaces. [sdk, cli]
const (
	typeNotebook  = "NOTEBOOK"
	typeFile      = "FILE"
	typeDirectory = "DIRECTORY"
	typeRepo      = "REPO"
)

// node is an object of the workspace. Its fields are guarded by Server.mu.
type node struct {
	id       int64
	name     string
	kind     string // object_type
	parent   *node
	children map[string]*node
	gen      *generator // objects that are made when they are asked for

	language string // of a notebook: the true one
	format   string // of a notebook: SOURCE or JUPYTER
	content  []byte
	created  int64 // milliseconds
	modified int64
	repo     *repo
	acl      []grant
	writes   int
	edits    int
}

// tree holds the objects.
type tree struct {
	s      *Server
	root   *node
	nextID int64
	byID   map[int64]*node
	deny   map[string]Denial
	norm   func(string, []byte) []byte
	// recreate makes a new object of one that is overwritten.
	recreate bool
	gens     []*generator
}

func newTree(s *Server) *tree {
	t := &tree{s: s, nextID: 795822750063438, byID: map[int64]*node{}, deny: map[string]Denial{}}
	t.root = &node{kind: typeDirectory, children: map[string]*node{}}
	for _, top := range []string{"/Users", "/Shared", "/Repos", "/Users/" + s.opt.User} {
		t.mkdirs(top)
	}
	return t
}

// now is the workspace's time in milliseconds.
func (t *tree) now() int64 { return t.s.opt.Now().UnixMilli() }

// take gives out n ids. They are not consecutive, like those of the service.
func (t *tree) take(n int64) int64 {
	id := t.nextID
	t.nextID += n + 37
	return id
}

// plain is a path without the prefix /Workspace, by which the service knows
// the same objects.
func plain(path string) string {
	if path == "/Workspace" {
		return "/"
	}
	if rest, ok := strings.CutPrefix(path, "/Workspace/"); ok {
		path = "/" + rest
	}
	if len(path) > 1 {
		path = strings.TrimSuffix(path, "/")
	}
	return path
}

// checkPath refuses what is no path of the workspace.
func checkPath(path string) error {
	switch {
	case path == "":
		return invalid("Missing required field: path")
	case path[0] != '/':
		return invalid("Path (%s) doesn't start with '/'", path)
	case strings.Contains(path, "//"), strings.Contains(path+"/", "/../"), strings.Contains(path+"/", "/./"):
		return invalid("Path (%s) is not valid", path)
	}
	return nil
}

// find returns the object at a path, or nil.
func (t *tree) find(path string) *node {
	n := t.root
	path = strings.Trim(plain(path), "/")
	if path == "" {
		return n
	}
	for _, name := range strings.Split(path, "/") {
		if n = n.child(name); n == nil {
			return nil
		}
	}
	return n
}

// child is an object in a folder. One that a generator makes is kept only
// when it is changed.
func (n *node) child(name string) *node {
	if c, ok := n.children[name]; ok {
		return c
	}
	if n.gen != nil {
		return n.gen.named(name)
	}
	return nil
}

// path is where the object is.
func (n *node) path() string {
	if n.parent == nil {
		return "/"
	}
	if n.parent.parent == nil {
		return "/" + n.name
	}
	return n.parent.path() + "/" + n.name
}

func (n *node) folder() bool { return n.kind == typeDirectory || n.kind == typeRepo }

// each calls fn for the objects in a folder, generated ones after the others.
func (n *node) each(fn func(*node) error) error {
	names := make([]string, 0, len(n.children))
	for name, c := range n.children {
		if c != nil {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	for _, name := range names {
		if err := fn(n.children[name]); err != nil {
			return err
		}
	}
	if n.gen == nil {
		return nil
	}
	return n.gen.each(fn)
}

// mkdirs makes a folder and those above it. Nil when something else is there.
func (t *tree) mkdirs(path string) *node {
	n := t.root
	for _, name := range strings.Split(strings.Trim(plain(path), "/"), "/") {
		if name == "" {
			continue
		}
		c := n.child(name)
		if c == nil {
			c = t.attach(n, name, typeDirectory)
		}
		if !c.folder() {
			return nil
		}
		n = c
	}
	return n
}

// attach puts a new object into a folder.
func (t *tree) attach(parent *node, name, kind string) *node {
	n := &node{id: t.take(1), name: name, kind: kind, parent: parent, created: t.now()}
	n.modified = n.created
	if n.folder() {
		n.children = map[string]*node{}
	}
	parent.children[name] = n
	t.byID[n.id] = n
	return n
}

// keep makes a generated object one of the tree, so that it can be changed.
func (t *tree) keep(n *node) *node {
	if kept, ok := n.parent.children[n.name]; ok && kept != nil {
		return kept
	}
	n.parent.children[n.name] = n
	t.byID[n.id] = n
	return n
}

// remove takes an object out. A hole is left where a generator would make it
// again.
func (t *tree) remove(n *node) {
	delete(t.byID, n.id)
	for _, c := range n.children {
		if c != nil {
			t.remove(c)
		}
	}
	if n.parent.gen != nil && n.parent.gen.index(n.name) >= 0 {
		n.parent.children[n.name] = nil
		return
	}
	delete(n.parent.children, n.name)
}

// withID finds an object by its id.
func (t *tree) withID(id int64) *node {
	if n := t.byID[id]; n != nil {
		return n
	}
	for _, g := range t.gens {
		if i := id - g.firstID; i >= 0 && i < int64(g.n) {
			if n := g.at(int(i)); n != nil && n.id == id {
				return n
			}
		}
	}
	return nil
}

// generator makes the objects of a folder when they are asked for, so that a
// workspace of any size takes no memory.
type generator struct {
	folder  *node
	prefix  string
	n       int
	firstID int64
	created int64
	make    func(i int) Item
}

// index is the number of the object with a name, or -1.
func (g *generator) index(name string) int {
	digits, ok := strings.CutPrefix(name, g.prefix)
	i, err := strconv.Atoi(digits)
	if !ok || err != nil || i < 0 || i >= g.n || strconv.Itoa(i) != digits {
		return -1
	}
	return i
}

func (g *generator) named(name string) *node {
	if i := g.index(name); i >= 0 {
		return g.at(i)
	}
	return nil
}

func (g *generator) at(i int) *node {
	name := g.prefix + strconv.Itoa(i)
	if kept, ok := g.folder.children[name]; ok {
		return kept
	}
	item := g.make(i)
	n := &node{id: g.firstID + int64(i), name: name, parent: g.folder, kind: typeNotebook,
		created: g.created, modified: g.created, language: item.Language, format: item.Format, content: item.Content}
	if item.Format == "" {
		n.kind = typeFile
	}
	return n
}

func (g *generator) each(fn func(*node) error) error {
	for i := range g.n {
		if _, ok := g.folder.children[g.prefix+strconv.Itoa(i)]; ok {
			continue
		}
		if err := fn(g.at(i)); err != nil {
			return err
		}
	}
	return nil
}
