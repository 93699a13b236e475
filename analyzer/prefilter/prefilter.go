// Package prefilter tells at about the speed of reading whether a file's text
// can matter to the analysis: whether it holds anything that could be a
// spelling of the metadata service's address, or a word of a library or tool
// that talks to the service by itself. What it passes is then decoded and
// parsed; what it does not pass never is.
//
// It may pass too much and must not pass too little: wherever imds.Find finds
// an address, Match is true. The package knows words, not languages or formats.
package prefilter

import "bytes"

// endpoints are texts of which each spelling of the address holds one, in any
// case. Numeric forms are caught by their first two fields, or by the whole
// where there are fewer; shorter texts would be found among any numbers.
var endpoints = []string{
	"169.254.", "251.254.", "xa9.254.", // 169.254.169.254, 0251.254.43518, 0xa9.254.…
	"169.0376.", "251.0376.", "xa9.0376.", ".0xfe.",
	".16689662", "077524776", "0xfea9fe", // as in 169.16689662
	"2852039166", "025177524776", "0xa9fea9fe",
	"fd00:", "a9fe:a9fe",
	"instance-data",
}

// base64Endpoints is 169.254.169.254 in base64, for the three places at which
// it can stand in a group of bytes. Case matters.
var base64Endpoints = []string{"MTY5LjI1NC4xNjkuMjU0", "E2OS4yNTQuMTY5LjI1N", "xNjkuMjU0LjE2OS4yNT"}

// libraries are words of libraries and tools that ask the service themselves,
// of the token's header, and of this program's own comments.
var libraries = []string{"ec2metadata", "ec2-metadata", "ec2_metadata", "imdsscan"}

// containers are words of files that hold code in a form in which no word of
// it shows: HTML exports of Databricks notebooks.
var containers = []string{"__databricks_notebook_model"}

// libraryNames are names that are part of much commoner ones (boto3,
// botocore) and count only as a whole word.
var libraryNames = []string{"boto"}

// needle is a text to look for.
type needle struct {
	text  string // in lower case unless exact
	exact bool   // case matters
	word  bool   // counts only as a whole word
	pin   bool   // counts only where a version may follow
}

// Filter looks for a set of words. It may be used by several goroutines.
type Filter struct {
	everything bool // a word cannot be indexed, so nothing can be ruled out
	longest    int  // the length of the longest word
	needles    [buckets][]located
	masks      masks
	steps      *[256]uint32
}

// New makes a filter for the addresses, the libraries, and further words,
// which are found in any case and anywhere. A word shorter than four letters,
// longer than half a piece or with letters outside ASCII makes a filter that
// passes everything.
func New(words ...string) *Filter { return WithPackages(nil, words...) }

// WithPackages is like New, and passes also what may name a version of one of
// the packages. Many files name a package (import boto3), few its version.
func WithPackages(packages []string, words ...string) *Filter {
	var ns []needle
	for _, w := range packages {
		ns = append(ns, needle{text: lower(w), pin: true})
	}
	for _, list := range [][]string{endpoints, libraries, containers, words} {
		for _, w := range list {
			ns = append(ns, needle{text: lower(w)})
		}
	}
	for _, w := range base64Endpoints {
		ns = append(ns, needle{text: w, exact: true})
	}
	for _, w := range libraryNames {
		ns = append(ns, needle{text: w, word: true})
	}
	return newFilter(ns)
}

func newFilter(ns []needle) *Filter {
	f := &Filter{}
	for _, n := range ns {
		if !indexable(n.text) {
			f.everything = true
			return f
		}
		f.longest = max(f.longest, len(n.text))
	}
	f.needles = distribute(ns)
	f.compile()
	return f
}

// Match is false only when none of the words is in b.
func (f *Filter) Match(b []byte) bool {
	if f.everything || utf16(b) {
		return true
	}
	return f.match(b)
}

// utf16 is true for text in an encoding in which no word would be found.
func utf16(b []byte) bool {
	return bytes.HasPrefix(b, []byte("\xff\xfe")) || bytes.HasPrefix(b, []byte("\xfe\xff"))
}

// confirm looks whether a needle of the given buckets stands at the place
// where its fingerprint was seen.
func (f *Filter) confirm(b []byte, at int, found uint8) bool {
	for k := 0; found != 0; k, found = k+1, found>>1 {
		if found&1 == 0 {
			continue
		}
		for i := range f.needles[k] {
			n := &f.needles[k][i]
			if n.stands(b, at-n.offset) {
				return true
			}
		}
	}
	return false
}

func (n *needle) stands(b []byte, start int) bool {
	end := start + len(n.text)
	if start < 0 || end > len(b) {
		return false
	}
	for i := range len(n.text) {
		c := b[start+i]
		if !n.exact {
			c = lowerByte(c)
		}
		if c != n.text[i] {
			return false
		}
	}
	if n.pin {
		return pinned(b, start, end)
	}
	if !n.word {
		return true
	}
	before := start > 0 && isWord(b[start-1]) && !(start > 1 && b[start-2] == '\\')
	after := end < len(b) && (isWord(b[end]) || b[end] == '-')
	return !before && !after
}

func indexable(word string) bool {
	for i := range len(word) {
		if word[i] >= 0x80 {
			return false
		}
	}
	return len(word) >= fingerprint && len(word) <= piece/2
}

func lower(s string) string {
	b := []byte(s)
	for i := range b {
		b[i] = lowerByte(b[i])
	}
	return string(b)
}

func lowerByte(c byte) byte {
	if c >= 'A' && c <= 'Z' {
		return c | 0x20
	}
	return c
}

func isWord(c byte) bool {
	return c|0x20 >= 'a' && c|0x20 <= 'z' || c >= '0' && c <= '9' || c == '_'
}
