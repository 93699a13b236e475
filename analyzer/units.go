package analyzer

import (
	"strings"

	"github.com/imdsscan/imdsscan/analyzer/facts"
	"github.com/imdsscan/imdsscan/analyzer/python"
	"github.com/imdsscan/imdsscan/analyzer/shell"
	"github.com/imdsscan/imdsscan/notebooks"
	"github.com/imdsscan/imdsscan/notebooks/codec"
	"github.com/imdsscan/imdsscan/notebooks/span"
)

// maxNesting bounds code in strings in code: real code has three layers.
const maxNesting = 8

// collect makes the units of a document, runs the language packages over them
// and over the units they contain, and gathers the facts.
func collect(res *Result) *facts.Facts {
	all := &facts.Facts{}
	var session []*facts.Unit // Python cells share one interpreter
	var alone []*facts.Unit   // each shell cell is a process of its own
	var bangs []bang          // and so is each command line of IPython
	for _, c := range res.Doc.Cells {
		switch c.Language {
		case notebooks.Python:
			if py := pythonCell(res.Doc, c); py != nil {
				session = append(session, py)
			} else {
				all.Broken = append(all.Broken, unmaskable(res.Doc, c))
			}
			bangs = append(bangs, bangsOf(c)...)
		case notebooks.Shell:
			alone = append(alone, &facts.Unit{Language: notebooks.Shell, Text: c.Code, Cell: c, Doc: res.Doc,
				ErrExit: magicErrExit(c.Magic)})
		}
	}
	seen := map[seenUnit]bool{}
	var names *python.Session
	if len(session) > 0 {
		res.Units = append(res.Units, session...)
		names = python.Open(session)
		all.Add(names.Facts)
	}
	for _, b := range bangs {
		u, broken := b.unit(res.Doc, names)
		if u == nil {
			all.Broken = append(all.Broken, broken)
			continue
		}
		alone = append(alone, u)
	}
	for _, u := range alone {
		res.Units = append(res.Units, u)
		all.Add(shell.Analyze(u))
	}
	for level, from := 0, 0; level < maxNesting && from < len(all.Nested); level++ {
		next := len(all.Nested)
		for _, u := range all.Nested[from:next] {
			id := seenUnit{u.Language, u.Text.Raw(u.Text.All())}
			if seen[id] {
				continue
			}
			seen[id] = true
			res.Units = append(res.Units, u)
			all.Add(analyzeNested(u))
		}
		from = next
	}
	return all
}

type seenUnit struct {
	language notebooks.Language
	raw      span.Span
}

func analyzeNested(u *facts.Unit) *facts.Facts {
	switch u.Language {
	case notebooks.Python:
		return python.Analyze([]*facts.Unit{u})
	case notebooks.Shell:
		return shell.Analyze(u)
	}
	return &facts.Facts{}
}

// pythonCell is the unit of a Python cell with its IPython lines masked.
func pythonCell(doc *notebooks.Document, c *notebooks.Cell) *facts.Unit {
	masked, err := c.Code.Decode(c.Code.All(), codec.Mask{})
	if err != nil {
		return nil
	}
	return &facts.Unit{Language: notebooks.Python, Text: masked, Cell: c, Doc: doc}
}

func unmaskable(doc *notebooks.Document, c *notebooks.Cell) facts.Broken {
	u := &facts.Unit{Language: notebooks.Python, Text: c.Code, Cell: c, Doc: doc}
	return facts.Broken{Unit: u, Span: c.Code.All(), Reason: "the IPython lines of the cell could not be told from Python"}
}

// magicErrExit reports whether the options of a %sh magic hold -e.
func magicErrExit(magic string) bool {
	for _, w := range strings.Fields(magic)[min(1, len(strings.Fields(magic))):] {
		if strings.HasPrefix(w, "-") && !strings.HasPrefix(w, "--") && strings.Contains(w, "e") {
			return true
		}
	}
	return false
}
