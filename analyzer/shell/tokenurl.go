package shell

import (
	"strings"

	"mvdan.cc/sh/v3/syntax"

	"github.com/imdsscan/imdsscan/analyzer/command"
	"github.com/imdsscan/imdsscan/analyzer/imds"
)

// tokenURL is how the token's address is written.
type tokenURL struct {
	text string
	// follows is true when it goes through the variable that the command's own
	// address goes through.
	follows bool
	// origin tells addresses apart that may not be the same service, or not be
	// reachable alike: a variable, an IPv6 address, a host name. It is empty
	// for the service's IPv4 address.
	origin string
	// full is the address spelled out.
	full string
}

// on is the spelling that serves two ways to the same command: the variable's
// value on one may not be what it is on the other.
func (t tokenURL) on(other tokenURL) tokenURL {
	if t.text == other.text || t.full != other.full || t.full == "" {
		return t
	}
	return tokenURL{text: `"` + t.full + `"`, origin: t.origin, full: t.full}
}

// tokenURL spells the address of the token request as the command spells its
// own: through the variable that holds the base where there is one.
func (a *analysis) tokenURL(c *syntax.CallExpr, u command.Arg, argv []field, e *env) tokenURL {
	full, ok := imds.TokenURL(u.Value)
	if !ok {
		return tokenURL{}
	}
	if !strings.Contains(full, "://") {
		full = "http://" + strings.TrimPrefix(full, "//")
	}
	out := tokenURL{text: `"` + full + `"`, origin: origin(u.Value), full: full}
	if u.Arg >= len(argv) {
		return out
	}
	p := leadingParam(c.Args[argv[u.Arg].word])
	if p == nil {
		return out
	}
	if p.Exp != nil {
		switch p.Exp.Op {
		case syntax.ErrorUnset, syntax.ErrorUnsetOrNull:
		case syntax.RemSmallSuffix, syntax.RemLargeSuffix, syntax.RemSmallPrefix, syntax.RemLargePrefix:
			return out
		default:
			return a.tokenURLDefault(p, out, u.Value)
		}
	}
	vals, overridable := a.baseValues(p.Param.Value, c, e)
	rest := baseRest(vals)
	if overridable || len(vals) > 1 {
		out.origin = "$" + p.Param.Value
	}
	name, slash := "$"+p.Param.Value, "/"
	if strings.HasSuffix(rest, "//") {
		name, slash = "${"+p.Param.Value+"}", ""
	}
	switch {
	case rest == "" || slash == "" && a.avoidBraces():
	case strings.TrimSuffix(rest, "/") == "/":
		out.text, out.follows = `"`+name+slash+`latest/api/token"`, true
	case strings.TrimSuffix(rest, "/") == "/latest/":
		out.text, out.follows = `"`+name+slash+`api/token"`, true
	case (overridable || len(vals) > 1) && strings.HasPrefix(rest, "/latest/") && !a.avoidBraces():
		out.text, out.follows = `"${`+p.Param.Value+`%%/latest*}/latest/api/token"`, true
	}
	return out
}

// tokenURLDefault repeats a default that stands in the address itself.
func (a *analysis) tokenURLDefault(p *syntax.ParamExp, out tokenURL, v imds.Value) tokenURL {
	out.origin = a.text(p)
	base, _ := imds.Base(v)
	if p.Exp.Word == nil || a.avoidBraces() || strings.ContainsAny(out.origin, "`\"'\\") {
		return out
	}
	switch strings.TrimSuffix(p.Exp.Word.Lit(), "/") {
	case base:
		out.text, out.follows = `"`+out.origin+`/latest/api/token"`, true
	case base + "/latest":
		out.text, out.follows = `"`+out.origin+`/api/token"`, true
	}
	return out
}

// baseRest is what the values of a variable have after the service's address,
// with a slash at the end; two where the value ends with one itself. It is
// empty when they differ or one of them is no address.
func baseRest(vals []imds.Value) string {
	rest := ""
	for i, v := range vals {
		known, ok := v.Known()
		base, isBase := imds.Base(v)
		if !ok || !isBase || !strings.HasPrefix(known, base) {
			return ""
		}
		r := known[len(base):] + "/"
		if i > 0 && r != rest {
			return ""
		}
		rest = r
	}
	return rest
}

// origin is empty for the IPv4 address in any spelling, else the host.
func origin(v imds.Value) string {
	host := imds.Classify(v).Host
	name, _, _ := strings.Cut(host, ":")
	if strings.HasPrefix(host, "[") {
		return host
	}
	if strings.Trim(name, "0123456789.xXabcdefABCDEF") != "" {
		return host
	}
	return ""
}

// severalHosts is true when the alternatives of a URL have different origins.
func severalHosts(urls []imds.Value) bool {
	first, some := "", false
	for _, u := range urls {
		if k := imds.Classify(u).Kind; k != imds.AWS && k != imds.Undecided {
			continue
		}
		o := origin(u)
		if some && o != first {
			return true
		}
		first, some = o, true
	}
	return false
}

// baseValues are the known values of a variable that can be used in front of
// the command, nil when it cannot.
func (a *analysis) baseValues(name string, c *syntax.CallExpr, e *env) (vals []imds.Value, overridable bool) {
	if name != "" && name[0] >= '0' && name[0] <= '9' {
		f := e.positional()
		i := int(name[0] - '1')
		if len(name) != 1 || f == nil || !f.known || i < 0 || i >= len(f.args) {
			return nil, false
		}
		return []imds.Value{f.args[i].value}, false
	}
	v := e.get(name)
	if v == nil || v.array || !allKnown(v.vals) {
		return nil, false
	}
	for n := syntax.Node(c); n != nil; n = a.parents[n] {
		switch n := n.(type) {
		case *syntax.ForClause:
			if it, ok := n.Loop.(*syntax.WordIter); ok && it.Name.Value == name {
				return nil, false
			}
		case *syntax.Stmt:
			// Set in the statement itself: not yet set before it.
			if _, simple := n.Cmd.(*syntax.CallExpr); simple && v.def.Len() > 0 && a.span(n).Contains(v.def) {
				return nil, false
			}
		}
	}
	return v.vals, v.overridable
}

// leadingParam is the plain expansion that a word begins with, inside quotes
// or not; one with a default or the like only when nothing else is done to it.
func leadingParam(w *syntax.Word) *syntax.ParamExp {
	if len(w.Parts) == 0 {
		return nil
	}
	part := w.Parts[0]
	if q, ok := part.(*syntax.DblQuoted); ok && len(q.Parts) > 0 {
		part = q.Parts[0]
	}
	p, ok := part.(*syntax.ParamExp)
	if !ok || p.Param == nil || p.Index != nil || p.Slice != nil || p.Repl != nil || p.Excl || p.Length {
		return nil
	}
	return p
}
