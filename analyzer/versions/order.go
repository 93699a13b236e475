package versions

import (
	"strconv"
	"strings"

	"github.com/Masterminds/semver/v3"
	pep440 "github.com/aquasecurity/go-pep440-version"
	maven "github.com/masahiro331/go-mvn-version"
)

// maxVersion is the length beyond which nothing is taken for a version.
const maxVersion = 128

// Compare orders two versions; texts that are none come first.
func Compare(g Grammar, a, b string) int { return compare(g, a, b) }

func compare(g Grammar, a, b string) int {
	if len(a) > maxVersion || len(b) > maxVersion {
		return 0
	}
	switch g {
	case PEP440, Poetry, Conda:
		x, errX := pep440.Parse(a)
		y, errY := pep440.Parse(b)
		if errX == nil && errY == nil {
			return x.Compare(y)
		}
	case NPM:
		x, errX := semver.NewVersion(a)
		y, errY := semver.NewVersion(b)
		if errX == nil && errY == nil {
			return x.Compare(y)
		}
	case Maven:
		x, errX := maven.NewVersion(a)
		y, errY := maven.NewVersion(b)
		if errX == nil && errY == nil {
			return x.Compare(y)
		}
	}
	return compareNumbers(a, b)
}

// compareNumbers orders versions by their numbers, as R does, and Debian for
// upstream versions without letters.
func compareNumbers(a, b string) int {
	x, y := components(a), components(b)
	for i := range max(len(x), len(y)) {
		m, n := 0, 0
		if i < len(x) {
			m = leadingNumber(x[i])
		}
		if i < len(y) {
			n = leadingNumber(y[i])
		}
		if m != n {
			if m < n {
				return -1
			}
			return 1
		}
	}
	return 0
}

func leadingNumber(s string) int {
	n := 0
	for n < len(s) && s[n] >= '0' && s[n] <= '9' {
		n++
	}
	v, err := strconv.Atoi(s[:n])
	if err != nil && n > 0 {
		return 1 << 60 // too large for a number: newer than any floor
	}
	return v
}

func valid(g Grammar, s string) bool {
	if s == "" || len(s) > maxVersion {
		return false
	}
	switch g {
	case PEP440, Poetry, Conda:
		_, err := pep440.Parse(s)
		return err == nil
	case NPM:
		_, err := semver.NewVersion(s)
		return err == nil
	}
	return s[0] >= '0' && s[0] <= '9'
}

// components are the parts of a version between its dots and dashes, as far as
// they are numbers.
func components(v string) []string {
	v = strings.TrimPrefix(v, "v")
	var out []string
	for _, p := range strings.FieldsFunc(v, func(r rune) bool { return r == '.' || r == '-' }) {
		n := 0
		for n < len(p) && p[n] >= '0' && p[n] <= '9' {
			n++
		}
		if n == 0 {
			break
		}
		out = append(out, p)
		if n < len(p) {
			break
		}
	}
	return out
}

// next is the version after all that share the first n components of v.
func next(v string, n int) (string, bool) {
	parts := components(v)
	if n < 1 || n > len(parts) {
		return "", false
	}
	out := append([]string(nil), parts[:n]...)
	last := leadingNumber(out[n-1])
	if last >= 1<<60 {
		return "", false
	}
	out[n-1] = strconv.Itoa(last + 1)
	return strings.Join(out, "."), true
}

// Major is the part of a version that changes with what its users have to
// change: the first component, of versions before 1.0 the second.
func Major(v string) string {
	parts := components(v)
	switch {
	case len(parts) == 0:
		return ""
	case leadingNumber(parts[0]) == 0 && len(parts) > 1:
		return "0." + strconv.Itoa(leadingNumber(parts[1]))
	}
	return strconv.Itoa(leadingNumber(parts[0]))
}
