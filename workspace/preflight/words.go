package preflight

import (
	"maps"
	"slices"
	"strconv"

	"mvdan.cc/sh/v3/syntax"
)

func sortedKeys(m map[string]int) []string { return slices.Sorted(maps.Keys(m)) }

// shell is a word as a shell takes it.
func shell(s string) string {
	word, err := syntax.Quote(s, syntax.LangBash)
	if err != nil {
		return strconv.Quote(s) // no name has a zero byte
	}
	return word
}
