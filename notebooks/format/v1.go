package format

import (
	"bytes"
	"path/filepath"
	"slices"
	"strings"

	"github.com/imdsscan/imdsscan/notebooks"
	"github.com/imdsscan/imdsscan/notebooks/span"
)

// v1Suffixes are the suffixes of the members of a DBC archive.
var v1Suffixes = map[string]bool{".python": true, ".scala": true, ".sql": true, ".r": true}

// isV1 tells a notebook as DBC archives hold it: JSON under a suffix that
// elsewhere means source code.
func isV1(name string, b []byte) bool {
	ext := strings.ToLower(filepath.Ext(name))
	t := bytes.TrimLeft(b, " \t\r\n")
	if !v1Suffixes[ext] || len(t) == 0 || t[0] != '{' {
		return false
	}
	return bytes.Contains(b, []byte(`"NotebookV1"`)) || ext == ".python"
}

// v1Scan keeps where the commands of a NotebookV1 have their text.
type v1Scan struct {
	*jsonScan
	language    string
	hasCommands bool
	commands    []v1Command
}

// v1Command is a command and its place on the page.
type v1Command struct {
	rawCell
	position float64
}

// scanV1 reads a NotebookV1 in b from start on, to the end when it stands
// alone.
func scanV1(b []byte, start int, alone bool) (*v1Scan, error) {
	var s *v1Scan
	err := scanJSON(b, start, alone, func(j *jsonScan) error {
		s = &v1Scan{jsonScan: j}
		return s.top(func(name string) (err error) {
			switch name {
			case "language":
				s.language, err = s.text()
				return err
			case "commands":
				return s.commandList()
			}
			return s.dec.SkipValue()
		})
	})
	if err != nil {
		return nil, err
	}
	if !s.hasCommands {
		return nil, s.errorAt(start, "it has no commands")
	}
	// The page shows the commands by position, whatever their order in the file.
	slices.SortStableFunc(s.commands, func(a, b v1Command) int {
		switch {
		case a.position < b.position:
			return -1
		case a.position > b.position:
			return 1
		}
		return 0
	})
	for i := range s.commands {
		s.commands[i].number = i + 1
	}
	return s, nil
}

// openV1 decodes a NotebookV1. Results are passed over, never decoded.
func openV1(name string, b []byte, start int, alone bool) (*notebooks.Document, error) {
	s, err := scanV1(b, start, alone)
	if err != nil {
		return nil, err
	}
	d := &notebooks.Document{Path: name, Format: notebooks.DBC, Language: s.defaultLanguage(name),
		File: span.File(b), Problems: s.problems}
	for i := range s.commands {
		c := &s.commands[i]
		c.add(d, d.File, c.source)
	}
	return d, nil
}

// defaultLanguage is the language of commands without a magic.
func (s *v1Scan) defaultLanguage(name string) notebooks.Language {
	switch l := notebooks.Language(strings.ToLower(s.language)); l {
	case notebooks.Python, notebooks.Scala, notebooks.SQL, notebooks.R:
		return l
	case "":
		if lang, _ := suffixLanguage(name); lang != "" {
			return lang
		}
		return notebooks.Python
	}
	return notebooks.Text
}

func (s *v1Scan) commandList() error {
	if s.dec.PeekKind() != '[' {
		_, at, err := s.value()
		s.problem(at, 0, `"commands" is not a list`)
		return err
	}
	s.hasCommands, s.commands = true, nil
	return s.array(s.command)
}

func (s *v1Scan) command() error {
	index := len(s.commands) + 1
	if s.dec.PeekKind() != '{' {
		_, at, err := s.value()
		s.problem(at, 0, "the command is not a JSON object")
		return err
	}
	c := v1Command{position: float64(index)}
	if index > 1 { // without a position it stays behind the one before
		c.position = s.commands[index-2].position
	}
	found, start := false, s.offset()
	err := s.object(func(name string) (err error) {
		switch name {
		case "position":
			c.position, err = s.number(c.position)
		case "guid":
			c.id, err = s.text()
		case "commandTitle":
			c.title, err = s.text()
		case "command":
			if found {
				s.problem(c.source, 0, `the command has its text twice; the last is read`)
			}
			found, err = s.source(&c.rawCell)
		default:
			err = s.dec.SkipValue()
		}
		return err
	})
	if err != nil {
		return err
	}
	if !found || c.list {
		s.problem(span.Span{Start: start, End: s.offset()}, 0, "the command has no readable text")
		return nil
	}
	s.commands = append(s.commands, c)
	return nil
}

// number reads a number; any other value is def.
func (s *jsonScan) number(def float64) (float64, error) {
	if s.dec.PeekKind() != '0' {
		return def, s.dec.SkipValue()
	}
	t, err := s.dec.ReadToken()
	if err != nil {
		return def, err
	}
	if f, err := t.Float(); err == nil {
		return f, nil
	}
	return def, nil
}
