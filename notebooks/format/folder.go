package format

import (
	"errors"

	"github.com/imdsscan/imdsscan/notebooks/span"
)

// Copy is a notebook that a DBC archive holds a second time, in what it records
// of the folder above.
type Copy struct {
	// Name is that of the notebook's own member, from the folder on.
	Name string
	At   span.Span
}

// maxFolders bounds folders in folders.
const maxFolders = 64

// Copies finds the notebooks in what a DBC archive records of a folder: a
// FolderV1, with all that is below.
func Copies(b []byte) ([]Copy, error) {
	return copiesIn(nil, b, span.Span{End: len(b)}, "", 0)
}

func copiesIn(out []Copy, b []byte, at span.Span, above string, depth int) ([]Copy, error) {
	if depth > maxFolders {
		return nil, errors.New("folders in folders without end")
	}
	var version string
	var children []span.Span
	err := scanJSON(b[:at.End], at.Start, true, func(s *jsonScan) error {
		children = nil
		return s.top(func(name string) (err error) {
			switch {
			case name == "version":
				version, err = s.text()
				return err
			case name == "children" && s.dec.PeekKind() == '[':
				return s.array(func() error {
					_, child, err := s.value()
					children = append(children, child)
					return err
				})
			}
			return s.dec.SkipValue()
		})
	})
	if err != nil {
		return nil, err
	}
	if version != "FolderV1" {
		return nil, errors.New("it is no FolderV1")
	}
	for _, child := range children {
		var version, name, language string
		err := scanJSON(b[:child.End], child.Start, true, func(s *jsonScan) error {
			if s.dec.PeekKind() != '{' {
				return s.dec.SkipValue()
			}
			return s.strings(map[string]*string{"version": &version, "name": &name, "language": &language})
		})
		if err != nil {
			return nil, err
		}
		switch version {
		case "NotebookV1":
			out = append(out, Copy{Name: above + name + "." + language, At: child})
		case "FolderV1":
			if out, err = copiesIn(out, b, child, above+name+"/", depth+1); err != nil {
				return nil, err
			}
		}
	}
	return out, nil
}
