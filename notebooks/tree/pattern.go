package tree

import "strings"

// pattern is one line of an ignore file. It means what git's own does; the
// two are compared in the tests.
type pattern struct {
	include  bool // `!`: what it matches is not ignored after all
	dirOnly  bool // `/` at the end
	anchored bool // matched with the path from the file's folder, not the name
	// literal and suffix answer most patterns without a search: the whole
	// text, or what `*` at the start leaves.
	literal, suffix string
	// What else: the text up to the first special character, and what comes
	// after it. git divides them too, so that `y**/a` means `y` and `**/a`.
	prefix   string
	segments []string // between the slashes; `**` stands for any number
}

func parsePattern(line string) (p pattern, ok bool) {
	line = trimBlanks(line)
	if line == "" || line[0] == '#' {
		return p, false
	}
	if line[0] == '!' {
		p.include = true
		line = line[1:]
	}
	if strings.HasSuffix(line, "/") {
		p.dirOnly = true
		line = line[:len(line)-1]
	}
	p.anchored = strings.Contains(line, "/")
	line = strings.TrimPrefix(line, "/")
	if line == "" {
		return p, false
	}
	const special = `*?[\`
	switch i := strings.IndexAny(line, special); {
	case i < 0:
		p.literal = line
	case !p.anchored && line[0] == '*' && len(line) > 1 && !strings.ContainsAny(line[1:], special):
		p.suffix = line[1:]
	default:
		p.prefix = line[:i]
		p.segments = strings.Split(line[i:], "/")
		for k, s := range p.segments {
			if len(s) > 2 && strings.Trim(s, "*") == "" {
				p.segments[k] = "**"
			}
		}
	}
	return p, true
}

// trimBlanks takes off blanks at the end that no backslash protects.
func trimBlanks(line string) string {
	end := len(line)
	for i := 0; i < len(line); i++ {
		switch line[i] {
		case ' ':
			if end == len(line) || end > i {
				end = i
			}
			for i+1 < len(line) && line[i+1] == ' ' {
				i++
			}
			if i+1 < len(line) {
				end = len(line)
			}
		case '\\':
			i++
		}
	}
	return line[:end]
}

func (p *pattern) match(text string) bool {
	switch {
	case p.literal != "":
		return text == p.literal
	case p.suffix != "":
		return strings.HasSuffix(text, p.suffix)
	}
	rest, ok := strings.CutPrefix(text, p.prefix)
	if ok && !p.anchored {
		return matchSegment(p.segments[0], rest)
	}
	return ok && matchPath(p.segments, rest)
}

// matchPath matches segment by segment. Only the last `**` is ever tried
// again, so that the work is bounded by the product of the lengths.
func matchPath(segments []string, path string) bool {
	parts := strings.Split(path, "/")
	s, t := 0, 0
	backS, backT := -1, 0
	for t < len(parts) {
		switch {
		case s < len(segments) && segments[s] == "**":
			if s == len(segments)-1 {
				return true // whatever is left, and something is
			}
			backS, backT = s, t
			s++
			continue
		case s < len(segments) && matchSegment(segments[s], parts[t]):
			s++
			t++
			continue
		case backS >= 0:
			backT++
			s, t = backS+1, backT
			continue
		}
		return false
	}
	return s == len(segments)
}

// matchSegment matches a name with a pattern without slashes. As above, only
// the last star is tried again.
func matchSegment(pat, name string) bool {
	p, n := 0, 0
	backP, backN := -1, 0
	for {
		if p < len(pat) && pat[p] == '*' {
			for p < len(pat) && pat[p] == '*' {
				p++
			}
			backP, backN = p, n
			continue
		}
		if n == len(name) {
			return p == len(pat)
		}
		if width, ok := matchByte(pat[p:], name[n]); ok {
			p += width
			n++
			continue
		}
		if backP < 0 {
			return false
		}
		backN++
		if backN > len(name) {
			return false
		}
		p, n = backP, backN
	}
}

// matchByte matches the pattern's first element with c and returns its width.
func matchByte(pat string, c byte) (width int, ok bool) {
	if pat == "" {
		return 0, false
	}
	switch pat[0] {
	case '?':
		return 1, true
	case '\\':
		return 2, len(pat) > 1 && pat[1] == c
	case '[':
		return matchClass(pat, c)
	}
	return 1, pat[0] == c
}

// matchClass matches a bracket expression, which pat begins with; one without
// an end matches nothing.
func matchClass(pat string, c byte) (width int, ok bool) {
	i := 1
	negated := i < len(pat) && (pat[i] == '!' || pat[i] == '^')
	if negated {
		i++
	}
	found := false
	for first := true; ; first = false {
		if i >= len(pat) {
			return 0, false
		}
		if pat[i] == ']' && !first {
			return i + 1, found != negated
		}
		if strings.HasPrefix(pat[i:], "[:") {
			name, _, closed := strings.Cut(pat[i+2:], ":]")
			if closed && !strings.Contains(name, "]") {
				in, known := namedClass(name, c)
				if !known {
					return 0, false
				}
				found = found || in
				i += len(name) + 4
				continue
			}
		}
		lo, n := classByte(pat[i:])
		if n == 0 {
			return 0, false
		}
		i += n
		hi := lo
		if i+1 < len(pat) && pat[i] == '-' && pat[i+1] != ']' {
			if hi, n = classByte(pat[i+1:]); n == 0 {
				return 0, false
			}
			i += 1 + n
		}
		found = found || lo <= c && c <= hi
	}
}

// classByte is the next byte of a bracket expression and its width.
func classByte(pat string) (c byte, n int) {
	switch {
	case pat == "":
		return 0, 0
	case pat[0] != '\\':
		return pat[0], 1
	case len(pat) < 2:
		return 0, 0
	}
	return pat[1], 2
}

func namedClass(name string, c byte) (in, known bool) {
	lower, upper, digit := c >= 'a' && c <= 'z', c >= 'A' && c <= 'Z', c >= '0' && c <= '9'
	graph := c > ' ' && c < 0x7f
	switch name {
	case "alnum":
		return lower || upper || digit, true
	case "alpha":
		return lower || upper, true
	case "blank":
		return c == ' ' || c == '\t', true
	case "cntrl":
		return c < ' ' || c == 0x7f, true
	case "digit":
		return digit, true
	case "graph":
		return graph, true
	case "lower":
		return lower, true
	case "print":
		return graph || c == ' ', true
	case "punct":
		return graph && !lower && !upper && !digit, true
	case "space":
		return c == ' ' || c >= '\t' && c <= '\r', true
	case "upper":
		return upper, true
	case "xdigit":
		return digit || c >= 'a' && c <= 'f' || c >= 'A' && c <= 'F', true
	}
	return false, false
}
