package analyzer

import (
	"strings"

	"github.com/imdsscan/imdsscan/analyzer/command"
	"github.com/imdsscan/imdsscan/analyzer/facts"
	"github.com/imdsscan/imdsscan/analyzer/imds"
	"github.com/imdsscan/imdsscan/analyzer/pins"
	"github.com/imdsscan/imdsscan/analyzer/python"
	"github.com/imdsscan/imdsscan/notebooks"
	"github.com/imdsscan/imdsscan/notebooks/codec"
	"github.com/imdsscan/imdsscan/notebooks/span"
)

// bang is a shell command line in a Python cell: `!cmd`, `x = !cmd`.
type bang struct {
	cell *notebooks.Cell
	body span.Span // the command in cell.Code
}

// shellMagics are the IPython lines that run a shell command.
var shellMagics = map[string]bool{"!": true, "!!": true, "sx": true, "system": true, "sh": true}

func bangsOf(c *notebooks.Cell) []bang {
	var out []bang
	for _, m := range codec.Magics(c.Code.Bytes()) {
		if shellMagics[m.Name] {
			out = append(out, bang{c, m.Body})
		}
	}
	return out
}

// installMagics are the IPython lines that install packages.
var installMagics = map[string]bool{"pip": true, "conda": true, "mamba": true, "micromamba": true, "uv": true, "pipx": true}

// installsOf are the packages that a cell's `%pip install` and its like ask
// for. The words are read as they are meant: no shell takes `boto3>=1` apart.
func installsOf(doc *notebooks.Document, c *notebooks.Cell, names *python.Session) []*facts.Pin {
	var out []*facts.Pin
	for _, m := range codec.Magics(c.Code.Bytes()) {
		if !installMagics[m.Name] || m.Cell {
			continue
		}
		name := span.Span{Start: m.Span.Start, End: m.Body.End}
		name.Start += strings.Index(c.Code.Sub(name), m.Name)
		u, _ := bang{c, name}.unit(doc, names)
		if u == nil {
			continue
		}
		u.Via = "%" + m.Name
		words := command.Split(u.Value(u.Text.All()))
		for _, p := range pins.Installed(u, words, u.Text.All()) {
			p.By = "%" + p.By
			out = append(out, p)
		}
	}
	return out
}

// unit is the command as the shell gets it. IPython fills in fields such as
// {url} and $url when it knows every one of them, and else leaves the whole
// command as it is.
func (b bang) unit(doc *notebooks.Document, names *python.Session) (*facts.Unit, facts.Broken) {
	fields, ok := codec.BangFields([]byte(b.cell.Code.Sub(b.body)))
	expanded := ok && len(fields) > 0
	var holes []imds.Value
	for _, f := range fields {
		root, rest := f.Name, ""
		if i := strings.IndexAny(f.Name, ".[( "); i >= 0 {
			root, rest = f.Name[:i], f.Name[i:]
		}
		if !names.Knows(root) {
			expanded = false
			break
		}
		if f.Plain && rest == "" {
			holes = append(holes, names.Value(root))
		} else {
			holes = append(holes, imds.Unknown(f.Name))
		}
	}
	u := &facts.Unit{Language: notebooks.Shell, Cell: b.cell, Doc: doc, Via: "!"}
	var err error
	if u.Text, err = b.cell.Code.Decode(b.body, codec.BangCommand{Expanded: expanded}); err != nil {
		u.Text = b.cell.Code
		return nil, facts.Broken{Unit: u, Span: b.body, Reason: err.Error()}
	}
	if expanded {
		u.Holes = holes
	}
	return u, facts.Broken{}
}
