package analyzer

import (
	"slices"

	"github.com/imdsscan/imdsscan/analyzer/imds"
	"github.com/imdsscan/imdsscan/notebooks"
	"github.com/imdsscan/imdsscan/notebooks/runs"
)

// Notebooks run one another without end where they mean to; a session is what
// fits these bounds. What is beyond them gives no names.
const (
	maxRunDepth = 16
	maxRunBytes = 4 << 20
	maxRunCells = 10_000
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
	f.add(root, nil)
	return f.cells
}

type flattener struct {
	home   *notebooks.Document
	around *runs.Tree
	cells  []placed
	bytes  int
	open   []string // the notebooks being run, so that a ring ends
}

func (f *flattener) add(doc *notebooks.Document, widgets map[string][]imds.Value) {
	f.open = append(f.open, doc.Path)
	defer func() { f.open = f.open[:len(f.open)-1] }()
	links := f.around.Resolve(doc)
	for _, c := range doc.Cells {
		for ; len(links) > 0 && links[0].Cell == c; links = links[1:] {
			if !links[0].Process {
				f.run(links[0])
			}
		}
		f.cells = append(f.cells, placed{doc, c, widgets})
	}
}

func (f *flattener) run(l runs.Link) {
	if len(f.open) > maxRunDepth || len(f.cells) > maxRunCells || slices.Contains(f.open, l.Path) {
		return
	}
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
