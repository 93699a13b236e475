// Package treesitter parses source code into plain Go trees. It is the only
// package that knows tree-sitter: a parse is flattened at once into a slice of
// nodes and the C tree is gone before Parse returns, so that nothing needs
// closing and the runtime can be exchanged here alone.
package treesitter

// #include "flatten.h"
// #include <stdlib.h>
import "C"

import (
	"errors"
	"fmt"
	"runtime"
	"sync"
	"time"
	"unsafe"

	tree_sitter_r "github.com/r-lib/tree-sitter-r/bindings/go"
	sitter "github.com/smacker/go-tree-sitter"
	"github.com/smacker/go-tree-sitter/java"
	"github.com/smacker/go-tree-sitter/python"
	"github.com/smacker/go-tree-sitter/scala"
)

// Language is a grammar.
type Language struct {
	name    string
	pointer func() *sitter.Language

	once    sync.Once
	lang    *sitter.Language
	symbols []string // node kinds by symbol
	fields  []string // field names by id
	parsers sync.Pool
}

// The grammars in the binary. That of R stands outside of the runtime's own
// collection; its ABI fits.
var (
	Python = &Language{name: "python", pointer: python.GetLanguage}
	Scala  = &Language{name: "scala", pointer: scala.GetLanguage}
	Java   = &Language{name: "java", pointer: java.GetLanguage}
	R      = &Language{name: "r", pointer: func() *sitter.Language { return sitter.NewLanguage(tree_sitter_r.Language()) }}
)

// maxSource is the most bytes one parse takes; offsets are 32 bits wide and a
// tree is some ten times the size of its source.
const maxSource = 128 << 20

// ErrTooLong says that a parse was given up: the source is too large, or
// recovering from its errors took too long.
var ErrTooLong = errors.New("parsing takes too long")

// errorSymbol is what tree-sitter numbers an ERROR node.
const errorSymbol = 0xFFFF

func (l *Language) load() {
	l.lang = l.pointer()
	for i := uint32(0); i < l.lang.SymbolCount(); i++ {
		l.symbols = append(l.symbols, l.lang.SymbolName(sitter.Symbol(i)))
	}
	l.fields = append(l.fields, "")
	for i := 1; ; i++ {
		name := l.lang.FieldName(i)
		if name == "" {
			break
		}
		l.fields = append(l.fields, name)
	}
	l.parsers.New = func() any {
		// sitter.Language is a struct of one pointer, the C language.
		c := C.imdsscan_parser(*(*unsafe.Pointer)(unsafe.Pointer(l.lang)), 0)
		p := &parser{c: c}
		runtime.AddCleanup(p, func(c unsafe.Pointer) {
			if c != nil {
				C.imdsscan_free_parser(c)
			}
		}, c)
		return p
	}
}

// parser is a C parser; one is used by one goroutine at a time.
type parser struct{ c unsafe.Pointer }

// Parse parses src. The tree keeps src. Source with errors still gives a tree,
// in which parts are ERROR nodes; an error means that there is no tree at all.
func Parse(l *Language, src []byte) (*Tree, error) {
	l.once.Do(l.load)
	t := &Tree{lang: l, src: src}
	if len(src) > maxSource {
		return nil, fmt.Errorf("%w: %d bytes of %s", ErrTooLong, len(src), l.name)
	}
	p := l.parsers.Get().(*parser)
	if p.c == nil {
		return nil, fmt.Errorf("the %s grammar does not fit the tree-sitter runtime", l.name)
	}
	defer l.parsers.Put(p)
	// The time grows with the source, so that only errors that are slow to
	// recover from run out of it, not a slow machine.
	limit := 5*time.Second + time.Duration(len(src))*5*time.Microsecond
	C.imdsscan_set_limit(p.c, C.uint64_t(limit.Microseconds()))
	var count C.uint32_t
	text := "\x00"
	if len(src) > 0 {
		text = unsafe.String(unsafe.SliceData(src), len(src))
	}
	out := C.imdsscan_parse(p.c, (*C.char)(unsafe.Pointer(unsafe.StringData(text))), C.uint32_t(len(src)), &count)
	runtime.KeepAlive(src)
	if out == nil {
		return nil, fmt.Errorf("%w: %d bytes of %s", ErrTooLong, len(src), l.name)
	}
	defer C.free(unsafe.Pointer(out))
	t.nodes = make([]flat, count)
	for i, c := range unsafe.Slice(out, count) {
		t.nodes[i] = flat{
			start: uint32(c.start), end: uint32(c.end),
			parent: int32(c.parent), first: int32(c.first), next: int32(c.next),
			symbol: uint16(c.symbol), field: uint16(c.field), flags: uint8(c.flags),
		}
	}
	return t, nil
}
