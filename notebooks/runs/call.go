// Package runs knows which notebooks run which. It finds the %run lines and
// the dbutils.notebook.run calls of a document ([Of]), and the documents of a
// scan that they mean ([Tree]).
//
// It knows what platforms make of such lines; what the code does with the
// names that come from another notebook is for others to say. A name that is
// put together at run time is no call: nothing is guessed.
package runs

import (
	"bytes"
	"regexp"
	"strings"

	"github.com/imdsscan/imdsscan/notebooks"
	"github.com/imdsscan/imdsscan/notebooks/codec"
	"github.com/imdsscan/imdsscan/notebooks/span"
)

// Words are what a file that runs another one holds, whatever its format.
var Words = []string{"%run", "notebook.run"}

// Call is a place in a document that runs another one.
type Call struct {
	Cell *notebooks.Cell
	// Names are the readings of the name, best first: where it may hold blanks
	// only a look at the files tells where it ends.
	Names []string
	// Args are the arguments of a %run line ($name="value").
	Args []Arg
	// Process is true for dbutils.notebook.run: the notebook runs in a session
	// of its own, and no names come back.
	Process bool
}

// Arg is a widget's value that a %run line sets.
type Arg struct {
	Name, Value string
	// Span is the value in Cell.Code.
	Span span.Span
}

// Of finds the calls of a document, in the order of the code.
func Of(doc *notebooks.Document) []Call {
	if doc.Format == notebooks.Plain {
		return nil
	}
	var out []Call
	for _, c := range doc.Cells {
		code := c.Code.Bytes()
		switch c.Language {
		case notebooks.Text:
			if c.Magic == "%run" {
				line, _, _ := bytes.Cut(code, []byte("\n"))
				out = appendRun(out, c, span.Span{End: len(line)})
			}
			continue
		case notebooks.Python:
			if bytes.Contains(code, []byte("%run")) {
				for _, m := range codec.Magics(code) {
					if m.Name == "run" && !m.Cell && startsLine(code, m.Span.Start) {
						out = appendRun(out, c, m.Body)
					}
				}
			}
		case notebooks.Scala, notebooks.R:
		default:
			continue
		}
		if !bytes.Contains(code, []byte("notebook.run")) {
			continue
		}
		for _, m := range processRun.FindAllSubmatchIndex(code, -1) {
			if name := string(code[m[2]:m[3]]); usable(name) {
				out = append(out, Call{Cell: c, Names: []string{name}, Process: true})
			}
		}
	}
	return out
}

// processRun is a call with the name written out: one in a variable or with
// fields in it is not known here.
var processRun = regexp.MustCompile(`\bnotebook\.run\s*\(\s*(?:path\s*=\s*)?["']([^"'\\\n]+)["']\s*[,)]`)

// startsLine is false for a magic that is indented: whether it runs is not
// known.
func startsLine(code []byte, at int) bool { return at == 0 || code[at-1] == '\n' }

// appendRun reads the text after %run: a name, in quotes or not, then
// arguments $a="1" of Databricks or plain words of Jupyter.
func appendRun(out []Call, c *notebooks.Cell, s span.Span) []Call {
	text := string(c.Code.Bytes()[s.Start:s.End])
	call := Call{Cell: c}
	rest, at := strings.TrimLeft(text, " \t"), s.End
	for strings.HasPrefix(rest, "-") { // the options of Jupyter's %run
		word, after, _ := strings.Cut(rest, " ")
		if word == "-m" {
			return out // a module, not a file
		}
		rest = strings.TrimLeft(after, " \t")
	}
	if rest == "" {
		return out
	}
	if q := rest[0]; q == '"' || q == '\'' {
		end := strings.IndexByte(rest[1:], q)
		if end < 0 {
			return out
		}
		call.Names, rest = []string{rest[1 : 1+end]}, rest[end+2:]
	} else {
		name := rest
		if i := argument.FindStringIndex(rest); i != nil {
			name, rest = rest[:i[0]], rest[i[0]:]
		} else {
			rest = ""
		}
		name = strings.TrimRight(name, " \t;")
		if i := strings.Index(name, " #"); i >= 0 {
			name = strings.TrimRight(name[:i], " \t")
		}
		call.Names = []string{name}
		if word, _, more := strings.Cut(name, " "); more {
			call.Names = append(call.Names, word)
		}
	}
	for _, name := range call.Names {
		if !usable(name) {
			return out
		}
	}
	at -= len(rest)
	for _, m := range argument.FindAllStringSubmatchIndex(rest, -1) {
		for _, group := range []int{4, 6, 8} {
			if m[group] >= 0 {
				call.Args = append(call.Args, Arg{Name: rest[m[2]:m[3]], Value: rest[m[group]:m[group+1]],
					Span: span.Span{Start: at + m[group], End: at + m[group+1]}})
			}
		}
	}
	return append(out, call)
}

var argument = regexp.MustCompile(`(?:^|\s)\$(\w+)\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s"']+))`)

// usable is false for a name that is put together when it is used.
func usable(name string) bool {
	return name != "" && !strings.ContainsAny(name, "${}~\\\x00\n") && !strings.HasPrefix(name, "@")
}
