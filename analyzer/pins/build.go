package pins

import (
	"regexp"
	"strings"

	"github.com/imdsscan/imdsscan/notebooks/span"
	"github.com/imdsscan/imdsscan/rules"
)

// build finds the artifacts that the code of a build names in forms of its own:
// sbt's "g" % "a" % v, Gradle's group:, name:, version:, its positions, its
// blocks of rich versions, and sets of one version.
func (c *coordinates) build() {
	l := lex(c.src)
	for i := range l {
		switch t := l[i]; {
		case t.kind == operator && t.text[0] == '%' && (i < 3 || l[i-2].kind != operator || l[i-2].text[0] != '%'):
			c.percent(l, i)
		case i > 0 && !l[i-1].is(",") && (t.is("group") || t.is("name") || t.is("module") || t.is("version")):
			c.named(l, i)
		case t.kind == str && i+4 < len(l) && l[i+1].is(",") && l[i+2].kind == str && l[i+3].is(",") && i > 0 && l[i-1].is("("):
			c.place(l, i, i+2, i+4)
		case t.kind == str && strings.Count(t.text, ":") == 1:
			c.block(l, i)
		}
	}
}

// value reads the operand that begins at a token: a string with what is filled
// into it, or a name. next is the token behind it.
func (c *coordinates) value(l []token, i int) (out []part, next int) {
	for i < len(l) {
		switch t := l[i]; {
		case t.kind == str:
			out = append(out, filled(t)...)
			i++
		case t.kind == word:
			end := pathEnd(l, i)
			expression := string(c.src[t.at.Start:l[end-1].at.End])
			out = append(out, part{expression: expression})
			i = end
		case t.is("(") && len(out) == 0: // ("1.11." + minor)
			if inner, next := c.value(l, i+1); next < len(l) && l[next].is(")") {
				return inner, next + 1
			}
			return nil, i
		default:
			return out, i
		}
		if i+1 >= len(l) || !l[i].is("+") || len(out) >= maxParts {
			return out, i
		}
		i++
	}
	return out, i
}

// pathEnd is the token behind a name with its members and calls, which begins
// at i.
func pathEnd(l []token, i int) int {
	for i++; i < len(l); {
		switch {
		case l[i].is(".") && i+1 < len(l) && l[i+1].kind == word && l[i+1].text != "exclude" && l[i+1].text != "map":
			i += 2
		case (l[i].is("(") || l[i].is("[")) && l[i].at.Start == l[i-1].at.End && l[i].match > 0:
			i = l[i].match + 1
		default:
			return i
		}
	}
	return i
}

// pathStart is the token at which the name that ends at i begins.
func pathStart(l []token, i int) int {
	for i > 1 && l[i].kind == word && l[i-1].is(".") && l[i-2].kind == word {
		i -= 2
	}
	return i
}

// coordinate is an operand as text, names in it filled in as far as they are
// set once.
func (c *coordinates) coordinate(parts []part) string {
	var sb strings.Builder
	for _, p := range parts {
		if p.expression == "" {
			sb.Write(c.src[p.at.Start:p.at.End])
		} else if sets := c.names.find(lastName(p.expression)); len(sets) == 1 {
			sb.WriteString(sets[0].text())
		} else {
			sb.WriteString("${" + p.expression + "}")
		}
	}
	return sb.String()
}

// percent reads "g" % "a" % v around its first operator.
func (c *coordinates) percent(l []token, i int) {
	if i == 0 || l[i-1].kind != str && l[i-1].kind != word {
		return
	}
	from := pathStart(l, i-1)
	group, _ := c.value(l[:i], from)
	artifactID, next := c.value(l, i+1)
	if len(artifactID) == 0 {
		return
	}
	name := c.coordinate(group) + ":" + c.coordinate(artifactID)
	if rules.AllFloors().Of(rules.Maven, name) == nil || c.onLine(l[from].at.Start, "excludeDependencies", "libraryDependencySchemes") {
		return
	}
	a := artifact{name: name, span: span.Span{Start: l[from].at.Start, End: l[next-1].at.End}}
	if next < len(l) && l[next].kind == operator && l[next].text[0] == '%' {
		end := next
		a.version, end = c.value(l, next+1)
		a.span.End = l[end-1].at.End
		if end+1 < len(l) && l[end].is("%") && strings.Contains(strings.ToLower(l[end+1].text), "provided") {
			return // only the compiler sees it
		}
	} else if version, provided := c.mapped(l, i); provided {
		return
	} else if a.version = version; version == nil {
		a.version, a.unknown = []part{{expression: "a version from elsewhere"}}, "where it gets its version was not found"
	}
	c.add(a)
}

// mapped is the version that a whole list gets around a token: Seq(…).map(_ % v).
func (c *coordinates) mapped(l []token, i int) (version []part, provided bool) {
	for range 4 {
		open := l[i].in
		close := l[open].match
		if close <= i {
			return nil, false
		}
		at := close + 1
		if at < len(l) && l[at].is(".") {
			at++
		}
		if at < len(l) && l[at].is("map") {
			for end := min(len(l), at+8); at < end; at++ { // (_ % v) or { m => m % v }
				if l[at].kind != operator || l[at].text[0] != '%' {
					continue
				}
				version, next := c.value(l, at+1)
				return version, next+1 < len(l) && l[next].is("%") && strings.Contains(strings.ToLower(l[next+1].text), "provided")
			}
		}
		i = open
	}
	return nil, false
}

// named reads group: 'g', name: 'a', version: v in any order, with = in Kotlin,
// and module for name in @Grab.
func (c *coordinates) named(l []token, i int) {
	fields := map[string][]part{}
	end, entries := i, 0
	for at := i; at+2 < len(l) && l[at].kind == word && (l[at+1].is(":") || l[at+1].is("=")); {
		key := l[at].text
		value, next := c.value(l, at+2)
		if len(value) == 0 {
			break
		}
		fields[key], end = value, next
		if next >= len(l) || !l[next].is(",") {
			entries = next
			break
		}
		at = next + 1
	}
	id := fields["name"]
	if id == nil {
		id = fields["module"]
	}
	version := fields["version"]
	if version == nil || fields["group"] == nil {
		return
	}
	if id != nil {
		c.add(artifact{name: c.coordinate(fields["group"]) + ":" + c.coordinate(id), span: span.Span{Start: l[i].at.Start, End: l[end-1].at.End}, version: version})
		return
	}
	// dependencySet(group: 'g', version: v) { entry 'a' }
	for at := entries; at+1 < len(l) && at < entries+200 && !l[at].is("}"); at++ {
		if l[at].is("entry") {
			e := at + 1
			if l[e].is("(") && e+1 < len(l) {
				e++
			}
			if l[e].kind == str {
				c.add(artifact{name: c.coordinate(fields["group"]) + ":" + l[e].text, span: l[e].at, version: version})
			}
		}
	}
}

// place reads ("g", "a", v).
func (c *coordinates) place(l []token, group, id, version int) {
	if v, next := c.value(l, version); len(v) > 0 && next < len(l) && (l[next].is(")") || l[next].is(",")) {
		c.add(artifact{name: l[group].text + ":" + l[id].text, span: span.Span{Start: l[group].at.Start, End: l[next-1].at.End}, version: v})
	}
}

// configurations are what Gradle's dependencies are given to.
var configurations = regexp.MustCompile(`(?i)(?:implementation|api|compile|runtime|runtimeOnly|providedRuntime|classpath|shadow|kapt)$`)

// block reads 'g:a' { version { strictly 'v' } }, and notes a version that is
// given by something out of sight.
func (c *coordinates) block(l []token, i int) {
	group, id, _ := strings.Cut(l[i].text, ":")
	name := group + ":" + id
	if rules.AllFloors().Of(rules.Maven, name) == nil {
		return
	}
	at := i - 1
	for at > 0 && (l[at].is("(") || l[at].is("platform") || l[at].is("enforcedPlatform")) {
		at--
	}
	if at < 0 || l[at].kind != word || !configurations.MatchString(l[at].text) {
		return
	}
	a := artifact{name: name, span: l[i].at}
	for at := i + 1; at+1 < len(l) && at < i+30; at++ {
		if l[at].is("strictly") || l[at].is("require") || l[at].is("prefer") {
			v := at + 1
			if l[v].is("(") || l[v].is("=") {
				v++
			}
			a.version, _ = c.value(l, v)
			break
		}
		if l[at].kind == word && configurations.MatchString(l[at].text) {
			break // the next dependency
		}
	}
	if a.version == nil {
		if c.hasBOM(group) {
			return // judged there
		}
		a.version, a.unknown = []part{{expression: "a version from elsewhere"}}, "a platform, a plugin or another file gives its version"
	}
	c.add(a)
}

// hasBOM reports whether the file names a list of versions of the group.
func (c *coordinates) hasBOM(group string) bool {
	return regexp.MustCompile(regexp.QuoteMeta(group) + `:[a-z-]*bom\b`).Match(c.src)
}
