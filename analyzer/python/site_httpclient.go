package python

import (
	"strings"

	"github.com/imdsscan/imdsscan/analyzer/facts"
)

// httpClientSite is the site of a request in two steps on one connection:
// `conn.request(…)` and `conn.getresponse()`. A refused token leaves out the
// first and stands in for the second.
func (b *siteBuilder) httpClientSite() bool {
	s := b.site
	s.Recipe = "http.client"
	if _, verb := cutLast(b.f.client.Name); verb != "request" {
		return false
	}
	conn := b.f.call.Field("function").Field("object")
	st := b.f.call.Parent()
	if !conn.Is("identifier", "attribute") || !st.Is("expression_statement") {
		return false
	}
	response := responseOf(st, conn.Text())
	if !response.OK() {
		b.refuse("the place that reads the response was not found")
		return false
	}
	s.Vars["import"] = ""
	s.Vars["connection"] = conn.Text()
	s.Vars["decode"] = ".decode()"
	if b.old && b.onlyHTTPLib() {
		s.Vars["decode"] = ""
	}
	var ok bool
	if s.Vars["url"], ok = b.tokenURL(); !ok || !b.headerShape(b.f.call.Field("arguments")) {
		return false
	}
	at, sep := b.before(st)
	if !strings.HasPrefix(sep, "\n") {
		b.refuse("the statement shares its line with another")
		return false
	}
	// The response is read once, so each request has a token of its own.
	s.Places = []facts.Place{{List: -b.f.call.Index(), At: at, Separator: sep}}
	s.Guard = "conditional"
	s.Anchors["call"] = st.Span()
	s.Anchors["response"] = response.Span()
	s.Vars["left"], s.Vars["right"] = wrap(response)
	indent := "    "
	if strings.HasSuffix(sep, "\t") {
		indent = "\t"
	}
	s.Vars["body"] = sep + indent
	return true
}

// responseOf finds the one call of getresponse on the connection that follows
// a statement, before the connection is used again.
func responseOf(st node, conn string) node {
	var found node
	for next := st.Next(); next.OK(); next = next.Next() {
		t := next.Tree()
		for i := next.Index(); i < next.After(); i++ {
			n := t.At(i)
			if n.Kind() != "call" {
				continue
			}
			switch n.Field("function").Text() {
			case conn + ".request", conn + ".putrequest":
				return found
			case conn + ".getresponse":
				if found.OK() {
					return node{}
				}
				found = n
			}
		}
	}
	return found
}

// onlyHTTPLib reports whether the session knows http.client by its Python 2
// name alone.
func (b *siteBuilder) onlyHTTPLib() bool {
	for _, t := range b.m.trees {
		if t == nil {
			continue
		}
		src := string(t.Source())
		if strings.Contains(src, "http.client") || strings.Contains(src, "http import client") || strings.Contains(src, "six") {
			return false
		}
	}
	return true
}
