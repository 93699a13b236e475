package versions

import (
	"errors"
	"fmt"
	"strings"
)

// Change puts New in place of the bytes [Start, End) of a specifier.
type Change struct {
	Start, End int
	New        string
}

// Raised is a specifier written to allow the floor.
type Raised struct {
	Changes []Change
	// After is the specifier with the changes made.
	After string
	// SameMajor is true when no version changes its first number.
	SameMajor bool
	// Bounded is true when an upper bound had to move.
	Bounded bool
}

// Raise changes the versions of a specifier, and nothing else of it, so that
// it allows the floor and, where it can be said in the same style, nothing
// under it.
func Raise(g Grammar, spec, floor string) (Raised, error) {
	var out Raised
	alternatives, err := parse(g, spec)
	if err != nil {
		return out, err
	}
	if len(alternatives) != 1 {
		return out, errors.New("the specifier has alternatives")
	}
	out.SameMajor = true
	for _, c := range alternatives[0] {
		v, bounded := raised(g, c, floor)
		if v == "" || v == c.version {
			continue
		}
		out.Changes = append(out.Changes, Change{c.at, c.end, v})
		out.SameMajor = out.SameMajor && Major(v) == Major(c.version)
		out.Bounded = out.Bounded || bounded
	}
	after := spec
	for i := len(out.Changes) - 1; i >= 0; i-- {
		ch := out.Changes[i]
		after = after[:ch.Start] + ch.New + after[ch.End:]
	}
	out.After = after
	if reach, err := Judge(g, after, floor); err != nil || reach == None {
		return out, fmt.Errorf("%q cannot be raised to %s in its style", strings.TrimSpace(spec), floor)
	}
	return out, nil
}

// raised is the version that a clause needs, empty when it may stay.
func raised(g Grammar, c clause, floor string) (v string, bounded bool) {
	n := len(components(c.version))
	switch c.op {
	case exact, compatible, caret:
		if compare(g, c.version, floor) < 0 {
			return floor, false
		}
	case series, tilde:
		if n >= len(components(floor)) {
			if compare(g, c.version, floor) < 0 {
				return floor, false
			}
			return "", false
		}
		return seriesOver(g, c.version, floor, n), false
	case ">=", ">":
		if compare(g, c.version, floor) < 0 {
			return floor, false
		}
	case "<=":
		if compare(g, c.version, floor) < 0 {
			return floor, true
		}
	case "<":
		if compare(g, c.version, floor) > 0 {
			return "", false
		}
		// 1.10.0 bounds the same series as 1.10.
		parts := components(c.version)
		keep := n
		for keep > 2 && parts[keep-1] == "0" {
			keep--
		}
		keep = min(keep, max(1, len(components(floor))-1))
		v, ok := next(floor, keep)
		if !ok {
			return "", false
		}
		return v + strings.Repeat(".0", max(0, n-keep)), true
	}
	return "", false
}

// seriesOver is the first series of n components in which every version
// reaches the floor; the given one when it does.
func seriesOver(g Grammar, version, floor string, n int) string {
	if compare(g, version, floor) >= 0 {
		return ""
	}
	parts := components(floor)
	first := strings.Join(parts[:n], ".")
	if compare(g, first, floor) >= 0 {
		return first
	}
	v, _ := next(floor, n)
	return v
}
