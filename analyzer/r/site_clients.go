package r

import (
	"net"
	"strings"

	"github.com/imdsscan/imdsscan/notebooks/span"
)

// httr adds a configuration to the call; later headers win over earlier ones
// of the same name and leave the others.
func (b *siteBuilder) httr() bool {
	f, s := b.f, b.site
	s.Recipe, s.Shape = "r.httr", "append"
	if s.Vars["p"] == "" && b.usesOwn("PUT", "RETRY", "VERB", "add_headers", "timeout") {
		return false
	}
	p := s.Vars["p"]
	switch f.client.Name {
	case "RETRY", "VERB":
		s.Vars["fetch"] = p + f.client.Name + "(" + s.Vars["q"] + "PUT" + s.Vars["q"] + ", "
	default:
		s.Vars["fetch"] = p + "PUT("
	}
	timed := false
	carry := func(a arg) bool {
		if a.name != "" && a.name != "config" {
			return a.name == "handle" || has([]string{"times", "pause_base", "pause_cap", "pause_min", "quiet", "terminate_on"}, a.name)
		}
		refs, complete := b.m.stands(ref{a.value, f.in})
		for _, d := range refs {
			c := b.m.callAt[d.n]
			if !b.m.is(c, "timeout", "use_proxy", "config", "user_agent", "authenticate") || c.named("httpheader").OK() {
				return false
			}
			timed = timed || c.name == "timeout" || c.named("timeout").OK() || c.named("timeout_ms").OK()
		}
		return complete && len(refs) > 0
	}
	var args []arg
	for _, a := range f.c.args {
		if a.n.OK() && a.value != f.args.value(f.client.URL) {
			args = append(args, a)
		}
	}
	s.Vars["options"] = carried(args, carry)
	if !timed {
		s.Vars["options"] += ", " + p + "timeout(5)"
	}
	if f.c.n.Is("identifier", "namespace_operator") {
		s.Shape, s.Anchors["function"] = "bare", f.c.fn.Span()
	} else if !b.anchorArguments(f.c) {
		return false
	}
	if !f.args.value("url").OK() {
		if f.args.value("config").OK() {
			b.refuse("the call names neither its URL nor leaves room for a configuration")
			return false
		}
		s.Vars["key"] = "config = "
	}
	if !b.finish(false) {
		return false
	}
	if s.Shape == "bare" {
		if s.Guard == "inline" {
			s.Shape = "bare-inline"
		}
		s.Guard = "whole"
	}
	return true
}

// httr2 adds a step before the request is performed.
func (b *siteBuilder) httr2() bool {
	f, s := b.f, b.site
	if s.Vars["p"] == "" && b.usesOwn("request", "req_method", "req_headers", "req_perform", "req_timeout", "resp_body_string") {
		return false
	}
	p := s.Vars["p"]
	pipe := ""
	timed, before, after := false, "", ""
	for _, c := range f.built.steps {
		if isPipe(c.n.Parent()) {
			pipe = c.n.Parent().Field("operator").Text()
		}
		switch c.name {
		case "req_error":
			b.refuse("the request takes refusals for answers (req_error), so the answer of a refused token request has to be handled too")
			return false
		case "req_retry", "req_proxy", "req_options", "req_timeout", "req_throttle", "req_user_agent":
			text, ok := b.stepText(c)
			if !ok {
				b.refuse("the steps of the request cannot be repeated for the token")
				return false
			}
			timed = timed || c.name == "req_timeout"
			s.Vars["options"] += " {{pipe}} " + c.fn.Text() + "(" + text + ")"
			if text != "" {
				text = ", " + text
			}
			before, after = c.fn.Text()+"("+before, after+text+")"
		}
	}
	if !timed {
		s.Vars["options"] += " {{pipe}} " + p + "req_timeout(5)"
		before, after = p+"req_timeout("+before, after+", 5)"
	}
	if isPipe(f.c.n.Parent()) && f.c.piped.OK() {
		pipe = f.c.n.Parent().Field("operator").Text()
		s.Shape = "pipe"
		s.Anchors["perform"] = span.Span{Start: f.c.n.Start(), End: f.c.n.Start()}
	} else {
		s.Shape = "wrap"
		s.Anchors["request"] = f.args.value("req").Span()
	}
	if pipe == "%>%" || pipe == "|>" {
		s.Recipe, s.Vars["pipe"] = "r.httr2", pipe
		s.Vars["options"] = strings.ReplaceAll(s.Vars["options"], "{{pipe}}", pipe)
	} else {
		s.Recipe = "r.httr2.nested"
		s.Vars["before"], s.Vars["after"], s.Vars["options"], s.Vars["pipe"] = before, after, "", ""
	}
	return b.finish(true)
}

// stepText are the arguments of a step without the request, on one line.
func (b *siteBuilder) stepText(c *call) (string, bool) {
	var out []string
	for i, a := range c.args {
		if i == 0 || !a.n.OK() {
			continue
		}
		text, ok := oneLine(a.n)
		if !ok {
			return "", false
		}
		out = append(out, text)
	}
	return strings.Join(out, ", "), true
}

// rcurl adds the header to httpheader.
func (b *siteBuilder) rcurl() bool {
	f, s := b.f, b.site
	s.Recipe = "r.RCurl"
	if s.Vars["p"] == "" && b.usesOwn("getURL") {
		return false
	}
	if f.args.value("curl").OK() {
		b.refuse("the handle of the call keeps its options for later requests, so the token request needs one of its own")
		return false
	}
	timed := false
	var args []arg
	for _, a := range f.c.args {
		if a.n.OK() && (has(f.args.dotNames(), a.name) || a.name == ".opts") {
			args = append(args, a)
		}
	}
	var headers arg
	s.Vars["options"] = carried(args, func(a arg) bool {
		switch a.name {
		case "httpheader":
			headers = a
			return false
		case ".opts":
			if sets := b.m.optionsOf(ref{a.value, f.in}, "httpheader"); len(sets) != 1 || len(sets[0].Fields) > 0 || sets[0].Open != "" {
				b.refuse("the headers are set in .opts")
				return false
			}
			refs, _ := b.m.stands(ref{a.value, f.in})
			for _, d := range refs {
				if c := b.m.callAt[d.n]; c != nil {
					timed = timed || c.named("timeout").OK() || c.named("timeout.ms").OK()
					if c.named("customrequest").OK() || c.named("nobody").OK() || c.named("header").OK() {
						b.refuse("the options in .opts are not the token request's")
					}
				}
			}
			return true
		case "timeout", "timeout.ms":
			timed = true
			return true
		}
		return has([]string{"connecttimeout", "connecttimeout.ms", "proxy", "proxyport", "noproxy", "useragent", "ssl.verifypeer", "interface"}, a.name)
	})
	if s.Refuse != "" {
		return false
	}
	if !timed {
		s.Vars["options"] += ", timeout = 5"
	}
	if !b.vectorShape(headers.value) {
		return false
	}
	return b.finish(true)
}

// dotNames are the names of the arguments that `...` takes.
func (a matched) dotNames() []string {
	var out []string
	for _, d := range a.dots {
		if d.name != "" {
			out = append(out, d.name)
		}
	}
	return out
}

// vectorShape adds a header to a named vector, or an argument with one.
func (b *siteBuilder) vectorShape(headers node) bool {
	s := b.site
	switch {
	case !headers.OK() || headers.Is("null"):
		s.Shape = "none"
		return !headers.OK() && b.anchorArguments(b.f.c)
	case headers.Is("call") && b.m.is(b.m.callAt[headers], "c", "list"):
		s.Shape = "entries"
		c := b.m.callAt[headers]
		for _, a := range c.args {
			if a.name == "" {
				if !a.value.Is("string") && !b.m.is(b.m.callAt[a.value], "paste0", "paste", "sprintf") || s.Recipe == "r.base" {
					return false
				}
				s.Shape = "lines"
			}
		}
		return b.anchorEntries(c)
	case headers.Is("string") && s.Recipe == "r.RCurl":
		s.Shape, s.Anchors["headers"] = "line", headers.Span()
		return true
	case headers.Is("identifier"):
		refs, complete := b.m.stands(ref{headers, b.f.in})
		if !complete || len(refs) != 1 || !b.m.is(b.m.callAt[refs[0].n], "c") {
			return false
		}
		for _, a := range b.m.callAt[refs[0].n].args {
			if a.name == "" {
				return false // lines of name and value
			}
		}
		s.Shape, s.Anchors["headers"] = "variable", headers.Span()
		return true
	}
	return false
}

// curl adds the header to the handle. handle_setheaders replaces the headers
// of a handle, so the header joins those that are set.
func (b *siteBuilder) curl() bool {
	f, s := b.f, b.site
	s.Recipe = "r.curl"
	raising := f.client.Name != "curl_fetch_memory"
	if raising {
		s.Recipe = "r.curl.raising"
	}
	if s.Vars["p"] == "" && b.usesOwn("curl_fetch_memory", "handle_setheaders", "new_handle") {
		return false
	}
	handle := f.args.value("handle")
	if !handle.OK() {
		s.Shape = "none"
		s.Vars["options"] = ", timeout = 5"
		return b.anchorArguments(f.c) && b.finish(raising)
	}
	if !b.handleShape(handle) {
		return false
	}
	return b.finish(raising)
}

func (b *siteBuilder) handleShape(handle node) bool {
	f, s := b.f, b.site
	refs, complete := b.m.stands(ref{handle, f.in})
	if !complete || len(refs) != 1 {
		return false
	}
	maker := b.m.callAt[refs[0].n]
	if b.m.is(maker, "handle_setheaders") && !handle.Is("identifier") {
		if inner := b.m.callAt[maker.first("handle")]; b.m.is(inner, "new_handle") && !inner.named("httpheader").OK() {
			s.Shape = "entries"
			b.handleOptions(inner)
			return b.anchorEntries(maker)
		}
		return false
	}
	if !b.m.is(maker, "new_handle") || maker.named("httpheader").OK() {
		b.refuse("the headers of the handle are set in a way that no fix is known for")
		return false
	}
	b.handleOptions(maker)
	if !handle.Is("identifier") {
		s.Shape, s.Anchors["headers"] = "handle", handle.Span()
		return true
	}
	changes := b.m.changesOf(handle, f.c.n)
	var sets *call
	for _, c := range changes {
		switch {
		case c.name == "handle_setheaders" && sets == nil:
			sets = c
		case c.name != "handle_setopt" || c.named("httpheader").OK() || c.named("customrequest").OK():
			b.refuse("the headers of the handle are set in a way that no fix is known for")
			return false
		default:
			b.handleOptions(c)
		}
	}
	for _, use := range b.m.usesByName[nameOf(handle)] {
		c := b.m.callAround(use)
		if use == handle || b.m.lookupOf(use) != b.m.lookupOf(handle) || b.m.is(c, handleChanges...) {
			continue
		}
		if target, _, _, ok := assignment(use.Parent()); ok && target == use {
			continue
		}
		b.refuse("the handle serves other requests too, which must not get a token")
		return false
	}
	if sets == nil {
		s.Shape, s.Anchors["headers"] = "handle", handle.Span()
		return true
	}
	there, here := b.m.settingOf(sets.expr), b.m.settingOf(b.expr)
	if there.refuse == "" && here.refuse == "" && !there.inline && !here.inline && there.statement.Parent() == here.statement.Parent() {
		s.Shape, b.at = "entries", sets.expr
		return b.anchorEntries(sets)
	}
	// Set them once more, with the token.
	for i, a := range sets.args {
		text, ok := oneLine(a.n)
		switch {
		case i == 0 && a.value.Is("identifier"):
		case a.name == "" || a.name == ".list" || !ok || !a.value.Is("string"):
			b.refuse("the headers of the handle are set elsewhere")
			return false
		default:
			s.Vars["others"] += text + ", "
		}
	}
	s.Shape, s.Anchors["headers"] = "handle", handle.Span()
	return true
}

// handleOptions carries the options of a handle that the token request needs.
func (b *siteBuilder) handleOptions(c *call) {
	timed := false
	b.site.Vars["options"] += carried(c.args, func(a arg) bool {
		timed = timed || strings.HasPrefix(a.name, "timeout")
		return has([]string{"timeout", "timeout_ms", "connecttimeout", "connecttimeout_ms", "proxy", "proxyport", "noproxy", "useragent"}, a.name)
	})
	if !timed && !strings.Contains(b.site.Vars["options"], "timeout =") && !strings.Contains(b.site.Vars["options"], "timeout_ms =") {
		b.site.Vars["options"] += ", timeout = 5"
	}
}

// base adds headers to url() and download.file(), and gives a connection to
// functions that open a URL themselves.
func (b *siteBuilder) base() bool {
	f, s := b.f, b.site
	s.Recipe = "r.base"
	if b.usesOwn("socketConnection", "local", "writeLines", "readLines", "close", "grepl", "c", "url", "tryCatch") || !b.socketHost() {
		return false
	}
	s.Vars["function"] = "url"
	url := f.args.value(f.client.URL)
	var ok bool
	switch {
	case f.client.Name == "download.file":
		ok = b.download()
	case f.client.Name == "file":
		s.Shape, s.Anchors["function"] = "file", f.c.fn.Span()
		if f.c.pkg != "" {
			s.Vars["function"] = "base::url"
		}
		ok = !f.args.value("raw").OK() && b.openedHere() && b.anchorArguments(f.c)
		for i, a := range f.c.args { // blocking, encoding come in the same places, method does not
			ok = ok && (a.name != "" || i < 4)
		}
	case f.client.Name == "url":
		ok = b.openedHere() && b.vectorShape(f.args.value("headers"))
	case f.argumentOf(f.client.Spoils...):
		b.refuse("the call has an argument that means something only with a URL, not with a connection")
	case f.client.Reads == "closes":
		s.Shape, s.Anchors["url"] = "closes", url.Span()
		ok = true
	case f.client.Reads == "leaves":
		s.Shape, s.Anchors["url"] = "leaves", url.Span()
		s.Vars["con"] = "imds_con"
		s.Vars["paren"], s.Vars["end"] = "", ""
		if url == f.c.piped {
			s.Vars["paren"], s.Vars["end"] = "(", ")"
		}
		ok = !b.m.names["imds_con"]
		if !ok {
			b.refuse("the name imds_con is in use")
		}
	}
	if !ok {
		return false
	}
	if n, _ := b.m.stands(ref{url, f.in}); len(n) > 1 && len(f.req.URLs) > 1 && !f.c.n.Inside(b.m.scopeOf(f.c.n).def) {
		b.refuse("the call may be given several addresses at once")
		return false
	}
	ok = b.finish(true)
	if s.Shape == "leaves" && s.Guard == "inline" {
		s.Shape, s.Guard = "leaves-inline", "whole"
	}
	return ok
}

// argumentOf reports whether the call has one of the arguments.
func (f *found) argumentOf(names ...string) bool {
	for _, n := range names {
		if f.c.named(n).OK() {
			return true
		}
	}
	return false
}

// socketHost is what the socket connects to. R's sockets speak IPv4 only.
func (b *siteBuilder) socketHost() bool {
	s := b.site
	q := s.Vars["q"]
	rest, ok := strings.CutPrefix(strings.ToLower(strings.Trim(s.Vars["url"], q)), "http://")
	host, _, _ := strings.Cut(rest, "/")
	port := "80"
	if h, p, err := net.SplitHostPort(host); err == nil && p != "" {
		host, port = h, p
	}
	host = strings.TrimSuffix(host, ":")
	if strings.ContainsAny(host, "[]:") {
		b.refuse("base R has no sockets for IPv6, and its other clients send no PUT: use httr or curl here")
		return false
	}
	if !ok || strings.ContainsAny(host, "@%") {
		return false
	}
	s.Vars["host"], s.Vars["port"] = host, port
	return true
}

// download looks at the method of download.file: the external programs take
// no headers.
func (b *siteBuilder) download() bool {
	f := b.f
	if method := f.args.value("method"); method.OK() {
		text, ok := b.m.constant(ref{method, f.in})
		if !ok || !has([]string{"auto", "libcurl", "internal", "default"}, text) {
			b.refuse("download.file takes headers only with its methods libcurl and internal")
			return false
		}
	}
	for _, c := range b.m.callsByName["options"] {
		if v := c.named("download.file.method"); v.OK() {
			if text, ok := b.m.constant(ref{n: v}); !ok || text != "libcurl" {
				b.refuse("the option download.file.method chooses a program that takes no headers")
				return false
			}
		}
	}
	return b.vectorShape(f.args.value("headers"))
}

// openedHere refuses a connection that is opened elsewhere, where its errors
// are caught: the token request would fail outside of that.
func (b *siteBuilder) openedHere() bool {
	f := b.f
	if f.args.value("open").OK() {
		return true
	}
	target, value, _, ok := assignment(f.c.expr.Parent())
	if !ok || value != f.c.expr || !target.Is("identifier") {
		return true
	}
	for _, use := range b.m.usesByName[nameOf(target)] {
		if use == target || b.m.lookupOf(use) != b.m.lookupOf(target) {
			continue
		}
		for p := use.Parent(); p.OK() && !f.c.n.Inside(p); p = p.Parent() {
			if b.m.is(b.m.callAt[p], "try", "tryCatch", "withCallingHandlers", "suppressWarnings") {
				b.refuse("the connection is opened elsewhere, where errors are caught")
				return false
			}
		}
	}
	return true
}
