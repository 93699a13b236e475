package python

import (
	"strings"

	"github.com/imdsscan/imdsscan/analyzer/facts"
	"github.com/imdsscan/imdsscan/notebooks/span"
)

// passedSite is the site of a client's function that is given to code which
// calls it, as in pool.submit(requests.get, url): the headers are handed on
// with the other arguments, and without a token the function is one that gives
// the refused response.
func (m *module) passedSite(f *found) *facts.Site {
	b := &siteBuilder{m: m, f: f, unit: m.unit(f.call), expr: f.call, old: m.old()}
	b.site = &facts.Site{Guard: "none", Anchors: map[string]span.Span{}, Vars: map[string]string{}, Names: m.allNames()}
	b.quote = b.chooseQuote()
	b.site.Vars["q"] = b.quote
	b.judge()
	if !b.passedForm() {
		b.refuse("the request is sent by code that calls " + f.client.Name + " for it")
	}
	return b.site
}

func (b *siteBuilder) passedForm() bool {
	s, lib := b.site, b.f.client.Library
	_, verb := cutLast(b.f.client.Name)
	p, ok := b.m.passedClient(b.f.call)
	if !ok || lib != "requests" && lib != "httpx" || strings.Contains(b.f.client.Name, "Async") || verb != "get" && verb != "head" {
		return false
	}
	if b.f.headers.OK() || len(b.f.args.double) > 0 || b.f.args.star || b.otherProcess() {
		return false
	}
	if to := b.f.call.Field("function").Text(); !strings.HasSuffix(to, "submit") && !strings.HasSuffix(to, "to_thread") {
		return false // others hand no keywords on
	}
	function := b.m.args(b.f.call).pos[p.at]
	put := b.m.importedName(b.f.call, lib+".put")
	if function.Is("attribute") && again(function.Field("object")) {
		put = function.Field("object").Text() + ".put"
	}
	if put == "" {
		return false
	}
	form := clientForms[lib]
	s.Recipe, s.Shape = lib, "passed"
	s.Vars["import"], s.Vars["await"] = "", ""
	s.Vars["put"] = put + "("
	s.Vars["owner"], _ = cutLast(put)
	if to := b.f.call.Field("function").Text(); strings.HasSuffix(to, "to_thread") && b.f.call.Parent().Is("await") {
		s.Vars["await"], s.Vars["put"] = "await ", to+"("+put+", "
	}
	s.Vars["options"], s.Vars["route"] = b.keywords(form.repeat...), b.route(form.repeat...)
	if !strings.Contains(s.Vars["options"], "timeout=") {
		s.Vars["options"] += form.timeout
	}
	if s.Vars["url"], ok = b.tokenURL(); !ok || !b.arrange() || s.Guard != "none" {
		return false
	}
	last := lastElement(b.f.call.Field("arguments"))
	s.Anchors["function"], s.Anchors["arguments"] = function.Span(), atEnd(last)
	s.Vars["comma"] = comma(last)
	return true
}

// otherProcess reports whether the function may be sent to another process,
// which cannot take one that is written in place.
func (b *siteBuilder) otherProcess() bool {
	object := b.f.call.Field("function").Field("object")
	for _, d := range b.m.defsOrSelf(object) {
		text := d.Text()
		if strings.Contains(text, "Process") || strings.Contains(text, "Pool(") && !strings.Contains(text, "Thread") {
			return true
		}
	}
	return false
}
