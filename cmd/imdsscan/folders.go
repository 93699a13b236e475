package main

import (
	"bytes"
	"fmt"
	"strings"

	"github.com/imdsscan/imdsscan/analyzer/prefilter"
	"github.com/imdsscan/imdsscan/notebooks/archive"
	"github.com/imdsscan/imdsscan/notebooks/format"
	"github.com/imdsscan/imdsscan/notebooks/span"
)

// A DBC archive records each folder, too, and in the record every notebook
// below a second time. Nobody says which of the two an import takes. A copy
// that equals the notebook's own member needs no report of its own, and is
// replaced along with it.

// isFolder tells the record of a folder in an archive.
func (in *input) isFolder() bool { return in.in != nil && strings.HasSuffix(in.name, "/") }

// withoutCopies is the record with blanks in place of the notebooks that are
// also members by themselves. What is left is text that nobody accounts for.
func (in *input) withoutCopies(record []byte, filter *prefilter.Filter) []byte {
	copies, err := format.Copies(record)
	if err != nil || !filter.Match(record) {
		return record
	}
	out := bytes.Clone(record)
	for _, c := range copies {
		text := record[c.At.Start:c.At.End]
		index, known := in.in.members[in.in.dir.Members[in.index].Name+c.Name]
		if !known || !filter.Match(text) {
			continue
		}
		member := &input{in: in.in, index: index}
		if own, err := member.whole(); err == nil && bytes.Equal(own, text) {
			copy(out[c.At.Start:], bytes.Repeat([]byte(" "), len(text)))
		}
	}
	return out
}

// fixCopies adds to the new contents the records of the folders above.
func (a *archiveFix) fixCopies(contents map[*archive.Member][]byte) error {
	fixed := map[string]int{}
	for i, in := range a.members {
		fixed[a.c.dir.Members[in.index].Name] = i
	}
	for index, m := range a.c.dir.Members {
		if !strings.HasSuffix(m.Name, "/") || !anyBelow(m.Name, fixed) {
			continue
		}
		record, err := (&input{in: a.c, index: index}).whole()
		if err != nil {
			return err
		}
		copies, err := format.Copies(record)
		if err != nil {
			return fmt.Errorf("what it records of the folder %s is not understood, and nothing was written: %w", archive.Printable(m.Name), err)
		}
		var edits []span.Edit
		for _, c := range copies {
			i, ok := fixed[m.Name+c.Name]
			if !ok {
				continue
			}
			f := a.files[i]
			if !bytes.Equal(record[c.At.Start:c.At.End], f.Source) {
				return fmt.Errorf("what it records of the folder %s has another %s than the notebook is; nothing was written", archive.Printable(m.Name), c.Name)
			}
			edits = append(edits, span.Edit{Span: c.At, New: string(f.Fixed)})
		}
		if contents[m], err = span.Apply(record, edits); err != nil {
			return err
		}
	}
	return nil
}

func anyBelow(folder string, names map[string]int) bool {
	for name := range names {
		if strings.HasPrefix(name, folder) {
			return true
		}
	}
	return false
}
