package runs

import (
	"bytes"
	"slices"

	"github.com/imdsscan/imdsscan/notebooks"
)

// block is a statement at the top level of a cell, with all that is indented
// below it: what one of its words has to do with, the names it sets may carry.
type block struct {
	words, sets map[string]bool
	// hot is true when it holds what is looked for.
	hot bool
}

// blocks are those of a document's code that runs in a session, found in the
// words alone: that is many times faster than a parser, and errs on the side of
// too many names.
func blocks(doc *notebooks.Document, hot func([]byte) bool) []block {
	var out []block
	for _, c := range doc.Cells {
		switch c.Language {
		case notebooks.Python, notebooks.Scala, notebooks.R:
		default:
			continue
		}
		for _, code := range statements(c.Code.Bytes()) {
			b := block{hot: hot(code)}
			b.words, b.sets = words(code)
			out = append(out, b)
		}
	}
	for _, l := range Of(doc) { // arguments of %run lines are set for what they run
		if slices.ContainsFunc(l.Args, func(a Arg) bool { return hot([]byte(a.Value)) }) {
			out = append(out, block{hot: true, sets: map[string]bool{"widgets": true, "getArgument": true}})
		}
	}
	return out
}

// statements cuts code where a line begins without a blank, outside of
// brackets and long strings.
func statements(code []byte) [][]byte {
	var out [][]byte
	start, depth := 0, 0
	var long []byte // the quotes of the string that is open
	for i := 0; i < len(code); i++ {
		if long != nil {
			if bytes.HasPrefix(code[i:], long) {
				i += len(long) - 1
				long = nil
			}
			continue
		}
		switch c := code[i]; c {
		case '(', '[', '{':
			depth++
		case ')', ']', '}':
			depth = max(0, depth-1)
		case '"', '\'':
			if q := bytes.Repeat([]byte{c}, 3); bytes.HasPrefix(code[i:], q) {
				long, i = q, i+2
				continue
			}
			for i++; i < len(code) && code[i] != c && code[i] != '\n'; i++ {
				if code[i] == '\\' && i+1 < len(code) && code[i+1] != '\n' {
					i++
				}
			}
			if i < len(code) && code[i] == '\n' {
				i--
			}
		case '#':
			if end := bytes.IndexByte(code[i:], '\n'); end >= 0 {
				i += end - 1
			} else {
				i = len(code)
			}
		case '\n':
			if depth == 0 && i+1 < len(code) && code[i+1] != ' ' && code[i+1] != '\t' && code[i+1] != '\n' && i > start {
				out = append(out, code[start:i+1])
				start = i + 1
			}
		}
	}
	return append(out, code[start:])
}

// setters come before a name that they set, changers are methods that change
// the object whose name they stand behind.
var (
	setters  = map[string]bool{"def": true, "class": true, "object": true, "trait": true, "val": true, "var": true, "for": true, "as": true, "global": true, "assign": true}
	changers = map[string]bool{"update": true, "append": true, "add": true, "extend": true, "setdefault": true, "put": true, "insert": true, "headers": true, "mount": true}
)

// words are the words of some code, and those of them that it may give a value.
func words(code []byte) (all, sets map[string]bool) {
	all, sets = map[string]bool{}, map[string]bool{}
	before, root := "", "" // the word before, and the first of a chain a.b[c].d
	for i := 0; i < len(code); {
		if !isWord(code[i]) {
			if c := code[i]; c == '\n' || c == ';' || c == ',' || c == '(' {
				root = ""
			}
			i++
			continue
		}
		end := i
		for end < len(code) && isWord(code[end]) {
			end++
		}
		word := string(code[i:end])
		all[word] = true
		chained := i > 0 && (code[i-1] == '.' || code[i-1] == '[' || code[i-1] == '"' || code[i-1] == '\'' || code[i-1] == '$' || code[i-1] == '@')
		if !chained || root == "" {
			root = word
		}
		if setters[before] {
			sets[word] = true
		}
		if changers[word] && chained {
			sets[root] = true
		}
		if assigned(code[end:]) {
			sets[word], sets[root] = true, true
		}
		before, i = word, end
	}
	return all, sets
}

// assigned reports whether what follows a name gives it a value.
func assigned(rest []byte) bool {
	i := 0
	for i < len(rest) && bytes.IndexByte([]byte(" \t]\"')"), rest[i]) >= 0 {
		i++
	}
	rest = rest[i:]
	switch {
	case len(rest) == 0:
		return false
	case rest[0] == '=':
		return len(rest) == 1 || rest[1] != '='
	case rest[0] == ':', rest[0] == ',': // annotated, or one of several
		line, _, _ := bytes.Cut(rest, []byte("\n"))
		return bytes.IndexByte(line, '=') >= 0
	case len(rest) > 1 && (rest[0] == '<' && (rest[1] == '-' || rest[1] == '<') || rest[0] == '-' && rest[1] == '>'):
		return true
	case len(rest) > 1 && rest[1] == '=':
		return bytes.IndexByte([]byte("+|:-*/&"), rest[0]) >= 0
	}
	return false
}

func isWord(c byte) bool {
	return c|0x20 >= 'a' && c|0x20 <= 'z' || c >= '0' && c <= '9' || c == '_' || c >= 0x80
}

// blocksOf are the blocks of a file, found once.
func (t *Tree) blocksOf(name string) []block {
	t.mu.Lock()
	b, ok := t.known[name]
	t.mu.Unlock()
	if ok {
		return b
	}
	if doc := t.Open(name); doc != nil {
		b = blocks(doc, t.hot)
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	t.known[name] = b
	return b
}

// carried are the names of a session that may carry what is looked for.
func (t *Tree) carried(session []string) map[string]bool {
	names := map[string]bool{}
	var rest []block
	for _, name := range session {
		rest = append(rest, t.blocksOf(name)...)
	}
	for grown := true; grown; {
		grown = false
		left := rest[:0:0]
		for _, b := range rest {
			if !b.hot && !mentions(b, names) {
				left = append(left, b)
				continue
			}
			for n := range b.sets {
				grown = grown || !names[n]
				names[n] = true
			}
		}
		rest = left
	}
	return names
}

func mentions(b block, names map[string]bool) bool {
	if len(names) < len(b.words) {
		for n := range names {
			if b.words[n] {
				return true
			}
		}
		return false
	}
	for n := range b.words {
		if names[n] {
			return true
		}
	}
	return false
}

// Linked reports whether a file has to do with what is looked for through the
// names of a session it takes part in.
func (t *Tree) Linked(root, name string) bool {
	session := t.Session(root)
	names := t.carried(session)
	return slices.ContainsFunc(t.blocksOf(name), func(b block) bool { return mentions(b, names) || mentions(block{words: b.sets}, names) })
}

// Together are the files to look at with others: those that hold what is
// looked for, and those that what they run or are run by may bring it to.
func (t *Tree) Together() map[string]bool {
	out := map[string]bool{}
	var work []string
	for _, r := range t.runners {
		session := t.Session(r)
		if !slices.ContainsFunc(session, t.holds) {
			continue
		}
		names := t.carried(session)
		for _, name := range session {
			if !out[name] && (t.holds(name) || slices.ContainsFunc(t.blocksOf(name), func(b block) bool { return mentions(b, names) })) {
				out[name] = true
				work = append(work, name)
			}
		}
	}
	for i := 0; i < len(work); i++ { // its arguments may hold it
		for _, to := range t.targets(work[i], true) {
			for _, name := range t.Session(to) {
				if !out[name] {
					out[name] = true
					work = append(work, name)
				}
			}
		}
	}
	return out
}

// holds reports whether a file holds what is looked for.
func (t *Tree) holds(name string) bool {
	t.mu.Lock()
	h, ok := t.holding[name]
	t.mu.Unlock()
	if ok {
		return h
	}
	if b, _, err := t.read(name); err == nil {
		h = t.hot(b)
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	t.holding[name] = h
	return h
}
