package sql

import "strings"

// indented says what is wrong with the indents of a Python body. A body may
// stand deeper as a whole, as in `AS $$⏎    return 1⏎  $$`; what its first line
// leaves open beyond that no one can know.
func indented(body string) string {
	first, margin := "", ""
	for _, line := range strings.Split(body, "\n") {
		code := strings.TrimSpace(line)
		if code == "" || code[0] == '#' {
			continue
		}
		indent := line[:len(line)-len(strings.TrimLeft(line, " \t"))]
		switch {
		case first == "":
			first, margin = code, indent
		case !strings.HasPrefix(indent, margin):
			return "a line is indented less than the first one"
		case first != "-":
			if len(indent) > len(margin) && !opensBlock(first) {
				return "the second line is indented more than the first one"
			}
			first = "-"
		}
	}
	return ""
}

// opensBlock is true for a line after which a deeper one may follow.
func opensBlock(line string) bool {
	return strings.ContainsAny(line[len(line)-1:], `:([{,\`) || strings.Contains(line, `"""`) || strings.Contains(line, `'''`) ||
		strings.Contains(line, "#")
}
