package pins

import (
	"fmt"

	"github.com/imdsscan/imdsscan/analyzer/imds"
	"github.com/imdsscan/imdsscan/notebooks/span"
)

// maxManifest is the size beyond which a manifest is reported as not read: a
// tree of it would take many times its memory.
const maxManifest = 32 << 20

// Item is a value of a structured manifest, whatever its syntax.
type Item struct {
	span span.Span
	text imds.Value // a string or a number
	// table holds the members of a table in the order of the file, list the
	// elements of a list.
	table []member
	list  []*Item
	isTab bool
	index map[string]int // of the table's keys, once it is long
}

type member struct {
	key   string
	at    span.Span // the key
	value *Item
}

// Text, List and Table make the items of another package's parser; a text
// stands at s of the unit's text.
func Text(v imds.Value, s span.Span) *Item {
	if v == nil {
		v = imds.Value{}
	}
	return &Item{text: v, span: s}
}

// List is an item with elements.
func List(elements []*Item) *Item { return &Item{list: elements} }

// Table is an item for members.
func Table() *Item { return &Item{isTab: true} }

// Set adds a member whose key stands at a place.
func (i *Item) Set(key string, at span.Span, value *Item) { i.set(member{key, at, value}) }

// get is the value at a path of keys, nil where there is none.
func (i *Item) get(path ...string) *Item {
	for _, key := range path {
		i = i.member(key)
	}
	return i
}

func (i *Item) member(key string) *Item {
	if i == nil {
		return nil
	}
	if i.index != nil {
		if n, ok := i.index[key]; ok {
			return i.table[n].value
		}
		return nil
	}
	for n := len(i.table) - 1; n >= 0; n-- {
		if i.table[n].key == key {
			return i.table[n].value
		}
	}
	return nil
}

// set adds a member; of several with one key the last counts.
func (i *Item) set(m member) {
	i.table = append(i.table, m)
	switch {
	case i.index != nil:
		i.index[m.key] = len(i.table) - 1
	case len(i.table) == 32:
		i.index = map[string]int{}
		for n, m := range i.table {
			i.index[m.key] = n
		}
	}
}

// members are a table's members, none of what is no table.
func (i *Item) members() []member {
	if i == nil {
		return nil
	}
	return i.table
}

// elements are a list's elements.
func (i *Item) elements() []*Item {
	if i == nil {
		return nil
	}
	return i.list
}

// value is an Item's text, nil of a table or list.
func (i *Item) value() imds.Value {
	if i == nil {
		return nil
	}
	return i.text
}

// open parses the manifest; nil where it is not valid, which is then reported.
func (r *reader) open(parse func(*reader) (*Item, int, error)) *Item {
	if n := r.u.Text.Len(); n > maxManifest {
		r.unread(0, fmt.Sprintf("its pins are not known: a %s of %d MB is too large", r.u.Doc.Manifest, n>>20))
		return nil
	}
	root, at, err := parse(r)
	if err != nil {
		r.unread(at, "its pins are not known: "+err.Error())
		return nil
	}
	return root
}

// strings are the texts in a list, lists in it included.
func (i *Item) strings(each func(*Item)) {
	for _, e := range i.elements() {
		if e.text != nil {
			each(e)
		}
		e.strings(each)
	}
}
