package pins

import (
	"regexp"

	"github.com/imdsscan/imdsscan/analyzer/facts"
	"github.com/imdsscan/imdsscan/notebooks/span"
)

var (
	// scriptBlock is the metadata of a Python script (PEP 723): comments
	// between two marks.
	scriptBlock = regexp.MustCompile(`(?m)^# /// script[ \t]*\n((?:#(?:| .*)\n)*?)# ///[ \t]*$`)
	// dependencyList is a list of requirements in it.
	dependencyList = regexp.MustCompile(`(?m)^#[ \t]+[A-Za-z-]*dependencies[ \t]*=[ \t]*\[`)
	// scriptString is a string, or what ends the list, or a comment.
	scriptString = regexp.MustCompile(`"((?:[^"\\\n]|\\.)*)"|'([^'\n]*)'|\]|(?:[ \t,\[])#[^\n]*`)
)

// Script finds the packages in the metadata of a Python script.
func Script(u *facts.Unit) (out []*facts.Pin) {
	b := u.Text.Bytes()
	block := scriptBlock.FindSubmatchIndex(b)
	if block == nil {
		return nil
	}
	r := &reader{u: u, out: &facts.Facts{}, by: "the script's metadata"}
	for _, list := range dependencyList.FindAllIndex(b[block[2]:block[3]], -1) {
		at := block[2] + list[1]
		for _, m := range scriptString.FindAllSubmatchIndex(b[at:block[3]], -1) {
			if b[at+m[0]] == ']' {
				break
			}
			for _, g := range []int{2, 4} {
				if m[g] >= 0 {
					s := span.Span{Start: at + m[g], End: at + m[g+1]}
					r.add(Requirement(u, r.lit(s), s, r.name()))
				}
			}
		}
	}
	return r.out.Pins
}
