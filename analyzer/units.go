package analyzer

import (
	"bytes"
	"maps"
	"slices"
	"strings"

	"github.com/imdsscan/imdsscan/analyzer/dockerfile"
	"github.com/imdsscan/imdsscan/analyzer/facts"
	"github.com/imdsscan/imdsscan/analyzer/jvm"
	"github.com/imdsscan/imdsscan/analyzer/pins"
	"github.com/imdsscan/imdsscan/analyzer/python"
	"github.com/imdsscan/imdsscan/analyzer/r"
	"github.com/imdsscan/imdsscan/analyzer/shell"
	"github.com/imdsscan/imdsscan/analyzer/sql"
	"github.com/imdsscan/imdsscan/analyzer/yaml"
	"github.com/imdsscan/imdsscan/notebooks"
	"github.com/imdsscan/imdsscan/notebooks/codec"
	"github.com/imdsscan/imdsscan/notebooks/runs"
	"github.com/imdsscan/imdsscan/notebooks/span"
)

// maxNesting bounds code in strings in code: real code has three layers.
const maxNesting = 8

// language is how code of one language is analysed.
type language struct {
	// session is true when the cells of a notebook in this language run in one
	// interpreter, one after the other; else each is a program of its own.
	session bool
	// unit is a cell as code; nil stands for cellUnit. It returns no unit where
	// the cell cannot be taken for code, and why.
	unit func(*notebooks.Document, *notebooks.Cell) (*facts.Unit, facts.Broken)
	// analyze gives the facts of the units of a session, or of a single unit.
	analyze func([]*facts.Unit) *facts.Facts
}

// languages are those that are analysed. A cell in another one is searched
// for the endpoint only.
var languages = map[notebooks.Language]language{
	notebooks.Python:     {session: true, unit: pythonCell, analyze: python.Analyze},
	notebooks.Scala:      {session: true, analyze: jvm.Analyze},
	notebooks.R:          {session: true, analyze: r.Analyze},
	notebooks.Java:       {analyze: jvm.Analyze},
	notebooks.Shell:      {analyze: func(us []*facts.Unit) *facts.Facts { return shell.Analyze(us[0]) }},
	notebooks.SQL:        {analyze: func(us []*facts.Unit) *facts.Facts { return sql.Analyze(us[0]) }},
	notebooks.Packages:   {analyze: func(us []*facts.Unit) *facts.Facts { return pins.Analyze(us[0]) }},
	notebooks.YAML:       {analyze: func(us []*facts.Unit) *facts.Facts { return yaml.Analyze(us[0]) }},
	notebooks.Terraform:  {analyze: func(us []*facts.Unit) *facts.Facts { return analyzeTerraform(us[0]) }},
	notebooks.Dockerfile: {analyze: func(us []*facts.Unit) *facts.Facts { return dockerfile.Analyze(us[0]) }},
}

// collect makes the units of the session that begins with root, runs the
// language packages over them and over the units they contain, and gathers the
// facts. The cells of home are among them; what does not run in the session
// (shell cells, command lines) is looked at for home only.
func collect(home, root *notebooks.Document, around *runs.Tree) (all *facts.Facts, done []*facts.Unit) {
	all = &facts.Facts{}
	sessions, alone := cellUnits(sessionOf(root, home, around), home, around, all)
	analyze := func(l notebooks.Language, units ...*facts.Unit) {
		done = append(done, units...)
		all.Add(languages[l].analyze(units))
	}
	var names *python.Session
	if units := sessions[notebooks.Python]; len(units) > 0 {
		done = append(done, units...)
		names = python.Open(units)
		all.Add(names.Facts)
	}
	for _, l := range slices.Sorted(maps.Keys(sessions)) {
		if l != notebooks.Python {
			analyze(l, sessions[l]...)
		}
	}
	if home.Format == notebooks.IPynb && bytes.Contains(home.File.Bytes(), []byte("environmentMetadata")) {
		all.Pins = append(all.Pins, pins.Notebook(&facts.Unit{Language: notebooks.Packages, Text: home.File, Doc: home})...)
	}
	var named []*facts.Pin // by the text of the code alone
	for _, c := range home.Cells {
		if namesPackages(c) {
			u, _ := cellUnit(home, c)
			if c.Language == notebooks.Text {
				u.Text = c.Text // with the magic, which names them
			}
			named = append(named, pins.Coordinates(u, others(home, c))...)
			if c.Language != notebooks.YAML && c.Language != notebooks.Terraform {
				all.Clusters = append(all.Clusters, pins.Settings(u)...)
			}
		}
		if c.Language != notebooks.Python {
			continue
		}
		all.Pins = append(all.Pins, installsOf(home, c, names)...)
		if home.Format == notebooks.Plain {
			u, _ := cellUnit(home, c)
			all.Pins = append(all.Pins, pins.Script(u)...)
		}
		for _, b := range bangsOf(c) { // each command line is a process of its own
			if u, broken := b.unit(home, names); u != nil {
				alone = append(alone, u)
			} else {
				all.Broken = append(all.Broken, broken)
			}
		}
	}
	for _, u := range alone {
		analyze(u.Language, u)
	}
	seen := map[seenUnit]bool{}
	from := 0
	nested := func() {
		for level := 0; level < maxNesting && from < len(all.Nested); level++ {
			next := len(all.Nested)
			for _, u := range all.Nested[from:next] {
				id := seenUnit{u.Doc, u.Language, u.Text.Raw(u.Text.All())}
				if _, known := languages[u.Language]; !known {
					all.Unexplained = append(all.Unexplained, facts.Unexplained{Unit: u, Span: u.Text.All(), Why: string(u.Language) + " is not analysed (" + u.Via + ")"})
					continue
				} else if seen[id] {
					continue
				}
				seen[id] = true
				analyze(u.Language, u)
			}
			from = next
		}
	}
	nested()
	from = len(all.Nested)
	encodedUnits(home, all)
	nested()
	all.Pins = append(all.Pins, pins.Beyond(all.Pins, named)...)
	return all, done
}

// others are the cells of a document that may set names for one: those before
// it, the nearest first, then those behind it.
func others(doc *notebooks.Document, c *notebooks.Cell) (out []*facts.Unit) {
	at := slices.Index(doc.Cells, c)
	for i := range doc.Cells {
		if i < at {
			i = at - 1 - i
		}
		if o := doc.Cells[i]; o != c && o.Language == c.Language {
			u, _ := cellUnit(doc, o)
			out = append(out, u)
		}
	}
	return out
}

// namesPackages tells the cells in whose code a package's coordinates have an
// effect.
func namesPackages(c *notebooks.Cell) bool {
	switch c.Language {
	case notebooks.Text:
		return strings.HasPrefix(c.Magic, "%")
	case notebooks.Python, notebooks.Shell, notebooks.Scala, notebooks.Java, notebooks.R, notebooks.SQL, notebooks.YAML, notebooks.Dockerfile, notebooks.Terraform:
		return true
	}
	return false
}

type seenUnit struct {
	doc      *notebooks.Document
	language notebooks.Language
	raw      span.Span
}

// cellUnits are the cells as units: the sessions, one a language, and the
// cells of home that run alone.
func cellUnits(cells []placed, home *notebooks.Document, around *runs.Tree, all *facts.Facts) (sessions map[notebooks.Language][]*facts.Unit, alone []*facts.Unit) {
	sessions = map[notebooks.Language][]*facts.Unit{}
	shared := len(around.Roots(home.Path)) > 0
	for _, p := range cells {
		doc, c := p.doc, p.cell
		l, known := languages[c.Language]
		if !known || doc != home && !l.session {
			continue
		}
		open := cellUnit
		if l.unit != nil {
			open = l.unit
		}
		switch u, broken := open(doc, c); {
		case u == nil:
			all.Broken = append(all.Broken, broken)
		case l.session:
			u.Widgets, u.Shared = p.widgets, shared
			sessions[c.Language] = append(sessions[c.Language], u)
		default:
			alone = append(alone, u)
		}
	}
	return sessions, alone
}

func cellUnit(doc *notebooks.Document, c *notebooks.Cell) (*facts.Unit, facts.Broken) {
	return &facts.Unit{Language: c.Language, Text: c.Code, Cell: c, Doc: doc}, facts.Broken{}
}

// pythonCell is the unit of a Python cell with its IPython lines masked.
func pythonCell(doc *notebooks.Document, c *notebooks.Cell) (*facts.Unit, facts.Broken) {
	u, _ := cellUnit(doc, c)
	masked, err := c.Code.Decode(c.Code.All(), codec.Mask{})
	if err != nil {
		return nil, facts.Broken{Unit: u, Span: c.Code.All(), Reason: "the IPython lines of the cell could not be told from Python"}
	}
	u.Text = masked
	return u, facts.Broken{}
}
