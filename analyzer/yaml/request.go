package yaml

import (
	"regexp"
	"strings"

	yamlv3 "gopkg.in/yaml.v3"

	"github.com/imdsscan/imdsscan/analyzer/command"
	"github.com/imdsscan/imdsscan/analyzer/facts"
	"github.com/imdsscan/imdsscan/analyzer/imds"
	"github.com/imdsscan/imdsscan/notebooks/span"
	"github.com/imdsscan/imdsscan/rules"
)

// argv takes a list of words that starts a process.
func (d *document) argv(c *rules.YAMLCode, n *yamlv3.Node, p piece) bool {
	if n.Kind == yamlv3.ScalarNode {
		if c.Display == "" { // the text of a command line: see the dialects that have one
			return false
		}
		p.language = languages["shell"]
		return d.unit(n, p)
	}
	if n.Kind != yamlv3.SequenceNode || len(n.Content) == 0 {
		return false
	}
	words := append([]*yamlv3.Node(nil), n.Content...)
	if c.Then != "" {
		if more := get(p.around[len(p.around)-1], c.Then); more != nil && more.Kind == yamlv3.SequenceNode {
			words = append(words, more.Content...)
			d.done[more] = true
		}
	}
	d.done[n] = true
	if w := words[0].Value; w == "CMD-SHELL" || w == "CMD" {
		words = words[1:]
		if w == "CMD-SHELL" && len(words) == 1 {
			p.language = languages["shell"]
			return d.unit(words[0], p)
		}
	}
	p.around = within(p.around, n)
	values := make([]imds.Value, len(words))
	for i, w := range words {
		words[i], _, _ = unwrap(w)
		values[i] = d.fieldValue(words[i], p)
	}
	for _, inv := range command.Parse(values) {
		if inv.Nested == nil {
			d.out.Requests = append(d.out.Requests, d.sent(inv, words, p, inv.Tool+" without a shell"))
			continue
		}
		if a := inv.Nested.Arg; a >= 0 && a < len(words) && words[a].Kind == yamlv3.ScalarNode {
			q := p
			q.language = inv.Nested.Language
			_, q.sub, _ = unwrap(words[a])
			if len(words) > a+1 && strings.Contains(words[a].Value, "$") && inv.Elsewhere == "" {
				q.display = firstOf(q.display, "the words behind the script are its arguments")
			}
			d.unit(words[a], q)
		}
	}
	return true
}

func firstOf(a, b string) string {
	if a != "" {
		return a
	}
	return b
}

// fieldValue is a scalar as a value, with what Jinja and others fill in
// unknown.
func (d *document) fieldValue(n *yamlv3.Node, p piece) imds.Value {
	if n == nil || n.Kind != yamlv3.ScalarNode {
		return imds.Unknown("a value that is no text")
	}
	text := n.Value
	var t *span.Text
	if len(imds.Find([]byte(text))) > 0 {
		t = d.scalarText(n, d.inFlow(n, p.around))
	}
	var out imds.Value
	at := 0
	add := func(to int) {
		if to > at {
			part := imds.Part{Text: text[at:to]}
			if t != nil {
				part.Source = imds.Source{Text: t, Span: span.Span{Start: at, End: to}}
			}
			out = append(out, part)
		}
	}
	for _, m := range jinja.FindAllStringSubmatchIndex(text, -1) {
		add(m[0])
		name := text[m[2]:m[3]]
		if v, known := d.variables(p.dialect, p.around)[name]; known {
			out = append(out, v...)
		} else {
			out = append(out, imds.Part{Unknown: true, Name: name})
		}
		at = m[1]
	}
	add(len(text))
	return out
}

var jinja = regexp.MustCompile(`\{\{\s*(.*?)\s*\}\}`)

// request takes a mapping as a request that a tool sends by itself.
func (d *document) request(y *rules.YAMLDialect, r *rules.YAMLRequest, n *yamlv3.Node, around []*yamlv3.Node) {
	url := get(n, r.URL)
	if n.Kind != yamlv3.MappingNode || url == nil || d.done[n] {
		return
	}
	d.done[n] = true
	p := piece{dialect: y, around: within(around, n)}
	// The words of curl say the same, and are understood.
	words := []*yamlv3.Node{n}
	argv := []imds.Value{{{Text: "curl"}}}
	add := func(node *yamlv3.Node, vs ...imds.Value) {
		for _, v := range vs {
			words, argv = append(words, node), append(argv, v)
		}
	}
	if m := get(n, r.Method); r.Method != "" && m != nil {
		add(m, imds.Value{{Text: "-X"}}, d.fieldValue(m, p))
	}
	if h := get(n, r.Headers); h != nil {
		if h.Kind != yamlv3.MappingNode {
			add(h, imds.Value{{Text: "-H"}}, imds.Unknown("headers"))
		} else {
			for i := 0; i+1 < len(h.Content); i += 2 {
				add(h, imds.Value{{Text: "-H"}}, imds.Concat(imds.Value{{Text: h.Content[i].Value + ": "}}, d.fieldValue(h.Content[i+1], p)))
			}
		}
	}
	add(url, d.fieldValue(url, p))
	for _, inv := range command.Parse(argv) {
		d.out.Requests = append(d.out.Requests, d.sent(inv, []*yamlv3.Node{url}, p, r.Client))
	}
}

// modules reports a key that makes a tool ask the metadata service, whether
// with a token depends on the tool's version.
func (d *document) modules(key *yamlv3.Node, path []string) {
	for _, y := range d.dialects {
		for i := range y.Requests {
			r := &y.Requests[i]
			if r.Depends == "" || !matches(r.At, path) {
				continue
			}
			text := d.scalarText(key, false)
			if text == nil {
				continue
			}
			d.out.Requests = append(d.out.Requests, &facts.Request{Unit: d.in, Span: text.Range(), Client: r.Client, Depends: r.Depends})
		}
	}
}

// sent is a request that is reported and not fixed.
func (d *document) sent(inv command.Invocation, words []*yamlv3.Node, p piece, client string) *facts.Request {
	req := &facts.Request{Unit: d.in, Client: client, Method: inv.Method, Token: inv.Token, Why: inv.Why, Misuse: inv.Misuse, Depends: inv.Depends}
	for _, u := range inv.URLs {
		req.URLs = append(req.URLs, u.Value)
	}
	req.Span.Start = max(0, d.offset(words[0]))
	req.Span.End = req.Span.Start
	last := words[len(words)-1]
	if t := d.scalarText(last, d.inFlow(last, p.around)); t != nil {
		req.Span.End = max(req.Span.End, t.Range().End)
	}
	return req
}
