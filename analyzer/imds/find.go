package imds

import (
	"bytes"
	"slices"

	"github.com/imdsscan/imdsscan/notebooks/span"
)

// Occurrence is a place where the address of the metadata service is written.
type Occurrence struct {
	Span     span.Span
	Spelling Spelling
}

// base64Dotted are the letters that "169.254.169.254" always has in base64,
// for each of the three places at which it can begin in a group of three bytes.
var base64Dotted = []string{"MTY5LjI1NC4xNjkuMjU0", "E2OS4yNTQuMTY5LjI1N", "xNjkuMjU0LjE2OS4yNT"}

// Find returns every place in b where an address of the metadata service is
// written, in order and without overlaps, in time linear in len(b). It looks
// at text, not at meaning: comments and other clouds' URLs are found too.
//
// A place counts where the address stands as a word: look-alikes such as
// 169.254.169.2540, 10.169.254.169.254 or 169.254.169.254.nip.io do not. An
// escape before it (\n, %2F, \u002f) ends the word before. Of the other
// numeric forms those are found that are written without spare zeros. The
// host name instance-data is a common word as well, see hostNameAt.
func Find(b []byte) []Occurrence {
	out := findDotted(nil, b)
	out = findBase64(out, b)
	out = findHostName(out, b)
	out = findNumbers(out, b)
	slices.SortFunc(out, func(x, y Occurrence) int {
		if x.Span.Start != y.Span.Start {
			return x.Span.Start - y.Span.Start
		}
		return y.Span.End - x.Span.End
	})
	kept, end := out[:0], 0
	for _, o := range out {
		if o.Span.Start >= end {
			kept, end = append(kept, o), o.Span.End
		}
	}
	return kept
}

func findDotted(out []Occurrence, b []byte) []Occurrence {
	for from := 0; ; {
		i := bytes.Index(b[from:], []byte(dotted))
		if i < 0 {
			return out
		}
		start, end := from+i, from+i+len(dotted)
		from = start + 1
		// An underscore is no part of a host: it belongs to what stands around.
		left := start == 0 || !isAlnum(b[start-1]) || afterEscape(b, start)
		if left && !afterLabel(b, start) && !goesOn(b, end) && (end == len(b) || !isAlnum(b[end])) {
			out = append(out, Occurrence{span.Span{Start: start, End: end}, DottedDecimal})
			from = end
		}
	}
}

func findBase64(out []Occurrence, b []byte) []Occurrence {
	for _, letters := range base64Dotted {
		for from := 0; ; {
			i := bytes.Index(b[from:], []byte(letters))
			if i < 0 {
				break
			}
			start := from + i
			from = start + len(letters)
			out = append(out, Occurrence{span.Span{Start: start, End: from}, Base64})
		}
	}
	return out
}

// findNumbers finds IPv6 addresses and numeric forms other than the dotted
// decimal one. It goes from word to word.
func findNumbers(out []Occurrence, b []byte) []Occurrence {
	for i := 0; i < len(b); {
		start := i
		for i < len(b) && inWord[b[i]] {
			i++
		}
		if i == start {
			i++
			if b[start] != ':' {
				continue
			}
		} else if start > 0 && (b[start-1] == '\\' || b[start-1] == '%') {
			if n := escapeAt(b, start); n > 0 {
				i = start + n
				continue
			}
		}
		end := i
		if c := b[start]; c >= '0' && c <= '2' {
			if to, ok := numberAt(b, start); ok {
				out = append(out, Occurrence{span.Span{Start: start, End: to}, Numeric})
				i = to
				continue
			}
		}
		if b[start] == ':' || end < len(b) && b[end] == ':' && end-start <= 4 {
			if o, ok := addr6At(b, start); ok {
				out, i = append(out, o), o.Span.End
			}
		}
	}
	return out
}

// inWord is isWord as a table.
var inWord = func() (table [256]bool) {
	for c := range table {
		table[c] = isWord(byte(c))
	}
	return table
}()

// numberAt reads an inet_aton form that begins at start.
func numberAt(b []byte, start int) (end int, ok bool) {
	const shortest, longest = len("2852039166"), len("0xa9.0xfe.0xa9.0xfe")
	for end = start; end < len(b) && end-start <= longest && (isAlnum(b[end]) || b[end] == '.'); end++ {
	}
	if end-start < shortest || end-start > longest+1 {
		return 0, false
	}
	for end > start && b[end-1] == '.' {
		end--
	}
	text := string(b[start:end])
	if spare(text) || hostSpelling(text) != Numeric {
		return 0, false
	}
	if start > 0 && (b[start-1] == '.' || b[start-1] == '-' && (start == 1 || b[start-2] != ':')) {
		return 0, false
	}
	if end < len(b) && (isWord(b[end]) || b[end] == '.' && end+1 < len(b) && isAlnum(b[end+1])) || goesOn(b, end) {
		return 0, false
	}
	return end, true
}

// spare is true for numbers with more leading zeros than they need, which
// stand in data rather than in addresses.
func spare(text string) bool {
	for i := 0; i+1 < len(text); i++ {
		first := i == 0 || text[i-1] == '.' || text[i-1]|0x20 == 'x'
		if first && text[i] == '0' && (text[i+1] == '0' || i > 0 && text[i-1]|0x20 == 'x') {
			return true
		}
	}
	return false
}

// addr6At reads an IPv6 address in the run of its letters that begins at
// start, perhaps after a colon that belongs to the text before.
func addr6At(b []byte, start int) (o Occurrence, ok bool) {
	const longest = len("0000:0000:0000:0000:0000:ffff:169.254.169.254")
	if b[start] == ':' && start+1 < len(b) && b[start+1] != ':' {
		start++
	}
	colons, end := 0, start
	for ; end < len(b) && end-start <= longest+1; end++ {
		if b[end] == ':' {
			colons++
			continue
		}
		if _, hex := hexDigit(b[end]); !hex && b[end] != '.' {
			break
		}
	}
	if colons < 2 || end < len(b) && isWord(b[end]) {
		return o, false
	}
	for end > start && (b[end-1] == '.' || b[end-1] == ':') {
		end--
	}
	return Occurrence{span.Span{Start: start, End: end}, IPv6}, isAddr6(string(b[start:end]))
}

// afterLabel is true when a dot and a word stand before start: the address is
// the end of a longer name or number.
func afterLabel(b []byte, start int) bool {
	return start > 1 && b[start-1] == '.' && isWord(b[start-2])
}

// goesOn is true when the host's name goes on at end: with a label after a
// dot, or with a hyphen and a letter.
func goesOn(b []byte, end int) bool {
	if end+1 >= len(b) {
		return false
	}
	switch b[end] {
	case '.':
		return isAlnum(b[end+1])
	case '-':
		return isLetter(b[end+1])
	}
	return false
}

// afterEscape is true when an escape sequence ends at i.
func afterEscape(b []byte, i int) bool {
	for n := 1; n <= 5 && n < i; n++ {
		if (b[i-n-1] == '\\' || b[i-n-1] == '%') && escapeAt(b, i-n) == n {
			return true
		}
	}
	return false
}

// escapeAt is the number of letters at i that belong to an escape sequence
// whose backslash or percent sign stands before i.
func escapeAt(b []byte, i int) int {
	if i == 0 || i >= len(b) {
		return 0
	}
	digits := func(from, n int) bool {
		if from+n > len(b) {
			return false
		}
		for _, c := range b[from : from+n] {
			if _, ok := hexDigit(c); !ok {
				return false
			}
		}
		return true
	}
	switch b[i-1] {
	case '%':
		if digits(i, 2) {
			return 2
		}
	case '\\':
		switch b[i] {
		case 'n', 'r', 't', 'b', 'f':
			return 1
		case 'x':
			if digits(i+1, 2) {
				return 3
			}
		case 'u':
			if digits(i+1, 4) {
				return 5
			}
		}
	}
	return 0
}

func isLetter(c byte) bool { return c|0x20 >= 'a' && c|0x20 <= 'z' }
func isDigit(c byte) bool  { return c >= '0' && c <= '9' }
func isAlnum(c byte) bool  { return isLetter(c) || isDigit(c) }
func isWord(c byte) bool   { return isAlnum(c) || c == '_' }
