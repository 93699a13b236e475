package analyzer

import (
	"bytes"
	"maps"
	"slices"
	"sync"

	"github.com/imdsscan/imdsscan/analyzer/facts"
	"github.com/imdsscan/imdsscan/analyzer/imds"
	"github.com/imdsscan/imdsscan/analyzer/prefilter"
	"github.com/imdsscan/imdsscan/notebooks"
	"github.com/imdsscan/imdsscan/notebooks/runs"
)

// Notebooks run one another without end where they mean to; a session is what
// fits these bounds. What is beyond them gives no names.
const (
	maxRunDepth = 64
	maxRunBytes = 2 << 20
	maxRunCells = 2000
	maxRunTimes = 2 // of one notebook in a session: what it sets, it sets again
)

// placed is a cell at the point of a session where it runs.
type placed struct {
	doc  *notebooks.Document
	cell *notebooks.Cell
	// widgets are the arguments that the notebook is run with.
	widgets map[string][]imds.Value
}

// sessionOf are the cells of a document in the order they run, with those of
// the notebooks that it runs (%run) at their place. home stands for the file
// of its name, wherever that is run.
func sessionOf(root, home *notebooks.Document, around *runs.Tree) []placed {
	f := flattener{home: home, around: around}
	f.add(root, startedWith(root, around, nil))
	return f.cells
}

// matters finds documents that hold an address.
var matters = sync.OnceValue(func() *prefilter.Filter { return prefilter.New() })

// maxStarts bounds how far arguments are followed from notebook to notebook.
const maxStarts = 3

// startedWith are the arguments that other documents start this one with.
// above are the documents it is found out for.
func startedWith(doc *notebooks.Document, around *runs.Tree, above []string) map[string][]imds.Value {
	starters := around.Starters(doc.Path)
	if len(starters) == 0 || len(above) >= maxStarts || !readsArguments(doc) {
		return nil
	}
	out := map[string][]imds.Value{}
	for _, path := range starters {
		starter := around.Open(path)
		if slices.Contains(above, path) || starter == nil || !anyMatters(around, path) {
			continue
		}
		f := flattener{home: starter, around: around}
		f.add(starter, startedWith(starter, around, append(above, doc.Path)))
		for _, run := range factsOf(f.cells, starter, around).Runs {
			if around.Find(run.Unit.Doc.Path, run.Name) == doc.Path {
				for name, values := range run.Args {
					out[name] = append(out[name], values...)
				}
			}
		}
	}
	return out
}

// readsArguments reports whether code of a document may ask for its arguments.
func readsArguments(doc *notebooks.Document) bool {
	for _, c := range doc.Cells {
		if b := c.Code.Bytes(); bytes.Contains(b, []byte("widgets")) || bytes.Contains(b, []byte("getArgument")) {
			return true
		}
	}
	return false
}

// anyMatters reports whether an address stands anywhere in a session.
func anyMatters(around *runs.Tree, root string) bool {
	for _, path := range around.Session(root) {
		if doc := around.Open(path); doc != nil && matters().Match(doc.File.Bytes()) {
			return true
		}
	}
	return false
}

type flattener struct {
	home   *notebooks.Document
	around *runs.Tree
	cells  []placed
	bytes  int
	open   []string // the notebooks being run, so that a ring ends
	times  map[string]int
}

func (f *flattener) add(doc *notebooks.Document, widgets map[string][]imds.Value) {
	f.open = append(f.open, doc.Path)
	defer func() { f.open = f.open[:len(f.open)-1] }()
	links := f.around.Resolve(doc)
	for _, c := range doc.Cells {
		runs := false
		for ; len(links) > 0 && links[0].Cell == c; links = links[1:] {
			if !links[0].Process {
				runs = true
				f.run(links[0])
			}
		}
		if runs && doc != f.home && bytes.IndexByte(bytes.TrimSpace(c.Code.Bytes()), '\n') < 0 {
			continue // nothing but the line that runs another one
		}
		f.cells = append(f.cells, placed{doc, c, widgets})
	}
}

func (f *flattener) run(l runs.Link) {
	if len(f.open) > maxRunDepth || len(f.cells) > maxRunCells || slices.Contains(f.open, l.Path) || f.times[l.Path] == maxRunTimes {
		return
	}
	if f.times == nil {
		f.times = map[string]int{}
	}
	f.times[l.Path]++
	doc := f.home
	if l.Path != doc.Path {
		if doc = f.around.Open(l.Path); doc == nil {
			return
		}
	}
	if f.bytes += doc.File.Len(); f.bytes > maxRunBytes {
		return
	}
	var widgets map[string][]imds.Value
	for _, a := range l.Args {
		if widgets == nil {
			widgets = map[string][]imds.Value{}
		}
		widgets[a.Name] = []imds.Value{imds.Lit(a.Value, imds.Source{Text: l.Cell.Code, Span: a.Span})}
	}
	f.add(doc, widgets)
}

// factsOf are the facts of the languages of a session, without what nests in
// them.
func factsOf(cells []placed, home *notebooks.Document, around *runs.Tree) *facts.Facts {
	all := &facts.Facts{}
	sessions, _ := cellUnits(cells, home, around, all)
	for _, l := range slices.Sorted(maps.Keys(sessions)) {
		all.Add(languages[l].analyze(sessions[l]))
	}
	return all
}
