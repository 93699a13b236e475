package restart

import (
	"fmt"
	"slices"
	"strings"
)

// and joins words as a sentence does.
func and(words []string) string {
	if len(words) < 2 {
		return strings.Join(words, "")
	}
	return strings.Join(words[:len(words)-1], ", ") + " and " + words[len(words)-1]
}

// mostNames is how many names a sentence has.
const mostNames = 10

// some are the first of many names.
func some(names []string) []string {
	if len(names) <= mostNames {
		return names
	}
	return append(slices.Clone(names[:mostNames]), fmt.Sprint(len(names)-mostNames, " more"))
}

// count is a number with its noun.
func count(n int, noun string) string { return verb(n, noun, noun+"s") }

// verb is a number with what is said of one, or of many.
func verb(n int, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return fmt.Sprint(n) + " " + many
}
