package python

import (
	"strings"
)

// urllibSite is the site of urlopen and opener.open: the token request raises
// where the call would have.
func (b *siteBuilder) urllibSite() bool {
	s := b.site
	s.Recipe = "urllib.request"
	s.Vars["import"], s.Vars["decode"] = "", ""
	function := b.f.call.Field("function")
	if b.f.receiver.OK() && (!function.Is("attribute") || !again(function.Field("object"))) {
		return false
	}
	_, verb := cutLast(b.f.client.Name)
	if verb != "urlopen" && verb != "open" {
		return false
	}
	if b.f.args.star || len(b.f.args.double) > 0 {
		return false
	}
	s.Vars["urlopen"] = function.Text()
	request, module, ok := b.requestClass()
	if !ok {
		return false
	}
	s.Vars["request"] = request
	if b.old {
		s.Recipe = "urllib2"
		if module != "urllib2" {
			s.Vars["decode"] = ".decode()"
		}
		for name := range s.Names {
			if strings.HasPrefix(name, "imds_token") && strings.HasSuffix(name, "_request") {
				return false
			}
		}
	}
	if s.Vars["url"], ok = b.tokenURL(); !ok {
		return false
	}
	s.Vars["options"] = b.keywords("timeout", "context", "cafile", "capath")
	s.Vars["route"] = b.route("context", "cafile", "capath")
	if len(b.f.args.pos) > 2 && simple(b.f.args.pos[2]) {
		s.Vars["options"] += ", timeout=" + oneLine(b.f.args.pos[2])
	}
	if !strings.Contains(s.Vars["options"], "timeout=") {
		s.Vars["options"] += ", timeout=5"
	}
	if !b.arrange() {
		return false
	}
	return b.urllibHeaders()
}

// oldURLOpenSite is the site of urllib.urlopen of Python 2, which sends no
// headers of one's own: urllib2 takes its place.
func (b *siteBuilder) oldURLOpenSite() bool {
	s := b.site
	s.Recipe = "urllib2"
	b.old = true
	if b.f.client.Name != "urllib.urlopen" || len(b.f.args.pos) != 1 || len(b.f.args.key) > 0 || b.f.args.star || len(b.f.args.double) > 0 {
		return false
	}
	s.Vars["import"], s.Vars["decode"], s.Vars["route"] = "", "", ""
	module := b.m.importedName(b.f.call, "urllib2.urlopen")
	if !strings.HasSuffix(module, ".urlopen") {
		module = "urllib2.urlopen"
		s.Vars["import"] = "import urllib2\n"
	}
	s.Vars["urlopen"] = module
	s.Vars["request"] = strings.TrimSuffix(module, "urlopen") + "Request"
	s.Vars["options"] = ", timeout=5"
	var ok bool
	if s.Vars["url"], ok = b.tokenURL(); !ok || !b.arrange() {
		return false
	}
	s.Shape = "function"
	s.Anchors["function"] = b.f.call.Field("function").Span()
	s.Anchors["url"] = b.f.url.Span()
	return true
}

// urllibHeaders picks the edits for a URL, for a Request made in the call, and
// for one that was made before.
func (b *siteBuilder) urllibHeaders() bool {
	s := b.site
	s.Anchors["call"] = b.expr.Span()
	s.Vars["left"], s.Vars["right"] = wrap(b.expr)
	list := b.f.call.Field("arguments")
	switch {
	case b.f.object.OK() && b.f.object.Inside(list):
		return b.headerShape(b.f.object.Field("arguments"))
	case b.f.object.OK():
		target := list.Child("identifier", "attribute")
		if len(b.f.args.pos) > 0 {
			target = b.f.args.pos[0]
		}
		if s.Guard != "none" || !target.Is("identifier", "attribute") {
			b.refuse("the call may run never or often here, and its Request object is made elsewhere")
			return false
		}
		for _, key := range b.m.keysOf(target, ref{b.f.object, b.f.objectIn}) {
			if len(b.m.assignedHeaders(b.f, key+".headers")) > 0 {
				b.refuse("the Request was given a dict as its headers, which other code may use too")
				return false
			}
		}
		s.Shape = "object"
		s.Vars["object"] = target.Text()
		return true
	}
	if b.f.args.get(b.f.client.Data).OK() && !b.f.args.get(b.f.client.Data).Is("none") {
		return false
	}
	s.Shape = "url"
	s.Anchors["url"] = b.f.url.Span()
	return true
}

// requestClass is how to write the Request class that goes with the call, and
// the module it comes from.
func (b *siteBuilder) requestClass() (name, module string, ok bool) {
	if b.f.object.OK() {
		// The code makes a Request already; it knows how to write it.
		if f := b.f.object.Field("function"); f.Is("identifier", "attribute") && simple(f) && b.visible(f) {
			name = f.Text()
		}
	}
	modules := []string{"urllib.request", "urllib2", "six.moves.urllib.request", "future.moves.urllib.request"}
	if b.old {
		modules = []string{"urllib2", "urllib.request", "six.moves.urllib.request"}
	}
	if f := b.f.call.Field("function"); !b.f.receiver.OK() && f.Is("identifier") {
		if from, several := b.importedFrom(f); several {
			b.old = true // one import for Python 2 and one for 3
		} else {
			module = from
		}
	}
	if name == "" && b.importedOnly("Request") {
		name = "Request"
	}
	if name == "" {
		if name, ok = b.sibling("Request", modules...); !ok {
			b.refuse("the Request class is not imported here")
			return "", "", false
		}
	}
	if module == "" && strings.HasPrefix(name, "urllib2.") || b.old && b.onlyUrllib2() {
		module = "urllib2"
	}
	return name, module, true
}

// importedOnly reports whether a name stands for a member of that name that is
// imported, from one module or another.
func (b *siteBuilder) importedOnly(name string) bool {
	s := b.m.scopeOf(b.f.call).owner(name)
	if s == nil {
		return false
	}
	for _, bind := range s.names[name] {
		mod, member := cutLast(bind.qualified)
		if bind.kind != bindImport || member != name || !strings.Contains(mod, "urllib") {
			return false
		}
	}
	return true
}

// visible reports whether a name used elsewhere means the same at the call.
func (b *siteBuilder) visible(f node) bool {
	for f.Is("attribute") {
		f = f.Field("object")
	}
	own := b.m.scopeOf(f).owner(f.Text())
	return own != nil && own == b.m.scopeOf(b.f.call).owner(f.Text())
}

// onlyUrllib2 reports whether the session is for Python 2 alone.
func (b *siteBuilder) onlyUrllib2() bool {
	for _, t := range b.m.trees {
		if t == nil {
			continue
		}
		for i := range t.Len() {
			if n := t.At(i); n.Is("import_statement", "import_from_statement") && strings.Contains(n.Text(), "urllib.request") {
				return false
			}
		}
	}
	return true
}
