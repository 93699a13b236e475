package python

import (
	"strings"

	"github.com/imdsscan/imdsscan/notebooks"
)

// clientForm is what differs between the libraries whose calls give a
// response, also for a refusal.
type clientForm struct {
	repeat  []string // arguments the token request has in common with the call
	timeout string   // what bounds the token request where the call has no bound
	// modules are where the functions of the library are imported from.
	modules []string
}

var clientForms = map[string]clientForm{
	"requests": {repeat: []string{"timeout", "stream", "proxies", "verify", "cert"}, timeout: ", timeout=5", modules: []string{"requests"}},
	"httpx":    {repeat: []string{"timeout", "proxies", "proxy", "mounts", "trust_env", "verify", "cert"}, modules: []string{"httpx"}},
	"urllib3":  {repeat: []string{"timeout", "retries", "preload_content"}, timeout: ", timeout=5", modules: []string{"urllib3"}},
	"aiohttp":  {repeat: []string{"timeout", "proxy", "ssl", "raise_for_status"}, modules: []string{"aiohttp"}},
	"tornado": {repeat: []string{"connect_timeout", "request_timeout", "raise_error", "proxy_host", "proxy_port"},
		modules: []string{"tornado.httpclient"}},
}

// responseSite is the site of a call that gives a response: the response of a
// refused token request stands in for it.
func (b *siteBuilder) responseSite() bool {
	lib := b.f.client.Library
	form := clientForms[lib]
	s := b.site
	if strings.Contains(b.f.maker.Field("function").Text(), "Futures") {
		b.refuse("the session hands out futures, which cannot be looked at before they are waited for")
		return false
	}
	s.Recipe = lib
	s.Vars["import"], s.Vars["await"], s.Vars["own"] = "", "", ""
	if lib == "urllib3" && b.f.maker.OK() && b.f.receiver.OK() && b.m.args(b.f.maker).get(b.f.client.Class.Headers).OK() {
		if b.old || !again(b.f.receiver) {
			b.refuse("headers of the call would take the place of the pool's own")
			return false
		}
		s.Vars["own"] = "**" + oneLine(b.f.receiver) + ".headers, "
	}
	list := b.f.call.Field("arguments")
	if b.f.object.OK() && b.f.object.Inside(list) {
		list = b.f.object.Field("arguments")
	}
	_, verb := cutLast(b.f.client.Name)
	prepared := b.f.object.OK() && !b.f.object.Inside(b.f.call.Field("arguments"))
	if prepared && (verb != "send" || len(b.f.args.pos) == 0 || !b.f.args.pos[0].Is("identifier")) {
		return false
	}
	if !b.awaited(lib) {
		return false
	}
	put, ok := b.put(form)
	if !ok {
		return false
	}
	s.Vars["put"] = put
	if s.Vars["url"], ok = b.tokenURL(); !ok {
		return false
	}
	s.Vars["options"] = b.keywords(form.repeat...)
	s.Vars["owner"], _ = cutLast(put[:strings.LastIndexByte(put, '(')])
	s.Vars["route"] = b.route(form.repeat...)
	if !strings.Contains(s.Vars["options"], "timeout=") && !b.maker("timeout") {
		s.Vars["options"] += b.defaultTimeout(form)
	}
	if !prepared && !b.headerShape(list) {
		return false
	}
	s.Guard = "conditional"
	if !b.arrange() {
		return false
	}
	if prepared {
		s.Shape = "prepared"
		s.Vars["object"] = b.f.args.pos[0].Text()
		if s.Guard != "conditional" {
			return false
		}
	}
	if b.coroutine {
		s.Guard = "coroutine-" + s.Guard
	}
	s.Anchors["call"] = b.expr.Span()
	s.Vars["left"], s.Vars["right"] = wrap(b.expr)
	return true
}

// awaited sets how the response is waited for. A coroutine that is handed on
// before it is awaited leaves no place to look at the token first.
func (b *siteBuilder) awaited(lib string) bool {
	name := b.f.client.Name
	async := lib == "aiohttp" || strings.Contains(name, ".Async")
	if !async {
		if b.expr != b.f.call {
			b.expr = b.f.call
		}
		return !strings.HasSuffix(name, ".stream")
	}
	switch {
	case b.expr.Is("await"):
		b.site.Vars["await"] = "await "
	case lib == "aiohttp" && asyncWith(b.expr):
		b.site.Vars["await"] = "await "
	case b.consumed():
		b.site.Vars["await"] = "await "
		b.coroutine = true
	default:
		b.refuse("the request is awaited somewhere else, where the token cannot be looked at first")
		return false
	}
	return strings.Contains(name, "Session.") || lib != "aiohttp"
}

// consumers take coroutines and wait for them.
var consumers = map[string]bool{
	"gather": true, "wait_for": true, "create_task": true, "ensure_future": true, "shield": true, "as_completed": true, "wait": true,
}

// consumed reports whether the request is a coroutine that is handed straight
// to a function of asyncio, in code where a token can be awaited first.
func (b *siteBuilder) consumed() bool {
	n := b.expr
	for n.Parent().Is("list", "tuple", "set", "list_splat", "list_comprehension", "parenthesized_expression") {
		n = n.Parent()
	}
	call := n.Parent().Parent()
	if !n.Parent().Is("argument_list") || !call.Is("call") {
		return false
	}
	_, name := cutLast(call.Field("function").Text())
	around := n.Up("function_definition", "lambda")
	sleep := b.m.importedName(b.f.call, "asyncio.sleep")
	b.site.Vars["sleep"] = sleep
	inNotebook := !around.OK() && b.unit.Doc != nil && b.unit.Doc.Format != notebooks.Plain
	return consumers[name] && sleep != "" && (around.Child("async").OK() || inNotebook)
}

// asyncWith reports whether n is what an `async with` enters.
func asyncWith(n node) bool {
	p := n.Parent()
	if p.Is("as_pattern") {
		p = p.Parent()
	}
	if !p.Is("with_item") {
		return false
	}
	w := p.Up("with_statement")
	return w.Child("async").OK()
}

// put is the beginning of the token request up to its URL, by the same object
// or module as the call: `session.put(`, `http.request("PUT", `.
func (b *siteBuilder) put(form clientForm) (string, bool) {
	_, verb := cutLast(b.f.client.Name)
	member, first := "put", ""
	switch {
	case verb == "fetch":
		member = "fetch"
	case b.f.client.Library == "urllib3", verb == "request", verb == "urlopen", verb == "request_encode_url":
		member, first = "request", b.quote+"PUT"+b.quote+", "
	}
	function := b.f.call.Field("function")
	if b.f.receiver.OK() {
		r := b.f.receiver
		if !function.Is("attribute") || function.Field("object") != r || !again(r) {
			b.refuse("the object that sends the request is not at hand for the token request")
			return "", false
		}
		return oneLine(r) + "." + member + "(" + first, true
	}
	if strings.Count(b.f.client.Name, ".") > 1 && b.f.client.Class != nil {
		// A method that was given another name.
		b.refuse("the object that sends the request is not at hand for the token request")
		return "", false
	}
	name, ok := b.sibling(member, form.modules...)
	return name + "(" + first, ok
}

// again reports whether a receiver may be written twice: a name, or the making
// of an object that nothing else sees.
func again(n node) bool {
	switch n.Kind() {
	case "identifier":
		return true
	case "attribute":
		return again(n.Field("object"))
	case "subscript", "call":
		return simple(n)
	}
	return false
}

// maker reports whether the making of the call's object gives an argument.
func (b *siteBuilder) maker(key string) bool {
	return b.f.maker.OK() && b.m.args(b.f.maker).key[key].OK()
}

// defaultTimeout bounds the token request of a call that has no bound.
func (b *siteBuilder) defaultTimeout(form clientForm) string {
	if b.f.client.Library == "aiohttp" {
		if name := b.m.importedName(b.f.call, "aiohttp.ClientTimeout"); name != "" {
			return ", timeout=" + name + "(total=5)"
		}
	}
	return form.timeout
}
