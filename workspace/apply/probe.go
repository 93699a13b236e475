package apply

import (
	"bytes"
	"encoding/json"
	"reflect"

	"github.com/imdsscan/imdsscan/workspace/backup"
	"github.com/imdsscan/imdsscan/workspace/journal"
	"github.com/imdsscan/imdsscan/workspace/plan"
)

// maker is who made content that is neither what was there nor what was sent.
type maker int

const (
	byNobodyKnows maker = iota
	byService
	bySomebody
)

// altered finds out whether the service made content out of what was sent, or
// somebody else wrote it. It matters: the first is to be replaced by the
// original, the second never. Content that differs from what was sent in form
// alone is the service's. Else the same bytes are imported once more, to a
// scratch object in the user's own folder, and what the service makes of them
// there decides.
func (m *machine) altered(o *plan.Object, now seen, sent []byte) (maker, error) {
	if inFormOnly(o.Format, sent, now.content) {
		return byService, nil
	}
	scratch := m.at(o).scratch(o, m.Journal.ID)
	if scratch == nil {
		return byNobodyKnows, nil
	}
	if err := m.note(journal.Record{Step: journal.Probe, Name: o.Name, Scratch: scratch.Name}); err != nil {
		return 0, err
	}
	how := m.probe(scratch, now, sent)
	if m.tree.remove(m.ctx, scratch.Name) != nil {
		return how, nil // the journal keeps its name
	}
	return how, m.note(journal.Record{Step: journal.Probed, Name: o.Name})
}

func (m *machine) probe(scratch *plan.Object, now seen, sent []byte) maker {
	if m.tree.write(m.ctx, scratch, now.is, sent) != nil {
		return byNobodyKnows
	}
	got, err := m.look(scratch)
	switch {
	case err != nil || got.gone:
		return byNobodyKnows
	case got.sum == now.sum:
		return byService
	case got.sum == backup.Sum(sent):
		return bySomebody
	}
	return byNobodyKnows
}

// inFormOnly reports whether two contents differ at most in line ends, in blanks
// at the ends of lines and of the text, and, in a notebook stored as JSON, in
// the order and layout of the JSON.
func inFormOnly(format string, a, b []byte) bool {
	if format == "JUPYTER" {
		return sameJSON(a, b)
	}
	return bytes.Equal(form(a), form(b))
}

func form(text []byte) []byte {
	lines := bytes.Split(bytes.TrimPrefix(text, []byte("\xef\xbb\xbf")), []byte("\n"))
	for i := range lines {
		lines[i] = bytes.TrimRight(lines[i], " \t\r")
	}
	return bytes.TrimRight(bytes.Join(lines, []byte("\n")), "\n")
}

func sameJSON(a, b []byte) bool {
	var x, y any
	return json.Unmarshal(a, &x) == nil && json.Unmarshal(b, &y) == nil && reflect.DeepEqual(x, y)
}
