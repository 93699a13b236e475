package r

import (
	"strings"

	"github.com/imdsscan/imdsscan/analyzer/imds"
)

// built is an httr2 request as its steps put it together.
type built struct {
	urls   []imds.Value
	method string
	sets   []headerSet
	// steps are the calls that shape it, the first one first, and their frames.
	steps []*call
	in    *frame
}

// builds are the requests an expression may stand for.
func (m *module) builds(r ref) []built {
	if !m.ask("build", r) {
		return nil
	}
	defer m.answered("build", r)
	refs, _ := m.stands(r)
	var out []built
	for _, d := range refs {
		c := m.callAt[d.n]
		if c == nil || c.pkg == "" && m.isOwn(c.n, c.name) || c.pkg != "" && c.pkg != "httr2" {
			continue
		}
		if c.name == "request" {
			out = append(out, built{urls: m.eval(ref{c.first("base_url"), d.in}), method: "GET", sets: []headerSet{{}}, steps: []*call{c}, in: d.in})
			continue
		}
		if !strings.HasPrefix(c.name, "req_") {
			continue
		}
		from := c.first("req", ".req")
		for _, b := range m.builds(ref{from, d.in}) {
			if len(out) < maxRefs {
				out = append(out, m.takeStep(b, c, d.in))
			}
		}
	}
	return out
}

// takeStep is a request after one more step.
func (m *module) takeStep(b built, c *call, in *frame) built {
	b.steps = append(append([]*call(nil), b.steps...), c)
	arg := func(name string) node {
		if v := c.named(name); v.OK() {
			return v
		}
		if c.named("req").OK() || c.named(".req").OK() {
			return c.position(0)
		}
		return c.position(1)
	}
	switch c.name {
	case "req_url":
		b.urls = m.eval(ref{arg("url"), in})
	case "req_url_path":
		b.urls = withPath(b.urls, m.pathOf(c, in))
	case "req_url_path_append":
		b.urls = product(b.urls, []imds.Value{imds.Lit("/", imds.Source{})})
		var trimmed []imds.Value
		for _, p := range m.pathOf(c, in) {
			trimmed = append(trimmed, trimSlash(p))
		}
		b.urls = product(b.urls, trimmed)
	case "req_template":
		b.urls = product(b.urls, []imds.Value{imds.Concat(imds.Lit("/", imds.Source{}), imds.Unknown(short(c.n)))})
	case "req_method":
		text, _ := m.constant(ref{arg("method"), in})
		b.method = strings.ToUpper(text)
	case "req_body_raw", "req_body_file", "req_body_json", "req_body_form", "req_body_multipart":
		if b.method == "GET" {
			b.method = "POST"
		}
	case "req_headers", "req_headers_redacted":
		var fields headerSet
		for i, a := range c.args {
			if i == 0 || a.name == ".req" || a.name == ".redact" {
				continue
			}
			m.addArgument(&fields, a, in)
		}
		b.sets = times(b.sets, []headerSet{fields})
	}
	return b
}

// pathOf joins the parts of a path.
func (m *module) pathOf(c *call, in *frame) []imds.Value {
	var parts []ref
	for i, a := range c.args {
		if i > 0 && a.name == "" {
			parts = append(parts, ref{a.value, in})
		}
	}
	return m.join(parts, "/")
}
