package versions

import (
	"fmt"
	"regexp"
	"strings"
)

// maxSpec bounds what is read as a specifier.
const maxSpec = 2000

// separators split the alternatives of a specifier; Poetry takes one bar for
// two.
var separators = map[Grammar]string{NPM: "||", Poetry: "|", Conda: "|"}

// one matches an operator, its version, what ends a series, and conda's build.
var one = regexp.MustCompile(`^\s*(===|==|=|~=|!=|<=|>=|<|>|\^|~>|~)?\s*v?([0-9][0-9A-Za-z.+!_:-]*?|[*xX])((?:\.[*xX])*|\*)((?:\s*=|\s)\s*[0-9A-Za-z_*]+)?\s*$`)

// parse reads a specifier as alternatives, each of clauses that all hold.
func parse(g Grammar, spec string) ([][]clause, error) {
	if len(spec) > maxSpec {
		return nil, fmt.Errorf("a specifier of %d characters", len(spec))
	}
	if g == Maven {
		return parseMaven(spec)
	}
	var out [][]clause
	for _, alt := range pieces(spec, separators[g], 0) {
		if g == Poetry && strings.TrimSpace(alt.text) == "" && spec != "" && strings.Contains(spec, "||") {
			continue // between the two bars
		}
		clauses, err := parseAll(g, alt)
		if err != nil {
			return nil, err
		}
		out = append(out, clauses)
	}
	return out, nil
}

// piece is a part of a specifier.
type piece struct {
	text string
	at   int
}

func pieces(s, separator string, at int) []piece {
	if separator == "" {
		return []piece{{s, at}}
	}
	var out []piece
	for {
		i := strings.Index(s, separator)
		if i < 0 {
			return append(out, piece{s, at})
		}
		out = append(out, piece{s[:i], at})
		at += i + len(separator)
		s = s[i+len(separator):]
	}
}

var (
	// hyphen is npm's `1.2.3 - 2.3.4`.
	hyphen = regexp.MustCompile(`^\s*v?([0-9][^\s]*)\s+-\s+v?([0-9][^\s]*)\s*$`)
	// spaced are npm's clauses, which blanks part.
	spaced = regexp.MustCompile(`(?:===|==|=|~=|!=|<=|>=|<|>|\^|~>|~)?\s*[0-9*xXv][^\s,]*`)
)

func parseAll(g Grammar, alt piece) ([]clause, error) {
	if strings.TrimSpace(alt.text) == "" {
		return nil, nil // any version
	}
	var parts []piece
	switch {
	case g == NPM:
		if m := hyphen.FindStringSubmatchIndex(alt.text); m != nil {
			at := func(i int, op string) clause {
				return clause{op, alt.text[m[i]:m[i+1]], alt.at + m[i], alt.at + m[i+1]}
			}
			return []clause{at(2, ">="), at(4, "<=")}, nil
		}
		rest := alt.text
		for _, m := range spaced.FindAllStringIndex(alt.text, -1) {
			parts = append(parts, piece{alt.text[m[0]:m[1]], alt.at + m[0]})
			rest = strings.Replace(rest, alt.text[m[0]:m[1]], "", 1)
		}
		if strings.Trim(rest, " \t,") != "" {
			return nil, fmt.Errorf("%q is no range of versions", alt.text)
		}
	default:
		for _, p := range pieces(alt.text, ",", alt.at) {
			if g == Poetry {
				parts = append(parts, bySpace(p)...)
			} else {
				parts = append(parts, p)
			}
		}
	}
	var out []clause
	for _, p := range parts {
		if strings.TrimSpace(p.text) == "" {
			continue
		}
		c, any, err := parseOne(g, p)
		if err != nil {
			return nil, err
		}
		if !any {
			out = append(out, c)
		}
	}
	return out, nil
}

// bySpace parts clauses between which Poetry takes a blank for a comma.
func bySpace(p piece) []piece {
	var out []piece
	at := 0
	for _, m := range nextClause.FindAllStringIndex(p.text, -1) {
		out = append(out, piece{p.text[at : m[0]+1], p.at + at})
		at = m[0] + 1
	}
	return append(out, piece{p.text[at:], p.at + at})
}

// nextClause is the end of one clause and the beginning of the next.
var nextClause = regexp.MustCompile(`[0-9A-Za-z*]\s+[=<>!~^]`)

// parseOne reads one clause; any is true for one that allows every version.
func parseOne(g Grammar, p piece) (c clause, any bool, err error) {
	m := one.FindStringSubmatchIndex(p.text)
	if m == nil {
		return c, false, fmt.Errorf("%q is no version specifier", strings.TrimSpace(p.text))
	}
	group := func(i int) string {
		if m[2*i] < 0 {
			return ""
		}
		return p.text[m[2*i]:m[2*i+1]]
	}
	op, version, stars, build := group(1), group(2), group(3), group(4)
	if !writes(g, op, stars, build) {
		return c, false, fmt.Errorf("%q is no version specifier", strings.TrimSpace(p.text))
	}
	c = clause{version: version, at: p.at + m[4], end: p.at + m[5]}
	if strings.Trim(version, "*xX") == "" {
		if version != "*" && g != NPM {
			return c, false, fmt.Errorf("%q is no version", version)
		}
		return c, true, nil
	}
	if g == Debian {
		c.version, c.at, c.end = upstream(version, c.at)
	}
	switch {
	case stars != "" && (op == "" || op == "=" || op == "==" || op == "~" || op == "^" || op == "===" || op == "~="):
		c.op = series
	case op == "=" && g == Conda && build == "":
		c.op = series
	case op == "" || op == "=" || op == "==" || op == "===":
		c.op = exact
		if g == NPM && op != "==" && len(components(version)) < 3 {
			c.op = series // 1.2 is 1.2.x
		}
	case op == "~>":
		c.op = tilde
	case op == compatible && len(components(version)) < 2:
		return c, false, fmt.Errorf("%q needs two numbers", strings.TrimSpace(p.text))
	default:
		c.op = op
	}
	return c, false, nil
}

// writes reports whether a grammar writes a clause so.
func writes(g Grammar, op, stars, build string) bool {
	switch g {
	case NPM:
		return build == "" && stars != "*"
	case Conda:
		return strings.Trim(stars, ".*") == ""
	case PEP440:
		known := op == "===" || len(op) == 2 && op[1] == '=' || op == "<" || op == ">"
		return known && (stars == "" || stars == ".*") && build == ""
	}
	return strings.Trim(stars, ".*") == "" && stars != "*" && build == ""
}

// upstream is a Debian version without its epoch and revision.
func upstream(v string, at int) (text string, start, end int) {
	end = at + len(v)
	if i := strings.LastIndexByte(v, '-'); i > 0 {
		v, end = v[:i], at+i
	}
	if i := strings.IndexByte(v, ':'); i >= 0 {
		v, at = v[i+1:], at+i+1
	}
	return v, at, end
}

var (
	// ivyRange is [1.0,2.0), (,1.0], [1.0]; Ivy writes ]1.0,2.0[ too.
	ivyRange = regexp.MustCompile(`^\s*([\[(\]])\s*([^,\[\]()]*?)\s*(?:(,)\s*([^,\[\]()]*?)\s*)?([\])\[])\s*`)
	bare     = regexp.MustCompile(`^\s*([0-9][0-9A-Za-z._-]*?)(\.?\+)?(?:!!)?\s*$`)
)

// parseMaven reads Maven's ranges and bare versions, which tools take for the
// version to have, and the open ends of Ivy and Gradle.
func parseMaven(spec string) ([][]clause, error) {
	text := strings.TrimSpace(spec)
	switch {
	case text == "" || text == "+" || text == "LATEST" || text == "RELEASE" || strings.HasPrefix(text, "latest."):
		return [][]clause{nil}, nil
	case !strings.ContainsAny(text[:1], "[("):
		m := bare.FindStringSubmatchIndex(spec)
		if m == nil {
			return nil, fmt.Errorf("%q is no version", text)
		}
		c := clause{exact, spec[m[2]:m[3]], m[2], m[3]}
		if m[4] >= 0 {
			c.op = series
		}
		return [][]clause{{c}}, nil
	}
	var out [][]clause
	for at := 0; at < len(spec); {
		m := ivyRange.FindStringSubmatchIndex(spec[at:])
		if m == nil {
			return nil, fmt.Errorf("%q is no range of versions", text)
		}
		group := func(i int, op string) clause {
			return clause{op, spec[at+m[2*i] : at+m[2*i+1]], at + m[2*i], at + m[2*i+1]}
		}
		var clauses []clause
		if m[6] < 0 {
			clauses = append(clauses, group(2, exact))
		} else {
			low, high := ">=", "<="
			if spec[at+m[2]] != '[' {
				low = ">"
			}
			if spec[at+m[10]] != ']' {
				high = "<"
			}
			if c := group(2, low); c.version != "" {
				clauses = append(clauses, c)
			}
			if c := group(4, high); c.version != "" {
				clauses = append(clauses, c)
			}
		}
		out = append(out, clauses)
		at += m[1]
		if at < len(spec) && spec[at] == ',' {
			at++
		}
	}
	return out, nil
}
