package runs

import (
	"path"
	"runtime"
	"slices"
	"strings"
	"sync"
	"sync/atomic"

	"github.com/imdsscan/imdsscan/notebooks"
	"github.com/imdsscan/imdsscan/notebooks/archive"
	"github.com/imdsscan/imdsscan/notebooks/format"
)

// Tree are the files of a scan, as far as it matters which runs which. It may
// be used by several goroutines. The nil Tree holds nothing.
type Tree struct {
	roots []string
	read  func(path string) (src []byte, kind string, err error)
	hot   func([]byte) bool
	files map[string]bool
	// byBase are the files of a name without its suffix, at any place.
	byBase map[string][]string

	mu      sync.Mutex
	docs    map[string]*notebooks.Document
	bytes   int
	known   map[string][]block
	holding map[string]bool
	runners []string
	missing []Missing
	// calls are what each file runs; above are those that run it in their
	// session, starters those that start it as a process.
	calls           map[string][]Link
	above, starters map[string][]string
}

// Scheme begins the names of objects of a workspace, whose paths are known from
// its root on.
const Scheme = "workspace:"

// Link is a call with the file that it means.
type Link struct {
	Call
	Path string
}

// Missing is a notebook that a file runs in its session and that is not among
// the files.
type Missing struct{ Path, Name string }

// Missing are the notebooks that are run and not there.
func (t *Tree) Missing() []Missing { return t.missing }

// maxKept bounds the bytes of the files that are kept open.
const maxKept = 256 << 20

// suffixes are what a notebook's file may have behind the notebook's name.
var suffixes = []string{".py", ".python", ".ipynb", ".scala", ".sql", ".r"}

// New makes a tree of the given files. roots are the folders that they were
// found under, runners those among them that may run others; read gives a
// file's bytes and the name that decides what it is, and hot tells whether text
// holds what is looked for. Names are with forward slashes, as they are reported.
func New(roots, files, runners []string, read func(path string) (src []byte, kind string, err error), hot func([]byte) bool) *Tree {
	t := &Tree{read: read, hot: hot, known: map[string][]block{}, holding: map[string]bool{}, files: make(map[string]bool, len(files)), byBase: map[string][]string{},
		docs: map[string]*notebooks.Document{}, calls: map[string][]Link{}, above: map[string][]string{}, starters: map[string][]string{}}
	for _, r := range roots {
		t.roots = append(t.roots, path.Clean(r))
	}
	for _, f := range files {
		t.files[f] = true
		base := path.Base(stem(f))
		t.byBase[base] = append(t.byBase[base], f)
		if full := path.Base(f); full != base {
			t.byBase[full] = append(t.byBase[full], f)
		}
	}
	t.runners = slices.Clone(runners)
	slices.Sort(t.runners)
	linked, missing := t.linkAll()
	for i, links := range linked {
		r := t.runners[i]
		for _, name := range missing[i] {
			t.missing = append(t.missing, Missing{r, name})
		}
		if len(links) > 0 {
			t.calls[r] = links
		}
		for _, l := range links {
			by := t.above
			if l.Process {
				by = t.starters
			}
			if !slices.Contains(by[l.Path], r) {
				by[l.Path] = append(by[l.Path], r)
			}
		}
	}
	return t
}

// linkAll finds out what each of the runners runs.
func (t *Tree) linkAll() (out [][]Link, missing [][]string) {
	out, missing = make([][]Link, len(t.runners)), make([][]string, len(t.runners))
	var next atomic.Int64
	var wg sync.WaitGroup
	for range runtime.GOMAXPROCS(0) {
		wg.Go(func() {
			for i := int(next.Add(1)) - 1; i < len(out); i = int(next.Add(1)) - 1 {
				out[i], missing[i] = t.link(t.runners[i])
			}
		})
	}
	wg.Wait()
	return out, missing
}

// link finds out what a file runs.
func (t *Tree) link(name string) (out []Link, missing []string) {
	doc := t.open(name)
	if doc == nil {
		return nil, nil
	}
	for _, c := range Of(doc) {
		c.Cell = nil // of a document that is not kept
		if to := t.find(name, c.Names); to != "" {
			out = append(out, Link{c, to})
		} else if !c.Process {
			missing = append(missing, c.Names[0])
		}
	}
	return out, missing
}

// Resolve gives the calls of a document with the files that they mean. Calls
// of files that are not in the tree are left out.
func (t *Tree) Resolve(doc *notebooks.Document) []Link {
	if t == nil {
		return nil
	}
	var out []Link
	for _, c := range Of(doc) {
		if to := t.find(doc.Path, c.Names); to != "" {
			out = append(out, Link{c, to})
		}
	}
	return out
}

// Find is the file that a name means in the file from, empty when there is
// none or more than one.
func (t *Tree) Find(from, name string) string {
	if t == nil || !usable(name) {
		return ""
	}
	return t.find(from, []string{name})
}

// Open is the document of a file of the tree, nil when it cannot be read.
func (t *Tree) Open(name string) *notebooks.Document {
	t.mu.Lock()
	doc := t.docs[name]
	t.mu.Unlock()
	if doc != nil {
		return doc
	}
	if doc = t.open(name); doc == nil {
		return nil
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	if have := t.docs[name]; have != nil {
		return have
	}
	if t.bytes+doc.File.Len() <= maxKept {
		t.docs[name], t.bytes = doc, t.bytes+doc.File.Len()
	}
	return doc
}

func (t *Tree) open(name string) *notebooks.Document {
	b, kind, err := t.read(name)
	if err != nil {
		return nil
	}
	doc, err := format.OpenAs(name, kind, b)
	if err != nil {
		return nil
	}
	return doc
}

// Session are the files whose code runs in the session of a file: itself
// first, and what it runs, directly or not.
func (t *Tree) Session(name string) []string {
	return t.reach(name, func(at string) []string { return t.targets(at, false) })
}

// targets are the files that a file runs, in its session or as processes.
func (t *Tree) targets(name string, process bool) []string {
	var out []string
	for _, l := range t.calls[name] {
		if l.Process == process {
			out = append(out, l.Path)
		}
	}
	return out
}

// Roots are the files that nobody runs in their session and that run this
// one in theirs, directly or not; those of a ring where all are run. The file
// itself is none of them.
func (t *Tree) Roots(name string) []string {
	if t == nil {
		return nil
	}
	all := t.reach(name, func(at string) []string { return t.above[at] })[1:]
	var out []string
	for _, a := range all {
		if len(t.above[a]) == 0 {
			out = append(out, a)
		}
	}
	if len(out) == 0 {
		out = all
	}
	slices.Sort(out)
	return out
}

// Starters are the files that start this one as a process of its own.
func (t *Tree) Starters(name string) []string {
	if t == nil {
		return nil
	}
	return t.starters[name]
}

// reach are the files that next leads to from name, name first.
func (t *Tree) reach(name string, next func(string) []string) []string {
	seen := map[string]bool{name: true}
	out := []string{name}
	for i := 0; i < len(out); i++ {
		for _, n := range next(out[i]) {
			if !seen[n] {
				seen[n] = true
				out = append(out, n)
			}
		}
	}
	return out
}

// find is the file that the first readable of the names means.
func (t *Tree) find(from string, names []string) string {
	for _, name := range names {
		name = strings.TrimSuffix(name, "/")
		to := ""
		if workspace := strings.HasPrefix(from, Scheme); workspace && strings.HasPrefix(name, "/") {
			to = t.at(Scheme + path.Clean(strings.TrimPrefix(name, "/Workspace")))
		} else if strings.HasPrefix(name, "/") {
			to = t.absolute(name)
		} else {
			to = t.at(path.Join(path.Dir(from), name))
			if archive.Of(to) != archive.Of(from) {
				to = "" // what stands beside an archive is not beside its members
			}
		}
		if to != "" {
			return to
		}
	}
	return ""
}

// at is the file of the notebook at a place: that very file when it is a
// notebook, else the one notebook that has a suffix more, else the file as it
// is (a script, which Jupyter runs too).
func (t *Tree) at(place string) string {
	exact := t.files[place]
	if exact && t.isNotebook(place) {
		return place
	}
	var found []string
	for _, s := range suffixes {
		for _, name := range []string{place + s, place + strings.ToUpper(s)} {
			if t.files[name] && t.isNotebook(name) {
				found = append(found, name)
			}
		}
	}
	switch {
	case len(found) == 1:
		return found[0]
	case len(found) == 0 && exact:
		return place
	}
	return ""
}

// isNotebook reports whether a file is more than a script. One with a suffix
// of its own cannot be told from its name.
func (t *Tree) isNotebook(name string) bool {
	doc := t.Open(name)
	return doc != nil && doc.Format != notebooks.Plain
}

// absolute is the file of a workspace path. Where the export of the workspace
// begins is not known: it is the file whose place in its root is the longest
// end of the path, and only if there is one such file.
func (t *Tree) absolute(name string) string {
	name = path.Clean(name)
	name = strings.TrimPrefix(name, "/Workspace")
	parts := strings.Split(strings.TrimPrefix(name, "/"), "/")
	for i := range parts {
		end := strings.Join(parts[i:], "/")
		var found []string
		for _, f := range t.byBase[path.Base(end)] {
			place := f
			if !ends(f, end) {
				place = stem(f)
			}
			if !ends(place, end) || len(parts)-i < 2 && !t.atRoot(place, end) {
				continue
			}
			if to := t.at(strings.TrimSuffix(place, end) + end); to != "" && !slices.Contains(found, to) {
				found = append(found, to)
			}
		}
		switch len(found) {
		case 0:
		case 1:
			return found[0]
		default:
			return ""
		}
	}
	return ""
}

// atRoot reports whether a place stands directly in a root, so that a name
// without folders may mean it.
func (t *Tree) atRoot(place, end string) bool {
	for _, r := range t.roots {
		if place == path.Join(r, end) {
			return true
		}
	}
	return strings.HasSuffix(place, "!/"+end) // in an archive
}

func ends(place, end string) bool { return place == end || strings.HasSuffix(place, "/"+end) }

// stem is a file's name without the suffix that an export adds.
func stem(name string) string {
	for _, s := range suffixes {
		if ext := path.Ext(name); strings.EqualFold(ext, s) {
			return strings.TrimSuffix(name, ext)
		}
	}
	return name
}
