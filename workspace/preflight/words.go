package preflight

import (
	"maps"
	"slices"
	"strings"
)

func sortedKeys(m map[string]int) []string { return slices.Sorted(maps.Keys(m)) }

// shell is a word as a shell takes it.
func shell(s string) string {
	plain := func(r rune) bool {
		return r > 0x7f || r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || strings.ContainsRune("@%+=:,./-_", r)
	}
	if s != "" && !strings.ContainsFunc(s, func(r rune) bool { return !plain(r) }) {
		return s
	}
	return "'" + strings.ReplaceAll(s, "'", `'\''`) + "'"
}
