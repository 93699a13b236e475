package jvm

import (
	"regexp"
	"strings"

	"github.com/imdsscan/imdsscan/notebooks/span"
)

// sendDot is what stands between a client and the request it sends.
var sendDot = regexp.MustCompile(`^\s*\.\s*send\s*\(\s*$`)

// httpSite is about requests of java.net.http, given to HttpClient.send.
func (b *siteBuilder) httpSite() bool {
	m := b.m
	if c, ok := m.callAt(unwrapped(b.f.outer)); !ok || c.name != "build" {
		b.refuse("where the request is built from its parts is not seen")
		return false
	}
	// A request does not change: its methods only tell what it is.
	arg, send, ok := b.sentBy(func(string) bool { return true })
	if !ok {
		return false
	}
	if send.name == "sendAsync" {
		b.refuse("the answer comes later here (sendAsync), and a fix is known for send only")
		return false
	}
	if send.name != "send" || len(send.args) != 2 || send.args[0].n != arg || !b.isHTTPClient(send.recv) {
		b.refuse("the type of the client is not known")
		return false
	}
	dot := span.Span{Start: send.recv.End(), End: arg.Start()}
	if !sendDot.Match(arg.Tree().Source()[dot.Start:dot.End]) {
		return false
	}
	if !b.standsAt(send.n) {
		return false
	}
	s := b.site
	s.Shape = "send"
	s.Anchors["call"], s.Anchors["dot"] = send.n.Span(), dot
	if m.isJava(send.n) {
		s.Recipe = "java.http"
		return b.javaHelper("", true)
	}
	s.Recipe = "scala.http"
	if strings.Contains(send.n.Text(), "imdsSend") {
		b.refuse("the name imdsSend is in use")
		return false
	}
	b.arrange(setting{oneLine: m.settingOf(send.n).oneLine})
	b.wrapBlock()
	return true
}

// isHTTPClient reports whether an expression is a java.net.http.HttpClient. A
// class of that name in the same package needs no import.
func (b *siteBuilder) isHTTPClient(n node) bool {
	named := b.m.writes("java.net.http.HttpClient", "java.net.http.*", "java.net.http._", "java.net.http.{")
	return named && b.m.typeOf(ref{n: n}) == "java.net.http.HttpClient" && !b.m.writes("jdk.incubator.http")
}
