package emulator

import (
	"bytes"
	"encoding/json"
	"path"
	"slices"
	"time"
)

// Notebook is a notebook as it is stored.
type Notebook struct {
	Language string // PYTHON, SCALA, SQL or R: the true one; of an ipynb what it says itself when empty
	Format   string // SOURCE when empty, or JUPYTER
	Content  []byte
	// Undated leaves the time of modification 0, as the service does for
	// notebooks of old.
	Undated bool
}

// Item is an object that [Server.Generate] is given: a notebook, or a file
// when Format is empty.
type Item struct {
	Language, Format string
	Content          []byte
}

// Repo is what a Git folder is tied to.
type Repo struct {
	URL, Branch, Provider string
	// CLI makes a folder with Git CLI access: a DIRECTORY that says it is one,
	// where others are a REPO. [sdk: DirectoryInfo]
	CLI bool
}

type repo struct {
	id int64
	Repo
}

// Object is an object as it is now.
type Object struct {
	ID                int64
	Path, Type        string
	Language, Format  string
	Content           []byte
	Permissions       []Grant
	Created, Modified time.Time
	Writes            int // imports that were stored, the same content or not
	Edits             int // changes by [Server.Edit]
}

// AddNotebook stores a notebook, with the folders above it.
func (s *Server) AddNotebook(p string, nb Notebook) int64 {
	s.mu.Lock()
	defer s.mu.Unlock()
	n := s.tree.add(p, typeNotebook, nb.Content)
	n.format, n.language = nb.Format, nb.Language
	if n.format == "" {
		n.format = "SOURCE"
	}
	if n.language == "" {
		n.language = storedLanguage(n.format, n.content)
	}
	if nb.Undated {
		n.modified = 0
	}
	return n.id
}

// AddFile stores a workspace file, with the folders above it.
func (s *Server) AddFile(p string, content []byte) int64 {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.tree.add(p, typeFile, content).id
}

// AddFolder makes a folder and those above it.
func (s *Server) AddFolder(p string) int64 {
	s.mu.Lock()
	defer s.mu.Unlock()
	n := s.tree.mkdirs(p)
	if n == nil {
		panic("emulator: something else is at " + p)
	}
	return n.id
}

// AddObject stores an object of another type, such as DASHBOARD, LIBRARY,
// MLFLOW_EXPERIMENT or DESIGNER_FILE. Only a dashboard has content that can be
// exported.
func (s *Server) AddObject(p, objectType string, content []byte) int64 {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.tree.add(p, objectType, content).id
}

// AddRepo makes a Git folder. Its objects are added below its path.
func (s *Server) AddRepo(p string, r Repo) int64 {
	s.mu.Lock()
	defer s.mu.Unlock()
	kind := typeRepo
	if r.CLI {
		kind = typeDirectory
	}
	n := s.tree.add(p, kind, nil)
	n.repo = &repo{n.id, r}
	return n.id
}

// Generate fills a folder with n objects that are made when they are asked
// for: prefix0, prefix1 and so on. fn must always return the same for the
// same i. A folder has one generator.
func (s *Server) Generate(folder, prefix string, n int, fn func(i int) Item) {
	s.mu.Lock()
	defer s.mu.Unlock()
	f := s.tree.mkdirs(folder)
	if f == nil || f.gen != nil {
		panic("emulator: " + folder + " is no folder, or has a generator")
	}
	f.gen = &generator{folder: f, prefix: prefix, n: n, firstID: s.tree.take(int64(n)), created: s.tree.now(), make: fn}
	s.tree.gens = append(s.tree.gens, f.gen)
}

// add stores an object from outside.
func (t *tree) add(p, kind string, content []byte) *node {
	dir, name := path.Split(plain(p))
	parent := t.mkdirs(dir)
	if name == "" || parent == nil || parent.child(name) != nil {
		panic("emulator: no place for an object at " + p)
	}
	n := t.attach(parent, name, kind)
	n.content = bytes.Clone(content)
	return n
}

// Edit changes the content of an object as another user does: the format
// stays. It tells whether the object is there.
func (s *Server) Edit(p string, content []byte) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	n := s.tree.find(p)
	if n == nil || n.folder() {
		return false
	}
	n = s.tree.keep(n)
	n.content = bytes.Clone(content)
	n.edits++
	n.modified = s.tree.now()
	return true
}

// Remove deletes an object as another user does.
func (s *Server) Remove(p string) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	n := s.tree.find(p)
	if n == nil || n.parent == nil {
		return false
	}
	s.tree.remove(s.tree.keep(n))
	return true
}

// Object is the state of an object, past the API.
func (s *Server) Object(p string) (Object, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	n := s.tree.find(p)
	if n == nil {
		return Object{}, false
	}
	return Object{ID: n.id, Path: n.path(), Type: n.kind, Language: n.language, Format: n.format,
		Content: bytes.Clone(n.content), Permissions: s.tree.grants(n), Writes: n.writes, Edits: n.edits,
		Created: time.UnixMilli(n.created), Modified: time.UnixMilli(n.modified)}, true
}

// Objects are the paths of all objects that were added or changed, folders
// among them, sorted. Generated ones are left out.
func (s *Server) Objects() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	var paths []string
	var visit func(n *node)
	visit = func(n *node) {
		for _, c := range n.children {
			if c != nil {
				paths = append(paths, c.path())
				visit(c)
			}
		}
	}
	visit(s.tree.root)
	slices.Sort(paths)
	return paths
}

// Recreate lets imports that overwrite put a new object in the place of the
// old one, with another id and without its permissions. Whether the service
// does so is not known.
func (s *Server) Recreate(yes bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.tree.recreate = yes
}

// Reserialise is a normalising import for [Server.Normalise]: an ipynb loses
// its layout, a SOURCE notebook the CR of its lines and what is blank at its
// end. Nothing that is shown or run changes.
func Reserialise(_ string, content []byte) []byte {
	var b bytes.Buffer
	if json.Compact(&b, content) == nil {
		return b.Bytes()
	}
	return append(bytes.TrimRight(bytes.ReplaceAll(content, []byte("\r\n"), []byte("\n")), " \n"), '\n')
}

// Normalise lets every import store what fn makes of it. The format is the
// one stored. Nil stores what was sent.
func (s *Server) Normalise(fn func(path string, content []byte) []byte) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.tree.norm = fn
}

// inRepo is the Git folder an object is in, or nil.
func (n *node) inRepo() *node {
	for ; n != nil; n = n.parent {
		if n.repo != nil {
			return n
		}
	}
	return nil
}
