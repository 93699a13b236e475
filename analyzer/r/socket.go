package r

import (
	"regexp"
	"strings"

	"github.com/imdsscan/imdsscan/analyzer/facts"
	"github.com/imdsscan/imdsscan/analyzer/imds"
	"github.com/imdsscan/imdsscan/notebooks/span"
	"github.com/imdsscan/imdsscan/rules"
)

// requestLine is the first line of an HTTP request in a text.
var requestLine = regexp.MustCompile(`^(GET|PUT|HEAD|POST) +(/\S*)`)

// requestFromSocket records an HTTP request that is written by hand to a
// socket: base R has no other way to ask for a token. The request's lines are
// texts in the block that opens the socket.
func (m *module) requestFromSocket(c *call) {
	if !m.is(c, "socketConnection", "make.socket") {
		return
	}
	block := c.n.Up("braced_expression", "program")
	var host imds.Value
	for _, v := range m.eval(ref{n: c.first("host")}) {
		if imds.Classify(v).Kind != imds.Elsewhere {
			host = v
		}
	}
	if host == nil {
		return
	}
	f := &found{c: c, client: &rules.RCall{Name: c.name, Library: "base", Unfixed: true}, req: &facts.Request{Unit: m.unit(c.n), Client: "base::" + c.name}}
	var ttl *headerField
	end := c.n.End()
	for i := c.n.Index(); i < block.After(); i++ {
		n := block.Tree().At(i)
		if !n.Is("string") {
			continue
		}
		text, known := m.literal(n).Known()
		if !known {
			continue
		}
		if line := requestLine.FindStringSubmatch(text); line != nil && f.req.Method == "" {
			f.req.Method = line[1]
			f.url = imds.Concat(imds.Lit("http://", imds.Source{}), host, imds.Lit(line[2], imds.Source{}))
		}
		for _, h := range strings.Split(text, "\r\n") {
			name, value, ok := strings.Cut(h, ":")
			switch {
			case ok && imds.IsTokenHeader(name):
				f.req.Token, f.req.Why = facts.TokenPresent, "sends "+name
			case ok && imds.IsTTLHeader(name):
				ttl = &headerField{Name: name, Value: headerValue{text: imds.Lit(strings.TrimSpace(value), imds.Source{})}}
			default:
				continue
			}
			end = n.End()
		}
		if f.req.Method != "" && holdsEndpoint([]byte(text)) {
			end = n.End()
		}
	}
	if f.req.Method == "" {
		return
	}
	f.req.Span = span.Span{Start: c.n.Start(), End: max(end, c.n.End())}
	f.req.URLs = []imds.Value{f.url}
	target := imds.Classify(f.url)
	f.otherCloud = target.Kind == imds.OtherCloud
	if f.asksToken = target.Token; target.Token {
		set := headerSet{}
		if ttl != nil {
			set.Fields = []headerField{*ttl}
		}
		f.req.Misuse = m.tokenRequestMisuse(f, target, []headerSet{set})
	}
	m.found = append(m.found, f)
	m.facts.Requests = append(m.facts.Requests, f.req)
}
