package lists

import (
	"path"
	"regexp"
	"slices"
	"strings"
)

// maxTogether bounds how many files are looked at because they are installed
// together with a list.
const maxTogether = 200

// Sets are the lists of a scan that are installed together. The nil Sets holds
// none.
type Sets struct {
	roots   []string
	files   map[string]bool
	edges   map[string][]string // by the file that names them
	named   map[string]bool
	own     map[string]bool // files that are lists
	set     map[string]string
	members map[string][]string
	users   map[string][]string // files that are no lists, by the set they name
	missing []Missing
	circles []Missing
}

// Missing is a list that a file names and that is not among the files; of a
// circle it is one that names the file in turn.
type Missing struct{ Path, Name string }

// Missing are the lists that are named and not there, Circles those that
// include each other.
func (s *Sets) Missing() []Missing { return s.missing }

// Circles are lists that include themselves, each with the one that does it.
func (s *Sets) Circles() []Missing { return s.circles }

// Named reports whether another file names a file as a list.
func (s *Sets) Named(name string) bool { return s != nil && s.named[name] }

// Files are those that are looked at with others.
func (s *Sets) Files() map[string]bool {
	out := map[string]bool{}
	for f := range s.set {
		out[f] = true
	}
	for _, users := range s.users {
		for _, f := range users {
			out[f] = true
		}
	}
	return out
}

// Together are the files whose packages are installed together with those of a
// file. all is false when there are more.
func (s *Sets) Together(name string) (beside []string, all bool) {
	if s == nil {
		return nil, true
	}
	sets := map[string]bool{}
	if id := s.set[name]; id != "" {
		sets[id] = true
	}
	if !s.own[name] && !s.named[name] {
		for _, to := range s.edges[name] {
			sets[s.set[to]] = true
		}
	}
	for id := range sets {
		for _, m := range slices.Concat(s.members[id], s.users[id]) {
			if m != name && (s.own[name] || s.named[name] || s.own[m] || s.named[m]) {
				beside = append(beside, m)
			}
		}
	}
	slices.Sort(beside)
	beside = slices.Compact(beside)
	if len(beside) > maxTogether {
		return beside[:maxTogether], false
	}
	return beside, true
}

// File is a file of a scan that may name lists.
type File struct {
	Name     string
	List     bool // it is one itself
	Includes []Include
}

// New finds out what the files name. roots are the folders that they were
// found under, files all that were found. Names are with forward slashes, as
// they are reported; read gives the bytes of a list that is only one because
// others name it.
func New(roots, files []string, naming []File, read func(name string) ([]byte, error)) *Sets {
	s := &Sets{files: map[string]bool{}, edges: map[string][]string{}, named: map[string]bool{}, own: map[string]bool{},
		set: map[string]string{}, members: map[string][]string{}, users: map[string][]string{}}
	for _, r := range roots {
		s.roots = append(s.roots, path.Clean(r))
	}
	for _, f := range files {
		s.files[f] = true
	}
	for _, f := range naming {
		s.own[f.Name] = s.own[f.Name] || f.List
	}
	known := map[string]bool{}
	for _, f := range naming {
		known[f.Name] = true
	}
	for i := 0; i < len(naming); i++ {
		for _, to := range s.follow(naming[i]) {
			if known[to] {
				continue
			}
			known[to] = true
			if b, err := read(to); err == nil && len(b) < maxList {
				naming = append(naming, File{Name: to, Includes: Of(to, b, true)})
			}
		}
	}
	s.join(naming)
	s.findCircles(naming)
	return s
}

// maxList is the size of a list beyond which it is not looked through for
// others.
const maxList = 4 << 20

// follow finds the files that a file names.
func (s *Sets) follow(f File) []string {
	for _, in := range f.Includes {
		to := s.resolve(f.Name, in)
		switch {
		case to == f.Name && in.Own:
			s.circles = append(s.circles, Missing{f.Name, in.Name})
		case to != "" && to != f.Name:
			if !slices.Contains(s.edges[f.Name], to) {
				s.edges[f.Name] = append(s.edges[f.Name], to)
			}
			s.named[to] = true
		case in.Sure:
			s.missing = append(s.missing, Missing{f.Name, in.Name})
		}
	}
	return s.edges[f.Name]
}

// join makes one set of the lists that name each other.
func (s *Sets) join(naming []File) {
	parent := map[string]string{}
	find := func(f string) string {
		for parent[f] != "" {
			if above := parent[parent[f]]; above != "" {
				parent[f] = above
			}
			f = parent[f]
		}
		return f
	}
	for _, f := range naming {
		if !s.own[f.Name] && !s.named[f.Name] {
			continue
		}
		for _, to := range s.edges[f.Name] {
			if a, b := find(f.Name), find(to); a != b {
				parent[max(a, b)] = min(a, b)
			}
		}
	}
	lists := map[string]bool{}
	for f := range s.named {
		lists[f] = true
	}
	for f, edges := range s.edges {
		lists[f] = lists[f] || s.own[f] && len(edges) > 0
	}
	for f, is := range lists {
		if is {
			id := find(f)
			s.set[f] = id
			s.members[id] = append(s.members[id], f)
		}
	}
	for f, edges := range s.edges {
		if !lists[f] {
			for _, to := range edges {
				s.users[s.set[to]] = append(s.users[s.set[to]], f)
			}
		}
	}
}

// findCircles follows what lists name until it comes back.
func (s *Sets) findCircles(naming []File) {
	state := map[string]int{} // 1: on the way here, 2: done
	type frame struct {
		file string
		next int
	}
	for _, f := range naming {
		if state[f.Name] != 0 {
			continue
		}
		stack := []frame{{f.Name, 0}}
		state[f.Name] = 1
		for len(stack) > 0 {
			top := &stack[len(stack)-1]
			if top.next == len(s.edges[top.file]) {
				state[top.file] = 2
				stack = stack[:len(stack)-1]
				continue
			}
			to := s.edges[top.file][top.next]
			top.next++
			switch state[to] {
			case 0:
				state[to] = 1
				stack = append(stack, frame{to, 0})
			case 1:
				s.circles = append(s.circles, Missing{top.file, to})
			}
		}
	}
}

// folder is a part of a name that is only known when it is used: what a
// variable holds is taken for a folder of the project.
var folder = regexp.MustCompile(`^(?:\$\{?\w+\}?|%\(?\w+\)?s?%?|\{\w+\}|\$\(\w+\)|\$\(pwd\))/`)

// resolve is the file that a name means, empty when there is none.
func (s *Sets) resolve(from string, in Include) string {
	name := strings.TrimPrefix(strings.ReplaceAll(in.Name, `\`, "/"), "file:")
	if m := folder.FindString(name); m != "" {
		name = name[len(m):]
	}
	if strings.Contains(name, "://") || strings.ContainsAny(name, "${}") {
		return ""
	}
	if path.IsAbs(name) {
		return s.absolute(name)
	}
	at := path.Clean(path.Join(path.Dir(from), name))
	if s.files[at] {
		return at
	}
	if in.Own {
		return ""
	}
	// A command runs in a folder that is not known here: one above, mostly.
	for dir := path.Dir(from); dir != "." && dir != "/"; {
		dir = path.Dir(dir)
		if at := path.Clean(path.Join(dir, name)); s.files[at] {
			return at
		}
	}
	return ""
}

// absolute is the file whose path below a root is the end of an absolute name,
// the longest first.
func (s *Sets) absolute(name string) string {
	if s.files[name] {
		return name
	}
	parts := strings.Split(strings.Trim(path.Clean(name), "/"), "/")
	for i := range parts {
		for _, r := range s.roots {
			if at := path.Join(r, path.Join(parts[i:]...)); s.files[at] {
				return at
			}
		}
	}
	return ""
}
