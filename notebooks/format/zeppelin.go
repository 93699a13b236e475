package format

import (
	"bytes"
	"path/filepath"
	"strings"

	"github.com/imdsscan/imdsscan/notebooks"
	"github.com/imdsscan/imdsscan/notebooks/span"
)

const zeppelinReadOnly = "Zeppelin notes are not edited: fix the paragraph in Zeppelin"

// isZeppelin tells a Zeppelin note by its suffix, or where that is JSON's by
// members that only a note has.
func isZeppelin(name string, b []byte) bool {
	switch strings.ToLower(filepath.Ext(name)) {
	case ".zpln":
		return true
	case ".json":
		t := bytes.TrimLeft(b, " \t\r\n")
		return len(t) > 0 && t[0] == '{' && bytes.Contains(b, []byte(`"paragraphs"`)) && bytes.Contains(b, []byte(`"angularObjects"`))
	}
	return false
}

// interpreters are the languages of Zeppelin's interpreters, by their name
// alone or behind that of their group (%spark.pyspark). Those that are not
// listed hold text.
var interpreters = map[string]notebooks.Language{
	"spark": notebooks.Scala, "scala": notebooks.Scala, "flink": notebooks.Scala,
	"pyspark": notebooks.Python, "ipyspark": notebooks.Python, "python": notebooks.Python, "ipython": notebooks.Python,
	"pyflink": notebooks.Python, "ipyflink": notebooks.Python,
	"r": notebooks.R, "ir": notebooks.R, "sparkr": notebooks.R, "knitr": notebooks.R,
	"sql": notebooks.SQL, "jdbc": notebooks.SQL, "hive": notebooks.SQL, "bsql": notebooks.SQL, "ssql": notebooks.SQL,
	"sh":   notebooks.Shell,
	"md":   notebooks.Markdown,
	"java": notebooks.Java,
	// Loads libraries, in Scala.
	"dep": notebooks.Scala,
}

// zeppelinScan keeps where the paragraphs of a note have their text.
type zeppelinScan struct {
	*jsonScan
	group         string // the default interpreter, empty when not said
	hasParagraphs bool
	paragraphs    []rawCell
}

// openZeppelin decodes a Zeppelin note. A paragraph begins with the name of
// its interpreter.
func openZeppelin(name string, b []byte, start int) (*notebooks.Document, error) {
	var s *zeppelinScan
	err := scanJSON(b, start, true, func(j *jsonScan) error {
		s = &zeppelinScan{jsonScan: j}
		return s.top(func(name string) (err error) {
			switch name {
			case "defaultInterpreterGroup":
				s.group, err = s.text()
				return err
			case "paragraphs":
				return s.paragraphList()
			}
			return s.dec.SkipValue()
		})
	})
	if err != nil {
		return nil, err
	}
	if !s.hasParagraphs {
		return nil, s.errorAt(start, "it has no paragraphs")
	}
	d := &notebooks.Document{Path: name, Format: notebooks.Zeppelin, Language: notebooks.Scala, File: span.File(b),
		Problems: s.problems, ReadOnly: zeppelinReadOnly}
	if s.group != "" {
		d.Language = interpreterLanguage(s.group)
	}
	for i := range s.paragraphs {
		s.paragraphs[i].add(d, d.File, s.paragraphs[i].source)
	}
	for _, c := range d.Cells {
		setInterpreter(c, d.Language)
	}
	return d, nil
}

// setInterpreter sets what follows from the name that a paragraph begins with.
func setInterpreter(c *notebooks.Cell, def notebooks.Language) {
	c.Language, c.Magic, c.Code = def, "", c.Text
	b := c.Text.Bytes()
	at := len(b) - len(bytes.TrimLeft(b, " \t\n"))
	if at == len(b) || b[at] != '%' {
		return
	}
	end := at + 1
	for end < len(b) && (b[end] == '.' || b[end] == '_' || b[end] == '-' || b[end] >= '0' && b[end] <= '9' || b[end]|0x20 >= 'a' && b[end]|0x20 <= 'z') {
		end++
	}
	c.Magic = string(b[at:end])
	c.Language = interpreterLanguage(c.Magic[1:])
	if end < len(b) && b[end] == '(' { // properties of the paragraph
		if i := bytes.IndexByte(b[end:], ')'); i >= 0 {
			end += i + 1
		}
	}
	code := end + len(b[end:]) - len(bytes.TrimLeft(b[end:], " \t"))
	if code < len(b) && b[code] == '\n' {
		code++
	}
	c.Code = c.Text.Slice(span.Span{Start: code, End: len(b)})
}

func interpreterLanguage(name string) notebooks.Language {
	name = strings.ToLower(name)
	group, last, found := strings.Cut(name, ".")
	if !found {
		last = group
	}
	if lang, ok := interpreters[last]; ok {
		return lang
	}
	return notebooks.Text
}

func (s *zeppelinScan) paragraphList() error {
	if s.dec.PeekKind() != '[' {
		_, at, err := s.value()
		s.problem(at, 0, `"paragraphs" is not a list`)
		return err
	}
	s.hasParagraphs, s.paragraphs = true, nil
	n := 0
	return s.array(func() error {
		n++
		return s.paragraph(n)
	})
}

func (s *zeppelinScan) paragraph(number int) error {
	if s.dec.PeekKind() != '{' {
		_, at, err := s.value()
		s.problem(at, number, "the paragraph is not a JSON object")
		return err
	}
	c := rawCell{number: number}
	found, damaged := false, span.Span{}
	err := s.object(func(name string) (err error) {
		switch name {
		case "id":
			c.id, err = s.text()
		case "title":
			c.title, err = s.text()
		case "text":
			start := s.offset()
			if found, err = s.source(&c); !found || c.list {
				found, damaged = false, span.Span{Start: start, End: s.offset()}
			}
		default:
			err = s.dec.SkipValue()
		}
		return err
	})
	switch {
	case err != nil:
		return err
	case found:
		s.paragraphs = append(s.paragraphs, c)
	case damaged != span.Span{} && !bytes.HasSuffix(s.b[damaged.Start:damaged.End], []byte("null")):
		s.problem(damaged, number, "the paragraph has no readable text")
	}
	return nil // one without text is a new one
}
