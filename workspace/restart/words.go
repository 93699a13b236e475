package restart

import (
	"fmt"
	"strings"
)

// and joins words as a sentence does.
func and(words []string) string {
	if len(words) < 2 {
		return strings.Join(words, "")
	}
	return strings.Join(words[:len(words)-1], ", ") + " and " + words[len(words)-1]
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
